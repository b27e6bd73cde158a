/* limits.c - what a script may use: time, given back in slices, and memory.
 *
 * Lua's count hook looks at the clock; at the end of a slice the script is suspended where it stands. Library functions
 * that may run long without an instruction (patterns, rep, sort, concat ...) look at it themselves. A kill is a flag:
 * the next look raises, and sets the hook to every single instruction, so no pcall survives it. */
#include "script.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define INSTRUCTIONS 1000            /* between two looks at the clock */
#define LEAST_INSTRUCTIONS 10
#define PLENTY (1 << 20)             /* of memory: above it one instruction may be long (comparing two huge strings) */
#define LEAST_STACK (192 << 10)      /* that recursion leaves of the C stack */
#define DEBT (256 << 10)             /* allocated bytes that make the next instruction look at the clock */

static void on_count(lua_State *L, lua_Debug *record);

/* The allocator's argument is the script: no look into the registry. */
script *script_of(lua_State *L) {
  void *s;
  lua_getallocf(L, &s);
  return s;
}

void limit_hook(lua_State *L) {
  script *s = script_of(L);
  s->every = s->used <= PLENTY ? INSTRUCTIONS : (int)(INSTRUCTIONS * (uint64_t)PLENTY / s->used);
  if (s->every < LEAST_INSTRUCTIONS) s->every = LEAST_INSTRUCTIONS;
  lua_sethook(L, on_count, LUA_MASKCOUNT, s->every);
}

/* Raises; from now on every instruction does. */
int limit_die(lua_State *L) {
  script *s = script_of(L);
  lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
  if (s->kill == KILL_BY_LOAD_TIMEOUT) return error_raise(L, "FUNCTION LOAD timeout");
  if (s->run.kind == RUN_FUNCTION) return error_raise(L, "Script killed by user with FUNCTION KILL.");
  return error_raise(L, "Script killed by user with SCRIPT KILL.");
}

/* A load may use so many slices and no more. */
static void end_slice(lua_State *L, script *s) {
  if (s->load_left) {
    if (s->load_left <= s->slice) {
      s->kill = KILL_BY_LOAD_TIMEOUT;
      limit_die(L);
    }
    s->load_left -= s->slice;
  }
  stack_suspend(s, STATUS_YIELD);
  if (s->kill) limit_die(L);
}

static uint64_t read_clock(script *s) {
  struct timespec now;
  if (s->look) return s->looked += s->look;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void limit_check(lua_State *L) {
  script *s = script_of(L);
  uint64_t time;
  if (s->kill) limit_die(L);
  time = read_clock(s);
  if (s->deadline == 0) s->deadline = time + s->slice;
  else if (time >= s->deadline) end_slice(L, s);
}

/* For recursion in C over what a script made: what is left must do for what it calls. */
void limit_depth(lua_State *L) {
  char here;
  if (&here - script_of(L)->stack < LEAST_STACK) luaL_error(L, "C stack overflow");
}

/* For loops: looks at the clock once in mask + 1 calls. */
void limit_tick(lua_State *L, unsigned mask) {
  if ((++script_of(L)->ticks & mask) == 0) limit_check(L);
}

static void on_count(lua_State *L, lua_Debug *record) {
  script *s = script_of(L);
  (void)record;
  if (!s->kill) limit_hook(L);
  limit_check(L);
}

void *limit_alloc(void *ud, void *p, size_t old, size_t size) {
  script *s = ud;
  void *q;
  if (size == 0) {
    s->used -= old;
    free(p);
    return NULL;
  }
  if (size > old) {
    size_t more = size - old;
    if (more > s->limit || s->used > s->limit - more) return NULL;
    s->debt += more;
    if (s->debt > DEBT) {
      s->debt = 0;
      if (s->current && !s->kill) lua_sethook(s->current, on_count, LUA_MASKCOUNT, 1);
    }
  }
  q = realloc(p, size);
  if (!q) return size <= old ? p : NULL; /* Lua relies on shrinking that cannot fail */
  s->used = s->used - old + size;
  if (s->used > s->peak) s->peak = s->used;
  return q;
}

void bytes_room(lua_State *L, bytes *b, size_t more) {
  script *s = script_of(L);
  size_t capacity = b->n + more;
  char *p;
  if (capacity <= b->capacity) return;
  limit_check(L);
  if (capacity < 2 * b->capacity && 2 * b->capacity <= s->limit / 2) capacity = 2 * b->capacity;
  if (capacity < 256) capacity = 256;
  p = limit_alloc(s, b->p, b->capacity, capacity);
  if (!p) luaL_error(L, "not enough memory");
  b->p = p;
  b->capacity = capacity;
}

void bytes_put(lua_State *L, bytes *b, const void *p, size_t n) {
  bytes_room(L, b, n);
  memcpy(b->p + b->n, p, n);
  b->n += n;
}

void bytes_put_byte(lua_State *L, bytes *b, int c) {
  if (b->n == b->capacity) bytes_room(L, b, 1);
  b->p[b->n++] = (char)c;
}

/* Empties it, and gives back what is more than usual. */
void bytes_trim(script *s, bytes *b) {
  b->n = 0;
  if (b->capacity <= BYTES_KEPT) return;
  b->p = limit_alloc(s, b->p, b->capacity, BYTES_KEPT);
  b->capacity = BYTES_KEPT;
}

void bytes_free(script *s, bytes *b) {
  if (b->p) limit_alloc(s, b->p, b->capacity, 0);
  memset(b, 0, sizeof *b);
}
