"""From messages to rows: the tokenizer, the parts of the fields that are asked for, and Arrow.

A row is read here, without the GIL, where every value that is asked for is plain; `columns/values.py`
is the definition, and reads all others.  What is plain is decided with the functions that the typed
properties stand on.  So a row that is read here is the same as by the definition.

Bytes that somebody may write to, those of a mapped file too, are copied before anything is decided.
"""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memchr, memcmp, memcpy, memset

from ..limits cimport Limits
from ..shapes cimport (
    find_parameter,
    past_listed,
    past_parameter,
    split_address,
    split_item,
    split_media,
    split_uri,
    split_via,
    split_words,
)
from .arrow cimport (
    SIP_APPENDED,
    SIP_FULL,
    SIP_NO_MEMORY,
    SIP_SLOT_COPIED,
    SIP_SLOT_IN_PLACE,
    SIP_SLOT_LATER,
    SIP_SLOT_NULL,
    SIP_SLOT_NUMBER,
    SIP_TEXT,
    SIP_TEXTS,
    SIP_WHERE_TRUE,
    Assembler,
    Schema,
    Where,
    sip_slot,
    sip_text,
)
from .packets cimport Sink, sip_facts
from .plain cimport (
    SIP_PLAIN_ROOM,
    plain_address,
    plain_parameter,
    plain_via,
    plain_works,
    sip_part,
    sip_plain,
)
from .repeats cimport MOST_OF_KEY, of_path, of_text, read_key
from .rules cimport after_line_ends, is_digit, is_space, lower, starts_like_sip
from .table cimport unfold_into
from .text cimport (
    ADDRESS,
    ALL_PARTS,
    DIGIT,
    DISPLAY_NAME,
    FIRST,
    HOST,
    IN_TOKEN,
    OF_OTHER,
    OF_SIP,
    OF_SIPS,
    OF_TEL,
    PARAMETERS,
    SECOND,
    USER,
    Part,
    before_space,
    begin,
    find,
    has,
    likely,
    number_of,
    past,
    past_space,
    scheme_of,
    stop,
    take_quotes,
    unlikely,
    without_escapes,
    without_pairs,
)
from .tokenizer cimport (
    FOLDED,
    NAME_SHIFT,
    sip_header_id,
    sip_span,
    sip_table_find,
    sip_table_first,
    sip_table_free,
    sip_table_init,
    sip_table_next,
    tokenize,
)

from collections import namedtuple

from sipfast.errors import ParseError

from ..limits import DEFAULT_LIMITS
from ..sdp.records import STATIC_PAYLOADS


cdef extern from "Python.h" nogil:
    void *PyMem_RawCalloc(size_t count, size_t size)
    void *PyMem_RawRealloc(void *memory, size_t size)
    void PyMem_RawFree(void *memory)
    const char *PyUnicode_AsUTF8AndSize(object text, Py_ssize_t *size) except NULL with gil


cdef extern from "<tables.h>" nogil:
    enum:
        SIP_HEADER_CALL_ID
        SIP_HEADER_CONTACT
        SIP_HEADER_CONTENT_ENCODING
        SIP_HEADER_CONTENT_TYPE
        SIP_HEADER_CSEQ
        SIP_HEADER_EXPIRES
        SIP_HEADER_FROM
        SIP_HEADER_REASON
        SIP_HEADER_SERVER
        SIP_HEADER_TO
        SIP_HEADER_USER_AGENT
        SIP_HEADER_VIA


cdef extern from "columns.h" nogil:
    bint has_high "sip_has_high"(const uint8_t *text, size_t length) noexcept
    bint is_utf8 "sip_is_utf8"(const uint8_t *text, size_t length) noexcept
    const uint8_t *transport_name "sip_transport_name"(uint8_t transport) noexcept
    uint32_t transport_length "sip_transport_length"(uint8_t transport) noexcept
    uint32_t put_ipv4 "sip_put_ipv4"(uint8_t *text, const uint8_t *address) noexcept
    uint32_t put_ipv6 "sip_put_ipv6"(uint8_t *text, const uint8_t *address) noexcept


Reader = namedtuple("Reader", ("parse", "row", "test", "named_in", "type_of", "record"))
"""What the layers above know of columns: see `columns.py`."""

cdef object _reader = None


def read_with(reader) -> None:
    """Set what the layers above know."""
    global _reader
    _reader = reader


cdef bint _PLAIN = plain_works()


# ---- the columns that are read here ----------------------------------------------------------------

cdef enum:  # each a bit; the parts of an address follow each other
    C_FILE, C_PACKET, C_OFFSET, C_TIME, C_TRANSPORT
    C_SOURCE_ADDRESS, C_SOURCE_PORT, C_DESTINATION_ADDRESS, C_DESTINATION_PORT
    C_IS_REQUEST, C_METHOD, C_STATUS, C_REASON
    C_CALL_ID, C_CSEQ_NUMBER, C_CSEQ_METHOD
    C_FROM_USER, C_FROM_HOST, C_FROM_DISPLAY, C_FROM_TAG
    C_TO_USER, C_TO_HOST, C_TO_DISPLAY, C_TO_TAG
    C_URI, C_URI_USER, C_URI_HOST
    C_VIA_HOST, C_VIA_BRANCH, C_VIA_COUNT
    C_CONTACT_USER, C_CONTACT_HOST, C_CONTACT_EXPIRES
    C_EXPIRES, C_USER_AGENT, C_CONTENT_TYPE, C_BODY_LENGTH
    C_SDP_ADDRESS, C_SDP_PORT, C_SDP_CODECS, C_SDP_DIRECTION, C_REASON_CAUSE
    C_RETRANSMISSION, C_DUPLICATE
    C_ERROR, C_ERROR_OFFSET

_NAMES = (
    "file", "packet", "offset", "time", "transport",
    "source_address", "source_port", "destination_address", "destination_port",
    "is_request", "method", "status", "reason",
    "call_id", "cseq_number", "cseq_method",
    "from_user", "from_host", "from_display", "from_tag",
    "to_user", "to_host", "to_display", "to_tag",
    "uri", "uri_user", "uri_host",
    "via_host", "via_branch", "via_count",
    "contact_user", "contact_host", "contact_expires",
    "expires", "user_agent", "content_type", "body_length",
    "sdp_address", "sdp_port", "sdp_codecs", "sdp_direction", "reason_cause",
    "retransmission", "duplicate",
    "error", "error_offset",
)
cdef dict _NUMBERS = {name: at for at, name in enumerate(_NAMES)}

cdef enum:
    USER_, HOST_, DISPLAY_, TAG_  # after the first column of an address
    LONGEST_ADDRESS = 46
    LONGEST_METHOD = 64  # that a look at the start line tells
    NO_FILE = 0xFFFFFFFF
    ROOM_AFTER = SIP_PLAIN_ROOM  # bytes, with which the tokenizer is faster too
    MOST_TEXTS = 4096  # of one row
    SCRATCH = 1 << 16  # bytes that a row may take for what does not stand in the message as such

cdef uint64_t ONE = 1
cdef uint64_t FACTS = (ONE << (C_DESTINATION_PORT + 1)) - 1
cdef uint64_t OF_CSEQ = ONE << C_CSEQ_NUMBER | ONE << C_CSEQ_METHOD
cdef uint64_t OF_FROM = 15 * ONE << C_FROM_USER
cdef uint64_t OF_TO = 15 * ONE << C_TO_USER
cdef uint64_t OF_URI = 3 * ONE << C_URI_USER
cdef uint64_t OF_VIA = 7 * ONE << C_VIA_HOST
cdef uint64_t OF_CONTACT = 7 * ONE << C_CONTACT_USER
cdef uint64_t OF_SDP = 15 * ONE << C_SDP_ADDRESS
cdef uint64_t OF_START = 7 * ONE << C_IS_REQUEST  # what a look at the start line tells
cdef uint64_t OF_ERRORS = 3 * ONE << C_ERROR
cdef tuple _GROUPS = (OF_CSEQ, OF_FROM, OF_TO, OF_URI, OF_VIA, OF_CONTACT, OF_SDP)

