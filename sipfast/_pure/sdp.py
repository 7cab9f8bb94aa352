"""Session descriptions (SDP, RFC 8866), read when asked."""

from __future__ import annotations

import copyreg
import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sipfast.errors import Defect, defect, parse_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TypedDict

    from typing_extensions import Unpack

__all__ = [
    "SDP",
    "Attribute",
    "Bandwidth",
    "Candidate",
    "Connection",
    "Crypto",
    "Fingerprint",
    "Group",
    "Media",
    "Origin",
    "Repeat",
    "Rtcp",
    "RtpMap",
    "Section",
    "Timing",
    "ZoneAdjustment",
]

MOST_DEFECTS = 1000


# ---- values -------------------------------------------------------------------------------------
# The str of each is how it stands in a description.


class Origin(NamedTuple):
    """Who made the session, and which version of it this is (RFC 8866 5.2)."""

    username: str
    session_id: str
    session_version: str
    network_type: str
    address_type: str
    address: str

    def __str__(self) -> str:
        return " ".join(self)


class Connection(NamedTuple):
    """Where media is to be sent (RFC 8866 5.7)."""

    network_type: str
    address_type: str
    address: str
    ttl: int | None = None
    """Of IPv4 multicast: 0 to 255."""
    address_count: int = 1
    """How many addresses, one after another, from this one on."""

    def __str__(self) -> str:
        ttl = "" if self.ttl is None else f"/{self.ttl}"
        count = "" if self.address_count == 1 else f"/{self.address_count}"
        return f"{self.network_type} {self.address_type} {self.address}{ttl}{count}"


class Bandwidth(NamedTuple):
    """Bandwidth to be used (RFC 8866 5.8)."""

    type: str
    value: int
    """Kilobits per second for `CT` and `AS`, bits per second for `TIAS` (RFC 3890)."""

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"


class Repeat(NamedTuple):
    """When a session comes again (RFC 8866 5.10); all in seconds."""

    interval: int
    duration: int
    offsets: tuple[int, ...]

    def __str__(self) -> str:
        return " ".join(map(str, (self.interval, self.duration, *self.offsets)))


class Timing(NamedTuple):
    """When a session is active (RFC 8866 5.9): seconds since 1900, 0 where there is no bound."""

    start: int
    stop: int
    repeats: tuple[Repeat, ...] = ()

    def __str__(self) -> str:
        return f"{self.start} {self.stop}"


class ZoneAdjustment(NamedTuple):
    """When repeat times shift, in seconds since 1900, and by how many (RFC 8866 5.11)."""

    time: int
    offset: int

    def __str__(self) -> str:
        return f"{self.time} {self.offset}"


class Attribute(NamedTuple):
    """An attribute (RFC 8866 5.13); one without a colon has no value."""

    name: str
    value: str | None = None

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name}:{self.value}"


class RtpMap(NamedTuple):
    """What an RTP payload type stands for (RFC 8866 6.6)."""

    payload_type: int
    encoding: str
    clock_rate: int
    """In Hz."""
    parameters: str | None = None
    """Of audio, the number of channels."""

    def __str__(self) -> str:
        parameters = "" if self.parameters is None else f"/{self.parameters}"
        return f"{self.payload_type} {self.encoding}/{self.clock_rate}{parameters}"


class Rtcp(NamedTuple):
    """Where RTCP is to be sent, if not to the next port (RFC 3605)."""

    port: int
    network_type: str | None = None
    address_type: str | None = None
    address: str | None = None

    def __str__(self) -> str:
        return " ".join([str(part) for part in self if part is not None])


class Crypto(NamedTuple):
    """A key for SRTP (RFC 4568)."""

    tag: int
    suite: str
    key_params: tuple[str, ...]
    """Such as ``"inline:..."``."""
    session_params: tuple[str, ...] = ()

    def __str__(self) -> str:
        key_params = ";".join(self.key_params)
        return " ".join([str(self.tag), self.suite, key_params, *self.session_params])


class Fingerprint(NamedTuple):
    """The hash of a certificate (RFC 8122 5)."""

    hash_function: str
    fingerprint: str

    def __str__(self) -> str:
        return " ".join(self)


class Candidate(NamedTuple):
    """A candidate of ICE (RFC 8839 5.1)."""

    foundation: str
    component: int
    transport: str
    priority: int
    address: str
    port: int
    type: str
    """``"host"``, ``"srflx"``, ``"prflx"`` or ``"relay"``."""
    related_address: str | None = None
    related_port: int | None = None
    extensions: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        words = [*map(str, self[:6]), "typ", self.type]
        if self.related_address is not None:
            words += ["raddr", self.related_address]
        if self.related_port is not None:
            words += ["rport", str(self.related_port)]
        for extension in self.extensions:
            words += extension
        return " ".join(words)


class Group(NamedTuple):
    """Media that belong together, by their `mid` (RFC 5888)."""

    semantics: str
    mids: tuple[str, ...]

    def __str__(self) -> str:
        return " ".join([self.semantics, *self.mids])


def _reduce(record: Any) -> tuple[Any, ...]:
    from sipfast import _engine

    return _engine.record_again, ("sdp", type(record).__name__, tuple(record))


for _record in (
    *(Origin, Connection, Bandwidth, Repeat, Timing, ZoneAdjustment, Attribute),
    *(RtpMap, Rtcp, Crypto, Fingerprint, Candidate, Group),
):
    copyreg.pickle(_record, _reduce)

