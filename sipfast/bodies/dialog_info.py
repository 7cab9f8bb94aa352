"""``application/dialog-info+xml``: the dialogs of a user agent (RFC 4235)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from xml.etree.ElementTree import Element

from .encoding import MOST_BYTES
from .xml import children, first, number, parse_document, text_of

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["Dialog", "DialogInfo", "Party"]


class Party(NamedTuple):
    """One end of a dialog (RFC 4235 4.1.6)."""

    identity: str | None
    """The URI of the address-of-record."""
    display: str | None
    """The display name that goes with it."""
    target: str | None
    """The URI of the contact."""


class Dialog(NamedTuple):
    """A dialog from the view of the watched user agent (RFC 4235 4.1.1)."""

    id: str | None
    state: str | None
    """``"trying"``, ``"proceeding"``, ``"early"``, ``"confirmed"`` or ``"terminated"``."""
    event: str | None
    """The reason for the state, such as ``"remote-bye"``."""
    code: int | None
    """The response status that led to the state."""
    call_id: str | None
    local_tag: str | None
    remote_tag: str | None
    direction: str | None
    """``"initiator"`` or ``"recipient"``."""
    duration: int | None
    """Seconds since the dialog began."""
    local: Party | None
    remote: Party | None


@dataclass(frozen=True, slots=True)
class DialogInfo:
    """A document of dialogs (RFC 4235 4.1)."""

    entity: str | None
    """The watched URI."""
    version: int | None
    state: str | None
    """``"full"`` or ``"partial"``."""
    dialogs: tuple[Dialog, ...]
    root: Element = field(compare=False, repr=False)
    """The whole document, a mutable tree; comparisons ignore it."""

    @classmethod
    def parse(
        cls, body: Buffer, charset: str | None = None, *, limit: int = MOST_BYTES
    ) -> DialogInfo:
        """Read a body; raises the errors of `parse_xml`, and `ParseError` for another document."""
        root = parse_document("dialog-info", body, charset, limit)
        dialogs = tuple(_dialog(element) for element in children(root, "dialog"))
        version = number(root.get("version"))
        return cls(root.get("entity"), version, root.get("state"), dialogs, root)


def _dialog(element: Element) -> Dialog:
    state = first(element, "state")
    return Dialog(
        id=element.get("id"),
        state=text_of(state),
        event=None if state is None else state.get("event"),
        code=None if state is None else number(state.get("code")),
        call_id=element.get("call-id"),
        local_tag=element.get("local-tag"),
        remote_tag=element.get("remote-tag"),
        direction=element.get("direction"),
        duration=number(text_of(first(element, "duration"))),
        local=_party(first(element, "local")),
        remote=_party(first(element, "remote")),
    )


def _party(element: Element | None) -> Party | None:
    if element is None:
        return None
    identity = first(element, "identity")
    target = first(element, "target")
    return Party(
        text_of(identity),
        None if identity is None else identity.get("display"),
        None if target is None else target.get("uri"),
    )
