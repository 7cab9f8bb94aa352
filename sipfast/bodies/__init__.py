"""The bodies of SIP messages: readers by media type, and the parts of a multipart.

>>> from sipfast.bodies import decode
>>> decode(b"Signal=5\\r\\nDuration=160\\r\\n", "application/dtmf-relay")
Dtmf(signal='5', duration_ms=160)

`decode` reads session descriptions with `sipfast.SDP`.
"""

from __future__ import annotations

from .dialog_info import Dialog, DialogInfo, Party
from .dtmf import Dtmf
from .encoding import open_encoded
from .isup import Cause, Isup, PartyNumber
from .manscdp import DeviceId, Fields, Manscdp
from .media import Content, decode
from .multipart import Multipart, Part, split_multipart
from .pidf import Presence, PresenceTuple
from .reginfo import Contact, RegInfo, Registration
from .sipfrag import SipFrag
from .text import decode_text
from .xml import parse_xml

__all__ = [
    "Cause",
    "Contact",
    "Content",
    "DeviceId",
    "Dialog",
    "DialogInfo",
    "Dtmf",
    "Fields",
    "Isup",
    "Manscdp",
    "Multipart",
    "Part",
    "Party",
    "PartyNumber",
    "Presence",
    "PresenceTuple",
    "RegInfo",
    "Registration",
    "SipFrag",
    "decode",
    "decode_text",
    "open_encoded",
    "parse_xml",
    "split_multipart",
]
