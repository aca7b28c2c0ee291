/* Takes the answers of one run, and puts them together to the response.
 *
 *     Splicer --> Splice --> requests, response
 *                 ^ you are here
 *
 * It keeps the answers that were cut. Nothing is copied before the response is written, once, at its full length.
 * Whatever is not as the plan expects raises the exception that the plan was made with, and is forgotten.
 */

#include "splice.h"

static PyObject *splice_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    PyObject **types = PyType_GetModuleState(type);
    PyObject *plan;
    if (types == NULL || !PyArg_ParseTuple(args, "O!", types[SPLICER_TYPE], &plan))
        return NULL;
    if (kwargs != NULL) {
        PyErr_SetString(PyExc_TypeError, "a splice takes a plan");
        return NULL;
    }
    splicer *p = (splicer *)plan;
    splice *made = (splice *)type->tp_alloc(type, 0);
    if (made == NULL)
        return NULL;
    made->plan = (splicer *)Py_NewRef(plan);
    /* All in one piece of memory, which begins with the cuts. */
    size_t cuts = (size_t)p->fetches_count * sizeof(cut), calls = (size_t)p->calls_count * sizeof(entities);
    size_t columns = (size_t)p->columns_count * sizeof(column), starts = (size_t)p->starts_count * sizeof(Py_ssize_t);
    char *memory = make_array((Py_ssize_t)(cuts + calls + columns + starts), 1);
    if (memory == NULL) {
        Py_DECREF(made);
        return NULL;
    }
    made->cuts = (cut *)memory;
    made->entities = (entities *)(memory + cuts);
    for (Py_ssize_t i = 0; i < p->fetches_count; i++)
        made->cuts[i].columns = (column *)(memory + cuts + calls) + p->fetches[i].columns;
    for (Py_ssize_t i = 0; i < p->calls_count; i++)
        made->entities[i].starts = (Py_ssize_t *)(memory + cuts + calls + columns) + p->calls[i].starts;
    return (PyObject *)made;
}

static void splice_dealloc(PyObject *self) {
    splice *s = (splice *)self;
    PyTypeObject *type = Py_TYPE(self);
    if (s->cuts != NULL) {
        for (Py_ssize_t i = 0; i < s->plan->fetches_count; i++)
            if (s->cuts[i].body != NULL)
                cut_clear(&s->cuts[i], cutter_columns(s->plan->fetches[i].cutter));
        for (Py_ssize_t i = 0; i < s->plan->calls_count; i++)
            PyMem_Free(s->entities[i].numbers);
        PyMem_Free(s->cuts);
    }
    Py_XDECREF(s->plan);
    type->tp_free(self);
    Py_DECREF(type);
}

/* The fetch of a number, if it is made. */
static const fetch *fetch_of(const splice *s, PyObject *number, Py_ssize_t *found) {
    *found = PyLong_AsSsize_t(number);
    if (*found == -1 && PyErr_Occurred())
        return NULL;
    if (*found < 0 || *found >= s->plan->fetches_count || s->plan->fetches[*found].cutter == NULL) {
        PyErr_SetString(PyExc_IndexError, "there is no such fetch");
        return NULL;
    }
    return &s->plan->fetches[*found];
}

PyDoc_STRVAR(take_doc, "take($self, fetch, body, /)\n--\n\nTake the answer to a fetch.");

static PyObject *splice_take(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    splice *s = (splice *)self;
    if (count != 2 || !PyBytes_CheckExact(args[1])) {
        PyErr_SetString(PyExc_TypeError, "take takes the number of a fetch, and bytes");
        return NULL;
    }
    Py_ssize_t number;
    const fetch *f = fetch_of(s, args[0], &number);
    if (f == NULL)
        return NULL;
    cut *to = &s->cuts[number];
    if (to->body != NULL) {
        PyErr_SetString(PyExc_ValueError, "the fetch has its answer");
        return NULL;
    }
    int outcome = cutter_cut(f->cutter, args[1], to);
    for (Py_ssize_t i = f->first_call; outcome == READ && i < f->end_call; i++)
        if (to->columns[s->plan->calls[i].counted].count != s->entities[i].known)
            outcome = UNUSUAL;
    if (outcome == READ)
        Py_RETURN_NONE;
    cut_clear(to, cutter_columns(f->cutter));
    if (outcome == UNUSUAL)
        unusual(s);
    return NULL;
}

