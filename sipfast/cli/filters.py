"""The options that choose messages: ``--number``, ``--call-id``, ``--method``, and so on.

One option may be given several times, and any of its values suffices; several options must all
hold. In a text, ``*`` stands for any characters. ``--where`` is an expression over the columns of
scans, for what no option names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from .. import URI, Address, Message, ParseError, Request, Response, SipURI, TelURI
from .reading import ANY, Choice
from .screen.console import Misplaced, words_of
from .screen.text import shortened

__all__ = ["choice_of", "digits", "filter_options"]

F = TypeVar("F", bound=Callable[..., object])

_NUMBERS = re.compile(r"([0-9]{1,30})(?:(-)([0-9]{1,30})?)?", re.ASCII)
_CODES = re.compile(r"([0-9])(?:xx|([0-9]{2})(?:-([0-9]{3}))?)", re.ASCII | re.IGNORECASE)
_SEPARATORS = re.compile(r"[-.() ]")
_TELEPHONE = re.compile(r"\+?[0-9]+", re.ASCII)


# ---- the values of options ----

if TYPE_CHECKING:
    from ..columns.scan import Selection

    _RangeType = click.ParamType[range]
else:
    _RangeType = click.ParamType  # which takes no type argument in click 8.1


class _Numbers(_RangeType):
    """Numbers from 1: ``7``, ``3-9``, ``100-``."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> range:
        match = _NUMBERS.fullmatch(value)
        if match is not None:
            first = int(match[1])
            last = int(match[3]) if match[3] else 10**30 if match[2] else first
            if 1 <= first <= last:
                return range(first, last + 1)
        self.fail(words_of(ctx).not_numbers.format(shortened(value)), param, ctx)
        return None


class _Codes(_RangeType):
    """Status codes: ``486``, ``4xx``, ``400-499``."""

    name = "codes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> range:
        match = _CODES.fullmatch(value)
        if match is not None:
            digit, rest, last = match.groups()
            if rest is None:
                return range(int(digit) * 100, int(digit) * 100 + 100)
            first = int(digit + rest)
            if first <= int(last or first):
                return range(first, int(last or first) + 1)
        self.fail(words_of(ctx).not_codes.format(shortened(value)), param, ctx)
        return None


class _Pattern:
    """A text in which ``*`` stands for any characters; the case of letters may count."""

    def __init__(self, text: str, *, case: bool) -> None:
        self._fold = str if case else str.casefold
        self._first, *others = self._fold(text).split("*")
        self._middle, self._last = others[:-1], others[-1] if others else None

    def __call__(self, text: str) -> bool:
        text = self._fold(text)
        if self._last is None:
            return text == self._first
        if len(text) < len(self._first) + len(self._last) or not text.startswith(self._first):
            return False
        at, end = len(self._first), len(text) - len(self._last)
        for part in self._middle:  # the leftmost place of each part leaves most room to the others
            found = text.find(part, at, end)
            if found < 0:
                return False
            at = found + len(part)
        return text.endswith(self._last)


# ---- what they hold of a message ----


def _has_status(codes: Iterable[range], message: Message) -> bool:
    return isinstance(message, Response) and any(message.status in code for code in codes)


def _has_method(patterns: Iterable[_Pattern], of_responses: bool, message: Message) -> bool:
    if isinstance(message, Request):
        return any(pattern(message.method) for pattern in patterns)
    if not of_responses:
        return False
    try:
        cseq = message.cseq
    except ParseError:
        return False
    return cseq is not None and any(pattern(cseq.method) for pattern in patterns)


def _has_call_id(patterns: Iterable[_Pattern], message: Message) -> bool:
    call_id = message.call_id
    return call_id is not None and any(pattern(call_id) for pattern in patterns)


def _has_party(
    fields: Iterable[str],
    names: Callable[[URI | None], Iterator[str]],
    patterns: list[_Pattern],
    message: Message,
) -> bool:
    for field in fields:
        for name in _names(message, field, names):
            if any(pattern(name) for pattern in patterns):
                return True
    return False


