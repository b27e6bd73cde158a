/* script.h - a Lua 5.1 script that runs on its own C stack.
 *
 * One `script` is one lua_State and one C stack, used for one run after another: script_start, then script_resume
 * until a status says DONE or ERROR. Nothing of the caller's is ever on the script's stack and no longjmp leaves it,
 * so a script may be suspended anywhere: inside a gsub callback, a comparator, an iterator, a coroutine. One thread at
 * a time may be inside a script; while it is suspended it may move to another.
 *
 * The files: switch.c stacks and switching; script.c a run from start to end; library.c function libraries; limits.c
 * clock, kill and memory; errors.c error objects and their texts; sandbox.c what a script sees; reply.c replies to
 * values; result.c values to a reply; numbers.c numbers to text; base.c, strings.c, patterns.c, tables.c, bits.c,
 * json_*.c, msgpack.c, packing.c, server.c the library functions that are ours. */
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
enum { ASK_CALL, ASK_PCALL, ASK_LOG, ASK_SHA1, ASK_ACL, ASK_REGISTER };

/* What a run is: a script; its compilation alone; a library's load, which reports its functions; a library's function. */
enum { RUN_SCRIPT, RUN_COMPILE, RUN_LIBRARY, RUN_FUNCTION };

enum { KILL_NOT, KILL_BY_USER, KILL_BY_LOAD_TIMEOUT };

#define ARGUMENTS_INLINE 16          /* of a call: more of them lie on the Lua heap */
#define BYTES_KEPT 65536             /* of a buffer, from one run to the next */
#define COMPILED_KEPT 256            /* scripts, and libraries, that a state keeps compiled */

/* Bytes that count against the script's memory. */
typedef struct { char *p; size_t n, capacity; } bytes;

/* A run's parameters, valid until its first switch. LuaShim.cs has the same fields. */
typedef struct {
  int64_t kind;
  const char *code;
  size_t code_size;
  const char *id;                 /* RUN_SCRIPT, RUN_COMPILE: of the code; RUN_FUNCTION: the function's name */
  size_t id_size;
  int64_t library;                /* RUN_LIBRARY, RUN_FUNCTION: id of the code */
  int64_t resp;                   /* what the client speaks */
  int64_t nkeys, nargs;           /* keys, and keys with arguments */
  const char **args;
  const size_t *lengths;
  uint64_t load_time;             /* RUN_LIBRARY: nanoseconds that it may run, 0 without limit */
} start;

typedef struct {
  int sparse_convert, sparse_ratio, sparse_safe, encode_depth, decode_depth, precision, keep_buffer;
  int encode_invalid, decode_invalid;
} json_settings;

typedef struct script {
  /* Read by the host, in this order: LuaShim.cs names the same fields. */
  int64_t ask, argc;              /* STATUS_CALL: what is asked, and its arguments until the next resume */
  const char **argv;
  size_t *argl;
  bytes out;                      /* DONE: the reply as RESP; ERROR: the message; until the next start */
  int64_t counted;                /* the error is a command's, in whose statistics it stands already */
  size_t used, limit, peak;       /* memory of the Lua heap and of buffers */
  int64_t resp, client_resp;      /* what redis.setresp chose; what the client speaks */
  volatile int64_t kill;          /* set by the host: from now on every instruction raises */

  /* The script's own. */
  lua_State *L, *current;         /* the main thread; the coroutine that runs */
  void *sp, *back;                /* saved stack pointers: the script's, the caller's */
  char *stack;
  size_t stack_size, debt, settled; /* settled: used after the last whole collection */
  unsigned ticks;
  int status, every, loading, compiling;
  uint64_t slice, deadline;       /* a slice's end, 0 until its first look at the clock */
  uint64_t look, looked;          /* what a look moves the clock by, and that clock; 0: it moves by itself */
  uint64_t load_left;             /* of a load's time, 0 when there is no limit */
  uint64_t random;
  start run;                      /* its pointers end with the first switch */
  const char *reply;              /* what a resume brought, valid until the next switch */
  size_t reply_size;
  bytes work;                     /* for functions that build bytes and run no Lua code meanwhile */
  json_settings *json;            /* of `cjson` itself, set back for each run */
  const char *few[ARGUMENTS_INLINE];
  size_t few_sizes[ARGUMENTS_INLINE];
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
void limit_depth(lua_State *L);
void *limit_alloc(void *ud, void *p, size_t old, size_t size);
void bytes_room(lua_State *L, bytes *b, size_t more);
void bytes_put(lua_State *L, bytes *b, const void *p, size_t n);
void bytes_put_byte(lua_State *L, bytes *b, int c);
void bytes_trim(script *s, bytes *b);
void bytes_free(script *s, bytes *b);

/* errors.c */
int error_push(lua_State *L, const char *text);
int error_raise(lua_State *L, const char *text);
int error_push_coded(lua_State *L, const char *p, size_t n);
int error_handler(lua_State *L);
int error_is_table(lua_State *L, int index);
void error_put(lua_State *L, script *s);
void error_put_text(lua_State *L, script *s, const char *before);
void error_finish(script *s);

/* library.c */
int library_load(lua_State *L, script *s);
int library_push_function(lua_State *L, script *s);
int library_register(lua_State *L);

/* numbers.c */
#define NUMBER_TEXT 40
size_t number_text(double value, char *text);
size_t number_integer_text(long long value, char *text);
int number_is_integer(double value);
int64_t number_to_integer(double value);
uint64_t number_to_unsigned(double value);

/* reply.c and result.c */
void reply_push(lua_State *L, const char *p, size_t n);
void result_put(lua_State *L, script *s);
int call_arguments(lua_State *L, script *s, int first);

/* What a state keeps in its registry, by number. */
enum {
  KEPT_RUN = 1, KEPT_REPORT, KEPT_HANDLER, /* functions of script.c and errors.c */
  KEPT_SCRIPT_GLOBALS, KEPT_VARIABLES,     /* what scripts see as globals; where KEYS and ARGV stand behind it */
  KEPT_FUNCTION_GLOBALS, KEPT_GLOBALS,     /* what libraries see as globals; what stands behind it */
  KEPT_LOAD_GLOBALS,                       /* what stands there while one is loaded */
  KEPT_CHUNKS, KEPT_LIBRARIES,             /* what is compiled, by id; the number of entries at its end */
  KEPT_LOADING,                            /* the functions of the library that is loaded */
  KEPT_NO_KEYS, KEPT_NO_ARGUMENTS          /* empty tables, used again while they are */
};

/* sandbox.c and the libraries */
void sandbox_open(lua_State *L);
void sandbox_show_load(lua_State *L, int loading);
void sandbox_refuse_locked(lua_State *L, int index);
int sandbox_no_global(lua_State *L);
void sandbox_lock(lua_State *L);
int base_compile(lua_State *L, const char *p, size_t n, const char *name);
void base_open(lua_State *L);
void strings_open(lua_State *L);
void tables_open(lua_State *L);
void bits_open(lua_State *L);
void json_open(lua_State *L);
void json_reset(json_settings *settings);
void msgpack_open(lua_State *L);
void packing_open(lua_State *L);
void math_open(lua_State *L);
enum { SERVER_FOR_FUNCTIONS, SERVER_FOR_SCRIPTS, SERVER_FOR_LOADS };
void server_push(lua_State *L, int where);

#endif
