/* From bytes to str, where the bytes may be written to while they are read: they are copied, and then
 * only the copy is looked at. */
#ifndef SIPFAST_TEXTS_H
#define SIPFAST_TEXTS_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

#include <tables.h>

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
    if (length >= 8) {
        for (; i < length - 8; i += 8)
            seen |= sip_load8(copy + i);
        seen |= sip_load8(copy + length - 8); /* some of it again, rather than byte by byte */
    } else
        for (; i < length; i++)
            seen |= copy[i];
    if (SIP_LIKELY(!(seen & 0x8080808080808080u)))
        return result;
    other = PyUnicode_DecodeUTF8((const char *)copy, length, "surrogateescape");
    Py_DECREF(result);
    return other;
}

/* The same in lower case. */
static inline PyObject *sip_lowered(const uint8_t *text, uint32_t length)
{
    PyObject *result, *other;
    uint8_t *copy, seen = 0;
    uint32_t i;
    result = PyUnicode_New(length, 127);
    if (length == 0 || result == NULL)
        return result;
    copy = PyUnicode_1BYTE_DATA(result);
    memcpy(copy, text, length);
    for (i = 0; i < length; i++) {
        seen |= copy[i];
        copy[i] += (uint8_t)(copy[i] - 'A') < 26 ? 'a' - 'A' : 0;
    }
    if (SIP_LIKELY(seen < 0x80))
        return result;
    Py_DECREF(result);
    result = sip_decoded(text, length);
    other = result == NULL ? NULL : PyObject_CallMethod(result, "lower", NULL);
    Py_XDECREF(result);
    return other;
}

/* Whether a URI may have all of these bytes: what `SIP_IN_URI` says of each, of sixteen at once. */
static inline int sip_is_uri(const uint8_t *text, uint32_t length)
{
    uint32_t seen = SIP_IN_URI, i;
#if defined(__SSE2__)
    if (length >= 16) {
        __m128i bad = _mm_setzero_si128();
        for (i = 0;; i += 16) {
            if (i > length - 16)
                i = length - 16;
            __m128i bytes = _mm_loadu_si128((const __m128i *)(text + i));
            __m128i angle = _mm_or_si128(bytes, _mm_set1_epi8('<' ^ '>'));
            __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(' ')), bytes);
            bad = _mm_or_si128(bad, _mm_or_si128(control, _mm_cmpeq_epi8(angle, _mm_set1_epi8('>'))));
            bad = _mm_or_si128(bad, _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
            bad = _mm_or_si128(bad, _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7F)));
            if (i == length - 16)
                return _mm_movemask_epi8(bad) == 0;
        }
    }
#endif
    for (i = 0; i < length; i++)
        seen &= sip_classes[text[i]];
    return seen != 0;
}

/* Whether all bytes are printable ASCII, from SP to ~. */
static inline int sip_is_printable(const uint8_t *text, Py_ssize_t length)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t bad = 0, word;
    Py_ssize_t i = 0;
    for (; i + 8 <= length; i += 8) {
        word = sip_load8(text + i);
        bad |= word | (word + ones) | ((word - 0x20 * ones) & ~word);
    }
    for (; i < length; i++)
        bad |= (uint8_t)(text[i] - 0x20) > 0x5E ? 0x80 : 0;
    return (bad & 0x80 * ones) == 0;
}

#endif
