"""The words that mutations insert, as libFuzzer's dictionary and as a table in C.

They are the names of header fields and methods, the entries of `sip.dict`, and every word that the
engine's source compares with: so a new parameter of a value class is included automatically.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from fuzz.names import ROOT
from sipfast.registry.header_names import HEADER_NAMES
from sipfast.registry.methods import METHODS

SOURCES = (ROOT / "sipfast" / "_core", ROOT / "sipfast" / "bodies")
LONGEST = 60
PLAIN = re.compile(r"[!-~]+(?: [!-~]+)?")
"""A word: printable characters, with at most one space within."""

QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
ESCAPE = re.compile(rb"\\x([0-9a-fA-F]{2})|\\(.)")


def words() -> list[bytes]:
    """The distinct words."""
    names = chain.from_iterable((header.name, header.compact) for header in HEADER_NAMES)
    plain = (word.encode() for word in chain(names, METHODS, in_source()))
    found = dict.fromkeys(chain(in_dictionary(), plain))
    return [word for word in found if 0 < len(word) <= LONGEST]


def in_dictionary() -> Iterator[bytes]:
    """The entries of `sip.dict`."""
    for line in (ROOT / "fuzz" / "sip.dict").read_bytes().splitlines():
        match = QUOTED.fullmatch(line.strip())
        if match:
            yield ESCAPE.sub(_unescaped, match[1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[1].decode()) if match[1] else match[2]


def in_source() -> Iterator[str]:
    """The strings in the engine's source that are words, without its docstrings."""
    for path in sorted(chain.from_iterable(folder.rglob("*.py") for folder in SOURCES)):
        tree = ast.parse(path.read_text())
        said = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and id(node) not in said:
                value = node.value
                text = value.decode("latin-1") if isinstance(value, bytes) else value
                if isinstance(text, str) and len(text) <= LONGEST and PLAIN.fullmatch(text):
                    yield text


def write_words(folder: Path) -> Path:
    """Write `words.h` and libFuzzer's dictionary; return the path of that."""
    found = words()
    rows = "\n".join(f'    {{"{_escaped(word)}", {len(word)}}},' for word in found)
    _update(
        folder / "words.h",
        "typedef struct {\n    const char *text;\n    size_t size;\n} word;\n\n"
        f"static const word WORDS[] = {{\n{rows}\n}};\n",
    )
    dictionary = folder / "words.dict"
    _update(dictionary, "".join(f'"{_hexadecimal(word)}"\n' for word in found))
    return dictionary


def _escaped(word: bytes) -> str:
    """A word as C source: octal escapes, because digits may follow, and these end after three."""
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\?' else f"\\{byte:03o}"
        for byte in word
    )


def _hexadecimal(word: bytes) -> str:
    return "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\x{byte:02x}"
        for byte in word
    )


def _update(path: Path, text: str) -> None:
    """Write the file only if its text changes, to avoid rebuilding."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
