from ..value cimport Value

cdef int FIRST, MOST
cdef long long MOST_UNSIGNED


cdef class Token(Value):
    cdef object _read(self)


cdef class Text(Value):
    cdef object _read(self)


cdef class Number(Value):
    cdef object _read(self)


cdef class LargeNumber(Value):
    cdef object _read(self)


cdef class CallID(Value):
    cdef object _read(self)
    cdef bint _parts_at_commas(self) noexcept


cdef class Priority(Value):
    cdef object _read(self)