# RFC 3551 6, tables 4 and 5.
STATIC_PAYLOADS = {
    payload_type: RtpMap(payload_type, encoding, clock_rate, parameters)
    for payload_type, encoding, clock_rate, parameters in (
        (0, "PCMU", 8000, None),
        (3, "GSM", 8000, None),
        (4, "G723", 8000, None),
        (5, "DVI4", 8000, None),
        (6, "DVI4", 16000, None),
        (7, "LPC", 8000, None),
        (8, "PCMA", 8000, None),
        (9, "G722", 8000, None),
        (10, "L16", 44100, "2"),
        (11, "L16", 44100, None),
        (12, "QCELP", 8000, None),
        (13, "CN", 8000, None),
        (14, "MPA", 90000, None),
        (15, "G728", 8000, None),
        (16, "DVI4", 11025, None),
        (17, "DVI4", 22050, None),
        (18, "G729", 8000, None),
        (25, "CelB", 90000, None),
        (26, "JPEG", 90000, None),
        (28, "nv", 90000, None),
        (31, "H261", 90000, None),
        (32, "MPV", 90000, None),
        (33, "MP2T", 90000, None),
        (34, "H263", 90000, None),
    )
}
RTPMAPS_AS_WRITTEN = {
    str(rtpmap): rtpmap
    for rtpmap in (*STATIC_PAYLOADS.values(), RtpMap(101, "telephone-event", 8000))
}


# ---- descriptions -------------------------------------------------------------------------------

if TYPE_CHECKING:

    class SectionFields(TypedDict, total=False):
        """What session and media can both be given.  None, or nothing in a list, is no line."""

        information: str | None
        connection: Connection | str | None
        bandwidths: Iterable[Bandwidth | str]
        key: str | None
        attributes: Iterable[Attribute | str]
        direction: str | None

    class SessionFields(SectionFields, total=False):
        """What `SDP.replace` takes."""

        version: int
        origin: Origin | str
        session_name: str
        uri: str | None
        emails: Iterable[str]
        phones: Iterable[str]
        times: Iterable[Timing | str]
        zone: Iterable[ZoneAdjustment]
        media: Iterable[Media]

    class MediaFields(SectionFields, total=False):
        """What `Media.build` takes besides the parts of the media line."""

        port_count: int
        ssrc: str | None
        media_format: str | None

    class MediaChanges(MediaFields, total=False):
        """What `Media.replace` takes."""

        kind: str
        port: int
        protocol: str
        formats: Iterable[str | int]


class Section:
    """What a session and a media description have in common: lines, attributes and some fields.

    What is not there, or cannot be read, is None or an empty tuple; `SDP.defects` says which.
    Values have no whitespace at their end.
    """

    # The text is that of the whole description after a line feed, so that every line has one before
    # it and is found by that and its first characters, its mark.  The section's lines are
    # _text[_start:_end], each after its line feed.
    __slots__ = ("_end", "_start", "_text")

    _text: str
    _start: int
    _end: int

    def _first(self, mark: str) -> str | None:
        """What follows `mark` in the first line that begins with it, or None."""
        at = self._text.find(mark, self._start, self._end)
        return None if at < 0 else rest_of_line(self._text, at + len(mark), self._end)

    def _all(self, mark: str) -> list[str]:
        """What follows `mark` in all lines that begin with it."""
        found = []
        at = self._text.find(mark, self._start, self._end)
        while at >= 0:
            at += len(mark)
            found.append(rest_of_line(self._text, at, self._end))
            at = self._text.find(mark, at, self._end)
        return found

    def _holding(self, mark: str) -> str | None:
        """As `_first`, of what holds for this section wherever it is said."""
        return self._first(mark)

    def _own_direction(self) -> str | None:
        for mark in _DIRECTION_MARKS:
            if "" in self._all(mark):
                return mark[3:]
        return None

    @property
    def information(self) -> str | None:
        """The text of i= (RFC 8866 5.4)."""
        return self._first("\ni=")

    @property
    def connection(self) -> Connection | None:
        """The first c= (RFC 8866 5.7); a media description without one has the session's."""
        value = self._holding("\nc=")
        return None if value is None else read_connection(value)

    @property
    def bandwidths(self) -> tuple[Bandwidth, ...]:
        """All b= (RFC 8866 5.8)."""
        return all_read(read_bandwidth, self._all("\nb="))

    @property
    def key(self) -> str | None:
        """The text of k= (RFC 8866 5.12, obsolete)."""
        return self._first("\nk=")

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """All a= (RFC 8866 5.13), in their order."""
        return tuple([read_attribute(text) for text in self._all("\na=")])

    def attribute(self, name: str) -> str | Literal[True] | None:
        """The value of the first attribute of this name; True if it has none, None if not there.

        Names are case-sensitive.  Only this section is looked at.
        """
        values = self.getall(name)
        return values[0] if values else None

    def getall(self, name: str) -> list[str | Literal[True]]:
        """The values of all attributes of this name, in their order; True for one without."""
        found: list[str | Literal[True]] = []
        if not _TOKEN.fullmatch(name):
            return found
        for rest in self._all("\na=" + name):
            if rest.startswith(":"):
                found.append(rest[1:])
            elif not rest:
                found.append(True)
        return found

    @property
    def direction(self) -> str:
        """Which way media goes (RFC 8866 6.7); ``"sendrecv"`` unless said otherwise.

        A media description that does not say has the session's.
        """
        return self._own_direction() or "sendrecv"

    @property
    def setup(self) -> str | None:
        """Who opens the connection (RFC 4145 4): ``"active"``, ``"passive"``, ``"actpass"``..."""
        value = self._holding("\na=setup:")
        return None if value is None else read_setup(value)

    @property
    def fingerprints(self) -> tuple[Fingerprint, ...]:
        """The certificate's hashes (RFC 8122 5); a media description without has the session's."""
        return all_read(read_fingerprint, self._all("\na=fingerprint:"))

    @property
    def ice_ufrag(self) -> str | None:
        """The user name fragment of ICE (RFC 8839 5.4), of the session if media has none."""
        return self._holding("\na=ice-ufrag:")

    @property
    def ice_pwd(self) -> str | None:
        """The password of ICE (RFC 8839 5.4), of the session if media has none."""
        return self._holding("\na=ice-pwd:")


