"""The corpora of `bench_data`: complete, reproducible, and as their README describes them.

Other tests read them with sipfast.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import os
import re
import shutil
import struct
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import NamedTuple

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "bench_data"
MESSAGES = FOLDER / "messages"
DIALOGUES = FOLDER / "dialogues"
METHODS = {
    *("ACK", "BYE", "CANCEL", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK"),
    *("PUBLISH", "REFER", "REGISTER", "SUBSCRIBE", "UPDATE"),
}
EXAMPLE_NETWORKS = [
    ip_network(block)
    for block in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


def _splitter() -> Callable[[bytes], list[bytes]]:
    """`split` of corpus.py, loaded by its path: sipfast may be installed from elsewhere."""
    spec = importlib.util.spec_from_file_location("bench_data_corpus", FOLDER / "corpus.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    split: Callable[[bytes], list[bytes]] = module.split
    return split


split = _splitter()
DIALOGUE_MESSAGES = [
    one for path in sorted(DIALOGUES.glob("*.sip")) for one in split(path.read_bytes())
]


def _generate(*arguments: str, folder: Path = FOLDER, **environment: str) -> tuple[int, str]:
    """Exit code and output of the generator."""
    done = subprocess.run(
        [sys.executable, str(folder / "generate.py"), *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def mixed() -> list[bytes]:
    return split((FOLDER / "mixed.sip").read_bytes())


@pytest.fixture(scope="module")
def readme() -> str:
    return (FOLDER / "README.md").read_text(encoding="utf-8")


def _rows(text: str, columns: int) -> Iterator[list[str]]:
    """The rows of the README's tables with this number of columns."""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == columns:
            yield cells


def _fields(message: bytes) -> list[bytes]:
    return message.split(b"\r\n\r\n", 1)[0].split(b"\r\n")[1:]


def _kind(message: bytes) -> str:
    """Method or status code."""
    first, second, _ = message.split(b" ", 2)
    return (second if first == b"SIP/2.0" else first).decode()


def _values(message: bytes, name: str, compact: str) -> list[str]:
    """The values of one header field, comma lists taken apart (none here has commas in quotes)."""
    found = []
    for field in _fields(message):
        written, value = field.decode().split(":", 1)
        if written.strip().lower() in (name, compact):
            found += [item.strip() for item in value.split(",")]
    return found


# ---- the generator and the checksums ------------------------------------------------------------


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_files_are_as_recorded_and_as_generated(hash_seed: str) -> None:
    code, output = _generate("--check", PYTHONHASHSEED=hash_seed)
    count = len((FOLDER / "SHA256SUMS").read_text(encoding="ascii").splitlines())
    assert (code, output.strip()) == (0, f"{count} files agree with SHA256SUMS")


