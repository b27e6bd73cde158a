/* base.c - functions of the base library that are ours: what catches errors, compiles, unpacks and resumes. */
#include "script.h"
#include <limits.h>
#include <string.h>

#define LONGEST_SOURCE (8 << 20)

/* Lua 5.1 does not collect when memory runs out: room is made after the error was caught. */
static int protected_call(lua_State *L, int nargs, int handler) {
  int status = lua_pcall(L, nargs, LUA_MULTRET, handler);
  if (script_of(L)->kill) limit_die(L);
  if (status == LUA_ERRMEM) lua_gc(L, LUA_GCCOLLECT, 0);
  limit_tick(L, 63); /* gsub(x, '.', pcall) runs no instruction at all */
  return status;
}

/* The text in place of an error object, as scripts written for Redis before 7 expect. */
static void plain_error(lua_State *L) {
  if (!lua_istable(L, -1)) return;
  lua_getfield(L, -1, "err");
  if (lua_isstring(L, -1)) lua_replace(L, -2);
  else lua_pop(L, 1);
}

static int base_pcall(lua_State *L) {
  int status;
  luaL_checkany(L, 1);
  status = protected_call(L, lua_gettop(L) - 1, 0);
  if (status) plain_error(L);
  lua_pushboolean(L, status == 0);
  lua_insert(L, 1);
  return lua_gettop(L);
}

/* Runs the script's handler after the stack was unwound, not where the error was raised: there hooks may be off, and an
 * endless loop in it could not be ended. */
static int base_xpcall(lua_State *L) {
  int status;
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  lua_insert(L, 1);
  status = protected_call(L, 0, 0);
  if (status) {
    lua_pushvalue(L, 1);
    lua_insert(L, -2);
    protected_call(L, 1, 0);
  }
  lua_pushboolean(L, status == 0);
  lua_replace(L, 1);
  return lua_gettop(L);
}

/* Compiles with the collector stopped: the parser of 5.1 leaves the chunk's name unanchored (CVE-2025-49844). Source is
 * limited in length for CVE-2025-46819; precompiled chunks are refused, as nothing checks them. */
int base_compile(lua_State *L, const char *p, size_t n, const char *name) {
  script *s = script_of(L);
  int status;
  if (n > LONGEST_SOURCE) {
    lua_pushliteral(L, "source too large");
    return LUA_ERRSYNTAX;
  }
  if (n > 0 && p[0] == LUA_SIGNATURE[0]) {
    lua_pushliteral(L, "attempt to load a binary chunk");
    return LUA_ERRSYNTAX;
  }
  s->compiling = 1; /* until then the collector stands still, also when no memory is left in the midst of it */
  lua_gc(L, LUA_GCSTOP, 0);
  status = luaL_loadbuffer(L, p, n, name);
  lua_gc(L, LUA_GCRESTART, 0);
  s->compiling = 0;
  return status;
}

static int compiled(lua_State *L, const char *p, size_t n, const char *name) {
  if (!base_compile(L, p, n, name)) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

static int base_loadstring(lua_State *L) {
  size_t n;
  const char *p = luaL_checklstring(L, 1, &n);
  return compiled(L, p, n, luaL_optstring(L, 2, p));
}

/* All pieces are read before the parser starts, so that no script code runs under it. */
static int base_load(lua_State *L) {
  const char *p, *name = luaL_optstring(L, 2, "=(load)");
  luaL_Buffer source;
  size_t n, sum = 0;
  int i, pieces = 0;
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 2);
  lua_newtable(L);
  for (;;) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) break;
    if (lua_type(L, -1) != LUA_TSTRING) return luaL_error(L, "reader function must return a string");
    if (lua_objlen(L, -1) == 0) break;
    sum += lua_objlen(L, -1);
    if (sum > LONGEST_SOURCE) return luaL_error(L, "source too large");
    lua_rawseti(L, 3, ++pieces);
  }
  lua_settop(L, 3);
  luaL_buffinit(L, &source);
  for (i = 1; i <= pieces; i++) {
    lua_rawgeti(L, 3, i);
    luaL_addvalue(&source);
  }
  luaL_pushresult(&source);
  p = lua_tolstring(L, -1, &n);
  return compiled(L, p, n, name);
}

