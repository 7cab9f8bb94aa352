"""The packets of a capture in C: from records of pcap and pcapng to SIP messages over UDP and TCP.

`Walk` reads what is plain and counts what is plainly not SIP, without the GIL. It stops at every other
packet, which `sipfast/capture/packets.py` reads, and goes on after it. What the walk takes has
the same answer there: the records, their order and the counts do not depend on who reads a packet.

The file may be mapped, and somebody may write to it meanwhile: a length is read once and bounded
before it counts.
"""

cimport cython
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.math cimport INFINITY
from libc.stdint cimport int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memmove, memset

from ..limits cimport Limits
from .lines cimport line_after, resembles_sip
from .rules cimport find_byte, sip_token
from .tokenizer cimport FOLDED, sip_limits, sip_table, sip_table_first, sip_table_free, sip_table_init, tokenize

import os


cdef extern from "Python.h" nogil:
    # Counted by `tracemalloc`.
    void *PyMem_RawCalloc(size_t count, size_t size)
    void *PyMem_RawMalloc(size_t size)
    void *PyMem_RawRealloc(void *memory, size_t size)
    void PyMem_RawFree(void *memory)

cdef extern from "<packets.h>" nogil:
    ctypedef struct sip_secret:
        uint64_t[4] word

    uint16_t sip_net16(const uint8_t *data) noexcept
    uint32_t sip_net32(const uint8_t *data) noexcept
    uint32_t sip_file32(const uint8_t *data, bint is_big) noexcept
    uint16_t sip_file16(const uint8_t *data, bint is_big) noexcept
    uint64_t sip_hash(const sip_secret *secret, const uint8_t *data, size_t size, uint64_t seed) noexcept
    void sip_prefetch(const uint8_t *place, size_t size) noexcept

cdef extern from "<hep.h>" nogil:
    enum: SIP_HEP_HEAD
    bint sip_read_hep(
        const uint8_t *data, size_t size, sip_facts *facts, size_t *text, size_t *text_size
    ) noexcept

cdef extern from "<tables.h>" nogil:
    enum: SIP_NONE, SIP_FAULT_HEADER_BLOCK_UNFINISHED, SIP_HEADER_CALL_ID
    bint likely "SIP_LIKELY"(bint condition) noexcept
    bint unlikely "SIP_UNLIKELY"(bint condition) noexcept


cdef enum:
    AHEAD = 2048
    UDP_PROTOCOL = 17
    TCP_PROTOCOL = 6
    FIN_SYN_RST = 7
    SYN = 2
    ETHERNET = 1
    COPIES = -3  # as HEP of capture/files/hep.py
    NOWHERE = 0xFFFFFFFF
    LONGEST_LINE = 4500  # as LONGEST_START of capture/streams.py
    MOST_PENDING = 64  # messages of one segment
    TABLES = 4  # those of the first ones but one are handed on
    MOST_AT_ONCE = 1 << 18  # packets between two pauses
    KEY = 40
    NAMES = 512  # addresses whose texts are kept
    SOON = 5_000_000

cdef enum:  # why a walk stops
    AT_MESSAGE, AT_PACKET, AT_BLOCK, AT_END, AT_FULL, AT_FAULT, AT_PAUSE, PASSED

PACKET, BLOCK, END, FULL, FAULT, PAUSE = AT_PACKET, AT_BLOCK, AT_END, AT_FULL, AT_FAULT, AT_PAUSE

cdef enum:  # what it counts
    KEEP_ALIVE, STUN, RTP, RTCP, NOT_SIP, OF_ARP, OF_TCP, MALFORMED_BLOCK, UNKNOWN_INTERFACE, REASONS_

cdef tuple _REASONS = (
    "keep-alive", "stun", "rtp", "rtcp", "not SIP", "arp", "tcp", "malformed block", "unknown interface",
)

cdef enum:  # where the next byte of one direction is
    ELSEWHERE  # where Python says, or not known yet
    AT_OPEN  # after the SYN
    AT_START  # a message begins
    IN_LINE  # the first line of a message, which does not tell yet whether it is one
    IN_HEADER
    IN_BODY
    ENDED  # after the FIN

cdef object tuple_new = tuple.__new__

cdef sip_secret _secret
_bytes = os.urandom(sizeof(sip_secret))
memcpy(&_secret, PyBytes_AS_STRING(_bytes), sizeof(sip_secret))
del _bytes


cdef bint is_undecided(const uint8_t *text, size_t at, size_t end) noexcept nogil:
    """Whether text[at:end] may become a start line: as `UNDECIDED` of capture/streams.py."""
    cdef size_t most = min(end, at + 128), start = at
    while at < most and sip_token[text[at]]:
        at += 1
    if at == start:
        return False
    if at < end and (text[at] == c" " or text[at] == c"\t" or text[at] == c"/"):
        while at < end and text[at] != c"\r" and text[at] != c"\n":
            at += 1
    return at == end or (text[at] == c"\r" and at + 1 == end)


cdef inline bint is_blank(uint8_t byte) noexcept nogil:
    return byte == c" " or byte == c"\t" or byte == c"\r" or byte == c"\n" or byte == 0


@cython.final
cdef class Recent:
    """The last messages of a capture, each with its time: whether one came a moment before."""

    cdef uint64_t *hashes  # in the order in which they came
    cdef uint64_t *times
    cdef uint32_t *slots  # 1 + the index
    cdef uint32_t count, most, mask

    def __cinit__(self, uint32_t most):
        if not 2 <= most <= 1 << 20:
            raise ValueError("most must be from 2 to 2**20")
        self.most = most
        self.mask = 15
        while self.mask < 2 * most:
            self.mask = self.mask * 2 + 1
        self.hashes = <uint64_t *>PyMem_RawMalloc(most * sizeof(uint64_t))
        self.times = <uint64_t *>PyMem_RawMalloc(most * sizeof(uint64_t))
        self.slots = <uint32_t *>PyMem_RawCalloc(self.mask + 1, sizeof(uint32_t))
        if self.hashes == NULL or self.times == NULL or self.slots == NULL:
            raise MemoryError

    def __dealloc__(self):
        PyMem_RawFree(self.hashes)
        PyMem_RawFree(self.times)
        PyMem_RawFree(self.slots)

    def holds(self, now, source, source_port, destination, destination_port, payload) -> bool:
        """Whether these bytes went from here to there a moment before `now`; they are remembered."""
        cdef sip_facts facts
        cdef Py_buffer view
        if now is None:
            return False
        memset(&facts, 0, sizeof(facts))
        facts.source_port = 0 if source_port is None else source_port
        facts.destination_port = 0 if destination_port is None else destination_port
        facts.family = place(facts.source, source)
        place(facts.destination, destination)
        facts.time_ns = <int64_t><uint64_t>(now & 0xFFFFFFFFFFFFFFFF)
        PyObject_GetBuffer(payload, &view, PyBUF_SIMPLE)
        try:
            return self.has(
                &facts, <const uint8_t *>view.buf, view.len, (source_port is None) + 2 * (destination_port is None)
            )
        finally:
            PyBuffer_Release(&view)

    cdef bint has(
        self, const sip_facts *facts, const uint8_t *text, size_t size, uint64_t without
    ) noexcept nogil:
        cdef uint64_t now = <uint64_t>facts.time_ns
        cdef uint64_t path = (
            without << 40 | <uint64_t>facts.family << 32 | <uint64_t>facts.source_port << 16 | facts.destination_port
        )
        cdef uint64_t hash = sip_hash(&_secret, facts.source, 32, path)
        cdef uint32_t slot, i
        hash = sip_hash(&_secret, text, size, hash)
        slot = <uint32_t>hash & self.mask
        while self.slots[slot] != 0:
            i = self.slots[slot] - 1
            if self.hashes[i] == hash:
                if now - self.times[i] + SOON <= 2 * SOON:
                    return True
                self.times[i] = now
                return False
            slot = (slot + 1) & self.mask
        self.hashes[self.count] = hash
        self.times[self.count] = now
        self.count += 1
        self.slots[slot] = self.count
        if self.count == self.most:
            self.forget()
        return False

    cdef void forget(self) noexcept nogil:
        """Forget the older half."""
        cdef uint32_t i, slot, older = self.most // 2
        self.count -= older
        memmove(self.hashes, self.hashes + older, self.count * sizeof(uint64_t))
        memmove(self.times, self.times + older, self.count * sizeof(uint64_t))
        memset(self.slots, 0, (<size_t>self.mask + 1) * sizeof(uint32_t))
        for i in range(self.count):
            slot = <uint32_t>self.hashes[i] & self.mask
            while self.slots[slot] != 0:
                slot = (slot + 1) & self.mask
            self.slots[slot] = i + 1