def test_every_file_has_its_checksum() -> None:
    lines = (FOLDER / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    listed = [line.split("  ", 1)[1] for line in lines]
    there = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*")
        if path.suffix in (".sip", ".pcap")
    }
    assert listed == sorted(there)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the folder, to be spoilt."""
    target = tmp_path / "bench_data"
    shutil.copytree(FOLDER, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def test_check_names_what_differs(copy: Path) -> None:
    (copy / "small.sip").unlink()
    changed = copy / "messages" / "valid" / "ack.sip"
    changed.write_bytes(changed.read_bytes().replace(b"\r\n", b"\n"))
    sums = copy / "SHA256SUMS"
    pcap_line = re.compile(r"^\w+(?=  calls\.pcap$)", re.MULTILINE)
    sums.write_text(pcap_line.sub("0" * 64, sums.read_text()))
    code, output = _generate("--check", folder=copy)
    assert code == 1
    assert output.splitlines() == [
        "calls.pcap differs from SHA256SUMS",
        "messages/valid/ack.sip differs from SHA256SUMS",
        "small.sip is missing",
        "calls.pcap as generated now differs from SHA256SUMS",
    ]


def test_without_arguments_the_files_are_made_anew(copy: Path) -> None:
    for name in ("mixed.sip", "calls.pcap", "SHA256SUMS"):
        (copy / name).unlink()
    assert _generate(folder=copy) == (0, "")
    for name in ("mixed.sip", "calls.pcap", "SHA256SUMS"):
        assert (copy / name).read_bytes() == (FOLDER / name).read_bytes()


def test_a_smaller_corpus_is_the_start_of_a_larger(tmp_path: Path, mixed: list[bytes]) -> None:
    out = tmp_path / "fifty.sip"
    assert _generate("--count", "50", "--output", str(out)) == (0, "")
    assert split(out.read_bytes()) == mixed[:50]


@pytest.mark.parametrize("arguments", [("--count", "5"), ("--count", "-1", "--output", "x")])
def test_a_count_that_makes_no_sense_is_refused(arguments: tuple[str, ...]) -> None:
    code, output = _generate(*arguments)
    assert code == 2
    assert "--count" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    "arguments",
    [("--pcap",), ("--distinct", "5", "--output", "x"), ("--distinct", "0", "--pcap")],
)
def test_a_capture_that_makes_no_sense_is_refused(arguments: tuple[str, ...]) -> None:
    code, output = _generate(*arguments)
    assert code == 2
    assert arguments[0] in output
    assert "Traceback" not in output


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    code, output = _generate("--output", str(tmp_path / "missing" / "a.sip"))
    assert code == 1
    assert re.fullmatch(r"generate\.py: .*missing.*\n", output)


# ---- the splitter -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"BYE sip:a SIP/2.0\r\nl: 0\r\n", "no blank line after byte 0"),
        (b"BYE sip:a SIP/2.0\r\ni: 1\r\n\r\n", "no Content-Length in the message at byte 0"),
        (b"BYE sip:a SIP/2.0\r\nl: 3\r\n\r\nab", "the body of the message at byte 0 is cut short"),
    ],
)
def test_split_says_why_it_cannot(data: bytes, fault: str) -> None:
    with pytest.raises(ValueError, match=f"^{fault}$"):
        split(data)


def test_split_goes_by_the_length_alone() -> None:
    one = b"MESSAGE sip:a SIP/2.0\r\nL :  7\r\n\r\n\r\n\r\nl:9"
    two = b"BYE sip:a SIP/2.0\r\ncontent-LENGTH:0\r\n\r\n"
    assert split(one + two) == [one, two]


# ---- mixed.sip ----------------------------------------------------------------------------------


def test_the_corpus_is_of_the_stated_shape(mixed: list[bytes]) -> None:
    assert len(mixed) == len(set(mixed)) == 2000
    assert sum(map(len, mixed)) / 2000 == pytest.approx(735, abs=5)
    assert sum(len(_fields(message)) for message in mixed) / 2000 == pytest.approx(11.2, abs=0.1)


def test_the_readme_states_the_mix(mixed: list[bytes], readme: str) -> None:
    by_kind: dict[str, list[bytes]] = defaultdict(list)
    for message in mixed:
        by_kind[_kind(message)].append(message)
    measured = [
        [
            kind,
            str(len(some)),
            f"{len(some) / 20:.1f}",
            f"{sum(map(len, some)) / len(some):.0f}",
            f"{sum(len(_fields(message)) for message in some) / len(some):.1f}",
        ]
        for kind, some in sorted(by_kind.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    assert list(_rows(readme, 5))[2:] == measured


def _has_compact_form(message: bytes) -> bool:
    return any(re.match(rb"[A-Za-z] *:", field) for field in _fields(message))


TRAITS: dict[str, Callable[[bytes], bool]] = {
    "a body": lambda message: not message.endswith(b"\r\n\r\n"),
    "two Vias or more": lambda message: len(_values(message, "via", "v")) > 1,
    "Route or Record-Route": lambda message: b"route:" in b"\n".join(_fields(message)).lower(),
    "bytes beyond ASCII": lambda message: not message.isascii(),
    "digest challenges or credentials": lambda message: (
        re.search(rb": ?Digest ", message) is not None
    ),
    "TCP in a Via": lambda message: b"SIP/2.0/TCP" in message,
    "compact forms": _has_compact_form,
    "IPv6 references": lambda message: b"[2001:db8" in message,
    "TLS in a Via": lambda message: b"SIP/2.0/TLS" in message,
}


@pytest.mark.parametrize("trait", TRAITS)
def test_the_readme_states_what_messages_have(trait: str, mixed: list[bytes], readme: str) -> None:
    stated = dict(row for row in _rows(readme, 2) if row[0] in TRAITS)
    measured = sum(map(TRAITS[trait], mixed)) / 20
    assert float(stated[trait]) == pytest.approx(measured, abs=0.051)


def test_every_response_answers_a_request_before_it(mixed: list[bytes]) -> None:
    asked = set()
    for message in mixed:
        branches = re.findall(rb"branch=([^;,\s]+)", b"\n".join(_fields(message)))
        call_id, cseq = _values(message, "call-id", "i"), _values(message, "cseq", "")
        sender = re.findall(r"tag=[^;]+", _values(message, "from", "f")[-1])
        transaction = (*call_id, *cseq, *sender, *branches)
        if message.startswith(b"SIP/2.0 "):
            assert transaction in asked
        else:
            asked.add(transaction)


def test_only_example_addresses_and_hosts(mixed: list[bytes]) -> None:
    text = b"".join(mixed).decode()
    for version in ("2.9.14.3", "5.2.0.18"):  # of products; they only look like addresses
        text = text.replace(version, "")
    addresses = set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b|2001:[0-9a-f:]+", text))
    assert len(addresses) > 100
    for address in addresses:
        assert any(ip_address(address) in network for network in EXAMPLE_NETWORKS), address
    for host in set(re.findall(r"[@:]((?:[a-z0-9-]+\.)+[a-z]{2,})\b(?!@)", text)):
        assert re.search(r"(^|\.)example\.(com|net|org)$", host), host


# ---- the fixed messages -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["small.sip", "invite.sip", "register.sip"])
def test_a_fixed_message_is_as_stated(name: str, readme: str) -> None:
    data = (FOLDER / name).read_bytes()
    assert split(data) == [data]
    stated = next(row for row in _rows(readme, 4) if row[0] == f"`{name}`")
    assert stated[2:] == [str(len(data)), str(len(_fields(data)))]


PARAMETER = re.compile(r'([a-z]+)=(?:"([^"]*)"|([^",\s]+))')


def _digest_is_right(message: bytes) -> bool:
    """Whether the credentials are those of a user whose password is its name (RFC 7616 3.4.1)."""
    line = next(field for field in _fields(message) if b"uthorization" in field).decode()
    given: dict[str, str] = {name: quoted or bare for name, quoted, bare in PARAMETER.findall(line)}
    name = given["algorithm"].replace("-", "").lower()

    def hashed(*parts: str) -> str:
        data = ":".join(parts).encode()
        return hashlib.new(name, data, usedforsecurity=False).hexdigest()

    secret = hashed(given["username"], given["realm"], given["username"])
    asked = hashed(_kind(message), given["uri"])
    rest = (given["nonce"], given["nc"], given["cnonce"], given["qop"], asked)
    return given["response"] == hashed(secret, *rest)


def test_all_credentials_are_right(mixed: list[bytes]) -> None:
    written = [FOLDER / "register.sip", MESSAGES / "valid" / "register-digest.sip"]
    messages = [*mixed, *(path.read_bytes() for path in written), *DIALOGUE_MESSAGES]
    with_credentials = [one for one in messages if re.search(rb"(?i)\n(proxy-)?authoriz", one)]
    assert len(with_credentials) > 100
    assert all(_digest_is_right(one) for one in with_credentials)


# ---- messages/ ----------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A line of INDEX.tsv."""

    file: str
    group: str
    shows: str
    rfc: str
    expected: str


