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
    # SIP, in a form that is not read.
    Reason(
        *("SIP over TCP", True),
        "TCP segment with SIP, or with any data from or to port 5060",
        "含 SIP 的 TCP 段，或端口 5060 上的任何 TCP 数据",
    ),
    Reason("SIP over TLS", True, "TLS from or to a SIP port", "SIP 端口上的 TLS"),
    Reason(
        "SIP over WebSocket", True, "WebSocket connection for SIP", "用于 SIP 的 WebSocket 连接"
    ),
    Reason(
        *("SIP over SCTP", True),
        "SCTP data with SIP, or from or to a SIP port",
        "含 SIP 的 SCTP 数据，或 SIP 端口上的 SCTP 数据",
    ),
    Reason("sigcomp", True, "SIP compressed with SigComp", "经 SigComp 压缩的 SIP"),
    Reason(
        *("fragment of SIP", True),
        "IP fragment of a datagram that is SIP, or whose beginning is missing",
        "SIP 数据报的 IP 分片，或缺少首个分片",
    ),
    # Packets within packets.
    Reason("pppoe", True, "IP in PPPoE", "PPPoE 中的 IP"),
    Reason("mpls", True, "MPLS", "MPLS"),
    Reason("pbb", True, "Ethernet in Ethernet (802.1ah)", "以太网中的以太网（802.1ah）"),
    Reason("macsec", True, "encrypted with MACsec", "经 MACsec 加密"),
    Reason("snap", True, "IP in LLC and SNAP", "LLC/SNAP 中的 IP"),
    Reason("IP in IP", True, "IP in IP", "IP 中的 IP"),
    Reason("gre", True, "GRE tunnel", "GRE 隧道"),
    Reason("esp", True, "encrypted with IPsec (ESP)", "经 IPsec 加密（ESP）"),
    Reason("ah", True, "authenticated with IPsec (AH)", "经 IPsec 认证（AH）"),
    Reason("ipcomp", True, "IP payload compression", "IP 载荷压缩"),
    Reason("etherip", True, "Ethernet in IP", "IP 中的以太网"),
    Reason("l2tp", True, "L2TP tunnel", "L2TP 隧道"),
    Reason("gtp-u", True, "GTP-U tunnel", "GTP-U 隧道"),
    Reason("vxlan", True, "VXLAN tunnel", "VXLAN 隧道"),
    Reason("geneve", True, "Geneve tunnel", "Geneve 隧道"),
    Reason("lisp", True, "LISP tunnel", "LISP 隧道"),
    Reason("teredo", True, "Teredo tunnel", "Teredo 隧道"),
    Reason("capwap", True, "CAPWAP tunnel", "CAPWAP 隧道"),
    Reason("tzsp", True, "packets sent by TZSP", "TZSP 转发的数据包"),
    Reason("hep", True, "messages sent by HEP", "HEP 转发的消息"),
    Reason("wireguard", True, "WireGuard tunnel", "WireGuard 隧道"),
    Reason("openvpn", True, "OpenVPN tunnel", "OpenVPN 隧道"),
    Reason("link type", True, "unsupported link type", "不支持的链路类型"),
    # Incomplete or malformed.
    Reason(
        *("truncated", True),
        "cut by the capture before it could be told from SIP",
        "抓包时被截断，无法判断是否为 SIP",
    ),
    Reason("truncated record", True, "end of the file within a record", "文件在记录中间结束"),
    Reason("malformed block", True, "malformed block of the file", "文件块格式错误"),
    Reason("unknown interface", True, "packet of an undescribed interface", "数据包的接口没有描述"),
    Reason("malformed IP", True, "malformed IP header", "IP 头格式错误"),
    Reason("malformed UDP", True, "malformed UDP header", "UDP 头格式错误"),
    # Without SIP.
    Reason("not SIP", False, "UDP datagram without SIP", "不含 SIP 的 UDP 数据报"),
    Reason("keep-alive", False, "keep-alive of an address binding", "地址绑定的保活包"),
    Reason("stun", False, "STUN", "STUN"),
    Reason("tcp", False, "TCP segment without SIP", "不含 SIP 的 TCP 段"),
    Reason("sctp", False, "SCTP packet without SIP", "不含 SIP 的 SCTP 包"),
    Reason("fragment", False, "IP fragment of a packet without SIP", "不含 SIP 的数据包的 IP 分片"),
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
