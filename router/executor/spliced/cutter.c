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
#include <string.h>

#include "shape.h"
#include "values.h"

typedef struct {
    PyObject_HEAD
    shape shape;
} cutter;

typedef struct {
    reader in;
    const char *span;   /* where the piece begins that is being read; NULL if nothing is being cut out here */
    int cutting;        /* whether what is read belongs into the pieces */
    const char *data;   /* where the value of "data" begins, and where it ends */
    const char *data_end;
    PyObject *pieces;   /* a list of bytes, with None for each hole */
    PyObject **columns; /* lists */
} state;

/* --- what is noted ------------------------------------------------------------------------------------------------ */

static int append(PyObject *list, PyObject *owned) {
    if (owned == NULL)
        return FAILED;
    int failed = PyList_Append(list, owned);
    Py_DECREF(owned);
    return failed ? FAILED : READ;
}

static int note_bytes(state *s, int column, const char *start) {
    return append(s->columns[column], PyBytes_FromStringAndSize(start, s->in.at - start));
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

/* As skip_literal, without a call for what is short. */
static inline int skip_text(reader *r, const text *t) {
    uint64_t found;
    if (t->mask == 0 || r->end - r->at < 8)
        return skip_literal(r, t->start, (size_t)t->length);
    memcpy(&found, r->at, 8);
    if ((found ^ t->begin) & t->mask)
        return UNUSUAL;
    if (t->length > 8 && (r->end - r->at < t->length ||
                          memcmp(r->at + 8, t->start + 8, (size_t)t->length - 8) != 0))
        return UNUSUAL;
    r->at += t->length;
    return READ;
}

static inline int read_key(state *s, const text *key) {
    TRY(skip_text(&s->in, key));
    if (*s->in.at != ':') {
        skip_space(&s->in);
        if (*s->in.at != ':')
            return UNUSUAL;
    }
    s->in.at++;
    skip_space(&s->in);
    return READ;
}

static int read_noted(state *s, const step *field) {
    const char *start = s->in.at;
    TRY(read_value(s, field->value));
    if (field->column < 0)
        return READ;
    /* Equal values must be equal bytes. */
    return is_plain(&s->in, start) ? note_bytes(s, field->column, start) : UNUSUAL;
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
    if (*s->in.at != '{')
        return UNUSUAL;
    s->in.at++;
    const char *solid = NULL;
    const char *before = s->in.at;            /* the end of what was read last and is seen */
    int is_first = 1, is_seen = 0;
    for (const step *it = n->steps, *end = it + n->count; it < end; it++) {
        switch (it->op) {
        case FIELD:
        case HIDDEN:
            skip_space(&s->in);
            if (!is_first) {
                if (*s->in.at != ',')
                    return UNUSUAL;
                s->in.at++;
                skip_space(&s->in);
            }
            is_first = 0;
            if (it->op == HIDDEN) {
                TRY(read_hidden(s, it, before));
                if (s->cutting && is_seen)
                    s->span = s->in.at;
                before = s->in.at;
                break;
            }
            if (solid == s->in.end) /* a solid run has begun */
                solid = s->in.at;
            if (it->before.length != 0 && s->cutting) {
                TRY(flush(s, s->in.at));
                TRY(add_text(s, &it->before));
                s->span = NULL;
            } else if (s->cutting && s->span == NULL) {
                s->span = s->in.at;
            }
            TRY(read_key(s, &it->key));
            if (s->cutting && s->span == NULL)
                s->span = s->in.at;
            TRY(read_noted(s, it));
            before = s->in.at;
            is_seen = 1;
            break;
        case HOLE:
            TRY(flush(s, s->in.at));
            TRY(add_text(s, &it->before));
            TRY(note_place(s, it->column));
            if (PyList_Append(s->pieces, Py_None))
                return FAILED;
            TRY(add_text(s, &it->after));
            break;
        case TEXT:
            TRY(flush(s, s->in.at));
            TRY(add_text(s, &it->before));
            break;
        case SOLID_BEGIN:
            solid = s->in.end;
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
            TRY(flush(s, s->in.at));
            s->span = NULL;
            s->cutting = 0;
            TRY(note_place(s, it->column));
            break;
        default:
            return UNUSUAL;
        }
    }
    skip_space(&s->in);
    if (*s->in.at != '}')
        return UNUSUAL;
    if (s->cutting && s->span == NULL)
        s->span = s->in.at;
    s->in.at++;
    return READ;
}

/* An object whose first key is __typename, which says what else it has. */
static int read_tagged(state *s, const node *n) {
    const char *start = s->in.at;
    if (*s->in.at != '{')
        return UNUSUAL;
    s->in.at++;
    skip_space(&s->in);
    TRY(skip_literal(&s->in, "\"__typename\"", 12));
    skip_space(&s->in);
    if (*s->in.at != ':')
        return UNUSUAL;
    s->in.at++;
    skip_space(&s->in);
    for (Py_ssize_t i = 0; i < n->count; i++) {
        if (skip_literal(&s->in, n->texts[i].start, (size_t)n->texts[i].length) == READ) {
            s->in.at = start;
            return read_object(s, &n->children[i]);
        }
    }
    return UNUSUAL;
}

static int read_list(state *s, const node *element) {
    if (*s->in.at != '[')
        return UNUSUAL;
    s->in.at++;
    skip_space(&s->in);
    if (*s->in.at == ']') {
        s->in.at++;
        return READ;
    }
    for (;;) {
        TRY(read_value(s, element));
        skip_space(&s->in);
        if (*s->in.at == ']') {
            s->in.at++;
            return READ;
        }
        if (*s->in.at != ',')
            return UNUSUAL;
        s->in.at++;
        skip_space(&s->in);
    }
}

static int read_one_of(state *s, const node *n) {
    for (Py_ssize_t i = 0; i < n->count; i++)
        if (skip_literal(&s->in, n->texts[i].start, (size_t)n->texts[i].length) == READ)
            return READ;
    return UNUSUAL;
}

static int read_value(state *s, const node *n) {
    if (n->nullable && *s->in.at == 'n')
        return skip_literal(&s->in, "null", 4);
    s->in.escaped = 0;
    switch (n->kind) {
    case STRING:
        return read_string(&s->in);
    case INT:
        return read_int(&s->in);
    case FLOAT:
        return read_float(&s->in);
    case BOOLEAN:
        return read_boolean(&s->in);
    case ANY:
        return *s->in.at == 'n' ? UNUSUAL : read_any(&s->in, 0);
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
    skip_space(&s->in);
    if (*s->in.at != '{')
        return UNUSUAL;
    s->in.at++;
    skip_space(&s->in);
    static const text data = {"\"data\"", 6, NULL};
    TRY(read_key(s, &data));
    s->data = s->in.at;
    TRY(read_value(s, root));
    s->data_end = s->in.at;
    skip_space(&s->in);
    if (*s->in.at == ',') {
        s->in.at++;
        skip_space(&s->in);
        static const text extensions = {"\"extensions\"", 12, NULL};
        TRY(read_key(s, &extensions));
        TRY(read_any(&s->in, 0));
        skip_space(&s->in);
    }
    if (*s->in.at != '}')
        return UNUSUAL;
    s->in.at++;
    skip_space(&s->in);
    return s->in.at == s->in.end ? READ : UNUSUAL;
}

static PyObject *cutter_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) {
    static char *names[] = {"shape", NULL};
    PyObject *source;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O!", names, &PyTuple_Type, &source))
        return NULL;
    cutter *made = (cutter *)type->tp_alloc(type, 0);
    if (made == NULL)
        return NULL;
    made->shape.is_whole = 1;
    if (make_node(&made->shape, &made->shape.root, source, 0)) {
        Py_DECREF(made);
        return NULL;
    }
    return (PyObject *)made;
}

static void cutter_dealloc(PyObject *self) {
    cutter *c = (cutter *)self;
    PyTypeObject *type = Py_TYPE(self);
    free_node(&c->shape.root);
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
    PyObject *columns = PyTuple_New(c->shape.columns), *pieces = PyList_New(0), *found = NULL;
    if (columns == NULL || pieces == NULL)
        goto done;
    for (Py_ssize_t i = 0; i < c->shape.columns; i++) {
        PyObject *column = PyList_New(0);
        if (column == NULL)
            goto done;
        PyTuple_SET_ITEM(columns, i, column);
    }
    state s = {
        .in.at = PyBytes_AS_STRING(body),
        .in.end = PyBytes_AS_STRING(body) + PyBytes_GET_SIZE(body),
        .pieces = pieces,
        .columns = ((PyTupleObject *)columns)->ob_item,
    };
    switch (read_answer(&s, &c->shape.root)) {
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
    if (!c->shape.is_whole) {
        PyErr_SetString(PyExc_ValueError, "answers of this shape are not passed on as they are");
        return NULL;
    }
    const char *start = PyBytes_AS_STRING(body);
    state s = {.in.at = start, .in.end = start + PyBytes_GET_SIZE(body)};
    switch (read_answer(&s, &c->shape.root)) {
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

PyDoc_STRVAR(number_values_doc, "number_values($module, values, /)\n--\n\n"
                         "The distinct values with numbers in the order in which they come, and the number of each value.");

static PyObject *number_values(PyObject *module, PyObject *values) {
    if (!PyList_Check(values)) {
        PyErr_SetString(PyExc_TypeError, "values are a list");
        return NULL;
    }
    PyObject *known = PyDict_New(), *numbers = PyList_New(0), *found = NULL;
    if (known == NULL || numbers == NULL)
        goto done;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(values); i++) {
        PyObject *value = Py_NewRef(PyList_GET_ITEM(values, i)), *next = PyLong_FromSsize_t(PyDict_GET_SIZE(known));
        PyObject *its = next == NULL ? NULL : PyDict_SetDefault(known, value, next);
        int failed = its == NULL || PyList_Append(numbers, its);
        Py_XDECREF(next);
        Py_DECREF(value);
        if (failed)
            goto done;
    }
    found = PyTuple_Pack(2, known, numbers);
done:
    Py_XDECREF(known);
    Py_XDECREF(numbers);
    return found;
}

static PyMethodDef module_methods[] = {
    {"number_values", number_values, METH_O, number_values_doc},
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
