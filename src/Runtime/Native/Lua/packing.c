/* packing.c - `struct`: values to fixed layouts and back.
 *
 *   < > little and big endian    ![n] alignment to n    ' ' nothing    x a zero byte
 *   b h l i[n] and B H L T I[n] signed and unsigned integers of 1, 2, 8, 4 or n bytes    f d floating point
 *   c[n] n bytes; c0 the whole string, or as many as the number read before    s up to a zero byte */
#include "script.h"
#include <ctype.h>
#include <limits.h>
#include <string.h>

#define LARGEST_INTEGER 32
#define USUAL_ALIGNMENT 8

typedef struct {
  lua_State *L;
  const char *p;      /* behind the option */
  int option, big;
  size_t align, size; /* of the option, 0 when it has none */
} format;

static int read_number(format *f, int otherwise) {
  int value = 0;
  if (!isdigit((unsigned char)*f->p)) return otherwise;
  do {
    int digit = *f->p++ - '0';
    if (value > INT_MAX / 10 || value * 10 > INT_MAX - digit) luaL_error(f->L, "integral size overflow");
    value = value * 10 + digit;
  } while (isdigit((unsigned char)*f->p));
  return value;
}

static size_t option_size(format *f) {
  int n;
  switch (f->option) {
    case 'b': case 'B': case 'x': return 1;
    case 'h': case 'H': return 2;
    case 'f': return 4;
    case 'l': case 'L': case 'T': case 'd': return 8;
    case 'c': return (size_t)read_number(f, 1);
    case 'i': case 'I':
      n = read_number(f, 4);
      if (n > LARGEST_INTEGER) luaL_error(f->L, "integral size %d is larger than limit of %d", n, LARGEST_INTEGER);
      return (size_t)n;
    default: return 0;
  }
}

static void format_start(format *f, lua_State *L) {
  f->L = L;
  f->p = luaL_checkstring(L, 1);
  f->big = 0;
  f->align = 1;
}

/* Reads the next option; 0 at the end. `place` is moved to where it is aligned. */
static int format_next(format *f, size_t *place) {
  size_t align;
  limit_tick(f->L, 1023);
  f->option = (unsigned char)*f->p;
  if (f->option == 0) return 0;
  f->p++;
  f->size = option_size(f);
  align = f->size < f->align ? f->size : f->align;
  if (align > 0 && f->option != 'c') *place += (align - (*place & (align - 1))) & (align - 1);
  return 1;
}

static void control(format *f) {
  int n;
  switch (f->option) {
    case ' ': break;
    case '>': f->big = 1; break;
    case '<': f->big = 0; break;
    case '!':
      n = read_number(f, USUAL_ALIGNMENT);
      if (n <= 0 || (n & (n - 1))) luaL_error(f->L, "alignment %d is not a power of 2", n);
      f->align = (size_t)n;
      break;
    default: luaL_argerror(f->L, 1, lua_pushfstring(f->L, "invalid format option '%c'", f->option));
  }
}

static int is_integer(int option) { return option && strchr("bBhHlLTiI", option) != NULL; }

static void put_integer(const format *f, bytes *out, uint64_t value, size_t size) {
  size_t i;
  for (i = 0; i < size; i++) {
    size_t byte = f->big ? size - 1 - i : i;
    bytes_put_byte(f->L, out, byte < 8 ? (int)(value >> 8 * byte & 0xff) : 0);
  }
}

static void put_float(const format *f, bytes *out, double value) {
  uint64_t wide;
  uint32_t narrow;
  float single = (float)value;
  memcpy(&wide, &value, sizeof wide);
  memcpy(&narrow, &single, sizeof narrow);
  put_integer(f, out, f->size == 4 ? narrow : wide, f->size);
}

static void put_string(const format *f, bytes *out, int argument) {
  size_t n;
  const char *p = luaL_checklstring(f->L, argument, &n);
  size_t size = f->size ? f->size : n;
  luaL_argcheck(f->L, n >= size, argument + 1, "string too short");
  bytes_put(f->L, out, p, size);
  if (f->option == 's') bytes_put_byte(f->L, out, 0);
}

static uint64_t whole_number(double value) {
  return value < 0 ? (uint64_t)number_to_integer(value) : number_to_unsigned(value);
}

