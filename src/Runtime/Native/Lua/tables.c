/* tables.c - functions of the table library that are ours: they look at the clock and spare read-only tables. */
#include "script.h"
#include <limits.h>

static int length(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  sandbox_refuse_locked(L, 1);
  return (int)lua_objlen(L, 1);
}

static int table_insert(lua_State *L) {
  int i, end = length(L) + 1, place = end;
  if (lua_gettop(L) == 3) {
    place = luaL_checkint(L, 2);
    if (place > end) end = place;
    for (i = end; i > place; i--) {
      lua_rawgeti(L, 1, i - 1);
      lua_rawseti(L, 1, i);
      limit_tick(L, 1023);
    }
  } else if (lua_gettop(L) != 2) {
    return luaL_error(L, "wrong number of arguments to 'insert'");
  }
  lua_rawseti(L, 1, place);
  return 0;
}

static int table_remove(lua_State *L) {
  int end, place;
  luaL_checktype(L, 1, LUA_TTABLE);
  end = (int)lua_objlen(L, 1);
  place = luaL_optint(L, 2, end);
  if (place < 1 || place > end) return 0; /* so is a locked table, which is empty */
  lua_rawgeti(L, 1, place);
  for (; place < end; place++) {
    lua_rawgeti(L, 1, place + 1);
    lua_rawseti(L, 1, place);
    limit_tick(L, 1023);
  }
  lua_pushnil(L);
  lua_rawseti(L, 1, end);
  return 1;
}

static int table_concat(lua_State *L) {
  script *s = script_of(L);
  size_t between_size, n;
  const char *between = luaL_optlstring(L, 2, "", &between_size), *p;
  int64_t i, to;
  luaL_checktype(L, 1, LUA_TTABLE);
  i = luaL_optint(L, 3, 1);
  to = lua_isnoneornil(L, 4) ? (int64_t)lua_objlen(L, 1) : luaL_checkint(L, 4);
  s->work.n = 0;
  for (; i <= to; i++) {
    lua_rawgeti(L, 1, (int)i);
    if (!lua_isstring(L, -1))
      return luaL_error(L, "invalid value (%s) at index %d in table for 'concat'", luaL_typename(L, -1), (int)i);
    p = lua_tolstring(L, -1, &n);
    bytes_put(L, &s->work, p, n);
    if (i < to) bytes_put(L, &s->work, between, between_size);
    lua_pop(L, 1);
    limit_tick(L, 1023);
  }
  lua_pushlstring(L, s->work.n ? s->work.p : "", s->work.n);
  if (s->work.capacity > 65536) bytes_free(s, &s->work);
  return 1;
}

/* The two values on top. */
static int less(lua_State *L) {
  int result;
  limit_tick(L, 63);
  if (lua_isnil(L, 2)) {
    result = lua_lessthan(L, -2, -1);
  } else {
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
    result = lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  return result;
}

/* Lets the value on top sink from the hole at `root` in a heap of n elements; takes it from the stack. */
static void sink(lua_State *L, int64_t root, int64_t n) {
  int64_t child;
  for (; (child = 2 * root) <= n; root = child) {
    lua_rawgeti(L, 1, (int)child);
    if (child < n) {
      lua_rawgeti(L, 1, (int)child + 1);
      if (less(L)) {
        lua_remove(L, -2);
        child++;
      } else {
        lua_pop(L, 1);
      }
    }
    if (!less(L)) {
      lua_pop(L, 1);
      break;
    }
    lua_rawseti(L, 1, (int)root);
  }
  lua_rawseti(L, 1, (int)root);
}

/* A heap sort: in place, without recursion, bounded whatever the comparing function answers. */
static int table_sort(lua_State *L) {
  int n = length(L), i;
  luaL_checkstack(L, 40, "");
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  for (i = n / 2; i >= 1; i--) {
    lua_rawgeti(L, 1, i);
    sink(L, i, n);
  }
  for (i = n; i > 1; i--) {
    lua_rawgeti(L, 1, i);
    lua_rawgeti(L, 1, 1);
    lua_rawseti(L, 1, i);
    sink(L, 1, i - 1);
  }
  return 0;
}

static int table_setn(lua_State *L) { return luaL_error(L, "'setn' is obsolete"); }

void tables_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"insert", table_insert}, {"remove", table_remove}, {"concat", table_concat},
                                       {"sort", table_sort}, {"setn", table_setn}, {NULL, NULL}};
  luaL_register(L, LUA_TABLIBNAME, functions);
  lua_pop(L, 1);
}
