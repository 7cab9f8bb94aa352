from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.string cimport memchr, memcmp, memset


cdef extern from "texts.h":
    str sip_decoded(const uint8_t *text, uint32_t length)
    str sip_lowered(const uint8_t *text, uint32_t length)
    bint is_uri "sip_is_uri"(const uint8_t *text, uint32_t end) noexcept nogil
    bint is_printable "sip_is_printable"(const uint8_t *text, Py_ssize_t end) noexcept nogil


cdef extern from * nogil:
    """
    static const uint64_t sip_no_parts[8] = {0};
    """
    const uint64_t *NO_PARTS "sip_no_parts"


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text) noexcept
    void *PyUnicode_DATA(object text) noexcept
    Py_ssize_t PyUnicode_GET_LENGTH(object text) noexcept


cdef extern from "<tables.h>" nogil:
    const uint32_t *sip_classes
    const uint8_t *sip_in_names
    bint likely "SIP_LIKELY"(bint condition) noexcept
    bint unlikely "SIP_UNLIKELY"(bint condition) noexcept

    enum:  # classes of bytes (sipfast/registry/characters.py)
        IN_TOKEN "SIP_IN_TOKEN"
        IN_NAME "SIP_IN_NAME"
        IN_HOST "SIP_IN_HOST"
        IN_REFERENCE "SIP_IN_REFERENCE"
        IN_SCHEME "SIP_IN_SCHEME"
        IN_URI "SIP_IN_URI"
        IN_TOKEN68 "SIP_IN_TOKEN68"
        LETTER "SIP_LETTER"
        DIGIT "SIP_DIGIT"
        DIALLED "SIP_DIALLED"
        DIALLED_GLOBALLY "SIP_DIALLED_GLOBALLY"
        VISUAL "SIP_VISUAL"
        BEFORE_SPACE "SIP_BEFORE_SPACE"
        BEFORE_ADDRESS "SIP_BEFORE_ADDRESS"
        BEFORE_COMMENT "SIP_BEFORE_COMMENT"
        BEFORE_PARENTHESIS "SIP_BEFORE_PARENTHESIS"
        BEFORE_PARAMETERS "SIP_BEFORE_PARAMETERS"
        BEFORE_COMMA "SIP_BEFORE_COMMA"
        BEFORE_BRACKET "SIP_BEFORE_BRACKET"


# ---- the parts of each shape: their places in an array --------------------------------------------

cpdef enum:  # of a URI
    SCHEME, USER, PASSWORD, HOST, PORT, PARAMETERS, HEADERS

cpdef enum:  # of a Via, before its HOST, PORT and PARAMETERS
    PROTOCOL, VERSION, TRANSPORT

cpdef enum:  # of an address, before its PARAMETERS
    DISPLAY_NAME, ADDRESS

cpdef enum:  # words; an item is the FIRST, before its PARAMETERS
    FIRST, SECOND, THIRD

cpdef enum:  # of credentials, after their SCHEME and in place of PARAMETERS
    TOKEN68 = 1

cpdef enum:
    PARTS = 7
    QUOTED = 7  # of all: the text from the first quotation mark among the PARAMETERS
    ALL_PARTS

cpdef enum:  # schemes, and the shapes of their URIs
    OF_OTHER, OF_SIP, OF_SIPS, OF_TEL, OF_URN

cdef enum:  # the other shapes
    NAME_ADDR, ADDR_SPEC, VIA, ITEM, MEDIA, COMMENTED, CREDENTIALS_TOKEN, CREDENTIALS
    ONE_WORD, TWO_WORDS, THREE_WORDS, ALL_PARAMETERS, CALL_ID


cdef struct Part:
    uint32_t at
    uint32_t stop  # 1 + where it ends; 0: it is not there


cdef inline void put(Part *parts, int part, uint32_t at, uint32_t end) noexcept nogil:
    parts[part].at = at
    parts[part].stop = end + 1


cdef inline bint has(Part *parts, int part) noexcept nogil:
    return parts[part].stop != 0


cdef inline uint32_t begin(Part *parts, int part) noexcept nogil:
    return parts[part].at


cdef inline uint32_t stop(Part *parts, int part) noexcept nogil:
    return parts[part].stop - (parts[part].stop != 0)


cdef inline str part(const uint8_t *text, Part *parts, int which):
    cdef Part *span = &parts[which]
    return None if span.stop == 0 else sip_decoded(text + span.at, span.stop - 1 - span.at)


cdef class Room:
    cdef Part[ALL_PARTS] _parts


ctypedef Part[ALL_PARTS] AllParts


cdef inline const Part *no_parts() noexcept nogil:
    return <const Part *>NO_PARTS


cdef inline void clear(Part *parts) noexcept nogil:
    memset(parts, 0, ALL_PARTS * sizeof(Part))


# ---- primitives -----------------------------------------------------------------------------------

