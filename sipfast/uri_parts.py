"""The parts of a URI that may be malformed, for analysts.

A malformed URI has no value.  Many still show their user and host, such as one with a quoted
parameter, or with a zone in its address.

>>> from sipfast.uri_parts import uri_parts
>>> uri_parts('sip:+1@[fe80::1%eth0]:5060;thinfo="..."')
URIParts(scheme='sip', user='+1', password=None, host='[fe80::1%eth0]', port=5060)
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

__all__ = ["URIParts", "uri_parts"]

_SCHEME = re.compile(r"([A-Za-z][-A-Za-z0-9+.]*):")
_QUOTED = re.compile('"[^"]*"')
_AFTER_PLACE = re.compile("[;?]")
_PLACE = re.compile(
    r"""[ \t/]*
    (
        \[ [^];?>]* \]?
        | (?: [0-9A-Fa-f]* : ){2,} [0-9A-Fa-f:.]* (?: % [^:;?>\s]* )?  # IPv6 without brackets
        | [^]:;?>\s,"]*
    )
    (?: : ([0-9]+) (?= [;?>\s] | \Z ) )?""",
    re.VERBOSE,
)


class URIParts(NamedTuple):
    """The parts of a URI, each None if it is absent or cannot be told."""

    scheme: str | None = None
    """The scheme in lower case, such as ``"sip"``."""
    user: str | None = None
    """The user with each %HH decoded, once; "" in ``sip:@host``.  May contain CR, LF and NUL."""
    password: str | None = None
    """The password with each %HH decoded, once.  May contain CR, LF and NUL."""
    host: str | None = None
    """The host as written, well-formed or not; an IPv6 address may be in brackets."""
    port: int | None = None


def uri_parts(text: str) -> URIParts:
    """The parts of a URI, well-formed or not.

    For a well-formed URI, they are the properties of its value.  For a malformed one, they are a
    guess, which another reader may not share: route no message by them.  Raises TypeError unless
    `text` is a str.
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be str, not {type(text).__name__}")
    text = text.strip("<> \t\r\n")
    begin = _SCHEME.match(text)
    scheme = begin[1].lower() if begin else None
    rest = text[begin.end() :] if begin else text
    # An @ in quotes ends no user.
    marks = _QUOTED.sub(_blotted, rest) if '"' in rest else rest
    at = marks.find("@")
    if scheme not in ("sip", "sips") and (scheme or at < 0):
        return URIParts(scheme)
    user = password = None
    if at >= 0:
        after = _AFTER_PLACE.search(marks, at)
        at = marks.rfind("@", at, after.start() if after else len(marks))
        user, colon, password = rest[:at].partition(":")
        user, password = unescaped(user), unescaped(password) if colon else None
    place = _PLACE.match(rest, at + 1)
    host, digits = place.groups() if place else (None, None)
    port = None
    if digits:
        digits = digits.lstrip("0") or "0"
        port = int(digits) if len(digits) <= 5 and int(digits) <= 65535 else None
    return URIParts(scheme, user, password, host or None, port)


def unescaped(text: str) -> str:
    """Text with each %HH decoded, once."""
    if "%" not in text:
        return text
    try:
        octets = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # text that no bytes are read as
        return text
    return unquote_to_bytes(octets).decode("utf-8", "surrogateescape")


def _blotted(quoted: re.Match[str]) -> str:
    return "x" * len(quoted[0])
