"""The tokenizer: from bytes to a `sip_table` of spans, in one pass, without an object and without the GIL.

The contract that this file and its twin `tokenizer.py` keep is written down in
`docs/tokenizer.md`: what an element is, in which order its faults are looked for, what a span holds.
"""

from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memchr, memcpy, memset

from .rules cimport is_blank, is_digit, is_line_end, is_space, is_version, lower, sip_token, starts_like_sip


cdef extern from "Python.h" nogil:
    # malloc and its like, which need no GIL either; what they give is counted by `tracemalloc`.
    void *PyMem_RawRealloc(void *memory, size_t size)
    void PyMem_RawFree(void *memory)


cdef extern from "<tables.h>" nogil:
    enum:
        SIP_KERNELS
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

    ctypedef bint (*sip_plain_fn)(const uint8_t *data, size_t size) noexcept nogil

    ctypedef struct sip_kernel:
        const char *name
        sip_lines_fn lines
        sip_plain_fn plain

    ctypedef struct sip_names:
        pass

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
    uint32_t sip_near_colon(const uint8_t *data) noexcept
    uint32_t sip_short_name_id(const sip_names *names, const uint8_t *name, size_t length) noexcept
    uint32_t sip_lowest(uint64_t bits) noexcept
    bint likely "SIP_LIKELY"(bint condition) noexcept
    bint unlikely "SIP_UNLIKELY"(bint condition) noexcept


cdef enum:
    LARGEST_LENGTH = 0x7FFFFFFF
    LONGEST_LINE = 0x7FFFFF  # a tag has no room for a longer name
    LAST_OFFSET = 0xFFFFFFFE
    LATE_SIZE = (SIP_HEADER_IDS * 4 + 15) // 16 * 16  # bytes of `late`, where spans can follow
    # How much may be read to find a name, its colon, a space and the byte after it.
    NAME_READS = SIP_NAME_MAX + 4
    SHORT_NAME_READS = 19

cdef sip_kernel[SIP_KERNELS] _kernels
cdef int _kernel_count = sip_kernels(_kernels)
cdef sip_kernel *_kernel = _kernels


cdef inline uint32_t known_name(
    const sip_names *names, const uint8_t *name, size_t length, uint8_t stop
) noexcept nogil:
    """The id of a name that `stop` need not follow, and that may end at the buffer's edge; or 0."""
    cdef uint8_t[SIP_NAME_MAX + 1] copy
    if length > SIP_NAME_MAX:
        return 0
    memcpy(copy, name, length)
    copy[length] = stop
    return sip_name_id(names, copy, length)


cdef inline uint32_t find_byte(const uint8_t *data, uint32_t at, uint32_t end, uint8_t byte) noexcept nogil:
    """The offset of the first such byte in data[at:end], or `end`."""
    cdef const uint8_t *found = <const uint8_t *>memchr(data + at, byte, end - at)
    return end if found == NULL else <uint32_t>(found - data)


# ---- from bytes to spans ----------------------------------------------------------------------


cdef uint32_t tokenize(
    const uint8_t *data,
    size_t start,
    size_t size,
    size_t readable,
    const sip_limits *limits,
    bint fixed,
    sip_table *table,
) noexcept nogil:
    """Fill a table with the message that begins at data[start]; 0, or the number of the first fault.

    It has `size` bytes at the most.  data[:readable] may be read, which is start + size or more, and
    counts for nothing but speed.  `fixed` says that nobody can write to the bytes meanwhile.
    """
    cdef uint32_t fault
    if table.spans != NULL:  # of another message
        memset(&table.count, 0, <uint8_t *>table.inline_spans - <uint8_t *>&table.count)
    table.data = data
    table.spans = table.inline_spans
    table.capacity = INLINE_FIELDS
    table.max_headers = limits.headers
    if unlikely(size > limits.size or start > LAST_OFFSET or size > LAST_OFFSET - start):
        return fail(table, SIP_FAULT_MESSAGE_TOO_LARGE, <uint32_t>(start + limits.size))
    table.stop = <uint32_t>(start + size)
    fault = elements(table, start, readable, min(limits.line, <uint32_t>LONGEST_LINE))
    if unlikely(fault != 0):
        return fault
    if unlikely(not fixed) and not is_sound(table):
        return CHANGED
    return framing(table)


cdef uint32_t fail(sip_table *table, uint32_t fault, uint32_t at) noexcept nogil:
    table.fault_at = at
    return fault


