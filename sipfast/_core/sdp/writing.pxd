from .defects cimport fault_of, header_of
from .lines cimport words_of
