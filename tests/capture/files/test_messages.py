"""Concatenated messages: their ends, malformed ones, and the cost."""

from __future__ import annotations

import random
from pathlib import Path

import capture_files as made
import pytest
from capture_files import OPTIONS

import sipfast
import sipfast.capture
from sipfast.capture import CaptureError

SDP = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"


def message(
    body: bytes = b"",
    start: bytes = b"INVITE sip:bob@example.com SIP/2.0",
    length: int | bytes | None = -1,
    name: bytes = b"Content-Length",
) -> bytes:
    """A message; a `length` of -1 is the right one, None leaves the header field out."""
    stated = len(body) if length == -1 else length
    field = b"" if stated is None else b"%s: %s\r\n" % (name, _text_of(stated))
    return start + b"\r\nCall-ID: 1@example.net\r\n" + field + b"\r\n" + body


def _text_of(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def without_returns(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n")


def split(folder: Path, *parts: bytes) -> list[bytes]:
    """Read `parts` as one file, and check the rules for all files of messages."""
    content = b"".join(parts)
    capture, datagrams = made.read(folder, content, format="messages")
    end = 0
    for index, datagram in enumerate(datagrams, 1):
        assert datagram.packet == index
        assert datagram[3:10] == (*(None,) * 6, False)
        assert datagram.data == content[datagram.offset :][: len(datagram.data)]
        assert content[end : datagram.offset].strip(b"\r\n") == b""
        end = datagram.offset + len(datagram.data)
    assert content[end:].strip(b"\r\n") == b""
    assert capture.position == capture.size
    assert not capture.skipped
    return made.payloads(datagrams)


INVITE = message(SDP)
RINGING = message(start=b"SIP/2.0 180 Ringing")
BYE = message(start=b"BYE sip:bob@example.com SIP/2.0")


@pytest.mark.parametrize("between", [b"", b"\r\n", b"\n", b"\r\n" * 3, b"\n" * 50, b"\r" * 20])
def test_messages_with_content_length(tmp_path: Path, between: bytes) -> None:
    whole = [INVITE, RINGING, BYE]
    assert split(tmp_path, between, between.join(whole), between) == whole


@pytest.mark.parametrize("name", [b"Content-Length", b"l", b"L ", b"CONTENT-LENGTH\t"])
def test_content_length_in_any_form_ends_the_message(tmp_path: Path, name: bytes) -> None:
    whole = [message(b"no line end", name=name), BYE]
    assert split(tmp_path, *whole) == whole


def test_one_message(tmp_path: Path) -> None:
    assert split(tmp_path, OPTIONS) == [OPTIONS]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"SIP/2.0 100 Trying\r\n", id="sipfrag"),
        pytest.param(b"x\r\nBYE sip:bob@example.com SIP/2.0\r\n\r\ny", id="a message within"),
        pytest.param(b"\r\n\r\n\0\r\n\r\n", id="blank lines and a NUL"),
        pytest.param(BYE * 3, id="messages within"),
    ],
)
def test_a_body_is_framed_by_its_length_alone(tmp_path: Path, body: bytes) -> None:
    whole = [message(body), RINGING, message(body)]
    assert split(tmp_path, *whole) == whole


@pytest.mark.parametrize("between", [b"", b"\r\n", b"\r\n" * 40])
def test_messages_without_content_length(tmp_path: Path, between: bytes) -> None:
    whole = [message(SDP, length=None), message(length=None), BYE]
    assert split(tmp_path, between.join(whole), between) == whole


def test_lf_only_messages_without_content_length(tmp_path: Path) -> None:
    whole = [without_returns(message(SDP, length=None)), without_returns(message(length=None))]
    assert split(tmp_path, *whole, b"\n\n") == whole
    assert split(tmp_path, b"\n\n".join(whole)) == whole


