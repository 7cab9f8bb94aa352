"""Causes of the release of a call: the values of ITU-T Q.850, in ISUP and Reason."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CAUSES", "Cause", "cause_text"]


class Cause(NamedTuple):
    """One cause value."""

    value: int
    en: str  # its name
    zh: str


_DEFINED = (
    Cause(1, "Unallocated (unassigned) number", "空号（未分配的号码）"),
    Cause(2, "No route to specified transit network", "无到指定转接网的路由"),
    Cause(3, "No route to destination", "无到目的地的路由"),
    Cause(4, "Send special information tone", "发送特殊信息音"),
    Cause(5, "Misdialled trunk prefix", "误拨中继前缀"),
    Cause(6, "Channel unacceptable", "信道不可接受"),
    Cause(
        7,
        "Call awarded and being delivered in an established channel",
        "呼叫已接受，正在已建立的信道上传送",
    ),
    Cause(8, "Preemption", "被抢占"),
    Cause(9, "Preemption - circuit reserved for reuse", "被抢占，电路保留待再用"),
    Cause(13, "Call completed elsewhere", "呼叫已在别处完成"),
    Cause(14, "QoR: ported number", "QoR：携号转网号码"),
    Cause(16, "Normal call clearing", "正常释放"),
    Cause(17, "User busy", "用户忙"),
    Cause(18, "No user responding", "用户无响应"),
    Cause(19, "No answer from user (user alerted)", "用户无应答（已振铃）"),
    Cause(20, "Subscriber absent", "用户不在"),
    Cause(21, "Call rejected", "呼叫被拒绝"),
    Cause(22, "Number changed", "号码已变更"),
    Cause(23, "Redirection to new destination", "改发到新目的地"),
    Cause(24, "Call rejected due to feature at the destination", "因目的地的功能而拒绝呼叫"),
    Cause(25, "Exchange routing error", "交换局路由错误"),
    Cause(26, "Non-selected user clearing", "释放未被选中的用户"),
    Cause(27, "Destination out of order", "目的地故障"),
    Cause(28, "Invalid number format (address incomplete)", "号码格式无效（地址不全）"),
    Cause(29, "Facility rejected", "设施被拒绝"),
    Cause(30, "Response to STATUS ENQUIRY", "对状态查询的响应"),
    Cause(31, "Normal, unspecified", "正常，未指明"),
    Cause(34, "No circuit/channel available", "无可用的电路或信道"),
    Cause(38, "Network out of order", "网络故障"),
    Cause(39, "Permanent frame mode connection out of service", "永久帧模式连接中断"),
    Cause(40, "Permanent frame mode connection operational", "永久帧模式连接可用"),
    Cause(41, "Temporary failure", "临时故障"),
    Cause(42, "Switching equipment congestion", "交换设备拥塞"),
    Cause(43, "Access information discarded", "接入信息被丢弃"),
    Cause(44, "Requested circuit/channel not available", "请求的电路或信道不可用"),
    Cause(46, "Precedence call blocked", "优先呼叫被阻塞"),
    Cause(47, "Resource unavailable, unspecified", "资源不可用，未指明"),
    Cause(49, "Quality of service not available", "服务质量不可用"),
    Cause(50, "Requested facility not subscribed", "未预订所请求的设施"),
    Cause(53, "Outgoing calls barred within CUG", "闭合用户群内禁止呼出"),
    Cause(55, "Incoming calls barred within CUG", "闭合用户群内禁止呼入"),
    Cause(57, "Bearer capability not authorized", "承载能力未获授权"),
    Cause(58, "Bearer capability not presently available", "承载能力目前不可用"),
    Cause(
        62,
        "Inconsistency in designated outgoing access information and subscriber class",
        "指明的呼出接入信息与用户类别不一致",
    ),
    Cause(63, "Service or option not available, unspecified", "业务或选项不可用，未指明"),
    Cause(65, "Bearer capability not implemented", "承载能力未实现"),
    Cause(66, "Channel type not implemented", "信道类型未实现"),
    Cause(69, "Requested facility not implemented", "请求的设施未实现"),
    Cause(
        70,
        "Only restricted digital information bearer capability is available",
        "只能提供受限的数字信息承载能力",
    ),
    Cause(79, "Service or option not implemented, unspecified", "业务或选项未实现，未指明"),
    Cause(81, "Invalid call reference value", "无效的呼叫参考值"),
    Cause(82, "Identified channel does not exist", "所标识的信道不存在"),
    Cause(
        83,
        "A suspended call exists, but this call identity does not",
        "有挂起的呼叫，但呼叫标识不符",
    ),
    Cause(84, "Call identity in use", "呼叫标识已被使用"),
    Cause(85, "No call suspended", "没有挂起的呼叫"),
    Cause(
        86,
        "Call having the requested call identity has been cleared",
        "具有所请求呼叫标识的呼叫已清除",
    ),
    Cause(87, "User not member of CUG", "用户不是闭合用户群成员"),
    Cause(88, "Incompatible destination", "目的地不兼容"),
    Cause(90, "Non-existent CUG", "闭合用户群不存在"),
    Cause(91, "Invalid transit network selection", "转接网选择无效"),
    Cause(95, "Invalid message, unspecified", "无效消息，未指明"),
    Cause(96, "Mandatory information element is missing", "缺少必备信息单元"),
    Cause(97, "Message type non-existent or not implemented", "消息类型不存在或未实现"),
    Cause(
        98,
        "Message not compatible with call state or message type non-existent or not implemented",
        "消息与呼叫状态不符，或消息类型不存在或未实现",
    ),
    Cause(
        99,
        "Information element/parameter non-existent or not implemented",
        "信息单元或参数不存在或未实现",
    ),
    Cause(100, "Invalid information element contents", "信息单元内容无效"),
    Cause(101, "Message not compatible with call state", "消息与呼叫状态不符"),
    Cause(102, "Recovery on timer expiry", "定时器超时后恢复"),
    Cause(
        103, "Parameter non-existent or not implemented, passed on", "参数不存在或未实现，已转递"
    ),
    Cause(110, "Message with unrecognized parameter, discarded", "含无法识别参数的消息，已丢弃"),
    Cause(111, "Protocol error, unspecified", "协议错误，未指明"),
    Cause(127, "Interworking, unspecified", "互通，未指明"),
)

CAUSES: dict[int, Cause] = {row.value: row for row in _DEFINED}
"""Every cause value by its number, in ascending order."""


def cause_text(number: int, *, chinese: bool = False) -> str:
    """The name of a cause of Reason (RFC 3326 2); empty for an unknown number.

    Numbers below 128 are causes of Q.850, and those from 100 to 699 beyond them are status codes.
    """
    if number < 128:
        cause = CAUSES.get(number)
        return "" if cause is None else cause.zh if chinese else cause.en
    if number > 699:
        return ""
    from .status import status  # a large table

    row = status(number)
    return row.phrase_zh if chinese else row.phrase
