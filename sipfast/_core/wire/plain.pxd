# Usual values, split 64 bytes at once: see `plain.h`.

from libc.stdint cimport uint8_t, uint32_t


cdef extern from "plain.h" nogil:
    enum: SIP_PLAIN_ROOM
    ctypedef struct sip_part:
        uint32_t at, end
    ctypedef struct sip_plain:
        sip_part display, user, host
        uint32_t rest
    bint plain_works "sip_plain_works"() noexcept
    bint plain_address "sip_plain_address"(const uint8_t *text, uint32_t length, sip_plain *found) noexcept
    bint plain_via "sip_plain_via"(const uint8_t *text, uint32_t length, sip_plain *found) noexcept
    bint plain_parameter "sip_plain_parameter"(
        const uint8_t *text, uint32_t at, uint32_t length, const char *name, uint32_t size, char other,
        sip_part *found
    ) noexcept
