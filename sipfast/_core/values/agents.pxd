from ..wire.splitters cimport Value


cdef class Products(Value):
    cdef object _read(self)


cpdef tuple _pieces(str text)
