"""The faults of messages: one table, and the exceptions and defects with its rows.

A *parse error* means that the bytes cannot be parsed. A *defect* means that they can, but break a
rule of an RFC. Both name the fault, its severity, the byte, the RFC section and the response status
for the sender.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from ._core.message.message import Response

__all__ = [
    "FAULTS",
    "Defect",
    "Fault",
    "FramingError",
    "Incomplete",
    "LimitExceeded",
    "ParseError",
    "Severity",
]

Severity = Literal["error", "warning"]
"""An *error* breaks the grammar or a MUST, and a receiver may refuse the message. A *warning* is
tolerated by nearly every receiver, or is legal but known to cause trouble."""

ERROR: Severity = "error"
WARNING: Severity = "warning"


class Fault(NamedTuple):
    """A kind of fault."""

    code: str
    """Stable name, for programs."""
    text: str
    """A reason phrase; `{header}` is the place of the header field's name."""
    text_zh: str
    """The same in Chinese."""
    rfc: str
    """The section with the rule, such as ``"RFC 3261 20.14"``."""
    status: int | None
    """The response status for the sender of a request; None where receivers pass the fault over."""
    severity: Severity = ERROR


def _missing(code: str, rfc: str, status: int = 400) -> Fault:
    """The fault of a missing header field."""
    return Fault(code, "Missing {header} header field", "缺少 {header} 头字段", rfc, status)


# fmt: off
# The tokenizers report the first group; a fault's place in it is its number in the generated C.
TOKENIZER_FAULTS: tuple[Fault, ...] = (
    Fault("no-message", "Empty message", "消息为空", "RFC 3261 7", 400),
    Fault("header-block-unfinished", "Missing blank line after header", "头字段之后缺少空行", "RFC 3261 7", 400),
    Fault("message-too-large", "Message too large", "消息过大", "RFC 3261 21.5.7", 513),
    Fault("line-too-long", "Line too long", "行过长", "RFC 3261 21.5.7", 513),
    Fault("too-many-header-fields", "Too many header fields", "头字段过多", "RFC 3261 21.5.7", 513),
    Fault("bare-cr", "Carriage return without line feed", "回车符之后缺少换行符", "RFC 3261 25.1", 400),
    Fault("start-line-folded", "Folded start line", "起始行被折行", "RFC 3261 7.1", 400),
    Fault("not-sip", "Unrecognised start line", "无法识别的起始行", "RFC 3261 7.1", 400),
    Fault("request-line-incomplete", "Incomplete request line", "请求行不完整", "RFC 3261 7.1", 400),
    Fault("version-malformed", "Malformed SIP version", "SIP 版本格式错误", "RFC 3261 7.1", 400),
    Fault("status-code-malformed", "Malformed status code", "状态码格式错误", "RFC 3261 7.2", 400),
    Fault("header-without-colon", "Missing colon in header field", "头字段缺少冒号", "RFC 3261 7.3.1", 400),
    Fault("header-name-empty", "Empty header field name", "头字段名为空", "RFC 3261 7.3.1", 400),
    Fault("header-name-malformed", "Malformed header field name", "头字段名格式错误", "RFC 3261 7.3.1", 400),
    Fault("content-length-not-a-number", "Malformed Content-Length", "Content-Length 格式错误", "RFC 3261 20.14", 400),
    Fault("content-length-too-large", "Content-Length too large", "Content-Length 过大", "RFC 3261 20.14", 400),
    Fault("content-length-conflict", "Conflicting Content-Length values", "Content-Length 的值互相矛盾", "RFC 3261 20.14", 400),
)

