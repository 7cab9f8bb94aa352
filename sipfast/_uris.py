"""The grammar of hosts and of sip, sips and tel URIs (RFC 3261 19.1 and 25.1, RFC 3966 3).

`sipfast.registry.uri_components` has the characters of each component.  Reading tolerates most of
the faults here; both engines report them as defects.
"""

from __future__ import annotations

import re

from .registry.uri_components import COMPONENTS, TOKEN_PARAMETERS
from .uri_parts import unescaped

__all__ = ["host_fault", "is_ipv4", "is_ipv6", "uri_faults"]

Found = tuple[str, int]
"""The code of a fault, and its offset in a text."""

# ---- hosts ---------------------------------------------------------------------------------------

_LABEL = r"[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?"
_DOMAIN_NAME = rf"(?:{_LABEL}\.)*(?=[A-Za-z]){_LABEL}\.?"
"""The rule hostname: the last label begins with a letter."""
# The same with underscores, which names of hosts have in practice.
_NAME = re.compile(_DOMAIN_NAME.replace("0-9", "0-9_").replace("(?=[A-Za-z]", "(?=[A-Za-z_]"))
_NOT_IN_LABEL = re.compile("[^-A-Za-z0-9_]")
_NUMBER = "(?:[0-9]{1,2}|[01][0-9]{2}|2[0-4][0-9]|25[0-5])"
_OF_IPV4 = re.compile(_NUMBER)
_IPV4 = re.compile(rf"{_NUMBER}(?:\.{_NUMBER}){{3}}")
_GROUP = re.compile("[0-9A-Fa-f]{1,4}")


def host_fault(host: str) -> Found | None:
    """The fault of a host: a name, an IPv4 address, or an IPv6 address in brackets.

    Its offset counts characters.
    """
    if _NAME.fullmatch(host):
        at = host.find("_")
        return None if at < 0 else ("host-underscore", at)
    if is_ipv4(host):
        return None
    if host.isascii() and host.isdigit():  # the domains of GB/T 28181
        return "host-numeric", 0
    if not host.startswith("["):
        return "host-malformed", _place_in_name(host)
    address = host[1 : len(host) - 1]
    if not host.endswith("]"):
        return "host-malformed", len(host)
    if is_ipv6(address):
        return None
    before, colons, ipv4 = address.partition(":::")
    if colons and is_ipv4(ipv4) and is_ipv6(f"{before}::{ipv4}"):  # RFC 5118 4.10
        return "host-extra-colon", 1 + len(before) + 2
    return "host-malformed", 0


def _place_in_name(host: str) -> int:
    """The index of the fault in a malformed name or IPv4 address."""
    labels = host.split(".")
    if len(labels) > 1 and not labels[-1]:  # the last dot is allowed
        labels.pop()
    at = last = 0
    for label in labels:
        wrong = _NOT_IN_LABEL.search(label)
        if wrong:
            return at + wrong.start()
        if not label or label.startswith("-"):
            return at
        if label.endswith("-"):
            return at + len(label) - 1
        last = at
        at += len(label) + 1
    if len(labels) != 4 or not host.replace(".", "").isdigit():
        return last  # it begins with a digit
    at = 0
    for label in labels:
        if not _OF_IPV4.fullmatch(label):
            return at
        at += len(label) + 1
    return at - 1  # the last dot


def is_ipv4(text: str) -> bool:
    """Whether this is an IPv4 address: four numbers up to 255."""
    return _IPV4.fullmatch(text) is not None


def is_ipv6(text: str) -> bool:
    """Whether this is an IPv6 address, without brackets (RFC 4291 2.2)."""
    before, short, after = text.partition("::")
    first = before.split(":") if before or not short else []
    second = after.split(":") if after else []
    groups = first + second
    if after or not short:
        last = groups.pop()
        groups += ("0", "0") if is_ipv4(last) else (last,)
    if not all(map(_GROUP.fullmatch, groups)):
        return False
    return len(groups) <= 7 if short else len(groups) == 8


# ---- URIs ----------------------------------------------------------------------------------------

_PATTERNS = {key: row.pattern for key, row in COMPONENTS.items()}
_USER = _PATTERNS["sip", "user"]
_PASSWORD = _PATTERNS["sip", "password"]
_HEADER_NAME = _PATTERNS["sip", "header name"]
_HEADER_VALUE = _PATTERNS["sip", "header value"]

# A URI that was read, and the parts of it.
_SIP = re.compile(
    r"sips?: (?: ([^@:]*) (?: : ([^@]*) )? @ )? (\[[^]]*\] | [^]:;?[]*) (?: :[0-9]* )?"
    r"(?: ; ([^?]*) )? (?: \? (.*) )?",
    re.VERBOSE | re.DOTALL | re.IGNORECASE | re.ASCII,
)
_TEL = re.compile(r"tel:([^;]*)(?:;(.*))?", re.DOTALL | re.IGNORECASE | re.ASCII)

