"""`sipfast.values`: every class of a value can be reached from one module."""

from __future__ import annotations

import importlib
import pkgutil

import sipfast._pure
from sipfast import _engine, auth, values
from sipfast._engine import Engine

READ_AS_PLAIN = {"Token", "Text", "Number", "LargeNumber", "CallID", "Priority", "MimeVersion"}
BASES = {"Item", "SchemeValue", "Screened"}


def test_no_class_is_left_out(engine: Engine) -> None:
    base = engine.module("splitters").Value
    found = set()
    for module in pkgutil.iter_modules(sipfast._pure.__path__):
        of = (
            engine.module(module.name)
            if module.name != "folds"
            else importlib.import_module("sipfast._pure.folds")
        )
        found |= {
            name
            for name, cls in vars(of).items()
            if isinstance(cls, type) and issubclass(cls, base) and cls.__module__ == of.__name__
        }
    reached = {*values.__all__, *auth.__all__}
    assert found - reached == READ_AS_PLAIN | BASES


def test_each_is_built_and_replaced() -> None:
    made = [getattr(values, name) for name in values.__all__]
    made = [cls for cls in made if issubclass(cls, values.Value)]
    assert {cls.__name__ for cls in made if not hasattr(cls, "replace")} == {"URI", "Value"}


def test_they_are_those_of_the_engine_in_use() -> None:
    for name in values.__all__:
        cls = getattr(values, name)
        assert cls.__module__.startswith(f"sipfast._{_engine.ENGINE.name}.")