@pytest.mark.parametrize("between", [b"", b"\n", b"\n\n\n"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        SDP,
        SDP * 40,
        b"SIP/2.0 100 Trying\r\n",
        b"SIP/2.0 100 Trying\r\nBYE a SIP/2.0\r\n",
        b"no line end",
        b"blank lines\r\n\r\n\r\n",
    ],
)
def test_a_text_that_lost_its_carriage_returns(tmp_path: Path, body: bytes, between: bytes) -> None:
    if between and not body.endswith(b"\n"):
        body += b"\r\n"
    wire = [message(body), RINGING, message(body), BYE, message(body)]
    text = [without_returns(one) for one in wire]
    found = split(tmp_path, between.join(text))
    assert len(found) == len(wire)
    for one, found_one in zip(wire, found, strict=True):
        assert sipfast.parse(one).call_id == sipfast.parse(found_one).call_id
        assert without_returns(one).rstrip(b"\n") == found_one.rstrip(b"\n")


def test_a_text_that_lost_its_carriage_returns_and_ends_without_a_line_end(tmp_path: Path) -> None:
    text = without_returns(BYE + message(b"a line end\r\nand none"))
    assert split(tmp_path, text) == [without_returns(BYE), text[len(without_returns(BYE)) :]]


def test_a_length_that_counts_lf_is_taken_as_it_is(tmp_path: Path) -> None:
    body = without_returns(SDP)
    whole = [without_returns(message(body)), without_returns(BYE), without_returns(message(body))]
    assert split(tmp_path, *whole) == whole


def test_a_body_without_its_returns_is_a_defect(tmp_path: Path) -> None:
    [found, _] = split(tmp_path, without_returns(INVITE), without_returns(BYE))
    codes = [defect.code for defect in sipfast.parse(found).defects]
    assert "body-too-short" in codes


def test_a_too_large_length_keeps_all_messages(tmp_path: Path) -> None:
    wrong = message(SDP, length=len(SDP) + 17)
    assert split(tmp_path, wrong, RINGING, BYE) == [wrong, RINGING, BYE]
    assert split(tmp_path, BYE, wrong) == [BYE, wrong]
    for length in (10**6, 2**31 - 1):
        wrong = message(SDP, length=length)
        assert split(tmp_path, wrong, RINGING, BYE) == [wrong, RINGING, BYE]


@pytest.mark.parametrize("method", [b"ACK", b"BYE", b"PRACK", b"SUBSCRIBE"])
def test_a_length_too_large_by_a_few_does_not_cut_into_a_method(
    tmp_path: Path, method: bytes
) -> None:
    following = message(start=method + b" sip:bob@example.com SIP/2.0")
    for surplus in range(1, len(method) + 1):
        wrong = message(SDP, length=len(SDP) + surplus)
        assert split(tmp_path, wrong, following) == [wrong, following]


def test_a_message_may_begin_in_the_middle_of_a_line(tmp_path: Path) -> None:
    for body in (b"x", b"BYE", b"two\r\nlines", b"hello there "):
        for start in (b"BYE sip:b SIP/2.0", b"NEWMETHOD sip:b SIP/2.0", b"SIP/2.0 200 OK"):
            whole = [message(body), message(start=start)]
            assert split(tmp_path, *whole) == whole


def test_a_length_too_small_leaves_a_piece_of_its_own(tmp_path: Path) -> None:
    wrong = message(SDP, length=len(SDP) - 8)
    assert split(tmp_path, wrong, RINGING) == [wrong[:-8], SDP[-8:], RINGING]


@pytest.mark.parametrize("length", [b"-1", b"abc", b"", b"9" * 30, b"5\r\nContent-Length: 6"])
def test_a_malformed_length_ends_at_the_next_start_line(tmp_path: Path, length: bytes) -> None:
    broken = message(SDP, length=length)
    assert split(tmp_path, broken, b"\r\n\r\n", RINGING) == [broken, RINGING]
    with pytest.raises(sipfast.ParseError):
        sipfast.parse(broken)


def test_a_header_block_without_its_blank_line(tmp_path: Path) -> None:
    broken = b"INVITE sip:bob@example.com SIP/2.0\r\nCall-ID: 1\r\n"
    assert split(tmp_path, broken, BYE, broken) == [broken, BYE, broken]


def test_a_header_block_that_cannot_be_taken_apart(tmp_path: Path) -> None:
    broken = b"INVITE sip:bob@example.com SIP/2.0\r\nno colon\r\nl: 4\r\n\r\nbody\r\n"
    assert split(tmp_path, BYE, broken, BYE) == [BYE, broken, BYE]


