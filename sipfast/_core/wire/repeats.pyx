"""Repeated messages: windows of numbers with their times, and the numbers of datagrams and messages.

`sipfast/capture/repeats.py` says what a repeated message is.  A number is a keyed hash of 64 bits: of the
path and the bytes of a datagram, or of the path and the retransmission key of a message.  Here the key
is read where it is plain, without an object; the text of any other comes from above, and where both can
be had, they are the same.
"""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset

from ..shapes cimport find_parameter, split_address, split_via, split_words
from .packets cimport sip_facts
from .plain cimport (
    SIP_PLAIN_ROOM,
    plain_address,
    plain_parameter,
    plain_via,
    plain_works,
    sip_part,
    sip_plain,
)
from .rules cimport lower
from .table cimport Table
from .text cimport (
    ALL_PARTS,
    FIRST,
    HOST,
    IN_TOKEN,
    PARAMETERS,
    PORT,
    QUOTED,
    SECOND,
    Part,
    before_space,
    begin,
    find,
    has,
    likely,
    low,
    number_of,
    past,
    past_space,
    stop,
    unlikely,
)
from .tokenizer cimport FOLDED, sip_span, sip_table, sip_table_first

import os

from sipfast.keys import TransactionKey


cdef extern from "Python.h" nogil:
    void *PyMem_RawRealloc(void *memory, size_t size)
    void *PyMem_RawCalloc(size_t count, size_t size)
    void PyMem_RawFree(void *memory)


cdef extern from "<packets.h>" nogil:
    ctypedef struct sip_secret:
        uint64_t[4] word
    uint64_t sip_hash(const sip_secret *secret, const uint8_t *data, size_t size, uint64_t seed) noexcept


cdef extern from "<tables.h>" nogil:
    enum:
        SIP_HEADER_CSEQ
        SIP_HEADER_RSEQ
        SIP_HEADER_TO
        SIP_HEADER_VIA


cdef enum:
    NOTHING = 0xFFFFFFFF
    SMALLEST = 64
    LONGEST = 0x7FFFFFFF
    COOKIE_SIZE = 7

cdef uint64_t TOPS = 0x8080808080808080
cdef uint64_t FROM_A = 0x3F3F3F3F3F3F3F3F
cdef uint64_t BEYOND_Z = 0x2525252525252525

cdef bint _PLAIN = plain_works()
cdef sip_secret _secret
_bytes = os.urandom(sizeof(sip_secret))
memcpy(&_secret, PyBytes_AS_STRING(_bytes), sizeof(sip_secret))
del _bytes


