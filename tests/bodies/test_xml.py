"""XML: charsets, limits, and what is refused."""

from __future__ import annotations

import sys

import pytest
from body_samples import outcome
from hypothesis import given
from hypothesis import strategies as st

from sipfast import ParseError
from sipfast.bodies import parse_xml

NAME = "大门㐀"  # the last character is in GB18030 alone


def document(charset: str, text: str = NAME) -> str:
    return f"<?xml version='1.0' encoding='{charset}'?>\r\n<a><b>{text}</b></a>"


def text_of_b(body: bytes, charset: str | None = None, default: str = "utf-8") -> str | None:
    return parse_xml(body, charset, default=default)[0].text


@pytest.mark.parametrize("charset", ["GB2312", "gbk", "GB18030"])
def test_chinese_charsets_are_one(charset: str) -> None:
    assert text_of_b(document(charset).encode("gb18030")) == NAME


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        (document("utf-8").encode(), None),
        (document("UTF-8").encode("utf-8-sig"), None),
        (f"<a><b>{NAME}</b></a>".encode(), None),
        (f"\r\n \t{document('UTF-8')}".encode(), None),
        (document("utf-16").encode("utf-16"), None),
        (document("utf-16").encode("utf-16-be"), "utf-16be"),
        # the mark goes before the parameter, and the parameter before the declaration
        (document("gb2312").encode("utf-8-sig"), "gb2312"),
        (document("gb2312").encode(), "utf-8"),
        (document("utf-8").encode("gb18030"), "GB2312"),
    ],
)
def test_where_the_charset_stands(body: bytes, charset: str | None) -> None:
    assert text_of_b(body, charset) == NAME


def test_a_default_is_for_what_is_not_declared() -> None:
    body = f"<?xml version='1.0'?><a><b>{NAME}</b></a>".encode("gb18030")
    assert text_of_b(body, default="gb2312") == NAME
    assert text_of_b(document("utf-8").encode(), default="gb2312") == NAME


def test_the_parser_knows_no_multibyte_charset_of_its_own() -> None:
    assert text_of_b(document("Shift_JIS", "日本").encode("cp932")) == "日本"
    assert text_of_b(document("ISO-8859-1", "café").encode("latin-1")) == "café"


@pytest.mark.parametrize(
    ("body", "charset", "offset"),
    [
        (document("klingon").encode(), None, 30),
        (b"  " + document("klingon").encode(), None, 32),
        (b"<a/>", "klingon", 0),
    ],
)
def test_unknown_charsets(body: bytes, charset: str | None, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        parse_xml(body, charset)
    assert (caught.value.code, caught.value.offset) == ("charset-unknown", offset)


@pytest.mark.parametrize(
    ("body", "offset"),
    [
        (b"", 0),
        (b"  ", 2),
        (b"no xml", 0),
        (b"<a>", 3),
        (b"<a></b>", 5),
        (b"\r\n<a></b>", 7),
        (b"<a/><a/>", 4),
        (b"<a>&nbsp;</a>", 3),
        (b"<a>\xff</a>", 3),
        (b"<a>\0</a>", 3),
    ],
)
def test_ill_formed(body: bytes, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        parse_xml(body)
    assert (caught.value.code, caught.value.offset) == ("xml-malformed", offset)


@pytest.mark.parametrize("charset", ["utf-8", "gb18030", "utf-16"])
def test_offsets_count_bytes_of_the_body(charset: str) -> None:
    text = document(charset, f"{NAME}</a>")
    with pytest.raises(ParseError) as caught:
        parse_xml(f"\r\n{text}".encode(charset) if charset != "utf-16" else text.encode(charset))
    before = "" if charset == "utf-16" else "\r\n"
    at = len((before + text[: text.index("</a>") + 2]).encode(charset))
    assert (caught.value.code, caught.value.offset) == ("xml-malformed", at)


def test_bytes_that_are_not_of_the_charset() -> None:
    body = document("gb2312", "?").encode("gb18030")
    for wrong in (b"\xff", b"\x81"):
        with pytest.raises(ParseError) as caught:
            parse_xml(body.replace(b">?<", b">%b<" % wrong))
        assert (caught.value.code, caught.value.offset) == ("xml-malformed", body.index(b">?<") + 1)


LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "' + b"&b;" * 99 + b'">]><a>' + b"&c;" * 99 + b"</a>"
)


@pytest.mark.parametrize(
    ("body", "offset"),
    [
        (b"<!DOCTYPE a><a/>", 0),
        (b"<?xml version='1.0'?>\n<!DOCTYPE a [ ]><a/>", 22),
        (LAUGHS, 0),
        (b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>', 0),
        (b'<!DOCTYPE a [<!ENTITY % b SYSTEM "http://192.0.2.1/x">%b;]><a/>', 0),
        (b'<!DOCTYPE a SYSTEM "http://192.0.2.1/x"><a/>', 0),
        ("<?xml version='1.0' encoding='gbk'?><!--門--><!DOCTYPE a><a/>".encode("gbk"), 45),
    ],
)
def test_a_document_type_is_refused(body: bytes, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        parse_xml(body)
    assert (caught.value.code, caught.value.offset) == ("xml-with-dtd", offset)


def test_depth_has_a_limit() -> None:
    def nested(levels: int) -> bytes:
        return b"<a>" * levels + b"</a>" * levels

    assert len(list(parse_xml(nested(64)).iter())) == 64
    assert len(list(parse_xml(b"<a>" + b"<b></b>" * 100 + b"</a>", depth=2).iter())) == 101
    with pytest.raises(ParseError) as caught:
        parse_xml(nested(65))
    assert (caught.value.code, caught.value.offset) == ("xml-too-deep", 64 * 3)
    with pytest.raises(ParseError) as caught:
        parse_xml(b" " + b"<a>" * 100_000, depth=2)
    assert (caught.value.offset, caught.value.status_hint) == (7, 413)


def test_size_has_a_limit() -> None:
    assert parse_xml(b"<a/>", limit=4).tag == "a"
    with pytest.raises(ParseError) as caught:
        parse_xml(b"<a/>\n", limit=4)
    assert (caught.value.code, caught.value.offset) == ("body-too-large", 4)
    with pytest.raises(ParseError):
        parse_xml(b"<a>" + b" " * (1 << 20) + b"</a>")


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "defusedxml.ElementTree", None)
    with pytest.raises(ImportError, match=r"pip install -e '\.\[xml\]'"):
        parse_xml(b"<a/>")


PIECES = ["<a>", "</a>", "<a/>", "<", "&", "&amp;", "&#0;", "<!--", "-->", "<![CDATA[", "]]>", "a="]
PIECES += [
    "<?",
    "?>",
    "<!DOCTYPE a [",
    "<!ENTITY b 'c'>",
    "]>",
    "&b;",
    "xmlns:x='y'",
    "<x:a>",
    "門",
]
PIECES += ["<?xml version='1.0' encoding='", "gb2312", "'?>", "\ufeff", "\0", " "]


@given(st.binary(max_size=60), st.sampled_from([None, "gb18030", "utf-16", "iso-2022-jp"]))
def test_any_bytes(body: bytes, charset: str | None) -> None:
    check(body, charset)


@given(
    st.lists(st.sampled_from(PIECES), max_size=15).map("".join),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
)
def test_any_pieces(text: str, charset: str) -> None:
    check(text.encode(charset), None)
    check(text.encode(charset), charset)


def check(body: bytes, charset: str | None) -> None:
    outcome(parse_xml, body, charset, most=len(body))
