"""The texts of ``sipfast ladder``."""

from __future__ import annotations

from ...screen.words import Text, Words, add_help

__all__ = ["LadderWords"]


class LadderWords(Words):
    """The texts of one language."""

    # fmt: off
    no_call = Text("no message with a Call-ID matches", "没有符合条件且带 Call-ID 的消息")
    several = Text("{} calls match: name one by its Call-ID, or draw all in one with --together", "符合条件的呼叫有 {} 个：请用 Call-ID 指定一个，或用 --together 画在同一张图中")
    many = Text("more than {}", "{} 以上")
    more = Text("only the first {} calls are drawn; --limit draws more", "只画出前 {} 个呼叫；可用 --limit 增加")
    no_format = Text("{}: unknown format; choose one with --format: {}", "{}：未知格式；请用 --format 选择：{}")
    # fmt: on


add_help(
    {
        "CALL-ID names the call, and may have * for any characters. Without it, the other options "
        "choose the calls that have such a message; without these, FILES have one call, or their "
        "first ones are listed.": (
            "CALL-ID 指定呼叫，其中 * 代表任意字符。不写 CALL-ID 时，由其他选项选出含有此类消息的呼叫；"
            "选项也没有时，各 FILE 中应只有一个呼叫，否则列出最前面的几个。"
        ),
        "Format; by default, that of the suffix of OUT, or text.": (
            "格式；默认由 OUT 的后缀决定，否则为 text。"
        ),
        "File to write; - for standard output.": "写入的文件；- 表示标准输出。",
        "Width of text in characters; by default, that of the terminal.": (
            "文本的宽度（字符数）；默认为终端宽度。"
        ),
        "Draw all chosen calls in one ladder.": "把选出的呼叫都画在同一张图中。",
        "Add the legs of the call: those with the same value of this column, mostly header:NAME, "
        "or with the other's Call-ID in it.": (
            "加上该呼叫的其他分支：此列（多为 header:NAME）的值相同，或其值为对方的 Call-ID。"
        ),
        "One host for each address, or for each port of it; by default, an address whose ports talk "
        "to each other has several.": (
            "每个地址一个主机，或每个端口一个；默认仅当同一地址的端口互相通信时才分开。"
        ),
        "Colours of SVG; auto follows the reader's theme.": "SVG 的配色；auto 跟随读者的主题。",
        "Draw this many calls at most.": "最多画出的呼叫数。",
        "Overwrite OUT.": "覆盖 OUT。",
    }
)