@cython.final
cdef class Window:
    """Window(nanoseconds, most)\n--\n\nThe numbers that came within a time, up to so many, each with its time."""

    def __cinit__(self, nanoseconds, most):
        if most < 1:
            raise ValueError("most must be at least 1")
        # A class of the caller's may compare as it likes.
        self._window = max(<int64_t>min(max(nanoseconds, -1), 1 << 62), <int64_t>-1)
        self._most = max(<uint32_t>min(most, 1 << 30), <uint32_t>1)
        self._oldest = self._newest = self._free = NOTHING

    def __dealloc__(self):
        PyMem_RawFree(self._entries)
        PyMem_RawFree(self._slots)

    def holds(self, number, now) -> bool:
        """Whether the number came within the window; else it is remembered with the time `now`."""
        return self.has(<uint64_t>(number & 0xFFFFFFFFFFFFFFFF), <int64_t><uint64_t>(now & 0xFFFFFFFFFFFFFFFF))

    cdef bint has(self, uint64_t number, int64_t now) noexcept nogil:
        """The same.  Times are compared by their difference, which may go round."""
        cdef uint32_t i = NOTHING, slot
        cdef int64_t between
        if likely(self._mask != 0):
            slot = <uint32_t>number & self._mask
            while self._slots[slot] != 0:
                if self._entries[self._slots[slot] - 1].number == number:
                    i = self._slots[slot] - 1
                    break
                slot = (slot + 1) & self._mask
        if i != NOTHING:
            between = <int64_t>(<uint64_t>now - <uint64_t>self._entries[i].time)
            if -self._window <= between <= self._window:
                return True
            self._unlink(i)
        else:
            if self._count == self._most:
                self._forget(self._oldest)
            if self._free == NOTHING and not self._grow():
                return False
            i = self._free
            self._free = self._entries[i].newer
            self._entries[i].number = number
            self._put(i)
            self._count += 1
        self._entries[i].time = now
        self._entries[i].older, self._entries[i].newer = self._newest, NOTHING
        if self._newest != NOTHING:
            self._entries[self._newest].newer = i
        else:
            self._oldest = i
        self._newest = i
        while self._oldest != i:
            if <int64_t>(<uint64_t>now - <uint64_t>self._entries[self._oldest].time) <= self._window:
                break
            self._forget(self._oldest)
        return False

    cdef void _unlink(self, uint32_t i) noexcept nogil:
        cdef Entry *entry = &self._entries[i]
        if entry.older != NOTHING:
            self._entries[entry.older].newer = entry.newer
        else:
            self._oldest = entry.newer
        if entry.newer != NOTHING:
            self._entries[entry.newer].older = entry.older
        else:
            self._newest = entry.older

    cdef void _put(self, uint32_t i) noexcept nogil:
        cdef uint32_t slot = <uint32_t>self._entries[i].number & self._mask
        while self._slots[slot] != 0:
            slot = (slot + 1) & self._mask
        self._slots[slot] = i + 1

    cdef void _forget(self, uint32_t i) noexcept nogil:
        cdef uint32_t mask = self._mask, slot = <uint32_t>self._entries[i].number & mask, next, home
        self._unlink(i)
        while self._slots[slot] != i + 1:
            slot = (slot + 1) & mask
        next = (slot + 1) & mask
        while self._slots[next] != 0:  # those that a lookup would no longer reach move up
            home = <uint32_t>self._entries[self._slots[next] - 1].number & mask
            if ((next - home) & mask) >= ((next - slot) & mask):
                self._slots[slot] = self._slots[next]
                slot = next
            next = (next + 1) & mask
        self._slots[slot] = 0
        self._entries[i].newer = self._free
        self._free = i
        self._count -= 1

    cdef bint _grow(self) noexcept nogil:
        """Make room for more; False without memory, and then nothing more is remembered."""
        cdef uint32_t room = min(max(2 * self._room, <uint32_t>SMALLEST), self._most), mask = SMALLEST - 1, i
        cdef Entry *entries
        cdef uint32_t *slots
        while mask < 2 * room:
            mask = 2 * mask + 1
        slots = <uint32_t *>PyMem_RawCalloc(<size_t>mask + 1, sizeof(uint32_t))
        if slots == NULL:
            return False
        entries = <Entry *>PyMem_RawRealloc(self._entries, room * sizeof(Entry))
        if entries == NULL:
            PyMem_RawFree(slots)
            return False
        PyMem_RawFree(self._slots)
        self._entries, self._slots, self._mask = entries, slots, mask
        for i in range(self._room):  # all of them are in use
            self._put(i)
        for i in range(self._room, room):
            entries[i].newer = self._free
            self._free = i
        self._room = room
        return True


# ---- numbers ---------------------------------------------------------------------------------------

cdef inline uint64_t of_path(const sip_facts *facts) noexcept nogil:
    cdef uint8_t[PATH] path
    memset(path, 0, PATH)
    path[0], path[1] = facts.family, facts.transport
    path[2], path[3] = facts.source_port >> 8, facts.source_port & 0xFF
    path[4], path[5] = facts.destination_port >> 8, facts.destination_port & 0xFF
    memcpy(path + 6, facts.source, 16)
    memcpy(path + 22, facts.destination, 16)
    return sip_hash(&_secret, path, PATH, 0)


cdef uint64_t of_text(uint64_t path, const uint8_t *text, size_t size) noexcept nogil:
    return sip_hash(&_secret, text, size, path)


def number_of_path(bytes path not None) -> int:
    """The number of a path, by bytes that say which it is; those of `of_path` for packed addresses."""
    return sip_hash(&_secret, <const uint8_t *>PyBytes_AS_STRING(path), PyBytes_GET_SIZE(path), 0)


def number_of_text(path, text) -> int:
    """The number of bytes on a path."""
    cdef Py_buffer view
    cdef uint64_t number = path
    PyObject_GetBuffer(text, &view, PyBUF_SIMPLE)
    try:
        return of_text(number, <const uint8_t *>view.buf, view.len)
    finally:
        PyBuffer_Release(&view)


