"""The engines, and the kernels of the native one, as subjects of measurements."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.rivals import Facts
from sipfast import _engine

Parse = Callable[..., Any]


def engine_parse(engine: str) -> Parse:
    """Return the `parse` of ``"native"`` or ``"pure"``; ImportError if it is not built."""
    parse: Parse = _engine.load(engine).parse
    return parse


def engine_module(engine: str, name: str) -> Any:
    """Return a module of an engine, compiled or not."""
    return _engine.load(engine).module(name)


def no_limits(engine: str) -> Any:
    """Return the engine's limits that allow every message."""
    return _engine.load(engine).NO_LIMITS


def engines() -> list[str]:
    """Return the available engines, the fastest first."""
    found: list[str] = []
    for engine in ("native", "pure"):
        try:
            engine_parse(engine)
        except ImportError:
            continue
        found.append(engine)
    return found


def tokenizer() -> Any:
    """Return the native tokenizer's module."""
    return importlib.import_module("sipfast._native.wire.tokenizer")


@dataclass(frozen=True)
class Variant:
    """An engine with a kernel that this machine supports."""

    engine: str
    kernel: str | None

    @property
    def name(self) -> str:
        """Its name in tables and charts."""
        return f"sipfast {self.engine} {self.kernel}" if self.kernel else f"sipfast {self.engine}"

    def select(self) -> Parse:
        """Switch to this variant's kernel and return its `parse`."""
        if self.kernel is not None:
            tokenizer().use_kernel(self.kernel)
        return engine_parse(self.engine)


def variants() -> list[Variant]:
    """Return every available engine and kernel, the default first."""
    found: list[Variant] = []
    for engine in engines():
        kernels = tokenizer().kernels() if engine == "native" else [None]
        found.extend(Variant(engine, kernel) for kernel in kernels)
    return found


def best_variants() -> dict[str, Variant]:
    """Return each engine's variant with the default kernel."""
    found: dict[str, Variant] = {}
    for variant in variants():
        found.setdefault(variant.engine, variant)
    return found


def facts(message: Any) -> Facts:
    """Return the facts that sipfast read in a message, to compare with rivals."""
    start = getattr(message, "method", None) or str(message.status)
    return Facts(start, message.call_id, len(message.headers))
