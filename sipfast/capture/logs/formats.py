"""The log formats, one row each: how a message begins, how it ends, and what became of its bytes.

A pattern is matched at the beginning of a line that has one of the marks. Its groups say where the
facts of a message are:

- `time`, or `before`: the text before the part that tells the format, which may have the time, and
  which some logs repeat before each line of the message.
- `source`, `source_port`, `destination`, `destination_port`; or `peer` and `peer_port`, and `local`
  and `local_port`, with a `direction`. A `peer` without `peer_port` has its port after a colon.
- `transport`, `length`.

Each part of a pattern has an upper bound, so that a line costs little, whatever it holds.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

__all__ = ["FORMATS", "GROUPS", "LONGEST_HEAD", "Format"]

#: A header line, or the header lines of a message, are no longer.
LONGEST_HEAD = 2048

#: The names that the groups of a user's pattern may have.
GROUPS = frozenset(
    (
        *("before", "time", "source", "source_port", "destination", "destination_port"),
        *("peer", "peer_port", "local", "local_port", "transport", "direction", "length"),
    )
)


class Format(NamedTuple):
    """A log format.

    Attributes:
        name: what `detect` and the records say.
        title: the program, and its log.
        marks: texts, one of which is in the first header line of every message.
        head: the header lines of a message, from the beginning of a line.
        ends: texts after a message, those of the log. Without any, a message ends by its length, or
            where the next one begins.
        line_ends: what the program does to CRs: "kept"; "dropped"; or "shown", as other characters.
            What comes after may drop them, too, so the bytes decide.
        counts: what a stated length counts: a "message", or a "read" of a stream, which may hold a
            part of one; "" where none is stated.
        layout: how the text of a message is laid out: "" as it was; "indented", perhaps by three
            spaces; "dotted", with CR, or CRLF, as dots.
        is_below: whether the mark is in the line below the header line.
        is_own: whether `head` is a pattern of the user, searched in one line.
    """

    name: str
    title: str
    marks: tuple[bytes, ...]
    head: re.Pattern[bytes]
    ends: tuple[bytes, ...] = ()
    line_ends: Literal["kept", "dropped", "shown"] = "kept"
    counts: Literal["message", "read", ""] = ""
    layout: Literal["", "indented", "dotted"] = ""
    is_below: bool = False
    is_own: bool = False

    def match(self, data: bytes, start: int) -> tuple[re.Match[bytes], int] | None:
        """The header lines at `start`, which begins a line, and where the text below begins."""
        end = min(len(data), start + LONGEST_HEAD)
        if not self.is_own:
            found = self.head.match(data, start, end)
            return found and (found, found.end())
        line_end = data.find(b"\n", start, end)
        found = None if line_end < 0 else self.head.search(data, start, line_end)
        return found and (found, line_end + 1)


_BEFORE = rb"(?P<before>[^\n]{0,256}?)"
# The end of a header line. Syslog writes line ends as #012, and CRs as #015.
_END = rb"[ \t]*(?:\r?\n|(?=#01[25]))"
_LENGTH = rb"(?P<length>\d{1,8})"
_TRANSPORT = rb"(?P<transport>\w{1,16})"
_PEER = rb"(?P<peer>[^\s,]{1,140}?)"
_ADDRESS = rb"\[?[0-9A-Za-z.:%_-]{1,100}?\]?"
_SOURCE = rb"(?P<source>" + _ADDRESS + rb"):(?P<source_port>\d{1,5})"
_PATH = _SOURCE + rb" -> (?P<destination>" + _ADDRESS + rb"):(?P<destination_port>\d{1,5})"
_DAY = rb"\d{4}[-/]\d\d[-/]\d\d"
_STAMP = (
    _BEFORE
    + rb"(?P<direction>recv|send) "
    + _LENGTH
    + rb" bytes (?:from|to) "
    + _TRANSPORT
    + rb"/\[(?P<peer>[^\]\s]{1,100})\](?::(?P<peer_port>\d{1,5}))?[^\s]{0,40}"
    + rb" at (?P<time>\d\d:\d\d:\d\d(?:\.\d{1,9})?):"
    + _END
)
_DASHES = b"-" * 72


def _head(*parts: bytes) -> re.Pattern[bytes]:
    return re.compile(b"".join(parts))


FORMATS = (
    Format(
        "asterisk-pjsip",
        "Asterisk: PJSIP logger",
        (b"<--- Received SIP ", b"<--- Transmitting SIP "),
        _head(
            _BEFORE,
            rb"<--- (?P<direction>Received|Transmitting) SIP (?:request|response) ",
            rb"\(",
            _LENGTH,
            rb" bytes\) (?:from|to) ",
            _TRANSPORT,
            rb":",
            _PEER,
            rb" --->",
            _END,
        ),
        counts="message",
    ),
    Format(
        "asterisk-chan-sip",
        "Asterisk: chan_sip debug",
        (b"<--- SIP read from ", b"ransmitting (", b"etransmitting #"),
        _head(
            _BEFORE,
            rb"(?:<--- )?(?:Reliably )?",
            rb"(?P<direction>SIP read from|Transmitting|Retransmitting)",
            rb"(?: #\d{1,6})?(?: \([^)\n]{1,20}\))?(?: to)? ",
            rb"(?:(?P<transport>UDP|TCP|TLS|WSS?):)?",
            _PEER,
            rb"(?: --->|:)",
            _END,
        ),
        ends=(b"\n<------------", b"\n---\n"),
    ),
    Format(
        "freeswitch",
        "FreeSWITCH: sofia siptrace",
        (b" bytes from ", b" bytes to "),
        _head(_STAMP, rb"[^\n]{0,200}?-{60,80}", _END),
        ends=(b"\n" + _DASHES, b"\n   " + _DASHES),
        line_ends="dropped",
        counts="message",
        layout="indented",
    ),
    Format(
        "sofia-dump",
        "Sofia-SIP: TPORT_DUMP",
        (b" bytes from ", b" bytes to "),
        _head(_STAMP, rb"(?![^\n]{0,200}?-{60,80}[ \t]*\r?\n)"),
        ends=(b"\v\n", b"\v\r\n"),
        counts="read",
    ),
    Format(
        "kamailio-sipdump",
        "Kamailio: sipdump",
        (b"====================\ntag: ", b"====================\r\ntag: "),
        _head(
            rb"={20}\r?\ntag: (?P<direction>[^\r\n]{0,64})\r?\n",
            rb"(?:(?:pid|process): [^\n]{0,20}\n){0,2}",
            rb"time: (?P<time>[\d.]{1,24})\r?\n(?:date: [^\n]{0,40}\n)?proto: ",
            _TRANSPORT,
            rb"[^\n]{0,20}\nsrcip: (?P<source>[^\s]{1,64})\r?\n",
            rb"srcport: (?P<source_port>\d{1,5})\r?\ndstip: (?P<destination>[^\s]{1,64})\r?\n",
            rb"dstport: (?P<destination_port>\d{1,5})\r?\n~{20}\r?\n",
        ),
        ends=(b"||||||||||||||||||||",),
    ),
    Format(
        "opensips",
        "OpenSIPS: tracer to a file or syslog",
        (b" -> ",),
        _head(
            rb"(?P<before>(?:[^\n]{0,256}? )?)(?P<direction>in|out) (?P<transport>\S{1,40}) ",
            rb"(?:(?P<time>",
            _DAY,
            rb" \d\d:\d\d:\d\d(?:\.\d{1,9})?) )?",
            _PATH,
            _END,
        ),
    ),
    Format(
        "ngrep",
        "ngrep, also with -W byline",
        (b" -> ",),
        _head(
            rb"(?P<transport>[UT])(?:\(\d{1,3}\))? ",
            rb"(?:(?P<time>",
            _DAY,
            rb" \d\d:\d\d:\d\d\.\d{1,9}) )?",
            _PATH,
            rb"(?: \[\w{1,16}\])?(?: #\d{1,12})?",
            _END,
        ),
        ends=(b"\n\n",),
        line_ends="shown",
        layout="dotted",
    ),
    Format(
        "sngrep",
        "sngrep: saved as text",
        (b" -> ",),
        _head(rb"(?P<time>", _DAY, rb" \d\d:\d\d:\d\d(?:\.\d{1,9})?) ", _PATH, _END),
    ),
    Format(
        "sipp",
        "SIPp: message log",
        (b"-" * 47 + b" ",),
        _head(
            rb"-{47} (?P<time>[^\r\n]{1,120})\r?\n",
            rb"(?P<transport>UDP|TCP|TLS|SCTP|WSS?)(?: control)? message ",
            rb"(?P<direction>sent|received)[^\[\n]{0,64}\[",
            _LENGTH,
            rb"\] bytes ?:\r?\n\r?\n",
        ),
        counts="message",
    ),
    Format(
        "pjsua",
        "PJSUA and other programs of PJSIP",
        (b" bytes Request msg ", b" bytes Response msg "),
        _head(
            _BEFORE,
            rb"(?P<direction>TX|RX) ",
            _LENGTH,
            rb" bytes (?:Request|Response) msg ",
            rb"[^\s]{1,100} \(\w{1,40}\) (?:to|from) ",
            _TRANSPORT,
            rb" ",
            _PEER,
            rb":",
            _END,
        ),
        ends=(b"\n--end msg--",),
        counts="message",
    ),
    Format(
        "belle-sip",
        "belle-sip (Linphone)",
        (b"message sent to [", b" new bytes from ["),
        _head(
            _BEFORE,
            rb"channel \[[^\]\n]{1,40}\]: (?:received \[(?P<length>\d{1,8})\] )?",
            rb"(?P<direction>message sent to|new bytes from) \[(?:(?P<transport>\w{1,16})://)?",
            rb"(?P<peer>[^\]\s]{1,140})\](?:, size: \[(?P<sent_length>\d{1,8})\] bytes)?:?",
            _END,
        ),
        counts="read",
    ),
    Format(
        "oracle-sbc",
        "Oracle SBC: sipmsg.log",
        (b" sent to ", b" received from "),
        _head(
            rb"(?P<time>[A-Z][a-z]{2} {1,2}\d{1,2} [\d:]{8}\.\d{1,6}) On (?:\[\d{1,6}:\d{1,6}\])?",
            rb"(?P<local>\S{1,100}):(?P<local_port>\d{1,5}) ",
            rb"(?P<direction>sent to|received from) ",
            _PEER,
            _END,
        ),
        ends=(b"\n----------------------------------------\n",),
        line_ends="dropped",
    ),
    Format(
        "audiocodes",
        "AudioCodes: syslog",
        (b"Incoming SIP ", b"Outgoing SIP "),
        _head(
            _BEFORE,
            rb"-{4} (?P<direction>Incoming|Outgoing) SIP Message (?:from|to) ",
            _PEER,
            rb" (?:to|from) SIPInterface #\d{1,6} \([^)\n]{0,100}\) ",
            _TRANSPORT,
            rb" TO\(#\d{1,9}\)[^\n]{0,200}?-{4}",
            _END,
        ),
        ends=(b" [Time:", b"[Time:"),
        line_ends="dropped",
    ),
    Format(
        "cisco-cucm",
        "Cisco CUCM: SDL and SDI traces",
        (b"Incoming SIP ", b"Outgoing SIP "),
        _head(
            _BEFORE,
            rb"(?P<direction>Incoming|Outgoing) SIP (?P<transport>UDP|TCP|TLS) message ",
            rb"(?:size (?P<sent_length>\d{1,8}) )?(?:from|to) (?P<peer>[^\s\[]{1,100}?)",
            rb"(?: on port |:\[)(?P<peer_port>\d{1,5})\]?(?: index \d{1,12})?",
            rb"(?: with (?P<length>\d{1,8}) bytes)?:?",
            _END,
            rb"(?:\[\d{1,16},NET\]",
            _END,
            rb")?",
        ),
        line_ends="dropped",
        counts="message",
    ),
    Format(
        "cisco-cube",
        "Cisco CUBE and IOS: debug ccsip messages",
        (b"ccsipDisplayMsg:",),
        _head(
            _BEFORE,
            rb"ccsipDisplayMsg:",
            _END,
            rb"[^\n]{0,200}?(?P<direction>Sent|Received):",
            _END,
        ),
        line_ends="dropped",
    ),
    Format(
        "length-prefixed",
        "Messages, each below a line with its length",
        (b" SIP/2.0\r\n", b" SIP/2.0\n", b"SIP/2.0 "),
        _head(
            rb"(?P<length>\d{1,8})[ \t]*\r?\n",
            rb"(?=SIP/2\.0 \d|[A-Z]{1,32} \S{1,1500} SIP/2\.0\r?\n)",
        ),
        counts="message",
        is_below=True,
    ),
)
