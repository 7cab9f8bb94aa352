"""The header fields of a message as a mapping: in every spelling, in any number."""

from __future__ import annotations

import copy
import gc
import pickle
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPTIONS, sample

from sipfast._engine import Engine
from sipfast.registry.header_names import HEADER_NAMES, header_name

COMPACT = [(header.name, header.compact) for header in HEADER_NAMES if header.compact]
# The native table holds this many fields in itself; an index from 254 on is kept elsewhere.
TURNS = [*range(1, 4), *range(22, 27), *range(46, 51), *range(94, 98), *range(252, 258)]


def block(*fields: bytes, line_end: bytes = b"\r\n") -> bytes:
    return line_end.join([OPTIONS, *fields, b"", b""])


def headers_of(engine: Engine, *fields: bytes) -> Any:
    return engine.parse(block(*fields), limits=engine.NO_LIMITS).headers


# ---- one value ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "compact"), COMPACT)
def test_compact_forms_are_the_same_name(engine: Engine, name: str, compact: str) -> None:
    for written in (name, compact):
        value = b"7" if name == "Content-Length" else b"a"
        for spelt in (written, written.upper(), written.lower(), written.swapcase()):
            headers = headers_of(engine, spelt.encode() + b": " + value)
            for asked in (name, compact, name.lower(), name.upper(), compact.upper()):
                assert headers[asked] == value.decode()
                assert headers.get(asked) == value.decode()
                assert headers.getall(asked) == [value.decode()]
                assert asked in headers
            assert list(headers) == [spelt]


@pytest.mark.parametrize("header", HEADER_NAMES, ids=lambda header: header.name)
def test_every_registered_name_is_found_in_any_case(engine: Engine, header: Any) -> None:
    value = b"7" if header.name == "Content-Length" else b"a"
    for spelt in (header.name, header.name.lower(), header.name.upper(), header.name.swapcase()):
        headers = headers_of(engine, b"Z: b", spelt.encode() + b": " + value, b"Y: c")
        for asked in (header.name, header.name.lower(), header.name.upper()):
            assert headers[asked] == value.decode()


@pytest.mark.parametrize("header", HEADER_NAMES, ids=lambda header: header.name)
def test_names_like_a_registered_one_are_others(engine: Engine, header: Any) -> None:
    name = header.name
    others = {
        name + "z",
        name[:-1],
        "z" + name,
        name + "-",
        name[:-1] + "~",
        name.replace("-", "_"),
    }
    for other in others - {name}:
        if header_name(other):  # such as Route, of Routex; no concern of this test
            continue
        headers = headers_of(engine, other.encode() + b": a")
        assert headers[other] == headers[other.upper()] == "a"
        assert name not in headers
        assert headers.getall(name, []) == []


def test_unknown_names_are_compared_whole(engine: Engine) -> None:
    headers = headers_of(engine, b"X-Account: 1", b"x-accounT-2: 2", b"X-ACCOUNT: 3", b"Z: 4")
    assert headers["x-account"] == "1"
    assert headers.getall("X-Account") == ["1", "3"]
    assert headers.getall("X-Account-2") == ["2"]
    assert headers.getall("z") == ["4"]
    assert headers.getall("X-Accoun", []) == []


def test_unknown_names_of_one_letter_are_no_compact_forms(engine: Engine) -> None:
    headers = headers_of(engine, b"z: 1", b"Z: 2")
    assert headers.getall("z") == headers.getall("Z") == ["1", "2"]
    assert list(headers) == ["z", "Z"]


def test_a_name_that_is_missing(engine: Engine) -> None:
    headers = headers_of(engine, b"Via: a", b"Z: b")
    for name in ("From", "f", "Y", "", " Via", "Via ", "Via:", "V ia"):
        with pytest.raises(KeyError) as caught:
            headers[name]
        assert caught.value.args == (name,)
        assert headers.get(name) is None
        assert headers.get(name, "c") == "c"
        assert headers.get(name, default=5) == 5
        assert headers.getall(name, []) == []
        assert name not in headers


def test_names_beyond_ascii_are_never_there(engine: Engine) -> None:
    # The Kelvin sign lowers to k, and the long s uppers to S: neither is in a token.
    headers = headers_of(engine, b"k: a", b"Subject: b", b"X-k: c", b"Diversion: d")
    for name in (
        "\u212a",
        "\u017fubject",
        "X-\u212a",
        "D\u0131version",
        "é",
        "\udcff",
        "\ud800",
        "\0",
    ):
        assert name not in headers
        assert headers.get(name) is None
        assert headers.getall(name, []) == []
        with pytest.raises(KeyError):
            headers[name]


