cpdef bint is_listed(unsigned int header_id) except -1
cpdef bint may_repeat(unsigned int header_id) except -1
cpdef tuple field_name(object name)
cpdef bytes text_of(object value, str name, bint one=*)
cdef _check_line(bytes text, str name=*)
cpdef bytes body_bytes(object body)
cdef bytes _copied(object fields)
