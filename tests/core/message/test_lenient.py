"""`parse(data, lenient=True)`: all that can be read, with the faults among the defects."""

from __future__ import annotations

import copy
import mmap
import pickle
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from samples import OPTIONS, RINGING, attempt, sample

import sipfast
from bench_data import corpus, generate
from sipfast import Incomplete, LimitExceeded, ParseError
from sipfast._engine import Engine

LINE = len(OPTIONS) + 2
WHOLE = sample(OPTIONS, b"Subject: a", b"X-Foo: one\r\n two", body=b"12345")


def lenient(engine: Engine, data: Any, **options: Any) -> Any:
    return engine.parse(data, lenient=True, **options)


def faults(message: Any) -> list[tuple[str, int]]:
    return [(defect.code, defect.offset) for defect in message.defects]


def facts(found: Any) -> Any:
    """All that the engines must agree on."""
    if isinstance(found, ParseError):
        return type(found), found.args, found.status_hint
    start = found.uri_text if hasattr(found, "uri_text") else (found.status, found.reason)
    return (
        type(found).__name__,
        *(found._dump(), start, found.version, found.raw, found.body, found.is_complete),
        *(found.content_length, found.headers.raw, list(found.headers.items()), found.call_id),
        *(found.start, found.body_offset, found.end, found.defects),
    )


# ---- header fields -------------------------------------------------------------------------------

FIELDS = [
    (b"X Foo: x", "header-name-malformed", 1, ("X Foo", "x")),
    (b"<Via>: x", "header-name-malformed", 0, ("<Via>", "x")),
    (b"a;b : x", "header-name-malformed", 1, ("a;b", "x")),
    (b"\xc3\xa9: x", "header-name-malformed", 0, None),
    (b"a\0b: x", "header-name-malformed", 1, None),
    (b"a\r\n b: x", "header-name-malformed", 1, None),
    (b"no colon", "header-without-colon", 0, None),
    (b"no colon\r\n more", "header-without-colon", 0, None),
    (b": x", "header-name-empty", 0, None),
    (b"Subject: a\rb", "bare-cr", 10, ("Subject", "a b")),
    (b"Subject: a\r", "bare-cr", 10, ("Subject", "a")),
    (b"Sub\rject: a", "bare-cr", 3, None),
]


@pytest.mark.parametrize(("line", "code", "at", "field"), FIELDS, ids=lambda one: repr(one)[:30])
def test_malformed_line_is_a_defect(
    engine: Engine, line: bytes, code: str, at: int, field: tuple[str, str] | None
) -> None:
    data = sample(OPTIONS, line)
    place = data.index(line) + at
    with pytest.raises(ParseError) as caught:
        engine.parse(data)
    assert (caught.value.code, caught.value.offset) == (code, place)
    for buffer in (data, bytearray(data), memoryview(data)):
        message = lenient(engine, buffer)
        assert faults(message) == [(code, place)]
        assert [one.severity for one in message.defects] == ["error"]
        assert message.raw == data
        assert message.is_complete
        assert message.cseq.method == "OPTIONS"
        assert message.content_length == 0
        names = [name for name in message.headers if name not in engine.parse(sample()).headers]
        assert names == ([field[0]] if field else [])
        assert field is None or message.headers[field[0]] == field[1]
        assert field is None or message.headers[field[0].upper()] == field[1]


def test_several_faults_are_in_the_order_of_their_bytes(engine: Engine) -> None:
    data = b"\r\r\n" + sample(b"OPTIONS sip:a SIP/2", b"x", b"y y: 1", b": z", Content_Length=b"no")
    message = lenient(engine, data)
    assert [code for code, _ in faults(message)] == [
        *("bare-cr", "version-malformed", "header-without-colon", "header-name-malformed"),
        *("header-name-empty", "content-length-not-a-number"),
    ]
    offsets = [at for _, at in faults(message)]
    assert offsets == sorted(offsets)
    assert message.start == 3
    assert message.via.host == "desk.example.com"