cdef int place(uint8_t *where, address) except -1:
    """Copy an address; its family."""
    if address is None:
        return 0
    if not PyBytes_CheckExact(address) or PyBytes_GET_SIZE(address) not in (4, 16):
        raise TypeError("an address must be 4 or 16 bytes")
    memcpy(where, PyBytes_AS_STRING(address), PyBytes_GET_SIZE(address))
    return 4 if PyBytes_GET_SIZE(address) == 4 else 6


# ---- the connections of TCP -----------------------------------------------------------------------

cdef struct Side:
    uint32_t number  # the sequence number of the next byte
    uint32_t origin  # that of the SYN
    uint8_t state
    bint has_origin, changed
    uint64_t moved  # bytes since Python read one
    uint8_t *text  # the unfinished message
    size_t size, room, wanted
    int64_t offset


cdef struct Flow:
    uint8_t[KEY] key
    PyObject *connection
    uint32_t chain  # the next one of the same hash
    uint32_t older, newer
    uint32_t head
    Side[2] sides


@cython.final
cdef class Flows:
    """Connections by their addresses and ports, in the order of their last segments.

    A direction whose segments come in order, and whose messages have a Content-Length, is read in C
    from its SYN, or from the beginning of one message on. Python's object of the connection has the
    place in all other directions; `get` makes it and brings it up to date.

    Attributes:
        size: bytes that the connections take in memory.
    """

    cdef Flow *flows  # from 1 on
    cdef uint32_t *heads
    cdef uint32_t mask, room, count, unused, oldest_, newest
    cdef public int64_t size
    cdef int64_t most, most_bytes, bytes_of_one
    cdef object make
    cdef bint is_busy  # a walk uses them, or a function is called that must not

    def __cinit__(self, make not None, int64_t most, int64_t most_bytes, int64_t bytes_of_one):
        """`make` makes the object of the connection between two ends. Python closes connections to keep
        to the bounds."""
        self.make = make
        self.most, self.most_bytes, self.bytes_of_one = most, most_bytes, bytes_of_one
        self.mask = 255
        self.room = 64
        self.heads = <uint32_t *>PyMem_RawCalloc(self.mask + 1, sizeof(uint32_t))
        self.flows = <Flow *>PyMem_RawCalloc(self.room, sizeof(Flow))
        if self.heads == NULL or self.flows == NULL:
            raise MemoryError
        self.note_unused(1)

    def __dealloc__(self):
        cdef uint32_t i = self.oldest_
        while i != 0:
            self.empty(&self.flows[i].sides[0])
            self.empty(&self.flows[i].sides[1])
            Py_XDECREF(self.flows[i].connection)
            i = self.flows[i].newer
        PyMem_RawFree(self.flows)
        PyMem_RawFree(self.heads)

    def __len__(self) -> int:
        return self.count

    cdef int check(self) except -1:
        """Refuse a use meanwhile, by another thread or by a function that is called."""
        if self.is_busy:
            raise ValueError("in use")
        return 0

    def get(self, tuple key not None) -> object:
        """The connection between two ends, as it is now; None without one."""
        cdef uint8_t[KEY] packed
        pack(packed, key)
        self.check()
        return self.taken(self.find(packed))

    def oldest(self) -> object:
        """The connection that was quiet for the longest; None without any."""
        self.check()
        return self.taken(self.oldest_)

    cdef object taken(self, uint32_t i):
        """The connection `i`, brought up to date by functions that must leave these alone."""
        if i == 0:
            return None
        self.is_busy = True
        try:
            return self.brought_up(i)
        finally:
            self.is_busy = False

    cdef object brought_up(self, uint32_t i):
        cdef object connection
        cdef Side *side
        cdef uint8_t *key
        cdef int which
        if self.flows[i].connection == NULL:
            key = self.flows[i].key
            which = 4 if key[36] == 4 else 16
            connection = self.make((
                PyBytes_FromStringAndSize(<const char *>key, which), key[32] << 8 | key[33],
                PyBytes_FromStringAndSize(<const char *>key + 16, which), key[34] << 8 | key[35],
            ))
            Py_INCREF(connection)
            self.flows[i].connection = <PyObject *>connection
        connection = <object>self.flows[i].connection
        for which in range(2):
            side = &self.flows[i].sides[which]
            if side.changed:
                connection.resume(
                    which, side.origin if side.has_origin else None, side.number, side.moved,
                    b"" if side.text == NULL else PyBytes_FromStringAndSize(<const char *>side.text, side.size),
                    <int64_t>side.wanted if side.state == IN_BODY else -2 if side.state == IN_LINE else -1,
                    side.offset, side.state == ENDED,
                )
            self.empty(side)
        return connection

    def drop_idle(self) -> None:
        """Remove the oldest connections up to one that has an unfinished message, or that Python reads."""
        cdef uint32_t i = self.oldest_
        self.check()
        while i != 0 and (
            self.flows[i].connection == NULL
            and self.flows[i].sides[0].text == NULL and self.flows[i].sides[1].text == NULL
        ):
            self.drop(i)
            self.size -= self.bytes_of_one
            i = self.oldest_

    def add(self, tuple key not None, connection) -> None:
        """Add the connection between two ends, of which there is none."""
        cdef uint8_t[KEY] packed
        cdef uint32_t i
        pack(packed, key)
        self.check()
        if self.find(packed) != 0:
            raise ValueError("a connection is there")
        i = self.begin(packed)
        if i == 0:
            raise MemoryError
        Py_INCREF(connection)
        self.flows[i].connection = <PyObject *>connection

    def remove(self, tuple key not None) -> None:
        """Remove the connection between two ends, if there is one."""
        cdef uint8_t[KEY] packed
        cdef uint32_t i
        pack(packed, key)
        self.check()
        i = self.find(packed)
        if i != 0:
            self.drop(i)

    cdef int drop(self, uint32_t i) except -1:
        cdef uint32_t *before
        cdef PyObject *connection
        before = &self.heads[self.flows[i].head & self.mask]
        while before[0] != i:
            before = &self.flows[before[0]].chain
        before[0] = self.flows[i].chain
        self.unlink(i)
        self.empty(&self.flows[i].sides[0])
        self.empty(&self.flows[i].sides[1])
        connection = self.flows[i].connection
        self.flows[i].connection = NULL
        self.flows[i].chain = self.unused
        self.unused = i
        self.count -= 1
        Py_XDECREF(connection)
        return 0

    def touch(self, tuple key not None) -> None:
        """Make a connection the newest."""
        cdef uint8_t[KEY] packed
        cdef uint32_t i
        pack(packed, key)
        self.check()
        i = self.find(packed)
        if i != 0:
            self.renew(i)

    def keep(self, tuple key not None, int64_t one, int64_t other) -> None:
        """Read on in C where a message begins: each direction has the number of that byte, or -1."""
        cdef uint8_t[KEY] packed
        cdef uint32_t i
        pack(packed, key)
        self.check()
        i = self.find(packed)
        if i != 0:
            set_off(&self.flows[i].sides[0], one)
            set_off(&self.flows[i].sides[1], other)

    # ---- in C

    cdef uint32_t find(self, const uint8_t *key) noexcept nogil:
        cdef uint32_t head = <uint32_t>sip_hash(&_secret, key, KEY, 0)
        cdef uint32_t i = self.heads[head & self.mask]
        while i != 0 and (self.flows[i].head != head or memcmp(self.flows[i].key, key, KEY) != 0):
            i = self.flows[i].chain
        return i

    cdef uint32_t begin(self, const uint8_t *key) noexcept nogil:
        """Add a connection; 0 without memory."""
        cdef uint32_t i
        cdef Flow *flow
        if self.unused == 0 and not self.grow():
            return 0
        i = self.unused
        flow = &self.flows[i]
        self.unused = flow.chain
        memset(flow, 0, sizeof(Flow))
        memcpy(flow.key, key, KEY)
        flow.head = <uint32_t>sip_hash(&_secret, key, KEY, 0)
        flow.chain = self.heads[flow.head & self.mask]
        self.heads[flow.head & self.mask] = i
        self.count += 1
        self.link(i)
        return i

    cdef inline void renew(self, uint32_t i) noexcept nogil:
        if i != self.newest:
            self.unlink(i)
            self.link(i)

    cdef void link(self, uint32_t i) noexcept nogil:
        self.flows[i].older = self.newest
        self.flows[i].newer = 0
        if self.newest != 0:
            self.flows[self.newest].newer = i
        else:
            self.oldest_ = i
        self.newest = i

    cdef void unlink(self, uint32_t i) noexcept nogil:
        cdef uint32_t older = self.flows[i].older, newer = self.flows[i].newer
        if older != 0:
            self.flows[older].newer = newer
        else:
            self.oldest_ = newer
        if newer != 0:
            self.flows[newer].older = older
        else:
            self.newest = older

    cdef void empty(self, Side *side) noexcept nogil:
        PyMem_RawFree(side.text)
        memset(side, 0, sizeof(Side))

    cdef void note_unused(self, uint32_t first) noexcept nogil:
        cdef uint32_t i
        for i in range(first, self.room):
            self.flows[i].chain = i + 1 if i + 1 < self.room else 0
        self.unused = first

    cdef bint grow(self) noexcept nogil:
        cdef uint32_t before = self.room, mask = self.mask * 2 + 1, i
        cdef uint32_t *heads = <uint32_t *>PyMem_RawCalloc(<size_t>mask + 1, sizeof(uint32_t))
        cdef Flow *flows = <Flow *>PyMem_RawRealloc(self.flows, <size_t>before * 2 * sizeof(Flow))
        if flows != NULL:
            self.flows = flows
        if flows == NULL or heads == NULL:
            PyMem_RawFree(heads)
            return False
        self.room *= 2
        self.note_unused(before)
        PyMem_RawFree(self.heads)
        self.heads = heads
        self.mask = mask
        i = self.oldest_
        while i != 0:
            flows[i].chain = heads[flows[i].head & mask]
            heads[flows[i].head & mask] = i
            i = flows[i].newer
        return True


