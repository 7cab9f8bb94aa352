"""The table of response codes: complete, spelt as registered, in both languages."""

from __future__ import annotations

import ast
import inspect
import re

import pytest

from sipfast.registry.status import STATUSES, Status, status

RFC_3261 = {
    100: "Trying",
    180: "Ringing",
    181: "Call Is Being Forwarded",
    182: "Queued",
    183: "Session Progress",
    200: "OK",
    300: "Multiple Choices",
    301: "Moved Permanently",
    302: "Moved Temporarily",
    305: "Use Proxy",
    380: "Alternative Service",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    410: "Gone",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Unsupported URI Scheme",
    420: "Bad Extension",
    421: "Extension Required",
    423: "Interval Too Brief",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    482: "Loop Detected",
    483: "Too Many Hops",
    484: "Address Incomplete",
    485: "Ambiguous",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    493: "Undecipherable",
    500: "Server Internal Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Server Time-out",
    505: "Version Not Supported",
    513: "Message Too Large",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}

# code: registered phrase, RFC that registers it
EXTENSIONS = {
    199: ("Early Dialog Terminated", 6228),
    202: ("Accepted", 6665),
    204: ("No Notification", 5839),
    412: ("Conditional Request Failed", 3903),
    417: ("Unknown Resource-Priority", 4412),
    422: ("Session Interval Too Small", 4028),
    424: ("Bad Location Information", 6442),
    425: ("Bad Alert Message", 8876),
    428: ("Use Identity Header", 8224),
    429: ("Provide Referrer Identity", 3892),
    430: ("Flow Failed", 5626),
    433: ("Anonymity Disallowed", 5079),
    436: ("Bad Identity Info", 8224),
    437: ("Unsupported Credential", 8224),
    438: ("Invalid Identity Header", 8224),
    439: ("First Hop Lacks Outbound Support", 5626),
    440: ("Max-Breadth Exceeded", 5393),
    469: ("Bad Info Package", 6086),
    470: ("Consent Needed", 5360),
    489: ("Bad Event", 6665),
    494: ("Security Agreement Required", 3329),
    555: ("Push Notification Service Not Supported", 8599),
    580: ("Precondition Failure", 3312),
    607: ("Unwanted", 8197),
    608: ("Rejected", 8688),
}

CJK = re.compile(r"[\u4e00-\u9fff]")
# What survives translation: acronyms and methods, header field names, numbers and code classes.
UNTRANSLATED = re.compile(
    r"(?<![A-Za-z])(?:[A-Z]{2,}|[A-Z][A-Za-z]*-[A-Za-z-]+|\d[\dx.]*\d)(?![A-Za-z])"
)

every_row = pytest.mark.parametrize("row", STATUSES.values(), ids=lambda row: str(row.code))


def test_exactly_the_registered_codes_in_order() -> None:
    assert list(STATUSES) == sorted(RFC_3261.keys() | EXTENSIONS.keys())
    assert all(code == row.code for code, row in STATUSES.items())


@pytest.mark.parametrize(("code", "phrase"), RFC_3261.items())
def test_codes_of_rfc_3261(code: int, phrase: str) -> None:
    assert STATUSES[code].phrase == phrase
    assert STATUSES[code].rfc.startswith(f"RFC 3261 21.{code // 100}.")


def test_sections_of_rfc_3261_count_up_within_each_class() -> None:
    expected: dict[int, list[str]] = {}
    for code in sorted(RFC_3261):
        numbers = expected.setdefault(code // 100, [])
        numbers.append(f"RFC 3261 21.{code // 100}.{len(numbers) + 1}")
    for kind, sections in expected.items():
        assert [STATUSES[c].rfc for c in sorted(RFC_3261) if c // 100 == kind] == sections


@pytest.mark.parametrize(("code", "phrase", "rfc"), [(c, *row) for c, row in EXTENSIONS.items()])
def test_codes_of_other_rfcs(code: int, phrase: str, rfc: int) -> None:
    assert STATUSES[code].phrase == phrase
    assert STATUSES[code].rfc.startswith(f"RFC {rfc} ")


@every_row
def test_rfc_names_a_section(row: Status) -> None:
    assert re.fullmatch(r"RFC \d{4} \d+(\.\d+)*", row.rfc)


@every_row
def test_english_is_whole_sentences(row: Status) -> None:
    for text in (row.en, row.action):
        assert re.fullmatch(r"[A-Z][ -~]{15,}\.\)?", text), text
        assert "  " not in text


@every_row
def test_chinese_is_whole_sentences(row: Status) -> None:
    assert CJK.search(row.phrase_zh)
    for text in (row.zh, row.action_zh):
        assert CJK.search(text), text
        assert re.search(r"。）?$", text), text
        # no western punctuation or missing space where the two scripts meet
        assert not re.search(r"[\u4e00-\u9fff][,;:!?]|[\u4e00-\u9fff][A-Za-z0-9]", text), text
        assert not re.search(r"[A-Za-z0-9][\u4e00-\u9fff]", text), text


@every_row
def test_both_languages_name_the_same_things(row: Status) -> None:
    english = set(UNTRANSLATED.findall(f"{row.en} {row.action}"))
    assert set(UNTRANSLATED.findall(f"{row.zh} {row.action_zh}")) == english


def test_no_meaning_is_given_twice() -> None:
    rows = list(STATUSES.values())
    assert len({row.en for row in rows}) == len({row.zh for row in rows}) == len(rows)


@pytest.mark.parametrize("code", STATUSES)
def test_a_registered_code_is_found_as_it_is(code: int) -> None:
    assert status(code) is STATUSES[code]


@pytest.mark.parametrize(
    ("code", "like"),
    [
        (101, 183),  # a provisional response but 100: as 183, never as 100
        (198, 183),
        (201, 200),
        (299, 200),
        (399, 300),
        (409, 400),
        (431, 400),
        (599, 500),
        (601, 600),
        (699, 600),
    ],
)
def test_an_unregistered_code_is_treated_as_another(code: int, like: int) -> None:
    row, model = status(code), STATUSES[like]
    assert row.code == code
    assert row.phrase == f"Not registered, treated as {like} {model.phrase}"
    assert row.phrase_zh == f"未登记，按 {like} {model.phrase_zh}处理"
    assert "not registered" in row.en
    assert row.en.endswith(f" {like}: {model.en}")
    assert "未登记" in row.zh
    assert row.zh.endswith(f" {like} 处理：{model.zh}")
    assert (row.action, row.action_zh) == (model.action, model.action_zh)
    assert row.rfc == "RFC 3261 8.1.3.2"
    assert code not in STATUSES


def test_every_code_from_100_to_699_has_a_row_of_its_own_code() -> None:
    assert [status(code).code for code in range(100, 700)] == list(range(100, 700))


@pytest.mark.parametrize("code", [-1, 0, 5, 99, 700, 999, 4294967301])
def test_other_numbers_than_response_codes_are_refused(code: int) -> None:
    with pytest.raises(ValueError, match=rf"^{code} is not a SIP response code \(100 to 699\)$"):
        status(code)


def test_the_table_needs_no_other_part_of_the_package() -> None:
    module = inspect.getmodule(Status)
    assert module is not None
    tree = ast.parse(inspect.getsource(module))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"__future__", "typing"}
    assert not any(isinstance(node, ast.Import) for node in ast.walk(tree))
