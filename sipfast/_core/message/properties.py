# cython: infer_types=False
# The annotations are for mypy: the attributes are descriptors, and Cython would warn of each.
"""The header fields as properties of the message: one line each.

A new header field is a row in `header_names.py`, a line here, and a class for its value if no
existing one fits.
"""

from __future__ import annotations

import re
from typing import Any

from sipfast.errors import ParseError, parse_error
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES

from ..lists import read_list, read_text
from ..octets import octets
from ..parameters import TOKEN
from ..value import MOST_UNSIGNED, Value
from ..values.address import Address, Contact
from ..values.agents import Products
from ..values.auth import AuthenticationInfo, Challenge, Credentials
from ..values.dialogs import Join, Replaces, TargetDialog
from ..values.events import Event, SubscriptionState
from ..values.features import (
    AnswerMode,
    ContactPreference,
    FeatureCaps,
    GeolocationRouting,
    InfoPackage,
    ReferSub,
)
from ..values.identity import Identity
from ..values.media import Accepted, ContentDisposition, ContentType, MediaRange, MimeVersion
from ..values.networks import (
    AccessNetworkInfo,
    ChargingFunctionAddresses,
    ChargingVector,
    VisitedNetwork,
)
from ..values.parties import CallInfo, Diversion, HistoryInfo, ReferredBy, RemotePartyID, ServedUser
from ..values.privacy import Privacy
from ..values.reasons import Reason, WarningValue
from ..values.security import SecurityMechanism
from ..values.sequence import CSeq, RAck
from ..values.sessions import ResourcePriority, SessionID, UserToUser
from ..values.times import Date, RetryAfter, SessionExpires, SessionInterval, Timestamp
from ..values.tokens import CallID, LargeNumber, Number, Priority, Text, Token
from ..values.via import Via
from ..wire.table import Table
from .fields import All, Each, First, One, each, every, first, joined, one

__all__ = ["Typed", "format_header", "parse_header"]


