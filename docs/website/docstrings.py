"""An extension of griffe for the site: the examples in docstrings become blocks of Python."""

from __future__ import annotations

import re
from typing import Any

import griffe

_EXAMPLE = re.compile(r"(?m)(?:^(?:>>>|\.\.\.).*\n?)(?:^(?!\s*$).*\n?)*")


def fenced(text: str) -> str:
    """The text with each doctest example, down to its blank line, between fences."""
    return _EXAMPLE.sub(lambda found: f"```python\n{found[0].rstrip()}\n```\n", text)


class Examples(griffe.Extension):  # type: ignore[misc]  # griffe is not there for mypy
    """Puts fences around the examples of every docstring."""

    def on_instance(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = fenced(obj.docstring.value)
