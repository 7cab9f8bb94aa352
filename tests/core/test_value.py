"""Values: on both engines the same parts of the same text, or the same error."""

from __future__ import annotations

import gc
import importlib
import itertools
import mmap
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import modules
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from seen import properties, reading, seen

from sipfast import ParseError
from sipfast._core.folds import Folds
from sipfast._core.value import Value
from sipfast._engine import Engine
from sipfast.registry.header_names import HEADER_NAMES

START = b"OPTIONS sip:bob@example.com SIP/2.0\r\n"


def value_classes() -> list[tuple[str, str]]:
    """Module and name of every class of values that there is."""
    found = set()
    for module in modules.MODULES:
        for thing in vars(importlib.import_module(f"sipfast._core.{module}")).values():
            if isinstance(thing, type) and issubclass(thing, Value) and thing is not Value:
                found.add((thing.__module__.removeprefix("sipfast._core."), thing.__name__))
    return sorted(found)


CLASSES = value_classes()
HEADERS = [row.name for row in HEADER_NAMES]


def typed_names(engine: Engine) -> list[str]:
    """The properties of a message that are typed header fields."""
    fields = vars(engine.module("message.properties").Typed)
    return [name for name in fields if hasattr(fields[name], "header_id")]


def read_as(engine: Engine, module: str, name: str, text: Any) -> Any:
    return reading(lambda: getattr(engine.module(module), name).parse(text))


def read_message(engine: Engine, data: Any) -> Any:
    """Every typed property of a message, each asked first and in turn."""
    names = typed_names(engine)
    message: Any = engine.parse(data)
    forward = [(name, reading(getattr, message, name)) for name in names]
    other: Any = engine.parse(data)
    backward = [(name, reading(getattr, other, name)) for name in names[::-1]]
    assert forward == backward[::-1]
    return forward


# ---- text that is nearly right ------------------------------------------------------------------

MARKS = '"<>;,:@?=%/\\[]& \t'
WORDS = (
    *("sip:", "SIPS:", "tel:", "urn:", "mailto:", "a:", "alice", "example.com", "192.0.2.1", "*"),
    *("[2001:db8::1]", "[::", ":5060", ":65536", ":0", "@", "SIP/2.0/UDP ", "SIP / 2.0 / TCP\t"),
    *(";lr", ";tag=", ";branch=z9hG4bK1", ";q=0.5", ";expires=", ";x=", ";A=1", "=", ";;", "; "),
    *("+1-201", "7042", ";phone-context=", ";ext=", "service:sos", "uuid:", "?a=b&c", "<", ">"),
    *('"', '\\"', '"a, <b>;"', '"\\\\"', "%41", "%00", "%", "%4", "%zz", "%25%34%31", "%3B", "%C3"),
    *(';n="\xe9\xe9\xe9\xe9"', ';n="\u4f60\U0001f4de\udcff";', "\U0001f4de", "info=<a>"),
    *("\xe9", "\u4f60", "\udcff", "\udcc3", "\udca9", "\0", "\x7f", "%E2%84%AA", "\u212a"),
    *("Digest ", 'realm="a"', ", ", "INVITE", "1 ", "4294967296 ", "00012", "application/sdp"),
)
CHARACTERS = MARKS + "aAz09.+-*#_~!\0\x01\x7f\x85\xe9\u4f60\U0001f4de\udc80\udcff"

near_texts = st.lists(
    st.one_of(st.sampled_from(WORDS), st.sampled_from(CHARACTERS)), max_size=12
).map("".join)
any_texts = st.text(st.sampled_from(CHARACTERS + "\r\n"), max_size=20)
texts = st.one_of(near_texts, any_texts)
STARTS = (
    *("", "sip:", "sip:a@h;", "tel:", "urn:a1:", "SIP/2.0/UDP h", "<sip:h>;", '"a" <', "1 "),
    *(
        "sip:\xe9@h;n=\u4f60;",
        '"\xe9" <sip:h>;n="\u4f60\U0001f4de";',
        'a.b.c;n="\xe9\udcff";info=<',
    ),
)
started = st.builds(str.__add__, st.sampled_from(STARTS), texts)


def octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


# ---- the engines agree --------------------------------------------------------------------------


@pytest.mark.parametrize(("module", "name"), CLASSES)
@settings(max_examples=500, deadline=None)
@given(text=started)
@example(text=" ")
@example(text="<sip:a>; b b")
@example(text="sip:h;a=b@c@d")
@example(text="sip:h;x=@;y")
@example(text="sip:h;%E2%84%AA=1")
@example(text="sip:h;a;b=1;%41%3Ba=2")
@example(text='"\udcc3\\\udca9" <sip:h>')
@example(text="tel:()")
def test_a_value_from_text(native: Engine, pure: Engine, module: str, name: str, text: str) -> None:
    expected = read_as(pure, module, name, text)
    assert read_as(native, module, name, text) == expected
    assert read_as(native, module, name, octets(text)) == expected
    assert read_as(pure, module, name, octets(text)) == expected


@settings(max_examples=800, deadline=None)
@given(name=st.sampled_from(HEADERS), text=st.lists(started, max_size=3).map(",".join))
@example(name="Via", text=",")
@example(name="Contact", text='"a')
@example(name="Contact", text='sip:a, "b')
@example(name="Contact", text="<a,>b, <c, d")
@example(name="Allow", text="a,,b , ")
def test_a_header_field_from_text(native: Engine, pure: Engine, name: str, text: str) -> None:
    expected = reading(lambda: pure.parse_header(name, text))
    assert reading(lambda: native.parse_header(name, text)) == expected
    assert reading(lambda: native.parse_header(name, octets(text))) == expected


FOLDS = ("\r\n ", " \n\t", "\r\n \r\n\t ", " ")
wire_texts = st.builds(
    lambda text, fold: re.sub(r"[\r\n]+", "", text).replace(" ", fold),
    started,
    st.sampled_from(FOLDS),
)
typed_headers = [name for name in HEADERS if name not in ("Content-Length",)]


@settings(max_examples=300, deadline=None)
@given(fields=st.lists(st.tuples(st.sampled_from(typed_headers), wire_texts), max_size=6))
@example(fields=[("Via", ","), ("Via", "SIP/2.0/UDP a,"), ("Via", "x")])
@example(fields=[("Contact", "<sip:a>;\r\n x=\r\n @ @")])
def test_a_message(native: Engine, pure: Engine, fields: list[tuple[str, str]]) -> None:
    lines = [octets(f"{name}: {text}\r\n") for name, text in fields]
    data = START + b"".join(lines) + b"\r\n"
    assert read_message(native, data) == read_message(pure, data)


# What can be told apart in short texts: everything, so all of them are tried.
SHORT = {
    "uri": ("URI", "sip:", "a1:@;?%", 5),
    "uri parameters": ("URI", "sip:h;", "a=;%41K", 5),
    "uri host": ("URI", "sip:", "[]:1a.g@", 5),
    "uri of any scheme": ("URI", "", "a:+1< \xe9", 5),
    "tel": ("URI", "tel:", "+1-z;=G", 5),
    "urn": ("URI", "urn:", "a1:-?=#", 5),
    "address": ("Address", "", '"\\<>;a ', 5),
    "address parameters": ("Address", "<a>", '";=\\a \t', 5),
    "via": ("Via", "SIP/2", "/ \tUa:;", 5),
    "via sent-by": ("Via", "SIP/2.0/UDP", " a:1;[]", 5),
    "via parameters": ("Via", "SIP/2.0/UDP h", ' ;a="\\\udcff', 5),
    "quotes in parameters": ("Address", "<a>;", '"=;a', 6),
    "number": ("Number", "", "019a \xb2", 5),
}
MODULES = {name: module for module, name in CLASSES}


def short_texts(before: str, alphabet: str, most: int) -> Iterable[str]:
    for length in range(most + 1):
        for characters in itertools.product(alphabet, repeat=length):
            yield before + "".join(characters)


