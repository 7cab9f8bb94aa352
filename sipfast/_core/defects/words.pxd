cimport cython

from ..items cimport Item
from ..lists cimport read_list, read_text
from .parameters cimport place_of

cdef int FIRST

cpdef object check_words(unsigned int header_id, str text, list faults)
@cython.locals(item=Item)
cdef object _first_word(unsigned int header_id, str text)
@cython.locals(identity=Item)
cpdef object _identity(str text)
@cython.locals(session=Item)
cpdef object _session_id(str text)
