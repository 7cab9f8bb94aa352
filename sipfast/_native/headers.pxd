from sipfast._native.tokenizer cimport Table


cdef class Headers:
    cdef Table _table
