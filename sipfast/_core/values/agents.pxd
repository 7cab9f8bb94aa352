from ..value cimport Value


cdef class Products(Value):
    cdef object _read(self)


cdef tuple _pieces(str text)
