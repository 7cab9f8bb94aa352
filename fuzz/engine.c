/* libFuzzer's target for the engines: a Python interpreter that runs `check` of the module that
 * FUZZ_TARGET names: `fuzz.engine`, `fuzz.changing`, `fuzz.captures`, `fuzz.columns` or `fuzz.counting`.
 *
 * The extension modules are built with the same sanitizers and count their own branches; this
 * program has the runtime of both, and lets the modules find it.  For `fuzz.changing` the twins
 * also say each time before they load from memory (-fsanitize-coverage=trace-loads): a byte of the
 * buffer is then changed between two loads of it, as the input directs.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "mutate.h"

static PyObject *check;

static void give_up(void)
{
    PyErr_Print();
    fflush(NULL);
    abort();
}

/* ---- bytes that change while they are read ---------------------------------------------------- */

typedef struct {
    uint8_t *start;
    size_t size, text; /* where the input's text begins in it: places count from there */
    const uint8_t *script; /* of CHANGE bytes each: loads to wait, of which bytes, place, value */
    size_t changes;
    uint32_t wait; /* loads before the next change; 0: there is none */
    uint8_t *place; /* the byte to change */
    int anywhere; /* whether all loads count, or those of the place: what is read again is the fault */
} changing;

static changing now;

static void next_change(void)
{
    const uint8_t *script = now.script;
    if (now.changes == 0 || now.size == 0) {
        now.wait = 0;
        return;
    }
    now.wait = 1 + script[0];
    now.anywhere = script[1] % 4 == 3;
    if (now.anywhere)
        now.wait += (uint32_t)(script[1] / 4) * 16;
    now.place = now.start + (now.text + script[2] + ((size_t)script[3] << 8)) % now.size;
}

static void change(void)
{
    *now.place = now.script[4];
    now.script += CHANGE;
    now.changes--;
    next_change();
}

static inline void loads(const void *from, size_t size)
{
    if (now.wait == 0 || (uintptr_t)from - (uintptr_t)now.start >= now.size)
        return;
    if ((now.anywhere || (uintptr_t)now.place - (uintptr_t)from < size) && --now.wait == 0)
        change();
}

void __sanitizer_cov_load1(uint8_t *from);
void __sanitizer_cov_load2(uint16_t *from);
void __sanitizer_cov_load4(uint32_t *from);
void __sanitizer_cov_load8(uint64_t *from);
void __sanitizer_cov_load16(__uint128_t *from);
void fuzz_loads(const void *from, size_t size);
void fuzz_reads_twice(const void *from, const char *what);

void __sanitizer_cov_load1(uint8_t *from) { loads(from, 1); }
void __sanitizer_cov_load2(uint16_t *from) { loads(from, 2); }
void __sanitizer_cov_load4(uint32_t *from) { loads(from, 4); }
void __sanitizer_cov_load8(uint64_t *from) { loads(from, 8); }
void __sanitizer_cov_load16(__uint128_t *from) { loads(from, 16); }

/* For changing.h: a function of C that reads once, and one of Python that reads more than once. */
void fuzz_loads(const void *from, size_t size) { loads(from, size); }

void fuzz_reads_twice(const void *from, const char *what)
{
    if ((uintptr_t)from - (uintptr_t)now.start >= now.size)
        return;
    fprintf(stderr, "%s reads more than once from a buffer that may change meanwhile\n", what);
    fflush(NULL);
    abort();
}

/* ---- what fuzz.engine and fuzz.changing call -------------------------------------------------- */

/* Whether the text agrees with its kind and its ASCII flag: libpython relies on both. */
static int is_sound(PyObject *text)
{
    Py_UCS4 largest = 0;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 one = PyUnicode_READ(kind, data, i);
        largest = one > largest ? one : largest;
    }
    if (PyUnicode_READ(kind, data, length) != 0 || largest > 0x10FFFF)
        return 0;
    if (PyUnicode_IS_ASCII(text))
        return largest < 0x80;
    return largest >= (kind == PyUnicode_1BYTE_KIND ? 0x80 : kind == PyUnicode_2BYTE_KIND ? 0x100 : 0x10000);
}

