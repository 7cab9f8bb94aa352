from sipfast._native.identity cimport Identity
from sipfast._native.parameter_defects cimport fault_of, place_of
from sipfast._native.splitters cimport Value


cpdef object check_named(Value value, list faults)
cpdef bint _is_rfc4474(Value value) except -1
