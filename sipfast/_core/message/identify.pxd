from ..values.sequence cimport CSeq
from ..wire.tokenizer cimport Table
from .properties cimport Typed
from ..values.via cimport has_cookie

cdef unsigned int _VIA, _FROM, _TO, _CALL_ID, _CSEQ, _RSEQ


cpdef object transaction_of(Typed message)
cpdef object client_transaction_of(Typed message)
cpdef object dialog_of(Typed message)
cpdef object merge_of(Typed request)
cpdef object loop_of(Typed request)
cpdef object retransmission_of(Typed message)
cpdef object _key_of_branch(Typed message, str branch, object via)
cpdef object _old_key(Typed message, object via, bint whole)
cpdef str _method(Typed message)
cpdef CSeq _cseq(Typed message)
cpdef str _call_id(Typed message)
cpdef object _from_tag(Typed message)
cpdef object _to_tag(Typed message)
cpdef object _top_via(Typed message)
cpdef Py_ssize_t _index_of(Table table, unsigned int header_id) except -1
cpdef object _missing(Table table, unsigned int header_id)
