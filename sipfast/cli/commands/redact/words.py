"""The texts of ``sipfast redact``."""

from __future__ import annotations

from ...screen.words import Count, Terms, Text, Words, add_help

__all__ = ["RedactWords"]


class RedactWords(Words):
    """The texts of one language."""

    # fmt: off
    formats = Text("{}: the suffix must be one of {}, or --format be given", "{}：后缀须为 {} 之一，或用 --format 指定")
    key_of_key = Text("the key file and {} are the same file", "密钥文件与 {} 是同一个文件")
    no_key = Text("{}: {}; --new-key makes one", "{}：{}；可用 --new-key 生成")
    bad_key = Text("{}: the key needs 16 to 4096 bytes, and no few repeated ones", "{}：密钥须为 16 至 4096 字节，且不能只是少数字节的重复")
    key_exists = Text("{} exists; without --new-key it is used", "{} 已存在；不加 --new-key 即使用该密钥")
    open_key = Text("{}: others can read the key; chmod 600 keeps them out", "{}：其他用户可读取该密钥；可用 chmod 600 禁止")
    bad_prefix = Text("--keep-prefix: {} is neither a number from 0 to 15 nor prefixes such as +44,+49", "--keep-prefix：{} 既不是 0 至 15 的数字，也不是 +44,+49 这样的前缀")
    bad_name = Text("--allow: {} is not the name of a header field", "--allow：{} 不是头字段的名称")
    bad_shift = Text("--shift-time: {} is not a time such as -90d, 36h, 10m or 5s", "--shift-time：{} 不是 -90d、36h、10m 或 5s 这样的时间")
    written = Count("{} message written", "{} messages written", "已写出 {} 条消息")
    dropped = Text("dropped: {}", "已丢弃：{}")
    removed = Text("header fields and bodies left out: {}", "已略去的头字段和消息体：{}")
    more_names = Text("{} others", "其他 {} 处")
    of_name = Text("{} ({})", "{}（{}）")
    of_bodies = Text("body", "消息体")
    drop_reason = Terms(
        {
            "cut message": "消息被截断",
            "malformed message": "消息格式错误",
            "unregistered method": "方法未登记",
            "unknown Request-URI": "无法理解的 Request-URI",
            "unknown mandatory field": "无法理解的必需头字段",
        }
    )
    # fmt: on


# fmt: off
add_help({
    "The formats of OUT are pcap, pcapng and sip. What is kept, replaced and dropped is in docs/redact.md.": "OUT 的格式为 pcap、pcapng 和 sip。保留、替换和丢弃的内容见 docs/redact.md。",
    "File with the key, at least 16 bytes.": "密钥文件，至少 16 字节。",
    "Make the key file.": "生成密钥文件。",
    "Leading digits of numbers that stay: how many, or which, such as +44,+49.": "号码中保留的开头数字：位数，或前缀，如 +44,+49。",
    "Keep an unknown header field, with a pseudonym. Repeatable.": "保留未知的头字段，其值以假名代替。可重复使用。",
    "Shift all times: -90d, 36h, 10m, 5s.": "平移所有时间：-90d、36h、10m、5s。",
    "Leave User-Agent and Server as they are.": "User-Agent 和 Server 保持原样。",
})
# fmt: on
