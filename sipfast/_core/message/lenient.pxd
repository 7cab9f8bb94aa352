from ..limits cimport Limits
from ..wire.table cimport Table

cdef int FAULTS
cdef unsigned int NO_LENGTH

cpdef object fill(Table table, bytes text, Limits limits, object error)
