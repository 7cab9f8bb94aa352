cimport cython

from ..limits cimport Limits
from .spans cimport mixed_line_end
from ..wire.frame cimport Frame
from ..wire.table cimport Table, held
from .message cimport Message, Request, Response

cdef unsigned int NO_LENGTH
cdef int FINISHED
cdef int _BETWEEN, _IN_HEADER, _IN_BODY, _IN_JUNK
cdef int _NONE, _HALF, _PONG
cdef int _LF, _CR
cdef Py_ssize_t _LONGEST_START


cdef class Stream:
    cdef Limits _limits
    cdef Frame _frame
    cdef Py_ssize_t _wanted, _begin, _offset
    cdef int _place, _crlf
    cdef bint _recover, _has_cr, _is_long, _is_closed, _is_feeding

    @cython.locals(at=Py_ssize_t, end=Py_ssize_t, stop=Py_ssize_t, place=int, frame=Frame)
    cdef bint _read(self, bytes data, list events) except -1
    @cython.locals(byte=int)
    cdef Py_ssize_t _pass_line_end(self, bytes data, Py_ssize_t at, list events) except -2
    cdef int _pass_crlf(self, list events) except -1
    @cython.locals(end=Py_ssize_t, body=Py_ssize_t, length=Py_ssize_t, message=Message)
    cdef Py_ssize_t _begin_message(self, bytes data, Py_ssize_t at, list events) except -2
    cdef int _start_over(self) except -1
    @cython.locals(text=bytes, message=Message)
    cdef bint _end_header(self, list events) except -1
    @cython.locals(length=Py_ssize_t)
    cdef int _go_on(self, Message message, list events) except -1
    cdef bint _refuse(self, fault, bytes text, list events) except -1
    @cython.locals(at=Py_ssize_t, size=Py_ssize_t, message=Message)
    cdef int _resume(self, bytes text, list events) except -1
    @cython.locals(message=Message)
    cdef bint _begins_within(self, bytes text, Py_ssize_t at) except -1
    @cython.locals(end=Py_ssize_t, line=Py_ssize_t, size=Py_ssize_t, frame=Frame, text=bytes)
    cdef Py_ssize_t _skip(self, bytes data, Py_ssize_t at) except -2


cdef Message _new(bint is_response)
@cython.locals(is_response=bint, message=Message)
cdef Message _read_whole(bytes text, Limits limits)
@cython.locals(length=Py_ssize_t, body=Py_ssize_t)
cdef object _framing_fault(Message message, bytes data, Py_ssize_t at, Limits limits)
cdef object _fault_in(Message message, str code, Py_ssize_t offset)
cdef object _as_answered(object fault, bytes text)
