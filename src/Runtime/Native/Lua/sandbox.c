/* sandbox.c - what a script sees: read-only globals and libraries.
 *
 * Lua 5.1 has no read-only tables. A library is handed out as an empty table with a locked metatable whose __index is the
 * real one, which nothing else names:
 *
 *   a script's globals {} --__index--> variables: all globals, KEYS and ARGV --__index--> an error: no such global
 *                                      | string = {} --__index--> real string library
 *   a library's globals {} --__index--> all globals --__index--> an error: no such global
 *   the same, in its load  --__index--> server = {} --__index--> register_function ... --__index--> the error too
 *
 * Assignments meet __newindex; what goes round metatables (rawset, table.insert ...) asks sandbox_refuse_locked; next,
 * pairs and rawget look through. Metatables are marked by a key that no script can make, and getmetatable gives in their
 * place an empty table that is locked too. */
#include "script.h"
#include <string.h>

static char locked_key, veil_key;

static int is_locked(lua_State *L, int index) {
  int locked;
  if (!lua_getmetatable(L, index)) return 0;
  lua_pushlightuserdata(L, &locked_key);
  lua_rawget(L, -2);
  locked = !lua_isnil(L, -1);
  lua_pop(L, 2);
  return locked;
}

/* In a library function, whose errors name no line. */
void sandbox_refuse_locked(lua_State *L, int index) {
  if (!is_locked(L, index)) return;
  lua_pushliteral(L, "Attempt to modify a readonly table");
  lua_error(L);
}

static int refuse(lua_State *L) { return luaL_error(L, "Attempt to modify a readonly table"); }

int sandbox_no_global(lua_State *L) {
  if (!lua_isstring(L, 2)) return luaL_error(L, "Second argument to luaProtectedTableError must be a string or number");
  return luaL_error(L, "Script attempted to access nonexistent global variable '%s'", lua_tostring(L, 2));
}

/* Replaces the table on top by a locked empty one in front of it. */
void sandbox_lock(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 4);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, refuse);
  lua_setfield(L, -2, "__newindex");
  lua_pushlightuserdata(L, &veil_key);
  lua_rawget(L, LUA_REGISTRYINDEX);
  lua_setfield(L, -2, "__metatable");
  lua_pushlightuserdata(L, &locked_key);
  lua_pushvalue(L, -4);
  lua_rawset(L, -3);
  lua_setmetatable(L, -2);
  lua_remove(L, -2);
}

