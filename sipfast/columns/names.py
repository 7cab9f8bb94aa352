"""The columns by name: one table, from which the code, the documents and the tests are made."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

__all__ = [
    "BOOL",
    "COLUMNS",
    "DEFAULT",
    "INT64",
    "TEXT",
    "TEXTS",
    "TIME",
    "UINT16",
    "UINT32",
    "Column",
    "ColumnError",
    "column_of",
    "columns_of",
    "near_names",
]

TEXT, BOOL, UINT16, UINT32, INT64, TIME, TEXTS = range(7)
"""The types of columns, as `slots.h` numbers them."""

TYPE_NAMES = ("text", "boolean", "uint16", "uint32", "int64", "timestamp[ns, UTC]", "list of text")
"""The names of the types for people, by number."""


class Column(NamedTuple):
    """A column: its name, its type, what it is read from, and its meaning.

    Columns of one `group` are read from one header field, which is split once. Those that are not
    `usual` cost much, or need all messages in their order: they are in a scan that names them.
    """

    name: str
    type: int
    group: str
    source: str
    text: str
    usual: bool = True

    @property
    def type_name(self) -> str:
        """The name of its type, such as ``"uint16"``."""
        return TYPE_NAMES[self.type]


class ColumnError(ValueError):
    """An unknown column, or one that is asked for twice."""


_FACT = "Record"
# fmt: off
_ROWS = (
    Column("file", TEXT, "record", _FACT, "the path of the source; null for bytes"),
    Column("packet", INT64, "record", _FACT, "the number of the packet that completed the message, or of the message in a file of messages, from 1"),
    Column("offset", INT64, "record", _FACT, "the byte of the file at which the message begins; in a compressed file, of its content"),
    Column("time", TIME, "record", _FACT, "when the packet was captured, or the line of the log written; null in a file of messages, and beyond the years 1677 to 2262"),
    Column("transport", TEXT, "record", _FACT, "UDP, TCP, SCTP or WS; of a log also TLS, DTLS or WSS"),
    Column("source_address", TEXT, "record", _FACT, "the IP address of the sender, of the innermost packet"),
    Column("source_port", UINT16, "record", _FACT, "its port"),
    Column("destination_address", TEXT, "record", _FACT, "the IP address of the receiver"),
    Column("destination_port", UINT16, "record", _FACT, "its port"),
    Column("is_request", BOOL, "start", "RFC 3261 7", "whether it is a request; false for a response"),
    Column("method", TEXT, "start", "RFC 3261 7.1", "the method of a request; null for a response, which has cseq_method"),
    Column("status", UINT16, "start", "RFC 3261 7.2", "the status code of a response; null for a request"),
    Column("reason", TEXT, "start", "RFC 3261 7.2", "the reason phrase of a response, which may be empty; null for a request"),
    Column("call_id", TEXT, "call_id", "RFC 3261 20.8", "Call-ID, as written"),
    Column("cseq_number", UINT32, "cseq", "RFC 3261 20.16", "the number of CSeq"),
    Column("cseq_method", TEXT, "cseq", "RFC 3261 20.16", "the method of CSeq"),
    Column("from_display", TEXT, "from", "RFC 3261 20.20", "the display name of From, without quotes"),
    Column("from_user", TEXT, "from", "RFC 3261 19.1.1, RFC 3966", "the user of the URI of From, without escapes; of a tel URI, its number without separators"),
    Column("from_host", TEXT, "from", "RFC 3261 19.1.1", "the host of the URI of From, as written; null for a tel URI"),
    Column("from_tag", TEXT, "from", "RFC 3261 19.3", "the tag of From"),
    Column("to_display", TEXT, "to", "RFC 3261 20.39", "the display name of To, without quotes"),
    Column("to_user", TEXT, "to", "RFC 3261 19.1.1, RFC 3966", "the user of the URI of To, as that of From"),
    Column("to_host", TEXT, "to", "RFC 3261 19.1.1", "the host of the URI of To, as that of From"),
    Column("to_tag", TEXT, "to", "RFC 3261 19.3", "the tag of To"),
    Column("uri", TEXT, "start", "RFC 3261 7.1", "the Request-URI, as written, malformed or not; null for a response"),
    Column("uri_user", TEXT, "uri", "RFC 3261 19.1.1, RFC 3966", "the user of the Request-URI, as that of From"),
    Column("uri_host", TEXT, "uri", "RFC 3261 19.1.1", "the host of the Request-URI, as that of From"),
    Column("via_host", TEXT, "via", "RFC 3261 20.42", "the sent-by host of the topmost Via"),
    Column("via_branch", TEXT, "via", "RFC 3261 20.42", "the branch of the topmost Via"),
    Column("via_count", UINT32, "via", "RFC 3261 20.42", "the number of Via values: the hops between the client and the capture, the same in a request and its responses"),
    Column("contact_user", TEXT, "contact", "RFC 3261 20.10", "the user of the URI of the first Contact, as that of From; null for the wildcard *"),
    Column("contact_host", TEXT, "contact", "RFC 3261 20.10", "the host of the URI of the first Contact, as that of From"),
    Column("contact_expires", UINT32, "contact", "RFC 3261 20.10", "the expires parameter of the first Contact, in seconds"),
    Column("expires", UINT32, "expires", "RFC 3261 20.19", "Expires, in seconds"),
    Column("user_agent", TEXT, "user_agent", "RFC 3261 20.41, 20.35", "User-Agent, or else Server, as written"),
    Column("content_type", TEXT, "content_type", "RFC 3261 20.15", "the media type of the body in lower case, without parameters"),
    Column("body_length", UINT32, "body", "RFC 3261 18.3", "the bytes of the body that are there, whatever Content-Length says"),
    Column("sdp_address", TEXT, "sdp", "RFC 8866 5.7", "the connection address of the first media description, which may be that of the session; of a description without media, that of the session"),
    Column("sdp_port", UINT16, "sdp", "RFC 8866 5.14", "the port of the first media description; 0 refuses the media"),
    Column("sdp_codecs", TEXTS, "sdp", "RFC 8866 6.6, RFC 3551 6", "the encoding names of the first media description in the order of its formats, such as PCMA, as written or as registered for a static payload type; null without media"),
    Column("sdp_direction", TEXT, "sdp", "RFC 8866 6.7", "sendrecv, sendonly, recvonly or inactive, of the first media description; sendrecv where none is given"),
    Column("reason_cause", UINT32, "reason", "RFC 3326 2", "the cause of the first Reason: below 128 of Q.850, from 200 on a status code of SIP"),
    Column("retransmission", BOOL, "repeats", "RFC 3261 17, docs/capture.md", "whether it repeats a message between the same addresses of the 32 seconds before; false for a duplicate, null without a time", usual=False),
    Column("duplicate", BOOL, "repeats", "docs/capture.md", "whether its bytes went between the same addresses in the 5 ms before, as mirror ports show them; null without a time", usual=False),
    Column("defects", TEXTS, "defects", "docs/defects.md", "the codes of the defects of the header, in the order of their bytes; empty for a message without", usual=False),
    Column("error", TEXT, "error", "docs/defects.md", "the code of the fault for which the message cannot be parsed, or else of the first column that cannot be read"),
    Column("error_offset", UINT32, "error", "docs/defects.md", "the byte of the message with that fault"),
)
# fmt: on

COLUMNS = {column.name: column for column in _ROWS}
"""Every column by name, in the order in which errors are looked for."""

DEFAULT = tuple(column.name for column in _ROWS if column.usual)
"""The columns of a scan that names none."""

_HEADER = re.compile(r"(headers?):([A-Za-z0-9!%*_+`'~.-]+)")


def column_of(name: str) -> Column:
    """The column of this name.

    `header:NAME` is the first value of a header field, and `headers:NAME` all its values, one for
    each field; the name may be compact, and its case is ignored. Raises ColumnError.
    """
    if not isinstance(name, str):
        raise TypeError(f"the name of a column must be str, not {type(name).__name__}")
    found = COLUMNS.get(name)
    if found is not None:
        return found
    header = _HEADER.fullmatch(name)
    if header is None:
        raise ColumnError(f"unknown column {name[:60]!r}{near_names(name)}")
    if header[1] == "header":
        return Column(name, TEXT, name, "RFC 3261 7.3", f"the first {header[2]}, as text")
    return Column(name, TEXTS, name, "RFC 3261 7.3", f"each {header[2]}, as text; null without one")


def columns_of(names: Iterable[str] | None) -> tuple[Column, ...]:
    """The columns of a scan, in the order given; None for those of DEFAULT. Raises ColumnError."""
    if isinstance(names, str):
        raise TypeError("columns must be a list of names, not str")
    found = tuple([column_of(name) for name in (DEFAULT if names is None else names)])
    if not found:
        raise ColumnError("a scan needs at least one column")
    seen = set()
    for column in found:
        if column.name in seen:
            raise ColumnError(f"column {column.name!r} is asked for twice")
        seen.add(column.name)
    return found


def near_names(name: str) -> str:
    """Names like an unknown one, as the end of a sentence; empty if there is none."""
    import difflib  # for faults alone

    if len(name) > 60:
        return ""
    lower = name.lower().replace("-", "_")
    near = difflib.get_close_matches(lower, COLUMNS, 3, 0.6)
    if not near:
        near = [known for known in COLUMNS if known.endswith("_" + lower)][:3]
    if lower.startswith("header"):
        return "; a header field is header:NAME or headers:NAME"
    if not near:
        return f"; a header field is 'header:{name}'" if _HEADER.fullmatch(f"header:{name}") else ""
    return f"; did you mean {' or '.join(near)}?"
