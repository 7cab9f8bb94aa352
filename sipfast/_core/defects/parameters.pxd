cimport cython

from ..values.auth cimport AuthenticationInfo, SchemeValue
from ..values.identity cimport Identity
from ..value cimport Value
from ..values.via cimport Via

cdef int PARAMETERS


@cython.locals(whole=Value, at=Py_ssize_t)
cpdef bint check_parameters(Value value, str text, Py_ssize_t begin, list faults) except -1
@cython.locals(at=Py_ssize_t)
cdef object _check_list(Value value, str text, list faults)
cdef bint _may_have_empty(str text) except -1
cdef tuple _repeated(Value value, list names)
cpdef tuple fault_of(Value value, str name, str code)
@cython.locals(before=Py_ssize_t, at=Py_ssize_t, begin=Py_ssize_t)
cpdef object check_values(Value value, str text, list faults)
cdef tuple _grammar_of(Value value)
cpdef object add_fault(str code, Py_ssize_t offset, list faults)
cpdef Py_ssize_t place_of(Value value) except -1
cpdef Py_ssize_t bytes_in(str text) except -1
