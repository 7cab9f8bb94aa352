"""Keys of transactions, dialogs and retransmissions."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from sipfast import ParseError
from sipfast._engine import Engine

from . import Case
from .texts import Make, numbered, parse, repeated

KEYS = (
    *("transaction_key", "client_transaction_key", "retransmission_key", "merge_key", "loop_key"),
    "dialog_id",
)
FIELDS = {
    b"Via": b"SIP/2.0/UDP h;branch=z9hG4bKa",
    b"From": b"<sip:a@h>;tag=1",
    b"To": b"<sip:b@h>;tag=2",
    b"Call-ID": b"a@h",
    b"CSeq": b"1 OPTIONS",
}
OLD = {**FIELDS, b"Via": b"SIP/2.0/UDP h"}


def _message(
    fields: dict[bytes, bytes], field: bytes, make: Make, target: Make | None = None
) -> Make:
    """A message with a text appended to one of its fields."""

    def whole(size: int) -> bytes:
        texts = dict(fields)
        uri = b"sip:b@h"
        if target:
            uri = target(size)
        else:
            texts[field] += make(size)
        lines = [name + b": " + text + b"\r\n" for name, text in texts.items()]
        return b"OPTIONS " + uri + b" SIP/2.0\r\n" + b"".join(lines) + b"\r\n"

    return whole


def _keys(names: tuple[str, ...]) -> Callable[[Engine, bytes], object]:
    def run(engine: Engine, data: bytes) -> object:
        message = parse(engine, data)
        found = []
        for name in names:
            with suppress(ParseError):
                found.append(getattr(message, name))
        return found

    return run


def _of_many(size: int) -> list[bytes]:
    """Messages that differ only in the branch."""
    one = _message(FIELDS, b"Via", lambda _: b"%d")(0)
    return [one.replace(b"%d", b"%d" % at) for at in range(size // len(one))]


def _set(engine: Engine, messages: list[bytes]) -> object:
    return {parse(engine, data).transaction_key for data in messages}


NOTHING = repeated(b"", b"a")
SHAPES: dict[str, tuple[bytes, Make]] = {
    "a long branch": (b"Via", repeated(b"", b"a")),
    "parameters of a Via": (b"Via", repeated(b"", b";a")),
    "Vias": (b"Via", numbered(b"", b",SIP/2.0/UDP h;branch=z9hG4bK%d")),
    "a long tag": (b"From", repeated(b"", b"a")),
    "parameters of From": (b"From", repeated(b"", b";a")),
    "parameters of To": (b"To", repeated(b"", b";tag")),
    "a long Call-ID": (b"Call-ID", repeated(b"", b"a")),
    "a long method": (b"CSeq", repeated(b"", b"A")),
    "spaces in CSeq": (b"CSeq", repeated(b"", b" ", b"x")),
}

CASES = [
    *(
        Case(f"keys{age}, {name}: {what}", _message(fields, field, make), _keys((name,)))
        for age, fields, names in (
            ("", FIELDS, KEYS),
            (" of RFC 2543", OLD, ("transaction_key", "loop_key")),
        )
        for name in names
        for what, (field, make) in SHAPES.items()
    ),
    *(
        Case(
            f"keys of RFC 2543, {name}: a long Request-URI",
            _message(OLD, b"", NOTHING, repeated(b"sip:h", b";a=%41")),
            _keys((name,)),
        )
        for name in KEYS
    ),
    Case("a set of transaction keys", _of_many, _set),
]
