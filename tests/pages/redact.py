"""The tables in docs/redact.md of what is kept, replaced and dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from sipfast.redact.addresses import KINDS
from sipfast.redact.bodies import BODIES
from sipfast.redact.fields import ALLOWED, FIELDS
from sipfast.redact.sdp import ATTRIBUTES, LINES
from sipfast.redact.values import TEL_PARAMETERS, URI_HEADERS, URI_PARAMETERS, Kind

PAGE = Path(__file__).parents[2] / "docs" / "redact.md"


def page() -> str:
    """The page with its tables made anew."""
    text = PAGE.read_text(encoding="utf-8")
    for name, made in TABLES.items():
        begin, end = f"<!-- {name} begin -->", f"<!-- {name} end -->"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = f"{before}{begin}\n{made}{end}{after}"
    return text


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    return "".join(
        [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |\n" for row in lines]
    )


def named(names: Iterable[str]) -> str:
    return ", ".join([f"`{name}`" for name in names])


def grouped(kinds: Mapping[str, Kind]) -> Iterable[tuple[str, str]]:
    """Names with the same meaning, and the meaning."""
    by_meaning: dict[str, list[str]] = {}
    for name, kind in kinds.items():
        by_meaning.setdefault(kind.en, []).append(name)
    return [(named(names), meaning) for meaning, names in by_meaning.items()]


def parameters(kinds: Mapping[str, Kind]) -> str:
    return "; ".join([f"{names}: {meaning}" for names, meaning in grouped(kinds)])


def fields() -> str:
    rows: dict[tuple[str, str], list[str]] = {}
    for name, policy in FIELDS.items():
        rows.setdefault((policy.en, parameters(policy.parameters)), []).append(name)
    return table(
        ("header field", "value", "parameters"),
        [(", ".join(names), *meaning) for meaning, names in rows.items()]
        + [("those of `--allow`", ALLOWED.en, parameters(ALLOWED.parameters))],
    )


def uris() -> str:
    return table(
        ("part", "what becomes of it"),
        [
            ("user", "pseudonym of a user or number; one with `@` as a user and a host"),
            ("host", "pseudonym of a host"),
            ("port", "kept"),
            *grouped(URI_PARAMETERS),
            *[(f"of numbers: {names}", meaning) for names, meaning in grouped(TEL_PARAMETERS)],
            (f"header fields {named(URI_HEADERS)}", "as in the table above"),
        ],
    )


def sdp() -> str:
    rows: dict[str, list[str]] = {}
    for name, line in LINES.items():
        if name != "a":
            rows.setdefault(line.en, []).append(f"{name}=")
    attributes: dict[str, list[str]] = {}
    for name, line in ATTRIBUTES.items():
        attributes.setdefault(line.en, []).append(name)
    return table(
        ("line or attribute", "what becomes of it"),
        [(named(names), meaning) for meaning, names in rows.items()]
        + [
            (named(names), re.sub("^kept$", "kept if it has the usual form", meaning))
            for meaning, names in attributes.items()
        ],
    )


TABLES = {
    "kinds": table(
        ("network", "kind", "bits that stay"),
        [
            (
                f"`{kind.network}/{kind.bits}`",
                kind.en,
                "all" if kind.keep in (32, 128) else str(kind.keep),
            )
            for kind in KINDS
        ]
        + [("all others of IPv4", "public", "none, but they stay public")],
    ),
    "fields": fields(),
    "uris": uris(),
    "bodies": table(
        ("media type", "what becomes of it"),
        [(f"`{name}`", body.en) for name, body in BODIES.items()],
    ),
    "sdp": sdp(),
}
