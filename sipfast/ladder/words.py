"""The texts of ladders, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from .. import URI, ParseError, SipURI, TelURI
from .._moment import moment_text
from .._visible import shortened, visible
from .model import Arrow, Ladder

__all__ = ["MARKS", "Language", "caption", "clock", "day", "marked", "meanings", "say", "since"]

Language = Literal["en", "zh"]

# fmt: off
_WORDS = {
    "ladder": ("Ladder of {}", "{} 的时序图"),
    "messages": ("{} messages", "{} 条消息"),
    "one message": ("1 message", "1 条消息"),
    "left out": ("{} more left out", "另有 {} 条未列出"),
    "more ids": ("{} more Call-IDs", "另有 {} 个 Call-ID"),
    "retransmission": ("retransmission", "重传"),
    "duplicate": ("duplicate of the capture", "抓包中的重复副本"),
    "cut": ("cut by the capture", "抓包时被截断"),
    "defects": ("{} defects", "{} 处缺陷"),
    "one defect": ("1 defect", "1 处缺陷"),
    "defect count": ("number of defects", "缺陷数"),
    "unparsable": ("unparsable message", "无法解析的消息"),
    "message": ("Message {}", "第 {} 条消息"),
    "packet": ("packet {}", "第 {} 个数据包"),
    "bytes": ("{} bytes", "{} 字节"),
    "byte": ("byte {}", "字节 {}"),
    "body": ("Body", "消息体"),
    "not shown": ("{} bytes not shown", "{} 字节未显示"),
    "error": ("error", "错误"),
    "warning": ("warning", "警告"),
    "before": ("Previous message", "上一条消息"),
    "after": ("Next message", "下一条消息"),
    "keys": ("Click an arrow, or use ↑ and ↓.", "点击箭头，或使用 ↑ 和 ↓ 键。"),
    "unregistered": ("Unregistered header field.", "未登记的头字段。"),
    "incomplete": ("Only the first {} messages have their text here.", "此处只含前 {} 条消息的内容。"),
}
# fmt: on

MARKS: tuple[tuple[str, str, Callable[[Arrow], object]], ...] = (
    ("↻", "retransmission", lambda arrow: arrow.is_retransmission),
    ("=", "duplicate", lambda arrow: arrow.is_duplicate),
    ("~", "cut", lambda arrow: arrow.is_cut),
    ("!", "defect count", lambda arrow: arrow.defects),
)
"""The marks of arrows: the mark, the key of its meaning, and which arrows have it."""

_LONGEST_NAME = 40


def say(language: Language, key: str, *values: object) -> str:
    """A text, with values in place of its ``{}``."""
    return _WORDS[key][language == "zh"].format(*values)


def marked(arrow: Arrow) -> str:
    """The text of an arrow with its marks: ``INVITE (SDP) ↻ !2``."""
    found = [mark for mark, _, holds in MARKS[:-1] if holds(arrow)]
    if arrow.defects:
        found.append(f"!{arrow.defects}")
    return " ".join([arrow.text, *found])


def meanings(arrow: Arrow, language: Language) -> Iterator[str]:
    """The marks of an arrow in words."""
    for _, key, holds in MARKS[:-1]:
        if holds(arrow):
            yield say(language, key)
    if arrow.defects == 1:
        yield say(language, "one defect")
    elif arrow.defects:
        yield say(language, "defects", f"{arrow.defects:,}")


def legend(arrows: Sequence[Arrow], language: Language) -> list[str]:
    """The marks that some arrows have, each with its meaning."""
    return [f"{mark} {say(language, key)}" for mark, key, holds in MARKS if any(map(holds, arrows))]


def caption(ladder: Ladder, language: Language) -> str:
    """The caller and the callee, the date, and the number of messages."""
    facts = list(_parties(ladder))
    first = next((arrow.time_ns for arrow in ladder.arrows if arrow.time_ns is not None), None)
    if first is not None:
        facts.append(day(first))
    count, left_out = len(ladder.arrows), ladder.call.left_out
    one = count == 1
    facts.append(say(language, "one message") if one else say(language, "messages", f"{count:,}"))
    if left_out:
        facts.append(say(language, "left out", f"{left_out:,}"))
    return " · ".join(facts)


def _parties(ladder: Ladder) -> Iterator[str]:
    """The sender of the first request and its addressee, if they are readable."""
    for one in ladder.call.messages:
        try:  # a malformed URI shows where its parts are read
            parties = one.message and (one.message.from_, one.message.to)
            if parties and all(parties):
                yield " → ".join([_name(party.uri) for party in parties if party is not None])
                return
        except ParseError:
            continue


def _name(uri: URI) -> str:
    """The user of a URI, or its number, or its host."""
    name = str(uri)
    if isinstance(uri, SipURI):
        name = uri.user or uri.host
    elif isinstance(uri, TelURI):
        name = uri.number
    return visible(shortened(name, _LONGEST_NAME))


def legs(ladder: Ladder, language: Language, most: int) -> Iterator[tuple[str, str]]:
    """The Call-IDs with their labels: `most` of them, and how many more there are."""
    call_ids = ladder.call.call_ids
    for number, call_id in enumerate(call_ids[:most], 1):
        yield f"Call-ID {number}" if len(call_ids) > 1 else "Call-ID", visible(call_id)
    if len(call_ids) > most:
        yield "", say(language, "more ids", f"{len(call_ids) - most:,}")


def day(time_ns: int) -> str:
    """A date, in UTC."""
    return moment_text(time_ns, "%Y-%m-%d UTC")


def clock(time_ns: int | None) -> str:
    """A time of day in UTC, to the millisecond; empty for None."""
    if time_ns is None:
        return ""
    seconds, rest = divmod(time_ns // 1_000_000 % 86_400_000, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{rest:03}"


def since(delta: float | None) -> str:
    """Seconds since the arrow before: ``+0.012``; empty for None."""
    if delta is None:
        return ""
    return f"{delta:+.3f}" if abs(delta) < 1000 else f"{delta:+.0f}" if abs(delta) < 1e7 else ""
