/* result.c - a script's result to a reply, and a call's arguments for the host.
 *
 * It walks trees that a script may make deep or, with one table in many places, exponentially large: where the Lua stack
 * is full there is an error in place of the value, the clock is looked at, and the reply counts against the memory. */
#include "script.h"
#include <math.h>
#include <string.h>

static void put_any(lua_State *L, script *s);

static void put_text(lua_State *L, script *s, const char *text) { bytes_put(L, &s->out, text, strlen(text)); }

static void put_length(lua_State *L, script *s, char type, long long n) {
  char head[32];
  size_t size;
  head[0] = type;
  size = 1 + number_integer_text(n, head + 1);
  head[size++] = '\r';
  head[size++] = '\n';
  bytes_put(L, &s->out, head, size);
}

static void put_bulk(lua_State *L, script *s, const char *p, size_t n) {
  bytes_room(L, &s->out, n + 32);
  put_length(L, s, '$', (long long)n);
  bytes_put(L, &s->out, p, n);
  put_text(L, s, "\r\n");
}

/* A line may not hold what ends a line. */
static void put_line(lua_State *L, script *s, const char *p, size_t n) {
  size_t i = s->out.n;
  bytes_put(L, &s->out, p, n);
  for (; i < s->out.n; i++)
    if (s->out.p[i] == '\r' || s->out.p[i] == '\n') s->out.p[i] = ' ';
  put_text(L, s, "\r\n");
}

static void put_typed_line(lua_State *L, script *s, char type, const char *p, size_t n) {
  bytes_put_byte(L, &s->out, type);
  put_line(L, s, p, n);
}

/* In RESP2 a string. */
static void put_number_line(lua_State *L, script *s, char type, const char *p, size_t n) {
  if (s->client_resp == 3) bytes_put_byte(L, &s->out, type);
  else put_length(L, s, '$', (long long)n);
  put_line(L, s, p, n);
}

static void put_null(lua_State *L, script *s) { put_text(L, s, s->client_resp == 3 ? "_\r\n" : "$-1\r\n"); }

/* The table's field if it has that type: on the stack then. */
static int field(lua_State *L, const char *name, int type) {
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  if (lua_type(L, -1) == type) return 1;
  lua_pop(L, 1);
  return 0;
}

static void put_double(lua_State *L, script *s) {
  char text[NUMBER_TEXT];
  double value = lua_tonumber(L, -1);
  if (value == 0 && signbit(value)) put_number_line(L, s, ',', "-0", 2);
  else if (isnan(value)) put_number_line(L, s, ',', "nan", 3);
  else put_number_line(L, s, ',', text, number_text(value, text));
}

/* Counted before it is written: lengths come first. */
static void put_keyed(lua_State *L, script *s, int with_values) {
  long long n = 0;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    n++;
    limit_tick(L, 1023);
  }
  if (s->client_resp == 3) put_length(L, s, with_values ? '%' : '~', n);
  else put_length(L, s, '*', with_values ? 2 * n : n);
  for (lua_pushnil(L); lua_next(L, -2);) {
    if (!with_values) lua_pop(L, 1);
    lua_pushvalue(L, with_values ? -2 : -1);
    put_any(L, s);
    if (with_values) put_any(L, s);
  }
}

/* The format's first three bytes. */
static void put_verbatim_head(lua_State *L, script *s, const char *format, size_t n) {
  char kind[4] = "   :";
  size_t i;
  for (i = 0; i < 3 && i < strlen(format); i++) kind[i] = format[i];
  put_length(L, s, '=', (long long)n + 4);
  bytes_put(L, &s->out, kind, 4);
}

/* The table on top, if it has both fields. */
static int put_verbatim(lua_State *L, script *s) {
  const char *p;
  size_t n;
  if (!field(L, "string", LUA_TSTRING)) return 0;
  lua_insert(L, -2);
  if (!field(L, "format", LUA_TSTRING)) {
    lua_remove(L, -2);
    return 0;
  }
  p = lua_tolstring(L, -3, &n);
  if (s->client_resp == 3) {
    put_verbatim_head(L, s, lua_tostring(L, -1), n);
    bytes_put(L, &s->out, p, n);
    put_text(L, s, "\r\n");
  } else {
    put_bulk(L, s, p, n);
  }
  lua_remove(L, -3);
  lua_pop(L, 1);
  return 1;
}