def _index() -> list[Entry]:
    with (MESSAGES / "INDEX.tsv").open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    assert tuple(head) == Entry._fields
    return [Entry(*row) for row in rows]


INDEX = _index()


def test_the_index_lists_every_file_once() -> None:
    there = {path.relative_to(MESSAGES).as_posix() for path in MESSAGES.rglob("*.sip")}
    assert sorted(entry.file for entry in INDEX) == sorted(there)


@pytest.mark.parametrize("entry", INDEX, ids=lambda entry: entry.file)
def test_an_index_line_is_well_formed(entry: Entry) -> None:
    assert entry.file.split("/")[0] == entry.group
    assert entry.shows
    assert re.search(r"RFC \d+", entry.rfc)
    verdict = r"(defect|error) [a-z0-9-]+" if entry.group == "broken" else "clean"
    assert re.fullmatch(verdict, entry.expected)


def test_valid_messages_cover_all_methods_and_classes() -> None:
    valid = [(MESSAGES / entry.file).read_bytes() for entry in INDEX if entry.group == "valid"]
    kinds = Counter(map(_kind, valid))
    assert kinds.keys() >= METHODS
    assert {kind[0] for kind in kinds if kind.isdigit()} == set("123456")
    for data in valid:
        assert split(data) == [data]
        head = data.split(b"\r\n\r\n")[0]
        assert head.count(b"\n") == head.count(b"\r") == head.count(b"\r\n")