class SDP(Section):
    """A session description (RFC 8866), kept as its text and read when asked.

    It is immutable: `replace` gives changed copies.  Two are equal if they are the same text.
    """

    __slots__ = ("_direction", "_shared_values")

    _direction: str | None
    _shared_values: dict[str, list[str]] | None

    def __init__(self) -> None:
        raise TypeError("a session description is made by SDP.parse or SDP.build")

    @staticmethod
    def parse(data: bytes | str) -> SDP:
        """Take a session description, such as a body of type application/sdp.

        Bytes are read as UTF-8, others surviving as surrogate escapes.  Lines end with CR LF or LF,
        the last may lack its end.  Whatever a line says, it is kept, and `defects` tells of it.

        Raises `ParseError` if no line is one of a session description, and UnicodeEncodeError if
        a str holds a surrogate that stands for no byte.
        """
        if not isinstance(data, str):
            text = str(data, "utf-8", "surrogateescape")
        elif data.isascii():
            text = data
        else:
            text = data.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
        text = "\n" + text
        if not text.startswith("\nv=") and not _ANY_LINE.search(text):
            raise parse_error("sdp-none", 0)
        return sdp_over(text)

    @staticmethod
    def build(**fields: Unpack[SessionFields]) -> SDP:
        """Make a description from its parts, of which `origin` must be one.

        Records may be given as their text.  The session name is ``-`` and the time ``0 0`` unless
        told otherwise.  Raises ValueError if a part cannot stand in a description.
        """
        if "origin" not in fields:
            raise TypeError("a session description needs an origin")
        return sdp_over("\nv=0\r\ns=-\r\nt=0 0\r\n").replace(**fields)

    def replace(self, **changes: Unpack[SessionFields]) -> SDP:
        """A copy with other values for some of its parts; all other lines stay as they are.

        New lines stand where the first that they replace stood, or else where RFC 8866 5 puts
        them.  Raises ValueError if a part cannot stand in a description.
        """
        others: dict[str, Any] = {**changes}
        media = others.pop("media", self.media)
        cr = carriage_return(self._text)
        parts = [edited(self._text[1 : self._end + 1], cr, _SESSION_FIELDS, others)]
        for section in media:
            if not isinstance(section, Media):
                raise TypeError(f"media is made of Media, not {type(section).__name__}")
            parts.append(edited(str(section), cr, {}, {}))
        return SDP.parse("".join(parts))

    @property
    def version(self) -> int | None:
        """The version of SDP (RFC 8866 5.1), which is 0."""
        value = self._first("\nv=")
        return None if value is None else read_version(value)

    @property
    def origin(self) -> Origin | None:
        """The text of o= (RFC 8866 5.2), in its six parts."""
        value = self._first("\no=")
        return None if value is None else read_origin(value)

    @property
    def session_name(self) -> str | None:
        """The text of s= (RFC 8866 5.3); empty or ``-`` is no name."""
        return self._first("\ns=")

    @property
    def uri(self) -> str | None:
        """The text of u= (RFC 8866 5.5)."""
        return self._first("\nu=")

    @property
    def emails(self) -> tuple[str, ...]:
        """The texts of e= (RFC 8866 5.6)."""
        return tuple(self._all("\ne="))

    @property
    def phones(self) -> tuple[str, ...]:
        """The texts of p= (RFC 8866 5.6)."""
        return tuple(self._all("\np="))

    @property
    def times(self) -> tuple[Timing, ...]:
        """All t= with the r= after each (RFC 8866 5.9, 5.10)."""
        found: list[tuple[Timing, list[Repeat]]] = []
        for line in split_lines(self._text, self._start, self._end):
            if line.startswith("t="):
                timing = read_timing(line[2:].rstrip(" \t"))
                if timing is not None:
                    found.append((timing, []))
            elif line.startswith("r=") and found:
                found[len(found) - 1][1].extend(all_read(read_repeat, [line[2:].rstrip(" \t")]))
        return tuple([Timing(time.start, time.stop, tuple(again)) for time, again in found])

    @property
    def zone(self) -> tuple[ZoneAdjustment, ...]:
        """The time zone adjustments of the first z= (RFC 8866 5.11)."""
        value = self._first("\nz=")
        return () if value is None else read_zone(value) or ()

    @property
    def groups(self) -> tuple[Group, ...]:
        """Media that belong together (RFC 5888 5)."""
        return all_read(read_group, self._all("\na=group:"))

    @property
    def media(self) -> tuple[Media, ...]:
        """The media descriptions (RFC 8866 5.14), made anew each time."""
        found = []
        at, end = self._end, len(self._text)
        while at < end:
            after = self._text.find("\nm=", at + 1)
            after = end if after < 0 else after
            found.append(media_over(self, at, after))
            at = after
        return tuple(found)

    @property
    def ssrc(self) -> str | None:
        """The text of the first y=: the SSRC, in decimal (GB/T 28181)."""
        at = self._text.find("\ny=")
        return None if at < 0 else rest_of_line(self._text, at + 3, len(self._text))

    @property
    def media_format(self) -> str | None:
        """The text of the first f=: what the media is coded with (GB/T 28181)."""
        at = self._text.find("\nf=")
        return None if at < 0 else rest_of_line(self._text, at + 3, len(self._text))

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines as they came, without their line ends, ill-formed ones too."""
        return tuple(split_lines(self._text, 0, len(self._text)))

    @property
    def defects(self) -> tuple[Defect, ...]:
        """What is wrong in it, at most 1,000 things.  Never raises.

        Each `offset` is that of a line, in bytes from the start of the description, and `header`
        the line's type, such as ``"c="``.  The lines y= and f= of GB/T 28181 may stand anywhere.
        """
        return find_defects(self._text)

    def _shared(self, mark: str) -> list[str]:
        """As `_all`; kept, for each media description may ask, and there may be thousands."""
        if self._shared_values is None:
            self._shared_values = {}
        values = self._shared_values.get(mark)
        if values is None:
            values = self._shared_values[mark] = self._all(mark)
        return values

    def _own_direction(self) -> str | None:
        if self._direction is None:
            self._direction = Section._own_direction(self) or ""
        return self._direction

    def __str__(self) -> str:
        return self._text[1:]

    def __bytes__(self) -> bytes:
        return self._text[1:].encode("utf-8", "surrogateescape")

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, SDP) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[Any, ...]:
        from sipfast import _engine

        return _engine.value_again, ("sdp", "SDP", bytes(self))

    def __repr__(self) -> str:
        name = shortened(self.session_name or "")
        return f"<SDP {name}, {len(self.media)} media, {len(self._text) - 1} characters>"


class Media(Section):
    """A media description (RFC 8866 5.14), as a view of the session description it stands in.

    It is immutable: `replace` gives changed copies.  Two are equal if they are the same text.
    """

    __slots__ = ("_session", "_words")

    _session: SDP
    _words: list[str] | None

    def __init__(self) -> None:
        raise TypeError("a media description is one of SDP.media, or made by Media.build")

    @staticmethod
    def parse(data: bytes | str) -> Media:
        """Take the first media description of `data`, which may stand alone, as `SDP.parse` does.

        Raises `ParseError` if there is none.
        """
        media = SDP.parse(data).media
        if not media:
            raise parse_error("sdp-none", 0)
        return media[0]

    @staticmethod
    def build(
        kind: str,
        port: int,
        protocol: str,
        formats: Iterable[str | int],
        **fields: Unpack[MediaFields],
    ) -> Media:
        """Make a media description from its parts, such as ``"audio", 4000, "RTP/AVP", [0, 8]``.

        Records may be given as their text.  Raises ValueError if a part cannot stand there.
        """
        line = media_line(kind, port, 1, protocol, formats)
        return sdp_over(f"\n{line}\r\n").media[0].replace(**fields)

    def replace(self, **changes: Unpack[MediaChanges]) -> Media:
        """A copy with other values for some of its parts; all other lines stay as they are.

        It still has from the session what it does not say itself.  Raises ValueError if a part
        cannot stand in a description.
        """
        others: dict[str, Any] = {**changes}
        first = {name: others.pop(name) for name in _MEDIA_LINE if name in others}
        cr = carriage_return(self._text)
        text = edited(str(self), cr, _MEDIA_FIELDS, others)
        if first:
            parts = [first.get(name, getattr(self, name)) for name in _MEDIA_LINE]
            text = media_line(*parts) + cr + text[text.index("\n") :]
        return Media.parse(self._session_text() + text)

    @property
    def kind(self) -> str:
        """The media type, such as ``"audio"``."""
        return self._word(0)

    @property
    def port(self) -> int | None:
        """The port to which media is sent, or the first of them; 0 refuses the media (RFC 3264)."""
        port, _ = read_port(self._word(1))
        return None if port < 0 else port

    @property
    def port_count(self) -> int:
        """How many ports, one after another, or pairs of them for RTP."""
        port, count = read_port(self._word(1))
        return 1 if port < 0 else count

    @property
    def protocol(self) -> str:
        """The transport protocol, such as ``"RTP/AVP"``."""
        return self._word(2)

    @property
    def formats(self) -> tuple[str, ...]:
        """The media formats; for RTP payload types, in decimal."""
        return tuple(self._media_line()[3:])

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All c= of its own."""
        return all_read(read_connection, self._all("\nc="))

    @property
    def rtpmaps(self) -> dict[int, RtpMap]:
        """What its rtpmap attributes say (RFC 8866 6.6), by payload type; a new dict each time."""
        found: dict[int, RtpMap] = {}
        for value in self._all("\na=rtpmap:"):
            rtpmap = read_rtpmap(value)
            if rtpmap is not None:
                found.setdefault(rtpmap[0], rtpmap)
        return found

    @property
    def codecs(self) -> tuple[RtpMap, ...]:
        """What its formats stand for, in their order: by rtpmap, or else by RFC 3551.

        A format of which neither knows is left out.  Without RTP there are none.
        """
        if "RTP/" not in self.protocol:
            return ()
        rtpmaps = self.rtpmaps
        found = []
        for text in self.formats:
            payload_type = number(text, 127)
            codec = rtpmaps.get(payload_type) or STATIC_PAYLOADS.get(payload_type)
            if codec is not None:
                found.append(codec)
        return tuple(found)

    @property
    def fmtps(self) -> dict[str, str]:
        """Its fmtp parameters (RFC 8866 6.15), by format; a new dict each time."""
        found: dict[str, str] = {}
        for payload, parameters in all_read(read_fmtp, self._all("\na=fmtp:")):
            found.setdefault(payload, parameters)
        return found

    def fmtp(self, payload: int | str) -> str | None:
        """The fmtp parameters of one format, or None."""
        value = self._first(f"\na=fmtp:{payload} ")
        return None if value is None else value.lstrip(" ") or None

    @property
    def ptime(self) -> float | None:
        """Milliseconds of media in a packet (RFC 8866 6.4)."""
        value = self._first("\na=ptime:")
        return None if value is None else read_milliseconds(value)

    @property
    def maxptime(self) -> float | None:
        """Milliseconds of media in a packet at the most (RFC 8866 6.5)."""
        value = self._first("\na=maxptime:")
        return None if value is None else read_milliseconds(value)

    @property
    def rtcp(self) -> Rtcp | None:
        """Where RTCP is to be sent, if that is said (RFC 3605 2.1)."""
        value = self._first("\na=rtcp:")
        return None if value is None else read_rtcp(value)

    @property
    def mid(self) -> str | None:
        """The name by which a group means it (RFC 5888 4)."""
        value = self._first("\na=mid:")
        return None if value is None else read_mid(value)

    @property
    def fingerprints(self) -> tuple[Fingerprint, ...]:
        """The certificate's hashes (RFC 8122 5); those of the session if it has none."""
        mark = "\na=fingerprint:"
        return all_read(read_fingerprint, self._all(mark) or self._session._shared(mark))

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The candidates of ICE (RFC 8839 5.1)."""
        return all_read(read_candidate, self._all("\na=candidate:"))

    @property
    def cryptos(self) -> tuple[Crypto, ...]:
        """Keys for SRTP (RFC 4568)."""
        return all_read(read_crypto, self._all("\na=crypto:"))

    @property
    def ssrc(self) -> str | None:
        """The text of y=: the SSRC, in decimal (GB/T 28181)."""
        return self._first("\ny=")

    @property
    def media_format(self) -> str | None:
        """The text of f=: what the media is coded with (GB/T 28181)."""
        return self._first("\nf=")

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines as they came, without their line ends, ill-formed ones too."""
        return tuple(split_lines(self._text, self._start, self._end))

    def _media_line(self) -> list[str]:
        if self._words is None:
            self._words = words_of(rest_of_line(self._text, self._start + 3, self._end))
        return self._words

    def _word(self, index: int) -> str:
        words = self._media_line()
        return words[index] if index < len(words) else ""

    def _holding(self, mark: str) -> str | None:
        value = self._first(mark)
        if value is None:
            shared = self._session._shared(mark)
            return shared[0] if shared else None
        return value

    def _own_direction(self) -> str | None:
        return Section._own_direction(self) or self._session._own_direction()

    def _session_text(self) -> str:
        """The lines from which it has what it does not say itself."""
        return self._text[1 : self._session._end + 1]

    def __str__(self) -> str:
        return self._text[self._start + 1 : self._end + 1]

    def __bytes__(self) -> bytes:
        return str(self).encode("utf-8", "surrogateescape")

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, Media) else NotImplemented

    def __hash__(self) -> int:
        return hash(str(self))

    def __reduce__(self) -> tuple[Any, ...]:
        from sipfast import _engine

        text = self._session_text() + str(self)
        return _engine.value_again, ("sdp", "Media", text.encode("utf-8", "surrogateescape"))

    def __repr__(self) -> str:
        return f"<Media {shortened(' '.join(self._media_line()[:20]))}>"