/* The range in 64 bits: in the library's own one it overflows (CVE-2025-46817). */
static int base_unpack(lua_State *L) {
  int64_t from, to, n;
  luaL_checktype(L, 1, LUA_TTABLE);
  from = luaL_optint(L, 2, 1);
  to = lua_isnoneornil(L, 3) ? (int64_t)lua_objlen(L, 1) : luaL_checkint(L, 3);
  n = to - from + 1;
  if (n <= 0) return 0;
  if (n >= INT_MAX || !lua_checkstack(L, (int)n)) return luaL_error(L, "too many results to unpack");
  for (; from <= to; from++) lua_rawgeti(L, 1, (int)from);
  return (int)n;
}

/* The collector cannot be stopped or tuned: the run's memory limit relies on it. */
static int base_collectgarbage(lua_State *L) {
  static const char *const options[] = {"collect", "count", "step", "stop", "restart", "setpause", "setstepmul", NULL};
  int option = luaL_checkoption(L, 1, "collect", options);
  if (option == 1) {
    lua_pushnumber(L, lua_gc(L, LUA_GCCOUNT, 0) + lua_gc(L, LUA_GCCOUNTB, 0) / 1024.0);
    return 1;
  }
  if (option == 0 || option == 2) {
    lua_gc(L, LUA_GCCOLLECT, 0);
    limit_check(L);
  }
  if (option == 2) lua_pushboolean(L, 1);
  else lua_pushinteger(L, 0);
  return 1;
}

/* n arguments on top of L. Leaves the results there and returns their number, or an error object and -1. Hooks and their
 * counters belong to coroutines, so clock and kill are carried over: short coroutines cannot evade a slice. */
static int resume(lua_State *L, lua_State *other, int n) {
  script *s = script_of(L);
  lua_Debug frame;
  int status = lua_status(other);
  limit_check(L);
  if (other == L || (status == 0 && lua_getstack(other, 0, &frame) > 0)) {
    lua_pushliteral(L, "cannot resume non-suspended coroutine");
    return -1;
  }
  if (status > LUA_YIELD || (status == 0 && lua_gettop(other) == 0)) {
    lua_pushliteral(L, "cannot resume dead coroutine");
    return -1;
  }
  if (!lua_checkstack(other, n)) luaL_error(L, "too many arguments to resume");
  lua_xmove(L, other, n);
  lua_setlevel(L, other); /* the depth of C calls goes on counting */
  limit_hook(other);
  s->current = other;
  status = lua_resume(other, n);
  s->current = L;
  if (s->kill) limit_die(L);
  if (status == LUA_ERRMEM) lua_gc(L, LUA_GCCOLLECT, 0);
  if (status > LUA_YIELD) {
    lua_xmove(other, L, 1);
    return -1;
  }
  n = lua_gettop(other);
  if (!lua_checkstack(L, n + 1)) luaL_error(L, "too many results to resume");
  lua_xmove(other, L, n);
  return n;
}

static int co_resume(lua_State *L) {
  lua_State *other = lua_tothread(L, 1);
  int n, results;
  luaL_argcheck(L, other, 1, "coroutine expected");
  n = resume(L, other, lua_gettop(L) - 1);
  results = n < 0 ? 1 : n;
  lua_pushboolean(L, n >= 0);
  lua_insert(L, -(results + 1));
  return results + 1;
}

static int co_wrapped(lua_State *L) {
  int n = resume(L, lua_tothread(L, lua_upvalueindex(1)), lua_gettop(L));
  if (n >= 0) return n;
  if (lua_isstring(L, -1)) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int co_wrap(lua_State *L) {
  lua_State *other;
  luaL_argcheck(L, lua_isfunction(L, 1) && !lua_iscfunction(L, 1), 1, "Lua function expected");
  other = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, other, 1);
  lua_pushcclosure(L, co_wrapped, 1);
  return 1;
}

void base_open(lua_State *L) {
  static const luaL_Reg base[] = {
    {"pcall", base_pcall}, {"xpcall", base_xpcall}, {"loadstring", base_loadstring}, {"load", base_load},
    {"unpack", base_unpack}, {"collectgarbage", base_collectgarbage}, {NULL, NULL}};
  static const luaL_Reg coroutines[] = {{"resume", co_resume}, {"wrap", co_wrap}, {NULL, NULL}};
  luaL_register(L, "_G", base);
  luaL_register(L, "coroutine", coroutines);
  lua_pop(L, 2);
}
