from sipfast._native.tokenizer cimport Table


cdef class Typed(Table):
    pass
