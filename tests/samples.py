"""Messages for tests: valid, except for the parts that a test changes."""

from __future__ import annotations

from typing import Any

from sipfast import Defect, ParseError
from sipfast._engine import Engine

OPTIONS = b"OPTIONS sip:bob@example.com SIP/2.0"
RINGING = b"SIP/2.0 180 Ringing"

VIA = b"SIP/2.0/UDP desk.example.com:5060;branch=z9hG4bKnashds8"
FIELDS = {
    "Via": VIA,
    "Max-Forwards": b"70",
    "From": b'"Alice" <sip:alice@example.com>;tag=a73kszlfl',
    "To": b"Bob <sip:bob@example.com>;tag=8321234356",
    "Call-ID": b"kc9fh4lsa@desk.example.com",
    "CSeq": b"63104 OPTIONS",
}


def sample(
    start: bytes = OPTIONS,
    *more: bytes,
    body: bytes = b"",
    line_end: bytes = b"\r\n",
    **changed: bytes | None,
) -> bytes:
    """A message with a start line, the fields above, `more` fields, and a right Content-Length.

    Before that, a Content-Type goes with a body, unless `more` has one.

    `changed` are other values of fields, or None to leave the field out, such as ``Call_ID=None``.
    """
    values: dict[str, bytes | None] = {**FIELDS, "Content-Length": b"%d" % len(body)}
    for name, value in changed.items():
        values[name.replace("_", "-")] = value
    assert len(values) == len(FIELDS) + 1, f"no field of a sample among {[*changed]}"
    lines = [
        b"%s: %s" % (name.encode(), value) for name, value in values.items() if value is not None
    ]
    after = len(lines) - (values["Content-Length"] is not None)
    given = any(field.startswith((b"Content-Type:", b"c:")) for field in more)
    kind = [b"Content-Type: text/plain"] if body and not given else []
    return line_end.join([start, *lines[:after], *more, *kind, *lines[after:], b"", body])


def attempt(engine: Engine, data: Any, **options: Any) -> Any:
    """The result of `parse` for `data`: the message or the error."""
    try:
        return engine.parse(data, **options)
    except ParseError as error:
        return error


def looked_at_closely(engine: Engine, message: Any) -> tuple[Defect, ...]:
    """All defects, as they are found when nothing is taken for plain."""
    found: list[Defect] = []
    defects = engine.module("defects")
    defects.check_all(message, set(range(len(message.headers))), found)
    defects.check_text(message, found)
    closely: tuple[Defect, ...] = defects.finished(message, found)
    return closely
