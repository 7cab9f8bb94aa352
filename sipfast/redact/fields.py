"""What becomes of each header field: one table. A header field without a row is dropped."""

from __future__ import annotations

import re
from collections.abc import Callable, Container
from datetime import timedelta, timezone
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple

from ..registry.q850 import CAUSES
from ..registry.status import STATUSES
from ..registry.warning_codes import WARNINGS
from . import words
from .values import (
    ADDRESS,
    ALIAS,
    BRANCH,
    CALL_ID,
    CID,
    FEATURE,
    FLAG,
    GRUU,
    HOST,
    INDEX,
    INSTANCE,
    METHODS,
    NUMBER,
    OPTIONAL_NUMBER,
    RECEIVED,
    SESSION,
    TAG,
    URI,
    URI_HEADERS,
    Kind,
    Policies,
    Q,
    Values,
    one_of,
    quoted,
)

__all__ = ["ALLOWED", "FIELDS", "OF_BODY", "Policy", "phrase_of"]

_NONE: Policies = MappingProxyType({})

Write = Callable[[Values, str, str], "str | None"]
"""Writes the value of a header field of a name anew; None to drop the field.

Raises ParseError if the value is malformed."""


class Policy(NamedTuple):
    """What becomes of a header field."""

    en: str
    """The same in words, for the documentation."""
    write: Write
    parameters: Policies = _NONE


