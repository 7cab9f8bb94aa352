"""What is cut out of bytes and what is put in, joined once, in one allocation.

`splice.py` is its twin.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.string cimport memcpy, memmove


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text) noexcept
    void *PyUnicode_DATA(object text) noexcept
    Py_ssize_t PyUnicode_GET_LENGTH(object text) noexcept


@cython.final
@cython.freelist(8)
@cython.no_gc  # bytes and numbers refer to nothing
cdef class Splice:
    """A plan of cuts and insertions.

    Cuts do not overlap.  At one offset, insertions stand in the order in which they were made,
    before what is cut there.
    """

    def __cinit__(self):
        self._changes, self._room = self._few, FEW

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self._count):
            Py_XDECREF(self._changes[i].text)
        if self._changes != self._few:
            PyMem_Free(self._changes)

    cdef int noted(self, Py_ssize_t part) except -1:
        """What was noted of a part that changes, or 0."""
        if 0 <= part < MOST_IDS:
            return self._noted[part]
        return 0 if self._others is None else self._others.get(part, 0)

    cdef int note(self, Py_ssize_t part, int how) except -1:
        """Note how a part changes, by a number."""
        if 0 <= part < MOST_IDS:
            self._noted[part] = how
        else:
            if self._others is None:
                self._others = {}
            self._others[part] = how
        return 0

    cdef Py_ssize_t owner(self, Py_ssize_t at) noexcept:
        """The owner of what was put in last at an offset; 0 if nothing was."""
        cdef Py_ssize_t i = self._count - 1
        while i >= 0 and (self._changes[i].at > at or self._changes[i].at == at < self._changes[i].end):
            i -= 1
        return self._changes[i].owner if i >= 0 and self._changes[i].at == at else 0

    cdef int put_field(self, Py_ssize_t at, str name, bytes text, bint cr, Py_ssize_t owner) except -1:
        """Put a header field in at an offset, and note its owner."""
        return self._change(at, at, field_line(name, text, cr), owner)

    cpdef int put(self, Py_ssize_t at, bytes text) except -1:
        """Put bytes in at an offset."""
        return self._change(at, at, text, 0)

    cpdef int cut(self, Py_ssize_t at, Py_ssize_t end, bytes text) except -1:
        """Cut out a span, and put bytes in its place."""
        return self._change(at, end, text, 0)

    cdef int _change(self, Py_ssize_t at, Py_ssize_t end, bytes text, Py_ssize_t owner) except -1:
        cdef Py_ssize_t i = self._count, room
        cdef Change *changes
        if text is None:
            raise TypeError("text must be bytes, not NoneType")
        if not 0 <= at <= end:
            raise ValueError("a span begins before it ends")
        if i == self._room:
            room = 2 * i
            changes = NULL if self._changes == self._few else self._changes
            changes = <Change *>PyMem_Realloc(changes, room * sizeof(Change))
            if changes == NULL:
                raise MemoryError
            if self._changes == self._few:
                memcpy(changes, self._few, i * sizeof(Change))
            self._changes, self._room = changes, room
        changes = self._changes
        while i > 0 and (
            changes[i - 1].at > at
            or (changes[i - 1].at == at and changes[i - 1].end > at and end == at)
        ):
            i -= 1
        if i < self._count:
            memmove(&changes[i + 1], &changes[i], (self._count - i) * sizeof(Change))
        Py_INCREF(text)
        changes[i].at, changes[i].end, changes[i].text = at, end, <PyObject *>text
        changes[i].owner = owner
        self._count += 1
        return 0

    cpdef bytes joined(self, bytes source, Py_ssize_t start, Py_ssize_t end):
        """The bytes of source[start:end] with the changes."""
        cdef Py_ssize_t size = size_joined(self, source, start, end), i, at = start
        cdef bytes made = PyBytes_FromStringAndSize(NULL, size)
        cdef char *out = PyBytes_AS_STRING(made)
        cdef const char *text = PyBytes_AS_STRING(source)
        cdef Change *change
        for i in range(self._count):
            change = &self._changes[i]
            memcpy(out, text + at, change.at - at)
            out += change.at - at
            size = PyBytes_GET_SIZE(<bytes>change.text)
            memcpy(out, PyBytes_AS_STRING(<bytes>change.text), size)
            out += size
            at = change.end
        memcpy(out, text + at, end - at)
        return made

    cpdef list pieces(self, bytes source, Py_ssize_t start, Py_ssize_t end):
        """The same as pieces in order: views of the source, and the new bytes."""
        cdef Py_ssize_t i, at = start
        cdef list found = []
        cdef Change *change
        size_joined(self, source, start, end)
        view = memoryview(source)
        for i in range(self._count):
            change = &self._changes[i]
            if change.at > at:
                found.append(view[at:change.at])
            if PyBytes_GET_SIZE(<bytes>change.text):
                found.append(<bytes>change.text)
            at = change.end
        if at < end:
            found.append(view[at:end])
        return found


cpdef bytes field_line(str name, bytes text, bint cr):
    """A header field with CR LF or LF."""
    cdef Py_ssize_t length, size
    cdef bytes line
    cdef char *out
    if name is None or text is None or not PyUnicode_IS_ASCII(name):
        raise ValueError("the name of a header field is ASCII")
    length, size = PyUnicode_GET_LENGTH(name), PyBytes_GET_SIZE(text)
    line = PyBytes_FromStringAndSize(NULL, length + 2 + size + 1 + cr)
    out = PyBytes_AS_STRING(line)
    memcpy(out, PyUnicode_DATA(name), length)
    out += length
    out[0], out[1] = c":", c" "
    memcpy(out + 2, PyBytes_AS_STRING(text), size)
    out += 2 + size
    out[0] = c"\r"
    out[cr] = c"\n"
    return line


cdef Py_ssize_t size_joined(Splice splice, bytes source, Py_ssize_t start, Py_ssize_t end) except -1:
    """The size of what is joined.  Raises ValueError if a span is outside of the source."""
    cdef Py_ssize_t i, at = start, size = end - start
    cdef Change *change
    if source is None:
        raise TypeError("source must be bytes, not NoneType")
    if not 0 <= start <= end <= PyBytes_GET_SIZE(source):
        raise ValueError("a span begins before it ends")
    for i in range(splice._count):
        change = &splice._changes[i]
        if change.at < at or change.end > end:
            raise ValueError("a change is outside of the source, or within another")
        size += PyBytes_GET_SIZE(<bytes>change.text) - (change.end - change.at)
        at = change.end
    return size
