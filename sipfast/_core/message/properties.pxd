from ..wire.table cimport Table


cdef class Typed(Table):
    pass
