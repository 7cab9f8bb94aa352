cimport cython

cdef dict _USUAL_NUMBERS


@cython.locals(stop=Py_ssize_t)
cpdef str rest_of_line(str text, Py_ssize_t at, Py_ssize_t end)
cpdef tuple all_read(read, list values)
@cython.locals(words=list, word=str)
cpdef list words_of(str value)
cpdef long long number(str text, long long most) except? -2
