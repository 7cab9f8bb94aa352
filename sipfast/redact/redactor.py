"""Messages and captures, written anew with pseudonyms."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from .. import capture
from .._engine import ENGINE, Engine
from ..capture import Record
from ..errors import ParseError
from ..registry.header_names import HEADER_IDS, HEADER_NAMES
from . import words
from .bodies import body_of
from .fields import ALLOWED, FIELDS, OF_BODY, phrase_of
from .key import checked
from .pseudonyms import Memo, Pseudonyms
from .sdp import line_of
from .values import Values

if TYPE_CHECKING:
    from .._core.message.message import Buffer, Request, Response
    from ..capture.writer import Format, Writable

__all__ = ["REASONS", "Redactor"]

REASONS = (
    "cut message",
    "malformed message",
    "unregistered method",
    "unknown Request-URI",
    "unknown mandatory field",
)
"""Why a message is dropped."""

_MANDATORY = frozenset({"Via", "From", "To", "Call-ID", "CSeq"})
_ENTRIES = 16_384
_LONGEST_KEY = 512
_MOST_NAMES = 256
_OTHER = "..."

_NAME = re.compile(r"[A-Za-z0-9!%*_+`'~.-]{1,64}", re.ASCII)


class _Dropped(Exception):
    """A message is dropped."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class Redactor:
    """Writes messages anew, with a pseudonym for each value that could tell who someone is.

    What it does not understand is dropped: header fields, parameters, lines of session
    descriptions, bodies and whole messages.

    Args:
        key: at least 16 bytes.  With the same key, a value has the same pseudonym in every file.
        keep_prefix: how many leading digits of a number stay, or the prefixes that do, such as
            ``["+44", "+49"]``.
        allow: names of header fields that stay although they are unknown, with pseudonyms.
        shift: seconds to add to each time.
        keep_agents: leave User-Agent and Server as they are.
        engine: the engine that reads the messages.

    Attributes:
        written: the number of messages so far.
        dropped: the number of dropped messages by reason, one of `REASONS`.
        removed: the number of dropped header fields by name; ``"body"`` for bodies, ``"t="`` for
            the times of session descriptions, and ``"..."`` for the names after the first 256.
        untimed: how many messages `file` wrote without their time, which the format cannot hold.

    Raises:
        KeyFault: the key is too short.
    """

    def __init__(
        self,
        key: bytes,
        *,
        keep_prefix: int | Sequence[str] = 0,
        allow: Iterable[str] = (),
        shift: int = 0,
        keep_agents: bool = False,
        engine: Engine = ENGINE,
    ) -> None:
        if isinstance(allow, str):
            raise TypeError("allow must be a list of names, not str")
        if isinstance(keep_prefix, str):
            raise TypeError("keep_prefix must be int or a list of prefixes, not str")
        allow = list(allow)
        for name in allow:
            if not _NAME.fullmatch(name):
                raise ValueError(f"allow: {name!r} is not the name of a header field")
        names = Pseudonyms(checked(bytes(key)), keep_prefix)
        self._values = Values(names, engine, shift=shift, keep_agents=keep_agents)
        self._values.lines = Memo(partial(line_of, self._values))
        self._parse = engine.parse
        self._response = engine.Response
        self._shift_ns = shift * 10**9
        self._allowed = {_canonical(name).lower(): name for name in allow}
        """The spelling of the header fields that stay, by their names in lower case."""
        self._fields: dict[tuple[str, str], tuple[str, str | None]] = {}
        self._spelled: dict[str, str] = {}
        """The names of dropped header fields as they were first written, by those in lower case."""
        self.written = 0
        self.dropped: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()
        self.untimed = 0

    # ---- files ----

    def record(self, record: Record) -> Record | None:
        """A record with its message and addresses written anew; None if it is dropped.

        A shift may take its time before 1970: it is negative then.
        """
        if record.is_cut or "end" in record.lost:
            self.dropped["cut message"] += 1
            return None
        data = self.message(record.data)
        if data is None:
            return None
        host = self._values.names.host
        return record._replace(
            data=memoryview(data),
            offset=0,
            time_ns=None if record.time_ns is None else record.time_ns + self._shift_ns,
            source=None if record.source is None else host(record.source),
            destination=None if record.destination is None else host(record.destination),
            file=None,
        )

    def file(
        self,
        source: str | os.PathLike[str] | Iterable[Record],
        target: str | os.PathLike[str] | Writable,
        *,
        format: Format | None = None,
    ) -> None:
        """Write a whole capture.

        `source` is a path, or an open capture. `target` and `format` are those of
        `sipfast.capture.Writer`. Raises what `sipfast.open` and the writer raise.
        """
        if isinstance(source, str | os.PathLike):
            with capture.open(source) as opened:
                self.file(opened, target, format=format)
            return
        with capture.Writer(target, format=format) as writer:
            for record in source:
                made = self.record(record)
                if made is not None:
                    writer.write(made)
        self.untimed += writer.untimed

    # ---- messages ----

    def message(self, data: Buffer) -> bytes | None:
        """A message, written anew; None if it is dropped, and counted."""
        try:
            made, removed = self._message(self._parse(data))
        except ParseError:
            self.dropped["malformed message"] += 1
            return None
        except _Dropped as error:
            self.dropped[error.reason] += 1
            return None
        for name in removed:
            self._count(name)
        self.written += 1
        return made

    def _message(self, message: Request | Response) -> tuple[bytes, list[str]]:
        """A message written anew, and the names of what it lost. Raises _Dropped."""
        lines = [self._start_line(message)]
        known = self._fields
        removed = self._values.removed = []
        for pair in message.headers.items():
            name, line = known.get(pair) or self._field(*pair)
            if line:
                lines.append(line)
            elif line is None:
                if name in _MANDATORY:
                    raise _Dropped("unknown mandatory field")
                removed.append(name)
        body = b""
        if len(message.body_view) or "Content-Type" in message.headers:
            try:
                fields, body = body_of(self._values, message)
            except ParseError:
                fields = []
            lines += fields
            if not body and len(message.body_view):
                removed.append("body")
        lines.append(f"Content-Length: {len(body)}\r\n\r\n")
        return "\r\n".join(lines).encode("ascii") + body, removed

    def _start_line(self, message: Any) -> str:
        if isinstance(message, self._response):
            return f"SIP/2.0 {message.status} {phrase_of(message.status)}"
        if message.method not in words.METHODS:
            raise _Dropped("unregistered method")
        try:
            uri = self._values.uri(message.uri)
        except ParseError:
            uri = None
        if uri is None:
            raise _Dropped("unknown Request-URI")
        return f"{message.method} {uri} SIP/2.0"

    def _count(self, name: str) -> None:
        spelled = self._spelled.get(name.lower())
        if spelled is None:
            if len(self._spelled) >= _MOST_NAMES:
                name = _OTHER
            spelled = self._spelled[name.lower()] = name
        self.removed[spelled] += 1

    def _field(self, written: str, text: str) -> tuple[str, str | None]:
        """The name of a header field, and its line: empty if the body has it, None to drop it."""
        name = _canonical(written)
        line: str | None = None
        if name in OF_BODY:
            line = ""
        else:
            policy = FIELDS.get(name)
            spelled = name
            if policy is None and name.lower() in self._allowed:
                policy, spelled = ALLOWED, self._allowed[name.lower()]
            if policy is not None:
                value = self._values.safely(policy.write, name, text)
                line = None if value is None else f"{spelled}: {value}"
        if len(text) <= _LONGEST_KEY and len(written) <= _LONGEST_KEY:
            if len(self._fields) >= _ENTRIES:
                self._fields.clear()
            self._fields[written, text] = name, line
        return name, line


def _canonical(name: str) -> str:
    """The registered name of a header field, or the name as it is."""
    header_id = HEADER_IDS.get(name.lower()) if name.isascii() else None
    return HEADER_NAMES[header_id - 1].name if header_id else name
