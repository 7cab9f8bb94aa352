"""HEP: C reads what Python reads, packet by packet and in files."""

from __future__ import annotations

from random import Random

import pytest
from capture_files import OPTIONS, hep_2, hep_3

import sipfast
from sipfast import capture
from sipfast.capture import packets
from sipfast.capture.base import Tally
from sipfast.capture.packets import Layers

NOW = 1_700_000_000_123_456_789
KINDS = (
    hep_3(OPTIONS),
    hep_3(OPTIONS, protocol=6),
    hep_3(OPTIONS, protocol=132),
    hep_3(OPTIONS, protocol=0),
    hep_3(OPTIONS, source="2001:db8::1", destination="2001:db8::2"),
    hep_3(OPTIONS, kind=16),
    hep_3(OPTIONS, content=5),
    hep_3(b"\r\n\r\n"),
    hep_3(b""),
    hep_2(OPTIONS),
    b"",
    b"HEP3",
)


def read(data: bytes, *, in_c: bool) -> tuple[list[capture.Record], dict[str, int]]:
    tally = Tally("x")
    layers = Layers(tally)
    if not in_c:
        layers._copies = None
    found = [*layers.copied(1, data, 40, NOW), *layers.copied(2, data, 40 + len(data), NOW)]
    return [record._replace(data=memoryview(bytes(record.data))) for record in found], dict(
        tally.skipped
    )


def mutated(random: Random) -> bytes:
    data = bytearray(random.choice(KINDS))
    for _ in range(random.randint(0, 4)):
        if not data:
            break
        at = random.randrange(len(data))
        kind = random.randrange(4)
        if kind == 0:
            data[at] = random.randrange(256)
        elif kind == 1:
            data[at] = (data[at] + random.choice((-1, 1))) & 255
        elif kind == 2:
            del data[at : at + random.randint(1, 20)]
        else:
            data[at:at] = data[: random.randint(0, 20)]
    return bytes(data)


@pytest.mark.skipif(not packets.can_walk(), reason="the pure engine has no reader in C")
@pytest.mark.parametrize("data", KINDS, ids=range(len(KINDS)))
def test_a_packet_reads_the_same_in_c_and_in_python(data: bytes) -> None:
    assert read(data, in_c=True) == read(data, in_c=False)


@pytest.mark.skipif(not packets.can_walk(), reason="the pure engine has no reader in C")
def test_mutated_packets_read_the_same_in_c_and_in_python() -> None:
    random = Random(1)
    read_at_all = 0
    for _ in range(3_000):
        data = mutated(random)
        found = read(data, in_c=True)
        assert found == read(data, in_c=False), data
        read_at_all += len(found[0])
    assert read_at_all > 1_000


def test_a_usual_packet_has_all_facts() -> None:
    (record, again), skipped = read(KINDS[0], in_c=True)
    assert bytes(record.data) == OPTIONS
    assert record[1:] == (
        *(40 + KINDS[0].index(OPTIONS), 1, 1_000_000_000, "192.0.2.1", 5060, "192.0.2.2", 5060),
        *("UDP", False, "x", False, (), None),
    )
    assert again.is_duplicate
    assert skipped == {}


def test_the_text_of_an_address_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    plain = packets.address

    def counted(packed: bytes, names: dict[bytes, str]) -> str:
        made.append(packed)
        return plain(packed, names)

    monkeypatch.setattr(packets, "address", counted)
    layers = Layers(Tally())
    if layers._copies is None:
        return  # the pure engine keeps them in `names`
    pairs = [(f"192.0.2.{n}", f"198.51.100.{n}") for n in range(20)]
    for source, destination in pairs * 3:
        [*layers.copied(1, hep_3(OPTIONS, source=source, destination=destination), 0, NOW)]
    # Two of them may share a place; all of them never do.
    assert len(made) < 80


def test_a_file_of_hep_gives_the_same_rows() -> None:
    random = Random(2)
    data = b"".join(
        hep_3(OPTIONS, source=f"192.0.2.{random.randrange(1, 9)}", protocol=random.choice((6, 17)))
        for _ in range(200)
    )
    rows = [*sipfast.open(data)]
    assert len(rows) == 200
    batches = [*sipfast.scan(data, ["packet", "source_address", "transport"])]
    assert sum(map(len, batches)) == 200
