cimport cython
from libc.stdint cimport uint32_t

from ..items cimport Item, built_token
from ..lists cimport read_list
from ..value cimport Value

cdef int FIRST, MOST, SECOND, THIRD


cdef class Reason(Item):
    cdef object _fault(self, str code, uint32_t at)
    cdef object _key(self)


cdef class WarningValue(Value):
    cdef object _read(self)
    cdef object _key(self)


@cython.locals(reason=Reason)
cpdef tuple reasons_in(Value value, int part, list texts)
cpdef object _fault_in(Value value, int part, str code)
