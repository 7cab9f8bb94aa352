"""The examples in docstrings, as blocks of Python."""

from __future__ import annotations

import re

_EXAMPLE = re.compile(r"(?m)(?:^(?:>>>|\.\.\.).*\n?)(?:^(?!\s*$).*\n?)*")


def fenced(text: str) -> str:
    """The text with each doctest example, down to its blank line, between fences."""
    return _EXAMPLE.sub(lambda found: f"```python\n{found[0].rstrip()}\n```\n", text)
