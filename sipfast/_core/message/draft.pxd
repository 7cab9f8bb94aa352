cimport cython

from ..wire.splice cimport Splice
from .message cimport Message
from .spans cimport (
    field_count,
    fields_named,
    fields_with,
    held_bytes,
    line_at,
    method_span,
    status_span,
    target_span,
    unfolded,
    value_span,
)

cdef unsigned int _VIA, CONTENT_LENGTH
cdef int _METHOD, _TARGET, _BODY, _PUSHED, _APPENDED, _CHANGED


cdef class Changes:
    cdef Message _base
    cdef bytes _source
    cdef Splice _changes
    cdef dict _changed, _places

    cdef _rebase(self, bytes source)
    cdef _join(self)
    cdef Splice _changing(self, object part, int how)
    cdef Splice _changing_start(self, int part, bint request)
    cdef _change_status(self, bytes text)
    cdef _put(self, object name, object value, bint above)
    cdef Py_ssize_t _place(self, object part, bint above) except -2
    cdef _replace(self, str name, unsigned int header_id, bytes text)
    cdef _check_length(self, unsigned int header_id, bytes text)
    cdef list _indices(self, object part)
    cdef Py_ssize_t _line(self, Py_ssize_t index) except -1
    cdef bytes _field(self, str name, bytes text)


@cython.locals(draft=Changes, source=bytes)
cpdef object edited(Message message)
@cython.locals(draft=Changes)
cdef object _started(bytes source)
cdef object _part(str name, unsigned int header_id)
cdef tuple _split_first(bytes raw, unsigned int header_id)
cdef str _text(bytes raw)
