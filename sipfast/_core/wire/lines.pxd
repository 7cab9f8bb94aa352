# The lines of bytes that may be malformed, for C: see docs/tokenizer.md.

from libc.stdint cimport uint8_t

cdef bint resembles_sip(const uint8_t *data, size_t at, size_t end) noexcept nogil
cdef size_t line_after(const uint8_t *data, size_t at, size_t end, bint blank) noexcept nogil
cdef bint begins_with_start_line(const uint8_t *data, size_t at, size_t end) noexcept nogil
