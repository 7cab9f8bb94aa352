from ..value cimport Value


cdef class Privacy(Value):
    cdef object _read(self)
    cdef object _key(self)
