/* server.c - `redis`, called `server` too: what a script asks of its host. */
#include "script.h"
#include <string.h>

#define REDIS_VERSION "7.2.4" /* what scripts ask for before they use a feature */
#define REDIS_VERSION_NUM 0x00070204
#define SERVER_NAME "anax"

/* Suspends until the host has answered; leaves the answer, a reply, on the stack as a value. */
static void ask(lua_State *L, script *s, int what) {
  s->ask = what;
  stack_suspend(s, STATUS_CALL);
  if (s->kill) limit_die(L);
  lua_settop(L, 0); /* many arguments would leave no room for the answer */
  reply_push(L, s->reply, s->reply_size);
}

/* Whether the value on top is an error; raises it then, or leaves it. */
static int ask_or_raise(lua_State *L, script *s, int what) {
  ask(L, s, what);
  if (!error_is_table(L, -1)) return 1;
  lua_pop(L, 1);
  return lua_error(L);
}

/* Null when the arguments are what a call may have. */
static const char *wrong_arguments(lua_State *L, script *s) {
  if (lua_gettop(L) == 0) return "Please specify at least one argument for this call";
  return call_arguments(L, s, 1) ? NULL : "Command arguments must be strings or integers";
}

static int server_call(lua_State *L) {
  script *s = script_of(L);
  const char *wrong = wrong_arguments(L, s);
  return wrong ? error_raise(L, wrong) : ask_or_raise(L, s, ASK_CALL);
}

static int server_pcall(lua_State *L) {
  script *s = script_of(L);
  const char *wrong = wrong_arguments(L, s);
  if (wrong) return error_push(L, wrong);
  ask(L, s, ASK_PCALL);
  return 1;
}

static int server_sha1hex(lua_State *L) {
  script *s = script_of(L);
  if (lua_gettop(L) != 1) return error_raise(L, "wrong number of arguments");
  if (!lua_isstring(L, 1)) {
    lua_pushliteral(L, "");
    lua_replace(L, 1);
  }
  lua_tostring(L, 1);
  call_arguments(L, s, 1);
  ask(L, s, ASK_SHA1);
  return 1;
}

/* The host gets the level and the other arguments as one text. */
static int server_log(lua_State *L) {
  script *s = script_of(L);
  int i, n = lua_gettop(L), level;
  if (n < 2) return error_raise(L, "server.log() requires two arguments or more.");
  if (!lua_isnumber(L, 1)) return error_raise(L, "First argument must be a number (log level).");
  level = (int)number_to_integer(lua_tonumber(L, 1));
  if (level < 0 || level > 3) return error_raise(L, "Invalid log level.");
  if (s->loading && s->run.kind == RUN_FUNCTION) return 0; /* it was logged when the library came */
  lua_pushinteger(L, level);
  lua_pushliteral(L, "");
  for (i = 2; i <= n; i++) {
    if (!lua_isstring(L, i)) continue;
    if (i > 2) lua_pushliteral(L, " ");
    lua_pushvalue(L, i);
    lua_concat(L, i > 2 ? 3 : 2);
  }
  call_arguments(L, s, n + 1);
  s->ask = ASK_LOG;
  stack_suspend(s, STATUS_CALL);
  if (s->kill) limit_die(L);
  return 0;
}

static int server_acl_check_cmd(lua_State *L) {
  script *s = script_of(L);
  const char *wrong = wrong_arguments(L, s);
  if (wrong) return error_raise(L, wrong);
  ask_or_raise(L, s, ASK_ACL);
  lua_pushboolean(L, lua_tointeger(L, -1) != 0);
  return 1;
}

static int server_setresp(lua_State *L) {
  int version;
  if (lua_gettop(L) != 1) return error_raise(L, "server.setresp() requires one argument.");
  version = (int)number_to_integer(lua_tonumber(L, 1));
  if (version != 2 && version != 3) return error_raise(L, "RESP version must be 2 or 3.");
  script_of(L)->resp = version;
  return 0;
}

