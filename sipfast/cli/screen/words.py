"""What the commands themselves say, in English and in Chinese."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CLASSES", "LANGUAGES", "WORDS", "Words"]

LANGUAGES = ("en", "zh")


class Words(NamedTuple):
    """The labels of one language; `{}` stands for a name or a number."""

    means: str
    to_do: str
    form: str
    method: str
    header: str
    compact: str
    comma_list: str
    no_comma_list: str
    repeats: str
    once: str
    unregistered_header: str
    unregistered_method: str
    no_status: str
    defect: str
    defects: str
    message: str
    packet: str
    byte: str
    size: str
    body: str
    no_body: str
    surplus: str
    unparsable: str
    not_shown: str
    anonymous: str
    received: str
    refreshed: str
    more: str
    unused: str
    directions: dict[str, str]
    units: tuple[tuple[str, str], ...]
    """Of days, hours, minutes and seconds: how to say one, and how several."""


WORDS = {
    "en": Words(
        means="Means",
        to_do="To do",
        form="Form",
        method="method",
        header="header field",
        compact="compact form {}",
        comma_list="One field may hold several values, separated by commas.",
        no_comma_list="One field holds one value.",
        repeats="The field may stand more than once.",
        once="The field may stand only once.",
        unregistered_header="Not a registered header field.",
        unregistered_method="Not a registered method.",
        no_status="Not a status code of SIP (100 to 699).",
        defect="{} defect",
        defects="{} defects",
        message="message {}",
        packet="packet {}",
        byte="byte {}",
        size="{} bytes",
        body="Body",
        no_body="No body",
        surplus="{} bytes after the body do not belong to the message (RFC 3261 18.3)",
        unparsable="Cannot be parsed",
        not_shown="{} bytes not shown",
        anonymous="anonymous",
        received="came from {}",
        refreshed="refreshed by the {}",
        more="{} more",
        unused="not used (port 0)",
        directions={
            "sendrecv": "sends and receives",
            "sendonly": "only sends",
            "recvonly": "only receives",
            "inactive": "inactive",
        },
        units=(
            ("{} day", "{} days"),
            ("{} hour", "{} hours"),
            ("{} minute", "{} minutes"),
            ("{} second", "{} seconds"),
        ),
    ),
    "zh": Words(
        means="含义",
        to_do="处理",
        form="形式",
        method="方法",
        header="头字段",
        compact="简写 {}",
        comma_list="一个字段可含多个值，以逗号分隔。",
        no_comma_list="一个字段只含一个值。",
        repeats="该字段可以出现多次。",
        once="该字段只能出现一次。",
        unregistered_header="未登记的头字段。",
        unregistered_method="未登记的方法。",
        no_status="不是 SIP 状态码（100 至 699）。",
        defect="{} 处缺陷",
        defects="{} 处缺陷",
        message="第 {} 条消息",
        packet="第 {} 个数据包",
        byte="字节 {}",
        size="{} 字节",
        body="消息体",
        no_body="无消息体",
        surplus="消息体之后的 {} 字节不属于该消息（RFC 3261 18.3）",
        unparsable="无法解析",
        not_shown="{} 字节未显示",
        anonymous="匿名",
        received="实际来自 {}",
        refreshed="由 {} 刷新",
        more="另有 {} 个",
        unused="不使用（端口 0）",
        directions={
            "sendrecv": "收发",
            "sendonly": "只发",
            "recvonly": "只收",
            "inactive": "停用",
        },
        units=(("{} 天",) * 2, ("{} 小时",) * 2, ("{} 分钟",) * 2, ("{} 秒",) * 2),
    ),
}

CLASSES = {
    1: ("Provisional", "临时响应"),
    2: ("Success", "成功"),
    3: ("Redirection", "重定向"),
    4: ("Client error", "客户端错误"),
    5: ("Server error", "服务器错误"),
    6: ("Global failure", "全局失败"),
}
"""The classes of status codes by their first digit (RFC 3261 7.2)."""
