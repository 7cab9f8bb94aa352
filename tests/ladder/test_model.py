"""The model of a ladder: who sends what to whom, and what marks it."""

from __future__ import annotations

import pytest
from capture_files import ethernet, frame, ipv6, pcap, udp
from command import ROOT
from ladders import (
    ALICE,
    BOB,
    CALL,
    HELD,
    HOSTILE,
    INVITE,
    PROXY,
    SDP,
    UNSEEN,
    call_of,
    capture,
    hostile_call,
    sip,
)

import sipfast
from sipfast.ladder import Arrow, Host, Ladder
from sipfast.ladder.model import MOST_HOSTS

OPTIONS = "OPTIONS sip:a SIP/2.0"


def arrows(*messages: bytes) -> list[Arrow]:
    steps = [(float(n), ALICE, PROXY, one) for n, one in enumerate(messages)]
    return list(call_of(capture(*steps)).ladder().arrows)


def test_hosts_are_in_the_order_of_their_appearance() -> None:
    ladder = call_of().ladder()
    assert [host.label for host in ladder.hosts] == [
        "192.0.2.1:5060",
        "192.0.2.2:5060",
        "192.0.2.3:5062",
    ]
    paths = [(arrow.source, arrow.target) for arrow in ladder.arrows]
    assert paths == [(0, 1), (0, 1), (0, 1), (1, 2), (2, 1), (1, 0), (0, 2), (2, 0), (0, 1)]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("OPTIONS sip:a SIP/2.0", "request"),
        ("SIP/2.0 199 Gone", "provisional"),
        ("SIP/2.0 299 Fine", "success"),
        ("SIP/2.0 302 Moved", "redirection"),
        ("SIP/2.0 404 Not Found", "failure"),
        ("SIP/2.0 699 No", "failure"),
    ],
)
def test_kinds(title: str, kind: str) -> None:
    (arrow,) = arrows(sip(title))
    assert arrow.kind == kind
    assert title.replace("SIP/2.0 ", "").startswith(arrow.title)


def test_bytes_that_are_no_message_are_unparsable() -> None:
    record = sipfast.capture.Record(memoryview(b"\0\1"), 0, 1)
    one = sipfast.calls.CallMessage(1, record, None, sipfast.ParseError("start-line-malformed", 0))
    (arrow,) = sipfast.Call("a", [one]).ladder().arrows
    assert (arrow.kind, arrow.text, arrow.defects) == ("unparsable", "?", 1)


def test_notes_tell_the_method_and_the_session_description() -> None:
    held = HELD.replace(b"sendonly", b"inactive")
    texts = [
        arrow.text
        for arrow in arrows(
            sip(INVITE),
            sip(INVITE, body=held),
            sip(INVITE, body=held.replace(b"inactive", b"sendrecv")),
            sip(INVITE, body=b"not SDP"),
            sip("SIP/2.0 200 OK", "1 INVITE", body=held),
            sip("SIP/2.0 200 OK", "1 UPDATE", body=held),
            sip("SIP/2.0 200 OK", "1 BYE"),
            sip("SIP/2.0 200 OK", "x BYE"),
            sip("SIP/2.0 200 ", "1 BYE"),
        )
    ]
    assert texts == [
        "INVITE",
        "INVITE (SDP inactive)",
        "INVITE (SDP)",
        "INVITE (SDP)",
        "200 OK (SDP inactive)",
        "200 OK (UPDATE, SDP inactive)",
        "200 OK (BYE)",
        "200 OK (x BYE)",
        "200 (BYE)",
    ]


def test_repeated_messages_are_marked() -> None:
    found = call_of().ladder().arrows
    assert [arrow.is_retransmission for arrow in found] == [False, True, *[False] * 7]
    assert [arrow.is_duplicate for arrow in found] == [False, False, True, *[False] * 6]


def test_times_and_deltas() -> None:
    found = call_of().ladder().arrows
    assert [arrow.time_ns for arrow in found[:3]] == [0, 500_000_000, 501_000_000]
    assert found[0].delta is None
    assert [round(arrow.delta or 0, 6) for arrow in found[1:4]] == [0.5, 0.001, 0.099]


def test_defects_are_counted() -> None:
    whole, bad = arrows(sip(OPTIONS, "1 OPTIONS"), sip(OPTIONS, "x OPTIONS"))
    assert (whole.defects, bad.defects > 0, whole.is_cut) == (0, True, False)


@pytest.mark.parametrize("lost", [5, 100])
def test_what_the_capture_cut_is_no_defect(lost: int) -> None:
    """Within the body, and within the header."""
    packet = frame(sip(INVITE, body=SDP))
    (arrow,) = call_of(pcap(packet[:-lost])).ladder().arrows
    assert (arrow.is_cut, arrow.defects) == (True, 0)


