/* patterns.c - the matcher of Lua's patterns.
 *
 * It is ours because the library's own never looks at the clock: "(.-)b" and its like backtrack for ever. Recursion is
 * one frame per item of the pattern, never per character of the text, so a limit on the pattern's length keeps the
 * C stack small. */
#include "patterns.h"
#include <ctype.h>
#include <string.h>

#define LONGEST_PATTERN 4096
#define ESCAPE '%'

typedef unsigned char byte;

void pattern_prepare(matcher *m, lua_State *L, const char *text, size_t n, const char *pattern, size_t pattern_size) {
  if (pattern_size > LONGEST_PATTERN) luaL_error(L, "pattern too long");
  pattern_size = strlen(pattern); /* a zero byte ends it */
  m->L = L;
  m->text = text;
  m->text_end = text + n;
  m->pattern_end = pattern + pattern_size;
  m->level = 0;
}

/* The end of the single item (a character, a class, a set) that starts at p. */
static const char *item_end(matcher *m, const char *p) {
  if (*p++ == ESCAPE) {
    if (p >= m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
    return p + 1;
  }
  if (p[-1] != '[') return p;
  if (p < m->pattern_end && *p == '^') p++;
  do {
    if (p >= m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
    if (*p++ == ESCAPE) p++;
  } while (p >= m->pattern_end || *p != ']');
  return p + 1;
}

static int in_class(int c, int class) {
  int yes;
  switch (tolower(class)) {
    case 'a': yes = isalpha(c); break;
    case 'c': yes = iscntrl(c); break;
    case 'd': yes = isdigit(c); break;
    case 'l': yes = islower(c); break;
    case 'p': yes = ispunct(c); break;
    case 's': yes = isspace(c); break;
    case 'u': yes = isupper(c); break;
    case 'w': yes = isalnum(c); break;
    case 'x': yes = isxdigit(c); break;
    case 'z': yes = c == 0; break;
    default: return class == c;
  }
  return isupper(class) ? !yes : yes != 0;
}

/* p at '[', last at its ']'. */
static int in_set(int c, const char *p, const char *last) {
  int found = 1;
  if (p[1] == '^') {
    found = 0;
    p++;
  }
  while (++p < last) {
    if (*p == ESCAPE) {
      p++;
      if (in_class(c, (byte)*p)) return found;
    } else if (p[1] == '-' && p + 2 < last) {
      if ((byte)p[0] <= c && c <= (byte)p[2]) return found;
      p += 2;
    } else if ((byte)*p == c) {
      return found;
    }
  }
  return !found;
}

static int fits(matcher *m, const char *s, const char *p, const char *end) {
  int c;
  if (s >= m->text_end) return 0;
  c = (byte)*s;
  switch (*p) {
    case '.': return 1;
    case ESCAPE: return in_class(c, (byte)p[1]);
    case '[': return in_set(c, p, end - 1);
    default: return (byte)*p == c;
  }
}

static const char *balanced(matcher *m, const char *s, const char *p) {
  int depth = 1;
  if (p + 1 >= m->pattern_end) luaL_error(m->L, "unbalanced pattern");
  if (s >= m->text_end || *s != p[0]) return NULL;
  while (++s < m->text_end) {
    limit_tick(m->L, 4095);
    if (*s == p[1]) {
      if (--depth == 0) return s + 1;
    } else if (*s == p[0]) {
      depth++;
    }
  }
  return NULL;
}

/* As many as possible, then fewer. */
static const char *longest(matcher *m, const char *s, const char *p, const char *end) {
  ptrdiff_t n = 0;
  while (fits(m, s + n, p, end)) {
    n++;
    limit_tick(m->L, 4095);
  }
  for (; n >= 0; n--) {
    const char *found = pattern_match(m, s + n, end + 1);
    if (found) return found;
  }
  return NULL;
}

/* As few as possible, then more. */
static const char *shortest(matcher *m, const char *s, const char *p, const char *end) {
  for (;; s++) {
    const char *found = pattern_match(m, s, end + 1);
    if (found) return found;
    if (!fits(m, s, p, end)) return NULL;
  }
}

static const char *open_capture(matcher *m, const char *s, const char *p, ptrdiff_t size) {
  const char *found;
  if (m->level >= CAPTURES) luaL_error(m->L, "too many captures");
  m->captures[m->level].start = s;
  m->captures[m->level].size = size;
  m->level++;
  found = pattern_match(m, s, p);
  if (!found) m->level--;
  return found;
}

static const char *close_capture(matcher *m, const char *s, const char *p) {
  const char *found;
  int level = m->level - 1;
  while (level >= 0 && m->captures[level].size != CAPTURE_OPEN) level--;
  if (level < 0) luaL_error(m->L, "invalid pattern capture");
  m->captures[level].size = s - m->captures[level].start;
  found = pattern_match(m, s, p);
  if (!found) m->captures[level].size = CAPTURE_OPEN;
  return found;
}

static const char *repeated_capture(matcher *m, const char *s, int digit) {
  int i = digit - '1';
  size_t n;
  if (i < 0 || i >= m->level || m->captures[i].size == CAPTURE_OPEN) luaL_error(m->L, "invalid capture index");
  n = m->captures[i].size == CAPTURE_PLACE ? 0 : (size_t)m->captures[i].size;
  if ((size_t)(m->text_end - s) < n || memcmp(m->captures[i].start, s, n)) return NULL;
  return s + n;
}

/* p behind "%f": the place where a set begins to fit. Returns the end of the set, or null. */
static const char *frontier(matcher *m, const char *s, const char *p) {
  const char *end;
  int before = s == m->text ? 0 : (byte)s[-1], here = s == m->text_end ? 0 : (byte)*s;
  if (p >= m->pattern_end || *p != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
  end = item_end(m, p);
  return !in_set(before, p, end - 1) && in_set(here, p, end - 1) ? end : NULL;
}

const char *pattern_match(matcher *m, const char *s, const char *p) {
  for (;;) {
    const char *end;
    char suffix;
    limit_tick(m->L, 1023);
    if (p >= m->pattern_end) return s;
    if (*p == '(') {
      int place = p + 1 < m->pattern_end && p[1] == ')';
      return open_capture(m, s, p + (place ? 2 : 1), place ? CAPTURE_PLACE : CAPTURE_OPEN);
    }
    if (*p == ')') return close_capture(m, s, p + 1);
    if (*p == '$' && p + 1 == m->pattern_end) return s == m->text_end ? s : NULL;
    if (*p == ESCAPE && p + 1 < m->pattern_end) {
      if (p[1] == 'b') {
        s = balanced(m, s, p + 2);
        if (!s) return NULL;
        p += 4;
        continue;
      }
      if (p[1] == 'f') {
        p = frontier(m, s, p + 2);
        if (!p) return NULL;
        continue;
      }
      if (isdigit((byte)p[1])) {
        s = repeated_capture(m, s, p[1]);
        if (!s) return NULL;
        p += 2;
        continue;
      }
    }
    end = item_end(m, p);
    suffix = end < m->pattern_end ? *end : '\0';
    switch (suffix) {
      case '*': return longest(m, s, p, end);
      case '+': return fits(m, s, p, end) ? longest(m, s + 1, p, end) : NULL;
      case '-': return shortest(m, s, p, end);
      case '?':
        if (fits(m, s, p, end)) {
          const char *found = pattern_match(m, s + 1, end + 1);
          if (found) return found;
        }
        p = end + 1;
        continue;
      default:
        if (!fits(m, s, p, end)) return NULL;
        s++;
        p = end;
    }
  }
}

/* The i-th capture, or the whole match when there is none. */
int pattern_push_capture(matcher *m, int i, const char *start, const char *end) {
  if (i >= m->level) {
    if (i != 0) luaL_error(m->L, "invalid capture index");
    lua_pushlstring(m->L, start, (size_t)(end - start));
  } else if (m->captures[i].size == CAPTURE_PLACE) {
    lua_pushinteger(m->L, m->captures[i].start - m->text + 1);
  } else if (m->captures[i].size == CAPTURE_OPEN) {
    luaL_error(m->L, "unfinished capture");
  } else {
    lua_pushlstring(m->L, m->captures[i].start, (size_t)m->captures[i].size);
  }
  return 1;
}

/* All captures; the whole match when there is none and `start` is given. */
int pattern_push_captures(matcher *m, const char *start, const char *end) {
  int i, n = m->level == 0 && start ? 1 : m->level;
  luaL_checkstack(m->L, n, "too many captures");
  for (i = 0; i < n; i++) pattern_push_capture(m, i, start, end);
  return n;
}
