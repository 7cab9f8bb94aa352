"""Text logs made by hand, for the tests of `sipfast.capture.logs`: each program's way to write."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

A, B = ("192.0.2.1", 5060), ("192.0.2.2", 5062)
A6, B6 = ("2001:db8::1", 5060), ("2001:db8::2", 5062)

Address = tuple[str, int]

# 2026-01-02 03:04:05 UTC
SECOND = 1_767_323_045
OF_DAY = 3 * 3600 + 4 * 60 + 5
_HEAD = (
    b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%d\r\nMax-Forwards: 70\r\n"
    b"From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\nCall-ID: %d@example.com\r\n"
)
_SDP = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 9 RTP/AVP 0\r\n"
)
_PARTS = b"--x\r\nContent-Type: application/sdp\r\n\r\n" + _SDP + b"\r\n--x--\r\n\r\n"
_XML = b"<?xml version='1.0'?>\r\n<a>\r\n</a>"


def request(number: int, method: bytes, kind: bytes = b"", body: bytes = b"") -> bytes:
    """A request; without `kind`, one without a body."""
    head = b"%b sip:b@example.com SIP/2.0\r\n" % method + _HEAD % (number, number)
    head += b"CSeq: %d %b\r\n" % (number, method)
    if kind:
        head += b"Content-Type: %b\r\n" % kind
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def response(number: int, line: bytes, kind: bytes = b"", body: bytes = b"") -> bytes:
    head = b"SIP/2.0 %b\r\n" % line + _HEAD % (number, number) + b"CSeq: %d INVITE\r\n" % number
    if kind:
        head += b"Subject: folded\r\n  twice\r\nc: %b\r\n" % kind
    return head + b"l: %d\r\n\r\n" % len(body) + body


MESSAGES = (
    request(1, b"INVITE", b"application/sdp", _SDP),
    response(1, b"100 Trying"),
    response(1, b"200 OK", b"application/sdp", _SDP),
    request(2, b"OPTIONS"),
    request(3, b"INVITE", b"multipart/mixed;boundary=x", _PARTS),
    request(4, b"PUBLISH", b"application/pidf+xml", _XML),
    request(5, b"MESSAGE", b"text/plain", b"one line. Two"),
    request(6, b"MESSAGE", b"text/plain", "häuser\r\n\r\n\r\nzwei".encode()),
)
ASCII = MESSAGES[:6]

# Log lines among the messages.
NOISE = (
    b"[Jan  2 03:04:05] NOTICE[123] chan_sip.c: Peer 'a' is now Reachable. (5ms / 2000ms)\n",
    b"2026-01-02 03:04:05.123456 [DEBUG] switch_core.c:1 -> something <--- here --->\n",
    b"Content-Length: 5 bytes from nowhere to somewhere\n",
    b"\n",
)


class Written(NamedTuple):
    """How one program writes messages, and what its log tells.

    Attributes:
        format: the name of the format.
        write: gives the text of a message sent from A to B; `number` counts them from 0.
        source, destination, transport, direction: what the log tells of it.
        time_ns: the time of the first message; each is one second later.
        lost: what it does not tell.
        messages: those that it can show.
        has_crs: whether the CRs are in the log.
    """

    format: str
    write: Callable[[bytes, int], bytes]
    source: Address | None = A
    destination: Address | None = None
    transport: str | None = "UDP"
    direction: str | None = "received"
    time_ns: int | None = None
    lost: tuple[str, ...] = ()
    messages: tuple[bytes, ...] = MESSAGES
    has_crs: bool = True


def _clock(number: int) -> bytes:
    second = OF_DAY + number
    return b"%02d:%02d:%02d" % (second // 3600, second // 60 % 60, second % 60)


def _lf(message: bytes) -> bytes:
    return message.replace(b"\r\n", b"\n")


def _prefixed(text: bytes, prefix: bytes) -> bytes:
    return b"".join(prefix + line for line in text.splitlines(keepends=True))


def _line(text: bytes) -> bytes:
    return text if text.endswith(b"\n") else text + b"\n"


def _pjsip(message: bytes, number: int, before: bytes = b"") -> bytes:
    kind = b"response" if message.startswith(b"SIP/") else b"request"
    head = b"%b<--- Received SIP %b (%d bytes) from UDP:192.0.2.1:5060 --->\n"
    return head % (before, kind, len(message)) + message + b"\n"


def _pjsip_in_a_file(message: bytes, number: int) -> bytes:
    before = b"[2026-01-02 %b.250] VERBOSE[77] res_pjsip_logger.c: " % _clock(number)
    return _pjsip(message, number, before)


def _pjsip_sent(message: bytes, number: int) -> bytes:
    head = b"<--- Transmitting SIP request (%d bytes) to TLS:[2001:db8::2]:5062 --->\n"
    return head % len(message) + message + b"\n"


def _chan_sip(message: bytes, number: int) -> bytes:
    head = b"\n<--- SIP read from TCP:192.0.2.1:5060 --->\n"
    end = b"\n<------------->\n--- (10 headers 0 lines) ---\n"
    return head + message + end


def _chan_sip_sent(message: bytes, number: int) -> bytes:
    head = (
        b"Reliably Transmitting (NAT) to 192.0.2.2:5062:\n",
        b"Retransmitting #3 (no NAT) to 192.0.2.2:5062:\n",
        b"Transmitting (no NAT) to 192.0.2.2:5062:\n",
        b"\n<--- Transmitting (no NAT) to 192.0.2.2:5062 --->\n",
    )[number % 4]
    return head + message + (b"\n---\n" if number % 4 != 3 else b"\n<------------>\n")


def _chan_sip_on_a_console(message: bytes, number: int) -> bytes:
    return _prefixed(_chan_sip(_lf(message), number), b"[Jan  2 %b] " % _clock(number))


def _stamp(message: bytes, number: int, what: bytes, peer: bytes) -> bytes:
    return b"%b %d bytes %b at %b.250000:\n" % (what, len(message), peer, _clock(number))


_FROM_A = b"from udp/[192.0.2.1]:5060"
_DASHES = b"-" * 72 + b"\n"


def _freeswitch(message: bytes, number: int) -> bytes:
    stamp = _stamp(message, number, b"recv", _FROM_A)
    return stamp + _DASHES + _line(_lf(message)) + _DASHES


def _freeswitch_indented(message: bytes, number: int) -> bytes:
    lines = _prefixed(_line(_lf(message)) + _DASHES, b"   ")
    # Empty lines have no indent.
    lines = lines.replace(b"\n   \n", b"\n\n").replace(b"\n   \n", b"\n\n")
    return _stamp(message, number, b"recv", _FROM_A) + b"   " + _DASHES + lines


def _freeswitch_by_call(message: bytes, number: int) -> bytes:
    return _prefixed(_freeswitch(message, number), b"46a1fe62-20f73e9@192.0.2.9 ")


def _freeswitch_sent(message: bytes, number: int) -> bytes:
    stamp = _stamp(message, number, b"send", b"to tls/[2001:db8::2]:5062")
    return stamp + b"   " + _DASHES + _line(_lf(message))


def _sofia_dump(message: bytes, number: int) -> bytes:
    started = b"" if number else b"dump started at Fri Jan  2 00:00:01 2026\n\n\n"
    return started + _stamp(message, number, b"recv", _FROM_A) + message + b"\v\n"


def _sofia_dump_of_tcp(message: bytes, number: int) -> bytes:
    """Each message in three reads."""
    third = len(message) // 3
    pieces = message[:third], message[third : 2 * third], message[2 * third :]
    peer = b"from tcp/[192.0.2.1]:5060"
    return b"".join(_stamp(p, number, b"recv", peer) + p + b"\v\n" for p in pieces)


def _sipdump(message: bytes, number: int) -> bytes:
    head = (
        b"====================\ntag: rcv\npid: 42\nprocess: 7\ntime: %d.250000\n"
        b"date: Fri Jan  2 03:04:05 2026\nproto: tcp ipv6\nsrcip: 2001:db8::1\nsrcport: 5060\n"
        b"dstip: 2001:db8::2\ndstport: 5062\n~~~~~~~~~~~~~~~~~~~~\n"
    )
    return head % (SECOND + number) + message + b"||||||||||||||||||||\n"


_PATH = b"192.0.2.1:5060 -> 192.0.2.2:5062"


def _opensips(message: bytes, number: int) -> bytes:
    return b"in udp 2026-01-02 %b %b\n" % (_clock(number), _PATH) + message + b"\n"


def _opensips_in_syslog(message: bytes, number: int) -> bytes:
    before = b"Jan  2 %b host opensips[42]: " % _clock(number)
    text = b"in udp %b\n" % _PATH + message
    return before + text.replace(b"\r", b"#015").replace(b"\n", b"#012") + b"\n"


def _ngrep_byline(message: bytes, number: int) -> bytes:
    head = b"U 2026/01/02 %b.250000 %b #%d\n" % (_clock(number), _PATH, number)
    return head + message.replace(b"\r", b".") + b"\n\n"


def _ngrep(message: bytes, number: int) -> bytes:
    text = message.replace(b"\r\n", b"..")
    lines = b"".join(b"  %b\n" % text[at : at + 70] for at in range(0, len(text), 70))
    return b"T %b [AP]\n" % _PATH + lines + b"\n"


def _sngrep(message: bytes, number: int) -> bytes:
    return b"2026/01/02 %b.250000 %b\n" % (_clock(number), _PATH) + message + b"\n\n"


def _sipp(message: bytes, number: int) -> bytes:
    head = b"-" * 47 + b" 2026-01-02 %b.250000\nTCP message sent [%d] bytes:\n\n"
    return head % (_clock(number), len(message)) + message + b"\n"


def _sipp_older(message: bytes, number: int) -> bytes:
    head = b"-" * 47 + b" 2026-01-02\t%b.250000\t%d.250000\nUDP message received [%d] bytes :\n\n"
    return head % (_clock(number), SECOND + number, len(message)) + message + b"\n"


def _pjsua(message: bytes, number: int) -> bytes:
    head = (
        b"%b.250            pjsua_core.c  ...TX %d bytes Request msg INVITE/cseq=1 (tdta0x55d) to "
    )
    text = head % (_clock(number), len(message)) + b"TCP 192.0.2.2:5062:\n" + message
    return text + b"\n--end msg--\n"


def _belle_sip(message: bytes, number: int) -> bytes:
    head = b"2026-01-02 %b:250 belle-sip-message-channel [0x55d]: "
    head += b"received [%d] new bytes from [UDP://192.0.2.1:5060]:\n"
    return head % (_clock(number), len(message)) + message + b"\n"


def _belle_sip_sent(message: bytes, number: int) -> bytes:
    head = b"channel [0x55d]: message sent to [TLS://192.0.2.2:5062], size: [%d] bytes\n"
    return head % len(message) + message + b"\n"


def _oracle(message: bytes, number: int) -> bytes:
    head = b"Jan  2 %b.250 On [0:0]192.0.2.2:5062 received from 192.0.2.1:5060\n" % _clock(number)
    return head + _line(_lf(message)) + b"\n" + b"-" * 40 + b"\n"


_AUDIOCODES = (
    b"---- Incoming SIP Message from 192.0.2.1:5060 to SIPInterface #0 (LAN) UDP TO(#12) "
    b"SocketID(3) ----"
)


def _audiocodes(message: bytes, number: int) -> bytes:
    return (
        b"[S=%d] [SID=a4:1:%d] (N 5) " % (number, number)
        + _AUDIOCODES
        + b"\n"
        + _line(_lf(message))
    )


def _audiocodes_in_one_line(message: bytes, number: int) -> bytes:
    before = b"[S=%d] [SID=a4:1:%d] (N 5) " % (number, number)
    text = _AUDIOCODES + b" \n" + _lf(message)
    end = b" [Time:02-01@%b.250]\n" % _clock(number)
    return before + text.replace(b"\n", b"#012") + end


def _audiocodes_in_datagrams(message: bytes, number: int) -> bytes:
    """One line, of which each 200 bytes are a line of syslog."""
    text = _audiocodes_in_one_line(message, number).partition(b"(N 5) ")[2]
    before = b"[S=%d] [SID=a4:1:%d] (N 5) "
    pieces = [text[at : at + 200].rstrip(b"\n") for at in range(0, len(text), 200)]
    return b"".join(before % (n, number) + piece + b"\n" for n, piece in enumerate(pieces))


def _audiocodes_by_line(message: bytes, number: int) -> bytes:
    text = _AUDIOCODES + b"\n" + _line(_lf(message))
    lines = text.splitlines(keepends=True)
    return b"".join(b"[S=%d] [SID=a4:1:%d] " % (n, number) + line for n, line in enumerate(lines))


def _cucm(message: bytes, number: int) -> bytes:
    head = b"%08d.002 |%b.250 |AppInfo  |SIPTcp - wait_SdlReadRsp: Incoming SIP TCP message from "
    head = head % (number, _clock(number)) + b"192.0.2.1 on port 5060 index 7 with %d bytes:\n"
    return head % len(message) + b"[5,NET]\n" + _line(_lf(message))


def _cucm_sent(message: bytes, number: int) -> bytes:
    head = b"%08d.002 |%b.250 |AppInfo  |SIPTcp - wait_SdlSPISignal: Outgoing SIP TCP message to "
    head = head % (number, _clock(number)) + b"192.0.2.2 on port 5062 index 7 \n[5,NET]\n"
    return head + _line(_lf(message)) + b"\n"


def _cucm_of_udp(message: bytes, number: int) -> bytes:
    head = b"%b.250 |AppInfo  |SIPUdp - wait: Incoming SIP UDP message size %d from " % (
        *(_clock(number), len(message)),
    )
    return head + b"192.0.2.1:[5060]:\n[5,NET]\n" + message + b"\n"


def _cube(message: bytes, number: int) -> bytes:
    head = b"000123: *Jan  2 %b.250: //-1/xxxxxxxxxxxx/SIP/Msg/ccsipDisplayMsg:\nReceived: \n"
    return head % _clock(number) + _line(_lf(message)) + b"\n"


def _length_prefixed(message: bytes, number: int) -> bytes:
    return b"%d\n" % len(message) + message + b"\n"


_ALL = SECOND * 10**9
_MS = 250 * 10**6
_DAY_ALONE = OF_DAY * 10**9
_NO_YEAR = (86_400 + OF_DAY) * 10**9

LOGS = {
    "Asterisk PJSIP": Written("asterisk-pjsip", _pjsip, lost=("destination", "time")),
    "Asterisk PJSIP in a file": Written(
        *("asterisk-pjsip", _pjsip_in_a_file),
        time_ns=_ALL + _MS,
        lost=("destination", "zone"),
    ),
    "Asterisk PJSIP, sent": Written(
        *("asterisk-pjsip", _pjsip_sent, None, B6, "TLS", "sent"), lost=("source", "time")
    ),
    "Asterisk chan_sip": Written(
        *("asterisk-chan-sip", _chan_sip, A, None, "TCP"), lost=("destination", "time", "length")
    ),
    "Asterisk chan_sip, sent": Written(
        *("asterisk-chan-sip", _chan_sip_sent, None, B, None, "sent"),
        lost=("source", "transport", "time", "length"),
    ),
    "Asterisk chan_sip on a console": Written(
        *("asterisk-chan-sip", _chan_sip_on_a_console, A, None, "TCP", "received", _NO_YEAR),
        lost=("destination", "year", "length"),
        has_crs=False,
    ),
    "FreeSWITCH": Written(
        *("freeswitch", _freeswitch),
        time_ns=_DAY_ALONE + _MS,
        lost=("destination", "date"),
        has_crs=False,
    ),
    "FreeSWITCH, indented": Written(
        *("freeswitch", _freeswitch_indented),
        time_ns=_DAY_ALONE + _MS,
        lost=("destination", "date"),
        has_crs=False,
    ),
    "FreeSWITCH by call": Written(
        *("freeswitch", _freeswitch_by_call),
        time_ns=_DAY_ALONE + _MS,
        lost=("destination", "date"),
        has_crs=False,
    ),
    "FreeSWITCH, sent": Written(
        *("freeswitch", _freeswitch_sent, None, B6, "TLS", "sent", _DAY_ALONE + _MS),
        lost=("source", "date"),
        has_crs=False,
    ),
    "Sofia-SIP dump": Written(
        *("sofia-dump", _sofia_dump), time_ns=_ALL + _MS, lost=("destination", "zone")
    ),
    "Sofia-SIP dump of TCP": Written(
        *("sofia-dump", _sofia_dump_of_tcp, A, None, "TCP", "received", _DAY_ALONE + _MS),
        lost=("destination", "date"),
    ),
    "Kamailio sipdump": Written(
        *("kamailio-sipdump", _sipdump, A6, B6, "TCP", "received", _ALL + _MS), lost=("length",)
    ),
    "OpenSIPS": Written(
        *("opensips", _opensips, A, B, "UDP", "received", _ALL), lost=("zone", "length")
    ),
    "OpenSIPS in syslog": Written(
        *("opensips", _opensips_in_syslog, A, B, "UDP", "received", _NO_YEAR),
        lost=("year", "length"),
    ),
    "ngrep byline": Written(
        *("ngrep", _ngrep_byline, A, B, "UDP", None, _ALL + _MS),
        lost=("bytes", "zone", "length"),
        messages=MESSAGES[:7],
    ),
    "ngrep": Written(
        *("ngrep", _ngrep, A, B, "TCP", None),
        lost=("bytes", "time", "length"),
        messages=ASCII,
    ),
    "sngrep": Written(
        *("sngrep", _sngrep, A, B, None, None, _ALL + _MS), lost=("transport", "zone", "length")
    ),
    "SIPp": Written(
        *("sipp", _sipp, None, None, "TCP", "sent", _ALL + _MS),
        lost=("source", "destination", "zone"),
    ),
    "SIPp, older": Written(
        *("sipp", _sipp_older, None, None, "UDP", "received", _ALL + _MS),
        lost=("source", "destination"),
    ),
    "PJSUA": Written(
        *("pjsua", _pjsua, None, B, "TCP", "sent", _DAY_ALONE + _MS), lost=("source", "date")
    ),
    "belle-sip": Written(
        *("belle-sip", _belle_sip), time_ns=_ALL + _MS, lost=("destination", "zone")
    ),
    "belle-sip, sent": Written(
        *("belle-sip", _belle_sip_sent, None, B, "TLS", "sent"), lost=("source", "time")
    ),
    "Oracle SBC": Written(
        *("oracle-sbc", _oracle, A, B, None, "received", _NO_YEAR + _MS),
        lost=("transport", "year", "length"),
        has_crs=False,
    ),
    "AudioCodes": Written(
        *("audiocodes", _audiocodes), lost=("destination", "time", "length"), has_crs=False
    ),
    "AudioCodes in one line": Written(
        *("audiocodes", _audiocodes_in_one_line),
        time_ns=_NO_YEAR + _MS,
        lost=("destination", "year", "length"),
        has_crs=False,
    ),
    "AudioCodes in datagrams": Written(
        *("audiocodes", _audiocodes_in_datagrams),
        time_ns=_NO_YEAR + _MS,
        lost=("destination", "year", "length"),
        has_crs=False,
    ),
    "AudioCodes by line": Written(
        *("audiocodes", _audiocodes_by_line), lost=("destination", "time", "length"), has_crs=False
    ),
    "Cisco CUCM": Written(
        *("cisco-cucm", _cucm, A, None, "TCP", "received", _DAY_ALONE + _MS),
        lost=("destination", "date"),
        has_crs=False,
    ),
    "Cisco CUCM, sent": Written(
        *("cisco-cucm", _cucm_sent, None, B, "TCP", "sent", _DAY_ALONE + _MS),
        lost=("source", "date", "length"),
        has_crs=False,
    ),
    "Cisco CUCM, UDP": Written(
        *("cisco-cucm", _cucm_of_udp),
        time_ns=_DAY_ALONE + _MS,
        lost=("destination", "date"),
    ),
    "Cisco CUBE": Written(
        *("cisco-cube", _cube, None, None, None, "received", _NO_YEAR + _MS),
        lost=("source", "destination", "transport", "year", "length"),
        has_crs=False,
    ),
    "length-prefixed": Written(
        *("length-prefixed", _length_prefixed, None, None, None, None),
        lost=("source", "destination", "transport", "time"),
    ),
}


def log(written: Written, messages: Iterable[bytes], noise: Iterable[bytes] = ()) -> bytes:
    """A log of `messages`, with a line of `noise` after each."""
    lines = list(noise)
    parts = []
    for number, message in enumerate(messages):
        parts.append(written.write(message, number))
        if lines:
            parts.append(lines[number % len(lines)])
    return b"".join(parts)
