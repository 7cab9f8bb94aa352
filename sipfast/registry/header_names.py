"""SIP header fields: every registered one, in one table.

The fields are those of the IANA registry of SIP header fields, and two common unregistered ones:
Diversion and Remote-Party-ID. Lookups at run time, the C tables of the tokenizer and the
explanations all come from here.
"""

from __future__ import annotations

from typing import NamedTuple


class HeaderName(NamedTuple):
    """A header field.

    name: the spelling of the specification, such as "Call-ID".
    compact: the one-letter form of RFC 3261 7.3.3, in lower case, or "".
    comma_list: one field may carry several values, separated by commas (RFC 3261 7.3.1).
    repeats: the field may appear more than once in a message.
    rfc: the section that defines it, such as "RFC 3261 20.42".
    en, zh: its meaning, in English and in Chinese.
    may_be_empty: its grammar allows a field without a value, such as "Supported:".
    """

    name: str
    compact: str
    comma_list: bool
    repeats: bool
    rfc: str
    en: str
    zh: str
    may_be_empty: bool = False


# RFC 3261 7.3.1 lets a field repeat if, and only if, it is a comma list. It exempts the four fields
# with challenges and credentials, which repeat although their commas separate parameters; RFC 8224
# adds Identity, which has no commas. The parameters of Authentication-Info are a comma list and
# one value. The compact form of the deprecated Identity-Info is that of RFC 4474.
#
# A header's id is its position plus one. The most common fields come first and have the smallest
# ids, so that the data per id of a usual message lie close together.