class Typed(Table):
    """A message's header fields by name.

    A property is read on first access, then cached.  If the field is absent, it is None, or an
    empty tuple for a field that may have several values.  It raises `ParseError` if its field is
    malformed; other fields can still be read.
    """

    __slots__ = ()

    # Routing and dialogs.
    via: Via | None = first("Via", Via)
    vias: tuple[Via, ...] = every("Via", Via)
    from_: Address | None = one("From", Address)
    to: Address | None = one("To", Address)
    contact: Contact | None = first("Contact", Contact)
    contacts: tuple[Contact, ...] = every("Contact", Contact)
    routes: tuple[Address, ...] = every("Route", Address)
    record_routes: tuple[Address, ...] = every("Record-Route", Address)
    path: tuple[Address, ...] = every("Path", Address)
    service_route: tuple[Address, ...] = every("Service-Route", Address)
    max_forwards: int | None = one("Max-Forwards", Number)
    cseq: CSeq | None = one("CSeq", CSeq)
    rack: RAck | None = one("RAck", RAck)
    rseq: int | None = one("RSeq", LargeNumber)
    replaces: Replaces | None = one("Replaces", Replaces)
    join: Join | None = one("Join", Join)
    target_dialog: TargetDialog | None = one("Target-Dialog", TargetDialog)
    in_reply_to: tuple[str, ...] = every("In-Reply-To", CallID)

    # Times.
    expires: int | None = one("Expires", LargeNumber)
    min_expires: int | None = one("Min-Expires", LargeNumber)
    session_expires: SessionExpires | None = one("Session-Expires", SessionExpires)
    min_se: SessionInterval | None = one("Min-SE", SessionInterval)
    date: Date | None = one("Date", Date)
    timestamp: Timestamp | None = one("Timestamp", Timestamp)
    retry_after: RetryAfter | None = one("Retry-After", RetryAfter)

    # Parties.
    reply_to: Address | None = one("Reply-To", Address)
    refer_to: Address | None = one("Refer-To", Address)
    referred_by: ReferredBy | None = one("Referred-By", ReferredBy)
    diversion: tuple[Diversion, ...] = every("Diversion", Diversion)
    history_info: tuple[HistoryInfo, ...] = every("History-Info", HistoryInfo)
    remote_party_id: tuple[RemotePartyID, ...] = every("Remote-Party-ID", RemotePartyID)
    p_asserted_identity: tuple[Address, ...] = every("P-Asserted-Identity", Address)
    p_preferred_identity: tuple[Address, ...] = every("P-Preferred-Identity", Address)
    p_associated_uri: tuple[Address, ...] = every("P-Associated-URI", Address)
    p_called_party_id: Address | None = one("P-Called-Party-ID", Address)
    p_profile_key: Address | None = one("P-Profile-Key", Address)
    p_served_user: ServedUser | None = one("P-Served-User", ServedUser)
    permission_missing: tuple[Address, ...] = every("Permission-Missing", Address)
    trigger_consent: tuple[Address, ...] = every("Trigger-Consent", Address)
    identity: tuple[Identity, ...] = each("Identity", Identity)
    privacy: Privacy | None = one("Privacy", Privacy)

    # Further information.
    alert_info: tuple[Address, ...] = every("Alert-Info", Address)
    call_info: tuple[CallInfo, ...] = every("Call-Info", CallInfo)
    error_info: tuple[Address, ...] = every("Error-Info", Address)
    geolocation: tuple[Address, ...] = every("Geolocation", Address)
    geolocation_routing: GeolocationRouting | None = one("Geolocation-Routing", GeolocationRouting)

    # Causes; `reason` is the reason phrase of a response.
    reasons: tuple[Reason, ...] = every("Reason", Reason)
    warning: tuple[WarningValue, ...] = every("Warning", WarningValue)

    # Sessions.
    session_id: SessionID | None = one("Session-ID", SessionID)
    user_to_user: tuple[UserToUser, ...] = every("User-to-User", UserToUser)
    resource_priority: tuple[ResourcePriority, ...] = every("Resource-Priority", ResourcePriority)
    accept_resource_priority: tuple[ResourcePriority, ...] = every(
        "Accept-Resource-Priority", ResourcePriority
    )
    answer_mode: AnswerMode | None = one("Answer-Mode", AnswerMode)
    priv_answer_mode: AnswerMode | None = one("Priv-Answer-Mode", AnswerMode)
    refer_sub: ReferSub | None = one("Refer-Sub", ReferSub)
    suppress_if_match: str | None = one("Suppress-If-Match", Token)
    max_breadth: int | None = one("Max-Breadth", Number)
    flow_timer: int | None = one("Flow-Timer", Number)

    # Networks.
    p_visited_network_id: tuple[VisitedNetwork, ...] = every("P-Visited-Network-ID", VisitedNetwork)
    p_access_network_info: tuple[AccessNetworkInfo, ...] = every(
        "P-Access-Network-Info", AccessNetworkInfo
    )
    p_charging_vector: ChargingVector | None = one("P-Charging-Vector", ChargingVector)
    p_charging_function_addresses: ChargingFunctionAddresses | None = joined(
        "P-Charging-Function-Addresses", ChargingFunctionAddresses, listed=True
    )
    p_early_media: tuple[str, ...] = every("P-Early-Media", Token)
    security_client: tuple[SecurityMechanism, ...] = every("Security-Client", SecurityMechanism)
    security_server: tuple[SecurityMechanism, ...] = every("Security-Server", SecurityMechanism)
    security_verify: tuple[SecurityMechanism, ...] = every("Security-Verify", SecurityMechanism)
    organization: str | None = one("Organization", Text)

    # The call.
    subject: str | None = one("Subject", Text)
    priority: str | None = one("Priority", Priority)
    event: Event | None = one("Event", Event)
    subscription_state: SubscriptionState | None = one("Subscription-State", SubscriptionState)
    sip_etag: str | None = one("SIP-ETag", Token)
    sip_if_match: str | None = one("SIP-If-Match", Token)

    # The body.
    content_type: ContentType | None = one("Content-Type", ContentType)
    content_disposition: ContentDisposition | None = one("Content-Disposition", ContentDisposition)
    content_encoding: tuple[str, ...] = every("Content-Encoding", Token)
    content_language: tuple[str, ...] = every("Content-Language", Token)
    mime_version: str | None = one("MIME-Version", MimeVersion)

    # Authentication.
    www_authenticate: tuple[Challenge, ...] = each("WWW-Authenticate", Challenge)
    proxy_authenticate: tuple[Challenge, ...] = each("Proxy-Authenticate", Challenge)
    authorization: tuple[Credentials, ...] = each("Authorization", Credentials)
    proxy_authorization: tuple[Credentials, ...] = each("Proxy-Authorization", Credentials)
    authentication_info: AuthenticationInfo | None = joined(
        "Authentication-Info", AuthenticationInfo
    )

    # Capabilities.
    allow: tuple[str, ...] = every("Allow", Token)
    supported: tuple[str, ...] = every("Supported", Token)
    user_agent: Products | None = one("User-Agent", Products)
    server: Products | None = one("Server", Products)
    feature_caps: tuple[FeatureCaps, ...] = every("Feature-Caps", FeatureCaps)
    accept_contact: tuple[ContactPreference, ...] = every("Accept-Contact", ContactPreference)
    reject_contact: tuple[ContactPreference, ...] = every("Reject-Contact", ContactPreference)
    request_disposition: tuple[str, ...] = every("Request-Disposition", Token)
    info_package: InfoPackage | None = one("Info-Package", InfoPackage)
    recv_info: tuple[InfoPackage, ...] = every("Recv-Info", InfoPackage)
    require: tuple[str, ...] = every("Require", Token)
    proxy_require: tuple[str, ...] = every("Proxy-Require", Token)
    unsupported: tuple[str, ...] = every("Unsupported", Token)
    allow_events: tuple[str, ...] = every("Allow-Events", Token)
    accept: tuple[MediaRange, ...] = every("Accept", MediaRange)
    accept_encoding: tuple[Accepted, ...] = every("Accept-Encoding", Accepted)
    accept_language: tuple[Accepted, ...] = every("Accept-Language", Accepted)