def _names(
    message: Message, field: str, names: Callable[[URI | None], Iterator[str]]
) -> Iterator[str]:
    """The names of the party in a header field, or in the Request-URI; as written if malformed."""
    try:
        if field == "Request-URI":
            yield from names(message.uri if isinstance(message, Request) else None)
            return
        address: Address | None = message.from_ if field == "From" else message.to
    except ParseError:
        yield message.headers.get(field) or ""
        return
    if address is not None:
        yield from names(address.uri)
        if names is _whole and address.display_name:
            yield address.display_name


def _user(uri: URI | None) -> Iterator[str]:
    """The user of a SIP URI or the number of a tel URI; of a number, its digits too."""
    user = uri.user if isinstance(uri, SipURI) else uri.number if isinstance(uri, TelURI) else None
    if user:
        yield user
        number = digits(user)
        if number and number != user:
            yield number


def _whole(uri: URI | None) -> Iterator[str]:
    """The user, user and host, the host, and the URI."""
    yield from _user(uri)
    if isinstance(uri, SipURI):
        yield uri.host
        if uri.user:
            yield f"{uri.user}@{uri.host}"
    if uri is not None:
        yield str(uri)


def digits(text: str) -> str:
    """A telephone number without its visual separators (RFC 3966 5.1.1), or nothing."""
    number = _SEPARATORS.sub("", text)
    return number if _TELEPHONE.fullmatch(number) else ""


# ---- the options ----


class _Option(NamedTuple):
    """An option: the filter that its values make, if it is one of the message's content."""

    flags: tuple[str, ...]
    type: click.ParamType[Any]
    help: str
    metavar: str


_OPTIONS = (
    _Option(
        ("-n", "--number"), _Numbers(), "Number of the message in the file: 7, 3-9, 100-.", "N"
    ),
    _Option(("--packet",), _Numbers(), "Number of the packet in the capture.", "N"),
    _Option(("--call-id",), click.STRING, "Call-ID; * stands for any characters.", "TEXT"),
    _Option(("--method",), click.STRING, "Requests; with --status, the responses to them.", "NAME"),
    _Option(("--status",), _Codes(), "Responses: 486, 4xx, 400-499.", "CODE"),
    _Option(("--user",), click.STRING, "User in From, To or the Request-URI.", "TEXT"),
    _Option(("--from", "from_"), click.STRING, "User, user@host, host or name in From.", "TEXT"),
    _Option(("--to",), click.STRING, "The same in To.", "TEXT"),
)


def filter_options(command: F) -> F:
    """The options that choose messages, as the arguments of `choice_of`."""
    command = click.option(
        "--where",
        metavar="EXPRESSION",
        help="Messages for which this holds: status >= 400 and from_user = 'alice' "
        "(docs/columns.md).",
    )(command)
    for option in reversed(_OPTIONS):
        command = click.option(
            *option.flags,
            type=option.type,
            multiple=True,
            metavar=option.metavar,
            help=option.help,
        )(command)
    return command


def choice_of(
    *,
    number: tuple[range, ...],
    packet: tuple[range, ...],
    call_id: tuple[str, ...],
    method: tuple[str, ...],
    status: tuple[range, ...],
    user: tuple[str, ...],
    from_: tuple[str, ...],
    to: tuple[str, ...],
    where: str | None = None,
) -> Choice:
    """The messages that the options ask for."""
    filters: list[Callable[[Message], bool]] = []
    if status:
        filters.append(partial(_has_status, status))
    if method:
        filters.append(partial(_has_method, _patterns(method), bool(status)))
    if call_id:
        filters.append(partial(_has_call_id, _patterns(call_id, case=True)))
    for texts, fields, names in (
        (user, ("From", "To", "Request-URI"), _user),
        (from_, ("From",), _whole),
        (to, ("To",), _whole),
    ):
        if texts:
            asked = [*texts, *filter(None, map(digits, texts))]
            filters.append(partial(_has_party, fields, names, _patterns(asked)))
    selected = None if where is None else _selected_by(where)
    if not (number or packet or filters or selected is not None):
        return ANY
    return Choice(number, packet, tuple(filters), selected)


def _selected_by(where: str) -> Selection:
    from ..columns import WhereError
    from ..columns.scan import Selection

    try:
        return Selection(where)
    except WhereError as error:
        raise Misplaced(f"--where: {error}", error.shown) from None


def _patterns(texts: Iterable[str], *, case: bool = False) -> list[_Pattern]:
    return [_Pattern(text, case=case) for text in texts]
