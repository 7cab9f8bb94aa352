"""Constructors and `replace` of every public class: signatures and refused arguments."""

from __future__ import annotations

import inspect
import pydoc
from collections.abc import Callable
from typing import Any

import pytest
from core.test_building import BUILT

import sipfast
import sipfast.auth
import sipfast.values
from sipfast._engine import Engine, load
from sipfast.calls import Call
from sipfast.errors import Defect, FramingError, Incomplete, LimitExceeded, ParseError
from sipfast.keepalive import Ping, Pong
from sipfast.next_hop import NextHop
from sipfast.nonces import AkaNonce, NonceCounts, Nonces


class Odd:
    """No argument is of this type."""


def classes(engine: Engine) -> dict[str, type]:
    """The public classes of an engine."""
    found: dict[str, type] = {}
    for module in (
        "values",
        "values.auth",
        "sdp.description",
        "message.message",
        "limits",
        "message.draft",
        "message.dialog",
        "message.hop",
        "message.stream",
    ):
        found |= {
            name: value for name, value in vars(engine.module(module)).items() if name in PUBLIC
        }
    return found | {"Headers": engine.Headers}


PUBLIC = {
    name
    for module in (sipfast, sipfast.values, sipfast.auth)
    for name in module.__all__
    if type(getattr(module, name)) is type
}
NAMES = sorted(classes(load("pure")))
NOT_OF_AN_ENGINE = (
    *(Defect, FramingError, Incomplete, LimitExceeded, ParseError),
    *(AkaNonce, Call, NextHop, Nonces, NonceCounts, Ping, Pong),
)


def shape(of: Callable[..., Any]) -> list[tuple[Any, ...]]:
    """Names, kinds and defaults of the parameters."""
    parameters = inspect.signature(of).parameters.values()
    return [(each.name, each.kind, each.default) for each in parameters if each.name != "self"]


def test_all_classes_are_looked_at() -> None:
    assert {*PUBLIC, *BUILT} <= {*NAMES, *(each.__name__ for each in NOT_OF_AN_ENGINE)}


@pytest.mark.parametrize("name", NAMES)
def test_a_class_has_the_same_signature_on_both_engines(
    native: Engine, pure: Engine, name: str
) -> None:
    mine, theirs = classes(native)[name], classes(pure)[name]
    assert shape(mine) == shape(theirs)
    assert (inspect.getdoc(mine) or "") == (inspect.getdoc(theirs) or "")


@pytest.mark.parametrize("name", NAMES)
def test_replace_takes_what_the_constructor_takes(native: Engine, pure: Engine, name: str) -> None:
    mine, theirs = classes(native)[name], classes(pure)[name]
    if not hasattr(theirs, "replace"):
        return
    assert shape(mine.replace) == shape(theirs.replace)  # type: ignore[attr-defined]
    replaced = inspect.signature(mine.replace).parameters.values()  # type: ignore[attr-defined]
    made = getattr(mine, "build", mine)
    assert shape(made) == shape(getattr(theirs, "build", theirs))
    assert {each.name for each in replaced} == {"self", *inspect.signature(made).parameters}
    for each in [*replaced][1:]:
        assert (each.kind, each.default) == (inspect.Parameter.KEYWORD_ONLY, ...), each


@pytest.mark.parametrize("name", BUILT)
def test_help_shows_them(native: Engine, name: str) -> None:
    cls = classes(native)[name]
    text = pydoc.plain(pydoc.render_doc(cls))
    for argument in inspect.signature(cls).parameters:
        assert text.count(argument) >= 2, argument


@pytest.mark.parametrize("thing", [Odd(), 1 + 2j, None], ids=["object", "complex", "None"])
@pytest.mark.parametrize("name", BUILT)
def test_an_argument_of_another_type_is_named(
    engine: Engine, pure: Engine, name: str, thing: Any
) -> None:
    built, cls = BUILT[name], classes(engine)[name]
    value: Any = cls(**built.example)
    for each in inspect.signature(classes(pure)[name]).parameters.values():
        if thing is None and "None" in each.annotation:
            continue
        found = type(thing).__name__
        many = each.kind is inspect.Parameter.VAR_POSITIONAL
        with pytest.raises(TypeError, match=f"^{each.name} must be [^,]+, not {found}$"):
            cls(thing) if many else cls(**(built.example | {each.name: thing}))
        with pytest.raises(TypeError, match=f"^{each.name} must be [^,]+, not {found}$"):
            value.replace(**{each.name: thing})


@pytest.mark.parametrize("name", BUILT)
def test_an_argument_that_there_is_not_is_named(engine: Engine, name: str) -> None:
    built, cls = BUILT[name], classes(engine)[name]
    for take in (cls, cls(**built.example).replace):
        with pytest.raises(TypeError, match="colour"):
            take(**(built.example | {"colour": 1}))


@pytest.mark.parametrize("name", ["size", "headers", "line"])
def test_limits_name_their_argument(engine: Engine, name: str) -> None:
    with pytest.raises(TypeError, match=f"^{name} must be int, not str$"):
        engine.Limits(**{name: "1"})  # type: ignore[arg-type]


def test_limits_cannot_be_made_again(engine: Engine) -> None:
    limits = engine.Limits(size=5)
    with pytest.raises(TypeError, match="immutable"):
        limits.__init__(size=6)  # type: ignore[misc]
    assert limits == engine.Limits(size=5)


def test_functions_have_signatures(native: Engine, pure: Engine) -> None:
    for name in ("parse", "parse_header", "format_header"):
        assert shape(getattr(native, name))[:2] == shape(getattr(pure, name))[:2]
