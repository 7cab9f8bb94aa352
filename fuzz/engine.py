"""The checks of the fuzzer: both engines must read everything alike.

An input is a few bytes of choices (the kind of text, the class or limits), then the text.  The
native engine reads a message in place, where the sanitizer guards both ends, and all its values
must be consistent.  The pure engine, which is many times slower, reads a share of the inputs too,
or each of them if FUZZ_COMPARE is 1: both must give the same.
"""

from __future__ import annotations

import gzip
import importlib
import itertools
import os
import pickle
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from seen import Outcome, outcome, properties, seen

from fuzz.inputs import APART, BUILT, CHOICES, KINDS, MEDIA, in_message
from fuzz.values import (
    FIELDS,
    NAMES,
    PROPERTIES_OF,
    named,
    read_as_each,
    typed_properties,
)
from sipfast import _engine
from sipfast.errors import ParseError

harness: Any
try:
    harness = importlib.import_module("fuzz_harness")  # of engine.c
except ModuleNotFoundError:  # in a test
    harness = None

NATIVE = _engine.load("native")
PURE = _engine.load("pure")
TOKENIZER: Any = importlib.import_module("sipfast._native.wire.tokenizer")
KERNELS: list[str] = TOKENIZER.kernels()

COMPARE_EVERY = int(os.environ.get("FUZZ_COMPARE", "64"))
"""One input in this number is read on the pure engine too; 1 means each."""

LOOKED_UP = ("Via", "i", "CONTENT-LENGTH", "x", "X-None", "", "\u212a", "\udcff", "Vi\xe1")
"""Names to look up in every message, besides its own."""


class Disagreement(AssertionError):
    """The engines differ, or a value is inconsistent."""


def check(data: memoryview | bytes) -> None:
    """Read an input by its choices, and compare all results that must agree."""
    view = memoryview(data)
    choices = bytes(view[:CHOICES]).ljust(CHOICES, b"\0")
    compare = COMPARE_EVERY == 1 or zlib.crc32(view) % COMPARE_EVERY == 0
    with view[CHOICES:] as text:
        CHECKS[KINDS[choices[0] % len(KINDS)]](choices, text, compare)


def same(one: Outcome, other: Outcome, what: str) -> None:
    if one != other:
        raise Disagreement(f"{what}: {difference(one, other)}")


def difference(one: Any, other: Any) -> str:
    """The innermost parts that differ."""
    while isinstance(one, tuple) and isinstance(other, tuple):
        one, other = next((a, b) for a, b in itertools.zip_longest(one, other) if a != b)
    return f"{one!r} and {other!r}"


def sound(found: Outcome) -> Outcome:
    """Check that every str in the results agrees with its kind and its ASCII flag."""
    if harness is not None and not harness.sound(found):
        raise Disagreement("a str contradicts its flags")
    return found


def both(compare: bool, read: Callable[..., Any], *given: Any) -> Outcome:
    """The native result, checked against the pure one if the engines are compared."""
    found = sound(outcome(read, NATIVE, *given))
    if compare:
        same(found, outcome(read, PURE, *given), f"the engines disagree on {given!r}")
    return found


# ---- whole messages ------------------------------------------------------------------------------


