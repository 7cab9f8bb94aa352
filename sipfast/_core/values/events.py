"""Subscriptions: their events and their states (RFC 6665)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..building import built_item, changed, check, gathered, number_text
from ..parameters import Pairs, Parameters, alike, others, parameter_number
from ..value import MOST_UNSIGNED, Value
from ..wire.text import FIRST

if TYPE_CHECKING:
    from types import EllipsisType

__all__ = ["Event", "SubscriptionState"]


class Event(Value):
    """An Event: the event package, and the id of the subscription (RFC 6665 8.2.1).

    >>> event = Event.parse("presence.winfo;id=2")
    >>> event.event_type, event.package, event.template, event.id
    ('presence.winfo', 'presence', 'winfo', '2')
    """

    __slots__ = ()

    def __init__(self, event_type: str, id: str | None = None, *, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        built = built_item(self, event_type, gathered((("id", id),), parameters))
        self._become(built)

    def _read(self) -> Any:
        self._split_item()
        self._keep(self._token(FIRST))
        return self

    @property
    def event_type(self) -> str:
        """The package and its templates, such as ``"presence.winfo"``; it is case-sensitive."""
        event_type: str = self._kept()
        return event_type

    @property
    def package(self) -> str:
        """The event package, such as ``"presence"``."""
        return self.event_type.partition(".")[0]

    @property
    def template(self) -> str | None:
        """The templates after the package, such as ``"winfo"`` (RFC 6665 4.2.1), or None."""
        return self.event_type.partition(".")[2] or None

    @property
    def id(self) -> str | None:
        """``id``: the id of the subscription in its dialog, or None."""
        return self._parameter("id")

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        event_type: str | EllipsisType = ...,
        id: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Event:
        """A copy with some arguments of `Event` replaced."""
        given = changed(locals())
        parts = {
            "event_type": self.event_type,
            "id": self.id,
            "parameters": others(self, ("id",)),
        }
        return self._again(Event, parts, given)

    def _key(self) -> Any:
        """RFC 6665 8.2.1: compared byte by byte; of the parameters, only id counts."""
        return self.event_type, self.id


class SubscriptionState(Value):
    """A Subscription-State: the state of a subscription (RFC 6665 8.2.3).

    >>> state = SubscriptionState.parse("terminated;reason=rejected;retry-after=60")
    >>> state.state, state.reason, state.retry_after
    ('terminated', 'rejected', 60)
    """

    __slots__ = ()

    def __init__(
        self,
        state: str,
        *,
        reason: str | None = None,
        expires: int | None = None,
        retry_after: int | None = None,
        parameters: Pairs = (),
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        own = (
            ("reason", reason),
            ("expires", number_text(expires)),
            ("retry-after", number_text(retry_after)),
        )
        built = built_item(self, state, gathered(own, parameters))
        built.expires, built.retry_after  # noqa: B018  raises if malformed
        self._become(built)

    def _read(self) -> Any:
        self._split_item()
        self._token(FIRST)
        return self

    @property
    def state(self) -> str:
        """``"active"``, ``"pending"``, ``"terminated"`` or another, in lower case."""
        return self._token(FIRST).lower()

    @property
    def reason(self) -> str | None:
        """``reason``, in lower case, such as ``"deactivated"``, or None."""
        reason = self._parameter("reason")
        return reason and reason.lower()

    @property
    def expires(self) -> int | None:
        """``expires``: the remaining seconds of the subscription, or None.  Raises `ParseError`."""
        return parameter_number(self, "expires", MOST_UNSIGNED)

    @property
    def retry_after(self) -> int | None:
        """``retry-after``: seconds before subscribing again, or None.  Raises `ParseError`."""
        return parameter_number(self, "retry-after", MOST_UNSIGNED)

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        state: str | EllipsisType = ...,
        reason: str | EllipsisType | None = ...,
        expires: int | EllipsisType | None = ...,
        retry_after: int | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> SubscriptionState:
        """A copy with some arguments of `SubscriptionState` replaced."""
        given = changed(locals())
        parts = {
            "state": self._part(FIRST),
            "reason": self._parameter("reason"),
            "expires": self.expires,
            "retry_after": self.retry_after,
            "parameters": others(self, ("reason", "expires", "retry-after")),
        }
        return self._again(SubscriptionState, parts, given)

    def _key(self) -> Any:
        rest = alike(self, ("reason", "expires", "retry-after"))
        return self.state, self.reason, self.expires, self.retry_after, rest
