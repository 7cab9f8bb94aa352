"""Requests and responses: their properties, the buffer that they hold, and refused operations."""

from __future__ import annotations

import array
import copy
import ctypes
import hashlib
import mmap
import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import OPTIONS, RINGING, attempt, sample
from seen import seen

from sipfast import Incomplete, LimitExceeded, ParseError
from sipfast._engine import Engine
from sipfast.registry.methods import METHODS

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"
REQUEST = sample(b"MESSAGE sip:bob@example.com;transport=tcp SIP/2.0", body=SDP, CSeq=b"1 MESSAGE")
RESPONSE = sample(b"SIP/2.0 486 Busy Here", body=b"\0\xff")
COMMON = {
    *("body", "body_defects", "body_offset", "body_view", "call_id", "content", "content_length"),
    *("defects", "defects_at", "edit", "end", "is_complete"),
    *("parts", "sdp"),
    *("headers", "max_forwards", "raw", "start", "version"),
    *("client_transaction_key", "dialog_id", "retransmission_key", "transaction_key"),
}


def public(thing: object) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


def run(code: str, engine: str, data: bytes = b"") -> bytes:
    """What a new interpreter writes that runs `code` on that engine, with `data` to read."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=data,
        capture_output=True,
        env={**os.environ, "SIPFAST_PURE": "1" if engine == "pure" else "0"},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


# ---- properties ---------------------------------------------------------------------------------


def test_request_has_method_and_uri(engine: Engine) -> None:
    message = engine.parse(REQUEST)
    assert type(message) is engine.Request
    assert isinstance(message, engine.Message)
    assert message.method == "MESSAGE"
    assert message.uri_text == "sip:bob@example.com;transport=tcp"
    assert message.version == "SIP/2.0"


def test_the_uri_of_a_request_is_a_value(engine: Engine) -> None:
    message: Any = engine.parse(REQUEST)
    assert type(message.uri) is engine.module("values.uri").SipURI
    assert (message.uri.user, message.uri.transport) == ("bob", "tcp")
    assert message.uri is message.uri
    other: Any = engine.parse(sample(b"OPTIONS urn:service:sos SIP/2.0"))
    assert other.uri.namespace == "service"
    malformed: Any = engine.parse(b"\r\n" + sample(b"OPTIONS sip:a@b:x SIP/2.0"))
    assert malformed.uri_text == "sip:a@b:x"
    with pytest.raises(ParseError) as caught:
        _ = malformed.uri
    error = caught.value
    assert (error.code, error.offset, error.header) == ("port-malformed", 18, "Request-URI")


def test_bytes_of_a_message_are_its_own(engine: Engine) -> None:
    for data in (REQUEST, RESPONSE):
        message = engine.parse(bytearray(b"\r\n" + data + b"more"))
        assert bytes(message) == data


def test_response_has_status_and_reason(engine: Engine) -> None:
    message = engine.parse(RESPONSE)
    assert type(message) is engine.Response
    assert isinstance(message, engine.Message)
    assert message.status == 486
    assert message.reason == "Busy Here"
    assert message.version == "SIP/2.0"


def test_a_request_has_no_status_and_a_response_no_method(engine: Engine) -> None:
    common = COMMON | public(engine.module("message.properties").Typed)
    assert public(engine.parse(REQUEST)) == common | {
        *("loop_key", "merge_key", "method", "uri", "uri_parts", "uri_text"),
        *("ack", "authorized", "cancel", "forward", "next_hop", "reply"),
    }
    assert public(engine.parse(RESPONSE)) == common | {"forward", "next_hop", "reason", "status"}
    assert public(engine.Message) == common


@pytest.mark.parametrize(
    ("line", "method", "uri", "version"),
    [
        (b"invite sip:a SIP/2.0", "invite", "sip:a", "SIP/2.0"),
        (b"X-!%*_+`'~. * sip/2.0", "X-!%*_+`'~.", "*", "sip/2.0"),
        (b"BYE sip:%C3%A9@example.com sIp/12.034", "BYE", "sip:%C3%A9@example.com", "sIp/12.034"),
        (b"BYE  sip:a \t b\t SIP/2.0 \t", "BYE", "sip:a \t b", "SIP/2.0"),
        (b"SUBSCRIBE sip:\xc3\xa9\xff SIP/2.0", "SUBSCRIBE", "sip:é\udcff", "SIP/2.0"),
        (b"SIP sip:a SIP/2.0", "SIP", "sip:a", "SIP/2.0"),
        (b"PUBLISH \0 SIP/2.0", "PUBLISH", "\0", "SIP/2.0"),
        (b"A " + b"u" * 30_000 + b" SIP/2.0", "A", "u" * 30_000, "SIP/2.0"),
        (b"M" * 30_000 + b" u SIP/2.0", "M" * 30_000, "u", "SIP/2.0"),
    ],
)
def test_parts_of_a_request_line(
    engine: Engine, line: bytes, method: str, uri: str, version: str
) -> None:
    message = engine.parse(sample(line))
    assert isinstance(message, engine.Request)
    assert (message.method, message.uri_text, message.version) == (method, uri, version)
    assert message.uri_text is message.uri_text


@pytest.mark.parametrize(
    ("line", "status", "reason", "version"),
    [
        (b"SIP/2.0 100 Trying", 100, "Trying", "SIP/2.0"),
        (b"SIP/2.0 200 ", 200, "", "SIP/2.0"),
        (b"SIP/2.0 200", 200, "", "SIP/2.0"),
        (b"SIP/2.0 000 x", 0, "x", "SIP/2.0"),
        (b"SIP/2.0 999 x", 999, "x", "SIP/2.0"),
        (b"sip/2.0\t \t606\tNot  Acceptable \t", 606, "Not  Acceptable \t", "sip/2.0"),
        (b"SIP/3.14 404 \xe6\x9c\xaa\xe6\x89\xbe\xe5\x88\xb0", 404, "未找到", "SIP/3.14"),
        (b"SIP/2.0 480  \xff\0", 480, " \udcff\0", "SIP/2.0"),
    ],
)
def test_parts_of_a_status_line(
    engine: Engine, line: bytes, status: int, reason: str, version: str
) -> None:
    message = engine.parse(sample(line))
    assert isinstance(message, engine.Response)
    assert (message.status, message.reason, message.version) == (status, reason, version)
    assert message.reason is message.reason


@pytest.mark.parametrize("method", sorted(METHODS))
def test_registered_methods_are_told_from_their_neighbours(engine: Engine, method: str) -> None:
    for name in (method, method.lower(), method[:-1], method + "X", "X" + method, method + "%00"):
        message = engine.parse(f"{name} sip:a SIP/2.0\r\n\r\n".encode())
        assert isinstance(message, engine.Request)
        assert message.method == name


@pytest.mark.parametrize(
    ("field", "call_id"),
    [
        (b"Call-ID: a@b", "a@b"),
        (b"i:a", "a"),
        (b"CALL-id : \t a \t", "a"),
        (b"Call-ID:\r\n a\r\n\tb", "a b"),
        (b"Call-ID:", ""),
        (b"Call-ID: \xff\xc3\xa9", "\udcffé"),
        (b"Call-ID: first\r\ni: second", "first"),
        (b"Call-IDs: a", None),
        (b"Subject: Call-ID: a", None),
    ],
)
def test_call_id(engine: Engine, field: bytes, call_id: str | None) -> None:
    message = engine.parse(sample(OPTIONS, field, Call_ID=None))
    assert message.call_id == call_id
    assert message.call_id is message.call_id
    assert message.headers.get("Call-ID") == call_id


@pytest.mark.parametrize(
    ("fields", "length", "body"),
    [
        ([], None, b"12345678"),
        ([b"Content-Length: 5"], 5, b"12345"),
        ([b"l: 0"], 0, b""),
        ([b"L:\r\n 00000000000000000000003 "], 3, b"123"),
        ([b"Content-Length: 9"], 9, b"12345678"),
        ([b"l: 2", b"Content-Length: 02", b"L: 2"], 2, b"12"),
        ([b"l: 2147483647"], 2**31 - 1, b"12345678"),
    ],
)
def test_content_length_and_the_body_it_frames(
    engine: Engine, fields: list[bytes], length: int | None, body: bytes
) -> None:
    message = engine.parse(b"\r\n".join([OPTIONS, *fields, b"", b"12345678"]))
    assert message.content_length == length
    assert message.body == body
    assert message.body_view == body


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (b"70", 70),
        (b"0", 0),
        (b"0068", 68),
        (b"\r\n 5 ", 5),
        (b"255", 255),
        (b"300", 300),
        (b"2147483647", 2**31 - 1),
        (b"0" * 5_000 + b"2147483647", 2**31 - 1),
    ],
)
def test_max_forwards(engine: Engine, value: bytes, number: int) -> None:
    assert engine.parse(sample(Max_Forwards=value)).max_forwards == number


def test_without_max_forwards(engine: Engine) -> None:
    assert engine.parse(sample(Max_Forwards=None)).max_forwards is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"x", "number-malformed"),
        (b"-1", "number-malformed"),
        (b"+1", "number-malformed"),
        (b"1 0", "number-malformed"),
        (b"1\r\n 0", "number-malformed"),
        (b"1_0", "number-malformed"),
        (b"1.0", "number-malformed"),
        (b"70;a", "number-malformed"),
        (b"7\0", "number-malformed"),
        (b"\xef\xbc\x97", "number-malformed"),  # a digit, but not an ASCII one
        (b"\xff", "number-malformed"),
        (b"2147483648", "number-too-large"),
        (b"4294967366", "number-too-large"),  # 70 in its low 32 bits
        (b"9" * 5_000, "number-too-large"),  # more digits than Python turns into an int
    ],
)
def test_malformed_max_forwards(engine: Engine, value: bytes, code: str) -> None:
    data = sample(Max_Forwards=value)
    message = engine.parse(data)
    for _ in range(2):
        with pytest.raises(ParseError) as caught:
            message.max_forwards  # noqa: B018
        error = caught.value
        assert (error.code, error.offset) == (code, data.index(b": " + value) + 2)
        assert (error.header, error.status_hint) == ("Max-Forwards", 400)


def test_empty_max_forwards_is_malformed(engine: Engine) -> None:
    with pytest.raises(ParseError, match="Empty Max-Forwards header field"):
        engine.parse(sample(Max_Forwards=b"")).max_forwards  # noqa: B018


# ---- where it lies in the buffer ----------------------------------------------------------------


@pytest.mark.parametrize("before", [b"", b"\r\n", b"\n\r\n\n", b"\r\n" * 500])
@pytest.mark.parametrize("after", [b"", b"\r\n", REQUEST, b"\0" * 100])
@pytest.mark.parametrize("whole", [REQUEST, RESPONSE])
def test_offsets(engine: Engine, before: bytes, after: bytes, whole: bytes) -> None:
    data = before + whole + after
    message = engine.parse(data)
    assert message.start == len(before)
    assert message.body_offset == len(before) + whole.index(b"\r\n\r\n") + 4
    assert message.end == len(before) + len(whole)
    assert message.raw == data[message.start : message.end] == whole
    assert message.body == data[message.body_offset : message.end]


def test_the_whole_buffer_is_not_copied(engine: Engine) -> None:
    assert engine.parse(REQUEST).raw is REQUEST


def test_bodies_of_one_message_are_equal_bytes(engine: Engine) -> None:
    message = engine.parse(REQUEST)
    assert type(message.body) is bytes
    assert message.body == message.body == bytes(message.body_view) == SDP


def test_an_empty_body(engine: Engine) -> None:
    message = engine.parse(sample())
    assert message.body == b""
    assert message.body_view.nbytes == 0
    assert message.body_offset == message.end


# ---- buffers ------------------------------------------------------------------------------------


def mapped(data: bytes) -> mmap.mmap:
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def padded(data: bytes, size: int) -> bytes:
    """`data` in a multiple of `size` bytes: those after Content-Length are not of the message."""
    return data + b"\0" * (-len(data) % size)


def ctypes_array(data: bytes) -> ctypes.Array[ctypes.c_char]:
    return (ctypes.c_char * len(data)).from_buffer_copy(data)


class Bytes(bytes):
    """Bytes that are not exactly bytes."""


BUFFERS: dict[str, Callable[[bytes], Any]] = {
    "bytes": bytes,
    "a subclass of bytes": Bytes,
    "bytearray": bytearray,
    "memoryview": memoryview,
    "memoryview of a bytearray": lambda data: memoryview(bytearray(data)),
    "part of a memoryview": lambda data: memoryview(b"\0" + data + b"\0")[1:-1],
    "memoryview in two dimensions": lambda data: memoryview(padded(data, 4)).cast(
        "B", (len(padded(data, 4)) // 4, 4)
    ),
    "memoryview of signed bytes": lambda data: memoryview(data).cast("b"),
    "memoryview of characters": lambda data: memoryview(data).cast("c"),
    "memoryview of integers": lambda data: memoryview(padded(data, 4)).cast("I"),
    "mmap": mapped,
    "array of bytes": lambda data: array.array("B", data),
    "array of doubles": lambda data: array.array("d", padded(data, 8)),
    "ctypes array": ctypes_array,
    "pickle buffer": pickle.PickleBuffer,
}


@pytest.mark.parametrize("kind", BUFFERS)
@pytest.mark.parametrize("whole", [REQUEST, RESPONSE])
def test_any_contiguous_buffer_is_accepted(engine: Engine, kind: str, whole: bytes) -> None:
    message = engine.parse(BUFFERS[kind](whole))
    same = engine.parse(whole)
    assert type(message) is type(same)
    assert message == same
    assert hash(message) == hash(same)
    assert repr(message) == repr(same)
    assert type(message.raw) is bytes
    assert message.raw == whole
    assert type(message.body) is bytes
    assert message.body == same.body
    assert [*message.headers.items()] == [*same.headers.items()]
    assert message.headers.raw == same.headers.raw
    assert message.defects == same.defects
    assert message._dump() == same._dump()


@pytest.mark.parametrize("kind", BUFFERS)
def test_a_body_is_seen_as_plain_bytes_that_cannot_be_written(engine: Engine, kind: str) -> None:
    view = engine.parse(BUFFERS[kind](REQUEST)).body_view
    assert (view.readonly, view.format, view.ndim, view.contiguous) == (True, "B", 1, True)
    assert view == SDP
    with pytest.raises(TypeError, match="read-only"):
        view[0] = 0


@pytest.mark.parametrize("kind", BUFFERS)
def test_errors_are_the_same_in_any_buffer(engine: Engine, kind: str) -> None:
    with pytest.raises(ParseError, match=r"Missing colon in header field \(byte 37\)"):
        engine.parse(BUFFERS[kind](OPTIONS + b"\r\nx\r\n\r\n"))


@pytest.mark.parametrize("kind", ["bytes", "bytearray", "memoryview", "array of bytes"])
def test_an_empty_buffer_holds_no_message(engine: Engine, kind: str) -> None:
    with pytest.raises(Incomplete, match=r"Empty message \(byte 0\)"):
        engine.parse(BUFFERS[kind](b""))


def test_text_is_refused(engine: Engine) -> None:
    with pytest.raises(TypeError, match=r"^a SIP message must be bytes-like, not str$"):
        engine.parse(REQUEST.decode())


@pytest.mark.parametrize("thing", [None, 5, 1.0, [REQUEST], (REQUEST,), object(), OPTIONS.split])
def test_other_objects_than_buffers_are_refused(engine: Engine, thing: object) -> None:
    kind = type(thing).__name__
    with pytest.raises(TypeError, match=f"^a SIP message must be bytes-like, not {kind}$"):
        engine.parse(thing)


@pytest.mark.parametrize("limits", [None, 5, "x", {"size": 5}])
def test_limits_of_another_type_are_named(engine: Engine, limits: object) -> None:
    kind = type(limits).__name__
    with pytest.raises(TypeError, match=f"^limits must be Limits, not {kind}$"):
        engine.parse(REQUEST, limits=limits)


@pytest.mark.parametrize("step", [2, -1])
def test_buffer_with_gaps_is_refused(engine: Engine, step: int) -> None:
    with pytest.raises(BufferError, match="one contiguous run of bytes"):
        engine.parse(memoryview(REQUEST)[::step])


def test_released_view_is_refused(engine: Engine) -> None:
    view = memoryview(REQUEST)
    view.release()
    with pytest.raises(ValueError, match="released"):
        engine.parse(view)


def test_closed_map_is_refused(engine: Engine) -> None:
    closed = mapped(REQUEST)
    closed.close()
    with pytest.raises(ValueError, match="closed"):
        engine.parse(closed)


def test_options_are_given_by_name(engine: Engine) -> None:
    assert engine.parse(data=REQUEST, strict=True, limits=engine.Limits()).raw == REQUEST
    with pytest.raises(TypeError):
        engine.parse(REQUEST, True)
    with pytest.raises(TypeError):
        engine.parse()


@pytest.mark.parametrize("limits", [None, 5, {"size": 9}])
def test_limits_are_limits(engine: Engine, limits: object) -> None:
    with pytest.raises(TypeError):
        engine.parse(REQUEST, limits=limits)


# ---- nothing is copied --------------------------------------------------------------------------


def test_a_body_view_of_bytes_is_of_those_bytes(engine: Engine) -> None:
    assert engine.parse(REQUEST).body_view.obj is REQUEST


def test_a_body_view_shares_memory_with_the_buffer(engine: Engine) -> None:
    buffer = bytearray(REQUEST)
    message = engine.parse(buffer)
    view, body = message.body_view, message.body
    buffer[-2:] = b"!!"
    assert bytes(view) == SDP[:-2] + b"!!"
    assert body == SDP
    assert message.raw == REQUEST[:-2] + b"!!"


def test_a_bytearray_keeps_its_size_while_a_message_lives(engine: Engine) -> None:
    buffer = bytearray(REQUEST)
    message = engine.parse(buffer)
    with pytest.raises(BufferError):
        buffer.append(0)
    view = message.body_view
    del message
    with pytest.raises(BufferError):
        buffer.append(0)
    del view
    buffer.append(0)
    assert buffer == REQUEST + b"\0"


def test_a_bytearray_is_free_again_after_an_error(engine: Engine) -> None:
    buffer = bytearray(b"nonsense")
    for limits in (engine.Limits(), engine.Limits(size=1)):
        with pytest.raises(ParseError):
            engine.parse(buffer, limits=limits)
    buffer.clear()


def test_a_map_cannot_be_closed_while_a_message_lives(engine: Engine) -> None:
    buffer = mapped(REQUEST)
    message = engine.parse(buffer)
    with pytest.raises(BufferError):
        buffer.close()
    assert message.raw == REQUEST
    del message
    buffer.close()


def test_a_view_may_be_released_while_a_message_lives(engine: Engine) -> None:
    view = memoryview(bytearray(REQUEST))
    message = engine.parse(view)
    view.release()
    assert message.raw == REQUEST
    assert message.body_view == SDP


def test_a_message_keeps_its_buffer(engine: Engine) -> None:
    message = engine.parse(bytes(bytearray(REQUEST)))
    assert message.raw == REQUEST
    headers, view = message.headers, message.body_view
    del message
    assert headers["From"].startswith('"Alice"')
    assert view == SDP


def test_what_was_read_once_stays(engine: Engine) -> None:
    buffer = bytearray(REQUEST)
    message = engine.parse(buffer)
    assert isinstance(message, engine.Request)
    before = message.uri, message.uri_text, message.call_id, message.defects
    buffer[:] = b"\xff" * len(buffer)
    assert (message.uri, message.uri_text, message.call_id, message.defects) == before


# ---- for people ---------------------------------------------------------------------------------


def test_repr_shows_the_essentials(engine: Engine) -> None:
    assert repr(engine.parse(REQUEST)) == (
        "<Request MESSAGE sip:bob@example.com;transport=tcp, Call-ID kc9fh4lsa@desk.example.com,"
        " 8 header fields, 36 bytes of body>"
    )
    assert repr(engine.parse(RESPONSE)) == (
        "<Response 486 Busy Here, Call-ID kc9fh4lsa@desk.example.com,"
        " 8 header fields, 2 bytes of body>"
    )
    assert repr(engine.parse(OPTIONS + b"\n\n")) == (
        "<Request OPTIONS sip:bob@example.com, Call-ID none, 0 header fields, 0 bytes of body>"
    )
    assert "1 header field," in repr(engine.parse(OPTIONS + b"\nx:\n\n"))


@pytest.mark.parametrize(
    "hostile",
    [b"\x1b[2J", b"\0", b"\xff\xfe", b"\xe2\x80\xae", b"\x7f", b"\xc2\x9b2J", b"\xf3\xa0\x81\x81"],
)
def test_repr_of_hostile_bytes_is_safe_to_print(engine: Engine, hostile: bytes) -> None:
    request = sample(b"X " + hostile + b" SIP/2.0", Call_ID=hostile)
    response = sample(b"SIP/2.0 200 " + hostile, Call_ID=hostile)
    for data in (request, response):
        shown = repr(engine.parse(data))
        assert shown.isprintable()
        assert shown.encode() == shown.encode("utf-8", "surrogateescape")


def test_repr_of_long_parts_is_short(engine: Engine) -> None:
    long, strange = b"x" * 10_000, b"\0\xff" * 5_000
    for data in (
        sample(long + b" " + long + b" SIP/2.0", Call_ID=long),
        sample(b"SIP/2.0 200 " + long, Call_ID=long),
        sample(b"SIP/2.0 200 " + strange, Call_ID=strange),
    ):
        assert len(repr(engine.parse(data))) < 1_000


def test_str_is_repr(engine: Engine) -> None:
    message = engine.parse(REQUEST)
    assert str(message) == repr(message)


# ---- values among others ------------------------------------------------------------------------


def test_messages_are_equal_if_their_bytes_are(engine: Engine) -> None:
    message = engine.parse(REQUEST)
    same = engine.parse(b"\r\n" + REQUEST + b"more")
    assert message == message
    assert message == same
    assert not message != same  # noqa: SIM202
    assert hash(message) == hash(same)
    assert len({message, same, engine.parse(RESPONSE)}) == 2


def test_messages_differ_by_any_byte(engine: Engine) -> None:
    message = engine.parse(REQUEST)
    assert message != engine.parse(RESPONSE)
    assert message != engine.parse(REQUEST.replace(b"From", b"from"))
    assert message != engine.parse(REQUEST.replace(b"v=0", b"v=1"))


@pytest.mark.parametrize("thing", [REQUEST, None, 5, "x", object()])
def test_a_message_equals_nothing_else(engine: Engine, thing: object) -> None:
    message = engine.parse(REQUEST)
    assert message != thing
    assert not message == thing  # noqa: SIM201


def test_messages_have_no_order(engine: Engine) -> None:
    message: Any = engine.parse(REQUEST)
    with pytest.raises(TypeError):
        message < message  # noqa: B015


def copies() -> list[Callable[[Any], Any]]:
    return [
        copy.copy,
        copy.deepcopy,
        *(
            lambda thing, protocol=protocol: pickle.loads(pickle.dumps(thing, protocol))
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
        ),
    ]


@pytest.mark.parametrize(
    "data", [REQUEST, RESPONSE, sample(RINGING, Content_Length=None, body=SDP)]
)
@pytest.mark.parametrize("make", [bytes, bytearray, mapped])
def test_copies_are_the_same_message(
    engine: Engine, data: bytes, make: Callable[[bytes], Any]
) -> None:
    message = engine.parse(make(b"\r\n" + data))
    for duplicate in copies():
        again = duplicate(message)
        assert type(again).__name__ == type(message).__name__
        assert again.raw == message.raw == data
        assert again.body == message.body
        assert again.content_length == message.content_length
        assert [*again.headers.items()] == [*message.headers.items()]
        assert len(again.defects) == len(message.defects)
        if type(again) is type(message):  # copies are made on the engine in use
            assert again == message


def test_a_message_past_the_usual_limits_can_be_copied(engine: Engine) -> None:
    fields = [b"x: y"] * 1_000 + [b"z: " + b"z" * 100_000]
    message = engine.parse(sample(OPTIONS, *fields), limits=engine.NO_LIMITS)
    assert copy.copy(message).raw == pickle.loads(pickle.dumps(message)).raw == message.raw


DUMP = """
import pickle, sys, sipfast
message = sipfast.parse(sys.stdin.buffer.read())
pickled = pickle.dumps((sipfast.engine, message, message.headers, sipfast.Limits(line=77)))
sys.stdout.buffer.write(pickled)
"""
LOAD = """
import pickle, sys, sipfast
other, message, headers, limits = pickle.loads(sys.stdin.buffer.read())
assert isinstance(message, sipfast.Message)
assert message == sipfast.parse(message.raw)
assert isinstance(headers, sipfast.Headers)
assert [*headers.items()] == [*message.headers.items()]
assert limits == sipfast.Limits(line=77)
sipfast.parse(b"BYE sip:a SIP/2.0\\n\\n", limits=limits)
sys.stdout.buffer.write(f"{other} {sipfast.engine} {message!r}".encode())
"""


@pytest.mark.parametrize(("one", "other"), [("native", "pure"), ("pure", "native")])
def test_pickles_cross_engines(native: Engine, one: str, other: str) -> None:
    shown = run(LOAD, other, run(DUMP, one, REQUEST)).decode()
    assert shown == f"{one} {other} {native.parse(REQUEST)!r}"


def test_pickles_reach_another_process(engine: Engine) -> None:
    shown = run(LOAD, engine.name, run(DUMP, engine.name, REQUEST)).decode()
    assert shown == f"{engine.name} {engine.name} {engine.parse(REQUEST)!r}"


# ---- refused operations -------------------------------------------------------------------------


@pytest.mark.parametrize("data", [REQUEST, RESPONSE])
def test_messages_cannot_be_changed(engine: Engine, data: bytes) -> None:
    message = engine.parse(data)
    for name in public(message):
        before = getattr(message, name)
        with pytest.raises(AttributeError):
            setattr(message, name, "x")
        with pytest.raises(AttributeError):
            delattr(message, name)
        if name != "headers":
            assert getattr(message, name) == before
    with pytest.raises(AttributeError):
        message.other = 1  # type: ignore[union-attr]


def test_classes_cannot_be_instantiated(engine: Engine) -> None:
    for kind in (engine.Message, engine.Request, engine.Response):
        with pytest.raises(TypeError, match=r"made by sipfast\.parse"):
            kind()
        with pytest.raises(TypeError):
            kind(REQUEST)  # type: ignore[call-arg]


def test_subclasses_cannot_be_instantiated_either(engine: Engine) -> None:
    kind = type("Call", (engine.Request,), {"subject": property(lambda self: None)})
    with pytest.raises(TypeError, match=r"made by sipfast\.parse"):
        kind()
    assert not isinstance(engine.parse(REQUEST), kind)


HOSTILE = """
import sipfast

