"""The text from constructors, `replace` and `format_header` is read back as the same values."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from core.test_building import BUILT, PARSED, PASSPORT, module_of
from core.test_value import CLASSES
from hypothesis import example, given
from hypothesis import strategies as st
from values import PAIRS

from sipfast import ParseError
from sipfast._engine import Engine
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

HEADERS = [row.name for row in HEADER_NAMES]
HUGE = 10**5000


def brief(thing: Any) -> str:
    """The id of a case: Python refuses to write a number with thousands of digits."""
    return "huge" if thing in (HUGE, -HUGE) else ascii(thing)


CONTROLS = [*map(chr, range(9)), "\x0b", "\x0c", *map(chr, range(14, 32)), "\x7f"]
_ESCAPED = re.compile(r"\\.", re.DOTALL)


def class_of(engine: Engine, name: str) -> Any:
    return getattr(engine.module(module_of(name)), name)


def changed(name: str, bad: Any, *kinds: type) -> Iterator[dict[str, Any]]:
    """The arguments of a class with one replaced by each of these types, in turn."""
    for argument, was in BUILT[name].example.items():
        if isinstance(was, kinds) and not isinstance(was, bool):
            yield BUILT[name].example | {argument: bad}


def has_control(text: str) -> bool:
    return any(mark in _ESCAPED.sub("", text) for mark in CONTROLS) or bool(set(text) & {*"\r\n"})


def refused(build: Any, arguments: Mapping[str, Any]) -> Any:
    """What a call raises, and None where it does not."""
    try:
        build(**arguments)
    except (ValueError, TypeError) as error:
        return type(error), getattr(error, "code", None), getattr(error, "offset", None)
    return None


# ---- numbers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [HUGE, -HUGE, 2**64, 10**33, float("inf"), float("nan"), 1e300], ids=brief
)
@pytest.mark.parametrize("name", BUILT)
def test_a_number_beyond_all_ranges(native: Engine, pure: Engine, name: str, number: Any) -> None:
    kinds = (float,) if isinstance(number, float) else (int, float)
    for arguments in changed(name, number, *kinds):
        found = [refused(class_of(engine, name), arguments) for engine in (native, pure)]
        assert found[0] == found[1]
        assert found[0] is not None
        assert found[0][0] is ParseError


@pytest.mark.parametrize("thing", ["1", b"1", 1.5, [1], None])
def test_a_number_is_an_int(engine: Engine, thing: Any) -> None:
    asked = 0
    for name in BUILT:
        for arguments in changed(name, thing, int):
            if thing is None:  # which leaves some out
                continue
            with pytest.raises(TypeError):
                class_of(engine, name)(**arguments)
            asked += 1
    assert asked > 10 or thing is None
    with pytest.raises(TypeError):
        engine.module("values.sequence").CSeq(thing, "INVITE")


def test_other_numbers_out_of_range(engine: Engine) -> None:
    times = engine.module("values.times")
    for value in (HUGE, -HUGE):
        with pytest.raises(ParseError) as caught:
            times.Timestamp(value)
        assert caught.value.code == "timestamp-malformed"
    assert times.Timestamp(10**20).value == "1" + "0" * 20
    edge = dt.datetime.min.replace(tzinfo=dt.timezone(dt.timedelta(hours=14)))
    with pytest.raises(ParseError) as caught:
        times.Date(edge)
    assert caught.value.code == "date-malformed"
    with pytest.raises(TypeError):
        times.Date("now")
    for q in ("0.5", b"1"):
        with pytest.raises(TypeError):
            engine.module("values.media").Accepted("zh", q)
    challenge = engine.module("values.auth").Challenge.digest("r", nonce="n")
    with pytest.raises(ValueError, match="nc must be from 1 to"):
        challenge.answer("u", "p", "INVITE", "sip:a", nc=HUGE)


# ---- characters ---------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", [*CONTROLS, "\r", "\n", "\r\nX: 1"])
@pytest.mark.parametrize("name", BUILT)
def test_control_characters(native: Engine, pure: Engine, name: str, mark: str) -> None:
    """A constructor escapes or refuses them wherever text is given."""
    for pattern in ("{}", "a{}", '"{}"', "({})", "<{}>", "https://a{}"):
        text = pattern.format(mark)
        given = [*changed(name, text, str)]
        if "parameters" in BUILT[name].example:
            given += [BUILT[name].example | {"parameters": [("x", text)]}]
            given += [BUILT[name].example | {"parameters": [(text, "y")]}]
        for arguments in given:
            made: list[Any] = []
            for engine in (native, pure):
                try:
                    value = class_of(engine, name)(**arguments)
                except ValueError as error:
                    made.append((type(error).__name__, getattr(error, "offset", None)))
                    continue
                made.append(str(value))
                assert not has_control(str(value))
                assert type(value).parse(str(value)) == value
                assert value.replace() == value
            assert made[0] == made[1]


def test_a_comment_keeps_control_characters(engine: Engine) -> None:
    for mark in CONTROLS:
        retry = engine.module("values.times").RetryAfter(5, f"a{mark}b")
        assert str(retry) == f"5 (a\\{mark}b)"
        assert retry.comment == f"a{mark}b"


READ_WITH = [
    ("Products", "a\0b (c\x01)"),
    ("VisitedNetwork", '"a\0b";x="\1"'),
    ("Identity", "a.b.c;info=<https://a\0b>"),
    ("Identity", "a.b.c;info=<https://a\0b;c=\1>;alg=x"),
    ("RetryAfter", "5 (a\0b)"),
    ("WarningValue", '370 h "\0"'),
    ("Address", '"a\0" <sip:a>;x="\1"'),
    ("UserToUser", '"\0";encoding=x'),
]


@pytest.mark.parametrize(("name", "text"), READ_WITH)
def test_what_was_read_with_control_characters_stays(engine: Engine, name: str, text: str) -> None:
    value = class_of(engine, name).parse(text)
    assert str(value) == text
    assert type(value).parse(str(value)) == value
    assert value.replace() == value
    assert value.replace().replace() == value


def test_where_a_control_character_stands(engine: Engine) -> None:
    for name, arguments, at in (
        ("Products", {"text": "\U0001f4de \0"}, 5),
        ("VisitedNetwork", {"network": '"é\\\0\1"'}, 5),
        ("Identity", {"token": "a.b.c", "info": "é\x7f"}, 14),
    ):
        with pytest.raises(ParseError) as caught:
            class_of(engine, name)(**arguments)
        assert (caught.value.code, caught.value.offset) == ("value-control", at)


# ---- surrogates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lone", ["\ud800", "a\udfff", "é \ud83d\udcde", "\udcff\udc7f"])
@pytest.mark.parametrize("name", BUILT)
def test_surrogates_in_constructors(native: Engine, pure: Engine, name: str, lone: str) -> None:
    for arguments in changed(name, lone, str):
        found = [refused(class_of(engine, name), arguments) for engine in (native, pure)]
        assert found[0] == found[1]
        assert found[0] is not None
        assert found[0][1] in ("value-surrogate", "value-control")
    if "parameters" in BUILT[name].example:
        arguments = BUILT[name].example | {"parameters": [("x", lone)]}
        found = [refused(class_of(engine, name), arguments) for engine in (native, pure)]
        assert found[0] == found[1]
        assert found[0][1] == "value-surrogate"


def test_surrogates_in_other_places(engine: Engine) -> None:
    auth, digest = engine.module("values.auth"), engine.module("values.digest")
    challenge = auth.Challenge.digest("r", nonce="n", algorithm="MD5")
    credentials = challenge.answer("u", "p", "INVITE", "sip:a")
    lone = "é\ud800"
    for call in (
        lambda: credentials.check("p", method=lone),
        lambda: credentials.check(lone, method="INVITE"),
        lambda: credentials.check("p", method="INVITE", username=lone),
        lambda: credentials.check(ha1=lone, method="INVITE"),
        lambda: credentials.confirm(lone),
        lambda: challenge.answer(lone, "p", "INVITE", "sip:a"),
        lambda: challenge.answer("u", lone, "INVITE", "sip:a"),
        lambda: challenge.answer("u", "p", lone, "sip:a"),
        lambda: challenge.answer("u", "p", "INVITE", lone),
        lambda: challenge.answer("u", "p", "INVITE", "sip:a", cnonce=lone),
        lambda: digest.ha1("u", lone, "p"),
        lambda: digest.ha1(lone, "r", b"p"),
        lambda: engine.parse_header("Subject", lone),
        lambda: engine.format_header(lone),
        lambda: engine.format_header((lone,), "Allow"),
        lambda: engine.module("values.uri").URI.parse(lone),
        lambda: engine.module("values.uri").SipURI.parse("sip:h").replace(user=lone),
        lambda: engine.module("values.uri").SipURI("h", headers=[("a", lone)]),
    ):
        with pytest.raises(ParseError) as caught:
            call()
        assert caught.value.code == "value-surrogate"
    assert engine.module("values.auth").Challenge.digest("\udcff", nonce="n").realm == "\udcff"
    token = engine.module("values.identity").PASSporT({}, {"orig": {"uri": "sip:\ud800@h"}}, b"")
    assert token.orig == "sip:\ud800@h"
    with pytest.raises(ParseError):
        engine.module("values.uri").URI.parse(token.orig)


def test_lookup_of_impossible_names(engine: Engine) -> None:
    message: Any = engine.parse(b"OPTIONS sip:a;x=1 SIP/2.0\r\nTo: <sip:a>;x=1\r\nX: 1\r\n\r\n")
    for name in ("\ud800", "é", "\udcff", "a\0", "\r\n"):
        for mapping in (message.headers, message.to.parameters, message.to.uri.parameters):
            assert mapping.get(name) is None
            assert name not in mapping
            with pytest.raises(KeyError):
                mapping[name]
        assert message.headers.getall(name, []) == []


# ---- half-made values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad", ["a b", "a;x=1", "a>;x=<b", "", "\x01", '"', "é", -1, HUGE, 2.0], ids=brief
)
@pytest.mark.parametrize("name", BUILT)
def test_a_constructor_that_raises_keeps_nothing(engine: Engine, name: str, bad: Any) -> None:
    cls = class_of(engine, name)
    kinds = (str,) if isinstance(bad, str) else (int, float)
    for arguments in changed(name, bad, *kinds):
        value = cls.__new__(cls)
        try:
            value.__init__(**arguments)
        except (ValueError, TypeError):
            assert left_in(value) == ""
            value.__init__(**BUILT[name].example)
        assert cls.parse(str(value)) == value


def left_in(value: Any) -> str:
    try:
        return str(value)
    except AttributeError:  # on pure there is nothing to look into
        return ""


# ---- decoded %HH --------------------------------------------------------------------------------

HOLDING = {
    "SipURI": (
        "sip:a%0D%0AX:%201%00:b%0D%0A%00@h;transport=%0d%0a;maddr=%0d%0a;user=%0d%0a;method=%0d%0a;"
        "gr=%0d%0a;x%0d%0a=%0d%0a?a%0d%0a=%0d%0a%00"
    ),
    "Address": "<sip:a%0D%0AX:%201%00:b%0D%0A%00@h>",
    "TelURI": "tel:1;phone-context=%0d%0a%00;isub=%0d%0a;x%0d%0a=%0d%0a",
    "Credentials": "Digest username*=UTF-8''a%0d%0aX:%201%00",
    "PASSporT": None,
}
CLAIM = "a\r\nX: 1\0"


def hostile_of(engine: Engine, name: str) -> Any:
    if name == "PASSporT":
        header = {"alg": CLAIM, "ppt": CLAIM, "x5u": CLAIM}
        party = {"tn": CLAIM}
        payload = {"orig": party, "div": party, "dest": {"tn": [CLAIM]}}
        payload |= {"attest": CLAIM, "origid": CLAIM}
        return engine.module("values.identity").PASSporT(header, payload, b"")
    return class_of(engine, name).parse(HOLDING[name])


def texts_in(thing: Any) -> Iterator[str]:
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, Mapping) or hasattr(thing, "items"):
        for pair in thing.items():
            yield from texts_in(pair)
    elif isinstance(thing, (tuple, list)):
        for item in thing:
            yield from texts_in(item)


def properties_of(value: Any) -> dict[str, list[str]]:
    """The texts in each property of a value."""
    found = {}
    for name in dir(type(value)):
        if isinstance(getattr(type(value), name), type) or name.startswith("_"):
            continue
        if not callable(getattr(type(value), name)):
            try:
                found[name] = [*texts_in(getattr(value, name))]
            except ParseError:
                continue
    return found


def test_properties_that_may_hold_line_ends_say_so(engine: Engine) -> None:
    """All properties of all values, read of all texts of the tables."""
    holding = set()
    values: list[Any] = [hostile_of(engine, name) for name in HOLDING]
    for name, texts in PARSED.items():
        for text in texts:
            written = re.sub(r"%[0-9A-Fa-f]{2}", "%0D", text)
            for each in (text, written, re.sub(r"(?<==)([a-z])(?=[;?&]|\Z)", "%0A", text)):
                try:
                    values.append(class_of(engine, name).parse(each))
                except ParseError:
                    continue
    for value in values:
        for name, texts in properties_of(value).items():
            if any({*text} & {*"\r\n"} for text in texts):
                holding.add((type(value).__name__, name))
                assert "CR, LF and NUL" in getattr(type(value), name).__doc__, (type(value), name)
    assert {("SipURI", "user"), ("Credentials", "username"), ("PASSporT", "orig")} <= holding
    assert len(holding) >= 20


@pytest.mark.parametrize("source", HOLDING)
def test_nothing_takes_them_unescaped(engine: Engine, source: str) -> None:
    """What is built of such a text, by any constructor, is escaped again or refused."""
    texts = {t for found in properties_of(hostile_of(engine, source)).values() for t in found}
    hostile = [text for text in sorted(texts) if {*text} & {*"\r\n\0"}]
    assert hostile
    for text in hostile:
        for name in BUILT:
            given = [*changed(name, text, str)]
            if "parameters" in BUILT[name].example:
                given.append(BUILT[name].example | {"parameters": [("x", text)]})
            for arguments in given:
                try:
                    value = class_of(engine, name)(**arguments)
                except ValueError:
                    continue
                assert not has_control(str(value))
                assert not has_control(engine.format_header(value))
        for header in ("X-Y", "Subject", None):
            with pytest.raises(ParseError):
                engine.format_header(text, header)


def test_replacing_escapes_again(engine: Engine) -> None:
    uri = hostile_of(engine, "SipURI")
    again = uri.replace(user=uri.user, password=uri.password, headers=uri.headers)
    assert (again.user, again.password, again.headers) == (uri.user, uri.password, uri.headers)
    assert not has_control(str(again))
    again = uri.replace(parameters=uri.parameters)
    assert [*again.parameters.items()] == [*uri.parameters.items()]
    assert not has_control(str(again))


# ---- format_header ------------------------------------------------------------------------------

HOSTILE = (
    *(
        "a\r\nX: 1",
        "a\n b",
        "\r",
        "a\0",
        "\ud800",
        "a, b",
        ",",
        "",
        " ",
        " a",
        "a\t",
        'a"',
        '"',
        "<",
    ),
    *('a", "b', "a <b", "a> c", "*", "<sip:a>, <sip:b>", '"a" <sip:a', "sip:a>;x", 'a;x="', "\\"),
    *("INVITE", "<sip:a>", "1", "é", "Digest a=b, c=d", "text/plain", "a(b", "b)c", "a.b.c"),
    *("SIP/2.0/UDP h", '370 h "x"', "\x01", "a\\", '"\\', '\\"'),
)


def read_back(engine: Engine, name: str, text: str) -> Any:
    """The texts of the values that a header field has, or None where it cannot be read."""
    try:
        found = engine.parse_header(name, text)
    except ParseError:
        return None
    return [str(one) for one in found] if isinstance(found, tuple) else [str(found)]


def written(engine: Engine, *given: Any) -> Any:
    try:
        return engine.format_header(*given)
    except (ValueError, TypeError) as error:
        return type(error), getattr(error, "code", None), getattr(error, "offset", None)


def same(one: str, other: str) -> bool:
    """Whether a value is read as its text, or as the number or word that this is."""
    return one == other or one.lower() == other or (one.isdigit() and int(one) == int(other))


def as_read(texts: list[str], name: str) -> list[str]:
    """The lists of a P-Charging-Function-Addresses are one value, with semicolons for commas."""
    if name != "P-Charging-Function-Addresses":
        return texts
    return [re.sub("[ \t]*[,;][ \t]*", ";", ";".join(texts)).strip(";")]


def check(native: Engine, pure: Engine, items: Any, name: str) -> bool:
    """What is written is read as the same values; whether it was."""
    text = written(native, items, name)
    assert text == written(pure, items, name)
    if not isinstance(text, str):
        return False
    assert not {*text} & {*"\r\n"}
    found = read_back(native, name, text)
    given = [str(item) for item in (items if isinstance(items, tuple) else (items,))]
    assert found is not None
    given, found = as_read(given, name), as_read(found, name)
    assert len(found) == len(given)
    assert all(map(same, given, found)), (given, found)
    return True


@pytest.mark.parametrize("name", [*HEADERS, "X-Unknown"])
def test_hostile_text(native: Engine, pure: Engine, name: str) -> None:
    for one in HOSTILE:
        check(native, pure, one, name)
        check(native, pure, (one,), name)
        for other in HOSTILE:
            check(native, pure, (one, other), name)


@pytest.mark.parametrize("name", [*HEADERS, "X-Unknown"])
def test_values_that_were_read(native: Engine, pure: Engine, name: str) -> None:
    """Single values and pairs of every class: some are valid there."""
    stood = 0
    for cls, texts in PARSED.items():
        for text in texts:
            pairs = []
            for engine in (native, pure):
                value = class_of(engine, cls).parse(text)
                other = class_of(engine, cls).parse(texts[0])
                pairs.append((value, (value, other), (value, "x"), ("<sip:x", value)))
            for mine, theirs in zip(*pairs, strict=True):
                result = written(native, mine, name)
                assert result == written(pure, theirs, name)
                if isinstance(result, str):
                    given = [str(item) for item in (mine if isinstance(mine, tuple) else (mine,))]
                    found = as_read(read_back(native, name, result), name)
                    given = as_read(given, name)
                    assert [*map(same, given, found)] == [True] * len(given)
                    stood += 1
    assert stood or name in NUMERIC


NUMERIC = {
    *("Max-Forwards", "Min-Expires", "RSeq", "Max-Breadth", "Flow-Timer", "Content-Length"),
    *("Expires", "MIME-Version"),
}


ITEMS = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(
        st.sampled_from([*',;<>"\\ \t*=()@:/', "a", "sip:", "é", "\udcff", "\r", "\n", "\0", "1"]),
        max_size=8,
    ).map("".join),
)


@given(name=st.sampled_from([*HEADERS, "X-Y"]), items=st.lists(ITEMS, max_size=4).map(tuple))
@example(name="Contact", items=("*", "<sip:a>"))
@example(name="Contact", items=('"a', 'b" <sip:a>'))
@example(name="Contact", items=("sip:a;x=<b", "sip:c>"))
def test_joins(native: Engine, pure: Engine, name: str, items: tuple[str, ...]) -> None:
    if items:
        check(native, pure, items, name)
        check(native, pure, items[0], name)
    text = written(native, items)
    assert text == written(pure, items)
    if isinstance(text, str):  # read as any list, they stay apart
        assert read_back(native, "Route", "") == []
        assert (
            native.module("lists").read_list(native.module("values.tokens").Text, text, 0) == items
        )


@given(pairs=PAIRS, name=st.sampled_from(sorted(PARSED)), which=st.integers(0, 9))
def test_a_value_is_read_as_itself(engine: Engine, pairs: Any, name: str, which: int) -> None:
    text = PARSED[name][which % len(PARSED[name])]
    value = class_of(engine, name).parse(text)
    try:
        text = engine.format_header(value)
    except ValueError:
        return
    assert text == str(value)
    assert type(value).parse(text) == value


def test_a_value_of_a_list_that_would_be_two(engine: Engine) -> None:
    contact = engine.module("values.address").Contact.parse("<sip:a>;x=a,<sip:b>")
    address = engine.module("values.address").Address.parse("<sip:a>;x=a,<sip:b>")
    for arguments in (
        (contact,),
        ((contact,),),
        (contact, "Contact"),
        (address,),
        (address, "Route"),
    ):
        with pytest.raises(ValueError, match="read as other items"):
            engine.format_header(*arguments)
    assert engine.format_header(address, "From") == str(address)


def test_the_wildcard_stands_alone(engine: Engine) -> None:
    cls = engine.module("values.address").Contact
    both = (cls.parse("*"), cls.parse("<sip:a>"))
    for arguments in (
        (both,),
        (both[::-1],),
        (both, "m"),
        (("*", "<sip:a>"), "Contact"),
        ((both[0],) * 2,),
    ):
        with pytest.raises(ValueError, match="wildcard"):
            engine.format_header(*arguments)
    assert engine.format_header(both[:1], "Contact") == "*"
    assert engine.format_header(("*", "en"), "Accept-Language") == "*, en"


def test_challenges_stand_alone(engine: Engine) -> None:
    challenge = engine.module("values.auth").Challenge.parse('Digest realm="a", nonce="b"')
    for items in ((challenge, challenge), ("x", challenge), (challenge, "x"), [1, challenge]):
        for name in (None, "Allow", "WWW-Authenticate"):
            with pytest.raises(ValueError):  # noqa: PT011
                engine.format_header(items, name)
    for arguments in (
        (challenge,),
        ((challenge,), "WWW-Authenticate"),
        (str(challenge), "WWW-Authenticate"),
    ):
        assert engine.format_header(*arguments) == str(challenge)


@pytest.mark.parametrize(
    ("name", "code", "at"),
    [
        ("", "header-name-empty", 0),
        ("X Y", "header-name-malformed", 1),
        ("X:", "header-name-malformed", 1),
        ("X\r\nY", "header-name-malformed", 1),
        ("é", "header-name-malformed", 0),
        ("From\0", "header-name-malformed", 4),
        ("\ud800", "header-name-malformed", 0),
        ("\u212a", "header-name-malformed", 0),
    ],
)
def test_malformed_name(engine: Engine, name: str, code: str, at: int) -> None:
    with pytest.raises(ParseError) as caught:
        engine.format_header("x", name)
    assert (caught.value.code, caught.value.offset) == (code, at)


@pytest.mark.parametrize("thing", [None, b"x", 1.5, object(), {"a": 1}, ("a", None), {"a"}])
def test_format_header_refuses_other_types(engine: Engine, thing: Any) -> None:
    with pytest.raises(TypeError, match="must be a value, str or int"):
        engine.format_header(thing)
    with pytest.raises(TypeError, match="name of a header field must be str"):
        engine.format_header("x", 1)


@pytest.mark.parametrize("number", [-1, 2**32, HUGE, -HUGE], ids=brief)
def test_numbers_out_of_range_of_header_fields(engine: Engine, number: int) -> None:
    for name in (None, "Expires"):
        with pytest.raises(ParseError) as caught:
            engine.format_header(number, name)
        assert (caught.value.code, caught.value.header) == ("number-out-of-range", name)


def test_overridden_str_is_ignored(engine: Engine) -> None:
    class Text(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "a\r\nX: 1"

    class Number(int):
        def __str__(self) -> str:
            return "a\r\nX: 1"

        def __format__(self, _: str) -> str:
            return "a\r\nX: 1"

    contact = engine.module("values.address").Contact

    class Mine(contact):  # type: ignore[misc, valid-type]
        def __str__(self) -> str:
            return "a\r\nX: 1"

    assert engine.format_header(Text("b")) == "b"
    assert engine.format_header(Number(5)) == "5"
    assert engine.format_header(Mine("sip:a")) == "<sip:a>"
    assert type(engine.format_header(Text("b"))) is str


def test_every_class_is_asked() -> None:
    assert {name for _, name in CLASSES} >= {*BUILT}
    assert PASSPORT
    assert len(HEADER_IDS) > len(HEADERS)
