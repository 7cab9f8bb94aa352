cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t

from ..lists cimport read_field, read_first
from ..values.address cimport Address
from ..values.sequence cimport CSeq
from ..values.via cimport Via, has_cookie
from ..wire cimport table
from ..wire cimport text as chars
from ..wire.table cimport Table
from ..wire.text cimport Part
from .properties cimport Typed

cdef type DialogID, MergeKey, OldTransactionKey, RetransmissionKey, TransactionKey
cdef unsigned int _VIA, _FROM, _TO, _CALL_ID, _CSEQ, _RSEQ
cdef tuple _ROUTING
cdef int64_t MOST


cpdef object transaction_of(Typed message)
cpdef object client_transaction_of(Typed message)
cpdef object dialog_of(Typed message)
@cython.locals(cseq=CSeq)
cpdef object merge_of(Typed request)
@cython.locals(header_id=uint32_t, index=Py_ssize_t, number=int64_t, text=str, written=bytes)
cpdef object loop_of(Typed request)
cpdef object retransmission_of(Typed message)
@cython.locals(via=Via, branch=str)
cdef object _key_of(Typed message, bint whole)
@cython.locals(text="const uint8_t *", parts="Part *", at=uint32_t, end=uint32_t)
cdef str _sent_by(Via via)
cdef object _old_key(Typed message, Via via, bint whole)
@cython.locals(method=str)
cdef str _method(Typed message)
cdef str _call_id(Typed message)
cdef str _from_tag(Typed message)
cdef str _to_tag(Typed message)
@cython.locals(index=Py_ssize_t)
cdef CSeq _cseq(Typed message)
@cython.locals(index=Py_ssize_t, address=Address)
cdef str _tag(Typed message, unsigned int header_id)
@cython.locals(index=Py_ssize_t)
cpdef Via top_via(Typed message)
cdef Py_ssize_t _index_of(Table table, unsigned int header_id) except -1
cdef object _missing(Table table, unsigned int header_id)
