cimport cython

from .lines cimport words_of
from .records cimport read_port

cdef dict _LINES, ATTRIBUTES


@cython.locals(letter=str, value=str)
cpdef fault_of(str line)
@cython.locals(words=list)
cpdef media_fault(str value)
@cython.locals(name=str, value=str)
cpdef attribute_fault(str text)
cpdef header_of(str line)
@cython.locals(at=Py_ssize_t, offset=Py_ssize_t, end=Py_ssize_t, stop=Py_ssize_t, audit=Audit,
               line=str)
cpdef tuple find_defects(str text)


cdef class Audit:
    cdef readonly list found
    cdef bint _connected, _directed, _is_media
    cdef Py_ssize_t _offset
    cdef long _rank
    cdef set _seen

    cpdef _open(self, Py_ssize_t offset, bint is_media)
    cpdef take(self, str line, Py_ssize_t offset)
    cpdef _take_order(self, str letter, Py_ssize_t offset)
    cpdef close(self)
