"""The texts of ``sipfast calls``."""

from __future__ import annotations

from ...rows.words import ListingWords
from ...screen.words import Count, Terms, Text, add_help

__all__ = ["CallWords"]


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
    "Calls for which this holds, in SQL: \"duration > 60 and from_host = 'a.example'\".": "满足此 SQL 条件的呼叫：\"duration > 60 and from_host = 'a.example'\"。",
    "User of the caller or the callee; * stands for any characters. Repeatable.": "主叫或被叫的用户；* 代表任意字符。可重复使用。",
    "Calls that failed: all but those that were answered or redirected.": "失败的呼叫：除已应答和改向之外的所有呼叫。",
    "Calls with a post-dial delay of at least this.": "拨后时延不短于此值的呼叫。",
    "List calls with the same value together, as legs: header:X-CID, header:Replaces.": "把此值相同的呼叫列在一起，作为同一呼叫的分支：header:X-CID、header:Replaces。",
    "Print a JSON object per call, with all columns.": "每个呼叫输出一个 JSON 对象，含所有列。",
})
# fmt: on
