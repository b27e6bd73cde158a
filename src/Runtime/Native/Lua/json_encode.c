/* json_encode.c - values to JSON.
 *
 * Tables are read past their metamethods, so no Lua code runs and the run's buffer serves. A table with whole positive
 * keys alone is an array, up to a sparseness that is set; any other an object. */
#include "json.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  lua_State *L;
  bytes *out;
  const json_settings *settings;
  int depth;
} encoder;

static void put_value(encoder *e);

static void put_text(encoder *e, const char *text) { bytes_put(e->L, e->out, text, strlen(text)); }

static void refuse(encoder *e, int index, const char *reason) {
  luaL_error(e->L, "Cannot serialise %s: %s", lua_typename(e->L, lua_type(e->L, index)), reason);
}

static void put_escaped(encoder *e, unsigned char c) {
  static const char named[] = "btn\0fr"; /* 8 to 13; 11 has no letter */
  char text[8];
  if (c == '"' || c == '\\' || c == '/') snprintf(text, sizeof text, "\\%c", c);
  else if (c >= 8 && c <= 13 && c != 11) snprintf(text, sizeof text, "\\%c", named[c - 8]);
  else snprintf(text, sizeof text, "\\u%04x", c);
  put_text(e, text);
}

static int is_plain(unsigned char c) { return c >= 32 && c != '"' && c != '\\' && c != '/' && c != 127; }

static void put_string(encoder *e, int index) {
  size_t n, i = 0, from;
  const char *p = lua_tolstring(e->L, index, &n);
  bytes_room(e->L, e->out, n + 2);
  bytes_put_byte(e->L, e->out, '"');
  while (i < n) {
    for (from = i; i < n && i - from < 65536 && is_plain((unsigned char)p[i]); i++) {}
    bytes_put(e->L, e->out, p + from, i - from);
    if (i < n && !is_plain((unsigned char)p[i])) put_escaped(e, (unsigned char)p[i++]);
    limit_tick(e->L, 255);
  }
  bytes_put_byte(e->L, e->out, '"');
}

static void put_number(encoder *e, int index) {
  double value = lua_tonumber(e->L, index);
  int precision = e->settings->precision, invalid = e->settings->encode_invalid;
  char text[NUMBER_TEXT];
  if (!isfinite(value)) {
    if (invalid == 0) refuse(e, index, "must not be NaN or Inf");
    if (invalid == 2) put_text(e, "null");
    else put_text(e, isnan(value) ? "nan" : value > 0 ? "inf" : "-inf");
  } else if (precision == 14 && fabs(value) < 1e14 && floor(value) == value && !(value == 0 && signbit(value))) {
    bytes_put(e->L, e->out, text, number_integer_text((int64_t)value, text));
  } else {
    bytes_put(e->L, e->out, text, (size_t)snprintf(text, sizeof text, "%.*g", precision, value));
  }
}

/* The number of elements of the array on top, -1 when the table is an object. */
static int array_length(encoder *e) {
  const json_settings *settings = e->settings;
  double most = 0, items = 0, key;
  for (lua_pushnil(e->L); lua_next(e->L, -2);) {
    lua_pop(e->L, 1);
    limit_tick(e->L, 1023);
    key = lua_type(e->L, -1) == LUA_TNUMBER ? lua_tonumber(e->L, -1) : 0;
    if (key < 1 || floor(key) != key) {
      lua_pop(e->L, 1);
      return -1;
    }
    if (key > most) most = key;
    items++;
  }
  if (settings->sparse_ratio > 0 && most > items * settings->sparse_ratio && most > settings->sparse_safe) {
    if (!settings->sparse_convert) refuse(e, -1, "excessively sparse array");
    return -1;
  }
  if (most > INT_MAX - 1) refuse(e, -1, "excessively sparse array");
  return (int)most;
}

static void put_array(encoder *e, int n) {
  int i;
  bytes_put_byte(e->L, e->out, '[');
  for (i = 1; i <= n; i++) {
    if (i > 1) bytes_put_byte(e->L, e->out, ',');
    lua_rawgeti(e->L, -1, i);
    put_value(e);
    lua_pop(e->L, 1);
  }
  bytes_put_byte(e->L, e->out, ']');
}

static void put_key(encoder *e) {
  switch (lua_type(e->L, -2)) {
    case LUA_TSTRING: put_string(e, -2); break;
    case LUA_TNUMBER:
      bytes_put_byte(e->L, e->out, '"');
      put_number(e, -2);
      bytes_put_byte(e->L, e->out, '"');
      break;
    default: refuse(e, -2, "table key must be a number or string");
  }
  bytes_put_byte(e->L, e->out, ':');
}

static void put_object(encoder *e) {
  int first = 1;
  bytes_put_byte(e->L, e->out, '{');
  for (lua_pushnil(e->L); lua_next(e->L, -2); lua_pop(e->L, 1)) {
    if (!first) bytes_put_byte(e->L, e->out, ',');
    first = 0;
    put_key(e);
    put_value(e);
  }
  bytes_put_byte(e->L, e->out, '}');
}

static void put_table(encoder *e) {
  int n;
  if (++e->depth > e->settings->encode_depth || !lua_checkstack(e->L, 4))
    luaL_error(e->L, "Cannot serialise, excessive nesting (%d)", e->depth);
  limit_depth(e->L);
  n = array_length(e);
  if (n > 0) put_array(e, n);
  else put_object(e);
  e->depth--;
}

static void put_value(encoder *e) {
  limit_tick(e->L, 1023);
  switch (lua_type(e->L, -1)) {
    case LUA_TSTRING: put_string(e, -1); break;
    case LUA_TNUMBER: put_number(e, -1); break;
    case LUA_TBOOLEAN: put_text(e, lua_toboolean(e->L, -1) ? "true" : "false"); break;
    case LUA_TTABLE: put_table(e); break;
    case LUA_TNIL: put_text(e, "null"); break;
    default:
      if (lua_type(e->L, -1) != LUA_TLIGHTUSERDATA || lua_touserdata(e->L, -1)) refuse(e, -1, "type not supported");
      put_text(e, "null");
  }
}

int json_encode(lua_State *L) {
  script *s = script_of(L);
  encoder e = {L, &s->work, lua_touserdata(L, lua_upvalueindex(1)), 0};
  luaL_argcheck(L, lua_gettop(L) == 1, 1, "expected 1 argument");
  bytes_trim(s, &s->work);
  put_value(&e);
  lua_pushlstring(L, s->work.p, s->work.n);
  bytes_trim(s, &s->work);
  return 1;
}
