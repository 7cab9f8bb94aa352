"""``sipfast check``: the faults of each message of files, one per line, as linters print them.

A fault is written at once, and only sums are kept, so memory is independent of the files.
"""

from __future__ import annotations

from .codes import known_codes, print_codes
from .find import Found, Sums, Wanted, check_files
from .groups import BY, Groups
from .report import FORMATS, Report, print_sums, report_of

__all__ = [
    "BY",
    "FORMATS",
    "Found",
    "Groups",
    "Report",
    "Sums",
    "Wanted",
    "check_files",
    "known_codes",
    "print_codes",
    "print_sums",
    "report_of",
]
