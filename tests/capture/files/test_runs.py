"""Files of concatenated messages, scanned: C hands out the messages that Python's reader does."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import sipfast
from sipfast._engine import Engine
from sipfast.columns import Scan
from sipfast.columns.scan import Errors

ROOT = Path(__file__).parents[3]
COLUMNS = ("packet", "offset", "uri", "status", "call_id", "body_length", "error", "error_offset")


def message(number: int, body: bytes = b"", length: int | None = None) -> bytes:
    stated = len(body) if length is None else length
    return b"INFO sip:%d@example.com SIP/2.0\r\nCall-ID: %d\r\nContent-Length: %d\r\n\r\n%s" % (
        number,
        number,
        stated,
        body,
    )


PIECES = (
    message(1),
    message(2, b"v=0\r\n"),
    message(3, b"v=0"),
    message(4, b"v=0\r\n", 3),
    message(5, b"v=0\r\n", 9999),
    message(6, b"a\r\n").replace(b"\r\n", b"\n"),
    message(7, b"a\r\nb\r\n").replace(b"\r\n", b"\n"),
    message(8, b"INVITE sip:inner@h SIP/2.0\r\n\r\n"),
    message(9, b"BY"),
    b"SIP/2.0 200 OK\r\nl: 0\r\n\r\n",
    b"SIP/2.0 200 OK\r\nX: \xff\r\n\r\n",
    b"OPTIONS sip:h SIP/2.0\r\nno colon\r\nContent-Length: 0\r\n\r\n",
    b"OPTIONS sip:h SIP/2.0\r\nContent-Length: x\r\n\r\nbody\r\n",
    b"OPTIONS sip:h SIP/2.0\r\nA: b\r\n c\r\nContent-Length: 2\r\n\r\n\r\n",
    b"OPTIONS sip:h SIP/2.0\r\nContent-Length: 0\r\n",
    b"\r\n",
    b"\n\n",
    b"\r\n" * 9,
    b"noise\r\n",
    b"BYE",
)


def of_python(engine: Engine, data: bytes) -> list[tuple[Any, ...]]:
    found = []
    for record in sipfast.open(data):
        try:
            parsed: Any = engine.parse(bytes(record.data))
        except sipfast.ParseError as error:
            row: tuple[Any, ...] = (*(None,) * 4, error.code, error.offset)
        else:
            row = (
                getattr(parsed, "uri_text", None),
                getattr(parsed, "status", None),
                parsed.call_id,
                len(parsed.body),
                *(None, None),
            )
        found.append((record.packet, record.offset, *row))
    return found


def of_scan(engine: Engine, data: bytes, rows: int) -> list[tuple[Any, ...]]:
    table = Scan(data, COLUMNS, batch_rows=rows, engine=engine).to_arrow()
    return list(zip(*[column.to_pylist() for column in table.columns], strict=True))


@pytest.mark.parametrize("seed", range(40))
def test_messages_in_any_order(engine: Engine, seed: int) -> None:
    drawn = random.Random(seed)
    for _ in range(25):
        rest = b"".join(drawn.choices(PIECES, k=drawn.randint(1, 12)))
        rest = rest[: max(len(rest) - drawn.choice((0, 0, 0, 1, 2, 7)), 1)]
        if drawn.random() < 0.4:
            at = drawn.randrange(len(rest))
            rest = rest[:at] + drawn.choice((b"", b"\r", b"\n", b"\0")) + rest[at + 1 :]
        data = message(0) + rest
        assert of_scan(engine, data, drawn.choice((1, 2, 65536))) == of_python(engine, data), data


@pytest.mark.parametrize("path", sorted((ROOT / "bench_data").glob("*.sip")), ids=lambda p: p.name)
def test_files(engine: Engine, path: Path) -> None:
    data = path.read_bytes()
    assert of_scan(engine, data * 3, 100) == of_python(engine, data * 3)


def test_the_tally_is_that_of_python(engine: Engine) -> None:
    data = b"".join(PIECES)
    choices: tuple[Errors, ...] = ("keep", "skip")
    for errors in choices:
        scanned = Scan(data, ["uri"], errors=errors, engine=engine)
        rows = sum(map(len, scanned))
        assert rows + scanned.left_out == len(list(sipfast.open(data)))
        assert scanned.skipped == {}
    strict = Scan(data, ["uri"], errors="raise", engine=engine)
    with pytest.raises(sipfast.ParseError):
        list(strict)


def test_plain_messages_are_read_without_python(
    native: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sipfast.engine != "native":
        pytest.skip("the pure engine reads the file")
    from sipfast.capture.files import messages

    monkeypatch.setattr(messages, "_message_end", None)
    data = (message(1, b"v=0\r\n") + b"\r\n" + message(2)) * 1000
    scanned = Scan(data, ["uri"], engine=native)
    assert sum(map(len, scanned)) == 2000
