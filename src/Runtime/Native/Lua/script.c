/* script.c - a run from its start to its end, and the interface to the host.
 *
 * Everything happens under a pcall on the script's stack, also KEYS and ARGV and the conversion of the result: in Lua 5.1
 * even lua_pushcfunction may raise out-of-memory. What a run needs each time lies ready in the registry. */
#include "script.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GARBAGE_KEPT (512 << 10) /* from one run to the next */

static void kept(lua_State *L, int what) { lua_rawgeti(L, LUA_REGISTRYINDEX, what); }

/* Leaves the function of the chunk on the stack, or an error message: compiled once per state, found by its id. */
static int push_function(lua_State *L, script *s) {
  int failed, count;
  kept(L, KEPT_CHUNKS);
  lua_pushlstring(L, s->run.id, s->run.id_size);
  lua_rawget(L, -2);
  if (lua_isfunction(L, -1)) return 0;
  failed = base_compile(L, s->run.code, s->run.code_size, "@user_script");
  if (failed) return failed;
  lua_rawgeti(L, -3, 1);
  count = (int)lua_tointeger(L, -1);
  if (count >= COMPILED_KEPT) {
    count = 0;
    lua_newtable(L);
    lua_pushvalue(L, -1);
    lua_rawseti(L, LUA_REGISTRYINDEX, KEPT_CHUNKS);
    lua_replace(L, -5);
  }
  lua_pushinteger(L, count + 1);
  lua_rawseti(L, -5, 1);
  lua_pushlstring(L, s->run.id, s->run.id_size);
  lua_pushvalue(L, -3);
  lua_rawset(L, -6);
  lua_pop(L, 1);
  return 0;
}

static void push_arguments(lua_State *L, script *s, int64_t from, int64_t to) {
  int64_t i;
  lua_createtable(L, (int)(to - from), 0);
  for (i = from; i < to; i++) {
    lua_pushlstring(L, s->run.args[i], s->run.lengths[i]);
    lua_rawseti(L, -2, (int)(i - from + 1));
  }
}

/* An empty table that the last script may have had: it is used again if it was left as it was. */
static void push_empty(lua_State *L, int what) {
  int top = lua_gettop(L);
  kept(L, what);
  if (lua_istable(L, -1) && !lua_getmetatable(L, -1)) {
    lua_pushnil(L);
    if (!lua_next(L, -2)) return;
  }
  lua_settop(L, top);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawseti(L, LUA_REGISTRYINDEX, what);
}

/* KEYS and ARGV for a script, behind what it sees as globals. */
static void set_variables(lua_State *L, script *s) {
  kept(L, KEPT_VARIABLES);
  lua_pushliteral(L, "KEYS");
  if (s->run.nkeys > 0) push_arguments(L, s, 0, s->run.nkeys);
  else push_empty(L, KEPT_NO_KEYS);
  lua_rawset(L, 1);
  lua_settop(L, 1);
  lua_pushliteral(L, "ARGV");
  if (s->run.nargs > s->run.nkeys) push_arguments(L, s, s->run.nkeys, s->run.nargs);
  else push_empty(L, KEPT_NO_ARGUMENTS);
  lua_rawset(L, 1);
  lua_settop(L, 0);
}

/* The function and its arguments lie above the handler, which is first. */
static void call_and_put(lua_State *L, script *s, int nargs) {
  if (lua_pcall(L, nargs, 1, 1)) {
    error_put(L, s);
    return;
  }
  result_put(L, s);
  s->status = STATUS_DONE;
}

static void run_script(lua_State *L, script *s) {
  if (s->run.kind == RUN_SCRIPT) set_variables(L, s);
  kept(L, KEPT_HANDLER);
  if (push_function(L, s)) {
    error_put_text(L, s, "ERR Error compiling script (new function): ");
  } else if (s->run.kind == RUN_COMPILE) {
    s->out.n = 0;
    s->status = STATUS_DONE;
  } else {
    call_and_put(L, s, 0);
  }
}

/* The parameters are read first: a load may be suspended. */
static void run_function(lua_State *L, script *s) {
  kept(L, KEPT_HANDLER);
  push_arguments(L, s, 0, s->run.nkeys);
  push_arguments(L, s, s->run.nkeys, s->run.nargs);
  lua_pushlstring(L, s->run.id, s->run.id_size);
  if (!library_push_function(L, s)) return;
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 3);
  call_and_put(L, s, 2);
}