def sdp_over(text: str) -> SDP:
    """The description whose lines are `text`, each after its line feed."""
    sdp: SDP = SDP.__new__(SDP)
    at = text.find("\nm=")
    sdp._text = text
    sdp._start = 0
    sdp._end = len(text) if at < 0 else at
    sdp._direction = None
    sdp._shared_values = None
    return sdp


def media_over(session: SDP, start: int, end: int) -> Media:
    media: Media = Media.__new__(Media)
    media._session = session
    media._text = session._text
    media._start = start
    media._end = end
    media._words = None
    return media


def shortened(text: str) -> str:
    """At most 60 characters of it, printable."""
    shown = text if len(text) <= 60 else text[:57] + "..."
    return shown if shown.isprintable() else ascii(shown)


# ---- reading ------------------------------------------------------------------------------------
# What is ill-formed is None.

_TOKEN = re.compile(r"[!#$%&'*+\-.0-9A-Z^_`a-z{|}~]+")
_ANY_LINE = re.compile(r"\n[A-Za-z]=")
_DIRECTION_LINES = ("a=sendrecv", "a=sendonly", "a=recvonly", "a=inactive")
_DIRECTION_MARKS = tuple(["\n" + line for line in _DIRECTION_LINES])
_MILLISECONDS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_TYPED_TIME = re.compile(r"(-?)([0-9]{1,18})([dhms]?)")
_USUAL_NUMBERS = {str(value): value for value in (*range(128), 8000, 16000, 44100, 48000, 90000)}
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1, "": 1}
_FINGERPRINT = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})*")
_ROLES = {"active", "passive", "actpass", "holdconn"}


