"""The 49 torture messages of RFC 4475: each by its verdict, and with the facts that show here.

They are read from the folder that `SIPFAST_SHARED` names. `docs/conformance.md` says what becomes
of each; with UPDATE=1 in the environment, the test writes that page instead of comparing it.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from samples import attempt

from sipfast import Incomplete, ParseError
from sipfast._engine import Engine

Parsed = Callable[[str], Any]

PAGE = Path(__file__).parents[1] / "docs" / "conformance.md"


class Torture(NamedTuple):
    """A message, and its row in the index."""

    name: str
    section: str
    title: str
    verdict: str
    data: bytes


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "conformance" / "rfc4475"


@pytest.fixture(scope="module")
def index(folder: Path) -> dict[str, Torture]:
    with (folder / "INDEX.tsv").open(encoding="utf-8", newline="") as file:
        return {
            row["name"]: Torture(
                *(row["name"], row["rfc_section"], row["title"], row["parser_verdict"]),
                (folder / row["file"]).read_bytes(),
            )
            for row in csv.DictReader(file, delimiter="\t")
        }


@pytest.fixture
def parsed(engine: Engine, index: dict[str, Torture]) -> Parsed:
    """What the engine makes of the message of that name."""
    return lambda name: engine.parse(index[name].data)


class Facts(NamedTuple):
    """What a reader of the message can count."""

    start: str | int
    """Method or status."""
    fields: int
    body: int
    """Bytes of it that are there."""
    cseq: str
    max_forwards: int | None
    stated: int | None = -1
    """Content-Length; -1: as long as the body."""


ODD_METHOD = "!interesting-Method0123456789_*+`.%indeed'~"
FACTS = {
    "wsinv": Facts("INVITE", 14, 150, "0009 INVITE", 68),
    "intmeth": Facts(ODD_METHOD, 8, 0, f"139122385 {ODD_METHOD}", 255),
    "esc01": Facts("INVITE", 9, 150, "234234 INVITE", 87),
    "escnull": Facts("REGISTER", 9, 0, "14398234 REGISTER", 70),
    "esc02": Facts("RE%47IST%45R", 10, 0, "29344 RE%47IST%45R", 70),
    "lwsdisp": Facts("OPTIONS", 7, 0, "60 OPTIONS", 70),
    "longreq": Facts("INVITE", 43, 150, "3882340 INVITE", 70),
    "dblreq": Facts("REGISTER", 8, 0, "8 REGISTER", 8),
    "semiuri": Facts("OPTIONS", 8, 0, "8 OPTIONS", 3),
    "transports": Facts("OPTIONS", 12, 0, "60 OPTIONS", 70),
    "mpart01": Facts("MESSAGE", 14, 553, "1 MESSAGE", 70),
    "unreason": Facts(200, 8, 154, "35 INVITE", None),
    "noreason": Facts(100, 7, 0, "35 INVITE", None),
    "badinv01": Facts("INVITE", 9, 152, "8 INVITE", 7),
    "clerr": Facts("INVITE", 9, 154, "8 INVITE", 80, stated=9999),
    "scalar02": Facts("REGISTER", 9, 0, "36893488147419103232 REGISTER", 300),
    "scalarlg": Facts(503, 8, 0, "9292394834772304023312 OPTIONS", None),
    "quotbal": Facts("INVITE", 9, 152, "8 INVITE", 10),
    "ltgtruri": Facts("INVITE", 9, 159, "1 INVITE", 23),
    "lwsruri": Facts("INVITE", 9, 159, "2130706432 INVITE", 5),
    "lwsstart": Facts("INVITE", 9, 150, "1893884 INVITE", 8),
    "trws": Facts("OPTIONS", 8, 0, "238923 OPTIONS", 70),
    "escruri": Facts("INVITE", 9, 150, "149209342 INVITE", 7),
    "baddate": Facts("INVITE", 10, 150, "1392934 INVITE", 70),
    "regbadct": Facts("REGISTER", 8, 0, "1 REGISTER", 70),
    "badaspec": Facts("OPTIONS", 8, 0, "3923239 OPTIONS", 70),
    "badvers": Facts("OPTIONS", 7, 0, "1 OPTIONS", 70),
    "mismatch01": Facts("OPTIONS", 7, 0, "8 INVITE", 6),
    "mismatch02": Facts("NEWMETHOD", 9, 138, "8 INVITE", 6),
    "badbranch": Facts("OPTIONS", 8, 0, "8 OPTIONS", 3),
    "insuf": Facts("INVITE", 4, 152, "193942 INVITE", None),
    "unkscm": Facts("OPTIONS", 7, 0, "3923423 OPTIONS", 3),
    "novelsc": Facts("OPTIONS", 7, 0, "3923423 OPTIONS", 3),
    "unksm2": Facts("REGISTER", 8, 0, "234902 REGISTER", 70),
    "bext01": Facts("OPTIONS", 9, 0, "8 OPTIONS", 6),
    "invut": Facts("INVITE", 9, 40, "235448 INVITE", 70),
    "regaut01": Facts("REGISTER", 8, 0, "9338 REGISTER", 8),
    "multi01": Facts("INVITE", 15, 154, "5 INVITE", 70),
    "bcast": Facts(200, 9, 154, "35 INVITE", None),
    "zeromf": Facts("OPTIONS", 7, 0, "39234321 OPTIONS", 0),
    "cparam01": Facts("REGISTER", 8, 0, "2 REGISTER", 70),
    "cparam02": Facts("REGISTER", 8, 0, "3 REGISTER", 70),
    "regescrt": Facts("REGISTER", 8, 0, "14398234 REGISTER", 70),
    "sdp01": Facts("INVITE", 10, 150, "8 INVITE", 5),
    "inv2543": Facts("INVITE", 7, 105, "56 INVITE", None, stated=None),
}
# These cannot be taken apart: the fault, and what stands at its byte ("": the end of the message).
FAULTS = {
    "ncl": ("content-length-not-a-number", b"-999"),
    "bigcode": ("status-code-malformed", b"4294967301"),
    "mcl01": ("content-length-conflict", b"5\r\nContent-Type"),
    "baddn": ("header-block-unfinished", b""),  # the archive's file has no blank line
}
DEFECTS = {
    "badinv01": ["via-malformed", "parameter-empty"],
    "clerr": ["body-too-short"],
    "scalar02": [
        *("cseq-too-large", "max-forwards-too-large"),
        *("number-out-of-range", "parameter-not-a-number"),
    ],
    "scalarlg": ["tag-missing", "cseq-too-large", "number-too-large", "number-out-of-range"],
    "baddate": ["date-malformed"],
    "quotbal": ["quote-unterminated"],
    "ltgtruri": ["request-uri-in-brackets", "branch-missing"],
    "lwsruri": ["request-uri-whitespace"],
    "lwsstart": ["start-line-whitespace"],
    "trws": ["start-line-whitespace"],
    "escruri": ["request-uri-headers"],
    "regbadct": ["address-needs-brackets"],
    "badaspec": ["address-whitespace"],
    "badvers": ["version-unsupported"],
    "mismatch01": ["cseq-method-mismatch"],
    "mismatch02": ["cseq-method-mismatch"],
    "badbranch": ["branch-malformed"],
    "insuf": [*["header-missing"] * 3, "max-forwards-missing", "contact-missing"],
    "multi01": ["header-repeated"] * 5,
}


def by_hand(data: bytes) -> list[tuple[str, str]]:
    """Names and values of the header fields, found in the plainest way there is."""
    head = re.sub(rb"[ \t]*\r\n[ \t]+", b" ", data.partition(b"\r\n\r\n")[0])
    fields = [line.partition(b":") for line in head.split(b"\r\n")[1:]]
    return [
        (name.strip(b" \t").decode(), value.strip(b" \t").decode("utf-8"))
        for name, _, value in fields
    ]


def test_all_49_are_here(index: dict[str, Torture]) -> None:
    assert len(index) == 49
    assert index.keys() == FACTS.keys() | FAULTS.keys()
    assert {torture.verdict for torture in index.values()} == {
        *("accept", "reject", "either", "accept-app"),
    }


# ---- by verdict ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*FACTS, *FAULTS])
def test_verdict(engine: Engine, index: dict[str, Torture], name: str) -> None:
    data, verdict = index[name].data, index[name].verdict
    if verdict == "accept":
        assert engine.parse(data, strict=True).defects == ()
    elif verdict == "accept-app":
        assert engine.parse(data).raw
    elif verdict == "reject":
        with pytest.raises(ParseError):
            engine.parse(data, strict=True)
        made = attempt(engine, data)
        assert not isinstance(made, Incomplete)
        assert isinstance(made, ParseError) or made.defects


@pytest.mark.parametrize("name", FACTS)
def test_defects(parsed: Parsed, name: str) -> None:
    assert [defect.code for defect in parsed(name).defects] == DEFECTS.get(name, [])


@pytest.mark.parametrize("name", FAULTS)
def test_faults(parsed: Parsed, index: dict[str, Torture], name: str) -> None:
    data = index[name].data
    code, at = FAULTS[name]
    with pytest.raises(ParseError) as caught:
        parsed(name)
    assert caught.value.code == code
    assert caught.value.offset == (data.index(at) if at else len(data))


# ---- by facts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FACTS)
def test_facts(parsed: Parsed, name: str) -> None:
    message, facts = parsed(name), FACTS[name]
    start = "method" if isinstance(facts.start, str) else "status"
    assert getattr(message, start) == facts.start
    assert len(message.headers) == facts.fields
    assert message.headers["CSeq"] == facts.cseq
    assert message.max_forwards == facts.max_forwards
    assert len(message.body) == message.body_view.nbytes == facts.body
    assert message.content_length == (facts.body if facts.stated == -1 else facts.stated)
    if name == "insuf":
        assert message.call_id is None
    elif name != "mpart01":
        assert message.call_id is not None
        assert message.call_id.startswith(f"{name}.")


@pytest.mark.parametrize("name", FACTS)
def test_values_are_kept_whole(parsed: Parsed, index: dict[str, Torture], name: str) -> None:
    message, data = parsed(name), index[name].data
    fields = by_hand(data)
    assert message.headers.items() == fields
    for written in message.headers:
        values = [value for other, value in fields if other.lower() == written.lower()]
        assert set(values) <= set(message.headers.getall(written))
    body = data.partition(b"\r\n\r\n")[2]
    assert message.body == body[: message.content_length]


def test_wsinv_is_read_through_its_white_space(parsed: Parsed) -> None:
    fields = parsed("wsinv").headers
    assert len(fields.getall("Via")) == 2
    assert fields["Subject"] == ""
    assert fields["UnknownHeaderWithUnusualValue"] == ";;,,;;,;"
    assert fields["To"].endswith("1918181833n")
    assert r'\\\""' in fields["From"]
    assert fields["Contact"].endswith("; newparam = newvalue ; secondparam ; q = 0.33")
    folded = {name.decode() for name, value in fields.raw if b"\n" in value}
    assert folded == {"from", "cseq", "Via", "NewFangledHeader", "v", "m"}
    assert not any("\n" in value for _, value in fields.items())


def test_intmeth_uses_every_character_it_may(parsed: Parsed) -> None:
    message = parsed("intmeth")
    assert set("-.!%*_+`'~") <= set(message.method)
    assert message.uri.endswith("@example.com")
    assert {"\0", "\x07", "\x7f"} <= set(message.headers["To"])
    assert "работающий" in message.headers["From"]
    assert message.headers["EXTENSIONHEADER-!.%*+_`'~"] == "\ufeff大停電"
    assert {*'<>:\\/"][?}{'} <= set(message.call_id or "")


def test_escapes_are_left_alone(parsed: Parsed) -> None:
    message = parsed("esc01")
    assert message.uri == "sip:sips%3Auser%40example.com@example.net"
    assert "%25%34%31" in message.headers["Contact"]
    assert [value.count("%00") for value in parsed("escnull").headers.getall("m")] == [1, 2]
    assert len(parsed("esc02").headers.getall("Contact")) == 2
    assert "alias2" in parsed("esc02").headers["C%6Fntact"]
    assert "%fz" in parsed("esc02").headers["Via"]


def test_headers_in_a_uri_are_no_headers(parsed: Parsed) -> None:
    for name in ("escruri", "regescrt", "regbadct"):
        assert "Route" not in parsed(name).headers
    message = parsed("escruri")
    assert "?Route=%3C" in message.uri


def test_longreq_is_not_cut(parsed: Parsed) -> None:
    fields = parsed("longreq").headers
    assert len(fields.getall("v")) == 34
    assert len({name for name in fields if name.lower() in ("v", "via")}) == 10
    assert max(len(name) for name in fields) > 80
    assert sum(len(name) + len(value) for name, value in fields.items()) > 3_000


def test_dblreq_ends_where_it_says(engine: Engine, index: dict[str, Torture]) -> None:
    data = index["dblreq"].data
    message = engine.parse(data)
    assert data[message.end :].startswith(b"\r\nINVITE ")
    second = engine.parse(data[message.end :])
    assert isinstance(second, engine.Request)
    assert (second.method, second.content_length, len(second.headers)) == ("INVITE", 150, 8)


def test_transports_are_known_or_not(parsed: Parsed) -> None:
    transports = [via.split()[0] for via in parsed("transports").headers.getall("Via")]
    assert [transport.rpartition("/")[2] for transport in transports] == [
        *("UDP", "SCTP", "TLS", "UNKNOWN", "TCP"),
    ]


def test_mpart01_has_nuls_in_its_body(parsed: Parsed) -> None:
    message = parsed("mpart01")
    assert message.body.count(b"\0") == 2
    assert message.body.count(b"\r\n\r\n") == 2
    assert "boundary=" in message.headers["c"]


def test_reasons(parsed: Parsed) -> None:
    unusual, empty = parsed("unreason"), parsed("noreason")
    assert unusual.reason.startswith("= 2**3 * 5**2 ")
    assert unusual.reason.endswith("простое")
    assert empty.reason == ""


def test_uris_that_are_odd(parsed: Parsed) -> None:
    uris = {
        "semiuri": "sip:user;par=u%40example.net@example.com",
        "ltgtruri": "<sip:user@example.com>",
        "lwsruri": "sip:user@example.com; lr",
        "lwsstart": "sip:user@example.com",
        "unkscm": "nobodyKnowsThisScheme:totallyopaquecontent",
        "novelsc": "soap.beep://192.0.2.103:3002",
    }
    assert {name: parsed(name).uri for name in uris} == uris


def test_what_is_missing_is_named(parsed: Parsed) -> None:
    message = parsed("insuf")
    assert [defect.header for defect in message.defects] == [
        *("From", "To", "Call-ID", "Max-Forwards", "Contact"),
    ]
    assert (message.call_id, message.headers.get("To"), message.headers.get("f")) == (
        None,
        None,
        None,
    )


def test_what_is_there_twice_is_named(parsed: Parsed) -> None:
    message = parsed("multi01")
    assert {defect.header for defect in message.defects} == {
        *("CSeq", "Call-ID", "From", "To", "Max-Forwards"),
    }
    for defect in message.defects:
        assert len(message.headers.getall(defect.header or "")) == 2


def test_statuses_for_the_sender(parsed: Parsed) -> None:
    assert [defect.status_hint for defect in parsed("badvers").defects] == [505]
    assert parsed("badvers").version == "SIP/7.0"
    for name in ("clerr", "scalar02", "quotbal", "lwsruri", "mismatch01"):
        assert {defect.status_hint for defect in parsed(name).defects} == {400}


def test_values_that_other_layers_judge(parsed: Parsed) -> None:
    assert parsed("baddate").headers["Date"].endswith(" EST")
    assert parsed("badbranch").headers["Via"].endswith(";branch=z9hG4bK")
    assert len(parsed("scalar02").headers["Expires"]) == 101
    assert parsed("scalar02").headers["Contact"].endswith(";expires=280297596632815")
    assert parsed("scalarlg").headers["Warning"].startswith("1812 ")
    assert parsed("bext01").headers["Require"].count(",") == 1
    assert parsed("bext01").headers["Proxy-Require"].count(",") == 1
    assert parsed("invut").headers["c"] == "application/unknownformat"
    assert parsed("regaut01").headers["Authorization"].startswith("NoOneKnowsThisScheme ")
    assert "255.255.255.255" in parsed("bcast").headers.getall("Via")[1]
    assert parsed("cparam01").headers["Contact"].endswith(";unknownparam")
    assert parsed("cparam02").headers["Contact"].endswith(";unknownparam>")
    assert parsed("sdp01").headers["Accept"] == "text/nobodyKnowsThis"
    assert parsed("unksm2").headers["To"].startswith("isbn:")
    assert parsed("lwsdisp").headers["From"].startswith("caller<sip:")
    assert parsed("badinv01").headers["Via"].endswith(";;,;,,")
    assert parsed("badaspec").headers["To"].endswith(" >")


def test_baddn_with_its_blank_line_is_read(engine: Engine, folder: Path) -> None:
    message = engine.parse((folder / "baddn.fixed.dat").read_bytes())
    assert message.headers["From"].startswith("Bell, Alexander <")
    assert [(defect.code, defect.header) for defect in message.defects] == [
        *(("display-name-unquoted", "From"), ("display-name-unquoted", "To")),
    ]


# ---- the page -----------------------------------------------------------------------------------

INTRODUCTION = """\
# RFC 4475, message by message

