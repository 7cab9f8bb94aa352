"""CSeq and RAck: numbers and methods, in requests that come in order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import sample
from values import HOSTILE, NUMBER, SPACE, TOKEN, agree, holds, parsed

from sipfast import ParseError
from sipfast._engine import Engine

CSEQS = [
    ("63104 OPTIONS", 63104, "OPTIONS"),
    ("0 ACK", 0, "ACK"),
    ("2147483647 INVITE", 2**31 - 1, "INVITE"),
    ("0000009 INVITE", 9, "INVITE"),
    ("1\t \t invite", 1, "invite"),
    ("  5 x-!%*_+`'~.y  ", 5, "x-!%*_+`'~.y"),
]


@pytest.mark.parametrize(("text", "number", "method"), CSEQS)
def test_a_cseq(engine: Engine, text: str, number: int, method: str) -> None:
    cseq = engine.module("values.sequence").CSeq.parse(text)
    assert (cseq.number, cseq.method) == (number, method)
    assert str(cseq) == text.strip()
    holds(engine, cseq)


CSEQ_FAULTS = [
    ("", "header-empty", 0),
    ("17", "cseq-malformed", 0),
    ("INVITE 17", "cseq-malformed", 0),
    ("-1 INVITE", "cseq-malformed", 0),
    ("1.0 INVITE", "cseq-malformed", 0),
    ("17INVITE", "cseq-malformed", 0),
    ("٣ INVITE", "cseq-malformed", 0),
    ("2147483648 INVITE", "cseq-too-large", 0),
    ("36893488147419103232 INVITE", "cseq-too-large", 0),
    ("9" * 5_000 + " INVITE", "cseq-too-large", 0),
    ("17 INVITE x", "cseq-malformed", 9),
    ("17 INV/ITE", "cseq-malformed", 6),
    ("17 é", "cseq-malformed", 3),
]


@pytest.mark.parametrize(("text", "code", "offset"), CSEQ_FAULTS)
def test_malformed_cseq(engine: Engine, text: str, code: str, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        engine.parse_header("CSeq", text)
    assert (caught.value.code, caught.value.offset) == (code, offset)
    assert caught.value.header == "CSeq"
    data = sample(CSeq=text.encode())
    with pytest.raises(ParseError) as caught:
        engine.parse(data).cseq  # noqa: B018
    assert caught.value.offset == data.index(b"CSeq: ") + len("CSeq: ") + offset


def test_the_cseq_of_a_message(engine: Engine) -> None:
    message = parsed(engine, CSeq=b"4711\r\n  OPTIONS")
    assert message.cseq is message.cseq
    assert (message.cseq.number, message.cseq.method) == (4711, "OPTIONS")
    assert parsed(engine, CSeq=None).cseq is None


def test_a_fault_after_a_fold_is_found_in_the_message(engine: Engine) -> None:
    data = sample(CSeq=b"4711\r\n  OP/IONS")
    with pytest.raises(ParseError) as caught:
        engine.parse(data).cseq  # noqa: B018
    assert caught.value.offset == data.index(b"/IONS")


def test_methods_differ_by_case(engine: Engine) -> None:
    parse = engine.module("values.sequence").CSeq.parse
    assert parse("007  INVITE") == parse("7 INVITE")
    assert parse("7 INVITE") != parse("7 Invite")
    assert parse("7 INVITE") != parse("8 INVITE")


def test_a_known_method_is_one_str(native: Engine) -> None:
    first, second = (native.parse_header("CSeq", f"{number} INVITE") for number in (1, 2))
    assert first.method is second.method


def test_a_cseq_is_built(engine: Engine) -> None:
    build = engine.module("values.sequence").CSeq
    assert str(build(17, "INVITE")) == "17 INVITE"
    assert str(build(17, "INVITE").replace(method="ACK")) == "17 ACK"
    assert str(build(17, "INVITE").replace(number=18)) == "18 INVITE"
    for number, method in ((-1, "INVITE"), (2**31, "INVITE"), (1, ""), (1, "A B"), (1, "A\r\nB")):
        with pytest.raises(ParseError):
            build(number, method)


def test_an_rack(engine: Engine) -> None:
    build = engine.module("values.sequence").RAck
    rack = build.parse("776656 1 INVITE")
    assert (rack.response_number, rack.cseq_number, rack.method) == (776656, 1, "INVITE")
    assert rack == build(776656, 1, "INVITE") == build.parse("0776656\t01   INVITE")
    assert rack != rack.replace(method="invite")
    assert rack != rack.replace(cseq_number=2)
    assert rack != rack.replace(response_number=2)
    assert build.parse("4294967295 1 INVITE").response_number == 2**32 - 1
    holds(engine, rack)


@pytest.mark.parametrize(
    ("text", "code", "offset"),
    [
        ("", "header-empty", 0),
        ("1", "rack-malformed", 0),
        ("1 2", "rack-malformed", 0),
        ("1 x INVITE", "number-malformed", 2),
        ("4294967296 1 INVITE", "number-out-of-range", 0),
        ("1 2147483648 INVITE", "number-too-large", 2),
        ("1 2 INVITE ACK", "token-malformed", 10),
    ],
)
def test_malformed_rack(engine: Engine, text: str, code: str, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        engine.parse_header("RAck", text)
    assert (caught.value.code, caught.value.offset) == (code, offset)


@given(number=NUMBER, method=TOKEN, space=SPACE)
def test_any_cseq(engine: Engine, number: int, method: str, space: str) -> None:
    cseq = engine.module("values.sequence").CSeq.parse(f"{space}{number} {space}{method}{space}")
    assert (cseq.number, cseq.method) == (number, method)
    assert cseq == engine.module("values.sequence").CSeq(number, method)
    holds(engine, cseq)


@given(response=st.integers(1, 2**32 - 1), number=NUMBER, method=TOKEN)
def test_any_rack(engine: Engine, response: int, number: int, method: str) -> None:
    rack = engine.module("values.sequence").RAck(response, number, method)
    assert (rack.response_number, rack.cseq_number, rack.method) == (response, number, method)
    holds(engine, rack)


@given(name=st.sampled_from(["CSeq", "RAck"]), text=HOSTILE)
def test_the_engines_agree(native: Engine, pure: Engine, name: str, text: str | bytes) -> None:
    agree(native, pure, "values.sequence", name, text)
