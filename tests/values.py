"""Helpers of the tests of typed values: texts for hypothesis, and a comparison of the engines."""

from __future__ import annotations

import pickle
from typing import Any

from hypothesis import strategies as st
from samples import OPTIONS, sample
from seen import reading

from sipfast._engine import Engine

TOKEN = st.text("abcXYZ019-.!%*_+`'~", min_size=1, max_size=8)
NUMBER = st.integers(0, 2**31 - 1)
SECONDS = st.integers(0, 2**32 - 1)
SPACE = st.sampled_from(["", " ", "\t", "  "])
TEXT = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8)
PAIRS = st.lists(st.tuples(TOKEN.map("x-".__add__), st.one_of(st.none(), TEXT)), max_size=3)

HOSTILE = st.one_of(
    st.text(max_size=40),
    st.text(' \t;,="\\()<>/*@:.0159aGMTé你\U0001f4de\udcff\udcc3\0', max_size=40),
    st.binary(max_size=40),
)


def parsed(engine: Engine, *fields: bytes, **changed: Any) -> Any:
    """A sample with these fields."""
    return engine.parse(sample(OPTIONS, *fields, **changed))


def agree(native: Engine, pure: Engine, module: str, name: str, text: str | bytes) -> None:
    """Both engines read the same, or raise the same."""
    read = [getattr(engine.module(module), name).parse for engine in (native, pure)]
    assert reading(read[0], text) == reading(read[1], text)


def holds(engine: Engine, value: Any) -> None:
    """Check the invariants of every value: text, equality, hash, pickle and copy agree."""
    again = type(value).parse(str(value))
    assert str(again) == str(value)
    assert again == value
    assert hash(again) == hash(value)
    assert type(value).parse(bytes(value)) == value
    assert value != str(value)
    if engine.name == "native":  # a pickle is read on the engine in use
        assert pickle.loads(pickle.dumps(value)) == value
    if hasattr(value, "replace"):
        assert value.replace() == value
