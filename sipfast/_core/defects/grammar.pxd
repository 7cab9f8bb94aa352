cimport cython

from ..values.address cimport Address
from ..values.identity cimport Identity, PASSporT
from .parameters cimport (
    add_fault,
    bytes_in,
    check_first,
    check_forms,
    check_parameters,
    place_of,
)
from ..value cimport Value
from ..wire.table cimport Table
from ..values.uri cimport SipURI, TelURI, URI

cdef tuple _TYPE_OF, _IF_EMPTY

@cython.locals(index=Py_ssize_t, header_id="unsigned int", values=tuple)
cpdef dict read_fields_of(Table table, set odd, list found)
@cython.locals(index=Py_ssize_t, header_id="unsigned int", text=str, before=Py_ssize_t)
cpdef object check_odd_fields(Table table, set odd, list found)
@cython.locals(header_id="unsigned int", values=tuple)
cdef tuple _check_text(Table table, Py_ssize_t index, str text, list found)
cpdef object read_request_uri(str text, list faults)
cdef object _report(Table table, Py_ssize_t index, list faults, list found)
cdef tuple _values(object field, object text, list faults)
cdef tuple _values_before(object field, str text, list faults)
cdef object _check(Value value, unsigned int header_id, list faults)
cdef object _ask(Value value, list faults)
cdef object _ask_each(tuple parts, list faults)
cdef tuple _raising(object cls)
cdef object _check_address(Value value, str text, object uri, bint in_brackets, list faults)
cdef object _check_uri(URI uri, list faults)
cdef object _check_sip(SipURI uri, list faults)
cdef object _check_tel(TelURI uri, list faults)