_KINDS = (One, First, All, Each)
_FIELDS: dict[int, One | First | All | Each] = {
    field.header_id: field for field in vars(Typed).values() if isinstance(field, _KINDS)
}
_LENGTH = One("Content-Length", Number)  # in a message, the tokenizer reads it
_FIELDS[_LENGTH.header_id] = _LENGTH
_TEXT = One("Subject", Text)
"""The field for a header field without a type."""
_UNWRITABLE = re.compile(b"[\r\n\0]")
_APART = (Challenge, Credentials, Identity)
"""The classes of `Each`: values with commas, which cannot be in a list."""


def parse_header(name: str, text: str | bytes) -> Any:
    """Read the value of a header field, or a tuple of the values of a list.

    The value of an unknown field is its text.  Raises `ParseError` if it is malformed; `offset`
    counts bytes of the text.
    """
    if not isinstance(name, str):
        raise TypeError(f"the name of a header field must be str, not {type(name).__name__}")
    header_id = HEADER_IDS.get(str.lower(name), 0) if str.isascii(name) else 0
    field = _FIELDS.get(header_id)
    return read_text(Text, text, header_id) if field is None else field.read(text)


def format_header(value: Any, name: str | None = None) -> str:
    """The text of a header field with this value, or with a list of values.

    A value is a result of `parse_header`, or its text.  Reading the returned text gives exactly
    these values.  Raises `ParseError` if a value cannot be written, such as one with a line end or
    NUL, or is malformed for the header field of this `name`.  Raises ValueError if the text would
    be read as other values, such as with an empty item or one with a comma, and for several
    challenges, credentials or Identities: each needs a header field, and so a call, of its own
    (RFC 3261 7.3.1).
    """
    header_id = 0 if name is None else _id_of_writable(name)
    header = HEADER_NAMES[header_id - 1].name if header_id else None
    items = list(value) if isinstance(value, (tuple, list)) else [value]
    texts = [_text_of(item, header) for item in items]
    text = ", ".join(texts)
    apart = [item for item in items if isinstance(item, _APART)]
    if name is None:
        is_several = isinstance(value, (tuple, list)) or ("," in text and _is_listed(value))
        is_list = is_several and not apart
        alone = [item for item in items if isinstance(item, Value) and not _is_listed(item)]
        if len(items) > 1 and alone and not apart:
            raise ValueError(f"a header field has only one {type(alone[0]).__name__}")
    else:
        field = _FIELDS.get(header_id, _TEXT)
        is_list = isinstance(field, (All, First))
        if len(items) != 1 and not is_list and not apart:
            raise ValueError(f"{name} has one value per header field, not {len(items)}")
        field.read(text)
    if apart and len(items) > 1:
        raise ValueError(
            f"each {type(apart[0]).__name__} needs its own header field: format one at a time "
            "(RFC 3261 7.3.1)"
        )
    cls = field.value_class if name is not None and field.value_class is CallID else Text
    if is_list and not _stays(text, texts, cls):
        raise ValueError("the list would be read as other items (RFC 3261 7.3.1)")
    if len(items) > 1 and _has_wildcard(items, header):
        raise ValueError("the wildcard of Contact must be alone (RFC 3261 20.10)")
    return text


