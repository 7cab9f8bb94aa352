"""Session descriptions (SDP, RFC 8866), read on access: `SDP`, its `Media`, and their `Section`.

>>> offer = SDP.parse("v=0\\nc=IN IP4 192.0.2.4\\nm=audio 4000 RTP/AVP 0\\na=sendonly\\n")
>>> (audio,) = offer.media
>>> audio.port, audio.connection.address, audio.direction, str(audio.codecs[0])
(4000, '192.0.2.4', 'sendonly', '0 PCMU/8000')

`records` has the values of lines, `defects` finds faults, and `writing` makes changed copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sipfast import _rebuild
from sipfast.errors import Defect, parse_error

from ..building import changed
from .defects import find_defects
from .lines import (
    ANY_LINE,
    TOKEN,
    all_in,
    all_read,
    direction_in,
    first_in,
    number,
    plain,
    rest_of_line,
    shortened,
    split_lines,
    wider,
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
    rtpmap_of,
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
    from collections.abc import Callable, Iterable
    from types import EllipsisType

    from typing_extensions import Self

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


class Common:
    """The lines of a session before its media, with a cache of their values.

    The session and its media share it, so that a value inherited by thousands of media is read
    once, and is one object.
    """

    __slots__ = ("_connection", "_direction", "_kept", "_text")

    _text: str
    """As that of a section."""
    _connection: Connection | tuple[()] | None
    """Empty until it is read."""
    _kept: dict[str, Any] | None
    """The value of the first line of a mark, or all fingerprints."""
    _direction: str | None
    """Empty if none is given."""

    def __init__(self) -> None:
        raise TypeError("the common state of media comes from SDP.parse")

    def _first_connection(self) -> Connection | None:
        if self._connection is UNREAD:
            line = first_in(self._text, CONNECTION)
            self._connection = None if line is None else read_connection(line)
        return self._connection or None

    def _value(self, mark: str, read: Callable[[str], Any]) -> Any:
        """The value that `read` returns for the first line with `mark`, or None."""
        if self._kept is None:
            self._kept = {}
        if mark not in self._kept:
            line = first_in(self._text, mark)
            self._kept[mark] = None if line is None else read(line)
        return self._kept[mark]

    def _fingerprints(self) -> tuple[Fingerprint, ...]:
        if self._kept is None:
            self._kept = {}
        if FINGERPRINT not in self._kept:
            self._kept[FINGERPRINT] = all_read(read_fingerprint, all_in(self._text, FINGERPRINT))
        found: tuple[Fingerprint, ...] = self._kept[FINGERPRINT]
        return found

    def _own_direction(self) -> str:
        if self._direction is None:
            self._direction = direction_in(self._text)
        return self._direction

    def __reduce__(self) -> tuple[Any, ...]:
        octets = self._text[1:].encode("utf-8", "surrogateescape")
        return _rebuild.record_of, ("sdp.description", "common_again", (octets,))


class Section:
    """The common part of a session and a media description: lines, attributes and some fields.

    A missing or malformed value is None or an empty tuple; `SDP.defects` tells them apart.
    Whitespace at the end of values is ignored.
    """

    # The text has a line feed before each of its own lines, so that a search for the line feed and
    # the first characters of a line, its mark, finds it.
    __slots__ = ("_asked", "_by_name", "_common", "_text")

    _text: str
    _common: Common
    _by_name: dict[str, Any] | None
    """Its attributes by name: the value of the only one, or a list of values."""
    _asked: int
    """The number of lookups of attributes by name."""

    def _first_connection(self) -> Connection | None:
        return self._common._first_connection()

    def _value(self, mark: str, read: Callable[[str], Any]) -> Any:
        """The value of the first line with this mark, here or in the session."""
        return self._common._value(mark, read)

    def _all_fingerprints(self) -> tuple[Fingerprint, ...]:
        return self._common._fingerprints()

    def _own_direction(self) -> str:
        """The direction of this section or of the session; empty without one."""
        return self._common._own_direction()

    def _named(self, name: str, only_first: bool) -> list[Any]:
        """The values of the attributes of this name, or of the first of them."""
        if self._by_name is None:
            self._asked += 1
            if self._asked <= MOST_SEARCHES:
                return attributes_named(self._text, name, only_first)
            self._by_name = attributes_by_name(self._text)
        found = self._by_name.get(name)
        if found is None:
            return []
        if isinstance(found, list):
            return found[:1] if only_first else found.copy()
        return [found]

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    @property
    def information(self) -> str | None:
        """The text of i= (RFC 8866 5.4)."""
        return first_in(self._text, "\ni=")

    @property
    def connection(self) -> Connection | None:
        """The first c= (RFC 8866 5.7); a media description without one has the session's."""
        return self._first_connection()

    @property
    def bandwidths(self) -> tuple[Bandwidth, ...]:
        """All b= (RFC 8866 5.8)."""
        return all_read(read_bandwidth, all_in(self._text, "\nb="))

    @property
    def key(self) -> str | None:
        """The text of k= (RFC 8866 5.12, obsolete)."""
        return first_in(self._text, "\nk=")

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """All a= (RFC 8866 5.13), in their order."""
        return tuple([read_attribute(text) for text in all_in(self._text, "\na=")])

    def attribute(self, name: str) -> str | Literal[True] | None:
        """The value of the first attribute of this name; True without one, None if absent.

        Names are case-sensitive. The search covers only this section.
        """
        values = self._named(plain(name), True) if TOKEN.fullmatch(name) else None
        return values[0] if values else None

    def getall(self, name: str) -> list[str | Literal[True]]:
        """The values of all attributes of this name, in their order; True for one without."""
        return self._named(plain(name), False) if TOKEN.fullmatch(name) else []

    def records(self, name: str) -> tuple[Any, ...]:
        """The parsed values of all well-formed attributes of this name.

        An unknown attribute is text. The search covers only this section.
        """
        values = self.getall(name)
        row = ATTRIBUTES.get(plain(name))
        if row is None:
            return tuple(values)
        return all_read(row[0], [value for value in values if value is not True])

    @property
    def direction(self) -> str:
        """The direction of media (RFC 8866 6.7), by default ``"sendrecv"``.

        A media description without one has the session's.
        """
        return self._own_direction() or "sendrecv"

    @property
    def setup(self) -> str | None:
        """Who opens the connection (RFC 4145 4): ``"active"``, ``"passive"``, ``"actpass"``..."""
        found: str | None = self._value("\na=setup:", read_setup)
        return found

    @property
    def fingerprints(self) -> tuple[Fingerprint, ...]:
        """The certificate's hashes (RFC 8122 5); a media description without has the session's."""
        return self._all_fingerprints()

    @property
    def ice_ufrag(self) -> str | None:
        """The user name fragment of ICE (RFC 8839 5.4), of the session if media has none."""
        found: str | None = self._value("\na=ice-ufrag:", str)
        return found

    @property
    def ice_pwd(self) -> str | None:
        """The password of ICE (RFC 8839 5.4), of the session if media has none."""
        found: str | None = self._value("\na=ice-pwd:", str)
        return found


