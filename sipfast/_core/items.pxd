from .parameters cimport Parameters
from .wire.splitters cimport Value

cdef int FIRST


cdef class Item(Value):
    cdef int _make(self, str first, str rest) except -1
    cdef object _read(self)
    cdef object _key(self)
