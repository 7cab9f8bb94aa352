"""sipfast: SIP messages at C speed.

>>> import sipfast
>>> message = sipfast.parse(b"OPTIONS sip:example.com SIP/2.0\\r\\nCall-ID: 1@a\\r\\n\\r\\n")
>>> message.method, message.uri, message.headers["i"]
('OPTIONS', 'sip:example.com', '1@a')
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._engine import ENGINE
from .errors import Defect, Incomplete, LimitExceeded, ParseError

if TYPE_CHECKING:
    from ._pure.headers import Headers
    from ._pure.limits import Limits
    from ._pure.message import Message, Request, Response, parse
else:
    parse = ENGINE.parse
    Message = ENGINE.Message
    Request = ENGINE.Request
    Response = ENGINE.Response
    Headers = ENGINE.Headers
    Limits = ENGINE.Limits

__all__ = [
    "Defect",
    "Headers",
    "Incomplete",
    "LimitExceeded",
    "Limits",
    "Message",
    "ParseError",
    "Request",
    "Response",
    "engine",
    "kernel",
    "parse",
]

__version__ = "0.1.0"

engine: str = ENGINE.name
"""``"native"`` or ``"pure"``: which engine `parse` runs on."""

kernel: str | None = ENGINE.kernel
"""The kernel that scans the bytes, such as ``"avx2"``; None on the pure engine."""
