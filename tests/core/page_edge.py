"""A program that parses each line of base64 on stdin at the edge of readable memory.

The bytes lie in a page with forbidden pages on both sides, once at its beginning and once at its
end: a tokenizer that reads one byte outside of its buffer ends this process. Every kernel has its
turn. Prints how many inputs there were.
"""

from __future__ import annotations

import base64
import ctypes
import importlib
import mmap
import sys
from typing import Any

from sipfast import _engine
from sipfast.errors import ParseError

PROT_NONE = 0


class Room:
    """Memory between two protected pages."""

    def __init__(self, size: int) -> None:
        self.size = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
        self._memory = mmap.mmap(-1, self.size + 2 * mmap.PAGESIZE)
        self._start = ctypes.addressof(ctypes.c_char.from_buffer(self._memory))
        self._forbid(self._start)
        self._forbid(self._start + mmap.PAGESIZE + self.size)

    def _forbid(self, address: int) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(mmap.PAGESIZE), PROT_NONE):
            raise OSError(ctypes.get_errno(), "mprotect")

    def at_start(self, data: bytes) -> memoryview:
        """Put the bytes directly after the lower protected page."""
        return self._lay(data, mmap.PAGESIZE)

    def at_end(self, data: bytes) -> memoryview:
        """Lay the bytes right before the upper forbidden page."""
        return self._lay(data, mmap.PAGESIZE + self.size - len(data))

    def _lay(self, data: bytes, offset: int) -> memoryview:
        view = memoryview(self._memory)[offset : offset + len(data)]
        view[:] = data
        return view


def read(engine: _engine.Engine, data: memoryview) -> None:
    """Parse, and read properties that read the buffer again."""
    try:
        message: Any = engine.parse(data)
    except ParseError:
        return
    repr((message, [*message.headers.items()], message.headers.raw, message.body, message.defects))
    message.headers.getall("Via", ())
    message.headers.getall("X-Unknown", ())


def main() -> None:
    engine = _engine.load("native")
    tokenizer: Any = importlib.import_module("sipfast._native.wire.tokenizer")
    inputs = [base64.b64decode(line) for line in sys.stdin]
    room = Room(max(map(len, inputs)))
    for kernel in tokenizer.kernels():
        tokenizer.use_kernel(kernel)
        for data in inputs:
            read(engine, room.at_start(data))
            read(engine, room.at_end(data))
    print(len(inputs))


if __name__ == "__main__":
    main()
