cimport cython

from ..limits cimport Limits
from ..wire.table cimport Table, held
from .message cimport Message, Request, Response


@cython.locals(message=Message, is_response=bint)
cpdef Message parse(object data, bint strict=*, object limits=*)
