"""The capture file of blocks: sections, interfaces, packets, and others, which are skipped.

Format: draft-ietf-opsawg-pcapng.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Any, NamedTuple

from ..base import CaptureError, Data, Record, Tally
from ..packets import Captured, walked

_SECTION_HEADER = 0x0A0D0D0A  # the same in both byte orders
_INTERFACE_DESCRIPTION = 1
_OBSOLETE_PACKET = 2
_SIMPLE_PACKET = 3
_ENHANCED_PACKET = 6
_OVERHEAD = 12  # type and length before a block's body, and the length again after it

# Interfaces of one section, each of which takes memory until the section ends.
_MOST_INTERFACES = 65_536

# Nanoseconds that C can add to a time without a check.
_MOST_OFFSET = 1 << 61

_END_OF_OPTIONS = 0
_IF_TSRESOL = 9
_IF_TSOFFSET = 14


class _Layout:
    """The structures of one byte order."""

    def __init__(self, order: str) -> None:
        self.one = Struct(f"{order}I")
        self.two = Struct(f"{order}II")
        self.interface = Struct(f"{order}H2xI")
        self.option = Struct(f"{order}HH")
        self.seconds = Struct(f"{order}q")
        self.stamped = {
            _ENHANCED_PACKET: Struct(f"{order}IIII4x"),
            _OBSOLETE_PACKET: Struct(f"{order}H2xIII4x"),
        }


_LAYOUTS = {b"\x1a\x2b\x3c\x4d": _Layout(">"), b"\x4d\x3c\x2b\x1a": _Layout("<")}


class _Interface(NamedTuple):
    """A timestamp of t units is t * multiplier // divisor + offset_ns nanoseconds."""

    link_type: int
    snap_length: int
    multiplier: int = 1000
    divisor: int = 1
    offset_ns: int = 0


# An interface with a malformed description keeps its index, as do those after it.
_Interfaces = list[_Interface | None]


def recognises(data: Data) -> bool:
    """Whether `data` begins with a section. Raises CaptureError for a malformed header."""
    if data[:4] != _SECTION_HEADER.to_bytes(4, "big"):
        return False
    if len(data) < 28:
        raise CaptureError("truncated pcapng section header", len(data))
    if data[8:12] not in _LAYOUTS:
        raise CaptureError("pcapng section header without a byte order", 8)
    return True


def datagrams(data: Data, tally: Tally) -> Iterable[Record]:
    return walked(data, tally, _Walked(data), _packets(data, tally))


class _Walked:
    """The blocks that C leaves: interfaces, and packets with times of unusual units."""

    def __init__(self, data: Data) -> None:
        self._data = data
        self._interfaces: _Interfaces = []

    def begin(self, walk: Any) -> None:
        walk.begin_blocks(self._data[8:12] == b"\x1a\x2b\x3c\x4d")

    def is_lost(self, walk: Any) -> bool:
        return False  # zeros are a malformed block

    def block(self, walk: Any, tally: Tally) -> Captured | str | None:
        layout = _LAYOUTS[b"\x1a\x2b\x3c\x4d" if walk.is_big else b"\x4d\x3c\x2b\x1a"]
        stamped = layout.stamped.get(walk.kind)
        if stamped is not None:
            return _stamped(self._data, stamped, self._interfaces, walk.start, walk.end)
        if walk.kind == _SECTION_HEADER:
            self._interfaces.clear()
            walk.clear_interfaces()
        elif len(self._interfaces) < _MOST_INTERFACES:
            interface = _interface(self._data, layout, walk.start, walk.end, tally)
            self._interfaces.append(interface)
            if interface is None:
                walk.add_interface(-1, 0, 0, 0)
            else:
                link_type, snap_length, multiplier, divisor, offset_ns = interface
                unit, rest = divmod(multiplier, divisor)
                is_usual = not rest and abs(offset_ns) < _MOST_OFFSET
                times = (unit, offset_ns) if is_usual else (0, 0)
                walk.add_interface(link_type, snap_length, *times)
        else:
            tally.skipped["malformed block"] += 1
        return None

    def copy(self) -> _Walked:
        copy = _Walked(self._data)
        copy._interfaces = [*self._interfaces]
        return copy

    def end(self, walk: Any, tally: Tally) -> int:
        if walk.position < len(self._data):
            tally.skipped["malformed block" if walk.ends_malformed else "truncated record"] += 1
        number: int = walk.number
        return number


def _packets(data: Data, tally: Tally) -> Iterator[Captured | str]:
    sections = Sections(data)
    yield from sections.packets(data, 0, tally)
    if tally.position < len(data):
        tally.skipped[sections.fault or "truncated record"] += 1