def tried(what):
    try:
        return what()
    except Exception:
        return None

for kind in (sipfast.Message, sipfast.Request, sipfast.Response):
    for name in dir(kind):
        empty = kind.__new__(kind)
        made = tried(lambda: getattr(empty, name))
        if callable(made) and name not in ("__dir__", "__init_subclass__"):
            tried(made)
    for read in (repr, hash, len, iter, lambda one: one == one, lambda one: one.headers["X"]):
        tried(lambda: read(kind.__new__(kind)))

of_nothing = [
    tried(lambda: sipfast.Headers.__new__(sipfast.Headers)),
    *(tried(lambda: sipfast.Headers(thing)) for thing in (None, 5, b"x")),
]
message = sipfast.parse(b"BYE sip:a SIP/2.0\\nx: y\\n\\n")
emptied = message.headers
tried(lambda: emptied.__init__(None))
for headers in (*of_nothing, emptied):
    for read in (
        lambda: headers["Via"],
        lambda: headers["X"],
        lambda: headers.get("Via"),
        lambda: headers.getall("X"),
        lambda: "X" in headers,
        lambda: [*headers],
        lambda: len(headers),
        lambda: ([*headers.items()], headers.raw, repr(headers)),
    ):
        tried(read)
for limits in (None, 5, sipfast.Limits.__new__(sipfast.Limits)):
    tried(lambda: sipfast.parse(message.raw, limits=limits))
