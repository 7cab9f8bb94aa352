"""A message as Python holds it: a `Table`, which owns a `sip_table` and keeps its buffer alive.

`docs/tokenizer.md` says what this file and its twin `table.py` read in it.
"""

cimport cython
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
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memchr, memcmp, memcpy

from ..limits cimport Limits
from .rules cimport is_blank, is_response, starts_like_sip
from .tokenizer cimport (
    CHANGED,
    FOLDED,
    HEADER_ID,
    INLINE_FIELDS,
    NAME_SHIFT,
    NO_MEMORY,
    SIP_HEADER_IDS,
    sip_header_id,
    sip_limits,
    sip_span,
    sip_table_add,
    sip_table_find,
    sip_table_first,
    sip_table_free,
    sip_table_method,
    sip_table_next,
    tokenize,
)

from sipfast.errors import TOKENIZER_FAULTS, parse_error, unanswered
from sipfast.registry.header_names import HEADER_NAMES
from sipfast.registry.methods import METHODS

NO_LENGTH = 0xFFFFFFFF
BESIDES = BESIDES_


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text) noexcept
    void *PyUnicode_DATA(object text) noexcept
    Py_ssize_t PyUnicode_GET_LENGTH(object text) noexcept
    object PyTuple_New(Py_ssize_t size)
    PyObject *PyTuple_GET_ITEM(object items, Py_ssize_t place) noexcept
    void PyTuple_SET_ITEM(object items, Py_ssize_t place, PyObject *item) noexcept
    void PyObject_GC_UnTrack(void *tracked) noexcept
    void PyMem_RawFree(void *memory) noexcept
    object PyType_GenericAlloc(type cls, Py_ssize_t size)
    bint PyType_FastSubclass(type cls, unsigned long flag) noexcept
    unsigned long Py_TPFLAGS_TUPLE_SUBCLASS


cdef extern from "attributes.h":
    object sip_get_attribute(
        object of, object name, type kind, object (*read)(object descriptor, object of)
    )


cdef extern from "texts.h":
    str decoded "sip_decoded"(const uint8_t *text, uint32_t length)


cdef extern from "<tables.h>" nogil:
    enum:
        SIP_FAULT_CONTENT_LENGTH_NOT_A_NUMBER
        SIP_FAULT_HEADER_BLOCK_UNFINISHED
        SIP_HEADER_CONTENT_LENGTH
        SIP_HEADER_RECORD_ROUTE
        SIP_HEADER_TO
        SIP_HEADER_VIA

    bint likely "SIP_LIKELY"(bint condition) noexcept
    bint unlikely "SIP_UNLIKELY"(bint condition) noexcept


cdef enum:
    LONGEST_NAME = 0x800000  # a tag has no room for more
    LAST_OFFSET = 0xFFFFFFFE

cdef tuple _METHOD_NAMES = (None, *METHODS)
cdef tuple _USUAL_NAMES = ("", *[header.name for header in HEADER_NAMES])  # by id


cdef struct Written:
    const uint8_t *name
    uint32_t length


cdef Written[SIP_HEADER_IDS] _WRITTEN  # the same names, for C


cdef int point_at_names() except -1:
    cdef Py_ssize_t i
    for i in range(len(_USUAL_NAMES)):
        _WRITTEN[i].name = <const uint8_t *>PyUnicode_DATA(_USUAL_NAMES[i])
        _WRITTEN[i].length = <uint32_t>PyUnicode_GET_LENGTH(_USUAL_NAMES[i])
    return 0


point_at_names()


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
    export = Export.__new__(Export)
    if isinstance(data, memoryview):
        data = memoryview(data)  # so that its owner can release that one
    try:
        PyObject_GetBuffer(data, &export.view, PyBUF_SIMPLE)
    except (BufferError, TypeError):
        try:
            view = memoryview(data)
        except TypeError as error:
            what = f"a SIP message must be bytes-like, not {type(data).__name__}"
            raise TypeError(what) from error
        if view.c_contiguous:
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


