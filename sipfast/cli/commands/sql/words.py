"""The texts of ``sipfast sql``."""

from __future__ import annotations

from ...screen.words import Text, Words, add_help

__all__ = ["SqlWords"]


class SqlWords(Words):
    """The texts of one language."""

    # fmt: off
    no_query = Text("an SQL query comes before the files, or --file names one", "文件之前须有 SQL 查询，或用 --file 指定")
    no_files = Text("files come after the query", "查询之后须有文件")
    no_suffix = Text("{}: the suffix must be one of {}, or --format be given", "{}：后缀须为 {} 之一，或用 --format 指定")
    bad_query_file = Text("{}: not UTF-8 text", "{}：不是 UTF-8 文本")
    no_parquet = Text("Parquet has no such type, which a cast to varchar makes text: {}", "Parquet 没有此类型，可用 cast 转为 varchar：{}")
    no_result = Text("the query has no result", "该查询没有结果")
    # fmt: on


# fmt: off
add_help({
    "QUERY is left out with --file. It reads what it uses of the files, and can neither read nor write anything else. docs/sql.md has the tables.": "使用 --file 时省略 QUERY。查询只读取所需的内容，不能读写其他任何文件。各表见 docs/sql.md。",
    "File with the query, or the name of a shipped one (see --list).": "含查询的文件，或自带查询的名称（见 --list）。",
    "Format of the result; by default the suffix of OUT, or a table.": "结果的格式；默认为 OUT 的后缀，或表格。",
    "File to write; it is complete or absent.": "要写出的文件；要么完整，要么不存在。",
    "Header fields, with commas between: they are columns \"header:NAME\".": "头字段，以逗号分隔，作为列 \"header:NAME\"。",
    "Memory of DuckDB; what needs more goes to a temporary folder.": "DuckDB 的内存上限；超出部分写入临时文件夹。",
    "Print the shipped queries, or with --file the text of one, and exit.": "列出自带的查询（与 --file 同用时输出其文本），然后退出。",
})
# fmt: on
