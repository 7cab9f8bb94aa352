from sipfast._native.auth cimport Credentials, SchemeValue
from sipfast._native.parameter_defects cimport place_of


cpdef object check_digest(SchemeValue value, list faults)
cpdef bint _is_extended(SchemeValue value, str name) except -1
