"""The classes of all values on the engine in use, as returned by `parse_header` and messages.

>>> from sipfast.values import CSeq, Event
>>> CSeq(4711, "INVITE").method, str(Event.parse("dialog;id=7").replace(id="8"))
('INVITE', 'dialog;id=8')

Challenges and credentials are in `sipfast.auth`, bodies in `sipfast.bodies`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._engine import ENGINE

if TYPE_CHECKING:
    from ._core.values import *  # noqa: F403 (the list is there)

_CLASSES = {name: cls for name, cls in vars(ENGINE.module("values")).items() if type(cls) is type}

globals().update(_CLASSES)

__all__ = sorted(_CLASSES)
