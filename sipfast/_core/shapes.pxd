cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from .wire cimport text as chars
from .wire.text cimport Part

cdef int URI_SCHEME_MISSING, URI_CHARACTER_ILLEGAL, URI_USER_MISSING, HOST_MALFORMED, PORT_MALFORMED
cdef int TEL_NUMBER_MALFORMED, QUOTE_UNTERMINATED, ADDRESS_MALFORMED, VIA_MALFORMED
cdef int MEDIA_TYPE_MALFORMED, COMMENT_MALFORMED, CREDENTIALS_MALFORMED

# For all that read values, in C without the GIL too: the parts are `ALL_PARTS` structs, zero before.
@cython.locals(at=uint32_t)
cdef uint64_t split_uri(const uint8_t *text, uint32_t end, int scheme, Part *parts) noexcept nogil
@cython.locals(at=uint32_t, close=uint32_t)
cdef uint64_t split_address(const uint8_t *text, uint32_t end, Part *parts) noexcept nogil
@cython.locals(at=uint32_t, i=uint32_t, first=int, part=int)
cdef uint64_t split_via(const uint8_t *text, uint32_t end, Part *parts) noexcept nogil
@cython.locals(at=uint32_t, i=uint32_t)
cdef uint64_t split_item(const uint8_t *text, uint32_t end, Part *parts) noexcept nogil
@cython.locals(at=uint32_t)
cdef uint64_t split_call_id(const uint8_t *text, uint32_t end, Part *parts) noexcept nogil
@cython.locals(at=uint32_t, i=uint32_t)
cdef uint64_t split_media(const uint8_t *text, uint32_t end, Part *parts) noexcept nogil
@cython.locals(at=uint32_t, i=uint32_t)
cdef uint64_t split_commented(const uint8_t *text, uint32_t end, Part *parts) noexcept nogil
@cython.locals(at=uint32_t, i=uint32_t, part=int)
cdef uint64_t split_words(const uint8_t *text, uint32_t end, int most, Part *parts) noexcept nogil
@cython.locals(at=uint32_t, i=uint32_t)
cdef uint64_t split_credentials(const uint8_t *text, uint32_t end, Part *parts) noexcept nogil
@cython.locals(quote=uint32_t)
cdef uint64_t split_parameters(const uint8_t *text, uint32_t at, uint32_t end, Part *parts) noexcept nogil
@cython.locals(at=int64_t, end=uint32_t, equals=int64_t)  # so that it can be shifted
cdef int64_t find_parameter(
    const uint8_t *text, Part *parts, Py_UCS4 separator, const uint8_t *name, uint32_t size
) noexcept nogil
cdef uint32_t past_parameter(
    const uint8_t *text, uint32_t at, uint32_t end, Py_UCS4 separator, Part *parts
) noexcept nogil
cdef bint is_parameter(
    const uint8_t *text, uint32_t at, uint32_t stop, uint32_t equals, uint32_t end
) noexcept nogil
@cython.locals(i=uint32_t)
cdef uint64_t past_listed(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil

# Their own.
cdef uint64_t fault(uint64_t number, uint32_t at) noexcept nogil
@cython.locals(i=uint32_t, colon=uint32_t)
cdef uint64_t split_sip(const uint8_t *text, uint32_t at, uint32_t end, Part *parts) noexcept nogil
@cython.locals(first=uint32_t, i=uint32_t)
cdef uint64_t split_tel(const uint8_t *text, uint32_t at, uint32_t end, Part *parts) noexcept nogil
cdef uint64_t split_rest(const uint8_t *text, uint32_t at, uint32_t end, Part *parts) noexcept nogil
@cython.locals(i=uint32_t)
cdef uint32_t past_host(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil
@cython.locals(i=uint32_t)
cdef uint32_t past_port(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil
@cython.locals(depth=uint32_t)
cdef uint32_t past_comment(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil
