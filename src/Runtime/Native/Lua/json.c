/* json.c - `cjson`: the module and its settings, which are a run's own. */
#include "json.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

static const json_settings usual = {
  .sparse_ratio = 2, .sparse_safe = 10, .encode_depth = 1000, .decode_depth = 1000, .precision = 14, .keep_buffer = 1,
  .decode_invalid = 1};

void json_reset(json_settings *settings) { *settings = usual; }

static json_settings *settings_of(lua_State *L, int arguments) {
  luaL_argcheck(L, lua_gettop(L) <= arguments, arguments + 1, "found too many arguments");
  lua_settop(L, arguments);
  return lua_touserdata(L, lua_upvalueindex(1));
}

static int number_setting(lua_State *L, int index, int *setting, int least, int most) {
  if (!lua_isnil(L, index)) {
    char text[64];
    int value = (int)luaL_checkinteger(L, index);
    snprintf(text, sizeof text, "expected integer between %d and %d", least, most);
    luaL_argcheck(L, least <= value && value <= most, 1, text);
    *setting = value;
  }
  lua_pushinteger(L, *setting);
  return 1;
}

static int choice_setting(lua_State *L, int index, int *setting, const char *const *choices) {
  if (lua_isboolean(L, index)) *setting = lua_toboolean(L, index);
  else if (!lua_isnil(L, index)) *setting = luaL_checkoption(L, index, NULL, choices);
  if (*setting <= 1) lua_pushboolean(L, *setting);
  else lua_pushstring(L, choices[*setting]);
  return 1;
}

static const char *const off_on[] = {"off", "on", NULL};
static const char *const off_on_null[] = {"off", "on", "null", NULL};

static int encode_sparse_array(lua_State *L) {
  json_settings *settings = settings_of(L, 3);
  choice_setting(L, 1, &settings->sparse_convert, off_on);
  number_setting(L, 2, &settings->sparse_ratio, 0, INT_MAX);
  number_setting(L, 3, &settings->sparse_safe, 0, INT_MAX);
  return 3;
}

static int encode_max_depth(lua_State *L) { return number_setting(L, 1, &settings_of(L, 1)->encode_depth, 1, INT_MAX); }
static int decode_max_depth(lua_State *L) { return number_setting(L, 1, &settings_of(L, 1)->decode_depth, 1, INT_MAX); }
static int encode_number_precision(lua_State *L) { return number_setting(L, 1, &settings_of(L, 1)->precision, 1, 14); }

/* It can be set and asked for; the buffer is the run's in any case. */
static int encode_keep_buffer(lua_State *L) { return choice_setting(L, 1, &settings_of(L, 1)->keep_buffer, off_on); }

static int encode_invalid_numbers(lua_State *L) {
  return choice_setting(L, 1, &settings_of(L, 1)->encode_invalid, off_on_null);
}

static int decode_invalid_numbers(lua_State *L) {
  return choice_setting(L, 1, &settings_of(L, 1)->decode_invalid, off_on);
}

/* Leaves a module with settings of its own on the stack. */
static int json_new(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"encode", json_encode}, {"decode", json_decode}, {"encode_sparse_array", encode_sparse_array},
    {"encode_max_depth", encode_max_depth}, {"decode_max_depth", decode_max_depth},
    {"encode_number_precision", encode_number_precision}, {"encode_keep_buffer", encode_keep_buffer},
    {"encode_invalid_numbers", encode_invalid_numbers}, {"decode_invalid_numbers", decode_invalid_numbers},
    {"new", json_new}, {NULL, NULL}};
  const luaL_Reg *entry;
  lua_newtable(L);
  json_reset(lua_newuserdata(L, sizeof(json_settings)));
  for (entry = functions; entry->name; entry++) {
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, entry->func, 1);
    lua_setfield(L, -3, entry->name);
  }
  lua_insert(L, -2); /* the settings are below */
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  lua_pushliteral(L, "cjson");
  lua_setfield(L, -2, "_NAME");
  lua_pushliteral(L, "2.1.0");
  lua_setfield(L, -2, "_VERSION");
  return 1;
}

void json_open(lua_State *L) {
  json_new(L);
  script_of(L)->json = lua_touserdata(L, -2);
  lua_setglobal(L, "cjson");
  lua_pop(L, 1);
}
