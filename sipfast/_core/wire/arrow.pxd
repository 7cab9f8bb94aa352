cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t


cdef extern from "slots.h" nogil:
    enum: SIP_TEXT, SIP_BOOL, SIP_UINT16, SIP_UINT32, SIP_INT64, SIP_TIME, SIP_TEXTS, SIP_TYPES
    enum: SIP_SLOT_NULL, SIP_SLOT_IN_PLACE, SIP_SLOT_COPIED, SIP_SLOT_NUMBER, SIP_SLOT_LATER
    enum: SIP_APPENDED, SIP_FULL, SIP_NO_MEMORY, SIP_OUT_OF_PLACE
    ctypedef struct sip_text:
        const uint8_t *text
        uint32_t length
    ctypedef struct sip_slot:
        const uint8_t *text
        int64_t number
        uint32_t length
        uint8_t state
    ctypedef struct sip_batch:
        pass
    ctypedef struct sip_assembler:
        pass


@cython.no_gc
cdef class Schema:
    cdef readonly tuple fields
    cdef readonly str text
    cdef bytes _types
    cdef tuple _names  # in UTF-8
    cdef const char **_name_texts
    cdef bint _views


@cython.no_gc
cdef class Batch:
    cdef readonly Schema schema
    cdef sip_batch *_own


@cython.no_gc  # like a message, it is never freed if its source holds on to it
cdef class Assembler:
    cdef readonly Schema schema
    cdef sip_assembler *_own
    cdef bint _is_busy  # without Python's lock, or calling what must not use it

    # Begin a use; ValueError during another, by a thread or by a function that is called.
    cdef int _use(self) except -1
    # The source of the rows that follow; `mapped` if it is a file that is mapped.
    cpdef int begin(self, object data, bint mapped) except -1
    # Add a row: SIP_APPENDED, or else the row is not in: SIP_FULL, SIP_NO_MEMORY, SIP_OUT_OF_PLACE.
    cdef int append(self, const sip_slot *slots) noexcept nogil
    # Raise what an append that failed means.
    cdef int refuse(self, int outcome) except -1
    # All of the source before `at` was read: call it now and then, whether there are rows or not.
    cdef void passed(self, const uint8_t *at) noexcept nogil
    # Leave out the rows after so many.
    cpdef int cut(self, uint32_t rows) except -1
    cpdef Batch take(self)


cdef extern from "where.h" nogil:
    enum: SIP_WHERE_TRUE, SIP_WHERE_FALSE, SIP_WHERE_NULL
    ctypedef struct sip_constant:
        const uint8_t *text
        int64_t number
        uint32_t length
    ctypedef struct sip_step:
        uint8_t operation
        uint8_t type
        uint32_t slot
        uint32_t count
        uint32_t size
        const sip_constant *constants
        const uint64_t *states
    ctypedef struct sip_where:
        const sip_step *steps
        uint32_t count
        uint8_t *truths
        uint64_t *states


@cython.no_gc
cdef class Where:
    cdef sip_where _own
    cdef tuple _parts  # the memory of the program, the last part and those before it: nobody can take one out
    cdef bytes _types  # of the slots

    cdef void *_memory(self, size_t size) except NULL
    cdef int _write(self, sip_step *step, tuple constants, bytes states) except -1
    # What the condition is of a row: a set of TRUE, FALSE and NULL, several while slots that count are
    # SIP_SLOT_LATER.  Without TRUE in it the row is not wanted, whatever these are.
    cdef int test(self, const sip_slot *slots) noexcept nogil
