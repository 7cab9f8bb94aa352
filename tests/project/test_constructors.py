"""docs/constructors.md: an example of each class of the public face that can be built."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import sipfast
import sipfast.auth
import sipfast.values

PAGE = (Path(__file__).parents[2] / "docs" / "constructors.md").read_text(encoding="utf-8")
PUBLIC = {
    name: getattr(module, name)
    for module in (sipfast, sipfast.values, sipfast.auth)
    for name in module.__all__
    if isinstance(getattr(module, name), type)
}
READ = {
    *("Message", "Request", "Response", "Headers", "SDP", "Media", "Parameters"),
    *("Dialog", "Draft"),
    *("Defect", "ParseError", "Incomplete", "LimitExceeded", "NonceState"),
}
"""Those that come from reading, or are raised."""
ABSTRACT = {"URI", "Value"}


@pytest.mark.parametrize("name", sorted(PUBLIC.keys() - READ - ABSTRACT))
def test_each_constructor_has_an_example(name: str) -> None:
    assert re.search(rf"^>>> .*\b{name}\(", PAGE, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(ABSTRACT))
def test_the_others_cannot_be_built(name: str) -> None:
    with pytest.raises(TypeError):
        PUBLIC[name]("sip:a")