@pytest.mark.parametrize("name", [None, 5, b"Via", 1.5, ("Via",), object()])
def test_names_are_text(engine: Engine, name: Any) -> None:
    headers = headers_of(engine, b"Via: a")
    assert name not in headers
    for read in (headers.__getitem__, headers.get, headers.getall):
        with pytest.raises(TypeError):
            read(name)


def test_names_may_be_a_subclass_of_str(engine: Engine) -> None:
    class Name(str):
        __slots__ = ()

    headers = headers_of(engine, b"v: a", b"Z: b")
    assert headers[Name("Via")] == "a"
    assert headers[Name("z")] == "b"


# ---- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value", "raw"),
    [
        (b"z:y", "y", b"y"),
        (b"z:", "", b""),
        (b"z: \t ", "", b""),
        (b"z \t :\t y \t", "y", b"y"),
        (b"z: a  b\tc", "a  b\tc", b"a  b\tc"),
        (b"z: a:b", "a:b", b"a:b"),
        (b"z::", ":", b":"),
        (b'z: a,b;c="d,e"', 'a,b;c="d,e"', b'a,b;c="d,e"'),
        (
            b"z: \xc3\xa9\xe4\xb8\xad\xf0\x9f\x93\x9e",
            "é中📞",
            b"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x93\x9e",
        ),
        (b"z: \xd5\xc5\xff", "\udcd5\udcc5\udcff", b"\xd5\xc5\xff"),
        (b"z: \xed\xa0\x80", "\udced\udca0\udc80", b"\xed\xa0\x80"),
        (b"z: a\0b\x7f\x1b", "a\0b\x7f\x1b", b"a\0b\x7f\x1b"),
        (b"z: a\x0b\x0c\x85\xc2\xa0", "a\x0b\x0c\udc85\xa0", b"a\x0b\x0c\x85\xc2\xa0"),
        (b"z: a\r\n b", "a b", b"a\r\n b"),
        (b"z:\r\n a", "a", b"a"),
        (b"z: a\r\n ", "a", b"a"),
        (b"z:\r\n \r\n\t\r\n a", "a", b"a"),
        (b"z: a \t\r\n \t b\n\tc  d", "a b c  d", b"a \t\r\n \t b\n\tc  d"),
        (b"z: a\r\n \r\n \r\n b", "a b", b"a\r\n \r\n \r\n b"),
        (b"z: \xff\r\n \xff", "\udcff \udcff", b"\xff\r\n \xff"),
        (b'z: "a\r\n b"', '"a b"', b'"a\r\n b"'),
    ],
)
def test_values(engine: Engine, written: bytes, value: str, raw: bytes) -> None:
    headers = headers_of(engine, b"v: before", written, b"From: after")
    assert headers["Z"] == headers.get("z") == value
    assert headers.getall("z") == [value]
    assert [*headers.items()] == [("v", "before"), ("z", value), ("From", "after")]
    assert headers.raw == ((b"v", b"before"), (b"z", raw), (b"From", b"after"))
    if b"\n" not in raw:
        assert value.encode("utf-8", "surrogateescape") == raw


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_values_do_not_hold_their_line_end(engine: Engine, line_end: bytes) -> None:
    data = block(b"v: a", b"Z: b", b"Subject:", line_end=line_end)
    assert engine.parse(data).headers.raw == ((b"v", b"a"), (b"Z", b"b"), (b"Subject", b""))


# ---- several values -----------------------------------------------------------------------------


def test_the_first_value_is_taken_and_all_can_be_had(engine: Engine) -> None:
    headers = headers_of(engine, b"Via: 1", b"Z: a", b"v: 2", b"z: b", b"VIA : 3", b"Z : c")
    assert (headers["v"], headers["Z"]) == ("1", "a")
    assert headers.getall("via") == ["1", "2", "3"]
    assert headers.getall("z") == ["a", "b", "c"]
    assert list(headers) == ["Via", "Z", "v", "z", "VIA", "Z"]
    assert len(headers) == 6


def test_values_are_not_split_at_commas(engine: Engine) -> None:
    headers = headers_of(engine, b"Via: 1, 2", b"v: 3", b"Z: ;;,,;;,;")
    assert headers.getall("Via") == ["1, 2", "3"]
    assert headers.getall("Z") == [";;,,;;,;"]


