# The tokenizer for C: a table, what fills it, and the look-ups.  None of them needs Python's lock or
# makes an object, so that many messages can be taken apart in one call.  docs/tokenizer.md has the
# contract, and an example.

from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memset


cdef extern from "<tables.h>" nogil:
    enum:
        SIP_HEADER_IDS  # header ids are below this
        SIP_NONE


cdef enum:
    INLINE_FIELDS = 24
    LATE = 254  # from this index on, `places` says only "late", and `late` says where
    HEADER_ID = 0xFF  # in a tag
    FOLDED = 0x100  # in a tag
    NAME_SHIFT = 9  # in a tag
    # Faults that are no rows of the generated table, where SIP_FAULT_... are.
    NO_MEMORY = 0xFFFF
    CHANGED = 0xFFFE  # somebody wrote to the bytes while they were read


cdef struct sip_limits:  # as `Limits`
    uint32_t size, headers, line


cdef struct sip_span:  # a header field
    uint32_t name, value, value_length
    uint32_t tag  # length of the name << NAME_SHIFT | FOLDED | header id


# One message.  It points into itself: it must stay where it is.
cdef struct sip_table:
    const uint8_t *data  # what all offsets count from
    sip_span *spans  # `count` of them: `inline_spans`, or in `heap`
    uint32_t *late  # the first field of each id that `places` calls late
    void *heap  # kept for the next message, until `sip_table_free`
    uint32_t heap_capacity, capacity, max_headers
    uint32_t stop  # where the bytes end that the message may have
    uint32_t fault_at  # after a fault; nothing else means anything then
    uint32_t start, line_end, body, end
    uint32_t target_at, target_length, version_at, version_length
    uint32_t content_length  # SIP_NONE without one
    # From here on, all is 0 where a message begins.
    uint32_t count, method_length, status_code
    uint32_t last_length  # the name of the last Content-Length field; 0 without one
    uint8_t[SIP_HEADER_IDS] places  # 1 + the first field of each id; 0: none
    sip_span[INLINE_FIELDS] inline_spans


cdef inline void sip_table_init(sip_table *table) noexcept nogil:
    """Make a table ready for its first message."""
    memset(table, 0, sizeof(sip_table))


cdef uint32_t tokenize(
    const uint8_t *data,
    size_t start,
    size_t size,
    size_t readable,
    const sip_limits *limits,
    bint fixed,
    sip_table *table,
) noexcept nogil

cdef void sip_table_free(sip_table *table) noexcept nogil
cdef bint is_plain_text(const uint8_t *text, size_t at, size_t end) noexcept nogil
cdef bint sip_table_add(
    sip_table *table, uint32_t name, uint32_t length, uint32_t value, uint32_t value_length
) noexcept nogil

# The look-ups.  An id or an index that is given must be one that there is.

cdef inline Py_ssize_t sip_table_first(const sip_table *table, uint32_t header_id) noexcept nogil:
    """The index of the first field with this id, or -1, in constant time."""
    cdef uint32_t place = table.places[header_id]
    if place > LATE:
        return table.late[header_id]
    return <Py_ssize_t>place - 1


cdef Py_ssize_t sip_table_next(const sip_table *table, Py_ssize_t index) noexcept nogil
cdef uint32_t sip_header_id(const uint8_t *name, size_t length) noexcept nogil
cdef Py_ssize_t sip_table_find(const sip_table *table, const uint8_t *name, size_t length) noexcept nogil
cdef uint32_t sip_table_method(const sip_table *table) noexcept nogil
