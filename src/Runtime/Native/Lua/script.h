/* script.h - a Lua 5.1 script that runs on its own C stack.
 *
 * One `script` is one lua_State and one C stack, used for one run after another: script_start, then script_resume
 * until a status says DONE or ERROR. Nothing of the caller's is ever on the script's stack and no longjmp leaves it,
 * so a script may be suspended anywhere: inside a gsub callback, a comparator, an iterator, a coroutine. One thread at
 * a time may be inside a script; while it is suspended it may move to another.
 *
 * The files: switch.c stacks and switching; script.c a run from start to end; limits.c clock, kill and memory;
 * sandbox.c what a script sees; base.c, strings.c, patterns.c, tables.c, bits.c the library functions that are ours;
 * values.c replies to values and back. */
#ifndef ANAX_SCRIPT_H
#define ANAX_SCRIPT_H

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stddef.h>
#include <stdint.h>
#include <ucontext.h>

enum { STATUS_DONE, STATUS_ERROR, STATUS_CALL, STATUS_YIELD };

/* What a suspended script asks for (STATUS_CALL). */
enum { ASK_CALL, ASK_PCALL, ASK_LOG, ASK_SHA1, ASK_ACL };

/* Bytes that count against the script's memory. */
typedef struct { char *p; size_t n, capacity; } bytes;

typedef struct script {
  /* Read by the host, in this order: LuaScript.cs names the same fields. */
  int64_t ask, argc;              /* STATUS_CALL: what is asked, and its arguments until the next resume */
  const char **argv;
  size_t *argl;
  bytes out;                      /* DONE: the reply as RESP; ERROR: the message; until the next start */
  const char *source;             /* ERROR: where, or an empty string; line as text */
  int64_t line;
  size_t used, limit, peak;       /* memory of the Lua heap and of buffers */
  int64_t resp, client_resp;      /* what redis.setresp chose; what the client speaks */
  volatile int64_t kill;          /* set by the host: from now on every instruction raises */

  /* The script's own. */
  lua_State *L, *current;         /* the main thread; the coroutine that runs */
  void *sp, *back;                /* saved stack pointers: the script's, the caller's */
  char *stack;
  size_t stack_size, debt;
  unsigned ticks;
  int status, every;
  uint64_t slice, deadline;       /* a slice's end, 0 until its first look at the clock */
  uint64_t random;
  const char *chunk, *id;         /* the start's parameters, valid until its first switch */
  size_t chunk_size, id_size;
  int64_t nkeys, nargs;
  const char **args;
  const size_t *lengths;
  const char *reply;              /* what a resume brought, valid until the next switch */
  size_t reply_size;
  bytes work;                     /* for functions that build bytes and run no Lua code meanwhile */
  char source_text[64];
  ucontext_t own_context, back_context;
} script;

/* switch.c */
int stack_make(script *s, size_t size, void (*entry)(script *));
void stack_free(script *s);
int stack_enter(script *s);
void stack_suspend(script *s, int status);

/* limits.c */
script *script_of(lua_State *L);
void limit_check(lua_State *L);
void limit_tick(lua_State *L, unsigned mask);
void limit_hook(lua_State *L);
int limit_die(lua_State *L);
void *limit_alloc(void *ud, void *p, size_t old, size_t size);
void bytes_room(lua_State *L, bytes *b, size_t more);
void bytes_put(lua_State *L, bytes *b, const void *p, size_t n);
void bytes_free(script *s, bytes *b);

/* values.c */
void value_push_reply(lua_State *L, const char *p, size_t n);
void value_put(lua_State *L, script *s);
int value_arguments(lua_State *L, script *s, int first);
int value_is_error(lua_State *L, int index);

/* sandbox.c and the libraries */
int sandbox_open(lua_State *L);
void sandbox_refuse_locked(lua_State *L, int index);
int sandbox_is_locked(lua_State *L, int index);
void sandbox_set_global(lua_State *L, const char *name);
int base_compile(lua_State *L, const char *p, size_t n, const char *name);
void base_open(lua_State *L);
void strings_open(lua_State *L);
void tables_open(lua_State *L);
void bits_open(lua_State *L);
void server_open(lua_State *L);

#endif
