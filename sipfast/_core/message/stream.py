"""Messages out of a stream of bytes, such as a TCP or TLS connection (RFC 3261 18.3), sans-IO."""

from __future__ import annotations

from sipfast.errors import FramingError, Incomplete, ParseError, parse_error, unanswered
from sipfast.keepalive import PING, PONG, Ping, Pong

from ..limits import DEFAULT_LIMITS, Limits
from ..wire.frame import FINISHED, Frame
from ..wire.lines import is_start_line
from ..wire.table import NO_LENGTH, Table, held
from .message import Buffer, Request, Response
from .reply import answer
from .spans import mixed_line_end

__all__ = ["FramingError", "Ping", "Pong", "Stream", "StreamEvent"]

StreamEvent = Request | Response | Ping | Pong | FramingError
"""What a stream consists of."""

_BETWEEN, _IN_HEADER, _IN_BODY, _IN_JUNK = range(4)
"""Where the next byte is."""
_NONE, _HALF, _PONG = range(3)
"""The CRLF before the next byte: none, one that is not told yet, one that was told as a `Pong`."""
_LF, _CR = 10, 13
_LONGEST_START = 4500
"""More bytes than `is_start_line` takes."""


class Stream:
    """The messages and keep-alives in a stream of bytes, in their order.

    `limits`, those of `parse` by default, are for each message, and so bound the memory.  With
    `recover`, a stream reads on after a fault, at the next line that is a start line: for analysis
    and trusted peers only, because another reader may find other messages there.
    """

    __slots__ = (
        "_begin",
        "_crlf",
        "_frame",
        "_has_cr",
        "_is_closed",
        "_is_feeding",
        "_is_long",
        "_limits",
        "_offset",
        "_place",
        "_recover",
        "_wanted",
    )

    _limits: Limits
    _recover: bool
    _frame: Frame
    """The bytes so far of a message that is not complete, or of a line of junk."""
    _wanted: int
    """The bytes of that message, if its header is complete."""
    _begin: int
    """The offset in the stream at which that message begins."""
    _offset: int
    """The offset in the stream after what was fed."""
    _place: int
    _crlf: int
    _has_cr: bool
    """Whether a CR between messages waits for its LF."""
    _is_long: bool
    """Whether a line of junk is too long for a start line."""
    _is_closed: bool
    _is_feeding: bool

    def __init__(self, limits: Limits | None = None, *, recover: bool = False) -> None:
        if limits is None:
            limits = DEFAULT_LIMITS
        if not isinstance(limits, Limits):
            raise TypeError(f"limits must be Limits, not {type(limits).__name__}")
        try:
            is_new = self._limits is None
        except AttributeError:  # the interpreter raises this for an empty slot
            is_new = True
        if not is_new:  # it may be in use
            raise TypeError("a Stream is initialized once")
        self._limits = limits
        self._recover = bool(recover)
        self._frame = Frame()
        self._wanted = self._begin = self._offset = 0
        self._place = _BETWEEN
        self._crlf = _NONE
        self._has_cr = self._is_long = self._is_closed = self._is_feeding = False

    @property
    def is_closed(self) -> bool:
        """Whether the stream reads nothing more: after a `FramingError`, or after `eof`."""
        return self._is_closed

    @property
    def pending(self) -> int:
        """The bytes of the unfinished message at the end of what was fed."""
        return self._frame.size if self._place in (_IN_HEADER, _IN_BODY) else 0

    def feed(self, data: Buffer) -> list[StreamEvent]:
        """The events in the next bytes, in their order.

        A message that is whole in `data` stays there, without a copy, and keeps `data` alive; its
        offsets count from the start of `data`.  Other messages and mutable buffers are copied.
        After a `FramingError`, the stream is closed and further bytes are dropped.

        Raises TypeError or BufferError if `data` is no contiguous buffer.
        """
        events: list[StreamEvent] = []
        if type(data) is not bytes:
            data = bytes(memoryview(held(data)))
        if self._is_feeding:
            raise RuntimeError("the stream is being fed")
        if self._limits is None:
            raise TypeError("the stream has no limits: it was made without its constructor")
        if self._is_closed:
            return events
        self._is_feeding = True
        self._is_closed = True  # an exception leaves it so
        try:
            self._is_closed = not self._read(data, events)
        finally:
            self._is_feeding = False
        return events

    def eof(self) -> list[StreamEvent]:
        """The events at the end of the stream: a `FramingError` if it cuts a message."""
        events: list[StreamEvent] = []
        if self._is_feeding:
            raise RuntimeError("the stream is being fed")
        place, text = self._place, self._frame.joined()
        was_closed, self._is_closed = self._is_closed, True
        if not was_closed and place in (_IN_HEADER, _IN_BODY):
            self._recover = False
            try:
                message = _read_whole(text, self._limits)
                at = message._parsed.body
                self._refuse(_fault_in(message, "body-too-short", at), text, events)
            except ParseError as error:
                self._refuse(error, text, events)
        self._start_over()
        return events

    def _read(self, data: bytes, events: list[StreamEvent]) -> bool:
        """Append the events in the next bytes; False if the stream is closed then."""
        at, end = 0, len(data)
        frame = self._frame
        while at < end:
            place = self._place
            if place == _IN_BODY:
                stop = min(end, at + self._wanted - frame.size)
                frame.add(data, at, stop)
                at = stop
                if frame.size == self._wanted:
                    events.append(_read_whole(frame.joined(), self._limits))
                    self._start_over()
            elif place == _IN_HEADER:
                at = frame.take_in(data, at, self._limits)
                if frame.outcome and not self._end_header(events):
                    return False
            elif place == _IN_JUNK:
                at = self._skip(data, at)
            elif self._has_cr or data[at] == _LF or data[at] == _CR:
                at = self._pass_line_end(data, at, events)
                if at < 0:
                    return False
            else:
                at = self._begin_message(data, at, events)
        self._offset += end
        if self._crlf == _HALF and not self._has_cr:
            events.append(PONG)
            self._crlf = _PONG
        return True

    # ---- between messages ------------------------------------------------------------------------

    def _pass_line_end(self, data: bytes, at: int, events: list[StreamEvent]) -> int:
        """Pass a line end between messages, or half of one; -1 at a CR without LF."""
        byte = data[at]
        if byte == _CR and not self._has_cr:
            self._has_cr = True
            return at + 1
        if byte == _LF and self._has_cr:
            self._has_cr = False
            if self._crlf == _NONE:
                self._crlf = _HALF
            else:
                self._crlf = _NONE
                events.append(PING)
            return at + 1
        self._pass_crlf(events)
        if byte == _LF:  # alone, it is no keep-alive
            return at + 1
        self._has_cr = False
        self._begin = self._offset + at - 1
        return at if self._refuse(parse_error("bare-cr", 0), b"\r", events) else -1

    def _pass_crlf(self, events: list[StreamEvent]) -> None:
        """Tell of a CRLF that is no half of a ping."""
        if self._crlf == _HALF:
            events.append(PONG)
        self._crlf = _NONE

    def _begin_message(self, data: bytes, at: int, events: list[StreamEvent]) -> int:
        """Read the message that begins at data[at], or begin to gather it."""
        message: Request | Response
        end = len(data)
        if self._crlf:
            self._pass_crlf(events)
        message = _new(Table._starts_response(data, at))
        if message._read_within(data, at, end - at, self._limits):
            body, length = message._parsed.body, message._parsed.content_length
            if _framing_fault(message, data, at, self._limits) is None:
                if length <= end - body:
                    events.append(message)
                    return message._parsed.end
                self._begin = self._offset + at
                self._place = _IN_BODY
                self._wanted = body - at + length
                self._frame.clear()
                self._frame.add(data, at, end)
                return end
        self._begin = self._offset + at
        self._place = _IN_HEADER
        self._frame.clear()
        return at

    # ---- a message in pieces ---------------------------------------------------------------------

    def _start_over(self) -> None:
        """Begin anew, after a message."""
        self._place = _BETWEEN
        self._frame.clear()

    def _end_header(self, events: list[StreamEvent]) -> bool:
        """Read the header that was gathered; False if the stream is closed then."""
        text = self._frame.joined()
        message: Request | Response
        try:
            message = _read_whole(text, self._limits)
        except Incomplete:
            large = parse_error("message-too-large", self._limits.size)
            return self._refuse(_as_answered(large, text), text, events)
        except ParseError as error:
            return self._refuse(error, text, events)
        fault = _framing_fault(message, text, 0, self._limits)
        if fault is not None:
            return self._refuse(fault, text, events)
        self._go_on(message, events)
        return True

    def _go_on(self, message: Request | Response, events: list[StreamEvent]) -> None:
        """After a header that was gathered, go on with its body."""
        length = message._parsed.content_length
        if length == 0:
            events.append(message)
            self._start_over()
        else:
            self._wanted = message._parsed.body + length
            self._place = _IN_BODY

    # ---- faults ----------------------------------------------------------------------------------

    def _refuse(self, fault: ParseError, text: bytes, events: list[StreamEvent]) -> bool:
        """Append the fault in a message that begins with `text`; False if the stream is closed."""
        offset = self._begin + fault.offset
        error = FramingError(fault.code, offset, fault.header, answer(fault, text))
        if fault.status_hint is None:
            unanswered(error)
        events.append(error)
        if not self._recover:
            self._start_over()
            return False
        self._resume(text, events)
        return True

    def _resume(self, text: bytes, events: list[StreamEvent]) -> None:
        """Go on with the first message within what was refused, or else after it."""
        message: Request | Response
        was_finished = self._frame.outcome == FINISHED
        self._frame.clear()
        self._is_long = text[len(text) - 1] != _LF
        self._place = _IN_JUNK
        size = len(text)
        at = text.find(b"\n") + 1 if was_finished else size
        while at < size and not self._begins_within(text, at):
            at = text.find(b"\n", at) + 1
        if at < size:
            self._begin += at
            self._frame.add(text, at, size)
            message = _read_whole(self._frame.joined(), self._limits)
            self._go_on(message, events)

    def _begins_within(self, text: bytes, at: int) -> bool:
        """Whether a line of a header begins another one, without a fault."""
        message: Request | Response
        if not is_start_line(text, at, text.find(b"\n", at) + 1):
            return False
        message = _new(Table._starts_response(text, at))
        return (
            message._read_within(text, at, len(text) - at, self._limits)
            and _framing_fault(message, text, at, self._limits) is None
        )

    def _skip(self, data: bytes, at: int) -> int:
        """Pass junk up to a start line, or to the end."""
        frame = self._frame
        end = len(data)
        line = data.find(b"\n", at) + 1
        if line == 0:
            if frame.size + (end - at) > _LONGEST_START:
                self._is_long = True
            if self._is_long:
                frame.clear()
            else:
                frame.add(data, at, end)
            return end
        if not self._is_long:
            text = frame.joined()
            size = len(text)
            if size > 0 and line - at <= _LONGEST_START:
                text += data[at:line]
                if is_start_line(text, 0, len(text)):
                    self._begin = self._offset + at - size
                    self._place = _IN_HEADER
                    frame.clear()
                    frame.take_in(text[:size], 0, self._limits)
                    return at
            elif size == 0 and is_start_line(data, at, line):
                self._place = _BETWEEN
                return at
        frame.clear()
        self._is_long = False
        return line