@pytest.mark.parametrize("name", ["allow", "supported", "require", "allow_events"])
def test_a_carriage_return_is_a_space_in_a_list_of_tokens(engine: Engine, name: str) -> None:
    field = name.replace("_", "-").encode() + b": "
    message = lenient(engine, sample(OPTIONS, field + b"alpha,\rbeta\r , gamma"))
    assert getattr(message, name) == ("alpha", "beta", "gamma")
    message = lenient(engine, sample(OPTIONS, field + b"alpha, be\rta"))
    at = message.raw.index(b"\rta")
    with pytest.raises(ParseError) as raised:
        getattr(message, name)
    assert (raised.value.code, raised.value.offset) == ("token-malformed", at)
    assert faults(message)[0] == ("bare-cr", at)


# ---- the start line ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "at", "parts"),
    [
        (b"OPTIONS sip:a SIP/2", "version-malformed", 14, ("OPTIONS", "sip:a", "SIP/2")),
        (b"OPTIONS sip:a b SIP/x", "version-malformed", 16, ("OPTIONS", "sip:a b", "SIP/x")),
        (b"OPTIONS sip:a", "version-malformed", 8, ("OPTIONS", "sip:a", "")),
        (b"OPTIONS SIP/2.0", "request-line-incomplete", 8, ("OPTIONS", "", "SIP/2.0")),
        (b"OPTIONS tel:+1 HTTP/1.1", "version-malformed", 15, ("OPTIONS", "tel:+1", "HTTP/1.1")),
        (b"OPTIONS sip:a SIP/2.0\r", "bare-cr", 21, ("OPTIONS", "sip:a", "SIP/2.0")),
        (b"SIP/2.0 20 OK", "status-code-malformed", 8, (20, "OK", "SIP/2.0")),
        (b"SIP/2.0 2000 OK", "status-code-malformed", 8, (0, "OK", "SIP/2.0")),
        (b"SIP/2.0 OK", "status-code-malformed", 8, (0, "", "SIP/2.0")),
        (b"SIP/2.0", "status-code-malformed", 7, (0, "", "SIP/2.0")),
        (b"SIP/2 200 All right", "version-malformed", 0, (200, "All right", "SIP/2")),
    ],
)
def test_malformed_start_line_is_read_as_far_as_it_goes(
    engine: Engine, line: bytes, code: str, at: int, parts: tuple[Any, ...]
) -> None:
    message = lenient(engine, sample(line))
    if isinstance(parts[0], int):
        assert (message.status, message.reason, message.version) == parts
    else:
        assert (message.method, message.uri_text, message.version) == parts
    assert (code, at) in faults(message)
    in_line = [code for code, at in faults(message) if at < len(line)]
    assert set(in_line) <= {code, "request-uri-whitespace", "start-line-whitespace"}
    assert repr(message)


def test_folded_start_line_ends_at_the_fold(engine: Engine) -> None:
    message = lenient(engine, b"OPTIONS sip:a SIP/2.0\r\n Via: x\r\n y\r\nTo: z\r\n\r\n")
    assert message.headers.raw == ((b"Via", b"x\r\n y"), (b"To", b"z"))
    assert ("start-line-folded", 23) in faults(message)
    message = lenient(engine, b"OPTIONS sip:a SIP/2.0\r\n \r\nTo: z\r\n\r\n")
    assert message.headers.raw == ((b"To", b"z"),)


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"", Incomplete, "no-message"),
        (b"\r\n", Incomplete, "no-message"),
        (b"\r\r\n", ParseError, "not-sip"),
        (b"hello", Incomplete, "header-block-unfinished"),
        (b"GET / HTTP/1.1\r\n\r\n", ParseError, "version-malformed"),
        (b"hello world\r\n\r\n", ParseError, "version-malformed"),
        (b"\x16\x03\x01", ParseError, "not-sip"),
        (b" OPTIONS sip:a SIP/2.0\r\n\r\n", ParseError, "not-sip"),
        (b"OPT/IONS sip:a SIP/2.0\r\n\r\n", ParseError, "not-sip"),
    ],
)
def test_bytes_without_a_start_line_are_refused(
    engine: Engine, data: bytes, kind: type[ParseError], code: str
) -> None:
    with pytest.raises(ParseError) as caught:
        lenient(engine, data)
    assert (type(caught.value), caught.value.code) == (kind, code)


# ---- bytes that end too early --------------------------------------------------------------------


