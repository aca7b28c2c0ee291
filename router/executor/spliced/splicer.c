/* Makes plans of nested tuples, and refuses what is none.
 *
 *     spliced_plan.py --> splicer.c --> splicer --> splice.c
 *                         ^ you are here
 */

#include <stdarg.h>
#include <string.h>

#include "splicer.h"

static int wrong(const char *what) {
    PyErr_SetString(PyExc_ValueError, what);
    return -1;
}

/* The parts of a tuple, which may be a named one; refused with an exception. */
static int unpack(PyObject *source, const char *format, ...) {
    if (!PyTuple_Check(source)) {
        PyErr_SetString(PyExc_TypeError, "a plan is made of tuples");
        return -1;
    }
    va_list to;
    va_start(to, format);
    int is_right = PyArg_VaParse(source, format, to);
    va_end(to);
    return is_right ? 0 : -1;
}

static int take_span(span *to, PyObject *from) {
    char *start;
    if (PyBytes_AsStringAndSize(from, &start, &to->length))
        return -1;
    to->start = start;
    return 0;
}

/* Whether one of the first fetches notes such things in a column. */
static int notes(const splicer *s, Py_ssize_t fetches, Py_ssize_t fetch, Py_ssize_t column, enum noted noted) {
    if (fetch < 0 || fetch >= fetches || s->fetches[fetch].cutter == NULL)
        return 0;
    const cutter *c = s->fetches[fetch].cutter;
    return column >= 0 && column < cutter_columns(c) && cutter_noted(c, column) == noted;
}

static int make_run(const splicer *s, Py_ssize_t fetch, run *to, PyObject *source) {
    if (unpack(source, "nn", &to->column, &to->end))
        return -1;
    enum noted noted = to->end < 0 ? SPANS : PLACES;
    if (!notes(s, fetch + 1, fetch, to->column, noted) || (to->end >= 0 && !notes(s, fetch + 1, fetch, to->end, PLACES)))
        return wrong("a run is in no answer");
    return 0;
}

static int make_value(const splicer *s, Py_ssize_t fetch, value *to, PyObject *source) {
    if (unpack(source, "nnnnp", &to->fetch, &to->column, &to->call, &to->target, &to->refuses_null))
        return -1;
    if (!notes(s, fetch, to->fetch, to->column, SPANS))
        return wrong("a value is in no earlier answer");
    if (to->call < 0)
        return 0;
    int is_made_there = to->call >= s->fetches[to->fetch].first_call && to->call < s->fetches[to->fetch].end_call;
    if (!is_made_there || to->target < 0 || to->target >= s->calls[to->call].targets_count)
        return wrong("a value is of no earlier call");
    return 0;
}

static int same_texts(const target *one, const target *other) {
    if (one->values_count != other->values_count)
        return 0;
    for (Py_ssize_t i = 0; i <= one->values_count; i++)
        if (one->texts[i].length != other->texts[i].length ||
            memcmp(one->texts[i].start, other->texts[i].start, (size_t)one->texts[i].length) != 0)
            return 0;
    return 1;
}

static int make_target(const splicer *s, Py_ssize_t fetch, const call *c, target *to, PyObject *source) {
    PyObject *texts, *values, *holes;
    if (unpack(source, "nO!O!O!", &to->creator, &PyTuple_Type, &texts, &PyTuple_Type, &values, &PyTuple_Type, &holes))
        return -1;
    Py_ssize_t values_count = PyTuple_GET_SIZE(values), holes_count = PyTuple_GET_SIZE(holes);
    if (to->creator < 0 || to->creator >= fetch || values_count == 0 || PyTuple_GET_SIZE(texts) != values_count + 1)
        return wrong("a target is not one");
    to->texts = make_array(values_count + 1, sizeof(span));
    to->values = make_array(values_count, sizeof(value));
    to->holes = make_array(holes_count, sizeof(hole));
    if (to->texts == NULL || to->values == NULL || to->holes == NULL)
        return -1;
    to->values_count = values_count;
    to->holes_count = holes_count;
    for (Py_ssize_t i = 0; i <= values_count; i++)
        if (take_span(&to->texts[i], PyTuple_GET_ITEM(texts, i)))
            return -1;
    for (Py_ssize_t i = 0; i < values_count; i++)
        if (make_value(s, fetch, &to->values[i], PyTuple_GET_ITEM(values, i)))
            return -1;
    for (Py_ssize_t i = 0; i < holes_count; i++) {
        hole *h = &to->holes[i];
        if (unpack(PyTuple_GET_ITEM(holes, i), "nn", &h->column, &h->run))
            return -1;
        if (!notes(s, fetch, to->creator, h->column, HOLES) || h->run < 0 || h->run >= c->runs_count)
            return wrong("a hole is in no earlier answer");
    }
    return 0;
}