# Reported by `Message.defects`.
MESSAGE_FAULTS: tuple[Fault, ...] = (
    Fault("number-malformed", "Malformed number in {header}", "{header} 中的数字格式错误", "RFC 3261 25.1", 400),
    Fault("number-too-large", "Number too large in {header}", "{header} 中的数字过大", "RFC 3261 25.1", 400),
    Fault("version-unsupported", "Unsupported SIP version", "不支持的 SIP 版本", "RFC 3261 21.5.6", 505),
    Fault("start-line-whitespace", "Irregular whitespace in start line", "起始行中的空白不规范", "RFC 3261 7.1", 400),
    Fault("request-uri-in-brackets", "Request-URI in angle brackets", "Request-URI 带有尖括号", "RFC 3261 7.1", 400),
    Fault("request-uri-whitespace", "Whitespace in Request-URI", "Request-URI 中有空白", "RFC 3261 7.1", 400),
    Fault("status-code-out-of-range", "Status code out of range", "状态码超出范围", "RFC 3261 7.2", 400),
    _missing("header-missing", "RFC 3261 8.1.1"),
    Fault("header-repeated", "Repeated {header} header field", "{header} 头字段重复", "RFC 3261 7.3.1", 400),
    Fault("header-empty", "Empty {header} header field", "{header} 头字段为空", "RFC 3261 25.1", 400),
    Fault("list-item-empty", "Empty list item in {header}", "{header} 的列表中有空项", "RFC 3261 25.1", 400, WARNING),
    Fault("via-item-empty", "Empty value in {header}", "{header} 中有空值", "RFC 3261 25.1", 400),
    Fault("cseq-malformed", "Malformed CSeq", "CSeq 格式错误", "RFC 3261 20.16", 400),
    Fault("cseq-too-large", "CSeq number too large", "CSeq 序号过大", "RFC 3261 8.1.1.5", 400),
    Fault("cseq-method-mismatch", "Mismatched CSeq method", "CSeq 中的方法与请求不符", "RFC 3261 8.1.1.5", 400),
    Fault("max-forwards-too-large", "Max-Forwards too large", "Max-Forwards 过大", "RFC 3261 20.22", 400),
    Fault("via-malformed", "Malformed Via", "Via 格式错误", "RFC 3261 20.42", 400),
    Fault("quote-unterminated", "Unclosed quoted string in {header}", "{header} 中的引号字符串未结束", "RFC 3261 25.1", 400),
    Fault("body-too-short", "Body shorter than Content-Length", "消息体短于 Content-Length", "RFC 3261 18.3", 400),
    # Required fields (RFC 3261 20, table 2, and its successors).
    Fault("max-forwards-missing", "Missing {header} header field", "缺少 {header} 头字段", "RFC 3261 8.1.1.6", None, WARNING),
    _missing("contact-missing", "RFC 3261 8.1.1.8"),
    _missing("update-contact-missing", "RFC 3311 5.1"),
    _missing("response-contact-missing", "RFC 3261 12.1.1"),
    _missing("content-type-missing", "RFC 3261 20.15"),
    _missing("content-length-missing", "RFC 3261 20.14"),
    _missing("rack-missing", "RFC 3262 7.2"),
    _missing("rseq-missing", "RFC 3262 3"),
    _missing("event-missing", "RFC 6665 8.2.1"),
    _missing("subscription-state-missing", "RFC 6665 8.2.3"),
    _missing("refer-to-missing", "RFC 3515 2.4.2"),
    _missing("expires-missing", "RFC 6665 4.2.1"),
    _missing("publication-event-missing", "RFC 3903 6", 489),
    _missing("publication-expires-missing", "RFC 3903 6"),
    _missing("sip-etag-missing", "RFC 3903 6"),
    _missing("www-authenticate-missing", "RFC 3261 20.44"),
    _missing("proxy-authenticate-missing", "RFC 3261 20.27"),
    _missing("allow-missing", "RFC 3261 21.4.6"),
    _missing("unsupported-missing", "RFC 3261 21.4.15"),
    _missing("min-expires-missing", "RFC 3261 21.4.17"),
    _missing("min-se-missing", "RFC 4028 6"),
    _missing("allow-events-missing", "RFC 6665 8.2"),
    _missing("security-server-missing", "RFC 3329 2.3.1"),
    _missing("require-missing", "RFC 3261 21.4.16"),
    _missing("recv-info-missing", "RFC 6086 4.2.2"),
    _missing("accept-missing", "RFC 3261 21.4.13"),
    Fault("reliability-missing", "Missing Require: 100rel beside {header}", "有 {header} 却缺少 Require: 100rel", "RFC 3262 3", 400),
    Fault("body-too-long", "Body longer than Content-Length", "消息体长于 Content-Length", "RFC 3261 18.3", None, WARNING),
    # The bytes of the header.
    Fault("line-ends-lf", "Line feeds alone as line ends", "行尾只有换行符", "RFC 3261 7", 400, WARNING),
    Fault("line-ends-mixed", "Mixed line ends", "行尾 CRLF 与 LF 混用", "RFC 3261 7", 400),
    Fault("text-encoding-malformed", "Text other than UTF-8 in {header}", "{header} 中有非 UTF-8 文本", "RFC 3261 25.1", 400, WARNING),
    # Forbidden fields and contents.
    Fault("header-misplaced", "Misplaced {header} header field", "{header} 头字段不应出现在此消息中", "RFC 3261 20", None, WARNING),
    Fault("reliability-misplaced", "Misplaced 100rel in {header}", "{header} 中的 100rel 不应出现在此消息中", "RFC 3262 4", 400),
    Fault("join-and-replaces", "{header} beside Replaces", "{header} 与 Replaces 同时出现", "RFC 3911 4", 400),
    Fault("tag-missing", "Missing tag in {header}", "{header} 缺少 tag", "RFC 3261 8.1.1.3", 400),
    Fault("response-tag-missing", "Missing tag in {header}", "{header} 缺少 tag", "RFC 3261 8.2.6.2", 400),
    Fault("dialog-missing", "Missing dialog tag in {header}", "{header} 缺少对话的 tag", "RFC 3261 12.2.2", 481),
    Fault("branch-missing", "Missing branch in {header}", "{header} 缺少 branch", "RFC 3261 8.1.1.7", 400),
    Fault("branch-malformed", "Malformed branch in {header}", "{header} 的 branch 格式错误", "RFC 3261 8.1.1.7", 400),
    Fault("contact-wildcard-misused", "Misplaced asterisk in {header}", "{header} 中的星号用法错误", "RFC 3261 10.2.2", 400),
    Fault("contact-not-one", "One SIP or SIPS URI required in {header}", "{header} 应只含一个 SIP 或 SIPS URI", "RFC 3261 8.1.1.8", 400),
    Fault("contact-not-sips", "SIPS URI required in {header}", "{header} 应含 SIPS URI", "RFC 3261 8.1.1.8", 400),
    Fault("display-name-unquoted", "Unquoted display name in {header}", "{header} 中的显示名缺少引号", "RFC 3261 25.1", 400),
    Fault("address-needs-brackets", "URI without angle brackets in {header}", "{header} 中的 URI 缺少尖括号", "RFC 3261 20", 400),
    Fault("address-whitespace", "Whitespace in angle brackets in {header}", "{header} 的尖括号内有空白", "RFC 3261 25.1", 400),
    Fault("uri-user-malformed", "Malformed URI user in {header}", "{header} 中的 URI 用户名格式错误", "RFC 3261 25.1", 400),
    Fault("uri-password-malformed", "Malformed URI password in {header}", "{header} 中的 URI 密码格式错误", "RFC 3261 25.1", 400),
    Fault("uri-parameter-malformed", "Malformed URI parameter in {header}", "{header} 中的 URI 参数格式错误", "RFC 3261 25.1", 400),
    Fault("uri-parameter-repeated", "Repeated URI parameter in {header}", "{header} 中的 URI 参数重复", "RFC 3261 19.1.1", 400),
    Fault("uri-header-malformed", "Malformed URI header field in {header}", "{header} 中的 URI 头字段格式错误", "RFC 3261 25.1", 400),
    Fault("host-underscore", "Underscore in host in {header}", "{header} 的主机名中有下划线", "RFC 3261 25.1", None, WARNING),
    Fault("host-numeric", "Numeric host name in {header}", "{header} 的主机名只有数字", "RFC 3261 25.1", None, WARNING),
    Fault("host-extra-colon", "Extra colon in IPv6 address in {header}", "{header} 的 IPv6 地址中多一个冒号", "RFC 5118 4.10", None, WARNING),
    Fault("parameter-repeated", "Repeated parameter in {header}", "{header} 中的参数重复", "RFC 3261 7.3.1", 400),
    Fault("parameter-empty", "Empty parameter in {header}", "{header} 中的参数为空", "RFC 3261 25.1", 400),
    Fault("request-uri-headers", "Header fields in Request-URI", "Request-URI 中有头字段", "RFC 3261 19.1.1", 400),
    Fault("register-uri-user", "User in {header} of REGISTER", "REGISTER 的 {header} 中有用户名", "RFC 3261 10.2", 400, WARNING),
    Fault("received-malformed", "Malformed received address in {header}", "{header} 中的 received 地址格式错误", "RFC 3261 25.1", 400),
    Fault("refresher-malformed", "Malformed refresher in {header}", "{header} 中的 refresher 格式错误", "RFC 4028 4", 400),
    Fault("history-index-missing", "Missing index in {header}", "{header} 缺少 index", "RFC 7044 5.1", 400),
    Fault("identity-info-missing", "Missing info in {header}", "{header} 缺少 info", "RFC 8224 4", 436),
    Fault("icid-value-missing", "Missing icid-value in {header}", "{header} 缺少 icid-value", "RFC 7315 4.6", 400),
    Fault("session-interval-too-small", "Session interval too small in {header}", "{header} 中的会话间隔过短", "RFC 4028 5", 422),
    Fault("passport-date-mismatch", "Mismatched date in {header}", "{header} 与 Date 的时间不符", "RFC 8224 4.1", 403),
    Fault("language-malformed", "Malformed language in {header}", "{header} 中的语言标签格式错误", "RFC 3261 25.1", 400, WARNING),
    Fault("date-iso", "Date in ISO 8601 form", "Date 采用 ISO 8601 格式", "RFC 3261 20.17", 400, WARNING),
    Fault("date-space-missing", "Missing space after weekday in Date", "Date 的星期之后缺少空格", "RFC 3261 20.17", 400, WARNING),
    Fault("privacy-comma", "Comma between values in Privacy", "Privacy 的值之间为逗号", "RFC 3323 4.2", 400, WARNING),
    Fault("session-id-capitals", "Capital letters in Session-ID", "Session-ID 中有大写字母", "RFC 7989 5", 400, WARNING),
    Fault("parameter-value-malformed", "Malformed parameter value in {header}", "{header} 中的参数值格式错误", "RFC 3261 25.1", 400),
    Fault("parameter-value-missing", "Missing parameter value in {header}", "{header} 中的参数缺少值", "RFC 3261 25.1", 400),
    Fault("parameter-value-unexpected", "Unexpected parameter value in {header}", "{header} 中的参数不应有值", "RFC 3261 25.1", 400, WARNING),
    Fault("parameter-quoted", "Quoted parameter value in {header}", "{header} 中的参数值不应有引号", "RFC 3261 25.1", 400),
    Fault("parameter-unquoted", "Unquoted parameter value in {header}", "{header} 中的参数值缺少引号", "RFC 3261 25.1", 400),
    # Common, and read by nearly every receiver: qop, nc and stale of Digest, alg and ppt of Identity.
    Fault("token-quoted", "Quoted token in {header}", "{header} 中的 token 不应有引号", "RFC 3261 25.1", 400, WARNING),
    Fault("tel-context-missing", "Missing phone-context in {header}", "{header} 缺少 phone-context", "RFC 3966 5.1.5", 400),
    Fault("tel-context-malformed", "Malformed phone-context in {header}", "{header} 中的 phone-context 格式错误", "RFC 3966 3", 400),
    Fault("tel-parameter-malformed", "Malformed telephone parameter in {header}", "{header} 中的电话号码参数格式错误", "RFC 3966 3", 400),
    Fault("tel-parameter-repeated", "Repeated telephone parameter in {header}", "{header} 中的电话号码参数重复", "RFC 3966 3", 400),
    # Required parameters of Digest.
    Fault("digest-realm-missing", "Missing realm in {header}", "{header} 缺少 realm", "RFC 7616 3.3", 400),
    Fault("digest-nonce-missing", "Missing nonce in {header}", "{header} 缺少 nonce", "RFC 7616 3.3", 400),
    Fault("digest-username-missing", "Missing username in {header}", "{header} 缺少 username", "RFC 7616 3.4", 400),
    Fault("digest-uri-missing", "Missing uri in {header}", "{header} 缺少 uri", "RFC 7616 3.4", 400),
    Fault("digest-response-missing", "Missing response in {header}", "{header} 缺少 response", "RFC 7616 3.4", 400),
    Fault("digest-cnonce-missing", "Missing cnonce in {header}", "{header} 缺少 cnonce", "RFC 7616 3.4", 400),
    Fault("digest-nc-missing", "Missing nc in {header}", "{header} 缺少 nc", "RFC 7616 3.4", 400),
)

