from sipfast._native.sdp_defects cimport fault_of, header_of
from sipfast._native.sdp_lines cimport words_of
