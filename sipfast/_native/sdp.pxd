cimport cython

cdef dict _LINES, _ATTRIBUTES, RTPMAPS_AS_WRITTEN, STATIC_PAYLOADS, _USUAL_NUMBERS
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
@cython.locals(stop=Py_ssize_t)
cpdef str rest_of_line(str text, Py_ssize_t at, Py_ssize_t end)
@cython.locals(words=list, word=str)
cpdef list words_of(str value)
cpdef long long number(str text, long long most) except? -2
cpdef tuple all_read(read, list values)
@cython.locals(words=list)
cpdef read_origin(str value)
@cython.locals(words=list, address=str)
cpdef read_connection(str value)
@cython.locals(
    space=Py_ssize_t, slash=Py_ssize_t, last=Py_ssize_t, encoding=str, payload_type="long long",
    clock_rate="long long",
)
cpdef read_rtpmap(str value)
cpdef tuple read_port(str text)


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
