cimport cython

from ..wire.table cimport Table

cdef const unsigned char *_CLASSES
cdef bytes _CLASSES_KEPT  # what it points into
cdef frozenset _KNOWN, _UNREAD
cdef unsigned int _CONTENT_TYPE, _CONTENT_ENCODING
cdef unsigned char _IN_TEXT, _IN_WORD, _IN_TOKEN, _IN_DIGIT, _IN_ICE, _IN_PROTOCOL, _IN_HEX
cdef int _NOWHERE, _MOST_DIGITS
cdef unsigned long long _ONE
cdef int _V, _O, _S, _C, _B, _T, _A, _MANDATORY, _ONLY
cdef int _DIRECTION, _PTIME, _MAXPTIME, _RTCP, _UFRAG, _PWD, _CRYPTO


@cython.final
@cython.no_gc
@cython.freelist(2)
cdef class Sound:
    cdef bint _is_connected, _is_media, _is_rtp
    cdef int _once
    cdef unsigned long long[2] _listed
    cdef unsigned long long[2] _mapped
    cdef unsigned long long[2] _tuned

    @cython.locals(
        seen=int, stop=Py_ssize_t, after=Py_ssize_t, letter="unsigned char", bit=int, is_fine=bint
    )
    cdef bint _read(self, const unsigned char *text, Py_ssize_t at, Py_ssize_t end) except -1
    cdef void _begin(self) noexcept
    cdef bint _may_end(self, int seen) noexcept
    @cython.locals(stop=Py_ssize_t)
    cdef bint _is_media_line(self, const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept
    @cython.locals(colon=Py_ssize_t, value=Py_ssize_t, length=Py_ssize_t, is_fine=bint)
    cdef bint _is_attribute(self, const unsigned char *text, Py_ssize_t at, Py_ssize_t end) except -1
    @cython.locals(is_first=bint)
    cdef bint _is_first(self, int what) noexcept
    @cython.locals(stop=Py_ssize_t)
    cdef bint _is_rtpmap(self, const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept
    @cython.locals(stop=Py_ssize_t)
    cdef bint _is_fmtp(self, const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept
    @cython.locals(stop=Py_ssize_t, number=int)
    cdef Py_ssize_t _past_listed(self, const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept


@cython.locals(begin=Py_ssize_t, length=Py_ssize_t, index=Py_ssize_t, kind=str)
cpdef bint has_sound_body(Table table) except -1
@cython.locals(sound=Sound)
cpdef bint is_sound(bytes text, Py_ssize_t at, Py_ssize_t end) except -1
@cython.locals(bit="unsigned long long")
cdef bint _add(unsigned long long *numbers, int number) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef bint _is_bandwidth(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef bint _is_origin(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(space=Py_ssize_t, begun="long long", ended="long long")
cdef bint _is_time(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(stop=Py_ssize_t, first="long long")
cdef Py_ssize_t _past_connection(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef bint _is_rtcp(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
cdef bint _is_crypto(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
cdef bint _is_secret(const unsigned char *text, Py_ssize_t at, Py_ssize_t end, int least) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef bint _is_candidate(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
cdef Py_ssize_t _past(
    const unsigned char *text, Py_ssize_t at, Py_ssize_t end, unsigned char kind
) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef Py_ssize_t _past_digits(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef Py_ssize_t _past_number(
    const unsigned char *text, Py_ssize_t at, Py_ssize_t end, long long most
) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef Py_ssize_t _past_format(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(value="long long")
cdef long long _value(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(stop=Py_ssize_t)
cdef Py_ssize_t _past_address(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(groups=int, is_short=bint, may_end=bint, is_whole=bint, stop=Py_ssize_t)
cdef Py_ssize_t _past_ipv6(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(dots=int, stop=Py_ssize_t)
cdef Py_ssize_t _past_ipv4(const unsigned char *text, Py_ssize_t at, Py_ssize_t end) noexcept nogil
@cython.locals(same=int)
cdef bint _is(
    const unsigned char *text, Py_ssize_t at, const unsigned char *word, int length
) noexcept nogil
cdef bint _has(
    const unsigned char *text, Py_ssize_t at, Py_ssize_t end, const unsigned char *word, int length
) noexcept nogil
