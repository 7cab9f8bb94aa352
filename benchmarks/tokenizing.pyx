# cython: language_level=3
"""What the native tokenizer takes in a C loop, and the least that going over the lines can cost."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t
from libc.string cimport memchr

from sipfast._native.wire.tokenizer cimport (
    sip_limits,
    sip_table,
    sip_table_free,
    sip_table_init,
    tokenize as tokenize_one,
)

from time import perf_counter_ns


def tokenize(messages: list[bytes], rounds: int) -> list[float]:
    """Nanoseconds per message of the tokenizer alone, in a C loop over all messages, per round."""
    cdef sip_table table
    cdef sip_limits limits
    cdef const uint8_t *data
    cdef Py_ssize_t size
    cdef bytes message
    cdef int fault = 0
    limits.size, limits.headers, limits.line = 1 << 20, 500, 1 << 15
    sip_table_init(&table)
    times = []
    for _ in range(rounds):
        begin = perf_counter_ns()
        for message in messages:
            if message is None:
                raise TypeError("a message is bytes")
            data = <const uint8_t *>PyBytes_AS_STRING(message)
            size = PyBytes_GET_SIZE(message)
            fault |= tokenize_one(data, 0, size, size + 1, &limits, True, &table)
        times.append((perf_counter_ns() - begin) / len(messages))
    sip_table_free(&table)
    if fault != 0:
        raise ValueError("the benchmark needs messages without faults")
    return times


def lines(messages: list[bytes], rounds: int) -> list[float]:
    """The yardstick: nanoseconds per message of `memchr` from line end to line end, per round."""
    cdef bytes message
    cdef const uint8_t *at
    cdef const uint8_t *end
    cdef size_t found = 0
    times = []
    for _ in range(rounds):
        begin = perf_counter_ns()
        for message in messages:
            at = <const uint8_t *>PyBytes_AS_STRING(message)
            end = at + PyBytes_GET_SIZE(message)
            while True:
                at = <const uint8_t *>memchr(at, c"\n", end - at)
                if at == NULL:
                    break
                at += 1
                found += 1
        times.append((perf_counter_ns() - begin) / len(messages))
    if found == 0:
        raise ValueError("the benchmark needs messages with lines")
    return times
