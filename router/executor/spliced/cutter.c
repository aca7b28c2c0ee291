/* Reads the JSON of an answer against the shape that it must have, and cuts it into pieces.
 *
 *     shapes.py --> cutter --> cut --> splicer.c
 *                   ^ you are here
 *
 * A Cutter is made once per fetch, from nested tuples (see shapes.py for their form). It goes through the bytes once.
 * Nothing is decoded: what clients see of an answer is cut out of it as bytes, with places left free for what other
 * fetches bring. Whatever is not exactly as the shape says is no error but UNUSUAL, and the interpreter reads the bytes.
 * So this file only has to recognise the usual case, and never to repair anything.
 *
 * Reading past the end is impossible by the way bytes objects are stored: a zero byte follows them, and no rule here
 * accepts a zero byte. Recursion is bounded: shapes by MAX_NESTING when they are made, free values by MAX_FREE_NESTING.
 */

#include <string.h>

#include "cut.h"
#include "shape.h"
#include "values.h"

struct cutter {
    PyObject_HEAD
    shape shape;
};

typedef struct {
    reader in;
    const char *span;   /* where the piece begins that is being read; NULL if nothing is being cut out here */
    int cutting;        /* whether what is read belongs into the pieces */
    cut *to;
} state;

/* --- what is noted ------------------------------------------------------------------------------------------------ */

/* Room for twice as much as there is. */
static int grow(void **items, Py_ssize_t *room, size_t size) {
    Py_ssize_t wanted = *room ? *room * 2 : 16;
    void *grown = wanted > UINT32_MAX ? NULL : PyMem_Realloc(*items, (size_t)wanted * size);
    if (grown == NULL) {
        PyErr_NoMemory();
        return FAILED;
    }
    *items = grown;
    *room = wanted;
    return READ;
}

static int note_bytes(state *s, int number, const char *start) {
    column *c = &s->to->columns[number];
    if (c->count == c->room)
        TRY(grow(&c->as.items, &c->room, sizeof(span)));
    c->as.spans[c->count++] = (span){start, s->in.at - start};
    return READ;
}

static int note_place(state *s, int number) {
    column *c = &s->to->columns[number];
    if (c->count == c->room)
        TRY(grow(&c->as.items, &c->room, sizeof(uint32_t)));
    c->as.places[c->count++] = (uint32_t)s->to->count;
    return READ;
}

static int add_piece(state *s, piece added) {
    cut *to = s->to;
    if (to->count == to->room) {
        void *grown = to->pieces;
        TRY(grow(&grown, &to->room, sizeof(piece)));
        to->pieces = grown;
    }
    to->pieces[to->count++] = added;
    return READ;
}

static int add_bytes(state *s, const char *start, Py_ssize_t length) {
    return add_piece(s, (piece){.holds = BYTES, .as.bytes = {start, length}});
}

/* Ends the piece that is being read at `upto`; the next begins there. */
static int flush(state *s, const char *upto) {
    if (s->span != NULL && upto > s->span)
        TRY(add_bytes(s, s->span, upto - s->span));
    if (s->span != NULL)
        s->span = upto;
    return READ;
}

