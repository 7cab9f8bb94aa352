from ..value cimport Value
from ..wire.table cimport Table
from ..values.uri cimport SipURI

cdef unsigned int _VIA, _FROM, _TO, _CONTACT, _ROUTE, _EXPIRES


cpdef bint is_rfc2543(dict values) except -1
cpdef object check_identifiers(Table table, dict values, list found)
cdef object _tag(Table table, dict values, unsigned int header_id, str code, list found)
cdef Py_ssize_t _last(Table table, unsigned int header_id) except -1
cpdef object check_contacts(Table table, dict values, bint is_old, list found)
cdef bint _is_sips(Table table, dict values) except -1