PyDoc_STRVAR(request_doc, "request($self, fetch, entries, /)\n--\n\n"
                          "The body of a fetch with the entries of its variables; None if there is nothing to ask for.");

static PyObject *splice_request(PyObject *self, PyObject *const *args, Py_ssize_t count) {
    splice *s = (splice *)self;
    if (count != 2 || !PyList_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "request takes the number of a fetch, and a list");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(args[1]); i++)
        if (!PyBytes_Check(PyList_GET_ITEM(args[1], i))) {
            PyErr_SetString(PyExc_TypeError, "entries are bytes");
            return NULL;
        }
    Py_ssize_t number;
    const fetch *f = fetch_of(s, args[0], &number);
    return f == NULL ? NULL : splice_ask(s, f, args[1]);
}

/* --- the response ------------------------------------------------------------------------------------------------- */

/* A run of one entity. */
static int piece_of(const cut *from, const run *r, Py_ssize_t entity, piece *to) {
    if (entity >= from->columns[r->column].count)
        return UNUSUAL;
    if (r->end < 0) {
        *to = (piece){.holds = BYTES, .as.bytes = from->columns[r->column].as.spans[entity]};
        return READ;
    }
    if (entity >= from->columns[r->end].count)
        return UNUSUAL;
    uint32_t first = from->columns[r->column].as.places[entity], end = from->columns[r->end].as.places[entity];
    *to = (piece){.holds = PIECES, .first = first, .as.pieces = {from, end}};
    return READ;
}

/* Puts the entities of a call into the objects that they stand for. */
static int fill(splice *s, const cut *from, const call *c, const entities *e) {
    for (Py_ssize_t i = 0; i < c->targets_count; i++) {
        const target *t = &c->targets[i];
        cut *into = &s->cuts[t->creator];
        if (into->body == NULL)
            continue;
        Py_ssize_t begin = e->starts[i], count = e->starts[i + 1] - begin;
        for (Py_ssize_t j = 0; j < t->holes_count; j++) {
            const column *holes = &into->columns[t->holes[j].column];
            const run *r = &c->runs[t->holes[j].run];
            if (holes->count != count)
                return UNUSUAL;
            for (Py_ssize_t k = 0; k < count; k++) {
                Py_ssize_t entity = e->numbers == NULL ? begin + k : e->numbers[begin + k];
                TRY(piece_of(from, r, entity, &into->pieces[holes->as.places[k]]));
            }
        }
    }
    return READ;
}

/* What is left of `most` bytes after a piece; less than none if it is longer, or if something is missing in it. It looks
 * no further than that: pieces of answers in pieces of answers may be longer than any memory. */
static Py_ssize_t bytes_left(Py_ssize_t most, const piece *p) {
    if (p->holds == BYTES)
        return most - p->as.bytes.length;
    if (p->holds == HOLE_LEFT)
        return -1;
    const piece *inside = p->as.pieces.from->pieces;
    for (Py_ssize_t i = p->first; most >= 0 && i < p->as.pieces.end; i++)
        most = inside[i].holds == BYTES ? most - inside[i].as.bytes.length : bytes_left(most, &inside[i]);
    return most;
}

static char *put_piece(char *to, const piece *p) {
    if (p->holds == BYTES)
        return put_span(to, &p->as.bytes);
    const piece *inside = p->as.pieces.from->pieces;
    for (Py_ssize_t i = p->first; i < p->as.pieces.end; i++)
        to = inside[i].holds == BYTES ? put_span(to, &inside[i].as.bytes) : put_piece(to, &inside[i]);
    return to;
}

