"""Text by its charset."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipfast import ParseError
from sipfast.bodies import decode_text
from sipfast.bodies.text import _CODECS

GREETING = "你好，世界"


@pytest.mark.parametrize("charset", [None, "utf-8", "UTF-8", "utf8", "us-ascii", " Utf-8 "])
def test_utf8(charset: str | None) -> None:
    assert decode_text(GREETING.encode(), charset) == GREETING
    assert decode_text(b"a\xff", charset) == "a\udcff"


@pytest.mark.parametrize("charset", ["GB2312", "gbk", "GB18030"])
def test_chinese(charset: str) -> None:
    # The last character is in GB18030 alone.
    assert decode_text((GREETING + "㐀").encode("gb18030"), charset) == GREETING + "㐀"
    assert decode_text(b"\xff", charset) == "\ufffd"


def test_other_charsets() -> None:
    assert decode_text(b"caf\xe9", "ISO-8859-1") == "café"
    assert decode_text("日本".encode("cp932"), "Shift_JIS") == "日本"
    assert decode_text("Привет".encode("koi8-r"), "KOI8-R") == "Привет"
    assert decode_text("Привет".encode("cp1251"), "windows-1251") == "Привет"


@pytest.mark.parametrize(
    "charset", ["klingon", "rot13", "punycode", "utf-7", "hex", "\0", "é" * 99]
)
def test_unknown_charsets(charset: str) -> None:
    with pytest.raises(ParseError) as caught:
        decode_text(b"x", charset)
    assert caught.value.code == "charset-unknown"
    assert caught.value.status_hint == 415


@pytest.mark.parametrize("charset", _CODECS)
def test_every_codec_exists(charset: str) -> None:
    assert decode_text(b"", charset) == ""


@given(st.binary(max_size=40), st.sampled_from([*_CODECS]))
def test_any_bytes(body: bytes, charset: str) -> None:
    assert isinstance(decode_text(body, charset), str)


@given(st.binary(max_size=40))
def test_any_bytes_survive_as_utf8(body: bytes) -> None:
    assert decode_text(body).encode("utf-8", "surrogateescape") == body