static int struct_pack(lua_State *L) {
  bytes *out = &script_of(L)->work;
  int argument = 2;
  size_t place;
  format f;
  format_start(&f, L);
  lua_pushnil(L); /* what is missing is nil, in the error's words */
  bytes_trim(script_of(L), out);
  for (place = 0; format_next(&f, &place); place = out->n) {
    while (out->n < place) bytes_put_byte(L, out, 0);
    if (is_integer(f.option)) put_integer(&f, out, whole_number(luaL_checknumber(L, argument++)), f.size);
    else if (f.option == 'x') bytes_put_byte(L, out, 0);
    else if (f.option == 'f' || f.option == 'd') put_float(&f, out, luaL_checknumber(L, argument++));
    else if (f.option == 'c' || f.option == 's') put_string(&f, out, argument++);
    else control(&f);
  }
  lua_pushlstring(L, out->n ? out->p : "", out->n);
  bytes_trim(script_of(L), out);
  return 1;
}

static uint64_t get_integer(const format *f, const char *p) {
  uint64_t value = 0;
  size_t i;
  for (i = 0; i < f->size; i++) value = value << 8 | (unsigned char)p[f->big ? i : f->size - 1 - i];
  return value;
}

static double integer_value(const format *f, const char *p) {
  uint64_t value = get_integer(f, p);
  unsigned bits = (unsigned)f->size * 8;
  if (!islower(f->option)) return (double)value;
  if (bits > 0 && bits < 64 && value >> (bits - 1) & 1) value |= ~(uint64_t)0 << bits;
  return (double)(int64_t)value;
}

static double float_value(const format *f, const char *p) {
  uint64_t wide = get_integer(f, p);
  uint32_t narrow = (uint32_t)wide;
  double value;
  float single;
  memcpy(&value, &wide, sizeof value);
  memcpy(&single, &narrow, sizeof single);
  return f->size == 4 ? single : value;
}

static int fits(size_t place, size_t size, size_t end) { return size <= end && place <= end - size; }

/* c0 takes its length from the number that was read before, and that number's place. */
static int push_bytes(format *f, const char *data, size_t place, size_t end, int results) {
  if (f->size == 0) {
    if (results == 0 || !lua_isnumber(f->L, -1)) luaL_error(f->L, "format 'c0' needs a previous size");
    f->size = number_to_unsigned(lua_tonumber(f->L, -1));
    lua_pop(f->L, 1);
    results--;
    luaL_argcheck(f->L, fits(place, f->size, end), 2, "data string too short");
  }
  lua_pushlstring(f->L, data + place, f->size);
  return results + 1;
}

static void push_terminated(format *f, const char *data, size_t place, size_t end) {
  const char *zero = memchr(data + place, 0, end - place);
  if (!zero) luaL_error(f->L, "unfinished string in data");
  lua_pushlstring(f->L, data + place, (size_t)(zero - data) - place);
  f->size = (size_t)(zero - data) - place + 1;
}

static int struct_unpack(lua_State *L) {
  size_t end, place;
  const char *data;
  int results = 0;
  format f;
  format_start(&f, L);
  data = luaL_checklstring(L, 2, &end);
  place = (size_t)luaL_optinteger(L, 3, 1);
  luaL_argcheck(L, place > 0, 3, "offset must be 1 or greater");
  for (place--; format_next(&f, &place); place += f.size) {
    luaL_argcheck(L, fits(place, f.size, end), 2, "data string too short");
    luaL_checkstack(L, 2, "too many results");
    if (is_integer(f.option)) lua_pushnumber(L, integer_value(&f, data + place));
    else if (f.option == 'f' || f.option == 'd') lua_pushnumber(L, float_value(&f, data + place));
    else if (f.option == 's') push_terminated(&f, data, place, end);
    else if (f.option == 'c') results = push_bytes(&f, data, place, end, results) - 1;
    else if (f.option != 'x') control(&f);
    if (isalpha(f.option) && f.option != 'x') results++;
  }
  lua_pushinteger(L, (lua_Integer)place + 1);
  return results + 1;
}

static int struct_size(lua_State *L) {
  size_t place;
  format f;
  format_start(&f, L);
  for (place = 0; format_next(&f, &place); place += f.size) {
    if (f.option == 's') luaL_argerror(L, 1, "option 's' has no fixed size");
    if (f.option == 'c' && f.size == 0) luaL_argerror(L, 1, "option 'c0' has no fixed size");
    if (!isalnum(f.option)) control(&f);
  }
  lua_pushinteger(L, (lua_Integer)place);
  return 1;
}

void packing_open(lua_State *L) {
  static const luaL_Reg functions[] = {{"pack", struct_pack}, {"unpack", struct_unpack}, {"size", struct_size}, {NULL, NULL}};
  luaL_register(L, "struct", functions);
  lua_pop(L, 1);
}
