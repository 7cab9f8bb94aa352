"""The registered SIP response codes (IANA), each with its meaning and advice for its receiver.

The codes and reason phrases are those of the registry "SIP Parameters, Response Codes". Meaning and
advice follow the RFC and section that each row names, in English and in Chinese.
"""

from __future__ import annotations

from typing import NamedTuple


class Status(NamedTuple):
    """One response code."""

    code: int  # 100 to 699
    phrase: str  # the registered reason phrase; that of a message may differ (RFC 3261 7.2)
    en: str  # its meaning
    action: str  # advice for the receiver
    zh: str
    action_zh: str
    phrase_zh: str
    rfc: str  # RFC and section, such as "RFC 3261 21.4.24"


_REGISTERED = (
    # 1xx, provisional: the request is in progress, the transaction goes on.
    Status(
        code=100,
        phrase="Trying",
        en=(
            "The next hop has the request and is working on it; nothing is known of the callee "
            "yet. Like any 1xx it is sent when the final response will take more than 200 ms."
        ),
        action=(
            "Provisional: stop retransmitting the INVITE and wait, the transaction goes on. A 100 "
            "is hop by hop: a proxy never forwards it."
        ),
        zh=(
            "下一跳已收到请求并正在处理，被叫的情况尚不可知。"
            "与任何 1xx 一样，预计超过 200 毫秒才能给出最终响应时发送。"
        ),
        action_zh=(
            "临时响应：停止重传 INVITE 并继续等待，事务仍在进行。100 只在逐跳之间有效，"
            "代理绝不转发。"
        ),
        phrase_zh="正在处理",
        rfc="RFC 3261 21.1.1",
    ),
    Status(
        code=180,
        phrase="Ringing",
        en="The callee's user agent is alerting the user.",
        action=(
            "Provisional: the transaction goes on. Local ringback may be played to the caller. A "
            "tag in To makes this an early dialog."
        ),
        zh="被叫的用户代理正在提醒用户。",
        action_zh="临时响应：事务仍在进行。可向主叫播放本地回铃音。To 中带 tag 时即建立早期对话。",
        phrase_zh="振铃",
        rfc="RFC 3261 21.1.2",
    ),
    Status(
        code=181,
        phrase="Call Is Being Forwarded",
        en="The call is being sent on to other destinations than the one that was called.",
        action=(
            "Provisional: keep waiting, the transaction goes on. The caller may be told of the "
            "diversion."
        ),
        zh="呼叫正被转往另外的目的地。",
        action_zh="临时响应：继续等待，事务仍在进行。可告知主叫呼叫已被前转。",
        phrase_zh="呼叫正在前转",
        rfc="RFC 3261 21.1.3",
    ),
    Status(
        code=182,
        phrase="Queued",
        en=(
            "The callee is not free at the moment, and the server queues the call rather than "
            "reject it. The reason phrase may say how many callers wait and for how long."
        ),
        action=(
            "Provisional: the transaction goes on. Show the reason phrase to the caller and wait; "
            "further 182 responses may update it, and a final response follows once the callee is "
            "free."
        ),
        zh=(
            "被叫暂时无法接听，服务器没有拒绝呼叫，而是让它排队。"
            "原因短语可说明有多少人在等待以及预计等待时间。"
        ),
        action_zh=(
            "临时响应：事务仍在进行。把原因短语展示给主叫并等待；后续的 182 会更新排队情况，"
            "被叫空闲后会收到最终响应。"
        ),
        phrase_zh="排队中",
        rfc="RFC 3261 21.1.4",
    ),
    Status(
        code=183,
        phrase="Session Progress",
        en=(
            "News of the call's progress for which no other 1xx fits. Details may be in the reason "
            "phrase, the header fields or the body, often a session description for early media."
        ),
        action=(
            "Provisional: the transaction goes on. A tag in To makes this an early dialog. Every "
            "1xx except 100 that is not recognised is handled as a 183."
        ),
        zh=(
            "其他 1xx 均不适用的呼叫进展信息，细节可在原因短语、头字段或消息体中，"
            "消息体常为早期媒体的会话描述。"
        ),
        action_zh=(
            "临时响应：事务仍在进行。To 中带 tag 时即建立早期对话。除 100 外，"
            "任何不认识的 1xx 都按 183 处理。"
        ),
        phrase_zh="会话进展",
        rfc="RFC 3261 21.1.5",
    ),
    Status(
        code=199,
        phrase="Early Dialog Terminated",
        en=(
            "One early dialog of a forked INVITE has ended, while the INVITE is still pending on "
            "other branches."
        ),
        action=(
            "Provisional: the transaction goes on. Release only what belongs to the early dialog "
            "that the To tag names, keep the others, and wait for the final response. Discard a "
            "199 that fits no early dialog."
        ),
        zh="被分叉的 INVITE 的某个早期对话已经结束，而其他分支上的 INVITE 仍在等待。",
        action_zh=(
            "临时响应：事务仍在进行。只释放 To tag 所指的早期对话的资源，"
            "保留其余对话并等待最终响应。找不到对应早期对话的 199 应丢弃。"
        ),
        phrase_zh="早期对话已终止",
        rfc="RFC 6228 4",
    ),
    # 2xx, success.
    Status(
        code=200,
        phrase="OK",
        en="The request succeeded. What comes with the response depends on the method.",
        action=(
            "To an INVITE: send an ACK for each 200, and again for each retransmission of it. "
            "Forking may bring several, each with its own dialog; end those not wanted with a BYE. "
            "To any other method nothing is sent back."
        ),
        zh="请求成功，响应所带的信息取决于请求方法。",
        action_zh=(
            "对 INVITE：每个 200 都要回 ACK，收到其重传时再回一次。分叉可能带来多个 200，"
            "各自成为一个对话，不需要的用 BYE 结束。其他方法无需再发任何消息。"
        ),
        phrase_zh="成功",
        rfc="RFC 3261 21.2.1",
    ),
    Status(
        code=202,
        phrase="Accepted",
        en=(
            "The request was accepted, its outcome is not known yet. Deprecated for SUBSCRIBE and "
            "REFER: a notification tells the outcome anyway, so nothing is gained over a 200. A "
            "MESSAGE that is stored and passed on later is still answered with it (RFC 3428 7)."
        ),
        action=(
            "Treat it exactly like a 200. The outcome of a SUBSCRIBE or REFER comes in a NOTIFY; a "
            "MESSAGE may not have arrived yet. Never answer SUBSCRIBE or NOTIFY with it."
        ),
        zh=(
            "请求已被接受，结果尚不可知。对 SUBSCRIBE 和 REFER 已弃用：结果总会由通知给出，"
            "并不比 200 多说明什么。先存储、后转交的 MESSAGE 仍用它应答（RFC 3428 7）。"
        ),
        action_zh=(
            "与 200 完全同样处理。SUBSCRIBE 或 REFER 的结果随后由 NOTIFY 给出；"
            "MESSAGE 可能尚未送达。不得用它应答 SUBSCRIBE 或 NOTIFY。"
        ),
        phrase_zh="已接受（已弃用）",
        rfc="RFC 6665 8.3.1",
    ),
    Status(
        code=204,
        phrase="No Notification",
        en=(
            "A SUBSCRIBE within a subscription succeeded. Its Suppress-If-Match names the current "
            "state, so no NOTIFY will follow."
        ),
        action=(
            "Take the subscription as refreshed and the state already held as current. Do not wait "
            "for a NOTIFY."
        ),
        zh=(
            "订阅对话内的 SUBSCRIBE 成功；其 Suppress-If-Match 与当前状态一致，"
            "因此不会再有 NOTIFY。"
        ),
        action_zh="视订阅为已刷新，已有状态仍为最新，不要等待 NOTIFY。",
        phrase_zh="无需通知",
        rfc="RFC 5839 7.1",
    ),
    # 3xx, redirection: the request should be tried elsewhere.
    Status(
        code=300,
        phrase="Multiple Choices",
        en="The address led to several places where the user may be reached.",
        action=(
            "Choose among the Contact URIs, by their q values or by asking the user, and send a "
            "new request to each one chosen. Never try the same URI twice."
        ),
        zh="该地址对应多个可联系到用户的位置。",
        action_zh=(
            "从 Contact 的各个 URI 中选择（按 q 值，或询问用户），向所选地址发新请求。"
            "同一 URI 不得尝试两次。"
        ),
        phrase_zh="多种选择",
        rfc="RFC 3261 21.3.1",
    ),
    Status(
        code=301,
        phrase="Moved Permanently",
        en="The user has left the address in the Request-URI for good.",
        action=(
            "Retry at the Contact address, and update address books and caches so that later "
            "requests go there at once."
        ),
        zh="用户已永久离开 Request-URI 中的地址。",
        action_zh="改用 Contact 中的地址重试，并更新通讯录和缓存，使以后的请求直接发往新地址。",
        phrase_zh="永久迁移",
        rfc="RFC 3261 21.3.2",
    ),
    Status(
        code=302,
        phrase="Moved Temporarily",
        en="The user can for now be reached at the addresses in Contact.",
        action=(
            "Retry with a Contact URI as Request-URI. It holds for the time in Expires, or in the "
            "Contact's expires parameter; if neither is given, for this call only, and it must not "
            "be cached. If a cached one fails, try the original URI once."
        ),
        zh="用户目前可通过 Contact 中的地址联系到。",
        action_zh=(
            "以 Contact 中的 URI 作为 Request-URI 重试。其有效期由 Expires 或 Contact 的 expires "
            "参数给出；二者都没有时仅对本次呼叫有效，不得缓存。缓存的地址失败时，可再试一次原 URI。"
        ),
        phrase_zh="临时迁移",
        rfc="RFC 3261 21.3.3",
    ),
    Status(
        code=305,
        phrase="Use Proxy",
        en=(
            "The callee must be reached through the proxy whose URI is in Contact. Only a UAS may "
            "send this response."
        ),
        action=(
            "Repeat this one request through that proxy. Do not use the proxy for other requests "
            "on the strength of a 305."
        ),
        zh="必须经由 Contact 中 URI 所指的代理才能联系被叫。此响应只能由 UAS 产生。",
        action_zh="经该代理重发这一个请求，不要因 305 就让其他请求也走该代理。",
        phrase_zh="使用代理",
        rfc="RFC 3261 21.3.4",
    ),
    Status(
        code=380,
        phrase="Alternative Service",
        en="The call failed, but other services could help; the body describes them.",
        action=(
            "Offer the services in the body to the user. RFC 3261 defines no format for it: a body "
            "that is not understood leaves a failed call."
        ),
        zh="呼叫未成功，但有其他服务可用，消息体对其作了描述。",
        action_zh=(
            "把消息体中的替代服务提供给用户。RFC 3261 未规定其格式，无法理解时按呼叫失败处理。"
        ),
        phrase_zh="替代服务",
        rfc="RFC 3261 21.3.5",
    ),
    # 4xx, request failure: this server refuses the request in this form (21.4).
    Status(
        code=400,
        phrase="Bad Request",
        en=(
            "The request could not be understood, its syntax is malformed. The reason phrase "
            "should name the fault, for example a mandatory header field that is missing."
        ),
        action=(
            "Correct the fault that the reason phrase names. As with any 4xx whose own rules do "
            "not say otherwise, do not retry the request unchanged at this server; another server "
            "may accept it."
        ),
        zh="请求语法有误，无法理解。原因短语应指明错误所在，例如缺少某个必需的头字段。",
        action_zh=(
            "按原因短语改正错误。凡自身规则未另作规定的 4xx，均不得原样向该服务器重发；"
            "别的服务器可能会接受。"
        ),
        phrase_zh="错误请求",
        rfc="RFC 3261 21.4.1",
    ),
    Status(
        code=401,
        phrase="Unauthorized",
        en="A user agent or a registrar wants the user to authenticate. (A proxy sends a 407.)",
        action=(
            "Answer the challenge in WWW-Authenticate with credentials in Authorization: a new "
            "request with the same Call-ID, From and To, CSeq one higher. Do not repeat "
            "credentials just rejected, unless the nonce was stale."
        ),
        zh="用户代理或注册服务器要求用户认证。（代理则发 407。）",
        action_zh=(
            "针对 WWW-Authenticate 中的质询，在 Authorization 中给出凭据：新请求沿用 Call-ID、"
            "From 和 To，CSeq 加一。刚被拒绝的凭据不得重用，除非只是 nonce 过期。"
        ),
        phrase_zh="未认证",
        rfc="RFC 3261 21.4.2",
    ),
    Status(
        code=402,
        phrase="Payment Required",
        en="Reserved for future use; RFC 3261 gives it no meaning beyond its name.",
        action="Handle it like a 400: do not retry unchanged, and tell the user.",
        zh="保留供将来使用，RFC 3261 除名称外未赋予其含义。",
        action_zh="按 400 处理：不得原样重试，并告知用户。",
        phrase_zh="需要付费",
        rfc="RFC 3261 21.4.3",
    ),
    Status(
        code=403,
        phrase="Forbidden",
        en="The server understood the request and refuses to fulfil it.",
        action="Do not repeat the request; credentials will not help.",
        zh="服务器理解请求，但拒绝执行。",
        action_zh="不要重发该请求，提供凭据也无济于事。",
        phrase_zh="禁止",
        rfc="RFC 3261 21.4.4",
    ),
    Status(
        code=404,
        phrase="Not Found",
        en=(
            "The server knows for certain that the user does not exist in the domain of the "
            "Request-URI, or it does not serve that domain."
        ),
        action="Check the address. Do not retry unchanged.",
        zh="服务器确知 Request-URI 所指域中没有该用户，或该域不归它管辖。",
        action_zh="检查地址，不得原样重试。",
        phrase_zh="用户不存在",
        rfc="RFC 3261 21.4.5",
    ),
    Status(
        code=405,
        phrase="Method Not Allowed",
        en="The server knows the method, but does not allow it for this address.",
        action="Use one of the methods in Allow, which the response always carries.",
        zh="服务器认识该方法，但不允许对此地址使用。",
        action_zh="改用 Allow 中列出的方法；该响应必带 Allow。",
        phrase_zh="方法不允许",
        rfc="RFC 3261 21.4.6",
    ),
    Status(
        code=406,
        phrase="Not Acceptable",
        en=(
            "The server could answer only with content that the request's Accept header field "
            "rules out."
        ),
        action="Widen the Accept header field and send the request again.",
        zh="服务器所能给出的应答内容都不在请求的 Accept 范围内。",
        action_zh="放宽 Accept 头字段后重发请求。",
        phrase_zh="应答内容不可接受",
        rfc="RFC 3261 21.4.7",
    ),
    Status(
        code=407,
        phrase="Proxy Authentication Required",
        en=(
            "A proxy on the path wants the client to authenticate first. (A registrar or user "
            "agent sends a 401.)"
        ),
        action=(
            "Answer the challenge in Proxy-Authenticate with credentials in Proxy-Authorization, "
            "CSeq one higher. A proxy that forked collects the challenges of all branches, of both "
            "kinds, into one response: answer each."
        ),
        zh="路径上的代理要求客户端先认证。（注册服务器或用户代理则发 401。）",
        action_zh=(
            "针对 Proxy-Authenticate 中的质询，在 Proxy-Authorization 中给出凭据，CSeq 加一。"
            "做过分叉的代理会把各分支的两类质询汇总到一个响应里，须逐一应答。"
        ),
        phrase_zh="需要代理认证",
        rfc="RFC 3261 21.4.8",
    ),
    Status(
        code=408,
        phrase="Request Timeout",
        en=(
            "No answer could be had in time, for example because the user was not located. A "
            "client transaction that times out counts as a 408."
        ),
        action=(
            "The request may be tried again later, unchanged. To a request within a dialog: "
            "terminate the dialog."
        ),
        zh="未能在规定时间内得到应答，例如来不及定位用户。客户端事务超时也视为 408。",
        action_zh="以后可原样重试。若是对话内的请求，则终止该对话。",
        phrase_zh="请求超时",
        rfc="RFC 3261 21.4.9",
    ),
    Status(
        code=410,
        phrase="Gone",
        en=(
            "The user is no longer at this server and no other address is known. This is taken to "
            "be permanent."
        ),
        action="Drop the address from address books and caches, and do not try it again.",
        zh="用户已不在此服务器，且没有已知的新地址；可视为永久如此。",
        action_zh="从通讯录和缓存中删除该地址，不要再试。",
        phrase_zh="已不存在",
        rfc="RFC 3261 21.4.10",
    ),
    Status(
        code=412,
        phrase="Conditional Request Failed",
        en=(
            "The precondition of the request does not hold: the entity-tag in the SIP-If-Match of "
            "a PUBLISH is not known, or no longer."
        ),
        action=(
            "Do not repeat the PUBLISH. Forget the entity-tag and publish the whole state anew, "
            "without SIP-If-Match."
        ),
        zh="请求的前提条件不成立：PUBLISH 的 SIP-If-Match 中的实体标签未知或已失效。",
        action_zh="不要重发该 PUBLISH。丢弃该实体标签，不带 SIP-If-Match 重新发布完整状态。",
        phrase_zh="条件请求失败",
        rfc="RFC 3903 11.2.1",
    ),
    Status(
        code=413,
        phrase="Request Entity Too Large",
        en="The body is larger than the server is willing or able to process.",
        action=(
            "Retry with a smaller body, or none. If there is a Retry-After, the refusal is "
            "temporary: the request may be tried again after that time."
        ),
        zh="消息体超出服务器愿意或能够处理的大小。",
        action_zh="缩小或去掉消息体后重试。若有 Retry-After，则拒绝是暂时的，过了该时间可再试。",
        phrase_zh="消息体过大",
        rfc="RFC 3261 21.4.11",
    ),
    Status(
        code=414,
        phrase="Request-URI Too Long",
        en="The Request-URI is longer than the server is willing to interpret.",
        action=(
            "Shorten the Request-URI, for example its parameters and embedded header fields, "
            "before trying again."
        ),
        zh="Request-URI 超过服务器愿意解析的长度。",
        action_zh="先缩短 Request-URI（如其参数和内嵌头字段）再试。",
        phrase_zh="Request-URI 过长",
        rfc="RFC 3261 21.4.12",
    ),
    Status(
        code=415,
        phrase="Unsupported Media Type",
        en=(
            "The server does not support the type, encoding or language of the body for this "
            "method."
        ),
        action=(
            "See Accept, Accept-Encoding and Accept-Language in the response, and send the request "
            "again with content that they list."
        ),
        zh="对于该方法，服务器不支持消息体的类型、编码或语言。",
        action_zh=(
            "查看响应中的 Accept、Accept-Encoding 和 Accept-Language，用其中列出的内容重发请求。"
        ),
        phrase_zh="不支持的媒体类型",
        rfc="RFC 3261 21.4.13",
    ),
    Status(
        code=416,
        phrase="Unsupported URI Scheme",
        en="The server does not know the scheme of the Request-URI.",
        action=(
            "Send the request again with a SIP URI. A proxy that had itself changed a SIP or SIPS "
            "URI into another scheme should try the SIP form of it."
        ),
        zh="服务器不认识 Request-URI 的方案（scheme）。",
        action_zh="改用 SIP URI 重发。若代理曾把 SIP 或 SIPS URI 换成其他方案，应改试其 SIP 形式。",
        phrase_zh="不支持的 URI 方案",
        rfc="RFC 3261 21.4.14",
    ),
    Status(
        code=417,
        phrase="Unknown Resource-Priority",
        en=(
            "The request requires the resource-priority extension, and the server knows none of "
            "the values in its Resource-Priority header field."
        ),
        action=(
            "Use a value from Accept-Resource-Priority, if the response has one, or send the "
            "request without requiring resource-priority."
        ),
        zh="请求要求 resource-priority 扩展，但其 Resource-Priority 中的值服务器一个也不认识。",
        action_zh=(
            "若响应带 Accept-Resource-Priority，则改用其中的值；"
            "否则重发时不再要求 resource-priority。"
        ),
        phrase_zh="未知的资源优先级",
        rfc="RFC 4412 4.6.2",
    ),
    Status(
        code=420,
        phrase="Bad Extension",
        en="Require or Proxy-Require lists an extension that the server does not understand.",
        action="Send the request again without the extensions listed in Unsupported.",
        zh="Require 或 Proxy-Require 中有服务器不理解的扩展。",
        action_zh="去掉 Unsupported 中列出的扩展后重发请求。",
        phrase_zh="扩展不支持",
        rfc="RFC 3261 21.4.15",
    ),
    Status(
        code=421,
        phrase="Extension Required",
        en="The server needs an extension that the request does not list in Supported.",
        action=(
            "See Require in the response. If those extensions are implemented, list them in "
            "Supported and send the request again; otherwise this server cannot be used."
        ),
        zh="处理该请求需要某个扩展，而请求的 Supported 中没有列出。",
        action_zh=(
            "查看响应中的 Require。若本端实现了这些扩展，则列入 Supported 后重发；"
            "否则无法使用该服务器。"
        ),
        phrase_zh="需要扩展",
        rfc="RFC 3261 21.4.16",
    ),
    Status(
        code=422,
        phrase="Session Interval Too Small",
        en="Session-Expires is below the minimum of a server on the path.",
        action=(
            "Send the request again with the largest Min-SE received, and with a Session-Expires "
            "that is no smaller. Same Call-ID, From and To, CSeq one higher."
        ),
        zh="Session-Expires 小于路径上某服务器的下限。",
        action_zh=(
            "重发请求，带上收到过的最大 Min-SE，且 Session-Expires 不小于它。"
            "Call-ID、From、To 不变，CSeq 加一。"
        ),
        phrase_zh="会话间隔过小",
        rfc="RFC 4028 6",
    ),
    Status(
        code=423,
        phrase="Interval Too Brief",
        en="The expiration time asked for, of a registration for example, is too short.",
        action="Send the request again with an expiration time no shorter than Min-Expires.",
        zh="所请求的有效期（如注册的有效期）太短。",
        action_zh="以不短于 Min-Expires 的有效期重发请求。",
        phrase_zh="有效期过短",
        rfc="RFC 3261 21.4.17",
    ),
    Status(
        code=424,
        phrase="Bad Location Information",
        en=(
            "The location in the request is malformed, does not serve the server's purpose, or its "
            "reference could not be followed."
        ),
        action="See Geolocation-Error for the cause, and correct the location before trying again.",
        zh="请求中的位置信息格式有误、不满足用途，或无法解引用。",
        action_zh="查看 Geolocation-Error 中的原因，更正位置信息后再试。",
        phrase_zh="位置信息有误",
        rfc="RFC 6442 4.3",
    ),
    Status(
        code=425,
        phrase="Bad Alert Message",
        en="A non-interactive emergency call carries an alert that is too faulty to act on.",
        action="See AlertMsg-Error for the cause, and correct the alert before sending it again.",
        zh="非交互式紧急呼叫所带的告警消息错误过多，无法据以处置。",
        action_zh="查看 AlertMsg-Error 中的原因，更正告警消息后重发。",
        phrase_zh="告警消息有误",
        rfc="RFC 8876 5.1",
    ),
    Status(
        code=428,
        phrase="Use Identity Header",
        en="The server accepts only requests with an Identity header field, and this one has none.",
        action=(
            "Send the request again through an authentication service that signs it and adds "
            "Identity."
        ),
        zh="服务器只接受带 Identity 头字段的请求，而该请求没有。",
        action_zh="经由认证服务重发，由其签名并加上 Identity。",
        phrase_zh="须使用 Identity 头字段",
        rfc="RFC 8224 6.2.2",
    ),
    Status(
        code=429,
        phrase="Provide Referrer Identity",
        en="The target of a referral wants proof of who made it: a valid Referred-By token.",
        action=(
            "The referee passes the 429 on to the referrer in a NOTIFY. The referrer may send the "
            "REFER again with a Referred-By token."
        ),
        zh="转介的目标要求证明转介者的身份，即有效的 Referred-By 令牌。",
        action_zh=(
            "被转介方通过 NOTIFY 把 429 告知转介方；转介方可带上 Referred-By 令牌重发 REFER。"
        ),
        phrase_zh="须提供转介者身份",
        rfc="RFC 3892 5",
    ),
    Status(
        code=430,
        phrase="Flow Failed",
        en=(
            "An edge proxy tells the authoritative proxy that one flow to a user agent instance "
            "has failed. Other flows to that instance may still work."
        ),
        action=(
            "Authoritative proxy: try the next flow registered for the same instance. An endpoint "
            "should never see a 430 and handles it like a 400."
        ),
        zh="边缘代理告知权威代理：到某个用户代理实例的一条流已失效，到该实例的其他流可能仍可用。",
        action_zh="权威代理：改试同一实例注册的下一条流。端点本不应收到 430，收到时按 400 处理。",
        phrase_zh="流失效",
        rfc="RFC 5626 11.5",
    ),
    Status(
        code=433,
        phrase="Anonymity Disallowed",
        en="The server refused the request because its sender is anonymous.",
        action=(
            "With the user's consent, send the request again without hiding the identity. Do not "
            "retry unchanged."
        ),
        zh="服务器因发送方匿名而拒绝请求。",
        action_zh="征得用户同意后，不隐藏身份重发请求；不得原样重试。",
        phrase_zh="不允许匿名",
        rfc="RFC 5079 5",
    ),
    Status(
        code=436,
        phrase="Bad Identity Info",
        en=(
            "The verification service could not acquire the credential that the info parameter of "
            "Identity points to."
        ),
        action=(
            "Make the credential available at the URI in the info parameter, then sign and send "
            "the request again."
        ),
        zh="验证服务无法取得 Identity 的 info 参数所指的凭据。",
        action_zh="确保 info 参数中的 URI 可取得凭据，然后重新签名并重发请求。",
        phrase_zh="身份信息有误",
        rfc="RFC 8224 6.2.2",
    ),
    Status(
        code=437,
        phrase="Unsupported Credential",
        en=(
            "The verification service has the signer's credential but does not support it: it does "
            "not trust the issuer, or lacks the algorithm."
        ),
        action=(
            "Sign with a credential whose issuer and algorithm the verification service supports."
        ),
        zh="验证服务已有签名者的凭据但不支持：不信任其颁发者，或不支持其算法。",
        action_zh="改用验证服务所信任的颁发者和所支持的算法的凭据签名。",
        phrase_zh="不支持的凭据",
        rfc="RFC 8224 6.2.2",
    ),
    Status(
        code=438,
        phrase="Invalid Identity Header",
        en="The signature in Identity does not verify.",
        action=(
            "The authentication service should sign again, in the full form of PASSporT if it had "
            "used the compact one, and retry no more than once."
        ),
        zh="Identity 中的签名验证失败。",
        action_zh=(
            "认证服务应重新签名；若原先用的是 PASSporT 精简形式，则改用完整形式，且最多重试一次。"
        ),
        phrase_zh="Identity 头字段无效",
        rfc="RFC 8224 6.2.2",
    ),
    Status(
        code=439,
        phrase="First Hop Lacks Outbound Support",
        en=(
            "The registrar supports the outbound extension, but the first proxy of the "
            "registration's path does not."
        ),
        action="Register again without the outbound extension, or through another first hop.",
        zh="注册服务器支持 outbound 扩展，但注册路径上的第一个代理不支持。",
        action_zh="不用 outbound 扩展重新注册，或换用别的第一跳。",
        phrase_zh="第一跳不支持 outbound",
        rfc="RFC 5626 11.6",
    ),
    Status(
        code=440,
        phrase="Max-Breadth Exceeded",
        en=(
            "To go on, the proxy would have to fork to more branches at once than Max-Breadth "
            "allows."
        ),
        action=(
            "Do not retry unchanged. Let fewer branches be tried at once, and look for a loop that "
            "multiplies the request."
        ),
        zh="若要继续，代理须同时分叉出多于 Max-Breadth 允许的分支。",
        action_zh="不得原样重试。减少同时尝试的分支，并检查是否有使请求倍增的环路。",
        phrase_zh="超出最大并行分叉数",
        rfc="RFC 5393 5.3.3",
    ),
    Status(
        code=469,
        phrase="Bad Info Package",
        en="An INFO names an Info Package that the receiver is not willing to receive.",
        action=(
            "See Recv-Info for the packages that it accepts, and send no others. The dialog goes "
            "on."
        ),
        zh="INFO 指明的 Info Package 不在接收方愿意接收之列。",
        action_zh="查看 Recv-Info 中可接收的包，不要再发其他包。对话继续。",
        phrase_zh="Info Package 有误",
        rfc="RFC 6086 4.2.2",
    ),
    Status(
        code=470,
        phrase="Consent Needed",
        en=(
            "A relay lacks permission to send to at least one URI in the request's list of "
            "recipients."
        ),
        action=(
            "See Permission-Missing for those URIs. Obtain permission for them, or leave them out, "
            "before sending again."
        ),
        zh="中继没有向请求的收件人列表中至少一个 URI 发送的许可。",
        action_zh="查看 Permission-Missing 中列出的 URI，取得其许可或将其去掉后再发。",
        phrase_zh="需要许可",
        rfc="RFC 5360 5.9.2",
    ),
    Status(
        code=480,
        phrase="Temporarily Unavailable",
        en=(
            "The callee's end system was reached, but the callee is not available now (not logged "
            "in, do not disturb), or the server has no current location for the user. The reason "
            "phrase should say why."
        ),
        action=(
            "Try again later, at the time in Retry-After if given. The user may be available "
            "elsewhere."
        ),
        zh=(
            "已联系到被叫的终端，但被叫目前不可用（未登录、免打扰等），"
            "或服务器没有该用户当前的位置。原因短语应说明原因。"
        ),
        action_zh="稍后再试，有 Retry-After 时以其为准。用户可能在别处可用。",
        phrase_zh="暂时不可用",
        rfc="RFC 3261 21.4.18",
    ),
    Status(
        code=481,
        phrase="Call/Transaction Does Not Exist",
        en=(
            "The request fits no dialog or transaction that the receiver knows; it may have "
            "restarted."
        ),
        action=(
            "Terminate the dialog, it is gone at the other end; start a new one if need be. After "
            "a CANCEL or BYE there is nothing left to do."
        ),
        zh="请求与接收方已知的任何对话或事务都不匹配，接收方可能重启过。",
        action_zh="对端已无此对话，应将其终止，必要时新建。对 CANCEL 或 BYE 则无须再做什么。",
        phrase_zh="呼叫或事务不存在",
        rfc="RFC 3261 21.4.19",
    ),
    Status(
        code=482,
        phrase="Loop Detected",
        en=(
            "A proxy recognised a request that it has handled before: it loops. From a UAS: the "
            "request arrived a second time by another path."
        ),
        action=(
            "Do not resend it as it is. Correct the routing or forwarding that brings the request "
            "back."
        ),
        zh=(
            "代理发现该请求自己已处理过，即出现环路。若由 UAS 发出，"
            "则表示同一请求经另一路径再次到达。"
        ),
        action_zh="不要原样重发，应更正使请求绕回的路由或前转设置。",
        phrase_zh="检测到环路",
        rfc="RFC 3261 21.4.20",
    ),
    Status(
        code=483,
        phrase="Too Many Hops",
        en="Max-Forwards reached zero before the request reached its target.",
        action=(
            "Look for a loop in the routing. Only if the path is really that long, send again with "
            "a larger Max-Forwards (70 is usual)."
        ),
        zh="请求到达目标之前 Max-Forwards 已减到零。",
        action_zh="检查路由是否成环；只有路径确实很长时，才加大 Max-Forwards（通常为 70）重发。",
        phrase_zh="跳数过多",
        rfc="RFC 3261 21.4.21",
    ),
    Status(
        code=484,
        phrase="Address Incomplete",
        en="The Request-URI is not complete. The reason phrase should say what is missing.",
        action=(
            "With overlap dialling: collect more digits and send them all in a new request, until "
            "the answer is no longer a 484. Otherwise ask the user for the complete number."
        ),
        zh="Request-URI 不完整，原因短语应说明缺少什么。",
        action_zh=(
            "重叠拨号时：收集更多号码，在新请求中发送全部号码，直到应答不再是 484。"
            "否则请用户给出完整号码。"
        ),
        phrase_zh="地址不完整",
        rfc="RFC 3261 21.4.22",
    ),
    Status(
        code=485,
        phrase="Ambiguous",
        en="The Request-URI fits more than one user.",
        action=(
            "Let the user choose among the addresses in Contact, if there are any. Never choose "
            "automatically, as may be done with a 3xx: these are different people."
        ),
        zh="Request-URI 对应不止一个用户。",
        action_zh="若有 Contact，由用户从中选择。不可像 3xx 那样自动选择，因为对应的是不同的人。",
        phrase_zh="地址不明确",
        rfc="RFC 3261 21.4.23",
    ),
    Status(
        code=486,
        phrase="Busy Here",
        en=(
            "The callee's end system was reached and takes no further call now. Unlike a 600, this "
            "says nothing about the callee's other devices."
        ),
        action=(
            "Try again later (see Retry-After) or elsewhere, such as voice mail. A proxy goes on "
            "with its other branches."
        ),
        zh="已联系到被叫的终端，但目前不接更多呼叫。与 600 不同，这不涉及被叫的其他终端。",
        action_zh="稍后再试（见 Retry-After），或改试别处，如语音信箱。代理继续其余分支。",
        phrase_zh="此处忙",
        rfc="RFC 3261 21.4.24",
    ),
    Status(
        code=487,
        phrase="Request Terminated",
        en="The request was ended by a CANCEL or a BYE, or it expired.",
        action=(
            "It answers the cancelled INVITE and never the CANCEL, which gets its own 200. "
            "Acknowledge it with an ACK; the call is over."
        ),
        zh="请求已被 CANCEL 或 BYE 终止，或已过期。",
        action_zh=(
            "它应答的是被取消的 INVITE，绝不是 CANCEL（CANCEL 另得 200）。"
            "以 ACK 确认，呼叫到此结束。"
        ),
        phrase_zh="请求已终止",
        rfc="RFC 3261 21.4.25",
    ),
    Status(
        code=488,
        phrase="Not Acceptable Here",
        en=(
            "The session described is not acceptable at this place. Unlike with a 606, the request "
            "may succeed elsewhere."
        ),
        action=(
            "See Warning and the body, which may list the media supported, and make another offer "
            "or try another place. After a re-INVITE the session stays as it was."
        ),
        zh="此处不能接受所描述的会话。与 606 不同，请求在别处可能成功。",
        action_zh=(
            "查看 Warning 和可能列出所支持媒体的消息体，改换提议或另试别处。"
            "若是 re-INVITE，会话保持原状。"
        ),
        phrase_zh="此处不可接受",
        rfc="RFC 3261 21.4.26",
    ),
    Status(
        code=489,
        phrase="Bad Event",
        en="The server does not understand the event package in Event.",
        action="See Allow-Events for the packages that it supports. Do not retry with this one.",
        zh="服务器不理解 Event 中的事件包。",
        action_zh="查看 Allow-Events 中所支持的事件包，不要再用此包重试。",
        phrase_zh="事件包有误",
        rfc="RFC 6665 8.3.2",
    ),
    Status(
        code=491,
        phrase="Request Pending",
        en=(
            "Glare: the request met another that is still pending in the same dialog, usually two "
            "re-INVITEs that crossed."
        ),
        action=(
            "Wait a random time, in steps of 10 ms: 2.1 to 4 seconds if this side generated the "
            "Call-ID, 0 to 2 seconds if not. Then send the re-INVITE once more if it is still "
            "wanted (14.1)."
        ),
        zh="冲突：同一对话中另有请求尚未完成，通常是双方的 re-INVITE 相遇。",
        action_zh=(
            "随机等待一段时间（以 10 毫秒为单位）：Call-ID 由本端生成时为 2.1 至 4 秒，"
            "否则为 0 至 2 秒；之后若仍需要，再发一次 re-INVITE（14.1）。"
        ),
        phrase_zh="有请求待处理",
        rfc="RFC 3261 21.4.27",
    ),
    Status(
        code=493,
        phrase="Undecipherable",
        en="The body is encrypted for a key that the recipient does not have or will not use.",
        action=(
            "Encrypt with the certificate in the response's body and send again. If there is none, "
            "the recipient takes no encrypted bodies."
        ),
        zh="消息体的加密密钥是接收方没有或不愿使用的。",
        action_zh="用响应消息体中的证书加密后重发；若没有证书，则接收方不接受加密的消息体。",
        phrase_zh="无法解密",
        rfc="RFC 3261 21.4.28",
    ),
    Status(
        code=494,
        phrase="Security Agreement Required",
        en="The server demands that a security mechanism be agreed on first.",
        action=(
            "Choose a mechanism from Security-Server and set it up. Send the request again over "
            "it, with that list copied into Security-Verify."
        ),
        zh="服务器要求先协商安全机制。",
        action_zh=(
            "从 Security-Server 中选一种机制并建立，然后经其重发请求，"
            "并把该列表原样放入 Security-Verify。"
        ),
        phrase_zh="需要安全协商",
        rfc="RFC 3329 2.3.1",
    ),
    # 5xx, server failure: the server has failed, not the request.
    Status(
        code=500,
        phrase="Server Internal Error",
        en="The server met an unexpected condition and could not fulfil the request.",
        action=(
            "Show the error to the user. The request may be retried after several seconds, or "
            "after the time in Retry-After if given."
        ),
        zh="服务器遇到意外情况，未能完成请求。",
        action_zh="向用户显示错误。可在数秒后重试；有 Retry-After 时以其为准。",
        phrase_zh="服务器内部错误",
        rfc="RFC 3261 21.5.1",
    ),
    Status(
        code=501,
        phrase="Not Implemented",
        en=(
            "The server does not support what the request needs, usually its method, for any user. "
            "(A 405 concerns one address.)"
        ),
        action="Do not use this method with this server; OPTIONS tells what it supports.",
        zh="服务器对任何用户都不支持该请求所需的功能，通常是其方法。（405 只针对某个地址。）",
        action_zh="不要再对该服务器使用此方法；可用 OPTIONS 查询其能力。",
        phrase_zh="未实现",
        rfc="RFC 3261 21.5.2",
    ),
    Status(
        code=502,
        phrase="Bad Gateway",
        en="A gateway or proxy received an invalid response from the next server downstream.",
        action="Try another route, or later. The fault lies behind the server that answered.",
        zh="网关或代理从下游服务器收到了无效响应。",
        action_zh="换一条路由或稍后再试；故障在应答者的下游。",
        phrase_zh="网关错误",
        rfc="RFC 3261 21.5.3",
    ),
    Status(
        code=503,
        phrase="Service Unavailable",
        en=(
            "The server is overloaded or under maintenance for now. A fatal transport error counts "
            "as a 503."
        ),
        action=(
            "Try an alternate server, and send this one nothing else for the time in Retry-After. "
            "Without Retry-After act as on a 500. A proxy does not forward a 503 unless it can "
            "serve no request at all; it sends a 500 instead."
        ),
        zh="服务器暂时过载或正在维护。致命的传输错误也视为 503。",
        action_zh=(
            "改试备用服务器，在 Retry-After 所给时间内不向该服务器发送其他请求。没有 Retry-After "
            "时按 500 处理。除非自己任何请求都无法服务，代理不转发 503，而改发 500。"
        ),
        phrase_zh="服务不可用",
        rfc="RFC 3261 21.5.4",
    ),
    Status(
        code=504,
        phrase="Server Time-out",
        en=(
            "Another server, which this one needed in order to process the request, did not answer "
            "in time."
        ),
        action=(
            "Try again later or through another server. The fault lies behind the server that "
            "answered."
        ),
        zh="该服务器处理请求时所访问的另一服务器未及时应答。",
        action_zh="稍后再试，或换用别的服务器；故障在应答者的后方。",
        phrase_zh="服务器超时",
        rfc="RFC 3261 21.5.5",
    ),
    Status(
        code=505,
        phrase="Version Not Supported",
        en="The server does not support the SIP version of the request.",
        action="Send the request with a version that the server speaks, in practice SIP/2.0.",
        zh="服务器不支持请求的 SIP 版本。",
        action_zh="改用服务器支持的版本重发，实际上即 SIP/2.0。",
        phrase_zh="版本不支持",
        rfc="RFC 3261 21.5.6",
    ),
    Status(
        code=513,
        phrase="Message Too Large",
        en=(
            "The message as a whole is longer than the server can process. (A 413 concerns the "
            "body.)"
        ),
        action=(
            "Make the message shorter, with fewer or compact header fields or a smaller body, "
            "before trying again."
        ),
        zh="整个消息的长度超出服务器的处理能力。（413 只针对消息体。）",
        action_zh="减少头字段、使用紧凑形式或缩小消息体，把消息缩短后再试。",
        phrase_zh="消息过大",
        rfc="RFC 3261 21.5.7",
    ),
    Status(
        code=555,
        phrase="Push Notification Service Not Supported",
        en="The server does not support the push notification service that pn-provider names.",
        action=(
            "Do not register with this pn-provider again. Use a service that the network "
            "announces, or register without push notifications."
        ),
        zh="服务器不支持 pn-provider 指明的推送通知服务。",
        action_zh="不要再用该 pn-provider 注册；改用网络宣告的推送服务，或不带推送通知注册。",
        phrase_zh="不支持该推送通知服务",
        rfc="RFC 8599 8.1",
    ),
    Status(
        code=580,
        phrase="Precondition Failure",
        en=(
            "The callee cannot or will not meet a precondition of the offer, such as a reserved "
            "quality of service."
        ),
        action=(
            "See the session description in the body for the precondition that failed. Offer again "
            "without it, or give up the call."
        ),
        zh="被叫不能或不愿满足提议中的前提条件，例如服务质量预留。",
        action_zh="查看消息体的会话描述中未满足的前提条件；去掉该条件重新提议，或放弃呼叫。",
        phrase_zh="前提条件未满足",
        rfc="RFC 3312 8",
    ),
    # 6xx, global failure: no other place will do better, so the search ends (16.7).
    Status(
        code=600,
        phrase="Busy Everywhere",
        en=(
            "The callee was reached, is busy and does not wish to take the call; no other device, "
            "not even voice mail, will answer. (A 486 leaves those open.)"
        ),
        action=(
            "End the search: a proxy cancels its pending branches and starts no new ones. The "
            "caller may try again later, see Retry-After."
        ),
        zh=(
            "已联系到被叫，被叫忙且不愿接听；其他任何终端包括语音信箱也不会应答。"
            "（486 则不排除其他终端。）"
        ),
        action_zh=(
            "结束搜寻：代理取消未完成的分支，且不再新建分支。主叫可稍后再试，见 Retry-After。"
        ),
        phrase_zh="处处忙",
        rfc="RFC 3261 21.6.1",
    ),
    Status(
        code=603,
        phrase="Decline",
        en=(
            "The callee was reached and explicitly does not wish to take part, or cannot; no other "
            "device will answer."
        ),
        action=(
            "End the search: a proxy cancels its pending branches and starts no new ones. "
            "Retry-After may give a better time to call."
        ),
        zh="已联系到被叫，被叫明确表示不愿或不能参与；其他终端也不会应答。",
        action_zh=(
            "结束搜寻：代理取消未完成的分支，且不再新建分支。Retry-After 可能给出更合适的呼叫时间。"
        ),
        phrase_zh="拒绝",
        rfc="RFC 3261 21.6.2",
    ),
    Status(
        code=604,
        phrase="Does Not Exist Anywhere",
        en=(
            "The server knows with authority that the user of the Request-URI does not exist "
            "anywhere."
        ),
        action=(
            "End the search: a proxy cancels its pending branches and starts no new ones. Correct "
            "the address; it will not work anywhere else."
        ),
        zh="服务器有权威信息表明 Request-URI 所指用户在任何地方都不存在。",
        action_zh=(
            "结束搜寻：代理取消未完成的分支，且不再新建分支。应更正地址，换到别处也不会成功。"
        ),
        phrase_zh="用户在任何地方都不存在",
        rfc="RFC 3261 21.6.3",
    ),
    Status(
        code=606,
        phrase="Not Acceptable",
        en=(
            "The callee would talk, but cannot support the session described (media, bandwidth, "
            "addressing), and no other device will do better. (A 488 leaves those open.)"
        ),
        action=(
            "End the search: a proxy cancels its pending branches and starts no new ones. The "
            "caller may make another offer: see Warning and the body, which may list the media "
            "supported."
        ),
        zh=(
            "被叫愿意通话，但不能支持所描述的会话（媒体、带宽或地址类型），其他终端也一样。"
            "（488 则不排除其他终端。）"
        ),
        action_zh=(
            "结束搜寻：代理取消未完成的分支，且不再新建分支。主叫可改换提议："
            "参见 Warning 和可能列出所支持媒体的消息体。"
        ),
        phrase_zh="不可接受",
        rfc="RFC 3261 21.6.4",
    ),
    Status(
        code=607,
        phrase="Unwanted",
        en=(
            "The called party does not want this call or message, and probably none like it from "
            "this caller. The judgement is the callee's own."
        ),
        action=(
            "End the search and do not call again. Servers on the path may use it to handle later "
            "calls of this caller."
        ),
        zh="被叫不想要此呼叫或消息，今后来自该主叫的同类呼叫多半也不想要。这是被叫本人的判断。",
        action_zh="结束搜寻，不要再呼叫。路径上的服务器可据此处理该主叫以后的呼叫。",
        phrase_zh="不受欢迎",
        rfc="RFC 8197 4",
    ),
    Status(
        code=608,
        phrase="Rejected",
        en=(
            "An intermediary, such as a call analytics engine, rejected the call; it never reached "
            "the callee."
        ),
        action=(
            "End the search; another attempt will likely fail too. A caller blocked in error finds "
            "in Call-Info whom to contact; verify the signature of that data before using it."
        ),
        zh="呼叫被中间实体（如呼叫分析引擎）拒绝，并未到达被叫。",
        action_zh=(
            "结束搜寻，再试多半同样失败。被误拦的主叫可从 Call-Info 得知应联系谁；"
            "使用该数据前须验证其签名。"
        ),
        phrase_zh="呼叫被拦截",
        rfc="RFC 8688 3",
    ),
)

STATUSES: dict[int, Status] = {row.code: row for row in _REGISTERED}
"""Every registered response code, in ascending order."""


def status(code: int) -> Status:
    """The row of a response code; an unregistered one gets that of the code it is treated as.

    By RFC 3261 8.1.3.2 that is 183 for a provisional response and the x00 of its class for a final
    one. Such a row has the given ``code``, and its phrase and meaning name the other one.

    Raises ValueError for a ``code`` outside 100 to 699.
    """
    registered = STATUSES.get(code)
    if registered is not None:
        return registered
    if not 100 <= code <= 699:
        raise ValueError(f"{code} is not a SIP response code (100 to 699)")
    like = STATUSES[183 if code < 200 else code // 100 * 100]
    return like._replace(
        code=code,
        phrase=f"Not registered, treated as {like.code} {like.phrase}",
        en=f"This code is not registered; its receiver treats it as {like.code}: {like.en}",
        zh=f"此状态码未登记，接收方按 {like.code} 处理：{like.zh}",
        phrase_zh=f"未登记，按 {like.code} {like.phrase_zh}处理",
        rfc="RFC 3261 8.1.3.2",
    )