# Reported by `Message.defects_at`.
TIME_FAULTS: tuple[Fault, ...] = (
    Fault("date-stale", "Stale {header}", "{header} 已过时", "RFC 8224 6.2.2", 403),
)

# Reported by typed values, on access.
VALUE_FAULTS: tuple[Fault, ...] = (
    Fault("value-line-end", "Line end in {header}", "{header} 中有换行", "RFC 3261 7.3.1", 400),
    Fault("value-surrogate", "Lone surrogate in {header}", "{header} 中有孤立的代理字符", "RFC 3629 3", 400),
    Fault("value-control", "Control character in {header}", "{header} 中有控制字符", "RFC 3261 25.1", 400),
    Fault("uri-scheme-missing", "Missing URI scheme in {header}", "{header} 中的 URI 缺少方案", "RFC 3261 19.1.1", 400),
    Fault("uri-scheme-unexpected", "Unexpected URI scheme in {header}", "{header} 中的 URI 方案不符", "RFC 3261 19.1", 416),
    Fault("uri-character-illegal", "Illegal URI character in {header}", "{header} 中有 URI 不允许的字符", "RFC 3261 25.1", 400),
    Fault("uri-user-missing", "Empty URI user in {header}", "{header} 中的 URI 用户名为空", "RFC 3261 19.1.1", 400),
    Fault("host-malformed", "Malformed host in {header}", "{header} 中的主机格式错误", "RFC 3261 25.1", 400),
    Fault("port-malformed", "Malformed port in {header}", "{header} 中的端口格式错误", "RFC 3261 25.1", 400),
    Fault("tel-number-malformed", "Malformed telephone number in {header}", "{header} 中的电话号码格式错误", "RFC 3966 3", 400),
    Fault("urn-malformed", "Malformed URN in {header}", "{header} 中的 URN 格式错误", "RFC 8141 2", 400),
    Fault("address-malformed", "Malformed address in {header}", "{header} 中的地址格式错误", "RFC 3261 20.10", 400),
    Fault("credentials-malformed", "Missing authentication scheme in {header}", "{header} 缺少认证方案", "RFC 3261 25.1", 400),
    Fault("parameter-malformed", "Malformed parameter in {header}", "{header} 中的参数格式错误", "RFC 3261 25.1", 400),
    Fault("parameter-not-a-number", "Malformed numeric parameter in {header}", "{header} 中的数字参数格式错误", "RFC 3261 25.1", 400),
    Fault("q-malformed", "Malformed q in {header}", "{header} 中的 q 格式错误", "RFC 3261 25.1", 400),
    Fault("item-malformed", "Missing word before parameters in {header}", "{header} 的参数之前缺少值", "RFC 3261 25.1", 400),
    Fault("index-malformed", "Malformed index in {header}", "{header} 中的 index 格式错误", "RFC 7044 5.1", 400),
    Fault("warning-malformed", "Malformed warning in {header}", "{header} 中的警告格式错误", "RFC 3261 20.43", 400),
    Fault("session-id-malformed", "Malformed session identifier in {header}", "{header} 中的会话标识格式错误", "RFC 7989 5", 400),
    Fault("priority-malformed", "Malformed priority in {header}", "{header} 中的优先级格式错误", "RFC 4412 3.1", 400),
    Fault("uui-malformed", "Malformed hexadecimal data in {header}", "{header} 中的十六进制数据格式错误", "RFC 7433 4.1", 400),
    Fault("passport-malformed", "Malformed PASSporT in {header}", "{header} 中的 PASSporT 格式错误", "RFC 7515 7.1", 438),
    Fault("passport-too-large", "PASSporT too large in {header}", "{header} 中的 PASSporT 过大", "RFC 8224 6.2.2", 438),
    Fault("passport-encoding-malformed", "Malformed PASSporT encoding in {header}", "{header} 中的 PASSporT 编码错误", "RFC 7515 2", 438),
    Fault("passport-json-malformed", "Malformed PASSporT JSON in {header}", "{header} 中的 PASSporT JSON 格式错误", "RFC 7519 7.2", 438),
    Fault("passport-too-deep", "PASSporT nested too deeply in {header}", "{header} 中的 PASSporT 嵌套过深", "RFC 8224 6.2.2", 438),
    Fault("number-out-of-range", "Number out of range in {header}", "{header} 中的数字超出范围", "RFC 3261 25.1", 400),
    Fault("token-malformed", "Malformed token in {header}", "{header} 中的 token 格式错误", "RFC 3261 25.1", 400),
    Fault("call-id-malformed", "Malformed call identifier in {header}", "{header} 中的呼叫标识格式错误", "RFC 3261 25.1", 400),
    Fault("rack-malformed", "Malformed RAck", "RAck 格式错误", "RFC 3262 7.2", 400),
    Fault("date-malformed", "Malformed date in {header}", "{header} 中的日期格式错误", "RFC 3261 20.17", 400),
    Fault("timestamp-malformed", "Malformed timestamp in {header}", "{header} 中的时间戳格式错误", "RFC 3261 20.38", 400),
    Fault("comment-malformed", "Malformed comment in {header}", "{header} 中的注释格式错误", "RFC 3261 25.1", 400),
    Fault("mime-version-malformed", "Malformed MIME-Version", "MIME-Version 格式错误", "RFC 3261 20.24", 400),
    Fault("dialog-tag-missing", "Missing to-tag or from-tag in {header}", "{header} 缺少 to-tag 或 from-tag", "RFC 3891 6.1", 400),
    Fault("nonce-count-malformed", "Malformed nonce count in {header}", "{header} 中的 nc 格式错误", "RFC 7616 3.4", 400),
    Fault("extended-value-malformed", "Malformed username* in {header}", "{header} 中的 username* 格式错误", "RFC 8187 3.2", 400),
    Fault("aka-nonce-malformed", "Malformed AKA nonce in {header}", "{header} 中的 AKA nonce 格式错误", "RFC 3310 3.2", 400),
)

