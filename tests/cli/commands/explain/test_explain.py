"""``sipfast code``, ``method`` and ``header``."""

from __future__ import annotations

import re

import pytest
from command import error_line, output

from sipfast.registry.header_names import HEADER_NAMES
from sipfast.registry.methods import METHODS
from sipfast.registry.status import STATUSES


def test_code() -> None:
    text = output("code", "486")
    assert text.startswith("486 Busy Here\n4xx Client error · RFC 3261 21.4.24\n")
    assert "Means  The callee" in text
    assert "To do  Try again later" in text


def test_code_in_chinese() -> None:
    row = STATUSES[486]
    text = output("code", "486", "--lang", "zh")
    assert text.startswith(f"486 {row.phrase_zh}\nBusy Here · 4xx 客户端错误 · {row.rfc}\n")
    assert f"含义  {row.zh[:10]}" in text
    assert f"处理  {row.action_zh[:10]}" in text


@pytest.mark.parametrize(
    ("code", "like"), [("499", "400 Bad Request"), ("699", "600 Busy Everywhere")]
)
def test_an_unknown_code_is_explained_as_its_receiver_treats_it(code: str, like: str) -> None:
    text = output("code", code)
    assert text.startswith(f"{code} Not registered, treated as {like}\n")
    assert "RFC 3261 8.1.3.2" in text


@pytest.mark.parametrize(
    "asked", ["700", "99", "099", "abc", "", "4860", "\uff14\uff18\uff16", "-1x", "48\x1b6"]
)
def test_malformed_codes(asked: str) -> None:
    line = error_line("code", "--", asked, exit_code=2)
    assert line.endswith(" is not a status code (100 to 699)")
    assert line.isprintable()


def test_method() -> None:
    text = output("method", "INFO")
    assert text.startswith(f"INFO\nmethod · {METHODS['INFO'].rfc}\n")
    assert "Means  Carries application data" in text
    assert f"To do  {METHODS['INFO'].action[:20]}" in text
    chinese = output("method", "INFO", "--lang", "zh")
    assert f"含义  {METHODS['INFO'].zh[:10]}" in chinese


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ("invite", '"invite" is not a registered method; did you mean INVITE?'),
        ("REGISTRE", '"REGISTRE" is not a registered method; did you mean REGISTER?'),
        ("XQZ", '"XQZ" is not a registered method'),
        ("\x1b[31m", '"\\x1b[31m" is not a registered method'),
        ("", '"" is not a registered method'),
    ],
)
def test_an_unknown_method(asked: str, line: str) -> None:
    assert error_line("method", asked, exit_code=1) == line


def test_header() -> None:
    text = output("header", "Via")
    assert text.startswith("Via\nheader field · compact form v · RFC 3261 20.42\n")
    assert "Means  The path of the request so far" in text
    assert "Form   One field may have several values, separated by commas. The" in text
    assert output("header", "v") == output("header", "VIA") == text


def test_header_without_compact_form() -> None:
    text = output("header", "cseq")
    assert text.startswith("CSeq\nheader field · RFC 3261 20.16\n")
    assert "One field has one value. The field must not be repeated." in text
    assert "一个字段只含一个值。该字段只能出现一次。" in output("header", "cseq", "--lang", "zh")


@pytest.mark.parametrize(
    ("asked", "line"),
    [
        ("Vai", '"Vai" is not a registered header field; did you mean Via?'),
        (
            "content-lenght",
            '"content-lenght" is not a registered header field; did you mean Content-Length?',
        ),
        ("q", '"q" is not a registered header field'),
        ("", '"" is not a registered header field'),
        ("X" * 5000, '"' + "X" * 5000 + '" is not a registered header field'),
    ],
)
def test_an_unknown_header(asked: str, line: str) -> None:
    assert error_line("header", asked, exit_code=1) == line


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [80, 120])
def test_every_explanation_fits_the_terminal(language: str, width: int) -> None:
    from rich.cells import cell_len

    questions = [("code", str(code)) for code in STATUSES]
    questions += [("method", name) for name in METHODS]
    questions += [("header", row.name) for row in HEADER_NAMES]
    for question in questions:
        text = output(*question, "--lang", language, terminal=width)
        assert max(map(cell_len, text.splitlines())) <= width, text
        assert not re.search(r"^\s*[，。；：、）]", text, re.MULTILINE), text
