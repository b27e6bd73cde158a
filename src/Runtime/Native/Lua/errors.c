/* errors.c - error objects, and the text of an error that nothing caught.
 *
 * An error object is a table: `err` the text with its code, `source` and `line` where it was raised, and for a command's
 * error `ignore_error_stats_update`, as the command has counted it. */
#include "script.h"
#include <stdio.h>
#include <string.h>

/* A table with `err`. */
int error_push(lua_State *L, const char *text) {
  lua_createtable(L, 0, 1);
  lua_pushfstring(L, "ERR %s", text);
  lua_setfield(L, -2, "err");
  return 1;
}

int error_raise(lua_State *L, const char *text) {
  error_push(L, text);
  return lua_error(L);
}

static int is_newline(char c) { return c == '\r' || c == '\n'; }

/* A table with `err` from "CODE text"; what has no code gets one. */
int error_push_coded(lua_State *L, const char *p, size_t n) {
  const char *space = memchr(p, ' ', n), *text = space ? space + 1 : p, *end = p + n;
  while (text < end && is_newline(*text)) text++;
  while (end > text && is_newline(end[-1])) end--;
  lua_createtable(L, 0, 2);
  if (space) lua_pushlstring(L, p, (size_t)(space + 1 - p));
  else lua_pushliteral(L, "ERR ");
  lua_pushlstring(L, text, (size_t)(end - text));
  lua_concat(L, 2);
  lua_setfield(L, -2, "err");
  return 1;
}

/* Pushes the text of any value. */
static void push_text(lua_State *L, int index) {
  switch (lua_type(L, index)) {
    case LUA_TSTRING: case LUA_TNUMBER:
      lua_pushvalue(L, index);
      lua_tostring(L, -1);
      break;
    case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); break;
    case LUA_TNIL: case LUA_TNONE: lua_pushliteral(L, "nil"); break;
    default: lua_pushfstring(L, "%s: %p", luaL_typename(L, index), lua_topointer(L, index));
  }
}

/* Makes any error an error object that says where it was raised: in the function that runs, or in its caller when that
 * one is in C. Runs before the stack is unwound. */
int error_handler(lua_State *L) {
  lua_Debug place;
  int found;
  lua_settop(L, 1);
  if (!lua_istable(L, 1)) {
    lua_pushliteral(L, "ERR ");
    push_text(L, 1);
    lua_concat(L, 2);
    lua_createtable(L, 0, 3);
    lua_insert(L, -2);
    lua_setfield(L, -2, "err");
    lua_replace(L, 1);
  }
  sandbox_refuse_locked(L, 1);
  found = lua_getstack(L, 1, &place) && lua_getinfo(L, "Sl", &place);
  if (found && *place.what == 'C') found = lua_getstack(L, 2, &place) && lua_getinfo(L, "Sl", &place);
  if (!found) return 1;
  lua_pushliteral(L, "source");
  lua_pushstring(L, place.source);
  lua_rawset(L, 1);
  lua_pushliteral(L, "line");
  lua_pushinteger(L, place.currentline);
  lua_rawset(L, 1);
  return 1;
}

/* Pushes the error's text and returns 1 when the value is a table with a string `err`. */
int error_is_table(lua_State *L, int index) {
  if (!lua_istable(L, index)) return 0;
  lua_pushvalue(L, index);
  lua_pushliteral(L, "err");
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (lua_type(L, -1) == LUA_TSTRING) return 1;
  lua_pop(L, 1);
  return 0;
}

/* As in Valkey a text ends at its first NUL. */
static void put_text(lua_State *L, script *s, const char *text) { bytes_put(L, &s->out, text, strlen(text)); }

/* Puts the field of the table on top, if it is a string or a number; 0 when it is none. */
static int put_field(lua_State *L, script *s, const char *name, const char *before) {
  int found;
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  found = lua_isstring(L, -1);
  if (found) {
    put_text(L, s, before);
    put_text(L, s, lua_tostring(L, -1));
  }
  lua_pop(L, 1);
  return found;
}

static int has_place(lua_State *L) {
  int has;
  lua_pushliteral(L, "source");
  lua_rawget(L, -2);
  lua_pushliteral(L, "line");
  lua_rawget(L, -3);
  has = lua_isstring(L, -1) && lua_isstring(L, -2);
  lua_pop(L, 2);
  return has;
}

/* A reply's line: without what ends a line. */
void error_finish(script *s) {
  size_t i;
  while (s->out.n > 0 && is_newline(s->out.p[s->out.n - 1])) s->out.n--;
  for (i = 0; i < s->out.n; i++)
    if (is_newline(s->out.p[i])) s->out.p[i] = ' ';
  s->status = STATUS_ERROR;
}

/* The error on top, which nothing caught: the text of the reply. */
void error_put(lua_State *L, script *s) {
  s->out.n = 0;
  if (!lua_istable(L, -1)) {
    char text[160];
    const char *message = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "execution failure";
    snprintf(text, sizeof text, "ERR Error running script, %.100s", message);
    put_text(L, s, text);
  } else {
    if (!put_field(L, s, "err", "")) put_text(L, s, "ERR unknown error");
    if (has_place(L)) {
      put_field(L, s, "source", " script: on ");
      put_field(L, s, "line", ":");
      put_text(L, s, ".");
    }
    lua_pushliteral(L, "ignore_error_stats_update");
    lua_rawget(L, -2);
    s->counted = lua_isboolean(L, -1) && lua_toboolean(L, -1);
    lua_pop(L, 1);
  }
  error_finish(s);
}

/* The error on top, a string or an error object, behind a text. */
void error_put_text(lua_State *L, script *s, const char *before) {
  s->out.n = 0;
  put_text(L, s, before);
  if (lua_isstring(L, -1)) put_text(L, s, lua_tostring(L, -1));
  else if (!lua_istable(L, -1) || !put_field(L, s, "err", "")) put_text(L, s, "ERR unknown error");
  error_finish(s);
}
