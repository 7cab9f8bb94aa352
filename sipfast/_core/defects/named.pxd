from ..values.identity cimport Identity
from .parameters cimport fault_of, place_of
from ..value cimport Value


cpdef object check_named(Value value, list faults)
cdef bint _is_rfc4474(Value value) except -1