cdef tuple _REPEATS = ("retransmission", "duplicate")  # they depend on all messages before
cdef tuple _TRANSPORTS = (None, "UDP", "TCP", "SCTP", "WS", "TLS")


cdef inline uint64_t bit(int column) noexcept nogil:
    return <uint64_t>1 << column


cdef inline uint64_t bits_of(names) except? 0:
    cdef uint64_t found = 0
    for name in names:
        if name in _NUMBERS:
            found |= bit(<int>_NUMBERS[name])
    return found


@cython.final
cdef class Builder(Sink):
    """Builder(names, where, text, rows, errors)\n--\n\nMessages of one source after another, as rows of batches."""

    def __cinit__(self, tuple names not None, where, str text not None, Py_ssize_t rows, str errors not None):
        cdef int place
        cdef uint64_t group
        cdef tuple first = ()
        sip_table_init(&self._table)
        if where is not None:
            first = _reader.named_in(where)
        every = names + tuple([name for name in first if name not in names])
        if errors != "keep":
            self._errors = errors
            every += ("error",)
        self._rows = _reader.row(every)
        self._types = bytes([_reader.type_of(name) for name in every])
        if any([name in _REPEATS for name in every]):
            self._asks_repeats = True
            self._datagrams, self._messages = self._rows.repeats.datagrams, self._rows.repeats.messages
        self.schema = Schema(tuple([(name, _reader.type_of(name)) for name in names]), text)
        self._assembler = Assembler(self.schema, rows)
        self._most = self._assembler.rows
        self._in_place = text == "view"
        self._slot_count = <int>len(every)
        self._file_length = NO_FILE
        self._slots = <sip_slot *>memory(self._slot_count + 1, sizeof(sip_slot))
        self._headers = <Wanted *>memory(self._slot_count, sizeof(Wanted))
        self._part_slots = <int *>memory(self._slot_count, sizeof(int))
        self._texts = <sip_text *>memory(MOST_TEXTS, sizeof(sip_text))
        self._scratch = <uint8_t *>memory(SCRATCH + ROOM_AFTER, 1)
        for place in range(64):
            self._place[place] = self._slot_count
        for place in range(self._slot_count):
            self._ask(place, every[place])
        self._asked = bits_of(every)
        self._first = bits_of(first)
        self._facts_first = self._first & FACTS
        self._start_first = self._first & OF_START
        for group in _GROUPS:  # what is split for the condition is split for all
            if self._first & group:
                self._first |= self._asked & group
        self._headers_first = any([":" in name for name in first])
        if self._first & OF_ERRORS:  # of any column
            self._first, self._headers_first = self._asked, True
        if where is not None:
            self._where = Where(where, tuple([(name, _reader.type_of(name)) for name in every]))
            self._refused_counts = self._may_be_true_of_refused()
        set_limits(&self._limits, DEFAULT_LIMITS)

    def __dealloc__(self):
        sip_table_free(&self._table)
        PyMem_RawFree(self._slots)
        PyMem_RawFree(self._headers)
        PyMem_RawFree(self._part_slots)
        PyMem_RawFree(self._texts)
        PyMem_RawFree(self._scratch)
        PyMem_RawFree(self._copy)

    cdef int _ask(self, int place, str name) except -1:
        """Note that a column goes into a slot."""
        cdef Wanted *wanted
        number = _NUMBERS.get(name)
        if number is not None:
            self._place[<int>number] = place
        if number is None or not bit(<int>number) & FACTS:
            self._part_slots[self._part_count] = place
            self._part_count += 1
        if number is None and ":" in name:
            kind, _, header = name.partition(":")
            wanted = &self._headers[self._headers_count]
            self._headers_count += 1
            self._header_names = (header, self._header_names)  # each owns its text
            wanted.name = <const uint8_t *>PyUnicode_AsUTF8AndSize(header, NULL)
            wanted.length = <uint32_t>len(header)
            wanted.header_id = sip_header_id(wanted.name, wanted.length)
            wanted.slot = place
            wanted.is_list = kind == "headers"
        elif number is None:
            self._is_odd = True
        return 0

    cdef bint _may_be_true_of_refused(self) noexcept:
        """Whether the condition can be true of bytes that are refused, which have no parts."""
        cdef int column
        set_parts(self, SIP_SLOT_NULL)
        for column in range(C_FILE, C_IS_REQUEST):
            self._slots[self._place[column]].state = SIP_SLOT_LATER
        for column in range(C_ERROR, C_ERROR_OFFSET + 1):
            self._slots[self._place[column]].state = SIP_SLOT_LATER
        return self._where.test(self._slots) & SIP_WHERE_TRUE != 0

    # ---- for Python ---------------------------------------------------------------------------------

    def begin(self, data, file, bint mapped) -> None:
        """The source of the messages that follow: its bytes, and its name."""
        cdef Py_buffer view
        self.ready()
        self.is_busy = True  # for what a buffer runs
        try:
            self._assembler.begin(data, mapped)
            PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
            self._base, self._base_size = <const uint8_t *>view.buf, view.len  # which the assembler holds
            PyBuffer_Release(&view)
            self._name_file(file)
        finally:
            self.is_busy = False

    cdef int _name_file(self, file) except -1:
        """Keep the name of the source, whose bytes come from the system, as text."""
        self._file, self._file_length = file, NO_FILE
        if file is not None:
            self._file_text = (<str?>file).encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode()
            self._file_name = <const uint8_t *>PyBytes_AS_STRING(self._file_text)
            self._file_length = <uint32_t>min(len(self._file_text), 0x7FFFFFFF)
        return 0

    def add(self, record) -> bool:
        """Take in one message; whether the batch is full then."""
        cdef int outcome
        self.ready()
        self._failed()
        self.is_busy = True  # for what a record runs
        try:
            outcome = self._added(record)
        finally:
            self.is_busy = False
        if outcome < 0:
            self._failed()
        return outcome == 1

    cdef int _added(self, record) except -2:
        cdef Py_buffer view
        cdef const uint8_t *text
        cdef bint in_source
        data = record.data
        PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
        try:
            text = <const uint8_t *>view.buf
            in_source = self._base <= text and text + view.len <= self._base + self._base_size
            self._record = record
            self._put_record(record)
            if self._where is not None and not self._asks_repeats and self._is_unwanted(text, view.len):
                return 0
            return self._taken_in(text, view.len, in_source, NULL)
        finally:
            PyBuffer_Release(&view)
            self._record = None

    def __len__(self):
        return len(self._assembler)

    def cut(self, uint32_t rows) -> None:
        """Leave out the rows after so many, and what they failed with."""
        self.check()
        self._failure = None
        self._is_pending = False
        self._assembler.cut(rows)
        self._count = min(self._count, <Py_ssize_t>rows)

    def take(self):
        """The batch of the rows so far, or None if there are none."""
        cdef int outcome
        self._failed()
        self.is_busy = True
        try:
            batch = self._assembler.take()
        finally:
            self.is_busy = False
        self._count = 0
        if self._is_pending:
            self._is_pending = False
            outcome = self._assembler.append(self._slots)
            if outcome != SIP_APPENDED:
                self._assembler.refuse(outcome)
            self._count = 1
        return batch

    cdef int ready(self) except -1:
        """Refuse messages: while in use, and while a row waits for the next batch with texts of its own."""
        self.check()
        if self._is_pending:
            raise ValueError("the batch is full")
        return 0

    cdef int _failed(self) except -1:
        """Raise what `row` could not."""
        self.check()
        failure, self._failure = self._failure, None
        if failure is not None:
            raise failure
        return 0

    # ---- a message ------------------------------------------------------------------------------------

    cdef int row(self, const uint8_t *text, size_t size, size_t readable, const sip_facts *facts) noexcept nogil:
        """Take in one message; 0, or 1 where the batch is full then, or -1 where `add` or `take` raises."""
        if facts.in_place:
            self._assembler.passed(text)
        if self._where is None or self._asks_repeats:
            put_facts(self, facts, self._asked)
        else:
            put_facts(self, facts, self._facts_first)
            if self._is_unwanted(text, size):
                return 0
            put_facts(self, facts, self._asked & ~self._facts_first)
        return self._taken_in(text, size, facts.in_place, facts)

    cdef bint _is_unwanted(self, const uint8_t *text, size_t size) noexcept nogil:
        """Whether facts and start line tell that the row is not wanted."""
        cdef sip_slot *slots = self._slots
        cdef int column
        cdef bint known
        set_parts(self, SIP_SLOT_LATER)
        known = self._start_first != 0 and look_at_start(self, text, size)
        if self._where.test(slots) & SIP_WHERE_TRUE:
            return False
        if not known or not self._refused_counts:
            return True
        for column in range(C_IS_REQUEST, C_STATUS + 1):  # it may be refused yet, and has no parts then
            slots[self._place[column]].state = SIP_SLOT_NULL
        return self._where.test(slots) & SIP_WHERE_TRUE == 0

    cdef int _taken_in(self, const uint8_t *text, size_t size, bint in_source, const sip_facts *facts) noexcept nogil:
        """Take in a message whose facts are in their slots; `in_source` says that it is a part of the source.

        A copy is read: nobody writes to it, and it has room after it.
        """
        cdef const uint8_t *source = text
        cdef uint32_t fault
        if unlikely(size > self._limits.size):
            return self._odd(text, size, facts)
        if unlikely(size >= self._copy_size) and not self._grow(size):  # an empty one needs the room after it
            return self._stopped(SIP_NO_MEMORY)
        memcpy(self._copy, text, size)
        text = self._copy
        self._state = SIP_SLOT_IN_PLACE if in_source and self._in_place else SIP_SLOT_COPIED
        self._shift = source - text if self._state == SIP_SLOT_IN_PLACE else 0
        self._scratch_used = self._texts_used = 0
        fault = 0
        if facts == NULL or facts.table == NULL or not adopt(
            &self._table, <const sip_table *>facts.table, text, <uint32_t>size
        ):
            fault = tokenize(text, 0, size, size + ROOM_AFTER, &self._limits, True, &self._table)
        if unlikely(fault != 0):
            return self._odd(text, size, facts)
        self._high = has_high(text + self._table.start, self._table.body - self._table.start)
        if self._asks_repeats:
            return self._repeated(text, size, facts)
        if self._where is not None:
            set_parts(self, SIP_SLOT_LATER if self._is_odd else SIP_SLOT_NULL)
            if unlikely(not put_parts(self, self._first) or (self._headers_first and not put_headers(self))):
                return self._odd(text, size, facts)
            if self._where.test(self._slots) & SIP_WHERE_TRUE == 0:
                return 0
        else:
            set_parts(self, SIP_SLOT_NULL)
        if unlikely(self._is_odd or not put_parts(self, self._asked & ~self._first)):
            return self._odd(text, size, facts)
        if unlikely(self._headers_count != 0 and not self._headers_first and not put_headers(self)):
            return self._odd(text, size, facts)
        return self._appended()

    cdef int _repeated(self, const uint8_t *text, size_t size, const sip_facts *facts) noexcept nogil:
        """Take in a message with what it repeats, which is told once: last of all that may not be plain."""
        cdef uint8_t[MOST_OF_KEY] key
        cdef uint32_t length
        cdef uint64_t path
        cdef bint is_duplicate
        set_parts(self, SIP_SLOT_NULL)
        if facts == NULL or self._is_odd or not put_parts(self, self._asked):
            return self._odd(text, size, facts)
        if self._headers_count != 0 and not put_headers(self):
            return self._odd(text, size, facts)
        if facts.has_time:
            length = read_key(&self._table, True, key)
            if length == 0:
                return self._odd(text, size, facts)
            path = of_path(facts)
            is_duplicate = self._datagrams.has(of_text(path, text, size), facts.time_ns)
            put_number(self, C_DUPLICATE, is_duplicate)
            put_number(
                self, C_RETRANSMISSION,
                not is_duplicate and self._messages.has(of_text(path, key, length), facts.time_ns),
            )
        if self._where is not None and self._where.test(self._slots) & SIP_WHERE_TRUE == 0:
            return 0
        return self._appended()

    cdef int _appended(self) noexcept nogil:
        """Append the row in the slots."""
        cdef int outcome = self._assembler.append(self._slots)
        if likely(outcome == SIP_APPENDED):
            self._count += 1
            return self._count >= self._most
        if outcome == SIP_FULL:
            self._is_pending = True
            return 1
        return self._stopped(outcome)

    cdef bint _grow(self, size_t size) noexcept nogil:
        """Make room for the copy of a message."""
        cdef uint8_t *grown
        size = max(size, 2 * self._copy_size, <size_t>4096)
        grown = <uint8_t *>PyMem_RawRealloc(self._copy, size + ROOM_AFTER)
        if grown == NULL:
            return False
        memset(grown, 0, size + ROOM_AFTER)
        self._copy, self._copy_size = grown, size
        return True

    # ---- by the definition ------------------------------------------------------------------------------

    cdef int _stopped(self, int outcome) noexcept with gil:
        """Keep the error of an append, for `_failed` to raise."""
        try:
            self._assembler.refuse(outcome)
        except BaseException as failure:
            self._failure = failure
        return -1

    cdef int _odd(self, const uint8_t *text, size_t size, const sip_facts *facts) noexcept with gil:
        """Take in a message as the typed properties read it."""
        try:
            return self._read(PyBytes_FromStringAndSize(<const char *>text, size), facts)
        except BaseException as failure:
            self._failure = failure
        return -1

    cdef int _read(self, bytes data, const sip_facts *facts) except -2:
        cdef Py_ssize_t place
        record = self._record
        if facts != NULL:
            record = record_of(facts, data, self._file, _reader.record)
        else:
            record = record._replace(data=data)
        try:
            message = _reader.parse(data)
        except ParseError as refused:
            message = refused
        values = tuple(self._rows.read(message, record))
        if len(values) != self._slot_count:
            raise ValueError(f"{self._slot_count} columns, but {len(values)} values")
        self._texts_used = 0
        self._values = values  # which own the texts until the row is appended
        for place in range(self._slot_count):
            self._put_value(place, values[place])
        if self._where is not None and self._where.test(self._slots) & SIP_WHERE_TRUE == 0:
            return 0
        if self._errors is not None and values[len(values) - 1] is not None:
            if self._errors == "skip":
                self.left_out += 1
                return 0
            raise self._rows.fault
        return self._appended()

    cdef int _put_value(self, Py_ssize_t place, value) except -1:
        """Put a value of the definition into its slot, where nobody may ask for it."""
        cdef sip_slot *slot = &self._slots[place]
        cdef Py_ssize_t size
        cdef sip_text *texts
        cdef int kind
        slot.state = SIP_SLOT_NULL
        if value is None or place == self._slot_count:
            return 0
        kind = <uint8_t>PyBytes_AS_STRING(self._types)[place]
        if kind == SIP_TEXT:
            slot.text = <const uint8_t *>PyUnicode_AsUTF8AndSize(value, &size)
            slot.length = <uint32_t>size
            slot.state = SIP_SLOT_COPIED
        elif kind == SIP_TEXTS:
            value = <tuple?>value
            texts = self._texts + self._texts_used
            if len(value) > MOST_TEXTS - self._texts_used:
                packed = bytes(len(value) * sizeof(sip_text))
                self._values = (packed, *self._values)
                texts = <sip_text *>PyBytes_AS_STRING(packed)
            else:
                self._texts_used += len(value)
            slot.text, slot.length, slot.state = <const uint8_t *>texts, <uint32_t>len(value), SIP_SLOT_COPIED
            for item in value:
                texts.text = <const uint8_t *>PyUnicode_AsUTF8AndSize(item, &size)
                texts.length = <uint32_t>size
                texts += 1
        else:
            slot.number = value
            slot.state = SIP_SLOT_NUMBER
        return 0

    cdef int _put_record(self, record) except -1:
        """Put the facts of a record into their slots."""
        cdef int column
        cdef tuple facts
        facts = self._facts = (
            None, record.packet, record.offset, fitting(record.time_ns), record.transport,
            record.source, record.source_port, record.destination, record.destination_port,
        )
        for column in range(C_PACKET, C_IS_REQUEST):
            self._put_value(self._place[column], facts[column])
        if record.file is not self._file:
            self._name_file(record.file)
        put_file(self)
        return 0