_NUMERIC = re.compile(r"[^0-9A-Za-z]*[vVrR]?[0-9]+(?:[^0-9A-Za-z].*)?", re.ASCII)
"""A word of an agent that is no name: a version, or an address, a number, a date."""
_VERSION = re.compile(
    r"/?[vVrR]?(?=(?:[0-9]\.?){2,5}(?![0-9.]))((?:0|[1-9][0-9]?)(?:\.(?:0|[1-9][0-9]?)){1,2})"
    r"(?:[^0-9A-Za-z.]+(?:[A-Za-z].*)?)?",
    re.ASCII,
)
"""A version that stays: too short for an address or a telephone number, and no part of one.

An extension has no dot; numbers, dates and MAC addresses have more digits, or zeros before them.
"""
_MOST_WORDS = 16
_DOMAIN = re.compile(r"[-_0-9A-Za-z]+(?:\.[-_0-9A-Za-z]+)+", re.ASCII)
_URI = re.compile(r"<[^<>]*>|(?:sips?|tel):", re.ASCII | re.IGNORECASE)
_HEX = re.compile("[0-9A-Fa-f]{8}", re.ASCII)
_LONGEST_RESPONSE = 128
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = tuple("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split())  # noqa: SIM905
_LONG_AGO = 100_000_000
"""A Timestamp from here on counts seconds since 1970, and not since the start of a device."""


def phrase_of(status: int) -> str:
    """The registered reason phrase of a status code."""
    found = STATUSES.get(status)
    return found.phrase if found is not None else "Unregistered"


# ---- how values are written ----------------------------------------------------------------------


def addresses(
    policies: Policies, en: str = "URI as in the table below, display name replaced"
) -> Policy:
    """A field of addresses, each with parameters."""

    def write(values: Values, name: str, text: str) -> str | None:
        read = values.read(name, text)
        if not isinstance(read, tuple):
            return values.address(policies, read)
        made = []
        for one in read:
            if getattr(one, "is_wildcard", False):
                made.append("*")
                continue
            made_one = values.address(policies, one)
            if made_one is not None:
                made.append(made_one)
        return ", ".join(made) or None

    return Policy(en, write, policies)


def numbers(en: str = "kept") -> Policy:
    """A field that is a number, or an object whose text is one, without comments."""

    def write(values: Values, name: str, text: str) -> str | None:
        return str(int(values.read(name, text)))

    return Policy(en, write)


def listed(known: Container[str], en: str, policies: Policies = _NONE) -> Policy:
    """A list of words, of which the known ones stay."""

    def write(values: Values, name: str, text: str) -> str | None:
        read = values.read(name, text)
        items = read if isinstance(read, tuple) else (read,)
        made = []
        for item in items:
            word = item if isinstance(item, str) else _word(item)
            if word in known:
                more = "" if isinstance(item, str) else values.parameters(policies, item.parameters)
                made.append(word + more)
        if made or not items:  # an empty list says that nothing is supported
            return ", ".join(made)
        return None

    return Policy(en, write, policies)


def _word(item: Any) -> str:
    for name in ("media_type", "name", "event_type", "state", "disposition", "mode", "value"):
        found = getattr(item, name, None)
        if found is not None:
            return str(found)
    return str(item).partition(";")[0].strip()


def semicolons(known: Container[str], en: str) -> Policy:
    """Words with semicolons between them."""

    def write(values: Values, name: str, text: str) -> str | None:
        kept = [word for word in map(str.strip, text.split(";")) if word in known]
        return ";".join(kept) or None

    return Policy(en, write)


def _via(values: Values, name: str, text: str) -> str | None:
    made = []
    for via in values.read(name, text):
        if via.transport not in words.TRANSPORTS:
            return None
        port = "" if via.port is None else f":{via.port}"
        host = values.names.host(via.host)
        more = values.parameters(_VIA, via.parameters)
        made.append(f"SIP/2.0/{via.transport} {host}{port}{more}")
    return ", ".join(made)


def _call_id(values: Values, name: str, text: str) -> str | None:
    return values.names.call_id(values.read(name, text))


def _call_ids(values: Values, name: str, text: str) -> str | None:
    return ", ".join(map(values.names.call_id, values.read(name, text))) or None


def _identifier(values: Values, name: str, text: str) -> str | None:
    return values.names.identifier(values.read(name, text))


def _cseq(values: Values, name: str, text: str) -> str | None:
    cseq = values.read(name, text)
    return f"{cseq.number} {cseq.method}" if cseq.method in words.METHODS else None


def _rack(values: Values, name: str, text: str) -> str | None:
    rack = values.read(name, text)
    if rack.method not in words.METHODS:
        return None
    return f"{rack.response_number} {rack.cseq_number} {rack.method}"


def _dialog(values: Values, name: str, text: str) -> str | None:
    dialog = values.read(name, text)
    return values.names.call_id(dialog.call_id) + values.parameters(_DIALOG, dialog.parameters)


def _interval(values: Values, name: str, text: str) -> str | None:
    read = values.read(name, text)
    return f"{read.interval}{values.parameters(_REFRESHER, read.parameters)}"


def _retry_after(values: Values, name: str, text: str) -> str | None:
    read = values.read(name, text)
    return f"{read.seconds}{values.parameters(_DURATION, read.parameters)}"


def _date(values: Values, name: str, text: str) -> str | None:
    try:
        date = values.read(name, text).datetime.astimezone(timezone.utc)
        date += timedelta(seconds=values.shift)
    except OverflowError:
        return None
    day, month = _DAYS[date.weekday()], _MONTHS[date.month - 1]
    return f"{day}, {date.day:02} {month} {date.year:04} {date:%H:%M:%S} GMT"


def _timestamp(values: Values, name: str, text: str) -> str | None:
    read = values.read(name, text)
    whole, point, fraction = read.value.partition(".")
    seconds = int(whole or "0")
    if seconds >= _LONG_AGO:
        seconds += values.shift
        if seconds < 0:
            return None
    delay = "" if read.delay is None else f" {read.delay}"
    return f"{seconds}{point}{fraction}{delay}"


def _reasons(values: Values, name: str, text: str) -> str | None:
    made = []
    for reason in values.read(name, text):
        if reason.protocol not in words.PROTOCOLS:
            continue
        cause = reason.cause
        one = reason.protocol
        if cause is not None:
            one += f";cause={cause}"
        known: Any = None
        if cause is not None and reason.text is not None:
            known = STATUSES.get(cause) if one[:3].upper() == "SIP" else CAUSES.get(cause)
        if known is not None:
            one += f';text="{_plain(known.phrase if one[:3].upper() == "SIP" else known.en)}"'
        location = reason.location
        if location is not None and location in words.LOCATIONS:
            one += f";location={location}"
        made.append(one)
    return ", ".join(made) or None


def _warnings(values: Values, name: str, text: str) -> str | None:
    made = []
    for warning in values.read(name, text):
        known = WARNINGS.get(warning.code)
        meaning = known.en if known is not None else "Unregistered"
        agent = values.host_and_port(warning.agent)
        made.append(f"{warning.code:03} {agent} {quoted(_plain(meaning))}")
    return ", ".join(made)


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isascii() and char not in '"\\')


