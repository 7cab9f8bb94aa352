"""Header fields that name another dialog by its Call-ID and two tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..building import built_item, changed, check, gathered
from ..parameters import Pairs, Parameters, others
from ..value import Value
from ..wire.text import FIRST
from .tokens import CallID

if TYPE_CHECKING:
    from types import EllipsisType

    from typing_extensions import Self

__all__ = ["Join", "Replaces", "TargetDialog"]


class Join(Value):
    """A Join: the dialog to mix the new one into (RFC 3911 7.1).

    >>> join = Join.parse("12adf2f34456gs5;to-tag=12345;from-tag=54321")
    >>> join.call_id, join.to_tag, join.from_tag
    ('12adf2f34456gs5', '12345', '54321')
    """

    __slots__ = ()

    def __init__(self, call_id: str, to_tag: str, from_tag: str, *, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        tags = (("to-tag", to_tag), ("from-tag", from_tag))
        built = built_item(self, call_id, gathered(tags, parameters))
        self._become(built)

    def _read(self) -> Any:
        return _dialog(self, "to-tag", "from-tag")

    @property
    def call_id(self) -> str:
        """The Call-ID of the dialog."""
        call_id: str = self._kept()
        return call_id

    @property
    def to_tag(self) -> str:
        """The receiver's tag."""
        return self._parameter("to-tag") or ""

    @property
    def from_tag(self) -> str:
        """The tag of the other party."""
        return self._parameter("from-tag") or ""

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        call_id: str | EllipsisType = ...,
        to_tag: str | EllipsisType = ...,
        from_tag: str | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        given = changed(locals())
        parts = {
            "call_id": self.call_id,
            "to_tag": self.to_tag,
            "from_tag": self.from_tag,
            "parameters": others(self, ("to-tag", "from-tag")),
        }
        return self._again(type(self), parts, given)

    def _key(self) -> Any:
        return self.call_id, self.to_tag, self.from_tag


class Replaces(Join):
    """A Replaces: the dialog that the new one replaces (RFC 3891 6.1).

    >>> replaces = Replaces.parse("98732@example.com;from-tag=r33th4x0r;to-tag=ff87ff")
    >>> replaces.call_id, replaces.to_tag, replaces.from_tag, replaces.early_only
    ('98732@example.com', 'ff87ff', 'r33th4x0r', False)
    """

    __slots__ = ()

    def __init__(
        self,
        call_id: str,
        to_tag: str,
        from_tag: str,
        *,
        early_only: bool = False,
        parameters: Pairs = (),
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        early = ("early-only", "" if early_only else None)
        own = (("to-tag", to_tag), ("from-tag", from_tag), early)
        built = built_item(self, call_id, gathered(own, parameters))
        self._become(built)

    @property
    def early_only(self) -> bool:
        """Whether only an early dialog is to be replaced."""
        return self._parameter("early-only") is not None

    def replace(
        self,
        *,
        call_id: str | EllipsisType = ...,
        to_tag: str | EllipsisType = ...,
        from_tag: str | EllipsisType = ...,
        early_only: bool | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some arguments of `Replaces` replaced."""
        given = changed(locals())
        parts: dict[str, Any] = {
            "call_id": self.call_id,
            "to_tag": self.to_tag,
            "from_tag": self.from_tag,
            "early_only": self.early_only,
            "parameters": others(self, ("to-tag", "from-tag", "early-only")),
        }
        return self._again(type(self), parts, given)

    def _key(self) -> Any:
        return self.call_id, self.to_tag, self.from_tag, self.early_only


class TargetDialog(Value):
    """A Target-Dialog: one of the receiver's dialogs, known to the sender (RFC 4538 7).

    >>> target = TargetDialog.parse("fa77as7dad8@example.com;local-tag=1;remote-tag=2")
    >>> target.local_tag, target.remote_tag
    ('1', '2')
    """

    __slots__ = ()

    def __init__(
        self, call_id: str, local_tag: str, remote_tag: str, *, parameters: Pairs = ()
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        tags = (("local-tag", local_tag), ("remote-tag", remote_tag))
        built = built_item(self, call_id, gathered(tags, parameters))
        self._become(built)

    def _read(self) -> Any:
        return _dialog(self, "local-tag", "remote-tag")

    @property
    def call_id(self) -> str:
        """The Call-ID of the dialog."""
        call_id: str = self._kept()
        return call_id

    @property
    def local_tag(self) -> str:
        """The sender's tag."""
        return self._parameter("local-tag") or ""

    @property
    def remote_tag(self) -> str:
        """The tag of the other party."""
        return self._parameter("remote-tag") or ""

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        call_id: str | EllipsisType = ...,
        local_tag: str | EllipsisType = ...,
        remote_tag: str | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some arguments of `TargetDialog` replaced."""
        given = changed(locals())
        parts = {
            "call_id": self.call_id,
            "local_tag": self.local_tag,
            "remote_tag": self.remote_tag,
            "parameters": others(self, ("local-tag", "remote-tag")),
        }
        return self._again(type(self), parts, given)

    def _key(self) -> Any:
        return self.call_id, self.local_tag, self.remote_tag


def _dialog(value: Value, tag: str, other_tag: str) -> Any:
    """Read a value that consists of a Call-ID and these two tags."""
    value._split_call_id()
    value._keep(value._sub(FIRST, CallID))
    if not value._parameter(tag) or not value._parameter(other_tag):
        value._fail("dialog-tag-missing", FIRST)
    return value
