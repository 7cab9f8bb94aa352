"""The texts of ``sipfast calls``."""

from __future__ import annotations

from ...screen.words import Count, Terms, Text, Words, add_help

__all__ = ["CallWords", "ListingWords"]


class ListingWords(Words):
    """The texts of a list of calls, or of registrations."""

    heads: Terms
    rows: Count
    no_rows: Text
    of_result = Text("{} {}", "{0} 个{1}")
    all_rows = Text("{}: {}", "{}：{}")


class CallWords(ListingWords):
    """The texts of one language."""

    # fmt: off
    rows = Count("{} call", "{} calls", "{} 个呼叫")
    no_rows = Text("no calls", "没有呼叫")
    heads = Terms({
        "time": "时间",
        "from": "主叫",
        "to": "被叫",
        "result": "结果",
        "status": "码",
        "delay": "时延",
        "setup": "建立",
        "duration": "时长",
        "hang-up": "挂断方",
        "codecs": "编解码",
        "repeats": "重传",
        "reason": "原因",
        "caller's agent": "主叫软件",
        "callee's agent": "被叫软件",
        "messages": "消息",
        "Call-ID": "Call-ID",
    })
    # fmt: on


# fmt: off
add_help({
    "All conditions must hold. docs/calls.md has the columns of --json, --csv and --where.": "须满足所有条件。--json、--csv 和 --where 的列见 docs/calls.md。",
    "Calls for which this holds, in SQL: \"duration > 60 and from_host = 'a.example'\".": "满足此 SQL 条件的呼叫：\"duration > 60 and from_host = 'a.example'\"。",
    "Call-ID; * stands for any characters. Repeatable.": "Call-ID；* 代表任意字符。可重复使用。",
    "User of the caller or the callee; * stands for any characters. Repeatable.": "主叫或被叫的用户；* 代表任意字符。可重复使用。",
    "Calls that ended without an answer: busy, declined, cancelled, failed, ...": "未接通而结束的呼叫：忙、拒绝、取消、失败等。",
    "Calls with a post-dial delay of at least this.": "拨后时延不短于此值的呼叫。",
    "List calls with the same value together, as legs: header:X-CID, header:Replaces.": "把此值相同的呼叫列在一起，作为同一通话的各段：header:X-CID、header:Replaces。",
    "Print a JSON object per call, with all columns.": "每个呼叫输出一个 JSON 对象，含所有列。",
    "Print CSV with all columns.": "输出含所有列的 CSV。",
})
# fmt: on
