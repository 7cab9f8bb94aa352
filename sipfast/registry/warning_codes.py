"""The registered warn-codes (IANA) of the Warning header field (RFC 3261 20.43, 27.2)."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["WARNINGS", "WarningCode"]


class WarningCode(NamedTuple):
    """One warn-code."""

    code: int
    en: str  # its meaning
    zh: str
    rfc: str


_REGISTERED = (
    WarningCode(300, "Incompatible network protocol", "网络协议不兼容", "RFC 3261 20.43"),
    WarningCode(
        301, "Incompatible network address formats", "网络地址格式不兼容", "RFC 3261 20.43"
    ),
    WarningCode(302, "Incompatible transport protocol", "传输协议不兼容", "RFC 3261 20.43"),
    WarningCode(303, "Incompatible bandwidth units", "带宽单位不兼容", "RFC 3261 20.43"),
    WarningCode(304, "Media type not available", "媒体类型不可用", "RFC 3261 20.43"),
    WarningCode(305, "Incompatible media format", "媒体格式不兼容", "RFC 3261 20.43"),
    WarningCode(306, "Attribute not understood", "媒体属性无法理解", "RFC 3261 20.43"),
    WarningCode(
        307,
        "Session description parameter not understood",
        "会话描述参数无法理解",
        "RFC 3261 20.43",
    ),
    WarningCode(308, "Incompatible language specification", "语言要求不兼容", "RFC 8373"),
    WarningCode(330, "Multicast not available", "组播不可用", "RFC 3261 20.43"),
    WarningCode(331, "Unicast not available", "单播不可用", "RFC 3261 20.43"),
    WarningCode(370, "Insufficient bandwidth", "带宽不足", "RFC 3261 20.43"),
    WarningCode(380, "SIPS not allowed", "不允许使用 SIPS", "RFC 5630"),
    WarningCode(381, "SIPS required", "必须使用 SIPS", "RFC 5630"),
    WarningCode(399, "Miscellaneous warning", "其他警告", "RFC 3261 20.43"),
)

WARNINGS: dict[int, WarningCode] = {row.code: row for row in _REGISTERED}
"""Every registered warn-code, in ascending order."""
