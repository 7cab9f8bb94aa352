# The windows and numbers of repeated messages.

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from .packets cimport sip_facts
from .tokenizer cimport sip_table


cdef enum:
    MOST_OF_PART = 256
    MOST_OF_KEY = 6 * (MOST_OF_PART + 1) + 8  # of parts that may overlap where somebody writes to the message
    PATH = 38


cdef struct Entry:
    uint64_t number
    int64_t time
    uint32_t older, newer


cdef class Window:
    cdef Entry *_entries
    cdef uint32_t *_slots  # 1 + the index of an entry, by its number
    cdef uint32_t _mask, _room, _most, _count
    cdef uint32_t _oldest, _newest, _free
    cdef int64_t _window

    cdef bint has(self, uint64_t number, int64_t now) noexcept nogil
    cdef void _unlink(self, uint32_t i) noexcept nogil
    cdef void _put(self, uint32_t i) noexcept nogil
    cdef void _forget(self, uint32_t i) noexcept nogil
    cdef bint _grow(self) noexcept nogil


cdef uint64_t of_path(const sip_facts *facts) noexcept nogil
cdef uint64_t of_text(uint64_t path, const uint8_t *text, size_t size) noexcept nogil
cdef uint32_t read_key(const sip_table *table, bint has_room, uint8_t *out) noexcept nogil