# Reported by session descriptions: two errors, the others defects.
SDP_FAULTS: tuple[Fault, ...] = (
    Fault("sdp-none", "Empty session description", "会话描述为空", "RFC 8866 5", 400),
    Fault("sdp-surrogate", "Lone surrogate in session description", "会话描述中有孤立的代理字符", "RFC 3629 3", 400),
    Fault("sdp-line-malformed", "Malformed SDP line", "SDP 行格式错误", "RFC 8866 5", 400),
    Fault("sdp-byte-forbidden", "Forbidden byte in SDP line", "SDP 行中有禁用的字节", "RFC 8866 9", 400),
    Fault("sdp-type-unknown", "Unknown SDP line type {header}", "未知的 SDP 行类型 {header}", "RFC 8866 5", 488),
    Fault("sdp-line-missing", "Missing {header} line", "缺少 {header} 行", "RFC 8866 5", 400),
    Fault("sdp-line-misplaced", "Misplaced {header} line", "{header} 行的位置错误", "RFC 8866 5", 400),
    Fault("sdp-line-repeated", "Repeated {header} line", "{header} 行重复", "RFC 8866 5", 400),
    Fault("sdp-version-unsupported", "Unsupported SDP version", "不支持的 SDP 版本", "RFC 8866 5.1", 488),
    Fault("sdp-origin-malformed", "Malformed origin", "会话源（o=）格式错误", "RFC 8866 5.2", 400),
    Fault("sdp-connection-malformed", "Malformed connection", "连接信息（c=）格式错误", "RFC 8866 5.7", 400),
    Fault("sdp-connection-missing", "Missing connection for media", "媒体缺少 c= 行", "RFC 8866 5.7", 488),
    Fault("sdp-bandwidth-malformed", "Malformed bandwidth", "带宽（b=）格式错误", "RFC 8866 5.8", 400),
    Fault("sdp-time-malformed", "Malformed time", "时间（t=）格式错误", "RFC 8866 5.9", 400),
    Fault("sdp-repeat-malformed", "Malformed repeat times", "重复时间（r=）格式错误", "RFC 8866 5.10", 400),
    Fault("sdp-zone-malformed", "Malformed time zone adjustments", "时区调整（z=）格式错误", "RFC 8866 5.11", 400),
    Fault("sdp-attribute-malformed", "Malformed attribute", "属性（a=）格式错误", "RFC 8866 5.13", 400),
    Fault("sdp-media-malformed", "Malformed media description", "媒体描述（m=）格式错误", "RFC 8866 5.14", 400),
    Fault("sdp-port-malformed", "Malformed media port", "媒体端口格式错误", "RFC 8866 5.14", 400),
    Fault("sdp-ptime-malformed", "Malformed packet time in {header}", "{header} 中的打包时长格式错误", "RFC 8866 6.4", 400),
    Fault("sdp-rtpmap-malformed", "Malformed rtpmap", "rtpmap 格式错误", "RFC 8866 6.6", 400),
    Fault("sdp-direction-repeated", "Repeated media direction", "媒体方向重复", "RFC 8866 6.7", 400),
    Fault("sdp-fmtp-malformed", "Malformed fmtp", "fmtp 格式错误", "RFC 8866 6.15", 400),
    Fault("sdp-rtcp-malformed", "Malformed rtcp", "rtcp 格式错误", "RFC 3605 2.1", 400),
    Fault("sdp-setup-malformed", "Malformed setup", "setup 格式错误", "RFC 4145 4", 400),
    Fault("sdp-crypto-malformed", "Malformed crypto", "crypto 格式错误", "RFC 4568 9.1", 400),
    Fault("sdp-mid-malformed", "Malformed mid", "mid 格式错误", "RFC 5888 4", 400),
    Fault("sdp-group-malformed", "Malformed group", "group 格式错误", "RFC 5888 5", 400),
    Fault("sdp-fingerprint-malformed", "Malformed fingerprint", "fingerprint 格式错误", "RFC 8122 5", 400),
    Fault("sdp-candidate-malformed", "Malformed candidate", "candidate 格式错误", "RFC 8839 5.1", 400),
    Fault("sdp-line-empty", "Empty SDP line", "SDP 行为空", "RFC 8866 5", None, WARNING),
    Fault("sdp-line-whitespace", "Irregular whitespace in SDP line", "SDP 行中的空白不规范", "RFC 8866 5", None, WARNING),
    Fault("sdp-text-malformed", "Malformed UTF-8 in SDP line", "SDP 行中的 UTF-8 格式错误", "RFC 8866 5", None, WARNING),
    Fault("sdp-network-unknown", "Unknown network or address type in {header}", "{header} 中的网络或地址类型未知", "RFC 8866 5.7", None, WARNING),
    Fault("sdp-address-malformed", "Malformed SDP address in {header}", "SDP {header} 中的地址格式错误", "RFC 8866 9", 400),
    Fault("sdp-address-type-mismatched", "Mismatched address type in {header}", "{header} 中的地址与类型不符", "RFC 8866 5.7", 400),
    Fault("sdp-host-underscore", "Underscore in host name in {header}", "会话描述 {header} 的主机名中有下划线", "RFC 8866 9", None, WARNING),
    Fault("sdp-ttl-missing", "Missing TTL of multicast address", "组播地址缺少 TTL", "RFC 8866 5.7", 400),
    Fault("sdp-ttl-misplaced", "Slash after unicast address", "单播地址之后有斜杠", "RFC 8866 5.7", 400),
    Fault("sdp-time-reversed", "Stop time before start time", "结束时间早于开始时间", "RFC 8866 5.9", None, WARNING),
    Fault("sdp-key-obsolete", "Obsolete key line", "密钥行（k=）已废弃", "RFC 8866 5.12", None, WARNING),
    Fault("sdp-attribute-value-malformed", "Malformed value of {header}", "{header} 的值格式错误", "RFC 8866 6", 400),
    Fault("sdp-attribute-value-unexpected", "Unexpected value of {header}", "{header} 不应有值", "RFC 8866 6", None, WARNING),
    Fault("sdp-attribute-misplaced", "Misplaced {header} attribute", "{header} 属性的位置错误", "RFC 8866 6", None, WARNING),
    Fault("sdp-attribute-repeated", "Repeated {header} attribute", "{header} 属性重复", "RFC 8866 6", None, WARNING),
    Fault("sdp-format-malformed", "Malformed RTP payload type", "RTP 负载类型格式错误", "RFC 8866 5.14", None, WARNING),
    Fault("sdp-format-repeated", "Repeated media format", "媒体格式重复", "RFC 8866 5.14", None, WARNING),
    Fault("sdp-format-unlisted", "Format of {header} absent from m= line", "m= 行中没有 {header} 的格式", "RFC 8866 6", None, WARNING),
    Fault("sdp-port-zero", "Port 0 in {header}", "{header} 中的端口为 0", "RFC 8866 9", None, WARNING),
    Fault("sdp-ptime-too-long", "Packet time too long", "打包时长过长", "RFC 3551 4.2", None, WARNING),
    Fault("sdp-crypto-key-length-wrong", "Wrong key length in crypto", "crypto 中的密钥长度错误", "RFC 4568 6.1", 400),
    Fault("sdp-crypto-tag-repeated", "Repeated crypto tag", "crypto 的标签重复", "RFC 4568 4.1", 400),
    Fault("sdp-mid-repeated", "Repeated mid", "mid 重复", "RFC 5888 4", 400),
    Fault("sdp-group-mid-missing", "Missing mid of group", "group 引用的 mid 不存在", "RFC 5888 5", 400),
    Fault("sdp-group-mid-repeated", "Repeated mid in group", "group 中的 mid 重复", "RFC 9143 5", 400),
    Fault("sdp-fingerprint-length-wrong", "Wrong fingerprint length", "fingerprint 长度错误", "RFC 8122 5", 400),
    Fault("sdp-fingerprint-in-lower-case", "Fingerprint in lower case", "fingerprint 使用了小写字母", "RFC 8122 5", None, WARNING),
    Fault("sdp-candidate-related-missing", "Missing raddr or rport in candidate", "candidate 缺少 raddr 或 rport", "RFC 8839 5.1", None, WARNING),
    Fault("sdp-ice-malformed", "Malformed ICE credential in {header}", "{header} 中的 ICE 凭据格式错误", "RFC 8839 5.4", 400),
)

