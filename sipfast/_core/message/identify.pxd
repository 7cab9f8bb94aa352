cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from .. cimport shapes
from ..lists cimport read_field, read_first
from ..values.address cimport Address
from ..values.sequence cimport CSeq
from ..values.via cimport Via, has_cookie
from ..wire cimport table
from ..wire cimport text as chars
from ..wire.splice cimport Splice
from ..wire.table cimport Table
from ..wire.text cimport AllParts, Part
from .properties cimport Typed

cdef type DialogID, TransactionKey
cdef unsigned int _VIA, _FROM, _TO, _CALL_ID, _CSEQ, _RSEQ
cdef int64_t MOST
cdef tuple _ROUTING
cdef bytes _SEPARATOR
cdef str _BRANCH, _TAG, COOKIE


cpdef object transaction_of(Typed message)
cpdef object client_transaction_of(Typed message)
cpdef object dialog_of(Typed message)
@cython.locals(number=int64_t)
cpdef object merge_of(Typed request)
@cython.locals(header_id=uint32_t, index=Py_ssize_t, number=int64_t, text=Splice)
cpdef object loop_of(Typed request)
@cython.locals(index=Py_ssize_t, span=int64_t)
cdef int _write_tag(Splice text, Typed request, unsigned int header_id) except -1
@cython.locals(at=uint32_t, length=uint32_t)
cdef bytes _target_bytes(Typed request)
cdef int _write_value(Splice text, Typed request, Py_ssize_t index) except -1
cpdef object retransmission_of(Typed message)
@cython.locals(
    index=Py_ssize_t, text="const uint8_t *", end=uint32_t, parts=AllParts, branch=str, sent_by=str, via=Via,
)
cdef object _key_of(Typed message, bint whole)
@cython.locals(found=int64_t, at=uint32_t, end=uint32_t, size=uint32_t)
cdef str _plain_branch(const uint8_t *text, Part *parts)
@cython.locals(at=uint32_t, end=uint32_t)
cdef str _sent_by(const uint8_t *text, Part *parts)
cdef object _old_key(Typed message, Via via, bint whole)
@cython.locals(method=str)
cdef str _method(Typed message)
cdef str _call_id(Typed message)
cdef str _from_tag(Typed message)
cdef str _to_tag(Typed message)
@cython.locals(span=int64_t)
cdef str _tag(Typed message, Py_ssize_t index)
@cython.locals(text="const uint8_t *", end=uint32_t, parts=AllParts, found=int64_t, at=int64_t)
cdef int64_t _plain_tag(Typed message, Py_ssize_t index) noexcept
@cython.locals(address=Address)
cdef str _read_tag(Typed message, Py_ssize_t index)
@cython.locals(index=Py_ssize_t, parts=AllParts, number=int64_t)
cdef int64_t _sequence(Typed message) except -1
@cython.locals(index=Py_ssize_t, text="const uint8_t *", at=uint32_t, end=uint32_t, parts=AllParts, known=str)
cdef str _cseq_method(Typed message)
@cython.locals(at=uint32_t, number=int64_t)
cdef int64_t _plain_cseq(const uint8_t *text, uint32_t end, Part *parts) noexcept
cdef CSeq _read_cseq(Typed message, Py_ssize_t index)
@cython.locals(index=Py_ssize_t)
cpdef Via top_via(Typed message)
cdef Py_ssize_t _index_of(Table message, unsigned int header_id) except -1
cdef object _missing(Table message, unsigned int header_id)
