cimport cython

from ..wire cimport table as tables
from .forward cimport relay_request, relay_response
from .hop cimport Hop
from .message cimport Request, Response

cdef unsigned int _ROUTE


@cython.final
cdef class Relay:
    cdef Hop _hop
    cdef object _send, _otherwise, _connection
    cdef bytes _mark

    @cython.locals(made=tuple)
    cdef bint _relays(self, object message, object source) except -1
