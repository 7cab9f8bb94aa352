"""The classes of all values, of the engine in use: what `parse_header` and a message's fields give.

>>> from sipfast.values import CSeq, Event
>>> CSeq(4711, "INVITE").method, str(Event.parse("dialog;id=7").replace(id="8"))
('INVITE', 'dialog;id=8')

Challenges and credentials are in `sipfast.auth`, bodies in `sipfast.bodies`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._engine import ENGINE

if TYPE_CHECKING:
    from ._core.parameters import Parameters
    from ._core.values.address import Address, Contact
    from ._core.values.agents import Products
    from ._core.values.dialogs import Join, Replaces, TargetDialog
    from ._core.values.events import Event, SubscriptionState
    from ._core.values.features import AnswerMode, ContactPreference, FeatureCaps, InfoPackage
    from ._core.values.identity import Identity, PASSporT
    from ._core.values.media import Accepted, ContentDisposition, ContentType, MediaRange
    from ._core.values.networks import (
        AccessNetworkInfo,
        ChargingFunctionAddresses,
        ChargingVector,
        VisitedNetwork,
    )
    from ._core.values.parties import (
        CallInfo,
        Diversion,
        HistoryInfo,
        ReferredBy,
        RemotePartyID,
        ServedUser,
    )
    from ._core.values.privacy import Privacy
    from ._core.values.reasons import Reason, Warning
    from ._core.values.security import SecurityMechanism
    from ._core.values.sequence import CSeq, RAck
    from ._core.values.sessions import ResourcePriority, SessionID, UserToUser
    from ._core.values.times import Date, RetryAfter, SessionExpires, SessionInterval, Timestamp
    from ._core.values.uri import URI, URN, SipURI, TelURI
    from ._core.values.via import Via
    from ._core.wire.splitters import Value
else:
    _CLASSES = {
        "address": ("Address", "Contact"),
        "agents": ("Products",),
        "dialogs": ("Join", "Replaces", "TargetDialog"),
        "events": ("Event", "SubscriptionState"),
        "features": ("AnswerMode", "ContactPreference", "FeatureCaps", "InfoPackage"),
        "identity": ("Identity", "PASSporT"),
        "media": ("Accepted", "ContentDisposition", "ContentType", "MediaRange"),
        "networks": (
            "AccessNetworkInfo",
            "ChargingFunctionAddresses",
            "ChargingVector",
            "VisitedNetwork",
        ),
        "parties": (
            "CallInfo",
            "Diversion",
            "HistoryInfo",
            "ReferredBy",
            "RemotePartyID",
            "ServedUser",
        ),
        "privacy": ("Privacy",),
        "reasons": ("Reason", "Warning"),
        "security": ("SecurityMechanism",),
        "sequence": ("CSeq", "RAck"),
        "sessions": ("ResourcePriority", "SessionID", "UserToUser"),
        "times": ("Date", "RetryAfter", "SessionExpires", "SessionInterval", "Timestamp"),
        "uri": ("URI", "URN", "SipURI", "TelURI"),
        "via": ("Via",),
    }
    for _module, _names in _CLASSES.items():
        globals().update(zip(_names, ENGINE.classes(f"values.{_module}", *_names), strict=True))
    (Parameters,) = ENGINE.classes("parameters", "Parameters")
    (Value,) = ENGINE.classes("wire.splitters", "Value")

__all__ = [
    "URI",
    "URN",
    "Accepted",
    "AccessNetworkInfo",
    "Address",
    "AnswerMode",
    "CSeq",
    "CallInfo",
    "ChargingFunctionAddresses",
    "ChargingVector",
    "Contact",
    "ContactPreference",
    "ContentDisposition",
    "ContentType",
    "Date",
    "Diversion",
    "Event",
    "FeatureCaps",
    "HistoryInfo",
    "Identity",
    "InfoPackage",
    "Join",
    "MediaRange",
    "PASSporT",
    "Parameters",
    "Privacy",
    "Products",
    "RAck",
    "Reason",
    "ReferredBy",
    "RemotePartyID",
    "Replaces",
    "ResourcePriority",
    "RetryAfter",
    "SecurityMechanism",
    "ServedUser",
    "SessionExpires",
    "SessionID",
    "SessionInterval",
    "SipURI",
    "SubscriptionState",
    "TargetDialog",
    "TelURI",
    "Timestamp",
    "UserToUser",
    "Value",
    "Via",
    "VisitedNetwork",
    "Warning",
]
