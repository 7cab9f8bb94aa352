"""The texts of reports: a row each, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from ..registry.status import status

__all__ = [
    "METRICS",
    "OF_GROUPS",
    "Language",
    "MetricWords",
    "counted",
    "percent",
    "phrase",
    "seconds",
    "shown",
    "texts",
]

Language = Literal["en", "zh"]


class MetricWords(NamedTuple):
    """A metric: its usual abbreviation, its name, what it says and where it is defined."""

    short: str
    name: tuple[str, str]
    text: tuple[str, str]
    source: str


# fmt: off
METRICS = {
    "asr": MetricWords("ASR", ("Answer-Seizure Ratio", "应答占用比"), ("calls that were answered", "得到应答的呼叫所占比例"), "ITU-T E.411"),
    "ner": MetricWords("NER", ("Network Effectiveness Ratio", "网络有效率"), ("calls that reached the callee (answered, busy, declined, unanswered, cancelled while it rang)", "到达被叫的呼叫所占比例（应答、忙、拒接、无人接听、振铃时取消）"), "ITU-T E.425"),
    "ser": MetricWords("SER", ("Session Establishment Ratio", "会话建立率"), ("answered calls, of those that were not redirected", "除去改向后，得到应答的呼叫所占比例"), "RFC 6076 4.6"),
    "seer": MetricWords("SEER", ("Session Establishment Effectiveness Ratio", "会话建立有效率"), ("the same, where 480, 486, 600 and 603 count as success", "同上，480、486、600、603 也算成功"), "RFC 6076 4.7"),
    "isa": MetricWords("ISA", ("Ineffective Session Attempts", "无效会话尝试率"), ("calls that ended with 408, 500, 503 or 504", "以 408、500、503、504 结束的呼叫所占比例"), "RFC 6076 4.8"),
    "scr": MetricWords("SCR", ("Session Completion Ratio", "会话完成率"), ("answered calls whose BYE was answered, too", "应答且 BYE 也得到应答的呼叫所占比例"), "RFC 6076 4.9"),
    "srd_successful": MetricWords("SRD", ("Session Request Delay, successful", "会话请求时延（成功）"), ("from INVITE to ringing, average of answered calls", "从 INVITE 到振铃，应答呼叫的平均值"), "RFC 6076 4.3.1"),
    "srd_failed": MetricWords("SRD", ("Session Request Delay, failed", "会话请求时延（失败）"), ("the same, of failed calls", "同上，失败的呼叫"), "RFC 6076 4.3.2"),
    "sdd": MetricWords("SDD", ("Session Disconnect Delay", "会话拆除时延"), ("from BYE to its answer, average", "从 BYE 到对其应答的平均时间"), "RFC 6076 4.4"),
    "sdt": MetricWords("SDT", ("Session Duration Time", "会话时长"), ("from answer to BYE, average", "从应答到 BYE 的平均时间"), "RFC 6076 4.5"),
    "rrd": MetricWords("RRD", ("Registration Request Delay", "注册请求时延"), ("from REGISTER to 2xx, average", "从 REGISTER 到 2xx 的平均时间"), "RFC 6076 4.1"),
    "ira": MetricWords("IRA", ("Ineffective Registration Attempts", "无效注册尝试率"), ("registrations that were refused or unanswered", "被拒绝或无应答的注册所占比例"), "RFC 6076 4.2"),
}
"""The metrics that are ratios and delays, by the names of their columns."""

OF_GROUPS = ("asr", "ner", "ser", "isa", "srd_successful", "sdt")
"""The metrics of a table of groups, which has room for a few."""
_PERCENTAGES = ("asr", "ner", "ser", "seer", "isa", "scr", "ira")

_TEXTS = {
    "title": ("SIP report", "SIP 报告"),
    "to": ("to", "至"),
    "no_times": ("The messages have no times: no traffic over time, and no delays.", "消息没有时间：无法显示流量变化和时延。"),
    "messages": ("Messages", "消息"),
    "requests": ("requests", "请求"),
    "responses": ("responses below 400", "400 以下的响应"),
    "failed_responses": ("responses from 400 on", "400 及以上的响应"),
    "calls": ("Calls", "呼叫"),
    "calls_answered": ("{} answered", "{} 个已应答"),
    "registrations": ("Registrations", "注册"),
    "busiest": ("Busiest second", "最繁忙的一秒"),
    "retransmissions": ("Retransmissions", "重传"),
    "of_messages": ("{} of messages", "占消息的 {}"),
    "with_defects": ("With defects", "有缺陷"),
    "with_errors": ("{} with errors", "{} 条有错误"),
    "unparsable": ("Unparsable", "无法解析"),
    "traffic": ("Traffic", "流量"),
    "messages_a_bin": ("messages in {}, UTC", "每 {} 的消息数，UTC"),
    "metrics": ("Key figures", "关键指标"),
    "results": ("What became of the calls", "呼叫结果"),
    "codes": ("Response codes", "响应码"),
    "methods": ("Requests", "请求"),
    "delays": ("Delays", "时延"),
    "post_dial_delay": ("Post-dial delay", "拨号后时延"),
    "setup_time": ("Setup: INVITE to answer", "建立：从 INVITE 到应答"),
    "duration": ("Duration of calls", "通话时长"),
    "delay": ("Registration", "注册"),
    "median": ("median", "中位数"),
    "late": ("95th percentile", "第 95 百分位"),
    "comma": (", ", "，"),
    "longest": ("longest", "最长"),
    "failures": ("Failed calls", "失败的呼叫"),
    "no_failures": ("No call failed.", "没有失败的呼叫。"),
    "without_final": ("without a final response", "没有最终响应"),
    "mostly_between": ("most often {}", "最常见于 {}"),
    "example": ("An example", "示例"),
    "share_of_calls": ("{} of all calls", "占全部呼叫的 {}"),
    "by_trunk": ("Trunks", "中继"),
    "by_source": ("Sources", "源地址"),
    "by_destination": ("Destinations", "目的地址"),
    "by_host": ("Hosts", "主机"),
    "by_domain": ("Domains", "域"),
    "by_agent": ("User agents of calls", "按呼叫统计的用户代理"),
    "none": ("none", "无"),
    "more_rows": ("{} more", "另有 {} 个"),
    "retransmitted": ("Retr.", "重传"),
    "agents": ("User agents", "用户代理"),
    "defects": ("Defects", "缺陷"),
    "faults": ("Unparsable messages", "无法解析的消息"),
    "unread": ("Not read, may hold SIP", "未读取，可能含有 SIP"),
    "skipped": ("Packets skipped", "跳过的数据包"),
    "error": ("error", "错误"),
    "warning": ("warning", "警告"),
    "more_files": ("and {} more", "另有 {} 个"),
    "made_by": ("Made by sipfast {}. Times are in UTC.", "由 sipfast {} 生成。时间为 UTC。"),
}
_COUNTS = {
    "calls": ("{} call", "{} calls", "{} 个呼叫"),
    "registrations": ("{} registration", "{} registrations", "{} 个注册"),
    "requests": ("{} request", "{} requests", "{} 个请求"),
    "responses": ("{} response", "{} responses", "{} 个响应"),
}
# fmt: on


def texts(language: Language) -> Mapping[str, str]:
    """The texts of a page by name."""
    chinese = language == "zh"
    return {name: pair[chinese] for name, pair in _TEXTS.items()}


def counted(number: int, what: str, language: Language) -> str:
    """How many there are: ``1 call``, ``2,000 calls``."""
    one, several, chinese = _COUNTS[what]
    text = chinese if language == "zh" else one if number == 1 else several
    return text.format(f"{number:,}")


def phrase(code: int, language: Language) -> str:
    """The phrase of a status code; empty outside SIP."""
    if not 100 <= code <= 699:
        return ""
    row = status(code)
    return row.phrase_zh if language == "zh" else row.phrase


def shown(metrics: Any, column: str) -> str:
    """One of METRICS, as people read it; a dash where there is none."""
    value = getattr(metrics, column)
    return percent(value) if column in _PERCENTAGES else seconds(value)


def percent(value: float | None) -> str:
    """A percentage: one digit after the point, and none where it is whole."""
    if value is None:
        return "–"
    return f"{value:.0f}%" if value in (0, 100) else f"{value:.1f}%"


def seconds(value: float | None) -> str:
    """A duration: three digits, or minutes and hours."""
    if value is None:
        return "–"
    if value < 0.9995:
        return f"{value * 1000:.{0 if value >= 0.01 else 1}f} ms"
    if value < 59.95:
        return f"{value:.{2 if value < 9.995 else 1}f} s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
