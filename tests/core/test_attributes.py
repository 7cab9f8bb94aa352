"""Attributes of messages and values: the same as Python's, by every way of lookup."""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest
from samples import sample

from sipfast._engine import Engine

TURNS = 3
"""The first read may fill a cache for later ones."""


def readable(subject: Any) -> list[str]:
    """The public names of an object's class."""
    return [name for name in dir(type(subject)) if not name.startswith("_")]


def same(one: Any, other: Any) -> bool:
    """Whether two reads of an attribute agree; some are a new object each time."""
    return type(one) is type(other) and (one == other or " at 0x" in repr(one))


@pytest.fixture(params=["request", "response", "via"])
def subject(engine: Engine, request: pytest.FixtureRequest) -> Any:
    message = engine.parse(sample())
    if request.param == "via":
        return message.via
    return message if request.param == "request" else engine.parse(sample(b"SIP/2.0 200 OK"))


def test_every_name_is_read_as_its_class_says(subject: Any) -> None:
    for name in readable(subject) * TURNS:
        of_class = next(vars(cls)[name] for cls in type(subject).__mro__ if name in vars(cls))
        assert same(getattr(subject, name), of_class.__get__(subject, type(subject))), name


def test_name_may_be_another_str_that_is_equal(subject: Any) -> None:
    for name in readable(subject) * TURNS:
        spelt = "".join(list(name))  # a new object
        assert same(getattr(subject, spelt), getattr(subject, name)), name


def test_name_that_is_not_there_is_an_error(subject: Any) -> None:
    for number in range(5000):
        with pytest.raises(AttributeError, match=f"nothing_{number}"):
            getattr(subject, f"nothing_{number}")
    for _ in range(TURNS):
        assert not hasattr(subject, "nothing")
        assert getattr(subject, "nothing", 7) == 7
        with pytest.raises(TypeError):
            subject.__getattribute__(5)


def test_attributes_cannot_be_set(subject: Any) -> None:
    for name in (*readable(subject), "nothing") * TURNS:
        with pytest.raises((AttributeError, TypeError)):
            setattr(subject, name, 1)
        with pytest.raises((AttributeError, TypeError)):
            delattr(subject, name)


def test_derived_class_may_say_otherwise(engine: Engine) -> None:
    via = engine.module("values.via").Via

    class Shouting(via):  # type: ignore[misc, valid-type]
        note = "mine"

        @property
        def host(self) -> str:
            return str(super().host).upper()

        def __getattr__(self, name: str) -> str:
            return f"no {name}"

    text = "SIP/2.0/UDP host.example.com:5070;branch=z9hG4bK1"
    for _ in range(TURNS):
        ours, theirs = Shouting.parse(text), via.parse(text)
        assert (ours.host, theirs.host) == ("HOST.EXAMPLE.COM", "host.example.com")
        assert (ours.port, theirs.port) == (5070, 5070)
        assert (ours.note, ours.other) == ("mine", "no other")
        assert not hasattr(theirs, "note")
        Shouting.note = "mine"
    Shouting.note = "changed"
    assert Shouting.parse(text).note == "changed"


def test_reading_keeps_nothing(engine: Engine) -> None:
    message = engine.parse(sample())
    names = readable(message)
    for name in names:
        getattr(message, name)
    gc.collect()
    before = sum(map(sys.getrefcount, names))
    for _ in range(1000):
        for name in names:
            getattr(message, name)
    assert sum(map(sys.getrefcount, names)) - before < 1000