cdef uint32_t elements(sip_table *table, size_t at, size_t readable, uint32_t max_line) noexcept nogil:
    """Take in the elements from data[at] on; 0, or the number of the first fault."""
    cdef const uint8_t *data = table.data
    cdef const uint8_t *name = data
    cdef size_t size = table.stop, after, end, length = 0, skip = 0
    cdef size_t rim = readable - NAME_READS  # up to there, any name can be looked up
    cdef size_t short_rim = readable - SHORT_NAME_READS  # and up to there, one of at most 15 bytes
    cdef bint plain = False  # not the start line, and as far as seen not folded
    cdef uint32_t[SIP_ROOM] ends
    cdef uint32_t i, found, header_id, fault, count = 0
    cdef uint32_t few = 0  # before this one, `places` can say where
    cdef uint32_t full = 0  # and before this one there is room
    cdef size_t last_length = 0
    cdef uint8_t byte, place
    cdef bint folded = False, last = False, cut, quick
    cdef bint usual = size - at <= max_line and readable >= NAME_READS
    cdef sip_scan scan
    cdef sip_span *span = table.inline_spans

    # As is_line_end has it; calling that here costs 3 % of the loop below.
    while at < size and (data[at] == c"\n" or (data[at] == c"\r" and at + 1 < size and data[at + 1] == c"\n")):
        at += 1 + (data[at] == c"\r")
    if size - at <= 1 and (at == size or data[at] == c"\r"):
        return fail(table, SIP_FAULT_NO_MESSAGE, size)

    table.start = at
    scan.position, scan.bare_cr, scan.after_cr = at, SIP_NONE, 0
    while not last:
        found = _kernel.lines(data, size, &scan, ends)
        if found == 0:
            return unfinished(table, at, max_line)
        if unlikely(ends[0] == at):  # an element is never empty: somebody writes to the buffer
            return CHANGED
        if unlikely(scan.bare_cr != SIP_NONE):
            usual = plain = False
        cut = ends[found - 1] + 1 == size  # what comes next is not there
        found -= cut
        i = 0
        while i < found:
            end = ends[i]
            after = end + 1
            i += 1
            byte = data[after]
            if unlikely(byte <= c" "):
                if is_space(byte):
                    folded = True
                    plain = False
                    continue
                if is_line_end(data, after, size):
                    last = True
                    found = i
            end -= data[end - 1] == c"\r"

            # The usual field: a name, its colon, one space or none, text; no check of its own.
            header_id = 0
            quick = plain
            if likely(plain):
                name = data + at
                if likely(at <= rim):
                    length = sip_colon(name)
                    header_id = sip_name_id(&sip_header_names, name, length)
                elif at <= short_rim:
                    length = sip_near_colon(name)
                    header_id = sip_short_name_id(&sip_header_names, name, length)
                    quick = header_id != 0
                else:
                    length = 0
                    quick = False
                skip = length + 1
                skip += name[skip] == c" "
            if likely(header_id != 0 and name[skip] > c" " and data[end - 1] > c" " and count < few):
                fill(span, header_id, at, length, at + skip, end)
                span += 1
                count += 1
                place = table.places[header_id]
                table.places[header_id] = place if place != 0 else <uint8_t>count
                last_length = at if header_id == SIP_HEADER_CONTENT_LENGTH else last_length
            elif (
                quick
                and count < full
                and (header_id != 0 or other_name(name, &length, end - at, &header_id))
                and (at + skip == end or (name[skip] > c" " and data[end - 1] > c" "))
            ):  # one that is unknown, spaced before its colon, empty, or one of very many
                fill(span, header_id, at, length, at + skip, end)
                note_first(table, header_id, count)
                span += 1
                count += 1
                last_length = at if header_id == SIP_HEADER_CONTENT_LENGTH else last_length
            else:
                table.count = count
                fault = element(table, at, end, folded, scan.bare_cr, max_line)
                if unlikely(fault != 0):
                    return fault
                count = table.count
                span = table.spans + count
                full = min(table.capacity, table.max_headers)
                few = min(full, <uint32_t>LATE)
                folded = False
                plain = usual
            at = after
        if unlikely(cut and not last):
            return unfinished(table, at, max_line)

    table.count = count
    table.body = at + 1 + (data[at] == c"\r")
    table.last_length = max(table.last_length, <uint32_t>last_length)
    return 0


cdef bint is_sound(const sip_table *table) noexcept nogil:
    """Whether all spans lie within the message's bytes.  If somebody writes to them while they are
    read, each pass over them sees other bytes."""
    cdef uint32_t i, stop = table.stop
    cdef const sip_span *span
    for i in range(table.count):
        span = &table.spans[i]
        if span.value > stop or span.value_length > stop - span.value or span.tag >> NAME_SHIFT > stop - span.name:
            return False
    return table.body <= stop


