from ..items cimport Item

cdef int FIRST


cdef class SecurityMechanism(Item):
    cdef object _key(self)
