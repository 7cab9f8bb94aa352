cimport cython

from .headers cimport Headers
from .identify cimport client_transaction_of, dialog_of, loop_of, merge_of, retransmission_of, transaction_of
from ..limits cimport Limits
from ..wire.tokenizer cimport Table
from .properties cimport Typed

cdef int CONTENT, DEFECTS, DESCRIPTION, PARTS, REQUEST_URI
cdef unsigned int CALL_ID, NO_LENGTH


cdef class Message(Typed):
    cdef object _worked_out(self, int place, object work)


cdef class Request(Message):
    pass


cdef class Response(Message):
    pass


@cython.locals(message=Message)
cpdef Message parse(object data, bint strict=*, Limits limits=*)
