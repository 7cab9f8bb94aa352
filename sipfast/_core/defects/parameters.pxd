cimport cython

from ..parameters cimport pieces_of
from ..values.auth cimport AuthenticationInfo, Challenge, Credentials, SchemeValue
from ..values.identity cimport Identity
from ..values.networks cimport AccessNetworkInfo, ChargingFunctionAddresses
from ..value cimport Value

cdef int FIRST, PARAMETERS


@cython.final
cdef class Rule:
    cdef readonly object form
    cdef readonly str code, missing
    cdef readonly bint is_often_quoted
    cdef object _bare, _quoted

    @cython.locals(digits=str, most="long long")
    cdef bint fits(self, str text) except -1
    cdef object bare(self)
    cdef object quoted(self)


@cython.final
cdef class Grammar:
    cdef readonly dict rules
    cdef readonly tuple needed
    cdef readonly Rule others, plus, first
    cdef readonly bint is_list


cdef Rule _GENERIC
cdef tuple _GRAMMARS


@cython.locals(whole=Value, at=Py_ssize_t, added=Py_ssize_t)
cpdef bint check_parameters(Value value, str text, Py_ssize_t begin, list faults) except -1
@cython.locals(at=Py_ssize_t)
cdef object _check_list(Value value, str text, list faults)
cdef bint _may_have_empty(str text) except -1
cdef tuple _repeated(Value value, list names)
@cython.locals(
    grammar=Grammar, rules=dict, needed=tuple, rule=Rule, region=str, begin=Py_ssize_t, before=Py_ssize_t, at=Py_ssize_t, piece=str, name=str, equals=str,
    given=str, lower=str, code=str, first=Py_ssize_t, last=Py_ssize_t, place=Py_ssize_t,
)
cpdef object check_forms(Value value, str text, unsigned int header_id, list faults)
@cython.locals(pieces=list, at=Py_ssize_t)
cdef list _pieces(Value value, str region, str separator)
cdef str _fault(Rule rule, str equals, str given, bint is_list)
cdef str _host_fault(Rule rule, str given)
cdef bint _is_generic_param(Rule rule, str given) except -1
cdef object _pattern(object text)
cdef Py_ssize_t _length_of(object pattern, str text) except -1
cdef bint _is_within(list faults, Py_ssize_t first, Py_ssize_t last) except -1
cdef bint _is_digest(SchemeValue value) except -1
cdef bint _is_needed(Value value, str name, set seen) except -1
@cython.locals(rule=Rule, word=str, place=Py_ssize_t, end=Py_ssize_t)
cpdef object check_first(object value, unsigned int header_id, list faults)
cdef str _first_of(Value value)
cpdef object add_fault(str code, Py_ssize_t offset, list faults)
cpdef Py_ssize_t place_of(Value value) except -1
cpdef Py_ssize_t bytes_in(str text) except -1
