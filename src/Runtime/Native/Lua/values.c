/* values.c - replies of commands to Lua values, and a script's result to a reply.
 *
 * Both walk trees that a script may make deep or, with one table in many places, exponentially large: depth is limited,
 * the clock is looked at, and the reply counts against the script's memory. */
#include "script.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEEPEST 100

typedef struct { const char *p, *end; } reader;

static void push_value(lua_State *L, reader *r, int depth);

static int broken(lua_State *L) { return luaL_error(L, "broken reply of a command"); }

/* The rest of a line; the reader stands behind it. */
static const char *line(lua_State *L, reader *r, size_t *n) {
  const char *p = r->p, *end = memchr(p, '\r', (size_t)(r->end - p));
  if (!end || end + 1 >= r->end) broken(L);
  *n = (size_t)(end - p);
  r->p = end + 2;
  return p;
}

static long long number(lua_State *L, reader *r) {
  size_t n;
  return strtoll(line(L, r, &n), NULL, 10);
}

static const char *bulk(lua_State *L, reader *r, long long n) {
  const char *p = r->p;
  if (n < 0 || r->end - p < n + 2) broken(L);
  r->p += n + 2;
  return p;
}

static void push_field_line(lua_State *L, reader *r, const char *field) {
  size_t n;
  const char *p = line(L, r, &n);
  lua_createtable(L, 0, 1);
  lua_pushlstring(L, p, n);
  lua_setfield(L, -2, field);
}

/* An error reply, raised or not, is a table that says that the command has counted it already. */
static void push_error(lua_State *L, reader *r) {
  push_field_line(L, r, "err");
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "ignore_error_stats_update");
}

static void push_array(lua_State *L, reader *r, int depth) {
  long long i, n = number(L, r);
  if (n < 0) {
    lua_pushboolean(L, 0);
    return;
  }
  if (n > INT_MAX / 2) broken(L);
  lua_createtable(L, (int)n, 0);
  for (i = 1; i <= n; i++) {
    push_value(L, r, depth + 1);
    lua_rawseti(L, -2, (int)i);
  }
}

/* {map = {key = value}} or {set = {member = true}}. */
static void push_keyed(lua_State *L, reader *r, int depth, const char *field, int has_values) {
  long long n = number(L, r);
  if (n < 0 || n > INT_MAX / 4) broken(L);
  lua_createtable(L, 0, 1);
  lua_createtable(L, 0, (int)n);
  for (; n > 0; n--) {
    push_value(L, r, depth + 1);
    if (lua_isnil(L, -1)) luaL_error(L, "broken reply of a command");
    if (has_values) push_value(L, r, depth + 1);
    else lua_pushboolean(L, 1);
    lua_rawset(L, -3);
  }
  lua_setfield(L, -2, field);
}

static void push_verbatim(lua_State *L, reader *r) {
  long long n = number(L, r);
  const char *p = bulk(L, r, n);
  if (n < 4) broken(L);
  lua_createtable(L, 0, 1);
  lua_createtable(L, 0, 2);
  lua_pushlstring(L, p + 4, (size_t)n - 4);
  lua_setfield(L, -2, "string");
  lua_pushlstring(L, p, 3);
  lua_setfield(L, -2, "format");
  lua_setfield(L, -2, "verbatim_string");
}

static void push_double(lua_State *L, reader *r) {
  size_t n;
  const char *p = line(L, r, &n);
  lua_createtable(L, 0, 1);
  lua_pushnumber(L, strtod(p, NULL));
  lua_setfield(L, -2, "double");
}

static void push_value(lua_State *L, reader *r, int depth) {
  long long n;
  if (depth > DEEPEST || r->p >= r->end) broken(L);
  luaL_checkstack(L, 6, "reply of a command");
  limit_tick(L, 1023);
  switch (*r->p++) {
    case '+': push_field_line(L, r, "ok"); break;
    case '-': push_error(L, r); break;
    case ':': lua_pushnumber(L, (lua_Number)number(L, r)); break;
    case '$':
      n = number(L, r);
      if (n < 0) lua_pushboolean(L, 0);
      else lua_pushlstring(L, bulk(L, r, n), (size_t)n);
      break;
    case '*': case '>': push_array(L, r, depth); break;
    case '_': line(L, r, (size_t *)&n); lua_pushnil(L); break;
    case '#': lua_pushboolean(L, *line(L, r, (size_t *)&n) == 't'); break;
    case ',': push_double(L, r); break;
    case '(': push_field_line(L, r, "big_number"); break;
    case '=': push_verbatim(L, r); break;
    case '%': push_keyed(L, r, depth, "map", 1); break;
    case '~': push_keyed(L, r, depth, "set", 0); break;
    default: broken(L);
  }
}

