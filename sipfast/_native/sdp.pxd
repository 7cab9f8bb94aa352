cimport cython

from sipfast._native.sdp_defects cimport find_defects
from sipfast._native.sdp_lines cimport (
    all_in, all_read, direction_in, first_in, number, rest_of_line, words_of
)
from sipfast._native.sdp_records cimport read_connection, read_origin, read_port, rtpmaps_in

cdef dict STATIC_PAYLOADS
cdef str FINGERPRINT
cdef long MOST_SEARCHES


cdef class Common:
    cdef str _text, _direction
    cdef dict _kept

    cdef _value(self, str mark, read)
    cdef tuple _fingerprints(self)
    cdef str _own_direction(self)


cdef class Section:
    cdef str _text
    cdef Common _common
    cdef dict _by_name
    cdef long _asked

    cdef _value(self, str mark, read)
    cdef list _named(self, str name, bint only_first)


cdef class SDP(Section):
    cdef str _whole
    cdef tuple _media


cdef class Media(Section):
    cdef list _words
    cdef tuple _formats
    cdef dict _rtpmaps, _fmtps
    cdef str _direction

    @cython.locals(words=list)
    cdef _read_media_line(self)
    @cython.locals(words=list)
    cdef str _word(self, Py_ssize_t index)
    @cython.locals(lines=list)
    cdef dict _read_lines(self)
    cdef dict _all_rtpmaps(self)
    cdef dict _all_fmtps(self)


@cython.locals(octets=bytes, text=str)
cpdef str text_of(object data)
cpdef SDP read_sdp(str text)
@cython.locals(at=Py_ssize_t, sdp=SDP)
cpdef SDP sdp_over(str text)
@cython.locals(common=Common)
cdef Common common_over(str text)
@cython.locals(media=Media)
cdef Media media_over(str text, Common common)
@cython.locals(found=list, start=Py_ssize_t, stop=Py_ssize_t)
cdef tuple media_in(str text, Common common)
@cython.locals(found=list, mark=str, rest=str, at=Py_ssize_t)
cdef list attributes_named(str text, str name, bint only_first)
@cython.locals(found=dict)
cdef dict attributes_by_name(str text)
@cython.locals(found=dict)
cdef dict fmtps_in(str text)
