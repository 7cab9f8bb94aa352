"""The lines of session descriptions: the rules for their values, their level and their number.

The readers of `_core/sdp/records.py` know the grammar; a value that they can read is checked here,
on both engines by the same interpreted code. The results of common lines are cached.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

__all__ = ["ATTRIBUTES", "ITSELF", "LINES", "MEDIA", "SESSION", "WORD", "Rule", "kind_of"]

Check = Callable[[Any], "str | None"]
"""It returns the code of the fault of a value, if any."""

SESSION, MEDIA = 1, 2
ITSELF, WORD = 1, 2


class Rule(NamedTuple):
    """The rule for an attribute (RFC 8866 6)."""

    check: Check | None = None
    """Checks its value, which is text if `records.py` has no reader for it."""
    level: int = 0
    """`SESSION` or `MEDIA` if it belongs to only one of them."""
    once: int = 0
    """`ITSELF` if a section has it once, `WORD` if once for each first word."""
    of_format: bool = False
    """Whether its first word is a format of the media description."""
    again: str = "sdp-attribute-repeated"
    """The fault of another one."""
    cached: bool = True
    """Whether such lines may outlive their description: no secret may."""


# ---- addresses ----------------------------------------------------------------------------------

_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IP4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_H16 = "[0-9A-Fa-f]{1,4}"
_LAST = rf"(?:{_H16}:{_H16}|{_IP4})"
_IP6 = "|".join(
    (
        rf"(?:{_H16}:){{6}}{_LAST}",
        *(
            rf"(?:(?:{_H16}:){{0,{before}}}{_H16})?::(?:{_H16}:){{{4 - before}}}{_LAST}"
            for before in range(5)
        ),
        rf"::(?:{_H16}:){{5}}{_LAST}",
        rf"(?:(?:{_H16}:){{0,5}}{_H16})?::{_H16}",
        rf"(?:(?:{_H16}:){{0,6}}{_H16})?::",
    )
)  # RFC 3986 3.2.2
# Labels of letters, digits, hyphens and underscores, of which the last has not only digits.
_LABEL = "[0-9A-Za-z_](?:[-0-9A-Za-z_]*[0-9A-Za-z_])?"
_NAME = rf"(?:{_LABEL}\.)*(?![0-9]+\.?\Z){_LABEL}\.?"
_ADDRESS = rf"(?P<IP4>{_IP4})|(?P<name>{_NAME})|(?P<IP6>{_IP6})"
_LONGEST_ADDRESS = 255  # RFC 1035 2.3.4
_MULTICAST = re.compile(r"2(?:2[4-9]|3[0-9])\.|[Ff][Ff]")
_ADDRESS_TYPES = {
    "ATM": ("NSAP", "GWID", "E164"),  # RFC 3108 5.2.1
    "PSTN": ("E164", "-"),  # RFC 7195 5.2
    "TN": ("RFC2543",),  # RFC 2848 3.4.1
}
"""The address types of other networks than the Internet."""


@cache
def _addresses() -> re.Pattern[str]:
    """The pattern of addresses, which takes milliseconds to compile."""
    return re.compile(_ADDRESS)


def kind_of(address: str) -> str | None:
    """``"IP4"``, ``"IP6"`` or ``"name"``; None for a malformed one."""
    match = _addresses().fullmatch(address) if len(address) <= _LONGEST_ADDRESS else None
    return match and match.lastgroup


def _check_address(network_type: str, address_type: str, address: str) -> str | None:
    if network_type != "IN" or address_type not in ("IP4", "IP6"):
        is_known = address_type in _ADDRESS_TYPES.get(network_type, ())
        return None if is_known else "sdp-network-unknown"
    kind = kind_of(address)
    if kind is None:
        return "sdp-address-malformed"
    if kind == "name":
        return "sdp-host-underscore" if "_" in address else None
    return None if kind == address_type else "sdp-address-type-mismatched"


# ---- lines --------------------------------------------------------------------------------------


def _check_origin(origin: Any) -> str | None:
    digits = origin.session_id + origin.session_version
    if not (digits.isascii() and digits.isdigit()):
        return "sdp-origin-malformed"
    return _check_address(*origin[3:])


def _check_connection(connection: Any) -> str | None:
    network_type, address_type, address, ttl, count = connection
    fault = _check_address(network_type, address_type, address)
    if fault is not None or network_type != "IN":
        return fault
    if not _MULTICAST.match(address) or kind_of(address) == "name":
        return None if ttl is None and count == 1 else "sdp-ttl-misplaced"
    return "sdp-ttl-missing" if ttl is None and address_type == "IP4" else None


def _check_time(time: Any) -> str | None:
    return "sdp-time-reversed" if 0 < time.stop < time.start else None


LINES: dict[str, Check] = {"o": _check_origin, "c": _check_connection, "t": _check_time}
"""The checks of lines by their type."""


# ---- attributes ---------------------------------------------------------------------------------

_TOKEN = r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+"
_HASHES = {
    **dict.fromkeys(("md2", "md5"), 16),
    "sha-1": 20,
    **{f"sha-{bits}": bits // 8 for bits in (224, 256, 384, 512)},
}
"""Octets of the hash functions of RFC 8122 5."""
_SUITES = {
    **dict.fromkeys(("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"), 30),
    **dict.fromkeys(("F8_128_HMAC_SHA1_80", "SEED_CTR_128_HMAC_SHA1_80"), 30),
    **dict.fromkeys(("AES_192_CM_HMAC_SHA1_80", "AES_192_CM_HMAC_SHA1_32"), 38),
    **dict.fromkeys(("AES_256_CM_HMAC_SHA1_80", "AES_256_CM_HMAC_SHA1_32"), 46),
    **dict.fromkeys(("AEAD_AES_128_GCM", "SEED_128_CCM_80", "SEED_128_GCM_96"), 28),
    "AEAD_AES_256_GCM": 44,
}
"""Octets of key and salt of the suites of SRTP."""
_RTPMAP = "sdp-rtpmap-malformed"
_LONGEST_PACKET = 200  # milliseconds that a receiver of audio should accept (RFC 3551 4.2)
_MOST_PRIORITY = 2**31 - 1
_RELATED = ("srflx", "prflx", "relay")


def _matching(pattern: str, code: str = "sdp-attribute-value-malformed") -> Check:
    """A check of text; `re` compiles the pattern at the first one."""
    return lambda value: None if re.fullmatch(pattern, value) else code


def _check_rtpmap(rtpmap: Any) -> str | None:
    is_sound = rtpmap.clock_rate and re.fullmatch(_TOKEN, rtpmap.encoding)
    channels = rtpmap.parameters or "1"
    return None if is_sound and re.fullmatch("0*[1-9][0-9]*", channels) else _RTPMAP


def _check_rtcp(rtcp: Any) -> str | None:
    if not rtcp.port:
        return "sdp-port-zero"
    return None if rtcp.address is None else _check_address(*rtcp[1:])


def _check_packet_time(milliseconds: float) -> str | None:
    return "sdp-ptime-too-long" if milliseconds > _LONGEST_PACKET else None


def _check_group(group: Any) -> str | None:
    if not re.fullmatch(_TOKEN, group.semantics):
        return "sdp-group-malformed"
    return "sdp-group-mid-repeated" if len({*group.mids}) < len(group.mids) else None


def _check_fingerprint(record: Any) -> str | None:
    octets = _HASHES.get(record.hash_function.lower())
    if octets is not None and len(record.fingerprint) != 3 * octets - 1:
        return "sdp-fingerprint-length-wrong"
    is_upper = record.fingerprint == record.fingerprint.upper()
    return None if is_upper else "sdp-fingerprint-in-lower-case"


def _check_crypto(crypto: Any) -> str | None:
    octets = _SUITES.get(crypto.suite)
    for param in crypto.key_params:
        method, _, info = param.partition(":")
        key = info.partition("|")[0]
        if method != "inline" or octets is None:
            continue
        if not re.fullmatch("[0-9A-Za-z+/]+={0,2}", key):
            return "sdp-crypto-malformed"
        if len(key.rstrip("=")) * 6 // 8 != octets:
            return "sdp-crypto-key-length-wrong"
    return None


def _check_candidate(candidate: Any) -> str | None:
    related = candidate.related_address
    if (
        not re.fullmatch("[0-9A-Za-z+/]{1,32}", candidate.foundation)
        or not 1 <= candidate.component <= 256
        or not re.fullmatch(_TOKEN, candidate.transport)
        or not 1 <= candidate.priority <= _MOST_PRIORITY
        or not kind_of(candidate.address)
        or not re.fullmatch(_TOKEN, candidate.type)
        or not (related is None or kind_of(related))
    ):
        return "sdp-candidate-malformed"
    if not candidate.port:
        return "sdp-port-zero"
    is_complete = related is not None and candidate.related_port is not None
    is_direct = candidate.type not in _RELATED
    return None if is_direct or is_complete else "sdp-candidate-related-missing"


def _check_flag(value: str) -> str | None:
    return "sdp-attribute-value-unexpected" if value else None


_FLAG = Rule(_check_flag, once=ITSELF)
_ICE = "sdp-ice-malformed"

ATTRIBUTES = {
    **dict.fromkeys(("sendrecv", "sendonly", "recvonly", "inactive"), _FLAG),
    "rtpmap": Rule(_check_rtpmap, MEDIA, WORD, of_format=True),
    "fmtp": Rule(level=MEDIA, once=WORD, of_format=True),
    "ptime": Rule(_check_packet_time, MEDIA, ITSELF),
    "maxptime": Rule(level=MEDIA, once=ITSELF),
    "framerate": Rule(_matching(r"[0-9]+(?:\.[0-9]+)?"), MEDIA, ITSELF),
    "quality": Rule(_matching("[0-9]|10"), MEDIA, ITSELF),
    "cat": Rule(level=SESSION),
    "charset": Rule(level=SESSION),
    "keywds": Rule(level=SESSION),
    "tool": Rule(level=SESSION),
    "type": Rule(level=SESSION),
    # RTP and its control protocol: RFC 3605, 5761, 4585, 5576, 8285.
    "rtcp": Rule(_check_rtcp, MEDIA, ITSELF),
    "rtcp-mux": _FLAG._replace(level=MEDIA),
    "rtcp-fb": Rule(_matching(r"(?:[0-9]{1,3}|\*) \S.*"), MEDIA, of_format=True),
    "ssrc": Rule(_matching(r"[0-9]{1,10} \S.*"), MEDIA, cached=False),
    "ssrc-group": Rule(level=MEDIA),
    "extmap": Rule(
        _matching(r"[0-9]{1,5}(?:/(?:sendonly|recvonly|sendrecv|inactive))? \S+(?: .*)?"),
        once=WORD,
    ),
    # Groups: RFC 5888, 9143.
    "mid": Rule(level=MEDIA, once=ITSELF),
    "group": Rule(_check_group, SESSION),
    "bundle-only": _FLAG._replace(level=MEDIA),
    # Connections and keys: RFC 4145, 8122, 4568, 8841.
    "setup": Rule(once=ITSELF),
    "connection": Rule(_matching("new|existing"), once=ITSELF),
    "fingerprint": Rule(_check_fingerprint, cached=False),
    "crypto": Rule(_check_crypto, MEDIA, WORD, again="sdp-crypto-tag-repeated", cached=False),
    "sctp-port": Rule(_matching("[0-9]{1,5}"), MEDIA, ITSELF),
    # ICE: RFC 8839.
    "candidate": Rule(_check_candidate, MEDIA, cached=False),
    "remote-candidates": Rule(level=MEDIA),
    "ice-ufrag": Rule(_matching("[0-9A-Za-z+/]{4,256}", _ICE), once=ITSELF, cached=False),
    "ice-pwd": Rule(_matching("[0-9A-Za-z+/]{22,256}", _ICE), once=ITSELF, cached=False),
    "ice-lite": _FLAG._replace(level=SESSION),
}
"""The rules by the names of attributes."""
