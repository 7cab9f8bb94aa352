# cython: language_level=3
"""What the native tokenizer takes in a C loop, and the least that going over the lines can cost."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport uint8_t
from libc.string cimport memchr, memset

from sipfast._native.wire.tokenizer cimport Table, run

from time import perf_counter_ns


def tokenize(messages: list[bytes], rounds: int) -> list[float]:
    """Nanoseconds per message of the tokenizer alone, in a C loop over all messages, per round."""
    cdef Table table = Table()
    cdef bytes message
    times = []
    for _ in range(rounds):
        begin = perf_counter_ns()
        for message in messages:
            if message is None:
                raise TypeError("a message is bytes")
            table._buffer = message
            table._data = <const uint8_t *>PyBytes_AS_STRING(message)
            table._size = PyBytes_GET_SIZE(message)
            table._odd_lengths = 0
            memset(table._places, 0, sizeof(table._places))
            if run(table, 500, 1 << 15) != 0:
                raise ValueError("the benchmark needs messages without faults")
        times.append((perf_counter_ns() - begin) / len(messages))
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
