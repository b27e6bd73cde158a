/* strings.c - functions of the string library that are ours: all that may run long without an instruction. */
#include "patterns.h"
#include <ctype.h>
#include <string.h>

/* A place as scripts name it, counted from 1 or from the end, as an offset; may lie outside. */
static ptrdiff_t offset(ptrdiff_t place, size_t n) { return place < 0 ? place + (ptrdiff_t)n : place - 1; }

static const char *find_plain(lua_State *L, const char *s, size_t n, const char *what, size_t size) {
  const char *end = s + n;
  if (size == 0) return s;
  while ((size_t)(end - s) >= size) {
    const char *p = memchr(s, *what, (size_t)(end - s) - size + 1);
    limit_tick(L, 1023);
    if (!p) return NULL;
    if (!memcmp(p, what, size)) return p;
    s = p + 1;
  }
  return NULL;
}

static int find(lua_State *L, int plain_allowed) {
  size_t n, size;
  const char *s = luaL_checklstring(L, 1, &n), *p = luaL_checklstring(L, 2, &size), *from, *end;
  ptrdiff_t start = offset(luaL_optinteger(L, 3, 1), n);
  int anchored;
  matcher m;
  if (start < 0) start = 0;
  if (start > (ptrdiff_t)n) start = (ptrdiff_t)n;
  from = s + start;
  if (plain_allowed && (lua_toboolean(L, 4) || !strpbrk(p, "^$*+?.([%-"))) {
    from = find_plain(L, from, n - (size_t)start, p, size);
    if (!from) return lua_pushnil(L), 1;
    lua_pushinteger(L, from - s + 1);
    lua_pushinteger(L, from - s + (ptrdiff_t)size);
    return 2;
  }
  pattern_prepare(&m, L, s, n, p, size);
  anchored = size > 0 && *p == '^';
  do {
    m.level = 0;
    end = pattern_match(&m, from, p + anchored);
    if (!end) continue;
    if (!plain_allowed) return pattern_push_captures(&m, from, end);
    lua_pushinteger(L, from - s + 1);
    lua_pushinteger(L, end - s);
    return pattern_push_captures(&m, NULL, NULL) + 2;
  } while (from++ < m.text_end && !anchored);
  lua_pushnil(L);
  return 1;
}

static int string_find(lua_State *L) { return find(L, 1); }
static int string_match(lua_State *L) { return find(L, 0); }

static int gmatch_next(lua_State *L) {
  size_t n, size;
  const char *s = lua_tolstring(L, lua_upvalueindex(1), &n), *p = lua_tolstring(L, lua_upvalueindex(2), &size);
  const char *from, *end;
  matcher m;
  pattern_prepare(&m, L, s, n, p, size);
  for (from = s + lua_tointeger(L, lua_upvalueindex(3)); from <= m.text_end; from++) {
    m.level = 0;
    end = pattern_match(&m, from, p);
    if (!end) continue;
    lua_pushinteger(L, end - s + (end == from));
    lua_replace(L, lua_upvalueindex(3));
    return pattern_push_captures(&m, from, end);
  }
  return 0;
}

static int string_gmatch(lua_State *L) {
  luaL_checkstring(L, 1);
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, gmatch_next, 3);
  return 1;
}

/* The replacement's text with %0 to %9 filled in. */
static void add_text(matcher *m, luaL_Buffer *out, const char *from, const char *end) {
  size_t i, n;
  const char *text = lua_tolstring(m->L, 3, &n);
  for (i = 0; i < n; i++) {
    if (text[i] != '%') {
      luaL_addchar(out, text[i]);
    } else if (++i < n && isdigit((unsigned char)text[i])) {
      if (text[i] == '0') {
        luaL_addlstring(out, from, (size_t)(end - from));
      } else {
        pattern_push_capture(m, text[i] - '1', from, end);
        luaL_addvalue(out);
      }
    } else {
      luaL_addchar(out, i < n ? text[i] : '\0');
    }
  }
}

static void add_replacement(matcher *m, luaL_Buffer *out, const char *from, const char *end, int type) {
  lua_State *L = m->L;
  if (type == LUA_TSTRING || type == LUA_TNUMBER) {
    add_text(m, out, from, end);
    return;
  }
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(L, 3);
    lua_call(L, pattern_push_captures(m, from, end), 1);
  } else {
    pattern_push_capture(m, 0, from, end);
    lua_gettable(L, 3);
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    lua_pushlstring(L, from, (size_t)(end - from));
  } else if (!lua_isstring(L, -1)) {
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  }
  luaL_addvalue(out);
}

static int string_gsub(lua_State *L) {
  size_t n, size;
  const char *s = luaL_checklstring(L, 1, &n), *p = luaL_checklstring(L, 2, &size);
  int type = lua_type(L, 3), anchored = size > 0 && *p == '^';
  lua_Number most = luaL_optnumber(L, 4, (lua_Number)n + 1), done = 0;
  luaL_Buffer out;
  matcher m;
  luaL_argcheck(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                "string/function/table expected");
  pattern_prepare(&m, L, s, n, p, size);
  luaL_buffinit(L, &out);
  while (done < most) {
    const char *end;
    m.level = 0;
    end = pattern_match(&m, s, p + anchored);
    if (end) {
      done++;
      limit_tick(L, 15);
      add_replacement(&m, &out, s, end, type);
    }
    if (end && end > s) s = end;
    else if (s < m.text_end) luaL_addchar(&out, *s++);
    else break;
    if (anchored) break;
  }
  luaL_addlstring(&out, s, (size_t)(m.text_end - s));
  luaL_pushresult(&out);
  lua_pushnumber(L, done);
  return 2;
}

static int string_rep(lua_State *L) {
  script *s = script_of(L);
  size_t n;
  const char *p = luaL_checklstring(L, 1, &n);
  lua_Integer times = luaL_checkinteger(L, 2);
  if (n == 0 || times <= 0) return lua_pushliteral(L, ""), 1;
  if ((size_t)times > s->limit / n) return luaL_error(L, "resulting string too large");
  s->work.n = 0;
  for (; times > 0; times--) {
    bytes_put(L, &s->work, p, n);
    limit_tick(L, 1023);
  }
  lua_pushlstring(L, s->work.p, s->work.n);
  if (s->work.capacity > 65536) bytes_free(s, &s->work);
  return 1;
}

void strings_open(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"find", string_find}, {"match", string_match}, {"gmatch", string_gmatch}, {"gfind", string_gmatch},
    {"gsub", string_gsub}, {"rep", string_rep}, {NULL, NULL}};
  luaL_register(L, LUA_STRLIBNAME, functions);
  lua_pop(L, 1);
}
