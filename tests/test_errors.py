"""Faults: one table, an example of each, and exceptions that can answer for themselves."""

from __future__ import annotations

import copy
import pickle
import re
from typing import Any, NamedTuple

import pytest
from samples import OPTIONS, sample

import sipfast
from sipfast import Defect, Incomplete, LimitExceeded, ParseError, errors
from sipfast._engine import Engine
from sipfast.errors import FAULTS, TOKENIZER_FAULTS, Fault, defect, parse_error

INCOMPLETE = {"no-message", "header-block-unfinished"}
LIMITS = {
    *("message-too-large", "line-too-long", "too-many-header-fields"),
    *("body-too-large", "too-many-parts", "parts-too-deep", "xml-too-deep", "xml-names-too-long"),
}
KINDS = [
    *((code, Incomplete) for code in INCOMPLETE),
    *((code, LimitExceeded) for code in LIMITS),
    *((code, ParseError) for code in FAULTS.keys() - INCOMPLETE - LIMITS),
]


class Example(NamedTuple):
    """Bytes that cannot be taken apart."""

    code: str
    data: bytes
    offset: int
    limits: dict[str, int] = {}  # noqa: RUF012

    @property
    def header(self) -> str | None:
        return "Content-Length" if self.code.startswith("content-length") else None


def length(*values: bytes) -> bytes:
    """A message with Content-Lengths, of which every other has its long name."""
    names = b"l", b"Content-Length"
    lines = [b"%s: %s" % (names[turn % 2], value) for turn, value in enumerate(values)]
    return b"\r\n".join([OPTIONS, *lines, b"", b"body"])


