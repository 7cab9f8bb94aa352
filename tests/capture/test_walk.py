"""What C reads of a capture, and what it leaves to Python, is what Python reads alone."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import capture_files as made
import pytest
from capture_files import OPTIONS
from random_captures import blocks, classic

import sipfast
from sipfast._engine import ENGINE
from sipfast.capture import Record
from sipfast.capture.packets import address, can_walk
from sipfast.capture.recognise import JUDGED_PORTS

pytestmark = pytest.mark.skipif(
    not can_walk(), reason="the pure engine reads all packets in Python"
)


def read(content: bytes) -> Any:
    """The records, and how far the reader was at each; and the counts."""
    with sipfast.open(content) as capture:
        found = [(record, capture.position, dict(capture.skipped)) for record in capture]
        return found, dict(capture.skipped), capture.position


def read_by_python(content: bytes, monkeypatch: pytest.MonkeyPatch) -> Any:
    with monkeypatch.context() as patched:
        patched.setattr("sipfast.capture.packets.can_walk", lambda: False)
        return read(content)


@pytest.mark.parametrize("make", [classic, blocks])
@pytest.mark.parametrize("part", range(4))
def test_records_and_counts_are_those_of_python(
    make: Callable[[Random], bytes], part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(part * 150, part * 150 + 150):
        random = Random(seed)
        if seed % 3 == 0:
            monkeypatch.setattr("sipfast.capture.tcp.MOST_BYTES", random.randrange(3000, 9000))
            monkeypatch.setattr("sipfast.capture.tcp.MOST_CONNECTIONS", random.randrange(1, 4))
        content = make(random)
        assert read(content) == read_by_python(content, monkeypatch), seed
        monkeypatch.undo()


LINKS: tuple[tuple[int, Any], ...] = (
    (made.ETHERNET, made.ethernet),
    (made.ETHERNET, lambda packet, kind: made.ethernet(packet, kind, (made.VLAN,))),
    (made.ETHERNET, lambda packet, kind: made.ethernet(packet, kind, (made.QINQ, made.VLAN))),
    (made.COOKED, made.cooked),
    (made.COOKED_2, made.cooked_2),
    (made.RAW, lambda packet, kind: packet),
    (made.NULL, lambda packet, kind: made.loopback(packet, 2 if kind == made.IPV4 else 30)),
)


def usual(link: Any) -> list[bytes]:
    """Datagrams, keep-alives, media, and a connection from its SYN to its FIN."""
    texts = [OPTIONS, OPTIONS * 3, OPTIONS[:9], OPTIONS[9:60], OPTIONS[60:] + b"\r\n", b"\r\n\r\n"]
    number = 0xFFFFFFF0
    segments = [made.tcp(flags=2, number=number - 1)]
    for text in texts:
        segments.append(made.tcp(text, number=number))
        segments.append(made.tcp(flags=16, source=5061, number=9))
        number += len(text)
    segments.append(made.tcp(flags=17, number=number))
    found = []
    ways: tuple[tuple[Any, int, str], ...]
    ways = (made.ipv4, made.IPV4, "protocol"), (made.ipv6, made.IPV6, "following")
    for wrap, kind, number_in in ways:
        payloads = (
            OPTIONS,
            b"\r\n\r\n",
            bytes(4),
            b"\x80\0" + bytes(20),
            b"\0\1\0\0\x21\x12\xa4\x42",
        )
        found += [link(wrap(made.udp(payload, 4000, 4001)), kind) for payload in payloads]
        found += [
            link(wrap(segment, **dict[str, Any]({number_in: 6})), kind) for segment in segments
        ]
    return found


@pytest.mark.parametrize("link", LINKS, ids=range(len(LINKS)))
def test_python_reads_no_usual_packet(link: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    link_type, wrap = link
    packets = usual(wrap)
    file = made.Pcapng("<")
    blocks = file.section() + file.interface(link_type)
    contents = [made.pcap(*packets, link_type=link_type)]
    contents.append(blocks + b"".join(file.enhanced(packet) for packet in packets))
    contents.append(blocks + b"".join(file.simple(packet) for packet in packets))
    expected = [read_by_python(content, monkeypatch) for content in contents]

    def fail(*_: Any) -> Any:
        raise AssertionError("Python reads a packet")

    monkeypatch.setattr("sipfast.capture.packets.Layers.read", fail)
    for content, (records, skipped, _) in zip(contents, expected, strict=True):
        found = read(content)
        assert found[0] == records
        assert found[1] == skipped
        assert len(records) == 12


def test_one_walk_at_a_time() -> None:
    capture = sipfast.open(made.pcap(*[made.frame()] * 3))
    one, other = iter(capture), iter(capture)
    assert [record.packet for record in (next(one), next(other), next(one), next(other))] == [
        *(1, 1, 2, 2)
    ]


class Lying(list[Any]):
    """A list that says that it is empty."""

    def __len__(self) -> int:
        return 0


def walk_of(capture: Any) -> Any:
    return capture._begin()[1]._walk


@pytest.mark.parametrize("wanted", [[None], [bytearray(b"a")], [b"a", "a"]])
def test_wanted_call_ids_are_bytes(wanted: list[Any]) -> None:
    with sipfast.open(made.pcap(made.frame())) as capture, pytest.raises(TypeError, match="bytes"):
        walk_of(capture).want(wanted)


def test_wanted_call_ids_are_as_many_as_they_are() -> None:
    with sipfast.open(made.pcap(made.frame())) as capture:
        walk = walk_of(capture)
        walk.want(Lying([b"%d" % at for at in range(100)]))
        assert [*walk] == []


def flows_of(make: Callable[[Any], Any] = print) -> Any:
    return ENGINE.module("wire.packets").Flows(make, 50, 1 << 20, 100)


def walk_over(content: bytes, flows: Any = None) -> Any:
    """A walk through a capture, not begun."""
    wire = ENGINE.module("wire.packets")
    kept: tuple[Any, ...] = (
        flows_of() if flows is None else flows,
        wire.Recent(64),
        sipfast.Limits(),
        Record,
        address,
        {},
    )
    return wire.Walk(content, JUDGED_PORTS, *kept, None)


WALKS: dict[str, Callable[[Any], object]] = {
    "next": next,
    "pass_over": lambda walk: walk.pass_over(5),
    "begin_records": lambda walk: walk.begin_records(24, False, 1, 16, 1),
    "begin_blocks": lambda walk: walk.begin_blocks(False),
    "begin_copies": lambda walk: walk.begin_copies(),
    "begin_like": lambda walk: walk.begin_like(walk),
    "end_like": lambda walk: walk.end_like(walk),
    "add_interface": lambda walk: walk.add_interface(1, 0, 1, 0),
    "clear_interfaces": lambda walk: walk.clear_interfaces(),
    "give_up": lambda walk: walk.give_up(),
    "want": lambda walk: walk.want([b"1"]),
    "run": lambda walk: walk.run(ENGINE.module("wire.packets").Sink()),
}


@pytest.mark.parametrize("use", WALKS)
def test_a_walk_that_was_not_made_goes_nowhere(use: str) -> None:
    wire = ENGINE.module("wire.packets")
    unmade = wire.Walk.__new__(wire.Walk)
    with pytest.raises(ValueError, match="not begun"):
        WALKS[use](unmade)
    with pytest.raises(TypeError):
        unmade.__init__(
            b"x" * 11, JUDGED_PORTS, flows_of(), None, sipfast.Limits(), Record, address, {}, None
        )
    with pytest.raises(TypeError):
        unmade.__init__(
            *(b"x" * 11, JUDGED_PORTS, flows_of(), wire.Recent(64), sipfast.Limits()),
            *(Record, None, {}, None),
        )
    with pytest.raises(ValueError, match="not begun"):
        WALKS[use](unmade)


@pytest.mark.parametrize("use", WALKS)
def test_a_walk_cannot_be_used_by_what_it_calls(use: str) -> None:
    refused = 0

    class Names(dict[bytes, str]):
        def get(self, *_: Any) -> Any:
            nonlocal refused
            with pytest.raises(ValueError, match="is running"):
                WALKS[use](walk)
            refused += 1
            return "somewhere"

    wire = ENGINE.module("wire.packets")
    kept = flows_of(), wire.Recent(64), sipfast.Limits(), Record, address, Names()
    walk = wire.Walk(made.pcap(made.frame(OPTIONS)), JUDGED_PORTS, *kept, None)
    walk.begin_records(24, False, 1000, 16, 1)
    assert next(walk).source == "somewhere"
    assert refused == 2


def test_a_walk_ends_where_it_was_told_wherever_it_begins() -> None:
    content = made.pcap(*[made.frame(OPTIONS)] * 3)
    walk, ended = walk_over(content), walk_over(content)
    walk.end_like(ended)
    walk.begin_records(len(content), False, 1000, 16, 1)
    assert walk.pass_over(100) == ENGINE.module("wire.packets").END
    assert (walk.at, walk.number) == (0, 0)


ENDS = (b"\xc0\0\2\1", 5060, b"\xc0\0\2\2", 5060)
FLOWS: dict[str, Callable[[Any], object]] = {
    "get": lambda flows: flows.get(ENDS),
    "oldest": lambda flows: flows.oldest(),
    "drop_idle": lambda flows: flows.drop_idle(),
    "add": lambda flows: flows.add((*ENDS[:3], 1), None),
    "remove": lambda flows: flows.remove(ENDS),
    "touch": lambda flows: flows.touch(ENDS),
    "keep": lambda flows: flows.keep(ENDS, 1, 1),
}


@pytest.mark.parametrize("use", FLOWS)
def test_connections_cannot_be_used_by_one_that_is_brought_up_to_date(use: str) -> None:
    refused = 0

    class Connection:
        def __init__(self, key: Any = None) -> None:
            self.refuse()

        def resume(self, *_: Any) -> None:
            self.refuse()

        def refuse(self) -> None:
            nonlocal refused
            with pytest.raises(ValueError, match="in use"):
                FLOWS[use](flows)
            with pytest.raises(ValueError, match="in use"):
                next(walk)
            refused += 1

    flows = flows_of(Connection)
    packets = [
        made.ipv4(made.tcp(text, 5060, 5060, number=number, flags=flags), protocol=made.TCP)
        for number, text, flags in ((0, b"", 2), (1, OPTIONS[:100], 24))
    ]
    walk = walk_over(made.pcap(*packets, link_type=made.RAW), flows)
    walk.begin_records(24, False, 1000, 16, made.RAW)
    assert next(walk, None) is None
    assert isinstance(flows.oldest(), Connection)
    assert refused == 2
    FLOWS[use](flows)
