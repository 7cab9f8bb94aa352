"""The tokenizer: from a buffer to a `Table` of spans, in one pass and without a Python object.

The contract that this file and its twin `tokenizer.py` keep is written down in
`docs/tokenizer.md`: what an element is, in which order its faults are looked for, what a span holds.
"""

cimport cython
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.buffer cimport (
    PyBUF_FORMAT,
    PyBUF_ND,
    PyBUF_SIMPLE,
    PyBUF_STRIDES,
    PyBUF_WRITABLE,
    PyBuffer_Release,
    PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memchr, memcpy, memset

from ..limits cimport Limits

from sipfast.errors import TOKENIZER_FAULTS, parse_error
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES
from sipfast.registry.methods import METHODS

NO_LENGTH = 0xFFFFFFFF
BESIDES = BESIDES_


cdef extern from "Python.h":
    object PyTuple_New(Py_ssize_t size)
    PyObject *PyTuple_GET_ITEM(object items, Py_ssize_t place) noexcept
    void PyTuple_SET_ITEM(object items, Py_ssize_t place, PyObject *item) noexcept
    void PyObject_GC_UnTrack(void *tracked) noexcept


cdef extern from "attributes.h":
    object sip_get_attribute(
        object of, object name, type kind, object (*read)(object descriptor, object of)
    )


cdef extern from "texts.h":
    str decoded "sip_decoded"(const uint8_t *text, uint32_t length)


cdef extern from "<tables.h>" nogil:
    enum:
        SIP_KERNELS
        SIP_NONE
        SIP_NO_COLON
        SIP_ROOM
        SIP_NAME_MAX
        SIP_HEADER_CONTENT_LENGTH
        SIP_FAULT_NO_MESSAGE
        SIP_FAULT_HEADER_BLOCK_UNFINISHED
        SIP_FAULT_MESSAGE_TOO_LARGE
        SIP_FAULT_LINE_TOO_LONG
        SIP_FAULT_TOO_MANY_HEADER_FIELDS
        SIP_FAULT_BARE_CR
        SIP_FAULT_START_LINE_FOLDED
        SIP_FAULT_NOT_SIP
        SIP_FAULT_REQUEST_LINE_INCOMPLETE
        SIP_FAULT_VERSION_MALFORMED
        SIP_FAULT_STATUS_CODE_MALFORMED
        SIP_FAULT_HEADER_WITHOUT_COLON
        SIP_FAULT_HEADER_NAME_EMPTY
        SIP_FAULT_HEADER_NAME_MALFORMED
        SIP_FAULT_CONTENT_LENGTH_NOT_A_NUMBER
        SIP_FAULT_CONTENT_LENGTH_TOO_LARGE
        SIP_FAULT_CONTENT_LENGTH_CONFLICT

    ctypedef struct sip_scan:
        uint32_t position
        uint32_t bare_cr
        uint32_t after_cr

    ctypedef uint32_t (*sip_lines_fn)(
        const uint8_t *data, uint32_t size, sip_scan *scan, uint32_t *ends
    ) noexcept nogil

    ctypedef struct sip_kernel:
        const char *name
        sip_lines_fn lines

    ctypedef struct sip_names:
        pass

    const uint8_t *sip_token
    const sip_names sip_header_names
    const sip_names sip_method_names

    int sip_kernels(sip_kernel *out) noexcept
    uint32_t sip_name_id(const sip_names *names, const uint8_t *name, size_t length) noexcept
    uint32_t sip_stopped_name_id(
        const sip_names *names, const uint8_t *name, size_t length, uint8_t stop
    ) noexcept
    uint64_t sip_load8(const uint8_t *data) noexcept
    uint64_t sip_equal8(const uint8_t *data, uint8_t byte) noexcept
    uint32_t sip_number(const uint8_t *end, uint32_t length) noexcept
    uint32_t sip_colon(const uint8_t *data) noexcept
    uint32_t sip_lowest(uint64_t bits) noexcept
    bint likely "SIP_LIKELY"(bint condition) noexcept
    bint unlikely "SIP_UNLIKELY"(bint condition) noexcept


cdef enum:
    NO_MEMORY = 0xFFFF  # faults that are no rows of the table
    CHANGED = 0xFFFE
    LARGEST_LENGTH = 0x7FFFFFFF
    LATE = 254  # from this index on, `_places` says only "late", and `_late` says where

cdef sip_kernel[SIP_KERNELS] _kernels
cdef int _kernel_count = sip_kernels(_kernels)
cdef sip_kernel _kernel = _kernels[0]

cdef tuple _METHOD_NAMES = (None, *METHODS)
# As names are usually written, so that a look-up seldom has to fold case.
cdef dict _HEADER_IDS = {
    name: HEADER_IDS[name.lower()]
    for header in HEADER_NAMES
    for name in (header.name, header.name.lower(), header.compact)
    if name
}


cdef inline bint is_space(uint8_t byte) noexcept nogil:
    return byte == c" " or byte == c"\t"


cdef inline bint is_blank(uint8_t byte) noexcept nogil:
    """Whitespace of a header field: the CR and LF of a fold count."""
    return byte == c" " or byte == c"\t" or byte == c"\r" or byte == c"\n"


cdef inline bint is_digit(uint8_t byte) noexcept nogil:
    return c"0" <= byte <= c"9"


cdef inline uint32_t known_name(
    const sip_names *names, const uint8_t *name, size_t length, size_t readable, uint8_t stop
) noexcept nogil:
    """The id of a name that `stop` need not follow, and that may end at the buffer's edge; or 0."""
    cdef uint8_t[SIP_NAME_MAX + 1] copy
    if length > SIP_NAME_MAX:
        return 0
    if readable < sizeof(copy):
        memset(copy, 0, sizeof(copy))
        memcpy(copy, name, length)
        name = copy
    return sip_stopped_name_id(names, name, length, stop)


cdef inline uint32_t find_byte(const uint8_t *data, uint32_t at, uint32_t end, uint8_t byte) noexcept nogil:
    """The offset of the first such byte in data[at:end], or `end`."""
    cdef const uint8_t *found = <const uint8_t *>memchr(data + at, byte, end - at)
    return end if found == NULL else <uint32_t>(found - data)


cdef inline bint starts_like_sip(const uint8_t *data, size_t at, size_t end) noexcept nogil:
    """A SIP-Version begins here ("SIP/", in any case): this is no request, for "/" is in no token."""
    return (
        end - at >= 4
        and data[at] | 0x20 == c"s"
        and data[at + 1] | 0x20 == c"i"
        and data[at + 2] | 0x20 == c"p"
        and data[at + 3] == c"/"
    )


cdef inline bint is_version(const uint8_t *data, uint32_t at, uint32_t end) noexcept nogil:
    """SIP-Version = "SIP" "/" 1*DIGIT "." 1*DIGIT, in any case (RFC 3261 7.1)."""
    cdef uint32_t digits
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


@cython.final
@cython.no_gc
cdef class Export:
    """A buffer that is not bytes, held so that it can neither move nor shrink; what it holds may change.

    No memoryview holds it: Python's collector hands those out, and who has one can release it.
    """

    def __dealloc__(self):
        if is_made(self):
            PyBuffer_Release(&self.view)

    def __getbuffer__(self, Py_buffer *view, int flags):
        if not is_made(self):
            raise BufferError("an export is made by parse")
        if flags & PyBUF_WRITABLE == PyBUF_WRITABLE:
            raise BufferError("a message is immutable")
        view.buf = self.view.buf
        view.len = self.view.len
        view.readonly = True
        view.itemsize = view.ndim = 1
        view.format = BYTES if flags & PyBUF_FORMAT else NULL
        view.shape = &view.len if flags & PyBUF_ND else NULL
        view.strides = &view.itemsize if flags & PyBUF_STRIDES == PyBUF_STRIDES else NULL
        view.suboffsets = NULL
        view.internal = NULL
        view.obj = self


cdef char *BYTES = b"B"  # what an export's items are, to the struct module


cdef inline bint is_made(Export export) noexcept:
    return <PyObject *>export.view.obj != NULL


cpdef object held(object data):
    """Bytes as they are, or an `Export`; TypeError or BufferError where there are none."""
    cdef Export export
    if likely(PyBytes_CheckExact(data)):
        return data
    if isinstance(data, str):
        raise TypeError("a SIP message is bytes, not str: encode it first")
    export = Export.__new__(Export)
    if isinstance(data, memoryview):
        data = memoryview(data)  # so that its owner can release that one
    try:
        PyObject_GetBuffer(data, &export.view, PyBUF_SIMPLE)
    except (BufferError, TypeError):
        if memoryview(data).c_contiguous:  # which raises TypeError in its own words
            raise
        raise BufferError("a SIP message is one contiguous run of bytes") from None
    return export


cdef inline const uint8_t *bytes_of(object held, size_t *size) except NULL:
    """Where the bytes are that `held` gave."""
    cdef Export export
    if likely(PyBytes_CheckExact(held)):
        size[0] = PyBytes_GET_SIZE(held)
        return <const uint8_t *>PyBytes_AS_STRING(held)
    export = <Export?>held
    if not is_made(export):
        raise BufferError("an export is made by parse")
    size[0] = export.view.len
    return NOTHING if export.view.buf == NULL else <const uint8_t *>export.view.buf


cdef const uint8_t *NOTHING = b""  # where an empty buffer is that is nowhere

@cython.freelist(64)
@cython.no_gc
cdef class Table:
    """Where everything is in one message: spans over a buffer that it keeps alive."""

    # ---- from bytes to spans ----------------------------------------------------------------

    @staticmethod
    cdef bint _is_response(object held, Limits limits) except -1:
        """Whether the first element begins like a status line, within the limit of size."""
        cdef size_t size, at = 0
        cdef const uint8_t *text = bytes_of(held, &size)
        size = min(size, <size_t>limits._size)
        while at < size and (text[at] == c"\r" or text[at] == c"\n"):
            at += 1
        return size - at >= 4 and starts_like_sip(text, at, at + 4)

    cdef int _read(self, object held, Limits limits, bint response) except -1:
        """Take what is held apart, as a response or a request.  Raises `ParseError`."""
        cdef size_t size
        cdef uint32_t fault
        if unlikely(self._data != NULL):
            raise TypeError("a message is immutable")
        self._data = bytes_of(held, &size)
        self._buffer = held
        if unlikely(size > limits._size):
            self._fault_at = limits._size
            fault = SIP_FAULT_MESSAGE_TOO_LARGE
        else:
            self._size = <uint32_t>size
            fault = run(self, limits._headers, limits._line)
            if unlikely(fault == 0 and response != (self._method_length == 0)):
                fault = CHANGED
        if unlikely(fault != 0):
            self._raise(fault)
        return 0

    cdef int _raise(self, uint32_t fault) except -1:
        if fault == NO_MEMORY:
            raise MemoryError
        if fault == CHANGED:
            raise BufferError("the buffer was written to while it was parsed")
        header = None
        if fault >= SIP_FAULT_CONTENT_LENGTH_NOT_A_NUMBER:
            header = "Content-Length"
        raise parse_error(TOKENIZER_FAULTS[fault - 1].code, self._fault_at, header)

    # ---- from spans to what was asked for -------------------------------------------------------

    cdef Py_ssize_t _first(self, uint32_t header_id) noexcept nogil:
        """The index of the first field with this id, or -1, in constant time."""
        cdef uint32_t place = self._places[header_id]
        if unlikely(place > LATE):
            return self._late[header_id]
        return <Py_ssize_t>place - 1

    cdef Py_ssize_t _next(self, Py_ssize_t index) noexcept nogil:
        """The index of the next field of the same name, or -1."""
        cdef Span *span = &self._spans[index]
        cdef uint32_t header_id = span.tag & 0xFF, length = span.tag >> 9
        cdef const uint8_t *name = self._data + span.name
        cdef Py_ssize_t i
        for i in range(index + 1, self._count):
            span += 1
            if unlikely(span.tag & 0xFF == header_id) and (
                header_id != 0 or (span.tag >> 9 == length and same_name(self._data + span.name, name, length))
            ):
                return i
        return -1

    cdef Py_ssize_t _find(self, str name) except -2:
        """The index of the first field of this name, long or compact, in any case; or -1."""
        cdef object known = _HEADER_IDS.get(name)
        cdef uint32_t header_id
        cdef Py_ssize_t i
        cdef bytes wanted
        if known is None:
            if not name.isascii():  # no token; and some letters beyond ASCII are ASCII in lower case
                return -1
            known = HEADER_IDS.get(name.lower())
        if known is not None:
            header_id = known
            return self._first(header_id) if likely(header_id < SIP_HEADER_IDS) else -1
        if self._places[0] == 0:
            return -1
        wanted = name.encode("ascii")
        for i in range(self._first(0), self._count):
            if (
                self._id(i) == 0
                and self._spans[i].tag >> 9 == <uint32_t>len(wanted)
                and same_name(self._data + self._spans[i].name, <const uint8_t *>PyBytes_AS_STRING(wanted), len(wanted))
            ):
                return i
        return -1

    cdef uint32_t _id(self, Py_ssize_t index) noexcept nogil:
        return self._spans[index].tag & 0xFF

    cdef uint32_t _name_at(self, Py_ssize_t index) noexcept:
        return self._spans[index].name

    cdef uint32_t _value_at(self, Py_ssize_t index) noexcept:
        return self._spans[index].value

    cdef uint32_t _value_length(self, Py_ssize_t index) noexcept:
        return self._spans[index].value_length

    cdef bytes _unchanging(self):
        """The bytes up to the body at least, which nobody can write to."""
        if PyBytes_CheckExact(self._buffer):
            return <bytes>self._buffer
        return PyBytes_FromStringAndSize(<const char *>self._data, self._body)

    cdef str _name(self, Py_ssize_t index):
        """The field's name as it was written."""
        cdef Span *span = &self._spans[index]
        return self._text(span.name, span.tag >> 9)

    cdef str _value(self, Py_ssize_t index):
        """The field's value, each fold read as one space."""
        cdef Span *span = &self._spans[index]
        cdef bytes text
        if unlikely(span.tag & FOLDED):
            text = unfold(self._data + span.value, span.value_length)
            if unlikely(not PyBytes_CheckExact(self._buffer)):
                text = one_line(text)
            return text.decode("utf-8", "surrogateescape")
        return self._text(span.value, span.value_length)

    cdef bytes _raw_name(self, Py_ssize_t index):
        cdef Span *span = &self._spans[index]
        return self._bytes(span.name, span.tag >> 9)

    cdef bytes _raw_value(self, Py_ssize_t index):
        """The field's value as it was written, folds and all."""
        cdef Span *span = &self._spans[index]
        return self._bytes(span.value, span.value_length)

    cdef str _text(self, uint32_t at, uint32_t length):
        """Text; a line end that was written into the buffer since is read as a space."""
        if length == 0:  # also where there is no buffer: a message that parse did not make
            return ""
        if unlikely(not PyBytes_CheckExact(self._buffer)):
            return copied(self._data + at, length)
        return decoded(self._data + at, length)

    cdef bytes _bytes(self, uint32_t at, uint32_t length):
        if length == 0:
            return b""
        if length == self._size and PyBytes_CheckExact(self._buffer):
            return self._buffer
        return PyBytes_FromStringAndSize(<const char *>self._data + at, length)

    cdef object _view(self, uint32_t at, uint32_t length):
        return memoryview(self._buffer)[at:at + length]

    cdef str _method(self):
        """The method; a registered one without making a new str."""
        cdef uint32_t method_id
        if self._method_length == 0:
            return ""
        method_id = known_name(
            &sip_method_names, self._data + self._start, self._method_length,
            self._size - self._start, c" "
        )
        if method_id:
            return _METHOD_NAMES[method_id]
        return self._text(self._start, self._method_length)

    # ---- for the layers above -------------------------------------------------------------------

    cdef object _recalled(self, Py_ssize_t place):
        """What was kept in a place: one for each field, and `BESIDES` more; None if nothing was."""
        cdef PyObject *kept
        if self._kept is None:
            return None
        kept = PyTuple_GET_ITEM(self._kept, place)
        return None if kept == NULL else <object>kept

    cdef object _keep(self, Py_ssize_t place, object kept):
        """Keep an object in a place for as long as the table lives."""
        cdef PyObject *before
        if self._kept is None:
            self._kept = <tuple>PyTuple_New(self._count + BESIDES_)
            PyObject_GC_UnTrack(<PyObject *>self._kept)  # nobody else may see a tuple with gaps
        before = PyTuple_GET_ITEM(self._kept, place)
        Py_INCREF(kept)
        PyTuple_SET_ITEM(self._kept, place, <PyObject *>kept)
        Py_XDECREF(before)
        return kept

    def __getattribute__(self, name):
        """As any object's, sooner found (`attributes.h`)."""
        return sip_get_attribute(self, name, Property, read_property)

    def _dump(self) -> tuple:
        """All that was found, as plain numbers: for comparing the engines."""
        cdef Span span
        cdef uint32_t i
        found = []
        for i in range(self._count):
            span = self._spans[i]
            found.append((
                span.tag & 0xFF, span.name, span.tag >> 9,
                span.value, span.value_length, bool(span.tag & FOLDED),
            ))
        fields = tuple(found)
        return (
            self._start, self._line_end, self._body, self._end, self._method_length,
            self._target_at, self._target_length, self._version_at, self._version_length,
            self._status_code, self._content_length, fields,
        )


cdef class Property:
    """A descriptor that reads something of a table."""

    cdef object _of(self, Table table):
        """What it reads."""
        raise NotImplementedError


cdef object read_property(object property, object table):
    return (<Property>property)._of(<Table>table)


# ---- from bytes to spans --------------------------------------------------------------------------


cdef uint32_t fail(Table table, uint32_t fault, uint32_t at) noexcept nogil:
    table._fault_at = at
    return fault


cdef uint32_t run(Table table, uint32_t max_headers, uint32_t max_line) noexcept:
    """Fill the table; 0, or the number of the first fault."""
    cdef const uint8_t *data = table._data
    cdef size_t size = table._size, at = 0, inner = 0, after, end, length, value
    cdef uint32_t[SIP_ROOM] ends
    cdef uint32_t i, found, header_id, fault, lengths = 0
    cdef uint8_t byte, place
    cdef bint folded = False, last = False, usual = size <= max_line
    cdef sip_scan scan
    cdef Span *span = table._inline_spans
    cdef Span *few = span  # before this one, `_places` can say where
    cdef Span *full = span  # and before this one there is room

    while at < size and (data[at] == c"\n" or (data[at] == c"\r" and at + 1 < size and data[at + 1] == c"\n")):
        at += 1 + (data[at] == c"\r")
    if size - at <= 1 and (at == size or data[at] == c"\r"):
        return fail(table, SIP_FAULT_NO_MESSAGE, size)

    table._start = at
    table._spans = span
    table._capacity = INLINE_FIELDS
    table._max_headers = max_headers
    scan.position, scan.bare_cr, scan.after_cr = at, SIP_NONE, 0
    while not last:
        found = _kernel.lines(data, size, &scan, ends)
        if found == 0:
            return unfinished(table, at, max_line)
        if unlikely(ends[0] == at):  # an element is never empty: somebody writes to the buffer
            return CHANGED
        if unlikely(scan.bare_cr != SIP_NONE):
            usual = False
            inner = 0
        i = 0
        while i < found:
            end = ends[i]
            after = end + 1
            i += 1
            if unlikely(after == size):
                return unfinished(table, at, max_line)
            byte = data[after]
            if unlikely(byte <= c" "):
                if is_space(byte):
                    folded = True
                    inner = 0
                    continue
                if byte == c"\n" or (byte == c"\r" and after + 1 < size and data[after + 1] == c"\n"):
                    last = True
                    found = i
            end -= data[end - 1] == c"\r"

            # The usual field: a name, its colon, one space or none, text; no check of its own.
            header_id = 0
            value = length = 0
            if likely(at < inner):
                length = sip_colon(data + at)
                header_id = sip_name_id(&sip_header_names, data + at, length)
                value = at + length + 1
                value += data[value] == c" "
            if likely(header_id != 0 and data[value] > c" " and data[end - 1] > c" " and span < few):
                fill(span, header_id, at, length, value, end)
                span += 1
                place = table._places[header_id]
                table._places[header_id] = place if place != 0 else <uint8_t>(span - table._spans)
                lengths += header_id == SIP_HEADER_CONTENT_LENGTH
            elif (
                at < inner
                and span < full
                and (header_id != 0 or other_name(data + at, &length, end - at, &header_id))
                and (value == end or (data[value] > c" " and data[end - 1] > c" "))
            ):  # one that is unknown, spaced before its colon, empty, or one of very many
                fill(span, header_id, at, length, value, end)
                note_first(table, header_id, span - table._spans)
                span += 1
                lengths += header_id == SIP_HEADER_CONTENT_LENGTH
            else:
                table._count = span - table._spans
                fault = element(table, at, end, folded, scan.bare_cr, max_line)
                if unlikely(fault != 0):
                    return fault
                span = table._spans + table._count
                full = table._spans + min(table._capacity, max_headers)
                few = table._spans + min(table._capacity, max_headers, <uint32_t>LATE)
                folded = False
                inner = size - 63 if usual and size > 63 else 0
            at = after

    table._count = span - table._spans
    table._body = at + 1 + (data[at] == c"\r")
    if unlikely(not PyBytes_CheckExact(table._buffer)) and not is_sound(table):
        return CHANGED
    return framing(table, lengths + table._odd_lengths)


cdef bint is_sound(Table table) noexcept nogil:
    """Whether all spans lie within the buffer.  Somebody may write to one that is not bytes while it
    is read, and each pass over it then sees other bytes."""
    cdef uint32_t i
    cdef Span *span
    for i in range(table._count):
        span = &table._spans[i]
        if span.value > table._size or span.value_length > table._size - span.value:
            return False
    return table._body <= table._size


cdef uint32_t element(
    Table table, uint32_t at, uint32_t end, bint folded, uint32_t bare_cr, uint32_t max_line
) noexcept:
    """Take in data[at:end], the start line or a header field, with every check there is."""
    if unlikely(end <= at):  # an element is never empty: somebody writes to the buffer
        return CHANGED
    if end - at > max_line:
        return fail(table, SIP_FAULT_LINE_TOO_LONG, at + max_line)
    if bare_cr < end:
        return fail(table, SIP_FAULT_BARE_CR, bare_cr)
    if at == table._start:
        return start_line(table, end, folded)
    return field(table, at, end, folded)


cdef uint32_t field(Table table, size_t at, size_t end, bint folded) noexcept:
    """Take in the field data[at:end], whatever it is like."""
    cdef const uint8_t *data = table._data
    cdef size_t colon, stop, value, i
    cdef uint32_t header_id
    if table._count == table._max_headers:
        return fail(table, SIP_FAULT_TOO_MANY_HEADER_FIELDS, at)
    colon = find_byte(data, at, end, c":")
    if colon == end:
        return fail(table, SIP_FAULT_HEADER_WITHOUT_COLON, at)
    stop = colon
    while stop > at and is_space(data[stop - 1]):
        stop -= 1
    if stop == at:
        return fail(table, SIP_FAULT_HEADER_NAME_EMPTY, at)
    header_id = known_name(&sip_header_names, data + at, stop - at, table._size - at, c":")
    if header_id == 0:
        for i in range(at, stop):
            if not sip_token[data[i]]:
                return fail(table, SIP_FAULT_HEADER_NAME_MALFORMED, i)
    value = colon + 1
    while value < end and is_blank(data[value]):
        value += 1
    while end > value and is_blank(data[end - 1]):
        end -= 1
    if table._count == table._capacity and grow(table, at) != 0:
        return NO_MEMORY
    fill(&table._spans[table._count], header_id, at, stop - at, value, end)
    if folded and memchr(data + value, c"\n", end - value) != NULL:
        table._spans[table._count].tag |= FOLDED
    note_first(table, header_id, table._count)
    table._odd_lengths += header_id == SIP_HEADER_CONTENT_LENGTH
    table._count += 1
    return 0


cdef inline void fill(
    Span *span, uint32_t header_id, size_t at, size_t length, size_t value, size_t end
) noexcept nogil:
    span.name = at
    span.value = value
    span.value_length = end - value
    span.tag = length << 9 | header_id


cdef inline void note_first(Table table, uint32_t header_id, uint32_t index) noexcept nogil:
    """The field at `index` is the first of its name, if there is none yet."""
    if table._places[header_id] == 0:
        if index < LATE:
            table._places[header_id] = <uint8_t>(index + 1)
        else:
            table._places[header_id] = LATE + 1
            table._late[header_id] = index


cdef inline bint other_name(
    const uint8_t *name, size_t *length, size_t room, uint32_t *header_id
) noexcept nogil:
    """Whether a name that is not known as it stands is one, less the whitespace before its colon."""
    cdef size_t stop = length[0]
    if stop == SIP_NO_COLON or stop >= room:
        return False
    while stop > 0 and is_space(name[stop - 1]):
        stop -= 1
    if stop != length[0]:
        header_id[0] = sip_stopped_name_id(&sip_header_names, name, stop, c":")
        length[0] = stop
    return header_id[0] != 0 or is_token(name, stop)


cdef inline bint is_token(const uint8_t *text, size_t length) noexcept nogil:
    cdef size_t i
    for i in range(length):
        if not sip_token[text[i]]:
            return False
    return length > 0


cdef uint32_t unfinished(Table table, uint32_t at, uint32_t max_line) noexcept nogil:
    """The buffer ends within the element at `at`, or before the byte that would end it."""
    cdef const uint8_t *data = table._data
    cdef uint32_t end = table._size
    if end > at and data[end - 1] == c"\n":
        end -= 1
    if end > at and data[end - 1] == c"\r":
        end -= 1
    if end - at > max_line:
        return fail(table, SIP_FAULT_LINE_TOO_LONG, at + max_line)
    if at == table._start:
        while at < end and sip_token[data[at]]:
            at += 1
        if at < end and not (is_space(data[at]) and at > table._start) and not starts_like_sip(data, table._start, end):
            return fail(table, SIP_FAULT_NOT_SIP, at)
    return fail(table, SIP_FAULT_HEADER_BLOCK_UNFINISHED, table._size)


# ---- the start line -----------------------------------------------------------------------


cdef uint32_t start_line(Table table, uint32_t end, bint folded) noexcept nogil:
    cdef const uint8_t *data = table._data
    cdef uint32_t at = table._start
    table._line_end = end
    if unlikely(folded):
        return fail(table, SIP_FAULT_START_LINE_FOLDED, find_byte(data, at, end, c"\n") + 1)
    if starts_like_sip(data, at, end):
        return status_line(table, end)
    return request_line(table, end)


cdef uint32_t request_line(Table table, uint32_t end) noexcept nogil:
    """Method SP Request-URI SP SIP-Version; more whitespace is a defect, found later."""
    cdef const uint8_t *data = table._data
    cdef uint32_t at = table._start, method_end, version, stop
    cdef uint64_t spaces
    if likely(end - at >= 24 and sip_load8(data + end - 8) == sip_load8(<const uint8_t *>b" SIP/2.0")):
        spaces = sip_equal8(data + at, c" ") | sip_equal8(data + at + 8, c" ") << 8 | <uint64_t>1 << 16
        table._method_length = sip_lowest(spaces)
        table._target_at = at + table._method_length + 1
        if likely(
            table._method_length < 16  # more would be read past 24 bytes
            and sip_name_id(&sip_method_names, data + at, table._method_length) != 0
            and data[table._target_at] > c" "
            and data[end - 9] > c" "
        ):
            table._target_length = end - 8 - table._target_at
            table._version_at = end - 7
            table._version_length = 7
            return 0

    method_end = at
    while method_end < end and sip_token[data[method_end]]:
        method_end += 1
    if method_end == at or (method_end < end and not is_space(data[method_end])):
        return fail(table, SIP_FAULT_NOT_SIP, method_end)
    table._method_length = method_end - at
    stop = end
    while stop > method_end and is_space(data[stop - 1]):
        stop -= 1
    version = stop
    while version > method_end and not is_space(data[version - 1]):
        version -= 1
    if version == method_end:
        return fail(table, SIP_FAULT_REQUEST_LINE_INCOMPLETE, stop)
    table._version_at = version
    table._version_length = stop - version
    if not is_version(data, version, stop):
        return fail(table, SIP_FAULT_VERSION_MALFORMED, version)
    stop = version
    while stop > method_end and is_space(data[stop - 1]):
        stop -= 1
    at = method_end
    while at < stop and is_space(data[at]):
        at += 1
    if at == stop:
        return fail(table, SIP_FAULT_REQUEST_LINE_INCOMPLETE, version)
    table._target_at = at
    table._target_length = stop - at
    return 0


cdef uint32_t status_line(Table table, uint32_t end) noexcept nogil:
    """SIP-Version SP 3DIGIT SP Reason-Phrase; other whitespace is a defect, found later."""
    cdef const uint8_t *data = table._data
    cdef uint32_t at = table._start
    table._version_at = at
    if likely(
        end - at >= 12
        and sip_load8(data + at) == sip_load8(<const uint8_t *>b"SIP/2.0 ")
        and is_digit(data[at + 8])
        and is_digit(data[at + 9])
        and is_digit(data[at + 10])
        and data[at + 11] == c" "
    ):
        table._version_length = 7
        table._status_code = (data[at + 8] - c"0") * 100 + (data[at + 9] - c"0") * 10 + (data[at + 10] - c"0")
        table._target_at = at + 12
        table._target_length = end - table._target_at
        return 0
    while at < end and not is_space(data[at]):
        at += 1
    table._version_length = at - table._start
    if not is_version(data, table._start, at):
        return fail(table, SIP_FAULT_VERSION_MALFORMED, table._start)
    while at < end and is_space(data[at]):
        at += 1
    if not (
        end - at >= 3
        and is_digit(data[at])
        and is_digit(data[at + 1])
        and is_digit(data[at + 2])
        and (end - at == 3 or is_space(data[at + 3]))
    ):
        return fail(table, SIP_FAULT_STATUS_CODE_MALFORMED, at)
    table._status_code = (data[at] - c"0") * 100 + (data[at + 1] - c"0") * 10 + (data[at + 2] - c"0")
    table._target_at = at + 3 + (end - at > 3)
    table._target_length = end - table._target_at
    return 0


# ---- what is rare ---------------------------------------------------------------------------


cdef uint32_t grow(Table table, size_t at) noexcept:
    """Make room for an eighth more fields at least, and for all if they go on as up to `at`.

    One allocation that fits costs far less than doubling: each new large block is paged in anew.
    """
    cdef uint64_t expected = table._count * <uint64_t>(table._size - table._start) // (at - table._start)
    cdef uint64_t capacity = min(expected + expected // 8 + 8, <uint64_t>table._max_headers)
    cdef bytes heap
    try:
        if capacity > LATE and table._late_heap is None:
            table._late_heap = bytes(SIP_HEADER_IDS * sizeof(uint32_t))
            table._late = <uint32_t *>PyBytes_AS_STRING(table._late_heap)
        heap = PyBytes_FromStringAndSize(NULL, capacity * sizeof(Span))
    except MemoryError:
        return NO_MEMORY
    memcpy(PyBytes_AS_STRING(heap), table._spans, table._count * sizeof(Span))
    table._span_heap = heap
    table._spans = <Span *>PyBytes_AS_STRING(heap)
    table._capacity = capacity
    return 0


cdef uint32_t framing(Table table, uint32_t lengths) noexcept nogil:
    """Where the body ends, by the header's Content-Length fields, of which there are `lengths`."""
    cdef Py_ssize_t index
    cdef uint32_t number
    cdef Span *span
    table._content_length = SIP_NONE
    table._end = table._size
    if lengths == 0:
        return 0
    index = table._first(SIP_HEADER_CONTENT_LENGTH)
    while True:
        span = &table._spans[index]
        number = body_length(table, span)
        if unlikely(number == SIP_NONE):
            return fail(table, SIP_FAULT_CONTENT_LENGTH_NOT_A_NUMBER, span.value)
        if unlikely(number > LARGEST_LENGTH):
            return fail(table, SIP_FAULT_CONTENT_LENGTH_TOO_LARGE, span.value)
        if unlikely(table._content_length != SIP_NONE and number != table._content_length):
            return fail(table, SIP_FAULT_CONTENT_LENGTH_CONFLICT, span.value)
        table._content_length = number
        lengths -= 1
        if likely(lengths == 0):
            break
        index += 1
        while (table._spans[index].tag & 0xFF) != SIP_HEADER_CONTENT_LENGTH:
            index += 1
    if number < table._size - table._body:
        table._end = table._body + number
    return 0


cdef uint32_t body_length(Table table, Span *span) noexcept nogil:
    """The number in a field, SIP_NONE if it is none, LARGEST_LENGTH + 1 if it is larger than that."""
    cdef const uint8_t *digit = table._data + span.value
    cdef const uint8_t *end = digit + span.value_length
    cdef uint64_t number = 0
    if likely(0 < span.value_length <= 8):  # the start line is longer than the 8 bytes before `end`
        return sip_number(end, span.value_length)
    if digit == end:
        return SIP_NONE
    while digit < end:
        if not is_digit(digit[0]):
            return SIP_NONE
        number = number * 10 + (digit[0] - c"0")
        if number > LARGEST_LENGTH:
            number = <uint64_t>LARGEST_LENGTH + 1
        digit += 1
    return number


# ---- helpers of reading --------------------------------------------------------------------------


cdef inline uint8_t lower(uint8_t byte) noexcept nogil:
    return byte | 0x20 if c"A" <= byte <= c"Z" else byte


cdef bint same_name(const uint8_t *one, const uint8_t *other, size_t length) noexcept nogil:
    cdef size_t i
    for i in range(length):
        if lower(one[i]) != lower(other[i]):
            return False
    return True


cdef str copied(const uint8_t *text, uint32_t length):
    cdef bytes copy = one_line(PyBytes_FromStringAndSize(<const char *>text, length))
    return decoded(<const uint8_t *>PyBytes_AS_STRING(copy), length)


cdef bytes one_line(bytes text):
    """A text of one line; a line end that was written into the buffer since it was parsed is a space."""
    return text.replace(b"\r", b" ").replace(b"\n", b" ")


cdef bytes unfold(const uint8_t *text, uint32_t length):
    """Every run of whitespace that holds a line end becomes one space (RFC 3261 7.3.1)."""
    cdef bytes result = PyBytes_FromStringAndSize(NULL, length)
    cdef uint8_t *out = <uint8_t *>PyBytes_AS_STRING(result)
    cdef uint32_t at = 0, run
    cdef size_t written = 0
    cdef bint fold
    while at < length:
        run = at
        fold = False
        while run < length and is_blank(text[run]):
            fold = fold or text[run] == c"\n"
            run += 1
        if fold:
            out[written] = c" "
            written += 1
            at = run
        elif run > at:
            memcpy(out + written, text + at, run - at)
            written += run - at
            at = run
        else:
            out[written] = text[at]
            written += 1
            at += 1
    return result[:written]


# ---- for tests and benchmarks: what the engine does not need itself ------------------------------


def kernels() -> list[str]:
    """The kernels that this machine can run, best first."""
    return [_kernels[i].name.decode() for i in range(_kernel_count)]


def kernel() -> str:
    """The kernel in use."""
    return _kernel.name.decode()


def use_kernel(name: str) -> None:
    """Use this kernel from now on; ValueError where the machine has it not."""
    global _kernel
    for i in range(_kernel_count):
        if _kernels[i].name.decode() == name:
            _kernel = _kernels[i]
            return
    raise ValueError(f"there is no kernel {name!r} here, only {', '.join(kernels())}")