cdef inline uint32_t known_id(str name) noexcept:
    if unlikely(not PyUnicode_IS_ASCII(name)):  # no token; and some letters beyond ASCII are ASCII in lower case
        return 0
    return sip_header_id(<const uint8_t *>PyUnicode_DATA(name), PyUnicode_GET_LENGTH(name))


cdef inline uint8_t *put(uint8_t *out, const uint8_t *text, size_t size) noexcept:
    memcpy(out, text, size)
    return out + size


cdef bint begins_with_ack(object held) except -1:
    """Whether a buffer begins with the method ACK, after line ends."""
    cdef size_t size, at = 0
    cdef const uint8_t *data = bytes_of(held, &size)
    while at < size and (data[at] == c"\r" or data[at] == c"\n"):
        at += 1
    return size - at > 3 and memcmp(data + at, b"ACK", 3) == 0 and (data[at + 3] == c" " or data[at + 3] == c"\t")


cdef const uint8_t *NOTHING = b""  # where an empty buffer is that is nowhere


@cython.final
@cython.no_gc
cdef class Heap:
    """Memory that a `sip_table` took for its fields."""

    def __dealloc__(self):
        PyMem_RawFree(self.memory)


@cython.freelist(64)
@cython.no_gc
cdef class Table:
    """Where everything is in one message: spans over a buffer that it keeps alive."""

    # ---- from bytes to spans ----------------------------------------------------------------

    @staticmethod
    cdef bint _is_response(object held, Limits limits) except -1:
        """Whether the first element begins like a status line, within the limit of size."""
        cdef size_t size
        cdef const uint8_t *data = bytes_of(held, &size)
        return is_response(data, 0, min(size, <size_t>limits._size))

    cdef int _read(self, object held, Limits limits, bint response) except -1:
        """Take what is held apart, as a response or a request.  Raises `ParseError`."""
        cdef size_t size
        cdef uint32_t fault
        cdef const uint8_t *data = bytes_of(held, &size)
        cdef bint fixed = PyBytes_CheckExact(held)
        cdef sip_limits most
        if unlikely(self._buffer is not None):
            raise TypeError("a message is immutable")
        self._buffer = held
        most.size, most.headers, most.line = limits._size, limits._headers, limits._line
        fault = tokenize(data, 0, size, size + fixed, &most, fixed, &self._parsed)  # bytes end in a NUL
        if unlikely(self._parsed.heap != NULL):
            self._keep_heap()
        if unlikely(fault == 0 and response != (self._parsed.method_length == 0)):
            fault = CHANGED
        if unlikely(fault != 0):
            self._raise(fault, response)
        return 0

    @staticmethod
    cdef bint _starts_response(bytes data, size_t start) noexcept:
        """Whether the message at data[start] begins like a status line; no line end precedes it."""
        return starts_like_sip(<const uint8_t *>PyBytes_AS_STRING(data), start, PyBytes_GET_SIZE(data))

    cdef bint _read_within(self, bytes data, size_t start, size_t size, Limits limits) except -1:
        """Take apart the message at data[start], of `size` bytes at the most; its body may be cut.

        False, and an empty table, if its header is malformed or ends too early.
        """
        cdef uint32_t fault
        cdef sip_limits most
        cdef sip_table *parsed = &self._parsed
        if unlikely(self._buffer is not None):
            raise TypeError("a message is immutable")
        most.size, most.headers, most.line = limits._size, limits._headers, limits._line
        size = min(size, <size_t>most.size)
        if start + size > LAST_OFFSET:
            return False
        # Where no line can be too long, the tokenizer is twice as fast.
        fault = tokenize(
            <const uint8_t *>PyBytes_AS_STRING(data), start, min(size, <size_t>most.line),
            PyBytes_GET_SIZE(data) + 1, &most, True, parsed,
        )
        if size > most.line:
            if fault == SIP_FAULT_HEADER_BLOCK_UNFINISHED:
                fault = tokenize(
                    <const uint8_t *>PyBytes_AS_STRING(data), start, size,
                    PyBytes_GET_SIZE(data) + 1, &most, True, parsed,
                )
            parsed.stop = <uint32_t>(start + size)
            parsed.end = parsed.stop
            if parsed.content_length < parsed.stop - parsed.body:
                parsed.end = parsed.body + parsed.content_length
        if unlikely(self._parsed.heap != NULL):
            self._keep_heap()
        if unlikely(fault == NO_MEMORY):
            raise MemoryError
        if fault != 0:
            return False
        self._buffer = data
        return True

    cdef int _fill(self, bytes text, tuple line, list spans) except -1:
        """Fill the table with what was found in bytes that `_read` refuses.

        `line` has the numbers of a table, in the order of `_dump`; `spans` has for each field where
        its name and its value begin, each with its length.
        """
        cdef sip_table *parsed = &self._parsed
        cdef size_t size
        cdef Py_ssize_t i
        cdef uint32_t at, length, value, value_length
        cdef tuple places = tuple(spans)  # a list can shrink while its items become numbers
        if self._buffer is not None:
            raise TypeError("a message is immutable")
        self._buffer = held(memoryview(text))  # no `bytes`, so that no CR comes out of it as text
        parsed.data = bytes_of(self._buffer, &size)
        parsed.spans = parsed.inline_spans
        parsed.capacity = INLINE_FIELDS
        parsed.max_headers = len(places) // 4
        (
            parsed.start, parsed.line_end, parsed.body, parsed.end, parsed.method_length,
            parsed.target_at, parsed.target_length, parsed.version_at, parsed.version_length,
            parsed.status_code, parsed.content_length,
        ) = line
        parsed.stop = <uint32_t>size
        if (
            not parsed.start <= parsed.line_end <= size or not parsed.start <= parsed.body <= parsed.end <= size
            or parsed.start + <size_t>parsed.method_length > size
            or parsed.target_at + <size_t>parsed.target_length > size
            or parsed.version_at + <size_t>parsed.version_length > size
        ):
            raise IndexError("a start line lies within its message")
        for i in range(0, len(places) - 3, 4):
            at, length, value, value_length = places[i], places[i + 1], places[i + 2], places[i + 3]
            if not (
                parsed.start < at < at + <size_t>length <= value <= value + <size_t>value_length <= size
                and length < LONGEST_NAME
            ):
                raise IndexError("a header field lies within its message")
            if not sip_table_add(parsed, at, length, value, value_length):
                if parsed.heap != NULL:
                    self._keep_heap()
                raise MemoryError
        if parsed.heap != NULL:
            self._keep_heap()
        return 0

    cdef bint _answer(
        self, Table request, bytes start, bytes ids, bytes top, bytes tag, bytes rest, Limits limits
    ) except -1:
        """Become a response: a start line, the request's fields of these ids, and the rest.

        `top` replaces the first field, and To gets `tag`, unless they are None.  False if a field
        is folded, empty, or holds a NUL, if there are many of them, or if the buffer may change.
        """
        cdef const sip_table *given = &request._parsed
        cdef sip_table *parsed = &self._parsed
        cdef sip_span[INLINE_FIELDS] spans
        cdef sip_span *span
        cdef const uint8_t *text
        cdef const uint8_t *line = <const uint8_t *>PyBytes_AS_STRING(start)
        cdef Py_ssize_t index, i, size = PyBytes_GET_SIZE(start) + 2, rest_size = PyBytes_GET_SIZE(rest)
        cdef Py_ssize_t tag_size = 0 if tag is None else 5 + PyBytes_GET_SIZE(tag)
        cdef uint32_t header_id, length, count = 0
        cdef uint8_t *data
        cdef uint8_t *out
        cdef bytes made
        if self._buffer is not None:
            raise TypeError("a message is immutable")
        if not PyBytes_CheckExact(request._buffer) or size < 14:
            return False
        for i in range(PyBytes_GET_SIZE(ids)):
            header_id = <uint8_t>PyBytes_AS_STRING(ids)[i]
            index = sip_table_first(given, header_id)
            while index >= 0:
                span = &spans[count]
                span[0] = given.spans[index]
                if count == INLINE_FIELDS - 1 or span.tag & FOLDED or span.value_length == 0:
                    return False
                span.tag = header_id
                size += _WRITTEN[header_id].length + 4 + span.value_length
                if header_id == SIP_HEADER_TO:
                    size += tag_size
                if count == 0 and top is not None:
                    size += PyBytes_GET_SIZE(top) - span.value_length
                count += 1
                if header_id != SIP_HEADER_VIA and header_id != SIP_HEADER_RECORD_ROUTE:
                    break
                index = sip_table_next(given, index)
        if size > 0x7FFFFFFF - rest_size:
            return False
        made = PyBytes_FromStringAndSize(NULL, size + rest_size)
        data = <uint8_t *>PyBytes_AS_STRING(made)
        out = put(data, line, PyBytes_GET_SIZE(start))
        for i in range(count):
            span = &spans[i]
            header_id = span.tag
            out = put(out, b"\r\n", 2)
            length = _WRITTEN[header_id].length
            span.name = <uint32_t>(out - data)
            span.tag |= length << NAME_SHIFT
            out = put(put(out, _WRITTEN[header_id].name, length), b": ", 2)
            text = given.data + span.value
            if i == 0 and top is not None:
                text, span.value_length = <const uint8_t *>PyBytes_AS_STRING(top), <uint32_t>PyBytes_GET_SIZE(top)
            span.value = <uint32_t>(out - data)
            out = put(out, text, span.value_length)
            if header_id == SIP_HEADER_TO and tag is not None:
                out = put(put(out, b";tag=", 5), <const uint8_t *>PyBytes_AS_STRING(tag), tag_size - 5)
                span.value_length += <uint32_t>tag_size
        out = put(out, b"\r\n", 2)
        if memchr(data, 0, size) != NULL:
            return False
        memcpy(out, PyBytes_AS_STRING(rest), rest_size)
        if rest_size != 21 or memcmp(out, b"Content-Length: 0\r\n\r\n", 21) != 0:
            self._read(made, limits, True)
            return True
        spans[count].name, spans[count].value, spans[count].value_length = size, size + 16, 1
        spans[count].tag = 14 << NAME_SHIFT | SIP_HEADER_CONTENT_LENGTH
        count += 1
        self._buffer = made
        parsed.data = data
        parsed.spans = parsed.inline_spans
        parsed.capacity = parsed.max_headers = INLINE_FIELDS
        parsed.version_length = 7
        parsed.status_code = 100 * (line[8] - c"0") + 10 * (line[9] - c"0") + (line[10] - c"0")
        parsed.line_end = <uint32_t>PyBytes_GET_SIZE(start)
        parsed.target_at = 12
        parsed.target_length = parsed.line_end - 12
        parsed.last_length = <uint32_t>size
        parsed.body = parsed.end = parsed.stop = <uint32_t>(size + 21)
        parsed.count = count
        memcpy(parsed.inline_spans, spans, count * sizeof(sip_span))
        for i in range(count):
            header_id = spans[i].tag & HEADER_ID
            if parsed.places[header_id] == 0:
                parsed.places[header_id] = <uint8_t>(i + 1)
        return True

    cdef int _keep_heap(self) except -1:
        """Have an object own the table's memory, so that a table without any is freed sooner."""
        try:
            self._heap = Heap.__new__(Heap)
        except MemoryError:
            sip_table_free(&self._parsed)
            raise
        self._heap.memory = self._parsed.heap
        return 0

    cdef int _raise(self, uint32_t fault, bint response) except -1:
        if fault == NO_MEMORY:
            raise MemoryError
        if fault == CHANGED:
            raise BufferError("the buffer was written to while it was parsed")
        header = None
        if fault >= SIP_FAULT_CONTENT_LENGTH_NOT_A_NUMBER:
            header = "Content-Length"
        error = parse_error(TOKENIZER_FAULTS[fault - 1].code, self._parsed.fault_at, header)
        if response or begins_with_ack(self._buffer):
            unanswered(error)
        raise error

    # ---- from spans to what was asked for -------------------------------------------------------

    cdef Py_ssize_t _first(self, uint32_t header_id) noexcept nogil:
        """The index of the first field with this id, or -1, in constant time."""
        return sip_table_first(&self._parsed, header_id)

    cdef Py_ssize_t _next(self, Py_ssize_t index) noexcept nogil:
        """The index of the next field of the same name, or -1."""
        return sip_table_next(&self._parsed, index)

    cdef uint32_t _id_of(self, str name) noexcept:
        """The id of a registered name, long or compact, in any case; or 0."""
        return known_id(name)

    cdef Py_ssize_t _find(self, str name) noexcept:
        """The index of the first field of this name, long or compact, in any case; or -1."""
        cdef uint32_t header_id = self._id_of(name)
        return self._find_other(name) if header_id == 0 else self._first(header_id)

    cdef Py_ssize_t _find_other(self, str name) noexcept:
        """The index of the first field of a name that is not registered, or -1, in linear time."""
        if not PyUnicode_IS_ASCII(name):
            return -1
        return sip_table_find(&self._parsed, <const uint8_t *>PyUnicode_DATA(name), PyUnicode_GET_LENGTH(name))

    cdef uint32_t _id(self, Py_ssize_t index) noexcept nogil:
        return self._parsed.spans[index].tag & HEADER_ID

    # Defects ask for offsets by indices that a caller from Python may have given: 0 for no field's.

    cdef uint32_t _name_at(self, Py_ssize_t index) noexcept:
        return self._parsed.spans[index].name if <size_t>index < self._parsed.count else 0

    cdef uint32_t _value_at(self, Py_ssize_t index) noexcept:
        return self._parsed.spans[index].value if <size_t>index < self._parsed.count else 0

    cdef uint32_t _value_length(self, Py_ssize_t index) noexcept:
        return self._parsed.spans[index].value_length if <size_t>index < self._parsed.count else 0

    cdef bint _is_folded(self, Py_ssize_t index) noexcept nogil:
        return self._parsed.spans[index].tag & FOLDED != 0

    cdef bint _has_folds(self) noexcept nogil:
        """Whether the value of any field is folded."""
        cdef uint32_t i, tags = 0
        for i in range(self._parsed.count):
            tags |= self._parsed.spans[i].tag
        return tags & FOLDED != 0

    cdef bytes _unchanging(self):
        """The bytes up to the body at least, which nobody can write to."""
        if PyBytes_CheckExact(self._buffer):
            return <bytes>self._buffer
        return PyBytes_FromStringAndSize(<const char *>self._parsed.data, self._parsed.body)

    cdef str _name(self, Py_ssize_t index):
        """The field's name as it was written; one in its usual form without making a new str."""
        cdef sip_span *span = &self._parsed.spans[index]
        cdef uint32_t length = span.tag >> NAME_SHIFT
        cdef object usual = _USUAL_NAMES[span.tag & HEADER_ID]
        if length == PyUnicode_GET_LENGTH(usual) and (
            memcmp(PyUnicode_DATA(usual), self._parsed.data + span.name, length) == 0
        ):
            return <str>usual
        return self._text(span.name, length)

    cdef str _value(self, Py_ssize_t index):
        """The field's value, each fold read as one space."""
        cdef sip_span *span = &self._parsed.spans[index]
        cdef bytes text
        if unlikely(span.tag & FOLDED):
            text = unfold(self._parsed.data + span.value, span.value_length)
            if unlikely(not PyBytes_CheckExact(self._buffer)):
                text = one_line(text)
            return text.decode("utf-8", "surrogateescape")
        return self._text(span.value, span.value_length)

    cdef bytes _raw_name(self, Py_ssize_t index):
        cdef sip_span *span = &self._parsed.spans[index]
        return self._bytes(span.name, span.tag >> NAME_SHIFT)

    cdef bytes _raw_value(self, Py_ssize_t index):
        """The field's value as it was written, folds and all."""
        cdef sip_span *span = &self._parsed.spans[index]
        return self._bytes(span.value, span.value_length)

    cdef str _text(self, uint32_t at, uint32_t length):
        """Text; a line end that was written into the buffer since is read as a space."""
        if length == 0:  # also where there is no buffer: a message that parse did not make
            return ""
        if unlikely(not PyBytes_CheckExact(self._buffer)):
            return copied(self._parsed.data + at, length)
        return decoded(self._parsed.data + at, length)

    cdef bytes _bytes(self, uint32_t at, uint32_t length):
        if length == 0:
            return b""
        if PyBytes_CheckExact(self._buffer) and length == PyBytes_GET_SIZE(self._buffer):
            return self._buffer
        return PyBytes_FromStringAndSize(<const char *>self._parsed.data + at, length)

    cdef object _view(self, uint32_t at, uint32_t length):
        return memoryview(self._buffer)[at:at + length]

    cdef str _method(self):
        """The method; a registered one without making a new str."""
        cdef uint32_t method_id = sip_table_method(&self._parsed)
        if likely(method_id):
            return _METHOD_NAMES[method_id]
        return self._text(self._parsed.start, self._parsed.method_length)

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
            self._kept = <tuple>PyTuple_New(self._parsed.count + BESIDES_)
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
        cdef sip_table *parsed = &self._parsed
        cdef sip_span span
        cdef uint32_t i
        found = []
        for i in range(parsed.count):
            span = parsed.spans[i]
            found.append((
                span.tag & HEADER_ID, span.name, span.tag >> NAME_SHIFT,
                span.value, span.value_length, bool(span.tag & FOLDED),
            ))
        return (
            parsed.start, parsed.line_end, parsed.body, parsed.end, parsed.method_length,
            parsed.target_at, parsed.target_length, parsed.version_at, parsed.version_length,
            parsed.status_code, parsed.content_length, tuple(found),
        )


