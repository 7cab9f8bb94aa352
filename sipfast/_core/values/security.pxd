from ..items cimport Item, built_token

cdef int FIRST
cdef long long _MOST_PORT


cdef class SecurityMechanism(Item):
    cdef object _key(self)
