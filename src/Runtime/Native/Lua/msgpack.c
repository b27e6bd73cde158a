/* msgpack.c - `cmsgpack`: values to MessagePack and back.
 *
 * Packing reads tables past their metamethods, so no Lua code runs and the run's buffer serves. Tables nested deeper than
 * 16 are packed as nil, which ends those that contain themselves. */
#include "script.h"
#include <limits.h>
#include <math.h>
#include <string.h>

#define DEEPEST_PACKED 16

static void put_value(lua_State *L, bytes *out, int depth);

/* A type byte and the n low bytes of a number, highest first. */
static void put_head(lua_State *L, bytes *out, int type, uint64_t value, int n) {
  char head[9];
  int i;
  head[0] = (char)type;
  for (i = 0; i < n; i++) head[1 + i] = (char)(value >> 8 * (n - 1 - i));
  bytes_put(L, out, head, (size_t)n + 1);
}

static void put_integer(lua_State *L, bytes *out, int64_t value) {
  if (value >= 0) {
    if (value <= 0x7f) put_head(L, out, (int)value, 0, 0);
    else if (value <= 0xff) put_head(L, out, 0xcc, (uint64_t)value, 1);
    else if (value <= 0xffff) put_head(L, out, 0xcd, (uint64_t)value, 2);
    else if (value <= 0xffffffff) put_head(L, out, 0xce, (uint64_t)value, 4);
    else put_head(L, out, 0xcf, (uint64_t)value, 8);
  } else if (value >= -32) {
    put_head(L, out, (int)value, 0, 0);
  } else if (value >= INT8_MIN) {
    put_head(L, out, 0xd0, (uint64_t)value, 1);
  } else if (value >= INT16_MIN) {
    put_head(L, out, 0xd1, (uint64_t)value, 2);
  } else if (value >= INT32_MIN) {
    put_head(L, out, 0xd2, (uint64_t)value, 4);
  } else {
    put_head(L, out, 0xd3, (uint64_t)value, 8);
  }
}

/* As an integer where that loses nothing, else as the shorter of two floating-point forms that loses nothing. */
static void put_number(lua_State *L, bytes *out, double value) {
  float single = (float)value;
  uint64_t wide;
  uint32_t narrow;
  if (value >= -9223372036854775808.0 && value < 9223372036854775808.0 && (double)(int64_t)value == value) {
    put_integer(L, out, (int64_t)value);
  } else if ((double)single == value) {
    memcpy(&narrow, &single, sizeof narrow);
    put_head(L, out, 0xca, narrow, 4);
  } else {
    memcpy(&wide, &value, sizeof wide);
    put_head(L, out, 0xcb, wide, 8);
  }
}

static void put_string(lua_State *L, bytes *out) {
  size_t n;
  const char *p = lua_tolstring(L, -1, &n);
  if (n < 32) put_head(L, out, 0xa0 | (int)n, 0, 0);
  else if (n <= 0xff) put_head(L, out, 0xd9, n, 1);
  else if (n <= 0xffff) put_head(L, out, 0xda, n, 2);
  else if (n <= 0xffffffff) put_head(L, out, 0xdb, n, 4);
  else luaL_error(L, "string too long to pack");
  bytes_put(L, out, p, n);
}

/* `few` is the type of up to 15 elements, its number of them in the low bits; `many` that of up to 65,535. */
static void put_count(lua_State *L, bytes *out, int few, int many, size_t n) {
  if (n <= 15) put_head(L, out, few | (int)n, 0, 0);
  else if (n <= 0xffff) put_head(L, out, many, n, 2);
  else put_head(L, out, many + 1, n, 4);
}

/* The number of the table's keys, and whether they are 1 to that number. */
static size_t count_keys(lua_State *L, int *is_array) {
  double key, most = 0;
  size_t n = 0;
  *is_array = 1;
  for (lua_pushnil(L); lua_next(L, -2); n++) {
    lua_pop(L, 1);
    limit_tick(L, 1023);
    key = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
    if (key < 1 || key > INT_MAX || floor(key) != key) *is_array = 0;
    else if (key > most) most = key;
  }
  if (most != (double)n) *is_array = 0;
  return n;
}

