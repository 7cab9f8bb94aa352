"""No concurrent code makes the engine crash or read outside a buffer: `fuzz.attacks`.

Here each attack has a second; `python -m fuzz.attacks` gives it a minute, under sanitizers.
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
from pathlib import Path
from typing import Any

import pytest

from fuzz.attacks import ATTACKS, NATIVE_ONLY, WHOLE, child, lying_class, value_classes
from sipfast import ParseError, _lenient
from sipfast._engine import Engine
from sipfast.registry.header_names import HEADER_IDS

SECONDS = 1.0
CORE = Path(__file__).parents[2] / "sipfast" / "_core"


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_finds_nothing(engine: Engine, name: str) -> None:
    if engine.name == "pure" and name in NATIVE_ONLY:
        return
    found = child(name, engine.name, SECONDS, {**os.environ})
    assert not found, found


# ---- one test for each kind, so that a fault is named --------------------------------------------


def test_quotes_are_taken_off_what_was_copied(native: Engine) -> None:
    """A closing quote may go between the look for it and the taking off."""
    data = bytearray(WHOLE)
    message: Any = native.parse(data)
    sender = message.from_
    data[:] = data.replace(b'"', b"x")
    assert sender.display_name == 'A "quoted" \xe9 name'
    assert message.to.display_name == "Bob"


def test_value_keeps_the_bytes_as_they_were_read(engine: Engine) -> None:
    data = bytearray(WHOLE)
    message: Any = engine.parse(data)
    values = (message.vias, message.from_, message.contacts, message.authorization, message.cseq)
    before = str(values), [[str(value) for value in message.allow]]
    data[:] = b"\xff" * len(data)
    assert (str(values), [[str(value) for value in message.allow]]) == before


def test_no_view_of_the_buffer_can_be_found(native: Engine) -> None:
    data = bytearray(WHOLE)
    message: Any = native.parse(data)
    value = message.via
    views = [one for one in gc.get_objects() if type(one) is memoryview and one.obj is data]
    assert views == []
    with pytest.raises(BufferError):
        data.clear()
    assert value.host == message.via.host


@pytest.mark.parametrize(
    "made",
    ["an old value", None, 5, "another class"],
)
def test_what_new_makes_must_be_new(engine: Engine, made: Any) -> None:
    via, uri = (engine.module(name) for name in ("values.via", "values.uri"))
    old = via.Via.parse("SIP/2.0/UDP h.example:5060;branch=z9hG4bK1")

    class Liar(via.Via):  # type: ignore[misc,name-defined]
        def __new__(cls) -> Any:
            return {"an old value": old, "another class": uri.URI.__new__(uri.URI)}.get(made, made)

    with pytest.raises(TypeError, match="made no new Liar"):
        Liar.parse("SIP/2.0/UDP x")


def test_a_value_that_new_made_before_is_not_new(engine: Engine) -> None:
    via = engine.module("values.via").Via
    kept: list[Any] = []

    class Liar(via):  # type: ignore[misc,valid-type]
        def __new__(cls) -> Any:
            kept.append(kept[0] if kept else via.__new__(cls))
            return kept[0]

    first = Liar.parse("SIP/2.0/UDP h.example:5060;branch=" + "x" * 1000)
    with pytest.raises(TypeError, match="made no new Liar"):
        Liar.parse("SIP/2.0/UDP x")
    assert first.branch == "x" * 1000


class Text(str):
    """Text that lies about its bytes."""

    __slots__ = ()

    def encode(self, *_: Any) -> Any:
        return 5


def test_text_of_a_class_of_its_own_is_the_text_that_it_is(engine: Engine) -> None:
    assert engine.module("values.uri").URI.parse(Text("sip:\xe9@a")).user == "\xe9"
    credentials: Any = engine.module("values.auth").Credentials
    auth: Any = credentials.parse(
        'Digest username="a", realm="b", nonce="c", uri="sip:d", response="0"'
    )
    right = engine.module("values.digest").ha1("a", "b", "p\xe4ssword")
    assert engine.module("values.digest").ha1("a", "b", Text("p\xe4ssword")) == right
    assert auth.check(Text("p\xe4ssword"), method="INVITE") is False
    assert auth.check(None, method="INVITE", ha1=Text(right)) is False
    with pytest.raises(TypeError):
        auth.check(None, method="INVITE")
    with pytest.raises(TypeError):
        auth.check("p\xe4ssword", method=None)


@pytest.mark.parametrize("index", [-(2**31), -1, 7, 8, 10**6])
def test_an_index_is_one_that_there_is(engine: Engine, index: int) -> None:
    of, uri = engine.module("lists"), engine.module("values.uri")
    value = uri.URI.parse("sip:a@b")
    with pytest.raises((IndexError, ParseError)):
        uri.uri_in(value, index)
    message: Any = engine.parse(b"A sip:b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n\r\n")
    for read in (of.read_field, of.read_first):
        if engine.name == "native" or index != -1:
            with pytest.raises(IndexError):
                read(message, index, engine.module("values.via").Via)


def test_a_method_takes_only_its_own_class(native: Engine) -> None:
    message: Any = native.parse(WHOLE)
    classes = (type(message), native.Headers, native.Limits, type(message.via.parameters))
    for kind in (*value_classes(native), *classes):
        for name in dir(kind):
            method = getattr(kind, name)
            if callable(method) and not name.startswith("__") and not hasattr(method, "__self__"):
                with pytest.raises((TypeError, AttributeError)):
                    method(5)


def test_no_class_of_values_has_anything_of_its_own(native: Engine) -> None:
    """A user's class can pretend to be another, whose methods then get its objects."""
    value = native.module("value").Value
    for kind in value_classes(native):
        assert kind.__basicsize__ == value.__basicsize__
    assert {kind.__basicsize__ for kind in native.Message.__mro__[:-1]} == {
        native.Request.__basicsize__
    }
    bases = (CORE / "value.pxd", CORE / "wire" / "slices.pxd", CORE / "wire" / "table.pxd")
    known = {name for path in bases for name in re.findall(METHOD, path.read_text())}
    methods: dict[str, set[str]] = {}
    derived = {}
    for path in CORE.rglob("*.pxd"):
        rest = re.sub(FINAL, "", path.read_text())  # no class of a user's derives from it
        for text in re.split(r"^cdef class ", rest, flags=re.MULTILINE)[1:]:
            name, based = re.match(r"(\w+)(?:\((\w+)\))?:", text).groups()  # type: ignore[union-attr]
            methods[name] = {*re.findall(METHOD, text)}
            if based and based not in ("Section", "Multi") and name not in ("Value", "Table"):
                derived[name] = based
    assert {"Via", "Request", "_Forwarder"} <= {*derived}
    for name, based in derived.items():
        assert methods[name] <= known | methods.get(based, set()), name


