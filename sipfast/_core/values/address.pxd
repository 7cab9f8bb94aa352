from ..parameters cimport Parameters, others
from ..value cimport Value
from .uri cimport uri_in

cdef int ADDRESS, DISPLAY_NAME
cdef long long _MOST_EXPIRES, _MOST_REG_ID


cdef class Address(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class Contact(Address):
    cdef object _key(self)


cdef object _uri(Address address)
