from ..lists cimport (
    join_values,
    read_again,
    read_each,
    read_field,
    read_fields,
    read_first,
    read_list,
    read_text,
)
from ..value cimport Value
from ..wire.table cimport Property, Table


cdef class Field(Property):
    cdef unsigned int _id
    cdef type _cls


cdef class One(Field):
    cdef object _of(self, Table table)


cdef class Joined(One):
    cdef bint _listed

    cdef object _of(self, Table table)


cdef class First(Field):
    cdef object _of(self, Table table)


cdef class All(Field):
    cdef bint _recurs

    cdef object _of(self, Table table)


cdef class Each(Field):
    cdef object _of(self, Table table)
