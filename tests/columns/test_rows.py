"""The rows of a Builder are those of the definition, `columns/values.py`, whatever the bytes."""

from __future__ import annotations

import ipaddress
import mmap
import random
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import capture_files as made
import pytest
from cost import ratio

import sipfast
from bench_data import corpus
from sipfast._engine import Engine
from sipfast.capture.base import Record
from sipfast.columns import names, values, where
from sipfast.columns.scan import Scan, _columns_of
from sipfast.errors import ParseError

from .mutations import mutated

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed (pip install sipfast[arrow])")

BENCH_DATA = Path(corpus.__file__).parent
BY_HAND = [path.read_bytes() for path in sorted(BENCH_DATA.glob("messages/*/*.sip"))]
MIXED = corpus.load(BENCH_DATA / "mixed.sip")
MUTATIONS = 12_000

HEADERS = ("header:X-A", "header:via", "headers:v", "headers:X-A", "header:From", "headers:None")
EVERY = (*names.COLUMNS, *HEADERS)
SLOW = ("defects", "retransmission", "duplicate")
QUICK = tuple([name for name in EVERY if name not in SLOW and not name.startswith("sdp_")])
"""The columns that the native engine reads in C."""

Row = list[values.Value]


def builder_of(
    engine: Engine,
    columns: Sequence[str],
    expression: str | None = None,
    text: str = "view",
    rows: int = 1000,
    errors: str = "keep",
) -> Any:
    tree = None if expression is None else where.parse(expression)
    return _columns_of(engine).Builder(tuple(columns), tree, text, rows, errors)


def record_of(data: Any, number: int = 1) -> Record:
    """A record whose facts differ from one message to another."""
    address, port = (("192.0.2.1", 5060), ("2001:db8::1", 65535), (None, None))[number % 3]
    return Record(
        data,
        number * 10,
        number,
        None if number % 7 == 0 else 1_700_000_000_000_000_000 + number,
        address,
        port,
        address,
        port,
        ("UDP", "TCP", None)[number % 3],
        file="a\udcff.pcap",
    )


def rows_in(batch: Any) -> list[Row]:
    """The rows of a batch, times as numbers."""
    table = pa.record_batch(batch)
    table.validate(full=True)
    columns = [
        column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
        for column in table.columns
    ]
    rows = zip(*[column.to_pylist() for column in columns], strict=True)
    return [[tuple(item) if isinstance(item, list) else item for item in row] for row in rows]


def built(builder: Any, records: Iterable[Record]) -> Iterator[Row]:
    """The rows that a builder makes of records."""
    builder.begin(b"", None, False)
    for record in records:
        if builder.add(record):
            yield from rows_in(builder.take())
    batch = builder.take()
    if batch is not None:
        yield from rows_in(batch)


def defined(engine: Engine, columns: Sequence[str], records: Iterable[Record]) -> Iterator[Row]:
    """The rows of the definition."""
    row = values.Row(tuple(columns))
    for record in records:
        yield row.read(read(engine, bytes(record.data)), record)


def read(engine: Engine, data: bytes) -> Any:
    try:
        return engine.parse(data)
    except ParseError as error:
        return error


def check(engine: Engine, columns: Sequence[str], messages: Iterable[bytes], text: str) -> int:
    """Compare a builder's rows with the definition's, of bytes and of other buffers."""
    records = [record_of(data, number) for number, data in enumerate(messages)]
    expected = list(defined(engine, columns, records))
    kinds: tuple[Any, ...] = (bytes, bytearray, memoryview)
    for kind in kinds:
        found = built(
            builder_of(engine, columns, text=text),
            [record._replace(data=kind(record.data)) for record in records],
        )
        for record, one, other in zip(records, found, expected, strict=True):
            assert dict(zip(columns, one, strict=True)) == dict(zip(columns, other, strict=True)), (
                record.data
            )
    return len(expected)


# ---- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["view", "utf8"])
@pytest.mark.parametrize("columns", [QUICK, EVERY], ids=["quick", "every"])
def test_messages_by_hand(engine: Engine, columns: Sequence[str], text: str) -> None:
    assert check(engine, columns, BY_HAND, text) > 60


