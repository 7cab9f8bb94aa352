from ..items cimport Item, built_token, built_word

cdef int FIRST


cdef class FeatureCaps(Item):
    cdef object _read(self)


cdef class ContactPreference(FeatureCaps):
    pass


cdef class AnswerMode(Item):
    pass


cdef class InfoPackage(Item):
    pass
