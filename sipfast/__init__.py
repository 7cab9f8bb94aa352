"""sipfast: SIP messages at C speed.

>>> import sipfast
>>> message = sipfast.parse(b"OPTIONS sip:example.com SIP/2.0\\r\\nCall-ID: 1@a\\r\\n\\r\\n")
>>> message.method, message.uri.host, message.headers["i"]
('OPTIONS', 'example.com', '1@a')
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from . import _late, _rebuild
from ._engine import ENGINE
from .errors import Defect, Incomplete, LimitExceeded, ParseError
from .registry import header_names as header_names
from .registry import methods as methods
from .registry import q850 as q850
from .registry import status as status
from .registry import warning_codes as warning_codes

if TYPE_CHECKING:
    from ._core.limits import Limits
    from ._core.message.headers import Headers
    from ._core.message.message import Message, Request, Response
    from ._core.message.parsing import parse
    from ._core.message.properties import format_header, parse_header
    from ._core.sdp.description import SDP, Media
    from ._core.values.address import Address, Contact
    from ._core.values.uri import URI, URN, SipURI, TelURI
    from ._core.values.via import Via
else:
    parse = ENGINE.parse
    Message = ENGINE.Message
    Request = ENGINE.Request
    Response = ENGINE.Response
    Headers = ENGINE.Headers
    Limits = ENGINE.Limits
    parse_header = ENGINE.parse_header
    format_header = ENGINE.format_header
    URI, SipURI, TelURI, URN = ENGINE.classes("values.uri", "URI", "SipURI", "TelURI", "URN")
    Address, Contact = ENGINE.classes("values.address", "Address", "Contact")
    (Via,) = ENGINE.classes("values.via", "Via")
    SDP, Media = ENGINE.classes("sdp.description", "SDP", "Media")

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

_rebuild.use(ENGINE)
_late.provide("bodies", lambda: importlib.import_module("sipfast.bodies.content"))

# The tables by the names that they had before they were in one package.
for _table in (header_names, methods, q850, status, warning_codes):
    sys.modules[_table.__name__.replace(".registry.", ".")] = _table

__version__ = "0.1.0"

engine: str = ENGINE.name
"""``"native"`` or ``"pure"``: which engine `parse` runs on."""

kernel: str | None = ENGINE.kernel
"""The kernel that scans the bytes, such as ``"avx2"``; None on the pure engine."""