@pytest.mark.parametrize("column", EVERY)
def test_each_column_alone(engine: Engine, column: str) -> None:
    """Its errors are its own, not those of other columns."""
    columns = dict.fromkeys((column, "error", "error_offset"))
    check(engine, tuple(columns), BY_HAND[::2], "view")


def test_generated_messages(engine: Engine) -> None:
    messages = MIXED if engine.name == "native" else MIXED[::20]
    check(engine, QUICK, messages, "view")
    check(engine, EVERY, messages[::20], "view")


@pytest.mark.parametrize("part", range(6))
def test_mutated_messages(engine: Engine, part: int) -> None:
    count = MUTATIONS // 6 if engine.name == "native" else MUTATIONS // 300
    check(engine, QUICK, mutated([*BY_HAND, *MIXED[:200]], count, part), "view")


def test_mutated_messages_in_few_columns(engine: Engine) -> None:
    choose = random.Random(7)
    count = 200 if engine.name == "native" else 6
    for part in range(40):
        columns = choose.sample(
            [name for name in QUICK if name != "error_offset"], choose.randrange(1, 7)
        )
        messages = mutated([*BY_HAND, *MIXED[:100]], count, 100 + part)
        check(engine, (*columns, "error_offset"), messages, choose.choice(("view", "utf8")))


def test_the_fuzzer_reads_rows_so(native: Engine) -> None:
    """The reader of `fuzz.columns` works, and would see a wrong value."""
    from fuzz import columns

    choose = random.Random(4)
    for message in mutated([*BY_HAND, *MIXED[:100]], 300, 12):
        columns.check(bytes([choose.randrange(256) for _ in range(5)]) + message)
    record = record_of(BY_HAND[0])
    row = columns.row_of(("packet", "call_id"), None, "view", record)
    assert row == columns.defined(("packet", "call_id"), None, record) != [1, "x"]


def test_both_engines_agree(native: Engine, pure: Engine) -> None:
    messages = list(mutated([*BY_HAND, *MIXED[:100]], 150, 9))
    records = [record_of(data, number) for number, data in enumerate(messages)]
    found = [list(built(builder_of(engine, EVERY), records)) for engine in (native, pure)]
    assert found[0] == found[1]


def test_torture_messages(engine: Engine, shared: Path) -> None:
    files = sorted((shared / "conformance" / "rfc4475").glob("*.dat"))
    messages = [path.read_bytes() for path in files]
    assert check(engine, EVERY, messages, "view") >= 49
    check(engine, QUICK, messages, "utf8")


def test_captures_of_others(native: Engine, shared: Path) -> None:
    """Messages of captures; those that were cut too."""
    count = 0
    for path in sorted((shared / "captures").rglob("*.pcap*")):
        try:
            with sipfast.open(path) as capture:
                messages = [bytes(record.data) for record in capture]
        except sipfast.capture.CaptureError:
            continue
        count += check(native, QUICK, messages, "view")
    assert count > 1000


# ---- values that are split 64 bytes at once ------------------------------------------------------

WORDS = (
    *(
        "<",
        ">",
        "<sip:",
        "sip:",
        "SIP:",
        "sips:",
        "tel:",
        '"',
        '\\"',
        "\\",
        "@",
        ":",
        ";",
        "?",
        "%41",
    ),
    *(" ", "\t", ",", "[::1]", "5060", "65535", "65536", "1", "alice", "b_c.d-e", "EXAMPLE.com"),
    *(
        ";tag=",
        ";TAG=x",
        ";tag",
        ";tagx=",
        "; tag=a",
        ";branch=",
        ";Branch=y",
        ";branchy=1",
        "=",
        "\xe9",
    ),
    *(
        "SIP/2.0/UDP ",
        "SIP/2.0/TLS ",
        "SIP/2.0/UDP\t",
        "z9hG4bK" * 9,
        "x" * 60,
        ";lr",
        ">;",
        '"Al" <sip:',
    ),
)