class SDP(Section):
    """A session description (RFC 8866), kept as its text and read on access.

    It is immutable: `replace` returns changed copies. Two are equal if their text is the same.
    """

    __slots__ = ("_media", "_whole")

    _whole: str
    """The lines of its media too."""
    _media: tuple[Media, ...] | None

    def __init__(self) -> None:
        raise TypeError("use SDP.parse or SDP.build to make a session description")

    @staticmethod
    def parse(data: bytes | str) -> SDP:
        """Read a session description, such as a body of type application/sdp.

        Bytes are decoded as UTF-8, with invalid bytes as surrogate escapes. Lines end with CR LF or
        LF, which the last may lack. Malformed lines are kept, and listed in `defects`.

        Raises `ParseError` for text without any line of a session description, and for a str with a
        lone surrogate.
        """
        return read_sdp("\n" + text_of(data))

    @staticmethod
    def build(
        *,
        origin: Origin | str,
        version: int | EllipsisType = ...,
        session_name: str | EllipsisType = ...,
        uri: str | EllipsisType | None = ...,
        emails: Iterable[str] | EllipsisType = ...,
        phones: Iterable[str] | EllipsisType = ...,
        times: Iterable[Timing | str] | EllipsisType = ...,
        zone: Iterable[ZoneAdjustment] | EllipsisType = ...,
        media: Iterable[Media] | EllipsisType = ...,
        information: str | EllipsisType | None = ...,
        connection: Connection | str | EllipsisType | None = ...,
        bandwidths: Iterable[Bandwidth | str] | EllipsisType = ...,
        key: str | EllipsisType | None = ...,
        attributes: Iterable[Attribute | str] | EllipsisType = ...,
        direction: str | EllipsisType | None = ...,
    ) -> SDP:
        """Make a description from its parts.

        Records may be given as text. The defaults are ``-`` for the session name and ``0 0`` for
        the time. Raises ValueError for a malformed part.
        """
        given = changed(locals())
        return sdp_over("\nv=0\r\ns=-\r\nt=0 0\r\n").replace(**given)

    def replace(
        self,
        *,
        version: int | EllipsisType = ...,
        origin: Origin | str | EllipsisType = ...,
        session_name: str | EllipsisType = ...,
        uri: str | EllipsisType | None = ...,
        emails: Iterable[str] | EllipsisType = ...,
        phones: Iterable[str] | EllipsisType = ...,
        times: Iterable[Timing | str] | EllipsisType = ...,
        zone: Iterable[ZoneAdjustment] | EllipsisType = ...,
        media: Iterable[Media] | EllipsisType = ...,
        information: str | EllipsisType | None = ...,
        connection: Connection | str | EllipsisType | None = ...,
        bandwidths: Iterable[Bandwidth | str] | EllipsisType = ...,
        key: str | EllipsisType | None = ...,
        attributes: Iterable[Attribute | str] | EllipsisType = ...,
        direction: str | EllipsisType | None = ...,
    ) -> SDP:
        """A copy with other values for some of its parts; all other lines stay as they are.

        New lines take the place of the first line that they replace, or the place that RFC 8866 5
        gives them. Raises ValueError for a malformed part.
        """
        others = changed(locals())
        sections = others.pop("media", self.media)
        cr = carriage_return(self._whole)
        parts = [edited(self._text[1:], cr, SESSION_FIELDS, others)]
        for section in sections:
            if not isinstance(section, Media):
                raise TypeError(f"media must be Media, not {type(section).__name__}")
            parts.append(edited(Media.__str__(section), cr, {}, {}))
        return SDP.parse("".join(parts))

    @property
    def version(self) -> int | None:
        """The version of SDP (RFC 8866 5.1), which is 0."""
        value = first_in(self._text, "\nv=")
        return None if value is None else read_version(value)

    @property
    def origin(self) -> Origin | None:
        """The text of o= (RFC 8866 5.2), in its six parts."""
        value = first_in(self._text, "\no=")
        return None if value is None else read_origin(value)

    @property
    def session_name(self) -> str | None:
        """The text of s= (RFC 8866 5.3); empty or ``-`` means unnamed."""
        return first_in(self._text, "\ns=")

    @property
    def uri(self) -> str | None:
        """The text of u= (RFC 8866 5.5)."""
        return first_in(self._text, "\nu=")

    @property
    def emails(self) -> tuple[str, ...]:
        """The texts of e= (RFC 8866 5.6)."""
        return tuple(all_in(self._text, "\ne="))

    @property
    def phones(self) -> tuple[str, ...]:
        """The texts of p= (RFC 8866 5.6)."""
        return tuple(all_in(self._text, "\np="))

    @property
    def times(self) -> tuple[Timing, ...]:
        """All t= with the r= after each (RFC 8866 5.9, 5.10)."""
        found: list[tuple[Timing, list[Repeat]]] = []
        for line in split_lines(self._text):
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
        value = first_in(self._text, "\nz=")
        return () if value is None else read_zone(value) or ()

    @property
    def groups(self) -> tuple[Group, ...]:
        """Media that belong together (RFC 5888 5)."""
        return all_read(read_group, all_in(self._text, "\na=group:"))

    @property
    def media(self) -> tuple[Media, ...]:
        """The media descriptions (RFC 8866 5.14)."""
        if self._media is None:
            self._media = media_from(self._whole, len(self._text) - 1, self._common)
        return self._media

    @property
    def ssrc(self) -> str | None:
        """The text of the first y=: the SSRC, in decimal (GB/T 28181)."""
        return first_in(self._whole, "\ny=")

    @property
    def media_format(self) -> str | None:
        """The text of the first f=: the coding of the media (GB/T 28181)."""
        return first_in(self._whole, "\nf=")

    @property
    def lines(self) -> tuple[str, ...]:
        """All lines as received, without their line ends, malformed ones too."""
        return tuple(split_lines(self._whole))

    @property
    def defects(self) -> tuple[Defect, ...]:
        """The defects, at most 1,000.

        Never raises. Each `offset` is the byte of a line in the description, and `header` the
        line's type, such as ``"c="``. The lines y= and f= of GB/T 28181 may be anywhere.
        """
        return find_defects(self._whole)

    def __str__(self) -> str:
        return self._whole[1:]

    def __bytes__(self) -> bytes:
        return self._whole[1:].encode("utf-8", "surrogateescape")

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, SDP) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._whole)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.value_of, ("sdp.description", "SDP", bytes(self))

    def __repr__(self) -> str:
        name = shortened(self.session_name or "")
        media = self._whole.count("\nm=")
        return f"<SDP {name}, {media} media, {len(self._whole) - 1} characters>"


