from ..values.auth cimport Credentials, SchemeValue
from .parameters cimport place_of


cpdef object check_digest(SchemeValue value, list faults)
cdef bint _is_extended(SchemeValue value, str name) except -1