def test_random_addresses_and_vias(native: Engine) -> None:
    """Where a value ends counts, and what follows it does not."""
    choose = random.Random(11)
    usual = ("<sip:alice@example.com:5060>;tag=77", '"A" <sip:h;lr>;x=1;tag=2', "<sip:a:b@h?x=y>")
    columns: tuple[str, ...] = (
        *("from_display", "from_user", "from_host", "from_tag", "to_tag", "via_host"),
        *("via_branch", "contact_user", "contact_expires", "error", "error_offset"),
    )

    def value(whole: tuple[str, ...]) -> bytes:
        words = [choose.choice(WORDS) for _ in range(choose.randrange(6))]
        words.insert(choose.randrange(len(words) + 1), choose.choice(whole))
        return "".join(words).encode("latin-1")

    def message() -> bytes:
        via = value(("SIP/2.0/UDP h:5060;branch=z9hG4bK1", "SIP/2.0/TCP 192.0.2.1;rport;branch=b"))
        values = (value(usual), value(usual), value(usual), via)
        return b"OPTIONS sip:h SIP/2.0\r\nf: %b\r\nt: %b\r\nm: %b\r\nv: %b\r\n\r\n" % values

    messages = [message() for _ in range(6000)]
    for names_asked in (columns, columns[3:], columns[6:7], columns[1:2]):
        check(native, names_asked, messages[: 6000 if names_asked is columns else 1500], "view")


def test_addresses_of_packets(native: Engine) -> None:
    """IP addresses are those that `sipfast.open` gives."""
    choose = random.Random(3)
    packed = [bytes(choose.choice((0, 0, 0, 1, 255)) for _ in range(16)) for _ in range(300)]
    packed += [
        bytes(12) + bytes([1, 2, 3, 4]),
        bytes(10) + b"\xff\xff\1\2\3\4",
        bytes(16),
        bytes(15) + b"\1",
    ]
    texts = [str(ipaddress.IPv6Address(address)) for address in packed]
    message = made.OPTIONS
    packets = [
        made.ethernet(made.ipv6(made.udp(message), source=text, destination=texts[0]), 0x86DD)
        for text in texts
    ]
    packets += [
        made.ethernet(made.ipv4(made.udp(message), source=f"{i}.{255 - i}.{i // 3}.9"))
        for i in range(256)
    ]
    data = made.pcap(*packets)
    names_asked = (
        "source_address",
        "destination_address",
        "source_port",
        "time",
        "packet",
        "transport",
    )
    with sipfast.open(data) as capture:
        expected = list(defined(native, names_asked, capture))
    found = Scan(data, names_asked, engine=native)
    assert [row for batch in found for row in rows_in(batch)] == expected
    assert len(expected) == len(packets)


# ---- conditions, and errors ----------------------------------------------------------------------

TESTS = (
    *("method = 'INVITE'", "method is null", "method != 'INVITE'", "method in ('ACK', 'BYE')"),
    *("status >= 200", "status < 300", "status is null", "is_request", "reason = 'OK'"),
    *("source_port = 5060", "source_address like '2%'", "time is null", "transport = 'UDP'"),
    *("packet > 20", "error is null", "error_offset > 40", "error like '%malformed%'"),
    *("from_user like '%a%'", "via_branch like 'z9hG4bK%'", "call_id is null", "cseq_number > 100"),
    *("header:via like '%UDP%'", "headers:v is null", "header:X-A = '1'", "body_length = 0"),
    *("sdp_port > 0", "sdp_codecs = 'PCMA'", "defects is null", "retransmission", "duplicate"),
)