class Media(Section):
    """A media description (RFC 8866 5.14), with the values inherited from its session.

    It is immutable: `replace` returns changed copies. Two are equal if their text is the same.
    """

    __slots__ = ("_direction", "_fmtps", "_formats", "_rtpmaps", "_words")

    _words: list[str] | None
    """The parts of its line m=."""
    _formats: tuple[str, ...] | None
    _rtpmaps: dict[int, RtpMap] | None
    """Cached at the second access: most callers read them once."""
    _direction: str | None
    """Its own direction, or empty; found with the rtpmaps."""
    _fmtps: dict[str, str] | None

    def __init__(self) -> None:
        raise TypeError("use SDP.media or Media.build to get a media description")

    @staticmethod
    def parse(data: bytes | str) -> Media:
        """Read the first media description of `data`, as `SDP.parse` does.

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
        *,
        port_count: int | EllipsisType = ...,
        ssrc: str | EllipsisType | None = ...,
        media_format: str | EllipsisType | None = ...,
        information: str | EllipsisType | None = ...,
        connection: Connection | str | EllipsisType | None = ...,
        bandwidths: Iterable[Bandwidth | str] | EllipsisType = ...,
        key: str | EllipsisType | None = ...,
        attributes: Iterable[Attribute | str] | EllipsisType = ...,
        direction: str | EllipsisType | None = ...,
    ) -> Media:
        """Make a media description from its parts, such as ``"audio", 4000, "RTP/AVP", [0, 8]``.

        Records may be given as text. Raises ValueError for a malformed part.
        """
        given = changed(locals())
        line = media_line(*[given.pop(name, 1) for name in MEDIA_LINE])
        return media_over(f"\n{line}\r\n", common_over("\n")).replace(**given)

    def replace(
        self,
        *,
        kind: str | EllipsisType = ...,
        port: int | EllipsisType = ...,
        protocol: str | EllipsisType = ...,
        formats: Iterable[str | int] | EllipsisType = ...,
        port_count: int | EllipsisType = ...,
        ssrc: str | EllipsisType | None = ...,
        media_format: str | EllipsisType | None = ...,
        information: str | EllipsisType | None = ...,
        connection: Connection | str | EllipsisType | None = ...,
        bandwidths: Iterable[Bandwidth | str] | EllipsisType = ...,
        key: str | EllipsisType | None = ...,
        attributes: Iterable[Attribute | str] | EllipsisType = ...,
        direction: str | EllipsisType | None = ...,
    ) -> Media:
        """A copy with other values for some of its parts; all other lines stay as they are.

        It still inherits values from the session. Raises ValueError for a malformed part.
        """
        others = changed(locals())
        first = {name: others.pop(name) for name in MEDIA_LINE if name in others}
        cr = carriage_return(self._text if "\n" in self._text[1:] else self._common._text)
        text = edited(str(self), cr, MEDIA_FIELDS, others)
        if first:
            parts = [first.get(name, getattr(self, name)) for name in MEDIA_LINE]
            text = media_line(*parts) + cr + text[text.index("\n") :]
        return media_over("\n" + text_of(text), self._common)

    @property
    def kind(self) -> str:
        """The media type, such as ``"audio"``."""
        return self._word(0)

    @property
    def port(self) -> int | None:
        """The port to which media is sent, or the first of them; 0 refuses the media (RFC 3264)."""
        word = self._word(1)
        port = read_port(word)[0] if "/" in word else number(word, 65535)
        return None if port < 0 else port

    @property
    def port_count(self) -> int:
        """The number of consecutive ports, or of pairs of ports for RTP."""
        port, count = read_port(self._word(1))
        return 1 if port < 0 else count

    @property
    def protocol(self) -> str:
        """The transport protocol, such as ``"RTP/AVP"``."""
        return self._word(2)

    @property
    def formats(self) -> tuple[str, ...]:
        """The media formats; for RTP payload types, in decimal."""
        if self._formats is None:
            self._formats = tuple(self._media_line()[3:])
        return self._formats

    @property
    def connections(self) -> tuple[Connection, ...]:
        """All of its own c=."""
        return all_read(read_connection, all_in(self._text, "\nc="))

    @property
    def rtpmaps(self) -> dict[int, RtpMap]:
        """Its rtpmap attributes (RFC 8866 6.6), by payload type; a new dict each time."""
        if self._direction is None:
            return self._read_lines()
        return self._all_rtpmaps().copy()

    @property
    def codecs(self) -> tuple[RtpMap, ...]:
        """The codecs of its formats, in their order, by rtpmap or by RFC 3551.

        Unknown formats are left out. Without RTP, the tuple is empty.
        """
        if "RTP/" not in self.protocol:
            return ()
        rtpmaps = self._all_rtpmaps()
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
        return self._all_fmtps().copy()

    def fmtp(self, payload: int | str) -> str | None:
        """The fmtp parameters of one format, or None."""
        if isinstance(payload, int):
            return self._all_fmtps().get(str(payload)) if 0 <= payload < 2**31 else None
        if not isinstance(payload, str):
            raise TypeError(f"a format must be int or str, not {type(payload).__name__}")
        return self._all_fmtps().get(payload)

    @property
    def ptime(self) -> float | None:
        """Milliseconds of media in a packet (RFC 8866 6.4)."""
        value = first_in(self._text, "\na=ptime:")
        return None if value is None else read_milliseconds(value)

    @property
    def maxptime(self) -> float | None:
        """The most milliseconds of media in a packet (RFC 8866 6.5)."""
        value = first_in(self._text, "\na=maxptime:")
        return None if value is None else read_milliseconds(value)

    @property
    def rtcp(self) -> Rtcp | None:
        """The address for RTCP, or None (RFC 3605 2.1)."""
        value = first_in(self._text, "\na=rtcp:")
        return None if value is None else read_rtcp(value)

    @property
    def mid(self) -> str | None:
        """The name by which a group refers to it (RFC 5888 4)."""
        value = first_in(self._text, "\na=mid:")
        return None if value is None else read_mid(value)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The candidates of ICE (RFC 8839 5.1)."""
        return all_read(read_candidate, all_in(self._text, "\na=candidate:"))

    @property
    def cryptos(self) -> tuple[Crypto, ...]:
        """Keys for SRTP (RFC 4568)."""
        return all_read(read_crypto, all_in(self._text, "\na=crypto:"))

    @property
    def ssrc(self) -> str | None:
        """The text of y=: the SSRC, in decimal (GB/T 28181)."""
        return first_in(self._text, "\ny=")

    @property
    def media_format(self) -> str | None:
        """The text of f=: the coding of the media (GB/T 28181)."""
        return first_in(self._text, "\nf=")

    @property
    def lines(self) -> tuple[str, ...]:
        """Its lines as received, without their line ends, malformed ones too."""
        return tuple(split_lines(self._text))

    def _first_connection(self) -> Connection | None:
        line = first_in(self._text, CONNECTION)
        return self._common._first_connection() if line is None else read_connection(line)

    def _value(self, mark: str, read: Callable[[str], Any]) -> Any:
        line = first_in(self._text, mark)
        return self._common._value(mark, read) if line is None else read(line)

    def _all_fingerprints(self) -> tuple[Fingerprint, ...]:
        lines = all_in(self._text, FINGERPRINT)
        return all_read(read_fingerprint, lines) if lines else self._common._fingerprints()

    def _own_direction(self) -> str:
        if self._direction is None:
            self._rtpmaps = self._read_lines()
        return self._direction or self._common._own_direction()

    def _media_line(self) -> list[str]:
        if self._words is None:
            self._words = words_of(rest_of_line(self._text, 3))
        return self._words

    def _word(self, index: int) -> str:
        words = self._media_line() if self._words is None else self._words
        return words[index] if index < len(words) else ""

    def _read_lines(self) -> dict[int, RtpMap]:
        """Its rtpmaps, of which the first counts; finds its direction in the same loop."""
        rtpmaps: dict[int, RtpMap] = {}
        direction = ""
        for line in self._text.split("\n"):
            if len(line) < 10:
                continue
            sixth = line[5]  # it selects the attribute
            if sixth == "m":
                rtpmap = rtpmap_of(line) if line.startswith("a=rtpmap:") else None
                if rtpmap is not None:
                    rtpmaps.setdefault(rtpmap.payload_type, rtpmap)
            elif sixth in "dvc":
                direction = wider(direction, line)
        self._direction = direction
        return rtpmaps

    def _all_rtpmaps(self) -> dict[int, RtpMap]:
        if self._rtpmaps is None:
            self._rtpmaps = self._read_lines()
        return self._rtpmaps

    def _all_fmtps(self) -> dict[str, str]:
        if self._fmtps is None:
            self._fmtps = fmtps_in(self._text)
        return self._fmtps

    def __str__(self) -> str:
        return self._text[1:]

    def __bytes__(self) -> bytes:
        return str(self).encode("utf-8", "surrogateescape")

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, Media) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild.record_of, (
            "sdp.description",
            "media_again",
            (self._common, bytes(self)),
        )

    def __repr__(self) -> str:
        return f"<Media {shortened(' '.join(self._media_line()[:20]))}>"


