from ..parameters cimport Parameters, alike, others, parameter_number
from ..value cimport Value

cdef int FIRST, SECOND
cdef long long MOST_UNSIGNED


cdef class Date(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class Timestamp(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class RetryAfter(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class SessionInterval(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class SessionExpires(SessionInterval):
    pass
