cimport cython

from sipfast._native.address cimport Address
from sipfast._native.splitters cimport Value
from sipfast._native.tokenizer cimport Table
from sipfast._native.uri cimport SipURI, URI


cdef tuple _TYPE_OF, _IF_EMPTY


@cython.locals(index=Py_ssize_t, header_id="unsigned int", values=tuple)
cpdef dict read_fields_of(Table table, list found)
cpdef object read_request_uri(str text, list faults)
cpdef object _report(Table table, Py_ssize_t index, list faults, list found)
cpdef tuple _values(object field, str text, list faults)
cpdef object _check(Value value, list faults)
cpdef object _ask(Value value, list faults)
cpdef tuple _raising(object cls)
cpdef object _check_address(Value value, str text, object uri, list faults)
cpdef object _check_uri(SipURI uri, list faults)
cpdef object _check_parameters(Value value, str text, Py_ssize_t begin, list faults)
cpdef bint _may_have_empty(str text) except -1
cpdef tuple _repeated(Value value, list names)
cpdef Py_ssize_t _start_of(Value value) except -1
cpdef Py_ssize_t _bytes_in(str text) except -1
