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

CALLS = str(ROOT / "bench_data" / "calls.pcap")
INVITE = str(ROOT / "bench_data" / "invite.sip")
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
    "a column of the table calls": Change(
        [
            (
                "sql/tables.py",
                '    TableColumn("file", TEXT, "", "the file of the first INVITE"),\n',
                (
                    '    TableColumn("uri_host", TEXT, "RFC 3261 7.1", "the host called"),\n'
                    '    TableColumn("file", TEXT, "", "the file of the first INVITE"),\n'
                ),
            ),
            (
                "sql/queries/calls.sql",
                "    first_invite.file as file\nfrom decided",
                "    first_invite.uri_host,\n    first_invite.file as file\nfrom decided",
            ),
        ],
        f"""
from contextlib import closing
from sipfast.sql.tables import CALLS
with closing(sipfast.connect({CALLS!r})) as connection:
    found = connection.execute("from calls where call_id = '4959742591-4229@192.0.2.10'")
    names = [name for name, *_ in found.description]
    assert dict(zip(names, found.fetchone()))["uri_host"] == "198.51.100.108"
assert names == [column.name for column in CALLS]
""",
    ),
    "a figure of the table metrics": Change(
        [
            (
                "sql/tables.py",
                '    TableColumn("srd_successful", ',
                (
                    '    TableColumn("acr", PERCENT, "", "calls without an answer"),\n'
                    '    TableColumn("srd_successful", '
                ),
            ),
            (
                "sql/queries/metrics.sql",
                "    c.srd_successful,\n",
                (
                    "    100e0 * (c.attempts - c.answers) / nullif(c.attempts, 0) as acr,\n"
                    "    c.srd_successful,\n"
                ),
            ),
            (
                "report/figures.py",
                "    srd_successful: float | None\n",
                "    acr: float | None\n    srd_successful: float | None\n",
            ),
            (
                "report/words.py",
                '    "srd_successful": MetricWords(',
                (
                    '    "acr": MetricWords("ACR", ("Lost", "-"), ("not answered", "-"), "-"),\n'
                    '    "srd_successful": MetricWords('
                ),
            ),
            ("report/words.py", '"scr", "ira")', '"scr", "ira", "acr")'),
        ],
        f"""
import json
from click.testing import CliRunner
from sipfast.cli.app import sipfast as group
arguments = ["stats", "--metrics", {CALLS!r}]
document = json.loads(CliRunner().invoke(group, [*arguments, "--json"]).stdout)
assert document["metrics"]["acr"] == 100 / 3
lines = CliRunner().invoke(group, arguments).stdout.splitlines()
assert ["33.3%" in line for line in lines if "ACR" in line] == [True]
""",
    ),
    "a metric for Prometheus": Change(
        [
            (
                "live/metrics.py",
                "METRICS = (\n",
                'METRICS = (\n    Metric("sipfast_x", "gauge", (), "x", _one(lambda _: 7)),\n',
            )
        ],
        """
from sipfast.live.metrics import METRICS
[metric] = [metric for metric in METRICS if metric.name == "sipfast_x"]
assert metric.read(None) == [((), 7)]
""",
    ),
    "a header field that redact keeps": Change(
        [
            (
                "redact/fields.py",
                '    "Max-Forwards": _NUMBERS,\n',
                '    "Max-Forwards": _NUMBERS,\n    "X-Colour": _NUMBERS,\n',
            )
        ],
        f"""
from sipfast.redact import Redactor
text = open({INVITE!r}, "rb").read().replace(b"Max-Forwards:", b"X-Colour: 7\\r\\nMax-Forwards:", 1)
redacted = sipfast.parse(Redactor(b"sixteen bytes or more").message(text))
assert redacted.headers["X-Colour"] == "7"
""",
    ),
    "a key of browse": Change(
        [
            (
                "cli/commands/browse/keys.py",
                "KEYS = (\n",
                'KEYS = (\n    Key("list", ("b",), "colour", "Colours", "颜色", sngrep=False),\n',
            ),
            (
                "cli/commands/browse/list_screen.py",
                "    def action_calls(self) -> None:\n",
                (
                    "    def action_colour(self) -> None:\n        self.app.bell()\n\n"
                    "    def action_calls(self) -> None:\n"
                ),
            ),
        ],
        """
from sipfast.cli.commands.browse import list_screen
[screen] = [
    value for value in vars(list_screen).values()
    if isinstance(value, type) and value.__module__ == list_screen.__name__
    and hasattr(value, "action_calls")
]
assert ("b", "colour") in [(key.key, key.action) for key in screen.BINDINGS]
assert screen.action_colour
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
