from sipfast._native.splitters cimport read_field
from sipfast._native.tokenizer cimport Table


cpdef tuple find_defects(Table table)
cpdef _start_line(Table table, list found)
cpdef _header_fields(Table table, list found)
cpdef _cseq(Table table, list found)
cpdef _max_forwards(Table table, list found)
cpdef _body(Table table, list found)
cpdef Py_ssize_t _code_at(Table table)
