"""The rivals in C: small programs, built on demand, which parse a corpus and time themselves."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rivals import Facts, Skipped
from benchmarks.timing import Took

SOURCES = Path(__file__).parent


@dataclass(frozen=True)
class Source:
    """A C program of this folder, and its dependencies."""

    name: str
    does: str
    file: str
    library: str | None
    """The library's pkg-config name."""
    package: str = ""
    """Debian's package of the library."""


C_SOURCES = (
    Source(
        "libosip2",
        "osip_message_parse: copies, every header typed",
        "osip.c",
        "libosip2",
        "libosip2-dev",
    ),
    Source(
        "sofia-sip",
        "msg_make: copies, every header typed",
        "sofia.c",
        "sofia-sip-ua",
        "libsofia-sip-ua-dev",
    ),
    Source(
        "libre",
        "sip_msg_decode: every field noted, Via, To, From and CSeq typed",
        "re.c",
        "libre",
        "libre-dev",
    ),
    Source("memchr", "line end to line end over every byte, in C", "lines.c", None),
)


@dataclass(frozen=True)
class Program:
    """A built C rival."""

    source: Source
    path: Path
    version: str
    """The library's version; empty without a library."""

    def read(self, corpus: Path) -> list[Facts | None]:
        """Return the facts that the program reads in each message; None for a refused one."""
        return [_facts(line) for line in self._run("check", str(corpus))]

    def time(self, corpus: Path) -> Took:
        """Run one timed round over the corpus."""
        (line,) = self._run("time", str(corpus), "1")
        return Took(*map(float, line.split()))

    def _run(self, *arguments: str) -> list[str]:
        done = subprocess.run(
            [str(self.path), *arguments], check=True, capture_output=True, timeout=600
        )
        return done.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]


def _facts(line: str) -> Facts | None:
    if line == "-":
        return None
    start, call_id, *typed = line.split("\t")
    return Facts(start, call_id, more={"fields": tuple(typed)} if typed else {})


def write_corpus(messages: Sequence[bytes], path: Path) -> Path:
    """Write messages in the format of `corpus.h`, and return the path."""
    with path.open("wb") as file:
        for message in messages:
            file.write(struct.pack("=I", len(message)))
            file.write(message)
    return path


def build_programs(folder: Path) -> tuple[list[Program], list[Skipped]]:
    """Compile the programs into `folder`; return the built and the skipped ones, with reasons."""
    tried = [_try_build(source, folder) for source in C_SOURCES]
    return (
        [built for built in tried if isinstance(built, Program)],
        [skipped for skipped in tried if isinstance(skipped, Skipped)],
    )


class _MissingError(Exception):
    """A dependency of a rival is not installed."""


def _try_build(source: Source, folder: Path) -> Program | Skipped:
    try:
        return _build(source, folder)
    except _MissingError as missing:
        return Skipped(source.name, str(missing))


def _build(source: Source, folder: Path) -> Program:
    compiler = shutil.which("cc")
    if compiler is None:
        raise _MissingError("no C compiler (on Debian: apt-get install gcc)")
    built = folder / Path(source.file).stem
    command = [
        compiler,
        "-O2",
        *_pkg_config(source, "--cflags"),
        "-o",
        str(built),
        str(SOURCES / source.file),
        *_pkg_config(source, "--libs"),
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise _MissingError(f"does not compile: {done.stderr.strip().splitlines()[0]}")
    return Program(source, built, " ".join(_pkg_config(source, "--modversion")))


def _pkg_config(source: Source, option: str) -> list[str]:
    if source.library is None:
        return []
    if shutil.which("pkg-config") is None:
        raise _MissingError("no pkg-config (on Debian: apt-get install pkg-config)")
    command = ["pkg-config", option, source.library]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise _MissingError(f"not installed (on Debian: apt-get install {source.package})")
    return done.stdout.split()
