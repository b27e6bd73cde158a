/* json_decode.c - JSON to values. The text ends with its first zero byte, which every Lua string has behind it. */
#include "json.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum {
  T_OBJ_BEGIN, T_OBJ_END, T_ARR_BEGIN, T_ARR_END, T_STRING, T_NUMBER, T_BOOLEAN, T_NULL, T_COLON, T_COMMA, T_END, T_ERROR
} kind;

/* As errors name them; an error names itself. */
static const char *const kind_names[] = {"T_OBJ_BEGIN", "T_OBJ_END", "T_ARR_BEGIN", "T_ARR_END", "T_STRING", "T_NUMBER",
                                         "T_BOOLEAN", "T_NULL", "T_COLON", "T_COMMA", "T_END"};

typedef struct {
  lua_State *L;
  script *s;
  const json_settings *settings;
  const char *text, *p;
  int depth;
  /* The token last read. */
  kind token;
  const char *place, *wrong; /* where it is; T_ERROR: what is wrong */
  const char *string;        /* T_STRING: in the text, or in the run's buffer until the next token */
  size_t size;
  double number;             /* T_NUMBER, T_BOOLEAN */
} decoder;

static void push_value(decoder *d);

static void set_wrong(decoder *d, const char *wrong) {
  d->token = T_ERROR;
  d->place = d->p;
  d->wrong = wrong;
}

static int four_digits(const char *p) {
  int i, value = 0;
  for (i = 0; i < 4; i++) {
    int c = p[i] | 0x20, digit = p[i] >= '0' && p[i] <= '9' ? p[i] - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    if (digit < 0) return -1;
    value = value << 4 | digit;
  }
  return value;
}

/* The code point at \uXXXX, which may be two of them; -1 when it is none. */
static int code_point(decoder *d) {
  int high = four_digits(d->p + 2), low;
  if (high < 0) return -1;
  if ((high & 0xf800) != 0xd800) {
    d->p += 6;
    return high;
  }
  if (high & 0x400 || d->p[6] != '\\' || d->p[7] != 'u') return -1;
  low = four_digits(d->p + 8);
  if (low < 0 || (low & 0xfc00) != 0xdc00) return -1;
  d->p += 12;
  return ((high & 0x3ff) << 10 | (low & 0x3ff)) + 0x10000;
}

static void put_utf8(decoder *d, int c) {
  bytes *out = &d->s->work;
  if (c < 0x80) {
    bytes_put_byte(d->L, out, c);
    return;
  }
  if (c < 0x800) {
    bytes_put_byte(d->L, out, c >> 6 | 0xc0);
  } else {
    if (c < 0x10000) {
      bytes_put_byte(d->L, out, c >> 12 | 0xe0);
    } else {
      bytes_put_byte(d->L, out, c >> 18 | 0xf0);
      bytes_put_byte(d->L, out, (c >> 12 & 0x3f) | 0x80);
    }
    bytes_put_byte(d->L, out, (c >> 6 & 0x3f) | 0x80);
  }
  bytes_put_byte(d->L, out, (c & 0x3f) | 0x80);
}

/* At a backslash: 0 when what follows is no escape. */
static int read_escape(decoder *d) {
  static const char letters[] = "\"\\/btnfr", meant[] = "\"\\/\b\t\n\f\r";
  const char *found;
  if (d->p[1] == 'u') {
    int c = code_point(d);
    if (c < 0) set_wrong(d, "invalid unicode escape code");
    else put_utf8(d, c);
    return c >= 0;
  }
  found = d->p[1] ? strchr(letters, d->p[1]) : NULL;
  if (!found) {
    set_wrong(d, "invalid escape code");
    return 0;
  }
  bytes_put_byte(d->L, &d->s->work, meant[found - letters]);
  d->p += 2;
  return 1;
}

/* Behind the first quote. A string without escapes stays where it lies. */
static void read_string(decoder *d) {
  const char *from = ++d->p;
  d->s->work.n = 0;
  for (;;) {
    d->p += strcspn(d->p, "\"\\");
    if (*d->p == '"') break;
    if (*d->p == '\0') {
      set_wrong(d, "unexpected end of string");
      return;
    }
    bytes_put(d->L, &d->s->work, from, (size_t)(d->p - from));
    if (!read_escape(d)) return;
    limit_tick(d->L, 255);
    from = d->p;
  }
  d->token = T_STRING;
  d->string = from;
  d->size = (size_t)(d->p - from);
  d->p++;
  if (d->s->work.n == 0) return;
  bytes_put(d->L, &d->s->work, d->string, d->size);
  d->string = d->s->work.p;
  d->size = d->s->work.n;
}

/* What strtod reads and JSON does not have. */
static int is_odd_number(const char *p) {
  if (*p == '+') return 1;
  if (*p == '-') p++;
  if (*p == '0') return (p[1] | 0x20) == 'x' || (p[1] >= '0' && p[1] <= '9');
  return !strncasecmp(p, "inf", 3) || !strncasecmp(p, "nan", 3);
}