def rest_of_line(text: str, at: int, end: int) -> str:
    """What stands in `text` from `at` to the end of the line, less whitespace at its end."""
    stop = text.find("\n", at, end)
    if stop < 0:
        stop = end
    while stop > at and text[stop - 1] in " \t\r":
        stop -= 1
    return text[at:stop]


def split_lines(text: str, start: int, end: int) -> list[str]:
    """The lines that stand there, each after its line feed."""
    lines = [line.removesuffix("\r") for line in text[start + 1 : end].split("\n")]
    if not lines[len(lines) - 1]:  # what follows the last line end
        lines.pop()
    return lines


def all_read(read: Callable[[str], Any], values: list[str]) -> tuple[Any, ...]:
    """What `read` makes of those values that it can read."""
    found = []
    for value in values:
        record = read(value)
        if record is not None:
            found.append(record)
    return tuple(found)


def words_of(value: str) -> list[str]:
    """The words between its spaces."""
    words = value.split(" ")
    return [word for word in words if word] if "" in words else words


def number(text: str, most: int) -> int:
    """1*DIGIT up to `most`, or -1."""
    value = _USUAL_NUMBERS.get(text, -1)
    if value < 0:
        if len(text) > 18 or not (text.isdigit() and text.isascii()):
            return -1
        value = int(text)
    return value if value <= most else -1


