/* Makes requests: representations of objects, each once, out of the values that earlier answers have.
 *
 *     splice --> requests.c --> the body of a fetch
 *                ^ you are here
 */

#include "splice.h"

/* The values of one field of a target's objects. */
typedef struct {
    const span *spans;
    const uint32_t *numbers; /* which of the spans each object has; NULL if they have one after the other */
} source;

static inline const span *value_of(const source *from, Py_ssize_t object) {
    return &from->spans[from->numbers == NULL ? object : from->numbers[object]];
}

/* One of the distinct representations of a call, by the object that it was first made for. */
typedef struct {
    const target *target;
    const source *sources; /* of the target */
    Py_ssize_t object;
    uint64_t hash;
} representation;

/* Finds equal representations. That it looks no further than a few for each is a bound for what can be made of it. The
 * highest bits of a hash say where to look first: all bytes of a value count there, but the last not in the lowest. */
typedef struct {
    uint32_t *slots; /* the number of a representation, plus one */
    uint64_t mask;
    int shift;
    Py_ssize_t looks_left;
} table;

static int find_source(const splice *s, const value *v, source *to, Py_ssize_t *count) {
    const cut *from = &s->cuts[v->fetch];
    *to = (source){NULL, NULL};
    *count = 0;
    if (from->body == NULL)
        return READ;
    const column *its = &from->columns[v->column];
    if (v->refuses_null)
        for (Py_ssize_t i = 0; i < its->count; i++)
            if (*its->as.spans[i].start == 'n')
                return unusual(s);
    to->spans = its->as.spans;
    *count = its->count;
    if (v->call < 0)
        return READ;
    const entities *through = &s->entities[v->call];
    if (its->count != through->known)
        return unusual(s);
    Py_ssize_t begin = through->starts[v->target];
    *count = through->starts[v->target + 1] - begin;
    if (through->numbers != NULL)
        to->numbers = through->numbers + begin;
    else if (*count != 0)
        to->spans += begin;
    return READ;
}

/* The objects of all targets of a call, and where their values are. */
static int find_objects(splice *s, const call *c, entities *e, source *sources) {
    Py_ssize_t objects = 0;
    for (Py_ssize_t i = 0; i < c->targets_count; i++) {
        const target *t = &c->targets[i];
        Py_ssize_t count = 0, others;
        for (Py_ssize_t j = 0; j < t->values_count; j++) {
            TRY(find_source(s, &t->values[j], sources++, &others));
            if (j != 0 && others != count)
                return unusual(s);
            count = others;
        }
        e->starts[i] = objects;
        objects += count;
        if (objects >= UINT32_MAX / 4)
            return unusual(s);
    }
    e->starts[c->targets_count] = objects;
    return READ;
}

