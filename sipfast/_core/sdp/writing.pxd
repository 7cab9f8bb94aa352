from .defects cimport fault_of, header_of
from .lines cimport plain, words_of
