"""XML: charsets, limits, and refused documents."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from body_samples import outcome
from hypothesis import example, given
from hypothesis import strategies as st

from sipfast import ParseError
from sipfast.bodies import parse_xml, xml

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
def test_the_place_of_the_charset(body: bytes, charset: str | None) -> None:
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


def code_of(body: bytes, limit: int = 1 << 20) -> str | None:
    try:
        parse_xml(body, limit=limit)
    except ParseError as error:
        return error.code
    return None


def test_a_namespace_has_a_limit() -> None:
    for form in (b"<a xmlns='%b'/>", b"<a xmlns:b='%b'/>", b"<a><c/><b xmlns='%b'><d/></b></a>"):
        assert code_of(form % (b"n" * 256)) is None
        with pytest.raises(ParseError) as caught:
            parse_xml(b" " + form % (b"n" * 257))
        at = 1 + max(form.find(b"<b "), 0)
        error = caught.value
        assert (error.code, error.offset, error.status_hint) == ("xml-names-too-long", at, 413)


@pytest.mark.parametrize("form", [b"<n:a%d/>", b"<b n:a%d=''/>"])
def test_names_written_out_have_a_limit(form: bytes) -> None:
    """Each counts once, at any place."""

    def document(names: int, times: int) -> bytes:
        elements = b"".join(form % number for number in range(1000, 1000 + names)) * times
        return b"<a xmlns:n='%b'>%b</a>" % (b"n" * 200, elements)

    assert code_of(document(10, 90), limit=1 << 14) is None
    most = (1 << 14) // 207
    assert code_of(document(most, 1), limit=1 << 14) is None
    assert code_of(document(most + 1, 1), limit=1 << 14) == "xml-names-too-long"


@pytest.mark.parametrize(
    ("make", "most"),
    [
        (lambda size: b"<a xmlns='%b'>%b</a>" % (b"n" * size, b"<b/>" * (size // 5)), 8),
        (
            lambda size: (
                b"<a xmlns:n='%b' %b/>"
                % (b"n" * size, b" ".join(b"n:a%d=''" % n for n in range(size // 12)))
            ),
            24,
        ),
        (
            lambda size: (
                b"<a xmlns:n='%b'>%b</a>"
                % (b"n" * 256, b"".join(b"<n:a%d/>" % n for n in range(size // 10)))
            ),
            16,
        ),
        (lambda size: b"<a>" * (size // 3), 4),
    ],
)
def test_refused_bodies_take_little_memory(make: Callable[[int], bytes], most: int) -> None:
    """At its peak, so many bytes for each byte of the document."""
    body = make(1 << 19)
    tracemalloc.start()
    try:
        assert code_of(body) in ("xml-names-too-long", "xml-too-deep")
        assert tracemalloc.get_traced_memory()[1] < most * len(body)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "before", [b"", b"\xef\xbb\xbf", b"\n<?a b?>", b"<!-- <!DOCTYPE -->", b"<?a <!DOCTYPE ?>\t"]
)
def test_a_document_type_is_found_before_anything_is_parsed(
    before: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_of(*_: str) -> None:
        raise AssertionError("a parser was made")

    monkeypatch.setattr(xml, "ParserCreate", none_of)
    with pytest.raises(ParseError) as caught:
        parse_xml(before + LAUGHS)
    assert (caught.value.code, caught.value.offset) == ("xml-with-dtd", len(before))


def test_the_parser_refuses_a_document_type_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "_document_type", lambda utf8: -1)
    with pytest.raises(ParseError) as caught:
        parse_xml(b"<!-- a -->" + LAUGHS)
    assert caught.value.code == "xml-with-dtd"


@pytest.mark.parametrize("before", [b"<!--", b"<?a ", b"<!-- -- -->", b"<a/>", b"<a>", b"x"])
def test_text_like_a_document_type(before: bytes) -> None:
    assert code_of(before + LAUGHS) in ("xml-malformed", "xml-with-dtd")
    assert code_of(b"<a><![CDATA[<!DOCTYPE a>]]><!--<!DOCTYPE a>--></a><!--<!DOCTYPE a>-->") is None


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


START_TAGS = ["<a", "<x:a", "<y:b", "<b", "<:a", "<x:", "<門:a"]
NAMES = ["c", "x:c", "y:c", "xml:lang", ":d", "x:1", "x:d:e", "x:-", "門:x"]
DECLARATIONS = ["xmlns", "xmlns:x", "xmlns:y", "xmlns:xml", "xmlns:xmlns", "xmlns:", "xmlns:x:y"]
DECLARATIONS += ["xmlns:1", "xmlns:門", "xmlnsx"]
SPACES = ["u", "v", "", "a}b", xml._XML, xml._XMLNS]
ATTRIBUTES = [f" {name}='1'" for name in NAMES]
ATTRIBUTES += [f" {name}='{space}'" for name in DECLARATIONS for space in SPACES]
REST = [">", "/>", ">t", "</a>", "</x:a>", "</y:b>", "</b>", "&lt;", "&nbsp;", "門", "<!-- c -->"]


@given(
    st.lists(
        st.sampled_from(START_TAGS) | st.sampled_from(ATTRIBUTES) | st.sampled_from(REST),
        max_size=9,
    ).map("".join)
)
@example("<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:lang='e'/>")
@example("<x:a xmlns='u'><b xmlns='' x:c='1' y:c='1'/></x:a>")
@example("<x:a xmlns:x='v'/><x:a/>")
def test_namespaces_are_those_of_the_parser(text: str) -> None:
    """Expat can resolve them too."""
    document = f"<r xmlns:x='u' xmlns:y='w'>{text}</r>"
    try:
        tree = ElementTree.fromstring(document)
    except ElementTree.ParseError:
        assert code_of(document.encode()) == "xml-malformed"
        return
    assert dumped(parse_xml(document.encode())) == dumped(tree)


def dumped(element: ElementTree.Element) -> list[object]:
    own = [element.tag, dict(element.attrib), element.text, element.tail]
    return [*own, *map(dumped, element)]


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
