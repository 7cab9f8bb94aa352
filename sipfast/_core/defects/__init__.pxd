from .dialog cimport check_contacts, check_identifiers, is_rfc2543
from .dates cimport check_dates, find_stale
from ..wire.splitters cimport read_field
from .grammar cimport read_fields_of, read_request_uri
from .required cimport find_misplaced, find_missing
from ..wire.tokenizer cimport Table

cdef unsigned int _VIA, _CSEQ, _MAX_FORWARDS, _CONTENT_TYPE
cdef unsigned int NO_LENGTH


cpdef tuple find_defects(Table table)
cpdef tuple find_defects_at(Table table, tuple known, double now)
cpdef _start_line(Table table, list found)
cpdef _request_uri(Table table, str target, list found)
cpdef _repetitions(Table table, list found)
cpdef str _cseq(Table table, list found)
cpdef _max_forwards(Table table, list found)
cpdef _session_intervals(Table table, dict values, list found)
cpdef _body(Table table, dict values, list found)
cpdef Py_ssize_t _code_at(Table table)