def test_cut_message_is_read_as_far_as_it_goes(engine: Engine) -> None:
    header = WHOLE.index(b"\r\n\r\n") + 4
    full = engine.parse(WHOLE)
    for end in range(len("OPTIONS sip:"), len(WHOLE)):
        message = lenient(engine, WHOLE[:end])
        assert not message.is_complete
        code, at = ("header-block-unfinished", end) if end < header else ("body-too-short", header)
        assert faults(message) == [(code, at)]
        assert message.raw == WHOLE[:end]
        assert message.body == (WHOLE[header:end] if end >= header else b"")
        whole = list(full.headers.items())[: max(len(message.headers) - 1, 0)]
        assert list(message.headers.items())[: len(whole)] == whole
    assert lenient(engine, WHOLE).is_complete
    assert full.is_complete


def test_field_of_a_line_that_is_cut_has_what_is_there(engine: Engine) -> None:
    cut = WHOLE[: WHOLE.index(b"alice@example.com>") + 5]
    message = lenient(engine, cut)
    assert message.headers["From"] == '"Alice" <sip:alice'
    with pytest.raises(ParseError):
        _ = message.from_
    assert message.via.branch == "z9hG4bKnashds8"
    cut = WHOLE[: WHOLE.index(b"Content-Length: 5") + len("Content-Length: 5")]
    message = lenient(engine, cut)
    assert message.headers["Content-Length"] == "5"
    assert message.content_length is None


def test_defects_of_the_lines_before_the_cut_remain(engine: Engine) -> None:
    data = sample(From=b"<sip:a@b>", CSeq=b"x OPTIONS")
    message = lenient(engine, data[: data.index(b"CSeq: x") + 7])
    assert [code for code, _ in faults(message)] == ["tag-missing", "header-block-unfinished"]


# ---- Content-Length ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "code", "which"),
    [
        ([b"x"], "content-length-not-a-number", 0),
        ([b""], "content-length-not-a-number", 0),
        ([b"5", b"-5"], "content-length-not-a-number", 1),
        ([b"2147483648"], "content-length-too-large", 0),
        ([b"9" * 9000], "content-length-too-large", 0),
        ([b"3", b"03", b"4"], "content-length-conflict", 2),
        ([b"0" * 9000 + b"3", b"4"], "content-length-conflict", 1),
    ],
)
def test_bad_content_length_counts_as_none(
    engine: Engine, values: list[bytes], code: str, which: int
) -> None:
    fields = [b"l: " + value for value in values]
    data = b"\r\n".join([sample(OPTIONS, b"c: a/b", Content_Length=None)[:-4], *fields, b"", b"12"])
    with pytest.raises(ParseError) as caught:
        engine.parse(data)
    message = lenient(engine, data)
    assert (caught.value.code, caught.value.offset) in faults(message)
    assert caught.value.code == code
    assert message.content_length is None
    assert message.body == b"12"
    assert message.is_complete
    assert len(message.headers.getall("Content-Length")) == len(values)
    fault = next(defect for defect in message.defects if defect.code == code)
    assert fault.header == "Content-Length"
    rest = {code for code, _ in faults(message)} - {code, "header-repeated"}
    assert not rest


# ---- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "limits", "code", "at"),
    [
        (sample(OPTIONS, b"x"), {"size": 30}, "message-too-large", 30),
        (sample(OPTIONS, b"x", b"y" * 99), {"line": 90}, "line-too-long", None),
        (sample(OPTIONS + b"\r\n " + b"z" * 99), {"line": 90}, "line-too-long", 90),
        (b"OPTIONS sip:a SIP/x" + b" " * 99 + b"\r\n\r\n", {"line": 90}, "line-too-long", 90),
        (OPTIONS + b"\r\nx\r\nTo: y\r\n\r\n", {"headers": 1}, "too-many-header-fields", LINE + 3),
        (OPTIONS + b"\r\nx\r\nTo: y\r\nz", {"headers": 1}, "too-many-header-fields", LINE + 3),
    ],
)
def test_limits_hold(
    engine: Engine, data: bytes, limits: dict[str, int], code: str, at: int | None
) -> None:
    with pytest.raises(LimitExceeded) as caught:
        lenient(engine, data, limits=engine.Limits(**limits))
    assert caught.value.code == code
    assert at in (None, caught.value.offset)
    assert caught.value.status_hint == 513
    with pytest.raises(LimitExceeded) as caught:
        lenient(engine, data.replace(b"OPTIONS", b"ACK"), limits=engine.Limits(**limits))
    assert caught.value.status_hint is None


