"""Some records of a capture, by packets or Call-IDs: those of a whole pass, with their numbers."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from capture_files import ethernet, in_fragments, in_segments, ipv4, pcap, udp
from command import ROOT
from cost import ratio
from exported import CALLS
from ladders import CALL, sip

import sipfast
from sipfast import capture
from sipfast.capture.packets import Selection, Walked

Numbered = list[tuple[int, int, int, bytes]]


def plain(found: Iterable[tuple[int, capture.Record]]) -> Numbered:
    return [(number, one.packet, one.offset, bytes(one.data)) for number, one in found]


def all_of(source: object) -> Numbered:
    with capture.open(source) as opened:  # type: ignore[arg-type]
        return plain(enumerate(opened, 1))


def call_id_of(data: bytes) -> str | None:
    try:
        return sipfast.parse(data, lenient=True).call_id
    except sipfast.ParseError:
        return None


ODD = pcap(
    *[ethernet(ipv4(udp(sip("OPTIONS sip:a SIP/2.0", call_id=one)))) for one in ("a@x", "b@x")],
    ethernet(ipv4(udp(b"\r\n\r\n"))),
    *in_fragments(udp(sip("OPTIONS sip:c SIP/2.0", call_id="b@x")), 200),
    ethernet(ipv4(udp(sip("OPTIONS sip:d SIP/2.0", call_id="b@x").replace(b"Call-ID", b"i")))),
    ethernet(ipv4(udp(sip("OPTIONS sip:e SIP/2.0", call_id="\r\n b@x")))),
    ethernet(ipv4(udp(sip("OPTIONS sip:f SIP/2.0", call_id="b@x")[:150]))),
    ethernet(ipv4(udp(b"OPTIONS sip:g SIP/2.0\r\nCall-ID: b@x\r\nno colon\r\n\r\n"))),
    ethernet(ipv4(udp(sip("OPTIONS sip:h SIP/2.0", call_id="\udcff@x")))),
)
SOURCES = {"calls": CALLS, "call": CALL, "odd": ODD, "text": ROOT / "bench_data" / "mixed.sip"}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_packets_give_the_records_of_a_pass(source: Path | bytes) -> None:
    whole = all_of(source)
    packets = [packet for _, packet, _, _ in whole]
    for wanted in ([], packets[:1], packets[-1:], packets[1::3], packets, [*packets[:2], 10**9]):
        with capture.open(source) as opened:
            found = plain(opened.find(packets=iter(wanted)))
        assert found == [one for one in whole if one[1] in wanted], wanted


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_call_ids_give_the_records_of_a_pass(source: Path | bytes) -> None:
    whole = all_of(source)
    ids = list(dict.fromkeys(filter(None, (call_id_of(one[3]) for one in whole))))
    for wanted in (ids[:1], ids[-1:], ids[:7], ids[:20], ["none@x"]):
        with capture.open(source) as opened:
            found = plain(opened.find(iter(wanted)))
        expected = [one for one in whole if call_id_of(one[3]) in wanted]
        assert [one for one in found if call_id_of(one[3]) in wanted] == expected, wanted
        if len(wanted) <= 8 and " b@x" not in wanted:
            assert found == expected


def test_c_and_python_find_the_same() -> None:
    for source in (CALL, ODD, CALLS.read_bytes()):
        records = list(capture.open(source))
        for packets in ([1], [2, 3], [5, 8], [10**6]):
            slow = Selection(records, None, packets)
            expected = [(slow.number, one.packet) for one in slow]
            with capture.open(source) as opened:
                assert [(n, one.packet) for n, one in opened.find(packets=packets)] == expected


def test_messages_of_one_segment_have_numbers_of_their_own(tmp_path: Path) -> None:
    several = [sip(f"OPTIONS sip:{name} SIP/2.0", call_id=f"{name}@x") for name in "abc"]
    data = pcap(*in_segments([b"".join(several)]))
    whole = all_of(data)
    assert [number for number, *_ in whole] == [1, 2, 3]
    with capture.open(data) as opened:
        assert plain(opened.find(packets=[whole[0][1]])) == whole
        found = plain(opened.find(["b@x"]))
    assert found == whole[1:2]


def test_reading_ends_after_the_last_packet() -> None:
    with capture.open(CALLS) as opened:
        assert len(list(opened.find(packets=[1, 2]))) == 2
        assert opened.position < opened.size / 10
        assert list(opened.find(packets=[])) == []


@pytest.mark.skipif(os.environ.get("SIPFAST_PURE", "0") != "0", reason="C passes over messages")
def test_c_passes_over_others_in_less_time() -> None:
    texts = [sip("OPTIONS sip:a SIP/2.0", call_id=f"{number}@x") for number in range(3000)]
    data = pcap(*[ethernet(ipv4(udp(text))) for text in texts])
    with capture.open(data) as opened:
        if not isinstance(opened._begin()[1], Walked):
            pytest.skip("the native engine is not built here (make build)")

        def whole() -> None:
            assert sum(1 for _ in opened) == len(texts)

        def by_call_id() -> None:
            assert len(list(opened.find(["2999@x"]))) == 1

        def by_packet() -> None:
            assert len(list(opened.find(packets=[3000]))) == 1

        assert ratio(whole, by_call_id, 0.6) <= 0.6
        assert ratio(whole, by_packet, 0.15) <= 0.15
