from sipfast._native.address cimport Address
from sipfast._native.reasons cimport reasons_in
from sipfast._native.splitters cimport Value
from sipfast._native.uri cimport SipURI

cdef int HEADERS, MOST


cdef class Screened(Address):
    pass


cdef class Diversion(Screened):
    pass


cdef class RemotePartyID(Screened):
    pass


cdef class HistoryInfo(Address):
    pass


cpdef tuple _reasons(SipURI uri)
cpdef tuple _index(Value entry, str name)


cdef class ReferredBy(Address):
    pass


cdef class CallInfo(Address):
    pass


cdef class ServedUser(Address):
    pass
