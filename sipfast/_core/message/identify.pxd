from ..values.sequence cimport CSeq
from ..wire.table cimport Table
from .properties cimport Typed
from ..values.via cimport has_cookie

cdef unsigned int _VIA, _FROM, _TO, _CALL_ID, _CSEQ, _RSEQ


cpdef object transaction_of(Typed message)
cpdef object client_transaction_of(Typed message)
cpdef object dialog_of(Typed message)
cpdef object merge_of(Typed request)
cpdef object loop_of(Typed request)
cpdef object retransmission_of(Typed message)
cdef object _key_of_branch(Typed message, str branch, object via)
cdef object _old_key(Typed message, object via, bint whole)
cdef str _method(Typed message)
cdef CSeq _cseq(Typed message)
cdef str _call_id(Typed message)
cdef object _from_tag(Typed message)
cdef object _to_tag(Typed message)
cpdef object top_via(Typed message)
cdef Py_ssize_t _index_of(Table table, unsigned int header_id) except -1
cdef object _missing(Table table, unsigned int header_id)
