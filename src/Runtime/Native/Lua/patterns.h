/* patterns.h - Lua's patterns, with a look at the clock. */
#ifndef ANAX_PATTERNS_H
#define ANAX_PATTERNS_H

#include "script.h"

#define CAPTURES LUA_MAXCAPTURES
#define CAPTURE_OPEN (-1)
#define CAPTURE_PLACE (-2)

typedef struct {
  lua_State *L;
  const char *text, *text_end, *pattern_end;
  int level;
  struct { const char *start; ptrdiff_t size; } captures[CAPTURES];
} matcher;

void pattern_prepare(matcher *m, lua_State *L, const char *text, size_t n, const char *pattern, size_t pattern_size);
const char *pattern_match(matcher *m, const char *s, const char *p);
int pattern_push_capture(matcher *m, int i, const char *start, const char *end);
int pattern_push_captures(matcher *m, const char *start, const char *end);

#endif