def test_lists_are_new_ones(engine: Engine) -> None:
    headers = headers_of(engine, b"Via: 1")
    headers.getall("Via").clear()
    assert [*headers.items()] == [("Via", "1")]


def test_without_header_fields(engine: Engine) -> None:
    headers = headers_of(engine)
    assert (len(headers), list(headers), [*headers.items()], headers.raw) == (0, [], [], ())
    assert "Via" not in headers
    assert "Z" not in headers
    assert repr(headers) == "Headers([])"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_many_names_that_are_missing(engine: Engine, count: int) -> None:
    message = engine.parse(block(*[b"X-Odd: 1"] * count))
    for number in range(20):  # before and after an index is made
        assert message.headers.get(f"X-{number}") is None
        assert message.headers.getall("x-odd", []) == ["1"] * count
        assert ("X-ODD" in message.headers) is (count > 0)
        assert "\u212a-Odd" not in message.headers


def test_repr(engine: Engine) -> None:
    headers = headers_of(engine, b"v: a", b"Z: \x1b\xff")
    assert repr(headers) == r"Headers([('v', 'a'), ('Z', '\x1b\udcff')])"


def test_headers_cannot_be_changed(engine: Engine) -> None:
    headers = headers_of(engine, b"v: a")
    with pytest.raises(TypeError):
        headers["Via"] = "b"
    with pytest.raises(TypeError):
        del headers["Via"]
    for name in ("raw", "items", "get", "other"):
        with pytest.raises(AttributeError):
            setattr(headers, name, None)


def test_headers_are_of_their_class_and_can_be_copied(engine: Engine) -> None:
    headers = headers_of(engine, b"v: a", b"Z: b")
    assert type(headers) is engine.Headers
    for again in (copy.copy(headers), copy.deepcopy(headers), pickle.loads(pickle.dumps(headers))):
        assert again.raw == headers.raw
        assert again["Via"] == "a"


# ---- many fields --------------------------------------------------------------------------------


@pytest.mark.parametrize("count", TURNS)
def test_a_known_field_is_found_wherever_it_stands(engine: Engine, count: int) -> None:
    fields = [b"x-%d: %d" % (number, number) for number in range(count)]
    for field in (b"Call-ID: a", b"i: a", b"CALL-ID: a"):
        headers = headers_of(engine, *fields, field)
        assert len(headers) == count + 1
        assert headers["Call-ID"] == "a"
        assert headers[f"X-{count - 1}"] == str(count - 1)
        assert "From" not in headers
        headers = headers_of(engine, *fields, field, b"i: b", b"From: c")
        assert headers.getall("i") == ["a", "b"]
        assert headers["f"] == "c"


@pytest.mark.parametrize("count", TURNS)
def test_a_field_that_repeats_is_found_first(engine: Engine, count: int) -> None:
    headers = headers_of(engine, b"v: first", *[b"Via: %d" % n for n in range(count)], b"From: a")
    assert headers["Via"] == "first"
    assert headers.getall("Via") == ["first", *map(str, range(count))]
    assert headers["From"] == "a"
    assert "To" not in headers


@pytest.mark.parametrize("before", [0, 20, 24, 120, 130, 230, 254, 1_000])
def test_the_first_field_of_every_name(engine: Engine, before: int) -> None:
    """Every known name after `count` unknown ones, and then each again."""
    names = [header.name for header in HEADER_NAMES if header.name != "Content-Length"]
    random.Random(before).shuffle(names)
    fields = [b"z: y"] * before
    fields += [b"%s: %d" % (name.encode(), index) for index, name in enumerate(names)]
    headers = headers_of(engine, *fields, *[name.encode() + b": again" for name in names])
    assert len(headers) == before + 2 * len(names)
    for index, name in enumerate(names):
        assert headers[name] == str(index)
        assert headers.getall(name) == [str(index), "again"]
    assert len(headers.getall("Z", ())) == before
    assert "Content-Length" not in headers


def test_ten_thousand_fields(engine: Engine) -> None:
    fields = [b"x-%d: %d" % (number % 1_000, number) for number in range(9_998)]
    message = engine.parse(block(*fields, b"To: here", b"Last: one"), limits=engine.NO_LIMITS)
    headers = message.headers
    assert len(headers) == len(headers.items()) == len(headers.raw) == len(list(headers)) == 10_000
    assert (headers["To"], headers["last"]) == ("here", "one")
    assert headers["X-998"] == "998"
    assert headers.getall("x-7") == [str(number) for number in range(7, 9_998, 1_000)]
    assert [*headers.items()][5_000] == ("x-0", "5000")
    assert message.call_id is None


