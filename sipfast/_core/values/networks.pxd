from libc.stdint cimport uint32_t

from ..items cimport Item, built_token, built_word
from ..parameters cimport pieces_of
from ..value cimport Value, fault_among

cdef int FIRST, PARAMETERS


cdef class VisitedNetwork(Item):
    pass


cdef class AccessNetworkInfo(Item):
    cdef list _parameters(self)
    cdef object _key(self)


cdef tuple _unnamed(AccessNetworkInfo info)
cdef AccessNetworkInfo _without_unnamed(AccessNetworkInfo info)


cdef class ChargingVector(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class ChargingFunctionAddresses(Value):
    cdef object _read(self)
    cdef object _fault(self, str code, uint32_t at)
    cdef object _key(self)
