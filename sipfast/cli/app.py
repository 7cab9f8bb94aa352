"""The command line: commands, options, and exit codes."""

from __future__ import annotations

import click

from .. import __version__, engine, kernel
from .options import language_option
from .screen.console import Late, SipfastGroup
from .screen.words import Words

__all__ = ["COMMANDS", "sipfast"]

COMMANDS = {
    "browse": Late(
        "browse",
        "Browse the calls of FILES on the terminal: list, ladder, messages, differences, export.",
        "在终端中浏览各 FILE 里的呼叫：列表、时序图、消息、比较、导出。",
    ),
    "calls": Late(
        "calls",
        "List the calls in FILES, one per line: who called whom, the result, the delays.",
        "逐行列出各 FILE 中的呼叫：谁呼叫谁、结果、时延。",
    ),
    "check": Late(
        "check",
        "List the faults of each message in FILES, one per line; exit with 1 if there is any.",
        "逐行列出各 FILE 中每条消息的问题；有问题时退出码为 1。",
    ),
    "code": Late(
        "explain.code",
        "Explain a status CODE, such as 486.",
        "解释状态码 CODE，如 486。",
    ),
    "export": Late(
        "export",
        "Write the messages in FILES as a table (Parquet, CSV, ...) or as a capture.",
        "把各 FILE 中的消息写成表格（Parquet、CSV 等）或抓包文件。",
    ),
    "follow": Late(
        "follow",
        "Show the messages of growing files, pipes and HEP, and failed calls as they end.",
        "实时显示增长中的文件、管道或 HEP 中的消息，以及失败的呼叫。",
    ),
    "header": Late(
        "explain.header",
        "Explain a header field, such as Via, by its full or compact name.",
        "解释头字段，如 Via；全名或简写均可。",
    ),
    "ladder": Late(
        "ladder",
        "Draw the calls in FILES as ladders: their messages as arrows between hosts.",
        "把各 FILE 中的呼叫画成时序图：消息是主机之间的箭头。",
    ),
    "list": Late(
        "list",
        "List the messages in FILES, one per line, with their numbers for show.",
        "逐行列出各 FILE 中的消息及其编号，编号可用于 show。",
    ),
    "method": Late(
        "explain.method",
        "Explain a method, such as INFO.",
        "解释方法，如 INFO。",
    ),
    "redact": Late(
        "redact",
        "Write the messages of IN to OUT with pseudonyms in place of people, numbers and hosts.",
        "把 IN 中的消息写到 OUT，人名、号码和主机以假名代替。",
    ),
    "registrations": Late(
        "registrations",
        "List the registrations in FILES, one per line: who, from where, how long, refused why.",
        "逐行列出各 FILE 中的注册：谁、从何处、有效期、拒绝原因。",
    ),
    "show": Late(
        "show",
        "Show messages of FILE, with the meaning of each header field and marks at the faults.",
        "显示 FILE 中的消息，解释每个头字段，并标出有问题之处。",
    ),
    "sql": Late(
        "sql",
        "Query FILES with SQL: messages, transactions, calls, registrations, metrics.",
        "用 SQL 查询各 FILE；表为 messages、transactions、calls、registrations、metrics。",
    ),
    "stats": Late(
        "stats",
        "Count methods, responses, user agents, defects and unparsable messages in FILES.",
        "统计各 FILE 中的方法、响应、用户代理、缺陷和无法解析的消息。",
    ),
}
"""The commands, each imported when it is asked for."""


@click.group(
    cls=SipfastGroup,
    late=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="FILE is a path, or - for standard input. Exit codes: 0 success; 1 an unreadable file, "
    "a missing message, an unregistered name, a fault found by check; 2 wrong usage; 3 check did "
    "not read all SIP; 130 interrupted.",
)
@click.version_option(
    __version__, message=f"%(prog)s %(version)s, engine {engine}, kernel {kernel or 'none'}"
)
@language_option
def sipfast(words: Words) -> None:
    """Inspect SIP messages: captures (pcap, pcapng, HEP), logs, files of messages, live traffic."""
