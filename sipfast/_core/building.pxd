from .wire.splitters cimport Value

cdef int FIRST


cpdef int make_item(Value value, object first, list pairs) except -1
