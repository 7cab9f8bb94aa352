"""What an input of `fuzz.engine` and `fuzz.changing` means: bytes that choose, and then text.

Nothing here needs the native engine: seeds are written before that is built.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from fuzz.values import NAMES
from sipfast._core.value import Value

CHOICES = 5
"""Bytes of an input that choose; all zero chooses a message, the best kernel, no other limits.

For a message they are its kind, the kernel and the part to read, and three limits.  For all else
they are its kind, which class, and two that the kind explains.  The last one is, for
`fuzz.changing`, how many changes stand before the text.
"""

CHANGE = 5
"""Bytes of a change: how many loads to wait, of which bytes, two for the place, the value."""

MOST_CHANGES = 7

APART = b"\x1f"
"""What stands between texts where an input has several."""

KINDS = (
    "message",
    "field",
    "value",
    "uri",
    "sdp",
    "body",
    "built",
    "authentication",
    "field",
    "value",
    "built",
    "field",
)
"""What an input can be; what has the most classes has the largest share."""

MEDIA = (
    "application/sdp",
    "multipart/mixed;boundary=b",
    "message/sipfrag",
    "application/dtmf-relay",
    "application/isup",
    "application/pidf+xml",
    "application/reginfo+xml",
    "application/dialog-info+xml",
    "application/manscdp+xml",
    "text/plain;charset=utf-8",
    "text/plain;charset=gb18030",
    'multipart/alternative;boundary="a b"',
)
"""The Content-Types of a body."""


def built_classes() -> Iterator[tuple[str, str, dict[str, str]]]:
    """The classes whose constructor takes texts and numbers: module, name, each argument's kind."""
    waiting: list[Any] = [Value]
    for cls in waiting:
        waiting += [sub for sub in cls.__subclasses__() if sub not in waiting]
        if cls.__init__ is Value.__init__ or not cls.__module__.startswith("sipfast._core."):
            continue
        arguments = [*inspect.signature(cls.__init__).parameters.values()][1:]
        takes = {argument.name: str(argument.annotation) for argument in arguments}
        if not any(word in takes[name] for name in takes for word in ("Mapping", "datetime")):
            yield cls.__module__.removeprefix("sipfast._core."), cls.__name__, takes


BUILT = [*built_classes()]


def in_message(which: int, text: bytes) -> bytes:
    """A message with this text as one of its header fields, or in two of the same name."""
    first, apart, second = text.partition(APART)
    name = NAMES[which % len(NAMES)].encode()
    more = b"%s:%s\r\n" % (name, second) if apart else b""
    return b"OPTIONS sip:a@b SIP/2.0\r\n%s: %s\r\n%s\r\n" % (name, first, more)
