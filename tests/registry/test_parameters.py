"""The table of parameters: its rows, and a defect for each way of breaking each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from samples import FIELDS as OF_SAMPLE
from samples import OPTIONS, looked_at_closely, sample

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.errors import FAULTS
from sipfast.registry import parameters
from sipfast.registry.header_names import HEADER_IDS
from sipfast.registry.parameters import FIELDS, Field, Form, Parameter

ROWS = [(header, row) for header, field in FIELDS.items() for row in field.parameters]

# ---- the table -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("header", "row"), ROWS, ids=lambda part: str(part)[:40])
def test_rows_are_of_one_form(header: str, row: Parameter) -> None:
    assert HEADER_IDS[header.lower()]
    assert row.name == row.name.lower()
    assert re.fullmatch(r"(RFC \d{4}|draft-[-a-z0-9]+)( [0-9A-Z]+(\.\d+)*)?", row.rfc)
    assert {row.code, row.missing} - {""} <= FAULTS.keys()
    assert row.form.en
    assert row.form.least <= row.form.most or row.form.most == -1
    for pattern in (row.form.bare, row.form.quoted):
        assert pattern is None or re.compile(pattern)


@pytest.mark.parametrize("field", FIELDS.values(), ids=list(FIELDS))
def test_names_are_unique(field: Field) -> None:
    names = [row.name for row in field.parameters]
    assert len(set(names)) == len(names)


READ = {
    ("Via", "rport"): "rport",
    ("Via", "ttl"): "ttl",
    ("Contact", "expires"): "expires",
    ("Contact", "reg-id"): "reg_id",
    ("Retry-After", "duration"): "duration",
    ("Subscription-State", "expires"): "expires",
    ("Subscription-State", "retry-after"): "retry_after",
    ("Reason", "cause"): "cause",
    ("Diversion", "counter"): "counter",
    ("Diversion", "limit"): "limit",
    **{
        (f"Security-{side}", f"port-{end}"): f"port_{end}"
        for side in ("Client", "Server", "Verify")
        for end in "cs"
    },
}
"""The property that reads each number."""
WIDER = {("Diversion", "counter"), ("Diversion", "limit")}
"""Reading accepts more than RFC 5806 allows."""


@pytest.mark.parametrize(("header", "name"), READ, ids=str)
def test_numbers_are_read_in_the_range_of_their_row(engine: Engine, header: str, name: str) -> None:
    (row,) = [row for row in FIELDS[header].parameters if row.name == name]

    def read(number: int) -> Any:
        found = engine.parse_header(header, VALUES.get(header, ADDRESS).format(f";{name}={number}"))
        value = found[0] if isinstance(found, tuple) else found
        return getattr(value, READ[header, name])

    for number in (row.form.least, row.form.most):
        assert read(number) == number
    if (header, name) not in WIDER:
        with pytest.raises(ParseError) as caught:
            read(row.form.most + 1)
        assert caught.value.code == row.code


def test_every_property_with_a_number_is_compared() -> None:
    numbers = {(header, row.name) for header, row in ROWS if row.form.most >= 0}
    assert {name for _, name in numbers - READ.keys()} == {
        *("keep", "oc", "oc-validity", "spi-c", "spi-s")
    }


# ---- each way of writing a parameter -------------------------------------------------------------

QUOTED, UNQUOTED, MISSING = "parameter-quoted", "parameter-unquoted", "parameter-value-missing"
MALFORMED, UNEXPECTED = "parameter-value-malformed", "parameter-value-unexpected"


class Ways(NamedTuple):
    """Texts after the name of a parameter of one form: some right, some wrong, with their fault.

    Where a row has a code of its own, that is the fault of what is malformed or missing.
    """

    right: tuple[str, ...]
    wrong: dict[str, str]


NO_VALUE = {"": MISSING, "=": MISSING}
BARE = {**NO_VALUE, "=a:b": MALFORMED, "=\xe9": MALFORMED}
WAYS: dict[Form, Ways] = {
    parameters.TOKEN: Ways(
        ("=x", " = -.!%*_+`'~9"),
        {**BARE, '="x"': QUOTED, '=""': QUOTED, "=[::1]": MALFORMED},
    ),
    parameters.QUOTED: Ways(
        ('="x"', '=""', ' = "a;b,c\\""'), {**NO_VALUE, "=x": UNQUOTED, "=a:b": UNQUOTED}
    ),
    parameters.TOKEN_OR_QUOTED: Ways(("=x", '="x y"'), {**BARE, "=[::1]": MALFORMED}),
    parameters.VALUE: Ways(("=x", '="x y"', "=[2001:db8::1]"), BARE),
    parameters.FEATURE: Ways(("", '="x"', '="<a>"'), {"=": MISSING, "=x": UNQUOTED}),
    parameters.FLAG: Ways(("",), {"=x": UNEXPECTED, '="x"': UNEXPECTED, "=": MISSING}),
    parameters.Q: Ways(
        ("=0", "=1", "=0.5", "=1.000", "=0."),
        {**BARE, '="0.5"': QUOTED, '="2"': MALFORMED, "=2": MALFORMED, "=0.1234": MALFORMED},
    ),
    parameters.TO_HOST: Ways(
        ("=a.example.com", "=192.0.2.1", "=[2001:db8::1]"), {**BARE, '="a.example.com"': QUOTED}
    ),
    parameters.ADDRESS: Ways(
        ("=192.0.2.1", "=2001:db8::1", "=[2001:db8::1]"),
        {**NO_VALUE, '="192.0.2.1"': QUOTED, "=x": MALFORMED, "=1.2.3": MALFORMED},
    ),
    parameters.BRANCH: Ways(
        ("=z9hG4bKx", "=x"), {**BARE, '="z9hG4bKx"': QUOTED, "=z9hG4bK": MALFORMED}
    ),
    parameters.URI: Ways(
        ("=<https://a.example/?b;c>",),
        {"=https://a": MALFORMED, '="https://a"': QUOTED, "=x": MALFORMED},
    ),
    parameters.INDEX: Ways(
        ("=1", "=1.2.3"), {**BARE, '="1"': QUOTED, "=x": MALFORMED, "=1.": MALFORMED}
    ),
    parameters.UUID: Ways(
        ("=" + "0a" * 16,),
        {**NO_VALUE, "=0": MALFORMED, "=" + "x" * 32: MALFORMED, f'="{"0a" * 16}"': QUOTED},
    ),
    parameters.COUNT: Ways(
        ("=0000000a",),
        {**NO_VALUE, "=1": MALFORMED, "=0000000g": MALFORMED, '="00000001"': QUOTED},
    ),
    parameters.DIGITS: Ways(
        ('="0a"', '=""'), {**NO_VALUE, "=0a": UNQUOTED, '="x"': MALFORMED, "=x": UNQUOTED}
    ),
    parameters.VERIFY: Ways(
        (f'="{"0a" * 16}"',), {**NO_VALUE, '="0a"': MALFORMED, "=" + "0a" * 16: UNQUOTED}
    ),
    parameters.QOPS: Ways(
        ('="auth"', '="auth,auth-int"', '="auth, auth-int"'),
        {**NO_VALUE, "=auth": UNQUOTED, "=auth,auth-int": UNQUOTED, '="a;b"': MALFORMED}
        | {'="auth auth-int"': MALFORMED, '=","': MALFORMED},
    ),
    parameters.EXTENDED: Ways(
        ("=UTF-8''a%20b", "=iso-8859-1'en'%A3"),
        {**NO_VALUE, "=UTF-8''b%zz": MALFORMED, "=UTF-8''%4": MALFORMED, "=a": MALFORMED},
    ),
    parameters.SEQUENCE: Ways(
        ("=1282321615.781",), {**BARE, "=1": MALFORMED, '="1.1"': QUOTED, "=x": MALFORMED}
    ),
}


def ways(form: Form) -> Ways:
    """How a parameter of this form is written."""
    if form in WAYS:
        return WAYS[form]
    if form.most >= 0:
        wrong = {**BARE, '="5"': QUOTED, "=x": MALFORMED, "=-1": MALFORMED, '="x"': MALFORMED}
        wrong[f"={form.most + 1}"] = wrong["=" + "9" * 40] = MALFORMED
        if form.least:
            wrong["=0"] = MALFORMED
        if form.is_optional:
            del wrong[""]
        alone = ("",) if form.is_optional else ()
        return Ways((f"={form.least}", f"={form.most}", "=0005", *alone), wrong)
    words = re.findall(r"`([^`]+)`", form.en)
    assert words, form
    right = tuple(word for each in words for word in (f"={each}", f"={each.upper()}"))
    return Ways(right, {**BARE, f'="{words[0]}"': QUOTED, "=x": MALFORMED})


# A value of each header field with all that it needs; `{}` is the place of more parameters.
CREDENTIALS = (
    'username="a", realm="a", nonce="b", uri="sip:a", response="0", cnonce="c", nc=00000001'
)
VALUES = {
    "Via": "SIP/2.0/UDP a;branch=z9hG4bKx{}",
    "From": "<sip:a@b>;tag=1{}",
    "To": "<sip:a@b>;tag=1{}",
    "Contact": "<sip:a@b>{}",
    "Replaces": "a@b;to-tag=1;from-tag=2{}",
    "Join": "a@b;to-tag=1;from-tag=2{}",
    "Target-Dialog": "a@b;local-tag=1;remote-tag=2{}",
    "Session-Expires": "90{}",
    "Retry-After": "90{}",
    "Event": "presence{}",
    "Subscription-State": "active{}",
    "Reason": "SIP{}",
    "Content-Type": "application/sdp{}",
    "Content-Disposition": "session{}",
    "Accept": "application/sdp{}",
    "Accept-Encoding": "gzip{}",
    "Accept-Language": "en{}",
    "Session-ID": "0a" * 16 + "{}",
    "User-to-User": "00{}",
    "Answer-Mode": "Auto{}",
    "Priv-Answer-Mode": "Auto{}",
    "Refer-Sub": "false{}",
    "Info-Package": "a{}",
    "Recv-Info": "a{}",
    "Feature-Caps": "*{}",
    "Accept-Contact": "*{}",
    "Reject-Contact": "*{}",
    "P-Visited-Network-ID": "a{}",
    "P-Access-Network-Info": "3GPP-GERAN{}",
    "P-Charging-Vector": "icid-value=1{}",
    "P-Charging-Function-Addresses": "x=y{}",
    "Identity": "e30.e30.AA;info=<https://a>{}",
    "History-Info": "<sip:a>;index=1{}",
    "WWW-Authenticate": 'Digest realm="a", nonce="b"{}',
    "Proxy-Authenticate": 'Digest realm="a", nonce="b"{}',
    "Authorization": f"Digest {CREDENTIALS}{{}}",
    "Proxy-Authorization": f"Digest {CREDENTIALS}{{}}",
    "Authentication-Info": "x=y{}",
    **dict.fromkeys(("Security-Client", "Security-Server", "Security-Verify"), "tls{}"),
}
ADDRESS = "<sip:a@b>{}"
"""The value of all others."""


class Case(NamedTuple):
    """A header field with one parameter in one way, and its fault, if any."""

    field: str
    value: str
    code: str
    begin: int
    end: int
    """The span of the parameter."""


def cases(header: str, row: Parameter) -> Iterator[Case]:
    """A row in each way."""
    right, wrong = ways(row.form)
    separator = ", " if "uth" in header else ";"
    base = VALUES.get(header, ADDRESS)
    mark = separator.strip()
    first, *others = base.removesuffix("{}").removeprefix("Digest ").split(mark)
    kept = [part for part in (first, *others) if not part.strip().startswith(f"{row.name}=")]
    base = ("Digest " if base.startswith("Digest") else "") + mark.join(kept) + "{}"
    for text in (*right, *wrong):
        for after in ("", f"{separator}y=z"):
            written = f"{separator}{row.name.upper() if after else row.name}{text}"
            whole = base.format(written + after).lstrip(";, ").replace("Digest, ", "Digest ")
            begin = whole.rindex(written.lstrip(";, "))
            yield Case(header, whole, fault(header, row, text, wrong), begin, begin + len(written))


def fault(header: str, row: Parameter, text: str, wrong: dict[str, str]) -> str:
    code = wrong.get(text, "")
    if text in ("", "=", '=""') and code and row.missing and "uth" not in header:
        return row.missing
    if code == QUOTED and row.is_often_quoted:
        return "token-quoted"
    if code in (MISSING, MALFORMED):
        default = "parameter-malformed" if "uth" in header and not text else code
        return row.code or default
    return code


def defects_of(engine: Engine, case: Case) -> list[tuple[str, int]]:
    """The defects of the header field, with offsets in its value."""
    line = f"{case.field}: {case.value}".encode()
    changed: dict[str, Any] = {}
    if case.field in OF_SAMPLE or case.field in ("Via", "From", "To"):
        changed[case.field] = case.value.encode()
    data = sample(OPTIONS, *([] if changed else [line]), **changed)
    message = engine.parse(data)
    assert message.defects == looked_at_closely(engine, message)
    at = data.index(line) + len(case.field) + 2
    return [
        (defect.code, len(data[at : defect.offset].decode()))
        for defect in message.defects
        if defect.header == case.field and defect.code != "header-misplaced"
    ]


@pytest.mark.parametrize(("header", "row"), ROWS, ids=lambda part: str(part)[:40])
def test_each_way_of_writing_each_parameter(engine: Engine, header: str, row: Parameter) -> None:
    for case in cases(header, row):
        found = defects_of(engine, case)
        assert [code for code, _ in found] == ([case.code] if case.code else []), case
        if case.code and case.code != row.missing:
            assert case.begin <= found[0][1] <= case.end, case


# ---- first words ---------------------------------------------------------------------------------

WORDS = {
    "Reason": [("User busy", 4), ("cause=16", 5), ('"SIP"', 0), ("S\0P", 1), ("(x)", 0), ("=", 0)],
    "Security-Client": [('"tls"', 0), ("=", 0), ("ipsec 3gpp", 5), ("a/b", 1), ("\xe9", 0)],
    "Answer-Mode": [("Auto Manual", 4), ('"Auto"', 0)],
    "Refer-Sub": [("maybe", 0), ("truetrue", 4)],
    "Recv-Info": [("a b", 1), ('"a"', 0)],
    "Info-Package": [("a b", 1), ("a:b", 1)],
    "P-Visited-Network-ID": [("a b", 1), ('"a" b', 3), ('"a"b', 3), ("a@b", 1)],
    "P-Access-Network-Info": [("3GPP UTRAN", 4), ('"a"', 0)],
    "User-to-User": [("a b", 1), ('"a" b', 3)],
    "Identity": [("a b c", 1), ("a%", 1), ('"a"b', 3)],
}


@pytest.mark.parametrize("header", WORDS)
def test_a_first_word_is_a_defect_at_its_malformed_byte(engine: Engine, header: str) -> None:
    after = {"User-to-User": ";encoding=text", "Identity": ";info=<https://a>"}.get(header, "")
    for word, at in WORDS[header]:
        for more in ("",) if header == "Refer-Sub" else ("", ";x=y"):
            case = Case(header, f"{word}{after}{more}", "", 0, 0)
            assert defects_of(engine, case) == [("token-malformed", at)], case


def test_each_field_with_a_first_word_has_one_in_quotes_or_a_fault(engine: Engine) -> None:
    for header, field in FIELDS.items():
        if field.first is not None and header != "Refer-Sub":
            codes = {code for code, _ in defects_of(engine, Case(header, "a b;x=y", "", 0, 0))}
            assert codes - {"identity-info-missing"} == {"token-malformed"}, header


# ---- values are read all the same ----------------------------------------------------------------


def test_what_is_quoted_wrongly_is_read(engine: Engine) -> None:
    read = engine.parse_header
    (contact,) = read("Contact", '<sip:a@b>;q="0.5";expires="60"')
    assert (contact.q, contact.expires) == (0.5, 60)
    (via,) = read("Via", 'SIP/2.0/UDP a;branch="z9hG4bK1";ttl="1"')
    assert (via.branch, via.ttl) == ("z9hG4bK1", 1)
    (challenge,) = read(
        "WWW-Authenticate", 'Digest realm=a, nonce=b, algorithm="MD5", stale="TRUE"'
    )
    assert (challenge.realm, challenge.nonce, challenge.algorithm) == ("a", "b", "MD5")
    assert challenge.stale
    (credentials,) = read("Authorization", 'Digest username=a, qop="auth", nc="1", uri=sip:a@b')
    assert (credentials.username, credentials.qop, credentials.nc) == ("a", "auth", 1)
    assert credentials.uri == "sip:a@b"


@pytest.mark.parametrize(
    ("text", "qop"),
    [
        ("qop=auth,auth-int", ("auth", "auth-int")),
        ("QOP = auth , auth-int , x", ("auth", "auth-int", "x")),
        ('qop=auth,auth-int, nonce="c,d"', ("auth", "auth-int")),
        ("qop=auth, x=1, y", ("auth",)),
        ('qop="auth", y', ("auth",)),
        ('nonce="qop=a,b", qop=c, d', ("c", "d")),
        ("qop=", ()),
    ],
)
def test_a_list_of_qops_without_quotes_loses_none(
    engine: Engine, text: str, qop: tuple[str, ...]
) -> None:
    (challenge,) = engine.parse_header("WWW-Authenticate", f'Digest realm="a", {text}')
    assert challenge.qop == qop


def test_texts_without_a_name_hide_no_parameter(engine: Engine) -> None:
    text = '3GPP-UTRAN;"a;\\"b" ;cgi-3gpp=1; "c"'
    (info,) = engine.parse_header("P-Access-Network-Info", text)
    assert (info.cell, list(info.parameters), info.extensions) == ("1", ["cgi-3gpp"], ('a;"b', "c"))
    assert defects_of(engine, Case("P-Access-Network-Info", text, "", 0, 0)) == []
    again = info.replace(access_type="x")
    assert str(again) == 'x;cgi-3gpp=1;"a;\\"b";"c"'
    assert str(info.replace(parameters={"y": "z"})) == "3GPP-UTRAN;y=z"
    assert info == engine.parse_header("P-Access-Network-Info", text.lower())[0] != again
    assert info != info.replace(parameters=info.parameters)
    found = defects_of(engine, Case("P-Access-Network-Info", 'a;"\xe9";b c;d', "", 0, 0))
    assert found == [("parameter-malformed", 6)]
