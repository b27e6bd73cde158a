/* json.h - `cjson`: its two directions. Both find the settings in their first upvalue. */
#ifndef ANAX_JSON_H
#define ANAX_JSON_H

#include "script.h"

int json_encode(lua_State *L);
int json_decode(lua_State *L);

#endif