# Raised by the readers of bodies.
BODY_FAULTS: tuple[Fault, ...] = (
    Fault("media-type-malformed", "Malformed media type", "媒体类型格式错误", "RFC 3261 20.15", 400),
    Fault("boundary-missing", "Missing multipart boundary", "multipart 缺少 boundary", "RFC 2046 5.1.1", 400),
    Fault("boundary-malformed", "Malformed multipart boundary", "multipart 的 boundary 格式错误", "RFC 2046 5.1.1", None, WARNING),
    Fault("delimiter-missing", "Multipart without delimiter", "multipart 中没有分隔行", "RFC 2046 5.1.1", 400),
    Fault("closing-delimiter-missing", "Missing closing multipart delimiter", "multipart 缺少结束分隔行", "RFC 2046 5.1.1", 400),
    Fault("too-many-parts", "Too many body parts", "消息体的部分过多", "RFC 3261 21.4.11", 413),
    Fault("parts-too-deep", "Multiparts nested too deeply", "multipart 嵌套过深", "RFC 3261 21.4.11", 413),
    Fault("transfer-encoding-unknown", "Unknown content transfer encoding", "未知的内容传输编码", "RFC 2045 6.1", 415),
    Fault("transfer-encoding-malformed", "Malformed base64", "base64 格式错误", "RFC 2045 6.8", 400),
    Fault("content-encoding-unknown", "Unknown content encoding", "未知的内容编码", "RFC 3261 21.4.13", 415),
    Fault("too-many-content-encodings", "Too many content encodings", "内容编码层数过多", "RFC 3261 21.4.13", 415),
    Fault("content-encoding-malformed", "Damaged compressed body", "压缩的消息体已损坏", "RFC 3261 20.12", 400),
    Fault("content-encoding-truncated", "Truncated compressed body", "压缩的消息体不完整", "RFC 3261 20.12", 400),
    Fault("body-too-large", "Body too large", "消息体过大", "RFC 3261 21.4.11", 413),
    Fault("charset-unknown", "Unknown charset", "未知的字符集", "RFC 3261 21.4.13", 415),
    Fault("dtmf-signal-malformed", "Malformed DTMF signal", "DTMF 信号格式错误", "RFC 4733 3.2", 400),
    Fault("dtmf-duration-malformed", "Malformed DTMF duration", "DTMF 时长格式错误", "RFC 4733 2.3", None, WARNING),
    Fault("xml-malformed", "Malformed XML", "XML 格式错误", "RFC 7303 4", 400),
    Fault("xml-with-dtd", "XML with document type declaration", "XML 带有文档类型声明", "RFC 7303 10", 400),
    Fault("xml-too-deep", "XML elements nested too deeply", "XML 元素嵌套过深", "RFC 3261 21.4.11", 413),
    Fault("xml-names-too-long", "XML names too long", "XML 名称过长", "RFC 3261 21.4.11", 413),
    Fault("xml-root-unexpected", "Unexpected XML root element", "XML 根元素不符", "RFC 3261 7.4.1", 400),
    Fault("isup-truncated", "Truncated ISUP message", "ISUP 消息不完整", "RFC 3204 3.1", 400),
    Fault("isup-parameter-too-short", "ISUP parameter too short", "ISUP 参数过短", "RFC 3204 3.1", 400),
)

