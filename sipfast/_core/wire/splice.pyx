"""What is cut out of bytes and what is put in, joined once, in one allocation.

`splice.py` is its twin.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libc.string cimport memcpy, memmove, memset

from .mac cimport sip_hex8


cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object text) noexcept
    void *PyUnicode_DATA(object text) noexcept
    Py_ssize_t PyUnicode_GET_LENGTH(object text) noexcept


cdef class Splice:
    """A plan of cuts and insertions.

    Cuts do not overlap.  At one offset, insertions stand in the order in which they were made,
    before what is cut there.
    """

    def __cinit__(self):
        self._changes, self._room = self._few, FEW
        self._written, self._capacity = self._little, LITTLE
        self._open = -1

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self._count):
            Py_XDECREF(self._changes[i].text)
        if self._changes != self._few:
            PyMem_Free(self._changes)
        if self._written != self._little:
            PyMem_Free(self._written)

    cpdef int put(self, Py_ssize_t at, bytes text) except -1:
        """Put bytes in at an offset."""
        return self.cut(at, at, text)

    cpdef int cut(self, Py_ssize_t at, Py_ssize_t end, bytes text) except -1:
        """Cut out a span, and put bytes in its place."""
        cdef Change *change
        if text is None:
            raise TypeError("text must be bytes, not NoneType")
        change = self._insert(at, end)
        Py_INCREF(text)
        change.text, change.size = <PyObject *>text, PyBytes_GET_SIZE(text)
        self._open = -1
        return 0

    # What a change puts in, piece by piece.

    cpdef int open(self, Py_ssize_t at, Py_ssize_t end) except -1:
        """Cut out a span, and put in its place what is written until the next change."""
        self._open = self._insert(at, end) - self._changes
        return 0

    cpdef int write(self, bytes text) except -1:
        """Write bytes."""
        if text is None:
            raise TypeError("text must be bytes, not NoneType")
        memcpy(self._more(PyBytes_GET_SIZE(text)), PyBytes_AS_STRING(text), PyBytes_GET_SIZE(text))
        return 0

    cdef int write_part(self, const uint8_t *text, uint32_t at, uint32_t end) except -1:
        """Write text[at:end]."""
        memcpy(self._more(end - at), text + at, end - at)
        return 0

    cpdef int write_number(self, uint64_t number) except -1:
        """Write a number that is not negative, in decimal digits."""
        cdef char[20] digits
        cdef int at = 20
        cdef uint32_t small
        while number > 0xFFFFFFFF:
            at -= 1
            digits[at] = <char>(48 + number % 10)
            number //= 10
        small = <uint32_t>number
        while True:
            at -= 1
            digits[at] = <char>(48 + small % 10)
            small //= 10
            if small == 0:
                break
        memcpy(self._more(20 - at), digits + at, 20 - at)
        return 0

    cpdef int write_hex(self, bytes before, uint64_t number) except -1:
        """Write bytes, and after them a number of 64 bits, as 16 hex digits in lower case."""
        cdef Py_ssize_t size
        cdef char *out
        cdef uint64_t digits = sip_hex8(<uint32_t>(number >> 32))
        if before is None:
            raise TypeError("text must be bytes, not NoneType")
        size = PyBytes_GET_SIZE(before)
        out = self._more(size + 16)
        memcpy(out, PyBytes_AS_STRING(before), size)
        out += size
        memcpy(out, &digits, 8)
        digits = sip_hex8(<uint32_t>number)
        memcpy(out + 8, &digits, 8)
        return 0

    cpdef int clear(self) except -1:
        """Drop all changes."""
        cdef Py_ssize_t i, count = self._count
        self._count = self._size = 0
        self._others = None
        memset(self._noted, 0, FEW_PARTS)
        self._open = -1
        for i in range(count):
            Py_XDECREF(self._changes[i].text)
        if self._written != self._little:
            PyMem_Free(self._written)
            self._written, self._capacity = self._little, LITTLE
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
            memcpy(out, text_of(self, change), change.size)
            out += change.size
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
            if change.text != NULL and change.size:
                found.append(<bytes>change.text)
            elif change.size:
                found.append(PyBytes_FromStringAndSize(text_of(self, change), change.size))
            at = change.end
        if at < end:
            found.append(view[at:end])
        return found

    # What changes, and to what it belongs.

    cdef int noted(self, Py_ssize_t part) except -1:
        """What was noted of a part that changes, or 0."""
        if 0 <= part < FEW_PARTS:
            return self._noted[part]
        return 0 if self._others is None else self._others.get(part, 0)

    cdef int note(self, Py_ssize_t part, int how) except -1:
        """Note how a part changes, by a number below 256."""
        if 0 <= part < FEW_PARTS:
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
        """Put a header field in at an offset, with CR LF or LF, and note its owner."""
        cdef Py_ssize_t length, size
        if name is None or text is None or not PyUnicode_IS_ASCII(name):
            raise ValueError("the name of a header field is ASCII")
        length, size = PyUnicode_GET_LENGTH(name), PyBytes_GET_SIZE(text)
        self.open(at, at)
        self._changes[self._open].owner = owner
        write_field(self._more(length + size + 3 + cr), name, length, text, size, cr)
        self._open = -1
        return 0

    cdef Change *_insert(self, Py_ssize_t at, Py_ssize_t end) except NULL:
        """Make a change at its place among the others."""
        cdef Py_ssize_t i = self._count
        cdef Change *changes = self._changes
        if not 0 <= at <= end:
            raise ValueError("a span begins before it ends")
        if i == self._room:
            changes = <Change *>PyMem_Malloc(2 * i * sizeof(Change))
            if changes == NULL:
                raise MemoryError
            memcpy(changes, self._changes, i * sizeof(Change))
            if self._changes != self._few:
                PyMem_Free(self._changes)
            self._changes, self._room = changes, 2 * i
        while i > 0 and (
            changes[i - 1].at > at
            or (changes[i - 1].at == at and changes[i - 1].end > at and end == at)
        ):
            i -= 1
        if i < self._count:
            memmove(&changes[i + 1], &changes[i], (self._count - i) * sizeof(Change))
        changes[i].at, changes[i].end, changes[i].text = at, end, NULL
        changes[i].begin, changes[i].size, changes[i].owner = self._size, 0, 0
        self._count += 1
        return &changes[i]

    cdef char *_more(self, Py_ssize_t size) except NULL:
        """Room for more of the change that is open."""
        cdef char *written
        cdef Py_ssize_t at = self._size
        if self._open < 0:
            raise ValueError("no change is open")
        if size > self._capacity - at:
            written = <char *>PyMem_Malloc(2 * (at + size))
            if written == NULL:
                raise MemoryError
            memcpy(written, self._written, at)
            if self._written != self._little:
                PyMem_Free(self._written)
            self._written, self._capacity = written, 2 * (at + size)
        self._size += size
        self._changes[self._open].size += size
        return self._written + at


cdef inline const char *text_of(Splice splice, Change *change) noexcept:
    if change.text != NULL:
        return PyBytes_AS_STRING(<bytes>change.text)
    return splice._written + change.begin


cpdef bytes field_line(str name, bytes text, bint cr):
    """A header field with CR LF or LF."""
    cdef Py_ssize_t length, size
    cdef bytes line
    if name is None or text is None or not PyUnicode_IS_ASCII(name):
        raise ValueError("the name of a header field is ASCII")
    length, size = PyUnicode_GET_LENGTH(name), PyBytes_GET_SIZE(text)
    line = PyBytes_FromStringAndSize(NULL, length + size + 3 + cr)
    write_field(PyBytes_AS_STRING(line), name, length, text, size, cr)
    return line


cdef void write_field(
    char *out, str name, Py_ssize_t length, bytes text, Py_ssize_t size, bint cr
) noexcept:
    memcpy(out, PyUnicode_DATA(name), length)
    out += length
    out[0], out[1] = c":", c" "
    memcpy(out + 2, PyBytes_AS_STRING(text), size)
    out += 2 + size
    out[0] = c"\r"
    out[cr] = c"\n"


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
        size += change.size - (change.end - change.at)
        at = change.end
    return size
