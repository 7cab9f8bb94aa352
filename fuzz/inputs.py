"""The inputs of `fuzz.engine` and `fuzz.changing`: bytes of choices, then text.

This module works without the native engine: seeds are written before it is built.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from fuzz.values import NAMES
from sipfast._core.value import Value

CHOICES = 5
"""The number of bytes of choices; zeros choose a message, the best kernel, default limits.

For a message they are the kind, the kernel and the part to read, and three limits.  For other
kinds they are the kind, the class, and two bytes that depend on the kind.  For `fuzz.changing`, the
last one is the number of changes before the text.
"""

CHANGE = 5
"""The bytes of a change: loads to wait for, of which bytes, two for the place, the value."""

MOST_CHANGES = 7

APART = b"\x1f"
"""The separator of the texts in an input."""

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
"""The kinds of inputs; those with the most classes have the largest share."""

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
    """The classes with constructors of texts and numbers: module, name, kinds of arguments."""
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
    """A message with this text in a header field, or in two of the same name."""
    first, apart, second = text.partition(APART)
    name = NAMES[which % len(NAMES)].encode()
    more = b"%s:%s\r\n" % (name, second) if apart else b""
    return b"OPTIONS sip:a@b SIP/2.0\r\n%s: %s\r\n%s\r\n" % (name, first, more)
