"""The bytes of the header: line ends, control characters, text that is not UTF-8."""

from __future__ import annotations

import random
from typing import Any

import pytest
from samples import OPTIONS, RINGING, attempt, sample

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.errors import FAULTS

CONTROLS = [byte for byte in range(0x20) if byte not in b"\t\r\n"] + [0x7F]


def found(engine: Engine, data: bytes | bytearray) -> list[tuple[str, str | None, int]]:
    return [(one.code, one.header, one.offset) for one in engine.parse(data).defects]


# ---- characters ----------------------------------------------------------------------------------

PLACES = {
    "Subject": b"Subject: a%bb",
    "Organization": b"Organization: a%bb",
    "X-Anything": b'X-Anything: "a%bb"',
    "User-Agent": b"User-Agent: Desk/1 (a%bb)",
    "Server": b"Server: (a%bb)",
    "Contact": b'Contact: "a%bb" <sip:a@b>',
    "Reason": b'Reason: Q.850;cause=16;text="a%bb"',
    "Call-Info": b'Call-Info: <sip:a>;x="a%bb"',
    "Retry-After": b"Retry-After: 30 (a%bb)",
    "Warning": b'Warning: 399 a "a%bb"',
    "WWW-Authenticate": b'WWW-Authenticate: Digest realm="a%bb", nonce="b"',
    "P-Asserted-Identity": b'P-Asserted-Identity: "a%bb" <sip:a@b>',
}
NO_PAIRS = {"Subject", "Organization", "X-Anything"}


@pytest.mark.parametrize("name", PLACES)
def test_control_character_is_an_error_at_its_byte(engine: Engine, name: str) -> None:
    for byte in CONTROLS:
        data = sample(RINGING, PLACES[name] % bytes([byte]), To=b"<sip:a@b>;tag=1")
        at = data.index(b"a%cb" % byte) + 1
        for buffer in (data, bytearray(data)):
            (defect,) = [one for one in engine.parse(buffer).defects if one.offset == at]
            assert defect.severity == "error"
            assert defect.header == name
        with pytest.raises(ParseError) as caught:
            engine.parse(data, strict=True)
        assert caught.value.offset <= at


@pytest.mark.parametrize("name", PLACES)
def test_quoted_pair_may_hold_a_control_character(engine: Engine, name: str) -> None:
    for byte in (0x00, 0x01, 0x1F, 0x7F):
        data = sample(RINGING, PLACES[name] % (b"\\" + bytes([byte])), To=b"<sip:a@b>;tag=1")
        codes = [code for code, *_ in found(engine, data)]
        assert ("value-control" in codes) == (name in NO_PAIRS), (byte, codes)


@pytest.mark.parametrize("name", PLACES)
def test_text_in_utf8_has_no_defect_and_other_text_a_warning(engine: Engine, name: str) -> None:
    for text in ("\xe9", "张三", "\U0001f600", "\ufffd"):
        data = sample(RINGING, PLACES[name] % text.encode())
        assert not {code for code, *_ in found(engine, data)} & {"text-encoding-malformed"}
    for octets in (b"\xe9", b"\xff", b"\xd5\xc5", b"\xed\xa0\x80", b"\xc0\x80", b"\xf8"):
        data = sample(RINGING, PLACES[name] % octets)
        place = ("text-encoding-malformed", name, data.index(octets))
        assert place in found(engine, data)
        assert place in found(engine, bytearray(data))
        # Only a warning.
        assert engine.parse(sample(RINGING, PLACES["Subject"] % octets), strict=True)


def test_fields_have_one_defect_of_each_kind(engine: Engine) -> None:
    line = b"Z: \x01\xff\x02\xfe"
    data = sample(OPTIONS, line, b"Subject: \xe9\x7f")
    at, other = data.index(line) + 3, data.index(b"\xe9")
    assert found(engine, data) == [
        ("value-control", "Z", at),
        ("text-encoding-malformed", "Z", at + 1),
        ("text-encoding-malformed", "Subject", other),
        ("value-control", "Subject", other + 1),
    ]


def test_place_in_a_folded_field(engine: Engine) -> None:
    data = sample(OPTIONS, b'Contact: "a\r\n  b" <sip:a@b>', b"Subject: a\r\n\t b\x02")
    assert found(engine, data) == [("value-control", "Subject", data.index(b"\x02"))]


def test_reason_phrase(engine: Engine) -> None:
    assert found(engine, sample(RINGING + b" \x07")) == [("value-control", "Reason-Phrase", 20)]
    data = sample("SIP/2.0 180 \u632f\u94c3".encode())
    assert found(engine, data) == []
    data = sample(b"SIP/2.0 180 \xd5\xf1")
    assert found(engine, data) == [("text-encoding-malformed", "Reason-Phrase", 12)]
    assert engine.parse(data).defects[0].status_hint is None


def test_byte_with_an_error_has_no_second_one(engine: Engine) -> None:
    data = sample(b"OPTIONS sip:a@b\x01c SIP/2.0")
    assert len([at for _, _, at in found(engine, data) if at == 15]) <= 1
    data = sample(OPTIONS, Call_ID=b"a\x01b")
    places = [at for _, _, at in found(engine, data)]
    assert len(places) == len(set(places)) >= 1


