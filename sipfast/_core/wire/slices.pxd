cimport cython
from libc.stdint cimport uint8_t, uint32_t

from cpython.bytes cimport PyBytes_CheckExact
from cpython.object cimport PyObject, PyTypeObject
from libc.string cimport memset

from .text cimport ALL_PARTS, Part, before_space, likely, past_space, unlikely
from .table cimport Table
from .tokenizer cimport FOLDED, sip_span


cdef extern from "Python.h":
    ctypedef struct Class "PyTypeObject":
        void *tp_getattro
        unsigned long tp_flags
        Class *tp_base

    unsigned long Py_TPFLAGS_HEAPTYPE


cdef enum:
    MOST_NAMES = 16


cdef struct View:
    const uint8_t *text  # NULL: it is not there
    Py_ssize_t size


@cython.final
@cython.no_gc  # as slices below
cdef class Found:
    cdef object _of  # what holds the text: the value, and what was unquoted
    cdef View[MOST_NAMES] _values

    cdef void _point(self, int place, const uint8_t *text, uint32_t size) noexcept
    cdef int _put(self, int place, const uint8_t *text, uint32_t size) except -1
    cdef str text(self, int place)
    cdef bint has(self, int place) noexcept
    cdef bytes joined(self, object before, int first, int last, object after)
    cdef bint same(self, int place, str text) noexcept


# No garbage collection, for speed: a slice holds its text and what was read from it, and nothing that
# it holds holds it.  A class of values has no field of its own, so that a user's class which is made
# to pass for another has all that the other's methods touch.
@cython.no_gc
cdef class Slice:
    cdef object _owner  # what holds the text: bytes, a str, a message's buffer, or what was unfolded
    cdef object _folds  # those of the text on the wire, where `_owner` is what was unfolded
    cdef object _memo  # see Value._keep
    cdef const uint8_t *_text
    cdef uint32_t _length
    cdef uint32_t _field_at  # where the field's value is in the message; 0 where there is none
    cdef uint32_t _offset  # of the text in the field's value, once that is unfolded
    cdef uint32_t _header  # the field's id; 0: not known
    cdef Py_UCS4 _separator
    cdef bint _escaped  # may parameters hold %HH
    cdef Part[ALL_PARTS] _parts

    cdef object _read(self)
    cdef bint _parts_at_commas(self) noexcept
    cdef Py_ssize_t _place(self, uint32_t at) except -1
    cdef object _fault_at(self, str code, uint32_t offset)
    cdef object _fault(self, str code, uint32_t at)


cdef int check_subclass(type cls) except -1
cdef int refuse(type cls) except -1
cdef Slice whole(type cls, object text, uint32_t header_id)
cdef Slice new_of_own_class(Slice value, str text)
cdef bint is_read(Slice value) noexcept
cdef int become(Slice value, Slice built) except -1
cdef int copy_field(Slice value, Table table, sip_span *span) except -1
cdef tuple remembered(type cls, Table table, Py_ssize_t index)
cdef Slice to_remember(type cls, Table table, Py_ssize_t index)
cdef int remember(Slice value, type cls, tuple values) except -1
cdef Found several(Slice value, tuple names)


# ---- what is done for each value, inline ----------------------------------------------------------

@cython.nonecheck(False)
cdef inline Slice fresh(type cls):
    """A new value of a class that `check_class` has let pass, or of one of ours."""
    cdef object value = (<PyTypeObject *>cls).tp_new(cls, <PyObject *>(), NULL)
    if unlikely((<Class *>cls).tp_flags & Py_TPFLAGS_HEAPTYPE) and (
        type(value) is not cls or (<Slice>value)._text != NULL
    ):
        refuse(cls)
    return <Slice>value


@cython.nonecheck(False)
cdef inline int check_class(type cls) except -1:
    if likely(cls is not None and (<Class *>cls).tp_getattro == (<Class *>Slice).tp_getattro):
        return 0  # only values have that
    return check_subclass(cls)


@cython.nonecheck(False)
cdef inline void copy_origin(Slice value, Slice origin) noexcept:
    value._owner = origin._owner
    value._folds = origin._folds
    value._field_at = origin._field_at
    value._header = origin._header


@cython.nonecheck(False)
cdef inline int check_index(Table table, Py_ssize_t index) except -1:
    if unlikely(table is None or <size_t>index >= table._parsed.count):
        raise IndexError("there is no such header field")
    return 0


@cython.nonecheck(False)
cdef inline Slice pointed(type cls, Table table, Py_ssize_t index):
    """A new value that points to all of a header field's, unfolded.

    What can be written to while it is read, or unfolded, is copied first.
    """
    cdef Slice value
    cdef sip_span *span
    check_class(cls)
    check_index(table, index)
    value = fresh(cls)
    span = &table._parsed.spans[index]
    value._header = span.tag & 0xFF
    value._field_at = span.value
    if likely(PyBytes_CheckExact(table._buffer) and not span.tag & FOLDED):
        value._owner = table._buffer
        value._text = table._parsed.data + span.value
        value._length = span.value_length
        return value
    copy_field(value, table, span)
    return value


@cython.nonecheck(False)
cdef inline Slice within(Slice origin, type cls, uint32_t at, uint32_t end):
    """A new value of a part of another one's text."""
    cdef Slice value = fresh(cls)
    copy_origin(value, origin)
    value._text = origin._text + at
    value._length = end - at
    value._offset = origin._offset + at
    return value


@cython.nonecheck(False)
cdef inline Slice of_part(Slice origin, type cls, int part):
    """A new value of one of the parts, or None."""
    if origin._parts[part].stop == 0:
        return None
    return within(origin, cls, origin._parts[part].at, origin._parts[part].stop - 1)


@cython.nonecheck(False)
cdef inline Py_ssize_t following(Table table, Py_ssize_t index):
    """The index of the next field of the same name, or -1."""
    return table._next(index)


@cython.nonecheck(False)
cdef inline bint is_field(Slice value, Table table, Py_ssize_t index) noexcept:
    """Whether a value is all of a header field's."""
    cdef sip_span *span = &table._parsed.spans[index]
    return value._length == span.value_length and value._offset == 0 and value._field_at == span.value


@cython.nonecheck(False)
cdef inline int trim(Slice value) noexcept:
    """Put the whitespace at both ends aside."""
    cdef uint32_t at = past_space(value._text, 0, value._length)
    value._length = before_space(value._text, at, value._length) - at
    value._text += at
    value._offset += at
    return 0


@cython.nonecheck(False)
cdef inline int point(Slice value, const uint8_t *text, uint32_t at, uint32_t end, uint32_t offset) noexcept:
    """Point to a part of a text whose offset is given, without the whitespace at its ends."""
    value._text = text + at
    value._length = end - at
    value._offset = offset + at
    return trim(value)


@cython.nonecheck(False)
cdef inline int clear(Slice value) noexcept:
    """Forget what was found, so that the value can be read anew."""
    memset(value._parts, 0, sizeof(value._parts))
    value._memo = None
    return 0


cdef inline bint fits(Slice value, int shape) noexcept:
    """Whether a pattern finds the parts: compiled, there are none."""
    return False


@cython.nonecheck(False)
cdef inline Slice next_to(Slice origin):
    """A new value of the same class, which points nowhere yet."""
    cdef Slice value = fresh(type(origin))
    copy_origin(value, origin)
    return value
