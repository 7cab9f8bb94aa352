from libc.stdint cimport uint32_t

from ..items cimport Item, built_token, built_word
from ..value cimport Value, fault_among

cdef int FIRST


cdef class VisitedNetwork(Item):
    pass


cdef class AccessNetworkInfo(Item):
    pass


cdef class ChargingVector(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class ChargingFunctionAddresses(Value):
    cdef object _read(self)
    cdef object _fault(self, str code, uint32_t at)
    cdef object _key(self)
