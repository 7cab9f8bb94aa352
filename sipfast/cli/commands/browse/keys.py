"""The keys of the browser: one table, which the bindings, the help, the docs and the tests read."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["KEYS", "PLACES", "Key", "keys_of"]


class Key(NamedTuple):
    """What keys do in one place; their names are those of Textual."""

    place: str
    keys: tuple[str, ...]
    action: str
    en: str
    zh: str
    foot: tuple[str, str] | None = None
    """The short name for the line at the foot of the screen, if it is there."""
    sngrep: bool = True
    """Whether sngrep has the same keys for it."""

    @property
    def shown(self) -> str:
        """The keys as people write them: ``F2, s``."""
        return ", ".join(_NAMES.get(key) or _named(key) for key in self.keys)


_NAMES = {
    "slash": "/",
    "question_mark": "?",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "escape": "Esc",
}


def _named(key: str) -> str:
    *modifiers, last = key.split("+")
    name = last if len(last) == 1 else last.capitalize()
    return "-".join([*map(str.capitalize, modifiers), name.upper() if modifiers else name])


PLACES = {
    "lines": ("In every list", "所有列表"),
    "list": ("List of calls", "呼叫列表"),
    "flow": ("Ladder of the calls", "呼叫时序图"),
    "page": ("Messages, differences, summary, help", "消息、比较、汇总、帮助"),
}
"""The places of keys, with their names in English and Chinese."""

# fmt: off
KEYS = (
    Key("lines", ("up", "k"), "up", "One line up", "上一行", sngrep=False),
    Key("lines", ("down", "j"), "down", "One line down", "下一行", sngrep=False),
    Key("lines", ("pageup", "ctrl+b"), "page_up", "One page up", "上一页"),
    Key("lines", ("pagedown", "ctrl+f"), "page_down", "One page down", "下一页"),
    Key("lines", ("ctrl+u",), "half_up", "Half a page up", "上半页"),
    Key("lines", ("ctrl+d",), "half_down", "Half a page down", "下半页"),
    Key("lines", ("home", "ctrl+a"), "first", "The first line", "第一行"),
    Key("lines", ("end", "ctrl+e"), "last", "The last line", "最后一行"),

    Key("list", ("escape", "q"), "leave", "Take the filter away; without one, quit", "取消过滤；无过滤时退出", ("Quit", "退出")),
    Key("list", ("enter",), "flow", "Ladder of the marked calls, or of the current one", "所标记呼叫（或当前呼叫）的时序图", ("Show", "查看")),
    Key("list", ("space",), "mark", "Mark the call, or take its mark away", "标记或取消标记呼叫", ("Mark", "标记")),
    Key("list", ("f1", "h", "question_mark"), "help", "This help", "本帮助", ("Help", "帮助")),
    Key("list", ("f2", "s"), "save", "Save calls as a capture, as text, or as a ladder", "把呼叫保存为抓包文件、文本或时序图", ("Save", "保存")),
    Key("list", ("f3", "slash", "tab"), "filter", "Filter as you type", "边输入边过滤", ("Filter", "过滤")),
    Key("list", ("f4", "x"), "extended", "Ladder with the other legs of the call", "含该呼叫其他分支的时序图", ("Extended", "扩展")),
    Key("list", ("f5", "ctrl+l"), "clear", "Clear marks and filters", "清除标记和过滤", ("Clear", "清除")),
    Key("list", ("f6", "r"), "raw", "Messages of the marked calls, or of the current one", "所标记呼叫（或当前呼叫）的消息", ("Messages", "消息")),
    Key("list", ("f7", "f"), "condition", "Filter by a condition, such as status >= 500", "按条件过滤，如 status >= 500", ("Condition", "条件")),
    Key("list", ("f8", "o"), "settings", "Settings: colours, times, language", "设置：颜色、时间、语言", ("Settings", "设置")),
    Key("list", ("f10", "t"), "columns", "Choose the columns", "选择列", ("Columns", "列")),
    Key("list", ("i",), "calls", "Calls only, or other dialogs too", "只列呼叫，或也列其他会话"),
    Key("list", ("less_than_sign",), "sort_left", "Sort by the column to the left", "按左边一列排序"),
    Key("list", ("greater_than_sign",), "sort_right", "Sort by the column to the right", "按右边一列排序"),
    Key("list", ("z",), "sort_turn", "Turn the order round", "反转排序"),
    Key("list", ("a",), "mark_all", "Mark all calls shown, or none", "标记所列全部呼叫，或全不标记", sngrep=False),
    Key("list", ("m",), "summary", "Summary of the capture", "抓包汇总", sngrep=False),

    Key("flow", ("escape", "q"), "leave", "Back to the list", "返回列表", ("Back", "返回")),
    Key("flow", ("enter",), "raw", "The message on the whole screen", "全屏显示消息", ("Message", "消息")),
    Key("flow", ("space",), "mark", "Mark a message; the second one shows their difference", "标记消息；标记第二条即比较两者", ("Compare", "比较")),
    Key("flow", ("f1", "h", "question_mark"), "help", "This help", "本帮助", ("Help", "帮助")),
    Key("flow", ("f2", "d"), "sdp", "Addresses and codecs of the media at each arrow", "在每个箭头处显示媒体地址和编码", ("SDP", "SDP")),
    Key("flow", ("f4", "x"), "extended", "With the other legs of the call, or without", "是否含该呼叫的其他分支", ("Extended", "扩展")),
    Key("flow", ("f5", "f9", "s"), "compress", "A line for each address, or for each address and port", "每个地址一条线，或每个地址和端口一条线", ("Compressed", "压缩")),
    Key("flow", ("f6", "r"), "messages", "All messages of the calls", "呼叫的全部消息", ("All", "全部")),
    Key("flow", ("f7", "c"), "colours", "Colour by request and response, by Call-ID, or by CSeq", "按请求与响应、Call-ID 或 CSeq 着色", ("Colour", "颜色")),
    Key("flow", ("f8", "o"), "settings", "Settings: colours, times, language", "设置：颜色、时间、语言", ("Settings", "设置")),
    Key("flow", ("t",), "preview", "Show the message beside the ladder, or not", "是否在流程旁显示消息"),
    Key("flow", ("9",), "wider", "More room for the message", "扩大消息区域"),
    Key("flow", ("0",), "narrower", "Less room for the message", "缩小消息区域"),
    Key("flow", ("T",), "reset", "The usual room for the message", "恢复消息区域"),
    Key("flow", ("D",), "only_sdp", "Only messages with SDP, or all", "只显示带 SDP 的消息，或全部"),
    Key("flow", ("w",), "save", "Save the calls as a capture, as text, or as a ladder", "把呼叫保存为抓包文件、文本或时序图", sngrep=False),

    Key("page", ("escape", "q"), "leave", "Back", "返回", ("Back", "返回")),
    Key("page", ("f1", "h", "question_mark"), "help", "This help", "本帮助", ("Help", "帮助")),
    Key("page", ("f2", "s"), "save", "Save the calls whose messages are shown", "保存所显示消息的呼叫", ("Save", "保存")),
)
# fmt: on
"""Every key, in the order of the help."""


def keys_of(place: str) -> tuple[Key, ...]:
    """The keys of one place."""
    return tuple([key for key in KEYS if key.place == place])