What `sipfast.parse` makes of the 49 torture messages of RFC 4475. A message that is *parsed* has
the defects that are named, each with its byte; an *error* means that it cannot be taken apart. With
`strict=True` the first defect is an error too.

The verdict is what this layer has to do: `accept`: parse it, and find no defect; `reject`: an error
or a defect; `accept-app`: parse it, for what is wrong is for the application to answer; `either`:
the RFC leaves the choice, and the table says what it is. What this layer chose: no defect is an
unknown scheme in the Request-URI (unkscm, novelsc), an extension or media type that nobody knows
(bext01, invut, sdp01), a broadcast address in a Via (bcast) or Max-Forwards of 0 (zeromf), for
another element may take the message well; nor is what an element of RFC 2543 leaves out (inv2543).

A test writes this table and compares it: `UPDATE=1 python -m pytest tests/test_conformance.py`.

"""
COLUMNS = ("message", "section", "title", "verdict", "native", "pure")


def outcome(engine: Engine, data: bytes) -> str:
    """What becomes of a message, in a few words."""
    made = attempt(engine, data)
    if isinstance(made, ParseError):
        return f"error: {made.code} ({made.offset})"
    defects = [f"{defect.code} ({defect.offset})" for defect in made.defects]
    return f"parsed: {', '.join(defects)}" if defects else "parsed"


def page(index: dict[str, Torture], native: Engine, pure: Engine) -> str:
    """The whole of docs/conformance.md."""
    rows = [COLUMNS, ("---",) * len(COLUMNS)]
    for torture in index.values():
        title = torture.title.replace("<", "&lt;").replace("|", "&#124;")
        data = torture.data
        rows.append(
            (
                *(torture.name, torture.section, title, torture.verdict),
                *(outcome(native, data), outcome(pure, data)),
            )
        )
    return INTRODUCTION + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def test_the_page_is_up_to_date(index: dict[str, Torture], native: Engine, pure: Engine) -> None:
    if os.environ.get("UPDATE") == "1":
        PAGE.write_text(page(index, native, pure), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(index, native, pure)