UNREAD: tuple[()] = ()
CONNECTION = "\nc="
NONE: dict[str, str] = {}
"""The fmtps of media without any; callers get copies only."""
FINGERPRINT = "\na=fingerprint:"
MOST_SEARCHES = 4
"""After so many lookups by name, an index is made."""


def text_of(data: bytes | str) -> str:
    """The text of a description, with bytes of invalid UTF-8 as surrogate escapes."""
    if isinstance(data, str):
        text = plain(data)
        if text.isascii():
            return text
        try:
            octets = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            offset = len(text[: error.start].encode("utf-8", "surrogateescape"))
            raise parse_error("sdp-surrogate", offset) from None
    elif type(data) is bytes:
        octets = data
    else:
        octets = memoryview(data).tobytes()  # a copy, safe from writes
    return octets.decode("utf-8", "surrogateescape")


def read_sdp(text: str) -> SDP:
    """As `sdp_over`. Raises `ParseError` for text without any line of a session description."""
    if not text.startswith("\nv=") and not ANY_LINE.search(text):
        raise parse_error("sdp-none", 0)
    return sdp_over(text)


def sdp_over(text: str) -> SDP:
    """The description whose lines are `text`, each after its line feed."""
    sdp: SDP = SDP.__new__(SDP)
    at = text.find("\nm=")
    sdp._whole = text
    sdp._text = text if at < 0 else text[: at + 1]
    sdp._common = common_over(sdp._text)
    sdp._media = None
    sdp._by_name = None
    sdp._asked = 0
    return sdp


