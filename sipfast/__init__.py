"""sipfast: SIP messages at C speed.

>>> import sipfast
>>> message = sipfast.parse(b"OPTIONS sip:example.com SIP/2.0\\r\\nCall-ID: 1@a\\r\\n\\r\\n")
>>> message.method, message.uri.host, message.headers["i"]
('OPTIONS', 'example.com', '1@a')
"""

from __future__ import annotations

import sys

if sys.argv and sys.argv[0].endswith(("-m", "sipfast", "sipfast.exe", "sipfast-script.py")):
    from . import _interrupted as _interrupted

from typing import TYPE_CHECKING, Any

from . import _late, _rebuild
from ._engine import ENGINE
from .errors import Defect, FramingError, Incomplete, LimitExceeded, ParseError

if TYPE_CHECKING:
    from ._core.limits import Limits
    from ._core.message.dialog import Dialog
    from ._core.message.draft import Draft
    from ._core.message.fresh import new_branch, new_call_id, new_tag
    from ._core.message.headers import Headers
    from ._core.message.hop import Hop
    from ._core.message.message import Message, Request, Response
    from ._core.message.parsing import parse
    from ._core.message.properties import format_header, parse_header
    from ._core.message.reply import reply_to
    from ._core.message.stream import Stream, StreamEvent
    from ._core.sdp.description import SDP, Media
    from ._core.values.address import Address, Contact
    from ._core.values.uri import URI, URN, SipURI, TelURI
    from ._core.values.via import Via
    from .calls import Call, read_calls
    from .capture import open as open
    from .columns.scan import scan as scan
    from .keepalive import Ping, Pong
    from .next_hop import NextHop
    from .sql import connect as connect
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

__all__ = [
    "SDP",
    "URI",
    "URN",
    "Address",
    "Call",
    "Contact",
    "Defect",
    "Dialog",
    "Draft",
    "FramingError",
    "Headers",
    "Hop",
    "Incomplete",
    "LimitExceeded",
    "Limits",
    "Media",
    "Message",
    "NextHop",
    "ParseError",
    "Ping",
    "Pong",
    "Request",
    "Response",
    "SipURI",
    "Stream",
    "StreamEvent",
    "TelURI",
    "Via",
    "connect",
    "engine",
    "format_header",
    "kernel",
    "new_branch",
    "new_call_id",
    "new_tag",
    "open",
    "parse",
    "parse_header",
    "read_calls",
    "reply_to",
    "scan",
]

_rebuild.use(ENGINE)
_late.MODULES["content"] = "sipfast.bodies.content"
_late.MODULES["body_defects"] = "sipfast.bodies.body_defects"
_late.MODULES["capture"] = "sipfast.capture"
_late.MODULES["columns"] = "sipfast.columns"
_late.MODULES["sql"] = "sipfast.sql"
_late.MODULES["calls"] = "sipfast.calls"
_late.MODULES["ladder"] = "sipfast.ladder"
_late.MODULES["notebook"] = "sipfast.ladder.notebook"
_late.MODULES["draw_text"] = "sipfast.ladder.draw_text"
_late.MODULES["draw_svg"] = "sipfast.ladder.draw_svg"
_late.MODULES["draw_html"] = "sipfast.ladder.draw_html"
_late.MODULES["draw_mermaid"] = "sipfast.ladder.draw_mermaid"
__version__ = "0.1.0"

engine: str = ENGINE.name
"""The engine of `parse`: ``"native"`` or ``"pure"``."""

kernel: str | None = ENGINE.kernel
"""The kernel that scans bytes, such as ``"avx2"``; None on the pure engine."""


_LATE = {
    **dict.fromkeys(("SDP", "Media"), "sdp.description"),
    **dict.fromkeys(("new_branch", "new_call_id", "new_tag"), "message.fresh"),
    "Dialog": "message.dialog",
    "Draft": "message.draft",
    "Hop": "message.hop",
    "NextHop": "message.forward",
    "reply_to": "message.reply",
    **dict.fromkeys(("Ping", "Pong", "Stream", "StreamEvent"), "message.stream"),
}
"""The modules of the names that are loaded on first access: not every program needs them."""

_ABOVE = {
    "Call": "calls",
    "connect": "sql",
    "open": "capture",
    "read_calls": "calls",
    "scan": "columns",
}
"""The names of packages that are imported on first access."""


def __getattr__(name: str) -> Any:
    if name in _ABOVE:
        found = globals()[name] = getattr(getattr(_late, _ABOVE[name]), name)
        return found
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(ENGINE.module(_LATE[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
