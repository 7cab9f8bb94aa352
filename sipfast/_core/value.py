"""Values: a text, where its parts are, and what is read from them."""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from sipfast import _late, _rebuild
from sipfast.errors import ParseError

from . import lists, shapes
from .wire import slices
from .wire import text as chars
from .wire.slices import Found, Slice

__all__ = ["MOST", "MOST_UNSIGNED", "V", "Value", "fault_among"]

V = TypeVar("V", bound="Value")

MOST = 2**31 - 1
MOST_UNSIGNED = 2**32 - 1

_DEFECTS = __name__.replace(".value", ".defects")
_EVERY = "*"
"""Instead of a set of codes: all of them."""


class Value(Slice):
    """A value: its text, and where its parts are.  Immutable; equal as its RFC says."""

    __slots__ = ()

    _recurs = False
    """Whether the same few texts come again and again, and are read as str or int."""

    @classmethod
    def parse(cls: type[V], text: str | bytes) -> V:
        """Read one value, which may have whitespace around it.

        Raises `ParseError` where it is malformed, and TypeError where it is no text.
        """
        value: V = lists.read_text(cls, text, 0)
        return value

    def _built(self, text: str) -> Any:
        """What a constructor has built, as another value, so that it can be looked at first."""
        if slices.is_read(self):
            raise TypeError(f"{type(self).__name__} is immutable")
        built = slices.new_of_own_class(self, text)
        built._read()
        return built

    def _become(self, built: Value) -> None:
        """Be what was built.  Raises `ParseError` for the first error in it that defects report.

        A value that `_again` makes may have the errors that were read.
        """
        if slices.is_read(self):
            raise TypeError(f"{type(self).__name__} is immutable")
        try:
            tolerated = self._memo
        except AttributeError:  # the interpreter raises this for an empty slot
            tolerated = None
        if tolerated is not _EVERY:
            for code, at in _late.of_engine(_DEFECTS).errors_of(built):
                if tolerated is None or code not in tolerated:
                    built._raise(code, at)
        slices.become(self, built)

    def _again(self, cls: type[V], parts: dict[str, Any], given: dict[str, Any]) -> V:
        """A copy of this class from its parts, of which some are `given` anew.

        Only what is given must be right: errors that were read are kept.
        """
        arguments = parts | given
        try:
            return cls(**arguments)
        except ParseError:
            known = {code for code, _ in _late.of_engine(_DEFECTS).errors_of(self)}
            known |= _errors_of_parts(cls, parts)
            if not known:
                raise
        made: V = _tolerant(cls, arguments, known)
        return made

    def _key(self) -> Any:
        """What is compared and hashed: equal keys make equal values, and only those."""
        return str(self)

    def __eq__(self, other: object) -> bool:
        """What is malformed within equals only the same text."""
        if not isinstance(other, Value):
            return NotImplemented
        return self is other or (type(self) is type(other) and are_equal(self, other))

    def __hash__(self) -> int:
        try:
            return hash(self._key())
        except ParseError:
            return hash(str(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}.parse({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.reduced(self)

    # Each finds the parts of one shape, or raises.

    def _split_uri(self) -> int:
        """A URI; which scheme it has."""
        self._separator, self._escaped = ";", True
        scheme = chars.scheme_of(self._text, self._length)
        if not slices.fits(self, scheme):
            fault = shapes.split_uri(self._text, self._length, scheme, self._parts)
            if fault:
                self._refuse(fault)
        return scheme

    def _split_address(self) -> None:
        """A name-addr or an addr-spec, and parameters."""
        self._separator, self._escaped = ";", False
        if not (slices.fits(self, chars.NAME_ADDR) or slices.fits(self, chars.ADDR_SPEC)):
            fault = shapes.split_address(self._text, self._length, self._parts)
            if fault:
                self._refuse(fault)

    def _split_via(self) -> None:
        """A Via: sent-protocol, sent-by, parameters."""
        self._separator, self._escaped = ";", False
        if not slices.fits(self, chars.VIA):
            fault = shapes.split_via(self._text, self._length, self._parts)
            if fault:
                self._refuse(fault)

    def _split_item(self) -> None:
        """Anything up to the first semicolon, and parameters."""
        self._separator, self._escaped = ";", False
        if not slices.fits(self, chars.ITEM):
            fault = shapes.split_item(self._text, self._length, self._parts)
            if fault:
                self._refuse(fault)

    def _split_call_id(self) -> None:
        """A Call-ID up to the first semicolon, and parameters."""
        self._separator, self._escaped = ";", False
        if not slices.fits(self, chars.CALL_ID):
            fault = shapes.split_call_id(self._text, self._length, self._parts)
            if fault:
                self._refuse(fault)

    def _split_media(self) -> None:
        """A media type or range: type, subtype, and parameters."""
        self._separator, self._escaped = ";", False
        if not slices.fits(self, chars.MEDIA):
            fault = shapes.split_media(self._text, self._length, self._parts)
            if fault:
                self._refuse(fault)

    def _split_commented(self) -> None:
        """Anything up to a comment, that comment, and parameters."""
        self._separator, self._escaped = ";", False
        if not slices.fits(self, chars.COMMENTED):
            fault = shapes.split_commented(self._text, self._length, self._parts)
            if fault:
                self._refuse(fault)

    def _split_words(self, most: int) -> None:
        """One to three words that whitespace separates; the last one takes what is left."""
        self._separator, self._escaped = ";", False
        if not slices.fits(self, chars.ONE_WORD + most - 1):
            shapes.split_words(self._text, self._length, most, self._parts)

    def _split_credentials(self) -> None:
        """An authentication scheme, and parameters between commas or a token68."""
        self._separator, self._escaped = ",", False
        if not (slices.fits(self, chars.CREDENTIALS_TOKEN) or slices.fits(self, chars.CREDENTIALS)):
            fault = shapes.split_credentials(self._text, self._length, self._parts)
            if fault:
                self._refuse(fault)

    def _split_parameters(self, separator: str) -> None:
        """Nothing but parameters, between commas or semicolons."""
        self._separator, self._escaped = separator, False
        if not slices.fits(self, chars.ALL_PARAMETERS):
            fault = shapes.split_parameters(self._text, 0, self._length, self._parts)
            if fault:
                self._refuse(fault)

    # The parts.

    def _part(self, part: int) -> str | None:
        """A part's text as it stands, or None."""
        return chars.part(self._text, self._parts, part)

    def _has(self, part: int) -> bool:
        return chars.has(self._parts, part)

    def _unquoted(self, part: int) -> str | None:
        """A part's text, without its quotes if it is a quoted string (RFC 3261 25.1)."""
        return chars.unquoted(self._text, self._parts, part)

    def _unescaped(self, part: int) -> str | None:
        """A part's text with each %HH read, once (RFC 3261 19.1.2)."""
        return chars.unescaped(self._text, self._parts, part)

    def _number(self, part: int, most: int) -> int:
        """The number that a part is: 1*DIGIT, at most `most`.  Raises `ParseError`."""
        number = chars.number_of(self._text, self._parts, part)
        if number < 0:
            self._fail("number-malformed", part)
        if number > most:
            self._fail("number-too-large" if most == MOST else "number-out-of-range", part)
        return number

    def _token(self, part: int) -> str:
        """The token that a part is (RFC 3261 25.1).  Raises `ParseError`."""
        at, end = chars.begin(self._parts, part), chars.stop(self._parts, part)
        known = chars.shared_word(self._text, at, end)
        if known is not None:
            return known
        stop = chars.past(self._text, at, end, chars.IN_TOKEN)
        if stop < end or at == end:
            self._raise_at("token-malformed", stop)
        return chars.decode(self._text, at, end)

    def _media_type(self) -> str:
        """The type and subtype that `_split_media` found, in lower case."""
        slash = chars.stop(self._parts, chars.FIRST)
        if chars.begin(self._parts, chars.SECOND) != slash + 1:  # whitespace is around it
            return f"{self._part(chars.FIRST)}/{self._part(chars.SECOND)}".lower()
        return chars.media_type(self._text, chars.stop(self._parts, chars.SECOND))

    def _scheme(self, part: int) -> int:
        """Which scheme the URI in a part has."""
        if not 0 <= part < chars.PARTS:
            return chars.OF_OTHER
        return chars.scheme_of_part(self._text, self._parts, part)

    def _sub(self, part: int, cls: type[Value]) -> Any:
        """What a part is, read as another value."""
        if not 0 <= part < chars.PARTS:
            raise IndexError("a value has no such part")
        value = slices.of_part(self, cls, part)
        return None if value is None else value._read()

    def _as(self, cls: type[Value]) -> Any:
        """The same text, read as a value of another class."""
        return slices.within(self, cls, 0, self._length)._read()

    # The parameters.

    def _parameter(self, name: str) -> str | None:
        """A parameter's value, unquoted or unescaped; "" where it has none; or None.

        `name` is in lower case if it is ASCII.  The first of several counts.
        """
        quick = chars.quick_parameter(self._text, self._parts, self._separator, name)
        if quick is not None:
            return quick
        if not chars.may_be_named(self._text, self._parts, name):
            return None
        found = self._find_parameter(name)
        if found < 0:
            return None
        at = chars.low(found)
        if at == 0:
            return ""
        end = chars.stop(self._parts, chars.PARAMETERS)
        end = shapes.past_parameter(self._text, at, end, self._separator, self._parts)
        return self._decoded(at, end)

    def _parameter_at(self, name: str) -> int:
        """Where a parameter begins in the text, in bytes; 0 if it is not there."""
        found = self._find_parameter(name)
        return 0 if found < 0 else chars.octets_before(self._text, chars.high(found))

    def _find_parameter(self, name: str) -> int:
        """Where a parameter begins, and the text after its equals sign, as `find_parameter` gives
        both.
        """
        if name is None:
            raise TypeError("the name of a parameter must be str, not NoneType")
        if chars.is_ascii(name):
            found = shapes.find_parameter(
                self._text, self._parts, self._separator, chars.letters(name), len(name)
            )
            if self._escaped:
                if chars.is_plain(name) and not self._has_escapes():
                    return found
            elif found >= 0 or chars.is_plain(name):
                return found
        return self._find_written(name)

    def _has_escapes(self) -> bool:
        """Whether a % stands among the parameters."""
        end = chars.stop(self._parts, chars.PARAMETERS)
        at = chars.begin(self._parts, chars.PARAMETERS)
        return chars.find(self._text, at, end, "%") != end

    def _find_written(self, name: str) -> int:
        """As `_find_parameter`, for a name that can be written in several ways."""
        text = self._text
        at, end = (
            chars.begin(self._parts, chars.PARAMETERS),
            chars.stop(self._parts, chars.PARAMETERS),
        )
        while at < end:
            at = chars.past_space(text, at, end)
            stop = shapes.past_parameter(text, at, end, self._separator, self._parts)
            equals = chars.find(text, at, stop, "=")
            if at < stop and self._name(at, equals) == name:
                return at << 32 | (0 if equals == stop else equals + 1)
            at = stop + 1
        return -1

    def _name(self, at: int, equals: int) -> str | None:
        """The name of a parameter, in lower case if it is ASCII; None if it can have none."""
        end = chars.before_space(self._text, at, equals)
        if self._escaped:
            name = chars.unescape(self._text, at, end)
        elif chars.find(self._text, at, end, '"') == end:
            name = chars.decode(self._text, at, end)
        else:
            return None
        return name.lower() if name.isascii() else name

    def _several(self, names: tuple[str, ...]) -> Found:
        """The parameters of these names, in lower case, sixteen at most; not for a URI."""
        return slices.several(self, names)

    def _named(self) -> dict[str, str | None]:
        """The first value of each name, None for a flag; names in ASCII are in lower case."""
        values: dict[str, str | None] = {}
        quick = chars.quick_parameters(self._text, self._parts, self._separator)
        if quick is not None:
            for written, value in quick:
                values.setdefault(written.lower(), value)
            return values
        text = self._text
        at, end = (
            chars.begin(self._parts, chars.PARAMETERS),
            chars.stop(self._parts, chars.PARAMETERS),
        )
        while at < end:
            stop = shapes.past_parameter(text, at, end, self._separator, self._parts)
            at = chars.past_space(text, at, stop)
            if at < stop:
                equals = chars.find(text, at, stop, "=")
                name = self._name(at, equals)
                if name is not None and name not in values:
                    values[name] = None if equals == stop else self._decoded(equals + 1, stop)
            at = stop + 1
        return values

    def _parameters(self) -> list[tuple[str, str | None]]:
        """Each parameter's name as it was written, and its value, None where it has none.

        Raises `ParseError` where one is malformed.
        """
        quick = chars.quick_parameters(self._text, self._parts, self._separator)
        if quick is not None:
            return quick
        text = self._text
        at, end = (
            chars.begin(self._parts, chars.PARAMETERS),
            chars.stop(self._parts, chars.PARAMETERS),
        )
        found: list[tuple[str, str | None]] = []
        while at < end:
            stop = shapes.past_parameter(text, at, end, self._separator, self._parts)
            at = chars.past_space(text, at, stop)
            last = chars.before_space(text, at, stop)
            if at < last:
                equals = chars.find(text, at, last, "=")
                behind = chars.before_space(text, at, equals)
                if self._escaped:
                    if behind == at:
                        self._raise_at("parameter-malformed", at)
                    name = chars.unescape(text, at, behind)
                else:
                    if not shapes.is_parameter(text, at, behind, equals, last):
                        self._raise_at("parameter-malformed", at)
                    name = chars.decode(text, at, behind)
                found.append((name, None if equals == last else self._decoded(equals + 1, last)))
            at = stop + 1
        return found

    def _decoded(self, at: int, end: int) -> str:
        """The value of a parameter, from after its equals sign to where it ends."""
        text = self._text
        at = chars.past_space(text, at, end)
        end = chars.before_space(text, at, end)
        if self._escaped:
            return chars.unescape(text, at, end)
        return chars.unquote(text, at, end)

    # Faults.

    def _refuse(self, fault: int) -> NoReturn:
        """Raise the error for a fault that `shapes` found."""
        self._raise_at(shapes.FAULTS[chars.high(fault)], chars.low(fault))

    def _raise_at(self, code: str, at: int) -> NoReturn:
        """Raise the error for a place in the text, as parts and shapes count."""
        raise self._fault(code, chars.octets_before(self._text, at))

    def _raise(self, code: str, at: int) -> NoReturn:
        """Raise the error for byte `at` of the text."""
        raise self._fault(code, at)

    def _fail(self, code: str, part: int) -> NoReturn:
        """Raise the error for a part, or for the whole where it is not there."""
        if not 0 <= part < chars.PARTS:
            raise IndexError("a value has no such part")
        self._raise_at(code, chars.begin(self._parts, part))

    # For the layers above.

    def _keep(self, memo: Any) -> Any:
        """Keep one object for the layers above, for as long as the value lives."""
        self._memo = memo
        return memo

    def _kept(self) -> Any:
        """What `_keep` was given, or None."""
        return self._memo


def _errors_of_parts(cls: Any, parts: dict[str, Any]) -> set[str]:
    """The codes of the errors that the parts of a value make when they are written."""
    try:
        value = _tolerant(cls, parts, _EVERY)
    except ParseError:
        return set()
    return {code for code, _ in _late.of_engine(_DEFECTS).errors_of(value)}


def _tolerant(cls: Any, arguments: dict[str, Any], codes: Any) -> Any:
    """Build a value that may have the errors with these codes."""
    value = slices.fresh(cls)
    value._memo = codes
    cls.__init__(value, **arguments)
    return value


def fault_among(value: Value, code: str, at: int, between: int) -> ParseError:
    """The error for byte `at` of a value that may be several values, as `join_values` keeps them.

    They are `between` bytes apart.
    """
    for one in value._kept() or ():
        length = len(bytes(one))
        if at <= length:
            return Value._fault(one, code, at)
        at -= length + between
    return Value._fault(value, code, at)


def are_equal(one: Value, other: Value) -> bool:
    """Whether two values of one class are equal."""
    if chars.same(one._text, one._length, other._text, other._length):
        return True
    try:
        return bool(one._key() == other._key())
    except ParseError:
        return False