cdef int pack(uint8_t *packed, tuple key) except -1:
    cdef uint32_t one_port, other_port
    one, one_port, other, other_port = key
    memset(packed, 0, KEY)
    packed[36] = <uint8_t>place(packed, one)
    packed[37] = <uint8_t>place(packed + 16, other)
    packed[32], packed[33] = <uint8_t>(one_port >> 8), <uint8_t>one_port
    packed[34], packed[35] = <uint8_t>(other_port >> 8), <uint8_t>other_port
    return 0


cdef void set_off(Side *side, int64_t number) noexcept nogil:
    if number >= 0 and side.state == ELSEWHERE:
        side.state = AT_START
        side.number = <uint32_t>number


# ---- addresses ------------------------------------------------------------------------------------

cdef struct Name:
    uint8_t[16] address
    uint8_t family
    PyObject *text


@cython.final
cdef class Names:
    """The texts of addresses; those that came last are kept."""

    cdef Name *texts
    cdef object address, names

    def __cinit__(self, address not None, names not None):
        """`address` makes the text of an address, with the cache `names`."""
        self.address, self.names = address, names
        self.texts = <Name *>PyMem_RawCalloc(NAMES, sizeof(Name))
        if self.texts == NULL:
            raise MemoryError

    def __dealloc__(self):
        cdef int i
        if self.texts != NULL:
            for i in range(NAMES):
                Py_XDECREF(self.texts[i].text)
        PyMem_RawFree(self.texts)

    cdef str of(self, const uint8_t *address, uint8_t family):
        cdef uint64_t hash = sip_hash(&_secret, address, 16, family)
        cdef Name *found = &self.texts[hash & (NAMES - 1)]
        cdef PyObject *before
        if found.text == NULL or found.family != family or memcmp(found.address, address, 16) != 0:
            text = self.address(PyBytes_FromStringAndSize(<const char *>address, 4 if family == 4 else 16), self.names)
            before = found.text
            Py_INCREF(text)
            found.text = <PyObject *>text
            found.family = family
            memcpy(found.address, address, 16)
            Py_XDECREF(before)
        return <str><object>found.text


# ---- HEP ------------------------------------------------------------------------------------------

@cython.final
cdef class Copies:
    """The messages in packets of HEP version 3, as they come."""

    cdef Recent recent
    cdef Names names
    cdef object record, file

    def __cinit__(self, Recent recent not None, type record not None, address not None, names not None, file):
        self.recent = recent
        self.names = Names(address, names)
        self.record, self.file = record, file

    def read(self, bytes data not None, int64_t offset, int64_t number, now) -> object:
        """The record of the packet that is `data`; None for one that Python reads.

        `offset` is where it begins in all that came, and `now` the time of one that has none.
        """
        cdef sip_facts facts
        cdef const uint8_t *packet = <const uint8_t *>PyBytes_AS_STRING(data)
        cdef size_t at = 0, size = 0
        cdef bint is_duplicate = False
        facts.source_port = facts.destination_port = 0
        if not sip_read_hep(packet, PyBytes_GET_SIZE(data), &facts, &at, &size):
            return None
        if size == 0 or not resembles_sip(packet, at, at + size):
            return None
        if facts.has_time:
            now = facts.time_ns
        elif now is not None:
            facts.time_ns = now
            facts.has_time = True
        if facts.transport == SIP_OVER_UDP and facts.has_time:
            is_duplicate = self.recent.has(&facts, packet + at, size, 0)
        return tuple_new(self.record, (
            memoryview(data)[at:at + size], offset + <int64_t>at, number, now,
            self.names.of(facts.source, facts.family), facts.source_port,
            self.names.of(facts.destination, facts.family), facts.destination_port,
            "UDP" if facts.transport == SIP_OVER_UDP else "TCP", False, self.file, is_duplicate, (), None,
        ))


# ---- the walk -------------------------------------------------------------------------------------

cdef class Sink:
    """Takes one message after another."""

    cdef int row(
        self, const uint8_t *text, size_t size, size_t readable, const sip_facts *facts
    ) noexcept nogil:
        """Take a message: 0; 1 if no other fits; -1 to stop. The bytes last as long as the call."""
        return 0

    cdef int check(self) except -1:
        """Refuse a second use meanwhile, by another thread or by a function that is called."""
        if self.is_busy:
            raise ValueError("in use")
        return 0

    cdef int ready(self) except -1:
        """Refuse messages: as `check`, and where others must be taken first."""
        return self.check()