static int make_call(splicer *s, Py_ssize_t fetch, call *to, PyObject *source) {
    PyObject *head, *targets, *runs;
    if (unpack(source, "SO!O!n", &head, &PyTuple_Type, &targets, &PyTuple_Type, &runs, &to->counted) ||
        take_span(&to->head, head))
        return -1;
    if (!notes(s, fetch + 1, fetch, to->counted, SPANS) && !notes(s, fetch + 1, fetch, to->counted, PLACES))
        return wrong("entities are counted in no answer");
    to->targets = make_array(PyTuple_GET_SIZE(targets), sizeof(target));
    to->runs = make_array(PyTuple_GET_SIZE(runs), sizeof(run));
    if (to->targets == NULL || to->runs == NULL)
        return -1;
    to->runs_count = PyTuple_GET_SIZE(runs);
    for (Py_ssize_t i = 0; i < to->runs_count; i++)
        if (make_run(s, fetch, &to->runs[i], PyTuple_GET_ITEM(runs, i)))
            return -1;
    to->targets_count = PyTuple_GET_SIZE(targets);
    for (Py_ssize_t i = 0; i < to->targets_count; i++) {
        target *t = &to->targets[i];
        if (make_target(s, fetch, to, t, PyTuple_GET_ITEM(targets, i)))
            return -1;
        while (t->like < i && !same_texts(&to->targets[t->like], t))
            t->like++;
        to->values_count += t->values_count;
    }
    to->starts = s->starts_count;
    s->starts_count += to->targets_count + 1;
    return 0;
}

