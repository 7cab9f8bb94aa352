cimport cython
from libc.stddef cimport ptrdiff_t
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from .arrow cimport Assembler, Schema, Where, sip_slot, sip_text
from .packets cimport Sink, sip_facts
from .repeats cimport Window
from .tokenizer cimport sip_limits, sip_table


cdef struct Field:  # a text to read: the value of a header field, or a part of the start line
    const uint8_t *text
    uint32_t length
    uint8_t state  # of a slot that points to it
    ptrdiff_t shift  # from the text to the same bytes in the source


cdef struct Wanted:  # a column `header:NAME` or `headers:NAME`
    const uint8_t *name
    uint32_t length, header_id
    int slot
    bint is_list


@cython.final
cdef class Builder(Sink):
    cdef readonly Schema schema
    cdef readonly Py_ssize_t left_out
    cdef Assembler _assembler
    cdef Where _where
    cdef str _errors  # None: rows with an error are kept
    cdef object _rows  # the definition
    cdef object _record  # the message at hand
    cdef tuple _facts, _values  # which own the texts in the slots
    cdef bytes _types  # of the slots
    cdef object _failure  # what the next call from Python raises
    cdef object _file
    cdef bytes _file_text
    cdef const uint8_t *_file_name
    cdef uint32_t _file_length
    cdef const uint8_t *_base  # the source
    cdef size_t _base_size

    # What is asked for: columns as bits, and the slot of each; the last slot is of those that nobody asked for.
    cdef uint64_t _asked, _first, _facts_first, _start_first
    cdef int[64] _place
    cdef tuple _header_names
    cdef Wanted *_headers
    cdef int _headers_count
    cdef bint _headers_first
    cdef bint _is_odd  # whether the definition reads every row
    cdef bint _asks_repeats
    cdef Window _datagrams, _messages
    cdef bint _refused_counts  # whether bytes that are refused are never wanted
    cdef bint _in_place  # whether texts stay in the source

    # The row at hand.
    cdef sip_slot *_slots
    cdef int *_part_slots  # those of the message
    cdef int _slot_count, _part_count
    cdef bint _is_pending  # whether the row has yet to be appended
    cdef Py_ssize_t _most, _count  # rows of a batch
    cdef bint _high  # whether the message has bytes above 127
    cdef uint8_t _state  # of a slot that points into the message
    cdef ptrdiff_t _shift  # from the message's bytes to the same bytes in the source
    cdef sip_limits _limits
    cdef sip_table _table
    cdef uint8_t *_copy
    cdef size_t _copy_size
    cdef uint8_t *_scratch
    cdef size_t _scratch_used
    cdef sip_text *_texts
    cdef Py_ssize_t _texts_used
    cdef uint8_t[46] _source, _destination

    cdef int _ask(self, int place, str name) except -1
    cdef bint _may_be_true_of_refused(self) noexcept
    cdef int _failed(self) except -1
    cdef int _added(self, object record) except -2
    cdef int _name_file(self, object file) except -1
    cdef bint _is_unwanted(self, const uint8_t *text, size_t size) noexcept nogil
    cdef int _taken_in(self, const uint8_t *text, size_t size, bint in_source, const sip_facts *facts) noexcept nogil
    cdef int _repeated(self, const uint8_t *text, size_t size, const sip_facts *facts) noexcept nogil
    cdef int _appended(self) noexcept nogil
    cdef bint _grow(self, size_t size) noexcept nogil
    cdef int _stopped(self, int outcome) noexcept with gil
    cdef int _odd(self, const uint8_t *text, size_t size, const sip_facts *facts) noexcept with gil
    cdef int _read(self, bytes data, const sip_facts *facts) except -2
    cdef int _put_value(self, Py_ssize_t place, object value) except -1
    cdef int _put_record(self, object record) except -1


cdef object record_of(const sip_facts *facts, bytes data, object file, object kind)
