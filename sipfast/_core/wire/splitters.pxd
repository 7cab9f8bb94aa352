cimport cython
from libc.stdint cimport int64_t, uint8_t, uint32_t

from .table cimport Table


cdef enum:
    PARTS = 7
    MOST_NAMES = 16


cdef struct Part:
    uint32_t at
    uint32_t stop  # 1 + where it ends; 0: it is not there


cdef struct View:
    const uint8_t *text  # NULL: it is not there
    Py_ssize_t size


@cython.final
@cython.no_gc  # as values below
cdef class Found:
    cdef object _of  # what holds the text: the value, and what was unquoted
    cdef View[MOST_NAMES] _values

    cdef void _point(self, int place, const uint8_t *text, uint32_t size) noexcept
    cdef int _put(self, int place, const uint8_t *text, uint32_t size) except -1
    cdef str text(self, int place)
    cdef bint has(self, int place) noexcept
    cdef bytes joined(self, object before, int first, int last, object after)
    cdef bint same(self, int place, str text) noexcept


# No garbage collection, for speed: a value holds its text and what was read from it, and nothing that
# it holds holds it.  A class that comes of this one has no field and no C method of its own, so that a
# user's class which is made to pass for another has all that the other's methods touch.
@cython.no_gc
cdef class Value:
    cdef object _owner  # what holds the text: bytes, a str, a message's buffer, or what was unfolded
    cdef object _folds  # those of the value on the wire, where `_owner` is what was unfolded
    cdef object _memo  # see _keep
    cdef const uint8_t *_text
    cdef uint32_t _length
    cdef uint32_t _field_at  # where the field's value is in the message; 0 where there is none
    cdef uint32_t _offset  # of the text in the field's value, once that is unfolded
    cdef uint32_t _header  # the field's id; 0: not known
    cdef uint8_t _separator
    cdef bint _escaped, _quoted  # may parameters hold %HH; do they hold quotes
    cdef Part[PARTS] _parts

    cdef object _read(self)
    cdef object _key(self)
    cdef Value _built(self, str text)
    cdef int _become(self, Value built) except -1

    cdef int _split_uri(self) except -1
    cdef int _split_address(self) except -1
    cdef int _split_via(self) except -1
    cdef int _split_item(self) except -1
    cdef int _split_media(self) except -1
    cdef int _split_commented(self) except -1
    cdef int _split_words(self, int most) except -1
    cdef int _split_credentials(self) except -1
    cdef int _split_parameters(self, str separator) except -1

    cdef uint32_t _split_user(self, uint32_t at, uint32_t end) noexcept
    cdef uint32_t _split_host(self, uint32_t at, uint32_t end) noexcept
    cdef int _check_quotes(self) except -1

    cdef str _part(self, int part)
    cdef bint _has(self, int part) noexcept
    cdef str _unquoted(self, int part)
    cdef str _unescaped(self, int part)
    cdef int64_t _number(self, int part, int64_t most) except -1
    cdef str _token(self, int part)
    cdef str _media_type(self)
    cdef int _scheme(self, int part) noexcept
    cdef object _sub(self, int part, type cls)
    cdef object _as(self, type cls)
    cdef str _parameter(self, str name)
    cdef uint32_t _parameter_at(self, str name) except? 0xFFFFFFFF
    cdef int64_t _find_parameter(self, str name, uint32_t *value) except? -2
    cdef bint _is_named(self, uint32_t at, uint32_t end, str name) except -1
    cdef Found _several(self, tuple names)
    cdef dict _named(self)
    cdef list _parameters(self)
    cdef str _value(self, uint32_t at, uint32_t end)
    cdef str _decoded(self, uint32_t at, uint32_t end)
    cdef bint _is_parameter(self, uint32_t at, uint32_t equals, uint32_t end) noexcept
    cdef int _raise(self, str code, uint32_t at) except -1
    cdef int _uri_fault(self) except -1
    cdef object _fault(self, str code, uint32_t at)
    cdef int _fail(self, str code, int part) except -1
    cdef object _keep(self, object memo)
    cdef object _kept(self)


cpdef object read_text(type cls, object text, uint32_t header_id)
cpdef tuple read_list(type cls, object text, uint32_t header_id)
cpdef object read_field(Table table, Py_ssize_t index, type cls)
cpdef object read_first(Table table, Py_ssize_t index, type cls)
cpdef tuple read_fields(Table table, Py_ssize_t index, type cls, object first)
cpdef tuple read_each(Table table, Py_ssize_t index, type cls)
cpdef tuple read_again(Table table, Py_ssize_t index, type cls)
