"""The texts of rows: those of tables, and of lists and their options."""

from __future__ import annotations

from ..screen.words import Count, Terms, Text, Words, add_help

__all__ = ["ListingWords", "TableWords"]


class TableWords(Words):
    """The texts of a table."""

    # fmt: off
    rows = Count("{} row", "{} rows", "{} 行")
    first_rows = Text("the first {} are shown; -o OUT.csv writes all", "仅显示前 {}；-o OUT.csv 可写出全部")
    record = Text("row {}", "第 {} 行")
    # fmt: on


class ListingWords(Words):
    """The texts of a list of calls, or of registrations."""

    heads: Terms
    rows: Count
    no_rows: Text
    of_result = Text("{} {}", "{0} 个{1}")
    all_rows = Text("{}: {}", "{}：{}")


# fmt: off
add_help({
    "All conditions must hold. docs/calls.md has the columns of --json, --csv and --where.": "须满足所有条件。--json、--csv 和 --where 的列见 docs/calls.md。",
    "Call-ID; * stands for any characters. Repeatable.": "Call-ID；* 代表任意字符。可重复使用。",
    "Print CSV with all columns.": "输出含所有列的 CSV。",
})
# fmt: on
