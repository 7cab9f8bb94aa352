"""Slices: a text that a value is read from, what holds it, and where it came from.

`docs/text.md` binds this file and its twin `slices.py`.  A slice points into the message's buffer,
or into the text that it was read from, and keeps that alive; a part becomes a Python object when it
is asked for.
"""

cimport cython
from cpython.bytes cimport (
    PyBytes_AS_STRING,
    PyBytes_Check,
    PyBytes_CheckExact,
    PyBytes_FromStringAndSize,
    PyBytes_GET_SIZE,
)
from cpython.object cimport PyObject, PyTypeObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.unicode cimport PyUnicode_Check
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memchr, memcmp, memcpy, memset

from .text cimport (
    IN_TOKEN,
    PARAMETERS,
    QUOTED,
    before_space,
    find,
    find_mark,
    likely,
    past,
    past_space,
    take_quotes,
    unlikely,
    without_pairs,
)
from .rules cimport lower
from .table cimport Table, one_line, unfold
from .tokenizer cimport FOLDED, sip_span

from sipfast.errors import parse_error
from sipfast.registry.header_names import HEADER_NAMES

from ..folds import Folds
from ..octets import octets


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text) noexcept
    void *PyUnicode_DATA(object text) noexcept
    Py_ssize_t PyUnicode_GET_LENGTH(object text) noexcept
    Py_ssize_t PyTuple_GET_SIZE(object names) noexcept
    PyObject *PyTuple_GET_ITEM(object names, Py_ssize_t place) noexcept
    bint PyType_IsSubtype(type cls, type base) noexcept
    unsigned long Py_TPFLAGS_BASETYPE


cdef extern from "attributes.h":
    object sip_get_attribute(object of, object name, void *kind, void *read)


cdef extern from "texts.h":
    str decoded "sip_decoded"(const uint8_t *text, uint32_t length)


cdef extern from "<tables.h>" nogil:
    const uint8_t *sip_in_names
    uint64_t sip_load8(const uint8_t *data) noexcept


@cython.freelist(256)
@cython.no_gc
cdef class Slice:
    """Slice(*_, **__)\n--\n\nA text that a value is read from."""

    def __init__(self, *_, **__):
        raise TypeError(f"{type(self).__name__} is made by its parse")

    cdef object _read(self):
        """Split the text.  What comes of it is this value, or what it stands for, as a number."""
        raise TypeError(f"{type(self).__name__} is not read from text")

    cdef bint _parts_at_commas(self) noexcept:
        """Whether each comma of a list ends an item, even within quotes or angle brackets."""
        return False

    def __getattribute__(self, name):
        """As any object's, sooner found (`attributes.h`)."""
        return sip_get_attribute(self, name, NULL, NULL)

    def __str__(self):
        return decoded(self._text, self._length)

    def __bytes__(self):
        return PyBytes_FromStringAndSize(<const char *>self._text, self._length)

    cdef Py_ssize_t _place(self, uint32_t at) except -1:
        """Where byte `at` of the text stands in the message, or in the text that was given."""
        return in_message(self, self._offset + at)

    cdef object _fault_at(self, str code, uint32_t offset):
        """The error to raise for a place in the field's value, each fold read as one space."""
        return parse_error(code, in_message(self, offset), name_of(self._header))

    cdef object _fault(self, str code, uint32_t at):
        """The error to raise for byte `at` of the text."""
        return self._fault_at(code, self._offset + at)


# A class of slices that is not one of values would have fewer C methods than those have.
(<Class *>Slice).tp_flags &= ~Py_TPFLAGS_BASETYPE


# ---- new slices ----------------------------------------------------------------------------------


cdef Py_ssize_t in_message(Slice value, uint32_t offset) except -1:
    """Where a byte of a field's value, each fold read as one space, stands in the message."""
    if value._folds is not None:
        offset = (<object>value._folds).offset(offset)
    return <Py_ssize_t>value._field_at + offset


@cython.boundscheck(True)
cdef object name_of(uint32_t header_id):
    """The name of the header field with an id, which may come from outside; None for 0."""
    return HEADER_NAMES[header_id - 1].name if header_id != 0 else None


