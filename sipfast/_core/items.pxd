from .parameters cimport Parameters
from .value cimport Value

cdef int FIRST


cdef class Item(Value):
    cdef object _read(self)
    cdef object _key(self)


cpdef Value built_word(Value value, object first, str rest)
cpdef Value built_token(Value value, object first, str rest)
