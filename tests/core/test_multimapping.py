"""Header fields and parameters as mappings, which behave as multidict's `MultiMapping`."""

from __future__ import annotations

import operator
from collections.abc import Callable, ItemsView, KeysView, Mapping, ValuesView
from typing import Any

import pytest
from samples import sample

from sipfast._engine import Engine

PAIRS = [("A", "1"), ("b", "2"), ("a", "3"), ("B", "2"), ("c", "")]
Make = Callable[[list[tuple[str, Any]]], Any]


@pytest.fixture(params=["headers", "parameters", "parameters of a URI"])
def make(engine: Engine, request: pytest.FixtureRequest) -> Make:
    """Makes a mapping of pairs."""

    def headers(pairs: list[tuple[str, Any]]) -> Any:
        return engine.parse(
            b"".join([b"OPTIONS sip:a SIP/2.0\r\n", *map(field, pairs), b"\r\n"])
        ).headers

    def field(pair: tuple[str, Any]) -> bytes:
        return f"{pair[0]}: {pair[1]}\r\n".encode()

    def parameters(pairs: list[tuple[str, Any]]) -> Any:
        text = "".join([f";{n}" if v is None else f";{n}={v}" for n, v in pairs])
        if request.param == "parameters":
            return engine.module("values.address").Address.parse(f"<sip:a>{text}").parameters
        return engine.module("values.uri").URI.parse(f"sip:a{text}").parameters

    return headers if request.param == "headers" else parameters


def test_is_a_mapping(make: Make) -> None:
    found = make(PAIRS)
    assert isinstance(found, Mapping)
    assert issubclass(type(found), Mapping)
    match found:
        case {"a": value, "B": other}:
            assert (value, other) == ("1", "2")
        case _:
            raise AssertionError("no mapping pattern matches")


def test_agrees_with_multidict(make: Make) -> None:
    multidict = pytest.importorskip("multidict", reason="pip install multidict")
    theirs, ours = multidict.CIMultiDict(PAIRS), make(PAIRS)
    assert [*ours.items()] == [*theirs.items()]
    assert [*ours.values()] == [*theirs.values()]
    assert len(ours) == len(theirs)
    default = object()
    for name in ("a", "A", "b", "c", "d", ""):
        for call in (
            lambda of, name=name: of[name],
            lambda of, name=name: of.getone(name),
            lambda of, name=name: of.getone(name, None),
            lambda of, name=name: of.getone(name, default),
            lambda of, name=name: of.getone(key=name) if of is theirs else of.getone(name=name),
            lambda of, name=name: of.getall(name),
            lambda of, name=name: of.getall(name, None),
            lambda of, name=name: of.getall(name, default=default),
            lambda of, name=name: of.get(name),
            lambda of, name=name: of.get(name, default),
            lambda of, name=name: name in of,
            lambda of, name=name: (name, "3") in of.items(),
            lambda of, name=name: name in of,
        ):
            assert said(call, ours) == said(call, theirs), name
    for thing in (1, None, b"a"):
        assert (thing in ours) is (thing in theirs) is False
    for pairs in (PAIRS[:2], PAIRS[:4]):
        one, other = make(pairs), multidict.CIMultiDict(pairs)
        for mapping in ({"A": "1", "b": "2"}, {"A": "1"}, {"A": "1", "b": "3"}, {}):
            assert (one == mapping) is (other == mapping)


def said(call: Callable[[Any], Any], mapping: Any) -> Any:
    """The result of a call, or the class of its error."""
    try:
        return call(mapping)
    except KeyError:
        return KeyError


def test_a_name_is_iterated_over_as_often_as_it_stands(make: Make) -> None:
    found = make(PAIRS)
    names = [name for name, _ in PAIRS]
    assert [*found] == [*found.keys()] == names
    assert [*found.items()] == PAIRS
    assert [*found.values()] == [value for _, value in PAIRS]
    assert len(found) == len(found.keys()) == len(found.items()) == len(found.values()) == 5
    assert dict(found) == {"A": "1", "b": "2", "a": "1", "B": "2", "c": ""}