def test_no_mapping_passes_for_another(native: Engine) -> None:
    """Parameters have fields that header fields have not, so Python refuses."""
    kinds = native.Headers, native.module("parameters").Parameters
    for mine, theirs in (kinds, kinds[::-1]):
        own: Any = type("Own", (mine,), {"__slots__": ()})
        other = type("Other", (theirs,), {"__slots__": ()})
        with pytest.raises(TypeError, match=r"layout|deallocator"):
            own.__bases__ = (theirs,)
        with pytest.raises(TypeError, match=r"layout|deallocator"):
            mine.__new__(own).__class__ = other


@pytest.mark.parametrize(
    ("module", "name"),
    [("multimapping", "Multi"), ("wire.table", "Reader"), ("message.headers", "Headers")],
)
def test_header_fields_of_no_message_are_none(native: Engine, module: str, name: str) -> None:
    base = getattr(native.module(module), name)
    made: Any = base.__new__(type("Own", (base,), {"__slots__": ()}))
    with contextlib.suppress(TypeError):  # a version of Python may refuse
        made.__class__ = type("Other", (native.Headers,), {"__slots__": ()})
    for read in ("get", "getall", "getone", "__getitem__", "__contains__"):
        with pytest.raises(AttributeError):
            getattr(made, read)("Via")
    for use in (len, list, repr, lambda made: [*made.keys()], lambda made: [*made.items()]):
        if name == "Headers":
            with pytest.raises(AttributeError):
                use(made)


FINAL = r"(?m)^@cython\.final\n(?:@.*\n)*cdef class .*\n(?:(?: .*)?\n)*"
METHOD = r"(?m)^    c(?:p)?def [\w ]*?(\w+)\(self"


def test_a_class_of_values_knows_whether_it_was_read(engine: Engine) -> None:
    for kind in value_classes(engine):
        half: Any = kind.__new__(kind)
        for _ in range(2):
            with pytest.raises((ParseError, TypeError, ValueError, AttributeError)):
                half.__init__("a\r\nX: 1", "b\r\nX: 1")
        if engine.name == "native":
            assert str(half) == ""


def test_what_a_class_says_of_its_bases_does_not_count(engine: Engine) -> None:
    for answer in (object, dict, str, bytearray, None):
        kind = lying_class(engine.module("values.uri").SipURI, answer)
        assert str(kind("h.example")) == "sip:h.example"


