"""Keys of transactions, dialogs and retransmissions: plain tuples for lookups.

They come from properties of a message, such as ``message.transaction_key``, and are the same on
both engines. Tags and Call-ID keep their spelling, because responses copy them.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = [
    "DialogID",
    "MergeKey",
    "OldTransactionKey",
    "RetransmissionKey",
    "SidedDialogID",
    "TransactionKey",
]


class TransactionKey(NamedTuple):
    """A transaction by its branch (RFC 3261 17.1.3 and 17.2.3)."""

    branch: str
    """The branch of the top Via, in lower case."""
    sent_by: str
    """Host, in lower case, and port of the top Via: two clients may choose the same branch."""
    method: str
    """The method of the request, for a response the one in CSeq; ``"INVITE"`` for an ACK."""


class OldTransactionKey(NamedTuple):
    """A transaction without a branch of RFC 3261, as in RFC 2543 (RFC 3261 17.2.3)."""

    request_uri: str | None
    """None in keys that match responses."""
    to_tag: str | None
    """None for INVITE and ACK, which differ in it, and in keys that match responses."""
    from_tag: str | None
    call_id: str
    sequence: int
    """The number in CSeq."""
    method: str
    """As in `TransactionKey`."""
    via: str
    """The top Via in lower case, without the parameters that its receiver adds."""


class DialogID(NamedTuple):
    """A dialog as in a message (RFC 3261 12); `as_uac` and `as_uas` are the views of each side."""

    call_id: str
    from_tag: str | None
    """The tag of the sender of the request; None from an element of RFC 2543."""
    to_tag: str | None
    """The tag of the answering party; None before there is a dialog."""

    @property
    def reversed(self) -> DialogID:
        """The same dialog in a request of the other party."""
        return DialogID(self.call_id, self.to_tag, self.from_tag)

    @property
    def as_uac(self) -> SidedDialogID:
        """The dialog for the sender of the request."""
        return SidedDialogID(self.call_id, self.from_tag, self.to_tag)

    @property
    def as_uas(self) -> SidedDialogID:
        """The dialog for the receiver of the request."""
        return SidedDialogID(self.call_id, self.to_tag, self.from_tag)


class SidedDialogID(NamedTuple):
    """A dialog as one of its parties keeps it (RFC 3261 12)."""

    call_id: str
    local_tag: str | None
    remote_tag: str | None


class MergeKey(NamedTuple):
    """The common key of the branches of a forked request (RFC 3261 8.2.2.2)."""

    from_tag: str | None
    call_id: str
    sequence: int
    method: str


class RetransmissionKey(NamedTuple):
    """The common key of a message and its retransmissions (RFC 3261 17, RFC 3262 3)."""

    transaction: TransactionKey | OldTransactionKey
    kind: str | int
    """The method or the status."""
    to_tag: str | None
    """The To tag of a response: several parties may answer one INVITE."""
    reliable: str | None
    """RSeq of a response: each reliable one has its own."""
