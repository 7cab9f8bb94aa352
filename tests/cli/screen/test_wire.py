"""The bytes of a message as rows, with carets under what is wrong."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sipfast.cli.screen.wire import Mark, Span, Wire


def test_a_mark_is_where_it_should_be_on_a_row_that_was_broken() -> None:
    data = b"Subject: " + b"word " * 30
    offset = data.rindex(b"word")
    rows = wire_rows(data, 40, [Mark(offset, "here (RFC)", False)])
    (caret,) = [number for number, row in enumerate(rows) if "^" in row]
    assert rows[caret - 1][rows[caret].index("^") :].startswith("word")
    assert all(row.startswith("  ↳ ") for row in rows[1:caret])


def test_where_the_words_of_a_mark_go() -> None:
    data = b"x" * 38
    beside = wire_rows(data, 40, [Mark(5, "here (RFC)", True)])
    assert beside[1] == "     ^ here (RFC)"
    before = wire_rows(data, 40, [Mark(36, "here (RFC)", True)])
    assert before[1] == " " * 25 + "here (RFC) ^"
    below = wire_rows(data, 40, [Mark(20, "some words that need much room (RFC)", True)])
    assert below[1:] == [" " * 20 + "^", "some words that need much room (RFC)"]
    two = wire_rows(data, 40, [Mark(5, "one (RFC)", True), Mark(5, "two (RFC)", True)])
    assert two[1:] == ["     ^ one (RFC)", "       two (RFC)"]


def wire_rows(data: bytes, width: int, marks: list[Mark]) -> list[str]:
    wire = Wire(data, marks, width, "{} bytes not shown")
    rows = [row.plain for row in wire.rows(Span(0, len(data)), most=10_000)]
    assert wire.unplaced == []
    return rows


@given(
    st.binary(max_size=120)
    | st.lists(st.sampled_from([b"\r", b"\n", b" ", b"a:", b"\t", b"\xe4\xb8\xad", b"\x1b"])).map(
        b"".join
    ),
    st.lists(st.integers(min_value=0, max_value=130), max_size=4),
    st.integers(min_value=1, max_value=40),
    st.integers(min_value=1, max_value=200),
)
def test_marks_have_places_and_rows_fit(
    data: bytes, offsets: list[int], width: int, most: int
) -> None:
    marks = [Mark(offset, "w (R)", False) for offset in offsets if offset <= len(data)]
    wire = Wire(data, marks, max(width, 20), "{} bytes not shown")
    rows = list(wire.rows(Span(0, len(data)), most=most))
    assert wire.unplaced == []
    assert sum(row.plain.count("w (R)") for row in rows) >= len(marks)
    assert all(row.cell_len <= max(width, 26) for row in rows)
    assert all(row.plain.isprintable() for row in rows)