def _id_of_writable(name: str) -> int:
    """The id of a header field's name, or 0.  Raises `ParseError` unless the name is a token."""
    if not isinstance(name, str):
        raise TypeError(f"the name of a header field must be str, not {type(name).__name__}")
    name = str.__str__(name)
    if not name:
        raise parse_error("header-name-empty", 0)
    if not TOKEN.fullmatch(name):
        fit = TOKEN.match(name)
        raise parse_error("header-name-malformed", fit.end() if fit else 0)
    return HEADER_IDS.get(name.lower(), 0)


def _text_of(item: Any, header: str | None) -> str:
    """The text of one value, which is read back unchanged."""
    if isinstance(item, Value):
        return Value.__str__(item)
    if isinstance(item, int):
        if not 0 <= item <= MOST_UNSIGNED:
            raise parse_error("number-out-of-range", 0, header)
        return int.__format__(item, "d")
    if not isinstance(item, str):
        raise TypeError(f"a header field's value must be a value, str or int, not {item!r:.60}")
    written = octets(item, header)
    for found in _UNWRITABLE.finditer(written):
        code = "value-control" if found[0] == b"\0" else "value-line-end"
        raise parse_error(code, found.start(), header)
    if written != written.strip(b" \t"):
        raise ValueError("whitespace around a value is lost when it is read")
    return written.decode("utf-8", "surrogateescape")


def _stays(text: str, items: list[str], cls: type[Value]) -> bool:
    """Whether the text of a list is read as these items."""
    try:
        return read_list(cls, text, 0) == tuple(items)
    except ParseError:
        return False


def _is_listed(value: Any) -> bool:
    """Whether values of this class may be in lists."""
    fields = _FIELDS.values()
    return any(isinstance(field, (All, First)) and field.holds(value) for field in fields)


def _has_wildcard(items: list[Any], header: str | None) -> bool:
    """Whether the wildcard of Contact is among the values."""
    return any(
        str(item) == "*" and (header == "Contact" or isinstance(item, Contact)) for item in items
    )