@pytest.mark.parametrize("part", range(8))
def test_conditions(engine: Engine, part: int) -> None:
    """The rows are those for which the condition is true by the definition."""
    choose = random.Random(part)
    count = 400 if engine.name == "native" else 30
    messages = [b"", b"x", b"ACK", b"INVITE sip:h SIP/2.0\r\n", b"\r\n\r\nSIP/2.0 200 OK\r\n\r\n"]
    messages += [
        b"BYE\tsip:h SIP/2.0\r\n\r\n",
        b"SIP/2.0 20",
        b"sip/2.0\t404 x\r\n\r\n",
        b"SIP/3 200 OK\r\n\r\n",
    ]
    messages += mutated([*BY_HAND, *MIXED[:100]], count, 500 + part)
    records = [record_of(data, number) for number, data in enumerate(messages)]
    for _ in range(25):
        tests = [
            choose.choice(("", "", "not ")) + choose.choice(TESTS)
            for _ in range(choose.randrange(1, 5))
        ]
        expression = tests[0]
        for test in tests[1:]:
            expression = f"({expression}) {choose.choice(('and', 'or'))} ({test})"
        columns = choose.sample(QUICK, 3)
        tree = where.parse(expression)
        asked = tuple(dict.fromkeys((*columns, *where.named_in(tree))))
        holds = where.compiled(tree)
        expected = [
            row[:3]
            for row in defined(engine, asked, records)
            if holds(dict(zip(asked, row, strict=True)))
        ]
        assert list(built(builder_of(engine, columns, expression), records)) == expected, expression


@pytest.mark.parametrize("condition", [None, "is_request", "cseq_number is null"])
def test_rows_with_errors_are_left_out_and_counted(engine: Engine, condition: str | None) -> None:
    records = [record_of(data, number) for number, data in enumerate(BY_HAND)]
    columns = ("packet", "cseq_number", "from_user", "to_tag", "contact_host", "error")
    kept = list(built(builder_of(engine, columns, condition), records))
    builder = builder_of(engine, columns, condition, errors="skip")
    assert list(built(builder, records)) == [row for row in kept if row[5] is None]
    assert builder.left_out == sum(row[5] is not None for row in kept) > 0


def test_the_first_error_is_raised(engine: Engine) -> None:
    builder = builder_of(engine, ("cseq_number",), "is_request", errors="raise")
    builder.begin(b"", None, False)
    malformed = b"OPTIONS sip:h SIP/2.0\r\nCSeq: x OPTIONS\r\n\r\n"
    assert builder.add(record_of(b"SIP/2.0 200 OK\r\nCSeq: x\r\n\r\n")) is False
    with pytest.raises(ParseError) as caught:
        builder.add(record_of(malformed))
    assert (caught.value.code, caught.value.header) == ("cseq-malformed", "CSeq")
    assert caught.value.offset == malformed.index(b"x OPTIONS")
    assert builder.add(record_of(malformed.replace(b"x O", b"7 O"))) is False
    assert rows_in(builder.take()) == [[7]]


# ---- batches, sizes and buffers ------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 2, 7, 64])
@pytest.mark.parametrize("text", ["view", "utf8"])
def test_batches_have_all_rows_in_order(engine: Engine, rows: int, text: str) -> None:
    records = [record_of(data, number) for number, data in enumerate(MIXED[:50])]
    columns = ("packet", "call_id", "headers:v", "sdp_codecs", "from_user")
    expected = list(defined(engine, columns, records))
    builder = builder_of(engine, columns, text=text, rows=rows)
    builder.begin(b"", None, False)
    found = []
    for record in records:
        if builder.add(record):
            batch = builder.take()
            assert len(batch) == rows
            found += rows_in(batch)
    batch = builder.take()
    found += rows_in(batch) if batch is not None else []
    assert found == expected
    assert builder.take() is None


def test_texts_in_the_source_outlive_the_builder(engine: Engine) -> None:
    data = b"".join(MIXED[:100])
    builder = builder_of(engine, ("call_id", "user_agent", "file"))
    builder.begin(data, None, False)
    at, records = 0, []
    for message in MIXED[:100]:
        records.append(record_of(memoryview(data)[at : at + len(message)], at))
        at += len(message)
    expected = list(defined(engine, ("call_id", "user_agent", "file"), records))
    for record in records:
        builder.add(record)
    batch = builder.take()
    del builder, records, data
    assert rows_in(batch) == expected


def large(lines: bytes) -> bytes:
    return b"OPTIONS sip:h SIP/2.0\r\n" + lines + b"\r\n"