static int run_protected(lua_State *L) {
  script *s = script_of(L);
  int64_t kind = s->run.kind;
  int of_library = kind == RUN_LIBRARY || kind == RUN_FUNCTION;
  kept(L, of_library ? KEPT_FUNCTION_GLOBALS : KEPT_SCRIPT_GLOBALS);
  lua_replace(L, LUA_GLOBALSINDEX);
  if (of_library) sandbox_show_load(L, 0);
  if (kind == RUN_LIBRARY) library_load(L, s);
  else if (kind == RUN_FUNCTION) run_function(L, s);
  else run_script(L, s);
  return 0;
}

static int report(lua_State *L) {
  error_put(L, script_of(L));
  return 0;
}

/* What failed outside of the script proper, as memory for its result. */
static void run_failed(lua_State *L, script *s) {
  kept(L, KEPT_REPORT);
  lua_insert(L, -2);
  if (lua_pcall(L, 1, 0, 0) == 0) return;
  /* `out` has room for this since script_new. */
  s->out.n = (size_t)snprintf(s->out.p, s->out.capacity, "ERR Error running script, not enough memory");
  s->status = STATUS_ERROR;
}

/* Lua 5.1 does not collect when memory runs out: the next run must not find a full heap. A collection halves buffers and
 * stacks of Lua's own that have grown, so it takes some. */
static void settle(lua_State *L, script *s) {
  size_t before;
  if (s->used <= s->settled + GARBAGE_KEPT) return;
  kept(L, KEPT_VARIABLES);
  lua_pushboolean(L, 0); /* the names stay: nothing may be allocated here */
  lua_setfield(L, -2, "KEYS");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "ARGV");
  lua_settop(L, 0);
  do {
    before = s->used;
    lua_gc(L, LUA_GCCOLLECT, 0);
  } while (s->used < before - before / 8);
  s->settled = s->used;
}

static void run(script *s) {
  lua_State *L = s->L;
  int status;
  kept(L, KEPT_RUN);
  if (lua_pcall(L, 0, 0, 0)) run_failed(L, s);
  status = s->status;
  lua_settop(L, 0);
  s->kill = KILL_NOT;
  s->current = L;
  bytes_trim(s, &s->work);
  limit_hook(L);
  if (s->compiling) lua_gc(L, LUA_GCRESTART, 0);
  s->compiling = 0;
  settle(L, s);
  s->status = status;
}

static void entry(script *s) {
  for (;;) {
    run(s);
    stack_suspend(s, s->status);
  }
}

static void keep(lua_State *L, int what, lua_CFunction function) {
  lua_pushcfunction(L, function);
  lua_rawseti(L, LUA_REGISTRYINDEX, what);
}

static int open_state(lua_State *L) {
  keep(L, KEPT_RUN, run_protected);
  keep(L, KEPT_REPORT, report);
  keep(L, KEPT_HANDLER, error_handler);
  sandbox_open(L);
  lua_newtable(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, KEPT_CHUNKS);
  lua_newtable(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, KEPT_LIBRARIES);
  /* The names are there for good, so that `settle` allocates nothing. */
  lua_rawgeti(L, LUA_REGISTRYINDEX, KEPT_VARIABLES);
  lua_newtable(L);
  lua_setfield(L, -2, "KEYS");
  lua_newtable(L);
  lua_setfield(L, -2, "ARGV");
  return 0;
}

void anax_script_free(script *s) {
  s->current = NULL;
  stack_free(s);
  bytes_free(s, &s->out);
  bytes_free(s, &s->work);
  if (s->L) lua_close(s->L);
  free(s);
}

script *anax_script_new(size_t limit, size_t stack, uint64_t slice, uint64_t look, uint64_t seed) {
  script *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->limit = limit;
  s->slice = slice;
  s->look = look;
  s->random = (seed << 16 | 0x330e) & 0xffffffffffffull;
  s->out.p = limit_alloc(s, NULL, 0, 512);
  if (s->out.p) {
    s->out.capacity = 512;
    s->L = lua_newstate(limit_alloc, s);
  }
  if (!s->L || lua_cpcall(s->L, open_state, NULL) || !stack_make(s, stack, entry)) {
    anax_script_free(s);
    return NULL;
  }
  lua_settop(s->L, 0);
  lua_gc(s->L, LUA_GCCOLLECT, 0);
  s->settled = s->used;
  s->current = s->L;
  limit_hook(s->L);
  return s;
}

int64_t anax_script_start(script *s, const start *run) {
  s->run = *run;
  s->resp = 2;
  s->client_resp = run->resp;
  s->deadline = 0;
  s->counted = 0;
  s->loading = 0;
  s->load_left = run->load_time;
  s->peak = s->used;
  bytes_trim(s, &s->out);
  json_reset(s->json);
  return stack_enter(s);
}

int64_t anax_script_resume(script *s, const char *reply, size_t size) {
  s->reply = reply;
  s->reply_size = size;
  return stack_enter(s);
}
