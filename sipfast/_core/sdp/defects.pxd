cimport cython

from .lines cimport is_usual_address, number, words_of
from .records cimport read_port

cdef dict ATTRIBUTES, LINE_CHECKS, RULES, _KNOWN, _LINES, _MEDIA_RANKS, _ROLES, _SESSION_RANKS, _SOUND
cdef long GROUP, ITSELF, MEDIA, MID, SESSION
cdef long _AFTER_TIME, _MANDATORY, _CONNECTION, _MEDIA_ONCE, _SESSION_ONCE, _TIME
cdef long long MOST
cdef Py_ssize_t MOST_DEFECTS, _LONGEST_KNOWN, _MOST_KNOWN


@cython.locals(letter=str, value=str)
cpdef fault_of(str line)
cdef value_fault(str letter, str value)
@cython.locals(words=list)
cdef bint is_usual(str letter, str value)
@cython.locals(words=list, formats=list)
cpdef media_fault(str value)
cdef bint is_kind(str text)
cdef bint is_protocol(str text)
@cython.locals(name=str, value=str)
cpdef attribute_fault(str text)
cpdef header_of(str line)


@cython.final
cdef class Line:
    cdef str letter, name, word, key
    cdef object fault, rule
    cdef long bit, level, media_rank, role, session_rank
    cdef bint of_format

    cdef read_attribute(self, str text)


@cython.locals(known=Line, fault=object, letter=str)
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
    cdef long _rank, _seen
    cdef str _formats
    cdef dict _keys
    cdef set _listed, _mids
    cdef list _groups

    cdef _open(self, Py_ssize_t offset, bint is_media, str line)
    @cython.locals(said=Line)
    cdef take(self, str line, Py_ssize_t offset)
    cdef _take_fault(self, str code, str line, Py_ssize_t offset)
    @cython.locals(rank=long, once=long)
    cdef _take_order(self, Line said, Py_ssize_t offset)
    cdef _take_attribute(self, Line said, str line, Py_ssize_t offset)
    cdef bint _lists(self, str word) except -1
    cdef close(self)
    cdef close_groups(self)