def read_version(value: str) -> int | None:
    version = number(value, 10**18)
    return None if version < 0 else version


def read_origin(value: str) -> Origin | None:
    words = words_of(value)
    return tuple.__new__(Origin, words) if len(words) == 6 else None


def read_connection(value: str) -> Connection | None:
    words = words_of(value)
    if len(words) != 3:
        return None
    if "/" not in words[2]:
        return tuple.__new__(Connection, (words[0], words[1], words[2], None, 1))
    return read_multicast(words[0], words[1], words[2].split("/"))


def read_multicast(network_type: str, address_type: str, parts: list[str]) -> Connection | None:
    """Of an address with slashes: IPv4 has a TTL and a count after them, IPv6 a count."""
    with_ttl = address_type == "IP4"
    if not parts[0] or len(parts) > 2 + with_ttl:
        return None
    numbers = [number(part, 2**31 - 1) for part in parts[1:]]
    ttl = numbers.pop(0) if with_ttl else None
    count = numbers[0] if numbers else 1
    if count < 1 or (ttl is not None and not 0 <= ttl <= 255):
        return None
    return Connection(network_type, address_type, parts[0], ttl, count)


def read_bandwidth(value: str) -> Bandwidth | None:
    kind, _, amount = value.partition(":")
    bandwidth = number(amount, 10**18)
    return Bandwidth(kind, bandwidth) if bandwidth >= 0 and _TOKEN.fullmatch(kind) else None


def read_timing(value: str) -> Timing | None:
    words = words_of(value)
    if len(words) != 2:
        return None
    start, stop = number(words[0], 10**18), number(words[1], 10**18)
    return Timing(start, stop) if start >= 0 and stop >= 0 else None


def read_seconds(text: str) -> int | None:
    """A typed time (RFC 8866 9), such as ``7d`` or ``-1h``."""
    match = _TYPED_TIME.fullmatch(text)
    if match is None:
        return None
    seconds = int(match[2]) * _SECONDS[match[3]]
    return -seconds if match[1] else seconds


def read_repeat(value: str) -> Repeat | None:
    times = [read_seconds(word) for word in words_of(value)]
    known = [seconds for seconds in times if seconds is not None and seconds >= 0]
    if len(known) < 3 or len(known) < len(times) or not known[0]:
        return None
    return Repeat(known[0], known[1], tuple(known[2:]))


def read_zone(value: str) -> tuple[ZoneAdjustment, ...] | None:
    words = words_of(value)
    if not words or len(words) % 2:
        return None
    found = []
    for time, shift in zip(words[::2], words[1::2], strict=True):
        at, offset = number(time, 10**18), read_seconds(shift)
        if at < 0 or offset is None:
            return None
        found.append(ZoneAdjustment(at, offset))
    return tuple(found)


def read_attribute(text: str) -> Attribute:
    name, colon, value = text.partition(":")
    return Attribute(name, value if colon else None)


def read_port(text: str) -> tuple[int, int]:
    """Port, or -1, and count (RFC 8866 5.14)."""
    if "/" not in text:
        return number(text, 65535), 1
    port, _, ports = text.partition("/")
    count = number(ports, 65535)
    return (number(port, 65535) if count > 0 else -1), count


def read_rtpmap(value: str) -> RtpMap | None:
    usual = RTPMAPS_AS_WRITTEN.get(value)
    if usual is not None:
        return usual
    if value.startswith(" ") or "  " in value:
        value = " ".join(words_of(value))
    space = value.find(" ")
    slash = value.find("/", space)
    if not 0 < space < slash:
        return None
    last = value.find("/", slash + 1)
    parameters = None if last < 0 else value[last + 1 :]
    payload_type = number(value[:space], 127)
    clock_rate = number(value[slash + 1 : len(value) if last < 0 else last], 2**32 - 1)
    encoding = value[space + 1 : slash]
    if payload_type < 0 or clock_rate < 0 or not encoding or " " in encoding:
        return None
    if parameters is not None and (not parameters or " " in parameters or "/" in parameters):
        return None
    return tuple.__new__(RtpMap, (payload_type, encoding, clock_rate, parameters))


def read_fmtp(value: str) -> tuple[str, str] | None:
    payload, _, parameters = value.lstrip(" ").partition(" ")
    parameters = parameters.lstrip(" ")
    return (payload, parameters) if payload and parameters else None


def read_milliseconds(value: str) -> float | None:
    if not _MILLISECONDS.fullmatch(value):
        return None
    return (float(value) if "." in value else int(value)) or None


def read_rtcp(value: str) -> Rtcp | None:
    words = words_of(value)
    port = number(words[0], 65535) if words else -1
    if port < 0 or len(words) not in (1, 4):
        return None
    return Rtcp(port, *words[1:])


def read_mid(value: str) -> str | None:
    return value if _TOKEN.fullmatch(value) else None


def read_group(value: str) -> Group | None:
    words = words_of(value)
    return Group(words[0], tuple(words[1:])) if words else None


def read_setup(value: str) -> str | None:
    role = value.lower()
    return role if role in _ROLES else None


def read_fingerprint(value: str) -> Fingerprint | None:
    words = words_of(value)
    return Fingerprint(*words) if len(words) == 2 and _FINGERPRINT.fullmatch(words[1]) else None


def read_crypto(value: str) -> Crypto | None:
    words = words_of(value)
    tag = number(words[0], 10**9 - 1) if len(words) >= 3 else -1
    if tag < 0 or ":" not in words[2]:
        return None
    return Crypto(tag, words[1], tuple(words[2].split(";")), tuple(words[3:]))


