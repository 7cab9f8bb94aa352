cimport cython

from .lines cimport number, stripped, words_of

cdef dict _KNOWN_RTPMAPS
cdef object _record
cdef Py_ssize_t _LONGEST_KNOWN, _MOST_KNOWN


@cython.locals(words=list)
cpdef read_origin(str value)
@cython.locals(words=list)
cpdef read_connection(str value)
cpdef tuple read_port(str text)
cpdef read_rtpmap(str value)
cpdef rtpmap_of(str line)
@cython.locals(
    space=Py_ssize_t, slash=Py_ssize_t, last=Py_ssize_t, encoding=str, payload_type="long long",
    clock_rate="long long",
)
cpdef read_new_rtpmap(str value)