# ---- keys ------------------------------------------------------------------------------------------

def text_of_key(key) -> bytes:
    """The text of a retransmission key: each is that of one key only."""
    transaction, what, to_tag, rseq = key
    if type(transaction) is not TransactionKey:
        return b"\n" + repr(key).encode("utf-8", "surrogateescape")
    parts = (
        *transaction, what if isinstance(what, str) else f"#{what:03}",
        "" if to_tag is None else f"={to_tag}", "" if rseq is None else f"={rseq}",
    )
    return "\n".join(parts).encode("utf-8", "surrogateescape")


def plain_key(Table message not None, bint has_room=False) -> bytes | None:
    """The same of the key of a message as C reads it; None where that is not plain.

    With `has_room`, from a copy with room after it.
    """
    cdef uint8_t[MOST_OF_KEY] text
    cdef sip_table table = message._parsed
    cdef uint32_t length
    copied = b""
    if has_room:
        copied = PyBytes_FromStringAndSize(<const char *>table.data, table.end) + bytes(SIP_PLAIN_ROOM)
        table.data = <const uint8_t *>PyBytes_AS_STRING(copied)
    length = read_key(&table, has_room, text)
    return PyBytes_FromStringAndSize(<const char *>text, length) if length else None


cdef uint32_t read_key(const sip_table *table, bint has_room, uint8_t *out) noexcept nogil:
    """Write the text of a message's retransmission key; its length, or 0 where that is not plain.

    `has_room` says that there are SIP_PLAIN_ROOM bytes after the message.
    """
    cdef uint8_t *at
    cdef Part[ALL_PARTS] parts
    cdef const uint8_t *text
    cdef uint32_t length, first, last, status
    cdef bint is_request = table.method_length != 0
    cdef const uint8_t *method = table.data + table.start
    cdef uint32_t method_length = table.method_length
    has_room = has_room and _PLAIN
    if not value_of(table, SIP_HEADER_VIA, &text, &length):
        return 0
    at = write_via(text, length, has_room, out)
    if at == NULL:
        return 0
    if not is_request:
        if not value_of(table, SIP_HEADER_CSEQ, &text, &length):
            return 0
        memset(parts, 0, 2 * sizeof(Part))
        split_words(text, length, 2, parts)
        first, last = begin(parts, SECOND), stop(parts, SECOND)
        if first == last or past(text, first, last, IN_TOKEN) != last:
            return 0
        if not 0 <= number_of(text, parts, FIRST) <= LONGEST:
            return 0
        method, method_length = text + first, last - first
    if method_length > MOST_OF_PART:
        return 0
    if method_length == 3 and method[0] == c"A" and method[1] == c"C" and method[2] == c"K":
        at = write(at, b"INVITE", 6)
    else:
        at = write(at, method, method_length)
    if is_request:
        at = write(at, method, method_length)
        at[0] = c"\n"
        return <uint32_t>(at + 1 - out)
    status = table.status_code
    at[0], at[1], at[2] = c"#", c"0" + status // 100, c"0" + status // 10 % 10
    at[3], at[4] = c"0" + status % 10, c"\n"
    at += 5
    if sip_table_first(table, SIP_HEADER_RSEQ) >= 0:
        return 0
    if not value_of(table, SIP_HEADER_TO, &text, &length):
        return 0
    at = write_tag(text, length, has_room, at)
    if at == NULL:
        return 0
    at[0] = c"\n"
    return <uint32_t>(at + 1 - out)


