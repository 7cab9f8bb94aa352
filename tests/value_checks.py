"""What holds for a typed value of any class, on either engine."""

from __future__ import annotations

import pickle
from typing import Any

from hypothesis import strategies as st

from sipfast import ParseError
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


def outcome(read: Any) -> Any:
    """What a call gives, or the code, the byte and the header field of what it raises."""
    try:
        return plain(read())
    except ParseError as error:
        return error.code, error.offset, error.header


def plain(value: Any) -> Any:
    """A value as what can be compared across engines."""
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    return repr(value)


def facts(value: Any) -> dict[str, Any]:
    """Text and every property of a value, or of each of a tuple."""
    if isinstance(value, tuple):
        return {str(at): facts(item) for at, item in enumerate(value)}
    if type(value) in (str, int):
        return {"value": value}
    names = [
        name
        for name in dir(type(value))
        if not name.startswith("_") and not callable(getattr(type(value), name))
    ]
    found = {name: outcome(lambda name=name: getattr(value, name)) for name in names}
    return {"class": type(value).__name__, "text": str(value), "bytes": bytes(value), **found}


def read_facts(engine: Engine, header: str, text: str) -> Any:
    """What `parse_header` makes of a text, with everything it says; or its error."""
    try:
        return facts(engine.parse_header(header, text))
    except ParseError as error:
        return error.code, error.offset, error.header


def assert_agree(native: Engine, pure: Engine, header: str, text: str) -> None:
    """Both engines find the same in a text, or raise the same."""
    assert read_facts(native, header, text) == read_facts(pure, header, text)


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
    assert facts(made[0]) == facts(made[1])
    assert_whole(made[0])
    assert_whole(made[1])
