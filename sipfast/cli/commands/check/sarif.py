"""SARIF 2.1.0, the format of static analysis that editors and CI services show.

The document is written as the faults are found: its results come first, and the rules that they
refer to, which are known only then, last.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any
from urllib.parse import quote

from .... import __version__
from ....errors import FAULTS, Fault
from ...reading import texts_of_any
from ...screen.console import line_writer
from ...screen.text import portable
from ...screen.words import Words
from .find import Found
from .places import Lines

__all__ = ["Sarif", "help_uri"]

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_SECTION = re.compile(r"RFC ([0-9]+)(?: (?:([A-Z](?:\.[0-9.]*[0-9])?)|([0-9.]*[0-9])))?(?![\w.])")


class Sarif:
    """Writes one document to standard output."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._write = line_writer()
        self._lines = Lines()
        self._rules: dict[str, int] = {}
        self._notes: list[str] = []
        self._separator = ""
        head = json.dumps({"$schema": _SCHEMA, "version": "2.1.0"})[:-1]
        self._write(f'{head}, "runs": [{{"results": [')

    def fault(self, found: Found) -> None:
        self._write(self._separator + json.dumps(self._result(found)))
        self._separator = ","

    def note(self, line: str) -> None:
        """What could not be read becomes a notification of the run."""
        self._notes.append(line)

    def close(self) -> None:
        zh = self._words.language == "zh"
        driver = {
            "name": "sipfast",
            "semanticVersion": __version__,
            "rules": [_rule(FAULTS[code], zh) for code in self._rules],
        }
        run: dict[str, Any] = {
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "language": "zh-CN" if zh else "en-US",
            "invocations": [
                {
                    "executionSuccessful": not self._notes,
                    "toolExecutionNotifications": [
                        {"level": "error", "message": {"text": portable(line)}}
                        for line in self._notes
                    ],
                }
            ],
        }
        self._write(f"], {json.dumps(run)[1:]}]}}")

    def _result(self, found: Found) -> dict[str, Any]:
        fault, datagram = found.fault, found.datagram
        text = fault.text_zh if self._words.language == "zh" else fault.text
        region: dict[str, Any] = {"byteOffset": datagram.offset + fault.offset}
        place = self._lines.at(found)
        if place is not None:
            region |= {"startLine": place.line, "startColumn": place.column}
        return {
            "ruleId": fault.code,
            "ruleIndex": self._rules.setdefault(fault.code, len(self._rules)),
            "level": fault.severity,
            "message": {"text": portable(text)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": _uri(found.file)},
                        "region": region,
                    }
                }
            ],
            "properties": {
                "message": found.message,
                "packet": datagram.packet,
                "byte": fault.offset,
                "header": fault.header and portable(fault.header),
                "status": fault.status_hint,
            },
        }


def _rule(fault: Fault, zh: bool) -> dict[str, Any]:
    text = texts_of_any(fault.code)[zh]
    uri = help_uri(fault.rfc)
    return {
        "id": fault.code,
        "shortDescription": {"text": text},
        "help": {"text": fault.rfc},
        **({"helpUri": uri} if uri else {}),
        "defaultConfiguration": {"level": fault.severity},
    }


def help_uri(rfc: str) -> str | None:
    """The address of an RFC's section, such as ``RFC 3261 20.14``; None for other documents."""
    match = _SECTION.match(rfc)
    if match is None:
        return None
    number, appendix, section = match.groups()
    anchor = f"#appendix-{appendix}" if appendix else f"#section-{section}" if section else ""
    return f"https://www.rfc-editor.org/rfc/rfc{number}{anchor}"


def _uri(path: str) -> str:
    """The path as a URI reference: relative paths stay relative."""
    if os.sep != "/":
        path = path.replace(os.sep, "/")
    escaped = quote(os.fsencode(path), safe="/")
    return f"file://{escaped}" if escaped.startswith("/") else escaped
