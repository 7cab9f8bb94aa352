"""The texts of ``sipfast follow``."""

from __future__ import annotations

from ...screen.words import Count, Text, Words, add_help

__all__ = ["FollowWords"]


class FollowWords(Words):
    """The texts of one language."""

    # fmt: off
    no_source = Text("name a FILE, -, or an address with --hep", "请给出 FILE、- 或用 --hep 给出地址")
    not_an_address = Text('"{}" is not udp:HOST:PORT or tcp:HOST:PORT', "“{}”不是 udp:HOST:PORT 或 tcp:HOST:PORT")
    not_a_port = Text('"{}" is not PORT or HOST:PORT', "“{}”不是 PORT 或 HOST:PORT")
    not_a_rotation = Text('"{}" is not a size such as 100MB, or a time such as 1h', "“{}”既不是 100MB 这样的大小，也不是 1h 这样的时长")
    only_forward = Text("{} goes with --forward", "{} 只与 --forward 一起使用")
    no_bind = Text("{}: {}", "{}：{}")
    suffix = Text("--forward: the suffix must be .pcapng or .pcap", "--forward：后缀须为 .pcapng 或 .pcap")
    listens = Text("listens on {}", "正在监听 {}")
    serves = Text("serves metrics on http://{}/metrics", "指标位于 http://{}/metrics")
    small_room = Text("{}: the system keeps {} for bursts; raise net.core.rmem_max", "{}：系统只为突发流量保留 {}；可调大 net.core.rmem_max")

    messages_seen = Count("{} message", "{} messages", "{} 条消息")
    in_seconds = Text("{} in {}", "{}，历时 {}")
    requests_rate = Text("{}/s requests", "请求 {}/秒")
    responses_rate = Text("{}/s responses", "响应 {}/秒")
    failures_rate = Text("{}/s failures", "失败 {}/秒")
    malformed = Count("{} malformed", "{} malformed", "格式错误 {}")
    packets_skipped = Count("{} skipped", "{} skipped", "跳过 {}")
    dropped = Count("{} dropped", "{} dropped", "丢弃 {}")
    dropped_unknown = Text("dropped: unknown", "丢弃：未知")
    paused = Count("no descriptors for connections, {} time", "no descriptors for connections, {} times", "{} 次因描述符不足而暂停接受连接")
    evicted = Count("{} call too many", "{} calls too many", "{} 个呼叫超出上限")
    open_calls = Count("{} call open", "{} calls open", "{} 个呼叫进行中")
    failed_calls = Count("{} failed call", "{} failed calls", "{} 个失败呼叫")
    ended_calls = Count("{} call ended", "{} calls ended", "{} 个呼叫已结束")
    forwarded = Count("{} forwarded", "{} forwarded", "转存 {}")
    files_written = Count("{} file", "{} files", "{} 个文件")
    after_seconds = Text("after {} s", "{} 秒后")
    # fmt: on


# fmt: off
add_help({
    "FILE may grow, be replaced or be written anew; - is standard input. Ends with a pipe, by --duration or --count, or by Ctrl-C.":
        "FILE 可以增长、被替换或重写；- 为标准输入。管道结束、达到 --duration 或 --count，或按 Ctrl-C 时结束。",
    "Listen for HEP: udp:HOST:PORT or tcp:HOST:PORT. Repeatable.": "监听 HEP：udp:HOST:PORT 或 tcp:HOST:PORT。可重复。",
    "Leave out what the files have already.": "不显示文件中已有的内容。",
    "Print failed calls in place of messages.": "只打印失败的呼叫，不打印消息。",
    "Print neither messages nor calls.": "既不打印消息，也不打印呼叫。",
    "Print JSON objects, one per line: messages, failed calls and counts.": "每行打印一个 JSON 对象：消息、失败的呼叫和计数。",
    "Seconds between two lines of counts.": "两行计数之间的秒数。",
    "Serve metrics for Prometheus at PORT of HOST, by default 127.0.0.1.": "在 HOST（默认 127.0.0.1）的 PORT 上为 Prometheus 提供指标。",
    "Write the messages to captures named after OUT (.pcapng, .pcap).": "把消息写入以 OUT（.pcapng、.pcap）命名的抓包文件。",
    "Begin another capture after a size (100MB) or a time (1h).": "达到大小（100MB）或时长（1h）后另起一个文件。",
    "Keep this many captures, and remove the oldest.": "保留这么多个文件，删除最旧的。",
    "End after this many seconds.": "这么多秒后结束。",
    "End after this many messages.": "这么多条消息后结束。",
})
# fmt: on