LINE = len(OPTIONS) + 2
EXAMPLES = [
    Example("no-message", b"", 0),
    Example("no-message", b"\r\n\n\r\n", 5),
    Example("no-message", b"\r\n\r", 3),
    Example("header-block-unfinished", OPTIONS, LINE - 2),
    Example("header-block-unfinished", OPTIONS + b"\r\n", LINE),
    Example("header-block-unfinished", OPTIONS + b"\r\nx: y\r\n", LINE + 6),
    Example("header-block-unfinished", OPTIONS + b"\r\nx: y\r\n\r", LINE + 7),
    Example("header-block-unfinished", OPTIONS + b"\r\nno colon", LINE + 8),
    Example("header-block-unfinished", b"OPT", 3),
    Example("header-block-unfinished", b"SIP/2.0 2", 9),
    Example("message-too-large", sample(), 30, {"size": 30}),
    Example("message-too-large", b"\xff" * 31, 30, {"size": 30}),
    Example("line-too-long", sample(), 20, {"line": 20}),
    Example("line-too-long", b"\r\n" + sample(), 22, {"line": 20}),
    Example("line-too-long", OPTIONS + b"\r\nx:" + b"y" * 99, LINE + 50, {"line": 50}),
    Example("too-many-header-fields", sample(), sample().index(b"From"), {"headers": 2}),
    Example("bare-cr", b"OPTIONS\r sip:a SIP/2.0\r\n\r\n", 7),
    Example("bare-cr", OPTIONS + b"\r\nx: a\rb\r\n\r\n", LINE + 4),
    Example("bare-cr", OPTIONS + b"\r\nx: a\r\r\n\r\n", LINE + 4),
    Example("start-line-folded", OPTIONS + b"\r\n x\r\n\r\n", LINE),
    Example("start-line-folded", b"OPTIONS\n sip:a SIP/2.0\n\n", 8),
    Example("not-sip", b"\x16\x03\x01\x02\x00", 0),
    Example("not-sip", b" OPTIONS sip:a SIP/2.0\r\n\r\n", 0),
    Example("not-sip", b"OPT/IONS sip:a SIP/2.0\r\n\r\n", 3),
    Example("not-sip", b"\r\nv=0\r\n\r\n", 3),
    Example("request-line-incomplete", b"OPTIONS\r\n\r\n", 7),
    Example("request-line-incomplete", b"OPTIONS \t\r\n\r\n", 7),
    Example("request-line-incomplete", b"OPTIONS SIP/2.0\r\n\r\n", 8),
    Example("version-malformed", b"OPTIONS sip:a\r\n\r\n", 8),
    Example("version-malformed", b"GET / HTTP/1.1\r\n\r\n", 6),
    Example("version-malformed", b"OPTIONS sip:a SIP/2\r\n\r\n", 14),
    Example("version-malformed", b"SIP/2 200 OK\r\n\r\n", 0),
    Example("version-malformed", b"SIP/2.0x 200 OK\r\n\r\n", 0),
    Example("status-code-malformed", b"SIP/2.0 20 OK\r\n\r\n", 8),
    Example("status-code-malformed", b"SIP/2.0  2000 OK\r\n\r\n", 9),
    Example("status-code-malformed", b"SIP/2.0\r\n\r\n", 7),
    Example("header-without-colon", OPTIONS + b"\r\nSubject\r\n\r\n", LINE),
    Example("header-without-colon", OPTIONS + b"\r\na: b\r\n\xff\r\n\r\n", LINE + 6),
    Example("header-name-empty", OPTIONS + b"\r\n: x\r\n\r\n", LINE),
    Example("header-name-malformed", OPTIONS + b"\r\nSub ject: x\r\n\r\n", LINE + 3),
    Example("header-name-malformed", OPTIONS + b"\r\n\xc3\xa9: x\r\n\r\n", LINE),
    Example("header-name-malformed", OPTIONS + b"\r\n<Via>: x\r\n\r\n", LINE),
    Example("header-name-malformed", OPTIONS + b"\r\nVia\0: x\r\n\r\n", LINE + 3),
    Example("content-length-not-a-number", length(b"-4"), LINE + 3),
    Example("content-length-not-a-number", length(b"+4"), LINE + 3),
    Example("content-length-not-a-number", length(b"4 4"), LINE + 3),
    Example("content-length-not-a-number", length(b"4,4"), LINE + 3),
    Example("content-length-not-a-number", length(b"0x4"), LINE + 3),
    Example("content-length-not-a-number", length(b""), LINE + 3),
    Example("content-length-not-a-number", length(b"\xd9\xa4"), LINE + 3),
    Example("content-length-not-a-number", length(b"4", b"four"), LINE + 22),
    Example("content-length-too-large", length(b"2147483648"), LINE + 3),
    Example("content-length-too-large", length(b"4294967300"), LINE + 3),
    Example("content-length-too-large", length(b"18446744073709551620"), LINE + 3),
    Example("content-length-too-large", length(b"9" * 9_000), LINE + 3),
    Example("content-length-conflict", length(b"4", b"5"), LINE + 22),
    Example("content-length-conflict", length(b"4", b"04", b"3"), LINE + 29),
    Example("content-length-conflict", length(b"0", b"4"), LINE + 22),
]


# ---- the table ----------------------------------------------------------------------------------


STATUSES = {None, 400, 403, 413, 415, 416, 420, 422, 436, 438, 481, 482, 483, 488, 489, 505, 513}
OF_RESPONSES = ("via-foreign", "via-last", "via-unsigned")  # which are never answered


@pytest.mark.parametrize("fault", FAULTS.values(), ids=lambda fault: fault.code)
def test_rows_are_of_one_form(fault: Fault) -> None:
    assert FAULTS[fault.code] is fault
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", fault.code)
    assert re.fullmatch(r"RFC \d{4} \d+(\.\d+)*", fault.rfc)
    assert fault.status in STATUSES
    assert fault.severity in ("error", "warning")
    assert fault.status or fault.severity == "warning" or fault.code in OF_RESPONSES
    assert re.fullmatch(r"([A-Z]|\{header\}).*[^.]", fault.text)
    assert not re.search(r"\b(an?|the|is|has|not?|this|there)\b", fault.text.lower())
    assert len(fault.text) <= 45
    assert re.search("[\u4e00-\u9fff]", fault.text_zh)
    assert ("{header}" in fault.text_zh) == ("{header}" in fault.text)
    assert not re.search("[。,;:!?]$|的的", fault.text_zh)


def test_codes_are_unique() -> None:
    groups = [rows for name, rows in vars(errors).items() if name.endswith("_FAULTS")]
    assert len(FAULTS) == sum(map(len, groups))
    rows = [fault for fault in FAULTS.values() if not fault.code.endswith("-missing")]
    assert len({fault.text for fault in rows}) == len(rows)
    assert len({fault.text_zh for fault in rows}) == len(rows)


