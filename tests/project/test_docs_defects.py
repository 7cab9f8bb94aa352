"""The reporter of each fault, as in `docs/defects.md`."""

from __future__ import annotations

import pytest
from pages.defects import APART, page, reporter

from sipfast import errors
from sipfast._engine import Engine
from sipfast.errors import FAULTS, TOKENIZER_FAULTS, Fault


def test_a_new_row_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(APART, "time-odd", "nobody")
    new = Fault("time-odd", "{header} is <odd> | *bent", "{header}", "RFC 9999 1", 499)
    text = "{header} is &#60;odd> &#124; &#42;bent"
    assert page([*FAULTS.values(), new]) == (
        f"{page()}| `time-odd` | {text} | RFC 9999 1 | error | 499 | nobody |\n"
    )


@pytest.mark.parametrize(
    ("field", "code", "listed"),
    [
        ("Expires: 4294967296", "number-out-of-range", True),
        ("Session-ID: x", "session-id-malformed", True),
        ("Accept: x", "media-type-malformed", True),
        ("Security-Client: ;q=1", "item-malformed", True),
        ("P-Asserted-Identity: <http://x>", "uri-scheme-unexpected", False),
        ("History-Info: <sip:a>;index=x", "index-malformed", True),
        ('Warning: 300 "a" x', "warning-malformed", True),
        ("Identity: YWFh.YWFh.YWFh;info=<https://a>", "passport-json-malformed", True),
    ],
)
def test_message_defects_lists_what_the_page_says(
    field: str, code: str, listed: bool, engine: Engine
) -> None:
    message = engine.parse(f"INVITE sip:a SIP/2.0\r\n{field}\r\n\r\n".encode())
    assert (code in [found.code for found in message.defects]) is listed
    assert ("`message.defects`" in reporter(FAULTS[code])) is listed


def test_every_tuple_of_faults_is_in_the_table() -> None:
    """And no code is there twice, for the later row would take the place of the earlier one."""
    tuples = [rows for name, rows in vars(errors).items() if name.endswith("_FAULTS")]
    assert TOKENIZER_FAULTS in tuples
    assert sorted(fault for rows in tuples for fault in rows) == sorted(FAULTS.values())
