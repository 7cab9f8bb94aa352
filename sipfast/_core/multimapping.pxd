cimport cython

from .wire.table cimport Reader


@cython.collection_type("mapping")
cdef class Multi(Reader):
    pass


cdef class View:
    cdef Multi _mapping

    cdef list _all(self)


cdef class Values(View):
    pass


cdef class SetView(View):
    pass


cdef class Names(SetView):
    pass


cdef class Items(SetView):
    pass


cpdef str exact_name(object name, str owner)
@cython.locals(view=Names)
cpdef Names names_of(Multi mapping)
@cython.locals(view=Values)
cpdef Values values_of(Multi mapping)
@cython.locals(view=Items)
cpdef Items items_of(Multi mapping)
