"""Redaction: captures that can be shown to others, with pseudonyms in place of people and hosts.

    from sipfast.redact import Redactor, read_key

    Redactor(read_key("key")).file("trace.pcapng", "shown.pcapng")

A value has the same pseudonym wherever it stands, in every file written with the same key
(docs/redact.md).
"""

from __future__ import annotations

from .key import KeyFault, is_open_to_others, new_key, read_key
from .redactor import REASONS, Redactor

__all__ = ["REASONS", "KeyFault", "Redactor", "is_open_to_others", "new_key", "read_key"]