# Raised by `forward` and `next_hop`.
FORWARDING_FAULTS: tuple[Fault, ...] = (
    Fault("max-forwards-zero", "Too many hops", "跳数过多", "RFC 3261 16.3", 483),
    Fault("loop-detected", "Loop detected", "检测到环路", "RFC 3261 16.3", 482),
    Fault("extension-unsupported", "Unsupported extension in {header}", "{header} 中的扩展不受支持", "RFC 3261 16.3", 420),
    Fault("route-unsigned", "Unsigned route", "路由没有签名", "RFC 3261 16.4", 403),
    Fault("uri-scheme-unsupported", "Unsupported URI scheme", "不支持的 URI 方案", "RFC 3261 16.3", 416),
    Fault("via-foreign", "Top Via of another element", "最上面的 Via 属于其他网元", "RFC 3261 16.7", None),
    Fault("via-last", "Missing Via below top Via", "最上面的 Via 之下没有 Via", "RFC 3261 16.7", None),
    Fault("via-unsigned", "Unsigned Via", "Via 没有签名", "RFC 3261 16.11", None),
)

# fmt: on
FAULTS: dict[str, Fault] = {
    fault.code: fault
    for group in (
        TOKENIZER_FAULTS,
        MESSAGE_FAULTS,
        TIME_FAULTS,
        VALUE_FAULTS,
        SDP_FAULTS,
        BODY_FAULTS,
        FORWARDING_FAULTS,
    )
    for fault in group
}
"""Every fault by its code."""


