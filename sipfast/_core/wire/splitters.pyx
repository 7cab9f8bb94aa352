"""The splitters: from the text of a value to where its parts are, without a Python object.

The contract that this file and its twin `splitters.py` keep is written down in
`docs/splitters.md`.  A value points into the message's buffer, or into the text that it was read
from, and keeps that alive; a part becomes a Python object when it is asked for.
"""

cimport cython
from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_Check,
    PyBytes_CheckExact,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.unicode cimport PyUnicode_Check
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memchr, memcmp, memcpy, memset

from .table cimport Table, one_line, unfold
from .tokenizer cimport FOLDED, sip_span


from sipfast import _late, _rebuild
from ..octets import octets
from sipfast.errors import ParseError, parse_error
from sipfast.registry.header_names import HEADER_NAMES
from sipfast.registry.methods import METHODS

from ..folds import Folds


cdef extern from "Python.h":
    ctypedef struct Class "PyTypeObject":
        void *tp_getattro
        unsigned long tp_flags
        Class *tp_base

    bint PyUnicode_IS_ASCII(object text) noexcept
    void *PyUnicode_DATA(object text) noexcept
    Py_ssize_t PyUnicode_GET_LENGTH(object text) noexcept
    Py_ssize_t PyTuple_GET_SIZE(object names) noexcept
    PyObject *PyTuple_GET_ITEM(object names, Py_ssize_t place) noexcept
    bint PyType_IsSubtype(type cls, type base) noexcept
    unsigned long Py_TPFLAGS_HEAPTYPE


cdef extern from "attributes.h":
    object sip_get_attribute(object of, object name, void *kind, void *read)


cdef extern from "texts.h":
    str decoded "sip_decoded"(const uint8_t *text, uint32_t length)


cdef extern from "<tables.h>" nogil:
    uint64_t sip_load8(const uint8_t *data) noexcept
    bint likely "SIP_LIKELY"(bint condition) noexcept
    bint unlikely "SIP_UNLIKELY"(bint condition) noexcept


# ---- the parts of each shape ---------------------------------------------------------------------

cdef enum:  # of a URI
    SCHEME_, USER_, PASSWORD_, HOST_, PORT_, PARAMETERS_, HEADERS_

cdef enum:  # of a Via, before its HOST, PORT and PARAMETERS
    PROTOCOL_, VERSION_, TRANSPORT_

cdef enum:  # of a name-addr, before its PARAMETERS
    DISPLAY_NAME_, ADDRESS_

cdef enum:  # words; an item is the first, before its PARAMETERS
    FIRST_, SECOND_

cdef enum:  # of credentials, after their SCHEME and in place of PARAMETERS
    TOKEN68_ = 1

cdef enum:  # schemes
    OTHER_, SIP_, SIPS_, TEL_, URN_

# The same for the classes above.
SCHEME, USER, PASSWORD, HOST, PORT, PARAMETERS, HEADERS = range(7)
PROTOCOL, VERSION, TRANSPORT = range(3)
DISPLAY_NAME, ADDRESS = range(2)
FIRST, SECOND, THIRD = range(3)
TOKEN68 = 1
OF_OTHER, OF_SIP, OF_SIPS, OF_TEL, OF_URN = range(5)
MOST = 2**31 - 1
MOST_UNSIGNED = 2**32 - 1


# ---- what a byte can be part of ------------------------------------------------------------------

cdef enum:
    IN_TOKEN = 1
    IN_HOST = 2
    IN_REFERENCE = 4
    IN_SCHEME = 8
    IN_TEL = 16
    ILLEGAL = 32  # in a URI
    IN_TOKEN68 = 64
    IN_NAME = 128  # of a parameter that is written as it is asked for
    NO_BYTE = 255

cdef uint8_t[256] _CLASSES
cdef uint8_t[256] _IN_NAMES  # a byte of a name in lower case; NO_BYTE for what is in none


cdef int classify() except -1:
    alphanumeric = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    cdef int byte
    for byte in range(256):
        _CLASSES[byte] = (
            IN_TOKEN * (byte in alphanumeric + b"-.!%*_+`'~")
            | IN_HOST * (byte in alphanumeric + b"-._")
            | IN_REFERENCE * (byte in b"0123456789ABCDEFabcdef:.")
            | IN_SCHEME * (byte in alphanumeric + b"-+.")
            | IN_TEL * (byte in b"0123456789ABCDEFabcdef*#().-")
            | ILLEGAL * (byte <= 0x20 or byte == 0x7F or byte in b'<>"')
            | IN_NAME * (byte in alphanumeric + b"-.!*_+`'~")
            | IN_TOKEN68 * (byte in alphanumeric + b"-._~+/")
        )
        _IN_NAMES[byte] = lower(<uint8_t>byte) if _CLASSES[byte] & IN_NAME else NO_BYTE
    return 0


classify()


cdef inline bint is_space(uint8_t byte) noexcept nogil:
    return byte == c" " or byte == c"\t"


cdef inline bint is_digit(uint8_t byte) noexcept nogil:
    return c"0" <= byte <= c"9"


cdef inline bint is_separator(uint8_t byte) noexcept nogil:
    """Whether it only parts the digits of a telephone number (RFC 3966 3: visual-separator)."""
    return byte == c"-" or byte == c"." or byte == c"(" or byte == c")"


cdef inline uint8_t lower(uint8_t byte) noexcept nogil:
    return byte | 0x20 if c"A" <= byte <= c"Z" else byte


cdef inline uint32_t past(const uint8_t *text, uint32_t at, uint32_t end, uint8_t kind) noexcept nogil:
    """Where bytes of this kind end."""
    while at < end and _CLASSES[text[at]] & kind:
        at += 1
    return at


