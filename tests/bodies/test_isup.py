"""Messages of the ISDN user part."""

from __future__ import annotations

import pickle

import pytest
from body_samples import outcome
from hypothesis import given
from hypothesis import strategies as st

from sipfast import ParseError
from sipfast.bodies import Cause, Isup, PartyNumber
from sipfast.bodies.isup import _LAYOUTS, _OTHER_NAMES, Parameter
from sipfast.registry.q850 import CAUSES

CALLED = bytes.fromhex("8410 44029764 90850f")  # odd, international; E.164; digits, ST, filler
CALLING = bytes.fromhex("0313 10325476")  # even, national; E.164, allowed, network provided


def iam(called: bytes = CALLED, *optional: tuple[int, bytes]) -> bytes:
    """An initial address message with a called party number and optional parameters."""
    more = b"".join(bytes([code, len(value)]) + value for code, value in optional)
    pointers = bytes([2, len(called) + 2 if more else 0])
    end = b"\0" if more else b""
    fixed = bytes.fromhex("01 00 6001 0a 00")
    return fixed + pointers + bytes([len(called)]) + called + more + end


def rel(cause: bytes) -> bytes:
    return b"\x0c\x02\x00%c%b" % (len(cause), cause)


def test_an_initial_address() -> None:
    body = iam(CALLED, (0x0A, CALLING), (0x28, b"\x03\x10\x21"))
    message = Isup.parse(body)
    assert (message.type, message.name, message.cause) == (1, "IAM", None)
    assert message.called == PartyNumber("442079460958", "international", "E.164", None, None)
    assert str(message.called) == "+442079460958"
    assert message.calling == PartyNumber(
        "01234567", "national", "E.164", "allowed", "network provided"
    )
    assert str(message.calling) == "01234567"
    assert [found.code for found in message.parameters] == [6, 7, 9, 2, 4, 10, 0x28]
    assert message.get(7) == Parameter(7, b"\x60\x01", 2)
    assert message.get(0x0B) is None
    for found in message.parameters:
        assert body[found.offset :].startswith(found.value)
    assert pickle.loads(pickle.dumps(message)) == message
    assert Isup.parse(memoryview(body)) == message


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0190", ("", "subscriber", "E.164", "allowed", "user provided, not verified")),
        ("0290", ("", "unknown", "E.164", "allowed", "user provided, not verified")),
        ("8304 01", ("1", "national", "0", "restricted", "user provided, not verified")),
        ("000b", ("", "0", "0", "not available", "network provided")),
        ("0551 ba dc", ("ABCD", "network-specific", "private", "allowed",
                        "user provided, verified and passed")),
        ("7f32 21f3", ("123", "127", "X.121", "allowed", "user provided, verified and failed")),
        ("8410 ff", ("", "international", "E.164", "allowed", "user provided, not verified")),
    ],
)  # fmt: skip
def test_numbers(value: str, expected: tuple[str, str, str, str, str]) -> None:
    message = Isup.parse(iam(CALLED, (0x0A, bytes.fromhex(value))))
    assert message.calling == expected


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("8290", Cause(16, CAUSES[16].en, "public network serving the local user", "ITU-T", b"")),
        ("8091", Cause(17, "User busy", "user", "ITU-T", b"")),
        (
            "8a 81 0102",
            Cause(1, CAUSES[1].en, "network beyond interworking point", "ITU-T", b"\1\2"),
        ),
        (
            "02 80 9f",
            Cause(31, CAUSES[31].en, "public network serving the local user", "ITU-T", b""),
        ),
        ("c6 90", Cause(16, None, "6", "national", b"")),
        ("87 80", Cause(0, None, "international network", "ITU-T", b"")),
    ],
)
def test_causes(octets: str, expected: Cause) -> None:
    message = Isup.parse(rel(bytes.fromhex(octets)))
    assert message.name == "REL"
    assert message.cause == expected


@pytest.mark.parametrize(
    ("body", "name", "codes"),
    [
        ("06 0204 00", "ACM", [0x11]),
        ("06 0204", "ACM", [0x11]),
        ("06 0204 01 2901 01 00", "ACM", [0x11, 0x29]),
        ("09 00", "ANM", []),
        ("09 01 2102 8310 00", "ANM", [0x21]),
        ("10 00", "RLC", []),
        ("10", "RLC", []),
        ("2c 01 00", "CPG", [0x24]),
        ("02 02 00 02 0021", "SAM", [5]),
        ("12", "RSC", []),
        ("17 0102", "GRS", []),
        ("ff 00", None, []),
    ],
)
def test_other_messages(body: str, name: str | None, codes: list[int]) -> None:
    message = Isup.parse(bytes.fromhex(body))
    assert message.name == name
    assert [found.code for found in message.parameters] == codes
    assert (message.called, message.calling, message.cause) == (None, None, None)


def test_each_type_is_named_once() -> None:
    assert not _LAYOUTS.keys() & _OTHER_NAMES.keys()
    names = [layout.name for layout in _LAYOUTS.values()] + [*_OTHER_NAMES.values()]
    assert len(set(names)) == len(names)


# ---- what is cut off ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "offset"),
    [
        ("", 0),
        ("01", 1),
        ("01 00 60", 2),
        ("01 00 6001 0a 00", 6),
        ("01 00 6001 0a 00 02 00", 8),
        ("01 00 6001 0a 00 ff 00 02 8410", 11),
        ("01 00 6001 0a 00 02 00 03 8410", 9),
        ("0c 02 ff 02 8290", 6),
        ("09 01", 2),
        ("09 01 21", 3),
        ("09 01 21 02 83", 4),
        ("09 01 21 01 83", 5),
    ],
)
def test_truncated(body: str, offset: int) -> None:
    with pytest.raises(ParseError) as caught:
        Isup.parse(bytes.fromhex(body))
    assert (caught.value.code, caught.value.offset) == ("isup-truncated", offset)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (iam(b""), "called"),
        (iam(b"\x84"), "called"),
        (iam(CALLED, (0x0A, b"\x84")), "calling"),
        (rel(b""), "cause"),
        (rel(b"\x80"), "cause"),
        (rel(b"\x00\x80"), "cause"),
    ],
)
def test_a_parameter_that_is_too_short_is_raised_when_asked(body: bytes, name: str) -> None:
    message = Isup.parse(body)
    with pytest.raises(ParseError) as caught:
        getattr(message, name)
    assert caught.value.code == "isup-parameter-too-short"
    assert caught.value.offset == message.parameters[-1].offset


WHOLE = iam(CALLED, (0x0A, CALLING), (0x12, b"\x82\x90"))


@given(
    st.binary(max_size=40)
    | st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)).map(
        lambda change: WHOLE[: change[0]] + bytes([change[1]]) + WHOLE[change[0] + 1 :]
    )
)
def test_any_bytes(body: bytes) -> None:
    message = outcome(Isup.parse, body, most=len(body))
    if isinstance(message, Isup):
        for name in ("name", "called", "calling", "cause"):
            outcome(getattr, message, name, most=len(body))