/* The bytes are the host's and end with the next switch, but the clock is looked at in between: so a copy first. */
void value_push_reply(lua_State *L, const char *p, size_t n) {
  script *s = script_of(L);
  reader r;
  s->deadline = UINT64_MAX; /* the copy may not be suspended */
  s->work.n = 0;
  bytes_put(L, &s->work, p, n);
  s->deadline = 0;
  r.p = s->work.p;
  r.end = s->work.p + n;
  push_value(L, &r, 0);
}

/* Pushes the error's text and returns 1 when the value is a table with a string `err`. */
int value_is_error(lua_State *L, int index) {
  if (!lua_istable(L, index)) return 0;
  lua_pushvalue(L, index);
  lua_pushliteral(L, "err");
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (lua_type(L, -1) == LUA_TSTRING) return 1;
  lua_pop(L, 1);
  return 0;
}

static void put_text(lua_State *L, script *s, const char *text) { bytes_put(L, &s->out, text, strlen(text)); }

static void put_length(lua_State *L, script *s, char type, long long n) {
  char head[32];
  bytes_put(L, &s->out, head, (size_t)snprintf(head, sizeof head, "%c%lld\r\n", type, n));
}

static void put_bulk(lua_State *L, script *s, const char *p, size_t n) {
  put_length(L, s, '$', (long long)n);
  bytes_put(L, &s->out, p, n);
  put_text(L, s, "\r\n");
}

/* A line may not hold what ends a line. */
static void put_line(lua_State *L, script *s, char type, const char *p, size_t n) {
  size_t i, start;
  bytes_put(L, &s->out, &type, 1);
  start = s->out.n;
  bytes_put(L, &s->out, p, n);
  for (i = start; i < s->out.n; i++)
    if (s->out.p[i] == '\r' || s->out.p[i] == '\n') s->out.p[i] = ' ';
  put_text(L, s, "\r\n");
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

static void put_any(lua_State *L, script *s, int depth);

static void put_double(lua_State *L, script *s) {
  char text[64];
  double value = lua_tonumber(L, -1);
  int precision = 15, n = 0;
  if (isnan(value)) n = snprintf(text, sizeof text, "nan");
  else if (isinf(value)) n = snprintf(text, sizeof text, value > 0 ? "inf" : "-inf");
  else
    do n = snprintf(text, sizeof text, "%.*g", precision, value);
    while (strtod(text, NULL) != value && ++precision <= 17);
  if (s->client_resp == 3) put_line(L, s, ',', text, (size_t)n);
  else put_bulk(L, s, text, (size_t)n);
}

/* Counted before it is written: lengths come first. */
static void put_keyed(lua_State *L, script *s, int depth, int with_values) {
  long long n = 0;
  for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
    n++;
    limit_tick(L, 1023);
  }
  if (s->client_resp == 3) put_length(L, s, with_values ? '%' : '~', n);
  else put_length(L, s, '*', with_values ? 2 * n : n);
  for (lua_pushnil(L); lua_next(L, -2);) {
    lua_pushvalue(L, -2);
    put_any(L, s, depth + 1);
    if (with_values) put_any(L, s, depth + 1);
    else lua_pop(L, 1);
  }
  lua_pop(L, 1);
}

static int put_verbatim(lua_State *L, script *s) {
  const char *p, *format;
  size_t n, format_size;
  if (!field(L, "string", LUA_TSTRING)) return 0;
  lua_insert(L, -2);
  if (!field(L, "format", LUA_TSTRING)) {
    lua_remove(L, -2);
    return 0;
  }
  p = lua_tolstring(L, -3, &n);
  format = lua_tolstring(L, -1, &format_size);
  if (s->client_resp == 3) {
    char kind[4] = "txt:";
    memcpy(kind, format, format_size < 3 ? format_size : 3);
    put_length(L, s, '=', (long long)n + 4);
    bytes_put(L, &s->out, kind, 4);
    bytes_put(L, &s->out, p, n);
    put_text(L, s, "\r\n");
  } else {
    put_bulk(L, s, p, n);
  }
  lua_pop(L, 3);
  return 1;
}