def _agent(values: Values, name: str, text: str) -> str | None:
    if values.keep_agents:
        return text if text.isascii() and text.isprintable() else None
    made: list[str] = []
    unknown: list[str] = []
    parts = text.partition("(")[0].replace("/", " /").split()[:_MOST_WORDS]
    for are_numbers, group in groupby(parts, lambda word: bool(_NUMERIC.fullmatch(word))):
        if are_numbers:  # in a row, they are one, such as a telephone number
            _end_name(values, unknown, made)
            found = _VERSION.fullmatch(" ".join(group))
            if found and made and "/" not in made[-1]:
                made[-1] += f"/{found[1]}"
            continue
        for word in group:
            if word in words.AGENTS:
                _end_name(values, unknown, made)
                made.append(word)
            elif word[0] != "/":
                unknown.append(word.lower())
    _end_name(values, unknown, made)
    return " ".join(made) or None


def _end_name(values: Values, unknown: list[str], made: list[str]) -> None:
    """The pseudonym of the words so far, which are one name."""
    if unknown:
        made.append("agent-" + values.names.letters("agent", " ".join(unknown), 6))
        unknown.clear()


def _realm(values: Values, text: str) -> str:
    if _DOMAIN.fullmatch(text):
        return values.names.host(text)
    return "realm-" + values.names.letters("realm", text, 8)


def _challenge(values: Values, name: str, text: str) -> str | None:
    made = []
    for one in _all(values.read(name, text)):
        if one.scheme.lower() != "digest":
            continue
        parts = []
        if one.realm is not None:
            parts.append(f'realm="{_realm(values, one.realm)}"')
        if one.nonce is not None:
            parts.append(f'nonce="{values.names.identifier(one.nonce)}"')
        if one.opaque is not None:
            parts.append(f'opaque="{values.names.identifier(one.opaque) if one.opaque else ""}"')
        if one.algorithm is not None and one.algorithm in words.ALGORITHMS:
            parts.append(f"algorithm={one.algorithm}")
        qop = [word for word in one.qop if word.lower() in ("auth", "auth-int")]
        if qop:
            parts.append(f'qop="{",".join(qop)}"')
        if one.stale:
            parts.append("stale=true")
        made.append("Digest " + ", ".join(parts))
    return ", ".join(made) or None


def _credentials(values: Values, name: str, text: str) -> str | None:
    made = []
    for one in _all(values.read(name, text)):
        if one.scheme.lower() != "digest":
            continue
        parts = []
        if one.username is not None:
            parts.append(f'username="{_username(values, one.username)}"')
        if one.realm is not None:
            parts.append(f'realm="{_realm(values, one.realm)}"')
        if one.nonce is not None:
            parts.append(f'nonce="{values.names.identifier(one.nonce)}"')
        uri = None if one.uri is None else values.uri_in(one.uri)
        if uri is not None:
            parts.append(f'uri="{uri}"')
        if one.response is not None:
            parts.append(f'response="{"0" * min(len(one.response), _LONGEST_RESPONSE)}"')
        if one.algorithm is not None and one.algorithm in words.ALGORITHMS:
            parts.append(f"algorithm={one.algorithm}")
        if one.cnonce is not None:
            parts.append('cnonce="0"')
        if one.opaque is not None:
            parts.append(f'opaque="{values.names.identifier(one.opaque) if one.opaque else ""}"')
        if one.qop is not None and one.qop.lower() in ("auth", "auth-int"):
            parts.append(f"qop={one.qop}")
        nc = one.parameters.get("nc")
        if nc is not None and _HEX.fullmatch(nc):
            parts.append(f"nc={nc}")
        made.append("Digest " + ", ".join(parts))
    return ", ".join(made) or None


def _username(values: Values, text: str) -> str:
    name, at, host = text.rpartition("@")
    if at and name and host:
        return f"{values.names.user(name)}@{values.names.host(host)}"
    return values.names.user(text)


def _all(read: Any) -> Any:
    return read if type(read) is tuple else (read,)