def test_many_fields_are_found(engine: Engine) -> None:
    """More than fit into a table of the native engine, and than `places` can say."""
    lines = [b"x-%d: %d" % (number, number) for number in range(400)] + [b"m: <sip:a>", b"X X: 1"]
    message = lenient(engine, b"\r\n".join([OPTIONS, b"bad", *lines, b"", b""]))
    assert len(message.headers) == 402
    assert message.headers["Contact"] == "<sip:a>"
    assert [message.headers[f"X-{n}"] for n in range(400)] == [str(n) for n in range(400)]
    assert message.headers["x x"] == "1"
    assert copy.copy(message).headers == message.headers or engine.name != sipfast.engine


# ---- the options ---------------------------------------------------------------------------------


def test_well_formed_bytes_give_the_same_message(engine: Engine) -> None:
    data = sample(body=b"x")
    assert facts(lenient(engine, data)) == facts(engine.parse(data))
    buffer = bytearray(data)
    message = lenient(engine, buffer)
    with pytest.raises(BufferError):
        buffer.append(0)
    assert message == engine.parse(data)


def test_malformed_bytes_are_copied(engine: Engine) -> None:
    buffer = bytearray(sample(OPTIONS, b"bad"))
    message = lenient(engine, buffer)
    before = facts(message)
    buffer[:] = b"\r" * len(buffer)
    buffer.append(0)
    assert facts(message) == before


def test_strict_and_lenient_exclude_each_other(engine: Engine) -> None:
    with pytest.raises(ValueError, match="strict and lenient exclude each other"):
        engine.parse(sample(), strict=True, lenient=True)


@pytest.mark.parametrize("data", [sample(OPTIONS, b"bad", b"X Foo: x"), WHOLE[:99]])
def test_lenient_messages_are_values(engine: Engine, data: bytes) -> None:
    message = lenient(engine, data)
    assert message == lenient(engine, data)
    assert hash(message) == hash(lenient(engine, data))
    assert message != lenient(engine, data.replace(b"bob", b"eve"))
    for made in (copy.copy(message), copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert made.raw == message.raw
        assert made.defects == message.defects
        assert made.is_complete == message.is_complete
        assert list(made.headers.items()) == list(message.headers.items())
        assert pickle.loads(pickle.dumps(message.headers)).raw == message.headers.raw


def test_datagram_with_more_than_its_message_has_a_warning(engine: Engine) -> None:
    data = sample(body=b"abc")
    for rest in (b"", b"\r\n", b"\r\n\r\n", b"\n"):
        assert engine.parse(data + rest, datagram=True).defects == ()
    for rest in (b"\r\nx", b"\0", b" "):
        for buffer in (data + rest, bytearray(data + rest)):
            assert engine.parse(buffer).defects == ()
            for options in ({}, {"strict": True}, {"lenient": True}):
                (defect,) = engine.parse(buffer, datagram=True, **options).defects
                assert (defect.code, defect.header) == ("body-too-long", "Content-Length")
                assert (defect.offset, defect.severity) == (len(data), "warning")
                assert defect.status_hint is None
    message: Any = lenient(engine, sample(OPTIONS, b"bad", body=b"abc") + b"x", datagram=True)
    assert [code for code, _ in faults(message)] == ["header-without-colon", "body-too-long"]
    without = b"OPTIONS sip:a SIP/2.0\r\n\r\nbody"
    assert "body-too-long" not in [d.code for d in engine.parse(without, datagram=True).defects]
    copied = copy.copy(engine.parse(data + b"x", datagram=True))
    assert (copied.raw, copied.defects) == (data, ())


# ---- status hints --------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [bytes, bytearray])
def test_nothing_answers_a_response_or_an_ack(engine: Engine, make: Callable[[Any], Any]) -> None:
    for start in (RINGING, b"ACK sip:a SIP/2.0", b"ACK\tsip:a SIP/2.0"):
        for data in (sample(start, b"bad"), b"\r\n" + sample(start)[:-5]):
            error = attempt(engine, make(data))
            assert isinstance(error, ParseError)
            assert error.status_hint is None
            for made in (copy.copy(error), pickle.loads(pickle.dumps(error))):
                assert (made.args, made.status_hint) == (error.args, None)
    for start in (OPTIONS, b"ACKS sip:a SIP/2.0"):
        assert attempt(engine, make(sample(start, b"bad"))).status_hint == 400
    assert attempt(engine, make(b"ACK"), limits=engine.Limits(size=2)).status_hint == 513


def test_nothing_answers_a_strict_error_of_a_response_or_an_ack(engine: Engine) -> None:
    for start, status in ((RINGING, None), (b"ACK sip:a SIP/2.0", None), (OPTIONS, 400)):
        error = attempt(engine, sample(start, CSeq=b"x"), strict=True)
        assert (error.code, error.status_hint) == ("cseq-malformed", status)


# ---- everything ----------------------------------------------------------------------------------

PIECES = [
    piece.encode("latin-1")
    for piece in (
        *("\r", "\n", "\r\n", "\r\n\r\n", "\n\n", "\r\n ", " ", "\t", ":", "\0", "\xff", "SIP/2.0"),
        *("\r\nbad\r\n", "\r\nX Y: 1\r\n", "\r\n: x", "\r\nl: 1", "\r\nl: x", "\r\r\n", "é", '"'),
    )
]


def mutated(dice: random.Random, data: bytes) -> bytes:
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(data) + 1)
        kind = dice.random()
        if kind < 0.2:
            data = data[:at] or b"x"
        elif kind < 0.4:
            data = data[:at] + data[at + dice.randint(1, 9) :]
        else:
            data = data[:at] + dice.choice(PIECES) + data[at + dice.randint(0, 1) :]
    return data


