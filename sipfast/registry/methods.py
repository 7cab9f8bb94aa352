"""The registered SIP methods (IANA), each with its meaning and advice for its receiver.

Meaning and advice follow the RFC and section that each row names, in English and in Chinese.
"""

from __future__ import annotations

from typing import NamedTuple


class Method(NamedTuple):
    """One request method."""

    name: str  # upper case, as in the Request-Line
    en: str  # its meaning
    action: str  # advice for the receiver
    zh: str
    action_zh: str
    rfc: str  # RFC and section, such as "RFC 3261 15.1.2"


_REGISTERED = (
    Method(
        name="ACK",
        en="Confirms that the final response to an INVITE has arrived.",
        action=(
            "Never answer it and never challenge it. The ACK after a 2xx comes end to end: stop "
            "retransmitting the 2xx, and read the answer from the body if the 2xx made the offer. "
            "After any other final response the ACK belongs to the INVITE transaction and ends at "
            "this hop."
        ),
        zh="确认已收到对 INVITE 的最终响应。",
        action_zh=(
            "不得应答，也不得质询。2xx 之后的 ACK 是端到端的：停止重传 2xx；若提议在 2xx 中，"
            "则 ACK 的消息体就是应答。其他最终响应之后的 ACK 属于 INVITE 事务，止于本跳。"
        ),
        rfc="RFC 3261 13.2.2.4",
    ),
    Method(
        name="BYE",
        en="Ends a dialog and the session that goes with it.",
        action=(
            "Answer 200, stop sending and receiving media, and end the dialog; answer requests "
            "still pending in it with 487. If it fits no dialog, answer 481."
        ),
        zh="结束对话及其会话。",
        action_zh=(
            "应答 200，停止收发媒体并结束对话；对话中尚未完成的请求以 487 应答。"
            "若不匹配任何对话，则应答 481。"
        ),
        rfc="RFC 3261 15.1.2",
    ),
    Method(
        name="CANCEL",
        en="Asks to give up a pending request, in practice an INVITE not yet answered.",
        action=(
            "Find the transaction by its top Via. If there is one, answer the CANCEL with 200 and "
            "an INVITE without final response with 487; if there is none, answer 481. It goes hop "
            "by hop and is never challenged."
        ),
        zh="要求放弃尚未完成的请求，实际上即尚无最终响应的 INVITE。",
        action_zh=(
            "按最上面的 Via 查找事务。找到则以 200 应答 CANCEL，"
            "并对尚无最终响应的 INVITE 应答 487；找不到则应答 481。CANCEL 逐跳传送，不得质询。"
        ),
        rfc="RFC 3261 9.2",
    ),
    Method(
        name="INFO",
        en=(
            "Carries application data within a dialog, DTMF digits for example, and changes "
            "neither dialog nor session."
        ),
        action=(
            "If it names an Info Package, answer 200 where that was announced in Recv-Info, else "
            "469 with Recv-Info. Without Info-Package, as most DTMF is sent, judge the body: 200, "
            "or 415 if it is not understood. If it fits no dialog, answer 481."
        ),
        zh="在对话内传送应用数据（如 DTMF 按键），既不改变对话也不改变会话。",
        action_zh=(
            "若带有 Info-Package：已在 Recv-Info 中宣告的应答 200，否则应答 469 并带 Recv-Info。"
            "若没有 Info-Package（DTMF 多如此），则看消息体：应答 200，不能理解时应答 415。"
            "若不匹配任何对话，则应答 481。"
        ),
        rfc="RFC 6086 4.2.2",
    ),
    Method(
        name="INVITE",
        en="Invites to a session; within a dialog (re-INVITE) it changes the session.",
        action=(
            "Show progress with 1xx, then accept with 2xx, redirect with 3xx or reject with 4xx to "
            "6xx. Retransmit a 2xx until its ACK comes. Answer 491 while an own INVITE is pending "
            "in the dialog, and 500 with a Retry-After of 0 to 10 seconds while an earlier one "
            "from the peer is."
        ),
        zh="邀请加入会话；在对话内（re-INVITE）则用于更改会话。",
        action_zh=(
            "以 1xx 表示进展，然后以 2xx 接受、3xx 重定向，或以 4xx 至 6xx 拒绝。"
            "重传 2xx 直到收到 ACK。对话中己方 INVITE 未完成时应答 491；"
            "对端先前的 INVITE 未完成时应答 500，并带 0 至 10 秒的 Retry-After。"
        ),
        rfc="RFC 3261 13.3.1",
    ),
    Method(
        name="MESSAGE",
        en="Carries an instant message in its body. It creates no dialog.",
        action=(
            "Answer at once, without waiting for the user to read it: 200 if it was delivered, 202 "
            "if it is stored for later. The response has neither body nor Contact. Answer 415 to a "
            "body of a type not understood."
        ),
        zh="在消息体中携带即时消息，不建立对话。",
        action_zh=(
            "立即应答，不必等用户阅读：已送达应答 200，存储待发应答 202。响应不带消息体和 Contact。"
            "消息体类型无法理解时应答 415。"
        ),
        rfc="RFC 3428 7",
    ),
    Method(
        name="NOTIFY",
        en="Reports the state that a subscription asked for.",
        action=(
            "Find the subscription by dialog and Event. If there is one, answer 200 and take over "
            "the state; if not, answer 481. Subscription-State tells how long the subscription "
            "lasts; if terminated, its reason tells whether to subscribe again."
        ),
        zh="通报订阅所关注的状态。",
        action_zh=(
            "按对话和 Event 查找订阅。找到则应答 200 并采用其状态，找不到则应答 481。"
            "Subscription-State 给出订阅剩余时间；若为 terminated，其 reason 说明是否应重新订阅。"
        ),
        rfc="RFC 6665 4.1.3",
    ),
    Method(
        name="OPTIONS",
        en="Asks what a user agent or a server is capable of, without ringing.",
        action=(
            "Answer with the status that an INVITE would get (200 if ready, 486 if busy), and list "
            "Allow, Accept, Accept-Encoding, Accept-Language and Supported. Dialogs and sessions "
            "stay untouched."
        ),
        zh="查询用户代理或服务器的能力，不会振铃。",
        action_zh=(
            "按 INVITE 会得到的状态码应答（可接听为 200，忙为 486），并列出 Allow、Accept、"
            "Accept-Encoding、Accept-Language 和 Supported。对话和会话不受影响。"
        ),
        rfc="RFC 3261 11.2",
    ),
    Method(
        name="PRACK",
        en=(
            "Acknowledges a provisional response that was sent reliably (with RSeq and Require: "
            "100rel)."
        ),
        action=(
            "Find the provisional response that RAck names. If it is not yet acknowledged, answer "
            "200 and stop retransmitting it; if there is none, answer 481. An offer in the PRACK "
            "is answered in the 200."
        ),
        zh="确认以可靠方式发送的临时响应（带 RSeq 和 Require: 100rel）。",
        action_zh=(
            "按 RAck 查找临时响应。若尚未被确认，应答 200 并停止重传它；若没有，则应答 481。"
            "PRACK 中的提议在 200 中应答。"
        ),
        rfc="RFC 3262 3",
    ),
    Method(
        name="PUBLISH",
        en="Brings event state, such as presence, to the server that tells it to subscribers.",
        action=(
            "Answer 200 with a new SIP-ETag and Expires. Answer 489 to an event package not "
            "supported, 412 if SIP-If-Match names an unknown entity-tag, 423 with Min-Expires to a "
            "lifetime that is too short."
        ),
        zh="把事件状态（如呈现状态）发布到负责通知订阅者的服务器。",
        action_zh=(
            "应答 200，带新的 SIP-ETag 和 Expires。事件包不支持时应答 489；"
            "SIP-If-Match 的实体标签未知时应答 412；有效期过短时应答 423 并带 Min-Expires。"
        ),
        rfc="RFC 3903 6",
    ),
    Method(
        name="REFER",
        en="Asks the receiver to contact the URI in Refer-To, for example to transfer a call.",
        action=(
            "Answer 400 unless there is exactly one Refer-To. If the user or the policy agrees, "
            "answer 200, contact the URI, and report how it goes in NOTIFY requests with a "
            "message/sipfrag body; otherwise answer 603."
        ),
        zh="请求接收方联系 Refer-To 中的 URI，例如用于呼叫转接。",
        action_zh=(
            "Refer-To 不是恰好一个时应答 400。若用户或策略同意，应答 200，联系该 URI，"
            "并用带 message/sipfrag 消息体的 NOTIFY 通报进展；否则应答 603。"
        ),
        rfc="RFC 3515 2.4.2",
    ),
    Method(
        name="REGISTER",
        en="Binds the contacts of a user to the user's address-of-record (AOR) for a time.",
        action=(
            "Authenticate the user (401). Answer 403 if the user may not change the bindings, 404 "
            "for an unknown address-of-record, 423 with Min-Expires for too short a time. Apply "
            "all bindings or none, and list the current ones in a 200, each with its expires. "
            "Never answer 6xx."
        ),
        zh="在一段时间内把用户的联系地址绑定到其记录地址（AOR）。",
        action_zh=(
            "先认证用户（401）。无权更改绑定应答 403，记录地址未知应答 404，"
            "有效期过短应答 423 并带 Min-Expires。绑定要么全部生效要么全不生效，"
            "并在 200 中列出当前所有绑定及各自的 expires。不得应答 6xx。"
        ),
        rfc="RFC 3261 10.3",
    ),
    Method(
        name="SUBSCRIBE",
        en="Asks for the current state of a resource and for its changes over some time.",
        action=(
            "Answer 200 with an Expires no longer than was asked, then send a NOTIFY at once. "
            "Answer 489 with Allow-Events to an event package not supported, 423 with Min-Expires "
            "to a time that is too short. Expires: 0 ends the subscription, after one last NOTIFY."
        ),
        zh="订阅某资源的当前状态及其在一段时间内的变化。",
        action_zh=(
            "应答 200，Expires 不长于所请求的值，并立即发送 NOTIFY。"
            "事件包不支持时应答 489 并带 Allow-Events；时间过短时应答 423 并带 Min-Expires。"
            "Expires: 0 表示在最后一个 NOTIFY 之后结束订阅。"
        ),
        rfc="RFC 6665 4.2.1",
    ),
    Method(
        name="UPDATE",
        en=(
            "Changes the session of a dialog, also before the INVITE has its final response, and "
            "leaves the dialog as it is."
        ),
        action=(
            "Answer promptly: 200 with the answer, 488 if the offer is not acceptable, 504 if the "
            "user would have to be asked first. Answer 491 while an own offer is open, and 500 "
            "with a Retry-After of 0 to 10 seconds while an earlier offer of the peer is."
        ),
        zh="更改对话的会话参数，在 INVITE 得到最终响应之前也可使用，对话本身不变。",
        action_zh=(
            "迅速应答：以 200 带应答，提议不可接受时 488，须先询问用户时 504。己方提议未完成时应"
            "答 491；对端先前的提议未应答时应答 500，并带 0 至 10 秒的 Retry-After。"
        ),
        rfc="RFC 3311 5.2",
    ),
)

METHODS: dict[str, Method] = {row.name: row for row in _REGISTERED}
"""Every registered method, in alphabetical order."""


def method(name: str) -> Method | None:
    """Look up a method by its exact name (methods are case-sensitive, RFC 3261 7.1), or None."""
    return METHODS.get(name)
