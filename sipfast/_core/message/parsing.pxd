cimport cython

from ..limits cimport Limits
from ..wire.table cimport Table, held
from .message cimport Message, Request, Response


cdef int FAULTS

@cython.locals(message=Message, is_response=bint)
cdef Message _parse(object data, bint strict, bint lenient, bint datagram, object limits)
cdef Message _new(bint is_response)
@cython.locals(message=Message)
cdef Message _read_leniently(object buffer, Limits limits, bint is_response)
cdef object _keep_rest(Message message, object buffer)
