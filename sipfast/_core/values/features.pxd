from ..items cimport Item, built_token, built_word
from ..parameters cimport Parameters
from ..value cimport Value

cdef int FIRST


cdef class FeatureCaps(Item):
    cdef object _read(self)


cdef class ContactPreference(FeatureCaps):
    pass


cdef class AnswerMode(Item):
    pass


cdef class InfoPackage(Item):
    pass


cdef class ReferSub(Item):
    cdef object _read(self)


cdef class GeolocationRouting(Value):
    cdef object _read(self)
    cdef object _key(self)