cdef uint32_t element(
    sip_table *table, uint32_t at, uint32_t end, bint folded, uint32_t bare_cr, uint32_t max_line
) noexcept nogil:
    """Take in data[at:end], the start line or a header field, with every check there is."""
    if unlikely(end <= at):  # an element is never empty: somebody writes to the buffer
        return CHANGED
    if end - at > max_line:
        return fail(table, SIP_FAULT_LINE_TOO_LONG, at + max_line)
    if bare_cr < end:
        return fail(table, SIP_FAULT_BARE_CR, bare_cr)
    if at == table.start:
        return start_line(table, end, folded)
    return field(table, at, end, folded)


cdef uint32_t field(sip_table *table, size_t at, size_t end, bint folded) noexcept nogil:
    """Take in the field data[at:end], whatever it is like."""
    cdef const uint8_t *data = table.data
    cdef size_t colon, stop, value, i
    cdef uint32_t header_id
    if table.count == table.max_headers:
        return fail(table, SIP_FAULT_TOO_MANY_HEADER_FIELDS, at)
    colon = find_byte(data, at, end, c":")
    if colon == end:
        return fail(table, SIP_FAULT_HEADER_WITHOUT_COLON, at)
    stop = colon
    while stop > at and is_space(data[stop - 1]):
        stop -= 1
    if stop == at:
        return fail(table, SIP_FAULT_HEADER_NAME_EMPTY, at)
    header_id = known_name(&sip_header_names, data + at, stop - at, c":")
    if header_id == 0:
        for i in range(at, stop):
            if not sip_token[data[i]]:
                return fail(table, SIP_FAULT_HEADER_NAME_MALFORMED, i)
    value = colon + 1
    while value < end and is_blank(data[value]):
        value += 1
    while end > value and is_blank(data[end - 1]):
        end -= 1
    if table.count == table.capacity and grow(table, at) != 0:
        return NO_MEMORY
    fill(&table.spans[table.count], header_id, at, stop - at, value, end)
    if folded and memchr(data + value, c"\n", end - value) != NULL:
        table.spans[table.count].tag |= FOLDED
    note_first(table, header_id, table.count)
    if header_id == SIP_HEADER_CONTENT_LENGTH:
        table.last_length = at
    table.count += 1
    return 0


cdef inline void fill(
    sip_span *span, uint32_t header_id, size_t at, size_t length, size_t value, size_t end
) noexcept nogil:
    span.name = at
    span.value = value
    span.value_length = end - value
    span.tag = length << NAME_SHIFT | header_id


cdef inline void note_first(sip_table *table, uint32_t header_id, uint32_t index) noexcept nogil:
    """The field at `index` is the first of its name, if there is none yet."""
    if table.places[header_id] == 0:
        if index < LATE:
            table.places[header_id] = <uint8_t>(index + 1)
        else:
            table.places[header_id] = LATE + 1
            table.late[header_id] = index


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


cdef uint32_t unfinished(sip_table *table, uint32_t at, uint32_t max_line) noexcept nogil:
    """The buffer ends within the element at `at`, or before the byte that would end it."""
    cdef const uint8_t *data = table.data
    cdef uint32_t end = table.stop
    if end > at and data[end - 1] == c"\n":
        end -= 1
    if end > at and data[end - 1] == c"\r":
        end -= 1
    if end - at > max_line:
        return fail(table, SIP_FAULT_LINE_TOO_LONG, at + max_line)
    if at == table.start:
        while at < end and sip_token[data[at]]:
            at += 1
        if at < end and not (is_space(data[at]) and at > table.start) and not starts_like_sip(data, table.start, end):
            return fail(table, SIP_FAULT_NOT_SIP, at)
    return fail(table, SIP_FAULT_HEADER_BLOCK_UNFINISHED, table.stop)


# ---- the start line -----------------------------------------------------------------------


cdef uint32_t start_line(sip_table *table, uint32_t end, bint folded) noexcept nogil:
    cdef const uint8_t *data = table.data
    cdef uint32_t at = table.start
    table.line_end = end
    if unlikely(folded):
        return fail(table, SIP_FAULT_START_LINE_FOLDED, find_byte(data, at, end, c"\n") + 1)
    if starts_like_sip(data, at, end):
        return status_line(table, end)
    return request_line(table, end)