cdef int check_subclass(type cls) except -1:
    """Raise TypeError where this is not a class of values."""
    if cls is None or not PyType_IsSubtype(cls, Slice):
        raise TypeError(f"cls must be a class of Value, not {cls!r}")
    return 0


cdef int refuse(type cls) except -1:
    raise TypeError(f"{cls.__name__}.__new__ made no new {cls.__name__}")


cdef int hold(Slice value, object text) except -1:
    """Point to all of a text, and keep it.  Raises where a line end is in it, or it is no text."""
    cdef const uint8_t *data
    cdef Py_ssize_t size
    cdef uint32_t end
    if PyUnicode_Check(text) and not PyUnicode_IS_ASCII(text):
        text = <bytes?>octets(text, name_of(value._header))
    if PyUnicode_Check(text):
        data = <const uint8_t *>PyUnicode_DATA(text)
        size = PyUnicode_GET_LENGTH(text)
    elif PyBytes_Check(text):
        data = <const uint8_t *>PyBytes_AS_STRING(text)
        size = PyBytes_GET_SIZE(text)
    else:
        raise TypeError(f"text must be str or bytes, not {type(text).__name__}")
    if unlikely(size > 0x7FFFFFFF):
        raise ValueError("a value has less than 2 GiB")
    end = min(find(data, 0, <uint32_t>size, c"\n"), find(data, 0, <uint32_t>size, c"\r"))
    if unlikely(end != size):
        raise value._fault_at("value-line-end", end)
    value._owner = text
    value._text = data
    value._length = end
    return 0


cdef Slice whole(type cls, object text, uint32_t header_id):
    """A new value of all of a text; an error names the header field with this id, 0 for none."""
    cdef Slice value
    check_class(cls)
    value = fresh(cls)
    value._header = header_id
    hold(value, text)
    return value


# ---- what a constructor has built ----------------------------------------------------------------


cdef bint is_read(Slice value) noexcept:
    """Whether text was read into a value."""
    return value._text != NULL


cdef inline type own_class(type cls):
    """The class of ours that a user's class comes from."""
    cdef Class *of = <Class *>cls
    while of.tp_flags & Py_TPFLAGS_HEAPTYPE:
        of = of.tp_base  # not `__base__`: a metaclass may answer that
    return <type>of


cdef Slice new_of_own_class(Slice value, str text):
    """A new value of the class of ours that a value's class comes from, of all of a text."""
    cdef Slice built = fresh(own_class(type(value)))
    hold(built, text)
    trim(built)
    return built


cdef int become(Slice value, Slice built) except -1:
    """Make a value the same as another one."""
    copy_origin(value, built)
    value._text, value._length, value._offset = built._text, built._length, built._offset
    value._separator, value._escaped = built._separator, built._escaped
    memcpy(value._parts, built._parts, sizeof(value._parts))
    value._memo = built._memo
    return 0


# ---- header fields -------------------------------------------------------------------------------


cdef int copy_field(Slice value, Table table, sip_span *span) except -1:
    """Point to a copy of a header field's value, unfolded: somebody may write to the buffer."""
    cdef bytes owner = PyBytes_FromStringAndSize(<const char *>table._parsed.data + span.value, span.value_length)
    if span.tag & FOLDED:
        value._folds = Folds(owner)
        owner = unfold(<const uint8_t *>PyBytes_AS_STRING(owner), span.value_length)
    if not PyBytes_CheckExact(table._buffer):
        owner = one_line(owner)
    value._owner = owner
    value._text = <const uint8_t *>PyBytes_AS_STRING(owner)
    value._length = <uint32_t>PyBytes_GET_SIZE(owner)
    return 0


# ---- what is remembered --------------------------------------------------------------------------

cdef enum:
    REMEMBERED = 256
    LONGEST_REMEMBERED = 192  # bytes

cdef PyObject *_remembered[REMEMBERED]  # (text, class, values) each; no list: that could be found, and cleared