static void put_array(lua_State *L, script *s, int depth) {
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
    put_any(L, s, depth + 1);
  }
}

static void put_table(lua_State *L, script *s, int depth) {
  const char *p;
  size_t n;
  if (field(L, "err", LUA_TSTRING)) {
    p = lua_tolstring(L, -1, &n);
    put_line(L, s, '-', p, n);
    lua_pop(L, 1);
  } else if (field(L, "ok", LUA_TSTRING)) {
    p = lua_tolstring(L, -1, &n);
    put_line(L, s, '+', p, n);
    lua_pop(L, 1);
  } else if (field(L, "double", LUA_TNUMBER)) {
    put_double(L, s);
    lua_pop(L, 1);
  } else if (field(L, "big_number", LUA_TSTRING)) {
    p = lua_tolstring(L, -1, &n);
    if (s->client_resp == 3) put_line(L, s, '(', p, n);
    else put_bulk(L, s, p, n);
    lua_pop(L, 1);
  } else if (field(L, "verbatim_string", LUA_TTABLE)) {
    if (!put_verbatim(L, s)) {
      lua_pop(L, 1);
      put_array(L, s, depth);
    }
  } else if (field(L, "map", LUA_TTABLE)) {
    put_keyed(L, s, depth, 1);
  } else if (field(L, "set", LUA_TTABLE)) {
    put_keyed(L, s, depth, 0);
  } else {
    put_array(L, s, depth);
  }
}

static void put_any(lua_State *L, script *s, int depth) {
  const char *p;
  size_t n;
  if (depth > DEEPEST) luaL_error(L, "reached lua stack limit");
  luaL_checkstack(L, 8, "reply");
  limit_tick(L, 1023);
  switch (lua_type(L, -1)) {
    case LUA_TSTRING:
      p = lua_tolstring(L, -1, &n);
      put_bulk(L, s, p, n);
      break;
    case LUA_TNUMBER: put_length(L, s, ':', (long long)lua_tonumber(L, -1)); break;
    case LUA_TBOOLEAN:
      if (s->resp == 3 && s->client_resp == 3) put_text(L, s, lua_toboolean(L, -1) ? "#t\r\n" : "#f\r\n");
      else if (lua_toboolean(L, -1)) put_text(L, s, ":1\r\n");
      else put_null(L, s);
      break;
    case LUA_TTABLE: put_table(L, s, depth); break;
    default: put_null(L, s);
  }
  lua_pop(L, 1);
}

void value_put(lua_State *L, script *s) { put_any(L, s, 0); }

/* Numbers as Redis writes them: whole ones without a fraction, others with what is needed to read them back. */
static void push_number_text(lua_State *L, double value) {
  char text[64];
  int precision = 15;
  if (value > -9e18 && value < 9e18 && value == (double)(long long)value) {
    snprintf(text, sizeof text, "%lld", (long long)value);
  } else {
    do snprintf(text, sizeof text, "%.*g", precision, value);
    while (strtod(text, NULL) != value && ++precision <= 17);
  }
  lua_pushstring(L, text);
}

/* Strings and numbers from `first` on, as the host reads them; 0 when there is another value among them. The array lies
 * on the Lua stack, as what the strings are. */
int value_arguments(lua_State *L, script *s, int first) {
  int i, top = lua_gettop(L), n = top - first + 1;
  for (i = first; i <= top; i++) {
    int type = lua_type(L, i);
    if (type != LUA_TSTRING && type != LUA_TNUMBER) return 0;
    if (type == LUA_TNUMBER) {
      push_number_text(L, lua_tonumber(L, i));
      lua_replace(L, i);
    }
  }
  s->argv = lua_newuserdata(L, (size_t)n * (sizeof *s->argv + sizeof *s->argl));
  s->argl = (size_t *)(s->argv + n);
  for (i = 0; i < n; i++) s->argv[i] = lua_tolstring(L, first + i, &s->argl[i]);
  s->argc = n;
  return 1;
}