cdef bint adopt(sip_table *table, const sip_table *other, const uint8_t *text, uint32_t size) noexcept nogil:
    """Take over the table of a message, of which `text` is a copy; False if that takes more.

    Somebody may have written to the message before it was copied: each span is checked once more.
    """
    cdef uint32_t i, heap_capacity = table.heap_capacity, max_headers = table.max_headers
    cdef void *heap = table.heap
    cdef uint32_t *late = table.late
    cdef const sip_span *span = <const sip_span *>other.inline_spans
    if other.spans != span or other.end != size or other.body > size or other.line_end > size:
        return False
    if other.target_at > size or other.target_length > size - other.target_at:
        return False
    if other.start > size or other.method_length > size - other.start:
        return False
    if other.version_at > size or other.version_length > size - other.version_at:
        return False
    for i in range(other.count):
        if span.value > size or span.value_length > size - span.value or span.name > size:
            return False
        if span.tag >> NAME_SHIFT > size - span.name:
            return False
        span += 1
    memcpy(table, other, <const uint8_t *>span - <const uint8_t *>other)
    table.data = text
    table.spans = table.inline_spans
    table.heap, table.heap_capacity, table.late = heap, heap_capacity, late
    table.max_headers = max_headers
    table.stop = size
    return True


cdef object fitting(time):
    """A time, or None if its column cannot hold it: files may have times of any number."""
    return time if time is not None and -(1 << 63) <= time < 1 << 63 else None


