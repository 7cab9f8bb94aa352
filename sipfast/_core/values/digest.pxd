cimport cython

cdef class Algorithm:
    cdef tuple _last
    cdef object _copy, _hexdigest, _make, _update
    cdef readonly bint is_session

    cpdef str hex(self, str text)
    cpdef str hex_of(self, object data)
    @cython.locals(last=tuple)
    cpdef str hex_of_a2(self, bytes data)
    cpdef str ha1(self, object username, object realm, object password)


cdef dict _ALGORITHMS

cpdef Algorithm algorithm_named(object name)
