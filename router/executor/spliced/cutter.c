/* Reads the JSON of an answer against the shape that it must have, and cuts it into pieces.
 *
 *     shapes.py --> Cutter.cut(body) --> pieces, columns --> spliced_run.py
 *                   ^ you are here
 *
 * A Cutter is made once per fetch, from nested tuples (see shapes.py for their form). `cut` goes through the bytes once.
 * Nothing is decoded: what clients see of an answer is cut out of it as bytes, with places left free for what other
 * fetches bring. Whatever is not exactly as the shape says is no error: the answer is None, and the caller reads the
 * bytes in another way. So this file only has to recognise the usual case, and never to repair anything.
 *
 * Reading past the end is impossible by the way bytes objects are stored: a zero byte follows them, and no rule here
 * accepts a zero byte. Recursion is bounded: shapes by MAX_NESTING when they are made, free values by MAX_FREE_NESTING.
 */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define MAX_NESTING 200
#define MAX_COLUMNS 10000
#define MAX_FREE_NESTING 100
#define MAX_INT_DIGITS 10
#define MAX_FLOAT_DIGITS 40
#define MAX_EXPONENT_DIGITS 2

enum kind { STRING, INT, FLOAT, BOOLEAN, ANY, ONE_OF, LIST, OBJECT, TAGGED, KINDS };
enum op { FIELD, HIDDEN, HOLE, TEXT, SOLID_BEGIN, SOLID_END, RUN_BEGIN, RUN_END, OPS };

typedef struct node node;

typedef struct {
    const char *start;
    Py_ssize_t length;
    PyObject *bytes; /* what they are in; NULL for texts of this file */
} text;

typedef struct {
    enum op op;
    int column;  /* of what is noted: the value, the hole's place, where a run begins or ends; -1 for nothing */
    node *value; /* of FIELD and HIDDEN */
    text key;    /* of FIELD and HIDDEN, with its quotes */
    text before; /* of HOLE and TEXT; of a FIELD: the key that clients see, with its colon, where it is another one */
    text after;  /* of HOLE */
} step;

struct node {
    enum kind kind;
    int nullable;
    Py_ssize_t count; /* of texts, steps or choices */
    text *texts;      /* of ONE_OF: JSON strings; of TAGGED: those of __typename */
    step *steps;      /* of OBJECT */
    node *children;   /* of LIST: one; of TAGGED: an object for each text */
};

typedef struct {
    PyObject_HEAD
    node root;
    Py_ssize_t columns;
    int is_whole; /* whether nothing is left out of an answer, put into it, or noted */
} cutter;

typedef struct {
    const char *at;
    const char *end;
    const char *span;   /* where the piece begins that is being read; NULL if nothing is being cut out here */
    int cutting;        /* whether what is read belongs into the pieces */
    int escaped;        /* whether the last string had an escape sequence */
    const char *data;   /* where the value of "data" begins, and where it ends */
    const char *data_end;
    PyObject *pieces;   /* a list of bytes, with None for each hole */
    PyObject **columns; /* lists */
} state;

/* Every function that reads returns one of these. */
enum outcome { FAILED = -1, UNUSUAL = 0, READ = 1 };

#define TRY(expression)                                                                                               \
    do {                                                                                                              \
        int outcome_ = (expression);                                                                                  \
        if (outcome_ != READ)                                                                                         \
            return outcome_;                                                                                          \
    } while (0)

/* --- characters --------------------------------------------------------------------------------------------------- */

