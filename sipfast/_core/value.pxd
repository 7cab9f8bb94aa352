cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

from . cimport lists, shapes
from .wire cimport slices
from .wire cimport text as chars
from .wire.slices cimport Found, Slice


@cython.no_gc
cdef class Value(Slice):
    cdef object _key(self)
    cdef Value _built(self, str text)
    cdef int _become(self, Value built) except -1
    cdef object _again(self, object cls, dict parts, dict given)

    @cython.locals(fault=uint64_t, scheme=int)
    cdef int _split_uri(self) except -1
    @cython.locals(fault=uint64_t)
    cdef int _split_address(self) except -1
    @cython.locals(fault=uint64_t)
    cdef int _split_via(self) except -1
    @cython.locals(fault=uint64_t)
    cdef int _split_item(self) except -1
    @cython.locals(fault=uint64_t)
    cdef int _split_call_id(self) except -1
    @cython.locals(fault=uint64_t)
    cdef int _split_media(self) except -1
    @cython.locals(fault=uint64_t)
    cdef int _split_commented(self) except -1
    cdef int _split_words(self, int most) except -1
    @cython.locals(fault=uint64_t)
    cdef int _split_credentials(self) except -1
    @cython.locals(fault=uint64_t)
    cdef int _split_parameters(self, str separator) except -1

    cdef str _part(self, int part)
    cdef bint _has(self, int part) noexcept
    cdef str _unquoted(self, int part)
    cdef str _unescaped(self, int part)
    @cython.locals(number=int64_t)
    cdef int64_t _number(self, int part, int64_t most) except -1
    @cython.locals(at=uint32_t, end=uint32_t, stop=uint32_t, known=str)
    cdef str _token(self, int part)
    @cython.locals(slash=uint32_t)
    cdef str _media_type(self)
    cdef int _scheme(self, int part) noexcept
    @cython.locals(value=Slice)
    cdef object _sub(self, int part, type cls)
    cdef object _as(self, type cls)

    @cython.locals(at=uint32_t, end=uint32_t, found=int64_t, quick=str)
    cdef str _parameter(self, str name)
    @cython.locals(found=int64_t)
    cdef uint32_t _parameter_at(self, str name) except? 0xFFFFFFFF
    @cython.locals(found=int64_t)
    cdef int64_t _find_parameter(self, str name) except? -2
    @cython.locals(at=uint32_t, end=uint32_t)
    cdef bint _has_escapes(self) noexcept
    @cython.locals(text="const uint8_t *", at=int64_t, end=uint32_t, stop=uint32_t, equals=int64_t)
    cdef int64_t _find_written(self, str name) except? -2
    @cython.locals(end=uint32_t, name=str)
    cdef str _name(self, uint32_t at, uint32_t equals)
    cdef Found _several(self, tuple names)
    @cython.locals(text="const uint8_t *", at=uint32_t, end=uint32_t, stop=uint32_t, equals=uint32_t, name=str, values=dict)
    cdef dict _named(self)
    @cython.locals(
        text="const uint8_t *", at=uint32_t, end=uint32_t, stop=uint32_t, last=uint32_t, equals=uint32_t,
        behind=uint32_t, name=str, found=list, quick=list,
    )
    cdef list _parameters(self)
    @cython.locals(text="const uint8_t *")
    cdef str _decoded(self, uint32_t at, uint32_t end)

    cdef int _refuse(self, uint64_t fault) except -1
    cdef int _raise_at(self, str code, uint32_t at) except -1
    cdef int _raise(self, str code, uint32_t at) except -1
    cdef int _fail(self, str code, int part) except -1
    cdef object _keep(self, object memo)
    cdef object _kept(self)


cdef set _errors_of_parts(object cls, dict parts)
@cython.locals(value=Slice)
cdef object _tolerant(object cls, dict arguments, object codes)
cdef bint are_equal(Value one, Value other) except -1
@cython.locals(one=Value, length=uint32_t)
cpdef object fault_among(Value value, str code, uint32_t at, uint32_t between)