static int all_sound(PyObject *value)
{
    if (PyUnicode_Check(value))
        return is_sound(value);
    if (PyTuple_Check(value)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(value); i++) {
            if (!all_sound(PyTuple_GET_ITEM(value, i)))
                return 0;
        }
    }
    return 1;
}

static PyObject *sound(PyObject *self, PyObject *value)
{
    (void)self;
    return PyBool_FromLong(all_sound(value));
}

static uint8_t *copy;

/* A view of a copy, at whose end the sanitizer's red zone begins.  The next one takes its place. */
static PyObject *exact(PyObject *self, PyObject *given)
{
    (void)self;
    Py_buffer from;
    if (PyObject_GetBuffer(given, &from, PyBUF_SIMPLE) < 0)
        return NULL;
    now.size = 0;
    free(copy);
    copy = malloc((size_t)from.len + (from.len == 0));
    if (copy != NULL && from.len != 0)
        memcpy(copy, from.buf, (size_t)from.len);
    Py_ssize_t size = from.len;
    PyBuffer_Release(&from);
    return copy == NULL ? PyErr_NoMemory() : PyMemoryView_FromMemory((char *)copy, size, PyBUF_WRITE);
}

/* begin_changes(script, text): the bytes that `change_in` is given will change as the script says. */
static PyObject *begin_changes(PyObject *self, PyObject *arguments)
{
    static uint8_t kept[CHANGE * MOST_CHANGES];
    const char *script;
    Py_ssize_t size, text;
    (void)self;
    if (!PyArg_ParseTuple(arguments, "y#n", &script, &size, &text))
        return NULL;
    now.changes = (size_t)size / CHANGE;
    if (now.changes > MOST_CHANGES)
        now.changes = MOST_CHANGES;
    memcpy(kept, script, now.changes * CHANGE);
    now.script = kept;
    now.text = (size_t)text;
    Py_RETURN_NONE;
}

/* change_in(view): from now on these bytes change; asked again, with what is left of the script. */
static PyObject *change_in(PyObject *self, PyObject *view)
{
    (void)self;
    Py_buffer *buffer = PyMemoryView_GET_BUFFER(view);
    now.start = buffer->buf;
    now.size = (size_t)buffer->len;
    next_change();
    Py_RETURN_NONE;
}

static PyObject *end_changes(PyObject *self, PyObject *nothing)
{
    (void)self;
    (void)nothing;
    now.size = now.wait = 0;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"sound", sound, METH_O, NULL},
    {"exact", exact, METH_O, NULL},
    {"begin_changes", begin_changes, METH_VARARGS, NULL},
    {"change_in", change_in, METH_O, NULL},
    {"end_changes", end_changes, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "fuzz_harness", NULL, -1, methods, NULL, NULL, NULL, NULL,
};

static PyObject *make_module(void)
{
    return PyModule_Create(&definition);
}

/* ---- libFuzzer's entry points ----------------------------------------------------------------- */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *target = getenv("FUZZ_TARGET");
    PyImport_AppendInittab("fuzz_harness", make_module);
    Py_InitializeEx(0);
    PyObject *module = PyImport_ImportModule(target != NULL ? target : "fuzz.engine");
    check = module == NULL ? NULL : PyObject_GetAttrString(module, "check");
    if (check == NULL)
        give_up();
    has_script = target != NULL && strcmp(target, "fuzz.changing") == 0;
    return 0;
}

/* The engines see libFuzzer's own bytes, which end where the sanitizer's red zone begins. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    PyObject *view = PyMemoryView_FromMemory((char *)(uintptr_t)data, (Py_ssize_t)size, PyBUF_READ);
    PyObject *nothing = view == NULL ? NULL : PyObject_CallOneArg(check, view);
    /* Releasing the buffer fails if anything still holds it. */
    PyObject *released = nothing == NULL ? NULL : PyObject_CallMethod(view, "release", NULL);
    if (released == NULL)
        give_up();
    Py_DECREF(released);
    Py_DECREF(nothing);
    Py_DECREF(view);
    return 0;
}
