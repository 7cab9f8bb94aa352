# cython: language_level=3
"""A caller of the shapes in C: many texts in one call, without the GIL and without an object."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free

from sipfast._native cimport shapes
from sipfast._native.wire.text cimport ALL_PARTS, Part, begin, has, scheme_of, stop


cdef struct Text:
    const uint8_t *text
    uint32_t length
    uint64_t fault
    int64_t found
    Part[ALL_PARTS] parts


cdef uint64_t split(int shape, const uint8_t *text, uint32_t end, Part *parts) noexcept nogil:
    if shape == 0:
        return shapes.split_uri(text, end, scheme_of(text, end), parts)
    if shape == 1:
        return shapes.split_address(text, end, parts)
    if shape == 2:
        return shapes.split_via(text, end, parts)
    if shape == 3:
        return shapes.split_item(text, end, parts)
    if shape == 4:
        return shapes.split_media(text, end, parts)
    if shape == 5:
        return shapes.split_commented(text, end, parts)
    if shape == 6:
        return shapes.split_credentials(text, end, parts)
    if shape == 7:
        return shapes.split_parameters(text, 0, end, parts)
    if shape == 8:
        return shapes.past_listed(text, 0, end)
    return shapes.split_words(text, end, shape - 8, parts)


def splits(int shape, list texts, bytes name) -> list:
    """Of each text the fault, the parts, and where a parameter is."""
    cdef Py_ssize_t count = len(texts), i
    cdef Text *all = <Text *>calloc(count + 1, sizeof(Text))
    cdef const uint8_t *wanted = <const uint8_t *>PyBytes_AS_STRING(name)
    cdef uint32_t size = <uint32_t>PyBytes_GET_SIZE(name)
    for i in range(count):
        all[i].text = <const uint8_t *>PyBytes_AS_STRING(<bytes?>texts[i])
        all[i].length = <uint32_t>PyBytes_GET_SIZE(texts[i])
    with nogil:
        for i in range(count):
            all[i].fault = split(shape, all[i].text, all[i].length, all[i].parts)
            all[i].found = shapes.find_parameter(all[i].text, all[i].parts, c";", wanted, size)
    try:
        return [(all[i].fault, pairs(all[i].parts), all[i].found) for i in range(count)]
    finally:
        free(all)


cdef list pairs(Part *parts):
    """The parts as the interpreted engine has them."""
    cdef int part
    cdef list found = [(-1, -1)] * ALL_PARTS
    for part in range(ALL_PARTS):
        if has(parts, part):
            found[part] = (begin(parts, part), stop(parts, part))
    return found
