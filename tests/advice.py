"""Words that the advice on a status code or a method must have, in English and in Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Advice(NamedTuple):
    """Words that must stand in what is said to whoever receives it."""

    en: tuple[str, ...]
    zh: tuple[str, ...]


def _advice(en: str, zh: str) -> Advice:
    return Advice(tuple(en.split(" | ")), tuple(zh.split(" | ")))


def lacking(words: Iterable[str], *texts: str) -> list[str]:
    """Those of the words that stand in none of the texts."""
    return [one for one in words if not any(one in text for text in texts)]


_ON_STATUSES = {
    100: (
        "Like any 1xx | more than 200 ms | hop by hop | a proxy never forwards it",
        "与任何 1xx 一样 | 超过 200 毫秒 | 逐跳 | 代理绝不转发",
    ),
    180: ("alerting the user | ringback | early dialog", "提醒用户 | 回铃音 | 早期对话"),
    181: ("sent on to other destinations | keep waiting", "转往另外的目的地 | 继续等待"),
    182: (
        "rather than reject | reason phrase | how many callers wait",
        "没有拒绝呼叫 | 原因短语 | 有多少人在等待",
    ),
    183: (
        "no other 1xx fits | early dialog | Every 1xx except 100",
        "其他 1xx 均不适用 | 早期对话 | 除 100 外",
    ),
    199: (
        "To tag | keep the others | wait for the final response",
        "To tag | 保留其余对话 | 等待最终响应",
    ),
    200: ("ACK for each 200 | BYE", "每个 200 都要回 ACK | BYE"),
    202: ("Deprecated | exactly like a 200", "已弃用 | 与 200 完全同样处理"),
    204: ("no NOTIFY | Do not wait", "不会再有 NOTIFY | 不要等待"),
    300: ("Choose among the Contact | Never try the same URI twice", "Contact | 不得尝试两次"),
    301: ("update address books", "更新通讯录"),
    302: (
        "holds for the time in Expires | for this call only | must not be cached",
        "有效期由 Expires | 仅对本次呼叫有效 | 不得缓存",
    ),
    305: ("Only a UAS | this one request", "只能由 UAS 产生 | 这一个请求"),
    380: ("the body describes them", "消息体对其作了描述"),
    400: (
        "reason phrase should name the fault | any 4xx | do not retry | unchanged",
        "原因短语应指明错误所在 | 的 4xx | 不得原样",
    ),
    401: (
        "user agent or a registrar | A proxy sends a 407 | credentials in Authorization",
        "用户代理或注册服务器 | 代理则发 407 | 在 Authorization 中给出凭据",
    ),
    402: ("Reserved | do not retry unchanged", "保留 | 不得原样重试"),
    403: ("Do not repeat | credentials will not help", "不要重发 | 凭据也无济于事"),
    404: ("does not exist | Do not retry unchanged", "没有该用户 | 不得原样重试"),
    405: ("in Allow", "Allow 中列出的方法"),
    406: ("Widen the Accept", "放宽 Accept"),
    407: (
        "A proxy on the path | sends a 401 | credentials in Proxy-Authorization",
        "路径上的代理 | 注册服务器或用户代理则发 401 | 在 Proxy-Authorization 中给出凭据",
    ),
    408: ("tried again later, unchanged", "以后可原样重试"),
    410: ("permanent | do not try it again", "永久 | 不要再试"),
    412: ("entity-tag | without SIP-If-Match", "实体标签 | 不带 SIP-If-Match"),
    413: ("smaller body | Retry-After | after that time", "缩小 | Retry-After | 过了该时间"),
    414: ("Shorten the Request-URI", "缩短 Request-URI"),
    415: ("Accept, | Accept-Encoding | Accept-Language", "Accept-Encoding | Accept-Language"),
    416: ("SIP URI", "SIP URI"),
    417: ("Accept-Resource-Priority", "Accept-Resource-Priority"),
    420: ("without the extensions listed in Unsupported", "去掉 Unsupported 中列出的扩展"),
    421: ("See Require | Supported", "响应中的 Require | Supported"),
    422: ("Min-SE | Session-Expires", "Min-SE | Session-Expires"),
    423: ("no shorter than Min-Expires", "不短于 Min-Expires"),
    424: ("Geolocation-Error", "Geolocation-Error"),
    425: ("AlertMsg-Error", "AlertMsg-Error"),
    428: ("signs it", "签名"),
    429: ("Referred-By", "Referred-By"),
    430: ("same instance | like a 400", "同一实例 | 按 400 处理"),
    433: ("user's consent", "征得用户同意"),
    436: ("info parameter", "info 参数"),
    437: ("issuer and algorithm", "颁发者 | 算法"),
    438: ("no more than once", "最多重试一次"),
    439: ("without the outbound extension", "不用 outbound 扩展"),
    440: ("fewer branches | loop", "减少 | 环路"),
    469: ("Recv-Info", "Recv-Info"),
    470: ("Permission-Missing", "Permission-Missing"),
    480: ("reason phrase should say why | Retry-After", "原因短语应说明原因 | Retry-After"),
    481: ("Terminate the dialog", "将其终止"),
    482: ("loops | Do not resend it as it is", "环路 | 不要原样重发"),
    483: ("Max-Forwards | loop", "Max-Forwards | 成环"),
    484: ("overlap dialling | more digits", "重叠拨号 | 更多号码"),
    485: ("Never choose automatically", "不可像 3xx 那样自动选择"),
    486: (
        "Unlike a 600 | goes on with its other branches | Retry-After",
        "与 600 不同 | 继续其余分支 | Retry-After",
    ),
    487: (
        "answers the cancelled INVITE and never the CANCEL | with an ACK",
        "应答的是被取消的 INVITE，绝不是 CANCEL | 以 ACK 确认",
    ),
    488: ("Unlike with a 606 | Warning", "与 606 不同 | Warning"),
    489: ("Allow-Events", "Allow-Events"),
    491: (
        "random time | 2.1 to 4 seconds | 0 to 2 seconds | 10 ms | 14.1",
        "随机等待 | 2.1 至 4 秒 | 0 至 2 秒 | 10 毫秒 | 14.1",
    ),
    493: ("certificate", "证书"),
    494: ("Security-Server | Security-Verify", "Security-Server | Security-Verify"),
    500: ("after several seconds | Retry-After", "数秒后重试 | Retry-After"),
    501: ("for any user", "对任何用户"),
    502: ("invalid response | another route", "无效响应 | 换一条路由"),
    503: (
        "alternate server | Retry-After | as on a 500 | does not forward a 503",
        "备用服务器 | Retry-After | 按 500 处理 | 代理不转发 503",
    ),
    504: ("did not answer in time | another server", "未及时应答 | 别的服务器"),
    505: ("SIP/2.0", "SIP/2.0"),
    513: ("shorter", "缩短"),
    555: ("pn-provider", "pn-provider"),
    580: ("session description", "会话描述"),
    600: ("A 486 leaves those open | Retry-After", "486 则不排除 | Retry-After"),
    603: ("does not wish to take part | Retry-After", "不愿或不能参与 | Retry-After"),
    604: ("Correct the address", "更正地址"),
    606: ("A 488 leaves those open | Warning", "488 则不排除 | Warning"),
    607: ("callee's own", "被叫本人"),
    608: ("intermediary | Call-Info | signature", "中间实体 | Call-Info | 签名"),
}

_ON_METHODS = {
    "ACK": (
        "Never answer | stop retransmitting the 2xx | end to end | ends at this hop",
        "不得应答 | 停止重传 2xx | 端到端 | 止于本跳",
    ),
    "BYE": ("Answer 200 | 487 | 481", "应答 200 | 487 | 481"),
    "CANCEL": (
        "top Via | 200 | 487 | 481 | hop by hop | never challenged",
        "最上面的 Via | 200 | 487 | 481 | 逐跳 | 不得质询",
    ),
    "INFO": ("DTMF | Recv-Info | 469 | 481", "DTMF | Recv-Info | 469 | 481"),
    "INVITE": (
        "Retransmit a 2xx until its ACK | 491 | 500 | 0 to 10 seconds",
        "重传 2xx 直到收到 ACK | 491 | 500 | 0 至 10 秒",
    ),
    "MESSAGE": (
        "no dialog | at once | 202 | neither body nor Contact | 415",
        "不建立对话 | 立即应答 | 202 | 不带消息体和 Contact | 415",
    ),
    "NOTIFY": ("200 | 481 | Subscription-State", "200 | 481 | Subscription-State"),
    "OPTIONS": (
        "that an INVITE would get | Allow, Accept | Supported",
        "按 INVITE 会得到的状态码 | Allow、Accept | Supported",
    ),
    "PRACK": ("RAck | 100rel | 200 | 481", "RAck | 100rel | 200 | 481"),
    "PUBLISH": ("SIP-ETag | 489 | 412 | 423", "SIP-ETag | 489 | 412 | 423"),
    "REFER": (
        "transfer a call | exactly one Refer-To | 400 | NOTIFY | message/sipfrag",
        "呼叫转接 | 恰好一个 | 400 | NOTIFY | message/sipfrag",
    ),
    "REGISTER": (
        "401 | 403 | 404 | 423 | all bindings or none | Never answer 6xx",
        "401 | 403 | 404 | 423 | 要么全部生效要么全不生效 | 不得应答 6xx",
    ),
    "SUBSCRIBE": (
        "no longer than was asked | NOTIFY at once | 489 | 423",
        "不长于所请求的值 | 立即发送 NOTIFY | 489 | 423",
    ),
    "UPDATE": (
        "promptly | 488 | 504 | 491 | 500 | 0 to 10 seconds",
        "迅速应答 | 488 | 504 | 491 | 500 | 0 至 10 秒",
    ),
}

ON_STATUSES = {code: _advice(*words) for code, words in _ON_STATUSES.items()}
"""For each status code that is registered."""

ON_METHODS = {name: _advice(*words) for name, words in _ON_METHODS.items()}
"""For each method that is registered."""
