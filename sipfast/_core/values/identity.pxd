from ..items cimport Item
from ..wire.splitters cimport Value

cdef int FIRST


cdef class PASSporT(Value):
    cdef object _read(self)


cdef class Identity(Item):
    cdef object _key(self)


cpdef bytes _octets(Value passport, int part)
cpdef tuple _brackets(Identity identity)
cpdef Identity with_quotes(Identity identity)
cpdef list _others(Identity identity)
cpdef dict _decoded(Value passport, int part)
cpdef int _at(Value passport, int part) except -1
