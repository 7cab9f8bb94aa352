from sipfast._native.items cimport Item

cdef int FIRST


cdef class FeatureCaps(Item):
    pass


cdef class ContactPreference(FeatureCaps):
    pass


cdef class AnswerMode(Item):
    pass


cdef class InfoPackage(Item):
    pass
