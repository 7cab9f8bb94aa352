cimport cython

from .defects cimport find_defects
from .lines cimport (
    all_in, all_read, direction_in, first_in, number, plain, rest_of_line, wider,
    words_of
)
from .records cimport read_connection, read_origin, read_port, rtpmap_of

cdef dict STATIC_PAYLOADS
cdef str CONNECTION, FINGERPRINT
cdef dict NONE
cdef tuple UNREAD
cdef long MOST_SEARCHES


# None of these can be part of a cycle: media refer to what they have in common, not to the session.
@cython.freelist(8)
@cython.no_gc
cdef class Common:
    cdef str _text, _direction
    cdef object _connection
    cdef dict _kept

    cdef _first_connection(self)
    cdef _value(self, str mark, read)
    cdef tuple _fingerprints(self)
    cdef str _own_direction(self)


@cython.no_gc
cdef class Section:
    cdef str _text
    cdef Common _common
    cdef dict _by_name
    cdef long _asked

    cdef _first_connection(self)
    cdef _value(self, str mark, read)
    cdef tuple _all_fingerprints(self)
    cdef str _own_direction(self)
    cdef list _named(self, str name, bint only_first)


@cython.no_gc
cdef class SDP(Section):
    cdef str _whole
    cdef tuple _media


@cython.no_gc
cdef class Media(Section):
    cdef list _words
    cdef tuple _formats
    cdef dict _rtpmaps, _fmtps
    cdef str _direction

    cdef list _media_line(self)
    @cython.locals(words=list)
    cdef str _word(self, Py_ssize_t index)
    @cython.locals(rtpmaps=dict, direction=str, line=str, sixth=Py_UCS4)
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
@cython.locals(found=list, stop=Py_ssize_t)
cdef tuple media_from(str text, Py_ssize_t start, Common common)
@cython.locals(found=list, mark=str, rest=str, at=Py_ssize_t)
cdef list attributes_named(str text, str name, bint only_first)
@cython.locals(found=dict)
cdef dict attributes_by_name(str text)
@cython.locals(found=dict, lines=list)
cdef dict fmtps_in(str text)
