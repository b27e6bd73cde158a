/* bits.c - `bit`: operations on 32-bit integers, results signed, arguments modulo 2^32. */
#include "script.h"
#include <string.h>

/* Rounded to an integer; the sum has it in its low bits. */
static uint32_t argument(lua_State *L, int i) {
  double value = luaL_checknumber(L, i) + 6755399441055744.0; /* 2^52 + 2^51 */
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (uint32_t)bits;
}

static int result(lua_State *L, uint32_t value) {
  lua_pushnumber(L, (double)(int32_t)value);
  return 1;
}

static int bit_tobit(lua_State *L) { return result(L, argument(L, 1)); }
static int bit_bnot(lua_State *L) { return result(L, ~argument(L, 1)); }

static int bit_band(lua_State *L) {
  uint32_t value = argument(L, 1);
  int i;
  for (i = lua_gettop(L); i > 1; i--) value &= argument(L, i);
  return result(L, value);
}

static int bit_bor(lua_State *L) {
  uint32_t value = argument(L, 1);
  int i;
  for (i = lua_gettop(L); i > 1; i--) value |= argument(L, i);
  return result(L, value);
}

static int bit_bxor(lua_State *L) {
  uint32_t value = argument(L, 1);
  int i;
  for (i = lua_gettop(L); i > 1; i--) value ^= argument(L, i);
  return result(L, value);
}

static uint32_t left(uint32_t value, unsigned n) { return n ? value << n | value >> (32 - n) : value; }

static int bit_lshift(lua_State *L) { return result(L, argument(L, 1) << (argument(L, 2) & 31)); }
static int bit_rshift(lua_State *L) { return result(L, argument(L, 1) >> (argument(L, 2) & 31)); }
static int bit_rol(lua_State *L) { return result(L, left(argument(L, 1), argument(L, 2) & 31)); }
static int bit_ror(lua_State *L) { return result(L, left(argument(L, 1), (32 - argument(L, 2)) & 31)); }
static int bit_bswap(lua_State *L) { return result(L, __builtin_bswap32(argument(L, 1))); }

static int bit_arshift(lua_State *L) {
  int64_t value = (int32_t)argument(L, 1);
  return result(L, (uint32_t)(value >> (argument(L, 2) & 31)));
}

/* |n| digits, at most 8; upper case when n is negative, -2^31 too. */
static int bit_tohex(lua_State *L) {
  uint32_t value = argument(L, 1);
  int64_t n = lua_isnone(L, 2) ? 8 : (int32_t)argument(L, 2), i;
  const char *digits = n < 0 ? "0123456789ABCDEF" : "0123456789abcdef";
  char text[8];
  if (n < 0) n = -n;
  if (n > 8) n = 8;
  for (i = n; i-- > 0; value >>= 4) text[i] = digits[value & 15];
  lua_pushlstring(L, text, (size_t)n);
  return 1;
}

void bits_open(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"tobit", bit_tobit}, {"bnot", bit_bnot}, {"band", bit_band}, {"bor", bit_bor}, {"bxor", bit_bxor},
    {"lshift", bit_lshift}, {"rshift", bit_rshift}, {"arshift", bit_arshift}, {"rol", bit_rol}, {"ror", bit_ror},
    {"bswap", bit_bswap}, {"tohex", bit_tohex}, {NULL, NULL}};
  luaL_register(L, "bit", functions);
  lua_pop(L, 1);
}