cdef void *memory(size_t count, size_t size) except NULL:
    cdef void *found = PyMem_RawCalloc(max(count, <size_t>1), size)
    if found == NULL:
        raise MemoryError
    return found


cdef object record_of(const sip_facts *facts, bytes data, file, kind):
    """What `sipfast.open` gives for the same message."""
    cdef uint8_t[LONGEST_ADDRESS] text
    cdef bint has_ends = facts.family != 0
    source = destination = None
    if has_ends:
        source = PyBytes_FromStringAndSize(<const char *>text, put_address(text, facts.source, facts.family)).decode()
        destination = PyBytes_FromStringAndSize(
            <const char *>text, put_address(text, facts.destination, facts.family)
        ).decode()
    return kind(
        data, facts.offset, facts.packet, facts.time_ns if facts.has_time else None,
        source, facts.source_port if has_ends else None,
        destination, facts.destination_port if has_ends else None,
        _TRANSPORTS[facts.transport], bool(facts.is_cut), file,
    )


# ---- into the slots ----------------------------------------------------------------------------------


cdef inline void set_parts(Builder self, uint8_t state) noexcept nogil:
    """Set the slots of all that is read of the message."""
    cdef int i
    for i in range(self._part_count):
        self._slots[self._part_slots[i]].state = state


cdef inline void put_number(Builder self, int column, int64_t number) noexcept nogil:
    cdef sip_slot *slot = &self._slots[self._place[column]]
    slot.number = number
    slot.state = SIP_SLOT_NUMBER


cdef inline void put_copied(Builder self, int column, const uint8_t *text, uint32_t length) noexcept nogil:
    cdef sip_slot *slot = &self._slots[self._place[column]]
    slot.text = text
    slot.length = length
    slot.state = SIP_SLOT_COPIED


cdef inline void put_file(Builder self) noexcept nogil:
    put_copied(self, C_FILE, self._file_name, self._file_length)
    if self._file_length == NO_FILE:
        self._slots[self._place[C_FILE]].state = SIP_SLOT_NULL


cdef inline bint put(Builder self, int column, const Field *field, uint32_t at, uint32_t end) noexcept nogil:
    """Put a part of a text into a slot; False where it is not UTF-8."""
    cdef sip_slot *slot = &self._slots[self._place[column]]
    slot.text = field.text + at + field.shift
    slot.length = end - at
    slot.state = field.state
    return likely(not self._high) or is_utf8(field.text + at, end - at)


cdef inline uint32_t put_address(uint8_t *text, const uint8_t *address, uint8_t family) noexcept nogil:
    return put_ipv4(text, address) if family == 4 else put_ipv6(text, address)


cdef inline void put_facts(Builder self, const sip_facts *facts, uint64_t asked) noexcept nogil:
    """Put the facts that are asked for into their slots."""
    cdef sip_slot *slots = self._slots
    cdef int *place = self._place
    if asked & bit(C_FILE):
        put_file(self)
    if asked & bit(C_PACKET):
        put_number(self, C_PACKET, facts.packet)
    if asked & bit(C_OFFSET):
        put_number(self, C_OFFSET, facts.offset)
    if asked & bit(C_TIME):
        put_number(self, C_TIME, facts.time_ns)
        if not facts.has_time:
            slots[place[C_TIME]].state = SIP_SLOT_NULL
    if asked & bit(C_TRANSPORT):
        put_copied(self, C_TRANSPORT, transport_name(facts.transport), transport_length(facts.transport))
        if facts.transport == 0:
            slots[place[C_TRANSPORT]].state = SIP_SLOT_NULL
    if unlikely(facts.family == 0):
        slots[place[C_SOURCE_ADDRESS]].state = slots[place[C_SOURCE_PORT]].state = SIP_SLOT_NULL
        slots[place[C_DESTINATION_ADDRESS]].state = slots[place[C_DESTINATION_PORT]].state = SIP_SLOT_NULL
        return
    if asked & bit(C_SOURCE_ADDRESS):
        put_copied(self, C_SOURCE_ADDRESS, self._source, put_address(self._source, facts.source, facts.family))
    if asked & bit(C_SOURCE_PORT):
        put_number(self, C_SOURCE_PORT, facts.source_port)
    if asked & bit(C_DESTINATION_ADDRESS):
        put_copied(
            self, C_DESTINATION_ADDRESS, self._destination,
            put_address(self._destination, facts.destination, facts.family),
        )
    if asked & bit(C_DESTINATION_PORT):
        put_number(self, C_DESTINATION_PORT, facts.destination_port)


