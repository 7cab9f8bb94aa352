"""Unpickling: pickles of either engine are rebuilt on the engine in use.

`sipfast/__init__.py` sets that engine. An instance of an engine's class is pickled by the name of
the class, an instance of a subclass by the subclass.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._core.limits import Limits
    from ._core.message.dialog import Dialog
    from ._core.message.draft import Draft
    from ._core.message.headers import Headers
    from ._core.message.message import Message, Request, Response
    from ._engine import Engine

ENGINES = ("sipfast._native.", "sipfast._core.")

_engine: Engine


def use(engine: Engine) -> None:
    """Rebuild on this engine from now on."""
    global _engine
    _engine = engine


def reduced(value: Any) -> tuple[Any, ...]:
    """The function and arguments that rebuild a value."""
    kind = type(value)
    for engine in ENGINES:
        if kind.__module__.startswith(engine):
            module = kind.__module__.removeprefix(engine)
            return value_of, (module, kind.__name__, bytes(value))
    return kind.parse, (bytes(value),)


def message_of(raw: bytes) -> Request | Response:
    """A message from its bytes, without limits: it met them when it was parsed."""
    return _engine.parse(raw, limits=_engine.NO_LIMITS)


def lenient_message_of(raw: bytes) -> Request | Response:
    """A message that was parsed leniently, from its bytes."""
    return _engine.parse(raw, lenient=True, limits=_engine.NO_LIMITS)


def headers_of(message: Message) -> Headers:
    """The header fields of a message."""
    return message.headers


def draft_of(raw: bytes) -> Draft:
    """A draft from its bytes."""
    return message_of(raw).edit()


def dialog_of(*state: Any) -> Dialog:
    """A dialog from its state."""
    dialog: Dialog = _engine.module("message.dialog").restored(*state)
    return dialog


def value_of(module: str, name: str, text: bytes) -> Any:
    """A value of a class in one of the modules, from its text."""
    return getattr(_engine.module(module), name).parse(text)


def record_of(module: str, name: str, fields: tuple[Any, ...]) -> Any:
    """A named tuple of one of the modules."""
    return getattr(_engine.module(module), name)(*fields)


def parameters_of(value: Any) -> Any:
    """The parameters of a value."""
    return value.parameters


def limits_of(size: int, headers: int, line: int) -> Limits:
    """Limits from these numbers."""
    return _engine.Limits(size=size, headers=headers, line=line)