def test_a_header_field_with_a_space_before_its_colon_begins_no_message(tmp_path: Path) -> None:
    whole = b"BYE sip:bob@example.com SIP/2.0\r\nSubject : on SIP/2.0\r\nl: 0\r\n\r\n"
    assert split(tmp_path, whole, whole) == [whole, whole]


def test_other_text_between_messages_is_a_piece_of_its_own(tmp_path: Path) -> None:
    assert split(tmp_path, INVITE, b"--end msg--\r\n\r\nmore\r\n\r\n", BYE, b"tail") == [
        INVITE,
        b"--end msg--\r\n\r\nmore\r\n",
        BYE,
        b"tail",
    ]


def test_a_message_past_the_limits_of_parse_is_still_one(tmp_path: Path) -> None:
    large = message(b"x" * (sipfast.Limits().size + 1))
    assert split(tmp_path, BYE, large, RINGING) == [BYE, large, RINGING]
    long_line = message(start=b"BYE sip:b SIP/2.0\r\nX: " + b"x" * (sipfast.Limits().line + 1))
    assert split(tmp_path, BYE, long_line, RINGING) == [BYE, long_line, RINGING]


def test_offsets_lead_back_to_the_file(tmp_path: Path) -> None:
    broken = message(SDP, length=b"abc")
    _, datagrams = made.read(tmp_path, b"\r\n", INVITE, b"\r\n", broken)
    with pytest.raises(sipfast.ParseError) as caught:
        sipfast.parse(datagrams[1].payload)
    content = b"\r\n" + INVITE + b"\r\n" + broken
    assert content[datagrams[1].offset + caught.value.offset :].startswith(b"abc")


BENCH = Path(__file__).parents[3] / "bench_data" / "messages"
# Another protocol, and line ends only.
NOT_MESSAGES = {"http-request.sip", "only-line-ends.sip"}


@pytest.mark.parametrize(
    "broken",
    [
        b"OPTIONS sip:a\r\nVia: x\r\n\r\n",
        b"OPTIONS sip:a\r\n SIP/2.0\r\nVia: x\r\n\r\n",
        b"OPTIONS sip:a SIP/2\r\n\r\n",
        b"OPTIONS sip:a SIP/2.0\rVia: x\r\r\n",
        b"OPTIONS\r\nVia: x\r\n\r\n",
        b"SIP/2.0\r\nVia: x\r\n\r\n",
        b"# Two messages, with words before them\r\n",
        b" OPTIONS sip:a SIP/2.0\r\n",
        b"x" * 65_000 + b"\r\n",
    ],
)
@pytest.mark.parametrize("before", [b"", b"\r\n\n"])
def test_a_broken_beginning_is_a_piece_of_its_own(
    tmp_path: Path, broken: bytes, before: bytes
) -> None:
    piece, *rest = split(tmp_path, before, broken, INVITE, BYE)
    assert piece.rstrip() == broken.rstrip()
    assert rest == [INVITE, BYE]
    with pytest.raises(sipfast.ParseError):
        sipfast.parse(piece)


@pytest.mark.parametrize("file", sorted(BENCH.rglob("*.sip")), ids=lambda file: file.name)
def test_messages_broken_in_all_ways_open(file: Path) -> None:
    if file.name in NOT_MESSAGES:
        with pytest.raises(CaptureError, match=r"^neither a capture nor SIP messages: "):
            sipfast.capture.open(file)
        return
    with sipfast.capture.open(file) as capture:
        assert capture.format == "messages"
        assert list(capture)


@pytest.mark.parametrize(
    "content",
    [
        b"\r\n" * 9,
        b"\r" * 9,
        b"v=0\r\n",
        b" " + OPTIONS,
        b"sip:bob",
        b"\0",
        b"\0\n" + OPTIONS,
        b"\xa1\xb2\xc3",
        b"\x89junk\xff\xfe\n" * 9,
        b"x" * 65_536 + b"\n" + OPTIONS,
        b"OPTIONS\n=======\n",
        b"# Captures\n\nEach holds `INVITE sip:bob@example.com SIP/2.0`.\n",
        b"GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nVia: SIP/2.0\r\n\r\n",
    ],
)
def test_a_file_without_an_early_message_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(CaptureError, match=r"^neither a capture nor SIP messages: "):
        made.read(tmp_path, content)


