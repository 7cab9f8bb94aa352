cimport cython

from .dialog cimport check_contacts, check_identifiers, is_rfc2543
from .dates cimport check_dates, find_stale
from ..lists cimport read_field
from .grammar cimport check_odd_fields, read_fields_of, read_request_uri
from .required cimport find_misplaced, find_missing
from .survey cimport Survey, survey_of
from ..wire.table cimport Table

cdef unsigned int _VIA, _CSEQ, _MAX_FORWARDS, _CONTENT_TYPE
cdef unsigned int NO_LENGTH
cdef int FAULTS


@cython.locals(survey=Survey)
cpdef tuple find_defects(Table table)
cpdef object check_all(Table table, set odd, list found)
cpdef list find_defects_in_fragment(Table table, bint is_bare)
@cython.locals(start=int, body=int, at=int, index=Py_ssize_t, header_id="unsigned int")
cpdef object check_text(Table table, list found)
@cython.locals(start=int, stop=int)
cpdef list merged(Table table, list found, tuple known)
@cython.locals(last=Py_ssize_t)
cdef int _cut_at(Table table)
cpdef tuple find_defects_at(Table table, tuple known, object now)
cdef _start_line(Table table, list found)
cdef _request_uri(Table table, str target, list found)
cdef _repetitions(Table table, list found)
cpdef tuple finished(Table table, list found)
cdef str _cseq(Table table, str method, list found)
cdef _max_forwards(Table table, list found)
cdef _session_intervals(Table table, dict values, list found)
cdef _body(Table table, dict values, list found)
cdef Py_ssize_t _code_at(Table table)
