/* libFuzzer's target for the engines: a Python interpreter that runs `check` of fuzz/engine.py.
 *
 * The extension modules are built with the same sanitizers and count their own branches; this
 * program has the runtime of both, and lets the modules find it.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *check;

static void give_up(void)
{
    PyErr_Print();
    fflush(NULL);
    abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    Py_InitializeEx(0);
    PyObject *module = PyImport_ImportModule("fuzz.engine");
    check = module == NULL ? NULL : PyObject_GetAttrString(module, "check");
    if (check == NULL)
        give_up();
    return 0;
}

/* The engines see libFuzzer's own bytes, which end where the sanitizer's red zone begins. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PyObject *view = PyMemoryView_FromMemory((char *)(uintptr_t)data, (Py_ssize_t)size, PyBUF_READ);
    PyObject *nothing = view == NULL ? NULL : PyObject_CallOneArg(check, view);
    /* Nothing may hold the buffer any longer: releasing it says so. */
    PyObject *released = nothing == NULL ? NULL : PyObject_CallMethod(view, "release", NULL);
    if (released == NULL)
        give_up();
    Py_DECREF(released);
    Py_DECREF(nothing);
    Py_DECREF(view);
    return 0;
}