cdef inline const uint8_t *text_of(bytes source, Py_ssize_t end) noexcept:
    return <const uint8_t *>PyBytes_AS_STRING(source)


cdef inline const uint8_t *within(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    return text + at


cdef inline bint is_host(
    const uint8_t *text, uint32_t at, uint32_t end, const uint8_t *host, uint32_t size
) noexcept nogil:
    cdef uint32_t i
    cdef uint8_t byte
    if end - at != size:
        return False
    for i in range(size):
        byte = text[at + i]
        if byte != host[i] and (byte < c"A" or byte > c"Z" or byte + 32 != host[i]):
            return False
    return True


cdef inline bint is_octets(const uint8_t *text, uint32_t at, uint32_t end, bytes octets) noexcept:
    return same(text + at, end - at, <const uint8_t *>PyBytes_AS_STRING(octets), <uint32_t>PyBytes_GET_SIZE(octets))


cdef inline uint32_t past(const uint8_t *text, uint32_t at, uint32_t end, uint32_t kind) noexcept nogil:
    cdef const uint8_t *byte = text + at
    while byte < text + end and sip_classes[byte[0]] & kind:
        byte += 1
    return <uint32_t>(byte - text)


cdef inline bint is_space(uint8_t byte) noexcept nogil:
    return byte == c" " or byte == c"\t"


cdef inline uint32_t past_space(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    while at < end and is_space(text[at]):
        at += 1
    return at


cdef inline uint32_t before_space(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    while end > at and is_space(text[end - 1]):
        end -= 1
    return end


cdef inline uint32_t find(const uint8_t *text, uint32_t at, uint32_t end, Py_UCS4 mark) noexcept nogil:
    cdef const uint8_t *found = <const uint8_t *>memchr(text + at, <int>mark, end - at)
    return end if found == NULL else <uint32_t>(found - text)


cdef inline bint is_in(Py_UCS4 mark, const uint8_t *text, uint32_t end) noexcept nogil:
    return memchr(text, <int>mark, end) != NULL


cdef inline uint32_t past_quoted(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    cdef uint32_t close = find(text, at + 1, end, c'"')
    if memchr(text + at, c"\\", close - at) == NULL:
        return close + 1 if close < end else 0
    at += 1
    while at < end:
        if text[at] == c'"':
            return at + 1
        at += 1 + (text[at] == c"\\")
    return 0


cdef inline uint32_t open_quote(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    cdef uint32_t after
    while True:
        at = find(text, at, end, c'"')
        if at == end:
            return end
        after = past_quoted(text, at, end)
        if after == 0:
            return at
        at = after


cdef inline uint32_t find_mark(const uint8_t *text, uint32_t at, uint32_t end, Py_UCS4 mark) noexcept nogil:
    while at < end and text[at] != <uint8_t>mark:
        if text[at] == c'"':
            at = past_quoted(text, at, end)
            if at == 0:
                return end
        else:
            at += 1
    return at


cdef inline int64_t number(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    cdef int64_t value = 0
    cdef uint32_t i
    cdef uint8_t digit
    if at == end:
        return -1
    for i in range(at, end):
        digit = text[i] - c"0"
        if digit > 9:
            return -1
        value = value * 10 + digit
        if unlikely(end - at > 12):
            value = min(value, <int64_t>1 << 40)
    return value


cdef inline bint is_sip_2(const uint8_t *text, uint32_t end) noexcept nogil:
    return end > 8 and memcmp(text, b"SIP/2.0/", 8) == 0


cdef inline int scheme_of(const uint8_t *text, uint32_t end) noexcept nogil:
    cdef uint8_t a, b, c
    if end < 4:
        return OF_OTHER
    a, b, c = text[0] | 0x20, text[1] | 0x20, text[2] | 0x20
    if a == c"s" and b == c"i" and c == c"p":
        if text[3] == c":":
            return OF_SIP
        if text[3] | 0x20 == c"s" and end > 4 and text[4] == c":":
            return OF_SIPS
    elif text[3] == c":":
        if a == c"t" and b == c"e" and c == c"l":
            return OF_TEL
        if a == c"u" and b == c"r" and c == c"n":
            return OF_URN
    return OF_OTHER


cdef inline bint same(const uint8_t *one, uint32_t length, const uint8_t *other, uint32_t size) noexcept nogil:
    return length == size and (length == 0 or memcmp(one, other, length) == 0)


cdef inline uint32_t low(uint64_t two) noexcept nogil:
    return <uint32_t>two


cdef inline uint32_t high(uint64_t two) noexcept nogil:
    return <uint32_t>(two >> 32)


cdef inline uint32_t octets_before(const uint8_t *text, uint32_t at) noexcept nogil:
    return at


# ---- names, which are in lower case where they are ASCII ------------------------------------------

cdef bytes plain_octets(str text)


cdef inline const uint8_t *letters(str name) noexcept:
    return <const uint8_t *>PyUnicode_DATA(name)


cdef inline bint is_ascii(str name) noexcept:
    return PyUnicode_IS_ASCII(name)


cdef inline bint is_plain(str name) noexcept:
    cdef uint32_t size = <uint32_t>PyUnicode_GET_LENGTH(name)
    return PyUnicode_IS_ASCII(name) and past(letters(name), 0, size, IN_NAME) == size


cdef inline bint is_token(str text) noexcept:
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    return (
        PyUnicode_IS_ASCII(text) and 0 < size < 0x80000000
        and past(letters(text), 0, <uint32_t>size, IN_TOKEN) == size
    )


cdef inline bint is_named(
    const uint8_t *text, uint32_t at, uint32_t end, const uint8_t *name, uint32_t size
) noexcept nogil:
    cdef uint32_t i = 0
    if end - at < size:
        return False
    while i < size and sip_in_names[text[at + i]] == name[i]:
        i += 1
    return i == size


cdef inline str quick_parameter(const uint8_t *text, Part *parts, Py_UCS4 separator, str name):
    return None


cdef inline bint may_be_named(const uint8_t *text, Part *parts, str name) noexcept:
    return has(parts, PARAMETERS)


cdef inline list quick_parameters(const uint8_t *text, Part *parts, Py_UCS4 separator):
    return None


# ---- from bytes to str ----------------------------------------------------------------------------

cdef inline str decode(const uint8_t *text, uint32_t at, uint32_t end):
    return sip_decoded(text + at, end - at)


cdef inline str lower(const uint8_t *text, uint32_t at, uint32_t end):
    return sip_lowered(text + at, end - at)


cdef str unquote_string(const uint8_t *text, uint32_t at, uint32_t end)


cdef inline str unquote(const uint8_t *text, uint32_t at, uint32_t end):
    if at == end or text[at] != c'"':
        return sip_decoded(text + at, end - at)
    return unquote_string(text, at, end)


cdef str unescape(const uint8_t *text, uint32_t at, uint32_t end)
cdef str shared_word(const uint8_t *text, uint32_t at, uint32_t end)
cdef str media_type(const uint8_t *text, uint32_t end)


cdef inline bint take_quotes(const uint8_t **text, uint32_t *size) noexcept nogil:
    """Point into the quotes of a quoted string; False where that does not do: it has quoted pairs."""
    cdef uint32_t end
    if size[0] == 0 or text[0][0] != c'"':
        return True
    end = find(text[0], 1, size[0], c'"')
    if end == size[0]:
        return True
    if memchr(text[0], c"\\", end) != NULL:
        return past_quoted(text[0], 0, size[0]) == 0
    text[0] += 1
    size[0] = end - 1
    return True


cdef inline char *without_pairs(char *out, const uint8_t *text, uint32_t size) noexcept nogil:
    """Write what a quoted string says, less than `size` bytes; where that ends.

    One pass, which looks for the closing quote itself: an earlier answer may no longer hold.
    """
    cdef uint32_t at = 1
    while at < size and text[at] != c'"':
        at += text[at] == c"\\"
        if at < size:
            out[0] = text[at]
            out += 1
        at += 1
    return out


cdef inline int digit_of(uint8_t byte) noexcept nogil:
    """The value of a hexadecimal digit, or -1."""
    if c"0" <= byte <= c"9":
        return byte - c"0"
    byte |= 0x20
    return byte - c"a" + 10 if c"a" <= byte <= c"f" else -1


cdef inline char *without_escapes(char *out, const uint8_t *text, uint32_t size) noexcept nogil:
    """Write a text with each %HH read as its byte, at most `size` bytes; where that ends."""
    cdef uint32_t at = 0
    cdef int high, low
    while at < size:
        if text[at] == c"%" and size - at > 2:
            high, low = digit_of(text[at + 1]), digit_of(text[at + 2])
            if high >= 0 and low >= 0:
                out[0] = <char>(high << 4 | low)
                out += 1
                at += 3
                continue
        out[0] = text[at]
        out += 1
        at += 1
    return out


# ---- parts as str ---------------------------------------------------------------------------------

cdef inline int scheme_of_part(const uint8_t *text, Part *parts, int which) noexcept nogil:
    if not has(parts, which):
        return 0
    return scheme_of(text + parts[which].at, stop(parts, which) - parts[which].at)


cdef inline int64_t number_of(const uint8_t *text, Part *parts, int which) noexcept nogil:
    return number(text, begin(parts, which), stop(parts, which))


cdef inline str unquoted(const uint8_t *text, Part *parts, int which):
    return None if parts[which].stop == 0 else unquote(text, parts[which].at, parts[which].stop - 1)


cdef inline str unescaped(const uint8_t *text, Part *parts, int which):
    return None if parts[which].stop == 0 else unescape(text, parts[which].at, parts[which].stop - 1)