static uint64_t mixed(uint64_t hash, const span *v) {
    const uint64_t factor = 0x9E3779B97F4A7C15ULL;
    const char *at = v->start;
    Py_ssize_t left = v->length;
    hash = (hash ^ (uint64_t)left) * factor;
    for (uint64_t word; left > 0; at += 8, left -= 8) {
        word = 0;
        memcpy(&word, at, left < 8 ? (size_t)left : 8);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    return hash;
}

static uint64_t hash_of(const representation *r) {
    uint64_t hash = (uint64_t)r->target->like;
    for (Py_ssize_t i = 0; i < r->target->values_count; i++)
        hash = mixed(hash, value_of(&r->sources[i], r->object));
    return hash;
}

static int are_equal(const representation *one, const representation *other) {
    if (one->hash != other->hash || one->target->like != other->target->like)
        return 0;
    for (Py_ssize_t i = 0; i < one->target->values_count; i++) {
        const span *a = value_of(&one->sources[i], one->object), *b = value_of(&other->sources[i], other->object);
        if (a->length != b->length || memcmp(a->start, b->start, (size_t)a->length) != 0)
            return 0;
    }
    return 1;
}

/* The number of a representation, which is `known` if it is a new one; -1 if it takes too long to find out. */
static Py_ssize_t number_of(table *t, const representation *of, const representation *all, Py_ssize_t known) {
    for (uint64_t at = of->hash >> t->shift;; at = (at + 1) & t->mask) {
        if (t->slots[at] == 0) {
            t->slots[at] = (uint32_t)known + 1;
            return known;
        }
        Py_ssize_t there = (Py_ssize_t)t->slots[at] - 1;
        if (are_equal(of, &all[there]))
            return there;
        if (t->looks_left-- == 0)
            return -1;
    }
}

static Py_ssize_t representation_length(const representation *r) {
    Py_ssize_t length = r->target->texts[0].length;
    for (Py_ssize_t i = 0; i < r->target->values_count; i++)
        length += value_of(&r->sources[i], r->object)->length + r->target->texts[i + 1].length;
    return length;
}

static int number_objects(splice *s, const call *c, entities *e, const source *sources, representation *all,
                          table *found) {
    Py_ssize_t known = 0, left = s->plan->most_bytes;
    for (Py_ssize_t i = 0; i < c->targets_count; sources += c->targets[i++].values_count) {
        for (Py_ssize_t at = e->starts[i]; at < e->starts[i + 1]; at++) {
            representation made = {&c->targets[i], sources, at - e->starts[i], 0};
            left -= representation_length(&made);
            if (left < 0) /* many objects may share a long value */
                return unusual(s);
            made.hash = hash_of(&made);
            Py_ssize_t number = number_of(found, &made, all, known);
            if (number < 0)
                return unusual(s);
            e->numbers[at] = (uint32_t)number;
            if (number == known)
                all[known++] = made;
        }
    }
    e->known = known;
    if (known == e->starts[c->targets_count]) {
        PyMem_Free(e->numbers);
        e->numbers = NULL;
    }
    return READ;
}

/* What a call asks for. */
typedef struct {
    representation *all;
    source *sources;
} asked;

static int find_entities(splice *s, const call *c, entities *e, asked *to) {
    if ((to->sources = make_array(c->values_count, sizeof(source))) == NULL)
        return FAILED;
    TRY(find_objects(s, c, e, to->sources));
    Py_ssize_t objects = e->starts[c->targets_count];
    if (objects == 0)
        return READ;
    if ((to->all = make_array(objects, sizeof(representation))) == NULL)
        return FAILED;
    if (objects == 1) {
        Py_ssize_t i = 0, before = 0;
        while (e->starts[i + 1] == 0)
            before += c->targets[i++].values_count;
        to->all[0] = (representation){&c->targets[i], to->sources + before, 0, 0};
        e->known = 1;
        return READ;
    }
    table found = {.looks_left = objects * 32 + 1000, .mask = 3, .shift = 62};
    for (; found.mask < (uint64_t)objects * 2; found.shift--)
        found.mask = found.mask * 2 + 1;
    found.slots = make_array((Py_ssize_t)found.mask + 1, sizeof(uint32_t));
    PyMem_Free(e->numbers);
    e->numbers = PyMem_Malloc((size_t)objects * sizeof(uint32_t));
    if (e->numbers == NULL)
        PyErr_NoMemory();
    int outcome =
        found.slots == NULL || e->numbers == NULL ? FAILED : number_objects(s, c, e, to->sources, to->all, &found);
    PyMem_Free(found.slots);
    return outcome;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* The sum of two lengths; -1 if there is no such length, or if one of them is none. */
static Py_ssize_t sum_of(Py_ssize_t length, Py_ssize_t more) {
    return length < 0 || more < 0 || more > PY_SSIZE_T_MAX - length ? -1 : length + more;
}

static char *put_representation(char *to, const representation *r) {
    to = put_span(to, &r->target->texts[0]);
    for (Py_ssize_t i = 0; i < r->target->values_count; i++) {
        to = put_span(to, value_of(&r->sources[i], r->object));
        to = put_span(to, &r->target->texts[i + 1]);
    }
    return to;
}

static Py_ssize_t call_length(const call *c, const entities *e, const asked *its) {
    Py_ssize_t length = c->head.length + (e->known ? e->known : 1); /* a bracket, and commas or the other bracket */
    for (Py_ssize_t i = 0; i < e->known; i++)
        length = sum_of(length, representation_length(&its->all[i]));
    return length;
}

static char *put_call(char *to, const call *c, const entities *e, const asked *its) {
    to = put_span(to, &c->head);
    for (Py_ssize_t i = 0; i < e->known; i++) {
        if (i != 0)
            *to++ = ',';
        to = put_representation(to, &its->all[i]);
    }
    *to++ = ']';
    return to;
}

/* A request: its prefix, the entries of its variables, those of its calls, and two braces. */
static PyObject *write_request(const splice *s, const fetch *f, PyObject *entries, const asked *its) {
    Py_ssize_t given = PyList_GET_SIZE(entries), calls = f->end_call - f->first_call;
    Py_ssize_t length = f->prefix.length + 2 + (given + calls ? given + calls - 1 : 0);
    for (Py_ssize_t i = 0; i < given; i++)
        length = sum_of(length, PyBytes_GET_SIZE(PyList_GET_ITEM(entries, i)));
    for (Py_ssize_t i = 0, j = f->first_call; i < calls; i++, j++)
        length = sum_of(length, call_length(&s->plan->calls[j], &s->entities[j], &its[i]));
    PyObject *body = length < 0 ? PyErr_NoMemory() : PyBytes_FromStringAndSize(NULL, length);
    if (body == NULL)
        return NULL;
    char *to = put_span(PyBytes_AS_STRING(body), &f->prefix);
    for (Py_ssize_t i = 0; i < given + calls; i++) {
        if (i != 0)
            *to++ = ',';
        if (i < given)
            to = put(to, PyBytes_AS_STRING(PyList_GET_ITEM(entries, i)), PyBytes_GET_SIZE(PyList_GET_ITEM(entries, i)));
        else
            to = put_call(to, &s->plan->calls[f->first_call + i - given], &s->entities[f->first_call + i - given],
                          &its[i - given]);
    }
    put(to, "}}", 2);
    return body;
}

static PyObject *make_request(splice *s, const fetch *f, PyObject *entries, asked *its) {
    Py_ssize_t total = 0;
    for (Py_ssize_t i = f->first_call; i < f->end_call; i++) {
        if (find_entities(s, &s->plan->calls[i], &s->entities[i], &its[i - f->first_call]) != READ)
            return NULL;
        total += s->entities[i].known;
    }
    if (s->plan->limit >= 0 && total > s->plan->limit) {
        unusual(s);
        return NULL;
    }
    return total == 0 && f->first_call != f->end_call ? Py_NewRef(Py_None) : write_request(s, f, entries, its);
}

/* As they were before anything was asked for. */
static void forget(entities *e, const call *c) {
    PyMem_Free(e->numbers);
    memset(e->starts, 0, (size_t)(c->targets_count + 1) * sizeof(*e->starts));
    *e = (entities){.starts = e->starts};
}

PyObject *splice_ask(splice *s, const fetch *f, PyObject *entries) {
    Py_ssize_t calls = f->end_call - f->first_call;
    for (Py_ssize_t i = f->first_call; i < f->end_call; i++)
        if (s->entities[i].known != 0) {
            PyErr_SetString(PyExc_ValueError, "the fetch was asked for before");
            return NULL;
        }
    asked *its = make_array(calls, sizeof(asked));
    if (its == NULL)
        return NULL;
    PyObject *body = make_request(s, f, entries, its);
    for (Py_ssize_t i = 0; i < calls; i++) {
        PyMem_Free(its[i].all);
        PyMem_Free(its[i].sources);
        if (body == NULL)
            forget(&s->entities[f->first_call + i], &s->plan->calls[f->first_call + i]);
    }
    PyMem_Free(its);
    return body;
}