print("alive")
"""


def test_objects_made_without_parse_are_harmless(engine: Engine) -> None:
    assert run(HOSTILE, engine.name) == b"alive" + os.linesep.encode()


# ---- strict -------------------------------------------------------------------------------------


def test_strict_passes_what_has_no_defect(engine: Engine) -> None:
    for data in (REQUEST, RESPONSE):
        assert engine.parse(data, strict=True) == engine.parse(data)
        assert engine.parse(data).defects == ()


def test_strict_raises_the_first_defect(engine: Engine) -> None:
    data = sample(b"OPTIONS sip:bob@example.com SIP/2.1", Max_Forwards=b"256", To=b"")
    defects = engine.parse(data).defects
    assert [defect.code for defect in defects] == [
        "version-unsupported",
        "max-forwards-too-large",
        "header-empty",
    ]
    with pytest.raises(ParseError) as caught:
        engine.parse(data, strict=True)
    error = caught.value
    assert type(error) is ParseError
    values = error.code, error.header, error.offset, error.severity, error.status_hint, error.rfc
    assert values == defects[0]
    assert (error.text, str(error)) == (defects[0].text, str(defects[0]))


def test_strict_passes_over_warnings(engine: Engine) -> None:
    data = sample(b"OPTIONS sip:bob@example.com SIP/2.0", Max_Forwards=None, To=b"")
    assert [defect.severity for defect in engine.parse(data).defects] == ["warning", "error"]
    with pytest.raises(ParseError, match="Empty To"):
        engine.parse(data, strict=True)


def test_strict_raises_faults_as_ever(engine: Engine) -> None:
    with pytest.raises(Incomplete):
        engine.parse(REQUEST[:50], strict=True)
    with pytest.raises(LimitExceeded):
        engine.parse(REQUEST, strict=True, limits=engine.Limits(headers=1))


# ---- any bytes at all ---------------------------------------------------------------------------

BYTES_THAT_MATTER = st.one_of(
    st.sampled_from([b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b'"', b"\\", b";", b"/", b"\0"]),
    st.sampled_from([b"SIP/2.0", b"\r\nl: 3", b"\r\ni:", b"\n CSeq: 1 BYE", b"<", b"4294967296"]),
    st.binary(max_size=4),
)
MUTATIONS = st.lists(
    st.tuples(st.integers(0, 400), st.integers(0, 3), BYTES_THAT_MATTER), max_size=5
)


def mutated(data: bytes, mutations: list[tuple[int, int, bytes]]) -> bytes:
    for at, gone, new in mutations:
        data = data[:at] + new + data[at + gone :]
    return data


def read_everything(message: Any) -> list[object]:
    headers = message.headers
    read = [seen(message), [*headers.items()], headers.raw]
    read.append([headers.getall(name, ()) for name in headers])
    return [*read, repr(message), hash(message), repr(headers), list(map(str, message.defects))]


@settings(max_examples=400, deadline=None)
@given(data=st.sampled_from([REQUEST, RESPONSE, sample()]), mutations=MUTATIONS)
def test_any_message_can_be_read_whole(
    engine: Engine, data: bytes, mutations: list[tuple[int, int, bytes]]
) -> None:
    data = mutated(data, mutations)
    message = attempt(engine, data)
    if isinstance(message, ParseError):
        assert 0 <= message.offset <= len(data)
        return
    assert 0 <= message.start <= message.body_offset <= message.end <= len(data)
    assert message.raw == data[message.start : message.end]
    read_everything(message)

    again = engine.parse(message.raw)
    assert again == message
    assert [*again.headers.items()] == [*message.headers.items()]


@settings(max_examples=200, deadline=None)
@given(mutations=MUTATIONS, seed=st.integers(0, 2**32))
def test_a_buffer_may_change_under_a_message(
    engine: Engine, mutations: list[tuple[int, int, bytes]], seed: int
) -> None:
    """What is read then is of no use, but reading it does no harm."""
    data = mutated(sample(OPTIONS, b"x:\r\n a\r\n b", body=SDP), mutations)
    buffer = bytearray(data)
    message = attempt(engine, buffer)
    if isinstance(message, ParseError):
        return
    noise = hashlib.shake_128(seed.to_bytes(8, "little")).digest(len(buffer))
    buffer[:] = noise.translate(bytes(b'\r\n "\\:<,;/ aA1\xff\0'[byte % 16] for byte in range(256)))
    read_everything(message)
