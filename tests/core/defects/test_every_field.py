"""Every typed field: properties, constructors and defects agree on what is wrong.

All goes by the fields of `Typed` and by the signatures of `replace`, so that a new field and a new
class are tried without a line here.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from itertools import product
from random import Random
from typing import Any, NamedTuple

import pytest
from core.defects.test_defects_of_values import faults_of
from grammar.edits import edited
from grammar.fields import FIELDS, message
from grammar.judging import value
from samples import attempt
from seen import properties

from sipfast import ParseError
from sipfast._core.message.properties import Typed
from sipfast._engine import Engine

VALUES = 50
"""Values of each field, and as many edits."""
BUILT = 2
"""Values of each field into which arguments are put."""

MARKS: tuple[Any, ...] = (
    "mrk9x",
    "+mrk9x",
    "mrk9x.example",
    "sip:mrk9x@h",
    "a/mrk9x",
    7654,
    b"\x76\x54",
)
"""Arguments that are found again in the text, one for each kind."""
ODD: tuple[Any, ...] = (
    *("", " ", "a b", "a,b", "a;b", "a=b", "a:b", "a@b", "a/b", "a?b", "a&b", "<a>", "a>b", "[a]"),
    *(
        '"',
        '"a"',
        'a"b',
        "a\\",
        "(a)",
        "(a",
        "*",
        ".",
        "a.",
        ".a",
        "a..b",
        "-",
        "-a",
        "_",
        "%",
        "%4",
    ),
    *(
        "%41",
        "\xe9",
        "\x00",
        "\x07",
        "\x7f",
        "a\r\nb",
        "a\r\n b",
        "\t",
        "a\tb",
        "\udcff",
        "+1",
        "1",
    ),
    *("0", "-1", "1.5", "true", "none", "256", "99999999999", "::1", "[::1]", "[::1", "1.2.3.999"),
    *("sip:", "sip:@h", "sip:a@h", "sip:a@h;x=y", "sip:a@h?x=y", "sip:a@h,b", "x:y", "x:", "tel:1"),
    *("tel:+1", "http://h/x", "a/b/c", "*/*", "A" * 32, "a" * 32, "a" * 33, "`", "~", "{", "|"),
)
NUMBERS: tuple[Any, ...] = (0, 1, -1, 255, 256, 699, 1000, 65536, 2**31, 2**32, 10**12)


MARKED = {"FeatureCaps": "+x-mark"}
"""The name of a parameter, where the grammar does not have all of them."""
OF_FROM = ("[a]", "[::1]")
"""Refused as the tag of any `Address`: it is a token in From and To, but not elsewhere."""


class Argument(NamedTuple):
    """An argument of a value's `replace`, or of that of a value within it."""

    path: tuple[str, ...]
    name: str
    of_parameter: str = ""
    """For `parameters`: whether a "name" or a "value" is the argument."""


def values_of(engine: Engine, field: str, count: int) -> Iterator[Any]:
    """The values of the field in texts of its grammar."""
    random = Random(field)
    found = 0
    while found < count:
        built = value_in(engine.parse(message(field, value(field, random))), field)
        if built is not None:  # a list may be empty
            found += 1
            yield built


def arguments(built: Any, path: tuple[str, ...] = ()) -> Iterator[Argument]:
    """The arguments of `replace`, and those of the values that are arguments."""
    if not type(built).__module__.startswith("sipfast.") or not hasattr(built, "replace"):
        return
    for name in [*inspect.signature(built.replace).parameters]:
        if name == "parameters":
            yield Argument(path, name, "name")
            yield Argument(path, name, "value")
            continue
        yield Argument(path, name)
        inner = getattr(built, name, None)
        yield from arguments(inner, (*path, name))


def with_argument(built: Any, argument: Argument, given: Any) -> Any:
    """The value with another argument. Raises what `replace` raises."""
    if argument.path:
        first, *rest = argument.path
        inner = with_argument(getattr(built, first), argument._replace(path=tuple(rest)), given)
        return built.replace(**{first: inner})
    if argument.of_parameter:
        mark = MARKED.get(type(built).__name__, "x-mark")
        pair = (given, "x") if argument.of_parameter == "name" else (mark, given)
        given = [*built.parameters.items(), pair]
    elif argument.name == "values":
        given = (given,)
    return built.replace(**{argument.name: given})


def read_again(built: Any, argument: Argument) -> Any:
    """What is read where the argument is."""
    for name in argument.path:
        built = getattr(built, name)
    if argument.of_parameter == "name":
        return [*built.parameters][-1]
    if argument.of_parameter == "value":
        return built.parameters.get(MARKED.get(type(built).__name__, "x-mark"))
    read = getattr(built, argument.name, None)
    return read[0] if argument.name == "values" and read else read


def text_with(built: Any, argument: Argument, given: Any) -> str | None:
    """The text of the value with what `replace` refuses; None if no argument shows the place."""
    for mark in MARKS:
        try:
            text = str(with_argument(built, argument, mark))
        except (ParseError, ValueError, TypeError):
            continue
        shown = mark.hex() if isinstance(mark, bytes) else str(mark)
        if text.count(shown) == 1:
            return text.replace(shown, str(given))
    return None


