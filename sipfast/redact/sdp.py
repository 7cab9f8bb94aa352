"""Session descriptions: what becomes of each line and attribute.  All others are dropped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from . import words
from .values import Values

__all__ = ["ATTRIBUTES", "LINES", "Line", "line_of", "session_description"]

Write = Callable[[Values, str], "str | None"]
"""Writes the value of a line anew; None to drop the line."""


class Line(NamedTuple):
    """What becomes of a line, or of an attribute."""

    en: str
    write: Write


_DIGITS = re.compile("[0-9]{1,20}", re.ASCII)
_LONGEST = 65_536


def session_description(values: Values, text: str) -> str | None:
    """A session description, written anew; None for what does not begin as one."""
    made = list(_lines(values, text.split("\n")))
    if made[:1] != ["v=0"]:
        return None
    return "\r\n".join([*made, ""])


def _lines(values: Values, lines: list[str]) -> Iterator[str]:
    is_dropped = False
    for line in lines:
        made = values.lines[line]
        if line.startswith("m="):
            is_dropped = not made  # with all that belongs to it
        if made and not is_dropped:
            yield made
        elif line.startswith("t="):
            values.removed.append("t=")


def line_of(values: Values, line: str) -> str:
    """A line, written anew; empty to drop it."""
    kind, equals, value = line.rstrip("\r").partition("=")
    row = LINES.get(kind) if equals and len(value) <= _LONGEST else None
    made = None if row is None else row.write(values, value)
    return "" if made is None else f"{kind}={made}"


# ---- lines ---------------------------------------------------------------------------------------


def matching(pattern: str, en: str = "kept") -> Line:
    """A value that stays if it has this form, which has room for numbers and known words alone."""
    fits = re.compile(pattern, re.ASCII | re.IGNORECASE).fullmatch
    return Line(en, lambda _values, text: text if fits(text.rstrip()) else None)


def _address(values: Values, kind: str, text: str) -> str | None:
    """An address, with a TTL and a count."""
    address, slash, more = text.partition("/")
    if slash and not re.fullmatch("[0-9]{1,5}(?:/[0-9]{1,5})?", more, re.ASCII):
        return None
    made = values.names.address(address)
    if made is None:
        if ":" in address or not address:
            return None
        made = values.names.host(address)
    elif (":" in made) != (kind.upper() == "IP6"):
        return None
    return f"{made}/{more}" if slash else made


def _connection(values: Values, text: str) -> str | None:
    parts = text.split()
    if len(parts) != 3 or parts[0].upper() != "IN" or parts[1].upper() not in ("IP4", "IP6"):
        return None
    made = _address(values, parts[1], parts[2])
    return None if made is None else f"IN {parts[1]} {made}"


def _origin(values: Values, text: str) -> str | None:
    parts = text.split()
    if len(parts) != 6 or not (_DIGITS.fullmatch(parts[1]) and _DIGITS.fullmatch(parts[2])):
        return None
    connection = _connection(values, " ".join(parts[3:]))
    if connection is None:
        return None
    user = "-" if parts[0] == "-" else values.names.user(parts[0]).replace(" ", "")
    return f"{user} {values.names.counter(parts[1])} {values.names.counter(parts[2])} {connection}"


def _times(values: Values, text: str) -> str | None:
    parts = text.split()
    if len(parts) != 2 or not all(_DIGITS.fullmatch(part) for part in parts):
        return None
    # 0 is no time: such a session has no bound.
    times = [time + values.shift if time else 0 for time in map(int, parts)]
    if any(time <= 0 < int(part) for time, part in zip(times, parts, strict=True)):
        return None
    return " ".join(map(str, times))


def _media(values: Values, text: str) -> str | None:
    parts = text.split()
    if len(parts) < 4 or len(parts) > 260:
        return None
    kind, port, protocol, *formats = parts
    if (
        kind not in words.MEDIA
        or not re.fullmatch("[0-9]{1,5}(?:/[0-9]{1,5})?", port, re.ASCII)
        or protocol not in words.PROTOCOLS_OF_MEDIA
    ):
        return None
    kept = [
        one for one in formats if re.fullmatch("[0-9]{1,5}", one, re.ASCII) or one in words.FORMATS
    ]
    return " ".join([kind, port, protocol, *kept]) if kept else None


def _bandwidth(values: Values, text: str) -> str | None:
    kind, colon, number = text.partition(":")
    kept = kind in words.BANDWIDTHS and re.fullmatch("[0-9]{1,10}", number.strip(), re.ASCII)
    return f"{kind}:{number.strip()}" if colon and kept else None


def _attribute(values: Values, text: str) -> str | None:
    name, colon, value = text.rstrip().partition(":")
    row = ATTRIBUTES.get(name.lower()) if name.isascii() else None
    if row is None:
        return None
    made = row.write(values, value)
    if made is None:
        return None
    return f"{name}:{made}" if colon else name


# ---- attributes ----------------------------------------------------------------------------------


def _rtpmap(values: Values, text: str) -> str | None:
    found = re.fullmatch(
        r"([0-9]{1,3}) +([^/\s]{1,64})/([0-9]{1,7})(?:/([0-9]{1,2}))?", text, re.ASCII
    )
    if found is None:
        return None
    number, name, rate, channels = found.groups()
    if name not in words.ENCODINGS:
        name = "x-" + values.names.letters("encoding", name.lower(), 6)
    return f"{number} {name}/{rate}" + (f"/{channels}" if channels else "")


_OF_FMTP = re.compile(
    "[0-9]{1,8}|[0-9]{1,3}(?:[,/-][0-9]{1,3}){0,32}|[0-9A-F]{6}|yes|no|on|off|nb|wb|swb|fb"
    r"|[0-9]{1,3}\.[0-9]{1,2}",
    re.ASCII | re.IGNORECASE,
)
_EVENTS = re.compile("[0-9]{1,3}(?:[,/-][0-9]{1,3}){0,64}", re.ASCII)  # or formats: 0/0


def _fmtp(values: Values, text: str) -> str | None:
    number, _, rest = text.strip().partition(" ")
    if not re.fullmatch("[0-9]{1,3}", number, re.ASCII):
        return None
    kept = []
    for part in rest.split(";"):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if equals:
            if name in words.FMTP and _OF_FMTP.fullmatch(value):
                kept.append(f"{name}={value}")
        elif _EVENTS.fullmatch(name) or name in words.FMTP:
            kept.append(name)
    return f"{number} {';'.join(kept)}" if kept else None


def _rtcp(values: Values, text: str) -> str | None:
    port, _, rest = text.strip().partition(" ")
    if not re.fullmatch("[0-9]{1,5}", port, re.ASCII):
        return None
    if not rest:
        return port
    connection = _connection(values, rest)
    return None if connection is None else f"{port} {connection}"


_OF_CANDIDATE = {
    "rport": re.compile("[0-9]{1,5}", re.ASCII),
    "tcptype": re.compile("active|passive|so", re.ASCII | re.IGNORECASE),
    "generation": re.compile("[0-9]{1,3}", re.ASCII),
    "network-cost": re.compile("[0-9]{1,3}", re.ASCII),
}


def _candidate(values: Values, text: str) -> str | None:
    parts = text.split()
    if len(parts) < 8 or parts[6].lower() != "typ":
        return None
    foundation, component, transport, priority, address, port, _, kind = parts[:8]
    numbers = (component, priority, port)
    if (
        transport.lower() not in ("udp", "tcp")
        or kind.lower() not in ("host", "srflx", "prflx", "relay")
        or not all(re.fullmatch("[0-9]{1,10}", number, re.ASCII) for number in numbers)
    ):
        return None
    made = [
        *(values.names.letters("foundation", foundation, 8), component, transport, priority),
        *(values.names.host(address), port, "typ", kind),
    ]
    for name, value in zip(parts[8::2], parts[9::2], strict=False):
        if name.lower() == "raddr":
            made += ["raddr", values.names.host(value)]
        elif name.lower() in _OF_CANDIDATE and _OF_CANDIDATE[name.lower()].fullmatch(value):
            made += [name.lower(), value]
    return " ".join(made)


_PLAIN_MID = re.compile("[0-9]{1,3}|audio|video|data|application", re.ASCII)


def _mid(values: Values, text: str) -> str | None:
    text = text.strip()
    if not text:
        return None
    return text if _PLAIN_MID.fullmatch(text) else values.names.letters("mid", text, 8)


def _group(values: Values, text: str) -> str | None:
    kind, *mids = text.split()[:65] or [""]
    if kind.upper() not in ("BUNDLE", "LS", "FID", "DUP", "FEC-FR", "ANAT", "SRF"):
        return None
    return " ".join([kind, *filter(None, (_mid(values, mid) for mid in mids))])


def _media_types(values: Values, text: str) -> str | None:
    kept = [word for word in text.split() if word in words.MEDIA_TYPES]
    return " ".join(kept) or None


_FLAG = matching("")
_NUMBER = matching(r"[0-9]{1,10}(?:\.[0-9]{1,6})?")
_QOS = (
    r"(?:qos|sec) +(?:(?:none|optional|mandatory|failure|unknown|success) +)?"
    r"(?:e2e|local|remote) +(?:none|send|recv|sendrecv)"
)

ATTRIBUTES: dict[str, Line] = {
    **dict.fromkeys(
        (
            *("sendrecv", "sendonly", "recvonly", "inactive", "rtcp-mux", "rtcp-rsize", "ice-lite"),
            *("bundle-only", "end-of-candidates", "rtcp-mux-only", "extmap-allow-mixed"),
            *("t38faxfillbitremoval", "t38faxtranscodingmmr", "t38faxtranscodingjbig"),
        ),
        matching("(?:[01])?"),
    ),
    **dict.fromkeys(
        (
            *("ptime", "maxptime", "minptime", "framerate", "quality", "sctp-port"),
            *("max-message-size", "t38faxversion", "t38maxbitrate", "t38faxmaxbuffer"),
            *("t38faxmaxdatagram", "t38faxmaxifp", "maxprate", "rtcp-xr-interval"),
        ),
        _NUMBER,
    ),
    "t38faxratemanagement": matching("localTCF|transferredTCF"),
    "t38faxudpec": matching("t38UDPNoEC|t38UDPFEC|t38UDPRedundancy"),
    "t38vendorinfo": matching("[0-9]{1,3}(?: [0-9]{1,3}){0,2}"),
    "rtpmap": Line("kept; pseudonym of an unusual encoding name", _rtpmap),
    "fmtp": Line("usual parameters with numbers kept", _fmtp),
    "rtcp": Line("port kept, pseudonym of the address", _rtcp),
    "rtcp-fb": matching(
        r"(?:[0-9]{1,3}|\*) +(?:(?:nack|ack|ccm)(?: +(?:pli|sli|rpsi|fir|tmmbr|tstr))?"
        "|trr-int +[0-9]{1,6}|transport-cc|goog-remb)"
    ),
    "extmap": matching(
        r"[0-9]{1,5}(?:/(?:sendrecv|sendonly|recvonly|inactive))? +"
        "urn:ietf:params:rtp-hdrext:(?:ssrc-audio-level|csrc-audio-level|toffset|sdes:mid|"
        "sdes:rtp-stream-id|sdes:repaired-rtp-stream-id|ntp-64|smpte-tc)"
    ),
    "setup": matching("active|passive|actpass|holdconn"),
    "connection": matching("new|existing"),
    "content": matching("(?:slides|speaker|sl|main|alt)(?:,(?:slides|speaker|sl|main|alt)){0,4}"),
    "mid": Line("a number or kind of media kept, pseudonym of others", _mid),
    "group": Line("semantics kept, the names as `mid`", _group),
    "candidate": Line("pseudonyms of addresses and foundation", _candidate),
    "ice-options": matching("(?:trickle|ice2|renomination)(?: (?:trickle|ice2|renomination))*"),
    "curr": matching(_QOS),
    "des": matching(_QOS),
    "conf": matching(_QOS),
    "silencesupp": matching(r"(?:on|off)(?: -){4}"),
    "floorctrl": matching("(?:c-only|s-only|c-s)(?: (?:c-only|s-only|c-s))*"),
    "accept-types": Line("usual media types kept", _media_types),
    "accept-wrapped-types": Line("usual media types kept", _media_types),
}
"""By their names in lower case."""

LINES: dict[str, Line] = {
    "v": matching("0"),
    "o": Line(
        "pseudonyms of user and address; of the two numbers, the last three digits kept", _origin
    ),
    "s": Line("`-`", lambda _values, _text: "-"),
    "c": Line("pseudonym of the address", _connection),
    "b": Line("kept if registered", _bandwidth),
    "t": Line("kept, or shifted with the times", _times),
    "m": Line("kept if of usual media and transport; dropped with its attributes if not", _media),
    "a": Line("see below", _attribute),
}
"""By their letters."""
