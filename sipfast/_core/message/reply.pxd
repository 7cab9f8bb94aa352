cimport cython

from ..lists cimport read_field
from ..value cimport Value
from ..wire cimport text as chars
from .forward cimport via_with_source
from .message cimport Message, Request, Response
from .spans cimport values_with
from .writing cimport joined, rest_of, status_line

cdef unsigned int _VIA, _FROM, _TO, _CALL_ID, _CSEQ, _RECORD_ROUTE, _TIMESTAMP
cdef bytes _NEEDED, _WITH_ROUTE, _WITH_TIMESTAMP


@cython.locals(
    header_id=cython.uchar, start=bytes, code=int, is_new=bint, is_fresh=bint, ids=bytes, tag=bytes,
    given=bytes, top=bytes, rest=bytes, response=Response,
)
cpdef Response reply(
    Request request, object status, object reason, object to_tag, object source, object headers, object body
)
@cython.locals(header_id=cython.uchar, values=list)
cdef list _fields(Request request, bytes ids, bytes top, bytes tag)
@cython.locals(quick=bytes)
cdef bytes _top(Request request, object source)
@cython.locals(to=Value)
cdef bint _lacks_tag(Request request) except -1
cdef bytes _checked_tag(object to_tag)
