cimport cython
from libc.stdint cimport uint8_t, uint32_t, uint64_t

from . cimport shapes
from .wire cimport slices
from .wire cimport text as chars
from .wire.slices cimport Slice
from .wire.table cimport Table


@cython.locals(value=Slice)
cpdef object read_text(type cls, object text, uint32_t header_id)
@cython.locals(found=list)
cpdef tuple read_list(type cls, object text, uint32_t header_id)
@cython.locals(value=Slice)
cpdef object read_field(Table table, Py_ssize_t index, type cls)
@cython.locals(value=Slice, found=list)
cpdef object read_first(Table table, Py_ssize_t index, type cls)
@cython.locals(value=Slice, found=list, after=Py_ssize_t)
cpdef tuple read_fields(Table table, Py_ssize_t index, type cls, object first)
@cython.locals(found=list)
cpdef tuple read_each(Table table, Py_ssize_t index, type cls)
@cython.locals(value=Slice, found=list, values=tuple)
cpdef tuple read_again(Table table, Py_ssize_t index, type cls)

@cython.locals(value=Slice, joined=Slice)
cpdef object join_values(type cls, tuple values, bytes separator)
cdef object _read_empty(Slice value)
cdef int add_field(Slice value, list found) except -1
@cython.locals(at=uint32_t, end=uint32_t)
cdef int add_others(Slice first, Slice value, list found) except -1
@cython.locals(text="const uint8_t *", end=uint32_t, offset=uint32_t, stop=uint64_t, value=Slice, is_simple=bint, is_plain=bint)
cdef int add_items(Slice first, uint32_t at, list found, bint one) except -1
@cython.locals(
    whole=Slice, data="const uint8_t *", end=uint32_t, is_plain=bint, at=uint32_t, last=uint32_t, begin=uint32_t,
    stop=uint64_t,
)
cpdef Py_ssize_t empty_item(type cls, object text) except -2
