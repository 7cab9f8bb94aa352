# The walk over the packets of a capture, and what it says of a message.

from libc.stdint cimport int64_t, uint8_t, uint16_t


cdef extern from "<packets.h>" nogil:
    enum:
        SIP_OVER_NONE
        SIP_OVER_UDP
        SIP_OVER_TCP
        SIP_OVER_SCTP
        SIP_OVER_WS
        SIP_OVER_TLS

    ctypedef struct sip_facts:
        int64_t offset, packet, time_ns
        uint8_t[16] source, destination
        uint16_t source_port, destination_port
        uint8_t family, transport, has_time, is_cut, in_place
        const void *table


cdef class Sink:
    """Takes one message after another."""

    cdef bint is_busy  # taking messages, or calling a function that must not use it

    cdef int row(
        self, const uint8_t *text, size_t size, size_t readable, const sip_facts *facts
    ) noexcept nogil
    cdef int check(self) except -1
    cdef int ready(self) except -1
