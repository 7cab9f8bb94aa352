from libc.stdint cimport uint32_t

from ..value cimport Value

cdef int FIRST, MOST, SECOND, THIRD
cdef long long MOST_UNSIGNED


cdef class CSeq(Value):
    cdef object _read(self)
    cdef object _fault(self, str code, uint32_t at)
    cdef object _key(self)


cdef class RAck(Value):
    cdef object _read(self)
    cdef object _key(self)
