cimport cython

cdef dict _DIRECTIONS, _USUAL_NUMBERS


@cython.locals(stop=Py_ssize_t)
cpdef str rest_of_line(str text, Py_ssize_t at, Py_ssize_t end)
cpdef str stripped(str text, Py_ssize_t at, Py_ssize_t stop)
@cython.locals(line=str, size=Py_ssize_t, found=str, direction=str)
cpdef str direction_in(list lines)
cpdef tuple all_read(read, list values)
@cython.locals(words=list, word=str)
cpdef list words_of(str value)
@cython.locals(character=Py_UCS4, value="long long")
cpdef long long number(str text, long long most) except? -2