@cython.freelist(16)
@cython.no_gc
cdef class Reader:
    """Names and values in a table; made each time that they are asked for."""

    cpdef list _pairs(self):
        """Each name as it was written, and its value."""
        raise NotImplementedError

    cdef list _names(self):
        """Each name as it was written."""
        return [name for name, _ in self._pairs()]

    cdef list _values(self):
        """Each value."""
        return [value for _, value in self._pairs()]


cdef class Property:
    """A descriptor that reads something of a table."""

    cdef object _of(self, Table table):
        """What it reads."""
        raise NotImplementedError


cpdef Py_ssize_t id_of(str name) except -1:
    """The id of a registered name, long or compact, in any case; or 0."""
    if name is None:
        raise TypeError("a name must be str, not NoneType")
    return known_id(name)


cdef object read_property(object property, object table):
    return (<Property>property)._of(<Table>table)


cdef object named(
    type cls, Py_ssize_t count, object first, object second, object third, object fourth
):
    """A NamedTuple of the first three or all four items: as `tuple.__new__` makes it, without
    tuples around it (-60 ns).
    """
    cdef PyObject *items[4]
    cdef object made
    cdef Py_ssize_t i
    if cls is None or not PyType_FastSubclass(cls, Py_TPFLAGS_TUPLE_SUBCLASS):
        raise TypeError(f"cls must be a class of tuples, not {cls!r}")
    items = [<PyObject *>first, <PyObject *>second, <PyObject *>third, <PyObject *>fourth]
    made = PyType_GenericAlloc(cls, count)
    for i in range(count):
        Py_INCREF(<object>items[i])
        PyTuple_SET_ITEM(made, i, items[i])
    return made


# ---- text ----------------------------------------------------------------------------------------


cdef str copied(const uint8_t *text, uint32_t length):
    cdef bytes copy = one_line(PyBytes_FromStringAndSize(<const char *>text, length))
    return decoded(<const uint8_t *>PyBytes_AS_STRING(copy), length)


cdef bytes one_line(bytes text):
    """A text of one line; a line end that was written into the buffer since it was parsed is a space."""
    return text.replace(b"\r", b" ").replace(b"\n", b" ")


cdef bytes unfold(const uint8_t *text, uint32_t length):
    """Every run of whitespace that holds a line end becomes one space (RFC 3261 7.3.1)."""
    cdef bytes result = PyBytes_FromStringAndSize(NULL, length)
    cdef size_t written = unfold_into(<uint8_t *>PyBytes_AS_STRING(result), text, length)
    return result[:written]


cdef size_t unfold_into(uint8_t *out, const uint8_t *text, uint32_t length) noexcept nogil:
    """Write an unfolded text, at most `length` bytes; how many it has."""
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
    return written
