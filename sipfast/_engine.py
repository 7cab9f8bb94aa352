"""The choice of the engine, `_native` or `_core`, made only here."""

from __future__ import annotations

import importlib
import os
import sysconfig
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

from ._install import IS_CHECKOUT, is_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._core import limits
    from ._core.message import headers, message


class Engine(NamedTuple):
    """One of the two engines; one process can use both."""

    name: str
    """``"native"`` or ``"pure"``."""
    kernel: str | None
    """The kernel that scans bytes, chosen when the engine loads; None for the pure engine."""
    parse: Callable[..., message.Request | message.Response]
    Message: type[message.Message]
    Request: type[message.Request]
    Response: type[message.Response]
    Headers: type[headers.Headers]
    Limits: type[limits.Limits]
    NO_LIMITS: limits.Limits
    READER: message.Reader
    """The functions that read bodies."""
    parse_header: Callable[..., Any]
    format_header: Callable[..., str]

    def module(self, name: str) -> Any:
        """One of the engine's modules, such as ``"values.uri"``."""
        return importlib.import_module(f"{_PACKAGES[self.name]}.{name}")

    def classes(self, module: str, *names: str) -> list[Any]:
        """Classes of one of the engine's modules."""
        of = self.module(module)
        return [getattr(of, name) for name in names]


_PACKAGES = {"native": "sipfast._native", "pure": "sipfast._core"}


def load(name: str) -> Engine:
    """The engine of this name; ImportError if the native one is not built."""
    package = _PACKAGES.get(name)
    if package is None:
        raise ImportError(f"unknown engine {name!r}")
    kernel = None
    if name == "native":
        if sysconfig.get_config_var("Py_GIL_DISABLED"):
            raise ImportError("the native engine needs a Python with the GIL", name=package)
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
    of_parsing = importlib.import_module(f"{package}.message.parsing")
    of_properties = importlib.import_module(f"{package}.message.properties")
    of_message.derive_with(lambda module: importlib.import_module(f"{package}.message.{module}"))
    return Engine(
        name,
        kernel,
        of_parsing.parse,
        of_message.Message,
        of_message.Request,
        of_message.Response,
        of_headers.Headers,
        of_limits.Limits,
        of_limits.NO_LIMITS,
        of_parsing.READER,
        of_properties.parse_header,
        of_properties.format_header,
    )


def _choose() -> Engine:
    if is_set("SIPFAST_PURE"):
        return load("pure")
    try:
        return load("native")
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("sipfast._native"):
            raise
        if IS_CHECKOUT:
            _warn("this checkout is not built: make build")
    except ImportError as error:
        _warn(str(error))
    return load("pure")


def _warn(why: str) -> None:
    message = f"sipfast runs on the pure engine: {why}"
    # The stack level of the line that imports sipfast, above this module and the package.
    warnings.warn(message, RuntimeWarning, stacklevel=5)


ENGINE = _choose()
