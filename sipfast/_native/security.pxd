from sipfast._native.items cimport Item, built_word

cdef int FIRST


cdef class SecurityMechanism(Item):
    cdef object _key(self)
