from ..wire.tokenizer cimport Table


cdef class Typed(Table):
    pass
