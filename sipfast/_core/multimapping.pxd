cimport cython


@cython.collection_type("mapping")
@cython.no_gc
cdef class Multi:
    cpdef list _pairs(self)
    cdef object _same(self, str name)
    cdef bint _equals(self, object other) except -1
