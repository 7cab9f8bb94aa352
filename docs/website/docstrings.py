"""An extension of griffe for the site: the examples in docstrings become blocks of Python."""

from __future__ import annotations

from typing import Any

import griffe

from website.fences import fenced  # griffe loads this file by its path: it is in no package


class Examples(griffe.Extension):  # type: ignore[misc]  # griffe is not there for mypy
    """Puts fences around the examples of every docstring."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = fenced(obj.docstring.value)
