from libc.stdint cimport uint32_t

from sipfast._native.splitters cimport Value

cdef int FIRST


cpdef int refuse(Value value, str code, int part) except -1
cpdef int refuse_at(Value value, str code, uint32_t at) except -1
cpdef int ask(Value value, tuple names) except -1
cpdef int make_item(Value value, object first, list pairs) except -1
