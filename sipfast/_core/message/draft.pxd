cimport cython

from ..wire.splice cimport Splice
from .message cimport Message
from .spans cimport held_bytes, line_at, method_span, spaced, status_span, target_span, unfolded
from .writing cimport body_bytes, header_id_of, is_listed, may_repeat, text_of

cdef unsigned int _VIA, CONTENT_LENGTH
cdef int _METHOD, _TARGET, _BODY, _PUSHED, _APPENDED, _CHANGED
cdef Py_ssize_t _OTHERS
cdef type _DRAFT


@cython.no_gc  # what it holds does not refer to it
cdef class Changes:
    cdef Message _base
    cdef bytes _source
    cdef Splice _changes
    cdef dict _others

    cdef _rebase(self, bytes source)
    cdef _join(self)
    @cython.locals(before=int)
    cdef Splice _changing(self, Py_ssize_t part, int how)
    cdef int _noted(self, Py_ssize_t part) except -1
    cdef Splice _changing_start(self, int part, bint request)
    cdef _change_status(self, bytes text)
    @cython.locals(header_id=cython.uint, text=bytes, part=Py_ssize_t, how=int, first=Py_ssize_t, at=Py_ssize_t, owner=Py_ssize_t)
    cdef _put(self, object name, object value, bint above)
    @cython.locals(last=Py_ssize_t, at=Py_ssize_t, via=Py_ssize_t, is_first=bint, is_clear=bint)
    cdef Py_ssize_t _place(self, Py_ssize_t part, Py_ssize_t first, bint above) except -2
    cdef Py_ssize_t _owner(self, Py_ssize_t at) except -2
    @cython.locals(index=Py_ssize_t, at=Py_ssize_t, part=Py_ssize_t)
    cdef _replace(self, str name, unsigned int header_id, bytes text)
    cdef _cut_from(self, Splice changes, Py_ssize_t index)
    cdef _cut_line(self, Splice changes, Py_ssize_t index)
    cdef _check_length(self, unsigned int header_id, bytes text)
    cdef Py_ssize_t _part(self, str name, unsigned int header_id) except -1
    cdef Py_ssize_t _first(self, str name, unsigned int header_id) except -2
    @cython.locals(last=Py_ssize_t)
    cdef Py_ssize_t _last(self, Py_ssize_t index) except -2
    cdef bint _has_cr(self) except -1


@cython.locals(draft=Changes, source=bytes)
cpdef object edited(Message message)
@cython.locals(draft=Changes)
cdef object _started(bytes source)
cdef tuple _split_first(bytes raw, unsigned int header_id)
cdef str _text(bytes raw)
