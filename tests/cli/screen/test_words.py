"""The texts of the commands: each in both languages, with the same places."""

from __future__ import annotations

import errno
import re
import string

import pytest

from sipfast import capture
from sipfast.capture import CaptureError
from sipfast.capture.reasons import REASONS
from sipfast.cli.screen import words
from sipfast.cli.screen.words import WORDS, Words

CHINESE, ENGLISH = WORDS["zh"], WORDS["en"]
ROWS = {name: row for name, row in vars(Words).items() if hasattr(type(row), "__get__")}
TEXTS = sorted(name for name in ROWS if isinstance(getattr(ENGLISH, name), str))
COUNTS = sorted(name for name, row in ROWS.items() if isinstance(row, words.Count))
TERMS = sorted(name for name, row in ROWS.items() if isinstance(row, words.Terms))


def places(text: str) -> int:
    return sum(field is not None for _, field, _, _ in string.Formatter().parse(text))


def test_the_kinds_of_rows() -> None:
    assert len(TEXTS) > 50
    assert {"messages", "packets", "errors"} <= set(COUNTS)
    assert {"severity", "heads", "direction"} <= set(TERMS)


@pytest.mark.parametrize("name", TEXTS)
def test_texts_have_the_same_places(name: str) -> None:
    english, chinese = getattr(ENGLISH, name), getattr(CHINESE, name)
    assert places(english) == places(chinese)
    assert english.isascii()
    if re.search("[a-z]{3}", english):
        assert not chinese.isascii()


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name: str) -> None:
    english, chinese = getattr(ENGLISH, name), getattr(CHINESE, name)
    assert english(1).startswith("1 ")
    assert english(2000) == f"2,000 {english(1)[2:]}s"
    assert chinese(2000).startswith("2,000 ")
    assert not chinese(1).isascii()


@pytest.mark.parametrize("name", TERMS)
def test_an_unknown_term_stays(name: str) -> None:
    for language in (ENGLISH, CHINESE):
        assert getattr(language, name)("IP protocol 47") == "IP protocol 47"


def test_reasons() -> None:
    missing = FileNotFoundError(errno.ENOENT, "No such file or directory")
    assert (ENGLISH.reason(missing), CHINESE.reason(missing)) == (
        "No such file or directory",
        "文件不存在",
    )
    odd = OSError(errno.ELOOP, "Too many links")
    assert CHINESE.reason(odd) == "Too many links"


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"x", b"\x1f\x8b\x08", b"(\xb5/\xfd", b"\xfd7zXZ", b"BZh", b"GMBU", b"snoop\0"),
        *(b"\xa1\xb2\xc3\xd4", b"\n\r\r\n", b"\n\r\r\n" + bytes(40)),
    ],
)
def test_what_a_capture_raises_is_in_chinese(data: bytes) -> None:
    with pytest.raises(CaptureError) as caught:
        capture.open(data)
    chinese = CHINESE.reason(caught.value)
    assert chinese != ENGLISH.reason(caught.value)
    assert not chinese.isascii()


def test_reasons_of_captures_are_in_chinese() -> None:
    for error in (
        CaptureError("the file is empty"),
        CaptureError("neither a file nor a pipe"),
        CaptureError("standard input is closed"),
        CaptureError("neither a capture nor SIP messages: it begins with b'x'", 0),
        CaptureError(
            "neither a capture nor SIP messages: a file of xyz; convert it with editcap", 0
        ),
    ):
        assert ENGLISH.reason(error) == str(error)
        assert not re.search("[a-z]{3,}", re.sub("xyz|editcap", "", CHINESE.reason(error)))


def test_counts_by_reason() -> None:
    assert ENGLISH.reasons({"tcp": 2000, "fragment": 1}) == "2,000 tcp, 1 fragment"
    assert (
        CHINESE.reasons({"stun": 2, "link type 105": 1})
        == "STUN（2 个）；不支持的链路类型 105（1 个）"
    )


@pytest.mark.parametrize("name", REASONS)
def test_every_reason_is_in_chinese(name: str) -> None:
    assert CHINESE.skipped(name) == REASONS[name].text_zh
