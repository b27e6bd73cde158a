/* random.c - math.random and math.randomseed: the 48-bit generator that POSIX names, so that the numbers that a seed gives
 * are Redis's. It goes on from one run of a state to the next. */
#include "script.h"
#include <math.h>

static int math_random(lua_State *L) {
  script *s = script_of(L);
  double r;
  int low = 1, high;
  s->random = (s->random * 0x5deece66dull + 0xb) & 0xffffffffffffull;
  r = (double)((s->random >> 17) % 0x7fffffff) / 0x7fffffff;
  switch (lua_gettop(L)) {
    case 0: lua_pushnumber(L, r); return 1;
    case 1: high = luaL_checkint(L, 1); break;
    case 2:
      low = luaL_checkint(L, 1);
      high = luaL_checkint(L, 2);
      break;
    default: return luaL_error(L, "wrong number of arguments");
  }
  luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
  lua_pushnumber(L, floor(r * ((double)high - low + 1)) + low);
  return 1;
}

static int math_randomseed(lua_State *L) {
  script_of(L)->random = ((uint64_t)(uint32_t)luaL_checkint(L, 1) << 16) | 0x330e;
  return 0;
}

void math_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"random", math_random}, {"randomseed", math_randomseed}, {NULL, NULL}};
  luaL_register(L, LUA_MATHLIBNAME, functions);
  lua_pop(L, 1);
}
