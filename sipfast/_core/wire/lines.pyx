"""The lines of bytes that may be malformed: the outline for `sipfast show`, start lines in running text, and
the check whether a datagram is SIP.

`docs/tokenizer.md` binds this file and its twin `lines.py` to the same answers.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport uint8_t

from .rules cimport (
    after_line_ends,
    before_spaces,
    find_byte,
    is_digit,
    is_line_end,
    is_space,
    is_version,
    sip_token,
    starts_like_sip,
)


cdef enum:  # as in lines.py
    MOST_TOKEN = 128
    MOST_SPACES = 16
    MOST_NUMBER = 8
    MOST_STATUS = 32
    MOST_TARGET = 4096
    MOST_VERSION = 4 + MOST_NUMBER + 1 + MOST_NUMBER


def outline(bytes data not None, Py_ssize_t most) -> tuple:
    """The elements of a message, well formed or not, up to `most` of them, and the body.

    Gives a list of (start, end, end of the name), where an element ends after its last line end and
    the start line, or a field without a colon, has no name; and where the body begins, or -1.
    """
    cdef const uint8_t *text = data
    cdef size_t size = len(data), at = after_line_ends(text, 0, size), end, colon
    cdef list elements = []
    while at < size and not is_line_end(text, at, size):
        if len(elements) >= most:
            return elements, -1
        end = after_element(text, at, size)
        colon = find_byte(text, at, end, c":") if elements else end
        elements.append((at, end, at if colon == end else before_spaces(text, at, colon)))
        at = end
    return elements, -1 if at == size else <Py_ssize_t>(at + 1 + (text[at] == c"\r"))


cdef size_t after_element(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """Where the element at data[at] ends, with its folds and its last line end."""
    while True:
        at = find_byte(data, at, end, c"\n")
        if at == end:
            return end
        at += 1
        if at == end or not is_space(data[at]):
            return at


def is_start_line(object data, size_t at, size_t end) -> bool:
    """Whether a start line is at `data[at:end]`, in running text."""
    cdef Py_buffer view
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        end = min(end, <size_t>view.len)
        return at < end and begins_with_start_line(<const uint8_t *>view.buf, at, end)
    finally:
        PyBuffer_Release(&view)


def next_line(object data, size_t at, size_t end, bint blank) -> int:
    """The first line of `data[at:end]` after a LF that is a start line or, if `blank`, is empty.

    Gives `end` if there is none.
    """
    cdef Py_buffer view
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        end = min(end, <size_t>view.len)
        with nogil:
            at = line_after(<const uint8_t *>view.buf, at, end, blank)
        return at
    finally:
        PyBuffer_Release(&view)


cdef size_t line_after(const uint8_t *data, size_t at, size_t end, bint blank) noexcept nogil:
    """As `next_line`."""
    while at < end:
        at = find_byte(data, at, end, c"\n") + 1
        if at < end and ((blank and is_line_end(data, at, end)) or begins_with_start_line(data, at, end)):
            break
    return min(at, end)


def begins_like_sip(object data, size_t at, size_t end) -> bool:
    """Whether `data[at:end]` begins, after line ends, with a start line, perhaps malformed."""
    cdef Py_buffer view
    PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
    try:
        end = min(end, <size_t>view.len)
        return at < end and resembles_sip(<const uint8_t *>view.buf, at, end)
    finally:
        PyBuffer_Release(&view)


cdef bint begins_with_start_line(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    if starts_like_sip(data, at, end):
        return is_status_line(data, at, end)
    return is_request_line(data, at, end)


cdef bint is_status_line(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """A version and a number, also one that `parse` refuses as a status code."""
    cdef size_t stop = at, most = min(end, at + MOST_VERSION + 1)
    while stop < most and not is_space(data[stop]):
        stop += 1
    if not is_short_version(data, at, stop):
        return False
    at = after_spaces(data, stop, end)
    if at == 0:
        return False
    stop = at
    most = min(end, at + MOST_STATUS)
    while stop < most and is_digit(data[stop]):
        stop += 1
    return stop > at and (stop == end or is_space(data[stop]) or data[stop] == c"\r" or data[stop] == c"\n")


cdef bint is_request_line(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """A method, a URI and a version.  `Subject : on SIP/2.0` is a header field."""
    cdef size_t target = after_token(data, at, end), most, line, stop, version
    if target != 0:
        target = after_spaces(data, target, end)
    if target == 0 or target == end or data[target] == c":" or data[target] == c"\r" or data[target] == c"\n":
        return False
    most = min(end, target + 1 + MOST_TARGET + 1 + MOST_VERSION + MOST_SPACES + 2)
    line = find_byte(data, target, most, c"\n")
    if line == most and most != end:
        return False
    if line != most and data[line - 1] == c"\r":
        line -= 1
    if find_byte(data, target, line, c"\r") != line:
        return False
    stop = before_spaces(data, max(target, line - min(line, <size_t>MOST_SPACES)), line)
    version = stop
    while version > target and not is_space(data[version - 1]):
        version -= 1
    return target + 2 <= version <= target + 2 + MOST_TARGET and is_short_version(data, version, stop)


cdef bint is_short_version(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    cdef size_t point
    if not is_version(data, at, end):
        return False
    point = find_byte(data, at, end, c".")
    return point - at <= 4 + MOST_NUMBER and end - point <= 1 + MOST_NUMBER


cdef bint resembles_sip(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    cdef size_t rest
    while at < end and (data[at] == c"\r" or data[at] == c"\n"):
        at += 1
    if starts_like_sip(data, at, end):
        return True
    at = after_token(data, at, end)
    if at == 0 or at == end or not is_space(data[at]):
        return False
    rest = at + 1
    while at < end and is_space(data[at]):
        at += 1
    if is_sip_uri(data, at + (at < end and data[at] == c"<"), end):
        return True
    for at in range(rest, end):
        if data[at] == c"\r" or data[at] == c"\n":
            break
        if (
            is_space(data[at])
            and starts_like_sip(data, at + 1, end)
            and at + 5 < end
            and is_digit(data[at + 5])
        ):
            return True
    return False


cdef bint is_sip_uri(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """"sip:" or "sips:" begins here, in any case."""
    if end - at < 4 or data[at] | 0x20 != c"s" or data[at + 1] | 0x20 != c"i" or data[at + 2] | 0x20 != c"p":
        return False
    at += 3 + (data[at + 3] | 0x20 == c"s")
    return at < end and data[at] == c":"


cdef size_t after_token(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """Where the token at data[at] ends, or 0."""
    cdef size_t start = at, most = min(end, at + MOST_TOKEN)
    while at < most and sip_token[data[at]]:
        at += 1
    return at if at > start else 0


cdef size_t after_spaces(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """Where the whitespace at data[at] ends; 0 for none or too much."""
    cdef size_t start = at, most = min(end, at + MOST_SPACES)
    while at < most and is_space(data[at]):
        at += 1
    return at if at > start and not (at == most and at < end and is_space(data[at])) else 0
