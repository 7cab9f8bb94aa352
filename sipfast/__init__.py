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
    from ._pure.address import Address, Contact
    from ._pure.headers import Headers
    from ._pure.limits import Limits
    from ._pure.message import Message, Request, Response
    from ._pure.parsing import parse
    from ._pure.sdp import SDP, Media
    from ._pure.typed import format_header, parse_header
    from ._pure.uri import URI, URN, SipURI, TelURI
    from ._pure.via import Via
else:
    parse = ENGINE.parse
    Message = ENGINE.Message
    Request = ENGINE.Request
    Response = ENGINE.Response
    Headers = ENGINE.Headers
    Limits = ENGINE.Limits
    parse_header = ENGINE.parse_header
    format_header = ENGINE.format_header
    URI, SipURI, TelURI, URN = ENGINE.classes("uri", "URI", "SipURI", "TelURI", "URN")
    Address, Contact = ENGINE.classes("address", "Address", "Contact")
    (Via,) = ENGINE.classes("via", "Via")
    SDP, Media = ENGINE.classes("sdp", "SDP", "Media")

__all__ = [
    "SDP",
    "URI",
    "URN",
    "Address",
    "Contact",
    "Defect",
    "Headers",
    "Incomplete",
    "LimitExceeded",
    "Limits",
    "Media",
    "Message",
    "ParseError",
    "Request",
    "Response",
    "SipURI",
    "TelURI",
    "Via",
    "engine",
    "format_header",
    "kernel",
    "parse",
    "parse_header",
]

__version__ = "0.1.0"

engine: str = ENGINE.name
"""``"native"`` or ``"pure"``: which engine `parse` runs on."""

kernel: str | None = ENGINE.kernel
"""The kernel that scans the bytes, such as ``"avx2"``; None on the pure engine."""
