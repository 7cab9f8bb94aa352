from ..lists cimport read_field
from ..wire.table cimport Table

cdef unsigned int _DATE, _IDENTITY


cpdef object check_dates(Table table, list found)
cpdef list find_stale(Table table, double now)
cdef object _date(Table table)
cdef list _issued(Table table)