cdef bint look_at_start(Builder self, const uint8_t *text, size_t size) noexcept nogil:
    """Put method and status into their slots as the tokenizer will find them, unless it refuses the message.

    False where that cannot be told.
    """
    cdef size_t at = after_line_ends(text, 0, size), end
    if starts_like_sip(text, at, size):
        at += 4
        while at < size and not is_space(text[at]):
            if text[at] == c"\n":
                return False
            at += 1
        while at < size and is_space(text[at]):
            at += 1
        if size - at < 4 or not (is_digit(text[at]) and is_digit(text[at + 1]) and is_digit(text[at + 2])):
            return False
        put_number(self, C_IS_REQUEST, False)
        put_number(self, C_STATUS, 100 * (text[at] - c"0") + 10 * (text[at + 1] - c"0") + text[at + 2] - c"0")
        self._slots[self._place[C_METHOD]].state = SIP_SLOT_NULL
        return True
    end = past(text + at, 0, <uint32_t>min(size - at, <size_t>LONGEST_METHOD), IN_TOKEN)
    if end == 0 or end == LONGEST_METHOD or at + end == size or not is_space(text[at + end]):
        return False
    put_number(self, C_IS_REQUEST, True)
    put_copied(self, C_METHOD, text + at, <uint32_t>end)
    self._slots[self._place[C_STATUS]].state = SIP_SLOT_NULL
    return True


cdef inline void clear_parts(Part *parts) noexcept nogil:
    """Have no part.  (A call of memset takes longer.)"""
    parts[0].stop = parts[1].stop = parts[2].stop = parts[3].stop = 0
    parts[4].stop = parts[5].stop = parts[6].stop = parts[7].stop = 0


# ---- of a message --------------------------------------------------------------------------------------

cdef inline bint point(Builder self, Py_ssize_t index, Field *field) noexcept nogil:
    """Point to a header field's value, unfolded; False where it does not fit."""
    cdef sip_span *span = &self._table.spans[index]
    field.text = self._table.data + span.value
    field.length = span.value_length
    field.shift = self._shift
    field.state = self._state
    return likely(not span.tag & FOLDED) or unfolded(self, field)


cdef bint unfolded(Builder self, Field *field) noexcept nogil:
    cdef uint8_t *out = room_for(self, field.length)
    if out == NULL:
        return False
    take_room(self, field, out, unfold_into(out, field.text, field.length))
    return True


cdef inline uint8_t *room_for(Builder self, uint32_t size) noexcept nogil:
    """Where text of this size can be written, or NULL."""
    return NULL if size > SCRATCH - self._scratch_used else self._scratch + self._scratch_used


cdef inline void take_room(Builder self, Field *field, const uint8_t *text, size_t size) noexcept nogil:
    """Point to a text that was written to that room."""
    field.text, field.length, field.shift, field.state = text, <uint32_t>size, 0, SIP_SLOT_COPIED
    self._scratch_used += size


cdef inline Py_ssize_t first(Builder self, uint32_t header_id) noexcept nogil:
    return sip_table_first(&self._table, header_id)


cdef inline bint first_item(Field *field) noexcept nogil:
    """Keep the first value of a comma list; False where that is not plain."""
    cdef uint32_t at = 0
    cdef uint64_t end
    if likely(memchr(field.text, c",", field.length) == NULL):
        return True
    end = past_listed(field.text, 0, field.length)
    if end > field.length:
        return False
    at = past_space(field.text, 0, <uint32_t>end)
    field.length = before_space(field.text, at, <uint32_t>end) - at
    field.text += at
    return field.length != 0


cdef inline bint put_parameter(
    Builder self, int column, const Field *field, Part *parts, const uint8_t *name, uint32_t size
) noexcept nogil:
    """Put a parameter's value into a slot; False where it is not plain."""
    cdef int64_t found = find_parameter(field.text, parts, c";", name, size)
    cdef uint32_t at, end
    cdef const uint8_t *text
    if found < 0:
        return True
    at = <uint32_t>found
    if at == 0:
        return put(self, column, field, 0, 0)
    end = past_parameter(field.text, at, stop(parts, PARAMETERS), c";", parts)
    at = past_space(field.text, at, end)
    end = before_space(field.text, at, end)
    if unlikely(at < end and field.text[at] == c'"'):
        return put_unquoted(self, column, field, at, end)
    return put(self, column, field, at, end)


cdef bint put_unquoted(Builder self, int column, const Field *field, uint32_t at, uint32_t end) noexcept nogil:
    """Put what a quoted string says, or a text as it stands, into a slot; False where that is not plain."""
    cdef const uint8_t *text = field.text + at
    cdef uint32_t size = end - at
    cdef Field said
    cdef char *out
    if likely(take_quotes(&text, &size)):
        at = <uint32_t>(text - field.text)
        return put(self, column, field, at, at + size)
    out = <char *>room_for(self, size)
    if out == NULL:
        return False
    take_room(self, &said, <uint8_t *>out, without_pairs(out, text, size) - out)
    return put(self, column, &said, 0, said.length)


cdef bint put_unescaped(Builder self, int column, const Field *field, uint32_t at, uint32_t end) noexcept nogil:
    """Put a text with each %HH read into a slot; False where that is not plain."""
    cdef char *out
    cdef Field said
    if likely(memchr(field.text + at, c"%", end - at) == NULL):
        return put(self, column, field, at, end)
    out = <char *>room_for(self, end - at)
    if out == NULL:
        return False
    take_room(self, &said, <uint8_t *>out, without_escapes(out, field.text + at, end - at) - out)
    self._high = True  # of what was escaped, too
    return put(self, column, &said, 0, said.length)


cdef bint number_parameter(
    const Field *field, Part *parts, const uint8_t *name, uint32_t size, int64_t most, int64_t *number
) noexcept nogil:
    """The number of a parameter, -1 without one; False where that is not plain."""
    cdef int64_t found = find_parameter(field.text, parts, c";", name, size)
    cdef uint32_t at, end
    number[0] = -1
    if found < 0:
        return True
    at = <uint32_t>found
    if at == 0:
        return False
    end = past_parameter(field.text, at, stop(parts, PARAMETERS), c";", parts)
    at = past_space(field.text, at, end)
    end = before_space(field.text, at, end)
    if at == end or end - at > 10 or past(field.text, at, end, DIGIT) != end:
        return False
    for at in range(at, end):
        number[0] = 10 * max(number[0], <int64_t>0) + field.text[at] - c"0"
    return number[0] <= most


cdef bint put_uri(Builder self, int user, const Field *field, uint32_t at, uint32_t end) noexcept nogil:
    """Put user and host of a URI into their slots; False where that is not plain."""
    cdef Part[ALL_PARTS] parts
    cdef Field uri = field[0]
    cdef int scheme
    cdef uint32_t i
    uri.text += at
    uri.length = end - at
    scheme = scheme_of(uri.text, uri.length)
    if unlikely(scheme != OF_SIP and scheme != OF_SIPS and scheme != OF_TEL):
        return False
    clear_parts(parts)
    if unlikely(split_uri(uri.text, uri.length, scheme, parts) != 0):
        return False
    if unlikely(scheme == OF_TEL):
        for i in range(begin(parts, HOST), stop(parts, HOST)):
            if uri.text[i] == c"-" or c"(" <= uri.text[i] <= c")" or uri.text[i] == c".":
                return False
        return put(self, user, &uri, begin(parts, HOST), stop(parts, HOST))
    if has(parts, USER):
        if unlikely(not put_unescaped(self, user, &uri, begin(parts, USER), stop(parts, USER))):
            return False
    return put(self, user + HOST_, &uri, begin(parts, HOST), stop(parts, HOST))


cdef inline void put_plain(Builder self, int column, const Field *field, const sip_part *part) noexcept nogil:
    """Put a part into a slot, if it is there; plain parts are UTF-8, or are looked at by the caller."""
    cdef sip_slot *slot = &self._slots[self._place[column]]
    if part.at != 0:
        slot.text = field.text + part.at + field.shift
        slot.length = part.end - part.at
        slot.state = field.state


