"""docs/parameters.md: what the value of each parameter must be, from the table of parameters."""

from __future__ import annotations

from itertools import groupby

from sipfast.registry.parameters import FIELDS, GENERIC, Field, Form, Parameter

INTRODUCTION = """\
# Parameters

What the value of each parameter of a header field must be, and the first word of a value that is
not an address, a number or a media type. These are the rows of `sipfast/registry/parameters.py`.
Reading takes more than this page allows: a number in quotes is read as a number, and a quoted
string without quotes as its text. `message.defects` names the difference, once for each parameter:

| the parameter | code |
| --- | --- |
| has quotes, where a token or a number must stand | `parameter-quoted` |
| the same, in the rows marked *often quoted* | `token-quoted`, a warning |
| has no quotes, where a quoted string must stand | `parameter-unquoted` |
| has no value | `parameter-value-missing` |
| has no equals sign, in a field for authentication | `parameter-malformed` |
| has a value, where none belongs | `parameter-value-unexpected`, a warning |
| has a value of another form | `parameter-value-malformed`, or the code of its row |
| is required and missing | the last code of its row |
| first word of another form | `token-malformed` |

A parameter without a row is a generic-param (RFC 3261 25.1): a name alone, or a token, a host or a
quoted string after an equals sign. The rows of Digest are for that scheme; parameters of other
schemes are a token or a quoted string. AKA (RFC 3310) may leave parameters out. The parameters of
URIs are in [uri.md](uri.md).

`make docs` writes this page, and a test compares it.
"""
COLUMNS = ("parameter", "value", "section", "codes")


def page() -> str:
    """The whole of docs/parameters.md."""
    by_grammar: dict[int, list[str]] = {}
    for name, field in FIELDS.items():
        by_grammar.setdefault(id(field), []).append(name)
    sections = [section(names, FIELDS[names[0]]) for names in by_grammar.values()]
    return INTRODUCTION + "".join(sections)


def section(names: list[str], field: Field) -> str:
    """The heading and the table of header fields with one grammar."""
    lines = [f"\n## {', '.join(names)}\n\n"]
    if field.first is not None:
        lines.append(f"First word: {field.first.en}.\n\n")
    others = [
        (name, form)
        for name, form in (("names that begin with `+`", field.plus), ("all others", field.others))
        if form is not GENERIC
    ]
    if field.parameters or others:
        rows = [COLUMNS, ("---",) * len(COLUMNS)]
        for _, alike in groupby(field.parameters, lambda one: one._replace(name="")):
            rows.append(row(list(alike)))
        rows += [(name, value(form), "", "") for name, form in others]
        lines += [f"| {' | '.join(cells)} |\n" for cells in rows]
    else:
        lines.append("All parameters are generic.\n")
    return "".join(lines)


def row(alike: list[Parameter]) -> tuple[str, ...]:
    """The cells of parameters that differ in their names alone."""
    one = alike[0]
    names = ", ".join([f"`{each.name}`" for each in alike])
    codes = [f"`{code}`" for code in (one.code, one.missing) if code]
    often = "; often quoted" if one.is_often_quoted else ""
    return names, value(one.form) + often, one.rfc, ", ".join(codes)


def value(form: Form) -> str:
    return f"{form.en}, or none" if form.is_optional and form.bare != form.quoted else form.en