static void put_table(lua_State *L, bytes *out, int depth) {
  int is_array;
  size_t i, n;
  luaL_checkstack(L, 4, "in function mp_encode_lua_table");
  n = count_keys(L, &is_array);
  if (is_array) {
    put_count(L, out, 0x90, 0xdc, n);
    for (i = 1; i <= n; i++) {
      lua_rawgeti(L, -1, (int)i);
      put_value(L, out, depth + 1);
    }
    return;
  }
  put_count(L, out, 0x80, 0xde, n);
  for (lua_pushnil(L); lua_next(L, -2);) {
    lua_pushvalue(L, -2);
    put_value(L, out, depth + 1);
    put_value(L, out, depth + 1);
  }
}

/* Takes the value from the stack. */
static void put_value(lua_State *L, bytes *out, int depth) {
  int type = lua_type(L, -1);
  limit_tick(L, 1023);
  if (type == LUA_TTABLE && depth == DEEPEST_PACKED) type = LUA_TNIL;
  switch (type) {
    case LUA_TSTRING: put_string(L, out); break;
    case LUA_TBOOLEAN: put_head(L, out, lua_toboolean(L, -1) ? 0xc3 : 0xc2, 0, 0); break;
    case LUA_TNUMBER: put_number(L, out, lua_tonumber(L, -1)); break;
    case LUA_TTABLE: put_table(L, out, depth); break;
    default: put_head(L, out, 0xc0, 0, 0);
  }
  lua_pop(L, 1);
}

static int msgpack_pack(lua_State *L) {
  script *s = script_of(L);
  int i, n = lua_gettop(L);
  if (n == 0) return luaL_argerror(L, 0, "MessagePack pack needs input.");
  bytes_trim(s, &s->work);
  for (i = 1; i <= n; i++) {
    luaL_checkstack(L, 1, "in function mp_check");
    lua_pushvalue(L, i);
    put_value(L, &s->work, 0);
  }
  lua_pushlstring(L, s->work.p, s->work.n);
  bytes_trim(s, &s->work);
  return 1;
}

typedef struct { lua_State *L; const unsigned char *p, *end; } unpacker;

static void push_value(unpacker *u);

static void need(unpacker *u, size_t n) {
  if ((size_t)(u->end - u->p) < n) luaL_error(u->L, "Missing bytes in input.");
}

/* The next n bytes as a number, highest first. */
static uint64_t take(unpacker *u, int n) {
  uint64_t value = 0;
  need(u, (size_t)n);
  for (; n > 0; n--) value = value << 8 | *u->p++;
  return value;
}

static void push_string(unpacker *u, size_t n) {
  need(u, n);
  lua_pushlstring(u->L, (const char *)u->p, n);
  u->p += n;
}

/* The table is made as elements come: their number is the input's claim. */
static void push_array(unpacker *u, size_t n) {
  size_t i;
  lua_newtable(u->L);
  for (i = 1; i <= n; i++) {
    push_value(u);
    lua_rawseti(u->L, -2, (int)i);
  }
}

static void push_map(unpacker *u, size_t n) {
  lua_newtable(u->L);
  for (; n > 0; n--) {
    push_value(u);
    push_value(u);
    lua_rawset(u->L, -3);
  }
}

static void push_single(unpacker *u) {
  uint32_t bits = (uint32_t)take(u, 4);
  float value;
  memcpy(&value, &bits, sizeof value);
  lua_pushnumber(u->L, value);
}

static void push_double(unpacker *u) {
  uint64_t bits = take(u, 8);
  double value;
  memcpy(&value, &bits, sizeof value);
  lua_pushnumber(u->L, value);
}

