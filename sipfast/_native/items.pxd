from sipfast._native.parameters cimport Parameters
from sipfast._native.splitters cimport Value

cdef int FIRST


cdef class Item(Value):
    cdef object _read(self)
    cdef object _key(self)


cpdef Value built_word(Value value, str first, str rest)
