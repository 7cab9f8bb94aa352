"""Session descriptions (SDP, RFC 8866), read when asked: `SDP`, its `Media`, and their `Section`.

>>> offer = SDP.parse("v=0\\nc=IN IP4 192.0.2.4\\nm=audio 4000 RTP/AVP 0\\na=sendonly\\n")
>>> (audio,) = offer.media
>>> audio.port, audio.connection.address, audio.direction, str(audio.codecs[0])
(4000, '192.0.2.4', 'sendonly', '0 PCMU/8000')

What a line says is a record of `records`, what is wrong is found by `defects`, and changed
copies are written by `writing`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sipfast import _rebuild
from sipfast.errors import Defect, parse_error

from .defects import find_defects
from .lines import (
    ANY_LINE,
    TOKEN,
    all_read,
    direction_in,
    number,
    rest_of_line,
    shortened,
    split_lines,
    stripped,
    words_of,
)
from .records import (
    ATTRIBUTES,
    STATIC_PAYLOADS,
    Attribute,
    Bandwidth,
    Candidate,
    Connection,
    Crypto,
    Fingerprint,
    Group,
    Origin,
    Repeat,
    Rtcp,
    RtpMap,
    Timing,
    ZoneAdjustment,
    read_attribute,
    read_bandwidth,
    read_candidate,
    read_connection,
    read_crypto,
    read_fingerprint,
    read_fmtp,
    read_group,
    read_mid,
    read_milliseconds,
    read_origin,
    read_port,
    read_repeat,
    read_rtcp,
    read_setup,
    read_timing,
    read_version,
    read_zone,
    rtpmaps_in,
)
from .writing import (
    MEDIA_FIELDS,
    MEDIA_LINE,
    SESSION_FIELDS,
    carriage_return,
    edited,
    media_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Unpack

    from .writing import MediaChanges, MediaFields, SessionFields

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

    def _lines_to_search(self) -> list[str]:
        """Its lines without their line feeds."""
        return self._text[self._start + 1 : self._end].split("\n")

    def _own_direction(self) -> str | None:
        return direction_in(self._lines_to_search())

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
        if not TOKEN.fullmatch(name):
            return found
        for rest in self._all("\na=" + name):
            if rest.startswith(":"):
                found.append(rest[1:])
            elif not rest:
                found.append(True)
        return found

    def records(self, name: str) -> tuple[Any, ...]:
        """What all attributes of this name say, where their value can be read.

        An attribute that sipfast does not know is text.  Only this section is looked at.
        """
        row = ATTRIBUTES.get(name)
        if row is None:
            return tuple(self.getall(name))
        return all_read(row[0], self._all(f"\na={name}:"))

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
        return read_sdp("\n" + text_of(data))

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
        parts = [edited(self._text[1 : self._end + 1], cr, SESSION_FIELDS, others)]
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
        return all_media(self)

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
        return _rebuild.value_of, ("sdp.description", "SDP", bytes(self))

    def __repr__(self) -> str:
        name = shortened(self.session_name or "")
        return f"<SDP {name}, {len(self.media)} media, {len(self._text) - 1} characters>"


class Media(Section):
    """A media description (RFC 8866 5.14), as a view of the session description it stands in.

    It is immutable: `replace` gives changed copies.  Two are equal if they are the same text.
    """

    __slots__ = ("_first_line", "_other_lines", "_session", "_words")

    _session: SDP
    _first_line: str
    """What stands in its line m=."""
    _other_lines: list[str]
    """Without their line feeds."""
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
        first = {name: others.pop(name) for name in MEDIA_LINE if name in others}
        cr = carriage_return(self._text)
        text = edited(str(self), cr, MEDIA_FIELDS, others)
        if first:
            parts = [first.get(name, getattr(self, name)) for name in MEDIA_LINE]
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
        return rtpmaps_in(self._other_lines)

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

    def _lines_to_search(self) -> list[str]:
        return self._other_lines

    def _media_line(self) -> list[str]:
        if self._words is None:
            self._words = words_of(stripped(self._first_line, 0, len(self._first_line)))
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
        text = self._session_text() + str(self)
        return _rebuild.value_of, (
            "sdp.description",
            "Media",
            text.encode("utf-8", "surrogateescape"),
        )

    def __repr__(self) -> str:
        return f"<Media {shortened(' '.join(self._media_line()[:20]))}>"


def text_of(data: bytes | str) -> str:
    """The text of a description, in which what is no UTF-8 stands as surrogate escapes."""
    if isinstance(data, str):
        if data.isascii():
            return data
        data = data.encode("utf-8", "surrogateescape")
    if isinstance(data, bytes):
        octets = data
        return octets.decode("utf-8", "surrogateescape")
    return str(data, "utf-8", "surrogateescape")


def read_sdp(text: str) -> SDP:
    """As `sdp_over`.  Raises `ParseError` if no line is one of a session description."""
    if not text.startswith("\nv=") and not ANY_LINE.search(text):
        raise parse_error("sdp-none", 0)
    return sdp_over(text)


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


def all_media(session: SDP) -> tuple[Media, ...]:
    found = []
    start = session._end
    sections = session._text.split("\nm=")
    for text in sections[1:]:
        media: Media = Media.__new__(Media)
        media._session = session
        media._text = session._text
        media._start = start
        media._end = start = start + 3 + len(text)
        media._other_lines = text.split("\n")
        media._first_line = media._other_lines.pop(0)
        media._words = None
        found.append(media)
    return tuple(found)