cdef inline bint put_plain_address(Builder self, int user, const Field *field, const sip_plain *plain) noexcept nogil:
    put_plain(self, user, field, &plain.user)
    put_plain(self, user + HOST_, field, &plain.host)
    put_plain(self, user + DISPLAY_, field, &plain.display)
    return likely(not self._high) or is_utf8(field.text, field.length)


cdef bint put_party(Builder self, uint32_t header_id, int user, uint64_t asked) noexcept nogil:
    """Put the parts of From or To into their slots; False where they are not plain."""
    cdef Py_ssize_t index = first(self, header_id)
    cdef Field field
    cdef sip_plain plain
    cdef sip_part tag
    cdef Part[ALL_PARTS] parts
    if unlikely(index < 0):
        return True
    if unlikely(not point(self, index, &field)):
        return False
    if likely(_PLAIN and plain_address(field.text, field.length, &plain)):
        if asked & bit(user + TAG_):
            if likely(plain_parameter(field.text, plain.rest, field.length, b";tag=", 5, c'"', &tag)):
                put_plain(self, user + TAG_, &field, &tag)
                return put_plain_address(self, user, &field, &plain)
        elif likely(memchr(field.text + plain.rest, c'"', field.length - plain.rest) == NULL):
            return put_plain_address(self, user, &field, &plain)
    clear_parts(parts)
    if unlikely(split_address(field.text, field.length, parts) != 0):
        return False
    if asked & (bit(user) | bit(user + HOST_)):
        if unlikely(not put_uri(self, user, &field, begin(parts, ADDRESS), stop(parts, ADDRESS))):
            return False
    if asked & bit(user + DISPLAY_) and has(parts, DISPLAY_NAME):
        if unlikely(not put_unquoted(self, user + DISPLAY_, &field, begin(parts, DISPLAY_NAME), stop(parts, DISPLAY_NAME))):
            return False
    return not asked & bit(user + TAG_) or put_parameter(self, user + TAG_, &field, parts, b"tag", 3)


cdef bint put_via(Builder self, uint64_t asked) noexcept nogil:
    cdef Py_ssize_t index = first(self, SIP_HEADER_VIA)
    cdef Field field
    cdef sip_plain plain
    cdef sip_part branch
    cdef Part[ALL_PARTS] parts
    if unlikely(index < 0):
        return True
    if asked & bit(C_VIA_COUNT):
        if unlikely(not put_via_count(self, index)):
            return False
        if not asked & (bit(C_VIA_HOST) | bit(C_VIA_BRANCH)):
            return True
    if unlikely(not point(self, index, &field)):
        return False
    if likely(_PLAIN and not self._high and plain_via(field.text, field.length, &plain)):
        if likely(plain_parameter(field.text, plain.rest, field.length, b";branch=", 8, c",", &branch)):
            put_plain(self, C_VIA_HOST, &field, &plain.host)
            put_plain(self, C_VIA_BRANCH, &field, &branch)
            return True
    if unlikely(not first_item(&field)):
        return False
    clear_parts(parts)
    if unlikely(split_via(field.text, field.length, parts) != 0):
        return False
    if asked & bit(C_VIA_HOST) and not put(self, C_VIA_HOST, &field, begin(parts, HOST), stop(parts, HOST)):
        return False
    return not asked & bit(C_VIA_BRANCH) or put_parameter(self, C_VIA_BRANCH, &field, parts, b"branch", 6)


cdef bint put_via_count(Builder self, Py_ssize_t index) noexcept nogil:
    """Put the number of Via values, from this field on; False where one of them is not plain."""
    cdef Field field
    cdef uint32_t at, begun, end
    cdef uint64_t stop
    cdef int64_t count = 0, before
    while index >= 0:
        if unlikely(not point(self, index, &field)):
            return False
        before = count
        at = 0
        while at <= field.length:
            stop = field.length
            if unlikely(memchr(field.text + at, c",", field.length - at) != NULL):
                stop = past_listed(field.text, at, field.length)
                if stop > field.length:
                    return False
            begun = past_space(field.text, at, <uint32_t>stop)
            end = before_space(field.text, begun, <uint32_t>stop)
            if end > begun:
                if unlikely(not is_via(self, field.text + begun, end - begun)):
                    return False
                count += 1
            at = <uint32_t>stop + 1
        if unlikely(count == before):
            return False
        index = sip_table_next(&self._table, index)
    put_number(self, C_VIA_COUNT, count)
    return True


cdef inline bint is_via(Builder self, const uint8_t *text, uint32_t length) noexcept nogil:
    """Whether a Via value can be read."""
    cdef sip_plain plain
    cdef sip_part branch
    cdef Part[ALL_PARTS] parts
    if likely(_PLAIN and not self._high and plain_via(text, length, &plain)):
        if likely(plain_parameter(text, plain.rest, length, b";branch=", 8, c",", &branch)):
            return True
    clear_parts(parts)
    return split_via(text, length, parts) == 0


cdef bint put_contact(Builder self, uint64_t asked) noexcept nogil:
    cdef Py_ssize_t index = first(self, SIP_HEADER_CONTACT)
    cdef Field field
    cdef sip_plain plain
    cdef Part[ALL_PARTS] parts
    cdef int64_t number
    if index < 0:
        return True
    if unlikely(not point(self, index, &field) or not first_item(&field)):
        return False
    if field.length == 1 and field.text[0] == c"*":
        return True
    if (
        _PLAIN and not self._high and plain_address(field.text, field.length, &plain)
        and memchr(field.text + plain.rest, c'"', field.length - plain.rest) == NULL
    ):
        put_plain(self, C_CONTACT_USER, &field, &plain.user)
        put_plain(self, C_CONTACT_HOST, &field, &plain.host)
        if not asked & bit(C_CONTACT_EXPIRES) or plain.rest == field.length:
            return True
    clear_parts(parts)
    if unlikely(split_address(field.text, field.length, parts) != 0):
        return False
    if asked & bit(C_CONTACT_EXPIRES):
        if unlikely(not number_parameter(&field, parts, b"expires", 7, 0xFFFFFFFF, &number)):
            return False
        if number >= 0:
            put_number(self, C_CONTACT_EXPIRES, number)
    if asked & (bit(C_CONTACT_USER) | bit(C_CONTACT_HOST)):
        return put_uri(self, C_CONTACT_USER, &field, begin(parts, ADDRESS), stop(parts, ADDRESS))
    return True


cdef bint put_cseq(Builder self) noexcept nogil:
    cdef Py_ssize_t index = first(self, SIP_HEADER_CSEQ)
    cdef Field field
    cdef Part[ALL_PARTS] parts
    cdef uint32_t at, end
    cdef int64_t number
    if unlikely(index < 0):
        return True
    if unlikely(not point(self, index, &field)):
        return False
    number = at = 0
    while at < min(field.length, <uint32_t>9) and is_digit(field.text[at]):
        number = 10 * number + field.text[at] - c"0"
        at += 1
    if likely(0 < at and at + 1 < field.length and field.text[at] == c" "):
        if likely(past(field.text, at + 1, field.length, IN_TOKEN) == field.length):
            put_number(self, C_CSEQ_NUMBER, number)
            return put(self, C_CSEQ_METHOD, &field, at + 1, field.length)
    clear_parts(parts)
    split_words(field.text, field.length, 2, parts)
    at, end = begin(parts, SECOND), stop(parts, SECOND)
    if unlikely(at == end or past(field.text, at, end, IN_TOKEN) != end):
        return False
    number = number_of(field.text, parts, FIRST)
    if unlikely(number < 0 or number > 0x7FFFFFFF):
        return False
    put_number(self, C_CSEQ_NUMBER, number)
    return put(self, C_CSEQ_METHOD, &field, at, end)


