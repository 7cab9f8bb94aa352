cimport cython
from libc.stdint cimport uint32_t

from .digest cimport Algorithm, algorithm_named
from ..parameters cimport Parameters, pieces_of
from ..value cimport Value, fault_among
from ..wire.slices cimport Found

cdef int SCHEME, TOKEN68
cdef int USERNAME, REALM, NONCE, NC, CNONCE, QOP, URI, RESPONSE, ALGORITHM, USERHASH
cdef tuple _HASHED, _RSPAUTH


cdef class SchemeValue(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class Challenge(SchemeValue):
    pass


cdef class Credentials(SchemeValue):
    pass


cdef class AuthenticationInfo(Value):
    cdef object _read(self)
    cdef object _fault(self, str code, uint32_t at)
    cdef object _key(self)


cdef str _expected(
    Credentials credentials, Found found, object password, object ha1, object username, object method, object body
)

cdef str _rspauth(Credentials credentials, object password, object ha1, object username, object body)

@cython.locals(last=int)
cdef str _response(Found found, Algorithm algorithm, object ha1, object method, object body)

cdef bytes _a1(Credentials credentials, Found found, object username, object password)
cdef bint _is_named(Credentials credentials, Found found, Algorithm algorithm, object username) except -1
cdef str _username(Credentials credentials)
cdef int _check_one(object password, object ha1) except -1
cdef Algorithm _known(str name)
cdef bint _is_digest(SchemeValue value) except -1
cdef bint _is_true(str text) except -1
cdef list _unquoted_qops(Challenge challenge)
cdef object _nonce_count(Value value)
cdef str _extended(Value value, str name)
cdef object _malformed(Value value, str name)