def read_candidate(value: str) -> Candidate | None:
    words = words_of(value)
    if len(words) < 8 or len(words) % 2 or words[6] != "typ":
        return None
    component, priority = number(words[1], 256), number(words[3], 2**32 - 1)
    port = number(words[5], 65535)
    if component < 0 or priority < 0 or port < 0:
        return None
    pairs = list(zip(words[8::2], words[9::2], strict=True))
    related_address = related_port = None
    if pairs and pairs[0][0] == "raddr":
        related_address = pairs.pop(0)[1]
    if pairs and pairs[0][0] == "rport":
        related_port = number(pairs.pop(0)[1], 65535)
        if related_port < 0:
            return None
    return Candidate(
        *(words[0], component, words[2], priority, words[4], port, words[7]),
        *(related_address, related_port, tuple(pairs)),
    )


# ---- writing ------------------------------------------------------------------------------------

_SESSION_ORDER = "vosiuepcbtrzka"
_MEDIA_ORDER = "micbkayf"
_SECTION_FIELDS = {
    "information": "i",
    "connection": "c",
    "bandwidths": "b",
    "key": "k",
    "attributes": "a",
    "direction": "a",
}
_SESSION_FIELDS = {
    **_SECTION_FIELDS,
    "version": "v",
    "origin": "o",
    "session_name": "s",
    "uri": "u",
    "emails": "e",
    "phones": "p",
    "times": "t",
    "zone": "z",
}
_MEDIA_FIELDS = {**_SECTION_FIELDS, "ssrc": "y", "media_format": "f"}
_MEDIA_LINE = ("kind", "port", "port_count", "protocol", "formats")
_SEVERAL = {"emails", "phones", "bandwidths", "times", "zone", "attributes"}


def carriage_return(text: str) -> str:
    """What stands before the line feeds of `text`, but for its first character, which is one."""
    return "" if "\r\n" not in text and "\n" in text[1:] else "\r"


def edited(text: str, cr: str, fields: dict[str, str], changes: dict[str, Any]) -> str:
    """A section's text with other values of fields, and a line end after its last line."""
    lines = text.split("\n")
    last = lines.pop()
    if last:
        lines.append(last + cr)
    order = _MEDIA_ORDER if fields is _MEDIA_FIELDS else _SESSION_ORDER
    for keyword, value in sorted(changes.items(), key=_attributes_first):
        if keyword not in fields:
            raise TypeError(f"{keyword} is nothing that can be replaced here")
        new = [line + cr for line in lines_of(keyword, fields[keyword], value)]
        kept = [line for line in lines if not is_of(line, keyword, fields[keyword])]
        at = place(lines, kept, keyword, fields[keyword], order)
        lines = kept[:at] + new + kept[at:]
    return "\n".join([*lines, ""])


def _attributes_first(change: tuple[str, Any]) -> bool:
    """The direction is one of the attributes, and is set when they are."""
    return change[0] == "direction"


def is_of(line: str, keyword: str, letter: str) -> bool:
    """Whether a line holds, of a section, the value of this field."""
    if keyword == "direction":
        return line.rstrip(" \t\r") in _DIRECTION_LINES
    return line.startswith(letter + "=") or (keyword == "times" and line.startswith("r="))


def place(lines: list[str], kept: list[str], keyword: str, letter: str, order: str) -> int:
    """Where among the lines `kept` new ones belong."""
    for index, line in enumerate(lines):
        if is_of(line, keyword, letter):
            return index
    rank = order.index(letter)
    for index, line in enumerate(kept):
        if line[1:2] == "=" and order.find(line[:1]) > rank:
            return index
    return len(kept)


def lines_of(keyword: str, letter: str, value: Any) -> list[str]:
    """The lines that hold a field's value."""
    if keyword in _SEVERAL:
        values = several(keyword, value)
        if keyword == "zone":
            values = [" ".join(map(str, values))] if values else []
    else:
        values = [] if value is None else [value]
    lines = []
    for item in values:
        lines.append(f"{letter}={item}")
        if isinstance(item, Timing):
            lines += [f"r={repeat}" for repeat in item.repeats]
    for line in lines:
        check(keyword, line)
        if keyword == "direction" and line not in _DIRECTION_LINES:
            raise ValueError(f"direction: {value!r} is none of sendrecv, sendonly, ...")
    return lines


def several(keyword: str, value: Any) -> list[Any]:
    if isinstance(value, str):
        raise TypeError(f"{keyword} is a list or tuple, not one text")
    return list(value)


def media_line(kind: str, port: int, port_count: int, protocol: str, formats: Any) -> str:
    ports = str(port) if port_count == 1 else f"{port}/{port_count}"
    words = [kind, ports, protocol, *map(str, several("formats", formats))]
    line = "m=" + " ".join(words)
    check("media", line)
    if words_of(line[2:]) != words:
        raise ValueError(f"media: a part is empty or has spaces: {shortened(line)}")
    return line


def check(keyword: str, line: str) -> None:
    """Raise ValueError if a line cannot stand in a description."""
    code = fault_of(line)
    if code is not None:
        text = defect(code, 0, header_of(line)).text
        raise ValueError(f"{keyword}: {text}: {shortened(line)}")


# ---- defects ------------------------------------------------------------------------------------