def _session_id(values: Values, name: str, text: str) -> str | None:
    read = values.read(name, text)
    return values.names.session(read.local) + values.parameters(_REMOTE, read.parameters)


def _charging(values: Values, name: str, text: str) -> str | None:
    return values.parameters(_CHARGING, values.read(name, text).parameters)[1:] or None


def _networks(values: Values, name: str, text: str) -> str | None:
    return (
        ", ".join([quoted(_realm(values, one.network)) for one in values.read(name, text)]) or None
    )


def _access(values: Values, name: str, text: str) -> str | None:
    made = []
    for one in values.read(name, text):
        if one.access_type in words.ACCESS_TYPES:
            more = ";network-provided" if one.is_network_provided else ""
            made.append(one.access_type + more)
    return ", ".join(made) or None


def _features(values: Values, name: str, text: str) -> str | None:
    made = ["*" + values.parameters(_PREFERENCE, one.parameters) for one in values.read(name, text)]
    return ", ".join(made) or None


def _service(values: Values, name: str, text: str) -> str | None:
    return text if text in words.SERVICES else None


def _allowed(values: Values, name: str, text: str) -> str | None:
    """The value of a header field that was asked for, by what it looks like.

    A number joins with numbers elsewhere, and so not with a Call-ID that has the same digits.
    """
    text = text.strip()
    if not text:
        return ""
    if _URI.search(text):
        return values.address(_ALLOWED, values.read("Reply-To", text))
    address = values.names.address(text)
    if address is not None:
        return values.names.host(text)
    return values.names.number(text) or values.names.call_id(text)


# ---- parameters ----------------------------------------------------------------------------------

_KEPT = "kept if registered"
_TRUTH = one_of(words.Words({"yes", "no"}), "`yes` or `no` kept")

_VIA: Policies = {
    "branch": BRANCH,
    "received": ADDRESS,
    "rport": OPTIONAL_NUMBER,
    "maddr": HOST,
    "ttl": NUMBER,
    "alias": ALIAS,
    "keep": OPTIONAL_NUMBER,
    "comp": one_of(words.Words({"sigcomp"}), _KEPT),
    "i": TAG,
    "oc": OPTIONAL_NUMBER,
    "oc-validity": OPTIONAL_NUMBER,
}
_TAGGED: Policies = {"tag": TAG}
_PREFERENCE: dict[str, Kind] = {
    **dict.fromkeys(
        (
            *("require", "explicit", "audio", "automata", "class", "duplex", "data", "control"),
            *("mobility", "events", "application", "video", "isfocus", "actor", "text"),
            *("+g.3gpp.icsi-ref", "+g.3gpp.iari-ref", "+g.3gpp.smsip", "+g.3gpp.mid-call"),
            *("+g.3gpp.srvcc-alerting", "+g.3gpp.ps2cs-srvcc-orig-pre-alerting", "+sip.ice"),
            *("+g.gsma.rcs.cpm.pager-large", "+g.oma.sip-im", "+sip.src", "+sip.trickle-ice"),
        ),
        FEATURE,
    ),
    "methods": METHODS,
}
_CONTACT: Policies = {
    "q": Q,
    "expires": NUMBER,
    "+sip.instance": INSTANCE,
    "reg-id": NUMBER,
    "pub-gruu": URI,
    "temp-gruu": URI,
    "received": RECEIVED,
    **_PREFERENCE,
}
_ROUTE: Policies = {"received": RECEIVED}
_DIVERSION: Policies = {
    "reason": one_of(words.DIVERSION_REASONS, _KEPT),
    "privacy": one_of(words.PRIVACY, _KEPT),
    "screen": _TRUTH,
    "counter": NUMBER,
    "limit": NUMBER,
}
_HISTORY: Policies = dict.fromkeys(("index", "rc", "mp", "np"), INDEX)
_PARTY: Policies = {
    "party": one_of(words.Words({"calling", "called"}), _KEPT),
    "id-type": one_of(words.Words({"subscriber", "user", "term"}), _KEPT),
    "screen": _TRUTH,
    "privacy": one_of(words.PRIVACY, _KEPT),
}
_SERVED: Policies = {
    "sescase": one_of(words.Words({"orig", "term"}), _KEPT),
    "regstate": one_of(words.Words({"reg", "unreg"}), _KEPT),
    "orig-cdiv": FLAG,
}
_DIALOG: Policies = {
    **dict.fromkeys(("to-tag", "from-tag", "local-tag", "remote-tag"), TAG),
    "early-only": FLAG,
}
_EVENT: Policies = {
    "id": TAG,
    "call-id": CALL_ID,
    "to-tag": TAG,
    "from-tag": TAG,
    "include-session-description": FLAG,
}
_STATE: Policies = {
    "reason": one_of(words.SUBSCRIPTION_REASONS, _KEPT),
    "expires": NUMBER,
    "retry-after": NUMBER,
}
_REFRESHER: Policies = {"refresher": one_of(words.Words({"uac", "uas"}), _KEPT)}
_DURATION: Policies = {"duration": NUMBER}
_REMOTE: Policies = {"remote": SESSION}
_CHARGING: Policies = {
    "icid-value": TAG,
    "icid-generated-at": HOST,
    "orig-ioi": HOST,
    "term-ioi": HOST,
    "related-icid": TAG,
    "related-icid-gen-addr": HOST,
    "ccf": HOST,
    "ecf": HOST,
}
_QUALITY: Policies = {"q": Q}
_REQUIRED: Policies = {"require": FLAG}
_ALLOWED: Policies = {**_TAGGED, "q": Q, "expires": NUMBER, "gr": GRUU}

