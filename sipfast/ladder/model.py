"""The model of a ladder: hosts, and arrows between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from .. import Message, ParseError, Request, Response, SipURI, _late
from .._visible import visible
from ..calls.call import Call, CallMessage
from ..capture.repeats import Repeats

if TYPE_CHECKING:
    from .styled import Line

__all__ = ["MOST_HOSTS", "Arrow", "Host", "Kind", "Ladder"]

Kind = Literal["request", "provisional", "success", "redirection", "failure", "unparsable"]
Theme = Literal["auto", "light", "dark"]
Language = Literal["en", "zh"]

MOST_HOSTS = 64
"""The hosts of a ladder; all others of a capture made to have many are one, the last."""

_LONGEST = 200
_NO_SDP_MARK = "sendrecv"


class Host(NamedTuple):
    """A party of a ladder: an address with its port, or with all its ports.

    Attributes:
        address: the address; "" where the file has none, and "…" for all beyond `MOST_HOSTS`.
        port: the port, or None for several.
    """

    address: str
    port: int | None = None

    @property
    def label(self) -> str:
        """Address and port, with brackets around an IPv6 address; "?" where the file has none."""
        address = visible(self.address) or "?"
        if self.port is None:
            return address
        return f"[{address}]:{self.port}" if ":" in address else f"{address}:{self.port}"


class Arrow(NamedTuple):
    """A message of a ladder.

    Attributes:
        source, target: indexes of hosts; they may be the same.
        kind: "request", "unparsable", or the class of a response: "provisional", "success",
            "redirection" or "failure".
        title: the method, or the status code and the reason phrase. Invisible characters are
            escaped, here and in `notes`.
        notes: the method of a response to anything but INVITE, and "SDP" for a session description,
            with its direction unless that is sendrecv.
        time_ns: nanoseconds since 1970-01-01 00:00 UTC, or None.
        delta: seconds since the arrow before, or None.
        is_retransmission: whether it repeats a message between the same hosts (docs/capture.md).
        is_duplicate: whether the capture has the same packet twice.
        is_cut: whether the capture lacks the end of the message.
        defects: the number of its faults.
        message: the index of the message in the call.
        leg: the index of its Call-ID in `Call.call_ids`.
    """

    source: int
    target: int
    kind: Kind
    title: str
    notes: tuple[str, ...]
    time_ns: int | None
    delta: float | None
    is_retransmission: bool
    is_duplicate: bool
    is_cut: bool
    defects: int
    message: int
    leg: int

    @property
    def text(self) -> str:
        """The title, with the notes in parentheses: ``200 OK (UPDATE, SDP)``."""
        return f"{self.title} ({', '.join(self.notes)})" if self.notes else self.title


class Ladder:
    """The messages of a call as arrows between hosts, which are in the order of their appearance.

    Attributes:
        call: the call.
        hosts: its hosts.
        arrows: its arrows, one for each message.
    """

    __slots__ = ("arrows", "call", "hosts")

    def __init__(self, call: Call, hosts: Sequence[Host], arrows: Sequence[Arrow]) -> None:
        self.call = call
        self.hosts = tuple(hosts)
        self.arrows = tuple(arrows)

    @classmethod
    def of(cls, call: Call, *, merge: bool | None = None) -> Ladder:
        """The ladder of a call; `merge` is that of `Call.ladder`."""
        paths = list(_paths(call.messages))
        hosts = _Hosts(paths, merge=merge)
        return cls(call, hosts.hosts, list(_arrows(call, paths, hosts)))

    def text(
        self, width: int = 80, language: Language = "en", *, heading: bool = True
    ) -> list[Line]:
        """Lines of at most `width` cells (40 at the least): the hosts, and a line for each arrow.

        A label without room in its arrow has a line of its own above it. `heading` adds the
        Call-ID, the date, and a legend of the marks. Raises ImportError without rich.
        """
        return _late.draw_text.drawn(self, width, language, heading=heading)

    def svg(self, theme: Theme = "auto", language: Language = "en") -> str:
        """An SVG picture; its colours follow the reader's theme unless one is named."""
        return _late.draw_svg.drawn(self, theme, language)

    def html(self, language: Language = "en") -> str:
        """A page of its own: the picture, and for each arrow its message, meanings and faults."""
        return _late.draw_html.page(self, language)

    def mermaid(self) -> str:
        """A sequence diagram of Mermaid."""
        return _late.draw_mermaid.drawn(self)

    def _repr_html_(self) -> str:
        return _late.notebook.of_ladder(self)

    def _repr_svg_(self) -> str:
        return self.svg()

    def __str__(self) -> str:
        return "\n".join(map(str, self.text()))

    def __repr__(self) -> str:
        return f"<Ladder of {len(self.arrows):,} arrows between {len(self.hosts)} hosts>"


# ---- who sends to whom ---------------------------------------------------------------------------

_Path = tuple[Host, Host]
_NOBODY = Host("")


