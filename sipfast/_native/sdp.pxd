cimport cython

from sipfast._native.sdp_defects cimport find_defects
from sipfast._native.sdp_lines cimport all_read, number, rest_of_line, words_of
from sipfast._native.sdp_records cimport read_connection, read_origin, read_port, read_rtpmap

cdef dict STATIC_PAYLOADS
cdef tuple _DIRECTION_MARKS


cdef class Section:
    cdef str _text
    cdef Py_ssize_t _start, _end

    @cython.locals(at=Py_ssize_t)
    cdef _first(self, str mark)
    @cython.locals(at=Py_ssize_t, found=list)
    cdef list _all(self, str mark)
    cdef _holding(self, str mark)
    @cython.locals(mark=str)
    cdef _own_direction(self)


cdef class SDP(Section):
    cdef str _direction
    cdef dict _shared_values

    cdef list _shared(self, str mark)


cdef class Media(Section):
    cdef SDP _session
    cdef list _words

    cdef list _media_line(self)
    cdef _word(self, Py_ssize_t index)
    cdef _session_text(self)


@cython.locals(at=Py_ssize_t, sdp=SDP)
cpdef SDP sdp_over(str text)
@cython.locals(media=Media)
cpdef Media media_over(SDP session, Py_ssize_t start, Py_ssize_t end)
