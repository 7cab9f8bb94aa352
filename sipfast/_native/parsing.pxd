cimport cython

from sipfast._native.limits cimport Limits
from sipfast._native.message cimport Message, Request, Response
from sipfast._native.tokenizer cimport Table, held


@cython.locals(message=Message, is_response=bint)
cpdef Message parse(object data, bint strict=*, Limits limits=*)
