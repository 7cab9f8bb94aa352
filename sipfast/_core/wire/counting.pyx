"""Counting the messages of a capture: those that are plain here, and all others by the layer above.

The layer above says what is counted, and how (`sipfast/cli/commands/stats/counts.py`).  A message is
counted here if that makes no difference: it can be parsed, and what counts stands in it plainly.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memset

from ..limits cimport Limits
from .columns cimport record_of
from .packets cimport Sink, sip_facts
from .plain cimport SIP_PLAIN_ROOM
from .repeats cimport MOST_OF_KEY, Window, of_path, of_text, read_key
from .text cimport likely, unlikely
from .tokenizer cimport (
    FOLDED,
    sip_limits,
    sip_span,
    sip_table,
    sip_table_first,
    sip_table_free,
    sip_table_init,
    tokenize,
)

from ..limits import DEFAULT_LIMITS


cdef extern from "Python.h" nogil:
    void *PyMem_RawRealloc(void *memory, size_t size)
    void *PyMem_RawCalloc(size_t count, size_t size)
    void PyMem_RawFree(void *memory)


cdef extern from "<tables.h>" nogil:
    enum:
        SIP_HEADER_IDENTITY
        SIP_HEADER_SERVER
        SIP_HEADER_USER_AGENT


cdef enum:
    MOST_NAMES = 4096
    SLOTS = 16384
    LONGEST_NAME = 1024
    ENOUGH_BYTES = 1 << 18  # of a batch, which stays in the cache of the processor
    ENOUGH = 1024
    ROOM_AFTER = SIP_PLAIN_ROOM  # bytes, with which the tokenizer is faster too
    MEASURED = 16  # of so many batches, the time of parsing one is measured
    STATUSES = 1000


@cython.final
@cython.internal
cdef class Names:
    """The last counts of names, on their way into a ranking, which knows few of very many names."""

    cdef object ranking
    cdef tuple texts  # the last one, and those before it: nobody can take one out
    cdef uint32_t[MOST_NAMES] lengths
    cdef char *bytes_of[MOST_NAMES]
    cdef uint64_t[MOST_NAMES] hashes, pending
    cdef uint32_t[MOST_NAMES] dirty
    cdef uint32_t[SLOTS] slots
    cdef uint32_t count, dirty_count

    def __cinit__(self, ranking):
        self.ranking = ranking

    cdef int add(self, const uint8_t *text, uint32_t length) except -1:
        """Count a name."""
        cdef uint64_t hash = of_text(0, text, length)
        cdef uint32_t slot = <uint32_t>hash & (SLOTS - 1), i
        while self.slots[slot] != 0:
            i = self.slots[slot] - 1
            if self.hashes[i] == hash and self.lengths[i] == length and memcmp(self.bytes_of[i], text, length) == 0:
                if self.pending[i] == 0:
                    self.dirty[self.dirty_count] = i
                    self.dirty_count += 1
                self.pending[i] += 1
                return 0
            slot = (slot + 1) & (SLOTS - 1)
        raw = PyBytes_FromStringAndSize(<const char *>text, length)
        self.flush()
        drops = self.ranking.drops
        self.ranking.add((<bytes>raw).decode("utf-8", "surrogateescape"))
        if self.count == MOST_NAMES or self.ranking.drops != drops:
            self.clear()
            slot = <uint32_t>hash & (SLOTS - 1)
        if length <= LONGEST_NAME and self.ranking.drops == drops:
            i = self.count
            self.texts = (raw, self.texts)
            self.hashes[i], self.pending[i], self.lengths[i] = hash, 0, length
            self.bytes_of[i] = PyBytes_AS_STRING(raw)
            self.count += 1
            self.slots[slot] = self.count
        return 0

    cdef int flush(self) except -1:
        """Put the counts into the ranking, each once, whatever that raises."""
        cdef uint32_t i
        cdef uint64_t times
        while self.dirty_count != 0:
            self.dirty_count -= 1
            i = self.dirty[self.dirty_count]
            times, self.pending[i] = self.pending[i], 0
            self.ranking.add(self.bytes_of[i][:self.lengths[i]].decode("utf-8", "surrogateescape"), times)
        return 0

    cdef void clear(self):
        memset(self.slots, 0, sizeof(self.slots))
        self.count = 0
        self.texts = None


cdef struct Queued:
    size_t at, size  # in the bytes of the batch
    sip_facts facts
    bint is_record  # which `_records` has


@cython.final
cdef class Counter(Sink):
    """Counter(other, defective, parse, record, methods, agents, repeats, counts_repeats, clock)\n--\n
    Counts messages.

    `other` is called with the number of each message that is not plain, and its record, of the class
    `record`.  `methods` and `agents` are rankings, and `repeats` the `Repeats` that `other` asks too.
    Unless `defective` is None, it is called for each plain message with defects: with its number, the
    number of its packet, its offset, and what `parse` made of it.  With `clock`, the time that reading
    the messages takes is estimated.
    """

    cdef readonly Py_ssize_t number, requests, responses, without_agent, duplicates, retransmissions
    cdef readonly double seconds
    cdef readonly Py_ssize_t measured
    cdef readonly Py_ssize_t left_out
    cdef object _other, _defective, _parse, _record, _clock, _file
    cdef Names _methods, _agents
    cdef Window _datagrams, _messages
    cdef bint _counts_repeats, _failed
    cdef uint64_t[STATUSES] _statuses
    cdef list _records
    cdef Queued *_queue
    cdef Py_ssize_t _queued, _room, _batches
    cdef uint8_t *_bytes
    cdef size_t _used, _size
    cdef sip_limits _limits
    cdef sip_table _table

    def __cinit__(self, other, defective, parse, record, methods, agents, repeats, bint counts_repeats, clock=None):
        cdef Limits limits = DEFAULT_LIMITS
        sip_table_init(&self._table)
        datagrams, messages = repeats.datagrams, repeats.messages
        if type(datagrams) is not Window or type(messages) is not Window:
            raise TypeError("repeats must be Repeats of this engine")
        self._other, self._defective, self._parse = other, defective, parse
        self._record, self._clock = record, clock
        self._methods, self._agents = Names(methods), Names(agents)
        self._datagrams, self._messages = datagrams, messages
        self._counts_repeats = counts_repeats
        self._records = []
        self._limits.size, self._limits.headers, self._limits.line = limits._size, limits._headers, limits._line

    def __dealloc__(self):
        sip_table_free(&self._table)
        PyMem_RawFree(self._queue)
        PyMem_RawFree(self._bytes)

    # ---- as `Builder`, for captures

    def begin(self, data, file, bint mapped) -> None:
        """The source of the messages that follow: its bytes, and its name."""
        self._file = file

    cdef int row(self, const uint8_t *text, size_t size, size_t readable, const sip_facts *facts) noexcept nogil:
        """Take in a copy of one message: somebody may write to it."""
        cdef Queued *queued = self._next(size)
        if queued == NULL:
            self._failed = True
            return -1
        memcpy(self._bytes + self._used, text, size)
        queued.at, queued.size, queued.facts, queued.is_record = self._used, size, facts[0], False
        queued.facts.table = NULL
        self._used += size
        self._queued += 1
        return self._queued >= ENOUGH or self._used >= ENOUGH_BYTES

    cdef Queued *_next(self, size_t size) noexcept nogil:
        """The next place in the queue, with room for so many bytes; NULL without memory."""
        cdef Py_ssize_t room
        cdef size_t needed = self._used + size + ROOM_AFTER
        cdef void *grown
        if unlikely(self._queued == self._room):
            room = max(2 * self._room, ENOUGH)
            grown = PyMem_RawRealloc(self._queue, room * sizeof(Queued))
            if grown == NULL:
                return NULL
            self._queue, self._room = <Queued *>grown, room
        if unlikely(needed > self._size):
            needed = max(needed, <size_t>(2 * ENOUGH_BYTES))
            grown = PyMem_RawRealloc(self._bytes, needed)
            if grown == NULL:
                return NULL
            self._bytes = <uint8_t *>grown
            memset(self._bytes + self._size, 0, needed - self._size)
            self._size = needed
        return &self._queue[self._queued]

    def add(self, record) -> bool:
        """Take in one message as a record; whether the batch is full then."""
        cdef Queued *queued
        self.check()
        queued = self._next(0)
        if queued == NULL:
            raise MemoryError
        queued.at, queued.size, queued.is_record = len(self._records), 0, True
        self._records.append(record)
        self._queued += 1
        return self._queued >= ENOUGH

    def __len__(self):
        return self._queued

    def cut(self, Py_ssize_t rows) -> None:
        """Leave out the messages after so many of the batch."""
        self.check()
        self._queued = min(self._queued, max(rows, 0))

    def take(self) -> None:
        """Count the messages of the batch."""
        self.check()
        if self._failed:
            raise MemoryError
        self.is_busy = True  # for the functions that it calls
        try:
            self._take()
        finally:
            self.is_busy = False

    @cython.boundscheck(True)
    cdef int _take(self) except -1:
        cdef Py_ssize_t i, queued = self._queued
        if self._clock is not None and self._batches % MEASURED == 0:
            self._measure()
        self._batches += 1
        self._queued = 0  # whatever happens
        self._used = 0
        records, self._records = self._records, []
        for i in range(queued):
            self.number += 1
            if self._queue[i].is_record:
                self._hand_on(records[self._queue[i].at])
            else:
                self._count(&self._queue[i])
        self._methods.flush()
        self._agents.flush()
        return 0

    def statuses(self) -> dict[int, int]:
        """The number of responses by their status code."""
        return {code: self._statuses[code] for code in range(STATUSES) if self._statuses[code]}

    # ---- a message

    cdef int _measure(self) except -1:
        """Measure how long it takes to read the messages of the batch."""
        cdef Py_ssize_t i, count = 0
        begun = self._clock()
        for i in range(self._queued):
            if not self._queue[i].is_record:
                self._tokenize(&self._queue[i])
                count += 1
        self.seconds += self._clock() - begun
        self.measured += count
        return 0

    cdef uint32_t _tokenize(self, const Queued *queued) noexcept:
        return tokenize(
            self._bytes + queued.at, 0, min(queued.size, <size_t>self._limits.size),
            queued.size + ROOM_AFTER, &self._limits, True, &self._table,
        )

    cdef int _count(self, const Queued *queued) except -1:
        """Count a message, or hand it on."""
        cdef sip_table *table = &self._table
        cdef const uint8_t *text = self._bytes + queued.at
        cdef uint8_t[MOST_OF_KEY] key
        cdef uint32_t key_length = 0, status
        cdef const uint8_t *agent = NULL
        cdef uint32_t agent_length = 0
        cdef uint64_t path
        cdef bint is_request
        if unlikely(
            queued.facts.is_cut or queued.size > self._limits.size
            or tokenize(text, 0, queued.size, queued.size + ROOM_AFTER, &self._limits, True, table) != 0
        ):
            return self._hand_on_text(queued)
        is_request = table.method_length != 0
        if unlikely(not find_agent(table, is_request, &agent, &agent_length)):
            return self._hand_on_text(queued)
        if queued.facts.has_time:
            key_length = read_key(table, True, key)
            if unlikely(key_length == 0):
                return self._hand_on_text(queued)
        if self._defective is not None and unlikely(sip_table_first(table, SIP_HEADER_IDENTITY) >= 0):
            return self._hand_on_text(queued)  # its date may be stale
        if queued.facts.has_time:
            path = of_path(&queued.facts)
            if self._datagrams.has(of_text(path, text, queued.size), queued.facts.time_ns):
                self.duplicates += 1
                if not self._counts_repeats:
                    return 0
            elif self._messages.has(of_text(path, key, key_length), queued.facts.time_ns):
                self.retransmissions += 1
                if not self._counts_repeats:
                    return 0
        if is_request:
            self.requests += 1
            self._methods.add(text + table.start, table.method_length)
        else:
            self.responses += 1
            status = table.status_code
            self._statuses[status] += 1
        if agent_length:
            self._agents.add(agent, agent_length)
        else:
            self.without_agent += 1
        if self._defective is not None:
            message = self._parse(
                PyBytes_FromStringAndSize(<const char *>text, queued.size), datagram=bool(queued.facts.transport)
            )
            if message.defects or (table.end != table.body and message.body_defects):
                self._defective(self.number, queued.facts.packet, queued.facts.offset, message)
        return 0

    cdef int _hand_on_text(self, const Queued *queued) except -1:
        cdef bytes data = PyBytes_FromStringAndSize(<const char *>self._bytes + queued.at, queued.size)
        return self._hand_on(record_of(&queued.facts, data, self._file, self._record))

    cdef int _hand_on(self, record) except -1:
        """Let the layer above count a message."""
        self._methods.flush()
        self._agents.flush()
        methods, agents = self._methods.ranking.drops, self._agents.ranking.drops
        self._other(self.number, record)
        if self._methods.ranking.drops != methods:
            self._methods.clear()
        if self._agents.ranking.drops != agents:
            self._agents.clear()
        return 0


cdef inline bint find_agent(
    const sip_table *table, bint is_request, const uint8_t **text, uint32_t *length
) noexcept nogil:
    """The software of the sender, by `agent_of` in `sipfast/cli/reading.py`; False where it is folded."""
    cdef Py_ssize_t index = -1
    cdef const sip_span *span
    if not is_request:
        index = sip_table_first(table, SIP_HEADER_SERVER)
        if index >= 0 and table.spans[index].value_length == 0:
            index = -1
    if index < 0:
        index = sip_table_first(table, SIP_HEADER_USER_AGENT)
    if index < 0:
        return True
    span = &table.spans[index]
    text[0], length[0] = table.data + span.value, span.value_length
    return not span.tag & FOLDED
