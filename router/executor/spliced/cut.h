/* What an answer is cut into.
 *
 *     body --> cutter.c --> cut --> splicer.c
 *                           ^ you are here
 *
 * No bytes are copied: pieces and what is noted point into the answer, which the cut holds, or into the texts of a shape.
 */

#ifndef SPLICED_CUT_H
#define SPLICED_CUT_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

/* Every function that reads returns one of these; with FAILED an exception is set. */
enum outcome { FAILED = -1, UNUSUAL = 0, READ = 1 };

#define TRY(expression)                                                                                               \
    do {                                                                                                              \
        int outcome_ = (expression);                                                                                  \
        if (outcome_ != READ)                                                                                         \
            return outcome_;                                                                                          \
    } while (0)

typedef struct {
    const char *start;
    Py_ssize_t length;
} span;

typedef struct cut cut;

/* Bytes, or pieces of a cut that go there; a hole until it is known which. */
typedef struct {
    enum { HOLE_LEFT, BYTES, PIECES } holds;
    uint32_t first; /* of PIECES */
    union {
        span bytes;
        struct {
            const cut *from;
            Py_ssize_t end;
        } pieces;
    } as;
} piece;

/* What was noted at one point of the shape, once for each time that it was passed. */
typedef struct {
    Py_ssize_t count, room;
    union {
        span *spans;
        uint32_t *places; /* in the pieces */
        void *items;
    } as;
} column;

struct cut {
    PyObject *body; /* NULL as long as nothing was cut */
    const char *data, *data_end;
    piece *pieces;
    Py_ssize_t count, room;
    column *columns;
};

typedef struct cutter cutter;

extern PyType_Spec cutter_spec;

/* What a column is of. Where runs begin and end there need not be a piece; where holes are, there is one. */
enum noted { NOTHING, SPANS, PLACES, HOLES };

/* How many columns an answer has. */
Py_ssize_t cutter_columns(const cutter *c);

enum noted cutter_noted(const cutter *c, Py_ssize_t column);

/* Whether nothing is left out of answers, put into them, or noted. */
int cutter_is_whole(const cutter *c);

/* READ, UNUSUAL or FAILED; into a cut that has nothing but its columns, which are zeroed. What is not READ is to be
 * cleared. */
int cutter_cut(const cutter *c, PyObject *body, cut *into);

/* As it was before anything was cut. */
void cut_clear(cut *c, Py_ssize_t columns);

static inline void *make_array(Py_ssize_t count, size_t size) {
    void *made = PyMem_Calloc(count ? (size_t)count : 1, size);
    if (made == NULL)
        PyErr_NoMemory();
    return made;
}

#endif