# ---- hosts


def hosts(data: bytes, merge: bool | None) -> list[str]:
    return [host.label for host in call_of(data).ladder(merge=merge).hosts]


def test_ports_of_an_address_are_one_host_unless_they_talk_to_each_other() -> None:
    other = (ALICE[0], 40000)
    apart = capture((0.0, ALICE, BOB, sip(OPTIONS)), (1.0, other, BOB, sip(OPTIONS)))
    assert hosts(apart, None) == ["192.0.2.1", "192.0.2.3:5062"]
    assert hosts(apart, True) == hosts(apart, None)
    assert hosts(apart, False) == ["192.0.2.1:5060", "192.0.2.3:5062", "192.0.2.1:40000"]
    inside = capture((0.0, ALICE, other, sip(OPTIONS)), (1.0, other, ALICE, sip(OPTIONS)))
    assert hosts(inside, None) == ["192.0.2.1:5060", "192.0.2.1:40000"]
    assert hosts(inside, True) == ["192.0.2.1"]
    (first, _) = call_of(inside).ladder(merge=True).arrows
    assert (first.source, first.target) == (0, 0)


def test_ports_that_talk_to_each_other_divide_their_own_address_alone() -> None:
    server, registrar = (PROXY[0], 5060), (PROXY[0], 5080)
    steps = [(ALICE, server), (server, registrar), ((ALICE[0], 40000), server), (server, server)]
    data = capture(*[(float(n), *step, sip(OPTIONS)) for n, step in enumerate(steps)])
    assert hosts(data, None) == [ALICE[0], f"{PROXY[0]}:5060", f"{PROXY[0]}:5080"]
    own = capture((0.0, server, server, sip(OPTIONS)), (1.0, ALICE, registrar, sip(OPTIONS)))
    assert hosts(own, None) == [PROXY[0], f"{ALICE[0]}:5060"]


def test_ipv6_addresses_have_brackets() -> None:
    data = pcap(ethernet(ipv6(udp(sip(OPTIONS))), 0x86DD))
    assert hosts(data, None) == ["[2001:db8::1]:5060", "[2001:db8::2]:5060"]


def test_without_addresses_the_messages_name_the_hosts() -> None:
    ladder = call_of(
        ROOT / "bench_data" / "dialogues" / "call.sip", "call-of-wren@192.0.2.10"
    ).ladder()
    labels = [host.label for host in ladder.hosts]
    paths = [(labels[arrow.source], labels[arrow.target]) for arrow in ladder.arrows]
    assert paths[0] == ("192.0.2.10:5060", "loft.example.net")
    assert paths[1] == ("loft.example.net", "192.0.2.10:5060"), "a response goes back"
    strange = sip("SIP/2.0 200 OK") + sip("INVITE urn:service:sos SIP/2.0", branch="z9hG4bK9")
    strange += sip("BYE sip:[::1]:5 SIP/2.0", branch="z9hG4bK8").replace(
        b"Via: SIP/2.0/UDP 192", b"Via: ;192"
    )
    assert hosts(strange, None) == ["?", "192.0.2.1", "[::1]:5"]


def test_the_number_of_hosts_is_bounded() -> None:
    steps = [
        (float(n), (f"10.0.{n // 250}.{n % 250 + 1}", 5060), BOB, sip(OPTIONS)) for n in range(300)
    ]
    ladder = call_of(capture(*steps)).ladder()
    assert len(ladder.hosts) == MOST_HOSTS
    assert ladder.hosts[-1] == Host("…")
    assert (len(ladder.arrows), ladder.arrows[-1].source) == (300, MOST_HOSTS - 1)


def test_a_ladder_of_nothing() -> None:
    ladder = sipfast.Call("a", ()).ladder()
    assert (ladder.hosts, ladder.arrows) == ((), ())
    assert "a" in str(ladder)
    assert "a" in ladder.svg()
    assert "a" in ladder.html()
    assert ladder.mermaid().startswith("sequenceDiagram")
    assert repr(ladder) == "<Ladder of 0 arrows between 0 hosts>"


def test_hostile_texts_are_visible() -> None:
    ladder = hostile_call().ladder()
    for arrow in ladder.arrows:
        assert not UNSEEN & {*arrow.text}
        assert len(arrow.text) < 3000
    assert "\\x1b[31m" in ladder.arrows[1].text
    assert isinstance(ladder, Ladder)
    assert HOSTILE
    assert CALL