def check(native: Engine, pure: Engine, data: bytes, limits: dict[str, int]) -> None:
    """The engines agree, nothing but what is documented raises, and no fault is lost."""
    found = [
        attempt(engine, data, lenient=True, limits=engine.Limits(**limits))
        for engine in (native, pure)
    ]
    assert facts(found[0]) == facts(found[1]), data
    strictly = attempt(native, data, limits=native.Limits(**limits))
    if not isinstance(strictly, ParseError):
        assert facts(strictly) == facts(found[0]), data
    elif isinstance(found[0], ParseError):
        is_limit = isinstance(found[0], LimitExceeded)
        assert is_limit or found[0].args == strictly.args, data
    else:
        known = faults(found[0])
        # A lone CR before the start line makes an unfinished header one of no message.
        codes = {strictly.code, "bare-cr" if strictly.code == "not-sip" else ""}
        assert codes & {code for code, at in known if at == strictly.offset}, (data, known)


def test_engines_agree_on_mutated_messages(native: Engine, pure: Engine) -> None:
    messages = corpus.load(Path(generate.__file__).parent / "mixed.sip")[::40]
    messages += [sample(), sample(RINGING, b"x: y\r\n z"), WHOLE]
    dice = random.Random(9)
    for _ in range(1500):
        data = mutated(dice, dice.choice(messages))
        limits = {"headers": dice.randint(1, 9), "line": 80} if dice.random() < 0.1 else {}
        check(native, pure, data, limits)


def test_every_prefix_of_a_message(native: Engine, pure: Engine) -> None:
    data = sample(RINGING, b"bad\r\n line", b"X Y : \r\n z\r", body=b"12")
    for end in range(len(data)):
        check(native, pure, data[:end], {})


def test_mapped_file(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "one.sip"
    path.write_bytes(WHOLE[:150])
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
        message = lenient(engine, buffer)
    assert message.raw == WHOLE[:150]


MILLION = 1_000_000
HOSTILE: dict[str, bytes] = {
    "fields": OPTIONS + b"\n" + b"a a:\n" * (MILLION // 5) + b"\n",
    "lines": OPTIONS + b"\n" + b"a\n" * (MILLION // 2),
    "folds": OPTIONS + b"\n" + b"a:" + b"\n " * (MILLION // 2),
    "folded start": OPTIONS + b"\n " * (MILLION // 2),
    "spaces": OPTIONS + b" " * MILLION,
    "spaces before": b"ACK " + b" " * MILLION + b"sip:",
    "names": OPTIONS + b"\n" + b"a " * (MILLION // 2) + b"\x80:",
    "CRs": b"\r" * MILLION + OPTIONS,
    "Content-Lengths": OPTIONS + b"\n" + b"l:x\n" * (MILLION // 4) + b"\n",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_million_hostile_bytes(engine: Engine, data: bytes) -> None:
    limits = engine.Limits(size=2 * MILLION)
    tracemalloc.start()
    try:
        attempt(engine, data, lenient=True, limits=limits)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 5_000_000
