cimport cython

from sipfast._native.headers cimport Headers
from sipfast._native.limits cimport Limits
from sipfast._native.tokenizer cimport Table

cdef unsigned int CALL_ID, MAX_FORWARDS, NO_CONTENT_LENGTH


cdef class Message(Table):
    pass


cdef class Request(Message):
    pass


cdef class Response(Message):
    pass


@cython.locals(message=Message)
cpdef Message parse(object data, bint strict=*, Limits limits=*)
