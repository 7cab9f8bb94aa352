from sipfast._native.tokenizer cimport Table


cpdef object read_number(Table table, Py_ssize_t index)
cpdef object _error(object code, Table table, Py_ssize_t index)
