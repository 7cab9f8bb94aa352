"""The loop over live sources: one thread, which waits for whichever has bytes."""

from __future__ import annotations

import errno
import selectors
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from ..capture import Record

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["PAUSE", "SHORTAGES", "TICK", "Live", "Source"]

TICK = 0.25
"""Seconds between two looks at what has no descriptor to wait for, and at the clock."""

SHORTAGES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
"""Errors of `accept` that leave the connection waiting: it could be tried again without end."""
PAUSE = 1.0
"""Seconds until it is."""


class Source(Protocol):
    """Where records come from.

    Attributes:
        name: how it is shown, and the `file` of its records.
        is_over: whether nothing will come any more.
        position: the bytes read so far.
        skipped: packets without SIP, by reason, as of `Capture`.
        dropped: packets that were lost before they were read; None if the system does not tell.
        paused: how often connections had to wait because the system had no descriptors left.
        failure: why it ended early, if it did.
    """

    name: str
    is_over: bool
    paused: int
    failure: Exception | None

    @property
    def position(self) -> int: ...

    @property
    def skipped(self) -> Counter[str]: ...

    @property
    def dropped(self) -> int | None: ...

    def descriptors(self) -> Iterable[int]:
        """What to wait for; nothing for a source that is looked at in each turn."""

    def read(self) -> Iterator[Record]:
        """Some of what is there: as much as takes a moment."""

    def tick(self) -> Iterator[Record]:
        """What became complete by the passing of time."""

    def end(self) -> Iterator[Record]:
        """What is left, at the end."""

    def close(self) -> None: ...


class Live:
    """The records of several sources as they come; None whenever `TICK` seconds have passed.

    Attributes:
        now: the monotonic time of the last read, in seconds.
    """

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self.now = monotonic()
        self._is_stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for source in self.sources:
            source.close()

    def stop(self) -> None:
        """End the iteration soon, after what is there. May be called in a handler of a signal."""
        self._is_stopped = True

    def __iter__(self) -> Iterator[Record | None]:
        due = self.now + TICK
        with selectors.DefaultSelector() as selector:
            watched: dict[int, Source] = {}
            running = list(self.sources)
            polled = [source for source in running if not [*source.descriptors()]]
            was_busy = False
            while running and not self._is_stopped:
                _watch(selector, watched, running)
                wait = 0.0 if was_busy else max(0.0, due - monotonic())
                ready = [*polled]
                for key, _ in selector.select(wait):
                    if key.data not in ready:
                        ready.append(key.data)
                self.now = monotonic()
                was_busy = False
                for source in ready:
                    before = source.position
                    yield from source.read()
                    was_busy |= source in polled and source.position != before
                if monotonic() >= due:
                    self.now = monotonic()
                    for source in running:
                        yield from source.tick()
                    yield None
                    due = self.now + TICK
                for source in [source for source in running if source.is_over]:
                    yield from source.end()
                    running.remove(source)
                    polled = [one for one in polled if one is not source]
            for source in running:
                yield from source.end()
        self.now = monotonic()


def _watch(
    selector: selectors.BaseSelector, watched: dict[int, Source], running: Iterable[Source]
) -> None:
    """Bring the selector up to date with the descriptors, which come and go with connections."""
    wanted = {descriptor: source for source in running for descriptor in source.descriptors()}
    if wanted == watched:
        return
    for descriptor in [one for one in watched if wanted.get(one) is not watched[one]]:
        selector.unregister(descriptor)
        del watched[descriptor]
    for descriptor, source in wanted.items():
        if descriptor not in watched:
            selector.register(descriptor, selectors.EVENT_READ, source)
            watched[descriptor] = source