_CONTEXT = re.compile(rf"\+[-.()]*[0-9][-.()0-9]*|{_DOMAIN_NAME}")
_TTL = re.compile("0{0,2}[0-9]|0?[0-9]{2}|1[0-9]{2}|2[0-4][0-9]|25[0-5]")
_PATTERNS |= {("sip", "ttl"): _TTL, ("tel", "phone-context"): _CONTEXT}
_TOKENS = ", ".join(TOKEN_PARAMETERS)
_HOST = _PATTERNS["sip", "maddr"]
_RULES = {
    (scheme, name): (_PATTERNS[scheme, names], COMPONENTS[scheme, names].fault)
    for scheme, names in COMPONENTS
    if names in (_TOKENS, "ttl", "maddr", "ext", "isub", "phone-context")
    for name in names.split(", ")
}
"""By scheme and name: the parameters that need a value, the pattern of it, and the fault."""
_RAISED = (("sip", "ttl"), ("tel", "ext"))
"""Those whose property raises, at the beginning of the parameter."""
_CODES = {"sip": "uri-parameter", "tel": "tel-parameter"}
"""By scheme: the beginning of the codes of other faults of parameters."""


def uri_faults(text: str) -> list[Found]:
    """The faults in the text of a URI that was read; of several with one code, the first.

    Their offsets count bytes.
    """
    sip = _SIP.fullmatch(text)
    if sip:
        found = _sip_faults(sip)
    else:
        tel = _TEL.fullmatch(text)
        found = _tel_faults(tel) if tel else []
    return [(code, len(text[:at].encode("utf-8", "surrogateescape"))) for code, at in found]


def _sip_faults(uri: re.Match[str]) -> list[Found]:
    found = []
    if uri[1] is not None:
        past = _past(_USER, uri[1])
        if past < len(uri[1]):
            found.append(("uri-user-malformed", uri.start(1) + past))
    if uri[2] is not None:
        past = _past(_PASSWORD, uri[2])
        if past < len(uri[2]):
            found.append(("uri-password-malformed", uri.start(2) + past))
    fault = host_fault(uri[3])
    if fault:
        found.append((fault[0], uri.start(3) + fault[1]))
    if uri[4] is not None:
        found += _parameter_faults("sip", uri[4], uri.start(4))
    if uri[5] is not None:
        found += _header_faults(uri[5], uri.start(5))
    return found


def _tel_faults(uri: re.Match[str]) -> list[Found]:
    number, region = uri[1], uri[2] or ""
    found = [] if uri[2] is None else _parameter_faults("tel", region, uri.start(2))
    if not number.startswith("+"):
        names = [_name_of(piece) for piece in region.split(";")]
        if "phone-context" not in names:  # RFC 3966 5.1.5
            found.append(("tel-context-missing", 0))
    return found


def _parameter_faults(scheme: str, region: str, at: int) -> list[Found]:
    """The faults of the parameters, which begin at `at`."""
    found: dict[str, int] = {}
    places: dict[str, int] = {}
    repeated = _CODES[scheme] + "-repeated"
    for piece in region.split(";"):
        name = _name_of(piece)
        fault = _parameter_fault(scheme, name, piece)
        if fault:
            found.setdefault(fault[0], at + fault[1])
        if name in places:
            found.setdefault(repeated, places[name])
        elif name:
            places[name] = at
        at += len(piece) + 1
    return list(found.items())


def _parameter_fault(scheme: str, name: str, piece: str) -> Found | None:
    if not piece:
        return "parameter-empty", -1  # the semicolon
    written, equals, value = piece.partition("=")
    if not written:
        return "parameter-malformed", 0  # as reading raises
    past = _past(_PATTERNS[scheme, "parameter name"], written)
    if past < len(written):
        return _CODES[scheme] + "-malformed", past
    rule = _RULES.get((scheme, name))
    if rule is None and not equals:
        return None
    pattern, code = rule or (_PATTERNS[scheme, "parameter value"], _CODES[scheme] + "-malformed")
    if not value:
        return code, 0
    begin = len(written) + 1
    if pattern is _HOST:
        fault = host_fault(value)
        return fault and (fault[0], begin + fault[1])
    if pattern.fullmatch(value):
        return None
    return code, 0 if (scheme, name) in _RAISED else begin + _past(pattern, value)


def _header_faults(region: str, at: int) -> list[Found]:
    """The fault of the first malformed header field; they begin at `at`."""
    for piece in region.split("&"):
        name, equals, value = piece.partition("=")
        past = _past(_HEADER_NAME, name) if equals else 0
        if 0 < past == len(name):
            past += 1 + _past(_HEADER_VALUE, value)
        if past < len(piece) or not name:
            return [("uri-header-malformed", at + past)]
        at += len(piece) + 1
    return []


def _name_of(piece: str) -> str:
    """The name of a parameter as compared."""
    return unescaped(piece.partition("=")[0]).lower()


def _past(pattern: re.Pattern[str], text: str) -> int:
    """The end of the well-formed beginning of a text."""
    match = pattern.match(text)
    return match.end() if match else 0