def test_keys_items_and_values_are_views(make: Make) -> None:
    found = make(PAIRS)
    assert isinstance(found.keys(), KeysView)
    assert isinstance(found.items(), ItemsView)
    assert isinstance(found.values(), ValuesView)
    assert found.keys() & {"A", "x"} == {"A"}
    assert found.items() == set(PAIRS)
    assert ("a", "3") in found.items()
    assert ("a", "2") not in found.items()
    assert ("x", "2") not in found.items()
    assert all(thing not in found.items() for thing in (("a",), "a", (1, "2"), None))
    assert ("3" in found.values(), "4" in found.values()) == (True, False)
    assert "C" in found.keys()  # noqa: SIM118
    assert repr(found.values()) == "Values(['1', '2', '3', '2', ''])"
    assert repr(found.items()) == f"Items({PAIRS!r})"


OPERATORS = [
    *(operator.and_, operator.or_, operator.sub, operator.xor),
    *(operator.eq, operator.ne, operator.le, operator.lt, operator.ge, operator.gt),
]


@pytest.mark.parametrize("view", ["keys", "items"])
@pytest.mark.parametrize("operation", OPERATORS)
def test_views_are_sets_as_collections_abc_has_them(
    make: Make, view: str, operation: Callable[[Any, Any], Any]
) -> None:
    pairs = [("A", "1"), ("B", "2"), ("C", "3")]
    one = getattr(make(pairs), view)()
    theirs = set(one)
    for some in (pairs, pairs[:2], [], [*pairs, ("D", "4")], [("D", "4"), ("B", "2")]):
        for other in (set(getattr(dict(some), view)()), getattr(dict(some), view)()):
            assert operation(one, other) == operation(theirs, other), other
            assert operation(other, one) == operation(other, theirs), other
        other = getattr(make(some), view)()
        assert operation(one, other) == operation(theirs, set(other)), some
        assert one.isdisjoint(other) is theirs.isdisjoint(other)
    for thing in (1, None):
        if operation not in (operator.eq, operator.ne):
            for sides in ((one, thing), (thing, one)):
                with pytest.raises(TypeError):
                    operation(*sides)
    assert (one == 1, one != 1) == (False, True)


def test_views_are_no_keys_and_are_made_by_their_mapping(make: Make) -> None:
    found = make(PAIRS)
    assert found.values() != found.values()
    assert isinstance(hash(found.values()), int)
    for view in (found.keys(), found.items()):
        with pytest.raises(TypeError, match="unhashable"):
            hash(view)
    for view in (found.keys(), found.items(), found.values()):
        kind: Any = type(view)
        with pytest.raises(TypeError, match=r"keys\(\)"):
            kind()
        with pytest.raises(AttributeError):
            [*kind.__new__(kind)]


def test_getone_and_getall(make: Make) -> None:
    found = make(PAIRS)
    assert (found.getone("A"), found.getone("a"), found["a"]) == ("1", "1", "1")
    assert (found.getall("A"), found.getall("c")) == (["1", "3"], [""])
    for read in (found.__getitem__, found.getone, found.getall):
        with pytest.raises(KeyError, match="'x'"):
            read("x")
    assert found.getone("x", None) is found.getall("x", None) is None
    assert (found.getone("x", 1), found.getall("x", [])) == (1, [])
    assert found.getone(name="x", default=2) == found.getall(name="x", default=2) == 2
    found.getall("A").clear()
    assert found.getall("A") == ["1", "3"]


@pytest.mark.parametrize(
    "other",
    [{}, {"A": "1"}, {"A": "1", "b": "2", "x": ""}, {"A": "1", "b": "3"}, {"A": "1", 2: "2"}, 5],
)
def test_differs_from_other_mappings(make: Make, other: Any) -> None:
    assert make([("a", "1"), ("B", "2")]) != other