# fmt: off
HEADER_NAMES: tuple[HeaderName, ...] = (
    HeaderName("Via", "v", True, True, "RFC 3261 20.42",
        "The path of the request so far: one value for each hop, newest first, with transport, "
        "sender and branch. The response returns along it; the branch identifies the "
        "transaction.",
        "请求走过的路径：每一跳一个值，最新的在最前，含传输协议、发送方地址和 branch。"
        "响应沿原路返回，branch 标识事务。"),
    HeaderName("From", "f", False, False, "RFC 3261 20.20",
        "The logical originator of the request, with the tag that the originator chose. It "
        "identifies a party and takes no part in routing.",
        "请求的逻辑发起方，带有发起方生成的 tag。它标识身份，不参与路由。"),
    HeaderName("To", "t", False, False, "RFC 3261 20.39",
        "The logical recipient of the request. The recipient adds a tag in its response; Call-ID "
        "and the two tags together identify the dialog.",
        "请求的逻辑接收方。接收方在响应中加入 tag；Call-ID 与两个 tag 共同标识对话。"),
    HeaderName("Call-ID", "i", False, False, "RFC 3261 20.8",
        "A globally unique identifier shared by all messages of one dialog, or by all "
        "registrations of one client. It is compared byte by byte, case included.",
        "全局唯一的标识，同一对话的所有消息、同一客户端的所有注册共用一个值。逐字节比较，"
        "区分大小写。"),
    HeaderName("CSeq", "", False, False, "RFC 3261 20.16",
        "A sequence number and the method of the request. It orders the requests of a dialog, "
        "tells new requests from retransmissions and matches responses to requests.",
        "序号加请求方法。用于给对话内的请求排序、区分新请求与重传，并把响应与请求对应起来。"),
    HeaderName("Max-Forwards", "", False, False, "RFC 3261 20.22",
        "How many more hops the request may take. Every proxy subtracts one; a request that "
        "arrives with zero is refused with 483, which stops loops.",
        "请求还能经过的跳数。每个代理减一；收到时已为零的请求以 483 拒绝，从而终止环路。"),
    HeaderName("Contact", "m", True, True, "RFC 3261 20.10",
        "Where the sender can be reached directly: the target of later requests in the dialog, "
        "the binding in a REGISTER, or the alternatives in a 3xx. A lone asterisk in a REGISTER "
        "removes all bindings.",
        "可直接到达发送方的地址：对话中后续请求的目标、REGISTER 中的绑定，或 3xx 给出的备选地址。"
        "REGISTER 中单独的星号表示删除全部绑定。"),
    HeaderName("Content-Length", "l", False, False, "RFC 3261 20.14",
        "The size of the body in bytes. It ends the message on TCP and other streams, where it "
        "is mandatory; on UDP, bytes beyond it are dropped.",
        "消息体的字节数。在 TCP 等流式传输上必须携带，用来界定消息结尾；在 UDP 上，"
        "超出的字节被丢弃。"),
    HeaderName("Content-Type", "c", False, False, "RFC 3261 20.15",
        "The media type of the body, such as application/sdp. Mandatory whenever the body is not "
        "empty.",
        "消息体的媒体类型，例如 application/sdp。消息体非空时必须携带。"),
    HeaderName("Route", "", True, True, "RFC 3261 20.34",
        "The proxies that the request must still visit, in order. Each one removes its own entry "
        "before it forwards the request.",
        "请求还必须依次经过的代理。每个代理在转发前删去属于自己的一项。"),
    HeaderName("Record-Route", "", True, True, "RFC 3261 20.30",
        "Added by a proxy that wants to stay on the path of later requests in the dialog. The "
        "user agents build their route set from it.",
        "由希望留在对话后续请求路径上的代理加入。用户代理据此建立路由集。"),
    HeaderName("Expires", "", False, False, "RFC 3261 20.19",
        "How long the message or its content stays valid, in seconds: the lifetime of a "
        "registration or subscription, or the time limit for answering an INVITE.",
        "消息或其内容的有效期，单位为秒：注册或订阅的时长，或 INVITE 等待应答的时限。"),
    HeaderName("User-Agent", "", False, False, "RFC 3261 20.41",
        "Product names and versions of the software that sent the request. For information only; "
        "it also tells an attacker which version runs.",
        "发送请求的软件的名称与版本。仅供参考，但也会让攻击者得知所用版本。"),
    HeaderName("Server", "", False, False, "RFC 3261 20.35",
        "Product names and versions of the software with which the server handled the request. "
        "For information only, as with User-Agent.",
        "服务器处理请求所用软件的名称与版本。与 User-Agent 一样仅供参考。"),
    HeaderName("Allow", "", True, True, "RFC 3261 20.5",
        "The methods that the sender supports. A 405 response must carry it; its absence says "
        "nothing about what is supported.",
        "发送方支持的方法。405 响应必须携带；未携带并不说明支持与否。",
        may_be_empty=True),
    HeaderName("Supported", "k", True, True, "RFC 3261 20.37",
        "The extensions, as option tags, that the sender understands. An empty value means that "
        "it supports none.",
        "发送方支持的扩展，以选项标签表示。空值表示不支持任何扩展。",
        may_be_empty=True),
    HeaderName("Require", "", True, True, "RFC 3261 20.32",
        "The extensions that the recipient must support to process the message. A server that "
        "lacks one answers 420 and names it in Unsupported.",
        "接收方处理该消息必须支持的扩展。服务器若不支持其中某项，"
        "以 420 响应并在 Unsupported 中列出。"),
    HeaderName("Authorization", "", False, True, "RFC 3261 20.7",
        "Credentials of a user agent, in answer to the challenge of a 401 response. Several of "
        "them are separate fields, never joined by commas.",
        "用户代理的凭据，用于回答 401 响应中的质询。有多个时各占一个头字段，不得用逗号合并。"),
    HeaderName("WWW-Authenticate", "", False, True, "RFC 3261 20.44",
        "The challenge of a user agent server or registrar in a 401 response: scheme, realm, "
        "nonce, algorithm. Several challenges are separate fields, never joined by commas.",
        "用户代理或注册服务器在 401 响应中的质询：认证方案、realm、nonce 和算法。"
        "有多个质询时各占一个头字段，不得用逗号合并。"),
    HeaderName("Proxy-Authorization", "", False, True, "RFC 3261 20.28",
        "Credentials for a proxy, in answer to the challenge of its 407 response; the realm "
        "tells which proxy. Several of them are separate fields, never joined by commas.",
        "提交给代理的凭据，用于回答其 407 响应中的质询，realm 指明对应的代理。"
        "有多个时各占一个头字段，不得用逗号合并。"),
    HeaderName("Proxy-Authenticate", "", False, True, "RFC 3261 20.27",
        "The challenge of a proxy in a 407 response: scheme, realm, nonce, algorithm. Several "
        "challenges are separate fields, never joined by commas.",
        "代理在 407 响应中的质询：认证方案、realm、nonce 和算法。有多个质询时各占一个头字段，"
        "不得用逗号合并。"),
    HeaderName("Event", "o", False, False, "RFC 6665 8.2.1",
        "The event package that a SUBSCRIBE, NOTIFY or PUBLISH is about, such as presence, "
        "dialog or message-summary. An id parameter tells several subscriptions in one dialog "
        "apart.",
        "SUBSCRIBE、NOTIFY 或 PUBLISH 所针对的事件包，例如 presence、dialog、message-summary。"
        "id 参数用于区分同一对话内的多个订阅。"),
    HeaderName("Subscription-State", "", False, False, "RFC 6665 8.2.3",
        "The state of the subscription in a NOTIFY: active, pending or terminated, with the "
        "seconds left or the reason for the end.",
        "NOTIFY 中的订阅状态：active、pending 或 terminated，并给出剩余秒数或终止原因。"),
    HeaderName("Accept", "", True, True, "RFC 3261 20.1",
        "The media types that the sender can process in a body. Without the field, "
        "application/sdp is assumed.",
        "发送方能够处理的消息体媒体类型。未携带时视为 application/sdp。",
        may_be_empty=True),
    HeaderName("Date", "", False, False, "RFC 3261 20.17",
        "When the message was first sent, always in GMT. A device without a clock can set its "
        "time from it.",
        "消息首次发送的时间，一律使用 GMT。没有时钟的设备可以据此校时。"),
    HeaderName("P-Asserted-Identity", "", True, True, "RFC 3325 9.1",
        "The identity of the sender as verified by a trusted network: at most one SIP or SIPS "
        "URI and one tel URI. If the user asks for privacy, it must not leave the trust domain.",
        "经可信网络验证的发送方身份：SIP 或 SIPS URI、tel URI 各至多一个。用户要求隐私时，"
        "不得传出信任域。"),
    HeaderName("Session-Expires", "x", False, False, "RFC 4028 4",
        "The session timer: after how many seconds the session ends unless a re-INVITE or UPDATE "
        "refreshes it, and which side refreshes.",
        "会话定时器：若没有 re-INVITE 或 UPDATE 刷新，会话在多少秒后结束，以及由哪一方负责刷新。"),
    HeaderName("Min-SE", "", False, False, "RFC 4028 5",
        "The shortest session interval, in seconds, that the sender or a proxy on the path "
        "accepts. A 422 response tells it to the client.",
        "发送方或途经代理可接受的最短会话间隔，单位为秒。422 响应用它告知客户端。"),
    HeaderName("Allow-Events", "u", True, True, "RFC 6665 8.2.2",
        "The event packages that the sender supports. A 489 response lists here what could have "
        "been asked for.",
        "发送方支持的事件包。489 响应在此列出可用的事件包。"),
    HeaderName("Reason", "", True, True, "RFC 3326 2",
        "Why the message was sent: a protocol such as SIP or Q.850, a cause code and a text. "
        "Typical in BYE and CANCEL.",
        "发送该消息的原因：协议（如 SIP、Q.850）、原因码和说明文字。常见于 BYE 和 CANCEL。"),
    # The other fields, by name.
    HeaderName("Accept-Contact", "a", True, True, "RFC 3841 9.2",
        "A preference of the caller: the features that a contact of the callee should have to "
        "receive the request. Proxies rank the contacts by it, or drop them where it says "
        "require.",
        "主叫偏好：被叫的联系地址应具备哪些特性才适合接收该请求。代理据此排序；"
        "带 require 时则剔除不符合者。"),
    HeaderName("Accept-Encoding", "", True, True, "RFC 3261 20.2",
        "The content codings, such as gzip, that the sender can decode in a body. Without the "
        "field, only uncoded bodies are assumed.",
        "发送方能够解码的消息体内容编码，例如 gzip。未携带时视为只接受未编码的消息体。",
        may_be_empty=True),
    HeaderName("Accept-Language", "", True, True, "RFC 3261 20.3",
        "The natural languages that the sender prefers for reason phrases, session descriptions "
        "and status texts in bodies.",
        "发送方在原因短语、会话描述和消息体状态文字中偏好的自然语言。",
        may_be_empty=True),
    HeaderName("Accept-Resource-Priority", "", True, True, "RFC 4412 3.2",
        "The values of Resource-Priority that the sender of the response is willing to process. "
        "Sent with a 417 response, among others.",
        "响应的发送方愿意处理的 Resource-Priority 取值。417 等响应会携带。",
        may_be_empty=True),
    HeaderName("Additional-Identity", "", False, False, "3GPP TS 24.229 7.2.20",
        "IMS multi-identity service: another identity of the user, namely the one to call with "
        "or the one that was called.",
        "IMS 多身份业务：用户的另一个身份，即呼出时要使用的身份，或来电所呼叫的身份。"),
    HeaderName("Alert-Info", "", True, True, "RFC 3261 20.4",
        "A URI of an alternative ring tone for the callee in an INVITE, or of a ringback tone "
        "for the caller in a 180 response.",
        "在 INVITE 中为被叫指定其他振铃音的 URI；在 180 响应中为主叫指定回铃音的 URI。"),
    HeaderName("AlertMsg-Error", "", False, False, "RFC 8876 5.2",
        "Why the alert in the body of a non-interactive emergency call could not be processed, "
        "as an error code. Sent with a 425 response.",
        "以错误码说明非交互式紧急呼叫消息体中的告警为何无法处理。随 425 响应发送。"),
    HeaderName("Answer-Mode", "", False, False, "RFC 5373 3",
        "Whether the caller asks the called device to answer at once by itself (Auto) or to wait "
        "for its user (Manual), as in push-to-talk.",
        "主叫要求被叫设备立即自动应答（Auto），还是等待用户应答（Manual），例如用于一键通。"),
    HeaderName("Attestation-Info", "", False, False, "3GPP TS 24.229 7.2.18",
        "IMS: how far the originating network vouches for the calling number, in the levels of "
        "SHAKEN: A (full), B (partial) or C (gateway).",
        "IMS：始发网络对主叫号码的担保程度，采用 SHAKEN 等级：A（完全）、B（部分）或 C（网关）。"),
    HeaderName("Authentication-Info", "", True, True, "RFC 3261 20.6",
        "After a successful digest authentication: the next nonce, and proof that the server "
        "knows the secret too. Its commas separate the parameters of one single value.",
        "摘要认证成功后返回：下一个 nonce，以及服务器同样知晓密钥的证明。"
        "其中的逗号只分隔同一个值的各个参数。"),
    HeaderName("Call-Info", "", True, True, "RFC 3261 20.9",
        "More about the caller or callee, by URI: a picture, a web page, a business card or "
        "another purpose.",
        "以 URI 提供主叫或被叫的更多信息：图片、网页、名片或其他用途。"),
    HeaderName("Cellular-Network-Info", "", False, False, "3GPP TS 24.229 7.2.15",
        "IMS: the cell on which a device that now uses another access, such as Wi-Fi, last "
        "camped, and how old that information is.",
        "IMS：正使用 Wi-Fi 等非蜂窝接入的设备最近驻留的小区，以及该信息已有多久。"),
    HeaderName("Content-Disposition", "", False, False, "RFC 3261 20.11",
        "How the body is to be used, for example session, render, icon or alert, and whether a "
        "recipient that does not understand it may ignore it.",
        "消息体的用途，例如 session、render、icon、alert，以及接收方不理解时能否忽略。"),
    HeaderName("Content-Encoding", "e", True, True, "RFC 3261 20.12",
        "The codings, such as gzip, that were applied to the body on top of its media type, in "
        "the order of application.",
        "在媒体类型之外对消息体施加的编码，例如 gzip，按施加顺序排列。"),
    HeaderName("Content-ID", "", False, False, "RFC 8262 3",
        "A name for the body of the message, so that a cid: URI in a header field can refer to a "
        "body that is not multipart.",
        "消息体的标识，使头字段中的 cid: URI 能够引用并非 multipart 的消息体。"),
    HeaderName("Content-Language", "", True, True, "RFC 3261 20.13",
        "The natural languages for whose readers the body is meant.",
        "消息体所面向读者使用的自然语言。"),
    HeaderName("DC-Info", "", False, False, "3GPP TS 24.229",
        "IMS: information on the data channel of a session, passed between nodes of the trust "
        "domain.",
        "IMS：会话数据通道的相关信息，在信任域内的节点之间传递。"),
    HeaderName("Diversion", "", True, True, "RFC 5806",
        "Who diverted the call, why and how often, the latest diversion first. Historic but "
        "widely deployed; History-Info is the standard.",
        "谁前转了呼叫、原因和次数，最近一次在最前。属历史规范但应用广泛；"
        "标准做法是 History-Info。"),
    HeaderName("Encryption", "", False, False, "RFC 2543 6.19",
        "How the message was encrypted end to end in the original SIP. Deprecated; bodies in "
        "S/MIME took its place.",
        "最初版 SIP 中消息端到端加密的方式。已废弃，由 S/MIME 消息体取代。"),
    HeaderName("Error-Info", "", True, True, "RFC 3261 20.18",
        "A URI with more about the error that the response reports, such as an announcement to "
        "play or a page to show.",
        "提供响应所报告错误的更多信息的 URI，例如可播放的提示音或可显示的页面。"),
    HeaderName("Feature-Caps", "", True, True, "RFC 6809 4",
        "Capabilities of intermediaries on the path, as opposed to those of the contact, for the "
        "dialog or registration. Each indicator starts with a plus sign.",
        "路径上中间节点（而非联系地址）在该对话或注册中具备的能力。每个能力指示以加号开头。"),
    HeaderName("Flow-Timer", "", False, False, "RFC 5626 10",
        "After how many seconds without a keep-alive the server may consider the client's "
        "connection dead. In a successful response to REGISTER.",
        "多少秒未收到保活后，服务器可认定该客户端的连接失效。出现在 REGISTER 的成功响应中。"),
    HeaderName("Geolocation", "", True, True, "RFC 6442 4.1",
        "Where the location of the target is to be found: the cid: URI of a body, or a URI from "
        "which it can be fetched.",
        "目标位置信息的所在：指向消息体的 cid: URI，或可以获取位置的 URI。"),
    HeaderName("Geolocation-Error", "", False, False, "RFC 6442 4.4",
        "Why the conveyed location could not be used, as an error code with an optional text.",
        "所携带的位置信息为何无法使用，以错误码表示，可附说明文字。"),
    HeaderName("Geolocation-Routing", "", False, False, "RFC 6442 4.2",
        "Whether proxies may look at the conveyed location to route the request: yes or no.",
        "是否允许代理利用所携带的位置信息为请求选路：yes 或 no。"),
    HeaderName("Hide", "", False, False, "RFC 2543 6.22",
        "Asked, in the original SIP, that the path in Via be hidden from later hops. Deprecated.",
        "在最初版 SIP 中要求对后续各跳隐藏 Via 中的路径。已废弃。"),
    HeaderName("History-Info", "", True, True, "RFC 7044 5",
        "How and why the request was retargeted: an indexed entry for each URI that it was sent "
        "to, with the reason for leaving it.",
        "请求如何以及为何被改向：每个曾发往的 URI 对应一个带索引的条目，并记录离开该 URI 的原因。"),
    HeaderName("Identity", "y", False, True, "RFC 8224 4",
        "A signed token (PASSporT) that vouches for the calling identity, as in STIR and SHAKEN, "
        "with a link to the certificate. A request may carry several such fields.",
        "担保主叫身份的签名令牌（PASSporT），用于 STIR/SHAKEN，并附证书链接。"
        "一个请求可以携带多个该头字段。"),
    HeaderName("Identity-Info", "n", False, False, "RFC 4474 9",
        "Where to fetch the certificate for the older form of Identity. Deprecated by RFC 8224, "
        "which puts the link into Identity itself.",
        "旧版 Identity 所用证书的获取地址。已被 RFC 8224 废弃，链接改放在 Identity 本身之中。"),
    HeaderName("In-Reply-To", "", True, True, "RFC 3261 20.21",
        "The Call-IDs of earlier calls that this call returns, so that a call back can be "
        "recognised.",
        "本次呼叫所回复的先前呼叫的 Call-ID，用于识别回拨。"),
    HeaderName("Info-Package", "", False, False, "RFC 6086 7.2",
        "The Info Package that gives the INFO request its meaning, such as infoDtmf or "
        "trickle-ice.",
        "赋予 INFO 请求含义的 Info Package，例如 infoDtmf、trickle-ice。"),
    HeaderName("Join", "", False, False, "RFC 3911 7.1",
        "Adds the new call to the existing dialog that it names by Call-ID, to-tag and from-tag, "
        "as for a conference or barge-in.",
        "把新呼叫加入由 Call-ID、to-tag 和 from-tag 指定的现有对话，例如组成会议或强插。"),
    HeaderName("Max-Breadth", "", False, False, "RFC 5393 5",
        "Into how many parallel branches the request may still be forked. Proxies share the "
        "number out, which bounds amplification.",
        "请求还可以被分叉成多少个并行分支。代理在各分支间分配该数值，从而限制放大攻击。"),
    HeaderName("MIME-Version", "", False, False, "RFC 3261 20.24",
        "The version of MIME that the message follows: 1.0.",
        "消息所遵循的 MIME 版本：1.0。"),
    HeaderName("Min-Expires", "", False, False, "RFC 3261 20.23",
        "The shortest lifetime, in seconds, that the server accepts. Sent with a 423 response.",
        "服务器可接受的最短有效期，单位为秒。随 423 响应发送。"),
    HeaderName("Organization", "", False, False, "RFC 3261 20.25",
        "The name of the organization to which the sender belongs, for display or for filtering "
        "calls.",
        "发送方所属组织的名称，用于显示或过滤呼叫。",
        may_be_empty=True),
    HeaderName("Origination-Id", "", False, False, "3GPP TS 24.229 7.2.19",
        "IMS: a UUID that tells who attested the originating identity, so that a call can be "
        "traced back. It goes with Attestation-Info.",
        "IMS：表明由谁担保始发身份的 UUID，便于回溯呼叫。与 Attestation-Info 配合使用。"),
    HeaderName("P-Access-Network-Info", "", True, True, "RFC 7315 4.4",
        "IMS: the access technology of the device, such as LTE, NR or Wi-Fi, and where it is "
        "attached, such as the identity of the cell.",
        "IMS：设备的接入技术（如 LTE、NR、Wi-Fi）以及接入位置（如小区标识）。"),
    HeaderName("P-Answer-State", "", False, False, "RFC 4964",
        "Push-to-talk: whether the positive response comes from the called user (confirmed) or "
        "from a server ahead of the user's answer (unconfirmed).",
        "一键通：肯定响应来自被叫用户（confirmed），还是由服务器在用户应答之前先行给出"
        "（unconfirmed）。"),
    HeaderName("P-Asserted-Service", "", True, True, "RFC 6050 4.1",
        "IMS: the service, as a URN, that the trusted network determined for the request and "
        "authorised for the user.",
        "IMS：可信网络为该请求判定并已授权用户使用的业务，以 URN 表示。"),
    HeaderName("P-Associated-URI", "", True, True, "RFC 7315 4.1",
        "IMS: further public identities of the registered user, in the successful response to "
        "REGISTER.",
        "IMS：已注册用户的其他公有身份，出现在 REGISTER 的成功响应中。",
        may_be_empty=True),
    HeaderName("P-Called-Party-ID", "", False, False, "RFC 7315 4.2",
        "IMS: the address that was called, kept when the Request-URI is replaced by the "
        "registered contact.",
        "IMS：原被叫地址，在 Request-URI 被替换为已注册的联系地址时予以保留。"),
    HeaderName("P-Charge-Info", "", False, False, "RFC 8496",
        "Who is to be charged for the call, as a URI. In use between carriers.",
        "以 URI 指明该呼叫的计费对象。用于运营商之间。"),
    HeaderName("P-Charging-Function-Addresses", "", True, True, "RFC 7315 4.5",
        "IMS: the addresses of the functions that collect charging data for the session, offline "
        "(ccf) and online (ecf).",
        "IMS：收集会话计费数据的功能实体地址，分离线（ccf）与在线（ecf）。"),
    HeaderName("P-Charging-Vector", "", False, False, "RFC 7315 4.6",
        "IMS: the charging identifier (ICID) that ties together the records of all nodes, and "
        "the operators at both ends.",
        "IMS：把各节点计费记录关联起来的计费标识（ICID），以及两端的运营商。"),
    HeaderName("P-DCS-Billing-Info", "", False, False, "RFC 5503 7",
        "PacketCable: the identifier that ties together the billing records of a call, and who "
        "pays.",
        "PacketCable：关联一次呼叫各计费记录的标识，以及付费方。"),
    HeaderName("P-DCS-LAES", "", False, False, "RFC 5503 8",
        "PacketCable: where to deliver copies of signalling and media for lawful interception.",
        "PacketCable：合法监听时信令与媒体副本的送达地址。"),
    HeaderName("P-DCS-OSPS", "", False, False, "RFC 5503 6",
        "PacketCable: asks for the treatment that operator services need, such as busy line "
        "verification or emergency interrupt.",
        "PacketCable：要求话务员业务所需的处理，例如占线核实或紧急插入。"),
    HeaderName("P-DCS-Redirect", "", False, False, "RFC 5503 8",
        "PacketCable: who was called first and who redirected the call, for the lawful "
        "interception of redirected calls.",
        "PacketCable：最初的被叫与改向方，用于对被改向的呼叫进行合法监听。"),
    HeaderName("P-DCS-Trace-Party-ID", "", False, False, "RFC 5503 5",
        "PacketCable: the party whom a customer asks to have traced, as after a harassing call.",
        "PacketCable：用户要求追查的对方，例如遭遇骚扰来电之后。"),
    HeaderName("P-Early-Media", "", True, True, "RFC 5009 8",
        "Whether, and in which directions, media may flow before the call is answered, such as "
        "sendrecv, sendonly or inactive.",
        "应答之前是否允许媒体流及其方向，例如 sendrecv、sendonly、inactive。",
        may_be_empty=True),
    HeaderName("P-Media-Authorization", "", True, True, "RFC 3313",
        "Tokens with which the user agent can claim the network resources that were authorised "
        "for its media.",
        "授权令牌，用户代理凭其申请已为其媒体授权的网络资源。"),
    HeaderName("P-Preferred-Identity", "", True, True, "RFC 3325 9.2",
        "Which of its identities a user agent would like the trusted proxy to assert in "
        "P-Asserted-Identity.",
        "用户代理希望可信代理在 P-Asserted-Identity 中声明的身份。"),
    HeaderName("P-Preferred-Service", "", True, True, "RFC 6050 4.2",
        "IMS: the service, as a URN, that a user agent would like the network to assert in "
        "P-Asserted-Service.",
        "IMS：用户代理希望网络在 P-Asserted-Service 中声明的业务，以 URN 表示。"),
    HeaderName("P-Private-Network-Indication", "", False, False, "RFC 7316",
        "IMS: the request is traffic of a private network, such as that of a company, which a "
        "domain name identifies.",
        "IMS：该请求属于某个专用网络（例如企业网）的业务流量，以域名标识该网络。"),
    HeaderName("P-Profile-Key", "", False, False, "RFC 5002 5",
        "IMS: the key, such as a wildcarded identity, under which the service profile of the "
        "destination is stored.",
        "IMS：查找目的方业务签约数据所用的键，例如通配身份。"),
    HeaderName("P-Refused-URI-List", "", True, True, "RFC 5318",
        "Push-to-talk: the nested URI lists in the request that the server refused to handle.",
        "一键通：请求中被服务器拒绝处理的嵌套 URI 列表。"),
    HeaderName("P-Served-User", "", False, False, "RFC 5502",
        "IMS: the user on whose behalf an application server is invoked, whether as caller or "
        "callee, and whether registered.",
        "IMS：调用应用服务器时所服务的用户、其处于主叫侧还是被叫侧，以及是否已注册。"),
    HeaderName("P-User-Database", "", False, False, "RFC 4457",
        "IMS: the address of the database (HSS) that holds the user, which spares the next "
        "server a look-up.",
        "IMS：保存该用户数据的数据库（HSS）地址，使下一个服务器不必再次查询。"),
    HeaderName("P-Visited-Network-ID", "", True, True, "RFC 7315 4.3",
        "IMS: the visited network through which a roaming user registers.",
        "IMS：漫游用户注册时所经过的拜访网络。"),
    HeaderName("Path", "", True, True, "RFC 3327 4",
        "The proxies between user agent and registrar, collected in REGISTER. Later requests to "
        "the user take this path.",
        "REGISTER 途中收集的、位于用户代理与注册服务器之间的代理。之后发往该用户的请求沿此路径。"),
    HeaderName("Permission-Missing", "", True, True, "RFC 5360 5.9.3",
        "The recipients who have not consented to be contacted through the relay. Sent with a "
        "470 response.",
        "尚未同意经由中继接收请求的接收方。随 470 响应发送。"),
    HeaderName("Policy-Contact", "", True, True, "RFC 6794",
        "The policy servers from which a user agent is to obtain the session policies of the "
        "domain.",
        "用户代理应向其获取本域会话策略的策略服务器。"),
    HeaderName("Policy-ID", "", True, True, "RFC 6794",
        "The policy servers that the user agent has consulted for this request, with a token for "
        "the policies it received.",
        "用户代理为该请求查询过的策略服务器，以及所获策略的令牌。"),
    HeaderName("Priority", "", False, False, "RFC 3261 20.26",
        "How urgent the request is to the person called: emergency, urgent, normal or "
        "non-urgent. It claims no network resources; that is Resource-Priority.",
        "请求对被叫人的紧急程度：emergency、urgent、normal 或 non-urgent。它不涉及网络资源，"
        "后者由 Resource-Priority 表示。"),
    HeaderName("Priority-Share", "", False, False, "3GPP TS 24.229 7.2.16",
        "IMS: whether sessions of different priority may share one bearer of the access network.",
        "IMS：不同优先级的会话能否共用接入网的同一承载。"),
    HeaderName("Priority-Verstat", "", False, False, "3GPP TS 24.229",
        "IMS: the outcome of verifying the signed priority values of the request.",
        "IMS：对请求中经签名的优先级取值进行验证的结果。"),
    HeaderName("Priv-Answer-Mode", "", False, False, "RFC 5373 3",
        "As Answer-Mode, but for privileged callers: asks for that way of answering in spite of "
        "the callee's settings.",
        "与 Answer-Mode 相同，但用于有特权的主叫：要求不受被叫设置限制，按所给方式应答。"),
    HeaderName("Privacy", "", False, False, "RFC 3323 4.2",
        "Which identity information the network is to hide: values such as id, header, session, "
        "user, critical or none, separated by semicolons.",
        "要求网络隐藏哪些身份信息：id、header、session、user、critical、none 等取值，以分号分隔。"),
    HeaderName("Proxy-Require", "", True, True, "RFC 3261 20.29",
        "The extensions that every proxy on the path must support. A proxy that lacks one "
        "answers 420.",
        "途经的每个代理都必须支持的扩展。不支持的代理以 420 响应。"),
    HeaderName("RAck", "", False, False, "RFC 3262 7.2",
        "Which provisional response a PRACK acknowledges: its RSeq, and the number and method of "
        "its CSeq.",
        "PRACK 所确认的临时响应：其 RSeq，以及其 CSeq 的序号和方法。"),
    HeaderName("Reason-Phrase", "", False, False, "RFC 6873",
        "Reserved, not to be sent: the name stands for the reason phrase of the status line in "
        "the log format of RFC 6873.",
        "保留名称，不应发送：在 RFC 6873 的日志格式中代表状态行的原因短语。"),
    HeaderName("Recv-Info", "", True, True, "RFC 6086 7.3",
        "The Info Packages for which the sender is willing to receive INFO requests. Empty: for "
        "none.",
        "发送方愿意接收其 INFO 请求的 Info Package。空值表示都不接收。",
        may_be_empty=True),
    HeaderName("Refer-Events-At", "", False, False, "RFC 7614",
        "The URI at which to subscribe to the progress of a REFER that creates no subscription "
        "by itself.",
        "REFER 不自动建立订阅时，可用来订阅其进展的 URI。"),
    HeaderName("Refer-Sub", "", False, False, "RFC 4488 4",
        "Whether a REFER creates its implicit subscription: true or false.",
        "REFER 是否建立隐式订阅：true 或 false。"),
    HeaderName("Refer-To", "r", False, False, "RFC 3515 2.1",
        "The URI that the recipient of a REFER is to contact, as in call transfer. Exactly one "
        "in each REFER.",
        "REFER 的接收方应去联系的 URI，例如用于呼叫转接。每个 REFER 恰有一个。"),
    HeaderName("Referred-By", "b", False, False, "RFC 3892 3",
        "Who asked, by REFER, for the request to be made; optionally with a reference to a "
        "signed proof in the body.",
        "通过 REFER 要求发出该请求的一方，可引用消息体中经签名的证明。"),
    HeaderName("Reject-Contact", "j", True, True, "RFC 3841 9.2",
        "A preference of the caller: contacts of the callee with these features must not receive "
        "the request.",
        "主叫偏好：被叫具有这些特性的联系地址不得接收该请求。"),
    HeaderName("Relayed-Charge", "", False, False, "3GPP TS 24.229 7.2.12",
        "IMS: charging information, of the kind that P-Charging-Vector carries, relayed to "
        "another node for its information.",
        "IMS：转递给其他节点参考的计费信息，内容与 P-Charging-Vector 类似。"),
    HeaderName("Remote-Party-ID", "", True, True, "draft-ietf-sip-privacy-04",
        "The identity of caller or callee as added by the network, with marks for screening and "
        "privacy. An expired draft, still widely deployed; P-Asserted-Identity is the successor.",
        "由网络加入的主叫或被叫身份，带有甄别与隐私标记。出自已过期的草案，但仍应用广泛；"
        "后继者是 P-Asserted-Identity。"),
    HeaderName("Replaces", "", False, False, "RFC 3891 6.1",
        "The new call takes the place of the dialog that it names by Call-ID, to-tag and "
        "from-tag, as in attended transfer and call pickup.",
        "新呼叫取代由 Call-ID、to-tag 和 from-tag 指定的对话，例如咨询转接和代答。"),
    HeaderName("Reply-To", "", False, False, "RFC 3261 20.31",
        "Where to return the call when that is not the address in From.",
        "回拨地址，用于与 From 中的地址不同的情形。"),
    HeaderName("Request-Disposition", "d", True, True, "RFC 3841 9.1",
        "A preference of the caller: how servers are to treat the request, such as proxy or "
        "redirect, fork or no-fork, parallel or sequential.",
        "主叫偏好：服务器应如何处理请求，例如 proxy 或 redirect、fork 或 no-fork、"
        "parallel 或 sequential。"),
    HeaderName("Resource-Priority", "", True, True, "RFC 4412 3.1",
        "Which precedence the request has where resources are scarce, as namespace.value, such "
        "as ets.0 or wps.1. For emergency and government networks.",
        "资源紧张时请求的优先级，形式为 namespace.value，例如 ets.0、wps.1。用于应急与政府网络。"),
    HeaderName("Resource-Share", "", False, False, "3GPP TS 24.229 7.2.13",
        "IMS: whether the media streams of several sessions of one device may share resources of "
        "the access network, and by which rules.",
        "IMS：同一设备多个会话的媒体流能否共用接入网资源，以及共用规则。"),
    HeaderName("Response-Key", "", False, False, "RFC 2543 6.31",
        "The key with which, in the original SIP, the response was to be encrypted. Deprecated.",
        "在最初版 SIP 中用于加密响应的密钥。已废弃。"),
    HeaderName("Response-Source", "", False, False, "3GPP TS 24.229 7.2.17",
        "IMS: which kind of node produced the error response, as a URN such as "
        "urn:3gpp:fe:p-cscf.orig.",
        "IMS：产生该错误响应的节点类型，以 URN 表示，例如 urn:3gpp:fe:p-cscf.orig。"),
    HeaderName("Restoration-Info", "", False, False, "3GPP TS 24.229 7.2.11",
        "IMS: that a node failed to respond, or the subscriber data that another node needs to "
        "recover from the failure.",
        "IMS：指出某节点无响应，或提供其他节点恢复故障所需的用户信息。"),
    HeaderName("Retry-After", "", False, False, "RFC 3261 20.33",
        "After how many seconds to try again, optionally with a comment and for how long the "
        "callee will then be there. In responses such as 480, 486 and 503.",
        "多少秒之后再试，可附注释以及届时可用的时长。出现在 480、486、503 等响应中。"),
    HeaderName("RSeq", "", False, False, "RFC 3262 7.1",
        "The number of a provisional response that is sent reliably. The PRACK repeats it in "
        "RAck.",
        "可靠发送的临时响应的序号。PRACK 在 RAck 中重复该值。"),
    HeaderName("Security-Client", "", True, True, "RFC 3329 2.2",
        "The security mechanisms that the user agent offers for the connection to its first "
        "proxy.",
        "用户代理为其与首个代理之间的连接提供的安全机制。"),
    HeaderName("Security-Server", "", True, True, "RFC 3329 2.2",
        "The security mechanisms that the first proxy supports, in order of preference. Sent "
        "with a 494 response, among others.",
        "首个代理支持的安全机制，按偏好排序。494 等响应会携带。"),
    HeaderName("Security-Verify", "", True, True, "RFC 3329 2.2",
        "The list from Security-Server, sent back under the protection agreed on, so that "
        "tampering shows.",
        "在协商好的保护之下回送 Security-Server 的列表，以便发现篡改。"),
    HeaderName("Service-Interact-Info", "", True, True, "3GPP TS 24.229 7.2.14",
        "IMS: which services were executed and which are to be avoided, so that application "
        "servers do not get in each other's way.",
        "IMS：已执行以及应避免的业务，使各应用服务器不致相互冲突。"),
    HeaderName("Service-Route", "", True, True, "RFC 3608 5",
        "The route through the home network that the user agent is to use for its own requests. "
        "In the successful response to REGISTER.",
        "用户代理发出请求时应采用的、经由归属网络的路由。出现在 REGISTER 的成功响应中。"),
    HeaderName("Session-ID", "", False, False, "RFC 7989 5",
        "An identifier of the session from end to end: one UUID of each side. It survives where "
        "intermediaries change Call-ID and tags.",
        "端到端的会话标识：两端各一个 UUID。即使中间节点改写 Call-ID 和 tag 也保持不变。"),
    HeaderName("SIP-ETag", "", False, False, "RFC 3903 11.3.1",
        "The entity tag that the server gave to published state, in the successful response to "
        "PUBLISH.",
        "服务器为已发布状态分配的实体标签，出现在 PUBLISH 的成功响应中。"),
    HeaderName("SIP-If-Match", "", False, False, "RFC 3903 11.3.2",
        "The entity tag of the published state that a PUBLISH refreshes, changes or removes.",
        "PUBLISH 所要刷新、修改或删除的已发布状态的实体标签。"),
    HeaderName("Subject", "s", False, False, "RFC 3261 20.36",
        "What the call is about, as free text for display or for filtering.",
        "呼叫的主题，自由文本，用于显示或过滤。",
        may_be_empty=True),
    HeaderName("Suppress-If-Match", "", False, False, "RFC 5839 7.2",
        "The entity tag of the state that a subscriber already has. While the state is "
        "unchanged, the notifier sends no body or no NOTIFY.",
        "订阅者已持有状态的实体标签。状态未变时，通知方不发送消息体或不发送 NOTIFY。"),
    HeaderName("Target-Dialog", "", False, False, "RFC 4538 7",
        "The existing dialog to which the request relates. That the sender knows its identifiers "
        "speaks for authorising the request.",
        "请求所关联的现有对话。发送方知晓该对话的标识，可作为授权该请求的依据。"),
    HeaderName("Timestamp", "", False, False, "RFC 3261 20.38",
        "When the request was sent, by the clock of the client. The response repeats it with the "
        "server's delay, so that the round trip can be measured.",
        "按客户端时钟记录的请求发送时刻。响应重复该值并附服务器延迟，用于测量往返时间。"),
    HeaderName("Trigger-Consent", "", True, True, "RFC 5360 5.11.2",
        "Asks a relay to obtain the consent of the recipients behind a URI; target-uri narrows "
        "it to one of them.",
        "要求中继征求某 URI 背后各接收方的同意；target-uri 将其限定为其中一个。"),
    HeaderName("Unsupported", "", True, True, "RFC 3261 20.40",
        "The required extensions that the server does not support. Sent with a 420 response.",
        "服务器不支持的必需扩展。随 420 响应发送。"),
    HeaderName("User-to-User", "", True, True, "RFC 7433 4",
        "Data of the applications at both ends, which the network passes on without looking at "
        "it, such as what a call centre knows of the caller.",
        "两端应用的数据，网络原样传递而不解读，例如呼叫中心掌握的来电者信息。"),
    HeaderName("Warning", "", True, True, "RFC 3261 20.43",
        "More about the status of the response: a three-digit code, who added it, and a text. "
        "Often about a session description that was refused.",
        "响应状态的补充说明：三位数代码、添加者和说明文字。常用于说明会话描述为何被拒绝。"),
)
# fmt: on

HEADER_IDS: dict[str, int] = {
    key: header_id
    for header_id, row in enumerate(HEADER_NAMES, start=1)
    for key in (row.name.lower(), row.compact)
    if key
}


def header_name(name: str) -> HeaderName | None:
    """The row of a header field, by its full or compact name in any case; None if unknown."""
    # Only ASCII letters have case here: lower() would also turn the Kelvin sign into a "k".
    header_id = HEADER_IDS.get(name.lower()) if name.isascii() else None
    return None if header_id is None else HEADER_NAMES[header_id - 1]
