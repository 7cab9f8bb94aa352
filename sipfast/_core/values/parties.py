"""Addresses with special parameters: Diversion, History-Info, Call-Info and others."""

from __future__ import annotations

import re

from ..parameters import parameter_number
from ..value import MOST, Value
from ..wire.text import HEADERS
from .address import Address
from .reasons import Reason, reasons_in
from .uri import SipURI

__all__ = [
    "CallInfo",
    "Diversion",
    "HistoryInfo",
    "ReferredBy",
    "RemotePartyID",
    "Screened",
    "ServedUser",
]

_INDEX = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")


class Screened(Address):
    """A party with its privacy, and whether its number was verified."""

    __slots__ = ()

    @property
    def privacy(self) -> str | None:
        """``privacy``, such as ``"full"``, or None."""
        return self._parameter("privacy")

    @property
    def screen(self) -> bool | None:
        """``screen``: whether the number was verified, or None."""
        screen = self._parameter("screen")
        return None if screen is None else screen.lower() == "yes"


class Diversion(Screened):
    """The party that diverted a call, and the reason (RFC 5806)."""

    __slots__ = ()

    @property
    def reason(self) -> str | None:
        """``reason``, such as ``"no-answer"``, or None."""
        return self._parameter("reason")

    @property
    def counter(self) -> int | None:
        """``counter``: the number of diversions, or None.  Raises `ParseError` if malformed."""
        return parameter_number(self, "counter", MOST)

    @property
    def limit(self) -> int | None:
        """``limit``: the maximum number of diversions, or None.  Raises `ParseError`."""
        return parameter_number(self, "limit", MOST)


class RemotePartyID(Screened):
    """A party as identified by a trusted proxy (draft-ietf-sip-privacy-04).

    >>> RemotePartyID.parse("<sip:7042@example.com>;party=calling;screen=yes").party
    'calling'
    """

    __slots__ = ()

    @property
    def party(self) -> str | None:
        """``party``: ``"calling"`` or ``"called"``, or None."""
        return self._parameter("party")

    @property
    def id_type(self) -> str | None:
        """``id-type``: ``"subscriber"``, ``"user"``, ``"term"`` or ``"return"``, or None."""
        return self._parameter("id-type")


class HistoryInfo(Address):
    """An earlier target of the request (RFC 7044).

    >>> entry = HistoryInfo.parse("<sip:bob@192.0.2.4;cause=302>;index=1.2;rc=1")
    >>> entry.index, entry.rc, entry.cause
    ((1, 2), (1,), 302)
    """

    __slots__ = ()

    @property
    def index(self) -> tuple[int, ...]:
        """``index``: the entry's place in the tree of targets, such as ``(1, 2)``; may be empty.

        Raises `ParseError` unless it is numbers and dots, as `rc`, `mp` and `np` do.
        """
        return _index(self, "index")

    @property
    def rc(self) -> tuple[int, ...]:
        """``rc``: the entry of the same user, for which this is a new address; or empty."""
        return _index(self, "rc")

    @property
    def mp(self) -> tuple[int, ...]:
        """``mp``: the entry whose user was replaced by this one; or empty."""
        return _index(self, "mp")

    @property
    def np(self) -> tuple[int, ...]:
        """``np``: the entry that this target continues unchanged; or empty."""
        return _index(self, "np")

    @property
    def cause(self) -> int | None:
        """``cause`` in the URI: the status code that led to this target (RFC 4458), or None."""
        uri = self.uri
        return parameter_number(uri, "cause", MOST) if isinstance(uri, SipURI) else None

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why this target failed: the Reason header fields in its URI (RFC 7044 5.1).

        Raises `ParseError` if one is malformed, at the first header field of the URI.
        """
        uri = self.uri
        return _reasons(uri) if isinstance(uri, SipURI) else ()


def _reasons(uri: SipURI) -> tuple[Reason, ...]:
    """The Reason header fields in a URI."""
    texts = [text for name, text in uri.headers if name.lower() == "reason"]
    return reasons_in(uri, HEADERS, texts)


def _index(entry: Value, name: str) -> tuple[int, ...]:
    """A parameter as a place in the tree of targets."""
    text = entry._parameter(name)
    if not text:
        return ()
    if not _INDEX.fullmatch(text):
        entry._raise("index-malformed", entry._parameter_at(name))
    return tuple([int(piece) for piece in text.split(".")])


class ReferredBy(Address):
    """The referrer (RFC 3892)."""

    __slots__ = ()

    _field = "Referred-By"

    @property
    def cid(self) -> str | None:
        """``cid``: the Content-ID of the body with the referrer's token, without <>, or None."""
        return self._parameter("cid")


class CallInfo(Address):
    """The URI of more information on the caller or callee (RFC 3261 20.9)."""

    __slots__ = ()

    @property
    def purpose(self) -> str | None:
        """``purpose``, such as ``"icon"``, ``"info"`` or ``"card"``, or None."""
        return self._parameter("purpose")


class ServedUser(Address):
    """The user served by an application server (RFC 5502)."""

    __slots__ = ()

    @property
    def session_case(self) -> str | None:
        """``sescase``: ``"orig"`` or ``"term"``, or None."""
        return self._parameter("sescase")

    @property
    def registration_state(self) -> str | None:
        """``regstate``: ``"reg"`` or ``"unreg"``, or None."""
        return self._parameter("regstate")
