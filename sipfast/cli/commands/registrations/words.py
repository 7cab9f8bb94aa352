"""The texts of ``sipfast registrations``."""

from __future__ import annotations

from ...rows.words import ListingWords
from ...screen.words import Count, Terms, Text, add_help

__all__ = ["RegistrationWords"]


class RegistrationWords(ListingWords):
    """The texts of one language."""

    # fmt: off
    rows = Count("{} registration", "{} registrations", "{} 个注册")
    no_rows = Text("no registrations", "没有注册")
    heads = Terms({
        "time": "时间",
        "who": "用户",
        "from": "来源",
        "result": "结果",
        "status": "码",
        "expires": "有效期",
        "delay": "时延",
        "attempts": "次数",
        "refreshes": "续期",
        "refused": "拒绝",
        "unanswered": "无应答",
        "challenges": "质询",
        "reason": "原因",
        "contact": "联系地址",
        "user agent": "用户代理",
        "Call-ID": "Call-ID",
    })
    # fmt: on


# fmt: off
add_help({
    "Registrations for which this holds, in SQL: \"expires < 60 and to_host = 'a.example'\".": "满足此 SQL 条件的注册：\"expires < 60 and to_host = 'a.example'\"。",
    "User who is registered; * stands for any characters. Repeatable.": "注册的用户；* 代表任意字符。可重复使用。",
    "Registrations that ended without a 2xx: refused, challenged, unanswered.": "未得到 2xx 的注册：被拒绝、待认证、无应答。",
    "Registrations with an average delay of at least this.": "平均时延不短于此值的注册。",
    "Print a JSON object per registration, with all columns.": "每个注册输出一个 JSON 对象，含所有列。",
})
# fmt: on
