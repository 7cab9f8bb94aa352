"""Which engine is in use: the only place that chooses between `_native` and `_core`."""

from __future__ import annotations

import importlib
import os
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._core import limits
    from ._core.message import headers, message


class Engine(NamedTuple):
    """One of the two engines; both can live in one process."""

    name: str
    """``"native"`` or ``"pure"``."""
    kernel: str | None
    """The kernel that scans the bytes when the engine loads, or None for the pure one."""
    parse: Callable[..., message.Request | message.Response]
    Message: type[message.Message]
    Request: type[message.Request]
    Response: type[message.Response]
    Headers: type[headers.Headers]
    Limits: type[limits.Limits]
    NO_LIMITS: limits.Limits
    parse_header: Callable[..., Any]
    format_header: Callable[[Any], str]

    def module(self, name: str) -> Any:
        """One of the engine's modules, such as ``"values.uri"``."""
        return importlib.import_module(f"{_PACKAGES[self.name]}.{name}")

    def classes(self, module: str, *names: str) -> list[Any]:
        """Classes of one of the engine's modules."""
        of = self.module(module)
        return [getattr(of, name) for name in names]


_PACKAGES = {"native": "sipfast._native", "pure": "sipfast._core"}


def load(name: str) -> Engine:
    """The engine of this name; ImportError where the native one was not built."""
    package = _PACKAGES.get(name)
    if package is None:
        raise ImportError(f"there is no engine {name!r}")
    kernel = None
    if name == "native":
        tokenizer = importlib.import_module(f"{package}.wire.tokenizer")
        forced = os.environ.get("SIPFAST_FORCE_KERNEL")
        if forced:
            try:
                tokenizer.use_kernel(forced)
            except ValueError as error:
                raise ValueError(f"SIPFAST_FORCE_KERNEL: {error}") from None
        kernel = tokenizer.kernel()
    of_headers = importlib.import_module(f"{package}.message.headers")
    of_limits = importlib.import_module(f"{package}.limits")
    of_message = importlib.import_module(f"{package}.message.message")
    of_typed = importlib.import_module(f"{package}.message.properties")
    return Engine(
        name,
        kernel,
        of_message.parse,
        of_message.Message,
        of_message.Request,
        of_message.Response,
        of_headers.Headers,
        of_limits.Limits,
        of_limits.NO_LIMITS,
        of_typed.parse_header,
        of_typed.format_header,
    )


def _choose() -> Engine:
    if os.environ.get("SIPFAST_PURE", "") not in ("", "0"):
        return load("pure")
    try:
        return load("native")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("sipfast._native"):
            raise
    except ImportError as error:
        warnings.warn(f"sipfast runs on the pure engine: {error}", RuntimeWarning, stacklevel=2)
    return load("pure")


ENGINE = _choose()


def parse_again(raw: bytes) -> message.Request | message.Response:
    """Unpickle a message, on the engine in use; it passed its limits once."""
    return ENGINE.parse(raw, limits=ENGINE.NO_LIMITS)


def headers_of(parsed: message.Message) -> headers.Headers:
    """Unpickle the header fields of a message."""
    return parsed.headers


def reduced(value: Any) -> tuple[Any, ...]:
    """How a value is pickled: by name if its class is the engine's, else by its own class."""
    for package in _PACKAGES.values():
        if type(value).__module__.startswith(f"{package}."):
            module = type(value).__module__.removeprefix(f"{package}.")
            return value_again, (module, type(value).__name__, bytes(value))
    return type(value).parse, (bytes(value),)


def value_again(module: str, name: str, text: bytes) -> Any:
    """Unpickle a value of a class in one of the modules, on the engine in use."""
    return getattr(ENGINE.module(module), name).parse(text)


def record_again(module: str, name: str, fields: tuple[Any, ...]) -> Any:
    """Unpickle a named tuple of one of the modules, on the engine in use."""
    return getattr(ENGINE.module(module), name)(*fields)


def parameters_of(value: Any) -> Any:
    """Unpickle the parameters of a value."""
    return value.parameters


def make_limits(size: int, headers: int, line: int) -> limits.Limits:
    """Unpickle limits, on the engine in use."""
    return ENGINE.Limits(size=size, headers=headers, line=line)


def dump(parsed: Any) -> tuple[object, ...]:
    """All that the tokenizer found, as plain numbers: for comparing the engines."""
    result: tuple[object, ...] = parsed._dump()
    return result