static int add_text(state *s, const text *added) {
    return added->length == 0 ? READ : add_bytes(s, added->start, added->length);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static int read_value(state *s, const node *n);

/* Whether a text comes next; without a call for one of up to 16 bytes. */
static inline int has_text(const reader *r, const text *t) {
    uint64_t found;
    if (r->end - r->at < (t->length > 8 ? t->length : 8) || t->mask == 0)
        return r->end - r->at >= t->length && memcmp(r->at, t->start, (size_t)t->length) == 0;
    memcpy(&found, r->at, 8);
    if ((found ^ t->begin) & t->mask)
        return 0;
    if (t->length <= 8)
        return 1;
    memcpy(&found, r->at + t->length - 8, 8);
    return found == t->last && (t->length <= 16 || memcmp(r->at + 8, t->start + 8, (size_t)t->length - 16) == 0);
}

static inline int read_key(state *s, const text *key) {
    if (!has_text(&s->in, key))
        return UNUSUAL;
    s->in.at += key->length;
    if (*s->in.at != ':') {
        skip_space(&s->in);
        if (*s->in.at != ':')
            return UNUSUAL;
    }
    s->in.at++;
    skip_space(&s->in);
    return READ;
}

/* From the end of what comes before a field to its value; tells where the key begins. */
static inline int read_to_value(state *s, const step *field, int is_first, const char **key) {
    reader *in = &s->in;
    if (!is_first && has_text(in, &field->next)) {
        *key = in->at + 1;
        in->at += field->next.length;
        skip_space(in);
        return READ;
    }
    skip_space(in);
    if (!is_first) {
        if (*in->at != ',')
            return UNUSUAL;
        in->at++;
        skip_space(in);
    }
    *key = in->at;
    return read_key(s, &field->key);
}

static int read_noted(state *s, const step *field) {
    const char *start = s->in.at;
    TRY(read_value(s, field->value));
    if (field->column < 0)
        return READ;
    /* Equal values must be equal bytes. */
    return is_plain(&s->in, start) ? note_bytes(s, field->column, start) : UNUSUAL;
}

/* A value that clients do not see. Before the first that they see, the comma after it goes, too: see read_object. */
static int read_hidden(state *s, const step *field, const char *before) {
    TRY(flush(s, before));
    int cutting = s->cutting;
    s->span = NULL;
    s->cutting = 0;
    TRY(read_noted(s, field));
    s->cutting = cutting;
    return READ;
}

/* An object of which nothing is cut out, nor put into it, but within its fields. */
static NOT_INLINE int read_plain_object(state *s, const node *n) {
    const char *key;
    if (*s->in.at != '{')
        return UNUSUAL;
    s->in.at++;
    for (const step *it = n->steps, *end = it + n->count; it < end; it++) {
        TRY(read_to_value(s, it, it == n->steps, &key));
        TRY(read_value(s, it->value));
    }
    skip_space(&s->in);
    if (*s->in.at != '}')
        return UNUSUAL;
    s->in.at++;
    return READ;
}

static NOT_INLINE int read_object(state *s, const node *n) {
    if (*s->in.at != '{')
        return UNUSUAL;
    s->in.at++;
    const char *key, *solid = NULL;
    const char *before = s->in.at;            /* the end of what was read last and is seen */
    int is_first = 1, is_seen = 0;
    for (const step *it = n->steps, *end = it + n->count; it < end; it++) {
        switch (it->op) {
        case FIELD:
        case HIDDEN:
            TRY(read_to_value(s, it, is_first, &key));
            is_first = 0;
            if (it->op == HIDDEN) {
                TRY(read_hidden(s, it, before));
                if (s->cutting && is_seen)
                    s->span = s->in.at;
                before = s->in.at;
                break;
            }
            if (solid == s->in.end) /* a solid run has begun */
                solid = key;
            if (it->before.length != 0 && s->cutting) {
                TRY(flush(s, key));
                TRY(add_text(s, &it->before));
                s->span = s->in.at;
            } else if (s->cutting && s->span == NULL) {
                s->span = key;
            }
            TRY(read_noted(s, it));
            before = s->in.at;
            is_seen = 1;
            break;
        case HOLE:
            TRY(flush(s, s->in.at));
            TRY(add_text(s, &it->before));
            TRY(note_place(s, it->column));
            TRY(add_piece(s, (piece){.holds = HOLE_LEFT}));
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
static NOT_INLINE int read_tagged(state *s, const node *n) {
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
            return read_value(s, &n->children[i]);
        }
    }
    return UNUSUAL;
}

static NOT_INLINE int read_list(state *s, const node *element) {
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

static NOT_INLINE int read_one_of(state *s, const node *n) {
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
        return n->is_plain ? read_plain_object(s, n) : read_object(s, n);
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
    static const text data = {"\"data\"", 6, NULL, 0, 0, 0};
    TRY(read_key(s, &data));
    s->to->data = s->in.at;
    TRY(read_value(s, root));
    s->to->data_end = s->in.at;
    skip_space(&s->in);
    if (*s->in.at == ',') {
        s->in.at++;
        skip_space(&s->in);
        static const text extensions = {"\"extensions\"", 12, NULL, 0, 0, 0};
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
    PyMem_Free(c->shape.noted);
    type->tp_free(self);
    Py_DECREF(type);
}

/* --- for splicer.c ------------------------------------------------------------------------------------------------ */

Py_ssize_t cutter_columns(const cutter *c) { return c->shape.columns; }

int cutter_is_whole(const cutter *c) { return c->shape.is_whole; }

enum noted cutter_noted(const cutter *c, Py_ssize_t column) { return (enum noted)c->shape.noted[column]; }

int cutter_cut(const cutter *c, PyObject *body, cut *into) {
    into->body = Py_NewRef(body);
    state s = {
        .in.at = PyBytes_AS_STRING(body),
        .in.end = PyBytes_AS_STRING(body) + PyBytes_GET_SIZE(body),
        .to = into,
    };
    return read_answer(&s, &c->shape.root);
}

void cut_clear(cut *c, Py_ssize_t columns) {
    Py_XDECREF(c->body);
    PyMem_Free(c->pieces);
    *c = (cut){.columns = c->columns};
    for (Py_ssize_t i = 0; i < columns; i++) {
        PyMem_Free(c->columns[i].as.items);
        c->columns[i] = (column){0};
    }
}

/* --- methods ------------------------------------------------------------------------------------------------------ */

static PyObject *bytes_of(span s) { return PyBytes_FromStringAndSize(s.start, s.length); }

static PyObject *pieces_of(const cut *found) {
    PyObject *list = PyList_New(found->count);
    for (Py_ssize_t i = 0; list != NULL && i < found->count; i++) {
        const piece *p = &found->pieces[i];
        PyObject *item = p->holds == BYTES ? bytes_of(p->as.bytes) : Py_NewRef(Py_None);
        if (item == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, item);
    }
    return list;
}

static PyObject *items_of(const column *c, enum noted noted) {
    PyObject *list = PyList_New(c->count);
    for (Py_ssize_t i = 0; list != NULL && i < c->count; i++) {
        PyObject *item = noted == SPANS ? bytes_of(c->as.spans[i]) : PyLong_FromUnsignedLong(c->as.places[i]);
        if (item == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, i, item);
    }
    return list;
}

static PyObject *shown(const cutter *c, const cut *found) {
    Py_ssize_t columns = cutter_columns(c);
    PyObject *noted = PyTuple_New(columns), *pieces = pieces_of(found), *both = NULL;
    if (noted == NULL || pieces == NULL)
        goto done;
    for (Py_ssize_t i = 0; i < columns; i++) {
        PyObject *items = items_of(&found->columns[i], cutter_noted(c, i));
        if (items == NULL)
            goto done;
        PyTuple_SET_ITEM(noted, i, items);
    }
    both = PyTuple_Pack(2, pieces, noted);
done:
    Py_XDECREF(noted);
    Py_XDECREF(pieces);
    return both;
}

PyDoc_STRVAR(cut_doc, "cut($self, body, /)\n--\n\n"
                      "The pieces of an answer and the columns of what was noted, or None if it is not of the shape.\n\n"
                      "This is to look at; a Splice keeps what it cuts to itself.");

static PyObject *cutter_show(PyObject *self, PyObject *body) {
    cutter *c = (cutter *)self;
    if (!PyBytes_CheckExact(body)) {
        PyErr_SetString(PyExc_TypeError, "an answer is bytes");
        return NULL;
    }
    cut found = {.columns = make_array(c->shape.columns, sizeof(column))};
    if (found.columns == NULL)
        return NULL;
    int outcome = cutter_cut(c, body, &found);
    PyObject *both = outcome == READ ? shown(c, &found) : outcome == UNUSUAL ? Py_NewRef(Py_None) : NULL;
    cut_clear(&found, c->shape.columns);
    PyMem_Free(found.columns);
    return both;
}

static PyMethodDef cutter_methods[] = {
    {"cut", cutter_show, METH_O, cut_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(cutter_doc, "Cutter(shape)\n--\n\nReads answers of one shape; see shapes.py.");

static PyType_Slot cutter_slots[] = {
    {Py_tp_doc, (void *)cutter_doc},
    {Py_tp_new, cutter_new},
    {Py_tp_dealloc, cutter_dealloc},
    {Py_tp_methods, cutter_methods},
    {0, NULL},
};

PyType_Spec cutter_spec = {
    .name = "router.executor.spliced._splicer.Cutter",
    .basicsize = sizeof(cutter),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = cutter_slots,
};
