cimport cython

from ..lists cimport empty_item
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
from ..values.via cimport Via

cdef int HOST, PARAMETERS
cdef tuple _TYPE_OF
cdef dict _WORD_FAULTS, _FIRST_ID
cdef bytes _MAY_BE_EMPTY
cdef unsigned int _VIA

@cython.locals(index=Py_ssize_t, header_id="unsigned int", values=tuple)
cpdef dict read_fields_of(Table table, set odd, list found)
@cython.locals(index=Py_ssize_t, header_id="unsigned int", text=str, before=Py_ssize_t)
cpdef object check_odd_fields(Table table, set odd, list found)
@cython.locals(header_id="unsigned int", values=tuple, at=Py_ssize_t)
cdef tuple _check_text(Table table, Py_ssize_t index, str text, list found)
@cython.locals(header_id="unsigned int")
cpdef list errors_of(Value value)
cdef bint _has_word_fault(list faults) except -1
cdef object _check_words(unsigned int header_id, str text, list faults)
@cython.locals(commas=bint)
cdef bint _is_empty(object field, unsigned int header_id, str text) except -1
cpdef object read_request_uri(str text, list faults)
cdef object _report(Table table, Py_ssize_t index, list faults, list found)
cdef bint _has_items(object field) except -1
@cython.locals(joined=Value)
cdef tuple _values(object field, object text, list faults)
cdef tuple _values_before(object field, str text, list faults)
@cython.locals(begin=Py_ssize_t)
cdef object _check(Value value, unsigned int header_id, list faults)
cdef object _ask(Value value, list faults)
cdef object _ask_each(tuple parts, list faults)
cdef tuple _raising(object cls)
cdef bint _has_lost_its_end(Value value, str text, object uri) except -1
cdef object _check_address(Value value, str text, object uri, bint in_brackets, list faults)
@cython.locals(start=Py_ssize_t)
cdef object _check_uri(URI uri, list faults)
cdef object _check_host(Via via, list faults)
