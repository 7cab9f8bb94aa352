cimport cython

from ..wire cimport text as chars
from ..wire.splice cimport field_line
from ..wire.table cimport id_of

cdef bytes _LISTED, _REPEATS
cdef dict _STATUS_LINES


cpdef bint is_listed(unsigned int header_id) except -1
cpdef bint may_repeat(unsigned int header_id) except -1
cpdef tuple field_name(object name)
cpdef Py_ssize_t header_id_of(str name) except -1
cpdef bytes text_of(object value, str name, unsigned int header_id, bint one=*)
cdef bytes _checked_text(object value, str name, unsigned int header_id)
cdef _check_line(bytes text, str name=*)
cpdef bytes body_bytes(object body)
cpdef bytes status_line(object status, object reason)
cpdef bytes joined(bytes start, object fields, bytes rest)
@cython.locals(header_id=cython.uint, name=str, text=bytes, lines=list, seen=list)
cpdef bytes rest_of(bytes own, object headers, object body)
cdef bytes _copied(object fields)