static void read_number(decoder *d) {
  char *end;
  d->token = T_NUMBER;
  d->number = strtod(d->p, &end);
  if (end == d->p) set_wrong(d, "invalid number");
  else d->p = end;
}

static void read_word(decoder *d, const char *word, kind token, int value) {
  d->token = token;
  d->number = value;
  d->p += strlen(word);
}

static void read_other(decoder *d) {
  int odd_allowed = d->settings->decode_invalid;
  char c = *d->p;
  if (c == '-' || (c >= '0' && c <= '9')) {
    if (!odd_allowed && is_odd_number(d->p)) set_wrong(d, "invalid number");
    else read_number(d);
  } else if (!strncmp(d->p, "true", 4)) {
    read_word(d, "true", T_BOOLEAN, 1);
  } else if (!strncmp(d->p, "false", 5)) {
    read_word(d, "false", T_BOOLEAN, 0);
  } else if (!strncmp(d->p, "null", 4)) {
    read_word(d, "null", T_NULL, 0);
  } else if (odd_allowed && c && strchr("+iInN", c) && is_odd_number(d->p)) {
    read_number(d);
  } else {
    set_wrong(d, "invalid token");
  }
}

static void read_token(decoder *d) {
  static const char single[] = "{}[]:,";
  static const kind singles[] = {T_OBJ_BEGIN, T_OBJ_END, T_ARR_BEGIN, T_ARR_END, T_COLON, T_COMMA};
  const char *found;
  d->p += strspn(d->p, " \t\n\r");
  d->place = d->p;
  if (*d->p == '\0') {
    d->token = T_END;
  } else if (*d->p == '"') {
    read_string(d);
  } else if ((found = strchr(single, *d->p))) {
    d->token = singles[found - single];
    d->p++;
  } else {
    read_other(d);
  }
}

static void refuse(decoder *d, const char *expected) {
  luaL_error(d->L, "Expected %s but found %s at character %d", expected,
             d->token == T_ERROR ? d->wrong : kind_names[d->token], (int)(d->place - d->text + 1));
}

static void descend(decoder *d) {
  if (++d->depth > d->settings->decode_depth || !lua_checkstack(d->L, 4))
    luaL_error(d->L, "Found too many nested data structures (%d) at character %d", d->depth, (int)(d->p - d->text));
  limit_depth(d->L);
}

static void push_object(decoder *d) {
  descend(d);
  lua_newtable(d->L);
  read_token(d);
  while (d->token != T_OBJ_END) {
    if (d->token != T_STRING) refuse(d, "object key string");
    lua_pushlstring(d->L, d->string, d->size);
    read_token(d);
    if (d->token != T_COLON) refuse(d, "colon");
    read_token(d);
    push_value(d);
    lua_rawset(d->L, -3);
    read_token(d);
    if (d->token == T_OBJ_END) break;
    if (d->token != T_COMMA) refuse(d, "comma or object end");
    read_token(d);
    if (d->token == T_OBJ_END) refuse(d, "object key string");
  }
  d->depth--;
}

static void push_array(decoder *d) {
  int i;
  descend(d);
  lua_newtable(d->L);
  read_token(d);
  for (i = 1; d->token != T_ARR_END; i++) {
    push_value(d);
    lua_rawseti(d->L, -2, i);
    read_token(d);
    if (d->token == T_ARR_END) break;
    if (d->token != T_COMMA) refuse(d, "comma or array end");
    read_token(d);
    if (d->token == T_ARR_END) refuse(d, "value");
  }
  d->depth--;
}

static void push_value(decoder *d) {
  limit_tick(d->L, 1023);
  switch (d->token) {
    case T_STRING: lua_pushlstring(d->L, d->string, d->size); break;
    case T_NUMBER: lua_pushnumber(d->L, d->number); break;
    case T_BOOLEAN: lua_pushboolean(d->L, d->number != 0); break;
    case T_NULL: lua_pushlightuserdata(d->L, NULL); break;
    case T_OBJ_BEGIN: push_object(d); break;
    case T_ARR_BEGIN: push_array(d); break;
    default: refuse(d, "value");
  }
}

int json_decode(lua_State *L) {
  decoder d = {.L = L, .s = script_of(L), .settings = lua_touserdata(L, lua_upvalueindex(1))};
  size_t n;
  luaL_argcheck(L, lua_gettop(L) == 1, 1, "expected 1 argument");
  d.text = d.p = luaL_checklstring(L, 1, &n);
  if (n >= 2 && (!d.text[0] || !d.text[1])) return luaL_error(L, "JSON parser does not support UTF-16 or UTF-32");
  read_token(&d);
  push_value(&d);
  read_token(&d);
  if (d.token != T_END) refuse(&d, "the end");
  bytes_trim(d.s, &d.s->work);
  return 1;
}
