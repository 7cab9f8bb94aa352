"""Session descriptions with very many lines of one kind, and all of their operations."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from benchmarks.hostile import Case
from benchmarks.hostile.texts import properties

if TYPE_CHECKING:
    from sipfast._engine import Engine

Maker = Callable[[int], str]

TOP = "v=0\r\no=ada 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
AUDIO = "m=audio 9 RTP/AVP 0\r\n"
HASH = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\n"


def repeated(before: str, part: str, after: str = "") -> Maker:
    """One part over and over."""
    return lambda size: before + part * (size // len(part)) + after


def numbered(before: str, template: str, after: str = "") -> Maker:
    """A line over and over, with a different number each time."""

    def make(size: int) -> str:
        count = size // (len(template) + 3)
        return before + "".join([template.format(number) for number in range(count)]) + after

    return make


def halves(first: str, second: str, before: str = TOP) -> Maker:
    """Lines of the session, then as many bytes of media."""
    return lambda size: (
        before + first * (size // 2 // len(first)) + second * (size // 2 // len(second))
    )


def numbered_halves(first: str, second: str, before: str = TOP) -> Maker:
    """Like `halves`, with a number in each part."""
    one, other = numbered(before, first), numbered("", second)
    return lambda size: one(size // 2) + other(size // 2)


def words(before: str, template: str, after: str = "\r\n") -> Maker:
    """One line with very many words."""
    return numbered(before, template, after)


SESSION_LINES = {
    "connections": "c=IN IP4 192.0.2.1\r\n",
    "malformed connections": "c=IN\r\n",
    "bandwidths": "b=AS:1\r\n",
    "times": "t=0 0\r\n",
    "zones": "z=1 2\r\n",
    "fingerprints": HASH,
    "malformed fingerprints": "a=fingerprint:\r\n",
    "setups": "a=setup:active\r\n",
    "malformed setups": "a=setup:x\r\n",
    "fragments": "a=ice-ufrag:a\r\n",
    "passwords": "a=ice-pwd:a\r\n",
    "directions": "a=inactive\r\n",
    "almost directions": "a=inactivex\r\n",
    "groups": "a=group:BUNDLE 0\r\n",
    "flags": "a=x\r\n",
    "nonsense": "x\r\n",
    "line feeds": "\n",
    "letters beyond ASCII": "a=\N{PILE OF POO}\r\n",
}
"""Long lines of a session, absent from its very many media."""

SHAPES: dict[str, Maker] = {
    **{f"{name} of a session": halves(line, AUDIO) for name, line in SESSION_LINES.items()},
    # a very long line, in which all media search for absent items
    "one word of a session": lambda size: (
        f"{TOP}a={'x' * (size // 2)}\r\n{AUDIO * (size // 2 // len(AUDIO))}"
    ),
    "spaces of a session": lambda size: (
        f"{TOP}c={' ' * (size // 2)}\r\n{AUDIO * (size // 2 // len(AUDIO))}"
    ),
    "a long fingerprint": lambda size: (
        f"{TOP}a=fingerprint:x {'AB:' * (size // 6)}AB\r\n{AUDIO * (size // 2 // len(AUDIO))}"
    ),
    # media
    "media": repeated(TOP, AUDIO),
    "media of one letter": repeated(TOP, "m=\n"),
    "media that never end": repeated("", "\nm="),
    "media with a connection": repeated(TOP, AUDIO + "c=IN IP4 192.0.2.1\r\n"),
    "media with a fingerprint": repeated(TOP, AUDIO + HASH),
    "media of many words": repeated(TOP, "m=a 1 RTP/AVP 0 8 96 97 98\r\n"),
    "media in a group": numbered_halves("a=group:BUNDLE {}\r\n", "m=a 1 RTP/AVP 0\r\na=mid:{}\r\n"),
    "mids of a group": lambda size: (
        words(TOP + "a=group:BUNDLE", " {}")(size // 2)
        + numbered("", "m=a 1 RTP/AVP 0\r\na=mid:{}\r\n")(size // 2)
    ),
    # within one media description
    "formats": words(TOP + "m=audio 9 RTP/AVP", " {}"),
    "one format": repeated(TOP + "m=audio 9 RTP/AVP", " 0"),
    "spaces for formats": repeated(TOP + "m=audio 9 RTP/AVP", " ", "0\r\n"),
    "formats and their fmtp": lambda size: (
        words(TOP + "m=audio 9 RTP/AVP", " {}")(size // 3)
        + numbered("", "a=fmtp:{} x\r\n")(2 * size // 3)
    ),
    "formats without an fmtp": lambda size: (
        words(TOP + "m=audio 9 RTP/AVP", " {}")(size // 3)
        + "a=fmtp:x y\r\n" * (2 * size // 3 // 12)
    ),
    "formats and their rtpmap": lambda size: (
        repeated(TOP + "m=audio 9 RTP/AVP", " 96", "\r\n")(size // 3)
        + "a=rtpmap:96 opus/48000/2\r\n" * (2 * size // 3 // 26)
    ),
    "rtpmaps of one kind": repeated(TOP + AUDIO, "a=rtpmap:96 opus/48000/2\r\n"),
    "rtpmaps of many kinds": numbered(TOP + AUDIO, "a=rtpmap:96 x{}/8000\r\n"),
    "malformed rtpmaps": repeated(TOP + AUDIO, "a=rtpmap:96\r\n"),
    "a long rtpmap": repeated(TOP + AUDIO + "a=rtpmap:96 ", "x", "/8000"),
    "slashes of an rtpmap": repeated(TOP + AUDIO + "a=rtpmap:96 x", "/"),
    "one fmtp": repeated(TOP + AUDIO, "a=fmtp:0 x\r\n"),
    "candidates": numbered(TOP + AUDIO, "a=candidate:{} 1 UDP 1 192.0.2.1 9 typ host\r\n"),
    "extensions of a candidate": repeated(
        TOP + AUDIO + "a=candidate:1 1 UDP 1 192.0.2.1 9 typ host", " a b"
    ),
    "cryptos": numbered(TOP + AUDIO, "a=crypto:{} S inline:a\r\n"),
    "keys of a crypto": repeated(TOP + AUDIO + "a=crypto:1 S :", "a;"),
    "ssrcs": numbered(TOP + AUDIO, "a=ssrc:{} cname:a\r\n"),
    "extmaps": numbered(TOP + AUDIO, "a=extmap:{} urn:x\r\n"),
    "attributes of other names": numbered(TOP + AUDIO, "a=x{}\r\n"),
    "attributes of one name": repeated(TOP + AUDIO, "a=x:1\r\n"),
    "names that begin alike": repeated(TOP + AUDIO, "a=fingerprint\r\n"),
    "directions of a media": repeated(TOP + AUDIO, "a=sendonly\r\n"),
    "connections of a media": repeated(TOP + AUDIO, "c=IN IP4 192.0.2.1/1/2\r\n"),
    "ports": repeated(TOP + "m=audio 1/", "9", " RTP/AVP 0\r\n"),
    # lines of the session
    "times and repeats": repeated(TOP, "t=1 1\r\nr=7d 1h 0 25h\r\n"),
    "repeats": repeated(TOP, "r=1 1 1\r\n"),
    "offsets of a repeat": words(TOP + "r=1 1", " {}"),
    "zone adjustments": words(TOP + "z=", "{} 1 "),
    "mail and phone": repeated(TOP, "e=a\r\np=1\r\n"),
    "words of an origin": repeated("v=0\r\no=", "a "),
    "slashes of a connection": repeated(TOP + "c=IN IP4 a", "/1"),
    # long and empty lines
    "digits": repeated(TOP + "t=", "9", " 0\r\n"),
    "digits of a version": repeated("v=", "0"),
    "one word": repeated(TOP + "a=", "x"),
    "spaces after a value": repeated(TOP + "a=x", " "),
    "spaces before an end": repeated(TOP + AUDIO, "a=inactive \t \t \t \t \r\n"),
    "carriage returns": repeated(TOP + "a=", "\r", "x"),
    "empty lines": repeated(TOP, "\r\n"),
    "line feeds": repeated("v=0", "\n"),
    "nonsense": repeated(TOP, "x\n"),
    "letters and equals signs": repeated("a=", "="),
    "unknown types": repeated(TOP, "q=\n"),
    "text beyond ASCII": repeated(TOP + "i=", "中"),
    "lines beyond ASCII": repeated(TOP + AUDIO, "a=é:中\r\n"),
    "bytes that are no UTF-8": repeated(TOP + AUDIO, "a=\udcff\udcfe\r\n"),
}


def taken(size: int, make: Maker) -> bytes:
    """A description in bytes, of about this size, for any size of its characters."""
    whole = make(size).encode("utf-8", "surrogateescape")
    if len(whole) > size + size // 4:
        whole = make(size * size // len(whole)).encode("utf-8", "surrogateescape")
    return whole


def said(section: Any) -> list[Any]:
    """The value of every property."""
    kind: type = type(section)
    return [getattr(section, name) for name in properties(kind)]


def looked_up(section: Any) -> list[Any]:
    """The lookups of every key in the section, one by one."""
    names = [attribute.name for attribute in section.attributes]
    found: list[Any] = [section.attribute(name) for name in names]
    found += [section.getall(name) for name in dict.fromkeys(names)]
    if hasattr(section, "fmtp"):
        for payload in section.formats:
            found.append(section.fmtp(payload))
            if len(payload) < 4 and payload.isdecimal():
                number = int(payload)
                found += [section.rtpmaps.get(number), section.fmtp(number)]
    return found


def parse(engine: Engine, data: bytes | str) -> Any:
    return engine.module("sdp.description").SDP.parse(data)


def whole(engine: Engine, data: bytes) -> object:
    """Every property of the session and of each of its media, including the defects."""
    session = parse(engine, data)
    return session, said(session), [(media, said(media)) for media in session.media]


def by_key(engine: Engine, data: bytes) -> object:
    session = parse(engine, data)
    return session, looked_up(session), [looked_up(media) for media in session.media]


def one_by_one(engine: Engine, data: bytes) -> object:
    """Each media by its index, as in a comparison of an answer with an offer."""
    session = parse(engine, data)
    return [session.media[index].port for index in range(len(session.media))]


def changed(engine: Engine, data: bytes) -> object:
    """A changed copy of each media, and a session of the copies."""
    session = parse(engine, data)
    media = [each.replace(port=9, kind="a", protocol="x", formats=[0]) for each in session.media]
    return media, session.replace(media=media, session_name="x", times=["0 0"])


def directed(engine: Engine, data: bytes) -> object:
    """A copy of each media with one more line, and its values from the session."""
    media = [each.replace(direction="inactive") for each in parse(engine, data).media]
    return media, [(each.connection, each.setup, each.fingerprints) for each in media]


def pickled(engine: Engine, data: bytes) -> object:
    """Pickle and unpickle all media at once: the session is included once."""
    session = parse(engine, data)
    octets = pickle.dumps((session, session.media))
    if len(octets) > 4 * len(data) + 200 * (len(session.media) + 1):
        raise AssertionError("a pickle multiplies text")
    again = pickle.loads(octets)
    return octets, again, [media.fingerprints for media in again[1]]


def in_sets(engine: Engine, data: bytes) -> object:
    """Sets and comparisons of the media, and of the values in records."""
    session, other = parse(engine, data), parse(engine, data)
    if session != other or session.media != other.media or hash(session) != hash(other):
        raise AssertionError("equal descriptions differ")
    return session, {session, other}, {*session.media, *other.media}, {*session.attributes}


def attributes_given(engine: Engine, names: list[str]) -> object:
    sdp = engine.module("sdp.description")
    media = sdp.Media.build("audio", 9, "RTP/AVP", [0], attributes=names)
    return media, sdp.SDP.build(origin="- 1 1 IN IP4 a", media=[media], attributes=names)


def formats_given(engine: Engine, names: list[str]) -> object:
    return engine.module("sdp.description").Media.build("audio", 9, "RTP/AVP", names)


def media_given(engine: Engine, names: list[str]) -> object:
    sdp = engine.module("sdp.description")
    media = [sdp.Media.build(name, 9, "RTP/AVP", [0]) for name in names]
    return sdp.SDP.build(origin="- 1 1 IN IP4 a", media=media)


def lists_given(engine: Engine, names: list[str]) -> object:
    sdp = engine.module("sdp.description")
    return sdp.SDP.build(
        origin="- 1 1 IN IP4 a",
        emails=names,
        bandwidths=[sdp.Bandwidth(name, 1) for name in names],
    )


def times_given(engine: Engine, names: list[str]) -> object:
    sdp = engine.module("sdp.description")
    return sdp.SDP.build(
        origin="- 1 1 IN IP4 a",
        times=[sdp.Timing(1, 2, (sdp.Repeat(1, 1, (0,)),)) for _ in names],
        zone=[sdp.ZoneAdjustment(1, 2) for _ in names],
    )


def text_given(engine: Engine, text: str) -> object:
    sdp = engine.module("sdp.description")
    media = sdp.Media.build("audio", 9, "RTP/AVP", [text], information=text, attributes=[text])
    return media, sdp.SDP.build(origin="- 1 1 IN IP4 a", session_name=text, media=[media])


def names_of(size: int) -> list[str]:
    """Words with this number of characters in total."""
    return [f"x{number}" for number in range(size // 6)]


def _case(name: str, make: Maker, how: str, run: Callable[[Engine, Any], object]) -> Case:
    return Case(f"{name}, {how}", lambda size: taken(size, make), run)


WAYS: dict[str, Callable[[Engine, Any], object]] = {
    "read": whole,
    "by key": by_key,
    "one by one": one_by_one,
    "changed": changed,
    "directed": directed,
    "pickled": pickled,
    "in sets": in_sets,
}

CASES: list[Case] = [
    *[_case(name, make, how, run) for name, make in SHAPES.items() for how, run in WAYS.items()],
    Case("attributes given", names_of, attributes_given),
    Case("formats given", names_of, formats_given),
    Case("media given", names_of, media_given),
    Case("lists given", names_of, lists_given),
    Case("times given", names_of, times_given),
    Case("a long word given", lambda size: "x" * size, text_given),
]
