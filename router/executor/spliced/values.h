/* Reading JSON values of which only the type is known.
 *
 *     body --> reader --> cutter.c
 *              ^ you are here
 *
 * Reading past the end is impossible by the way bytes objects are stored: a zero byte follows them, and no rule here
 * accepts a zero byte. Recursion is bounded by MAX_FREE_NESTING.
 */

#ifndef SPLICED_VALUES_H
#define SPLICED_VALUES_H

#include <string.h>

#include "cut.h"

#define MAX_FREE_NESTING 100
#define MAX_INT_DIGITS 10
#define MAX_FLOAT_DIGITS 40
#define MAX_EXPONENT_DIGITS 2

typedef struct {
    const char *at;
    const char *end;
    int escaped; /* whether the last string had an escape sequence */
} reader;

/* For what is called at the end of a function that is called for every value, which saves no registers then. */
#if defined(__GNUC__)
#define NOT_INLINE __attribute__((noinline))
#else
#define NOT_INLINE
#endif

static inline void skip_space(reader *r) {
    const char *at = r->at;
    while ((unsigned char)*at <= ' ' && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    r->at = at;
}

static inline int is_digit(char c) { return c >= '0' && c <= '9'; }

static inline int skip_literal(reader *r, const char *literal, size_t length) {
    if ((size_t)(r->end - r->at) < length || memcmp(r->at, literal, length) != 0)
        return UNUSUAL;
    r->at += length;
    return READ;
}

static int hex_of(const char *at) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* After a backslash. A lone surrogate is no text that clients could read. */
static int skip_escape(reader *r) {
    r->escaped = 1;
    switch (*r->at++) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        return READ;
    case 'u':
        break;
    default:
        return UNUSUAL;
    }
    int unit = hex_of(r->at);
    if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
        return UNUSUAL;
    r->at += 4;
    if (unit < 0xD800 || unit > 0xDBFF)
        return READ;
    if (r->at[0] != '\\' || r->at[1] != 'u')
        return UNUSUAL;
    unit = hex_of(r->at + 2);
    if (unit < 0xDC00 || unit > 0xDFFF)
        return UNUSUAL;
    r->at += 6;
    return READ;
}

/* One character of two to four bytes: Unicode, table 3-7 (well-formed UTF-8). */
static int skip_wide(reader *r) {
    const unsigned char *c = (const unsigned char *)r->at;
    unsigned char low = 0x80, high = 0xBF;
    int more;
    if (c[0] >= 0xC2 && c[0] <= 0xDF) {
        more = 1;
    } else if (c[0] >= 0xE0 && c[0] <= 0xEF) {
        more = 2;
        if (c[0] == 0xE0)
            low = 0xA0;
        if (c[0] == 0xED)
            high = 0x9F;
    } else if (c[0] >= 0xF0 && c[0] <= 0xF4) {
        more = 3;
        if (c[0] == 0xF0)
            low = 0x90;
        if (c[0] == 0xF4)
            high = 0x8F;
    } else {
        return UNUSUAL;
    }
    if (c[1] < low || c[1] > high)
        return UNUSUAL;
    for (int i = 2; i <= more; i++)
        if (c[i] < 0x80 || c[i] > 0xBF)
            return UNUSUAL;
    r->at += more + 1;
    return READ;
}

/* The first byte from `at` on that is a control character, a quote, a backslash, or not ASCII: the zero after the end at
 * last. Where eight bytes can be looked at together, the lowest bit that is set belongs to the first such byte; only
 * bytes above it may be reported wrongly. */
static inline const char *find_special(const char *at, const char *end) {
    const uint64_t ones = 0x0101010101010101ULL;
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
        uint64_t special = ((word - ones * 0x20) | (quote - ones) | (backslash - ones) | word) & (ones * 0x80);
        if (special) {
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
            return at + (__builtin_ctzll(special) >> 3);
#else
            break;
#endif
        }
        at += 8;
    }
    while ((unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '"' && *at != '\\')
        at++;
    return at;
}

static NOT_INLINE int read_string(reader *r) {
    if (*r->at != '"')
        return UNUSUAL;
    r->at++;
    r->escaped = 0;
    for (;;) {
        r->at = find_special(r->at, r->end);
        unsigned char c = (unsigned char)*r->at;
        if (c == '"') {
            r->at++;
            return READ;
        }
        if (c == '\\') {
            r->at++;
            TRY(skip_escape(r));
        } else if (c >= 0x80) {
            TRY(skip_wide(r));
        } else {
            return UNUSUAL; /* a control character, or the end */
        }
    }
}