static int make_fetch(splicer *s, Py_ssize_t number, PyObject *source, PyTypeObject *cutters) {
    fetch *to = &s->fetches[number];
    to->first_call = to->end_call = s->calls_count;
    if (source == Py_None)
        return 0;
    PyObject *prefix, *calls, *its;
    if (unpack(source, "O!SO!", cutters, &its, &prefix, &PyTuple_Type, &calls) || take_span(&to->prefix, prefix))
        return -1;
    to->cutter = (cutter *)its;
    to->columns = s->columns_count;
    s->columns_count += cutter_columns(to->cutter);
    Py_ssize_t count = PyTuple_GET_SIZE(calls);
    call *grown = PyMem_Realloc(s->calls, (size_t)(s->calls_count + count + 1) * sizeof(call));
    if (grown == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    s->calls = grown;
    memset(s->calls + s->calls_count, 0, (size_t)count * sizeof(call));
    for (Py_ssize_t i = 0; i < count; i++)
        if (make_call(s, number, &s->calls[s->calls_count++], PyTuple_GET_ITEM(calls, i)))
            return -1;
    to->end_call = s->calls_count;
    return 0;
}

static int make_part(const splicer *s, part *to, PyObject *source) {
    to->fetch = -1;
    if (PyBytes_Check(source))
        return take_span(&to->text, source);
    PyObject *its;
    Py_ssize_t number;
    if (unpack(source, "nO", &number, &its))
        return -1;
    if (number < 0 || number >= s->fetches_count || s->fetches[number].cutter == NULL)
        return wrong("a part of the response is in no answer");
    to->fetch = number;
    return make_run(s, number, &to->run, its);
}

static int make_plan(splicer *s, PyObject *fetches, PyObject *response, PyTypeObject *cutters) {
    s->source[0] = Py_NewRef(fetches);
    s->source[1] = Py_NewRef(response);
    if (PyTuple_GET_SIZE(fetches) > MAX_FETCHES)
        return wrong("the plan has too many fetches");
    s->fetches = make_array(PyTuple_GET_SIZE(fetches), sizeof(fetch));
    s->parts = make_array(PyTuple_GET_SIZE(response), sizeof(part));
    if (s->fetches == NULL || s->parts == NULL)
        return -1;
    s->fetches_count = PyTuple_GET_SIZE(fetches);
    for (Py_ssize_t i = 0; i < s->fetches_count; i++)
        if (make_fetch(s, i, PyTuple_GET_ITEM(fetches, i), cutters))
            return -1;
    s->parts_count = PyTuple_GET_SIZE(response);
    for (Py_ssize_t i = 0; i < s->parts_count; i++)
        if (make_part(s, &s->parts[i], PyTuple_GET_ITEM(response, i)))
            return -1;
    if (s->parts_count == 0 && (s->fetches_count != 1 || s->calls_count != 0 || s->fetches[0].cutter == NULL ||
                                !cutter_is_whole(s->fetches[0].cutter)))
        return wrong("no answer is the whole response");
    return 0;
}

static PyObject *splicer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"fetches", "response", "limit", "most_bytes", "unusual", NULL};
    PyObject *fetches, *response, *unusual;
    Py_ssize_t limit, most_bytes;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!O!nnO", names, &PyTuple_Type, &fetches, &PyTuple_Type, &response,
                                     &limit, &most_bytes, &unusual))
        return NULL;
    if (!PyExceptionClass_Check(unusual)) {
        PyErr_SetString(PyExc_TypeError, "what is unusual is told by an exception");
        return NULL;
    }
    PyObject **types = PyType_GetModuleState(type);
    splicer *made = types == NULL ? NULL : (splicer *)type->tp_alloc(type, 0);
    if (made == NULL)
        return NULL;
    made->unusual = Py_NewRef(unusual);
    made->limit = limit;
    made->most_bytes = most_bytes;
    if (make_plan(made, fetches, response, (PyTypeObject *)types[CUTTER_TYPE])) {
        Py_DECREF(made);
        return NULL;
    }
    return (PyObject *)made;
}

static void splicer_dealloc(PyObject *self) {
    splicer *s = (splicer *)self;
    PyTypeObject *type = Py_TYPE(self);
    for (Py_ssize_t i = 0; i < s->calls_count; i++) {
        call *c = &s->calls[i];
        for (Py_ssize_t j = 0; c->targets != NULL && j < c->targets_count; j++) {
            PyMem_Free(c->targets[j].texts);
            PyMem_Free(c->targets[j].values);
            PyMem_Free(c->targets[j].holes);
        }
        PyMem_Free(c->targets);
        PyMem_Free(c->runs);
    }
    PyMem_Free(s->fetches);
    PyMem_Free(s->calls);
    PyMem_Free(s->parts);
    Py_XDECREF(s->source[0]);
    Py_XDECREF(s->source[1]);
    Py_XDECREF(s->unusual);
    type->tp_free(self);
    Py_DECREF(type);
}

PyDoc_STRVAR(splicer_doc, "Splicer(fetches, response, limit, most_bytes, unusual)\n--\n\nA plan; see spliced_plan.py.");

static PyType_Slot splicer_slots[] = {
    {Py_tp_doc, (void *)splicer_doc},
    {Py_tp_new, splicer_new},
    {Py_tp_dealloc, splicer_dealloc},
    {0, NULL},
};

PyType_Spec splicer_spec = {
    .name = "router.executor.spliced._splicer.Splicer",
    .basicsize = sizeof(splicer),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = splicer_slots,
};