cdef uint32_t request_line(sip_table *table, uint32_t end) noexcept nogil:
    """Method SP Request-URI SP SIP-Version; more whitespace is a defect, found later."""
    cdef const uint8_t *data = table.data
    cdef uint32_t at = table.start, method_end, version, stop
    cdef uint64_t spaces
    if likely(end - at >= 24 and sip_load8(data + end - 8) == sip_load8(<const uint8_t *>b" SIP/2.0")):
        spaces = sip_equal8(data + at, c" ") | sip_equal8(data + at + 8, c" ") << 8 | <uint64_t>1 << 16
        table.method_length = sip_lowest(spaces)
        table.target_at = at + table.method_length + 1
        if likely(
            table.method_length < 16  # more would be read past 24 bytes
            and sip_name_id(&sip_method_names, data + at, table.method_length) != 0
            and data[table.target_at] > c" "
            and data[end - 9] > c" "
        ):
            table.target_length = end - 8 - table.target_at
            table.version_at = end - 7
            table.version_length = 7
            return 0

    method_end = at
    while method_end < end and sip_token[data[method_end]]:
        method_end += 1
    if method_end == at or (method_end < end and not is_space(data[method_end])):
        return fail(table, SIP_FAULT_NOT_SIP, method_end)
    table.method_length = method_end - at
    stop = end
    while stop > method_end and is_space(data[stop - 1]):
        stop -= 1
    version = stop
    while version > method_end and not is_space(data[version - 1]):
        version -= 1
    if version == method_end:
        return fail(table, SIP_FAULT_REQUEST_LINE_INCOMPLETE, stop)
    table.version_at = version
    table.version_length = stop - version
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
    table.target_at = at
    table.target_length = stop - at
    return 0


cdef uint32_t status_line(sip_table *table, uint32_t end) noexcept nogil:
    """SIP-Version SP 3DIGIT SP Reason-Phrase; other whitespace is a defect, found later."""
    cdef const uint8_t *data = table.data
    cdef uint32_t at = table.start
    table.version_at = at
    if likely(
        end - at >= 12
        and sip_load8(data + at) == sip_load8(<const uint8_t *>b"SIP/2.0 ")
        and is_digit(data[at + 8])
        and is_digit(data[at + 9])
        and is_digit(data[at + 10])
        and data[at + 11] == c" "
    ):
        table.version_length = 7
        table.status_code = (data[at + 8] - c"0") * 100 + (data[at + 9] - c"0") * 10 + (data[at + 10] - c"0")
        table.target_at = at + 12
        table.target_length = end - table.target_at
        return 0
    while at < end and not is_space(data[at]):
        at += 1
    table.version_length = at - table.start
    if not is_version(data, table.start, at):
        return fail(table, SIP_FAULT_VERSION_MALFORMED, table.start)
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
    table.status_code = (data[at] - c"0") * 100 + (data[at + 1] - c"0") * 10 + (data[at + 2] - c"0")
    table.target_at = at + 3 + (end - at > 3)
    table.target_length = end - table.target_at
    return 0


# ---- what is rare ---------------------------------------------------------------------------


