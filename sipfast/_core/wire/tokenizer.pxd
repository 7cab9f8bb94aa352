cimport cython
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from ..limits cimport Limits


cdef extern from "<tables.h>" nogil:
    enum:
        SIP_HEADER_IDS


cdef struct Span:
    uint32_t name
    uint32_t value
    uint32_t value_length
    uint32_t tag  # name length << 9 | folded << 8 | header id


cdef enum:
    INLINE_FIELDS = 24
    FOLDED = 0x100  # in a tag
    BESIDES_ = 8  # places for what is kept of the whole message, behind those of the header fields


@cython.no_gc  # who holds one has no method to call
cdef class Export:
    cdef Py_buffer view


# No garbage collection, for speed: only a buffer that holds on to its own message makes a circle, and
# parse says that it is never freed.
@cython.no_gc
cdef class Table:
    cdef object _buffer  # bytes, or an Export
    cdef tuple _kept  # a place for each object, NULL until it is kept
    cdef str _call_id, _target  # Message's own; here, all messages are of one size and share a freelist
    cdef bytes _span_heap, _late_heap  # what _spans and _late point to, when a message has many fields
    cdef const uint8_t *_data
    cdef Span *_spans  # _inline_spans at first
    cdef uint32_t *_late  # first index of an id, where that is LATE or more
    cdef uint32_t _size, _start, _line_end, _body, _end, _count, _capacity
    cdef uint32_t _method_length, _target_at, _target_length, _version_at, _version_length
    cdef uint32_t _status_code, _content_length, _odd_lengths, _max_headers, _fault_at
    cdef uint8_t[SIP_HEADER_IDS] _places  # 1 + first index of an id; 0: none
    cdef Span[INLINE_FIELDS] _inline_spans

    @staticmethod
    cdef bint _is_response(object held, Limits limits) except -1
    cdef int _read(self, object held, Limits limits, bint response) except -1
    cdef int _raise(self, uint32_t fault) except -1

    # Nobody outside C calls these: an index, an id or a place is one that there is.
    cdef Py_ssize_t _first(self, uint32_t header_id) noexcept nogil
    cdef Py_ssize_t _next(self, Py_ssize_t index) noexcept nogil
    cdef Py_ssize_t _find(self, str name) except -2
    cdef uint32_t _id(self, Py_ssize_t index) noexcept nogil
    cdef uint32_t _name_at(self, Py_ssize_t index) noexcept
    cdef uint32_t _value_at(self, Py_ssize_t index) noexcept
    cdef uint32_t _value_length(self, Py_ssize_t index) noexcept
    cdef bytes _unchanging(self)
    cdef str _name(self, Py_ssize_t index)
    cdef str _value(self, Py_ssize_t index)
    cdef bytes _raw_name(self, Py_ssize_t index)
    cdef bytes _raw_value(self, Py_ssize_t index)
    cdef str _text(self, uint32_t at, uint32_t length)
    cdef bytes _bytes(self, uint32_t at, uint32_t length)
    cdef object _view(self, uint32_t at, uint32_t length)
    cdef str _method(self)
    cdef object _recalled(self, Py_ssize_t place)
    cdef object _keep(self, Py_ssize_t place, object kept)


cdef class Property:
    cdef object _of(self, Table table)


cpdef object held(object data)
cdef uint32_t run(Table table, uint32_t max_headers, uint32_t max_line) noexcept  # benchmarks/ call it too
cdef bytes unfold(const uint8_t *text, uint32_t length)
cdef bytes one_line(bytes text)
