"""Required parameters, and parameters with a grammar of their own."""

from __future__ import annotations

import re

from ..parameters import TOKEN
from ..value import Value
from ..values.identity import Identity
from ..values.networks import ChargingVector
from ..values.parties import HistoryInfo
from ..values.times import SessionExpires
from ..values.via import COOKIE, Via
from .parameters import Found, fault_of, place_of

__all__ = ["check_named"]

_NEEDED: dict[type, tuple[str, str]] = {
    ChargingVector: ("icid-value", "icid-value-missing"),
    HistoryInfo: ("index", "history-index-missing"),
    Identity: ("info", "identity-info-missing"),
}
"""By class: a required parameter, and the fault if it is absent or empty."""

_BRANCH = re.compile(rf"(?!{COOKIE}\Z){TOKEN.pattern}", re.IGNORECASE | re.ASCII)
_IP = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[?[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]?")
_REFRESHER = re.compile("ua[cs]", re.IGNORECASE)
_SHAPES: dict[type, tuple[tuple[str, re.Pattern[str], str], ...]] = {
    SessionExpires: (("refresher", _REFRESHER, "refresher-malformed"),),
    Via: (("branch", _BRANCH, "branch-malformed"), ("received", _IP, "received-malformed")),
}
"""By class: a parameter, the pattern of its unquoted value, and the fault if it does not match."""


def check_named(value: Value, faults: Found) -> None:
    """Report missing and malformed parameters of a value."""
    name, code = _NEEDED.get(type(value), ("", ""))
    if name and not value._parameter(name) and not _is_rfc4474(value):
        faults.append((code, place_of(value)))
    for name, pattern, code in _SHAPES.get(type(value), ()):
        text = value._parameter(name)
        if text is not None and not pattern.fullmatch(text):
            faults.append(fault_of(value, name, code))


def _is_rfc4474(value: Value) -> bool:
    """Whether the value is an Identity of RFC 4474, whose certificate is in Identity-Info."""
    return isinstance(value, Identity) and "." not in value.token
