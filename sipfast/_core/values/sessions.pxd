from ..items cimport Item, built_word
from ..value cimport Value

cdef int FIRST


cdef class SessionID(Item):
    cdef object _read(self)


cdef object _remote(Value session)


cdef class ResourcePriority(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class UserToUser(Item):
    cdef object _key(self)
