# The rules of RFC 3261 about bytes, line ends and the words of a start line, for all that reads
# messages in C.  The tokenizer's patterns say the same in `tokenizer.py`.

from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memchr, memcpy


cdef extern from "<tables.h>" nogil:
    const uint8_t *sip_token


cdef inline bint is_space(uint8_t byte) noexcept nogil:
    return byte == c" " or byte == c"\t"


cdef inline uint8_t lower(uint8_t byte) noexcept nogil:
    return byte | 0x20 if c"A" <= byte <= c"Z" else byte


cdef inline bint is_blank(uint8_t byte) noexcept nogil:
    """Whitespace of a header field: the CR and LF of a fold count."""
    return byte == c" " or byte == c"\t" or byte == c"\r" or byte == c"\n"


cdef inline bint is_digit(uint8_t byte) noexcept nogil:
    return c"0" <= byte <= c"9"


cdef inline size_t find_byte(const uint8_t *data, size_t at, size_t end, uint8_t byte) noexcept nogil:
    """The offset of the first such byte in data[at:end], or `end`."""
    cdef const uint8_t *found = <const uint8_t *>memchr(data + at, byte, end - at)
    return end if found == NULL else <size_t>(found - data)


cdef inline bint is_line_end(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """LF, or CR LF, begins data[at:end]; it is not empty."""
    return data[at] == c"\n" or (data[at] == c"\r" and at + 1 < end and data[at + 1] == c"\n")


cdef inline size_t after_line_ends(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """Where data[at:end] begins after the line ends before a message (RFC 3261 7.5)."""
    while at < end and is_line_end(data, at, end):
        at += 1 + (data[at] == c"\r")
    return at


cdef inline size_t before_spaces(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """Where data[at:end] ends without the whitespace at its end."""
    while end > at and is_space(data[end - 1]):
        end -= 1
    return end


cdef inline bint starts_like_sip(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """A SIP-Version begins here ("SIP/", in any case).  No method does: "/" is in no token."""
    cdef uint32_t found, fold, text
    if end - at < 4:
        return False
    memcpy(&found, data + at, 4)  # four bytes at once: which one differs cannot be predicted
    memcpy(&fold, b"   \0", 4)
    memcpy(&text, b"sip/", 4)
    return found | fold == text


cdef inline bint is_response(const uint8_t *data, size_t start, size_t size) noexcept nogil:
    """Whether the first element of data[start:start + size] begins like a status line."""
    cdef size_t at = start, end = start + size
    while at < end and (data[at] == c"\r" or data[at] == c"\n"):
        at += 1
    return starts_like_sip(data, at, end)


cdef inline bint is_version(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT, in any case (RFC 3261 7.1)."""
    cdef size_t digits
    if not starts_like_sip(data, at, end):
        return False
    at += 4
    digits = at
    while at < end and is_digit(data[at]):
        at += 1
    if at == digits or at == end or data[at] != c".":
        return False
    at += 1
    digits = at
    while at < end and is_digit(data[at]):
        at += 1
    return at == end and at != digits
