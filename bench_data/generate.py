"""Makes the corpora of this folder, and larger ones of the same kind.

    python bench_data/generate.py                                 make mixed.sip and calls.pcap
    python bench_data/generate.py --check                         compare with SHA256SUMS
    python bench_data/generate.py --count 100000 --output FILE    make a larger corpus
    python bench_data/generate.py --pcap --count 5000000 --distinct 100000 --output FILE

A larger corpus begins with the bytes of a smaller one. The last command makes a capture: each
message as a UDP datagram over Ethernet. After the first 100,000, these are repeated with other
Call-IDs, tags and branches.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

if not __package__:  # run as a file: Python then looks beside it, not in the folder above
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench_data.traffic import datagrams
from bench_data.traffic.capture import capture
from bench_data.traffic.exchange import Sent
from bench_data.traffic.scenarios import traffic

HERE = Path(__file__).resolve().parent
SEED = 5086
COUNT = 2000
SUMS = HERE / "SHA256SUMS"


def messages(count: int = COUNT) -> Iterator[bytes]:
    """The first `count` messages of the corpus."""
    return (sent.data for sent in sent_messages(count))


def sent_messages(count: int = COUNT) -> Iterator[Sent]:
    """The same messages, with their times and addresses."""
    return islice(traffic(SEED), count)


def made() -> dict[str, bytes]:
    """The files that this command makes, by name."""
    return {"mixed.sip": b"".join(messages()), "calls.pcap": capture(SEED)}


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def recorded() -> dict[str, str]:
    """SHA256SUMS as file name -> digest."""
    lines = SUMS.read_text(encoding="ascii").splitlines()
    return {name: value for value, name in (line.split("  ", 1) for line in lines)}


def faults() -> list[str]:
    """The faults of the committed files; empty if there are none."""
    found = []
    sums = recorded()
    for name, value in sums.items():
        path = HERE / name
        if not path.is_file():
            found.append(f"{name} is missing")
        elif digest(path.read_bytes()) != value:
            found.append(f"{name} differs from SHA256SUMS")
    for name, data in made().items():
        if digest(data) != sums.get(name):
            found.append(f"{name} as generated now differs from SHA256SUMS")
    return found


def renew() -> None:
    """Write the generated files, and the sums of all: the hand-written ones too."""
    for name, data in made().items():
        (HERE / name).write_bytes(data)
    paths = (*HERE.rglob("*.sip"), *HERE.glob("*.pcap"))
    names = sorted(path.relative_to(HERE).as_posix() for path in paths)
    sums = "".join(f"{digest((HERE / name).read_bytes())}  {name}\n" for name in names)
    SUMS.write_bytes(sums.encode("ascii"))


def main(arguments: list[str] | None = None) -> int:
    """The command; returns its exit code: 1 where --check finds a difference or a file fails."""
    parser = argparse.ArgumentParser(description="Make or check the corpora of bench_data.")
    parser.add_argument("--check", action="store_true", help="compare the files with SHA256SUMS")
    parser.add_argument(
        "--count", type=int, help=f"messages to write to --output, {COUNT} if unsaid"
    )
    parser.add_argument("--output", type=Path, help="write a corpus here and nothing else")
    parser.add_argument("--pcap", action="store_true", help="write a capture to --output")
    parser.add_argument(
        "--distinct", type=int, help="repeat the first so many messages, which goes with --pcap"
    )
    options = parser.parse_args(arguments)
    if options.count is not None and (options.count < 0 or options.output is None):
        parser.error("--count is a number from 0 up, and goes with --output")
    if options.pcap and options.output is None:
        parser.error("--pcap goes with --output")
    if options.distinct is not None and (options.distinct < 1 or not options.pcap):
        parser.error("--distinct is a number from 1 up, and goes with --pcap")
    try:
        return _run(options)
    except (OSError, ValueError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1


def _run(options: argparse.Namespace) -> int:
    if options.check:
        found = faults()
        print("\n".join(found) or f"{len(recorded())} files agree with SHA256SUMS")
        return 1 if found else 0
    if options.output is None:
        renew()
        return 0
    count: int = COUNT if options.count is None else options.count
    with options.output.open("wb") as out:
        if options.pcap:
            distinct = count if options.distinct is None else min(options.distinct, count)
            datagrams.write(out, list(sent_messages(distinct)), count)
        else:
            out.writelines(messages(count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
