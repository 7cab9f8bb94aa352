from .address cimport Address
from .reasons cimport reasons_in
from ..value cimport Value
from .uri cimport SipURI

cdef int HEADERS, MOST


cdef class Screened(Address):
    pass


cdef class Diversion(Screened):
    pass


cdef class RemotePartyID(Screened):
    pass


cdef class HistoryInfo(Address):
    pass


cdef tuple _reasons(SipURI uri)
cdef tuple _index(Value entry, str name)


cdef class ReferredBy(Address):
    pass


cdef class CallInfo(Address):
    pass


cdef class ServedUser(Address):
    pass
