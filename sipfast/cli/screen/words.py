"""The texts of the commands: a row each, in English and in Chinese."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..._install import how_to_get
from ...registry.results import CALLS, REGISTRATIONS, SIDES

__all__ = ["CLASSES", "LANGUAGES", "WORDS", "Count", "Terms", "Text", "Words", "add_help"]

LANGUAGES = ("en", "zh")


class Text:
    """A text; `{}` stands for a name or a number."""

    def __init__(self, en: str, zh: str) -> None:
        self._texts = {"en": en, "zh": zh}

    def __get__(self, words: Words, _owner: type[Words]) -> str:
        return self._texts[words.language]


class Count:
    """A text with a number: ``1 message``, ``2,000 messages``."""

    def __init__(self, one: str, several: str, zh: str) -> None:
        self._texts = {"en": (one, several), "zh": (zh, zh)}

    def __get__(self, words: Words, _owner: type[Words]) -> Callable[[int], str]:
        one, several = self._texts[words.language]
        return lambda number: (one if number == 1 else several).format(f"{number:,}")


class Terms:
    """A closed set of terms, by their English names; any other term stays as it is."""

    def __init__(self, zh: Mapping[str, str], en: Mapping[str, str] | None = None) -> None:
        self._terms: dict[str, Mapping[str, str]] = {"en": en or {}, "zh": zh}

    def __get__(self, words: Words, _owner: type[Words]) -> Callable[[str], str]:
        terms = self._terms[words.language]
        return lambda term: terms.get(term, term)

    def add(self, zh: Mapping[str, str]) -> None:
        """Add terms, of a command that is imported late."""
        self._terms["zh"] = {**self._terms["zh"], **zh}


class Words:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    # fmt: off
    # Explanations.
    means = Text("Means", "含义")
    to_do = Text("To do", "处理")
    form = Text("Form", "形式")
    method = Text("method", "方法")
    header = Text("header field", "头字段")
    compact = Text("compact form {}", "简写 {}")
    comma_list = Text("One field may have several values, separated by commas.", "一个字段可含多个值，以逗号分隔。")
    no_comma_list = Text("One field has one value.", "一个字段只含一个值。")
    repeats = Text("The field may be repeated.", "该字段可以出现多次。")
    once = Text("The field must not be repeated.", "该字段只能出现一次。")
    unregistered_header = Text("Unregistered header field.", "未登记的头字段。")
    unregistered_method = Text("Unregistered method.", "未登记的方法。")
    no_status = Text("Not a status code of SIP (100 to 699).", "不是 SIP 状态码（100 至 699）。")
    not_a_status = Text('"{}" is not a status code (100 to 699)', "“{}”不是状态码（100 至 699）")
    unknown_method = Text('"{}" is not a registered method', "“{}”不是已登记的方法")
    unknown_header = Text('"{}" is not a registered header field', "“{}”不是已登记的头字段")
    unknown_code = Text('"{}" is an unknown fault code', "“{}”不是已知的错误码")
    see_list = Text("; see sipfast check --list", "；见 sipfast check --list")
    not_numbers = Text('"{}" is not a number from 1, or a range such as 3-9', "“{}”不是从 1 起的编号，也不是 3-9 这样的范围")
    not_codes = Text('"{}" is not a status code, 4xx, or a range', "“{}”不是状态码、4xx 或范围")
    contradiction = Text("{} contradicts {}", "{} 与 {} 矛盾")
    no_groups = Text("--group-by goes with the formats text and json, not {}", "--group-by 只用于 text 与 json 格式，不用于 {}")
    did_you_mean = Text("; did you mean {}?", "；是否指 {}？")

    # Faults.
    defects = Count("{} defect", "{} defects", "{} 处缺陷")
    faults = Count("{} fault", "{} faults", "{} 个问题")
    errors = Count("{} error", "{} errors", "{} 个错误")
    warnings = Count("{} warning", "{} warnings", "{} 个警告")
    fault_in_all = Text("{} ({}) in {} of {}", "{}（{}），涉及 {} 条（共 {}）")
    no_messages = Text("no messages", "没有消息")
    no_faults = Text("no faults in {}", "{}，未发现问题")
    and_no_parse = Text("; {} cannot be parsed", "；{} 条无法解析")
    and_cut = Text("; {} cut by the capture", "；{} 条在抓包时被截断")
    and_skipped = Text("; {} skipped", "；跳过 {}")
    severity = Terms({"error": "错误", "warning": "警告"})
    place_in = Text("{}, in {}", "{}（{}）")
    answer = Text("{}; answer {}", "{}；应答 {}")
    parenthesis = Text("{} ({})", "{}（{}）")
    first_at = Text("first at {}", "首见于 {}")
    faults_in_messages = Text("{} in {}", "{}，涉及 {}")
    other_groups = Text("all others", "其他")
    nameless = Text("without a name", "未注明")
    unreadable = Text("{}: {}", "{}：{}")
    of_reason = Text("{0} {1}", "{1}（{0} 个）")
    then_these = Text(", ", "；")
    progress = Text("{} of {}", "{}，共 {}")
    pace = Text("{}, {}/s, -{}", "{}，{}/s，剩余 {}")
    opening = Text("opening, {}", "正在打开，{}")
    working = Text("working, {}", "正在处理，{}")
    not_read = Text("{}: SIP may be in what was not read: {}", "{}：有未读取的内容，其中可能含有 SIP：{}")

    # A message.
    messages = Count("{} message", "{} messages", "{} 条消息")
    message = Text("message {}", "第 {} 条消息")
    packet = Text("packet {}", "第 {} 个数据包")
    packets = Count("{} packet", "{} packets", "{} 个数据包")
    byte = Text("byte {}", "字节 {}")
    size = Text("{} bytes", "{} 字节")
    body = Text("Body", "消息体")
    no_body = Text("No body", "无消息体")
    surplus = Text(
        "{} bytes after the body do not belong to the message (RFC 3261 18.3)",
        "消息体之后的 {} 字节不属于该消息（RFC 3261 18.3）",
    )
    unparsable = Text("Cannot be parsed", "无法解析")
    cut = Text("Cut by the capture: the rest of the message is missing", "在抓包时被截断：消息的其余部分缺失")
    not_shown = Text("{} bytes not shown", "{} 字节未显示")
    anonymous = Text("anonymous", "匿名")
    received = Text("came from {}", "实际来自 {}")
    refreshed = Text("refreshed by the {}", "由 {} 刷新")
    more = Text("{} more", "另有 {} 个")
    unused = Text("not used (port 0)", "不使用（端口 0）")
    direction = Terms(
        {"sendrecv": "收发", "sendonly": "只发", "recvonly": "只收", "inactive": "停用"},
        {
            "sendrecv": "sends and receives",
            "sendonly": "only sends",
            "recvonly": "only receives",
        },
    )
    days = Count("{} day", "{} days", "{} 天")
    hours = Count("{} hour", "{} hours", "{} 小时")
    minutes = Count("{} minute", "{} minutes", "{} 分钟")
    seconds = Count("{} second", "{} seconds", "{} 秒")

    # Files, and messages that are not there.
    no_message = Text("{}: no message {}, only {}", "{}：没有第 {} 条消息，只有 {}")
    no_sip = Text("{}: no SIP message; {} of other kinds skipped", "{}：没有 SIP 消息；跳过了 {}（其他协议）")
    no_match = Text("{}: no message matches; {} read", "{}：没有符合条件的消息；共读取 {}")
    more_match = Text(
        "{}: stopped after {}; more match, and --limit shows them",
        "{}：显示 {} 后停止；还有符合条件的消息，可用 --limit 显示",
    )
    interrupted = Text("interrupted", "已中断")
    no_output = Text("cannot write the output: {}", "无法写出结果：{}")
    output_closed = Text("standard output is closed", "标准输出已关闭")

    # The list.
    columns = Terms(
        {
            "number": "序号",
            "time": "时间",
            "from": "主叫",
            "to": "被叫",
            "message": "消息",
            "user agent": "用户代理",
        }
    )
    is_cut = Text("cut", "截断")
    lost = Text("lost by the log: {}", "日志中缺失：{}")
    loss = Terms(
        {
            "line ends": "换行符",
            "blank line": "空行",
            "end": "结尾",
            "bytes": "部分字节",
            "length": "长度",
            "time": "时间",
            "date": "日期",
            "year": "年份",
            "zone": "时区",
            "source": "源地址",
            "destination": "目的地址",
            "transport": "传输协议",
        }
    )

    # Exports.
    no_format = Text("{}: the suffix must be one of {}, or --format be given", "{}：后缀须为 {} 之一，或用 --format 指定")
    no_columns = Text("--columns goes with tables, not {}", "--columns 只用于表格，不用于 {}")
    split_output = Text("--split-by needs a file, not standard output", "--split-by 需要文件，不能是标准输出")
    needs_extra = Text("{} needs the extra {}: {}", "{} 需要附加组件 {}：{}")
    results = Terms({**CALLS, **REGISTRATIONS})
    sides = Terms(SIDES)
    nothing_read = Text("nothing was read", "未读取任何内容")
    exists = Text("{} exists; --force overwrites it", "{} 已存在；--force 将其覆盖")
    same_file = Text("OUT is the same file as {}", "OUT 与 {} 是同一个文件")
    untimed = Text("{} without a time: it is before 1970, or too late for {}", "{}未写入时间：早于 1970 年，或超出 {} 的范围")
    nothing_written = Text("nothing was read, and nothing written", "未读取任何内容，也未写出任何文件")

    # Statistics.
    files = Count("{} file", "{} files", "{} 个文件")
    in_folder = Text("{} in {}", "{}，位于 {}")
    requests = Count("{} request", "{} requests", "{} 个请求")
    responses = Count("{} response", "{} responses", "{} 个响应")
    with_defects = Text("{} with defects", "{} 条有缺陷")
    with_errors = Text("{} with errors", "{} 条有错误")
    without_defects = Text("no defects", "无缺陷")
    more_unparsable = Text("{} more unparsable", "另有 {} 条无法解析")
    retransmissions = Count("{} retransmission", "{} retransmissions", "{} 条重传")
    duplicates = Count("{} mirror duplicate", "{} mirror duplicates", "{} 条镜像重复")
    counted_too = Text("{}, counted too", "{}，已计入")
    left_out = Text("{}, left out", "{}，未计入")
    or_these = Text(" or ", " 或 ")
    and_these = Text(", ", "，")
    then = Text("; ", "；")
    colon = Text(": ", "：")
    no_sip_here = Text("No SIP here; {} of other kinds skipped.", "没有 SIP；跳过了 {}（其他协议）。")
    no_packets_here = Text("No packets here.", "没有数据包。")
    too_few = Text("Done in {} ms: too few messages to measure a rate.", "用时 {} 毫秒：消息太少，无法测速。")
    rates = Text("{} messages a second in all, {} in parsing alone.", "总计每秒 {} 条消息，仅解析每秒 {} 条。")
    million = Text("{} million", "{} 百万")
    native = Text("Engine native, kernel {}.", "引擎 native，内核 {}。")
    pure = Text(
        "Engine pure: Python alone, many times slower than the native one.",
        "引擎 pure：只用 Python，比 native 慢许多倍。",
    )
    of_files = Text("Files", "文件")
    of_requests = Text("Requests", "请求")
    of_responses = Text("Responses", "响应")
    of_agents = Text("User agents", "用户代理")
    of_defects = Text("Defects", "缺陷")
    of_unparsable = Text("Cannot be parsed", "无法解析")
    of_unread = Text("Not read, may hold SIP", "未读取，可能含有 SIP")
    of_skipped = Text("Packets skipped", "跳过的数据包")
    heads = Terms(
        {
            "requests": "请求",
            "responses": "响应",
            "defective": "有缺陷",
            "unparsable": "无法解析",
            "skipped": "跳过",
            "first in": "首见",
            "message": "消息",
            "byte": "字节",
        }
    )
    more_unregistered = Text("{} more, unregistered", "另有 {} 个未登记")
    more_codes = Text("{} more codes", "另有 {} 个状态码")
    no_class = Text("not a class of SIP", "不属于 SIP 的类别")
    others = Text("{} others", "其他 {} 个")
    too_low_by = Text("a count may be too low by up to {}", "计数最多可能少 {}")
    first_in_message = Text("first in message {} of ", "首见于第 {} 条消息，文件 ")
    in_all = Text("in all", "总计")

    # Help. The English texts of commands and options stand beside their definitions.
    usage = Terms(
        {
            "Usage: ": "用法：",
            "Options": "选项",
            "Commands": "命令",
            "[OPTIONS]": "[选项]",
            "COMMAND [ARGS]...": "命令 [参数]...",
        }
    )
    default = Text("  [default: {}]", "（默认 {}）")
    try_help = Text("Try '{} --help' for help.", "输入 {} --help 查看帮助。")
    usage_error = Text("Error: {}", "错误：{}")
    help = Terms(
        {
            "Inspect SIP messages: captures (pcap, pcapng, HEP), logs, files of messages, live traffic.": "查看 SIP 消息：抓包文件（pcap、pcapng、HEP）、文本日志、消息文件、实时流量。",
            "FILE is a path, or - for standard input. Exit codes: 0 success; 1 an unreadable file, a missing message, an unregistered name, a fault found by check; 2 wrong usage; 3 check did not read all SIP; 130 interrupted.": "FILE 是路径，- 表示标准输入。退出码：0 成功；1 文件无法读取、消息不存在、名称未登记，或 check 发现问题；2 用法错误；3 check 未读取全部 SIP；130 已中断。",
            "Without an option that chooses messages, show the first one.": "未用选项选择消息时，显示第一条。",
            "Show this message and exit.": "显示本帮助并退出。",
            "Show the version and exit.": "显示版本并退出。",
            "Language of the texts.": "文本的语言。",
            "Number of the message in the file: 7, 3-9, 100-.": "消息在文件中的编号：7、3-9、100-。",
            "Number of the packet in the capture.": "数据包在抓包文件中的编号。",
            "Call-ID; * stands for any characters.": "Call-ID；* 代表任意字符。",
            "Requests; with --status, the responses to them.": "请求；与 --status 同用时，为对这些请求的响应。",
            "Responses: 486, 4xx, 400-499.": "响应：486、4xx、400-499。",
            "User in From, To or the Request-URI.": "From、To 或 Request-URI 中的用户。",
            "User, user@host, host or name in From.": "From 中的用户、用户@主机、主机或名称。",
            "The same in To.": "To 中的同类内容。",
            "List this many unparsable messages.": "最多列出 N 条无法解析的消息。",
            "List this many user agents.": "最多列出 N 个用户代理。",
            "Do not look for defects, which takes most time.": "不检查缺陷；这项检查耗时最多。",
            "Leave out retransmissions and mirror duplicates.": "不计重传和镜像重复。",
            "Print one JSON document.": "输出一个 JSON 文档。",
            "Print a JSON object per message.": "每条消息输出一个 JSON 对象。",
            "Report errors only, or warnings too.": "只报告错误，或也报告警告。",
            "Report this code only. Repeatable.": "只报告此错误码。可重复使用。",
            "Ignore this code. Repeatable.": "忽略此错误码。可重复使用。",
            "json: an object per line; sarif: for editors and CI; github: annotations.": "json：每行一个对象；sarif：供编辑器和 CI 使用；github：注释。",
            "The same as --format json.": "等同于 --format json。",
            "Print a group for each code, call, user agent or file, instead of each fault.": "不逐个列出问题，而按错误码、呼叫、用户代理或文件分组。",
            "Leave out the sums at the end.": "不输出末尾的总计。",
            "Print every code with its severity, status, text and RFC section, and exit.": "列出每个错误码及其严重程度、状态码、文本和 RFC 章节，然后退出。",
            "All filters must hold. The columns are in docs/columns.md.": "须满足所有筛选条件。列名见 docs/columns.md。",
            "File to write, whose suffix is the format; - for standard output.": "要写出的文件，后缀即格式；- 表示标准输出。",
            "Format, in place of the suffix of OUT.": "格式，代替 OUT 的后缀。",
            "Columns of a table, with commas between; by default the usual.": "表格的列，以逗号分隔；默认为常用列。",
            "Messages for which this holds: status >= 400 and from_user = 'alice' (docs/columns.md).": "满足此表达式的消息：status >= 400 and from_user = 'alice'（见 docs/columns.md）。",
            "Write a file for each call or hour, OUT with its name before the suffix.": "每个呼叫或每小时写一个文件，其名称加在 OUT 的后缀之前。",
            "Overwrite files.": "覆盖已有文件。",
            "Show this many messages at most.": "最多显示 N 条消息。",
        }
    )
    # fmt: on

    def needs(self, what: str, extra: str) -> str:
        """What to install for an option, a format or a command."""
        return self.needs_extra.format(what, extra, how_to_get(extra))

    def skipped(self, reason: str) -> str:
        """A reason for skipping packets; the English one is its name."""
        if self.language == "en":
            return reason
        from ...capture.reasons import reason_of  # not every command reads captures

        row = reason_of(reason)
        return row.text_zh + reason.removeprefix(row.name)

    def wrong_usage(self, text: str) -> str:
        """A usage error of click, or of the command itself."""
        if self.language == "en":
            return text
        invalid = _INVALID.fullmatch(text)
        if invalid is not None:
            name = invalid[1] or invalid[2] or ""
            return f"{name} 的值无效：{_in_chinese(invalid[3], _MISUSES)}".lstrip()
        hinted = _HINTED.fullmatch(text)
        if hinted is not None:
            near = (hinted[2] or hinted[3]).replace("'", "")
            return _in_chinese(hinted[1], _MISUSES) + self.did_you_mean.format(near)
        return _in_chinese(text, _MISUSES)

    def reasons(self, counts: Mapping[str, int]) -> str:
        """Packets by their reason: ``16 tcp, 1 fragment``."""
        parts = [
            self.of_reason.format(f"{count:,}", self.skipped(reason))
            for reason, count in counts.items()
        ]
        return self.then_these.join(parts)

    def reason(self, error: Exception) -> str:
        """Why a file is unreadable, or the output unwritable."""
        text = str(error)
        if isinstance(error, OSError):
            text = error.strerror or text
            return text if self.language == "en" else _OS_ERRORS.get(error.errno or 0, text)
        return text if self.language == "en" else _in_chinese(text, _REASONS)


WORDS = {language: Words(language) for language in LANGUAGES}


def add_help(chinese: Mapping[str, str]) -> None:
    """Add the Chinese texts of the help of a command, by the English ones."""
    help_texts = vars(Words)["help"]
    assert isinstance(help_texts, Terms)
    help_texts.add(chinese)


_OS_ERRORS = {
    errno.ENOENT: "文件不存在",
    errno.EACCES: "没有读取权限",
    errno.EPERM: "没有权限",
    errno.EISDIR: "是文件夹",
    errno.ENOTDIR: "路径中有一级不是文件夹",
    errno.ENOSPC: "磁盘已满",
    errno.EIO: "输入输出错误",
    errno.ENAMETOOLONG: "文件名过长",
    errno.EMFILE: "打开的文件过多",
}


class _Reason(NamedTuple):
    """A text of `sipfast.capture.CaptureError`, or of an error of click."""

    pattern: str
    chinese: str


def _rows(*rows: tuple[str, str]) -> tuple[_Reason, ...]:
    return tuple(_Reason(*row) for row in rows)


_REASONS = _rows(
    ("the file is empty", "文件为空"),
    ("neither a file nor a pipe", "既不是文件也不是管道"),
    ("the file was replaced during its opening", "文件在打开期间被替换"),
    ("standard input is closed", "标准输入已关闭"),
    (r"truncated pcap file header \(byte ([0-9]+)\)", r"pcap 文件头不完整（字节 \1）"),
    (r"truncated pcapng section header \(byte ([0-9]+)\)", r"pcapng 段头不完整（字节 \1）"),
    (
        r"pcapng section header without a byte order \(byte ([0-9]+)\)",
        r"pcapng 段头缺少字节序（字节 \1）",
    ),
    (
        r"neither a capture nor SIP messages: it begins with (.*) \(byte 0\)",
        r"既不是抓包文件也不是 SIP 消息：开头为 \1",
    ),
    (
        r"truncated Network Monitor file header \(byte ([0-9]+)\)",
        r"Network Monitor 文件头不完整（字节 \1）",
    ),
    (r"truncated snoop file header \(byte ([0-9]+)\)", r"snoop 文件头不完整（字节 \1）"),
    (r"a file of (.+) 1; convert it with (\w+).*", r"是 \1 1 的文件，请用 \2 转换"),
    (r"compressed with (\w+), with a fault at its beginning", r"已用 \1 压缩，开头即有错误"),
    (r"compressed with (\w+), with nothing in it", r"已用 \1 压缩，内容为空"),
    (r"compressed with (\w+) by a factor of over a thousand", r"已用 \1 压缩，倍数超过一千"),
    (r"compressed with (\w+), which needs (.*) \(byte 0\)", r"已用 \1 压缩，需要 \2"),
    (r"compressed too often \(byte 0\)", r"压缩层数过多"),
    (
        r"neither a capture nor SIP messages: a file of (.+); convert it with (\w+).*",
        r"既不是抓包文件也不是 SIP 消息：是 \1 的文件，请用 \2 转换",
    ),
)

# The errors of click 8.1 to 8.5.
_MISUSES = _rows(
    (r"Missing command\.", "缺少命令"),
    (r"Missing argument '(.*?)'\..*", r"缺少参数 \1"),
    (r"Missing option '(.*?)'\..*", r"缺少选项 \1"),
    (r"No such command '(.*)'\.", r"没有命令“\1”"),
    (r"No such option:? '?(.*?)'?\.?", r"没有选项“\1”"),
    (r"Option '(.*)' requires an argument\.", r"选项 \1 需要一个值"),
    (r"Option '(.*)' does not take a value\.", r"选项 \1 不带值"),
    (r"Got unexpected extra arguments? \((.*)\)", r"多余的参数：\1"),
    (r"'(.*)' is not one of (.*)\.", r"“\1”不是 \2 之一"),
    (r"'(.*)' is not a valid integer(?: range)?\.", r"“\1”不是整数"),
    (r"(\S+) is not in the range x>=(\d+)\.", r"\1 小于 \2"),
)

_INVALID = re.compile(r"Invalid value(?: for (?:'(.*?)'|(.*?)))?: (.*)", re.DOTALL)
_HINTED = re.compile(
    r"(No such .*?) (?:Did you mean (.*)\?|\((?:Did you mean one of|Possible options): (.*?)\??\))",
    re.DOTALL,
)


def _in_chinese(text: str, rows: tuple[_Reason, ...]) -> str:
    for row in rows:
        match = re.fullmatch(row.pattern, text, re.DOTALL)  # compiled at its first use
        if match is not None:
            return match.expand(row.chinese)
    return text


CLASSES = {
    1: ("Provisional", "临时响应"),
    2: ("Success", "成功"),
    3: ("Redirection", "重定向"),
    4: ("Client error", "客户端错误"),
    5: ("Server error", "服务器错误"),
    6: ("Global failure", "全局失败"),
}
"""The classes of status codes by their first digit (RFC 3261 7.2)."""
