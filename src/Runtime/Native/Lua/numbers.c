/* numbers.c - numbers as text, as Redis writes them, and as integers. */
#include "script.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t number_integer_text(long long value, char *text) {
  char reversed[24];
  unsigned long long rest = value < 0 ? 0 - (unsigned long long)value : (unsigned long long)value;
  size_t n = 0, size = 0;
  do reversed[n++] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (value < 0) text[size++] = '-';
  while (n > 0) text[size++] = reversed[--n];
  text[size] = '\0';
  return size;
}

/* Whether it can be written as an integer without loss. */
int number_is_integer(double value) {
  return value >= -4611686018427387903.0 && value <= 4611686018427387903.0 && (double)(int64_t)value == value;
}

/* Cut off to an integer; what none can hold becomes the smallest one, as x86-64 has it. */
int64_t number_to_integer(double value) {
  if (value >= -9223372036854775808.0 && value < 9223372036854775808.0) return (int64_t)value;
  return INT64_MIN;
}

uint64_t number_to_unsigned(double value) {
  if (value < 9223372036854775808.0) return (uint64_t)number_to_integer(value);
  return value < 18446744073709551616.0 ? (uint64_t)value : 0;
}

/* The fewest significant digits that read back as the value, without zeros at the end; returns their number and the
 * power of ten of the last one. */
static int shortest_digits(double value, char *digits, int *power) {
  char text[NUMBER_TEXT], *p, *exponent;
  int precision = value < 2.3e-308 ? 0 : 14, n = 0;
  do snprintf(text, sizeof text, "%.*e", precision, value);
  while (strtod(text, NULL) != value && ++precision <= 16);
  exponent = strchr(text, 'e');
  for (p = text; p < exponent; p++)
    if (*p != '.') digits[n++] = *p;
  while (n > 1 && digits[n - 1] == '0') n--;
  *power = atoi(exponent + 1) - (n - 1);
  return n;
}

/* Plain while that is short, else with an exponent. */
static size_t put_digits(const char *digits, int n, int power, char *text) {
  int exponent = power + n - 1, size = exponent < 0 ? -exponent : exponent;
  char *p = text;
  if (power >= 0 && size < n + 7) {
    memcpy(p, digits, (size_t)n);
    memset(p + n, '0', (size_t)power);
    return (size_t)(n + power);
  }
  if (power < 0 && (power > -7 || size < 4)) {
    int whole = n + power;
    if (whole <= 0) {
      p += sprintf(p, "0.%.*s", -whole, "00000000000000000000");
      memcpy(p, digits, (size_t)n);
      return (size_t)(p + n - text);
    }
    return (size_t)sprintf(p, "%.*s.%.*s", whole, digits, n - whole, digits + whole);
  }
  *p++ = digits[0];
  if (n > 1) p += sprintf(p, ".%.*s", n - 1, digits + 1);
  return (size_t)(p + sprintf(p, "e%c%d", exponent < 0 ? '-' : '+', size) - text);
}

size_t number_text(double value, char *text) {
  char digits[NUMBER_TEXT];
  int n, power;
  size_t sign = 0, size;
  if (isnan(value)) return (size_t)sprintf(text, signbit(value) ? "-nan" : "nan");
  if (isinf(value)) return (size_t)sprintf(text, value > 0 ? "inf" : "-inf");
  if (number_is_integer(value)) return number_integer_text((int64_t)value, text);
  if (value < 0) {
    text[sign++] = '-';
    value = -value;
  }
  n = shortest_digits(value, digits, &power);
  size = sign + put_digits(digits, n, power, text + sign);
  text[size] = '\0';
  return size;
}