@pytest.mark.parametrize("number", [255, 256, 100_000, 20_000_000, -1, 2**40, None])
def test_a_number_of_a_header_field_is_one_that_there_is(
    engine: Engine, number: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HEADER_IDS, "x-mine", number)
    message: Any = engine.parse(b"A sip:b SIP/2.0\r\nX-Mine: 1\r\n\r\n")
    with contextlib.suppress(TypeError, OverflowError, ValueError):
        assert message.headers.get("X-Mine") in (None, "1")


def test_no_line_end_comes_out_of_a_buffer_that_was_written_to(engine: Engine) -> None:
    data = bytearray(WHOLE.replace(b"tag=1", b"tag=abcXXEvil:1").replace(b"123@", b"12XX@"))
    message: Any = engine.parse(data)
    data[:] = data.replace(b"XX", b"\r\n")
    sender = '"A \\"quoted\\" \xe9 name" <sip:a@example.com;user=phone>;tag=abc  Evil:1;y="\\\\z"'
    assert message.from_.tag == "abc  Evil:1"
    assert (str(message.from_), message.headers["From"]) == (sender, sender)
    assert engine.format_header(message.from_) == sender
    assert message.call_id == "12  @example.com"
    assert not any("\n" in text or "\r" in text for text in message.headers.values())


def test_cache_is_unreachable_from_python(native: Engine) -> None:
    message: Any = native.parse(WHOLE)
    allowed = message.allow
    assert native.parse(WHOLE).allow is allowed
    for found in gc.get_objects():
        if type(found) is list and len(found) >= 64:
            assert not any(type(one) is tuple and allowed in one for one in found)


def test_a_faulty_text_of_an_unknown_header_field(engine: Engine) -> None:
    with pytest.raises((ParseError, IndexError)):
        engine.module("lists").read_text(engine.module("values.via").Via, "bad", 10**6)


def test_parameter_number_needs_a_name(engine: Engine) -> None:
    of = engine.module("parameters")
    value = engine.module("values.via").Via.parse("SIP/2.0/UDP a;b=c;d")
    with pytest.raises((TypeError, AttributeError)):
        of.parameter_number(value, None, 5)


def test_no_range_begins_at_a_difference_of_unsigned_counts() -> None:
    """Compiled, the counts of a `sip_table` are unsigned: 0 - 1 is 2**32 - 1."""
    pattern = re.compile(r"range\([^)\n]*_parsed\.\w+\s*-")
    found = [path.name for path in CORE.rglob("*.py") if pattern.search(path.read_text("utf-8"))]
    assert found == []
    assert pattern.search("range(table._parsed.count - 1, -1, -1)")


def test_defect_of_a_missing_field_has_offset_zero(native: Engine) -> None:
    """A caller may say that the message has the field."""
    message = native.parse(b"OPTIONS sip:a SIP/2.0\r\nVia: x\r\n\r\n")
    found: list[Any] = []
    lie = {HEADER_IDS["require"]: ["100rel"]}
    native.module("defects.required").find_misplaced(message, lie, found)
    assert [(defect.code, defect.offset) for defect in found] == [("reliability-misplaced", 0)]


def test_numbers_of_a_lenient_message_lie_within_it(
    native: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What reads malformed bytes is Python, so that a program can put another in its place."""
    data = b"OPTIONS sip:a SIP/2.0\r\nbad\r\nTo: <sip:b>\r\nX-Y: z\r\n\r\nbody"
    honest = _lenient.read
    found = honest(data, native.Limits(), ParseError("bare-cr", 0))

    class Shrinking:
        def __index__(self) -> int:
            del spans[:]
            return 3

    spans: list[Any] = []
    lies: list[Any] = [-1, 2**31, 2**32 - 1, 2**32, 2**64, 30, 70, None, "1", Shrinking()]
    places = [(0, place) for place in range(len(found.line))]
    for part, place in places + [(1, place) for place in range(len(found.spans))]:
        for lie in lies:
            line, spans = [*found.line], [*found.spans]
            (line, spans)[part][place] = lie
            lying = found._replace(line=tuple(line), spans=spans)
            monkeypatch.setattr(_lenient, "read", lambda *_, lying=lying: lying)
            with contextlib.suppress(IndexError, OverflowError, TypeError, ValueError):
                message: Any = native.parse(data, lenient=True)
                assert len(message.raw) + len(message.body) <= 2 * len(data)
                _ = (repr(message), message.version, dict(message.headers), message.defects)
                with contextlib.suppress(ParseError):
                    _ = message.to
    monkeypatch.setattr(_lenient, "read", lambda *_: (1, 2, 3))
    with pytest.raises(AttributeError):
        native.parse(data, lenient=True)
