cimport cython

from .defects cimport find_defects
from .lines cimport (
    all_read, direction_in, number, rest_of_line, stripped, words_of
)
from .records cimport read_connection, read_origin, read_port, rtpmaps_in

cdef dict STATIC_PAYLOADS


cdef class Section:
    cdef str _text
    cdef Py_ssize_t _start, _end

    @cython.locals(at=Py_ssize_t)
    cdef _first(self, str mark)
    @cython.locals(at=Py_ssize_t, found=list)
    cdef list _all(self, str mark)
    cdef _holding(self, str mark)
    cdef list _lines_to_search(self)
    cdef str _own_direction(self)


cdef class SDP(Section):
    cdef str _direction
    cdef dict _shared_values

    cdef list _shared(self, str mark)


cdef class Media(Section):
    cdef SDP _session
    cdef str _first_line
    cdef list _other_lines, _words

    cdef list _media_line(self)
    cdef _word(self, Py_ssize_t index)
    cdef _session_text(self)


@cython.locals(octets=bytes)
cpdef str text_of(object data)
cpdef SDP read_sdp(str text)
@cython.locals(at=Py_ssize_t, sdp=SDP)
cpdef SDP sdp_over(str text)
@cython.locals(found=list, sections=list, start=Py_ssize_t, text=str, media=Media)
cpdef tuple all_media(SDP session)
