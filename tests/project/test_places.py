"""What a change touches: CONTRIBUTING.md names the files, and these changes need no others.

Each is made in a copy of the package, and tried there on the pure engine: it runs the text that the
native one is compiled from.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]

END = ")\n# fmt: on"
LOG_FORMAT = r"""FORMATS = (
    Format(
        "starred",
        "A program",
        (b"*** ",),
        _head(rb"\*\*\* (?P<direction>sent|received) ", _LENGTH, _END),
        counts="message",
    ),
"""
ROW = '    HeaderName("X-Colour", "", False, False, "RFC 9999 1", "Its colour.", "颜色。"),\n'
IN_TABLE = ("registry/header_names.py", END, ROW + END)
PROPERTY = "    # Sessions.\n"
COLOUR = '''"""Colours."""

from __future__ import annotations

from typing import Any

from ..building import check
from ..value import Value

__all__ = ["Colour"]


class Colour(Value):
    """A colour."""

    __slots__ = ()

    def __init__(self, shade: str) -> None:
        check(locals(), shade=(str,))
        self._become(self._built(shade))

    def _read(self) -> Any:
        if not str(self).isalpha():
            self._raise("colour-malformed", 0)
        return self

    @property
    def shade(self) -> str:
        """Its name in lower case."""
        return str(self).lower()
'''
DECLARED = """from ..value cimport Value


cdef class Colour(Value):
    cdef object _read(self)
"""
FAULT = """    Fault("colour-malformed", "{header} is not a colour", "{header}", "RFC 9999 1", 400),
"""
COLUMN = """    Column("header_fields", UINT32, "start", "RFC 3261 7.3", "their number"),
    Column("expires", """
READ = """PARTS: dict[str, tuple[str | None, _Read]] = {
    "header_fields": (None, lambda message: len(message.headers)),
"""
FORMAT = '''"""Messages between lines of equals signs."""

from __future__ import annotations

from collections.abc import Iterator

from ..base import Data, Record, Tally


def recognises(data: Data) -> bool:
    return data[:3] == b"==="


def datagrams(data: Data, tally: Tally) -> Iterator[Record]:
    view = memoryview(data)
    yield Record(view[4:], 4, 1)
    tally.position = len(data)
'''

PACE = '(read_milliseconds, "sdp-attribute-malformed"),'

CHECK = 'too much from Date (RFC 8224 4.1)."""\n'

Edit = tuple[str, str, str]
"""A file below sipfast/, a text in it, and its replacement; no text for a new file."""


class Change(NamedTuple):
    edits: list[Edit]
    shown: str
    """A program that succeeds after the change."""


MESSAGE = r'b"OPTIONS sip:a SIP/2.0\r\nX-Colour: Blue\r\n\r\n"'
CHANGES = {
    "a header field that is text": Change(
        [IN_TABLE],
        f"""
from sipfast.registry.header_names import header_name
message = sipfast.parse({MESSAGE})
assert message.headers["x-colour"] == "Blue" and header_name("X-COLOUR").en == "Its colour."
""",
    ),
    "a typed header field, of a class that exists": Change(
        [
            IN_TABLE,
            (
                "_core/message/properties.py",
                PROPERTY,
                PROPERTY + '    x_colour: str | None = one("X-Colour", Token)\n',
            ),
        ],
        f"""
assert sipfast.parse({MESSAGE}).x_colour == "Blue"
assert sipfast.parse_header("X-Colour", "red") == "red"
""",
    ),
    "a typed header field, of a new class": Change(
        [
            IN_TABLE,
            ("_core/values/colours.py", "", COLOUR),
            ("_core/values/colours.pxd", "", DECLARED),
            (
                "_core/values/__init__.py",
                "from .dialogs import Join",
                "from .colours import Colour as Colour\nfrom .dialogs import Join",
            ),
            (
                "_core/message/properties.py",
                PROPERTY,
                PROPERTY + '    x_colour: Colour | None = one("X-Colour", Colour)\n',
            ),
            (
                "_core/message/properties.py",
                "from ..values.dialogs import",
                "from ..values.colours import Colour\nfrom ..values.dialogs import",
            ),
            (
                "errors.py",
                "    # Required parameters of Digest.\n",
                FAULT + "    # Required parameters of Digest.\n",
            ),
        ],
        f"""
import pickle
import sipfast.values
value = sipfast.parse({MESSAGE}).x_colour
assert type(value) is sipfast.values.Colour and value.shade == "blue"
assert sipfast.values.Colour("Blue") == value
try:
    sipfast.values.Colour(5)
except TypeError as error:
    assert str(error) == "shade must be str, not int"
else:
    raise AssertionError("a number is taken for a colour")
assert pickle.loads(pickle.dumps(value)) == value
broken = sipfast.parse({MESSAGE.replace("Blue", "1")})
assert [d.text for d in broken.defects if d.header == "X-Colour"] == ["X-Colour is not a colour"]
""",
    ),
    "a defect": Change(
        [
            (
                "errors.py",
                "    # Required parameters of Digest.\n",
                FAULT + "    # Required parameters of Digest.\n",
            ),
            (
                "_core/defects/dates.py",
                CHECK,
                CHECK + '    found.append(defect("colour-malformed", 0, "Date"))\n',
            ),
        ],
        """
message = sipfast.parse(b"OPTIONS sip:a SIP/2.0\\r\\nDate: x\\r\\n\\r\\n")
assert "Date is not a colour" in [defect.text for defect in message.defects]
""",
    ),
    "an attribute of session descriptions": Change(
        [
            (
                "_core/sdp/records.py",
                '    "maxptime": (',
                f'    "pace": {PACE}\n    "maxptime": (',
            ),
            (
                "registry/sdp.py",
                '    "quality": Rule(',
                '    "pace": Rule(level=MEDIA),\n    "quality": Rule(',
            ),
        ],
        """
text = "v=0\\no=- 1 1 IN IP4 192.0.2.1\\ns=-\\nc=IN IP4 192.0.2.1\\nt=0 0\\nm=video 9 RTP/AVP 0\\n"
video, = sipfast.SDP.parse(text + "a=pace:12.5\\n").media
assert video.records("pace") == (12.5,)
broken = sipfast.SDP.parse(text + "a=pace:x\\n")
assert [(d.code, d.header) for d in broken.defects] == [("sdp-attribute-malformed", "a=pace")]
misplaced = sipfast.SDP.parse(text.replace("m=", "a=pace:1\\nm="))
assert [d.code for d in misplaced.defects] == ["sdp-attribute-misplaced"]
""",
    ),
    "a format of captures": Change(
        [
            ("capture/files/lined.py", "", FORMAT),
            (
                "capture/source.py",
                "_READERS = (\n",
                '_READERS = (\n    _Reader("lined", lined.recognises, lined.datagrams),\n',
            ),
            ("capture/source.py", "hep, messages, netmon", "hep, lined, messages, netmon"),
        ],
        f"""
import pathlib, tempfile
import sipfast.capture
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, "a")
    path.write_bytes(b"===\\n" + {MESSAGE})
    with sipfast.capture.open(path) as capture:
        payloads = [bytes(datagram.data) for datagram in capture]
assert capture.format == "lined" and payloads == [{MESSAGE}]
""",
    ),
    "a format of text logs": Change(
        [
            (
                "capture/logs/formats.py",
                "FORMATS = (\n",
                LOG_FORMAT,
            ),
        ],
        f"""
import sipfast.capture.logs
log = b"*** sent %d\\n" % len({MESSAGE}) + {MESSAGE} + b"\\n"
with sipfast.capture.open(log) as capture:
    [record] = capture
assert sipfast.capture.logs.detect(log).name == "starred"
assert (record.data, record.direction) == ({MESSAGE}, "sent")
""",
    ),
    "a column": Change(
        [
            (
                "columns/names.py",
                '    Column("expires", ',
                COLUMN,
            ),
            (
                "columns/values.py",
                "PARTS: dict[str, tuple[str | None, _Read]] = {\n",
                READ,
            ),
        ],
        f"""
from sipfast.columns.values import row
[record] = sipfast.open({MESSAGE})
message = sipfast.parse(record.data)
assert row(message, record, ("header_fields",)) == [len(message.headers)]
assert "header_fields" in sipfast.scan({MESSAGE}, where="header_fields > 0").columns
""",
    ),
}


def places() -> dict[str, list[str]]:
    """The rows of the table in CONTRIBUTING.md: each change, and the files and folders it names."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (an? .+?) \| (.+) \|$", text, re.MULTILINE)
    return {change: re.findall(r"`([\w/.]+)`", where) for change, where in rows}


def test_the_table_has_all_of_them() -> None:
    assert places().keys() == CHANGES.keys()


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("*.so", "__pycache__")
    shutil.copytree(ROOT / "sipfast", tmp_path / "sipfast", ignore=ignored)
    return tmp_path / "sipfast"


@pytest.fixture
def run(copy: Path) -> Callable[[str], subprocess.CompletedProcess[str]]:
    def run(program: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-c", f"import sipfast\n{program}"],
            cwd=copy.parent,
            env={**os.environ, "SIPFAST_PURE": "1", "PYTHONPATH": str(copy.parent)},
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_touches_what_the_table_names(
    name: str, copy: Path, run: Callable[[str], subprocess.CompletedProcess[str]]
) -> None:
    change = CHANGES[name]
    assert run(change.shown).returncode != 0
    touched = set()
    for file, old, new in change.edits:
        path = copy / file
        text = path.read_text(encoding="utf-8") if old else ""
        assert text.count(old) == 1 or not old, (file, old)
        path.write_text(text.replace(old, new) if old else new, encoding="utf-8")
        touched.add(f"sipfast/{file}")
    done = run(change.shown)
    assert done.returncode == 0, done.stderr
    named = places()[name]
    folders = tuple(place for place in named if place.endswith("/"))
    assert [file for file in touched if file not in named and not file.startswith(folders)] == []
    assert [place for place in named if not any(file.startswith(place) for file in touched)] == []
