/* The extension that holds all compiled modules of the native engine.

   The build lists them in modules.h.  `sipfast/_native/__init__.py` is how Python imports them. */

#include <Python.h>

#define MODULE(name, is_package, init) PyObject *init(void);
#include <modules.h>
#undef MODULE

static const struct {
    const char *name;
    int is_package;
    PyObject *(*init)(void);
} modules[] = {
#define MODULE(name, is_package, init) {name, is_package, init},
#include <modules.h>
#undef MODULE
};

#define MODULES (sizeof modules / sizeof *modules)

/* As a module's loader needs it: a new module, in which nothing has run. */
static PyObject *create(PyObject *self, PyObject *spec)
{
    PyObject *module = NULL, *name = PyObject_GetAttrString(spec, "name");
    size_t at = 0;

    (void)self;
    if (name == NULL)
        return NULL;
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "the name of a module is a string");
        goto done;
    }
    while (at < MODULES && PyUnicode_CompareWithASCIIString(name, modules[at].name) != 0)
        at++;
    if (at == MODULES)
        PyErr_Format(PyExc_ImportError, "%U is not in the extension", name);
    else {
        PyObject *definition = modules[at].init();
        if (definition != NULL)
            module = PyModule_FromDefAndSpec((PyModuleDef *)definition, spec);
    }
done:
    Py_DECREF(name);
    return module;
}

/* Run a module that `create` made. */
static PyObject *execute(PyObject *self, PyObject *module)
{
    PyModuleDef *definition = PyModule_Check(module) ? PyModule_GetDef(module) : NULL;
    size_t at = 0;

    (void)self;
    while (at < MODULES && (PyObject *)definition != modules[at].init())
        at++;
    if (at == MODULES) {
        PyErr_SetString(PyExc_TypeError, "not a module of the extension");
        return NULL;
    }
    if (PyModule_ExecDef(module, definition) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"create", create, METH_O, PyDoc_STR("A new module, for a spec with its name.")},
    {"execute", execute, METH_O, PyDoc_STR("Run a module that is new.")},
    {NULL, NULL, 0, NULL},
};

static int fill(PyObject *self)
{
    PyObject *held = PyDict_New();
    int failed = held == NULL;

    for (size_t at = 0; at < MODULES && !failed; at++)
        failed = PyDict_SetItemString(
            held, modules[at].name, modules[at].is_package ? Py_True : Py_False);
    failed = failed || PyModule_AddObjectRef(self, "MODULES", held) < 0;
    Py_XDECREF(held);
    return failed ? -1 : 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, fill}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_modules",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__modules(void)
{
    return PyModuleDef_Init(&definition);
}
