"""The texts of the metrics and the report of ``sipfast stats``."""

from __future__ import annotations

from ...screen.words import Terms, Text, Words, add_help

__all__ = ["StatsWords"]


class StatsWords(Words):
    """The texts of one language."""

    # fmt: off
    whole_files = Text("--metrics, --by and --html count whole files, not the messages that an option chooses", "--metrics、--by 与 --html 统计整个文件，不能与选择消息的选项同用")
    of_metrics = Text("Calls (RFC 6076)", "呼叫（RFC 6076）")
    busiest = Text("busiest second: {} messages, at {} UTC", "最繁忙的一秒：{} 条消息，时间 {} UTC")
    no_calls = Text("No calls and no registrations here.", "没有呼叫，也没有注册。")
    group_heads = Terms({"calls": "呼叫", "registrations": "注册", "messages": "消息", "retransmitted": "重传"})
    # fmt: on


# fmt: off
add_help({
    "Add the figures of RFC 6076 (SER, SEER, ISA, SRD, SDD, RRD ...), ASR, NER, and the busiest second.": "另列 RFC 6076 的指标（SER、SEER、ISA、SRD、SDD、RRD 等）、ASR、NER 和最繁忙的一秒。",
    "Add a row with these figures for each trunk (the addresses of the first INVITE), host, domain of From, or user agent of callers.": "另为每个中继（首个 INVITE 的地址）、主机、From 域或主叫的用户代理列出这些指标。",
    "Write a report as one page of HTML, in place of the tables; - for standard output.": "不输出表格，而写出单页 HTML 报告；- 表示标准输出。",
    "Overwrite the file of --html.": "覆盖 --html 的文件。",
})
# fmt: on
