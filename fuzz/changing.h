/* Included before all else in the modules that `fuzz.changing` drives: functions that read from
 * memory without a load that the compiler sees say so too.
 *
 * What reads its text more than once must not be given a buffer that another may write to.
 */
#ifndef FUZZ_CHANGING_H
#define FUZZ_CHANGING_H

#ifndef PY_SSIZE_T_CLEAN
#define PY_SSIZE_T_CLEAN
#endif
#include <Python.h>
#include <string.h>

void fuzz_loads(const void *from, size_t size);
void fuzz_reads_twice(const void *from, const char *what);

static inline void *fuzz_memchr(const void *text, int byte, size_t size)
{
    fuzz_loads(text, size);
    return (void *)(uintptr_t)memchr(text, byte, size);
}

static inline int fuzz_memcmp(const void *one, const void *other, size_t size)
{
    fuzz_loads(one, size);
    fuzz_loads(other, size);
    return memcmp(one, other, size);
}

static inline void *fuzz_memcpy(void *to, const void *from, size_t size)
{
    fuzz_loads(from, size);
    return memcpy(to, from, size);
}

static inline PyObject *fuzz_bytes(const char *from, Py_ssize_t size)
{
    fuzz_loads(from, size);
    return PyBytes_FromStringAndSize(from, size);
}

static inline PyObject *fuzz_decode(const char *text, Py_ssize_t size, const char *errors)
{
    fuzz_reads_twice(text, "PyUnicode_DecodeUTF8");
    return PyUnicode_DecodeUTF8(text, size, errors);
}

static inline PyObject *fuzz_decode_ascii(const char *text, Py_ssize_t size, const char *errors)
{
    fuzz_reads_twice(text, "PyUnicode_DecodeASCII");
    return PyUnicode_DecodeASCII(text, size, errors);
}

#define memchr fuzz_memchr
#define memcmp fuzz_memcmp
#define memcpy fuzz_memcpy
#define PyBytes_FromStringAndSize fuzz_bytes
#define PyUnicode_DecodeUTF8 fuzz_decode
#define PyUnicode_DecodeASCII fuzz_decode_ascii

#endif