_SESSION_RANKS = {letter: rank for rank, letter in enumerate("vosiuepcbtka")} | {"r": 9, "z": 9}
_MEDIA_RANKS = {letter: rank for rank, letter in enumerate("micbka")}
_SESSION_ONCE = "vosiuck"
_MEDIA_ONCE = "ik"
_MANDATORY = "vost"
_OF_TEXT = "siuepkyf"
_OF_GB28181 = "yf"
_LINES = {
    "o": (read_origin, "sdp-origin-malformed"),
    "c": (read_connection, "sdp-connection-malformed"),
    "b": (read_bandwidth, "sdp-bandwidth-malformed"),
    "t": (read_timing, "sdp-time-malformed"),
    "r": (read_repeat, "sdp-repeat-malformed"),
    "z": (read_zone, "sdp-zone-malformed"),
}
_ATTRIBUTES = {
    "rtpmap": (read_rtpmap, "sdp-rtpmap-malformed"),
    "fmtp": (read_fmtp, "sdp-fmtp-malformed"),
    "ptime": (read_milliseconds, "sdp-ptime-malformed"),
    "maxptime": (read_milliseconds, "sdp-ptime-malformed"),
    "rtcp": (read_rtcp, "sdp-rtcp-malformed"),
    "mid": (read_mid, "sdp-mid-malformed"),
    "group": (read_group, "sdp-group-malformed"),
    "setup": (read_setup, "sdp-setup-malformed"),
    "fingerprint": (read_fingerprint, "sdp-fingerprint-malformed"),
    "crypto": (read_crypto, "sdp-crypto-malformed"),
    "candidate": (read_candidate, "sdp-candidate-malformed"),
}


def fault_of(line: str) -> str | None:
    """What is wrong with one line, without its line end."""
    letter, value = line[:1], line[2:].rstrip(" \t")
    if "\r" in line or "\n" in line or "\0" in line:
        return "sdp-byte-forbidden"
    if line[1:2] != "=" or len(line) < 3 or not (letter.isascii() and letter.isalpha()):
        return "sdp-line-malformed"
    if letter == "v":
        return None if read_version(value) == 0 else "sdp-version-unsupported"
    if letter == "m":
        return media_fault(value)
    if letter == "a":
        return attribute_fault(value)
    if letter in _OF_TEXT:
        return None
    if letter not in _LINES:
        return "sdp-type-unknown"
    read, code = _LINES[letter]
    return code if read(value) is None else None


def media_fault(value: str) -> str | None:
    words = words_of(value)
    if len(words) < 4:
        return "sdp-media-malformed"
    port, _ = read_port(words[1])
    return "sdp-port-malformed" if port < 0 else None


def attribute_fault(text: str) -> str | None:
    name, _, value = text.partition(":")
    if name in _ATTRIBUTES:
        read, code = _ATTRIBUTES[name]
        return code if read(value) is None else None
    return None if _TOKEN.fullmatch(name) else "sdp-attribute-malformed"


def header_of(line: str) -> str | None:
    """The line's type, if it has one, with the attribute's name if that is read here."""
    if not _ANY_LINE.match("\n" + line[:2]):
        return None
    name = line[2:].partition(":")[0].rstrip(" \t") if line.startswith("a=") else ""
    return line[:2] + (name if name in _ATTRIBUTES else "")


def find_defects(text: str) -> tuple[Defect, ...]:
    """What is wrong in the lines of `text`, each after its line feed."""
    audit = Audit()
    at, offset, end = 1, 0, len(text)
    plain = text.isascii()
    while at < end and len(audit.found) < MOST_DEFECTS:
        stop = text.find("\n", at)
        if stop < 0:
            stop = end
        line = text[at:stop]
        audit.take(line.removesuffix("\r"), offset)
        offset += 1 + (len(line) if plain else len(line.encode("utf-8", "surrogateescape")))
        at = stop + 1
    if at >= end:
        audit.close()
    return tuple(sorted(audit.found, key=attrgetter("offset"))[:MOST_DEFECTS])


class Audit:
    """What is wrong in the lines that it was given, and in their order."""

    __slots__ = ("_connected", "_directed", "_is_media", "_offset", "_rank", "_seen", "found")

    def __init__(self) -> None:
        self.found: list[Defect] = []
        self._connected = False
        self._open(0, False)

    def _open(self, offset: int, is_media: bool) -> None:
        """Begin a section."""
        self._is_media = is_media
        self._offset = offset
        self._rank = 0
        self._seen: set[str] = set()
        self._directed = False

    def take(self, line: str, offset: int) -> None:
        """Look at the next line."""
        code = fault_of(line)
        if code is not None:
            self.found.append(defect(code, offset, header_of(line)))
        letter = line[:1]
        if line[1:2] != "=" or letter in _OF_GB28181:
            return
        if letter == "m":
            self.close()
            self._open(offset, True)
        if letter == "m" or letter in _SESSION_RANKS:
            self._take_order(letter, offset)
        if letter == "a" and line.rstrip(" \t\r") in _DIRECTION_LINES:
            if self._directed:
                self.found.append(defect("sdp-direction-repeated", offset, "a="))
            self._directed = True

    def _take_order(self, letter: str, offset: int) -> None:
        ranks, once = _SESSION_RANKS, _SESSION_ONCE
        if self._is_media:
            ranks, once = _MEDIA_RANKS, _MEDIA_ONCE
        rank = ranks.get(letter, -1)
        if letter in once and letter in self._seen:
            self.found.append(defect("sdp-line-repeated", offset, letter + "="))
        elif rank < self._rank or (letter in "rz" and "t" not in self._seen):
            self.found.append(defect("sdp-line-misplaced", offset, letter + "="))
        else:
            self._rank = rank
        self._seen.add(letter)

    def close(self) -> None:
        """End a section: what does it lack?"""
        if not self._is_media:
            missing = [letter for letter in _MANDATORY if letter not in self._seen]
            self.found += [defect("sdp-line-missing", 0, letter + "=") for letter in missing]
            self._connected = "c" in self._seen
        elif not self._connected and "c" not in self._seen:
            self.found.append(defect("sdp-connection-missing", self._offset, "m="))
