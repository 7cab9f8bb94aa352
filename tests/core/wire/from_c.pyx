# cython: language_level=3
"""A caller of the tokenizer in C: many messages in one call, without the GIL and without an object."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t, uint32_t
from libc.stdlib cimport free, malloc

from sipfast._native.wire.tokenizer cimport (
    FOLDED,
    HEADER_ID,
    NAME_SHIFT,
    is_response,
    sip_limits,
    sip_span,
    sip_table,
    sip_table_find,
    sip_table_first,
    sip_table_free,
    sip_table_init,
    sip_table_method,
    sip_table_next,
    tokenize,
)


cdef enum:
    NUMBERS = 14  # of a message, before those of its fields
    OF_FIELD = 6


cdef struct piece:
    size_t start, size


cdef uint32_t *note(const sip_table *table, uint32_t fault, uint32_t *out) noexcept nogil:
    """Write what was found, as `Table._dump` has it, and return where the next message goes."""
    cdef uint32_t i
    cdef const sip_span *span
    out[0], out[1] = fault, table.fault_at
    out[13] = 0
    if fault == 0:
        out[2], out[3], out[4], out[5] = table.start, table.line_end, table.body, table.end
        out[6], out[7], out[8] = table.method_length, table.target_at, table.target_length
        out[9], out[10] = table.version_at, table.version_length
        out[11], out[12], out[13] = table.status_code, table.content_length, table.count
    out += NUMBERS
    for i in range(out[-1]):
        span = &table.spans[i]
        out[0], out[1], out[2] = span.tag & HEADER_ID, span.name, span.tag >> NAME_SHIFT
        out[3], out[4], out[5] = span.value, span.value_length, (span.tag & FOLDED) != 0
        out += OF_FIELD
    return out


def dumps(bytes data, list pieces, size_t readable, uint32_t most_fields, bint fixed=True) -> list:
    """What is in each (start, size) of the data: as `Table._dump`, or the fault's number and place."""
    cdef const uint8_t *text = <const uint8_t *>PyBytes_AS_STRING(data)
    cdef Py_ssize_t count = len(pieces), i
    cdef piece *of = <piece *>malloc(count * sizeof(piece))
    cdef uint32_t *numbers = <uint32_t *>malloc(count * (NUMBERS + OF_FIELD * most_fields) * sizeof(uint32_t))
    cdef uint32_t *out = numbers
    cdef sip_limits limits
    cdef sip_table table
    if of == NULL or numbers == NULL or readable > <size_t>PyBytes_GET_SIZE(data) + 1:
        raise ValueError("more may be read than there is")
    for i in range(count):
        of[i].start, of[i].size = pieces[i]
    limits.size, limits.headers, limits.line = 1 << 20, most_fields, 1 << 15
    with nogil:
        sip_table_init(&table)
        for i in range(count):
            out = note(
                &table,
                tokenize(text, of[i].start, of[i].size, readable, &limits, fixed, &table),
                out,
            )
        sip_table_free(&table)
    found, out = [], numbers
    for i in range(count):
        if out[0] != 0:
            found.append((out[0], out[1]))
        else:
            head = tuple([out[j] for j in range(2, 13)])
            fields = [[out[NUMBERS + OF_FIELD * j + k] for k in range(OF_FIELD)] for j in range(out[13])]
            found.append((*head, tuple([(*field[:5], bool(field[5])) for field in fields])))
        out += NUMBERS + OF_FIELD * out[13]
    free(numbers)
    free(of)
    return found


def look_up(bytes data, bytes name) -> tuple:
    """The method's number, whether it is a response, the fields of a name, and the first of its id."""
    cdef const uint8_t *text = <const uint8_t *>PyBytes_AS_STRING(data)
    cdef size_t size = PyBytes_GET_SIZE(data)
    cdef sip_limits limits
    cdef sip_table table
    cdef Py_ssize_t index
    limits.size, limits.headers, limits.line = 1 << 20, 1000, 1 << 15
    sip_table_init(&table)
    if tokenize(text, 0, size, size, &limits, True, &table) != 0:
        raise ValueError("a message was expected")
    by_name, by_id = [], []
    index = sip_table_find(&table, <const uint8_t *>PyBytes_AS_STRING(name), len(name))
    if index >= 0:
        first = sip_table_first(&table, table.spans[index].tag & HEADER_ID)
        by_id.append(first)
    while index >= 0:
        by_name.append(index)
        index = sip_table_next(&table, index)
    method, response = sip_table_method(&table), is_response(text, 0, size)
    sip_table_free(&table)
    return method, bool(response), by_name, by_id