cdef struct Interface:
    int link_type  # -1: its description is malformed
    uint32_t snap_length
    int64_t unit  # nanoseconds; 0: Python reads its times
    int64_t offset_ns


cdef struct Pending:  # a message of a segment
    const uint8_t *text
    size_t size, readable
    int64_t offset
    const sip_table *table


@cython.final
cdef class Walk:
    """The packets of one capture, from its first record on.

    Iterate over it for records up to the next stop, or call `run`. `stopped` says why it stopped:

    - `PACKET`: Python reads the packet with `number`, `time_ns`, `link_type`, `start` and `end`;
    - `BLOCK`: Python reads the block of `kind` between `start` and `end`;
    - `END`: no other record is there, or a whole one;
    - `FULL`, `FAULT`: what the sink said;
    - `PAUSE`: many packets have passed, and signals may wait.

    Attributes:
        at: where the next packet, or block, begins.
        position: where the last packet ended.
        kind: of the block.
        is_alone: whether to stop at each segment of TCP, and set `met_segment`.
        is_big: the order of bytes.
        first: an iteration leaves out the messages of packets before this one.
        passed: messages that an iteration has given or left out.
    """

    cdef Py_buffer buffer
    cdef bint has_buffer, fixed, is_blocks, is_copies, has_time, is_waiting, is_due
    cdef readonly bint is_big
    cdef const uint8_t *data
    cdef size_t size, limit
    cdef readonly size_t at
    cdef readonly Py_ssize_t start, end, position
    cdef readonly int64_t number
    cdef readonly int stopped, link_type
    cdef readonly uint32_t kind
    cdef int64_t now, deadline
    cdef uint32_t unit, header
    cdef bint is_malformed, is_running, is_of_block
    cdef public bint is_alone
    cdef readonly bint met_segment
    cdef uint64_t[REASONS_] counts
    cdef uint8_t[8192] odd_ports
    cdef Interface *interfaces
    cdef size_t interface_count, interface_room
    cdef Flows flows
    cdef Recent recent
    cdef sip_facts facts
    cdef const uint8_t *text  # the message
    cdef size_t text_size, readable
    cdef Pending[MOST_PENDING] pending
    cdef int pending_at, pending_count
    cdef uint8_t *spill  # holds what is pending
    cdef sip_limits limits
    cdef sip_table[TABLES] tables
    cdef size_t spill_room
    cdef size_t rest_at, rest_wanted
    cdef int rest_state
    cdef Names names
    cdef object view, record, file, block_time, __weakref__
    cdef public int64_t first
    cdef readonly int64_t passed
    cdef uint64_t *wanted  # hashes of Call-IDs; 0 is an empty slot
    cdef uint32_t wanted_mask

    def __cinit__(self):
        cdef int i
        self.stopped = AT_END
        for i in range(TABLES):
            sip_table_init(&self.tables[i])

    def __init__(
        self, data, bytes odd_ports not None, Flows flows not None, Recent recent not None,
        Limits limits not None, type record not None, address not None, names not None, file
    ):
        """Walk through `data`, of which `begin_records` or `begin_blocks` says what it is.

        `odd_ports` has a bit for each port of which Python judges what does not begin like SIP.
        """
        if self.has_buffer:
            raise TypeError("a walk has begun")
        if len(odd_ports) != sizeof(self.odd_ports):
            raise ValueError("a bit for each port")
        self.view = memoryview(data)
        self.names = Names(address, names)
        PyObject_GetBuffer(data, &self.buffer, PyBUF_SIMPLE)
        self.has_buffer = True  # nothing fails from here on
        self.fixed = PyBytes_CheckExact(data)
        self.data = <const uint8_t *>self.buffer.buf
        self.size = self.limit = self.buffer.len
        memcpy(self.odd_ports, PyBytes_AS_STRING(odd_ports), sizeof(self.odd_ports))
        self.flows, self.recent = flows, recent
        self.limits.size, self.limits.headers, self.limits.line = limits._size, limits._headers, limits._line
        self.record, self.file = record, file
        self.header = 16

    def __dealloc__(self):
        cdef int i
        PyMem_RawFree(self.wanted)
        PyMem_RawFree(self.interfaces)
        PyMem_RawFree(self.spill)
        for i in range(TABLES):
            sip_table_free(&self.tables[i])
        if self.has_buffer:
            PyBuffer_Release(&self.buffer)

    cdef int check(self) except -1:
        """Refuse a use before `__init__`, by another thread, or by a function that is called."""
        if not self.has_buffer or self.is_running:
            raise ValueError("the walk is running" if self.has_buffer else "the walk has not begun")
        return self.flows.check()

    def begin_records(self, size_t at, bint is_big, uint32_t unit, uint32_t header, int link_type) -> None:
        """Records of pcap begin at `at`; one has a header of 16 or 24 bytes, and a fraction in units
        of nanoseconds."""
        if header not in (16, 24) or unit not in (1, 1000):
            raise ValueError("records of pcap")
        self.check()
        self.at = min(at, self.limit)
        self.is_big, self.unit, self.header, self.link_type = is_big, unit, header, link_type
        self.has_time = True

    def begin_blocks(self, bint is_big) -> None:
        """Blocks of pcapng begin at 0."""
        self.check()
        self.is_blocks = True
        self.has_time = False
        self.is_big = is_big

    def begin_copies(self) -> None:
        """Packets of HEP version 3 begin at 0."""
        self.check()
        self.is_copies = True
        self.has_time = False
        self.link_type = COPIES

    def begin_like(self, Walk other not None) -> None:
        """Begin where another walk is, of the same bytes."""
        cdef size_t count = other.interface_count
        cdef Interface *interfaces = NULL
        self.check()
        if other.data != self.data or other.size != self.size:
            raise ValueError("a walk of other bytes")
        if count != 0:
            interfaces = <Interface *>PyMem_RawMalloc(count * sizeof(Interface))
            if interfaces == NULL:
                raise MemoryError
            memcpy(interfaces, other.interfaces, count * sizeof(Interface))
        PyMem_RawFree(self.interfaces)
        self.interfaces = interfaces
        self.interface_count = self.interface_room = count
        self.is_blocks, self.is_big, self.link_type = other.is_blocks, other.is_big, other.link_type
        self.is_copies = other.is_copies
        self.unit, self.header = other.unit, other.header
        self.has_time, self.now = other.has_time, other.now
        self.is_of_block, self.block_time = other.is_of_block, other.block_time
        self.is_malformed = other.is_malformed
        self.at, self.limit, self.position = other.at, other.limit, other.position
        self.number = other.number
        self.pending_at = self.pending_count = 0

    def end_like(self, Walk other not None) -> None:
        """End where another walk is."""
        self.check()
        self.limit = max(self.at, min(other.at, self.limit))

    def pass_over(self, int64_t most) -> int:
        """Go on past so many packets; why it stopped."""
        cdef int kind = AT_PACKET
        cdef int64_t last = self.number + most
        self.check()
        self.is_running = True
        with nogil:
            while self.number < last:
                kind = self.next()
                if kind not in (AT_PACKET, PASSED):
                    break
            else:
                kind = AT_PAUSE
        self.is_running = False
        self.stopped = kind
        return kind

    def add_interface(self, int link_type, uint32_t snap_length, int64_t unit, int64_t offset_ns) -> None:
        """The next interface of the section: its link type, or -1; and the nanoseconds in a unit of its
        times, or 0 if Python reads them."""
        cdef void *memory
        self.check()
        if self.interface_count == self.interface_room:
            memory = PyMem_RawRealloc(self.interfaces, (self.interface_room * 2 + 4) * sizeof(Interface))
            if memory == NULL:
                raise MemoryError
            self.interfaces = <Interface *>memory
            self.interface_room = self.interface_room * 2 + 4
        self.interfaces[self.interface_count].link_type = link_type
        self.interfaces[self.interface_count].snap_length = snap_length
        self.interfaces[self.interface_count].unit = unit
        self.interfaces[self.interface_count].offset_ns = offset_ns
        self.interface_count += 1

    def clear_interfaces(self) -> None:
        """A section begins."""
        self.check()
        self.interface_count = 0

    def read_block(self) -> int:
        """Count the packet in the block of the last stop; its number."""
        self.number += 1
        return self.number

    def give_up(self) -> None:
        """End before the record of the last packet."""
        self.check()
        self.at = self.limit = self.position = max(self.start - <Py_ssize_t>self.header, 0)
        self.number -= 1

    def note(self, Py_ssize_t position, time_ns) -> None:
        """Where the packet of a block ends, and its time."""
        self.position = position
        self.block_time = time_ns
        self.is_of_block = True

    def wait(self, deadline) -> None:
        """Stop at the first packet after a time, because Python has something to give up then."""
        self.is_waiting = deadline < INFINITY
        self.is_due = deadline == -INFINITY
        self.deadline = max(-0x7FFFFFFFFFFFFFFF, min(deadline, 0x7FFFFFFFFFFFFFFF))

    @property
    def time_ns(self) -> object:
        """The time of the packet."""
        if self.is_of_block:
            return self.block_time
        return self.now if self.has_time else None

    def take_counts(self) -> dict:
        """What was skipped since the last call, by reason."""
        cdef int i
        cdef dict found = {}
        for i in range(REASONS_):
            if self.counts[i] != 0:
                found[_REASONS[i]] = self.counts[i]
                self.counts[i] = 0
        return found

    # ---- for Python

    def __iter__(self):
        return self

    def __next__(self) -> object:
        self.check()
        self.is_running = True
        try:
            return self.record_of_next()
        finally:
            self.is_running = False

    cdef object record_of_next(self):
        cdef object payload, source, destination, transport
        cdef bint is_duplicate = False
        if self.wanted != NULL or self.first > self.number:
            self.flows.is_busy = True
            with nogil:
                self.stopped = self.find()
            self.flows.is_busy = False
        else:
            self.stopped = self.step()
            self.passed += self.stopped == AT_MESSAGE
        if self.stopped != AT_MESSAGE:
            raise StopIteration
        if self.facts.in_place:
            payload = self.view[self.facts.offset:self.facts.offset + <Py_ssize_t>self.text_size]
        else:
            payload = memoryview(PyBytes_FromStringAndSize(<const char *>self.text, self.text_size))
        if self.facts.transport == SIP_OVER_UDP:
            transport = "UDP"
            if self.facts.has_time:
                is_duplicate = self.recent.has(&self.facts, self.text, self.text_size, 0)
        else:
            transport = "TCP"
        source = self.names.of(self.facts.source, self.facts.family)
        destination = self.names.of(self.facts.destination, self.facts.family)
        return tuple_new(self.record, (
            payload, self.facts.offset, self.facts.packet,
            self.facts.time_ns if self.facts.has_time else None,
            source, self.facts.source_port, destination, self.facts.destination_port,
            transport, False, self.file, is_duplicate, (), None,
        ))

    def want(self, call_ids) -> None:
        """Leave out messages, in an iteration, that have none of these Call-IDs, each `bytes`.

        A message of which C cannot tell is kept.
        """
        cdef uint64_t hash
        cdef uint32_t slot
        cdef uint64_t *slots
        cdef bytes call_id
        cdef tuple texts = tuple(call_ids)  # what it is, whatever the other says of its length
        for text in texts:
            if type(text) is not bytes:
                raise TypeError("a Call-ID must be bytes")
        self.check()
        if self.wanted != NULL:
            raise ValueError("the walk has begun")
        self.wanted_mask = 15
        while self.wanted_mask < 2 * len(texts):
            self.wanted_mask = self.wanted_mask * 2 + 1
        slots = <uint64_t *>PyMem_RawCalloc(<size_t>self.wanted_mask + 1, sizeof(uint64_t))
        if slots == NULL:
            raise MemoryError
        self.wanted = slots
        for call_id in texts:
            hash = sip_hash(&_secret, <const uint8_t *>PyBytes_AS_STRING(call_id), PyBytes_GET_SIZE(call_id), 1) | 1
            slot = <uint32_t>(hash >> 32) & self.wanted_mask
            while slots[slot] != 0 and slots[slot] != hash:
                slot = (slot + 1) & self.wanted_mask
            slots[slot] = hash

    cdef int find(self) noexcept nogil:
        """Go on to the next message that is wanted, or to a stop."""
        cdef int kind, count = 0
        while True:
            kind = self.step()
            if kind != AT_MESSAGE:
                return kind
            self.passed += 1
            if self.facts.packet >= self.first and (self.wanted == NULL or self.is_wanted()):
                return kind
            count += 1
            if unlikely(count == MOST_AT_ONCE):
                return AT_PAUSE

    cdef bint is_wanted(self) noexcept nogil:
        """Whether the message may have one of the Call-IDs."""
        cdef sip_table *table = &self.tables[TABLES - 1]  # which is handed on to nobody
        cdef Py_ssize_t index
        cdef uint32_t slot
        cdef uint64_t hash
        if tokenize(self.text, 0, self.text_size, self.readable, &self.limits, False, table) != 0:
            return True
        index = sip_table_first(table, SIP_HEADER_CALL_ID)
        if index < 0:
            return False
        if table.spans[index].tag & FOLDED:
            return True
        hash = sip_hash(&_secret, self.text + table.spans[index].value, table.spans[index].value_length, 1) | 1
        slot = <uint32_t>(hash >> 32) & self.wanted_mask
        while self.wanted[slot] != 0:
            if self.wanted[slot] == hash:
                return True
            slot = (slot + 1) & self.wanted_mask
        return False

    def run(self, Sink sink not None) -> int:
        """Hand one message after another to `sink`, up to the next stop; why it stopped."""
        cdef int kind, answer = 0, count = 0
        self.check()
        sink.ready()
        self.is_running = self.flows.is_busy = sink.is_busy = True
        with nogil:
            while True:
                kind = self.step()
                if kind != AT_MESSAGE:
                    break
                answer = sink.row(self.text, self.text_size, self.readable, &self.facts)
                if answer != 0:
                    kind = AT_FULL if answer > 0 else AT_FAULT
                    break
                count += 1
                if unlikely(count == MOST_AT_ONCE):
                    kind = AT_PAUSE
                    break
        self.is_running = self.flows.is_busy = sink.is_busy = False
        self.stopped = kind
        return kind

    # ---- records and blocks

    cdef int step(self) noexcept nogil:
        """Go on to the next message, or to a stop."""
        cdef int kind, count = 0
        cdef Pending *pending
        while True:
            if self.pending_at < self.pending_count:
                pending = &self.pending[self.pending_at]
                self.pending_at += 1
                self.text, self.text_size, self.readable = pending.text, pending.size, pending.readable
                self.facts.offset = pending.offset
                self.facts.table = pending.table
                return AT_MESSAGE
            count += 1
            if unlikely(count > MOST_AT_ONCE):
                return AT_PAUSE
            kind = self.next()
            if kind == AT_PACKET:
                kind = self.layers()
            if kind != PASSED:
                return kind

    cdef inline int next(self) noexcept nogil:
        """Go on to the next packet."""
        if self.is_blocks:
            return self.next_block()
        return self.next_copy() if unlikely(self.is_copies) else self.next_record()

    cdef int next_copy(self) noexcept nogil:
        cdef const uint8_t *head = self.data + self.at
        cdef size_t left = self.limit - self.at
        cdef uint32_t length
        if left < SIP_HEP_HEAD:
            return self.finish(False)
        length = sip_net16(head + 4)
        if memcmp(head, b"HEP3", 4) != 0 or length < SIP_HEP_HEAD:
            return self.finish(True)
        if length > left:
            return self.finish(False)
        sip_prefetch(head + AHEAD, length)
        self.start = self.at
        self.end = self.at + length
        self.at = self.position = self.end
        self.number += 1
        return AT_PACKET

    cdef inline int next_record(self) noexcept nogil:
        cdef const uint8_t *head = self.data + self.at
        cdef size_t left = self.limit - self.at
        cdef uint32_t captured
        if unlikely(left < self.header):
            return self.finish(False)
        captured = sip_file32(head + 8, self.is_big)
        if unlikely(captured > left - self.header):
            return self.finish(False)
        sip_prefetch(head + AHEAD, captured)
        self.now = <int64_t>sip_file32(head, self.is_big) * 1_000_000_000
        self.now += <int64_t>sip_file32(head + 4, self.is_big) * self.unit
        self.start = self.at + self.header
        self.end = self.start + captured
        self.at = self.position = self.end
        self.number += 1
        return AT_PACKET

    cdef int finish(self, bint is_malformed) noexcept nogil:
        self.position = self.at
        self.is_malformed = is_malformed
        return AT_END

    @property
    def ends_malformed(self) -> bool:
        """Whether the file ends, for the walk, at a malformed block."""
        return self.is_malformed

    cdef int next_block(self) noexcept nogil:
        cdef const uint8_t *head
        cdef size_t left
        cdef uint32_t kind, length, captured
        while True:
            head = self.data + self.at
            left = self.limit - self.at
            if left < 12:
                return self.finish(False)
            kind = sip_file32(head, self.is_big)
            if kind == 0x0A0D0D0A:
                captured = sip_net32(head + 8)
                if captured != 0x1A2B3C4D and captured != 0x4D3C2B1A:
                    return self.finish(True)
                self.is_big = captured == 0x1A2B3C4D
            length = sip_file32(head + 4, self.is_big)
            if length < 12 or length & 3:
                return self.finish(True)
            if length > left:
                return self.finish(False)
            if sip_file32(head + length - 4, self.is_big) != length:
                return self.finish(True)
            sip_prefetch(head + AHEAD, length)
            self.kind = kind
            self.start = self.at + 8
            self.end = self.at + length - 4
            self.at += length
            if kind == 6 or kind == 2:
                kind = self.stamped(head + 8, length - 12, kind == 6)
            elif kind == 3:
                kind = self.simple(head + 8, length - 12)
            elif kind == 1 or kind == 0x0A0D0D0A:
                return AT_BLOCK
            else:
                continue
            if kind != PASSED:
                return kind

    cdef inline int stamped(self, const uint8_t *body, size_t size, bint is_enhanced) noexcept nogil:
        """An Enhanced Packet Block, or its predecessor, the Packet Block."""
        cdef size_t which
        cdef uint32_t captured
        cdef uint64_t time
        cdef Interface *interface
        if size < 20:
            return self.skip(MALFORMED_BLOCK)
        which = sip_file32(body, self.is_big) if is_enhanced else sip_file16(body, self.is_big)
        if which >= self.interface_count or self.interfaces[which].link_type < 0:
            return self.skip(UNKNOWN_INTERFACE)
        interface = &self.interfaces[which]
        time = <uint64_t>sip_file32(body + 4, self.is_big) << 32 | sip_file32(body + 8, self.is_big)
        captured = sip_file32(body + 12, self.is_big)
        if captured > size - 20:
            return self.skip(MALFORMED_BLOCK)
        if interface.unit == 0 or time > <uint64_t>0x3FFFFFFFFFFFFFFF // <uint64_t>interface.unit:
            return AT_BLOCK
        self.now = <int64_t>time * interface.unit + interface.offset_ns
        self.has_time = True
        return self.begin(interface.link_type, self.start + 20, captured)

    cdef int simple(self, const uint8_t *body, size_t size) noexcept nogil:
        """A Simple Packet Block: of the first interface, without a time."""
        cdef uint32_t captured
        if size < 4:
            return self.skip(MALFORMED_BLOCK)
        if self.interface_count == 0 or self.interfaces[0].link_type < 0:
            return self.skip(UNKNOWN_INTERFACE)
        captured = sip_file32(body, self.is_big)
        if self.interfaces[0].snap_length != 0:
            captured = min(captured, self.interfaces[0].snap_length)
        if captured > size - 4:
            return self.skip(MALFORMED_BLOCK)
        self.has_time = False
        return self.begin(self.interfaces[0].link_type, self.start + 4, captured)

    cdef inline int begin(self, int link_type, size_t start, size_t size) noexcept nogil:
        self.number += 1
        self.is_of_block = False
        self.link_type = link_type
        self.start = start
        self.end = self.position = start + size
        return AT_PACKET

    cdef int skip(self, int reason) noexcept nogil:
        """Count a block without a packet, but with a number."""
        self.number += 1
        self.counts[reason] += 1
        return PASSED

    # ---- layers

    cdef inline int count(self, int reason) noexcept nogil:
        self.counts[reason] += 1
        return PASSED

    cdef int layers(self) noexcept nogil:
        """The packet between `start` and `end`."""
        cdef const uint8_t *data = self.data
        cdef size_t at = self.start, end = self.end
        cdef uint32_t kind, length, total
        if unlikely(self.is_waiting) and (self.is_due or (self.has_time and self.now > self.deadline)):
            return AT_PACKET
        if likely(self.link_type == ETHERNET):
            if end - at < 14:
                return AT_PACKET
            kind = sip_net16(data + at + 12)
            at += 14
        elif self.link_type == 113:
            if end - at < 16:
                return AT_PACKET
            kind = sip_net16(data + at + 14)
            at += 16
        elif self.link_type == 276:
            if end - at < 20:
                return AT_PACKET
            kind = sip_net16(data + at)
            at += 20
        elif self.link_type in (0, 108):
            if end - at < 4:
                return AT_PACKET
            kind = sip_net32(data + at)
            kind = kind if kind < 256 else kind >> 24 if kind & 0xFFFFFF == 0 else 0
            kind = 0x0800 if kind == 2 else 0x86DD if kind in (10, 23, 24, 28, 30) else 0
            at += 4
        elif self.link_type in (12, 14, 101):
            if end == at:
                return AT_PACKET
            kind = data[at] >> 4
            kind = 0x0800 if kind == 4 else 0x86DD if kind == 6 else 0
        elif self.link_type == COPIES:
            return self.copy(at, end)
        elif self.link_type == 228:
            kind = 0x0800
        elif self.link_type == 229:
            kind = 0x86DD
        else:
            return AT_PACKET

        if unlikely(kind != 0x0800):
            if kind in (0x8100, 0x88A8, 0x9100, 0x9200) and end - at >= 4:
                kind = sip_net16(data + at + 2)
                at += 4
                if kind in (0x8100, 0x88A8, 0x9100, 0x9200) and end - at >= 4:
                    kind = sip_net16(data + at + 2)
                    at += 4
            if kind == 0x86DD:
                return self.ipv6(at, end)
            if kind == 0x0806:
                return self.count(OF_ARP)
            if kind != 0x0800:
                return AT_PACKET

        if end - at < 28 or data[at] != 0x45 or sip_net16(data + at + 6) & 0x3FFF:
            return AT_PACKET
        total = sip_net16(data + at + 2)
        if total > end - at:
            return AT_PACKET
        kind = data[at + 9]
        if likely(kind == UDP_PROTOCOL):
            length = sip_net16(data + at + 24)
            if length < 8 or total < 20 or length > total - 20:
                return AT_PACKET
            return self.datagram(at + 20, length, 4, data + at + 12, data + at + 16)
        if kind == TCP_PROTOCOL and total >= 20:
            return self.segment(at + 20, at + total, 4, data + at + 12, data + at + 16)
        return AT_PACKET

    cdef int copy(self, size_t at, size_t end) noexcept nogil:
        """The message in a packet of HEP."""
        cdef size_t text = 0, size = 0
        cdef sip_facts *facts = &self.facts
        if not sip_read_hep(self.data + at, end - at, facts, &text, &size):
            return AT_PACKET
        at += text
        # Somebody may have written to the packet since it told its size.
        if size == 0 or size > end - at or not resembles_sip(self.data, at, at + size):
            return AT_PACKET
        facts.packet = self.number
        facts.offset = at
        facts.is_cut = False
        facts.table = NULL
        facts.in_place = True
        self.text = self.data + at
        self.text_size = size
        self.readable = self.size - at
        return AT_MESSAGE

    cdef int ipv6(self, size_t at, size_t end) noexcept nogil:
        cdef const uint8_t *data = self.data
        cdef uint32_t length, total
        cdef uint8_t kind
        if end - at < 48 or data[at] >> 4 != 6:
            return AT_PACKET
        total = sip_net16(data + at + 4)
        kind = data[at + 6]
        if total == 0 or total > end - at - 40:
            return AT_PACKET
        if kind == UDP_PROTOCOL:
            length = sip_net16(data + at + 44)
            if length < 8 or length > total:
                return AT_PACKET
            return self.datagram(at + 40, length, 6, data + at + 8, data + at + 24)
        if kind == TCP_PROTOCOL:
            return self.segment(at + 40, at + 40 + total, 6, data + at + 8, data + at + 24)
        return AT_PACKET

    cdef inline void say(
        self, int family, const uint8_t *source, const uint8_t *destination, uint32_t ports, uint8_t transport
    ) noexcept nogil:
        cdef sip_facts *facts = &self.facts
        facts.packet = self.number
        facts.time_ns = self.now
        facts.has_time = self.has_time
        facts.family = <uint8_t>family
        facts.transport = transport
        if likely(family == 4):
            memset(facts.source, 0, 32)
            memcpy(facts.source, source, 4)
            memcpy(facts.destination, destination, 4)
        else:
            memcpy(facts.source, source, 16)
            memcpy(facts.destination, destination, 16)
        facts.source_port = <uint16_t>(ports >> 16)
        facts.destination_port = <uint16_t>ports

    cdef inline int datagram(
        self, size_t at, size_t length, int family, const uint8_t *source, const uint8_t *destination
    ) noexcept nogil:
        """A datagram of `length` bytes, its header included."""
        cdef const uint8_t *data = self.data
        cdef size_t start = at + 8, end = at + length
        cdef uint32_t ports = sip_net32(data + at)
        if unlikely(start == end or not resembles_sip(data, start, end)):
            return self.other(start, end, ports)
        self.say(family, source, destination, ports, SIP_OVER_UDP)
        self.facts.offset = start
        self.facts.table = NULL
        self.facts.in_place = True
        self.text = data + start
        self.text_size = end - start
        self.readable = self.size - start
        return AT_MESSAGE

    cdef int other(self, size_t start, size_t end, uint32_t ports) noexcept nogil:
        """A payload that does not begin like SIP: as `why_not_sip` of capture/recognise.py."""
        cdef const uint8_t *data = self.data
        cdef size_t size = end - start, at = start
        cdef uint8_t first, second
        while at < end and is_blank(data[at]):
            at += 1
        if at == end:
            return self.count(KEEP_ALIVE)
        if self.is_odd(ports >> 16) or self.is_odd(ports & 0xFFFF):
            return AT_PACKET
        first = data[start]
        if first == c"H":  # perhaps HEP
            return AT_PACKET
        if first < 0x40 and size >= 8 and sip_net32(data + start + 4) == 0x2112A442:
            return self.count(STUN)
        if size < 8 or first & 0xC0 != 0x80:
            return self.count(NOT_SIP)
        second = data[start + 1]
        if 192 <= second < 224:
            return self.count(RTCP if <size_t>sip_net16(data + start + 2) * 4 + 4 <= size else NOT_SIP)
        return self.count(RTP if size >= 12 + 4 * <size_t>(first & 0x0F) else NOT_SIP)

    cdef inline bint is_odd(self, uint32_t port) noexcept nogil:
        return self.odd_ports[port >> 3] >> (port & 7) & 1

    # ---- TCP

    cdef int segment(
        self, size_t at, size_t end, int family, const uint8_t *source, const uint8_t *destination
    ) noexcept nogil:
        """The segment in data[at:end]; read like `Connections.read` of capture/tcp.py."""
        cdef const uint8_t *data = self.data
        cdef uint8_t[KEY] key
        cdef uint8_t[16] ends
        cdef uint32_t ports, number, i
        cdef size_t text, width = 4 if family == 4 else 16
        cdef int order, kind
        cdef uint8_t flags
        cdef Side *side
        if end - at < 20:
            return AT_PACKET
        text = at + <size_t>(data[at + 12] >> 4) * 4
        flags = data[at + 13] & FIN_SYN_RST
        if text < at + 20 or text > end or (flags and text < end):
            return AT_PACKET
        if unlikely(self.is_alone):
            self.met_segment = True
            return AT_PACKET
        ports = sip_net32(data + at)
        self.say(family, source, destination, ports, SIP_OVER_TCP)
        memset(key, 0, KEY)
        order = memcmp(self.facts.source, self.facts.destination, width)
        if order < 0 or (order == 0 and ports >> 16 <= ports & 0xFFFF):
            order = 0
            memcpy(key, self.facts.source, 32)
        else:
            order = 1
            memcpy(key, self.facts.destination, 16)
            memcpy(key + 16, self.facts.source, 16)
            ports = ports << 16 | ports >> 16
        key[32], key[33] = <uint8_t>(ports >> 24), <uint8_t>(ports >> 16)
        key[34], key[35] = <uint8_t>(ports >> 8), <uint8_t>ports
        key[36] = key[37] = <uint8_t>family
        i = self.flows.find(key)
        number = sip_net32(data + at + 4)
        if text == end:
            if flags != 0:
                i = self.open(i, order, key, number) if flags == SYN else self.close(i, order, flags, number)
                if i == 0:
                    return AT_PACKET
            self.counts[OF_TCP] += 1
            if i != 0 and i != NOWHERE:
                self.flows.renew(i)
            return PASSED
        if i == 0:
            return AT_PACKET
        side = &self.flows.flows[i].sides[order]
        if side.state == ELSEWHERE or side.state == ENDED or side.number != number:
            return AT_PACKET
        if side.text != NULL:
            kind = self.go_on(side, text, end)
        elif side.state == AT_OPEN and not resembles_sip(data, text, end):
            return AT_PACKET
        else:
            kind = self.from_start(side, text, end)
        if kind == PASSED:
            self.flows.renew(i)
            side.changed = True
            side.number = number + <uint32_t>(end - text)
            side.moved += end - text
        return kind

    cdef uint32_t open(self, uint32_t i, int order, const uint8_t *key, uint32_t number) noexcept nogil:
        """A SYN of a new connection, or of its other side: which connection; 0 for Python."""
        cdef Side *side
        if i == 0:
            if self.flows.count >= self.flows.most:
                return 0
            if self.flows.size + self.flows.bytes_of_one > self.flows.most_bytes:
                return 0
            i = self.flows.begin(key)
            if i == 0:
                return 0
            self.flows.size += self.flows.bytes_of_one
        elif self.flows.flows[i].connection != NULL or self.flows.flows[i].sides[order].state != ELSEWHERE:
            return 0
        side = &self.flows.flows[i].sides[order]
        side.state = AT_OPEN
        side.has_origin = side.changed = True
        side.origin = number
        side.number = number + 1
        return i

    cdef uint32_t close(self, uint32_t i, int order, uint8_t flags, uint32_t number) noexcept nogil:
        """A FIN or RST without data: which connection, NOWHERE without one, or 0 for Python."""
        cdef Side *side
        if flags & SYN:
            return 0
        if i == 0:
            return NOWHERE
        side = &self.flows.flows[i].sides[order]
        if side.state == ELSEWHERE:
            return i if self.flows.flows[i].connection == NULL else 0
        if side.text != NULL:
            return 0
        if side.state == AT_START and side.number == number:
            side.state = ENDED
            side.changed = True
        return i

    cdef int from_start(self, Side *side, size_t at, size_t end) noexcept nogil:
        """Bytes of a direction in which a message begins."""
        cdef const uint8_t *data = self.data
        cdef size_t text = at
        while text < end and is_blank(data[text]):
            text += 1
        if text == end:
            self.counts[KEEP_ALIVE] += 1
            return PASSED
        if not self.messages(data, at, end, self.size, AT_START, 0, at, 0, 0):
            return AT_PACKET
        if self.rest_state == AT_START:
            side.state = AT_START
        elif not self.keep(side, data, end, <int64_t>self.rest_at):
            self.pending_count = 0
            return AT_PACKET
        return PASSED

    cdef int go_on(self, Side *side, size_t at, size_t end) noexcept nogil:
        """Bytes of a direction that has an unfinished message."""
        cdef const uint8_t *data = self.data + at
        cdef size_t size = end - at, before = side.size, total = before + size, room, i
        cdef uint8_t *text = side.text
        cdef bint is_due
        if self.flows.size + <int64_t>size > self.flows.most_bytes:
            return AT_PACKET
        if side.state == IN_BODY:
            is_due = total >= side.wanted
        elif side.state == IN_HEADER:
            is_due = self.has_blank_line(side, data, size)
        else:
            is_due = find_byte(data, 0, size, c"\n") < size
        if total > (LONGEST_LINE if side.state == IN_LINE else self.limits.size) and side.state != IN_BODY:
            return AT_PACKET
        if not is_due:
            if total > side.room:
                room = total + total // 2
                text = <uint8_t *>PyMem_RawRealloc(text, room)
                if text == NULL:
                    return AT_PACKET
                side.text = text
                side.room = room
            memcpy(text + before, data, size)
            side.size = total
            self.flows.size += size
            return PASSED
        if total > self.spill_room:
            PyMem_RawFree(self.spill)
            self.spill_room = total + total // 2
            self.spill = <uint8_t *>PyMem_RawCalloc(self.spill_room, 1)
            if self.spill == NULL:
                self.spill_room = 0
                return AT_PACKET
        memcpy(self.spill, text, before)
        memcpy(self.spill + before, data, size)
        if not self.messages(
            self.spill, 0, total, self.spill_room,
            side.state if side.state != IN_LINE else AT_START, side.wanted,
            before, side.offset, <int64_t>at - <int64_t>before,
        ):
            return AT_PACKET
        i = self.rest_at
        if self.rest_state == AT_START:
            side.text = NULL
            side.size = side.room = 0
            side.state = AT_START
        elif not self.keep(
            side, self.spill, total,
            <int64_t>i + (side.offset if i < before else <int64_t>at - <int64_t>before),
        ):
            self.pending_count = 0
            return AT_PACKET
        self.flows.size -= before
        PyMem_RawFree(text)
        return PASSED

    cdef bint has_blank_line(self, const Side *side, const uint8_t *data, size_t size) noexcept nogil:
        """Whether a header that goes on with these bytes has a blank line there."""
        cdef size_t i = 0, before = side.size
        cdef uint8_t first = data[0], last = side.text[before - 1]
        if last == c"\n" and (first == c"\n" or (first == c"\r" and size > 1 and data[1] == c"\n")):
            return True
        if first == c"\n" and last == c"\r" and before > 1 and side.text[before - 2] == c"\n":
            return True
        while True:
            i = find_byte(data, i, size, c"\n") + 1
            if i >= size:
                return False
            if data[i] == c"\n" or (data[i] == c"\r" and i + 1 < size and data[i + 1] == c"\n"):
                return True

    cdef bint keep(self, Side *side, const uint8_t *text, size_t end, int64_t offset) noexcept nogil:
        """Keep the beginning of a message."""
        cdef size_t size = end - self.rest_at
        cdef uint8_t *memory
        if self.flows.size + <int64_t>size > self.flows.most_bytes:
            return False
        memory = <uint8_t *>PyMem_RawMalloc(size)
        if memory == NULL:
            return False
        memcpy(memory, text + self.rest_at, size)
        side.text = memory
        side.size = side.room = size
        side.offset = offset
        side.wanted = self.rest_wanted
        side.state = <uint8_t>self.rest_state
        self.flows.size += size
        return True

    cdef bint messages(
        self, const uint8_t *text, size_t at, size_t end, size_t readable, int state, size_t wanted,
        size_t seam, int64_t first, int64_t second
    ) noexcept nogil:
        """Find the messages in text[at:end], as `Frames` of capture/streams.py does; False if it takes more
        than their Content-Length to tell where they end.

        A byte before `seam` is at `first` plus its index in the file, others at `second` plus theirs.
        """
        cdef size_t stop
        cdef uint32_t fault
        cdef Pending *pending
        cdef bint in_place = text == self.data, is_fixed = self.fixed or not in_place
        cdef sip_table *table
        self.pending_at = self.pending_count = 0
        self.rest_state = AT_START
        self.facts.in_place = in_place
        while True:
            table = NULL
            if state == AT_START:
                while at < end and (text[at] == c"\r" or text[at] == c"\n"):
                    at += 1
            if at == end:
                return True
            if state != IN_BODY:
                if state == AT_START and not resembles_sip(text, at, min(end, at + LONGEST_LINE)):
                    if end - at > LONGEST_LINE or not is_undecided(text, at, end):
                        break
                    self.rest_at, self.rest_state, self.rest_wanted = at, IN_LINE, 0
                    return True
                table = &self.tables[min(self.pending_count, TABLES - 1)]
                fault = tokenize(text + at, 0, end - at, readable - at, &self.limits, is_fixed, table)
                if fault != 0:
                    # The tokenizer has seen each line of these bytes but the last.
                    if fault != SIP_FAULT_HEADER_BLOCK_UNFINISHED or text[end - 1] == c"\n":
                        stop = end
                        while stop > at and text[stop - 1] != c"\n":
                            stop -= 1
                        if stop > at and line_after(text, at, stop, True) < stop:
                            break
                    self.rest_at, self.rest_state, self.rest_wanted = at, IN_HEADER, 0
                    return True
                if table.content_length == SIP_NONE or table.content_length > self.limits.size:
                    break
                wanted = <size_t>table.body + table.content_length
                if wanted > self.limits.size:
                    break
            if wanted > end - at:
                self.rest_at, self.rest_state, self.rest_wanted = at, IN_BODY, wanted
                return True
            if self.pending_count == MOST_PENDING:
                break
            pending = &self.pending[self.pending_count]
            pending.table = table if self.pending_count < TABLES - 1 else NULL
            self.pending_count += 1
            pending.text = text + at
            pending.size = wanted
            pending.readable = readable - at
            pending.offset = <int64_t>at + (first if at < seam else second)
            at += wanted
            state = AT_START
        self.pending_count = 0
        return False