def test_tabs_are_whitespace(engine: Engine) -> None:
    assert found(engine, sample(OPTIONS, b"Subject:\ta\tb", b'Contact: "a\tb" <sip:a@b>')) == []


# ---- line ends -----------------------------------------------------------------------------------


def test_lone_line_feeds_are_one_warning_a_message(engine: Engine) -> None:
    data = sample(OPTIONS, b"Z: a\n b", line_end=b"\n", body=b"1\r\n2\n")
    for buffer in (data, bytearray(data), b"\r\n\n" + data):
        shift = len(buffer) - len(data)
        assert found(engine, buffer) == [("line-ends-lf", None, len(OPTIONS) + shift)]
    assert engine.parse(data, strict=True)
    assert FAULTS["line-ends-lf"].severity == "warning"


def test_line_ends_of_the_body_do_not_count(engine: Engine) -> None:
    assert found(engine, sample(body=b"a\nb\r\n\n")) == []
    assert found(engine, b"\n\r\n\n" + sample()) == []


def test_each_line_end_of_another_kind_is_an_error(engine: Engine) -> None:
    data = sample(OPTIONS, b"Z: a\r\n b")
    ends = [at for at, byte in enumerate(data) if byte == 0x0A]
    for at in ends[1:]:
        mixed = data[: at - 1] + data[at:]
        assert ("line-ends-mixed", None, at - 1) in found(engine, mixed)
        assert attempt(engine, mixed, strict=True).code == "line-ends-mixed"
    lines = sample(OPTIONS, b"Z: a\n b", line_end=b"\n")
    ends = [at for at, byte in enumerate(lines) if byte == 0x0A]
    for at in ends[1:]:
        mixed = lines[:at] + b"\r" + lines[at:]
        assert ("line-ends-mixed", None, at) in found(engine, mixed)
    assert found(engine, lines[: ends[0]] + b"\r" + lines[ends[0] :])[0][0] == "line-ends-mixed"


def test_smuggled_request_is_an_error(engine: Engine) -> None:
    whole = sample(OPTIONS, b"Subject: hi")
    at = whole.index(b"hi") + 2
    data = whole[:at] + b"\n\nINVITE sip:eve@example.com SIP/2.0\nZ: y" + whole[at:]
    assert ("line-ends-mixed", None, at) in found(engine, data)
    assert attempt(engine, data, strict=True).code == "line-ends-mixed"


# ---- the pass over the bytes ---------------------------------------------------------------------


def test_plain_header_is_seen_as_plain(engine: Engine) -> None:
    survey_of = engine.module("defects.survey").survey_of
    dice = random.Random(3)
    assert survey_of(engine.parse(sample(OPTIONS, b"Z:\t!~"))).is_plain_text
    for length in range(150):
        data = sample(OPTIONS, b"Z: " + b"y" * length + b"z")
        for octet in (0x00, 0x08, 0x0B, 0x1F, 0x7F, 0x80, 0xFF, 0x0A):
            at = data.index(b"yz" if length else b" z") + 1
            at -= dice.randint(0, max(length - 1, 0))
            odd = bytearray(data)
            odd[at : at + 1] = b"\n b" if octet == 0x0A else bytes([octet])
            assert not survey_of(engine.parse(bytes(odd))).is_plain_text, (at, octet)
            assert survey_of(engine.parse(data + bytes([octet]))).is_plain_text
    assert not survey_of(engine.parse(sample(line_end=b"\n"))).is_plain_text


def test_native_and_pure_agree_on_plain_text(native: Engine, pure: Engine) -> None:
    dice = random.Random(4)
    plain = sample(OPTIONS, b'Contact: "a" <sip:a@b>;x="\\y"', b"User-Agent: a (b \\c)")
    pieces = [b"\n", b"\r\n ", b"\0", b"\x7f", b"\xe9", "\xe9".encode(), b'"', b"(", b")", b"\\"]
    for _ in range(1500):
        data = plain
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(OPTIONS) - 12, len(data) - 4)
            data = data[:at] + dice.choice(pieces) + data[at:]
        one, other = (attempt(engine, data) for engine in (native, pure))
        if isinstance(one, ParseError):
            assert one.args == other.args
        else:
            assert one.defects == other.defects, data


def test_hostile_bytes(engine: Engine) -> None:
    """Linear in the bytes: a quadratic pass over these would take minutes."""
    for line in (b'Contact: "' + b'\\"' * 200_000, b"User-Agent: " + b"(" * 400_000 + b"\x01"):
        for more in (b"\\\x01", b"\xff"):
            limits: Any = engine.Limits(line=2**23 - 1)
            assert engine.parse(sample(OPTIONS, line + more), limits=limits).defects


@pytest.mark.parametrize(
    ("field", "fault"),
    [
        (b'Replaces: a";to-tag=1;from-tag=2;x="\\\x07"', None),
        (b'Join: a"b";to-tag=1;from-tag=2;x="\\\x07"', None),
        (b'Target-Dialog: "a;local-tag=1;remote-tag=2;x="\x07"', b"\x07"),
    ],
)
def test_quotation_mark_in_a_call_id_begins_no_string(
    engine: Engine, field: bytes, fault: bytes | None
) -> None:
    data = sample(b"INVITE sip:a@b.example SIP/2.0", field)
    places = [at for code, _, at in found(engine, data) if code == "value-control"]
    assert places == ([] if fault is None else [data.index(fault)])
