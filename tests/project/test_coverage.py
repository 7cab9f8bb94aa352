"""The required coverage, each item with its finding, as in `docs/coverage.md`."""

from __future__ import annotations

import pytest
from covered import GROUPS, Explained, Item
from pages.coverage import COLUMNS, ON_ENGINES, row, unexplained

from sipfast._engine import Engine

ITEMS = [item for items in GROUPS.values() for item in items]

CODES = """
100 180 181 182 183 200 202 300 301 302 305 380 400 401 402 403 404 405 406 407 408 410 413 414 415
416 420 421 423 480 481 482 483 484 485 486 487 488 491 493 500 501 502 503 504 505 513 600 603 604
606
"""
METHODS = """
INVITE ACK BYE CANCEL REGISTER OPTIONS INFO UPDATE PRACK REFER SUBSCRIBE NOTIFY MESSAGE PUBLISH
"""
HEADERS = """
Call-ID From To CSeq Via Max-Forwards Contact Allow Expires Authorization Content-Type
Content-Length Event Allow-Events User-Agent
"""


# ---- the findings --------------------------------------------------------------------------------


@pytest.mark.parametrize("finding", ON_ENGINES)
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name.replace(" ", "-"))
def test_an_item_is_covered(engine: Engine, item: Item, finding: str) -> None:
    assert ON_ENGINES[finding](engine, item) == []


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.name.replace(" ", "-"))
def test_an_item_is_explained(item: Item, language: str) -> None:
    assert unexplained(language, item) == []


def test_all_that_was_asked_for_is_there() -> None:
    names = {heading: [item.name for item in items] for heading, items in GROUPS.items()}
    assert names["Methods"] == METHODS.split()
    assert names["Status codes"] == CODES.split()
    assert {name.partition(" ")[0] for name in names["Header fields"]} == set(HEADERS.split())
    assert {"From with `epid`", "Contact with `methods`"} <= set(names["Header fields"])
    asked = {"call", "cancelled", "register", "register-digest", "options", "info-dtmf", "message"}
    assert asked | {"update"} <= set(names["Dialogues"])


# ---- findings can be negative --------------------------------------------------------------------

WELL = GROUPS["Header fields"][0]


@pytest.mark.parametrize(
    ("old", "new", "missed"),
    [
        (b"77-pears", b"78-pears", {"typed"}),
        (b"CSeq: 63104", b"CSeq: x", {"parsed", "typed", "built back"}),
        (b"Max-Forwards: 70", b"Max-Forwards:70", {"built back"}),
        (b";branch", b";;branch", {"parsed"}),
    ],
)
def test_a_fault_leaves_no_tick(
    native: Engine, pure: Engine, old: bytes, new: bytes, missed: set[str]
) -> None:
    facts = {**WELL.facts, "cseq.number": 63104}
    item = WELL._replace(messages=(WELL.messages[0].replace(old, new),), facts=facts)
    engines = {"native": native, "pure": pure}
    cells = dict(zip(COLUMNS, row(item, engines), strict=True))
    assert {name for name in ON_ENGINES if cells[name] == "–"} == missed
    assert {cells[name] for name in ON_ENGINES.keys() - missed} <= {"native, pure"}


def test_what_has_no_text_leaves_no_tick() -> None:
    item = WELL._replace(explained=(Explained("See Retry-After.", " "),))
    assert unexplained("en", item) == []
    assert unexplained("zh", item) == ["no text"]
