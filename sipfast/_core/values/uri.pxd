from ..parameters cimport Parameters
from ..value cimport Value

cdef int HEADERS, HOST, MOST, OF_OTHER, OF_SIP, OF_SIPS, OF_TEL, OF_URN, PARAMETERS, PASSWORD, PORT, SCHEME, USER


cdef class URI(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class SipURI(URI):
    cdef object _read(self)
    cdef object _key(self)


cdef class TelURI(URI):
    cdef object _read(self)
    cdef object _key(self)


cdef class URN(URI):
    cdef object _read(self)
    cdef object _key(self)


cpdef object uri_in(Value value, int part)

cdef str _rest(Value uri)
