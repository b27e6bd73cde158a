/* server.c - `redis`, called `server` too: what a script asks of its host, and math.random. */
#include "script.h"
#include <string.h>

/* Suspends until the host has answered; leaves the answer, a reply, on the stack as a value. */
static void ask(lua_State *L, script *s, int what) {
  s->ask = what;
  stack_suspend(s, STATUS_CALL);
  if (s->kill) limit_die(L);
  value_push_reply(L, s->reply, s->reply_size);
}

static int fail(lua_State *L, const char *text, int raise) {
  lua_createtable(L, 0, 1);
  lua_pushfstring(L, "ERR %s", text);
  lua_setfield(L, -2, "err");
  return raise ? lua_error(L) : 1;
}

static int call(lua_State *L, int what) {
  script *s = script_of(L);
  int raise = what == ASK_CALL;
  if (lua_gettop(L) == 0) return fail(L, "Please specify at least one argument for this call", raise);
  if (!value_arguments(L, s, 1)) return fail(L, "Command arguments must be strings or integers", raise);
  ask(L, s, what);
  if (raise && value_is_error(L, -1)) {
    lua_pop(L, 1);
    return lua_error(L);
  }
  return 1;
}

static int server_call(lua_State *L) { return call(L, ASK_CALL); }
static int server_pcall(lua_State *L) { return call(L, ASK_PCALL); }

static int server_sha1hex(lua_State *L) {
  script *s = script_of(L);
  if (lua_gettop(L) != 1) return fail(L, "wrong number of arguments", 1);
  if (!lua_isstring(L, 1)) {
    lua_pushliteral(L, "");
    lua_replace(L, 1);
  }
  lua_tostring(L, 1);
  value_arguments(L, s, 1);
  ask(L, s, ASK_SHA1);
  return 1;
}

static int server_log(lua_State *L) {
  script *s = script_of(L);
  double level;
  if (lua_gettop(L) < 2) return fail(L, "server.log() requires two arguments or more.", 1);
  if (!lua_isnumber(L, 1)) return fail(L, "First argument must be a number (log level).", 1);
  level = lua_tonumber(L, 1);
  if (level < 0 || level > 3) return fail(L, "Invalid log level.", 1);
  if (!value_arguments(L, s, 1)) return 0;
  ask(L, s, ASK_LOG);
  return 0;
}

static int server_acl_check_cmd(lua_State *L) {
  script *s = script_of(L);
  if (lua_gettop(L) == 0) return fail(L, "Please specify at least one argument for this call", 1);
  if (!value_arguments(L, s, 1)) return fail(L, "Command arguments must be strings or integers", 1);
  ask(L, s, ASK_ACL);
  if (value_is_error(L, -1)) {
    lua_pop(L, 1);
    return lua_error(L);
  }
  lua_pushboolean(L, lua_tointeger(L, -1) != 0);
  return 1;
}

static int server_setresp(lua_State *L) {
  script *s = script_of(L);
  int version;
  if (lua_gettop(L) != 1) return fail(L, "server.setresp() requires one argument.", 1);
  version = (int)lua_tonumber(L, 1);
  if (version != 2 && version != 3) return fail(L, "RESP version must be 2 or 3.", 1);
  s->resp = version;
  return 0;
}

static int single_field(lua_State *L, const char *name) {
  if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING) return fail(L, "wrong number or type of arguments", 0);
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, 1);
  lua_setfield(L, -2, name);
  return 1;
}

static int server_status_reply(lua_State *L) { return single_field(L, "ok"); }

/* "-CODE text" keeps its code, any other text gets ERR. */
static int server_error_reply(lua_State *L) {
  const char *text;
  size_t n;
  if (lua_gettop(L) != 1 || lua_type(L, 1) != LUA_TSTRING) return fail(L, "wrong number or type of arguments", 0);
  text = lua_tolstring(L, 1, &n);
  while (n > 0 && (text[n - 1] == '\r' || text[n - 1] == '\n')) n--;
  lua_createtable(L, 0, 1);
  if (n > 0 && *text == '-') {
    const char *space = memchr(text, ' ', n);
    if (!space) lua_pushliteral(L, "ERR ");
    lua_pushlstring(L, text + 1, n - 1);
    if (!space) lua_concat(L, 2);
  } else {
    lua_pushliteral(L, "ERR ");
    lua_pushlstring(L, text, n);
    lua_concat(L, 2);
  }
  lua_setfield(L, -2, "err");
  return 1;
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

static int server_set_repl(lua_State *L) {
  int flags;
  if (lua_gettop(L) != 1) return fail(L, "server.set_repl() requires one argument.", 1);
  flags = (int)lua_tonumber(L, 1);
  if (flags & ~3) return fail(L, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.", 1);
  return 0;
}

/* The 48-bit generator that POSIX names, so that sequences are Redis's. */
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
  lua_pushnumber(L, (double)(int64_t)(r * ((double)high - low + 1)) + low);
  return 1;
}

static int math_randomseed(lua_State *L) {
  script_of(L)->random = ((uint64_t)(uint32_t)luaL_checkint(L, 1) << 16) | 0x330e;
  return 0;
}

void server_open(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"call", server_call}, {"pcall", server_pcall}, {"sha1hex", server_sha1hex}, {"log", server_log},
    {"acl_check_cmd", server_acl_check_cmd}, {"setresp", server_setresp}, {"status_reply", server_status_reply},
    {"error_reply", server_error_reply}, {"replicate_commands", server_true}, {"set_repl", server_set_repl},
    {"breakpoint", server_false}, {"debug", server_nothing}, {NULL, NULL}};
  static const struct { const char *name; int value; } numbers[] = {
    {"LOG_DEBUG", 0}, {"LOG_VERBOSE", 1}, {"LOG_NOTICE", 2}, {"LOG_WARNING", 3}, {"REPL_NONE", 0}, {"REPL_AOF", 1},
    {"REPL_SLAVE", 2}, {"REPL_REPLICA", 2}, {"REPL_ALL", 3}};
  static const luaL_Reg random[] = {{"random", math_random}, {"randomseed", math_randomseed}, {NULL, NULL}};
  size_t i;
  luaL_register(L, "redis", functions);
  for (i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    lua_pushinteger(L, numbers[i].value);
    lua_setfield(L, -2, numbers[i].name);
  }
  luaL_register(L, LUA_MATHLIBNAME, random);
  lua_pop(L, 2);
}
