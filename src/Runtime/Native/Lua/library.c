/* library.c - function libraries.
 *
 * A library is code that, run once in a state, registers functions; they stay there, by the library's id and their name.
 * The load that a person asked for reports each function to the host. A state that lacks the library when a function is
 * called loads it in the same run, silently: so a library that was changed needs a new id and nothing else. */
#include "script.h"
#include <strings.h>

static const char *const flag_names[] = {"no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys", NULL};

typedef struct { int name, description, callback; int flags; } registration; /* places on the stack, 0 for none */

static const char not_a_table[] =
  "calling server.register_function with a single argument is only applicable to Lua table (representing named arguments).";

/* Bits of the flags in the table on top, -1 when there is another. */
static int read_flags(lua_State *L) {
  int i, bit, flags = 0;
  for (i = 1;; i++, lua_pop(L, 1)) {
    lua_rawgeti(L, -1, i);
    if (lua_isnil(L, -1)) break;
    if (!lua_isstring(L, -1)) return -1;
    for (bit = 0; flag_names[bit] && strcasecmp(flag_names[bit], lua_tostring(L, -1)); bit++) {}
    if (!flag_names[bit]) return -1;
    flags |= 1 << bit;
    limit_tick(L, 63);
  }
  lua_pop(L, 1);
  return flags;
}

static const char *set_flags(lua_State *L, registration *r) {
  if (!lua_istable(L, -1)) return "flags argument to server.register_function must be a table representing function flags";
  r->flags = read_flags(L);
  return r->flags < 0 ? "unknown flag given" : NULL;
}

/* The value on top is kept at its place below. */
static void keep_value(lua_State *L, int *field, int place) {
  lua_pushvalue(L, -1);
  lua_replace(L, place);
  *field = place;
}

/* Key and value lie on top: what is wrong with them, or null. */
static const char *read_named(lua_State *L, registration *r) {
  const char *key;
  if (!lua_isstring(L, -2)) return "named argument key given to server.register_function is not a string";
  key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
  if (!strcasecmp(key, "function_name")) {
    if (!lua_isstring(L, -1)) return "function_name argument given to server.register_function must be a string";
    keep_value(L, &r->name, 2);
  } else if (!strcasecmp(key, "description")) {
    if (!lua_isstring(L, -1)) return "description argument given to server.register_function must be a string";
    keep_value(L, &r->description, 3);
  } else if (!strcasecmp(key, "callback")) {
    if (!lua_isfunction(L, -1)) return "callback argument given to server.register_function must be a function";
    keep_value(L, &r->callback, 4);
  } else if (!strcasecmp(key, "flags")) {
    return set_flags(L, r);
  } else {
    return "unknown argument given to server.register_function";
  }
  return NULL;
}

static const char *read_table(lua_State *L, registration *r) {
  const char *wrong;
  if (!lua_istable(L, 1)) return not_a_table;
  lua_settop(L, 4);
  for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
    wrong = read_named(L, r);
    if (wrong) return wrong;
  }
  if (!r->name) return "server.register_function must get a function name argument";
  return r->callback ? NULL : "server.register_function must get a callback argument";
}

static const char *read_arguments(lua_State *L, registration *r) {
  int n = lua_gettop(L);
  if (n < 1 || n > 2) return "wrong number of arguments to server.register_function";
  if (n == 1) return read_table(L, r);
  if (!lua_isstring(L, 1)) return "first argument to server.register_function must be a string";
  if (!lua_isfunction(L, 2)) return "second argument to server.register_function must be a function";
  r->name = 1;
  r->callback = 2;
  return NULL;
}

/* The host is told name, flags and, if there is one, description. */
static void tell_host(lua_State *L, script *s, const registration *r) {
  int first = lua_gettop(L) + 1;
  lua_pushvalue(L, r->name);
  lua_tostring(L, -1);
  lua_pushinteger(L, r->flags);
  if (r->description) {
    lua_pushvalue(L, r->description);
    lua_tostring(L, -1);
  }
  call_arguments(L, s, first);
  s->ask = ASK_REGISTER;
  stack_suspend(s, STATUS_CALL);
  if (s->kill) limit_die(L);
}

int library_register(lua_State *L) {
  script *s = script_of(L);
  registration r = {0, 0, 0, 0};
  const char *wrong;
  if (!s->loading) return error_raise(L, "server.register_function can only be called on FUNCTION LOAD command");
  wrong = read_arguments(L, &r);
  if (wrong) return error_raise(L, wrong);
  lua_rawgeti(L, LUA_REGISTRYINDEX, KEPT_LOADING);
  lua_pushvalue(L, r.name);
  lua_tostring(L, -1);
  lua_pushvalue(L, r.callback);
  lua_rawset(L, -3);
  if (s->run.kind == RUN_LIBRARY) tell_host(L, s, &r);
  return 0;
}

/* Keeps the functions on top by the library's id. */
static void keep_library(lua_State *L, script *s) {
  int count;
  lua_rawgeti(L, LUA_REGISTRYINDEX, KEPT_LIBRARIES);
  lua_rawgeti(L, -1, 0);
  count = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  if (count >= COMPILED_KEPT) {
    count = 0;
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, KEPT_LIBRARIES);
    lua_replace(L, -2);
  }
  lua_pushinteger(L, count + 1);
  lua_rawseti(L, -2, 0);
  lua_pushnumber(L, (lua_Number)s->run.library);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

/* Runs the code, which registers functions; returns whether it could, else the error's text is put. The table of the
 * functions is left on the stack. */
int library_load(lua_State *L, script *s) {
  int failed;
  s->out.n = 0;
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawseti(L, LUA_REGISTRYINDEX, KEPT_LOADING);
  if (base_compile(L, s->run.code, s->run.code_size, "@user_function")) {
    error_put_text(L, s, "ERR Error compiling function: ");
    return 0;
  }
  sandbox_show_load(L, 1);
  s->loading = 1;
  failed = lua_pcall(L, 0, 0, 0);
  s->loading = 0;
  sandbox_show_load(L, 0);
  if (failed) {
    if (lua_type(L, -1) == LUA_TSTRING) error_put_text(L, s, "ERR Error registering functions: ERR ");
    else error_put_text(L, s, "ERR Error registering functions: ");
    return 0;
  }
  keep_library(L, s);
  s->load_left = 0;
  s->status = STATUS_DONE;
  return 1;
}

/* Puts the function that is called in the place of its name on top; without it, puts the error's text and returns 0. */
int library_push_function(lua_State *L, script *s) {
  int name = lua_gettop(L);
  lua_rawgeti(L, LUA_REGISTRYINDEX, KEPT_LIBRARIES);
  lua_pushnumber(L, (lua_Number)s->run.library);
  lua_rawget(L, -2);
  if (!lua_istable(L, -1) && !library_load(L, s)) return 0;
  lua_pushvalue(L, name);
  lua_rawget(L, -2);
  if (lua_isfunction(L, -1)) {
    lua_replace(L, name);
    lua_settop(L, name);
    return 1;
  }
  lua_pushliteral(L, "ERR Function not found");
  error_put_text(L, s, "");
  return 0;
}