# ---- examples -----------------------------------------------------------------------------------


def test_every_fault_of_the_tokenizer_has_an_example() -> None:
    assert {example.code for example in EXAMPLES} == {fault.code for fault in TOKENIZER_FAULTS}


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example.code} {example.data[:60]!r}"
)
@pytest.mark.parametrize("strict", [False, True])
def test_a_fault_is_raised_where_it_is(engine: Engine, example: Example, strict: bool) -> None:
    with pytest.raises(ParseError) as caught:
        engine.parse(example.data, strict=strict, limits=engine.Limits(**example.limits))
    error, fault = caught.value, FAULTS[example.code]
    assert (error.code, error.offset) == (example.code, example.offset)
    assert error.header == example.header
    status = None if example.data.startswith(b"SIP/") else fault.status
    assert (error.status_hint, error.rfc, error.text) == (status, fault.rfc, fault.text)
    assert str(error) == f"{fault.text} (byte {example.offset})"
    assert type(error) is dict(KINDS)[example.code]
    assert type(error.offset) is int


def test_one_example_in_full(engine: Engine) -> None:
    with pytest.raises(ParseError) as caught:
        engine.parse(sample(Content_Length=b"many"))
    error = caught.value
    assert error.code == "content-length-not-a-number"
    assert error.header == "Content-Length"
    assert error.status_hint == 400
    assert error.rfc == "RFC 3261 20.14"
    assert str(error) == f"Malformed Content-Length (byte {sample().rindex(b'0')})"


# ---- the exceptions -----------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "kind"), KINDS)
def test_each_code_has_its_class(code: str, kind: type[ParseError]) -> None:
    error = parse_error(code, 312, "Via")
    assert type(error) is kind
    assert isinstance(error, ParseError)
    assert isinstance(error, ValueError)
    assert error.args == (code, 312, "Via")
    assert "{" not in str(error)


def test_classes_are_public() -> None:
    assert sipfast.ParseError is ParseError
    assert sipfast.Incomplete is Incomplete
    assert sipfast.LimitExceeded is LimitExceeded
    assert not issubclass(Incomplete, LimitExceeded)
    assert not issubclass(LimitExceeded, Incomplete)


@pytest.mark.parametrize(("code", "kind"), KINDS)
def test_errors_survive_pickle_and_copy(code: str, kind: type[ParseError]) -> None:
    error = parse_error(code, 7, "To")
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert_same(pickle.loads(pickle.dumps(error, protocol)), error)
    assert_same(copy.copy(error), error)
    assert_same(copy.deepcopy(error), error)


def assert_same(error: Any, other: ParseError) -> None:
    assert type(error) is type(other)
    attributes = ("code", "offset", "header", "severity", "status_hint", "rfc", "text", "text_zh")
    for name in (*attributes, "args"):
        assert getattr(error, name) == getattr(other, name)
    assert str(error) == str(other)


def test_an_error_names_its_header() -> None:
    error = parse_error("number-malformed", 99, "Max-Forwards")
    assert str(error) == "Malformed number in Max-Forwards (byte 99)"
    assert error.text == "Malformed number in Max-Forwards"


def test_derived_attributes_of_an_error_are_read_only() -> None:
    error = parse_error("bare-cr", 5)
    for name in ("status_hint", "severity", "rfc", "text", "text_zh"):
        with pytest.raises(AttributeError):
            setattr(error, name, "x")


# ---- defects ------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", FAULTS)
def test_defects_carry_their_row(code: str) -> None:
    fault = FAULTS[code]
    made = defect(code, 5, "Via")
    assert made == Defect(code, "Via", 5, fault.severity, fault.status, fault.rfc)
    assert made.text_zh == fault.text_zh.format(header="Via")
    assert made.text == fault.text.format(header="Via")
    assert str(made) == f"{made.text} (byte 5)"
    assert pickle.loads(pickle.dumps(made)) == made
    assert hash(made) == hash(copy.copy(made))


def test_a_defect_cannot_be_changed() -> None:
    made: Any = defect("bare-cr", 5)
    with pytest.raises(AttributeError):
        made.offset = 6