# ---- one message ---------------------------------------------------------------------------------


def _new(is_response: bool) -> Request | Response:
    return Response.__new__(Response) if is_response else Request.__new__(Request)


def _read_whole(text: bytes, limits: Limits) -> Request | Response:
    """A message from its own bytes; its body may be cut.  Raises `ParseError`."""
    message: Request | Response
    is_response = Table._starts_response(text, 0)
    message = _new(is_response)
    message._read(text, limits, is_response)
    return message


def _framing_fault(
    message: Request | Response, data: bytes, at: int, limits: Limits
) -> ParseError | None:
    """The fault in a header at data[at] that `parse` accepts and a stream does not; or None."""
    length, body = message._parsed.content_length, message._parsed.body
    mixed = mixed_line_end(data, at, body)
    if mixed >= 0:
        return _fault_in(message, "line-ends-mixed", mixed)
    if length == NO_LENGTH:
        return _fault_in(message, "content-length-missing", at)
    if length > limits._size - (body - at):
        return _fault_in(message, "message-too-large", message._field_at("Content-Length"))
    return None


def _fault_in(message: Request | Response, code: str, offset: int) -> ParseError:
    """A fault in a message."""
    name = None if code == "line-ends-mixed" else "Content-Length"
    return _as_answered(parse_error(code, offset, name), message._bytes(message.start, 4))


def _as_answered(fault: ParseError, text: bytes) -> ParseError:
    """The fault, without a status if it is that of a response or an ACK."""
    if Table._starts_response(text, 0) or text.startswith((b"ACK ", b"ACK\t")):
        return unanswered(fault)
    return fault
