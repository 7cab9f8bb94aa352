cimport cython

from .lines cimport number, words_of
from .records cimport read_port

cdef dict ATTRIBUTES, _KNOWN, _LINES
cdef Py_ssize_t MOST_DEFECTS, _LONGEST_KNOWN, _MOST_KNOWN


@cython.locals(letter=str, value=str)
cpdef fault_of(str line)
cdef value_fault(str letter, str value)
@cython.locals(words=list, formats=list)
cpdef media_fault(str value)
@cython.locals(name=str, value=str)
cpdef attribute_fault(str text)
cpdef header_of(str line)


@cython.final
cdef class Line:
    cdef str letter, name, word, key
    cdef object fault, rule
    cdef long session_rank, media_rank


@cython.locals(known=Line)
cdef Line line_of(str text)
@cython.locals(
    at=Py_ssize_t, offset=Py_ssize_t, end=Py_ssize_t, stop=Py_ssize_t, plain=bint, audit=Audit, line=str
)
cpdef tuple find_defects(str text)


@cython.final
cdef class Audit:
    cdef readonly list found
    cdef bint _connected, _has_charset, _is_media
    cdef Py_ssize_t _offset
    cdef long _rank
    cdef str _seen, _formats
    cdef set _keys, _listed, _mids
    cdef list _groups

    cdef _open(self, Py_ssize_t offset, bint is_media, str line)
    @cython.locals(said=Line)
    cdef take(self, str line, Py_ssize_t offset)
    cdef _take_fault(self, str code, str line, Py_ssize_t offset)
    @cython.locals(letter=str, rank=long, once=str)
    cdef _take_order(self, Line said, Py_ssize_t offset)
    cdef _take_attribute(self, Line said, object rule, str line, Py_ssize_t offset)
    cdef bint _lists(self, str word) except -1
    cdef close(self)
    cdef close_groups(self)
