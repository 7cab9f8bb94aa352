cimport cython

cdef dict _REQUESTS, _RESPONSES
cdef Rules _ANY_REQUEST


@cython.final
cdef class Rules:
    cdef unsigned long long needed, forbidden
    cdef bint is_to_dialog, is_to_registrar, is_within_dialog, may_want_100rel
    cdef dict of_success


cpdef Rules rules_of_request(str method)
@cython.locals(rules=Rules)
cpdef Rules rules_of_response(int status)
@cython.locals(rules=Rules)
cdef Rules _request(str method)
@cython.locals(rules=Rules)
cdef Rules _response(int status)