def test_random_sequences_come_back_whole(tmp_path: Path) -> None:
    chance = random.Random(4)
    bodies = [b"", SDP, SDP * 3, b"SIP/2.0 200 OK\r\n", b"x" * 5000]
    for _ in range(100):
        whole = [
            message(chance.choice(bodies), chance.choice([b"SIP/2.0 200 OK", b"BYE sip:b SIP/2.0"]))
            for _ in range(chance.randrange(1, 20))
        ]
        between = [b"\r\n" * chance.randrange(3) for _ in whole]
        content = b"".join(gap + one for gap, one in zip(between, whole, strict=True))
        assert split(tmp_path, content) == whole


def _hostile(name: str, size: int) -> bytes:
    """About `size` bytes of one kind, after a first message."""
    line = b"INVITE sip:b SIP/2.0\n"
    head = line + b"l: %d\n\n"
    match name:
        case "start lines":
            body = b"A B SIP/2.0\n" * (size // 12)
        case "start lines and header fields":
            body = b"A B SIP/2.0\nl: 1\n" * (size // 17)
        case "returns":
            body = b"\r" * size
        case "line ends":
            body = b"\r\n" * (size // 2)
        case "returns after each message":
            body = (line + b"\n" + b"\r" * 2000 + b"\n") * (size // 2023)
        case "line ends that all lengths lead to":
            heads = [head % (size // 2 - 40 * n) for n in range(size // 80)]
            body = b"".join(heads) + b"\r\n" * (size // 4) + b"x"
        case "lengths past the next messages":
            body = (head % 1_000_000) * (size // 32)
        case "lengths past the end":
            body = (head % (2**31 - 1)) * (size // 36)
        case "lengths that lead into one long line":
            count = size // 64
            width = len(head % size)
            lengths = [width * left for left in reversed(range(count))]
            body = b"".join(head % length for length in lengths) + b"A " + b"B" * (size // 2)
        case "lengths that seem to cut into a method":
            body = b"A sip:b SIP/2.0\nl: 5\n\nBYE :" * (size // 28)
        case "lost returns in the middle of a line":
            body = b"A sip:b SIP/2.0\nl: 4\n\nx\n:" * (size // 26)
        case "one token":
            body = b"A" * size
        case "spaces":
            body = b"A B" + b" " * size
        case "versions":
            body = b"A B" + b" SIP/2.0" * (size // 8)
        case "one header field":
            body = line + b"X: " + b"x" * size
        case "folds":
            body = line + b"X: x\n" + b" x\n" * (size // 3)
        case "header fields":
            body = line + b"X:\n" * (size // 3)
        case "headers that cannot be taken apart":
            body = (line + b"X\nl: 0\n\n") * (size // 29)
        case "no lengths":
            body = (line + b"\nx\n") * (size // 24)
        case "blank lines without end":
            body = line + b"\n" + b"x\n\n" * (size // 3)
        case _:
            raise AssertionError(name)
    return OPTIONS + body


HOSTILE = [
    "start lines",
    "start lines and header fields",
    "returns",
    "line ends",
    "returns after each message",
    "line ends that all lengths lead to",
    "lengths past the next messages",
    "lengths past the end",
    "lengths that lead into one long line",
    "lengths that seem to cut into a method",
    "lost returns in the middle of a line",
    "one token",
    "spaces",
    "versions",
    "one header field",
    "folds",
    "header fields",
    "headers that cannot be taken apart",
    "no lengths",
    "blank lines without end",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_is_lost_in_hostile_text(tmp_path: Path, name: str) -> None:
    assert split(tmp_path, _hostile(name, 20_000))[0] == OPTIONS


@pytest.mark.parametrize("name", HOSTILE)
def test_cost_is_linear(tmp_path: Path, name: str) -> None:
    made.assert_linear(tmp_path, lambda size: _hostile(name, size), most_ns=2000)
