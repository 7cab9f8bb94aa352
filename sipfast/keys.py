"""What identifies transactions, dialogs and copies of messages: plain tuples, to look things up by.

They come from properties of a message, such as ``message.transaction_key``, and are the same on
both engines.  Tags and Call-ID stand in them as they were written, for whoever copies them must
not change them.
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
    """Host, in lower case, and port of the top Via: two clients may choose one branch."""
    method: str
    """The method of the request; ``"INVITE"`` for an ACK, and for a response that of its CSeq."""


class OldTransactionKey(NamedTuple):
    """A transaction without a branch that names it, as in RFC 2543 (RFC 3261 17.2.3)."""

    request_uri: str | None
    """None in what is matched with responses."""
    to_tag: str | None
    """None for INVITE and ACK, which differ in it, and in what is matched with responses."""
    from_tag: str | None
    call_id: str
    sequence: int
    """The number in CSeq."""
    method: str
    """As in `TransactionKey`."""
    via: str
    """The top Via in lower case, without the parameters that its receiver adds."""


class DialogID(NamedTuple):
    """A dialog as a message names it (RFC 3261 12); `as_uac` and `as_uas` say it for one side."""

    call_id: str
    from_tag: str | None
    """The tag of who sent the request; None from an element of RFC 2543."""
    to_tag: str | None
    """The tag of who answers; None as long as there is no dialog."""

    @property
    def reversed(self) -> DialogID:
        """The same dialog in a request of the other party."""
        return DialogID(self.call_id, self.to_tag, self.from_tag)

    @property
    def as_uac(self) -> SidedDialogID:
        """The dialog for who sent the request, and gets the response."""
        return SidedDialogID(self.call_id, self.from_tag, self.to_tag)

    @property
    def as_uas(self) -> SidedDialogID:
        """The dialog for who got the request, and sends the response."""
        return SidedDialogID(self.call_id, self.to_tag, self.from_tag)


class SidedDialogID(NamedTuple):
    """A dialog as one of its parties keeps it (RFC 3261 12)."""

    call_id: str
    local_tag: str | None
    remote_tag: str | None


class MergeKey(NamedTuple):
    """What the branches of one forked request share, to refuse the second: RFC 3261 8.2.2.2."""

    from_tag: str | None
    call_id: str
    sequence: int
    method: str


class RetransmissionKey(NamedTuple):
    """What a message shares with its retransmissions only (RFC 3261 17, RFC 3262 3)."""

    transaction: TransactionKey | OldTransactionKey
    kind: str | int
    """The method or the status."""
    to_tag: str | None
    """That of a response: several parties may answer one INVITE."""
    reliable: str | None
    """RSeq of a response: each reliable one has its own."""
