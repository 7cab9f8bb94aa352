cimport cython

cdef dict _DIRECTIONS, _USUAL_NUMBERS


@cython.locals(stop=Py_ssize_t)
cpdef str rest_of_line(str text, Py_ssize_t at)
@cython.locals(at=Py_ssize_t)
cpdef str first_in(str text, str mark)
@cython.locals(at=Py_ssize_t, found=list)
cpdef list all_in(str text, str mark)
cpdef str stripped(str text, Py_ssize_t at, Py_ssize_t stop)
@cython.locals(found=str, line=str)
cpdef str direction_in(str text)
@cython.locals(said=str)
cpdef str wider(str direction, str line)
cpdef tuple all_read(read, list values)
@cython.locals(words=list, word=str)
cpdef list words_of(str value)
@cython.locals(character=Py_UCS4, value="long long")
cpdef long long number(str text, long long most) except? -2
@cython.locals(
    character=Py_UCS4, count=Py_ssize_t, octet=long, digits=long, dots=long, address=str
)
cpdef bint is_usual_address(list words)
cpdef str plain(text)