/* The digits of a JSON number before its point; their number. */
static Py_ssize_t skip_whole(reader *r) {
    const char *start = r->at;
    if (*r->at == '0')
        r->at++;
    else
        while (is_digit(*r->at))
            r->at++;
    return r->at - start;
}

/* A 32-bit integer, as it would be written again. */
static NOT_INLINE int read_int(reader *r) {
    int negative = *r->at == '-';
    r->at += negative;
    const char *start = r->at;
    Py_ssize_t digits = skip_whole(r);
    if (digits == 0 || digits > MAX_INT_DIGITS || *r->at == '.' || *r->at == 'e' || *r->at == 'E')
        return UNUSUAL;
    int64_t value = 0;
    for (Py_ssize_t i = 0; i < digits; i++)
        value = value * 10 + (start[i] - '0');
    if (value > (int64_t)INT32_MAX + negative || (value == 0 && negative))
        return UNUSUAL;
    return READ;
}

/* A number that is neither infinite nor endless. */
static NOT_INLINE int read_float(reader *r) {
    const char *start = r->at;
    r->at += *r->at == '-';
    if (skip_whole(r) == 0)
        return UNUSUAL;
    if (*r->at == '.') {
        r->at++;
        if (!is_digit(*r->at))
            return UNUSUAL;
        while (is_digit(*r->at))
            r->at++;
    }
    if (r->at - start > MAX_FLOAT_DIGITS)
        return UNUSUAL;
    if (*r->at == 'e' || *r->at == 'E') {
        r->at++;
        r->at += *r->at == '-' || *r->at == '+';
        const char *exponent = r->at;
        while (is_digit(*r->at))
            r->at++;
        if (r->at == exponent || r->at - exponent > MAX_EXPONENT_DIGITS)
            return UNUSUAL;
    }
    return READ;
}

static int read_boolean(reader *r) {
    return *r->at == 't' ? skip_literal(r, "true", 4) : skip_literal(r, "false", 5);
}

static NOT_INLINE int read_any(reader *r, int nesting) {
    if (nesting > MAX_FREE_NESTING)
        return UNUSUAL;
    switch (*r->at) {
    case '"':
        return read_string(r);
    case 't': case 'f':
        return read_boolean(r);
    case 'n':
        return skip_literal(r, "null", 4);
    case '[':
    case '{':
        break;
    default:
        return read_float(r);
    }
    int is_object = *r->at == '{';
    char close = is_object ? '}' : ']';
    r->at++;
    skip_space(r);
    if (*r->at == close) {
        r->at++;
        return READ;
    }
    for (;;) {
        if (is_object) {
            TRY(read_string(r));
            skip_space(r);
            if (*r->at != ':')
                return UNUSUAL;
            r->at++;
            skip_space(r);
        }
        TRY(read_any(r, nesting + 1));
        skip_space(r);
        if (*r->at == close) {
            r->at++;
            return READ;
        }
        if (*r->at != ',')
            return UNUSUAL;
        r->at++;
        skip_space(r);
    }
}

/* Whether a number between two places is written as it would be written again: the shortest way, and without an
 * exponent. What programs write has no more than 17 digits then. Should another number of 16 or 17 digits come, it is
 * sent as it came, which means the same. */
static int is_plain_number(const char *at, const char *end) {
    at += *at == '-';
    const char *point = memchr(at, '.', (size_t)(end - at));
    if (end - at > 17 + (point != NULL) || memchr(at, 'e', (size_t)(end - at)) || memchr(at, 'E', (size_t)(end - at)))
        return 0;
    if (point == NULL)
        return *at != '0' || at[-1] != '-';
    const char *fraction = point + 1;
    if (end[-1] == '0')
        return end - fraction == 1;
    return *at != '0' || end - fraction <= 4 || memcmp(fraction, "0000", 4) != 0;
}

/* Whether a value between two places is written in the one way in which it is sent to subgraphs. */
static int is_plain(const reader *r, const char *start) {
    switch (*start) {
    case '"':
        return !r->escaped;
    case '{':
    case '[':
        return 0;
    case 't':
    case 'f':
    case 'n':
        return 1;
    default:
        return is_plain_number(start, r->at);
    }
}

#endif