/* The pieces of the response, and their length in all. */
static int find_parts(const splice *s, piece *parts, Py_ssize_t *length) {
    Py_ssize_t left = s->plan->most_bytes;
    for (Py_ssize_t i = 0; i < s->plan->parts_count; i++) {
        const part *p = &s->plan->parts[i];
        if (p->fetch < 0) {
            parts[i] = (piece){.holds = BYTES, .as.bytes = p->text};
        } else {
            TRY(piece_of(&s->cuts[p->fetch], &p->run, 0, &parts[i]));
        }
        left = bytes_left(left, &parts[i]);
        if (left < 0)
            return UNUSUAL;
    }
    *length = s->plan->most_bytes - left;
    return READ;
}

static PyObject *join_parts(const splice *s) {
    Py_ssize_t length;
    piece *parts = make_array(s->plan->parts_count, sizeof(piece));
    PyObject *joined = NULL;
    if (parts == NULL)
        return NULL;
    if (find_parts(s, parts, &length) != READ)
        unusual(s);
    else if ((joined = PyBytes_FromStringAndSize(NULL, length)) != NULL) {
        char *to = PyBytes_AS_STRING(joined);
        for (Py_ssize_t i = 0; i < s->plan->parts_count; i++)
            to = put_piece(to, &parts[i]);
    }
    PyMem_Free(parts);
    return joined;
}

/* The only answer, without what may stand around its data. */
static PyObject *pass_on(const splice *s) {
    const cut *c = &s->cuts[0];
    static const char begin[] = "{\"data\":";
    Py_ssize_t before = sizeof(begin) - 1, length = c->body == NULL ? 0 : c->data_end - c->data;
    if (c->body == NULL || before + length + 1 > s->plan->most_bytes) {
        unusual(s);
        return NULL;
    }
    const char *start = PyBytes_AS_STRING(c->body), *end = start + PyBytes_GET_SIZE(c->body);
    if (c->data - start == before && end - c->data_end == 1)
        return Py_NewRef(c->body);
    PyObject *made = PyBytes_FromStringAndSize(NULL, before + length + 1);
    if (made != NULL)
        put(put(put(PyBytes_AS_STRING(made), begin, before), c->data, length), "}", 1);
    return made;
}

PyDoc_STRVAR(response_doc, "response($self, /)\n--\n\nThe response, which has nothing but data.");

static PyObject *splice_response(PyObject *self, PyObject *ignored) {
    splice *s = (splice *)self;
    if (s->plan->parts_count == 0)
        return pass_on(s);
    for (Py_ssize_t i = 0; i < s->plan->fetches_count; i++)
        for (Py_ssize_t j = s->plan->fetches[i].first_call; s->cuts[i].body != NULL && j < s->plan->fetches[i].end_call; j++)
            if (fill(s, &s->cuts[i], &s->plan->calls[j], &s->entities[j]) != READ) {
                unusual(s);
                return NULL;
            }
    return join_parts(s);
}

/* --- the type ----------------------------------------------------------------------------------------------------- */

static PyMethodDef splice_methods[] = {
    {"take", (PyCFunction)(void (*)(void))splice_take, METH_FASTCALL, take_doc},
    {"request", (PyCFunction)(void (*)(void))splice_request, METH_FASTCALL, request_doc},
    {"response", splice_response, METH_NOARGS, response_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(splice_doc, "Splice(splicer)\n--\n\nOne run of a plan.");

static PyType_Slot splice_slots[] = {
    {Py_tp_doc, (void *)splice_doc},
    {Py_tp_new, splice_new},
    {Py_tp_dealloc, splice_dealloc},
    {Py_tp_methods, splice_methods},
    {0, NULL},
};

PyType_Spec splice_spec = {
    .name = "router.executor.spliced._splicer.Splice",
    .basicsize = sizeof(splice),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = splice_slots,
};