def brief(value: Any) -> Any:
    """The parts of a value that the splitter found, and what is well formed in its parameters."""
    kind = type(value)
    if not hasattr(kind, "parse"):
        return value
    parts = [reading(getattr, value, name) for name in PARTS if hasattr(kind, name)]
    parameters = value.parameters if hasattr(kind, "parameters") else None
    found = None
    if parameters is not None:
        found = [reading(parameters.items), *map(parameters.get, ("a", "1", '"'))]
    return kind.__name__, str(value), parts, found


PARTS = (
    *("scheme", "user", "password", "host", "port", "headers", "number", "namespace", "specific"),
    *("display_name", "protocol", "transport"),
)


def brief_outcome(engine: Engine, module: str, name: str, text: str) -> Any:
    try:
        return brief(getattr(engine.module(module), name).parse(text))
    except ParseError as error:
        return error.code, error.offset, error.header


@pytest.mark.parametrize("case", SHORT)
def test_all_short_texts(native: Engine, pure: Engine, case: str) -> None:
    name, before, alphabet, most = SHORT[case]
    module = MODULES[name]
    for text in short_texts(before, alphabet, most):
        expected = brief_outcome(pure, module, name, text)
        assert brief_outcome(native, module, name, text) == expected, text


# ---- what they agree on -------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a\r\nb: c", "\n", "a\r", "a\nb"])
def test_a_value_has_no_line_end(engine: Engine, text: str) -> None:
    for given_text in (text, octets(text)):
        with pytest.raises(ParseError) as caught:
            engine.parse_header("Subject", given_text)
        assert caught.value.code == "value-line-end"
        assert caught.value.offset == re.search("[\r\n]", text).start()  # type: ignore[union-attr]
        assert caught.value.header == "Subject"


@pytest.mark.parametrize("thing", [None, 1, bytearray(b"a"), memoryview(b"a"), ["a"]])
def test_a_value_is_read_from_text_only(engine: Engine, thing: Any) -> None:
    for module, name in CLASSES:
        with pytest.raises(TypeError, match=r"^text must be str or bytes, not \w+$"):
            getattr(engine.module(module), name).parse(thing)


def test_a_class_of_other_things_is_refused(engine: Engine) -> None:
    with pytest.raises(TypeError, match=r"^cls must be a class of Value, not <class 'int'>$"):
        engine.module("lists").read_text(int, "1", 0)


def test_text_that_cannot_be_on_the_wire(engine: Engine) -> None:
    with pytest.raises(ParseError) as caught:
        engine.module("values.uri").URI.parse("sip:\ud800")
    assert (caught.value.code, caught.value.offset) == ("value-surrogate", 4)


# ---- where errors are ---------------------------------------------------------------------------


def raised(read: Callable[[], Any]) -> ParseError:
    with pytest.raises(ParseError) as caught:
        read()
    return caught.value


def test_an_error_names_the_byte_in_the_message(engine: Engine) -> None:
    data = (
        START
        + b"Via: SIP/2.0/UDP a,\r\n"
        + b" SIP/2.0/UDP b:x\r\n"
        + "From: \u4f60 <sip:\u4f60@h:99999>\r\n".encode()
        + b"To: <sip:a>;\r\n\ttag=1 ;\r\n \r\n  b@d\r\n"
        + b"Contact: <sip:a>;q=2;expires=x\r\n"
        + b"Expires: 12h\r\n\r\n"
    )
    message: Any = engine.parse(data)
    assert message.via.host == "a"
    for read, code, header, before in (
        (lambda: message.vias, "port-malformed", "Via", b"b:"),
        (lambda: message.from_.uri, "port-malformed", "From", b"@h:"),
        (lambda: list(message.to.parameters), "parameter-malformed", "To", b"\r\n \r\n  "),
        (lambda: message.contact.q, "q-malformed", "Contact", b"<sip:a>;q=2;expires=x"[:8]),
        (lambda: message.contact.expires, "parameter-not-a-number", "Contact", b"q=2;"),
        (lambda: message.expires, "number-malformed", "Expires", b"Expires: "),
    ):
        error = raised(read)
        at = data.index(b"Contact: <sip:a>;") + 17 if code == "q-malformed" else None
        assert (error.code, error.header) == (code, header)
        assert error.offset == (data.index(before) + len(before) if at is None else at)


