cimport cython


@cython.no_gc
cdef class Hop:
    cdef str _host, _transport, _sent_by, _name, _transport_name
    cdef object _port
    cdef frozenset _supported
    cdef int _number
    cdef bytes _branch_key, _dialog_key, _loop_key, _via, _value, _record_route, _secure_route

    cdef bint _is_made(self) noexcept
