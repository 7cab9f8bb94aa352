from ..items cimport Item
from ..value cimport Value

cdef int FIRST


cdef class PASSporT(Value):
    cdef object _read(self)


cdef class Identity(Item):
    cdef object _key(self)


cdef bytes _octets(Value passport, int part)
cdef tuple _brackets(Identity identity)
cdef bint _is_whole(str token) except -1
cpdef Identity with_quotes(Identity identity)
cdef list _others(Identity identity)
cdef dict _decoded(Value passport, int part)
cdef int _at(Value passport, int part) except -1
