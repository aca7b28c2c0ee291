/* A plan, made once from nested tuples: see spliced_plan.py for their form.
 *
 *     spliced_plan.py --> splicer.c --> splicer --> splice.c
 *                                       ^ you are here
 *
 * It is checked when it is made: a call is made of answers that come before it, and goes into holes of answers that come
 * before it, so no piece can be part of itself. How deep pieces lie in pieces is bounded by MAX_FETCHES.
 */

#ifndef SPLICED_SPLICER_H
#define SPLICED_SPLICER_H

#include "cut.h"

#define MAX_FETCHES 1000

/* Fields that go together into other objects: a column of spans, or two of places where they begin and end. */
typedef struct {
    Py_ssize_t column, end;
} run;

/* Where values of objects are noted: in an answer of their own, or in that of a call that was made for them. */
typedef struct {
    Py_ssize_t fetch, column;
    Py_ssize_t call, target; /* -1 if they are the objects' own */
    int refuses_null;
} value;

typedef struct {
    Py_ssize_t column, run;
} hole;

/* Objects that a call is made for. */
typedef struct {
    Py_ssize_t creator;
    Py_ssize_t like; /* the first target of the call with the same texts */
    Py_ssize_t values_count, holes_count;
    span *texts; /* before, between and after the values */
    value *values;
    hole *holes;
} target;

typedef struct {
    span head;
    Py_ssize_t counted;
    Py_ssize_t targets_count, runs_count;
    target *targets;
    run *runs;
    Py_ssize_t values_count; /* of all targets */
    Py_ssize_t starts;       /* where its targets' are among those of all calls */
} call;

typedef struct {
    cutter *cutter; /* NULL for a fetch that is not made */
    span prefix;
    Py_ssize_t first_call, end_call;
    Py_ssize_t columns; /* where its answer's are among those of all fetches */
} fetch;

/* A text, or a run of a root fetch. */
typedef struct {
    Py_ssize_t fetch;
    run run;
    span text;
} part;

typedef struct {
    PyObject_HEAD
    PyObject *source[2]; /* what the spans are in */
    PyObject *unusual;
    Py_ssize_t limit;
    Py_ssize_t most_bytes; /* of a response, and of the representations of a call, equal ones included */
    Py_ssize_t fetches_count, calls_count, parts_count, columns_count, starts_count;
    fetch *fetches;
    call *calls;
    part *parts; /* none if the only answer is the response */
} splicer;

extern PyType_Spec splicer_spec;

/* The types of the module, in the order in which their specifications stand in its state. */
enum { CUTTER_TYPE, SPLICER_TYPE, SPLICE_TYPE, TYPES };

#endif
