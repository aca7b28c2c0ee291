/* The extension module. Its state are its types, for those of them that take others. */

#include "splice.h"

static PyType_Spec *const specs[TYPES] = {
    [CUTTER_TYPE] = &cutter_spec,
    [SPLICER_TYPE] = &splicer_spec,
    [SPLICE_TYPE] = &splice_spec,
};

static int execute(PyObject *module) {
    PyObject **types = PyModule_GetState(module);
    for (int i = 0; i < TYPES; i++) {
        types[i] = PyType_FromModuleAndSpec(module, specs[i], NULL);
        if (types[i] == NULL || PyModule_AddType(module, (PyTypeObject *)types[i]))
            return -1;
    }
    return 0;
}

static int traverse(PyObject *module, visitproc visit, void *arg) {
    PyObject **types = PyModule_GetState(module);
    for (int i = 0; i < TYPES; i++)
        Py_VISIT(types[i]);
    return 0;
}

static int clear(PyObject *module) {
    PyObject **types = PyModule_GetState(module);
    for (int i = 0; i < TYPES; i++)
        Py_CLEAR(types[i]);
    return 0;
}

static void free_state(void *module) { clear(module); }

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};

static struct PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_splicer",
    .m_doc = "Cuts the JSON of answers into pieces without decoding it, and makes requests and responses of them.",
    .m_size = TYPES * sizeof(PyObject *),
    .m_slots = module_slots,
    .m_traverse = traverse,
    .m_clear = clear,
    .m_free = free_state,
};

PyMODINIT_FUNC PyInit__splicer(void) { return PyModuleDef_Init(&module_definition); }
