from sipfast._native.splitters cimport Value

cdef int FIRST


cpdef Value built_item(Value value, object first, list pairs)
