/* script.c - a run from its start to its end, and the interface to the host.
 *
 * Everything happens under lua_cpcall on the script's stack, also KEYS and ARGV and the conversion of the result:
 * in Lua 5.1 even lua_pushcfunction may raise out-of-memory. */
#include "script.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNKS_KEPT 256 /* compiled chunks that a state keeps */

static char chunks_key;

static void push_chunks(lua_State *L) {
  lua_pushlightuserdata(L, &chunks_key);
  lua_rawget(L, LUA_REGISTRYINDEX);
}

static void clear_chunks(lua_State *L) {
  lua_pushlightuserdata(L, &chunks_key);
  lua_newtable(L);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

/* Leaves the function of the chunk on the stack, or an error message: compiled once per state, found by its id. */
static int push_function(lua_State *L, script *s) {
  int failed;
  push_chunks(L);
  lua_pushlstring(L, s->id, s->id_size);
  lua_rawget(L, -2);
  if (lua_isfunction(L, -1)) return 0;
  lua_pop(L, 1);
  failed = base_compile(L, s->chunk, s->chunk_size, "@user_script");
  if (failed) return failed;
  lua_rawgeti(L, -2, 1);
  if (lua_tointeger(L, -1) >= CHUNKS_KEPT) {
    clear_chunks(L);
    push_chunks(L);
    lua_replace(L, -4);
    lua_pop(L, 1);
    lua_pushinteger(L, 0);
  }
  lua_pushinteger(L, lua_tointeger(L, -1) + 1);
  lua_rawseti(L, -4, 1);
  lua_pop(L, 1);
  lua_pushlstring(L, s->id, s->id_size);
  lua_pushvalue(L, -2);
  lua_rawset(L, -4);
  return 0;
}

/* The innermost place in Lua code, for the error's text. Runs where the error was raised. */
static int on_error(lua_State *L) {
  script *s = script_of(L);
  lua_Debug place;
  int level;
  s->source = "";
  for (level = 1; lua_getstack(L, level, &place); level++) {
    if (!lua_getinfo(L, "Sl", &place) || *place.what == 'C') continue;
    snprintf(s->source_text, sizeof s->source_text, "%.60s", place.source);
    s->source = s->source_text;
    s->line = place.currentline;
    break;
  }
  return 1;
}

static void push_arguments(lua_State *L, script *s, int64_t from, int64_t to, const char *name) {
  int64_t i;
  lua_createtable(L, (int)(to - from), 0);
  for (i = from; i < to; i++) {
    lua_pushlstring(L, s->args[i], s->lengths[i]);
    lua_rawseti(L, -2, (int)(i - from + 1));
  }
  sandbox_set_global(L, name);
}

static void put_error(lua_State *L, script *s) {
  const char *text;
  size_t n;
  s->status = STATUS_ERROR;
  if (value_is_error(L, -1)) {
    text = lua_tolstring(L, -1, &n);
  } else if (lua_isstring(L, -1)) {
    bytes_put(L, &s->out, "ERR ", 4);
    text = lua_tolstring(L, -1, &n);
  } else {
    text = lua_pushfstring(L, "ERR error object is a %s value", luaL_typename(L, -1));
    n = strlen(text);
  }
  bytes_put(L, &s->out, text, n);
}

static int run_protected(lua_State *L) {
  script *s = lua_touserdata(L, 1);
  lua_settop(L, 0);
  s->out.n = 0;
  lua_pushcfunction(L, on_error);
  push_arguments(L, s, 0, s->nkeys, "KEYS");
  push_arguments(L, s, s->nkeys, s->nargs, "ARGV");
  if (push_function(L, s)) {
    put_error(L, s);
    return 0;
  }
  if (lua_pcall(L, 0, 1, 1)) {
    s->out.n = 0;
    put_error(L, s);
    return 0;
  }
  value_put(L, s);
  s->status = STATUS_DONE;
  return 0;
}

static void run(script *s) {
  lua_State *L = s->L;
  int status;
  if (lua_cpcall(L, run_protected, s)) {
    /* Outside of the script proper, so nothing here may allocate: `out` has room for this since script_new. */
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "unknown error";
    s->out.n = (size_t)snprintf(s->out.p, s->out.capacity, "ERR %.150s", text);
    s->status = STATUS_ERROR;
  }
  status = s->status;
  lua_settop(L, 0);
  s->kill = 0;
  s->current = L;
  bytes_free(s, &s->work);
  limit_hook(L);
  /* Lua 5.1 does not collect when memory runs out: the next run must not find a full heap. */
  if (s->used > s->limit / 8) lua_gc(L, LUA_GCCOLLECT, 0);
  lua_gc(L, LUA_GCRESTART, 0);
  s->status = status;
}

static void entry(script *s) {
  for (;;) {
    run(s);
    stack_suspend(s, s->status);
  }
}

static int open_state(lua_State *L) {
  sandbox_open(L);
  clear_chunks(L);
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

script *anax_script_new(size_t limit, size_t stack, uint64_t slice) {
  script *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->limit = limit;
  s->slice = slice;
  s->source = "";
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
  s->current = s->L;
  limit_hook(s->L);
  return s;
}

int64_t anax_script_start(script *s, const char *chunk, size_t chunk_size, const char *id, size_t id_size, int64_t resp,
                          int64_t nkeys, int64_t nargs, const char **args, const size_t *lengths) {
  s->chunk = chunk;
  s->chunk_size = chunk_size;
  s->id = id;
  s->id_size = id_size;
  s->resp = 2;
  s->client_resp = resp;
  s->nkeys = nkeys;
  s->nargs = nargs;
  s->args = args;
  s->lengths = lengths;
  s->deadline = 0;
  s->source = "";
  s->line = 0;
  s->random = 0x330e; /* math.random gives every run the same numbers */
  s->peak = s->used;
  return stack_enter(s);
}

int64_t anax_script_resume(script *s, const char *reply, size_t size) {
  s->reply = reply;
  s->reply_size = size;
  return stack_enter(s);
}