cdef uint32_t grow(sip_table *table, size_t at) noexcept nogil:
    """Make room for an eighth more fields at least, and for all if they go on as up to `at`.

    One allocation that fits costs far less than doubling: each new large block is paged in anew.
    """
    cdef uint64_t expected = table.count * <uint64_t>(table.stop - table.start) // (at - table.start)
    cdef uint64_t capacity = min(expected + expected // 8 + 8, <uint64_t>table.max_headers)
    cdef bint moves = table.spans != table.inline_spans
    cdef void *heap
    if capacity > table.heap_capacity:
        heap = PyMem_RawRealloc(table.heap, LATE_SIZE + capacity * sizeof(sip_span))
        if heap == NULL:
            return NO_MEMORY
        table.heap = heap
        table.heap_capacity = <uint32_t>capacity
    table.late = <uint32_t *>table.heap
    table.spans = <sip_span *>(<uint8_t *>table.heap + LATE_SIZE)
    if not moves:
        memcpy(table.spans, table.inline_spans, table.count * sizeof(sip_span))
    table.capacity = table.heap_capacity
    return 0


cdef void sip_table_free(sip_table *table) noexcept nogil:
    """Free what a table has besides itself; it is then as good as new."""
    PyMem_RawFree(table.heap)
    sip_table_init(table)


cdef uint32_t framing(sip_table *table) noexcept nogil:
    """Where the body ends, by the header's Content-Length fields."""
    cdef Py_ssize_t index
    cdef uint32_t number
    cdef sip_span *span
    table.content_length = SIP_NONE
    table.end = table.stop
    if table.last_length == 0:
        return 0
    index = sip_table_first(table, SIP_HEADER_CONTENT_LENGTH)
    while True:
        span = &table.spans[index]
        number = body_length(table, span)
        if unlikely(number == SIP_NONE):
            return fail(table, SIP_FAULT_CONTENT_LENGTH_NOT_A_NUMBER, span.value)
        if unlikely(number > LARGEST_LENGTH):
            return fail(table, SIP_FAULT_CONTENT_LENGTH_TOO_LARGE, span.value)
        if unlikely(table.content_length != SIP_NONE and number != table.content_length):
            return fail(table, SIP_FAULT_CONTENT_LENGTH_CONFLICT, span.value)
        table.content_length = number
        if likely(span.name == table.last_length):
            break
        index += 1
        while (table.spans[index].tag & HEADER_ID) != SIP_HEADER_CONTENT_LENGTH:
            index += 1
    if number < table.stop - table.body:
        table.end = table.body + number
    return 0


cdef uint32_t body_length(sip_table *table, sip_span *span) noexcept nogil:
    """The number in a field, SIP_NONE if it is none, LARGEST_LENGTH + 1 if it is larger than that."""
    cdef const uint8_t *digit = table.data + span.value
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


cdef bint is_plain_text(const uint8_t *text, size_t at, size_t end) noexcept nogil:
    """Whether text[at:end] is UTF-8 without control characters but TAB, CR, and LF after a CR."""
    return end <= at or _kernel.plain(text + at, end - at)


cdef bint sip_table_add(
    sip_table *table, uint32_t name, uint32_t length, uint32_t value, uint32_t value_length
) noexcept nogil:
    """Add a field that was found elsewhere; False without memory.  Its spans lie in the bytes."""
    cdef const uint8_t *data = table.data
    cdef uint32_t header_id = known_name(&sip_header_names, data + name, length, c":")
    if table.count == table.capacity and grow(table, name) != 0:
        return False
    fill(&table.spans[table.count], header_id, name, length, value, value + value_length)
    if memchr(data + value, c"\n", value_length) != NULL:
        table.spans[table.count].tag |= FOLDED
    note_first(table, header_id, table.count)
    table.count += 1
    return True


# ---- look-ups ---------------------------------------------------------------------------------------


cdef Py_ssize_t sip_table_next(const sip_table *table, Py_ssize_t index) noexcept nogil:
    """The index of the next field of the same name as the field at `index`, or -1."""
    cdef const sip_span *span = &table.spans[index]
    cdef const uint8_t *name = table.data + span.name
    cdef uint32_t header_id = span.tag & HEADER_ID, length = span.tag >> NAME_SHIFT
    cdef Py_ssize_t i
    for i in range(index + 1, table.count):
        span += 1
        if unlikely(span.tag & HEADER_ID == header_id) and (header_id != 0 or is_named(table, span, name, length)):
            return i
    return -1


cdef uint32_t sip_header_id(const uint8_t *name, size_t length) noexcept nogil:
    """The id of a header name, long or compact, in any case; 0 where it is not registered."""
    return known_name(&sip_header_names, name, length, c":")


cdef Py_ssize_t sip_table_find(const sip_table *table, const uint8_t *name, size_t length) noexcept nogil:
    """The index of the first field of this name, long or compact, in any case; or -1."""
    cdef uint32_t header_id = sip_header_id(name, length)
    cdef Py_ssize_t i, first = sip_table_first(table, header_id)
    if header_id != 0 or first < 0:
        return first
    for i in range(first, table.count):
        if table.spans[i].tag & HEADER_ID == 0 and is_named(table, &table.spans[i], name, length):
            return i
    return -1


cdef uint32_t sip_table_method(const sip_table *table) noexcept nogil:
    """The number of a request's method, SIP_METHOD_... in the generated table; 0 for other ones."""
    if table.method_length == 0:
        return 0
    return known_name(&sip_method_names, table.data + table.start, table.method_length, c" ")


cdef inline bint is_named(
    const sip_table *table, const sip_span *span, const uint8_t *name, size_t length
) noexcept nogil:
    return span.tag >> NAME_SHIFT == length and same_name(table.data + span.name, name, length)


cdef bint same_name(const uint8_t *one, const uint8_t *other, size_t length) noexcept nogil:
    cdef size_t i
    for i in range(length):
        if lower(one[i]) != lower(other[i]):
            return False
    return True


# ---- for tests and benchmarks: what the engine does not need itself -------------------------------


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
            _kernel = &_kernels[i]
            return
    raise ValueError(f"there is no kernel {name!r} here, only {', '.join(kernels())}")