HOSTILE = (
    b"f: <sip:a@h>" + b"\r\n " * 8000 + b";tag=1\r\n",
    (b"f: <sip:a@h>;tag=" + b"x" * 32_000 + b"\r\n") * 3,
    (b"v: " + b"SIP/2.0/UDP h;branch=1,\r\n " * 1000 + b"\r\n") * 20,
    b"v: x\r\n" * 500,
    b"v: x\r\n" * 501,
    b"t: " + b'"' + b"\\a" * 16_000 + b'" <sip:x@y>\r\n',
    b"t: <sip:" + b"%41" * 10_000 + b"@h>\r\n",
    b"Reason: " + b"Q.850;cause=16," * 2000 + b"\r\n",
    b"X: " + b"y" * 1_048_600 + b"\r\n",
    b"c: application/sdp\r\n\r\nv=0\r\n" + b"a=rtpmap:0 x/1\r\n" * 20_000,
    b"c: application/sdp\r\n\r\nv=0\r\nm=audio 1 RTP/AVP" + b" 0" * 20_000,
    b"c: application/sdp\r\n\r\nv=0\r\nm=audio 1 RTP/AVP 0" + b"\r\nm=audio 1 RTP/AVP 0" * 9000,
)


@pytest.mark.parametrize("which", range(len(HOSTILE)))
def test_hostile_sizes(engine: Engine, which: int) -> None:
    columns = (*QUICK, *[name for name in names.COLUMNS if name.startswith("sdp_")])
    columns += tuple([f"headers:V{'!' * i}" for i in range(3)])
    for text in ("view", "utf8"):
        check(engine, columns, [large(HOSTILE[which]), MIXED[0]], text)


REPEATED = (
    *(b"v: ;,\r\n", b"f: \r\n ", b"X:\r\n", b"a", b"%41", b'\\"', b"<", b'"', b";tag", b","),
    *(b"c: application/sdp\r\n\r\nv=0\r\na=rtpmap:1 a/1\r\n", b"\r\nm=a 1 RTP/AVP 0", b" 0"),
)


