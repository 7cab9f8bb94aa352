"""The second attempt of a challenged request, with credentials (RFC 3261 22)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sipfast.errors import ParseError, parse_error

from ..parameters import others
from ..values.auth import Challenge, Credentials, choose
from ..values.sequence import CSeq
from .draft import edited
from .fresh import new_branch
from .identify import top_via
from .message import Request, Response

if TYPE_CHECKING:
    from .draft import Draft

__all__ = ["Accounts", "authorized"]

Accounts = Mapping[str, tuple[str, "str | bytes"]]
"""By realm, a username and its password."""

_ADDED = ("branch", "received", "rport")


def authorized(
    request: Request,
    response: Response,
    username: str | None = None,
    password: str | bytes | None = None,
    *,
    accounts: Accounts | None = None,
    algorithms: Iterable[str] | None = None,
    cseq: int | None = None,
) -> Request | None:
    """A challenged request again, with credentials: see `Request.authorized`."""
    if request.method in ("ACK", "CANCEL"):
        raise ValueError(f"{request.method} is never challenged (RFC 3261 22.1)")
    if response.status not in (401, 407):
        raise ValueError(f"a response {response.status} is no challenge (RFC 3261 22)")
    if (username is None) != (password is None) or (username is None and accounts is None):
        raise TypeError("a username and its password, or accounts, are required")
    sequence, via = request.cseq, top_via(request)
    if sequence is None:
        raise parse_error("header-missing", request.start, "CSeq")
    preferred = None if algorithms is None else tuple(algorithms)
    draft = edited(request)
    answered = False
    for name, challenges, sent in (
        ("Authorization", response.www_authenticate, request.authorization),
        ("Proxy-Authorization", response.proxy_authenticate, request.proxy_authorization),
    ):
        fresh: dict[str, Credentials] = {}
        for realm, offered in _by_realm(challenges).items():
            account = (accounts or {}).get(realm)
            if account is None and username is not None and password is not None:
                account = username, password
            challenge = choose(offered, preferred)
            if account is None or challenge is None:
                continue
            if not challenge.stale and _was_refused(sent, realm, account[0]):
                continue
            fresh[realm] = challenge.answer(
                *account, request.method, request.uri_text, body=request.body
            )
        if fresh:
            answered = True
            _set_credentials(draft, name, sent, fresh)
    if not answered:
        return None
    number = sequence.number + 1 if cseq is None else cseq
    draft["CSeq"] = CSeq(number, request.method)
    flags = [("rport", None)] if via.wants_rport else []
    draft.pop("Via")
    draft.push("Via", via.replace(branch=new_branch(), parameters=[*flags, *others(via, _ADDED)]))
    whole: Any = draft.message
    again: Request = whole
    return again


def _by_realm(challenges: tuple[Challenge, ...]) -> dict[str, list[Challenge]]:
    """The challenges of each realm, in their order; those without a realm are left out."""
    found: dict[str, list[Challenge]] = {}
    for challenge in challenges:
        if challenge.realm is not None:
            found.setdefault(challenge.realm, []).append(challenge)
    return found


def _was_refused(sent: tuple[Credentials, ...], realm: str, username: str) -> bool:
    """Whether the request had credentials of this user for the realm (RFC 3261 22.1)."""
    for credentials in sent:
        if credentials.realm == realm:
            try:
                named = credentials.username
            except ParseError:
                return True
            if credentials.userhash or named == username:
                return True
    return False


def _set_credentials(
    draft: Draft, name: str, sent: tuple[Credentials, ...], fresh: dict[str, Credentials]
) -> None:
    """Replace the credentials for these realms, and keep those for others."""
    kept = [credentials for credentials in sent if credentials.realm not in fresh]
    draft.discard(name)
    values = [*kept, *fresh.values()]
    draft.push(name, values[0])
    for credentials in values[1:]:
        draft.append(name, credentials)