def _paths(messages: Sequence[CallMessage]) -> Iterator[_Path]:
    """The sender and the receiver of each message.

    A file without addresses has those that the messages name: the sender of a request in its top
    Via, the receiver in its Request-URI; a response goes the way of its request back.
    """
    receivers: dict[str, Host] = {}
    for one in messages:
        record = one.record
        if record.source is not None or record.destination is not None:
            yield (
                Host(record.source or "", record.source_port),
                Host(record.destination or "", record.destination_port),
            )
        elif isinstance(one.message, Request):
            source, branch = _via(one.message)
            target = _addressee(one.message)
            receivers.setdefault(branch, target)
            yield source, target
        elif one.message is not None:
            target, branch = _via(one.message)
            yield receivers.get(branch, _NOBODY), target
        else:
            yield _NOBODY, _NOBODY


def _via(message: Message) -> tuple[Host, str]:
    """The host of the top Via, and its branch."""
    try:
        via = message.via
    except ParseError:
        via = None
    if via is None:
        return _NOBODY, ""
    return Host(_bare(via.host), via.port), via.branch or ""


def _addressee(request: Request) -> Host:
    try:
        uri = request.uri
    except ParseError:
        return _NOBODY
    return Host(_bare(uri.host), uri.port) if isinstance(uri, SipURI) else _NOBODY


def _bare(host: str) -> str:
    return host[1:-1] if host[:1] == "[" else host


def _is_inside(source: Host, target: Host) -> bool:
    """Whether two ports of an address talk to each other."""
    return source.address == target.address and source.port != target.port


class _Hosts:
    """The hosts in the order of their appearance."""

    def __init__(self, paths: Sequence[_Path], *, merge: bool | None) -> None:
        ports: dict[str, set[int | None]] = {}
        for path in paths:
            for host in path:
                ports.setdefault(host.address, set()).add(host.port)
        several = {address for address, found in ports.items() if len(found) > 1}
        if merge is None:
            several -= {one.address for one, other in paths if _is_inside(one, other)}
        self._merged = several if merge is not False else set()
        self._indexes: dict[Host, int] = {}
        self.hosts: list[Host] = []

    def index(self, host: Host) -> int:
        if host.address in self._merged:
            host = Host(host.address)
        found = self._indexes.get(host)
        if found is None:
            if len(self.hosts) == MOST_HOSTS:
                self.hosts[-1] = Host("…")
                return MOST_HOSTS - 1
            found = self._indexes[host] = len(self.hosts)
            self.hosts.append(host)
        return found


# ---- arrows --------------------------------------------------------------------------------------


def _arrows(call: Call, paths: Sequence[_Path], hosts: _Hosts) -> Iterator[Arrow]:
    repeats = Repeats(most=max(1, len(call.messages)))
    legs = {call_id: leg for leg, call_id in enumerate(call.call_ids)}
    before: int | None = None
    for index, (one, (source, target)) in enumerate(zip(call.messages, paths, strict=True)):
        record, message = one.record, one.message
        repeat = repeats.of(record, message)
        time = record.time_ns
        delta = None if time is None or before is None else (time - before) / 1e9
        before = before if time is None else time
        yield Arrow(
            hosts.index(source),
            hosts.index(target),
            kind_of(message),
            visible(_title(message)[:_LONGEST]),
            tuple(map(visible, _notes(message))),
            time,
            delta,
            repeat == "retransmission",
            repeat == "duplicate" or record.is_duplicate,
            record.is_cut,
            len(one.faults),
            index,
            legs.get(message.call_id or "", 0) if message is not None else 0,
        )


def kind_of(message: Message | None) -> Kind:
    """The kind of the arrow of a message."""
    if isinstance(message, Request):
        return "request"
    if not isinstance(message, Response):
        return "unparsable"
    if message.status < 200:
        return "provisional"
    if message.status < 300:
        return "success"
    return "redirection" if message.status < 400 else "failure"


def text_of(message: Message) -> str:
    """The text of its arrow."""
    title, notes = visible(_title(message)[:_LONGEST]), tuple(map(visible, _notes(message)))
    return f"{title} ({', '.join(notes)})" if notes else title


def _title(message: Message | None) -> str:
    if isinstance(message, Request):
        return message.method
    if isinstance(message, Response):
        return f"{message.status:03} {message.reason}".rstrip()
    return "?"


def _notes(message: Message | None) -> Iterator[str]:
    if message is None:
        return
    if isinstance(message, Response):
        method = _answered(message)
        if method != "INVITE":
            yield method[:_LONGEST] or "?"
    try:
        sdp = message.sdp
        direction = None if sdp is None or not sdp.media else sdp.media[0].direction
    except ParseError:
        yield "SDP"
        return
    if sdp is not None:
        yield "SDP" if direction in (None, _NO_SDP_MARK) else f"SDP {direction}"


def _answered(response: Response) -> str:
    try:
        cseq = response.cseq
    except ParseError:
        return response.headers.get("CSeq") or ""
    return "" if cseq is None else cseq.method