def test_all_messages_differ() -> None:
    contents = Counter((MESSAGES / entry.file).read_bytes() for entry in INDEX)
    assert max(contents.values()) == 1


# ---- dialogues/ ---------------------------------------------------------------------------------


class Dialogue(NamedTuple):
    """A line of INDEX.tsv."""

    file: str
    messages: str
    shows: str
    rfc: str


def _dialogues() -> list[Dialogue]:
    with (DIALOGUES / "INDEX.tsv").open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    assert tuple(head) == Dialogue._fields
    return [Dialogue(*row) for row in rows]


def test_the_index_lists_every_dialogue_once() -> None:
    there = {path.name for path in DIALOGUES.glob("*.sip")}
    assert sorted(dialogue.file for dialogue in _dialogues()) == sorted(there)


@pytest.mark.parametrize("dialogue", _dialogues(), ids=lambda dialogue: dialogue.file)
def test_a_dialogue_is_as_its_line_says(dialogue: Dialogue) -> None:
    messages = split((DIALOGUES / dialogue.file).read_bytes())
    assert " ".join(map(_kind, messages)) == dialogue.messages
    assert dialogue.shows
    assert re.match(r"RFC \d+ \d", dialogue.rfc)


def test_dialogues_have_all_methods_and_plain_fields() -> None:
    assert set(map(_kind, DIALOGUE_MESSAGES)) >= METHODS
    for message in DIALOGUE_MESSAGES:
        for field in message.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
            assert re.fullmatch(rb"[A-Za-z-]+: \S(.*\S)?", field)


# ---- calls.pcap ---------------------------------------------------------------------------------


class Packet(NamedTuple):
    """A packet of the capture, taken apart just so far as to check it."""

    microseconds: int
    vlan: int
    kind: int  # EtherType
    data: bytes


def _packets(path: Path = FOLDER / "calls.pcap") -> Iterator[Packet]:
    data = path.read_bytes()
    assert data[:24] == struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    at = 24
    while at < len(data):
        seconds, micros, captured, length = struct.unpack_from("<IIII", data, at)
        assert captured == length >= 60
        frame = data[at + 16 : at + 16 + length]
        at += 16 + length
        tagged = frame[12:14] == b"\x81\x00"
        vlan = int.from_bytes(frame[14:16], "big") if tagged else 0
        rest = frame[16:] if tagged else frame[12:]
        kind = int.from_bytes(rest[:2], "big")
        yield Packet(seconds * 1_000_000 + micros, vlan, kind, rest[2:])


def _sum_is_right(data: bytes) -> bool:
    """The Internet checksum is arithmetic modulo 2**16 - 1 (RFC 1071)."""
    return int.from_bytes(data + bytes(len(data) % 2), "big") % 0xFFFF == 0


def _transport(packet: Packet) -> tuple[int, bytes]:
    """Protocol and segment of an IP packet, its lengths and checksums checked."""
    data = packet.data
    if packet.kind == 0x86DD:
        length, protocol = struct.unpack_from("!HB", data, 4)
        segment, addresses = data[40 : 40 + length], data[8:40]
    else:
        assert packet.kind == 0x0800
        assert data[0] == 0x45
        assert _sum_is_right(data[:20])
        (length,) = struct.unpack_from("!H", data, 2)
        protocol, segment, addresses = data[9], data[20:length], data[12:20]
    pseudo = addresses + struct.pack("!IHBB", len(segment), 0, 0, protocol)
    assert _sum_is_right(pseudo + segment)
    return protocol, segment