cdef inline uint32_t remembered_at(const uint8_t *text, uint32_t length) noexcept nogil:
    return (
        ((sip_load8(text) * 31 + sip_load8(text + length // 2 - 4)) * 31 + sip_load8(text + length - 8) + length)
        * <uint64_t>0x9E3779B97F4A7C15
    ) >> 56


cdef tuple remembered(type cls, Table table, Py_ssize_t index):
    """The values that were read from the same text of a header field, as the same class; or None."""
    cdef sip_span *span
    cdef const uint8_t *text
    cdef uint32_t length, place
    cdef tuple known
    check_index(table, index)
    span = &table._parsed.spans[index]
    text, length = table._parsed.data + span.value, span.value_length
    if length < 8 or length > LONGEST_REMEMBERED or table._next(index) >= 0:
        return None
    place = remembered_at(text, length)
    if likely(_remembered[place] != NULL):
        known = <tuple>_remembered[place]
        if same_bytes(<bytes>known[0], text, length) and known[1] is cls:
            return <tuple>known[2]
    return None


cdef Slice to_remember(type cls, Table table, Py_ssize_t index):
    """A new value of a copy of a header field's text, whose values can be remembered; or None.

    What is remembered is what these bytes say, whoever writes to the buffer.
    """
    cdef Slice value
    cdef sip_span *span = &table._parsed.spans[index]
    if span.value_length < 8 or span.value_length > LONGEST_REMEMBERED or span.tag & FOLDED:
        return None
    if table._next(index) >= 0:
        return None
    check_class(cls)
    value = fresh(cls)
    value._header, value._field_at = span.tag & 0xFF, span.value
    copy_field(value, table, span)
    return value


cdef int remember(Slice value, type cls, tuple values) except -1:
    """Remember the values that were read from what `to_remember` gave."""
    cdef bytes text = <bytes?>value._owner
    cdef tuple known = (text, cls, values)
    cdef uint32_t place = remembered_at(<const uint8_t *>PyBytes_AS_STRING(text), <uint32_t>PyBytes_GET_SIZE(text))
    cdef PyObject *before = _remembered[place]
    Py_INCREF(known)
    _remembered[place] = <PyObject *>known
    Py_XDECREF(before)
    return 0


cdef inline bint same_bytes(bytes known, const uint8_t *text, uint32_t length) noexcept:
    return PyBytes_GET_SIZE(known) == length and memcmp(PyBytes_AS_STRING(known), text, length) == 0


# ---- several parameters at once ------------------------------------------------------------------


cdef Found several(Slice self, tuple names):
    """The parameters of these names, in lower case, sixteen at most; not for a URI."""
    cdef const uint8_t *text = self._text
    cdef uint32_t at, end, after, value, stop, close
    cdef Py_ssize_t place
    cdef Py_UCS4 separator = self._separator
    cdef bint quoted = self._parts[QUOTED].stop != 0
    cdef Found found = Found.__new__(Found)
    if len(names) > MOST_NAMES:
        raise ValueError(f"at most {MOST_NAMES} names at once")
    found._of = self
    if self._parts[PARAMETERS].stop == 0:
        return found
    at = self._parts[PARAMETERS].at
    end = self._parts[PARAMETERS].stop - 1
    while at < end:
        at = past_space(text, at, end)
        after = past(text, at, end, IN_TOKEN)
        value = past_space(text, after, end)
        # The usual value: a quoted string without quoted pairs, or a token.
        if value + 1 < end and text[value] == c"=" and text[value + 1] == c'"':
            close = find(text, value + 2, end, c'"')
            if likely(
                close < end
                and (close + 1 == end or text[close + 1] == separator)
                and memchr(text + value + 2, c"\\", close - value - 2) == NULL
            ):
                place = place_of(names, text + at, after - at)
                if place >= 0:
                    found._point(<int>place, text + value + 2, close - value - 2)
                at = close + 2
                continue
        if quoted:
            stop = find_mark(text, value, end, separator)
        else:
            stop = find(text, value, end, separator)
        if value == stop or text[value] == c"=":
            place = place_of(names, text + at, after - at)
            if place >= 0:
                value = past_space(text, value + (value < stop), stop)
                found._put(<int>place, text + value, before_space(text, value, stop) - value)
        at = stop + 1
    return found


@cython.freelist(8)
@cython.final
@cython.no_gc
cdef class Found:
    """Some parameters of a value by their place among the names that were looked for."""

    cdef void _point(self, int place, const uint8_t *text, uint32_t size) noexcept:
        """Point to a parameter's value; the first of several counts."""
        if self._values[place].text == NULL:
            self._values[place].text = text
            self._values[place].size = size

    cdef int _put(self, int place, const uint8_t *text, uint32_t size) except -1:
        """Point to what a parameter's value says, within its quotes."""
        cdef bytes inner
        cdef char *out
        if self._values[place].text == NULL:
            if not take_quotes(&text, &size):
                inner = PyBytes_FromStringAndSize(NULL, size)
                out = PyBytes_AS_STRING(inner)
                size = <uint32_t>(without_pairs(out, text, size) - out)
                text = <const uint8_t *>out
                self._of = (self._of, inner)
            self._point(place, text, size)
        return 0

    cdef str text(self, int place):
        """What `_parameter` gives for one of them."""
        cdef View *value = &self._values[place]
        return None if value.text == NULL else decoded(value.text, value.size)

    cdef bint has(self, int place) noexcept:
        return self._values[place].text != NULL

    cdef bytes joined(self, object before, int first, int last, object after):
        """Text, the parameters from `first` to `last`, and text, with colons between; or None.

        Text that is None is left out; a parameter that is not there leaves nothing at all.
        """
        cdef View front, back
        cdef object kept_front = view(before, &front), kept_back = view(after, &back)
        cdef Py_ssize_t size = -1 + (front.text != NULL) + front.size + (back.text != NULL) + back.size
        cdef bytes result
        cdef char *out
        cdef int place
        for place in range(first, last + 1):
            if self._values[place].text == NULL:
                return None
            size += 1 + self._values[place].size
        result = PyBytes_FromStringAndSize(NULL, size)
        out = PyBytes_AS_STRING(result)
        if front.text != NULL:
            memcpy(out, front.text, front.size)
            out += front.size
            out[0] = c":"
            out += 1
        for place in range(first, last + 1):
            if place != first:
                out[0] = c":"
                out += 1
            memcpy(out, self._values[place].text, self._values[place].size)
            out += self._values[place].size
        if back.text != NULL:
            out[0] = c":"
            memcpy(out + 1, back.text, back.size)
        return result

    cdef bint same(self, int place, str text) noexcept:
        """Whether a parameter is this text, which is ASCII in lower case; in any case.

        How long it takes does not tell where they differ.
        """
        cdef View *value = &self._values[place]
        cdef const uint8_t *other = <const uint8_t *>PyUnicode_DATA(text)
        cdef uint8_t different = 0
        cdef uint32_t i
        if value.text == NULL or value.size != PyUnicode_GET_LENGTH(text):
            return False
        for i in range(<uint32_t>value.size):
            different |= lower(value.text[i]) ^ other[i]
        return different == 0


cdef inline object view(object text, View *to):
    """Point to the bytes of a text, which what is returned keeps; to NULL for None."""
    to.text, to.size = NULL, 0
    if text is None:
        return None
    if PyUnicode_Check(text):
        if PyUnicode_IS_ASCII(text):
            to.text = <const uint8_t *>PyUnicode_DATA(text)
            to.size = PyUnicode_GET_LENGTH(text)
            return text
        text = <bytes?>octets(text)
    elif not PyBytes_Check(text):
        raise TypeError(f"text must be str or bytes, not {type(text).__name__}")
    to.text = <const uint8_t *>PyBytes_AS_STRING(text)
    to.size = PyBytes_GET_SIZE(text)
    return text


cdef inline Py_ssize_t place_of(tuple names, const uint8_t *name, uint32_t size) noexcept:
    """Which of these names, in lower case, this is in any case; or -1."""
    cdef PyObject *one
    cdef const uint8_t *wanted
    cdef uint32_t i
    cdef Py_ssize_t place
    for place in range(PyTuple_GET_SIZE(names)):
        one = PyTuple_GET_ITEM(names, place)
        if PyUnicode_GET_LENGTH(<object>one) == size:
            wanted = <const uint8_t *>PyUnicode_DATA(<object>one)
            i = 0
            while i < size and sip_in_names[name[i]] == wanted[i]:
                i += 1
            if i == size:
                return place
    return -1