/* What stands for the metatables of locked tables, its own included. */
static void make_veil(lua_State *L) {
  lua_pushlightuserdata(L, &veil_key);
  lua_newtable(L);
  sandbox_lock(L);
  lua_getmetatable(L, -1);
  lua_pushvalue(L, -2);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

/* The real table behind the first argument, in its place. */
static void look_through(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (!lua_getmetatable(L, 1)) return;
  lua_pushlightuserdata(L, &locked_key);
  lua_rawget(L, -2);
  if (lua_istable(L, -1)) lua_replace(L, 1);
  else lua_pop(L, 1);
  lua_pop(L, 1);
}

static int locked_next(lua_State *L) {
  look_through(L);
  lua_settop(L, 2);
  limit_tick(L, 15); /* over a table that was emptied one step is long */
  return lua_next(L, 1) ? 2 : (lua_pushnil(L), 1);
}

static int locked_pairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

static int locked_rawget(lua_State *L) {
  look_through(L);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  lua_rawget(L, 1);
  return 1;
}

static int locked_rawset(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  sandbox_refuse_locked(L, 1);
  lua_rawset(L, 1);
  return 1;
}

static int locked_setmetatable(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argcheck(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table expected");
  sandbox_refuse_locked(L, 1);
  if (luaL_getmetafield(L, 1, "__metatable")) luaL_error(L, "cannot change a protected metatable");
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

static void open_library(lua_State *L, const char *name, lua_CFunction open) {
  lua_pushcfunction(L, open);
  lua_pushstring(L, name);
  lua_call(L, 1, 0);
}

static int os_clock(lua_State *L) {
  lua_getfield(L, lua_upvalueindex(1), "clock");
  lua_call(L, 0, 1);
  return 1;
}

static void open_os(lua_State *L) {
  open_library(L, LUA_OSLIBNAME, luaopen_os);
  lua_newtable(L);
  lua_getglobal(L, LUA_OSLIBNAME);
  lua_pushcclosure(L, os_clock, 1);
  lua_setfield(L, -2, "clock");
  lua_setglobal(L, LUA_OSLIBNAME);
}

static void lock_libraries(lua_State *L) {
  static const char *const names[] = {"string", "table", "math", "os", "bit", "coroutine", "cjson", "cmsgpack", "struct", NULL};
  const char *const *name;
  for (name = names; *name; name++) {
    lua_getglobal(L, *name);
    sandbox_lock(L);
    lua_setglobal(L, *name);
  }
}

/* The one metatable of a basic type that Lua has: strings'. Its __index is the real library, which is out of reach. */
static void lock_strings(lua_State *L) {
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushlightuserdata(L, &veil_key);
  lua_rawget(L, LUA_REGISTRYINDEX);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
}

static void replace_access(lua_State *L) {
  static const luaL_Reg access[] = {
    {"next", locked_next}, {"rawget", locked_rawget}, {"rawset", locked_rawset},
    {"setmetatable", locked_setmetatable}, {NULL, NULL}};
  const luaL_Reg *entry;
  for (entry = access; entry->name; entry++) lua_register(L, entry->name, entry->func);
  lua_getglobal(L, "next");
  lua_pushcclosure(L, locked_pairs, 1);
  lua_setglobal(L, "pairs");
}

static void open_libraries(lua_State *L) {
  static const char *const removed[] = {"dofile", "loadfile", "print", "newproxy", "require", "module",
                                        "getfenv", "setfenv", "package", "debug", "io", NULL};
  const char *const *name;
  open_library(L, "", luaopen_base);
  open_library(L, LUA_TABLIBNAME, luaopen_table);
  open_library(L, LUA_STRLIBNAME, luaopen_string);
  open_library(L, LUA_MATHLIBNAME, luaopen_math);
  open_os(L);
  base_open(L);
  strings_open(L);
  tables_open(L);
  bits_open(L);
  math_open(L);
  json_open(L);
  msgpack_open(L);
  packing_open(L);
  for (name = removed; *name; name++) {
    lua_pushnil(L);
    lua_setglobal(L, *name);
  }
}

/* `server` and `redis` in the table on top. */
static void set_server(lua_State *L, int where) {
  server_push(L, where);
  sandbox_lock(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "server");
  lua_setfield(L, -2, "redis");
}

/* Reading what the table on top lacks is an error. */
static void refuse_unknown(lua_State *L) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, sandbox_no_global);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
}

/* The table on top is kept, and a locked one before it as its _G; from the stack it is gone. */
static void keep_globals(lua_State *L, int what, int locked) {
  refuse_unknown(L);
  lua_pushvalue(L, -1);
  lua_rawseti(L, LUA_REGISTRYINDEX, what);
  lua_pushvalue(L, -1);
  sandbox_lock(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "_G");
  lua_rawseti(L, LUA_REGISTRYINDEX, locked);
  lua_pop(L, 1);
}

/* All globals once more, for scripts. */
static void open_scripts(lua_State *L) {
  lua_newtable(L);
  for (lua_pushnil(L); lua_next(L, LUA_GLOBALSINDEX);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, -4);
  }
  set_server(L, SERVER_FOR_SCRIPTS);
  lua_pushcfunction(L, error_handler);
  lua_setfield(L, -2, "__redis__err__handler");
  lua_pushcfunction(L, error_handler);
  lua_setfield(L, -2, "__server__err__handler");
  keep_globals(L, KEPT_VARIABLES, KEPT_SCRIPT_GLOBALS);
}

static void open_functions(lua_State *L) {
  lua_pushvalue(L, LUA_GLOBALSINDEX);
  set_server(L, SERVER_FOR_FUNCTIONS);
  keep_globals(L, KEPT_GLOBALS, KEPT_FUNCTION_GLOBALS);
}

static void open_loads(lua_State *L) {
  lua_newtable(L);
  server_push(L, SERVER_FOR_LOADS);
  refuse_unknown(L);
  sandbox_lock(L);
  lua_pushvalue(L, -1);
  lua_setfield(L, -3, "redis");
  lua_setfield(L, -2, "server");
  refuse_unknown(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, KEPT_LOAD_GLOBALS);
}

/* A library's functions have the globals that its code had when it was loaded: one table, with more behind it later. */
void sandbox_show_load(lua_State *L, int loading) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, KEPT_FUNCTION_GLOBALS);
  lua_getmetatable(L, -1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, loading ? KEPT_LOAD_GLOBALS : KEPT_GLOBALS);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 2);
}

void sandbox_open(lua_State *L) {
  open_libraries(L);
  replace_access(L);
  make_veil(L);
  lock_strings(L);
  lock_libraries(L);
  open_scripts(L);
  open_functions(L);
  open_loads(L);
}