static void put_array(lua_State *L, script *s) {
  int i, n = 0;
  for (;; n++) {
    int end;
    lua_rawgeti(L, -1, n + 1);
    end = lua_isnil(L, -1);
    lua_pop(L, 1);
    if (end) break;
    limit_tick(L, 1023);
  }
  put_length(L, s, '*', n);
  for (i = 1; i <= n; i++) {
    lua_rawgeti(L, -1, i);
    put_any(L, s);
  }
}

/* What is written as a line, which as in Valkey ends at a NUL: returns 0 when the table is nothing such. */
static int put_marked(lua_State *L, script *s) {
  const char *p;
  size_t n;
  if (field(L, "err", LUA_TSTRING)) {
    p = lua_tostring(L, -1);
    n = strlen(p);
    while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == '\n')) n--;
    put_typed_line(L, s, '-', p, n);
    lua_pop(L, 1);
    lua_pushliteral(L, "ignore_error_stats_update");
    lua_rawget(L, -2);
    s->counted = lua_isboolean(L, -1) && lua_toboolean(L, -1);
  } else if (field(L, "ok", LUA_TSTRING)) {
    p = lua_tostring(L, -1);
    put_typed_line(L, s, '+', p, strlen(p));
  } else if (field(L, "double", LUA_TNUMBER)) {
    put_double(L, s);
  } else if (field(L, "big_number", LUA_TSTRING)) {
    p = lua_tostring(L, -1);
    put_number_line(L, s, '(', p, strlen(p));
  } else {
    return 0;
  }
  lua_pop(L, 1);
  return 1;
}

static void put_table(lua_State *L, script *s) {
  if (put_marked(L, s)) return;
  if (field(L, "verbatim_string", LUA_TTABLE)) {
    int done = put_verbatim(L, s);
    lua_pop(L, 1);
    if (done) return;
  }
  if (field(L, "map", LUA_TTABLE)) {
    put_keyed(L, s, 1);
    lua_pop(L, 1);
  } else if (field(L, "set", LUA_TTABLE)) {
    put_keyed(L, s, 0);
    lua_pop(L, 1);
  } else {
    put_array(L, s);
  }
}

/* With setresp(3) a script's booleans are the protocol's, which RESP2 writes as numbers. */
static void put_boolean(lua_State *L, script *s, int value) {
  if (s->resp == 3 && s->client_resp == 3) put_text(L, s, value ? "#t\r\n" : "#f\r\n");
  else if (s->resp == 3 || value) put_text(L, s, value ? ":1\r\n" : ":0\r\n");
  else put_null(L, s);
}

static void put_any(lua_State *L, script *s) {
  const char *p;
  size_t n;
  limit_tick(L, 1023);
  if (!lua_checkstack(L, 4)) {
    put_text(L, s, "-ERR reached lua stack limit\r\n");
    lua_pop(L, 1);
    return;
  }
  limit_depth(L);
  switch (lua_type(L, -1)) {
    case LUA_TSTRING:
      p = lua_tolstring(L, -1, &n);
      put_bulk(L, s, p, n);
      break;
    case LUA_TNUMBER: put_length(L, s, ':', number_to_integer(lua_tonumber(L, -1))); break;
    case LUA_TBOOLEAN: put_boolean(L, s, lua_toboolean(L, -1)); break;
    case LUA_TTABLE: put_table(L, s); break;
    default: put_null(L, s);
  }
  lua_pop(L, 1);
}

/* The value on top. */
void result_put(lua_State *L, script *s) {
  s->out.n = 0;
  put_any(L, s);
}

/* Strings and numbers from `first` on, as the host reads them; 0 when there is another value among them. What the strings
 * are lies on the Lua stack, the array too when it is long. */
int call_arguments(lua_State *L, script *s, int first) {
  int i, top = lua_gettop(L), n = top - first + 1;
  char text[NUMBER_TEXT];
  for (i = first; i <= top; i++) {
    int type = lua_type(L, i);
    if (type == LUA_TSTRING) continue;
    if (type != LUA_TNUMBER) return 0;
    lua_pushlstring(L, text, number_text(lua_tonumber(L, i), text));
    lua_replace(L, i);
  }
  s->argv = s->few;
  s->argl = s->few_sizes;
  if (n > ARGUMENTS_INLINE) {
    s->argv = lua_newuserdata(L, (size_t)n * (sizeof *s->argv + sizeof *s->argl));
    s->argl = (size_t *)(s->argv + n);
  }
  for (i = 0; i < n; i++) s->argv[i] = lua_tolstring(L, first + i, &s->argl[i]);
  s->argc = n;
  return 1;
}
