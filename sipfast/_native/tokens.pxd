from sipfast._native.splitters cimport Value

cdef int FIRST, MOST


cdef class Token(Value):
    cdef object _read(self)


cdef class Text(Value):
    cdef object _read(self)


cdef class Number(Value):
    cdef object _read(self)