@pytest.mark.parametrize("which", range(len(REPEATED)))
def test_cost_is_linear(native: Engine, which: int) -> None:
    """Three times the bytes take about three times the time."""
    columns = (*QUICK, *[name for name in names.COLUMNS if name.startswith("sdp_")])
    builder = builder_of(native, columns, rows=1)
    builder.begin(b"", None, False)

    def work(size: int) -> Any:
        header = b"OPTIONS sip:h SIP/2.0\r\nc: application/sdp\r\nm: <sip:a>\r\nt: "
        repeated = REPEATED[which] * (size // len(REPEATED[which]))
        records = [
            record_of(header + b"<sip:a@h>;x=" + repeated + b"\r\n\r\n"),
            record_of(header + b"<sip:a@h>\r\n\r\nv=0\r\nm=audio 1 RTP/AVP 0" + repeated),
        ]

        def read_all() -> None:
            for record in records:
                builder.add(record)
                builder.take()

        return read_all

    assert ratio(work(9_000), work(27_000), 6.0) <= 6.0


def test_a_buffer_that_is_written_to(engine: Engine) -> None:
    """Texts are those of some moment, and valid."""
    data = bytearray(b"".join(MIXED[:30]))
    original = bytes(data)
    done = threading.Event()

    def write() -> None:
        choose = random.Random(5)
        while not done.is_set():
            at = choose.randrange(len(data) - 8)
            data[at : at + 2] = choose.choice(
                (b'";', b"<>", b"\r\n", b"\xff\xfe", b"\xc3\xa9", b"@%")
            )
            data[at : at + 2] = original[at : at + 2]

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for text in ("view", "utf8"):
            builder = builder_of(
                engine, QUICK, "from_user is not null or error is not null", text=text
            )
            builder.begin(b"", None, False)
            for _ in range(40 if engine.name == "native" else 3):
                at = 0
                for message in MIXED[:30]:
                    builder.add(record_of(memoryview(data)[at : at + len(message)]))
                    at += len(message)
                batch = builder.take()
                assert batch is not None
                assert all(len(row) == len(QUICK) for row in rows_in(batch))
    finally:
        done.set()
        writer.join()


def test_a_mapped_file_that_is_written_to(native: Engine, tmp_path: Path) -> None:
    """A scan of a file that changes meanwhile ends; its text is valid in the utf8 form."""
    path = tmp_path / "changing.pcap"
    path.write_bytes(made.pcap(*[made.ethernet(made.ipv4(made.udp(data))) for data in MIXED[:200]]))
    size = path.stat().st_size
    done = threading.Event()
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as view:

        def write() -> None:
            choose = random.Random(6)
            while not done.is_set():
                at = choose.randrange(60, size - 8)
                before = view[at : at + 4]
                view[at : at + 4] = choose.choice(
                    (b'"<>;', b"\r\n\r\n", b"\xff\xfe\xc3\x28", b"%@:,")
                )
                view[at : at + 4] = before

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for _ in range(30):
                for batch in Scan(
                    path, QUICK, "method is null or method != 'x'", text="utf8", engine=native
                ):
                    pa.record_batch(batch).validate(full=True)
        finally:
            done.set()
            writer.join()


class Odd:
    """A record whose facts are new objects each time, and which does something meanwhile."""

    def __init__(self, use: Callable[[], object] = list, **facts: Any) -> None:
        self._use = use
        self._facts = facts

    def __getattr__(self, name: str) -> Any:
        self._use()
        found = self._facts.get(name)
        return "".join(found) if isinstance(found, list) else found


FACTS = ("file", "packet", "transport", "source_address", "source_port", "method")


def test_the_texts_of_a_record_last_as_long_as_its_row(native: Engine) -> None:
    letters = [*"a text that is longer than a view"]
    record = Odd(data=BY_HAND[0], source=letters, transport=letters, file=letters, packet=7)
    columns = (*FACTS[:-1], "call_id")
    for text in ("view", "utf8"):
        builder = builder_of(native, columns, "source_address like 'a text%'", text, rows=2)
        builder.begin(b"", None, False)
        assert [builder.add(record) for _ in range(3)] == [False, True, True]
        with pytest.raises(ValueError, match="the batch is full"):
            builder.add(record)
        with pytest.raises(ValueError, match="the batch is full"):
            builder.begin(b"", "b" * 50, False)
        said = "".join(letters)
        row: Row = [said, 7, said, said, None, read(native, BY_HAND[0]).call_id]
        assert rows_in(builder.take()) == [row] * 2
        assert rows_in(builder.take()) == [row]
        builder.begin(b"", None, False)


@pytest.mark.parametrize("use", ["begin", "add", "cut", "take"])
def test_a_record_cannot_use_what_takes_it(native: Engine, use: str) -> None:
    refused = 0

    def uses() -> None:
        nonlocal refused
        with pytest.raises(ValueError, match="in use"):
            {
                "begin": lambda: builder.begin(bytes(9), None, False),
                "add": lambda: builder.add(record),
                "cut": lambda: builder.cut(0),
                "take": builder.take,
            }[use]()
        refused += 1

    record = Odd(uses, data=BY_HAND[0], packet=7)
    builder = builder_of(native, FACTS)
    builder.begin(b"", None, False)
    builder.add(record)
    assert refused > 5
    assert len(rows_in(builder.take())) == 1


@pytest.mark.parametrize(
    "facts",
    [
        {"transport": 5},
        {"transport": ("UDP",)},
        {"source": b"192.0.2.1"},
        {"packet": "7"},
        {"source_port": "x" * 24},
        {"data": 5},
        {"file": 5},
    ],
)
def test_a_fact_of_another_type_is_refused(native: Engine, facts: dict[str, Any]) -> None:
    for expression in (None, "transport = 'UDP' or source_address like '%' or source_port > 3"):
        builder = builder_of(native, FACTS, expression)
        builder.begin(b"", None, False)
        assert not builder.add(record_of(BY_HAND[0]))
        with pytest.raises(TypeError):
            builder.add(Odd(**{"data": BY_HAND[0], **facts}))
        assert not builder.add(record_of(BY_HAND[0]))
        assert len(rows_in(builder.take())) == 2
