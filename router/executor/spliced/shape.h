/* The shape that an answer must have, made once from nested tuples: see shapes.py for their form. */

#ifndef SPLICED_SHAPE_H
#define SPLICED_SHAPE_H

#include <string.h>

#include "cut.h"

#define MAX_NESTING 200
#define MAX_COLUMNS 10000

enum kind { STRING, INT, FLOAT, BOOLEAN, ANY, ONE_OF, LIST, OBJECT, TAGGED, KINDS };
enum op { FIELD, HIDDEN, HOLE, TEXT, SOLID_BEGIN, SOLID_END, RUN_BEGIN, RUN_END, OPS };

typedef struct node node;

typedef struct {
    const char *start;
    Py_ssize_t length;
    PyObject *bytes; /* what they are in; NULL for texts of the program */
    uint64_t begin;  /* the first eight bytes, or all if there are fewer */
    uint64_t mask;   /* the bits of these that count; 0 for texts of the program */
    uint64_t last;   /* the last eight bytes, if there are more */
} text;

typedef struct {
    enum op op;
    int column;  /* of what is noted: the value, the hole's place, where a run begins or ends; -1 for nothing */
    node *value; /* of FIELD and HIDDEN */
    text key;    /* of FIELD and HIDDEN, with its quotes */
    text next;   /* the key between a comma and a colon, as programs write it */
    text before; /* of HOLE and TEXT; of a FIELD: the key that clients see, with its colon, where it is another one */
    text after;  /* of HOLE */
} step;

struct node {
    enum kind kind;
    int nullable;
    int is_plain;     /* an object whose fields are passed on as they are, each by itself */
    Py_ssize_t count; /* of texts, steps or choices */
    text *texts;      /* of ONE_OF: JSON strings; of TAGGED: those of __typename */
    step *steps;      /* of OBJECT */
    node *children;   /* of LIST: one; of TAGGED: an object for each text */
};

typedef struct {
    node root;
    Py_ssize_t columns;
    unsigned char *noted; /* what each column is of: an enum noted */
    int is_whole;         /* whether nothing is left out of an answer, put into it, or noted */
} shape;

static int take_text(text *to, PyObject *from) {
    char *start;
    if (PyBytes_AsStringAndSize(from, &start, &to->length))
        return -1;
    to->start = start;
    to->bytes = Py_NewRef(from);
    size_t begins = to->length < 8 ? (size_t)to->length : 8;
    memcpy(&to->begin, start, begins);
    memset(&to->mask, 0xFF, begins);
    if (to->length > 8)
        memcpy(&to->last, start + to->length - 8, 8);
    return 0;
}

static int take_next(text *to, const text *key) {
    PyObject *next = PyBytes_FromStringAndSize(NULL, key->length + 2);
    if (next == NULL)
        return -1;
    char *start = PyBytes_AS_STRING(next);
    start[0] = ',';
    memcpy(start + 1, key->start, (size_t)key->length);
    start[key->length + 1] = ':';
    int failed = take_text(to, next);
    Py_DECREF(next);
    return failed;
}

static void free_node(node *n) {
    Py_ssize_t inside = n->kind == LIST ? 1 : n->kind == TAGGED ? n->count : 0;
    for (Py_ssize_t i = 0; n->children != NULL && i < inside; i++)
        free_node(&n->children[i]);
    Py_ssize_t stepped = n->kind == OBJECT ? n->count : 0;
    for (Py_ssize_t i = 0; n->steps != NULL && i < stepped; i++) {
        Py_XDECREF(n->steps[i].key.bytes);
        Py_XDECREF(n->steps[i].next.bytes);
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

/* A column of one kind only. */
static int add_column(shape *s, Py_ssize_t number, enum noted noted) {
    if (number >= MAX_COLUMNS) {
        PyErr_SetString(PyExc_ValueError, "the shape has too many columns");
        return -1;
    }
    if (number >= s->columns) {
        unsigned char *grown = PyMem_Realloc(s->noted, (size_t)number + 1);
        if (grown == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        memset(grown + s->columns, NOTHING, (size_t)(number + 1 - s->columns));
        s->noted = grown;
        s->columns = number + 1;
    }
    if (s->noted[number] != NOTHING && s->noted[number] != noted) {
        PyErr_SetString(PyExc_ValueError, "a column is for two kinds of things");
        return -1;
    }
    s->noted[number] = (unsigned char)noted;
    return 0;
}

static enum noted noted_by(enum op op) {
    return op == FIELD || op == HIDDEN || op == SOLID_END ? SPANS : op == HOLE ? HOLES : PLACES;
}

static int is_passed_on(const step *field) {
    return field->op == FIELD && field->column < 0 && field->before.length == 0;
}

static int make_node(shape *s, node *n, PyObject *source, int nesting);

static int make_step(shape *s, step *made, PyObject *source, int nesting) {
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
    made->op = (enum op)op;
    if (made->column >= 0 && add_column(s, made->column, noted_by(made->op)))
        return -1;
    if (take_text(&made->key, key) || take_text(&made->before, before) || take_text(&made->after, after))
        return -1;
    s->is_whole &= is_passed_on(made);
    if (!is_field)
        return 0;
    if (take_next(&made->next, &made->key))
        return -1;
    made->value = make_array(1, sizeof(node));
    return made->value == NULL ? -1 : make_node(s, made->value, value, nesting + 1);
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

static int make_node(shape *s, node *n, PyObject *source, int nesting) {
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
    n->is_plain = 1;
    for (Py_ssize_t i = 0; i < stepped; i++) {
        if (make_step(s, &n->steps[i], PyTuple_GET_ITEM(steps, i), nesting))
            return -1;
        n->is_plain &= is_passed_on(&n->steps[i]);
    }
    for (Py_ssize_t i = 0; i < inside; i++) {
        if (make_node(s, &n->children[i], PyTuple_GET_ITEM(inner, i), nesting + 1))
            return -1;
        if (kind == TAGGED && n->children[i].kind != OBJECT) {
            PyErr_SetString(PyExc_ValueError, "only objects are tagged");
            return -1;
        }
    }
    return check_runs(n);
}

#endif
