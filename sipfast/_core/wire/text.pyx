"""The primitives that the one text of the values stands on: bytes, classes of bytes, and str.

`docs/text.md` binds this file, its `.pxd` and their twin `text.py`: a text is a pointer here, and
its parts are in an array of C structs.  All that makes no Python object runs without the GIL.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

from sipfast.registry.methods import METHODS


cdef extern from "<tables.h>" nogil:
    uint64_t sip_load8(const uint8_t *data) noexcept


cdef class Room:
    """Room for the parts of one value after another."""


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
        slot = slot_of(letters(word), <uint32_t>PyUnicode_GET_LENGTH(word))
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


cdef str shared_word(const uint8_t *text, uint32_t at, uint32_t end):
    """The one str for a token that most messages carry, or None."""
    return shared(_WORDS, text + at, end - at)


cdef str media_type(const uint8_t *text, uint32_t end):
    """The text up to `end` in lower case."""
    cdef str known = shared(_MEDIA_TYPES, text, end)
    return sip_lowered(text, end) if known is None else known


# ---- from str to bytes ----------------------------------------------------------------------------


cdef bytes plain_octets(str text):
    """The bytes of printable ASCII without a space at its ends; None for any other text."""
    cdef Py_ssize_t size = PyUnicode_GET_LENGTH(text)
    cdef const uint8_t *data = letters(text)
    if not PyUnicode_IS_ASCII(text) or not is_printable(data, size):
        return None
    if size > 0 and (data[0] == c" " or data[size - 1] == c" "):
        return None
    return PyBytes_FromStringAndSize(<const char *>data, size)


# ---- from bytes to str ---------------------------------------------------------------------------


cdef str unquote_string(const uint8_t *text, uint32_t at, uint32_t end):
    """What a quoted string says (RFC 3261 25.1), if the text begins with one; else the text."""
    cdef const uint8_t *inner = text + at
    cdef uint32_t size = end - at
    cdef bytes copy
    cdef char *out
    if take_quotes(&inner, &size):
        return sip_decoded(inner, size)
    copy = PyBytes_FromStringAndSize(NULL, size)
    out = PyBytes_AS_STRING(copy)
    return sip_decoded(<const uint8_t *>out, <uint32_t>(without_pairs(out, inner, size) - out))


cdef str unescape(const uint8_t *text, uint32_t at, uint32_t end):
    """Text with each %HH read as the byte that it stands for; a % without two digits stays."""
    cdef bytes copy
    cdef char *out
    if find(text, at, end, c"%") == end:
        return sip_decoded(text + at, end - at)
    copy = PyBytes_FromStringAndSize(<const char *>text + at, end - at)
    out = PyBytes_AS_STRING(copy)
    end = <uint32_t>(without_escapes(out, <const uint8_t *>out, end - at) - out)
    return sip_decoded(<const uint8_t *>out, end)