def common_over(text: str) -> Common:
    """The values that media inherit from a session with these lines."""
    common: Common = Common.__new__(Common)
    common._text = text
    common._connection = UNREAD
    common._kept = None
    common._direction = None
    return common


def media_over(text: str, common: Common) -> Media:
    """The media description whose lines are `text`, each after its line feed."""
    media: Media = Media.__new__(Media)
    media._text = text
    media._common = common
    media._by_name = None
    media._asked = 0
    media._words = None
    media._formats = None
    media._rtpmaps = None
    media._direction = None
    media._fmtps = None
    return media


def media_from(text: str, start: int, common: Common) -> tuple[Media, ...]:
    """The media descriptions in `text` from `start`, the line feed before the first one.

    Without any, that is the last character.
    """
    found = []
    if start < len(text) - 1:
        while start >= 0:
            stop = text.find("\nm=", start + 3)
            found.append(media_over(text[start:] if stop < 0 else text[start : stop + 1], common))
            start = stop
    return tuple(found)


def common_again(data: bytes) -> Common:
    """Unpickle the common state of media."""
    return common_over("\n" + text_of(data))


def media_again(common: Common, data: bytes) -> Media:
    """Unpickle a media description."""
    return media_over("\n" + text_of(data), common)


def attributes_named(text: str, name: str, only_first: bool) -> list[Any]:
    """The values of the attributes of this name, or of the first of them, by a search."""
    found: list[Any] = []
    mark = "\na=" + name
    at = text.find(mark)
    while at >= 0:
        at += len(mark)
        rest = rest_of_line(text, at)
        if not rest or rest[0] == ":":
            found.append(rest[1:] if rest else True)
            if only_first:
                break
        at = text.find(mark, at)
    return found


def attributes_by_name(text: str) -> dict[str, Any]:
    """The values of all attributes by name; of several, a list."""
    found: dict[str, Any] = {}
    for line in all_in(text, "\na="):
        attribute = read_attribute(line)
        value: Any = True if attribute.value is None else attribute.value
        others = found.get(attribute.name)
        if others is None:
            found[attribute.name] = value
        elif isinstance(others, list):
            others.append(value)
        else:
            found[attribute.name] = [others, value]
    return found


def fmtps_in(text: str) -> dict[str, str]:
    """The fmtp parameters in the lines of a media description, by format; the first count."""
    lines = all_in(text, "\na=fmtp:")
    if not lines:
        return NONE
    found: dict[str, str] = {}
    for payload, parameters in all_read(read_fmtp, lines):
        found.setdefault(payload, parameters)
    return found
