from ..parameters cimport Parameters, others
from ..value cimport Value
from .uri cimport uri_in

cdef int ADDRESS, DISPLAY_NAME, MOST
cdef long long MOST_UNSIGNED


cdef class Address(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class Contact(Address):
    cdef object _key(self)


cdef object _uri(Address address)