cdef bint put_expires(Builder self) noexcept nogil:
    cdef Py_ssize_t index = first(self, SIP_HEADER_EXPIRES)
    cdef Field field
    cdef Part[ALL_PARTS] parts
    cdef int64_t number
    if index < 0:
        return True
    if unlikely(not point(self, index, &field)):
        return False
    clear_parts(parts)
    split_words(field.text, field.length, 1, parts)
    number = number_of(field.text, parts, FIRST)
    put_number(self, C_EXPIRES, number)
    return number >= 0 and number <= <int64_t>0xFFFFFFFF


cdef bint put_content_type(Builder self) noexcept nogil:
    cdef Py_ssize_t index = first(self, SIP_HEADER_CONTENT_TYPE)
    cdef Field field
    cdef Part[ALL_PARTS] parts
    if index < 0:
        return True
    if unlikely(not point(self, index, &field)):
        return False
    clear_parts(parts)
    if unlikely(split_media(field.text, field.length, parts) != 0 or begin(parts, SECOND) != stop(parts, FIRST) + 1):
        return False
    return put_lowered(self, C_CONTENT_TYPE, &field, stop(parts, SECOND))


cdef bint put_lowered(Builder self, int column, const Field *field, uint32_t end) noexcept nogil:
    """Put the text up to `end` into a slot, in lower case; False where there is no room for it."""
    cdef uint8_t *out
    cdef Field said
    cdef uint32_t i
    for i in range(end):
        if unlikely(c"A" <= field.text[i] <= c"Z"):
            break
    else:
        return put(self, column, field, 0, end)
    out = room_for(self, end)
    if out == NULL:
        return False
    for i in range(end):
        out[i] = lower(field.text[i])
    take_room(self, &said, out, end)
    return put(self, column, &said, 0, end)


cdef bint put_cause(Builder self) noexcept nogil:
    cdef Py_ssize_t index = first(self, SIP_HEADER_REASON)
    cdef Field field
    cdef Part[ALL_PARTS] parts
    cdef int64_t number
    if likely(index < 0):
        return True
    if not point(self, index, &field) or sip_table_next(&self._table, index) >= 0:
        return False
    if memchr(field.text, c",", field.length) != NULL:
        return False
    clear_parts(parts)
    if split_item(field.text, field.length, parts) != 0 or begin(parts, FIRST) == stop(parts, FIRST):
        return False
    if not number_parameter(&field, parts, b"cause", 5, 0x7FFFFFFF, &number):
        return False
    if number >= 0:
        put_number(self, C_REASON_CAUSE, number)
    return True


# ---- of a session description, as `sdp/description.py` reads its first media ---------------------------

cdef enum:
    PAYLOAD_TYPES = 128

cdef list _STATIC = [
    STATIC_PAYLOADS[number].encoding.encode() if number in STATIC_PAYLOADS else None for number in range(PAYLOAD_TYPES)
]
cdef sip_text[PAYLOAD_TYPES] _STATIC_CODECS


cdef int point_at_codecs() except -1:
    cdef Py_ssize_t i
    for i in range(PAYLOAD_TYPES):
        if _STATIC[i] is not None:
            _STATIC_CODECS[i].text = <const uint8_t *>PyBytes_AS_STRING(_STATIC[i])
            _STATIC_CODECS[i].length = <uint32_t>PyBytes_GET_SIZE(_STATIC[i])
    return 0


point_at_codecs()


cdef struct Described:  # places in the body; an end of 0: it is not there
    uint32_t connection, connection_end
    uint32_t media, media_end
    int direction


cdef inline int direction_of(const uint8_t *line, uint32_t size) noexcept nogil:
    """What a line says of the direction: the more it allows the higher; 0 for another line."""
    if size != 10 or line[0] != c"a":
        return 0
    if memcmp(line, b"a=sendrecv", 10) == 0:
        return 4
    if memcmp(line, b"a=sendonly", 10) == 0:
        return 3
    if memcmp(line, b"a=recvonly", 10) == 0:
        return 2
    return memcmp(line, b"a=inactive", 10) == 0


cdef bint put_sdp(Builder self) noexcept nogil:
    """Put what a session description says into its slots; False where that is not plain."""
    cdef sip_table *table = &self._table
    cdef Py_ssize_t index = first(self, SIP_HEADER_CONTENT_TYPE)
    cdef Field field
    cdef Part[ALL_PARTS] parts
    cdef Described session, media
    cdef Described *part = &session
    cdef const uint8_t *text = table.data + table.body
    cdef uint32_t size = table.end - table.body, at = 0, end, line_end
    cdef sip_text[PAYLOAD_TYPES] codecs
    cdef bint has_media = False
    if index < 0:
        return True
    if not point(self, index, &field) or first(self, SIP_HEADER_CONTENT_ENCODING) >= 0:
        return False
    clear_parts(parts)
    if split_media(field.text, field.length, parts) != 0 or begin(parts, SECOND) != stop(parts, FIRST) + 1:
        return False
    if not is_word(&field, parts, SECOND, b"sdp", 3) or not is_word(&field, parts, FIRST, b"application", 11):
        return not is_word(&field, parts, FIRST, b"multipart", 9)
    if size < 2 or memcmp(text, b"v=", 2) != 0:
        return False
    memset(&session, 0, sizeof(Described))
    memset(&media, 0, sizeof(Described))
    memcpy(codecs, _STATIC_CODECS, sizeof(codecs))
    while at < size:
        end = find(text, at, size, c"\n")
        line_end = end
        while line_end > at and (is_space(text[line_end - 1]) or text[line_end - 1] == c"\r"):
            line_end -= 1
        if line_end - at >= 2 and text[at + 1] == c"=":
            if text[at] == c"m":
                if has_media:
                    break
                has_media = True
                part = &media
                media.media, media.media_end = at + 2, line_end
            elif text[at] == c"c":
                if part.connection == 0:
                    part.connection, part.connection_end = at + 2, line_end
            elif text[at] == c"a":
                part.direction = max(part.direction, direction_of(text + at, line_end - at))
                if has_media and line_end - at > 9 and memcmp(text + at, b"a=rtpmap:", 9) == 0:
                    if not read_rtpmap(text, at + 9, line_end, codecs):
                        return False
        at = end + 1
    field = Field(text, size, self._state, self._shift)
    if not put_connection(self, &field, part if part.connection != 0 else &session):
        return False
    put_direction(self, media.direction if media.direction else session.direction)
    return not has_media or put_media(self, &field, media.media, media.media_end, codecs)


cdef inline bint is_word(const Field *field, Part *parts, int part, const char *word, uint32_t size) noexcept nogil:
    """Whether a part is this word, in any case."""
    cdef uint32_t at = begin(parts, part), i
    if stop(parts, part) - at != size:
        return False
    for i in range(size):
        if lower(field.text[at + i]) != <uint8_t>word[i]:
            return False
    return True


cdef void put_direction(Builder self, int direction) noexcept nogil:
    cdef const char **words = ["sendrecv", "inactive", "recvonly", "sendonly", "sendrecv"]
    put_copied(self, C_SDP_DIRECTION, <const uint8_t *>words[direction], 8)


cdef bint put_connection(Builder self, const Field *body, const Described *of) noexcept nogil:
    """Put the address of a line c= into its slot; False unless it has three words and no slash."""
    cdef uint32_t at = of.connection, end = of.connection_end, word = at, i, words = 1
    if at == 0:
        return True
    for i in range(at, end):
        if body.text[i] == c" ":
            if i == word:
                return False
            word = i + 1
            words += 1
    if words != 3 or word == end or memchr(body.text + word, c"/", end - word) != NULL:
        return False
    return put_of_body(self, C_SDP_ADDRESS, body, word, end)