class ParseError(ValueError):
    """The bytes cannot be parsed as a SIP message, or a value in them is malformed.

    `offset` counts bytes from the start of the argument of `parse`; `header` is the name of the
    header field with the fault, or None.
    """

    def __init__(self, code: str, offset: int, header: str | None = None) -> None:
        super().__init__(code, offset, header)
        self.code = code
        self.offset = offset
        self.header = header

    unsupported: tuple[str, ...] = ()
    """The option tags that a 420 is about (RFC 3261 20.40)."""

    _is_answered = True

    @property
    def status_hint(self) -> int | None:
        """The response status for the sender (RFC 3261 21.4 and 21.5), or None.

        None where there is none, and from `parse` where the bytes begin like a response or an ACK,
        which are never answered.
        """
        return FAULTS[self.code].status if self._is_answered else None

    @property
    def severity(self) -> Severity:
        """``"error"`` or ``"warning"``."""
        return FAULTS[self.code].severity

    @property
    def rfc(self) -> str:
        """The RFC and section with the rule."""
        return FAULTS[self.code].rfc

    @property
    def text(self) -> str:
        """The fault without its place, fit for a reason phrase (RFC 3261 21.4.1)."""
        return FAULTS[self.code].text.format(header=self.header or "value")

    @property
    def text_zh(self) -> str:
        """The same in Chinese."""
        return FAULTS[self.code].text_zh.format(header=self.header or "值")

    def __str__(self) -> str:
        return f"{self.text} (byte {self.offset})"


