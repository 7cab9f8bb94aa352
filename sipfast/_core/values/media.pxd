from ..parameters cimport Parameters, alike, others, parameter_q
from ..value cimport Value

cdef int FIRST, SECOND


cdef class ContentType(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class MediaRange(ContentType):
    cdef object _key(self)


cdef class Accepted(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class ContentDisposition(Value):
    cdef object _read(self)
    cdef object _key(self)


cdef class MimeVersion(Value):
    cdef object _read(self)


cdef Value _built_type(Value value, object media_type, list pairs, str header)
cdef str _written_type(Value value)
