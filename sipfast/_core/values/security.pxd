from ..items cimport Item, built_token

cdef int FIRST


cdef class SecurityMechanism(Item):
    cdef object _key(self)
