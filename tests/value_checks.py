"""Checks of typed values of any class, on either engine."""

from __future__ import annotations

import pickle
from typing import Any

from hypothesis import strategies as st
from seen import reading, seen

from sipfast._engine import Engine

TOKEN_CHARACTERS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.!%*_+`'~"  # RFC 3261 25.1
)
tokens = st.text(TOKEN_CHARACTERS, min_size=1, max_size=12)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"))
bare_pairs = st.lists(st.tuples(tokens, st.one_of(st.none(), tokens)), max_size=3)
pairs = st.lists(st.tuples(tokens, st.one_of(st.none(), tokens, texts.filter(bool))), max_size=3)

BEYOND = ("ééééééé", "你好", "\U0001f4de\U0001f4de", "\udcff\udc80", "é你\U0001f4de\udcc3\udcff")
"""Text beyond ASCII: of two, three and four bytes a character, no UTF-8 at all, and of each."""

# Text that is nearly a value: pieces that mean something to one of the shapes.
_PIECES = (
    *';,="<>/:?@\\(). \t',
    *BEYOND,
    *(";;", '""', "\\", "é", "\x00", "%41", "a", "9", "16", "99999999999", "0" * 32),
    *("info=<", "index=", "cause=", "q=", "remote=", "encoding=hex", "SIP", "sip:a@b"),
)
hostile = st.lists(st.sampled_from(_PIECES), max_size=12).map("".join)


def assert_agree(native: Engine, pure: Engine, header: str, text: str) -> None:
    """Both engines find the same in a text, or raise the same."""
    assert reading(native.parse_header, header, text) == reading(pure.parse_header, header, text)


def assert_whole(value: Any) -> None:
    """A value survives its text, its bytes, a pickle and a replacement of nothing."""
    cls = type(value)
    for again in (
        cls.parse(str(value)),
        cls.parse(bytes(value)),
        pickle.loads(pickle.dumps(value)),
    ):
        assert str(again) == str(value)
    for equal in (cls.parse(str(value)), value.replace()):
        assert equal == value
        assert hash(equal) == hash(value)


def assert_same_text(
    native: Engine, pure: Engine, module: str, name: str, *args: Any, **kw: Any
) -> None:
    """Both engines build a value with the same text, and the same in it; it is whole."""
    made = [getattr(engine.module(module), name)(*args, **kw) for engine in (native, pure)]
    assert seen(made[0]) == seen(made[1])
    assert_whole(made[0])
    assert_whole(made[1])