def message_with(engine: Engine, field: str, text: str) -> Any:
    return attempt(
        engine, message(field, text.encode("utf-8", "surrogateescape").decode("latin-1"))
    )


def value_in(made: Any, field: str) -> Any:
    """The first value of the field; None if it has none."""
    read = getattr(made, FIELDS[field])
    return next(iter(read), None) if isinstance(read, tuple) else read


# ---- Properties ----------------------------------------------------------------------------------


@pytest.mark.parametrize("field", FIELDS)
def test_what_a_property_raises_is_a_defect(engine: Engine, field: str) -> None:
    random = Random(field)
    for _ in range(VALUES):
        text = value(field, random)
        for each in (text, edited(random, text)):
            made: Any = attempt(engine, message(field, each))
            if isinstance(made, ParseError):
                continue
            defects = made.defects
            assert len({*defects}) == len(defects), each
            named = {(defect.code, defect.offset) for defect in defects}
            assert faults_of(made, FIELDS[field]) <= named, each


# ---- Constructors --------------------------------------------------------------------------------


SHOWN = 20


class Tried(NamedTuple):
    """Arguments that were tried on values of a field, and what a message says otherwise."""

    refused: int
    accepted: int
    read_all_the_same: dict[str, str]
    """Refused arguments that are read from a message without a defect."""
    with_an_error: dict[str, str]
    """Accepted arguments that make an error in a message."""


@cache
def tried(engine: Engine, field: str) -> Tried:
    refused = accepted = 0
    read_all_the_same: dict[str, str] = {}
    with_an_error: dict[str, str] = {}
    for built in values_of(engine, field, BUILT):
        known = errors_of(message_with(engine, field, str(built))) | FOR_THE_MESSAGE
        for argument, given in product(arguments(built), (*ODD, *NUMBERS)):
            what = f"{'.'.join(argument.path)} {argument.name} {argument.of_parameter} {given!r}"
            try:
                made = with_argument(built, argument, given)
            except TypeError:
                continue
            except (ParseError, ValueError):
                if argument.name == "tag" and given in OF_FROM:
                    continue
                text = text_with(built, argument, given)
                if text is None:
                    continue
                refused += 1
                if reads_as(engine, field, text, argument, given):
                    read_all_the_same[what] = text
            else:
                accepted += 1
                new = errors_of(message_with(engine, field, str(made))) - known
                if new:
                    with_an_error[what] = f"{new} in {str(made)!r}"
    return Tried(refused, accepted, read_all_the_same, with_an_error)


def shown(wrong: dict[str, str]) -> str:
    lines = [f"{what}: {why}" for what, why in wrong.items()]
    return "\n".join([f"{len(wrong)} in all", *sorted(lines, key=len)[:SHOWN]])


FOR_THE_MESSAGE = {
    "session-interval-too-small",  # a Min-SE of the receiver decides (RFC 4028 5)
    "branch-missing",  # of a request of RFC 2543
    "branch-malformed",
    "parameter-repeated",  # the parameters are those given
    "tag-missing",  # the first request of a dialog has none in To
    "identity-info-missing",
    "icid-value-missing",
    "tel-context-missing",  # a local number where the context is known
}
"""Errors that a value has in one message and not in another."""


def errors_of(made: Any) -> set[str]:
    if isinstance(made, ParseError):
        return {made.code}
    return {defect.code for defect in made.defects if defect.severity == "error"}


def reads_as(engine: Engine, field: str, text: str, argument: Argument, given: Any) -> bool:
    """Whether a message with the text has no defect, and the argument is read from it."""
    made = message_with(engine, field, text)
    if isinstance(made, ParseError) or made.defects:
        return False
    again = value_in(made, field)
    return again is not None and bool(read_again(again, argument) == given)


BUILDABLE = [
    field
    for field, attribute in FIELDS.items()
    if hasattr(vars(Typed)[attribute].value_class, "replace")
]
"""The fields whose values have a constructor."""


@pytest.mark.parametrize("field", BUILDABLE)
def test_what_a_constructor_refuses_is_named(engine: Engine, field: str) -> None:
    found = tried(engine, field)
    assert not found.read_all_the_same, shown(found.read_all_the_same)
    assert found.refused or field in ("Date",), "no argument is refused"


@pytest.mark.parametrize("field", BUILDABLE)
def test_what_a_constructor_accepts_has_no_error(engine: Engine, field: str) -> None:
    found = tried(engine, field)
    assert not found.with_an_error, shown(found.with_an_error)
    assert found.accepted or field in ("Date",), "no argument is accepted"


def test_properties_of_a_value_are_looked_at(engine: Engine) -> None:
    built = next(values_of(engine, "Contact", 1))
    assert {"uri", "display_name", "q", "expires"} <= {*properties(type(built))}
    assert Argument(("uri",), "user") in [*arguments(built)] or str(built.uri)[:3].lower() != "sip"