# ---- against a model ----------------------------------------------------------------------------

NAMES = st.one_of(
    st.sampled_from(["Via", "v", "From", "f", "Call-ID", "i", "Z", "x-Y", "Viaa", "z", "CSeq"]),
    st.sampled_from([header.name for header in HEADER_NAMES if header.name != "Content-Length"]),
    st.text("abXY-.!%*_+`'~0", min_size=1, max_size=12),
)
VALUES = st.text('ab ,;"é\xff\0', max_size=8).map(str.strip)
FIELDS = st.lists(st.tuples(NAMES, st.sampled_from([str, str.lower, str.upper]), VALUES))


def canonical(name: str) -> str:
    known = header_name(name)
    return known.name if known else name.lower()


@settings(max_examples=150, deadline=None)
@given(fields=FIELDS, times=st.integers(1, 40), others=st.lists(NAMES, max_size=5))
def test_a_mapping_does_what_a_list_of_pairs_would(
    engine: Engine, fields: list[tuple[str, Any, str]], times: int, others: list[str]
) -> None:
    pairs = [(case(written), value) for written, case, value in fields] * times
    encoded = [f"{written}: {value}".encode() for written, value in pairs]
    headers = headers_of(engine, *encoded)
    assert [*headers.items()] == pairs
    assert list(headers) == [written for written, _ in pairs]
    assert len(headers) == len(pairs)
    model: dict[str, list[str]] = {}
    for written, value in pairs:
        model.setdefault(canonical(written), []).append(value)
    for asked in {written for written, _ in pairs} | set(others):
        values = model.get(canonical(asked), [])
        assert headers.getall(asked, []) == values
        assert headers.get(asked) == (values[0] if values else None)
        assert (asked in headers) == bool(values)


def test_samples_have_the_fields_that_they_show(engine: Engine) -> None:
    headers = engine.parse(sample(OPTIONS, b"Z: y")).headers
    assert list(headers) == [
        *("Via", "Max-Forwards", "From", "To", "Call-ID", "CSeq", "Z", "Content-Length"),
    ]


def test_an_index_that_was_written_to_is_refused(engine: Engine) -> None:
    """The collector hands out what a message keeps of the names that are not registered."""
    headers = headers_of(engine, *[b"X-%d: a" % (number // 2) for number in range(40)])
    for number in range(9):
        assert headers.getall(f"x-{number}") == ["a", "a"]
    (index,) = [
        found
        for found in gc.get_objects()
        if type(found) is tuple and found and type(found[0]) is dict and "x-19" in found[0]
    ]
    first, following = index
    following[first["x-3"]], following[first["x-4"]] = 10**8, 0
    first["x-5"], first["x-6"] = 10**8, -(10**8)
    with pytest.raises(IndexError):
        headers.getall("x-3")
    assert headers.getall("x-4") == ["a"]
    with pytest.raises(IndexError):
        headers.get("x-5")
    assert headers.get("x-6") is None


def test_a_message_without_header_fields_answers_any_number_of_look_ups(engine: Engine) -> None:
    headers = headers_of(engine)
    for number in range(20):
        assert headers.get(f"x-{number}") is None
        assert headers.getall(f"x-{number}", ()) == ()


def test_spans_of_fields(engine: Engine) -> None:
    data = b"\r\n" + sample(OPTIONS, b"X-A :  one\r\n two  ", b"x-a:", line_end=b"\n") + b"more"
    for buffer in (data, bytearray(data)):
        headers = engine.parse(buffer).headers
        first, second = headers.spans("X-A")
        assert first == headers.span("x-a")
        assert [bytes(buffer[where]) for where in first] == [
            *(b"X-A", b"one\r\n two", b"X-A :  one\r\n two  \n")
        ]
        assert [bytes(buffer[where]) for where in second] == [b"x-a", b"", b"x-a:\n"]
        assert bytes(buffer[headers.span("f").value]).startswith(b'"Alice" <sip:')
        assert bytes(buffer[headers.span("l").line]) == b"Content-Length: 0\n"
        assert headers.spans("Route") == ()
        with pytest.raises(KeyError, match="Route"):
            headers.span("Route")
        with pytest.raises(TypeError, match="header field must be str, not int"):
            headers.span(5)  # type: ignore[arg-type]
