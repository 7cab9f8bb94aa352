from ..parameters cimport Parameters, others
from ..value cimport Value
from .tokens cimport CallID

cdef int FIRST


cdef class Join(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class Replaces(Join):
    cdef object _key(self)


cdef class TargetDialog(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef object _dialog(Value value, str tag, str other_tag)
