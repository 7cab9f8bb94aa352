from libc.stdint cimport uint32_t

from .value cimport Value

cdef int FIRST


cpdef Value built_item(Value value, object first, list pairs)
