/* From bytes to str, where the bytes may be written to while they are read: they are copied, and then
 * only the copy is looked at. */
#ifndef SIPFAST_TEXTS_H
#define SIPFAST_TEXTS_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

#include "kernels.h"

/* Bytes as UTF-8; those that are none survive as surrogate escapes.  `text` may be NULL if empty. */
static inline PyObject *sip_decoded(const uint8_t *text, uint32_t length)
{
    PyObject *result, *other;
    uint8_t *copy;
    uint64_t seen = 0;
    uint32_t i = 0;
    result = PyUnicode_New(length, 127);
    if (length == 0 || result == NULL)
        return result;
    copy = PyUnicode_1BYTE_DATA(result);
    memcpy(copy, text, length);
    for (; i + 8 <= length; i += 8)
        seen |= sip_load8(copy + i);
    for (; i < length; i++)
        seen |= copy[i];
    if (SIP_LIKELY(!(seen & 0x8080808080808080u)))
        return result;
    other = PyUnicode_DecodeUTF8((const char *)copy, length, "surrogateescape");
    Py_DECREF(result);
    return other;
}

#endif