static int is_one_string(lua_State *L) { return lua_gettop(L) == 1 && lua_type(L, 1) == LUA_TSTRING; }

static int server_status_reply(lua_State *L) {
  if (!is_one_string(L)) return error_push(L, "wrong number or type of arguments");
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, "ok");
  return 1;
}

static int server_error_reply(lua_State *L) {
  const char *text;
  if (!is_one_string(L)) return error_push(L, "wrong number or type of arguments");
  text = lua_tostring(L, 1);
  if (*text == '-') text++;
  return error_push_coded(L, text, strlen(text));
}

static int server_true(lua_State *L) {
  lua_pushboolean(L, 1);
  return 1;
}

static int server_false(lua_State *L) {
  lua_pushboolean(L, 0);
  return 1;
}

static int server_nothing(lua_State *L) {
  (void)L;
  return 0;
}

/* What is replicated is the host's matter; the flags are checked alone. */
static int server_set_repl(lua_State *L) {
  if (lua_gettop(L) != 1) return error_raise(L, "server.set_repl() requires one argument.");
  if ((int)number_to_integer(lua_tonumber(L, 1)) & ~3)
    return error_raise(L, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
  return 0;
}

typedef struct { const char *name; int value; } constant;

static void set_functions(lua_State *L, const luaL_Reg *functions) {
  for (; functions->name; functions++) {
    lua_pushcfunction(L, functions->func);
    lua_setfield(L, -2, functions->name);
  }
}

static void set_constants(lua_State *L, const constant *constants) {
  for (; constants->name; constants++) {
    lua_pushinteger(L, constants->value);
    lua_setfield(L, -2, constants->name);
  }
}

/* What is there everywhere. */
static void set_common(lua_State *L) {
  static const luaL_Reg functions[] = {{"log", server_log}, {NULL, NULL}};
  static const constant numbers[] = {{"LOG_DEBUG", 0}, {"LOG_VERBOSE", 1}, {"LOG_NOTICE", 2}, {"LOG_WARNING", 3},
                                     {"REDIS_VERSION_NUM", REDIS_VERSION_NUM}, {"SERVER_VERSION_NUM", REDIS_VERSION_NUM},
                                     {NULL, 0}};
  set_functions(L, functions);
  set_constants(L, numbers);
  lua_pushliteral(L, REDIS_VERSION);
  lua_setfield(L, -2, "REDIS_VERSION");
  lua_pushliteral(L, REDIS_VERSION);
  lua_setfield(L, -2, "SERVER_VERSION");
  lua_pushliteral(L, SERVER_NAME);
  lua_setfield(L, -2, "SERVER_NAME");
}

/* The table as scripts, libraries or a library's load see it. */
void server_push(lua_State *L, int where) {
  static const luaL_Reg functions[] = {
    {"call", server_call}, {"pcall", server_pcall}, {"sha1hex", server_sha1hex}, {"acl_check_cmd", server_acl_check_cmd},
    {"setresp", server_setresp}, {"status_reply", server_status_reply}, {"error_reply", server_error_reply},
    {"set_repl", server_set_repl}, {NULL, NULL}};
  static const luaL_Reg for_scripts[] = {
    {"replicate_commands", server_true}, {"breakpoint", server_false}, {"debug", server_nothing}, {NULL, NULL}};
  static const luaL_Reg for_loads[] = {{"register_function", library_register}, {NULL, NULL}};
  static const constant numbers[] = {{"REPL_NONE", 0}, {"REPL_AOF", 1}, {"REPL_SLAVE", 2}, {"REPL_REPLICA", 2},
                                     {"REPL_ALL", 3}, {NULL, 0}};
  lua_newtable(L);
  set_common(L);
  if (where == SERVER_FOR_LOADS) {
    set_functions(L, for_loads);
    return;
  }
  set_functions(L, functions);
  set_constants(L, numbers);
  if (where == SERVER_FOR_SCRIPTS) set_functions(L, for_scripts);
}
