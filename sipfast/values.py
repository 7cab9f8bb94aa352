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
    from ._pure.address import Address, Contact
    from ._pure.agents import Products
    from ._pure.dialogs import Join, Replaces, TargetDialog
    from ._pure.events import Event, SubscriptionState
    from ._pure.features import AnswerMode, ContactPreference, FeatureCaps, InfoPackage
    from ._pure.identity import Identity, PASSporT
    from ._pure.media import Accepted, ContentDisposition, ContentType, MediaRange
    from ._pure.networks import (
        AccessNetworkInfo,
        ChargingFunctionAddresses,
        ChargingVector,
        VisitedNetwork,
    )
    from ._pure.parameters import Parameters
    from ._pure.parties import (
        CallInfo,
        Diversion,
        HistoryInfo,
        ReferredBy,
        RemotePartyID,
        ServedUser,
    )
    from ._pure.privacy import Privacy
    from ._pure.reasons import Reason, Warning
    from ._pure.security import SecurityMechanism
    from ._pure.sequence import CSeq, RAck
    from ._pure.sessions import ResourcePriority, SessionID, UserToUser
    from ._pure.splitters import Value
    from ._pure.times import Date, RetryAfter, SessionExpires, SessionInterval, Timestamp
    from ._pure.uri import URI, URN, SipURI, TelURI
    from ._pure.via import Via
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
        "parameters": ("Parameters",),
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
        "splitters": ("Value",),
        "times": ("Date", "RetryAfter", "SessionExpires", "SessionInterval", "Timestamp"),
        "uri": ("URI", "URN", "SipURI", "TelURI"),
        "via": ("Via",),
    }
    for _module, _names in _CLASSES.items():
        globals().update(zip(_names, ENGINE.classes(_module, *_names), strict=True))

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