def error_of(read: Callable[..., Any], *given: Any) -> tuple[str, int] | None:
    try:
        read(*given)
    except ParseError as error:
        return error.code, error.offset
    return None


SPACE_OR_FOLD = st.sampled_from((b" ", b"\r\n ", b"\n\t", b" \t \r\n  \r\n \t", b"\r\n\t\r\n "))


@settings(max_examples=400, deadline=None)
@given(
    words=st.lists(
        st.text('ab;,<>"\\\xe9\udcff@:=', min_size=1, max_size=4), min_size=1, max_size=20
    ),
    folds=st.lists(SPACE_OR_FOLD, min_size=20, max_size=20),
    name=st.sampled_from(["Via", "From", "Contact", "Expires", "Route"]),
)
def test_an_error_in_a_folded_field_is_where_it_is_on_the_wire(
    native: Engine, pure: Engine, words: list[str], folds: list[bytes], name: str
) -> None:
    pieces = list(map(octets, words))
    raw = b""
    places: list[int] = []
    for piece, fold in zip(pieces, [*folds[: len(pieces) - 1], b""], strict=True):
        places += range(len(raw), len(raw) + len(piece) + 1)
        raw += piece + fold
    before = START + name.encode() + b": "
    unfolded = b" ".join(pieces)
    for engine in (native, pure):
        message: Any = engine.parse(before + raw + b"\r\n\r\n")
        attribute = {"Via": "vias", "From": "from_", "Contact": "contacts"}.get(name)
        attribute = attribute or {"Expires": "expires", "Route": "routes"}[name]
        expected = error_of(engine.parse_header, name, unfolded)
        found = error_of(getattr, message, attribute)
        assert (found and found[0]) == (expected and expected[0])
        if expected and found:
            assert found[1] == len(before) + places[expected[1]]


@given(
    lines=st.lists(st.text("ab ", min_size=1, max_size=3).map(str.encode), min_size=1, max_size=5),
    folds=st.lists(st.sampled_from([b"\r\n ", b" \n\t", b"\n \r\n  "]), min_size=5, max_size=5),
)
def test_the_place_of_every_byte_of_a_folded_value(lines: list[bytes], folds: list[bytes]) -> None:
    raw = b"".join(part for pair in zip(lines, folds, strict=False) for part in pair).strip(
        b" \t\r\n"
    )
    read = re.sub(rb"[ \t\r]*\n[ \t\r\n]*", b" ", raw)
    places = [run.start() for run in re.finditer(rb"[ \t\r]*\n[ \t\r\n]*|.", raw)]
    found = Folds(raw)
    assert [found.offset(at) for at in range(len(read))] == places
    assert found.offset(len(read)) == len(raw)


# ---- what values hold on to ---------------------------------------------------------------------

WHOLE = (
    START
    + b'Via: SIP/2.0/UDP a:1;branch=z9hG4bK1;x="\\q", SIP/2.0/TCP [::1]\r\n'
    + b'From: "A \\"" <sip:a%41@h;lr>;tag=1\r\n'
    + b"To: \xc4\xe3 <sip:\xff@h>\r\n"
    + b"Contact: <sip:a>;q=0.5;\r\n expires=5, *\r\n"
    + b"Allow: INVITE,\r\n ACK\r\n"
    + b"Expires: 30\r\n\r\n"
)


def in_a_map(data: bytes) -> mmap.mmap:
    mapped = mmap.mmap(-1, len(data))
    mapped[:] = data
    return mapped


