"""A message that arrives in pieces: its bytes, and where its header ends.

`docs/streams.md` binds this file and its twin `frame.py` to the same answers.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t
from libc.string cimport memcpy

from ..limits cimport Limits
from .rules cimport find_byte, is_space, sip_token, starts_like_sip


cdef extern from "Python.h" nogil:
    # Counted by `tracemalloc`.
    void *PyMem_RawRealloc(void *memory, size_t size)
    void PyMem_RawFree(void *memory)


cdef enum:  # where in an element the next byte is
    IN_FIRST_WORD
    IN_LINE
    AFTER_LF
    AFTER_CR  # after LF and CR

cdef enum:
    LINE_ENDS = 3  # the bytes after the longest line that show where it ends
    LEAST_ROOM = 1024
    KEPT_ROOM = 4096  # for the next message

UNDECIDED, FINISHED, REFUSED = UNDECIDED_, FINISHED_, REFUSED_


@cython.final
cdef class Frame:
    """The bytes of one message so far."""

    def __dealloc__(self):
        PyMem_RawFree(self._memory)

    cdef int clear(self) except -1:
        """Begin a message."""
        if self._room > KEPT_ROOM:
            PyMem_RawFree(self._memory)
            self._memory = NULL
            self._room = 0
        self.size = self._element = 0
        self.outcome = UNDECIDED_
        self._place = IN_FIRST_WORD
        return 0

    cdef Py_ssize_t take_in(self, bytes data, Py_ssize_t at, Limits limits) except -1:
        """Add the bytes from data[at] on up to the end of the header, or of what can be none.

        Gives the offset after them, and has an `outcome` then if they suffice for one.
        """
        cdef const uint8_t *text = <const uint8_t *>PyBytes_AS_STRING(data)
        cdef size_t start = at, i = start, room = limits._size - <size_t>self.size
        cdef size_t stop = min(<size_t>PyBytes_GET_SIZE(data), start + room)
        cdef size_t most, found, before = self.size
        cdef int place = self._place, outcome = UNDECIDED_
        if place == IN_FIRST_WORD:
            while i < stop and sip_token[text[i]]:
                i += 1
            if i < stop:
                place = IN_LINE
                if not self._begins(text, start, i):
                    outcome = REFUSED_
                    i += 1
        while i < stop and outcome == UNDECIDED_:
            if place == IN_LINE:
                most = self._element + limits._line + LINE_ENDS  # of the message
                most = max(i, start + most - min(most, before))
                found = find_byte(text, i, min(stop, most), c"\n")
                if found < min(stop, most):
                    i = found + 1
                    place = AFTER_LF
                elif most <= stop:
                    i = most
                    outcome = REFUSED_
                else:
                    i = stop
            elif text[i] == c"\n":  # a blank line
                i += 1
                outcome = FINISHED_
            elif place == AFTER_LF and text[i] == c"\r":
                i += 1
                place = AFTER_CR
            else:
                if place == AFTER_CR:
                    self._element = before + (i - start) - 1
                elif not is_space(text[i]):
                    self._element = before + (i - start)
                place = IN_LINE
        if outcome == UNDECIDED_ and i == start + room:
            outcome = REFUSED_
        self.add(data, at, i)
        self._place = place
        self.outcome = outcome
        return i

    cdef bint _begins(self, const uint8_t *text, size_t start, size_t end) noexcept:
        """Whether a start line can begin with the characters of a token before text[end]."""
        cdef size_t size = self.size, length = size + (end - start)
        cdef uint8_t[4] first
        cdef size_t i
        if length == 0:
            return False
        if text[end] != c"/":
            return is_space(text[end]) or text[end] == c"\r" or text[end] == c"\n"
        if length != 3:
            return False
        for i in range(4):
            first[i] = self._memory[i] if i < size else text[start + (i - size)]
        return starts_like_sip(first, 0, 4)

    cdef int add(self, bytes data, Py_ssize_t at, Py_ssize_t end) except -1:
        """Add data[at:end]."""
        cdef size_t size = <size_t>self.size + <size_t>(end - at), room
        cdef void *memory
        if end < at:
            raise ValueError("a span begins before it ends")
        if size > self._room:
            room = max(size + size // 2, <size_t>LEAST_ROOM)
            memory = PyMem_RawRealloc(self._memory, room)
            if memory == NULL:
                raise MemoryError
            self._memory = <uint8_t *>memory
            self._room = room
        memcpy(self._memory + self.size, PyBytes_AS_STRING(data) + at, end - at)
        self.size = size
        return 0

    cdef bytes joined(self):
        """All bytes so far."""
        return PyBytes_FromStringAndSize(<const char *>self._memory, self.size)