def test_is_equal_to_a_mapping_of_the_same(make: Make) -> None:
    found = make([("a", "1"), ("B", "2")])
    assert found == {"B": "2", "A": "1"}
    assert found == {"a": "1", "b": "2"}
    assert found != {"a": "1", "A": "1"}
    assert make([("a", "1"), ("A", "1")]) != {"a": "1"}
    assert make([("a", "1"), ("A", "1")]) != {"a": "1", "A": "1"}


def test_equal_ones_hash_alike(make: Make) -> None:
    one, other = make([("a", "1"), ("B", "2")]), make([("A", "1"), ("b", "2")])
    assert one == other
    assert hash(one) == hash(other)
    assert one != make([("a", "1")])
    assert one != make([("a", "1"), ("B", "3")])


def test_a_compact_form_is_the_same_name(engine: Engine) -> None:
    one, other = (
        engine.parse(b"OPTIONS sip:a SIP/2.0\r\n" + name + b": b\r\n\r\n").headers
        for name in (b"v", b"VIA")
    )
    assert one == other == {"Via": "b"}
    assert one == {"v": "b"}
    assert hash(one) == hash(other)


@pytest.mark.parametrize("text", ["<sip:a>;lr;e=;LR=1", "sip:a;lr;e=;LR=1", "tel:+1;lr;e=;LR=1"])
def test_a_flag_is_none_in_every_view(engine: Engine, text: str) -> None:
    of = (
        engine.module("values.address").Address
        if text[0] == "<"
        else engine.module("values.uri").URI
    )
    found = of.parse(text).parameters
    for _ in range(12):  # before and after an index is made
        assert found["lr"] is found.get("lr", 1) is found.getone("lr", 1) is None
        assert (found["e"], found.get("e"), found.getone("E")) == ("", "", "")
    assert (found.getall("LR"), found.getall("e")) == ([None, "1"], [""])
    assert [*found.items()] == [("lr", None), ("e", ""), ("LR", "1")]
    assert [*found.values()] == [None, "", "1"]
    assert ("lr", None) in found.items()
    assert None in found.values()
    assert "lr" in found
    assert dict(found) == {"lr": None, "e": "", "LR": None}
    assert of.parse(text.replace(";LR=1", "")).parameters == {"lr": None, "E": ""}


def test_cannot_be_made_again(engine: Engine) -> None:
    message: Any = engine.parse(sample())
    headers, parameters = message.headers, message.to.parameters
    before = [*headers.items()], [*parameters.items()]
    with pytest.raises(TypeError):
        headers.__init__(engine.parse(sample(b"SIP/2.0 200 OK")))
    with pytest.raises(TypeError):
        headers.__init__()
    with pytest.raises(TypeError, match="immutable"):
        parameters.__init__(message.from_)
    assert ([*headers.items()], [*parameters.items()]) == before
    with pytest.raises(TypeError, match="message"):
        engine.Headers()


@pytest.mark.parametrize("fields", [b"", b"X: 1\r\n", b"X: 1\r\nx: 2\r\n"])
def test_many_unregistered_names_are_looked_up_in_few_fields(engine: Engine, fields: bytes) -> None:
    message = engine.parse(b"OPTIONS sip:a@b SIP/2.0\r\n" + fields + b"\r\n")
    for number in range(30):
        assert message.headers.get(f"Absent-{number}") is None
        assert message.headers.getall("X", []) == ["1", "2"][: fields.count(b":")]


def test_it_is_not_reversible(make: Make) -> None:
    assert Mapping.__reversed__ is None  # type: ignore[attr-defined]
    mapping = make(PAIRS)
    assert type(mapping).__reversed__ is None
    with pytest.raises(TypeError, match=r"' object is not reversible$"):
        reversed(mapping)