cdef inline uint32_t past_number(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    """Where the digits and separators of a telephone number end; after a + those are decimal."""
    if at == end or text[at] != c"+":
        return past(text, at, end, IN_TEL)
    at += 1
    while at < end and (is_digit(text[at]) or is_separator(text[at])):
        at += 1
    return at


cdef inline uint32_t past_space(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    while at < end and is_space(text[at]):
        at += 1
    return at


cdef inline uint32_t before_space(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    while end > at and is_space(text[end - 1]):
        end -= 1
    return end


cdef inline uint32_t find(const uint8_t *text, uint32_t at, uint32_t end, uint8_t byte) noexcept nogil:
    """The first such byte, or `end`, which `at` is not beyond."""
    cdef const uint8_t *found = <const uint8_t *>memchr(text + at, byte, end - at)
    return end if found == NULL else <uint32_t>(found - text)


cdef inline uint32_t past_quoted(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    """Where the quoted string that begins at `at` ends, after its quote; 0 if it does not end."""
    at += 1
    while at < end:
        if text[at] == c'"':
            return at + 1
        at += 1 + (text[at] == c"\\")
    return 0


cdef inline uint32_t open_quote(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    """Where the quoted string begins that does not end, or `end`."""
    cdef uint32_t after
    while True:
        at = find(text, at, end, c'"')
        if at == end:
            return end
        after = past_quoted(text, at, end)
        if after == 0:
            return at
        at = after


cdef inline uint32_t find_mark(const uint8_t *text, uint32_t at, uint32_t end, uint8_t mark) noexcept nogil:
    """The first `mark` that stands in no quoted string, or `end`; each quoted string ends."""
    while at < end and text[at] != mark:
        if text[at] == c'"':
            at = past_quoted(text, at, end)
            if at == 0:
                return end
        else:
            at += 1
    return at


cdef inline Part *part_of(Value value, int part) except NULL:
    """A part by a number that may come from outside."""
    if unlikely(<unsigned int>part >= PARTS):
        raise IndexError("a value has no such part")
    return &value._parts[part]


cdef inline void put(Value value, int part, uint32_t at, uint32_t end) noexcept:
    """The part is text[at:end]."""
    value._parts[part].at = at
    value._parts[part].stop = end + 1


# ---- the value -----------------------------------------------------------------------------------


@cython.freelist(256)
@cython.no_gc
cdef class Value:
    """Value(*_, **__)\n--\n\nA value: its text, and where its parts are.  Immutable; equal as its RFC says."""

    _recurs = False

    @classmethod
    def parse(cls, text):
        """Read one value, which may have whitespace around it.

        Raises `ParseError` where it is malformed, and TypeError where it is no text.
        """
        return read_text(cls, text, 0)

    def __init__(self, *_, **__):
        raise TypeError(f"{type(self).__name__} is made by its parse")

    cdef object _read(self):
        """Split the text.  What comes of it is this value, or what it stands for, as a number."""
        raise TypeError(f"{type(self).__name__} is not read from text")

    cdef Value _built(self, str text):
        """What a constructor has built, as another value, so that it can be looked at first."""
        cdef Value built
        if self._text != NULL:
            raise TypeError(f"{type(self).__name__} is immutable")
        built = fresh(own_class(type(self)))
        hold(built, text)
        trim(built)
        built._read()
        return built

    cdef int _become(self, Value built) except -1:
        """Be what was built, once all of it has been found right."""
        if self._text != NULL:
            raise TypeError(f"{type(self).__name__} is immutable")
        copy_origin(self, built)
        self._text, self._length, self._offset = built._text, built._length, built._offset
        self._separator, self._escaped, self._quoted = built._separator, built._escaped, built._quoted
        memcpy(self._parts, built._parts, sizeof(self._parts))
        self._memo = built._memo
        return 0

    cdef object _key(self):
        """What is compared and hashed: equal keys make equal values, and only those."""
        return str(self)

    def __eq__(self, other):
        """What is malformed within equals only the same text."""
        if not isinstance(other, Value):
            return NotImplemented
        if self is other or type(self) is not type(other):
            return self is other
        if same_text(self, other):
            return True
        try:
            return self._key() == (<Value>other)._key()
        except ParseError:
            return False

    def __hash__(self):
        try:
            return hash(self._key())
        except ParseError:
            return hash(str(self))

    def __getattribute__(self, name):
        """As any object's, sooner found (`attributes.h`)."""
        return sip_get_attribute(self, name, NULL, NULL)

    def __str__(self):
        return decoded(self._text, self._length)

    def __bytes__(self):
        return PyBytes_FromStringAndSize(<const char *>self._text, self._length)

    def __repr__(self):
        return f"{type(self).__name__}.parse({str(self)!r})"

    def __reduce__(self):
        return _rebuild.reduced(self)

    # ---- the splitters: each finds the parts of one shape, or raises ----

    cdef int _split_uri(self) except -1:
        """A URI (RFC 3261 19.1.1, RFC 3966 3, RFC 3986 3), and which scheme it has.

        HOST is the number of a tel URI, and all there is after a scheme that is not sip or tel.
        """
        cdef const uint8_t *text = self._text
        cdef uint32_t end = self._length, at, i, stop
        cdef uint8_t seen = 0
        cdef int scheme
        self._separator, self._escaped = c";", True
        scheme = scheme_of(text, end)
        for i in range(end):
            seen |= _CLASSES[text[i]]
        if unlikely(seen & ILLEGAL):
            return self._uri_fault()
        if likely(scheme == SIP_ or scheme == SIPS_):
            at = 3 + (scheme == SIPS_)
            put(self, SCHEME_, 0, at)
            at = self._split_user(at + 1, end)
            if unlikely(at == 0):
                return self._uri_fault()
            at = self._split_host(at, end)
            if unlikely(at == 0):
                return self._uri_fault()
            if at < end and text[at] == c";":
                i = find(text, at, end, c"?")
                put(self, PARAMETERS_, at + 1, i)
                at = i
            if at < end and text[at] == c"?":
                put(self, HEADERS_, at + 1, end)
                at = end
            if unlikely(at != end):
                return self._uri_fault()
            return scheme
        at = past(text, 0, end, IN_SCHEME)
        if at == end or text[at] != c":" or not c"a" <= lower(text[0]) <= c"z":
            return self._uri_fault()
        put(self, SCHEME_, 0, at)
        at += 1
        if scheme == TEL_:
            i = at + (at < end and text[at] == c"+")
            while i < end and is_separator(text[i]):
                i += 1
            stop = past_number(text, at, end)
            if i == stop or (stop < end and text[stop] != c";"):
                return self._uri_fault()
            put(self, HOST_, at, stop)
            if stop < end:
                put(self, PARAMETERS_, stop + 1, end)
        else:
            put(self, HOST_, at, end)
        return scheme

    cdef uint32_t _split_user(self, uint32_t at, uint32_t end) noexcept:
        """User and password before an @; where the host begins, or 0."""
        cdef uint32_t host = find(self._text, at, end, c"@"), colon
        if host == end:
            return at
        colon = find(self._text, at, host, c":")
        if colon == at:
            return 0
        put(self, USER_, at, colon)
        if colon != host:
            put(self, PASSWORD_, colon + 1, host)
        return host + 1

    cdef uint32_t _split_host(self, uint32_t at, uint32_t end) noexcept:
        """Host and port; where they end, or 0."""
        cdef const uint8_t *text = self._text
        cdef uint32_t i = past_host(text, at, end)
        if i == 0:
            return 0
        put(self, HOST_, at, i)
        if i < end and text[i] == c":":
            at = i + 1
            i = past_port(text, at, end)
            if i == 0:
                return 0
            put(self, PORT_, at, i)
        return i

    cdef int _split_address(self) except -1:
        """A name-addr or an addr-spec, and parameters (RFC 3261 20.10)."""
        cdef const uint8_t *text = self._text
        cdef uint32_t end = self._length, at = 0, open, close
        self._separator, self._escaped = c";", False
        if end > 0 and text[0] == c'"':
            at = past_quoted(text, 0, end)
            if unlikely(at == 0):
                return self._raise("quote-unterminated", 0)
            put(self, DISPLAY_NAME_, 0, at)
            open = past_space(text, at, end)
            if unlikely(open == end or text[open] != c"<"):
                return self._raise("address-malformed", open)
        else:
            open = 0
            while open < end and text[open] != c"<" and text[open] != c";" and text[open] != c'"':
                open += 1
            if open == end or text[open] == c";":
                if unlikely(open == 0):
                    return self._raise("address-malformed", 0)
                put(self, ADDRESS_, 0, before_space(text, 0, open))
                if open < end:
                    put(self, PARAMETERS_, open + 1, end)
                return self._check_quotes()
            if unlikely(text[open] == c'"'):
                return self._raise("address-malformed", open)
            at = before_space(text, 0, open)
            if at > 0:
                put(self, DISPLAY_NAME_, 0, at)
        close = find(text, open + 1, end, c">")
        if unlikely(close == end or find(text, open + 1, close, c"<") != close):
            return self._raise("address-malformed", open)
        at = past_space(text, open + 1, close)
        put(self, ADDRESS_, at, before_space(text, at, close))
        at = past_space(text, close + 1, end)
        if at < end:
            if unlikely(text[at] != c";"):
                return self._raise("address-malformed", at)
            put(self, PARAMETERS_, at + 1, end)
            return self._check_quotes()
        return 0

    cdef int _split_via(self) except -1:
        """A Via (RFC 3261 20.42): sent-protocol, sent-by, parameters."""
        cdef const uint8_t *text = self._text
        cdef uint32_t end = self._length, at = 0, i
        cdef int part = PROTOCOL_
        self._separator, self._escaped = c";", False
        if likely(end > 8 and memcmp(text, b"SIP/2.0/", 8) == 0):
            put(self, PROTOCOL_, 0, 3)
            put(self, VERSION_, 4, 7)
            part, at = TRANSPORT_, past_space(text, 8, end)
        for part in range(part, TRANSPORT_ + 1):
            i = past(text, at, end, IN_TOKEN)
            if unlikely(i == at):
                return self._raise("via-malformed", at)
            put(self, part, at, i)
            at = past_space(text, i, end)
            if part != TRANSPORT_:
                if unlikely(at == end or text[at] != c"/"):
                    return self._raise("via-malformed", i)
                at = past_space(text, at + 1, end)
            elif unlikely(at == i):
                return self._raise("via-malformed", i)
        i = past_host(text, at, end)
        if unlikely(i == 0):
            return self._raise("host-malformed", at)
        put(self, HOST_, at, i)
        at = past_space(text, i, end)
        if at < end and text[at] == c":":
            at = past_space(text, at + 1, end)
            i = past_port(text, at, end)
            if unlikely(i == 0):
                return self._raise("port-malformed", at)
            put(self, PORT_, at, i)
            at = past_space(text, i, end)
        if at < end:
            if unlikely(text[at] != c";"):
                return self._raise("host-malformed", at)
            put(self, PARAMETERS_, at + 1, end)
            return self._check_quotes()
        return 0

    cdef int _split_item(self) except -1:
        """Anything up to the first semicolon, and parameters."""
        cdef uint32_t end = self._length, quote, at
        self._separator, self._escaped = c";", False
        at = 0
        while at < end and self._text[at] != c";":
            if self._text[at] == c'"':
                quote = at
                at = past_quoted(self._text, at, end)
                if at == 0:
                    return self._raise("quote-unterminated", quote)
            else:
                at += 1
        put(self, 0, 0, before_space(self._text, 0, at))
        if at < end:
            put(self, PARAMETERS_, at + 1, end)
            return self._check_quotes()
        return 0

    cdef int _split_media(self) except -1:
        """A media type or range: type, subtype, and parameters (RFC 3261 20.1, 20.15)."""
        cdef const uint8_t *text = self._text
        cdef uint32_t end = self._length, at, i
        self._separator, self._escaped = c";", False
        i = past(text, 0, end, IN_TOKEN)
        if unlikely(i == 0):
            return self._raise("media-type-malformed", 0)
        put(self, FIRST_, 0, i)
        at = past_space(text, i, end)
        if unlikely(at == end or text[at] != c"/"):
            return self._raise("media-type-malformed", i)
        at = past_space(text, at + 1, end)
        i = past(text, at, end, IN_TOKEN)
        if unlikely(i == at):
            return self._raise("media-type-malformed", at)
        put(self, SECOND_, at, i)
        at = past_space(text, i, end)
        if at < end:
            if unlikely(text[at] != c";"):
                return self._raise("media-type-malformed", at)
            put(self, PARAMETERS_, at + 1, end)
            return self._check_quotes()
        return 0

    cdef int _split_commented(self) except -1:
        """Anything up to a comment (RFC 3261 25.1), that comment, and parameters."""
        cdef const uint8_t *text = self._text
        cdef uint32_t end = self._length, at = 0, i
        self._separator, self._escaped = c";", False
        while at < end and text[at] != c";" and text[at] != c"(":
            at += 1
        put(self, FIRST_, 0, before_space(text, 0, at))
        if at < end and text[at] == c"(":
            i = past_comment(text, at, end)
            if i == 0:
                return self._raise("comment-malformed", at)
            put(self, SECOND_, at, i)
            at = past_space(text, i, end)
            if at < end and text[at] != c";":
                return self._raise("comment-malformed", at)
        if at < end:
            put(self, PARAMETERS_, at + 1, end)
            return self._check_quotes()
        return 0

    cdef int _split_words(self, int most) except -1:
        """One to three words that whitespace separates; the last one takes what is left."""
        cdef const uint8_t *text = self._text
        cdef uint32_t end = self._length, at = 0, i
        cdef int part
        self._separator, self._escaped = c";", False
        for part in range(most):
            i = at if part < most - 1 else end
            while i < end and not is_space(text[i]):
                i += 1
            put(self, part, at, i)
            at = past_space(text, i, end)
            if at == end:
                break
        return 0

    cdef int _split_credentials(self) except -1:
        """An authentication scheme, and parameters between commas or a token68 (RFC 9110 11.4)."""
        cdef const uint8_t *text = self._text
        cdef uint32_t end = self._length, at = past(text, 0, end, IN_TOKEN), i
        self._separator, self._escaped = c",", False
        if at == 0 or (at < end and not is_space(text[at])):
            return self._raise("credentials-malformed", at)
        put(self, SCHEME_, 0, at)
        at = past_space(text, at, end)
        if at == end:
            return 0
        i = past(text, at, end, IN_TOKEN68)
        if i > at:
            while i < end and text[i] == c"=":
                i += 1
            if i == end:
                put(self, TOKEN68_, at, end)
                return 0
        put(self, PARAMETERS_, at, end)
        return self._check_quotes()

    cdef int _split_parameters(self, str separator) except -1:
        """Nothing but parameters, between commas or semicolons."""
        self._separator, self._escaped = <uint8_t>ord(separator), False
        put(self, PARAMETERS_, 0, self._length)
        return self._check_quotes()

    cdef int _check_quotes(self) except -1:
        """Raise where a quoted string among the parameters does not end."""
        cdef uint32_t at = self._parts[PARAMETERS_].at, quote = find(self._text, at, self._length, c'"')
        if likely(quote == self._length):
            return 0
        self._quoted = True
        quote = open_quote(self._text, quote, self._length)
        if quote != self._length:
            return self._raise("quote-unterminated", quote)
        return 0

    # ---- the parts ----

    cdef str _part(self, int part):
        """A part's text as it stands, or None."""
        cdef Part *span = &self._parts[part]
        if span.stop == 0:
            return None
        return decoded(self._text + span.at, span.stop - 1 - span.at)

    cdef bint _has(self, int part) noexcept:
        return self._parts[part].stop != 0

    cdef str _unquoted(self, int part):
        """A part's text, without its quotes if it is a quoted string (RFC 3261 25.1)."""
        cdef Part *span = &self._parts[part]
        if span.stop == 0:
            return None
        return unquoted(self._text + span.at, span.stop - 1 - span.at)

    cdef str _unescaped(self, int part):
        """A part's text with each %HH read, once (RFC 3261 19.1.2)."""
        cdef Part *span = part_of(self, part)
        if span.stop == 0:
            return None
        return unescaped(self._text + span.at, span.stop - 1 - span.at)

    cdef int64_t _number(self, int part, int64_t most) except -1:
        """The number that a part is: 1*DIGIT, at most `most`.  Raises `ParseError`."""
        cdef Part *span = &self._parts[part]
        cdef uint32_t at = span.at, end = span.stop - (span.stop != 0)
        cdef uint64_t number = 0
        cdef uint8_t digit
        if unlikely(at == end):
            self._fail("number-malformed", part)
        while at < end:
            digit = self._text[at]
            if unlikely(not is_digit(digit)):
                self._fail("number-malformed", part)
            number = number * 10 + (digit - c"0")
            if unlikely(number > <uint64_t>1 << 40):
                number = <uint64_t>1 << 40
            at += 1
        if unlikely(number > <uint64_t>most):
            self._fail("number-too-large" if most == 0x7FFFFFFF else "number-out-of-range", part)
        return <int64_t>number

    cdef str _token(self, int part):
        """The token that a part is (RFC 3261 25.1).  Raises `ParseError`."""
        cdef Part *span = &self._parts[part]
        cdef uint32_t end = span.stop - (span.stop != 0), i
        cdef str known
        if unlikely(end == span.at):
            self._raise("token-malformed", span.at)
        known = shared(_WORDS, self._text + span.at, end - span.at)
        if known is not None:
            return known
        i = past(self._text, span.at, end, IN_TOKEN)
        if unlikely(i < end):
            self._raise("token-malformed", i)
        return decoded(self._text + span.at, end - span.at)

    cdef str _media_type(self):
        """The type and subtype that `_split_media` found, in lower case."""
        cdef uint32_t slash = self._parts[FIRST_].stop, stop = self._parts[SECOND_].stop
        cdef str known
        if unlikely(stop == 0 or self._parts[SECOND_].at != slash):  # whitespace is around it
            return f"{self._part(FIRST_)}/{self._part(SECOND_)}".lower()
        known = shared(_MEDIA_TYPES, self._text, stop - 1)
        return decoded(self._text, stop - 1).lower() if known is None else known

    cdef int _scheme(self, int part) noexcept:
        """Which scheme the URI in a part has."""
        cdef Part *span
        if unlikely(<unsigned int>part >= PARTS) or self._parts[part].stop == 0:
            return OTHER_
        span = &self._parts[part]
        return scheme_of(self._text + span.at, span.stop - 1 - span.at)

    cdef object _sub(self, int part, type cls):
        """What a part is, read as another value."""
        cdef Part *span = part_of(self, part)
        cdef Value value
        if span.stop == 0:
            return None
        value = fresh(cls)
        copy_origin(value, self)
        value._text = self._text + span.at
        value._length = span.stop - 1 - span.at
        value._offset = self._offset + span.at
        return value._read()

    cdef object _as(self, type cls):
        """The same text, read as a value of another class."""
        cdef Value value = fresh(cls)
        copy_origin(value, self)
        value._text = self._text
        value._length = self._length
        value._offset = self._offset
        return value._read()

    # ---- the parameters ----

    cdef str _parameter(self, str name):
        """A parameter's value, unquoted or unescaped; "" where it has none; or None.

        `name` is in lower case if it is ASCII.  The first of several counts.
        """
        cdef uint32_t value
        if self._find_parameter(name, &value) < 0:
            return None
        return "" if value == 0 else self._value(value, self._parts[PARAMETERS_].stop - 1)

    cdef uint32_t _parameter_at(self, str name) except? 0xFFFFFFFF:
        """Where a parameter begins in the text; 0 if it is not there."""
        cdef uint32_t value
        cdef int64_t at = self._find_parameter(name, &value)
        return 0 if at < 0 else <uint32_t>at

    cdef int64_t _find_parameter(self, str name, uint32_t *value) except? -2:
        """Where a parameter begins, or -1, and where what follows its equals sign does, or 0."""
        cdef const uint8_t *text = self._text
        cdef const uint8_t *wanted
        cdef uint32_t size, at, end, stop, equals, i
        cdef uint8_t separator = self._separator
        cdef bint ascii, plain
        if unlikely(name is None):
            raise TypeError("the name of a parameter is str, not NoneType")
        wanted = <const uint8_t *>PyUnicode_DATA(name)
        size = <uint32_t>PyUnicode_GET_LENGTH(name)
        ascii = PyUnicode_IS_ASCII(name)
        if self._parts[PARAMETERS_].stop == 0:
            return -1
        at = self._parts[PARAMETERS_].at
        end = self._parts[PARAMETERS_].stop - 1
        value[0] = 0
        while at < end:
            at = past_space(text, at, end)
            if likely(ascii and end - at >= size):
                i = 0
                while i < size and _IN_NAMES[text[at + i]] == wanted[i]:
                    i += 1
                if i == size:
                    equals = past_space(text, at + i, end)
                    if equals == end or text[equals] == separator:
                        if i != 0 or equals > at:
                            return at
                    elif text[equals] == c"=":
                        value[0] = equals + 1
                        return at
            if self._quoted:
                stop = find_mark(text, at, end, separator)
            else:
                stop = find(text, at, end, separator)
            plain = ascii and past(wanted, 0, size, IN_NAME) == size
            if self._escaped or not plain:
                equals = find(text, at, stop, c"=")
                if not plain or find(text, at, equals, c"%") != equals:
                    if at < stop and self._is_named(at, equals, name):
                        value[0] = 0 if equals == stop else equals + 1
                        return at
            at = stop + 1
        return -1

    cdef bint _is_named(self, uint32_t at, uint32_t end, str name) except -1:
        """Whether this is what was written for a name, which is in lower case if it is ASCII."""
        cdef str written
        end = before_space(self._text, at, end)
        if self._escaped:
            written = unescaped(self._text + at, end - at)
        elif find(self._text, at, end, c'"') == end:
            written = decoded(self._text + at, end - at)
        else:
            return False
        return (written.lower() if PyUnicode_IS_ASCII(written) else written) == name

    cdef Found _several(self, tuple names):
        """The parameters of these names, in lower case, sixteen at most; not for a URI."""
        cdef const uint8_t *text = self._text
        cdef uint32_t at, end, after, value, stop, close
        cdef Py_ssize_t place
        cdef Found found = Found.__new__(Found)
        if len(names) > MOST_NAMES:
            raise ValueError(f"at most {MOST_NAMES} names at once")
        found._of = self
        if self._parts[PARAMETERS_].stop == 0:
            return found
        at = self._parts[PARAMETERS_].at
        end = self._parts[PARAMETERS_].stop - 1
        while at < end:
            at = past_space(text, at, end)
            after = past(text, at, end, IN_TOKEN)
            value = past_space(text, after, end)
            # The usual value: a quoted string without quoted pairs, or a token.
            if value + 1 < end and text[value] == c"=" and text[value + 1] == c'"':
                close = find(text, value + 2, end, c'"')
                if likely(
                    close < end
                    and (close + 1 == end or text[close + 1] == self._separator)
                    and memchr(text + value + 2, c"\\", close - value - 2) == NULL
                ):
                    place = place_of(names, text + at, after - at)
                    if place >= 0:
                        found._point(<int>place, text + value + 2, close - value - 2)
                    at = close + 2
                    continue
            if self._quoted:
                stop = find_mark(text, value, end, self._separator)
            else:
                stop = find(text, value, end, self._separator)
            if value == stop or text[value] == c"=":
                place = place_of(names, text + at, after - at)
                if place >= 0:
                    value = past_space(text, value + (value < stop), stop)
                    found._put(<int>place, text + value, before_space(text, value, stop) - value)
            at = stop + 1
        return found

    cdef dict _named(self):
        """The first value of each name, None for a flag; names in ASCII are in lower case."""
        cdef const uint8_t *text = self._text
        cdef uint32_t at, end, stop, equals, last
        cdef str name
        cdef dict values = {}
        if self._parts[PARAMETERS_].stop == 0:
            return values
        at = self._parts[PARAMETERS_].at
        end = self._parts[PARAMETERS_].stop - 1
        while at < end:
            stop = find_mark(text, at, end, self._separator) if self._quoted else find(text, at, end, self._separator)
            at = past_space(text, at, stop)
            equals = find(text, at, stop, c"=")
            last = before_space(text, at, equals)
            if at < stop and (self._escaped or find(text, at, last, c'"') == last):
                name = unescaped(text + at, last - at) if self._escaped else decoded(text + at, last - at)
                if PyUnicode_IS_ASCII(name):
                    name = name.lower()
                if name not in values:
                    values[name] = None if equals == stop else self._decoded(equals + 1, stop)
            at = stop + 1
        return values

    cdef str _value(self, uint32_t at, uint32_t end):
        """The value of a parameter, from after its equals sign."""
        cdef const uint8_t *text = self._text
        if self._quoted:
            end = find_mark(text, at, end, self._separator)
        else:
            end = find(text, at, end, self._separator)
        return self._decoded(at, end)

    cdef str _decoded(self, uint32_t at, uint32_t end):
        """The value of a parameter, from after its equals sign to where it ends."""
        cdef const uint8_t *text = self._text
        at = past_space(text, at, end)
        end = before_space(text, at, end)
        if self._escaped:
            return unescaped(text + at, end - at)
        return unquoted(text + at, end - at)

    cdef list _parameters(self):
        """Each parameter's name as it was written, and its value, None where it has none.

        Raises `ParseError` where one is malformed.
        """
        cdef const uint8_t *text = self._text
        cdef uint32_t at, end, stop, last, equals
        cdef list found = []
        if self._parts[PARAMETERS_].stop == 0:
            return found
        at = self._parts[PARAMETERS_].at
        end = self._parts[PARAMETERS_].stop - 1
        while at < end:
            stop = find_mark(text, at, end, self._separator) if self._quoted else find(text, at, end, self._separator)
            at = past_space(text, at, stop)
            last = before_space(text, at, stop)
            if at < last:
                equals = find(text, at, last, c"=")
                if not self._is_parameter(at, equals, last):
                    self._raise("parameter-malformed", at)
                name = unescaped(text + at, equals - at) if self._escaped else decoded(
                    text + at, before_space(text, at, equals) - at
                )
                found.append((name, None if equals == last else self._value(equals + 1, stop)))
            at = stop + 1
        return found

    cdef bint _is_parameter(self, uint32_t at, uint32_t equals, uint32_t end) noexcept:
        cdef const uint8_t *text = self._text
        cdef uint32_t stop = before_space(text, at, equals), i
        if self._escaped:
            return stop > at
        if stop == at or past(text, at, stop, IN_TOKEN) != stop:
            return False
        if equals == end:
            return True
        at = past_space(text, equals + 1, end)
        if find(text, at, end, c'"') != end:
            return text[at] == c'"' and past_quoted(text, at, end) == end
        for i in range(at, end):
            if is_space(text[i]):
                return False
        return True

    # ---- faults ----

    cdef object _fault(self, str code, uint32_t at):
        """The error to raise for byte `at` of the text."""
        cdef uint32_t offset = self._offset + at
        if self._folds is not None:
            offset = (<object>self._folds).offset(offset)
        return parse_error(code, self._field_at + offset, name_of(self._header))

    cdef int _raise(self, str code, uint32_t at) except -1:
        raise self._fault(code, at)

    cdef int _fail(self, str code, int part) except -1:
        """Raise the error for a part, or for the whole where it is not there."""
        raise self._fault(code, part_of(self, part).at)

    cdef int _uri_fault(self) except -1:
        """Raise for what is wrong in a URI."""
        cdef const uint8_t *text = self._text
        cdef uint32_t end = self._length, at, i
        at = past(text, 0, end, IN_SCHEME)
        if at == end or text[at] != c":" or not c"a" <= lower(text[0]) <= c"z":
            return self._raise("uri-scheme-missing", 0)
        for i in range(end):
            if _CLASSES[text[i]] & ILLEGAL:
                return self._raise("uri-character-illegal", i)
        at += 1
        if scheme_of(text, end) == TEL_:
            return self._raise("tel-number-malformed", past_number(text, at, end))
        i = find(text, at, end, c"@")
        if i != end:
            if i == at or text[at] == c":":
                return self._raise("uri-user-missing", at)
            at = i + 1
        i = past_host(text, at, end)
        if i == 0:
            return self._raise("host-malformed", at)
        if i < end and text[i] == c":":
            at = i + 1
            i = past_port(text, at, end)
            if i == 0:
                return self._raise("port-malformed", at)
        return self._raise("host-malformed", i)

    # ---- for the layers above ----

    cdef object _keep(self, object memo):
        """Keep one object for the layers above, for as long as the value lives."""
        self._memo = memo
        return memo

    cdef object _kept(self):
        """What `_keep` was given, or None."""
        return self._memo


cdef inline bint same_text(Value one, Value other) noexcept:
    return one._length == other._length and (
        one._length == 0 or memcmp(one._text, other._text, one._length) == 0
    )

@cython.freelist(8)
@cython.final
@cython.no_gc
cdef class Found:
    """Some parameters of a value by their place among the names that were looked for."""

    cdef void _point(self, int place, const uint8_t *text, uint32_t size) noexcept:
        """Point to a parameter's value; the first of several counts."""
        if self._values[place].text == NULL:
            self._values[place].text = text
            self._values[place].size = size

    cdef int _put(self, int place, const uint8_t *text, uint32_t size) except -1:
        """Point to what a parameter's value says, within its quotes."""
        cdef bytes inner
        cdef char *out
        if self._values[place].text == NULL:
            if not take_quotes(&text, &size):
                inner = PyBytes_FromStringAndSize(NULL, size)
                out = PyBytes_AS_STRING(inner)
                size = <uint32_t>(without_pairs(out, text, size) - out)
                text = <const uint8_t *>out
                self._of = (self._of, inner)
            self._point(place, text, size)
        return 0

    cdef str text(self, int place):
        """What `_parameter` gives for one of them."""
        cdef View *value = &self._values[place]
        return None if value.text == NULL else decoded(value.text, value.size)

    cdef bint has(self, int place) noexcept:
        return self._values[place].text != NULL

    cdef bytes joined(self, object before, int first, int last, object after):
        """Text, the parameters from `first` to `last`, and text, with colons between; or None.

        Text that is None is left out; a parameter that is not there leaves nothing at all.
        """
        cdef View front, back
        cdef object kept_front = view(before, &front), kept_back = view(after, &back)
        cdef Py_ssize_t size = -1 + (front.text != NULL) + front.size + (back.text != NULL) + back.size
        cdef bytes result
        cdef char *out
        cdef int place
        for place in range(first, last + 1):
            if self._values[place].text == NULL:
                return None
            size += 1 + self._values[place].size
        result = PyBytes_FromStringAndSize(NULL, size)
        out = PyBytes_AS_STRING(result)
        if front.text != NULL:
            memcpy(out, front.text, front.size)
            out += front.size
            out[0] = c":"
            out += 1
        for place in range(first, last + 1):
            if place != first:
                out[0] = c":"
                out += 1
            memcpy(out, self._values[place].text, self._values[place].size)
            out += self._values[place].size
        if back.text != NULL:
            out[0] = c":"
            memcpy(out + 1, back.text, back.size)
        return result

    cdef bint same(self, int place, str text) noexcept:
        """Whether a parameter is this text, which is ASCII in lower case; in any case.

        How long it takes does not tell where they differ.
        """
        cdef View *value = &self._values[place]
        cdef const uint8_t *other = <const uint8_t *>PyUnicode_DATA(text)
        cdef uint8_t different = 0
        cdef uint32_t i
        if value.text == NULL or value.size != PyUnicode_GET_LENGTH(text):
            return False
        for i in range(<uint32_t>value.size):
            different |= lower(value.text[i]) ^ other[i]
        return different == 0


cdef inline object view(object text, View *to):
    """Point to the bytes of a text, which what is returned keeps; to NULL for None."""
    to.text, to.size = NULL, 0
    if text is None:
        return None
    if PyUnicode_Check(text):
        if PyUnicode_IS_ASCII(text):
            to.text = <const uint8_t *>PyUnicode_DATA(text)
            to.size = PyUnicode_GET_LENGTH(text)
            return text
        text = <bytes?>octets(text)
    elif not PyBytes_Check(text):
        raise TypeError(f"text is str or bytes, not {type(text).__name__}")
    to.text = <const uint8_t *>PyBytes_AS_STRING(text)
    to.size = PyBytes_GET_SIZE(text)
    return text


cdef inline Py_ssize_t place_of(tuple names, const uint8_t *name, uint32_t size) noexcept:
    """Which of these names, in lower case, this is in any case; or -1."""
    cdef PyObject *one
    cdef const uint8_t *wanted
    cdef uint32_t i
    cdef Py_ssize_t place
    for place in range(PyTuple_GET_SIZE(names)):
        one = PyTuple_GET_ITEM(names, place)
        if PyUnicode_GET_LENGTH(<object>one) == size:
            wanted = <const uint8_t *>PyUnicode_DATA(<object>one)
            i = 0
            while i < size and _IN_NAMES[name[i]] == wanted[i]:
                i += 1
            if i == size:
                return place
    return -1


cdef inline int scheme_of(const uint8_t *text, uint32_t length) noexcept nogil:
    """Which scheme a URI has; its name is compared in any case."""
    cdef uint8_t a, b, c
    if length < 4:
        return OTHER_
    a, b, c = text[0] | 0x20, text[1] | 0x20, text[2] | 0x20
    if a == c"s" and b == c"i" and c == c"p":
        if text[3] == c":":
            return SIP_
        if text[3] | 0x20 == c"s" and length > 4 and text[4] == c":":
            return SIPS_
    elif text[3] == c":":
        if a == c"t" and b == c"e" and c == c"l":
            return TEL_
        if a == c"u" and b == c"r" and c == c"n":
            return URN_
    return OTHER_


cdef inline uint32_t past_host(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    """Where the name, IPv4 address or IPv6 reference at `at` ends; 0 if there is none."""
    cdef uint32_t i
    if at < end and text[at] == c"[":
        i = past(text, at + 1, end, IN_REFERENCE)
        return i + 1 if i > at + 1 and i < end and text[i] == c"]" else 0
    i = past(text, at, end, IN_HOST)
    return i if i > at else 0


cdef inline uint32_t past_port(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    """Where the port at `at` ends; 0 if it is no number below 65536."""
    cdef uint32_t number = 0, i = at
    while i < end and is_digit(text[i]):
        number = number * 10 + (text[i] - c"0")
        if number > 65535:
            return 0
        i += 1
    return i if i > at else 0


cdef inline uint32_t past_comment(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    """Where the comment that begins at `at` ends, after its parenthesis; 0 if it does not end."""
    cdef uint32_t depth = 0
    while at < end:
        if text[at] == c"\\":
            at += 1
        elif text[at] == c"(":
            depth += 1
        elif text[at] == c")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return 0


# ---- words that most messages carry, each one str ------------------------------------------------

cdef tuple _SHARED_WORDS = (
    *METHODS,
    # option tags
    "100rel", "answermode", "early-session", "eventlist", "from-change", "geolocation-http",
    "gruu", "histinfo", "ice", "join", "multiple-refer", "norefersub", "nosub", "outbound", "path",
    "precondition", "pref", "privacy", "recipient-list-invite", "replaces", "resource-priority",
    "sdp-anat", "sec-agree", "tdialog", "timer", "uui",
    # event packages
    "as-feature-event", "call-info", "check-sync", "conference", "dialog", "hold", "kpml",
    "message-summary", "presence", "presence.winfo", "refer", "reg", "talk", "ua-profile",
    # other tokens
    "en", "gzip", "identity", "zh",
)
cdef tuple _SHARED_MEDIA_TYPES = (
    "application/dtmf-relay", "application/isup", "application/pidf+xml", "application/sdp",
    "message/sipfrag", "multipart/mixed", "text/plain",
)

cdef enum:
    SHARED_BITS = 9
    SHARED_SLOTS = 1 << SHARED_BITS
    SHARED_MOST = 24  # bytes of a word

cdef PyObject *_WORDS[SHARED_SLOTS]
cdef PyObject *_MEDIA_TYPES[SHARED_SLOTS]


cdef inline uint32_t slot_of(const uint8_t *text, uint32_t length) noexcept nogil:
    """Where the search for a word of 1 byte or more begins."""
    cdef uint64_t first = 0, last = 0
    if length >= 8:
        first, last = sip_load8(text), sip_load8(text + length - 8)
    elif length >= 4:
        memcpy(&first, text, 4)
        memcpy(&last, text + length - 4, 4)
    else:
        first, last = text[0], <uint64_t>text[length >> 1] << 8 | text[length - 1]
    first = (first + length) * <uint64_t>0x9E3779B97F4A7C15 ^ last * <uint64_t>0xC2B2AE3D27D4EB4F
    return <uint32_t>((first ^ first >> 32) * <uint64_t>0x9E3779B97F4A7C15 >> (64 - SHARED_BITS))


cdef int share(PyObject **slots, tuple words) except -1:
    cdef str word
    cdef uint32_t slot
    for word in words:
        slot = slot_of(<const uint8_t *>PyUnicode_DATA(word), <uint32_t>PyUnicode_GET_LENGTH(word))
        while slots[slot] != NULL:
            slot = (slot + 1) % SHARED_SLOTS
        slots[slot] = <PyObject *>word  # which the tuple keeps
    return 0


share(_WORDS, _SHARED_WORDS)
share(_MEDIA_TYPES, _SHARED_MEDIA_TYPES)


cdef inline str shared(PyObject **slots, const uint8_t *text, uint32_t length):
    """The one str for such a word, or None."""
    cdef uint32_t slot
    cdef str word
    if length == 0 or length > SHARED_MOST:
        return None
    slot = slot_of(text, length)
    while slots[slot] != NULL:
        word = <str>slots[slot]
        if PyUnicode_GET_LENGTH(word) == length and memcmp(PyUnicode_DATA(word), text, length) == 0:
            return word
        slot = (slot + 1) % SHARED_SLOTS
    return None


# ---- from bytes to str ---------------------------------------------------------------------------


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


cdef str unquoted(const uint8_t *text, uint32_t length):
    """What a quoted string says (RFC 3261 25.1); other text as it is."""
    cdef bytes inner
    cdef char *out
    if take_quotes(&text, &length):
        return decoded(text, length)
    inner = PyBytes_FromStringAndSize(NULL, length)
    out = PyBytes_AS_STRING(inner)
    return decoded(<const uint8_t *>out, <uint32_t>(without_pairs(out, text, length) - out))


cdef str unescaped(const uint8_t *text, uint32_t length):
    """Text with each %HH read as the byte that it stands for; a % without two digits stays."""
    if find(text, 0, length, c"%") == length:
        return decoded(text, length)
    read = _late.parse.unquote_to_bytes(PyBytes_FromStringAndSize(<const char *>text, length))
    return read.decode("utf-8", "surrogateescape")


# ---- reading -------------------------------------------------------------------------------------


@cython.boundscheck(True)
cdef object name_of(uint32_t header_id):
    """The name of the header field with an id, which may come from outside; None for 0."""
    return HEADER_NAMES[header_id - 1].name if header_id != 0 else None


cdef tuple _NO_ARGUMENTS = ()


cdef inline Value fresh(type cls):
    """A new value of a class that `check_class` has let pass, or of one of ours."""
    cdef object value = (<PyTypeObject *>cls).tp_new(cls, <PyObject *>_NO_ARGUMENTS, NULL)
    if unlikely((<Class *>cls).tp_flags & Py_TPFLAGS_HEAPTYPE) and (
        type(value) is not cls or (<Value>value)._text != NULL
    ):
        refuse(cls)
    return <Value>value


cdef int refuse(type cls) except -1:
    raise TypeError(f"{cls.__name__}.__new__ made no new {cls.__name__}")


cdef inline type own_class(type cls):
    """The class of ours that a user's class comes from."""
    cdef Class *of = <Class *>cls
    while of.tp_flags & Py_TPFLAGS_HEAPTYPE:
        of = of.tp_base  # not `__base__`: a metaclass may answer that
    return <type>of


cdef inline int check_class(type cls) except -1:
    if likely(cls is not None and (<Class *>cls).tp_getattro == (<Class *>Value).tp_getattro):
        return 0  # only values have that
    if cls is None or not PyType_IsSubtype(cls, Value):
        raise TypeError(f"a value is read as a class of Value, not as {cls!r}")
    return 0


cdef inline void copy_origin(Value value, Value origin) noexcept:
    value._owner = origin._owner
    value._folds = origin._folds
    value._field_at = origin._field_at
    value._header = origin._header


cdef int hold(Value value, object text) except -1:
    """Point to all of a text, and keep it.  Raises where a line end is in it, or it is no text."""
    cdef const uint8_t *data
    cdef Py_ssize_t size
    cdef uint32_t end
    if PyUnicode_Check(text) and not PyUnicode_IS_ASCII(text):
        text = <bytes?>octets(text, name_of(value._header))
    if PyUnicode_Check(text):
        data = <const uint8_t *>PyUnicode_DATA(text)
        size = PyUnicode_GET_LENGTH(text)
    elif PyBytes_Check(text):
        data = <const uint8_t *>PyBytes_AS_STRING(text)
        size = PyBytes_GET_SIZE(text)
    else:
        raise TypeError(f"a value is read from str or bytes, not from {type(text).__name__}")
    if unlikely(size > 0x7FFFFFFF):
        raise ValueError("a value has less than 2 GiB")
    end = min(find(data, 0, <uint32_t>size, c"\n"), find(data, 0, <uint32_t>size, c"\r"))
    if unlikely(end != size):
        value._raise("value-line-end", end)
    value._owner = text
    value._text = data
    value._length = end
    return 0


cdef void trim(Value value) noexcept:
    cdef uint32_t at = past_space(value._text, 0, value._length)
    value._length = before_space(value._text, at, value._length) - at
    value._text += at
    value._offset += at


cdef inline int check_index(Table table, Py_ssize_t index) except -1:
    if unlikely(table is None or <size_t>index >= table._parsed.count):
        raise IndexError("there is no such header field")
    return 0


cdef inline Value pointed(type cls, Table table, Py_ssize_t index):
    """A new value that points to all of a header field's, unfolded.

    What can be written to while it is read, or unfolded, is copied first.
    """
    cdef Value value = fresh(cls)
    cdef sip_span *span
    check_index(table, index)
    span = &table._parsed.spans[index]
    value._header = span.tag & 0xFF
    value._field_at = span.value
    if likely(PyBytes_CheckExact(table._buffer) and not span.tag & FOLDED):
        value._owner = table._buffer
        value._text = table._parsed.data + span.value
        value._length = span.value_length
        return value
    copy_field(value, table, span)
    return value


cdef int copy_field(Value value, Table table, sip_span *span) except -1:
    """Point to a copy of a header field's value, unfolded: somebody may write to the buffer."""
    cdef bytes owner = PyBytes_FromStringAndSize(<const char *>table._parsed.data + span.value, span.value_length)
    if span.tag & FOLDED:
        value._folds = Folds(owner)
        owner = unfold(<const uint8_t *>PyBytes_AS_STRING(owner), span.value_length)
    if not PyBytes_CheckExact(table._buffer):
        owner = one_line(owner)
    value._owner = owner
    value._text = <const uint8_t *>PyBytes_AS_STRING(owner)
    value._length = <uint32_t>PyBytes_GET_SIZE(owner)
    return 0


cpdef object read_text(type cls, object text, uint32_t header_id):
    """Read one value from text; an error names the header field with this id, 0 for none."""
    cdef Value value
    check_class(cls)
    value = fresh(cls)
    value._header = header_id
    hold(value, text)
    trim(value)
    return value._read()


cpdef object read_field(Table table, Py_ssize_t index, type cls):
    """Read the value of a header field."""
    check_class(cls)
    return pointed(cls, table, index)._read()


cpdef tuple read_list(type cls, object text, uint32_t header_id):
    """Read the values of a comma list (RFC 3261 7.3.1); empty ones are left out."""
    cdef Value item
    cdef list found = []
    check_class(cls)
    item = fresh(cls)
    item._header = header_id
    hold(item, text)
    add_items(item, 0, found, False)
    return tuple(found)


cpdef object read_first(Table table, Py_ssize_t index, type cls):
    """Read the first value of the comma list in a header field; None if all are empty."""
    cdef Value item
    cdef list found
    check_class(cls)
    item = pointed(cls, table, index)
    if likely(is_one(item)):
        return item._read()
    found = []
    add_items(item, 0, found, True)
    return found[0] if found else None


cpdef tuple read_fields(Table table, Py_ssize_t index, type cls, object first):
    """Read the comma lists of a header field and of those of the same name that follow.

    `first` is what `read_first` gave, or None.
    """
    cdef Value item
    cdef Py_ssize_t after
    cdef uint32_t at
    cdef list found
    check_class(cls)
    check_index(table, index)
    after = table._next(index)
    if first is None or not isinstance(first, Value):
        item = pointed(cls, table, index)
        if after < 0 and is_one(item):
            return (item._read(),)
        found = []
        add_field(item, found)
    elif is_alone(<Value>first, table, index):
        if after < 0:
            return (first,)
        found = [first]
    else:
        found = [first]
        at = (<Value>first)._offset + (<Value>first)._length
        item = pointed(cls, table, index)
        at = find(item._text, min(at, item._length), item._length, c",")
        if at != item._length:
            add_items(item, at + 1, found, False)
    while after >= 0:
        add_field(pointed(cls, table, after), found)
        after = table._next(after)
    return tuple(found)


cdef inline bint is_one(Value item) noexcept:
    """Whether a whole field is surely one value."""
    return item._length != 0 and find(item._text, 0, item._length, c",") == item._length


cdef int add_field(Value item, list found) except -1:
    """Read the values of a whole field."""
    if likely(is_one(item)):
        found.append(item._read())
        return 0
    return add_items(item, 0, found, False)


cdef inline bint is_alone(Value first, Table table, Py_ssize_t index) noexcept:
    """Whether the first value of a header field is surely the only one there."""
    cdef sip_span *span = &table._parsed.spans[index]
    return first._length == span.value_length and first._offset == 0 and first._field_at == span.value


cpdef tuple read_each(Table table, Py_ssize_t index, type cls):
    """Read one value from a header field and from each of the same name that follows."""
    cdef list found = []
    while index >= 0:
        found.append(read_field(table, index, cls))
        index = table._next(index)
    return tuple(found)


cdef enum:
    REMEMBERED = 256
    LONGEST_REMEMBERED = 192  # bytes

cdef PyObject *_remembered[REMEMBERED]  # (text, class, values) each; no list: that could be found, and cleared


cpdef tuple read_again(Table table, Py_ssize_t index, type cls):
    """As `read_fields` with no first, for a class whose few texts come again and again.

    What is read from them is str or int, which hold nothing of the message and so can be shared.
    """
    cdef sip_span *span
    cdef const uint8_t *text
    cdef uint32_t length, place
    cdef tuple known, values
    cdef PyObject *before
    cdef bytes copy
    cdef list found
    cdef Value item
    check_index(table, index)
    span = &table._parsed.spans[index]
    text, length = table._parsed.data + span.value, span.value_length
    if length < 8 or length > LONGEST_REMEMBERED or table._next(index) >= 0:
        return read_fields(table, index, cls, None)
    place = (
        ((sip_load8(text) * 31 + sip_load8(text + length // 2 - 4)) * 31 + sip_load8(text + length - 8) + length)
        * <uint64_t>0x9E3779B97F4A7C15
    ) >> 56
    if likely(_remembered[place] != NULL):
        known = <tuple>_remembered[place]
        if same(<bytes>known[0], text, length) and known[1] is cls:
            return <tuple>known[2]
    if span.tag & FOLDED:
        return read_fields(table, index, cls, None)
    # What is remembered is what these bytes say, whoever writes to the buffer.
    copy = PyBytes_FromStringAndSize(<const char *>text, length)
    item = fresh(cls)
    item._header, item._field_at = span.tag & 0xFF, span.value
    hold(item, copy)
    found = []
    add_field(item, found)
    values = tuple(found)
    known = (copy, cls, values)
    Py_INCREF(known)
    before = _remembered[place]
    _remembered[place] = <PyObject *>known
    Py_XDECREF(before)
    return values


cdef inline bint same(bytes known, const uint8_t *text, uint32_t length) noexcept:
    return PyBytes_GET_SIZE(known) == length and memcmp(PyBytes_AS_STRING(known), text, length) == 0


cdef int add_items(Value item, uint32_t at, list found, bint one) except -1:
    """Read the values between commas that stand in no quoted string and in no brackets.

    `item` is of their class and points to the whole list; it becomes the first of them.
    """
    cdef const uint8_t *text = item._text
    cdef uint32_t end = item._length, offset = item._offset, stop
    cdef Value origin = item, value = item
    cdef object product
    cdef bint simple = at == 0 and find(text, 0, end, c",") == end  # no comma in all of the list
    while at < end:
        stop = end if simple else comma(origin, text, offset, at, end)
        if value is None:
            value = fresh(type(origin))
            copy_origin(value, origin)
        value._text = text + at
        value._length = stop - at
        value._offset = offset + at
        trim(value)
        at = stop + 1
        if value._length == 0:
            continue
        product = value._read()
        found.append(product)
        if one:
            break
        if product is value:
            value = None  # else it can serve again
        else:
            memset(value._parts, 0, sizeof(value._parts))
            value._quoted, value._memo = False, None
    return 0


cdef uint32_t comma(Value origin, const uint8_t *text, uint32_t offset, uint32_t at, uint32_t end) except? 0xFFFFFFFF:
    """Where the value at `at` of a list ends; `offset` is that of the list."""
    cdef uint32_t after
    while at < end and text[at] != c",":
        if text[at] == c'"':
            after = past_quoted(text, at, end)
            if after == 0:
                origin._raise("quote-unterminated", offset + at - origin._offset)
            at = after
        elif text[at] == c"<":
            after = at + 1
            while after < end and text[after] != c"<" and text[after] != c">":
                after += 1
            at = after + 1 if after < end and text[after] == c">" else at + 1
        else:
            at += 1
    return at
