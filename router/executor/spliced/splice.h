/* One run of a plan.
 *
 *     splicer --> splice --> requests.c, splice.c
 *                 ^ you are here
 */

#ifndef SPLICED_SPLICE_H
#define SPLICED_SPLICE_H

#include <string.h>

#include "splicer.h"

/* What a call was made for. */
typedef struct {
    Py_ssize_t known;  /* how many entities */
    uint32_t *numbers; /* which of them stands for each object; NULL if each has one of its own */
    Py_ssize_t *starts; /* where the objects of each target begin among all of the call's, and where the last end */
} entities;

typedef struct {
    PyObject_HEAD
    splicer *plan;
    cut *cuts;
    entities *entities;
} splice;

extern PyType_Spec splice_spec;

/* Raises what says that the plan does not fit; FAILED. */
static inline int unusual(const splice *s) {
    PyErr_SetNone(s->plan->unusual);
    return FAILED;
}

static inline char *put(char *to, const char *start, Py_ssize_t length) {
    memcpy(to, start, (size_t)length);
    return to + length;
}

static inline char *put_span(char *to, const span *s) { return put(to, s->start, s->length); }

/* The body of a fetch, or None; `entries` is a list of bytes. */
PyObject *splice_ask(splice *s, const fetch *f, PyObject *entries);

#endif