cdef uint8_t *write_via(const uint8_t *text, uint32_t length, bint has_room, uint8_t *out) noexcept nogil:
    """Write branch and sent-by of the first Via of a field; NULL where that is not plain."""
    cdef Part[ALL_PARTS] parts
    cdef sip_plain plain
    cdef sip_part branch, host, port
    cdef uint8_t *at
    if length <= MOST_OF_PART and has_room and likely(
        plain_via(text, length, &plain)
        and plain_parameter(text, plain.rest, length, b";branch=", 8, c",", &branch)
    ):
        host = plain.host
        port.at, port.end = host.end + 1, plain.rest
    else:
        if find(text, 0, length, c",") != length:  # a list, whose first item counts
            if find(text, 0, length, c'"') != length:
                return NULL
            length = before_space(text, 0, find(text, 0, length, c","))
        if length > MOST_OF_PART:
            return NULL
        memset(parts, 0, sizeof(parts))
        if split_via(text, length, parts) != 0 or has(parts, QUOTED):
            return NULL
        if not parameter(text, parts, b"branch", 6, &branch):
            return NULL
        host.at, host.end = begin(parts, HOST), stop(parts, HOST)
        port.at = port.end = 0
        if has(parts, PORT):
            port.at, port.end = begin(parts, PORT), stop(parts, PORT)
    if branch.end - branch.at <= COOKIE_SIZE or not is_cookie(text + branch.at):
        return NULL
    at = write_lower(out, text + branch.at, branch.end - branch.at)
    if at == NULL:
        return NULL
    at = write_lower(at, text + host.at, host.end - host.at)
    if at == NULL or port.at >= port.end:
        return at
    (at - 1)[0] = c":"
    return write_lower(at, text + port.at, port.end - port.at)


cdef uint8_t *write_tag(const uint8_t *text, uint32_t length, bint has_room, uint8_t *out) noexcept nogil:
    """Write the tag of an address after "=", or nothing without one; NULL where that is not plain."""
    cdef Part[ALL_PARTS] parts
    cdef sip_plain plain
    cdef sip_part tag
    if length > MOST_OF_PART:
        return NULL
    if has_room and likely(
        plain_address(text, length, &plain)
        and plain_parameter(text, plain.rest, length, b";tag=", 5, c'"', &tag)
    ):
        if tag.at == 0:
            return out
    else:
        memset(parts, 0, sizeof(parts))
        if split_address(text, length, parts) != 0 or has(parts, QUOTED):
            return NULL
        if find_parameter(text, parts, c";", b"tag", 3) < 0:
            return out
        if not parameter(text, parts, b"tag", 3, &tag):
            return NULL
    out[0] = c"="
    memcpy(out + 1, text + tag.at, tag.end - tag.at)
    return out + 1 + tag.end - tag.at


cdef inline bint value_of(
    const sip_table *table, uint32_t header_id, const uint8_t **text, uint32_t *length
) noexcept nogil:
    """The first field of a name, where it stands in one piece."""
    cdef Py_ssize_t index = sip_table_first(table, header_id)
    cdef const sip_span *span
    if index < 0:
        return False
    span = &table.spans[index]
    text[0], length[0] = table.data + span.value, span.value_length
    return not span.tag & FOLDED


cdef inline bint parameter(
    const uint8_t *text, Part *parts, const uint8_t *name, uint32_t size, sip_part *value
) noexcept nogil:
    """The value of a parameter; False without one."""
    cdef int64_t found = find_parameter(text, parts, c";", name, size)
    cdef uint32_t at, end
    if found < 0 or low(<uint64_t>found) == 0:
        return False
    at = low(<uint64_t>found)
    end = find(text, at, stop(parts, PARAMETERS), c";")
    at = past_space(text, at, end)
    value.at, value.end = at, before_space(text, at, end)
    return True


cdef inline bint is_cookie(const uint8_t *text) noexcept nogil:
    cdef const char *cookie = b"z9hg4bk"
    cdef int i
    for i in range(COOKIE_SIZE):
        if lower(text[i]) != <uint8_t>cookie[i]:
            return False
    return True


cdef inline uint8_t *write(uint8_t *out, const uint8_t *text, uint32_t length) noexcept nogil:
    memcpy(out, text, length)
    out[length] = c"\n"
    return out + length + 1


cdef inline uint8_t *write_lower(uint8_t *out, const uint8_t *text, uint32_t length) noexcept nogil:
    """Write ASCII in lower case and a line end, 8 bytes at once; NULL for other text."""
    cdef uint32_t i = 0
    cdef uint64_t word, high = 0
    while i < length:
        word = 0
        memcpy(&word, text + i, min(length - i, <uint32_t>8))
        high |= word
        # In each byte below 128, the top bits of both sums differ for "A" to "Z" only.
        word |= ((word + FROM_A) & ~(word + BEYOND_Z) & TOPS) >> 2
        memcpy(out + i, &word, 8)
        i += 8
    out[length] = c"\n"
    return NULL if high & TOPS else out + length + 1
