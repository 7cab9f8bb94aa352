"""Session-ID, Resource-Priority and User-to-User."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..building import changed, check, gathered
from ..items import Item, built_word
from ..parameters import Pairs, others, quoted, written
from ..value import Value
from ..wire.text import FIRST

if TYPE_CHECKING:
    from types import EllipsisType

    from typing_extensions import Self

__all__ = ["ResourcePriority", "SessionID", "UserToUser"]

_UUID = re.compile(r"[0-9A-Fa-f]{32}")
_PRIORITY = re.compile(r"([-A-Za-z0-9!%*_+`'~]+)\.([-A-Za-z0-9!%*_+`'~]+)")
_OCTETS = re.compile(r"(?:[0-9A-Fa-f]{2})*")


class SessionID(Item):
    """The end-to-end identifier of a session, one half from each end (RFC 7989 5).

    >>> session = SessionID.parse(f"{'ab' * 16};remote={'00' * 16}")
    >>> session.local == "ab" * 16, session.remote == "00" * 16
    (True, True)
    """

    __slots__ = ()

    def __init__(self, local: str, remote: str | None = None, *, parameters: Pairs = ()) -> None:
        """Build one from one or two UUIDs without hyphens.  Raises `ParseError`."""
        check(locals())
        built = built_word(self, local, written(gathered((("remote", remote),), parameters)))
        built.remote  # noqa: B018  raises if malformed
        self._become(built)

    def _read(self) -> Any:
        self._split_item()
        if not _UUID.fullmatch(self._part(FIRST) or ""):
            self._fail("session-id-malformed", FIRST)
        return self

    @property
    def local(self) -> str:
        """The sender's UUID: 32 hexadecimal digits in lower case, all 0 while unknown."""
        return (self._part(FIRST) or "").lower()

    @property
    def remote(self) -> str | None:
        """``remote``: the UUID of the other end, or None.  Raises `ParseError`."""
        return _remote(self)

    def _arguments(self) -> dict[str, Any]:
        return {
            "local": self.local,
            "remote": self.remote,
            "parameters": others(self, ("remote",)),
        }

    def replace(
        self,
        *,
        local: str | EllipsisType = ...,
        remote: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        return self._with(locals())


def _remote(session: Value) -> str | None:
    text = session._parameter("remote")
    if text is None:
        return None
    if not _UUID.fullmatch(text):
        session._raise("session-id-malformed", session._parameter_at("remote"))
    return text.lower()


class ResourcePriority(Value):
    """A priority in a namespace, such as ``ets.0`` (RFC 4412 3.1)."""

    __slots__ = ()

    def __init__(self, namespace: str, priority: str) -> None:
        """Build one.  Raises `ParseError` unless each part is a word without dots."""
        check(locals())
        built = self._built(f"{namespace}.{priority}")
        if (built.namespace, built.priority) != (namespace, priority):
            built._raise("priority-malformed", 0)
        self._become(built)

    def _read(self) -> Any:
        if not _PRIORITY.fullmatch(str(self)):
            self._raise("priority-malformed", 0)
        return self

    @property
    def namespace(self) -> str:
        """The namespace, such as ``"ets"`` or ``"q735"``."""
        return str(self).partition(".")[0]

    @property
    def priority(self) -> str:
        """The priority value in the namespace."""
        return str(self).partition(".")[2]

    def replace(
        self,
        *,
        namespace: str | EllipsisType = ...,
        priority: str | EllipsisType = ...,
    ) -> ResourcePriority:
        """A copy with another namespace or priority."""
        given = changed(locals())
        return ResourcePriority(
            **({"namespace": self.namespace, "priority": self.priority} | given)
        )

    def _key(self) -> Any:
        return str(self).lower()


class UserToUser(Item):
    """Data from one user to the other (RFC 7433).

    >>> UserToUser.parse("04c81031;encoding=hex;purpose=isdn-uui").data
    b'\\x04\\xc8\\x101'
    """

    __slots__ = ()

    def __init__(
        self, data: bytes, *, encoding: str | None = "hex", parameters: Pairs = ()
    ) -> None:
        """Build one from octets, written in hexadecimal, or as text in any other encoding."""
        check(locals())
        data = bytes(data)
        if _is_hex(encoding):
            first = data.hex() or '""'
        else:
            first = quoted(data.decode("utf-8", "surrogateescape"))
        built = built_word(self, first, written(gathered((("encoding", encoding),), parameters)))
        self._become(built)

    @property
    def data(self) -> bytes:
        """The octets.  Raises `ParseError` if the encoding is hex and the digits are malformed."""
        text = self._unquoted(FIRST) or ""
        if not _is_hex(self.encoding):
            return text.encode("utf-8", "surrogateescape")
        if not _OCTETS.fullmatch(text):
            if not (self._part(FIRST) or "").startswith('"'):
                self._token(FIRST)  # raises if malformed
            self._fail("uui-malformed", FIRST)
        return bytes.fromhex(text)

    @property
    def encoding(self) -> str | None:
        """``encoding``, such as ``"hex"``; None means hex."""
        return self._parameter("encoding")

    @property
    def content(self) -> str | None:
        """``content``: the kind of data, or None."""
        return self._parameter("content")

    @property
    def purpose(self) -> str | None:
        """``purpose``: the application of the data, such as ``"isdn-uui"``, or None."""
        return self._parameter("purpose")

    def _arguments(self) -> dict[str, Any]:
        return {
            "data": self.data,
            "encoding": self.encoding,
            "parameters": others(self, ("encoding",)),
        }

    def replace(
        self,
        *,
        data: bytes | EllipsisType = ...,
        encoding: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        return self._with(locals())

    def _key(self) -> Any:
        text = self._unquoted(FIRST) or ""
        return text.lower() if _is_hex(self.encoding) else text, self.parameters


def _is_hex(encoding: str | None) -> bool:
    return encoding is None or encoding.lower() == "hex"
