"""The reasons for skipping a packet, one row each.

`is_unread` says whether such a packet may have held SIP: the protocol carries it, or the packet is
incomplete. A capture with such packets has not been read in full.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

__all__ = ["REASONS", "Reason", "reason_of", "unread_of"]


class Reason(NamedTuple):
    """A reason: its name in `Capture.skipped`, and its meaning in English and Chinese.

    Numbered reasons, such as "link type 105", share the row of the name without the number.
    """

    name: str
    is_unread: bool
    text: str
    text_zh: str


_ROWS = (
    # SIP that is not read, or not in full.
    Reason(
        *("SIP over TCP", True),
        "bytes of a SIP connection over TCP without the beginning of their message",
        "SIP 的 TCP 连接中缺少消息开头的字节",
    ),
    Reason(
        *("lost segment", True),
        "gap in a SIP connection over TCP: segments that were not captured",
        "SIP 的 TCP 连接中有未抓到的段",
    ),
    Reason("SIP over TLS", True, "TLS from or to a SIP port", "SIP 端口上的 TLS"),
    Reason(
        *("SIP over WebSocket", True),
        "WebSocket for SIP whose frames cannot be read",
        "用于 SIP 的 WebSocket，其帧无法读取",
    ),
    Reason(
        *("SIP over SCTP", True),
        "SCTP data of SIP without the rest of its message",
        "SIP 的 SCTP 数据，消息不完整",
    ),
    Reason("sigcomp", True, "SIP compressed with SigComp", "经 SigComp 压缩的 SIP"),
    Reason(
        *("fragment of SIP", True),
        "IP fragment of a datagram that may be SIP, of which others are missing",
        "可能为 SIP 的数据报的 IP 分片，其余分片缺失",
    ),
    Reason(
        *("overlapping fragment", True),
        "IP fragment with other bytes than those before it, which are kept",
        "与先到的分片重叠且内容不同的 IP 分片",
    ),
    # Packets within packets that are not read.
    Reason("macsec", True, "encrypted with MACsec", "经 MACsec 加密"),
    Reason("wifi", True, "encrypted wireless frame", "加密的无线帧"),
    Reason("IP in IP", True, "IP in IP in a rare form", "少见形式的 IP 中的 IP"),
    Reason("gre", True, "GRE tunnel in a rare form", "少见形式的 GRE 隧道"),
    Reason("esp", True, "encrypted with IPsec (ESP)", "经 IPsec 加密（ESP）"),
    Reason("ipcomp", True, "IP payload compression", "IP 载荷压缩"),
    Reason("l2tp", True, "L2TP version 3", "L2TP 第 3 版"),
    Reason("vxlan", True, "VXLAN with another protocol", "承载其他协议的 VXLAN"),
    Reason("capwap", True, "CAPWAP tunnel", "CAPWAP 隧道"),
    Reason("tzsp", True, "packets sent by TZSP, of another link", "TZSP 转发的其他链路的数据包"),
    Reason("wireguard", True, "WireGuard tunnel", "WireGuard 隧道"),
    Reason("openvpn", True, "OpenVPN tunnel", "OpenVPN 隧道"),
    Reason("nested too deep", True, "packets within packets, too many", "嵌套层数过多的数据包"),
    Reason("link type", True, "unsupported link type", "不支持的链路类型"),
    # Incomplete or malformed.
    Reason(
        *("truncated", True),
        "cut by the capture before it could be told from SIP",
        "抓包时被截断，无法判断是否为 SIP",
    ),
    Reason("truncated record", True, "end of the file within a record", "文件在记录中间结束"),
    Reason(
        *("file shrank", True),
        "rest of a file that lost its end while it was read, or of which the disk failed",
        "读取期间文件被截短，或磁盘出错，其余部分未读取",
    ),
    Reason("malformed block", True, "malformed block of the file", "文件块格式错误"),
    Reason("unknown interface", True, "packet of an undescribed interface", "数据包的接口没有描述"),
    Reason("malformed IP", True, "malformed IP header", "IP 头格式错误"),
    Reason("malformed UDP", True, "malformed UDP header", "UDP 头格式错误"),
    Reason("malformed HEP", True, "malformed HEP packet", "HEP 数据包格式错误"),
    Reason(
        *("truncated compression", True),
        "end of the file within its compressed content",
        "文件在压缩内容中间结束",
    ),
    Reason(
        *("malformed compression", True),
        "compressed content with a fault, up to which it is read",
        "压缩内容有错误，仅读取到错误处",
    ),
    Reason(
        *("unreadable file", True),
        "one of several sources of a scan, which cannot be opened",
        "扫描的多个来源中无法打开的一个",
    ),
    Reason("no message", True, "log line without its message", "日志中没有消息的消息头行"),
    Reason(
        *("no header line", True),
        "message in a log without a known header line above it",
        "日志中上方没有已知消息头行的消息",
    ),
    # Without SIP.
    Reason("not SIP", False, "UDP datagram without SIP", "不含 SIP 的 UDP 数据报"),
    Reason("keep-alive", False, "keep-alive of an address binding", "地址绑定的保活包"),
    Reason("stun", False, "STUN", "STUN"),
    Reason("rtp", False, "RTP", "RTP"),
    Reason("rtcp", False, "RTCP", "RTCP"),
    Reason("tcp", False, "TCP segment without SIP", "不含 SIP 的 TCP 段"),
    Reason("repeated segment", False, "TCP segment that came before", "重复的 TCP 段"),
    Reason("sctp", False, "SCTP packet without SIP", "不含 SIP 的 SCTP 包"),
    Reason("repeated chunk", False, "SCTP data that came before", "重复的 SCTP 数据"),
    Reason("fragment", False, "IP fragment of a packet without SIP", "不含 SIP 的数据包的 IP 分片"),
    Reason("repeated fragment", False, "IP fragment that came before", "重复的 IP 分片"),
    Reason("icmp", False, "ICMP", "ICMP"),
    Reason("icmpv6", False, "ICMPv6", "ICMPv6"),
    Reason("igmp", False, "IGMP", "IGMP"),
    Reason("arp", False, "ARP", "ARP"),
    Reason("not IP", False, "other protocol than IP", "IP 以外的协议"),
    Reason("IP protocol", False, "other protocol over IP", "IP 上的其他协议"),
)

#: Every reason by name, those that may have held SIP first.
REASONS = {reason.name: reason for reason in _ROWS}


def reason_of(name: str) -> Reason:
    """The row of a reason, numbered or not."""
    return REASONS.get(name) or REASONS[name.rpartition(" ")[0]]


def unread_of(skipped: Counter[str]) -> Counter[str]:
    """The packets among `skipped` that may have held SIP."""
    return Counter({name: count for name, count in skipped.items() if reason_of(name).is_unread})
