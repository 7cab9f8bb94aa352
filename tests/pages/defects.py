"""docs/defects.md: every row of the table of faults, and who reports it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from sipfast.errors import (
    BODY_FAULTS,
    FAULTS,
    FORWARDING_FAULTS,
    MESSAGE_FAULTS,
    SDP_FAULTS,
    TIME_FAULTS,
    TOKENIZER_FAULTS,
    VALUE_FAULTS,
    Fault,
)

INTRODUCTION = """\
# Faults and defects

Every fault that sipfast reports, with its stable code; its text, in which `{header}` stands for the
name of the header field or the part of the body; the RFC section; the severity; and the response
status for the sender of a request. An *error* breaks the grammar or a MUST, and a receiver may
refuse the message. A *warning* is tolerated by nearly every receiver, or is legal but known to
cause trouble. A fault of a response or of an ACK has no status, because nothing answers them. These
are the rows of `sipfast.errors.FAULTS`; `sipfast check --list` prints them too. The last column
names the reporter:

- `parse`: the bytes cannot be parsed. `sipfast.parse` raises `ParseError`.
- `message.defects`: the message can be parsed, but breaks a rule of an RFC. With `strict=True`,
  `parse` raises the first error; so does the property of a malformed field, such as
  `max_forwards`.
- `message.defects_at`: the same, and dates that are too old or too new for a receiver at the given
  time. `sipfast check` calls it with the timestamps of a capture.
- typed value: a value breaks its grammar. The property, `parse_header`, or the class's `parse` or
  constructor raises the fault, in some cases only on access to the malformed part.
  `message.defects` lists it too, if named beside it.
- `SDP.defects`: a session description breaks a rule. `SDP.parse` and `message.sdp` raise the fault
  of an empty one.
- `message.body_defects`: the body of a message breaks a rule, or one of its parts.
- opened body: `message.content`, `message.parts`, `message.sdp` and the readers of `sipfast.bodies`
  raise it.
- `forward`, `next_hop`: a proxy must not forward the message. They raise the fault, as they do for
  malformed values that they read.

`make docs` writes this page, and a test compares it.

"""
COLUMNS = ("code", "text", "section", "severity", "status", "reported by")
INTRODUCTION_ZH = """\
# 故障与缺陷

sipfast 报告的每一种故障：固定的代码；文字，其中 `{header}` 代表头字段名或消息体的部分；所依据的 RFC
章节；严重程度；以及对请求发送方的响应状态码。*错误*（error）违反语法或 MUST，接收方可以拒绝该消息；
*警告*（warning）几乎所有接收方都容忍，或者合法但常引起问题。响应和 ACK 无人应答，其故障没有状态码。
这些就是 `sipfast.errors.FAULTS` 的各行，`sipfast check --list --lang zh` 也会列出。

"""
COLUMNS_ZH = ("代码", "文字", "章节", "严重程度", "状态码")
SEVERITIES_ZH = {"error": "错误", "warning": "警告"}

REPORTERS: tuple[tuple[tuple[Fault, ...], str], ...] = (
    (TOKENIZER_FAULTS, "`parse`"),
    (MESSAGE_FAULTS, "`message.defects`"),
    (TIME_FAULTS, "`message.defects_at`"),
    (VALUE_FAULTS, "typed value, `message.defects`"),
    (SDP_FAULTS, "`SDP.defects`, `message.body_defects`"),
    (BODY_FAULTS, "opened body, `message.body_defects`"),
    (FORWARDING_FAULTS, "`forward`, `next_hop`"),
)
APART = {
    "uri-scheme-unexpected": "typed value",  # it is of what somebody asks for
    "value-surrogate": "typed value",  # no bytes are read as one
    "value-control": "typed value",  # reading tolerates it
    "sdp-none": "`SDP.parse`, `message.body_defects`",
    "sdp-surrogate": "`SDP.parse`",
    "media-type-malformed": "typed value, `message.defects`, opened body",
    **dict.fromkeys(
        (
            *("boundary-malformed", "delimiter-missing", "closing-delimiter-missing"),
            "dtmf-duration-malformed",
        ),
        "`message.body_defects`",
    ),  # reading tolerates them
}
"""Who reports a fault that goes not with all of its tuple."""


def page(faults: Iterable[Fault] = FAULTS.values(), language: str = "en") -> str:
    """The whole of docs/defects.md; in Chinese, the page of the site."""
    if language == "zh":
        return INTRODUCTION_ZH + _table(COLUMNS_ZH, map(row_zh, faults))
    return INTRODUCTION + _table(COLUMNS, map(row, faults))


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [columns, ("---",) * len(columns), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def row(fault: Fault) -> tuple[str, ...]:
    status = "" if fault.status is None else str(fault.status)
    texts = markdown(fault.text), markdown(fault.rfc)
    return f"`{fault.code}`", *texts, fault.severity, status, reporter(fault)


def row_zh(fault: Fault) -> tuple[str, ...]:
    code, _, rfc, severity, status, _ = row(fault)
    return code, markdown(fault.text_zh), rfc, SEVERITIES_ZH[severity], status


def reporter(fault: Fault) -> str:
    if fault.code in APART:
        return APART[fault.code]
    (name,) = [name for faults, name in REPORTERS if fault in faults]
    return name


def markdown(text: str) -> str:
    """The text, with nothing in it that Markdown would take for its own."""
    return re.sub(r"[&<|*_`]", lambda match: f"&#{ord(match[0])};", text)
