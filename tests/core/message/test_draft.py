"""Drafts: every change, what it leaves alone, and what is refused."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import OPTIONS, RINGING, sample

import bench_data.corpus
from sipfast import ParseError
from sipfast._core.parameters import TOKEN
from sipfast._engine import Engine, load
from sipfast.registry.header_names import HEADER_IDS, header_name

ROOT = Path(__file__).parents[3]
LISTS = b"\r\n".join(
    [
        b"INVITE sip:bob@example.com SIP/2.0",
        b"v: SIP/2.0/UDP a.example.com;branch=z9hG4bKa,",
        b"  SIP/2.0/TCP b.example.com;branch=z9hG4bKb , SIP/2.0/TCP c.example.com",
        b"Via: SIP/2.0/UDP d.example.com",
        b"Route: <sip:p1;lr>, <sip:p2;lr>",
        b"X-Odd:   one  ",
        b"x-odd: two",
        b'Contact: "A, B" <sip:a@example.com;x=1,2>;q=0.5, <sip:b@example.com>',
        b"Subject:",
        b"",
        b"",
    ]
)


def draft_of(engine: Engine, data: bytes = LISTS) -> Any:
    return engine.parse(data).edit()


def messages() -> list[bytes]:
    """The messages of bench_data."""
    found = [path.read_bytes() for path in sorted((ROOT / "bench_data/messages").rglob("*.sip"))]
    for path in sorted((ROOT / "bench_data/dialogues").glob("*.sip")):
        found += bench_data.corpus.load(path)
    return found + bench_data.corpus.load(ROOT / "bench_data" / "mixed.sip")[:500]


def assert_same_bytes(engine: Engine, data: bytes) -> bool:
    try:
        message = engine.parse(data)
    except ParseError:
        return False
    draft = message.edit()
    assert bytes(draft) == b"".join(draft.pieces()) == message.raw
    assert draft.message == message
    for index, name in enumerate(message.headers):
        if index < 50:
            assert message.headers.span(name) == message.headers.spans(name)[0]
    lines = [data[span.line] for span in every_span(message)]
    assert (
        message.raw
        == data[message.start : lines_start(message)]
        + b"".join(lines)
        + data[lines_end(message) : message.end]
    )
    return True


def every_span(message: Any) -> list[Any]:
    """The spans of all fields, in their order."""
    names = {str(name).lower(): name for name in message.headers}
    spans = {span.line.start: span for name in names for span in message.headers.spans(name)}
    return [spans[start] for start in sorted(spans)]


def lines_start(message: Any) -> int:
    spans = every_span(message)
    return int(spans[0].line.start) if spans else int(message.body_offset)


def lines_end(message: Any) -> int:
    spans = every_span(message)
    return int(spans[-1].line.stop) if spans else int(message.body_offset)


def test_a_draft_without_changes_is_the_message(engine: Engine) -> None:
    assert sum(assert_same_bytes(engine, data) for data in messages()) > 500


def test_a_draft_without_changes_is_the_message_of_others(engine: Engine, shared: Path) -> None:
    files = [
        path for path in (shared / "conformance").rglob("*") if path.suffix in (".dat", ".sip")
    ]
    files += [path for path in (shared / "cases" / "messages").rglob("*") if path.is_file()]
    assert sum(assert_same_bytes(engine, path.read_bytes()) for path in files) > 40


@pytest.mark.parametrize("view", [False, True], ids=["bytearray", "memoryview"])
def test_a_buffer_may_change_after_the_edit_began(engine: Engine, view: bool) -> None:
    data = bytearray(b"\r\n" + sample() + b"more")
    draft = engine.parse(memoryview(data) if view else data).edit()
    data[:] = bytes(len(data))
    draft["CSeq"] = "1 OPTIONS"
    assert bytes(draft) == sample(CSeq=b"1 OPTIONS")


# ---- changes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (lambda d: d.push("Via", "SIP/2.0/UDP e"), b"v: SIP", b"Via: SIP/2.0/UDP e\r\nv: SIP"),
        (lambda d: d.append("Via", "SIP/2.0/UDP e"), b"Route", b"Via: SIP/2.0/UDP e\r\nRoute"),
        (lambda d: d.push("Record-Route", "<sip:r>"), b"Route", b"Record-Route: <sip:r>\r\nRoute"),
        (lambda d: d.append("x-ODD", "3"), b"Contact", b"x-ODD: 3\r\nContact"),
        (lambda d: d.append("Date", "3"), b"\r\n\r\n", b"\r\nDate: 3\r\n\r\n"),
        (lambda d: d.pop("Route"), b"<sip:p1;lr>, ", b""),
        (lambda d: (d.pop("Route"), d.pop("Route")), b"Route: <sip:p1;lr>, <sip:p2;lr>\r\n", b""),
        (lambda d: d.pop("Subject"), b"Subject:\r\n", b""),
        (lambda d: d.discard("X-Odd"), b"X-Odd:   one  \r\nx-odd: two\r\n", b""),
        (lambda d: d.discard("Date"), b"", b""),
        (lambda d: d.__setitem__("x-odd", "3"), b"one  \r\nx-odd: two", b"3  "),
        (lambda d: d.__setitem__("Date", "3"), b"\r\n\r\n", b"\r\nDate: 3\r\n\r\n"),
        (lambda d: d.__setitem__("Max-Forwards", 3), b"\r\n\r\n", b"\r\nMax-Forwards: 3\r\n\r\n"),
        (lambda d: setattr(d, "method", "X"), b"INVITE", b"X"),
        (lambda d: setattr(d, "uri", "tel:+1"), b"sip:bob@example.com", b"tel:+1"),
        (
            lambda d: setattr(d, "uri", d.contact.uri),
            b"bob@example.com S",
            b"a@example.com;x=1,2 S",
        ),
    ],
)
def test_a_change_leaves_the_rest_alone(
    engine: Engine, change: Any, before: bytes, after: bytes
) -> None:
    draft = draft_of(engine)
    change(draft)
    assert bytes(draft) == LISTS.replace(before, after, 1)
    assert engine.parse(bytes(draft)) == draft.message


def test_the_first_value_of_a_list_is_popped(engine: Engine) -> None:
    draft = draft_of(engine)
    assert draft.pop("Via") == "SIP/2.0/UDP a.example.com;branch=z9hG4bKa"
    assert b"\r\nv: SIP/2.0/TCP b.example.com;branch=z9hG4bKb , SIP/2.0/TCP c" in bytes(draft)
    assert [draft.pop("v") for _ in range(3)] == [
        *("SIP/2.0/TCP b.example.com;branch=z9hG4bKb", "SIP/2.0/TCP c.example.com"),
        "SIP/2.0/UDP d.example.com",
    ]
    assert draft.pop("Contact") == '"A, B" <sip:a@example.com;x=1,2>;q=0.5'
    assert [draft.pop("X-Odd"), draft.pop("X-Odd")] == ["one", "two"]
    with pytest.raises(KeyError, match="Via"):
        draft.pop("Via")


def test_popping_drops_what_is_empty(engine: Engine) -> None:
    draft = draft_of(engine, sample(OPTIONS, b"Route: ,", b'Route: , "a  b"\r\n <sip:a>;x, ,'))
    assert draft.pop("Route") == '"a  b" <sip:a>;x'
    assert bytes(draft) == sample()
    draft = draft_of(engine, sample(OPTIONS, b"Route: , ,"))
    with pytest.raises(KeyError):
        draft.pop("Route")
    assert bytes(draft) == sample(OPTIONS, b"Route: , ,")
    with pytest.raises(ParseError) as caught:
        draft_of(engine, sample(OPTIONS, b'Route: "a')).pop("Route")
    assert caught.value.code == "quote-unterminated"


def test_line_ends_are_those_of_the_message(engine: Engine) -> None:
    data = sample(line_end=b"\n")
    draft = draft_of(engine, data)
    draft["Subject"] = "x"
    draft.push("Via", "SIP/2.0/UDP h")
    assert b"\r" not in bytes(draft)
    assert draft.headers["Subject"] == "x"


def test_a_response_is_changed(engine: Engine) -> None:
    draft = draft_of(engine, sample(RINGING))
    draft.status = 486
    assert bytes(draft) == sample(b"SIP/2.0 486 Busy Here")
    draft.reason = "Nobody"
    assert (draft.status, draft.reason) == (486, "Nobody")
    draft.reason = ""
    assert bytes(draft) == sample(b"SIP/2.0 486 ")
    bare = draft_of(engine, sample(b"SIP/2.0 486"))
    bare.reason = "Busy"
    assert bytes(bare) == sample(b"SIP/2.0 486 Busy")


def test_requests_and_responses_have_their_own_parts(engine: Engine) -> None:
    request, response = draft_of(engine), draft_of(engine, sample(RINGING))
    for name, value in (("status", 200), ("reason", "OK")):
        with pytest.raises(TypeError, match="the draft is a request"):
            setattr(request, name, value)
        with pytest.raises(TypeError, match="the draft is a request"):
            getattr(request, name)
    for name, value in (("method", "X"), ("uri", "sip:a")):
        with pytest.raises(TypeError, match="the draft is a response"):
            setattr(response, name, value)
        with pytest.raises(TypeError, match="the draft is a response"):
            getattr(response, name)
    with pytest.raises(AttributeError):
        _ = request.colour


def test_the_body_takes_its_fields_along(engine: Engine) -> None:
    draft = draft_of(engine, sample())
    draft.set_body(b"v=0\r\n", "application/sdp")
    assert bytes(draft) == sample().replace(
        b"Content-Length: 0\r\n\r\n",
        b"Content-Length: 5\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n",
    )
    draft["Content-Encoding"] = "gzip"
    draft.body = bytearray(b"xy")
    assert (draft.content_length, draft.content_encoding) == (2, ("gzip",))
    draft.set_body(b"x", "text/plain")
    assert (draft.body, draft.content_encoding) == (b"x", ())
    draft["Content-Disposition"] = "render"
    draft.body = b""
    assert bytes(draft) == sample()
    with pytest.raises(ValueError, match="a body needs a Content-Type"):
        draft.body = b"x"
    with pytest.raises(TypeError):
        draft.body = 5
    assert bytes(draft) == sample()


def test_typed_properties_see_every_change(engine: Engine) -> None:
    draft = draft_of(engine)
    assert draft.via.host == "a.example.com"
    draft.push("Via", engine.module("values.via").Via("e", 5070, branch="z9hG4bKe"))
    assert (draft.via.host, len(draft.vias)) == ("e", 5)
    assert draft["via"] == "SIP/2.0/UDP e:5070;branch=z9hG4bKe"
    draft["CSeq"] = engine.module("values.sequence").CSeq(7, "INVITE")
    assert draft.cseq.number == 7
    assert "cseq" in draft
    del draft["CSeq"]
    assert draft.cseq is None
    with pytest.raises(KeyError):
        del draft["CSeq"]
    assert [*draft][:2] == ["Via", "v"]
    assert len(draft) == len(draft.headers)
    kept = draft.message
    draft["Subject"] = "x"
    assert kept.headers["Subject"] == ""
    assert repr(draft).startswith("<Draft of <Request INVITE")


def test_a_uri_is_written_in_brackets(engine: Engine) -> None:
    draft = draft_of(engine, sample())
    uri = engine.module("values.uri").URI.parse("sip:a,b@h;lr?x=y")
    for change in (draft.push, draft.append, draft.__setitem__):
        change("Contact", uri)
        assert (draft.contact.uri, [*draft.contact.parameters]) == (uri, [])
    draft["X-A"] = uri
    assert draft["X-A"] == str(uri)


def test_messages_are_built(engine: Engine) -> None:
    cls = engine.module("message.draft").Draft
    draft = cls.request("OPTIONS", "sip:a", [("Via", b"SIP/2.0/UDP h"), ("X", "\xe9")])
    assert bytes(draft) == (
        b"OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nX: \xc3\xa9\r\nContent-Length: 0\r\n\r\n"
    )
    draft = cls.response(404, headers={"c": "text/plain", "l": 1}, body=memoryview(b"x"))
    assert bytes(draft) == b"SIP/2.0 404 Not Found\r\nc: text/plain\r\nl: 1\r\n\r\nx"
    assert bytes(cls.response(299, "Fine")).startswith(b"SIP/2.0 299 Fine\r\n")
    with pytest.raises(ValueError, match="a body needs a Content-Type"):
        cls.request("OPTIONS", "sip:a", body=b"x")
    with pytest.raises(ValueError, match="Content-Length must be the length"):
        cls.request("OPTIONS", "sip:a", {"Content-Length": 5})
    with pytest.raises(ValueError, match="the message has a t already"):
        cls.request("OPTIONS", "sip:a", [("To", "<sip:a>"), ("t", "<sip:b>")])
    with pytest.raises(TypeError, match="drafts are made by"):
        cls()


def test_a_draft_is_copied_and_pickled(engine: Engine) -> None:
    draft = draft_of(engine)
    draft["Date"] = "x"
    for other in (copy.copy(draft), pickle.loads(pickle.dumps(draft))):
        assert bytes(other) == bytes(draft)
        other["Date"] = "y"
        assert (other["Date"], draft["Date"]) == ("y", "x")


# ---- what is refused -----------------------------------------------------------------------------

REFUSED = [
    ("X", "a\r\nVia: b", "value-line-end"),
    ("X", "a\rb", "value-line-end"),
    ("X", "a\n b", "value-line-end"),
    ("X", b"a\0", "value-control"),
    ("X", "a\ud800", "value-surrogate"),
    ("X", -1, "number-out-of-range"),
    ("X Y", "a", "header-name-malformed"),
    ("X\r\n", "a", "header-name-malformed"),
    ("", "a", "header-name-empty"),
    ("\u212a", "a", "header-name-malformed"),
    ("Route", '"a', "quote-unterminated"),
]


@pytest.mark.parametrize(("name", "value", "code"), REFUSED)
@pytest.mark.parametrize("how", ["push", "append", "__setitem__"])
def test_what_would_break_the_message_is_refused(
    engine: Engine, how: str, name: str, value: Any, code: str
) -> None:
    draft = draft_of(engine)
    with pytest.raises(ParseError) as caught:
        getattr(draft, how)(name, value)
    assert caught.value.code == code
    assert bytes(draft) == LISTS


@pytest.mark.parametrize(
    ("name", "value", "match"),
    [
        ("Via", "SIP/2.0/UDP a, SIP/2.0/UDP b", "read as several"),
        ("v", "SIP/2.0/UDP a,", "empty value"),
        ("Route", ", <sip:a>", "empty value"),
        ("Via", "", "empty value"),
        ("Supported", b"", "empty value"),
        ("X", " a", "whitespace"),
        ("X", "a\t", "whitespace"),
        ("l", 5, "set the body instead"),
    ],
)
def test_what_would_be_read_otherwise_is_refused(
    engine: Engine, name: str, value: Any, match: str
) -> None:
    draft = draft_of(engine)
    for change in (draft.push, draft.append):
        with pytest.raises(ValueError, match=match):
            change(name, value)
    assert bytes(draft) == LISTS


def test_str_and_bytes_are_written_alike(engine: Engine) -> None:
    def written(name: str, value: Any) -> Any:
        draft = draft_of(engine, sample())
        try:
            draft[name] = value
        except (ParseError, ValueError) as error:
            return repr(error)
        return bytes(draft)

    base = "abcdefgh" * 3
    for code in [*range(256), 0x20AC]:
        mark = chr(code)
        for text in (mark, f"{base}{mark}", f"{mark}{base}", f"a{mark}{base}", f"{base}{mark}b"):
            for name in ("X-A", "Contact"):
                assert written(name, text) == written(name, text.encode())
    assert written("X-A", "") == written("X-A", b"")


def test_names_are_tokens(engine: Engine) -> None:
    draft = draft_of(engine, sample())
    for code in range(256):
        for name in (f"{chr(code)}-A", f"A{chr(code)}"):
            if TOKEN.fullmatch(name):
                draft[name] = "x"
            else:
                with pytest.raises(ParseError) as caught:
                    draft[name] = "x"
                assert caught.value.code == "header-name-malformed"


def test_a_plan_tells_apart_what_changes(pure: Engine) -> None:
    module = pure.module("message.draft")
    parts = [*HEADER_IDS.values(), module._METHOD, module._TARGET, module._BODY]
    assert len({*parts}) == len({*HEADER_IDS.values()}) + 3
    assert max(parts) < module._OTHERS < 256


def test_changes_of_several_unregistered_names_are_joined_once(engine: Engine) -> None:
    draft = draft_of(engine, sample(OPTIONS, b"X-A: 0", b"X-B: 0"))
    base = draft._base if engine.name == "pure" else None
    for number in range(1, 100):
        draft.append("X-A", f"{number}")
        draft.append("x-b", f"{number}")
    for number in range(300):
        draft[f"X-{number}"] = "x"
    assert base is None or draft._base is base
    assert draft.headers.getall("X-A") == [f"{number}" for number in range(100)]
    assert draft.headers.getall("X-B") == [f"{number}" for number in range(100)]
    draft["X-7"] = "y"
    draft.discard("X-8")
    assert draft["X-7"] == "y"
    assert "X-8" not in draft


def test_a_second_field_of_a_single_one_is_refused(engine: Engine) -> None:
    draft = draft_of(engine, sample())
    for change in (draft.push, draft.append):
        for name in ("To", "t", "call-id"):
            with pytest.raises(ValueError, match="already"):
                change(name, "x")
    assert bytes(draft) == sample()
    draft.append("Subject", "x")
    with pytest.raises(ValueError, match="the message has a s already"):
        draft.append("s", "y")
    draft["t"] = "<sip:a>"  # replaces it
    assert draft.headers.getall("To") == ["<sip:a>"]


@pytest.mark.parametrize("method", ["", "A B", "A\r\nB", "SIP/2.0", "\xc9"])
def test_a_bad_method_is_refused(engine: Engine, method: str) -> None:
    with pytest.raises(ParseError):
        draft_of(engine).method = method
    with pytest.raises(ParseError):
        engine.module("message.draft").Draft.request(method, "sip:a")


@pytest.mark.parametrize("uri", ["", "a", "sip:a b", "sip:a\r\n", "<sip:a>", "sip:a:x", "sip:a\0"])
def test_a_bad_uri_is_refused(engine: Engine, uri: str) -> None:
    with pytest.raises(ParseError) as caught:
        draft_of(engine).uri = uri
    assert caught.value.header == "Request-URI"


def test_a_bad_status_is_refused(engine: Engine) -> None:
    draft = draft_of(engine, sample(RINGING))
    for status in (99, 700):
        with pytest.raises(ParseError):
            draft.status = status
    for reason in ("a\r\nb", "a\0"):
        with pytest.raises(ParseError):
            draft.reason = reason
    with pytest.raises(ValueError, match="whitespace"):
        draft.reason = " a"
    assert bytes(draft) == sample(RINGING)


@pytest.mark.parametrize("thing", [None, 1.5, object(), ["a"]])
def test_other_types_are_refused(engine: Engine, thing: Any) -> None:
    draft = draft_of(engine)
    with pytest.raises(TypeError, match="X must be str, bytes, int or a value"):
        draft["X"] = thing
    for attribute in ("method", "uri"):
        with pytest.raises(TypeError, match=f"{attribute} must be"):
            setattr(draft, attribute, thing)
    with pytest.raises(TypeError, match="name of a header field must be str"):
        draft.append(thing, "a")


class Liar(str):
    """Text whose methods say something else."""

    def lower(self) -> str:
        return "via"

    def encode(self, *_: Any) -> bytes:
        return b"x\r\nVia: y"

    def strip(self, *_: Any) -> str:
        return "x"

    __str__ = __bytes__ = encode  # type: ignore[assignment]


class BytesLiar(bytes):
    def strip(self, *_: Any) -> bytes:
        return self

    def __mod__(self, _: Any) -> bytes:
        return b"x\r\nVia: y"

    def __bytes__(self) -> bytes:
        return b"x\r\nVia: y"


def test_subclasses_have_no_say(engine: Engine) -> None:
    draft = draft_of(engine, sample())
    draft.append(Liar("X-A"), Liar("one"))
    draft["X-B"] = BytesLiar(b"two")
    draft.method, draft.uri = Liar("MESSAGE"), Liar("sip:b")
    assert bytes(draft) == sample(b"MESSAGE sip:b SIP/2.0").replace(
        b"Length: 0\r\n", b"Length: 0\r\nX-A: one\r\nX-B: two\r\n"
    )
    with pytest.raises(ParseError):
        draft.append("X-C", BytesLiar(b"a\nb"))
    built = engine.module("message.draft").Draft.request(
        Liar("OPTIONS"), "sip:a", [(Liar("X-A"), Liar("one"))], BytesLiar(b"")
    )
    assert bytes(built) == b"OPTIONS sip:a SIP/2.0\r\nX-A: one\r\nContent-Length: 0\r\n\r\n"


# ---- random changes ------------------------------------------------------------------------------

BASES = [
    LISTS,
    sample(),
    sample(OPTIONS, b"Route: <sip:a>,\r\n\t<sip:b>", b"X-A: 1\r\n 2", body=b"x"),
    sample(RINGING, b"X-A:\r\n \r\n 1", b"Record-Route: ,", line_end=b"\n"),
    b"OPTIONS sip:a SIP/2.0\r\n\r\n",
    b"OPTIONS sip:a SIP/2.0\nX-A:\nl:0\nX-B:\n \n\nbody",
    b"OPTIONS sip:a SIP/2.0\r\nFrom: a\r\nVia: b\r\nRoute: <sip:a>\r\nVia: c\r\n\r\n",
]
NAMES = st.sampled_from(["Via", "v", "Route", "Record-Route", "To", "X-A", "x-b", "X-C", "s", "c"])
TEXTS = st.one_of(
    st.sampled_from(["a", "<sip:a>", '"x,y" <sip:a,b>', "", "a, b", "a\r\nb", " a", "\udcff"]),
    st.text(max_size=5),
)
CHANGES = st.one_of(
    st.tuples(st.sampled_from(["push", "append", "set"]), NAMES, TEXTS),
    st.tuples(st.sampled_from(["pop", "discard", "delete"]), NAMES),
    st.tuples(st.just("method"), st.sampled_from(["OPTIONS", "X", "a b"])),
    st.tuples(st.just("uri"), st.sampled_from(["sip:b", "tel:+1", "sip:a b"])),
    st.tuples(st.just("status"), st.sampled_from([200, 404, 99])),
    st.tuples(st.just("reason"), st.sampled_from(["", "Odd", "a\n"])),
    st.tuples(st.just("body"), st.binary(max_size=3)),
    st.tuples(st.just("typed"), st.binary(max_size=3), st.just("text/plain")),
)


def make(draft: Any, change: tuple[Any, ...]) -> Any:
    """Make a change, and return what it returned, or the class of what it raised."""
    how, *rest = change
    try:
        if how == "set":
            draft[rest[0]] = rest[1]
        elif how == "delete":
            del draft[rest[0]]
        elif how == "typed":
            draft.set_body(*rest)
        elif how in ("push", "append", "pop", "discard"):
            return getattr(draft, how)(*rest)
        else:
            setattr(draft, how, rest[0])
    except (KeyError, TypeError, ValueError) as error:
        return type(error)
    return None


def lines_of(message: Any, without: set[Any]) -> list[bytes]:
    """The lines of the fields whose names are not among these."""
    data = message.raw
    return [
        data[span.line]
        for span in every_span(message)
        if key(data[span.name].decode()) not in without
    ]


def key(name: str) -> str:
    row = header_name(name)
    return row.name if row else name.lower()


def check_changes(engine: Engine, base: bytes, changes: list[tuple[Any, ...]]) -> bytes:
    message = engine.parse(base)
    lazy, eager = message.edit(), message.edit()
    touched: set[str] = set()
    for change in changes:
        before = bytes(eager)
        result = make(eager, change)
        assert make(lazy, change) == result
        after: Any = eager.message  # joins
        assert engine.parse(bytes(eager)).raw == bytes(eager)
        if isinstance(result, type):
            assert bytes(eager) == before
            continue
        how, *rest = change
        if how in ("body", "typed"):
            assert after.body == rest[0]
            touched |= {f"Content-{name}" for name in ("Type", "Length")}
            touched |= {f"Content-{name}" for name in ("Encoding", "Disposition", "Language")}
        elif how in ("push", "append", "set", "pop", "discard", "delete"):
            touched.add(key(rest[0]))
            found = after.headers.getall(rest[0], [])
            if how in ("discard", "delete"):
                assert found == []
            if how == "set":
                assert found == [rest[1]]
            if how in ("push", "append"):
                assert found[0 if how == "push" else -1] == rest[1]
        elif how in ("method", "reason", "status"):
            assert getattr(after, how) == rest[0]
        else:
            assert after.uri_text == rest[0]
        assert lines_of(after, touched) == lines_of(message, touched)
        if not {"body", "typed"} & {how for how, *_ in changes}:
            assert after.body == message.body
    assert bytes(lazy) == bytes(eager)
    return bytes(lazy)


@given(st.sampled_from(BASES), st.lists(CHANGES, max_size=8))
def test_random_changes(base: bytes, changes: list[tuple[Any, ...]]) -> None:
    check_changes(load("pure"), base, changes)


@given(st.sampled_from(BASES), st.lists(CHANGES, max_size=8))
def test_random_changes_are_the_same_on_both_engines(
    native: Engine, pure: Engine, base: bytes, changes: list[tuple[Any, ...]]
) -> None:
    assert check_changes(native, base, changes) == check_changes(pure, base, changes)


def test_fields_that_are_appended_are_joined_once(engine: Engine) -> None:
    draft = draft_of(engine, sample())
    base = draft._base if engine.name == "pure" else None
    for number in range(300):
        draft.append("X-A", f"{number}")
    assert base is None or draft._base is base
    assert draft.headers.getall("X-A") == [f"{number}" for number in range(300)]
