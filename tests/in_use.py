"""The engine in use, for the time of a test."""

from __future__ import annotations

import pytest

from sipfast import _engine, _rebuild
from sipfast._engine import Engine


def put_in_use(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_engine, "ENGINE", engine)
    monkeypatch.setattr(_rebuild, "_engine", engine)
