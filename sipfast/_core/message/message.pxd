cimport cython

from .headers cimport Headers, headers_of
from .identify cimport client_transaction_of, dialog_of, loop_of, merge_of, retransmission_of, transaction_of
from .properties cimport Typed

cdef int BODY_DEFECTS, CONTENT, DEFECTS, DESCRIPTION, FAULTS, LOCAL_TAG, PARTS, REQUEST_URI
cdef unsigned int CALL_ID, NO_LENGTH
cdef dict _loaded


cdef class Message(Typed):
    pass


cdef class Request(Message):
    pass


cdef class Response(Message):
    pass


cdef object _worked_out(Message message, int place, object work)
cpdef object _uri_of(Message request)


@cython.no_gc
cdef class Forwarder:
    cdef object request(
        self, Request request, object target, object via, object source, object record_route,
        object connection, object fork, bint trusted
    )
    cdef object response(self, Response response, object via)


cdef Forwarder _forwarder
cdef object _above(str name)