class Incomplete(ParseError):
    """The buffer ends before the blank line that ends the header fields (RFC 3261 7)."""


class FramingError(ParseError):
    """A fault in a stream after which the messages in it cannot be told apart (RFC 3261 18.3).

    An event of `Stream`, which it can be raised as well.  `offset` counts bytes from the start of
    the stream.  `response` is the response for the sender, or None if none is to be sent.
    """

    def __init__(
        self, code: str, offset: int, header: str | None = None, response: Response | None = None
    ) -> None:
        super().__init__(code, offset, header)
        self.response = response


class LimitExceeded(ParseError):
    """The message exceeds a limit of `parse` or of a reader of its body."""


class Defect(NamedTuple):
    """A broken rule in a message that can be parsed."""

    code: str
    header: str | None
    offset: int
    """The byte of the fault, from the start of the argument of `parse`."""
    severity: Severity
    status_hint: int | None
    """The response status for the sender; None for a response, an ACK, and where there is none."""
    rfc: str

    @property
    def text(self) -> str:
        """The fault without its place, fit for a reason phrase (RFC 3261 21.4.1)."""
        return FAULTS[self.code].text.format(header=self.header or "value")

    @property
    def text_zh(self) -> str:
        """The same in Chinese."""
        return FAULTS[self.code].text_zh.format(header=self.header or "值")

    def __str__(self) -> str:
        return f"{self.text} (byte {self.offset})"


def defect(code: str, offset: int, header: str | None = None) -> Defect:
    """Make a defect from a row of `FAULTS`."""
    fault = FAULTS[code]
    return Defect(code, header, offset, fault.severity, fault.status, fault.rfc)


_KINDS = {
    "no-message": Incomplete,
    "header-block-unfinished": Incomplete,
    "message-too-large": LimitExceeded,
    "line-too-long": LimitExceeded,
    "too-many-header-fields": LimitExceeded,
    "body-too-large": LimitExceeded,
    "too-many-parts": LimitExceeded,
    "parts-too-deep": LimitExceeded,
    "xml-too-deep": LimitExceeded,
    "xml-names-too-long": LimitExceeded,
}


def parse_error(code: str, offset: int, header: str | None = None) -> ParseError:
    """Make the exception for a row of `FAULTS`, of its class."""
    return _KINDS.get(code, ParseError)(code, offset, header)


def unanswered(error: ParseError) -> ParseError:
    """The same error, of what is never answered: without a status."""
    error._is_answered = False
    return error