def _what(packet: Packet) -> str:
    if packet.kind == 0x0806:
        return "ARP"
    protocol, segment = _transport(packet)
    if protocol == 6:
        return "TCP"
    source, target, length = struct.unpack_from("!HHH", segment)
    assert length == len(segment)
    payload = segment[8:]
    if payload == b"\r\n\r\n":
        return "keep-alive"
    if b"SIP/2.0" in payload[:200]:
        return "SIP" if _is_whole(payload) else "SIP-like"
    return "DNS" if 53 in (source, target) else "RTP"


def _is_whole(payload: bytes) -> bool:
    well_formed = all(re.match(rb"[A-Za-z-]+:", field) for field in _fields(payload))
    try:
        return split(payload) == [payload] and well_formed
    except ValueError:
        return False


def test_the_capture_is_as_the_readme_says(readme: str) -> None:
    packets = list(_packets())
    kinds = Counter(map(_what, packets))
    stated = {row[1]: int(row[0]) for row in _rows(readme, 2) if row[0].isdigit()}
    order = ("SIP", "SIP-like", "RTP", "DNS", "keep-alive", "TCP", "ARP")
    assert list(stated.values()) == [kinds[kind] for kind in order]
    tagged = sum(packet.vlan > 0 for packet in packets)
    ipv6 = sum(packet.kind == 0x86DD for packet in packets)
    assert f"{tagged} of them carry a VLAN tag, {ipv6} are IPv6" in readme
    span = (packets[-1].microseconds - packets[0].microseconds) // 1_000_000
    size = (FOLDER / "calls.pcap").stat().st_size
    assert f"{len(packets)} packets over {span} seconds, in {size:,} bytes" in readme


def test_the_capture_is_in_the_order_of_time() -> None:
    times = [packet.microseconds for packet in _packets()]
    assert times == sorted(times)


# ---- captures of the corpus ----------------------------------------------------------------------


class Sip(NamedTuple):
    """A message in a datagram whose lengths and checksums are right."""

    at: int
    payload: bytes


def _sip(path: Path) -> list[Sip]:
    found = []
    for packet in _packets(path):
        protocol, segment = _transport(packet)
        assert protocol == 17
        found.append(Sip(packet.microseconds, segment[8:]))
    return found


def test_a_capture_of_the_corpus(tmp_path: Path, mixed: list[bytes]) -> None:
    out = tmp_path / "fifty.pcap"
    assert _generate("--pcap", "--count", "50", "--output", str(out)) == (0, "")
    packets = _sip(out)
    assert [packet.payload for packet in packets] == mixed[:50]
    assert [packet.at for packet in packets] == sorted(packet.at for packet in packets)


IDENTITIES = (
    rb"(?im)^(?:Call-ID|i) *: *(.+)\r",
    rb";tag=([^;\r]+)",
    rb"branch=z9hG4bK([^;\r,]+)",
)


def test_a_capture_repeats_messages_with_other_identities(tmp_path: Path) -> None:
    out = tmp_path / "repeated.pcap"
    asked = ("--pcap", "--count", "130", "--distinct", "50", "--output", str(out))
    assert _generate(*asked) == (0, "")
    packets = _sip(out)
    assert len(packets) == 130
    first, second, third = packets[:50], packets[50:100], packets[100:]
    assert first[-1].at < second[0].at < second[-1].at < third[0].at
    assert [len(one.payload) for one in first] == [len(one.payload) for one in second]
    for pattern in IDENTITIES:
        found = [_by_identity(turn, pattern) for turn in (first, second, third)]
        assert len(found[0]) > 10
        assert len(set().union(*found)) == sum(map(len, found))
        # The messages that share one still do.
        assert sorted(found[0].values()) == sorted(found[1].values())


def _by_identity(packets: list[Sip], pattern: bytes) -> dict[bytes, list[int]]:
    found = defaultdict(list)
    for number, packet in enumerate(packets):
        for identity in re.findall(pattern, packet.payload.partition(b"\r\n\r\n")[0]):
            found[identity].append(number)
    return found


def test_a_capture_that_repeats_too_often_is_refused(tmp_path: Path) -> None:
    asked = ("--pcap", "--count", "1000", "--distinct", "1", "--output", str(tmp_path / "a"))
    code, output = _generate(*asked)
    assert code == 1
    assert re.fullmatch(r"generate\.py: 1 messages can be repeated \d+ times, not more\n", output)