static inline void skip_space(state *s) {
    const char *at = s->at;
    while ((unsigned char)*at <= ' ' && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    s->at = at;
}

static inline int is_digit(char c) { return c >= '0' && c <= '9'; }

static inline int skip_literal(state *s, const char *literal, size_t length) {
    if ((size_t)(s->end - s->at) < length || memcmp(s->at, literal, length) != 0)
        return UNUSUAL;
    s->at += length;
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
static int skip_escape(state *s) {
    s->escaped = 1;
    switch (*s->at++) {
    case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't':
        return READ;
    case 'u':
        break;
    default:
        return UNUSUAL;
    }
    int unit = hex_of(s->at);
    if (unit < 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
        return UNUSUAL;
    s->at += 4;
    if (unit < 0xD800 || unit > 0xDBFF)
        return READ;
    if (s->at[0] != '\\' || s->at[1] != 'u')
        return UNUSUAL;
    unit = hex_of(s->at + 2);
    if (unit < 0xDC00 || unit > 0xDFFF)
        return UNUSUAL;
    s->at += 6;
    return READ;
}

/* One character of two to four bytes: Unicode, table 3-7 (well-formed UTF-8). */
static int skip_wide(state *s) {
    const unsigned char *c = (const unsigned char *)s->at;
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
    s->at += more + 1;
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

static int read_string(state *s) {
    if (*s->at != '"')
        return UNUSUAL;
    s->at++;
    s->escaped = 0;
    for (;;) {
        s->at = find_special(s->at, s->end);
        unsigned char c = (unsigned char)*s->at;
        if (c == '"') {
            s->at++;
            return READ;
        }
        if (c == '\\') {
            s->at++;
            TRY(skip_escape(s));
        } else if (c >= 0x80) {
            TRY(skip_wide(s));
        } else {
            return UNUSUAL; /* a control character, or the end */
        }
    }
}

/* The digits of a JSON number before its point; their number. */
static Py_ssize_t skip_whole(state *s) {
    const char *start = s->at;
    if (*s->at == '0')
        s->at++;
    else
        while (is_digit(*s->at))
            s->at++;
    return s->at - start;
}

/* A 32-bit integer, as it would be written again. */
static int read_int(state *s) {
    int negative = *s->at == '-';
    s->at += negative;
    const char *start = s->at;
    Py_ssize_t digits = skip_whole(s);
    if (digits == 0 || digits > MAX_INT_DIGITS || *s->at == '.' || *s->at == 'e' || *s->at == 'E')
        return UNUSUAL;
    int64_t value = 0;
    for (Py_ssize_t i = 0; i < digits; i++)
        value = value * 10 + (start[i] - '0');
    if (value > (int64_t)INT32_MAX + negative || (value == 0 && negative))
        return UNUSUAL;
    return READ;
}

/* A number that is neither infinite nor endless. */
static int read_float(state *s) {
    const char *start = s->at;
    s->at += *s->at == '-';
    if (skip_whole(s) == 0)
        return UNUSUAL;
    if (*s->at == '.') {
        s->at++;
        if (!is_digit(*s->at))
            return UNUSUAL;
        while (is_digit(*s->at))
            s->at++;
    }
    if (s->at - start > MAX_FLOAT_DIGITS)
        return UNUSUAL;
    if (*s->at == 'e' || *s->at == 'E') {
        s->at++;
        s->at += *s->at == '-' || *s->at == '+';
        const char *exponent = s->at;
        while (is_digit(*s->at))
            s->at++;
        if (s->at == exponent || s->at - exponent > MAX_EXPONENT_DIGITS)
            return UNUSUAL;
    }
    return READ;
}

static int read_boolean(state *s) {
    return *s->at == 't' ? skip_literal(s, "true", 4) : skip_literal(s, "false", 5);
}

static int read_any(state *s, int nesting) {
    if (nesting > MAX_FREE_NESTING)
        return UNUSUAL;
    switch (*s->at) {
    case '"':
        return read_string(s);
    case 't': case 'f':
        return read_boolean(s);
    case 'n':
        return skip_literal(s, "null", 4);
    case '[':
    case '{':
        break;
    default:
        return read_float(s);
    }
    int is_object = *s->at == '{';
    char close = is_object ? '}' : ']';
    s->at++;
    skip_space(s);
    if (*s->at == close) {
        s->at++;
        return READ;
    }
    for (;;) {
        if (is_object) {
            TRY(read_string(s));
            skip_space(s);
            if (*s->at != ':')
                return UNUSUAL;
            s->at++;
            skip_space(s);
        }
        TRY(read_any(s, nesting + 1));
        skip_space(s);
        if (*s->at == close) {
            s->at++;
            return READ;
        }
        if (*s->at != ',')
            return UNUSUAL;
        s->at++;
        skip_space(s);
    }
}

/* --- what is noted ------------------------------------------------------------------------------------------------ */

static int append(PyObject *list, PyObject *owned) {
    if (owned == NULL)
        return FAILED;
    int failed = PyList_Append(list, owned);
    Py_DECREF(owned);
    return failed ? FAILED : READ;
}

static int note_bytes(state *s, int column, const char *start) {
    return append(s->columns[column], PyBytes_FromStringAndSize(start, s->at - start));
}

static int note_place(state *s, int column) {
    return append(s->columns[column], PyLong_FromSsize_t(PyList_GET_SIZE(s->pieces)));
}

/* Ends the piece that is being read at `upto`; the next begins there. */
static int flush(state *s, const char *upto) {
    if (s->span != NULL && upto > s->span)
        TRY(append(s->pieces, PyBytes_FromStringAndSize(s->span, upto - s->span)));
    if (s->span != NULL)
        s->span = upto;
    return READ;
}

static int add_text(state *s, const text *added) {
    if (added->length == 0)
        return READ;
    return PyList_Append(s->pieces, added->bytes) ? FAILED : READ;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static int read_value(state *s, const node *n);

static inline int read_key(state *s, const text *key) {
    TRY(skip_literal(s, key->start, (size_t)key->length));
    if (*s->at != ':') {
        skip_space(s);
        if (*s->at != ':')
            return UNUSUAL;
    }
    s->at++;
    skip_space(s);
    return READ;
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
static int is_plain(const state *s, const char *start) {
    switch (*start) {
    case '"':
        return !s->escaped;
    case '{':
    case '[':
        return 0;
    case 't':
    case 'f':
    case 'n':
        return 1;
    default:
        return is_plain_number(start, s->at);
    }
}

static int read_noted(state *s, const step *field) {
    const char *start = s->at;
    TRY(read_value(s, field->value));
    if (field->column < 0)
        return READ;
    /* Equal values must be equal bytes. */
    return is_plain(s, start) ? note_bytes(s, field->column, start) : UNUSUAL;
}

/* A field that clients do not see. Before the first that they see, the comma after it goes, too: see read_object. */
static int read_hidden(state *s, const step *field, const char *before) {
    TRY(flush(s, before));
    int cutting = s->cutting;
    s->span = NULL;
    s->cutting = 0;
    TRY(read_key(s, &field->key));
    TRY(read_noted(s, field));
    s->cutting = cutting;
    return READ;
}

static int read_object(state *s, const node *n) {
    if (*s->at != '{')
        return UNUSUAL;
    s->at++;
    const char *solid = NULL;
    const char *before = s->at;            /* the end of what was read last and is seen */
    int is_first = 1, is_seen = 0;
    for (const step *it = n->steps, *end = it + n->count; it < end; it++) {
        switch (it->op) {
        case FIELD:
        case HIDDEN:
            skip_space(s);
            if (!is_first) {
                if (*s->at != ',')
                    return UNUSUAL;
                s->at++;
                skip_space(s);
            }
            is_first = 0;
            if (it->op == HIDDEN) {
                TRY(read_hidden(s, it, before));
                if (s->cutting && is_seen)
                    s->span = s->at;
                before = s->at;
                break;
            }
            if (solid == s->end) /* a solid run has begun */
                solid = s->at;
            if (it->before.length != 0 && s->cutting) {
                TRY(flush(s, s->at));
                TRY(add_text(s, &it->before));
                s->span = NULL;
            } else if (s->cutting && s->span == NULL) {
                s->span = s->at;
            }
            TRY(read_key(s, &it->key));
            if (s->cutting && s->span == NULL)
                s->span = s->at;
            TRY(read_noted(s, it));
            before = s->at;
            is_seen = 1;
            break;
        case HOLE:
            TRY(flush(s, s->at));
            TRY(add_text(s, &it->before));
            TRY(note_place(s, it->column));
            if (PyList_Append(s->pieces, Py_None))
                return FAILED;
            TRY(add_text(s, &it->after));
            break;
        case TEXT:
            TRY(flush(s, s->at));
            TRY(add_text(s, &it->before));
            break;
        case SOLID_BEGIN:
            solid = s->end;
            break;
        case SOLID_END:
            TRY(note_bytes(s, it->column, solid));
            solid = NULL;
            break;
        case RUN_BEGIN:
            TRY(note_place(s, it->column));
            s->cutting = 1;
            break;
        case RUN_END:
            TRY(flush(s, s->at));
            s->span = NULL;
            s->cutting = 0;
            TRY(note_place(s, it->column));
            break;
        default:
            return UNUSUAL;
        }
    }
    skip_space(s);
    if (*s->at != '}')
        return UNUSUAL;
    if (s->cutting && s->span == NULL)
        s->span = s->at;
    s->at++;
    return READ;
}

/* An object whose first key is __typename, which says what else it has. */
static int read_tagged(state *s, const node *n) {
    const char *start = s->at;
    if (*s->at != '{')
        return UNUSUAL;
    s->at++;
    skip_space(s);
    TRY(skip_literal(s, "\"__typename\"", 12));
    skip_space(s);
    if (*s->at != ':')
        return UNUSUAL;
    s->at++;
    skip_space(s);
    for (Py_ssize_t i = 0; i < n->count; i++) {
        if (skip_literal(s, n->texts[i].start, (size_t)n->texts[i].length) == READ) {
            s->at = start;
            return read_object(s, &n->children[i]);
        }
    }
    return UNUSUAL;
}

static int read_list(state *s, const node *element) {
    if (*s->at != '[')
        return UNUSUAL;
    s->at++;
    skip_space(s);
    if (*s->at == ']') {
        s->at++;
        return READ;
    }
    for (;;) {
        TRY(read_value(s, element));
        skip_space(s);
        if (*s->at == ']') {
            s->at++;
            return READ;
        }
        if (*s->at != ',')
            return UNUSUAL;
        s->at++;
        skip_space(s);
    }
}

static int read_one_of(state *s, const node *n) {
    for (Py_ssize_t i = 0; i < n->count; i++)
        if (skip_literal(s, n->texts[i].start, (size_t)n->texts[i].length) == READ)
            return READ;
    return UNUSUAL;
}

static int read_value(state *s, const node *n) {
    if (n->nullable && *s->at == 'n')
        return skip_literal(s, "null", 4);
    s->escaped = 0;
    switch (n->kind) {
    case STRING:
        return read_string(s);
    case INT:
        return read_int(s);
    case FLOAT:
        return read_float(s);
    case BOOLEAN:
        return read_boolean(s);
    case ANY:
        return *s->at == 'n' ? UNUSUAL : read_any(s, 0);
    case ONE_OF:
        return read_one_of(s, n);
    case LIST:
        return read_list(s, n->children);
    case OBJECT:
        return read_object(s, n);
    case TAGGED:
        return read_tagged(s, n);
    default:
        return UNUSUAL;
    }
}

/* {"data": ROOT}, with extensions after it at most. */
static int read_answer(state *s, const node *root) {
    skip_space(s);
    if (*s->at != '{')
        return UNUSUAL;
    s->at++;
    skip_space(s);
    static const text data = {"\"data\"", 6, NULL};
    TRY(read_key(s, &data));
    s->data = s->at;
    TRY(read_value(s, root));
    s->data_end = s->at;
    skip_space(s);
    if (*s->at == ',') {
        s->at++;
        skip_space(s);
        static const text extensions = {"\"extensions\"", 12, NULL};
        TRY(read_key(s, &extensions));
        TRY(read_any(s, 0));
        skip_space(s);
    }
    if (*s->at != '}')
        return UNUSUAL;
    s->at++;
    skip_space(s);
    return s->at == s->end ? READ : UNUSUAL;
}

/* --- making a cutter ---------------------------------------------------------------------------------------------- */

static int take_text(text *to, PyObject *from) {
    char *start;
    if (PyBytes_AsStringAndSize(from, &start, &to->length))
        return -1;
    to->start = start;
    to->bytes = Py_NewRef(from);
    return 0;
}

static void *make_array(Py_ssize_t count, size_t size) {
    void *made = PyMem_Calloc(count ? (size_t)count : 1, size);
    if (made == NULL)
        PyErr_NoMemory();
    return made;
}

static void free_node(node *n) {
    Py_ssize_t inside = n->kind == LIST ? 1 : n->kind == TAGGED ? n->count : 0;
    for (Py_ssize_t i = 0; n->children != NULL && i < inside; i++)
        free_node(&n->children[i]);
    Py_ssize_t stepped = n->kind == OBJECT ? n->count : 0;
    for (Py_ssize_t i = 0; n->steps != NULL && i < stepped; i++) {
        Py_XDECREF(n->steps[i].key.bytes);
        Py_XDECREF(n->steps[i].before.bytes);
        Py_XDECREF(n->steps[i].after.bytes);
        if (n->steps[i].value != NULL) {
            free_node(n->steps[i].value);
            PyMem_Free(n->steps[i].value);
        }
    }
    Py_ssize_t named = n->kind == OBJECT ? 0 : n->count;
    for (Py_ssize_t i = 0; n->texts != NULL && i < named; i++)
        Py_XDECREF(n->texts[i].bytes);
    PyMem_Free(n->children);
    PyMem_Free(n->steps);
    PyMem_Free(n->texts);
}

static int make_node(cutter *c, node *n, PyObject *source, int nesting);

static int make_step(cutter *c, step *made, PyObject *source, int nesting) {
    int op;
    PyObject *key, *value, *before, *after;
    if (!PyTuple_Check(source)) {
        PyErr_SetString(PyExc_TypeError, "a step is a tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(source, "iiSOSS", &op, &made->column, &key, &value, &before, &after))
        return -1;
    int is_field = op == FIELD || op == HIDDEN;
    if (op < 0 || op >= OPS || made->column < -1 || (!is_field && op != TEXT && op != SOLID_BEGIN && made->column < 0)) {
        PyErr_SetString(PyExc_ValueError, "a step is not one");
        return -1;
    }
    if (made->column >= MAX_COLUMNS) {
        PyErr_SetString(PyExc_ValueError, "the shape has too many columns");
        return -1;
    }
    made->op = (enum op)op;
    if (made->column >= c->columns)
        c->columns = made->column + 1;
    if (take_text(&made->key, key) || take_text(&made->before, before) || take_text(&made->after, after))
        return -1;
    c->is_whole &= op == FIELD && made->column < 0 && made->before.length == 0;
    if (!is_field)
        return 0;
    made->value = make_array(1, sizeof(node));
    return made->value == NULL ? -1 : make_node(c, made->value, value, nesting + 1);
}

/* A run begins right before a field and ends before the next begins: read_object relies on it. */
static int check_runs(const node *n) {
    Py_ssize_t count = n->kind == OBJECT ? n->count : 0;
    for (Py_ssize_t i = 0, open = -1; i < count; i++) {
        enum op op = n->steps[i].op;
        int begins = op == SOLID_BEGIN || op == RUN_BEGIN, ends = op == SOLID_END || op == RUN_END;
        int is_right = begins ? open < 0 && i + 1 < count && n->steps[i + 1].op == FIELD
                     : ends   ? open >= 0 && op == (n->steps[open].op == SOLID_BEGIN ? SOLID_END : RUN_END)
                              : open < 0 || op == FIELD;
        if (!is_right || (i + 1 == count && (begins || (open >= 0 && !ends)))) {
            PyErr_SetString(PyExc_ValueError, "a run is not one");
            return -1;
        }
        open = begins ? i : ends ? -1 : open;
    }
    return 0;
}

static int make_node(cutter *c, node *n, PyObject *source, int nesting) {
    int kind, nullable;
    PyObject *inner, *steps, *texts;
    if (nesting > MAX_NESTING) {
        PyErr_SetString(PyExc_ValueError, "the shape is nested too deeply");
        return -1;
    }
    if (!PyTuple_Check(source)) {
        PyErr_SetString(PyExc_TypeError, "a shape is a tuple");
        return -1;
    }
    if (!PyArg_ParseTuple(source, "iiO!O!O!", &kind, &nullable, &PyTuple_Type, &inner, &PyTuple_Type, &steps,
                          &PyTuple_Type, &texts))
        return -1;
    Py_ssize_t inside = PyTuple_GET_SIZE(inner), stepped = PyTuple_GET_SIZE(steps), named = PyTuple_GET_SIZE(texts);
    if (kind < 0 || kind >= KINDS || inside != (kind == LIST ? 1 : kind == TAGGED ? named : 0) ||
        (stepped != 0 && kind != OBJECT) || (named != 0 && kind != ONE_OF && kind != TAGGED)) {
        PyErr_SetString(PyExc_ValueError, "a shape is not one");
        return -1;
    }
    n->kind = (enum kind)kind;
    n->nullable = nullable;
    /* What is counted is zeroed, so that free_node may come at any time. */
    n->count = kind == OBJECT ? stepped : named;
    if ((n->texts = make_array(named, sizeof(text))) == NULL || (n->steps = make_array(stepped, sizeof(step))) == NULL ||
        (n->children = make_array(inside, sizeof(node))) == NULL)
        return -1;
    for (Py_ssize_t i = 0; i < named; i++)
        if (take_text(&n->texts[i], PyTuple_GET_ITEM(texts, i)))
            return -1;
    for (Py_ssize_t i = 0; i < stepped; i++)
        if (make_step(c, &n->steps[i], PyTuple_GET_ITEM(steps, i), nesting))
            return -1;
    for (Py_ssize_t i = 0; i < inside; i++) {
        if (make_node(c, &n->children[i], PyTuple_GET_ITEM(inner, i), nesting + 1))
            return -1;
        if (kind == TAGGED && n->children[i].kind != OBJECT) {
            PyErr_SetString(PyExc_ValueError, "only objects are tagged");
            return -1;
        }
    }
    return check_runs(n);
}

static PyObject *cutter_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"shape", NULL};
    PyObject *source;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!", names, &PyTuple_Type, &source))
        return NULL;
    cutter *made = (cutter *)type->tp_alloc(type, 0);
    if (made == NULL)
        return NULL;
    made->is_whole = 1;
    if (make_node(made, &made->root, source, 0)) {
        Py_DECREF(made);
        return NULL;
    }
    return (PyObject *)made;
}

static void cutter_dealloc(PyObject *self) {
    cutter *c = (cutter *)self;
    PyTypeObject *type = Py_TYPE(self);
    free_node(&c->root);
    type->tp_free(self);
    Py_DECREF(type);
}

/* --- methods ------------------------------------------------------------------------------------------------------ */

PyDoc_STRVAR(cut_doc, "cut($self, body, /)\n--\n\n"
                      "The pieces of an answer and the columns of what was noted, or None if it is not of the shape.");

static PyObject *cutter_cut(PyObject *self, PyObject *body) {
    cutter *c = (cutter *)self;
    if (!PyBytes_CheckExact(body)) {
        PyErr_SetString(PyExc_TypeError, "an answer is bytes");
        return NULL;
    }
    PyObject *columns = PyTuple_New(c->columns), *pieces = PyList_New(0), *found = NULL;
    if (columns == NULL || pieces == NULL)
        goto done;
    for (Py_ssize_t i = 0; i < c->columns; i++) {
        PyObject *column = PyList_New(0);
        if (column == NULL)
            goto done;
        PyTuple_SET_ITEM(columns, i, column);
    }
    state s = {
        .at = PyBytes_AS_STRING(body),
        .end = PyBytes_AS_STRING(body) + PyBytes_GET_SIZE(body),
        .pieces = pieces,
        .columns = ((PyTupleObject *)columns)->ob_item,
    };
    switch (read_answer(&s, &c->root)) {
    case READ:
        found = PyTuple_Pack(2, pieces, columns);
        break;
    case UNUSUAL:
        found = Py_NewRef(Py_None);
        break;
    default:
        break;
    }
done:
    Py_XDECREF(columns);
    Py_XDECREF(pieces);
    return found;
}

PyDoc_STRVAR(locate_doc, "locate($self, body, /)\n--\n\n"
                         "Where the data of an answer begins and ends, or None if it is not of the shape.\n\n"
                         "For shapes that nothing is cut out of.");

static PyObject *cutter_locate(PyObject *self, PyObject *body) {
    cutter *c = (cutter *)self;
    if (!PyBytes_CheckExact(body)) {
        PyErr_SetString(PyExc_TypeError, "an answer is bytes");
        return NULL;
    }
    if (!c->is_whole) {
        PyErr_SetString(PyExc_ValueError, "answers of this shape are not passed on as they are");
        return NULL;
    }
    const char *start = PyBytes_AS_STRING(body);
    state s = {.at = start, .end = start + PyBytes_GET_SIZE(body)};
    switch (read_answer(&s, &c->root)) {
    case READ:
        return Py_BuildValue("(nn)", (Py_ssize_t)(s.data - start), (Py_ssize_t)(s.data_end - start));
    case UNUSUAL:
        Py_RETURN_NONE;
    default:
        return NULL;
    }
}

static PyMethodDef cutter_methods[] = {
    {"locate", cutter_locate, METH_O, locate_doc},
    {"cut", cutter_cut, METH_O, cut_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(cutter_doc, "Cutter(shape)\n--\n\nReads answers of one shape; see shapes.py.");

PyDoc_STRVAR(fill_doc, "fill($module, pieces, places, texts, numbers, /)\n--\n\n"
                       "Put texts into the holes of pieces: for each place the text of its number.\n\n"
                       "Numbers are a list, or the first of numbers that follow one another.");

static PyObject *fill(PyObject *module, PyObject *const *args, Py_ssize_t count) {
    if (count != 4 || !PyList_Check(args[0]) || !PyList_Check(args[1]) || !PyList_Check(args[2]) ||
        !(PyList_Check(args[3]) || PyLong_Check(args[3]))) {
        PyErr_SetString(PyExc_TypeError, "fill takes three lists, and a list or a number");
        return NULL;
    }
    PyObject *pieces = args[0], *places = args[1], *texts = args[2], *numbers = args[3];
    int is_list = PyList_Check(numbers);
    Py_ssize_t first = is_list ? 0 : PyLong_AsSsize_t(numbers);
    if (first == -1 && PyErr_Occurred())
        return NULL;
    if (is_list && PyList_GET_SIZE(numbers) != PyList_GET_SIZE(places)) {
        PyErr_SetString(PyExc_ValueError, "there are not as many numbers as places");
        return NULL;
    }
    if (first < 0 || first > PyList_GET_SIZE(texts)) {
        PyErr_SetString(PyExc_IndexError, "there is no text of such a number");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(places); i++) {
        Py_ssize_t place = PyLong_AsSsize_t(PyList_GET_ITEM(places, i));
        Py_ssize_t number = is_list ? PyLong_AsSsize_t(PyList_GET_ITEM(numbers, i)) : first + i;
        if ((place == -1 || number == -1) && PyErr_Occurred())
            return NULL;
        if (number < 0 || number >= PyList_GET_SIZE(texts)) {
            PyErr_SetString(PyExc_IndexError, "there is no text of such a number");
            return NULL;
        }
        if (PyList_SetItem(pieces, place, Py_NewRef(PyList_GET_ITEM(texts, number))))
            return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef module_methods[] = {
    {"fill", (PyCFunction)(void (*)(void))fill, METH_FASTCALL, fill_doc},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot cutter_slots[] = {
    {Py_tp_doc, (void *)cutter_doc},
    {Py_tp_new, cutter_new},
    {Py_tp_dealloc, cutter_dealloc},
    {Py_tp_methods, cutter_methods},
    {0, NULL},
};

static PyType_Spec cutter_spec = {
    .name = "router.executor.spliced._cutter.Cutter",
    .basicsize = sizeof(cutter),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = cutter_slots,
};

static int execute(PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &cutter_spec, NULL);
    if (type == NULL)
        return -1;
    int failed = PyModule_AddType(module, (PyTypeObject *)type);
    Py_DECREF(type);
    return failed;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_cutter",
    .m_doc = "Cuts the JSON of answers into pieces without decoding it.",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__cutter(void) { return PyModuleDef_Init(&module_definition); }