cdef inline bint put_of_body(Builder self, int column, const Field *body, uint32_t at, uint32_t end) noexcept nogil:
    cdef bint high = self._high
    cdef bint plain
    self._high = True  # that was of the header
    plain = put(self, column, body, at, end)
    self._high = high
    return plain


cdef inline int64_t short_number(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    """The value of one to nine digits, or -1."""
    cdef int64_t value = 0
    if at >= end or end - at > 9 or past(text, at, end, DIGIT) != end:
        return -1
    for at in range(at, end):
        value = 10 * value + text[at] - c"0"
    return value


cdef bint read_rtpmap(const uint8_t *text, uint32_t at, uint32_t end, sip_text *codecs) noexcept nogil:
    """Note the codec of a payload type, unless an earlier line did; False where the line is not plain."""
    cdef uint32_t space = find(text, at, end, c" "), slash, last
    cdef int64_t number = short_number(text, at, space)
    if number < 0 or number >= PAYLOAD_TYPES or space == end or find(text, space + 1, end, c" ") != end:
        return False
    slash = find(text, space + 1, end, c"/")
    if slash == space + 1 or slash == end:
        return False
    last = find(text, slash + 1, end, c"/")
    if short_number(text, slash + 1, last) < 0 or last + 1 == end:
        return False
    if last != end and find(text, last + 1, end, c"/") != end:
        return False
    if codecs[number].text == NULL or codecs[number].text == _STATIC_CODECS[number].text:
        codecs[number].text, codecs[number].length = text + space + 1, slash - space - 1
    return True


cdef bint put_media(
    Builder self, const Field *body, uint32_t at, uint32_t end, const sip_text *codecs
) noexcept nogil:
    """Put port and codecs of a line m= into their slots; False where that is not plain."""
    cdef const uint8_t *text = body.text
    cdef uint32_t stop, word = 0
    cdef int64_t number
    cdef bint is_rtp = False
    cdef sip_text *found = self._texts + self._texts_used
    cdef sip_slot *slot = &self._slots[self._place[C_SDP_CODECS]]
    slot.text, slot.length, slot.state = <const uint8_t *>found, 0, SIP_SLOT_COPIED
    while at < end:
        stop = find(text, at, end, c" ")
        if stop == at:
            return False
        if word == 1:
            number = short_number(text, at, stop)
            if number < 0 or number > 65535:
                return False
            put_number(self, C_SDP_PORT, number)
        elif word == 2:
            is_rtp = has_rtp(text, at, stop)
        elif word > 2 and is_rtp:
            number = short_number(text, at, stop)
            if number < 0:
                return False
            if number < PAYLOAD_TYPES and codecs[number].text != NULL:
                if self._texts_used == MOST_TEXTS or not is_utf8(codecs[number].text, codecs[number].length):
                    return False
                found[slot.length] = codecs[number]
                slot.length += 1
                self._texts_used += 1
        word += 1
        at = stop + 1
    return word > 2


cdef inline bint has_rtp(const uint8_t *text, uint32_t at, uint32_t end) noexcept nogil:
    """Whether a protocol has RTP/ in its name."""
    while at + 4 <= end:
        if memcmp(text + at, b"RTP/", 4) == 0:
            return True
        at += 1
    return False


# ---- all of it ---------------------------------------------------------------------------------------------

cdef inline bint put_whole(Builder self, int column, Py_ssize_t index) noexcept nogil:
    """Put a header field's value into a slot as it stands."""
    cdef Field field
    return point(self, index, &field) and put(self, column, &field, 0, field.length)


cdef inline bint put_of_line(Builder self, int column, uint32_t at, uint32_t length) noexcept nogil:
    """Put a part of the start line into a slot."""
    cdef Field field = Field(self._table.data, self._table.line_end, self._state, self._shift)
    return put(self, column, &field, at, at + length)


cdef bint put_parts(Builder self, uint64_t asked) noexcept nogil:
    """Put what is asked for of a message into its slots; False where some of it is not plain."""
    cdef sip_table *table = &self._table
    cdef Py_ssize_t index
    cdef Field line
    cdef bint is_request = table.method_length != 0
    if asked & bit(C_IS_REQUEST):
        put_number(self, C_IS_REQUEST, is_request)
    if is_request:
        if asked & bit(C_METHOD):
            put_of_line(self, C_METHOD, table.start, table.method_length)
        if asked & bit(C_URI) and not put_of_line(self, C_URI, table.target_at, table.target_length):
            return False
        if asked & OF_URI:
            line = Field(table.data, table.line_end, self._state, self._shift)
            if not put_uri(self, C_URI_USER, &line, table.target_at, table.target_at + table.target_length):
                return False
    else:
        if asked & bit(C_STATUS):
            put_number(self, C_STATUS, table.status_code)
        if asked & bit(C_REASON) and not put_of_line(self, C_REASON, table.target_at, table.target_length):
            return False
    if asked & OF_VIA and not put_via(self, asked):
        return False
    if asked & OF_FROM and not put_party(self, SIP_HEADER_FROM, C_FROM_USER, asked):
        return False
    if asked & OF_TO and not put_party(self, SIP_HEADER_TO, C_TO_USER, asked):
        return False
    if asked & bit(C_CALL_ID):
        index = first(self, SIP_HEADER_CALL_ID)
        if index >= 0 and not put_whole(self, C_CALL_ID, index):
            return False
    if asked & OF_CSEQ and not put_cseq(self):
        return False
    if asked & OF_CONTACT and not put_contact(self, asked):
        return False
    if asked & bit(C_EXPIRES) and not put_expires(self):
        return False
    if asked & bit(C_USER_AGENT):
        index = first(self, SIP_HEADER_USER_AGENT)
        if index < 0:
            index = first(self, SIP_HEADER_SERVER)
        if index >= 0 and not put_whole(self, C_USER_AGENT, index):
            return False
    if asked & bit(C_CONTENT_TYPE) and not put_content_type(self):
        return False
    if asked & OF_SDP and table.end != table.body and not put_sdp(self):
        return False
    if asked & bit(C_REASON_CAUSE) and not put_cause(self):
        return False
    if asked & bit(C_BODY_LENGTH):
        put_number(self, C_BODY_LENGTH, table.end - table.body)
    return True


cdef bint put_headers(Builder self) noexcept nogil:
    """Put the header fields that are asked for by name into their slots."""
    cdef Wanted *wanted
    cdef sip_slot *slot
    cdef sip_text *texts
    cdef Py_ssize_t index
    cdef Field field
    cdef int i
    for i in range(self._headers_count):
        wanted = &self._headers[i]
        slot = &self._slots[wanted.slot]
        if wanted.header_id != 0:
            index = sip_table_first(&self._table, wanted.header_id)
        else:
            index = sip_table_find(&self._table, wanted.name, wanted.length)
        if index < 0:
            continue
        if not wanted.is_list:
            if not point(self, index, &field) or (self._high and not is_utf8(field.text, field.length)):
                return False
            slot.text, slot.length, slot.state = field.text + field.shift, field.length, field.state
            continue
        texts = self._texts + self._texts_used
        slot.text, slot.length, slot.state = <const uint8_t *>texts, 0, SIP_SLOT_COPIED
        while index >= 0:
            if self._texts_used == MOST_TEXTS or not point(self, index, &field):
                return False
            if self._high and not is_utf8(field.text, field.length):
                return False
            texts[slot.length].text, texts[slot.length].length = field.text, field.length
            slot.length += 1
            self._texts_used += 1
            index = sip_table_next(&self._table, index)
    return True


cdef int set_limits(sip_limits *most, Limits limits) except -1:
    most.size, most.headers, most.line = limits._size, limits._headers, limits._line
    return 0