def check_message(choices: bytes, text: memoryview, compare: bool) -> None:
    limits = chosen_limits(choices[2:])
    if compare:
        compare_engines(text, limits, choices[1])
        return
    kernel, part = KERNELS[choices[1] % len(KERNELS)], PARTS[choices[1] // 16 % len(PARTS)]
    sound(on_kernel(kernel, lambda: everything(NATIVE, text, limits, part)))


def chosen_limits(choices: bytes) -> dict[str, int]:
    """The limits that bytes of an input choose: mostly small ones, 0 for the default."""
    size, headers, line = choices
    asked = {"size": size * 16, "headers": headers % 32, "line": line}
    return {name: limit for name, limit in asked.items() if limit}


def compare_engines(message: memoryview, limits: dict[str, int], kernel: int = 0) -> None:
    """Compare the native engine, on every kernel, with the pure one."""
    copy = bytes(message)
    expected = everything(PURE, copy, limits)
    found = on_kernel(KERNELS[kernel % len(KERNELS)], lambda: everything(NATIVE, message, limits))
    same(sound(found), expected, "the engines disagree")
    spans = table(PURE, copy, limits)
    same(table(NATIVE, copy, limits), spans, "bytes and memoryview disagree")
    for name in KERNELS:
        found = on_kernel(name, lambda: table(NATIVE, message, limits))
        same(found, spans, f"the kernel {name} disagrees")
    if spans[0] != "table":
        compare_values(value_in(copy))


def value_in(text: bytes) -> bytes:
    """The first line, or the text after its colon: a single header field, or any text."""
    line = text.splitlines()[0] if text else text
    _, colon, value = line.partition(b":")
    return value if colon else line


def compare_values(text: bytes) -> None:
    """Compare the values that the engines read from a text, as each kind of header field."""
    for found, expected in zip(read_as_each(NATIVE, text), read_as_each(PURE, text), strict=True):
        same(found, expected, f"the engines disagree on {text!r}")


def on_kernel(name: str, read: Callable[[], Outcome]) -> Outcome:
    TOKENIZER.use_kernel(name)
    try:
        return read()
    finally:
        TOKENIZER.use_kernel(KERNELS[0])


def table(engine: _engine.Engine, data: memoryview | bytes, limits: dict[str, int]) -> Outcome:
    """The spans that the tokenizer found, or the error."""
    return outcome(lambda: ("table", *engine.parse(data, limits=engine.Limits(**limits))._dump()))


PARTS = ("own", "typed", "headers", "itself")
"""Parts of a message: one is read if the engines are not compared, to read more messages."""


def everything(
    engine: _engine.Engine, data: memoryview | bytes, limits: dict[str, int], part: str = ""
) -> Outcome:
    """All values of a message, or one part of them; or the error."""
    return outcome(lambda: tuple(read_all(engine, data, engine.Limits(**limits), part)))


def read_all(
    engine: _engine.Engine, data: memoryview | bytes, limits: Any, part: str
) -> Iterator[Any]:
    message: Any = engine.parse(data, limits=limits)
    yield type(message).__name__
    if part in ("", "own"):
        for name in own_properties(type(message), bool(part)):
            value = outcome(named, message, name)
            if not part:
                same(outcome(named, message, name), value, "a second read")
            yield value
        yield repr(message)
    if part in ("", "typed"):
        yield from those_there(message) if part else typed_properties(message)
        yield from (str(defect) for defect in message.defects)
    if part in ("", "headers"):
        yield from read_headers(message)
    if part in ("", "itself"):
        yield from check_itself(engine, message, data, limits)
    if not part and pickle.loads(pickle.dumps(message)).raw != message.raw:
        raise Disagreement("a pickle restores another message")


OF_BODIES = frozenset({"content", "parts", "sdp", "defects", "body_defects"})


def own_properties(cls: type, short: bool) -> tuple[str, ...]:
    """The properties of a message without header fields; if `short`, without its body."""
    return SHORT_OF[cls.__name__] if short else ALL_OF[cls.__name__]


def _own(cls: Any) -> tuple[str, ...]:
    return tuple(name for name in properties(cls) if name not in FIELDS and name != "headers")


ALL_OF = {cls.__name__: _own(cls) for cls in (PURE.Request, PURE.Response)}
SHORT_OF = {
    name: tuple(one for one in names if one not in OF_BODIES) for name, names in ALL_OF.items()
}


def those_there(message: Any) -> Iterator[Outcome]:
    """The header fields in the message."""
    for name in message.headers:
        for field in PROPERTIES_OF.get(name.lower(), ()):
            yield outcome(named, message, field, 1)


def read_headers(message: Any) -> Iterator[Any]:
    headers = message.headers
    yield len(headers), tuple(headers), tuple(headers.items()), headers.raw, repr(headers)
    for name in dict.fromkeys((*LOOKED_UP, *headers)):
        values = headers.getall(name, ())
        yield name, tuple(values), name in headers, headers.get(name.swapcase(), "none")
        if values and headers[name] != values[0]:
            raise Disagreement(f"{name!r} is {headers[name]!r}, and first of {values!r}")


def check_itself(
    engine: _engine.Engine, message: Any, data: memoryview | bytes, limits: Any
) -> Iterator[Any]:
    """Check the invariants of every message, independent of the other engine."""
    whole = bytes(data)
    if message.raw != whole[message.start : message.end]:
        raise Disagreement("raw differs from the bytes from start to end")
    if message.body != whole[message.body_offset : message.end]:
        raise Disagreement("the body differs from the bytes from body_offset to end")
    with message.body_view as view:
        if bytes(view) != message.body:
            raise Disagreement("body_view differs from the body")
    again = engine.parse(message.raw, limits=engine.NO_LIMITS)
    if again != message or hash(again) != hash(message):
        raise Disagreement("the message's own bytes parse as another message")
    yield hash(message)
    strict = outcome(lambda: (engine.parse(data, limits=limits, strict=True).raw,))
    is_malformed = any(defect.severity == "error" for defect in message.defects)
    if is_malformed == (len(strict) == 1):
        raise Disagreement("strict and the errors among the defects differ")
    yield strict


# ---- one value -----------------------------------------------------------------------------------


def check_field(choices: bytes, text: memoryview, compare: bool) -> None:
    """Check the value of a header field in a message, possibly folded, read in place."""
    whole = in_message(choices[1], bytes(text))
    with memoryview(whole) if harness is None else harness.exact(whole) as message:
        found = sound(outcome(read_field, NATIVE, choices[1], message))
    if compare:
        same(
            found,
            outcome(read_field, PURE, choices[1], whole),
            f"the engines disagree on {whole!r}",
        )


def read_field(engine: _engine.Engine, which: int, whole: bytes | memoryview) -> Outcome:
    message: Any = engine.parse(whole)
    name = NAMES[which % len(NAMES)]
    found = [outcome(named, message, field) for field in PROPERTIES_OF.get(name.lower(), ())]
    defects = tuple([str(defect) for defect in message.defects])
    return (*found, defects, tuple(message.headers.getall(name, ())))


def check_value(choices: bytes, text: memoryview, compare: bool) -> None:
    """Check a single value, from bytes or str."""
    given: Any = bytes(text)
    if choices[2] & 1:
        given = given.decode("utf-8", "surrogateescape")
    both(compare, read_value, choices[1], given)


def read_value(engine: _engine.Engine, which: int, text: str | bytes) -> Outcome:
    name = NAMES[which % len(NAMES)]
    value = engine.parse_header(name, text)
    written = write_again(engine, name, value)
    return seen(value), written


def write_again(engine: _engine.Engine, name: str, value: Any) -> str:
    """Check that a written value is read back as the same; returns the text."""
    written: str
    if isinstance(value, tuple) and len(value) > 1 and name in ("Authorization", "Identity"):
        return ""
    try:
        written = engine.format_header(value)
    except ValueError as error:
        return str(error)
    again = outcome(lambda: (engine.parse_header(name, written),))
    if again != (value,):
        raise Disagreement(f"{name}: {value!r} is written {written!r}, and read as {again!r}")
    return written


def check_uri(choices: bytes, text: memoryview, compare: bool) -> None:
    both(compare, read_uri, bytes(text))


def read_uri(engine: _engine.Engine, text: bytes) -> Outcome:
    cls: Any = engine.module("values.uri").URI
    uri = cls.parse(text)
    again = cls.parse(str(uri))
    if again != uri or hash(again) != hash(uri) or str(again) != str(uri):
        raise Disagreement(f"the text of {uri!r} makes {again!r}")
    same_uri = outcome(lambda: (str(uri.replace()),)) if hasattr(uri, "replace") else ()
    return seen(uri), same_uri


# ---- bodies --------------------------------------------------------------------------------------


def check_sdp(choices: bytes, text: memoryview, compare: bool) -> None:
    """Check a session description, read or written; both if the engines are compared."""
    part = "" if compare else ("said", "written")[choices[1] & 1]
    both(compare, read_sdp, bytes(text), part)


def read_sdp(engine: _engine.Engine, text: bytes, part: str) -> Outcome:
    cls: Any = engine.module("sdp.description").SDP
    sdp = cls.parse(text)
    if part == "said":
        return (seen(sdp),)
    again = outcome(lambda: (str(cls.parse(bytes(sdp))),))
    edited = outcome(lambda: (str(sdp.replace(session_name="s")),))
    return () if part else seen(sdp), str(sdp), again, edited


def check_body(choices: bytes, text: memoryview, compare: bool) -> None:
    """Check a body of one of the known kinds, plain or compressed."""
    body = bytes(text)
    encoding = b""
    if choices[2] % 8 == 1:
        body, encoding = gzip.compress(body, 1, mtime=0), b"Content-Encoding: gzip\r\n"
    elif choices[2] % 8 == 2:
        encoding = b"Content-Encoding: gzip, deflate\r\n"
    kind = MEDIA[choices[1] % len(MEDIA)].encode()
    names = ("content",) if choices[3] & 1 == 0 else ("parts", "sdp", "defects", "body_defects")
    both(compare, read_body, names, _with_body(kind, encoding, body))


def _with_body(kind: bytes, encoding: bytes, body: bytes) -> bytes:
    return b"OPTIONS sip:a SIP/2.0\r\nContent-Type: %s\r\n%s\r\n%s" % (kind, encoding, body)


def read_body(engine: _engine.Engine, names: tuple[str, ...], whole: bytes) -> Outcome:
    message: Any = engine.parse(whole)
    return tuple([outcome(named, message, name) for name in names])


# ---- constructors --------------------------------------------------------------------------------


def check_built(choices: bytes, text: memoryview, compare: bool) -> None:
    """Check a constructor with texts as arguments."""
    both(compare, build, choices[1], choices[2], bytes(text).split(APART))


def build(engine: _engine.Engine, which: int, left_out: int, texts: list[bytes]) -> Outcome:
    module, name, takes = BUILT[which % len(BUILT)]
    cls: Any = getattr(engine.module(module), name)
    given = [text.decode("utf-8", "surrogateescape") for text in texts]
    arguments: dict[str, Any] = {}
    for at, (argument, kind) in enumerate(takes.items()):
        if not left_out >> at & 1 and given:
            arguments[argument] = as_argument(kind, given)
    try:
        value = cls(*arguments.pop("values", ()), **arguments)
    except ParseError:
        raise
    except (TypeError, ValueError) as error:
        if type(error) not in (TypeError, ValueError):
            raise
        return type(error).__name__, name
    written = str(value)
    if "\r" in written or "\n" in written:
        raise Disagreement(f"{name}(**{arguments!r}) holds a line end")
    again = cls.parse(written)
    if again != value or hash(again) != hash(value):
        raise Disagreement(f"{name}(**{arguments!r}) is read as {again!r}")
    return seen(value), outcome(lambda: (str(value.replace()),)) if hasattr(
        value, "replace"
    ) else ()


def as_argument(kind: str, given: list[str]) -> Any:
    """The next text, converted to the kind of the constructor's argument."""
    if "Pairs" in kind or "Iterable[tuple" in kind:
        pairs = [text.partition("=") for text in given]
        given.clear()
        return [(name, value if equals else None) for name, equals, value in pairs]
    text = given.pop(0)
    digits = text.isascii() and text.isdigit() and len(text) < 30
    if "Iterable" in kind or (kind == "str" and text.startswith("\0")):
        return (text,)
    if "bytes" in kind:
        return text.encode("utf-8", "surrogateescape")
    if "bool" in kind:
        return bool(text)
    if "int" in kind:
        return int(text) if digits else len(text) - 1
    if "float" in kind:
        return int(text) / 1000 if digits else text
    return text


# ---- authentication ------------------------------------------------------------------------------


def check_authentication(choices: bytes, text: memoryview, compare: bool) -> None:
    """Answer a challenge and check credentials, with texts from the input."""
    given = bytes(text).split(APART)
    both(compare, answer if choices[1] & 1 else verify, given)


def _some(given: list[bytes]) -> list[str]:
    texts = [text.decode("utf-8", "surrogateescape") for text in given[1:5]]
    return [*texts, *("bob", "secret", "INVITE", "sip:a@b")[len(texts) :]]


def answer(engine: _engine.Engine, given: list[bytes]) -> Outcome:
    challenge: Any = engine.module("values.auth").Challenge.parse(given[0])
    user, password, method, uri = _some(given)
    try:
        made = challenge.answer(user, password, method, uri, cnonce="0a4f113b", body=given[-1])
    except ParseError:
        raise
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        return seen(challenge), str(error)
    right = made.check(password, method=method, username=user, body=given[-1])
    return seen(challenge), seen(made), right


def verify(engine: _engine.Engine, given: list[bytes]) -> Outcome:
    credentials: Any = engine.module("values.auth").Credentials.parse(given[0])
    user, password, method, _ = _some(given)
    body = given[-1]
    checks = (
        credentials.check(password, method=method, username=user, body=body),
        credentials.check(ha1="a" * 32, method=method, body=body),
    )
    return seen(credentials), checks


CHECKS: dict[str, Callable[[bytes, memoryview, bool], None]] = {
    "message": check_message,
    "field": check_field,
    "value": check_value,
    "uri": check_uri,
    "sdp": check_sdp,
    "body": check_body,
    "built": check_built,
    "authentication": check_authentication,
}
