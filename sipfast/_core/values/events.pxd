from ..parameters cimport Parameters, alike, others, parameter_number
from ..value cimport Value

cdef int FIRST
cdef long long MOST_UNSIGNED


cdef class Event(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class SubscriptionState(Value):
    cdef object _read(self)
    cdef object _key(self)
