from ..wire.tokenizer cimport Table


cdef class Headers:
    cdef Table _table

    cdef Py_ssize_t _find(self, object name) except -2
