/* reply.c - a command's reply, RESP2 or RESP3, to a value. */
#include "script.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

typedef struct { const char *p, *end; } reader;

static void push_value(lua_State *L, reader *r);

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
  size_t n, i = 0;
  const char *p = line(L, r, &n);
  unsigned long long value = 0;
  int negative = n > 0 && *p == '-';
  for (i = (size_t)negative; i < n; i++) {
    if (p[i] < '0' || p[i] > '9') broken(L);
    value = value * 10 + (unsigned)(p[i] - '0');
  }
  return (long long)(negative ? 0 - value : value);
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

/* Raised or not, the object says that the command has counted the error. */
static void push_error(lua_State *L, reader *r) {
  size_t n;
  const char *p = line(L, r, &n);
  error_push_coded(L, p, n);
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "ignore_error_stats_update");
}

static void push_array(lua_State *L, reader *r) {
  long long i, n = number(L, r);
  if (n < 0) {
    lua_pushboolean(L, 0);
    return;
  }
  if (n > INT_MAX / 2) broken(L);
  lua_createtable(L, (int)n, 0);
  for (i = 1; i <= n; i++) {
    push_value(L, r);
    lua_rawseti(L, -2, (int)i);
  }
}

/* {map = {key = value}} or {set = {member = true}}. */
static void push_keyed(lua_State *L, reader *r, const char *field, int has_values) {
  long long n = number(L, r);
  if (n < 0 || n > INT_MAX / 4) broken(L);
  lua_createtable(L, 0, 1);
  lua_createtable(L, 0, (int)n);
  for (; n > 0; n--) {
    push_value(L, r);
    if (has_values) push_value(L, r);
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

static void push_bulk(lua_State *L, reader *r) {
  long long n = number(L, r);
  if (n < 0) lua_pushboolean(L, 0);
  else lua_pushlstring(L, bulk(L, r, n), (size_t)n);
}

/* What holds no values. */
static void push_simple(lua_State *L, reader *r, char type) {
  size_t n;
  switch (type) {
    case '+': push_field_line(L, r, "ok"); break;
    case '-': push_error(L, r); break;
    case ':': lua_pushnumber(L, (lua_Number)number(L, r)); break;
    case '$': push_bulk(L, r); break;
    case '_': line(L, r, &n); lua_pushnil(L); break;
    case '#': lua_pushboolean(L, *line(L, r, &n) == 't'); break;
    case ',': push_double(L, r); break;
    case '(': push_field_line(L, r, "big_number"); break;
    case '=': push_verbatim(L, r); break;
    default: broken(L);
  }
}

/* What a reply says beside its value is not for scripts. */
static void skip_attribute(lua_State *L, reader *r) {
  long long n = number(L, r);
  if (n < 0 || n > INT_MAX / 4) broken(L);
  for (n *= 2; n > 0; n--) {
    push_value(L, r);
    lua_pop(L, 1);
  }
}

static void push_value(lua_State *L, reader *r) {
  if (r->p >= r->end) broken(L);
  limit_depth(L);
  luaL_checkstack(L, 6, "reply of a command");
  limit_tick(L, 1023);
  switch (*r->p++) {
    case '*': case '>': push_array(L, r); break;
    case '%': push_keyed(L, r, "map", 1); break;
    case '~': push_keyed(L, r, "set", 0); break;
    case '|': skip_attribute(L, r); push_value(L, r); break;
    default: push_simple(L, r, r->p[-1]);
  }
}

/* The bytes are the host's and end with the next switch. Nothing looks at the clock while a simple reply is read, so it
 * is read where it lies; what holds values may take a while and is copied first. */
void reply_push(lua_State *L, const char *p, size_t n) {
  script *s = script_of(L);
  reader r = {p, p + n};
  luaL_checkstack(L, 6, "reply of a command");
  if (n == 0) broken(L);
  if (!strchr("*>%~|", *p)) {
    r.p++;
    push_simple(L, &r, *p);
    return;
  }
  s->deadline = UINT64_MAX; /* the copy may not be suspended */
  bytes_trim(s, &s->work);
  bytes_put(L, &s->work, p, n);
  s->deadline = 0;
  r.p = s->work.p;
  r.end = s->work.p + n;
  push_value(L, &r);
}
