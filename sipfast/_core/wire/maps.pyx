"""Mapped files, which may shrink while they are read.

`maps.py` is its twin, which maps no file that others can write to.
"""

cimport cython
from cpython.buffer cimport (
    PyBUF_SIMPLE,
    PyBuffer_FillInfo,
    PyBuffer_Release,
    PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.exc cimport PyErr_SetFromErrno
from cpython.object cimport PyObject
from libc.stdint cimport uint8_t, uintptr_t
from libc.string cimport memchr, memcmp

import mmap
import os
import stat

Data = bytes | mmap.mmap  # and Mapping, which has what is used of them


cdef extern from "Python.h":
    Py_ssize_t PySlice_AdjustIndices(
        Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t step
    ) noexcept
    int PySlice_Unpack(object slice, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step) except -1
    bint PyTuple_Check(object record) noexcept
    PyObject *PyTuple_GET_ITEM(object record, Py_ssize_t at) noexcept
    Py_ssize_t PyTuple_GET_SIZE(object record) noexcept


cdef extern from "maps.h":
    ctypedef struct sip_map:
        uintptr_t start, lost
        int descriptor
    sip_map *sip_map_open(int descriptor, size_t size)
    void sip_map_close(sip_map *map)
    int sip_map_watch()


@cython.final
cdef class Mapping:
    """The bytes of a file, as they are in it.

    Where the file has lost its end, or the disk fails, zeros are read: `intact` tells.
    """

    cdef sip_map *_map
    cdef Py_ssize_t _size
    cdef object __weakref__

    def __cinit__(self, int descriptor):
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not status.st_size:
            raise ValueError("only a regular file that has bytes can be mapped")
        self._size = status.st_size
        descriptor = os.dup(descriptor)
        self._map = sip_map_open(descriptor, self._size)
        if self._map == NULL:
            try:
                PyErr_SetFromErrno(OSError)
            finally:
                os.close(descriptor)

    def __dealloc__(self):
        if self._map != NULL:
            sip_map_close(self._map)

    @property
    def intact(self):
        """So many bytes at the beginning are still those of the file."""
        cdef Py_ssize_t intact = self._size
        if self._map.lost - self._map.start < <uintptr_t>intact:
            intact = self._map.lost - self._map.start
        return min(intact, os.fstat(self._map.descriptor).st_size)

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, <void *>self._map.start, self._size, True, flags)

    def __len__(self):
        return self._size

    def __getitem__(self, at):
        cdef Py_ssize_t start, stop, step, index
        cdef const uint8_t *text = <const uint8_t *>self._map.start
        if isinstance(at, slice):
            PySlice_Unpack(at, &start, &stop, &step)
            PySlice_AdjustIndices(self._size, &start, &stop, step)
            if step != 1:
                return bytes(memoryview(self)[at])
            return PyBytes_FromStringAndSize(<const char *>text + start, max(stop - start, 0))
        index = at
        index += self._size if index < 0 else 0
        if not 0 <= index < self._size:
            raise IndexError("index out of range")
        return text[index]

    def find(self, bytes text not None, start=0, end=None):
        """The first place of `text` in the bytes from `start` to `end`; -1 if there is none."""
        cdef Py_ssize_t at, stop, step, size = PyBytes_GET_SIZE(text)
        cdef const char *wanted = PyBytes_AS_STRING(text)
        cdef const char *bytes_of = <const char *>self._map.start
        cdef const char *found
        PySlice_Unpack(slice(start, end), &at, &stop, &step)
        PySlice_AdjustIndices(self._size, &at, &stop, step)
        if size == 0:
            return at if at <= stop else -1
        stop -= size - 1
        while at < stop:
            found = <const char *>memchr(bytes_of + at, wanted[0], stop - at)
            if found == NULL:
                return -1
            if memcmp(found, wanted, size) == 0:
                return found - bytes_of
            at = found - bytes_of + 1
        return -1

    def rfind(self, bytes text not None, start=0, end=None):
        """The last place of `text` in the bytes from `start` to `end`; -1 if there is none."""
        cdef Py_ssize_t at, stop, step, size = PyBytes_GET_SIZE(text)
        cdef const char *wanted = PyBytes_AS_STRING(text)
        cdef const char *bytes_of = <const char *>self._map.start
        PySlice_Unpack(slice(start, end), &at, &stop, &step)
        PySlice_AdjustIndices(self._size, &at, &stop, step)
        stop -= size
        while at <= stop:
            if memcmp(bytes_of + stop, wanted, size) == 0:
                return stop
            stop -= 1
        return -1

    def __repr__(self):
        return f"<Mapping {self._size} bytes>"


@cython.final
cdef class Watched:
    """The records of a reader, without those that the file has lost."""

    cdef object _records, _is_kept
    cdef Mapping _data
    cdef bint _is_begun

    def __cinit__(self, records, Mapping data not None, is_kept):
        self._records, self._data, self._is_kept = records, data, is_kept
        if sip_map_watch() != 0:  # another handler may have taken the place of ours
            PyErr_SetFromErrno(OSError)

    def __iter__(self):
        return self

    def __next__(self):
        try:
            if not self._is_begun:
                self._records = iter(self._records)
                self._is_begun = True
            for record in self._records:
                if not self._is_in_doubt(record) or self._is_kept(record):
                    return record
        except Exception as error:
            # A reader looked at its file again, and found zeros.
            if isinstance(error, MemoryError) or self._is_kept(None):
                raise
        else:
            self._is_kept(None)
        raise StopIteration

    cdef bint _is_in_doubt(self, record) except -1:
        """Whether zeros may be in place of its bytes: of a last page, they come without a fault."""
        cdef Py_buffer view
        cdef bint found
        if self._data._map.lost != <uintptr_t>-1:
            return True
        if not PyTuple_Check(record) or PyTuple_GET_SIZE(record) == 0:
            return True
        PyObject_GetBuffer(<object>PyTuple_GET_ITEM(record, 0), &view, PyBUF_SIMPLE)
        found = view.len == 0 or (<const uint8_t *>view.buf)[view.len - 1] == 0
        PyBuffer_Release(&view)
        return found


def mapped(int descriptor, bint is_private=False):
    """The content of a regular file, which others may write to; b"" of an empty one."""
    return Mapping(descriptor) if os.fstat(descriptor).st_size else b""


def intact(data):
    """So many bytes at the beginning of `data` are still those of its file."""
    return (<Mapping>data).intact if type(data) is Mapping else len(data)


def watched(records, data, is_kept):
    """The records of a reader of `data`, without those that the file has lost.

    Those in doubt are given to `is_kept`, and None at the end.
    """
    return Watched(records, data, is_kept) if type(data) is Mapping else iter(records)
