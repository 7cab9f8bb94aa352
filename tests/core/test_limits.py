"""Limits: their values, and that each is exact to the byte."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest
from samples import OPTIONS, RINGING, attempt, sample

from sipfast import LimitExceeded, ParseError, errors
from sipfast._engine import Engine


def fault(engine: Engine, data: bytes, **limits: int) -> tuple[str, int] | None:
    """Code and offset of the error of `parse` under these limits, or None."""
    made = attempt(engine, data, limits=engine.Limits(**limits))
    if not isinstance(made, ParseError):
        return None
    assert isinstance(made, LimitExceeded) == (errors.FAULTS[made.code].status == 513)
    return made.code, made.offset


# ---- the class ----------------------------------------------------------------------------------


def test_defaults(engine: Engine) -> None:
    limits = engine.Limits()
    assert (limits.size, limits.headers, limits.line) == (1 << 20, 500, 1 << 15)
    assert inspect.signature(engine.parse).parameters["limits"].default == limits
    assert repr(limits) == "Limits(size=1048576, headers=500, line=32768)"


def test_each_is_set_by_its_name(engine: Engine) -> None:
    limits = engine.Limits(size=7, headers=8, line=9)
    assert (limits.size, limits.headers, limits.line) == (7, 8, 9)
    assert repr(limits) == "Limits(size=7, headers=8, line=9)"
    with pytest.raises(TypeError):
        engine.Limits(7)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        engine.Limits(bytes=7)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("name", "most"), [("size", 2**31 - 1), ("headers", 2**31 - 1), ("line", 2**23 - 1)]
)
def test_each_has_a_range(engine: Engine, name: str, most: int) -> None:
    for value in (1, most):
        assert getattr(engine.Limits(**{name: value}), name) == value
    for value in (0, -1, most + 1, 2**32 + 5, 2**64 + 5, -(2**64), 10**5000, -(10**5000)):
        with pytest.raises(ValueError, match=f"^{name} must be from 1 to {most}$"):
            engine.Limits(**{name: value})


@pytest.mark.parametrize("value", [1.5, 70.0, "70", None, b"7"])
def test_each_is_a_whole_number(engine: Engine, value: Any) -> None:
    for name in ("size", "headers", "line"):
        with pytest.raises(TypeError):
            engine.Limits(**{name: value})


def test_true_is_one(engine: Engine) -> None:
    limits = engine.Limits(size=True, headers=True, line=True)
    assert repr(limits) == "Limits(size=1, headers=1, line=1)"


def test_the_widest_limits(engine: Engine) -> None:
    widest = engine.NO_LIMITS
    assert (widest.size, widest.headers, widest.line) == (2**31 - 1, 2**31 - 1, 2**23 - 1)


def test_limits_are_values(engine: Engine) -> None:
    limits = engine.Limits(size=7)
    assert limits == engine.Limits(size=7)
    assert hash(limits) == hash(engine.Limits(size=7))
    assert limits != engine.Limits(size=8)
    assert limits != engine.Limits(size=7, headers=8)
    assert limits != engine.Limits(size=7, line=8)
    assert limits != 7
    for again in (copy.copy(limits), copy.deepcopy(limits), pickle.loads(pickle.dumps(limits))):
        assert repr(again) == repr(limits)
        if type(again) is type(limits):  # copies are made on the engine in use
            assert again == limits


def test_limits_cannot_be_changed(engine: Engine) -> None:
    limits: Any = engine.Limits()
    for name in ("size", "headers", "line", "other"):
        with pytest.raises(AttributeError):
            setattr(limits, name, 1)
    assert limits == engine.Limits()


# ---- size ---------------------------------------------------------------------------------------


def test_size_counts_all_bytes_of_the_buffer(engine: Engine) -> None:
    data = sample(body=b"v=0\r\n")
    assert fault(engine, data, size=len(data)) is None
    assert fault(engine, data, size=len(data) - 1) == ("message-too-large", len(data) - 1)
    assert fault(engine, data + b"x", size=len(data)) == ("message-too-large", len(data))
    assert fault(engine, b"\r\n" + data, size=len(data)) == ("message-too-large", len(data))


def test_size_comes_before_all_else(engine: Engine) -> None:
    assert fault(engine, b"\r\n\r\n\r\n", size=3) == ("message-too-large", 3)
    assert fault(engine, b"\xff\xff", size=1, line=1) == ("message-too-large", 1)


def test_the_default_size_is_a_mebibyte(engine: Engine) -> None:
    data = sample(Content_Length=None)
    assert fault(engine, data.ljust(1 << 20, b"x")) is None
    assert fault(engine, data.ljust((1 << 20) + 1, b"x")) == ("message-too-large", 1 << 20)


# ---- header fields ------------------------------------------------------------------------------


@pytest.mark.parametrize("most", [1, 7, 23, 24, 25, 48, 254, 255, 256, 500, 1_000])
@pytest.mark.parametrize("name", [b"Via", b"z"])
def test_header_fields_are_counted(engine: Engine, name: bytes, most: int) -> None:
    field = name + b": y\r\n"
    data = OPTIONS + b"\r\n" + field * most
    assert fault(engine, data + b"\r\n", headers=most) is None
    for more in (field + b"\r\n", field + field, b"nonsense\r\n\r\n"):
        assert fault(engine, data + more, headers=most) == ("too-many-header-fields", len(data))
    assert fault(engine, data + field, headers=most) == (
        "header-block-unfinished",
        len(data + field),
    )


def test_folds_are_no_header_fields(engine: Engine) -> None:
    data = OPTIONS + b"\r\n" + b"x: a\r\n b\r\n c\r\n" * 5 + b"\r\n"
    assert fault(engine, data, headers=5) is None
    assert fault(engine, data, headers=4) == ("too-many-header-fields", len(data) - 16)


def test_one_message_may_have_500_header_fields(engine: Engine) -> None:
    data = OPTIONS + b"\r\n" + b"x:\r\n" * 500
    assert fault(engine, data + b"\r\n") is None
    assert fault(engine, data + b"x:\r\n\r\n") == ("too-many-header-fields", len(data))


# ---- lines --------------------------------------------------------------------------------------


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("start", [OPTIONS, RINGING])
def test_a_start_line_may_be_so_long(engine: Engine, start: bytes, line_end: bytes) -> None:
    most = len(start)
    for before in (b"", b"\r\n"):
        data = before + start + line_end + line_end
        assert fault(engine, data, line=most) is None
        assert fault(engine, data, line=most - 1) == ("line-too-long", len(before) + most - 1)


@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
@pytest.mark.parametrize(
    "field",
    [
        b"Subject: " + b"x" * 60,
        b"s:" + b" " * 60,
        b"X" * 60 + b":",
        b"a:\r\n b\r\n" + b" c\r\n" * 20 + b" d",
        b"x: " + b"\n " * 40 + b"y",
        b"Call-ID:" + b"\xff" * 90,
    ],
)
def test_a_field_may_be_so_long_with_its_folds(
    engine: Engine, field: bytes, line_end: bytes
) -> None:
    before = OPTIONS + line_end + b"v: y" + line_end
    most = len(field)
    for after in (line_end + line_end, line_end + b"v: z" + line_end + line_end):
        data = before + field + after
        assert fault(engine, data, line=most) is None
        assert fault(engine, data, line=most - 1) == ("line-too-long", len(before) + most - 1)


@pytest.mark.parametrize("ending", [b"", b"\r", b"\n", b"\r\n", b"\r\n ", b"\r\n x"])
def test_a_line_that_has_not_ended_is_too_long_already(engine: Engine, ending: bytes) -> None:
    data = OPTIONS + b"\r\nSubject: " + b"x" * 60
    at = len(OPTIONS) + 2
    assert fault(engine, data + ending, line=68) == ("line-too-long", at + 68)
    assert fault(engine, data + ending, line=75) == (
        "header-block-unfinished",
        len(data + ending),
    )


def test_a_line_too_long_comes_before_what_is_in_it(engine: Engine) -> None:
    start = OPTIONS + b"\r\n"
    for field in (b"no colon here at all, and no end of it soon", b"x: \r bare" + b"x" * 40):
        assert fault(engine, start + field + b"\r\n\r\n", line=38) == (
            "line-too-long",
            len(start) + 38,
        )


def test_the_default_line_is_32_kib(engine: Engine) -> None:
    start = OPTIONS + b"\r\nx:"
    assert fault(engine, start + b"y" * (32_768 - 2) + b"\r\n\r\n") is None
    assert fault(engine, start + b"y" * (32_768 - 1) + b"\r\n\r\n") == (
        "line-too-long",
        len(OPTIONS) + 2 + 32_768,
    )


def test_the_body_has_no_lines(engine: Engine) -> None:
    data = sample(body=b"x" * 5_000)
    assert fault(engine, data, line=100) is None
    assert fault(engine, data, line=100, headers=8) is None