class Sections:
    """What the blocks so far say of those that follow.

    Attributes:
        fault: why no block can follow; None if one can.
    """

    def __init__(self, data: Data) -> None:
        self._layout = _LAYOUTS[data[8:12]]
        self._interfaces: _Interfaces = []
        self.fault: str | None = None

    def packets(self, data: Data, position: int, tally: Tally) -> Iterator[Captured | str]:
        """The packets from a block on; then `tally.position` is where no whole one follows."""
        interfaces = self._interfaces
        for layout, kind, start, end in self._blocks(data, position, tally):
            stamped = layout.stamped.get(kind)
            if stamped is not None:
                yield _stamped(data, stamped, interfaces, start, end)
            elif kind == _SIMPLE_PACKET:
                yield _simple(data, layout, interfaces, start, end)
            elif kind == _INTERFACE_DESCRIPTION:
                if len(interfaces) < _MOST_INTERFACES:
                    interfaces.append(_interface(data, layout, start, end, tally))
                else:
                    tally.skipped["malformed block"] += 1
            elif kind == _SECTION_HEADER:
                interfaces.clear()

    def size_of_block(self, data: Data, position: int) -> int:
        """The bytes of the block at `position`, or those that tell it if they are not all there."""
        if position + _OVERHEAD > len(data):
            return _OVERHEAD
        layout = self._layout
        if data[position : position + 4] == _SECTION_HEADER.to_bytes(4, "big"):
            layout = _LAYOUTS.get(data[position + 8 : position + 12], layout)
        size: int = layout.one.unpack_from(data, position + 4)[0]
        return max(size, _OVERHEAD)

    def _blocks(
        self, data: Data, position: int, tally: Tally
    ) -> Iterator[tuple[_Layout, int, int, int]]:
        """Yield the layout and the type of each block, and where its body starts and ends.

        A block with inconsistent lengths is the last one, because the place of the next is unknown.
        """
        size = len(data)
        layout = self._layout
        while position + _OVERHEAD <= size:
            kind, length = layout.two.unpack_from(data, position)
            if kind == _SECTION_HEADER:
                section = _LAYOUTS.get(data[position + 8 : position + 12])
                if section is None:
                    self.fault = "malformed block"
                    break
                layout = section
                length = layout.one.unpack_from(data, position + 4)[0]
            if length < _OVERHEAD or length % 4:
                self.fault = "malformed block"
                break
            following = position + length
            if following > size:
                break
            if layout.one.unpack_from(data, following - 4)[0] != length:
                self.fault = "malformed block"
                break
            self._layout = layout
            yield layout, kind, position + 8, following - 4
            position = following
        tally.position = position


def _interface(
    data: Data, layout: _Layout, start: int, end: int, tally: Tally
) -> _Interface | None:
    if end - start < 8:
        tally.skipped["malformed block"] += 1
        return None
    link_type, snap_length = layout.interface.unpack_from(data, start)
    multiplier, divisor, offset_ns = 1000, 1, 0  # microseconds since 1970
    position = start + 8
    while position + 4 <= end:
        code, length = layout.option.unpack_from(data, position)
        position += 4
        if code == _END_OF_OPTIONS:
            break
        if position + length > end:
            tally.skipped["malformed block"] += 1
            break
        if code == _IF_TSRESOL and length == 1:
            exponent = data[position] & 0x7F
            multiplier = 1_000_000_000
            divisor = (2 if data[position] & 0x80 else 10) ** exponent
        elif code == _IF_TSOFFSET and length == 8:
            offset_ns = layout.seconds.unpack_from(data, position)[0] * 1_000_000_000
        position += (length + 3) & ~3
    return _Interface(link_type, snap_length, multiplier, divisor, offset_ns)


def _stamped(
    data: Data, fields: Struct, interfaces: _Interfaces, start: int, end: int
) -> Captured | str:
    """Enhanced Packet Block, or its predecessor, the Packet Block."""
    start += 20
    if start > end:
        return "malformed block"
    number, high, low, captured = fields.unpack_from(data, start - 20)
    interface = interfaces[number] if number < len(interfaces) else None
    if interface is None:
        return "unknown interface"
    if start + captured > end:
        return "malformed block"
    link_type, _, multiplier, divisor, offset_ns = interface
    timestamp_ns = (high << 32 | low) * multiplier // divisor + offset_ns
    return timestamp_ns, link_type, start, start + captured


def _simple(
    data: Data, layout: _Layout, interfaces: _Interfaces, start: int, end: int
) -> Captured | str:
    """Simple Packet Block: of the first interface, without a timestamp.

    It states only the packet's length on the wire; the snap length may have cut it.
    """
    start += 4
    if start > end:
        return "malformed block"
    interface = interfaces[0] if interfaces else None
    if interface is None:
        return "unknown interface"
    captured = layout.one.unpack_from(data, start - 4)[0]
    if interface.snap_length:
        captured = min(captured, interface.snap_length)
    if start + captured > end:
        return "malformed block"
    return None, interface.link_type, start, start + captured
