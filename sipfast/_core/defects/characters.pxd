cimport cython

from ..wire.table cimport Table

@cython.locals(start=int, body=int, index=Py_ssize_t, header_id="unsigned int")
cpdef object check_text(Table table, list found)
cdef _check(bytes raw, int at, str name, bint has_pairs, list known, list found)
cdef int _control_in(bytes raw, bint has_pairs) except -2
cdef int _not_utf8(bytes text) except -2
cdef _line_ends(bytes head, int start, list found)