static void push_typed(unpacker *u, int type) {
  lua_State *L = u->L;
  switch (type) {
    case 0xc0: lua_pushnil(L); break;
    case 0xc2: case 0xc3: lua_pushboolean(L, type & 1); break;
    case 0xca: push_single(u); break;
    case 0xcb: push_double(u); break;
    case 0xcc: case 0xcd: case 0xce: lua_pushnumber(L, (double)take(u, 1 << (type - 0xcc))); break;
    case 0xd0: lua_pushnumber(L, (int8_t)take(u, 1)); break;
    case 0xd1: lua_pushnumber(L, (int16_t)take(u, 2)); break;
    case 0xd2: lua_pushnumber(L, (int32_t)take(u, 4)); break;
    case 0xcf: case 0xd3: lua_pushnumber(L, (double)(int64_t)take(u, 8)); break; /* unsigned ones wrap, as in Redis */
    case 0xd9: case 0xda: case 0xdb: push_string(u, take(u, 1 << (type - 0xd9))); break;
    case 0xdc: case 0xdd: push_array(u, take(u, type == 0xdc ? 2 : 4)); break;
    case 0xde: case 0xdf: push_map(u, take(u, type == 0xde ? 2 : 4)); break;
    default: luaL_error(L, "Bad data format in input.");
  }
}

static void push_value(unpacker *u) {
  int type;
  need(u, 1);
  luaL_checkstack(u->L, 4, "too many return values at once; use unpack_one or unpack_limit instead.");
  limit_depth(u->L);
  limit_tick(u->L, 1023);
  type = *u->p++;
  if (type < 0x80) lua_pushnumber(u->L, type);
  else if (type >= 0xe0) lua_pushnumber(u->L, (int8_t)type);
  else if (type >= 0xc0) push_typed(u, type);
  else if (type >= 0xa0) push_string(u, (size_t)type & 0x1f);
  else if (type >= 0x90) push_array(u, (size_t)type & 0xf);
  else push_map(u, (size_t)type & 0xf);
}

/* With a limit or an offset the first result is where to go on, -1 at the end. */
static int unpack(lua_State *L, lua_Integer limit, lua_Integer offset) {
  size_t size;
  const unsigned char *text = (const unsigned char *)luaL_checklstring(L, 1, &size);
  int all = limit == 0 && offset == 0;
  lua_Integer n;
  unpacker u = {L, text, text + size};
  lua_settop(L, 1);
  if (offset < 0 || limit < 0)
    return luaL_error(L, "Invalid request to unpack with offset of %d and limit of %d.", (int)offset, (int)size);
  if ((size_t)offset > size)
    return luaL_error(L, "Start offset %d greater than input length %d.", (int)offset, (int)size);
  u.p += offset;
  if (!all) lua_pushnil(L);
  for (n = 0; u.p < u.end && (all || n < limit); n++) push_value(&u);
  if (all) return (int)n;
  lua_pushinteger(L, u.p == u.end ? -1 : u.p - text);
  lua_replace(L, 2);
  return (int)n + 1;
}

static int msgpack_unpack(lua_State *L) { return unpack(L, 0, 0); }
static int msgpack_unpack_one(lua_State *L) { return unpack(L, 1, luaL_optinteger(L, 2, 0)); }

static int msgpack_unpack_limit(lua_State *L) {
  lua_Integer limit = luaL_checkinteger(L, 2);
  return unpack(L, limit, luaL_optinteger(L, 3, 0));
}

void msgpack_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"pack", msgpack_pack}, {"unpack", msgpack_unpack}, {"unpack_one", msgpack_unpack_one},
                                       {"unpack_limit", msgpack_unpack_limit}, {NULL, NULL}};
  luaL_register(L, "cmsgpack", functions);
  lua_pushliteral(L, "cmsgpack");
  lua_setfield(L, -2, "_NAME");
  lua_pushliteral(L, "lua-cmsgpack 0.4.0");
  lua_setfield(L, -2, "_VERSION");
  lua_pop(L, 1);
}