@pytest.mark.parametrize(
    "hold", [bytes, bytearray, memoryview, in_a_map, lambda data: memoryview(b"x" + data)[1:]]
)
def test_values_of_a_message_in_any_buffer(
    engine: Engine, pure: Engine, hold: Callable[[bytes], Any]
) -> None:
    assert read_message(engine, hold(WHOLE)) == read_message(pure, WHOLE)


@pytest.mark.parametrize("hold", [bytes, bytearray, memoryview, in_a_map])
def test_values_outlive_their_message(engine: Engine, hold: Callable[[bytes], Any]) -> None:
    message: Any = engine.parse(hold(WHOLE))
    values = [message.vias, message.from_, message.to.uri, message.contacts, message.contact]
    expected = [seen(value) for value in values]
    parameters = message.from_.parameters
    del message
    gc.collect()
    for _ in range(100):
        engine.parse(bytes(WHOLE).swapcase().replace(b"sip/", b"SIP/"))
    assert [seen(value) for value in values] == expected
    assert parameters["tag"] == "1"


def test_a_value_outlives_its_text(engine: Engine) -> None:
    encoders: tuple[Callable[[str], Any], ...] = (str, str.encode)
    for encode in encoders:
        text = "sip:" + "a" * 1000 + "@example.com"
        uri = engine.module("values.uri").URI.parse(encode(text))
        del text
        gc.collect()
        assert uri.user == "a" * 1000


def test_a_value_outlives_the_message_and_what_is_written_to_the_buffer(engine: Engine) -> None:
    data = bytearray(WHOLE)
    message: Any = engine.parse(data)
    via = message.via
    with pytest.raises(BufferError):
        data.clear()
    del message
    data[:] = bytes(len(data))
    assert via.host == "a"
    del via
    data.clear()


# ---- what nobody should do ----------------------------------------------------------------------


def test_a_class_without_a_text_is_not_read(engine: Engine) -> None:
    with pytest.raises(TypeError, match="Value is not read from text"):
        engine.module("value").Value.parse("a")


@pytest.mark.parametrize(("module", "name"), CLASSES)
def test_a_value_that_was_never_read(engine: Engine, module: str, name: str) -> None:
    """It may raise, but leaves the process alive."""
    cls = getattr(engine.module(module), name)
    value = cls.__new__(cls)
    other = cls.__new__(cls)
    reads: list[Callable[[], Any]] = [
        *(partial(read, value) for read in (str, bytes, repr, hash)),
        *(partial(getattr, value, name) for name in properties(cls)),
        lambda: value == other,
        lambda: value.replace(),
    ]
    for read in reads:
        try:
            read()
        except (AttributeError, IndexError, ParseError, TypeError, ValueError):
            continue


def test_a_class_that_makes_something_else(engine: Engine) -> None:
    via: Any = engine.module("values.via").Via

    class Odd(via):  # type: ignore[misc]
        def __new__(cls) -> Any:
            return 3

    with pytest.raises((TypeError, AttributeError)):
        Odd.parse("SIP/2.0/UDP h")


def test_a_class_of_a_user(engine: Engine) -> None:
    via: Any = engine.module("values.via").Via

    class Mine(via):  # type: ignore[misc]
        @property
        def where(self) -> str:
            return f"{self.host} by {self.transport}"

    mine = Mine.parse("SIP/2.0/UDP h;branch=1")
    assert type(mine) is Mine
    assert mine.where == "h by UDP"
    assert type(mine.replace(host="i")) is Mine
    assert mine == Mine("h", branch="1")
    assert mine != via("h", branch="1")
    assert mine.__reduce__() == (Mine.parse, (b"SIP/2.0/UDP h;branch=1",))


def test_a_name_that_is_a_strange_str(native: Engine, pure: Engine) -> None:
    class Strange(str):
        __slots__ = ()

        def lower(self) -> Any:
            return None

        def isascii(self) -> Any:
            return None

    for engine in (native, pure):
        parameters = engine.module("values.via").Via.parse("SIP/2.0/UDP h;a=1").parameters
        assert parameters[Strange("A")] == "1"
