cimport cython

from ..wire.table cimport Table

cdef unsigned int _CONTACT, _REQUIRE, _RSEQ_ID, _JOIN, _REPLACES
cdef tuple _PLACE_OF


cpdef object find_missing(Table table, dict values, str method, bint is_old, list found)
cdef object _look(Table table, tuple needed, list found)
cdef bint _has_none(Table table, tuple rows) except -1
cdef bint _requires_100rel(dict values) except -1
@cython.locals(index=Py_ssize_t, header_id="unsigned int")
cpdef object find_misplaced(Table table, dict values, list found)
cdef bint _fits(Table table, str method, object place) except -1
