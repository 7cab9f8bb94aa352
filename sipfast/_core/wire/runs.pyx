"""Concatenated messages in C: from the place of one to the next, and each to what takes it.

`sipfast/capture/files/messages.py` says where a message ends.  Here that is found where it is plain: the
header is one that `parse` takes, and its Content-Length leads, at the end of a line, to the next start
line or to the end of the file.

The file may be mapped, and somebody may write to it meanwhile: a length is bounded before it counts.
"""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_CheckExact
from libc.stdint cimport uint8_t
from libc.string cimport memset

from ..limits cimport Limits
from .lines cimport begins_with_start_line
from .packets cimport Sink, sip_facts
from .tokenizer cimport SIP_NONE, sip_limits, sip_table, sip_table_free, sip_table_init, tokenize

from ..limits import DEFAULT_LIMITS


cdef enum:
    MANY_LINE_ENDS = 16  # as in messages.py


@cython.final
cdef class Run:
    """The messages of a file, one after another."""

    cdef Py_buffer _view
    cdef bint _is_held, _is_fixed, _is_running
    cdef sip_limits _limits
    cdef sip_table _table
    cdef readonly Py_ssize_t position  # where the next message begins
    cdef readonly Py_ssize_t number  # how many messages were handed out

    def __cinit__(self, data):
        cdef Limits limits = DEFAULT_LIMITS
        sip_table_init(&self._table)
        PyObject_GetBuffer(data, &self._view, PyBUF_SIMPLE)
        self._is_held = True
        self._is_fixed = PyBytes_CheckExact(data)
        self._limits.size, self._limits.headers, self._limits.line = limits._size, limits._headers, limits._line

    def __dealloc__(self):
        sip_table_free(&self._table)
        if self._is_held:
            PyBuffer_Release(&self._view)

    def feed(self, Sink sink not None, Py_ssize_t position, Py_ssize_t number) -> bool:
        """Hand out plain messages from a place on, after so many messages.

        True where the sink has enough for now, or failed; False before a message that is not plain.
        """
        cdef int outcome
        if self._is_running:
            raise ValueError("in use")
        sink.ready()
        self._is_running = sink.is_busy = True
        self.position, self.number = max(position, 0), number
        with nogil:
            outcome = hand_out(self, sink)
        self._is_running = sink.is_busy = False
        return outcome != 0


cdef int hand_out(Run self, Sink sink) noexcept nogil:
    cdef const uint8_t *data = <const uint8_t *>self._view.buf
    cdef size_t size = <size_t>self._view.len, at = <size_t>self.position, end, next
    cdef sip_facts facts
    cdef int outcome = 0
    memset(&facts, 0, sizeof(facts))
    facts.in_place = True
    while outcome == 0 and at < size:
        end = plain_end(self, data, at, size)
        next = after_line_ends(data, end, size)
        if end == 0 or next - end >= MANY_LINE_ENDS:
            break
        if next < size and not begins_with_start_line(data, next, size):
            break
        self.number += 1
        facts.offset, facts.packet = <Py_ssize_t>at, self.number
        outcome = sink.row(data + at, end - at, size - at, &facts)
        at = next
        self.position = <Py_ssize_t>at
    return outcome


cdef size_t plain_end(Run self, const uint8_t *data, size_t at, size_t size) noexcept nogil:
    """Where a message ends by its Content-Length, at the end of a line; 0 if that is not plain."""
    cdef sip_table *table = &self._table
    cdef size_t left = size - at, length
    if not begins_with_start_line(data, at, size):
        return 0
    if tokenize(data + at, 0, min(left, <size_t>self._limits.size), left, &self._limits, self._is_fixed, table) != 0:
        return 0
    if table.content_length == SIP_NONE or table.start != 0:
        return 0
    length = <size_t>table.body + table.content_length
    if length > left or data[at + length - 1] != c"\n":
        return 0
    return at + length


cdef size_t after_line_ends(const uint8_t *data, size_t at, size_t size) noexcept nogil:
    cdef size_t most = min(size, at + MANY_LINE_ENDS)
    while at < most and (data[at] == c"\r" or data[at] == c"\n"):
        at += 1
    return at