# ---- the table -----------------------------------------------------------------------------------

_PLAIN_ADDRESSES = addresses({})
_ROUTES = addresses(_ROUTE)
_OPTIONS = listed(words.OPTION_TAGS, "registered option tags kept")
_NUMBERS = numbers()
_DIALOGS = Policy("pseudonyms of the Call-ID and the tags", _dialog, _DIALOG)
_FEATURES = Policy("usual features kept", _features, _PREFERENCE)
_CHALLENGES = Policy(
    "of Digest: pseudonyms of realm, nonce and opaque; algorithm, qop and stale kept", _challenge
)
_CREDENTIALS = Policy(
    "of Digest: pseudonyms of username, realm, nonce, uri and opaque; response and cnonce zeros",
    _credentials,
)
_AGENTS = Policy(
    "known products kept, pseudonyms of others; versions of two or three numbers kept, of up to "
    "two digits each and five together",
    _agent,
)

FIELDS: dict[str, Policy] = {
    "Via": Policy("pseudonym of the host; transport and port kept", _via, _VIA),
    "From": addresses(_TAGGED),
    "To": addresses(_TAGGED),
    "Call-ID": Policy("pseudonym of the identifier, and of the host after `@`", _call_id),
    "CSeq": Policy("kept", _cseq),
    "Max-Forwards": _NUMBERS,
    "Contact": addresses(_CONTACT),
    "Route": _ROUTES,
    "Record-Route": _ROUTES,
    "Path": _ROUTES,
    "Service-Route": _ROUTES,
    "Expires": _NUMBERS,
    "Min-Expires": _NUMBERS,
    "Session-Expires": Policy("kept", _interval, _REFRESHER),
    "Min-SE": Policy("kept", _interval),
    "Retry-After": Policy("kept without the comment", _retry_after, _DURATION),
    "Flow-Timer": _NUMBERS,
    "Max-Breadth": _NUMBERS,
    "RSeq": _NUMBERS,
    "RAck": Policy("kept", _rack),
    "Date": Policy("kept, or shifted with the times", _date),
    "Timestamp": Policy("kept, or shifted with the times if it counts from 1970", _timestamp),
    "Allow": listed(words.METHODS, "registered methods kept"),
    "Supported": _OPTIONS,
    "Require": _OPTIONS,
    "Proxy-Require": _OPTIONS,
    "Unsupported": _OPTIONS,
    "Allow-Events": listed(words.EVENTS, "usual event packages kept"),
    "Event": listed(words.EVENTS, "usual event packages kept", _EVENT),
    "Subscription-State": listed(
        words.Words({"active", "pending", "terminated"}), "registered states kept", _STATE
    ),
    "Accept": listed(words.MEDIA_TYPES, "usual media types kept", _QUALITY),
    "Accept-Encoding": listed(words.CODINGS, "registered codings kept", _QUALITY),
    "Accept-Language": listed(words.LANGUAGES, "usual languages kept", _QUALITY),
    "Accept-Contact": _FEATURES,
    "Reject-Contact": _FEATURES,
    "Request-Disposition": listed(
        words.Words(
            {"proxy", "redirect", "cancel", "no-cancel", "fork", "no-fork", "recurse", "no-recurse"}
            | {"parallel", "sequential", "queue", "no-queue"}
        ),
        "registered directives kept",
    ),
    "Priority": listed(
        words.Words({"emergency", "urgent", "normal", "non-urgent"}), "registered values kept"
    ),
    "Privacy": semicolons(words.PRIVACY, "registered values kept"),
    "Answer-Mode": listed(words.Words({"auto", "manual"}), "registered modes kept", _REQUIRED),
    "Priv-Answer-Mode": listed(words.Words({"auto", "manual"}), "registered modes kept", _REQUIRED),
    "Refer-Sub": listed(words.Words({"true", "false"}), "kept"),
    "P-Early-Media": listed(
        words.Words({"supported", "sendrecv", "sendonly", "recvonly", "inactive", "gated"}),
        "registered values kept",
    ),
    "Reason": Policy("protocol, cause and location kept; the registered text", _reasons),
    "Warning": Policy("code kept, pseudonym of the agent, the registered text", _warnings),
    "User-Agent": _AGENTS,
    "Server": _AGENTS,
    "P-Asserted-Identity": _PLAIN_ADDRESSES,
    "P-Preferred-Identity": _PLAIN_ADDRESSES,
    "P-Associated-URI": _PLAIN_ADDRESSES,
    "P-Called-Party-ID": _PLAIN_ADDRESSES,
    "P-Profile-Key": _PLAIN_ADDRESSES,
    "P-Served-User": addresses(_SERVED),
    "Remote-Party-ID": addresses(_PARTY),
    "Diversion": addresses(_DIVERSION),
    "History-Info": addresses(_HISTORY),
    "Referred-By": addresses({"cid": CID}),
    "Refer-To": _PLAIN_ADDRESSES,
    "Reply-To": _PLAIN_ADDRESSES,
    "Permission-Missing": _PLAIN_ADDRESSES,
    "Replaces": _DIALOGS,
    "Join": _DIALOGS,
    "Target-Dialog": _DIALOGS,
    "In-Reply-To": Policy("pseudonyms of the Call-IDs", _call_ids),
    "Session-ID": Policy("pseudonym; the null one kept", _session_id, _REMOTE),
    "SIP-ETag": Policy("pseudonym", _identifier),
    "SIP-If-Match": Policy("pseudonym", _identifier),
    "Suppress-If-Match": Policy("pseudonym", _identifier),
    "WWW-Authenticate": _CHALLENGES,
    "Proxy-Authenticate": _CHALLENGES,
    "Authorization": _CREDENTIALS,
    "Proxy-Authorization": _CREDENTIALS,
    "P-Charging-Vector": Policy("only parameters", _charging, _CHARGING),
    "P-Charging-Function-Addresses": Policy("only parameters", _charging, _CHARGING),
    "P-Visited-Network-ID": Policy("pseudonym", _networks),
    "P-Access-Network-Info": Policy("registered access types kept", _access),
    "P-Asserted-Service": Policy("usual services kept", _service),
    "P-Preferred-Service": Policy("usual services kept", _service),
}
"""By the names of the header fields."""

ALLOWED = Policy(
    "a URI, an address or a number as such, and all other text as a Call-ID", _allowed, _ALLOWED
)
"""The header fields of `Redactor.allow` without a row."""

OF_BODY = frozenset(
    {
        *("Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition"),
        *("Content-Language", "Content-ID", "MIME-Version"),
    }
)
"""The header fields that describe the body, and are written with it."""

URI_HEADERS.update(
    {
        name.lower(): FIELDS[name].write
        for name in (
            *("Replaces", "Join", "Target-Dialog", "In-Reply-To", "Call-ID", "Event", "Reason"),
            *("Privacy", "Accept", "Require", "Supported"),
        )
    }
)
