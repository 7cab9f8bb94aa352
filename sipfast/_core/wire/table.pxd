cimport cython
from cpython.bytes cimport PyBytes_CheckExact
from libc.stdint cimport uint8_t, uint32_t

from ..limits cimport Limits
from .tokenizer cimport FOLDED, sip_table, sip_table_first


cdef enum:
    BESIDES_ = 9  # places for what is kept of the whole message, after those of the header fields


@cython.no_gc  # who holds one has no method to call
cdef class Export:
    cdef Py_buffer view


@cython.no_gc
cdef class Heap:
    cdef void *memory


# No garbage collection, for speed: only a buffer that holds on to its own message makes a circle, and
# parse says that it is never freed.
@cython.no_gc
cdef class Table:
    cdef sip_table _parsed
    cdef object _buffer  # bytes, or an Export
    cdef tuple _kept  # a place for each object, NULL until it is kept
    cdef str _call_id, _target  # Message's own; here, all messages are of one size and share a freelist
    cdef int _looked  # how often a name that is not registered was looked up
    cdef Heap _heap  # what `_parsed` has there, when a message has many fields

    @staticmethod
    cdef bint _is_response(object held, Limits limits) except -1
    @staticmethod
    cdef bint _starts_response(bytes data, size_t start) noexcept
    cdef int _read(self, object held, Limits limits, bint response) except -1
    cdef bint _read_within(self, bytes data, size_t start, size_t size, Limits limits) except -1
    cdef int _fill(self, bytes text, tuple line, list spans) except -1
    cdef bint _answer(
        self, Table request, bytes start, bytes ids, bytes top, bytes tag, bytes rest, Limits limits
    ) except -1
    cdef int _keep_heap(self) except -1
    cdef int _raise(self, uint32_t fault, bint response) except -1

    # Nobody outside C calls these: an index, an id or a place is one that there is.
    cdef Py_ssize_t _first(self, uint32_t header_id) noexcept nogil
    cdef Py_ssize_t _next(self, Py_ssize_t index) noexcept nogil
    cdef uint32_t _id_of(self, str name) noexcept
    cdef Py_ssize_t _find(self, str name) noexcept
    cdef Py_ssize_t _find_other(self, str name) noexcept
    cdef uint32_t _id(self, Py_ssize_t index) noexcept nogil
    cdef uint32_t _name_at(self, Py_ssize_t index) noexcept
    cdef uint32_t _value_at(self, Py_ssize_t index) noexcept
    cdef uint32_t _value_length(self, Py_ssize_t index) noexcept
    cdef bint _is_folded(self, Py_ssize_t index) noexcept nogil
    cdef bint _has_folds(self) noexcept nogil
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


@cython.no_gc  # a table holds no reader
cdef class Reader:
    cdef Table _table

    cpdef list _pairs(self)
    cdef list _names(self)
    cdef list _values(self)


cdef class Property:
    cdef object _of(self, Table table)


# ---- the same of an index that is known to be one, inline -----------------------------------------

cdef inline Py_ssize_t first(Table table, uint32_t header_id) noexcept:
    return sip_table_first(&table._parsed, header_id)


cdef inline uint32_t name_at(Table table, Py_ssize_t index) noexcept:
    return table._parsed.spans[index].name


cdef inline uint32_t value_at(Table table, Py_ssize_t index) noexcept:
    return table._parsed.spans[index].value


cdef inline uint32_t value_end(Table table, Py_ssize_t index) noexcept:
    return table._parsed.spans[index].value + table._parsed.spans[index].value_length


cdef inline bint is_in_place(Table table, Py_ssize_t index) noexcept:
    return PyBytes_CheckExact(table._buffer) and not table._parsed.spans[index].tag & FOLDED


cdef inline const uint8_t *value_text(Table table, Py_ssize_t index) noexcept:
    return table._parsed.data + table._parsed.spans[index].value


cdef object named(
    type cls, Py_ssize_t count, object first, object second, object third, object fourth
)
cpdef object held(object data)
cpdef Py_ssize_t id_of(str name) except -1
cdef bytes unfold(const uint8_t *text, uint32_t length)
cdef size_t unfold_into(uint8_t *out, const uint8_t *text, uint32_t length) noexcept nogil
cdef bytes one_line(bytes text)
