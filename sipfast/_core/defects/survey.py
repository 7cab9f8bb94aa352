"""The survey: one pass over a message that shows which of its parts the checks must examine.

A header field is *plain* if its value has the common form, in which no check finds a fault.  A
message is *usual* if its parts agree in the common way.  The checks run only on the rest, which may
be correct too.  A new check that finds faults in plain values or usual messages needs the survey to
reject those.  What no text may hold, `check_text` finds itself if the header is not plain text.

Plain values cost no object.  Each byte is read a few times at most.
"""

from __future__ import annotations

import string
from typing import Any

from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES
from sipfast.registry.parameters import (
    ADDRESS,
    BRANCH,
    COOKIE,
    COUNT,
    DIGITS,
    FEATURE,
    FIELDS,
    FLAG,
    GENERIC,
    QUOTED,
    REFRESHER,
    TO_HOST,
    TOKEN,
    TOKEN_OR_QUOTED,
    TRUTH,
    UUID,
    VALUE,
    Form,
    Q,
)
from sipfast.registry.uri_components import COMPONENTS

from ..message.fields import All, Field
from ..message.properties import Typed
from ..values.address import Address, Contact
from ..values.agents import Products
from ..values.auth import AuthenticationInfo, Challenge, Credentials
from ..values.events import Event, SubscriptionState
from ..values.features import AnswerMode, InfoPackage
from ..values.media import Accepted, ContentDisposition, ContentType, MediaRange
from ..values.networks import AccessNetworkInfo, ChargingVector, VisitedNetwork
from ..values.privacy import Privacy
from ..values.reasons import Reason
from ..values.security import SecurityMechanism
from ..values.sequence import CSeq, RAck
from ..values.sessions import SessionID
from ..values.times import RetryAfter, SessionExpires, SessionInterval
from ..values.tokens import CallID, LargeNumber, Number, Priority, Text, Token
from ..values.via import Via
from ..wire import tokenizer
from ..wire.table import NO_LENGTH, Table
from .grammar import IN_BRACKETS
from .marks import (
    ALONE,
    ANY_TEXT,
    AS_ADDRESS,
    AS_ALGORITHM,
    AS_CHARSET,
    AS_HEX,
    AS_HOST,
    AS_NUMBER,
    AS_PREFERENCE,
    AS_QOP,
    AS_REFRESHER,
    AS_SESSION,
    AS_TRUTH,
    AT,
    BACKSLASH,
    BARE,
    BLANK,
    BRACKETED,
    CLOSE,
    COLON,
    COMMA,
    DASH,
    DOT,
    EQUALS,
    GREATER,
    HAS_BRANCH,
    HAS_CNONCE,
    HAS_NC,
    HAS_NONCE,
    HAS_QOP,
    HAS_REALM,
    HAS_RESPONSE,
    HAS_TAG,
    HAS_URI,
    HAS_USERNAME,
    IN_DIGIT,
    IN_HEX,
    IN_LABEL,
    IN_LOWER_HEX,
    IN_NAME,
    IN_NO_DOT,
    IN_NUMBER,
    IN_PARAMETER,
    IN_QUOTED,
    IN_REFERENCE,
    IN_TOKEN,
    IN_USER,
    IN_WORD,
    LESS,
    LIST,
    LOOK,
    NINE,
    OF_ADDRESS,
    OF_ANSWER,
    OF_ANSWERED,
    OF_BRACKETS,
    OF_CALL_ID,
    OF_CHALLENGE,
    OF_CONTACT,
    OF_COUNT,
    OF_CREDENTIALS,
    OF_CSEQ,
    OF_EVENT,
    OF_EVENT_TYPE,
    OF_FROM,
    OF_INTERVAL,
    OF_ITEM,
    OF_LANGUAGE,
    OF_LANGUAGE_TAG,
    OF_MAX_FORWARDS,
    OF_MEDIA,
    OF_NO_URI,
    OF_NUMBER,
    OF_PRIVACY,
    OF_RACK,
    OF_REQUIRE,
    OF_ROUTE,
    OF_SCHEME,
    OF_SESSION_ID,
    OF_SIP,
    OF_SIPS,
    OF_TEL,
    OF_TO,
    OF_TOKEN,
    OF_TRUTH,
    OF_VECTOR,
    OF_VIA,
    ONE,
    OPEN,
    PERCENT,
    PLUS,
    QUOTE,
    SEMICOLON,
    SLASH,
    SMALL_A,
    SMALL_Z,
    SOME_TEXT,
    STAR,
    TAB,
    UNCHECKED,
    WITH_QOP,
    WITH_QUOTES,
    ZERO,
)
from .rules import (
    BITS,
    CONTENT_TYPE,
    DATED,
    JOIN_AND_REPLACES,
    RSEQ,
    Rules,
    rules_of_request,
    rules_of_response,
)

__all__ = ["Survey", "survey_of"]

# ---- classes of bytes ----------------------------------------------------------------------------

_ALPHANUMERIC = (string.ascii_letters + string.digits).encode()
_USER_BYTES = _ALPHANUMERIC + COMPONENTS["sip", "user"].marks.encode().translate(None, b",;?")
_PARAMETER_BYTES = _ALPHANUMERIC + COMPONENTS["sip", "parameter value"].marks.encode()
_TOKEN_BYTES = _ALPHANUMERIC + b"-.!%*_+`'~"


def _classes(*members: bytes) -> bytes:
    """A table of bit masks: for each byte, the sets, at most eight, that contain it."""
    return bytes(
        [sum(1 << bit for bit, held in enumerate(members) if byte in held) for byte in range(256)]
    )


_CLASSES_KEPT = _classes(
    _TOKEN_BYTES,
    _ALPHANUMERIC + b"-",
    _USER_BYTES,
    string.digits.encode(),
    bytes([byte for byte in range(0x20, 0x100) if byte not in b'"\\\x7f']),
    _PARAMETER_BYTES,
    string.hexdigits.encode(),
    string.hexdigits.encode() + b":.",
)
_MORE_CLASSES_KEPT = _classes(
    b" \t",
    _TOKEN_BYTES + b" \t",
    _TOKEN_BYTES + b'()<>:\\"/[]?{}',
    string.digits.encode() + b"-.()",
    _TOKEN_BYTES.replace(b".", b""),
    string.digits.encode() + b"abcdef",
)
_CLASSES = _CLASSES_KEPT
_MORE_CLASSES = _MORE_CLASSES_KEPT

_SIP_2_0_KEPT, _HOP_KEPT, _ICID_VALUE_KEPT = b"SIP/2.0", b"SIP/2.0/", b"icid-value="
_SIP_2_0 = _SIP_2_0_KEPT
_HOP = _HOP_KEPT
_ICID_VALUE = _ICID_VALUE_KEPT

# ---- the names of parameters with a meaning ------------------------------------------------------

_WORD_MASK = (1 << 64) - 1


def _packed(name: str) -> int:
    """A name as a number, as `Survey._past_name` packs it: exact up to eight bytes, then a hash."""
    packed = 0
    for byte in name.encode():
        packed = ((packed << 8) & _WORD_MASK | packed >> 56) ^ (byte | 0x20)
    return packed


_TTL = _packed("ttl")
_MADDR = _packed("maddr")
_METHOD = _packed("method")
_TRANSPORT = _packed("transport")
_USER_NAME = _packed("user")
_EXT = _packed("ext")
_ISUB = _packed("isub")
_PHONE_CONTEXT = _packed("phone-context")
_DIGEST = _packed("digest")
_TCP = _packed("tcp")
_TLS = _packed("tls")
_UAC = _packed("uac")
_UAS = _packed("uas")
_TRUE = _packed("true")
_FALSE = _packed("false")
_100REL = _packed("100rel")


MOST_PARAMETERS = 16
"""The maximum number of parameters in a plain value: each name is compared with those before."""

# ---- the form of the values of each header field -------------------------------------------------


_KIND_OF_CLASS: dict[type, int] = {
    Address: OF_ADDRESS,
    Contact: OF_CONTACT,
    Via: OF_VIA,
    Token: OF_TOKEN,
    Priority: OF_TOKEN,
    Number: OF_NUMBER,
    LargeNumber: OF_NUMBER,
    RetryAfter: OF_NUMBER,
    SessionExpires: OF_INTERVAL,
    SessionInterval: OF_INTERVAL,
    CSeq: OF_CSEQ,
    RAck: OF_RACK,
    CallID: OF_CALL_ID,
    ContentType: OF_MEDIA,
    MediaRange: OF_MEDIA,
    SessionID: OF_SESSION_ID,
    Privacy: OF_PRIVACY,
    ChargingVector: OF_VECTOR,
    Challenge: OF_SCHEME,
    Credentials: OF_ANSWER,
    AuthenticationInfo: OF_ANSWERED,
    Event: OF_EVENT,
    Text: ANY_TEXT,
    Products: SOME_TEXT,
} | dict.fromkeys(
    (
        *(Accepted, AccessNetworkInfo, AnswerMode, ContentDisposition, InfoPackage, Reason),
        *(SecurityMechanism, SubscriptionState, VisitedNetwork),
    ),
    OF_ITEM,
)
_KIND_OF_NAME = {
    "from": OF_FROM,
    "to": OF_TO,
    "route": OF_ROUTE,
    "require": OF_REQUIRE,
    "max-forwards": OF_MAX_FORWARDS,
    "call-id": OF_CALL_ID,
    "content-length": ANY_TEXT,
    "allow-events": OF_EVENT_TYPE,
    "rseq": OF_COUNT,
    "refer-sub": OF_TRUTH,
    "content-language": OF_LANGUAGE_TAG,
    "accept-language": OF_LANGUAGE,
}


_TYPED: dict[int, Any] = {
    field.header_id: field for field in vars(Typed).values() if isinstance(field, Field)
}


def _kind(header_id: int) -> int:
    """The form of the values of a header field, and whether they are a list."""
    name = HEADER_NAMES[header_id - 1].name.lower()
    field = _TYPED.get(header_id)
    if field is None:
        is_any = HEADER_NAMES[header_id - 1].may_be_empty
        return _KIND_OF_NAME.get(name, ANY_TEXT if is_any else SOME_TEXT)
    kind = _KIND_OF_NAME.get(name, _KIND_OF_CLASS.get(field.value_class, LOOK))
    if kind == OF_ADDRESS and header_id in IN_BRACKETS:
        kind = OF_BRACKETS
    return kind | LIST if isinstance(field, All) and kind > LOOK else kind


_KINDS_KEPT = bytes([ANY_TEXT, *map(_kind, range(1, len(HEADER_NAMES) + 1))])
_KINDS = _KINDS_KEPT
"""By header id, as in the tables below; 0 means unknown header fields."""
_JOINED = frozenset(
    HEADER_IDS[name]
    for name in (
        *("via", "from", "to", "contact", "route", "require", "cseq", "max-forwards"),
        *("session-expires", "min-se"),
    )
)
"""Header fields that must agree with other parts: if one is odd, the message is not usual."""
_IS_JOINED_KEPT = bytes([i in _JOINED for i in range(len(HEADER_NAMES) + 1)])
_IS_JOINED = _IS_JOINED_KEPT
_ONCE_KEPT = bytes([False, *(not header.repeats for header in HEADER_NAMES)])
_ONCE = _ONCE_KEPT
_BITS_KEPT = BITS
_BITS = _BITS_KEPT

# ---- the form of the values of parameters --------------------------------------------------------

"""How a parameter may be written: alone, or with a value, maybe in brackets or quotes."""
_ANY_WAY = ALONE | BARE | BRACKETED | WITH_QUOTES
_WITH_VALUES = (OF_MEDIA, OF_SCHEME, OF_ANSWER, OF_ANSWERED)
_WAYS_IN_KEPT = bytes(
    [BARE | WITH_QUOTES if kind in _WITH_VALUES else _ANY_WAY for kind in range(LIST)]
)
_WAYS_IN = _WAYS_IN_KEPT
"""By the form of a header field: how its parameters may be written."""


_CHECK_OF_FORM: dict[Form, tuple[int, int]] = {
    Q: (AS_PREFERENCE, 0),
    BRANCH: (UNCHECKED, 0),
    ADDRESS: (AS_ADDRESS, 0),
    TO_HOST: (AS_HOST, 0),
    UUID: (AS_SESSION, 32),
    COUNT: (AS_HEX, 8),
    DIGITS: (AS_HEX, 0),
    REFRESHER: (AS_REFRESHER, 0),
    TRUTH: (AS_TRUTH, 0),
} | dict.fromkeys((TOKEN, QUOTED, TOKEN_OR_QUOTED, FEATURE, FLAG, GENERIC, VALUE), (UNCHECKED, 0))
"""The check of the values of each form, and its argument: a length, or 0 for any."""
_CHECK_OF_NAME = {
    "algorithm": (AS_ALGORITHM, 0),
    "charset": (AS_CHARSET, 0),
    "qop": (AS_QOP, 0),
}
_MET_OF_NAME = {
    "tag": HAS_TAG,
    "branch": HAS_BRANCH,
    "realm": HAS_REALM,
    "nonce": HAS_NONCE,
    "username": HAS_USERNAME,
    "uri": HAS_URI,
    "response": HAS_RESPONSE,
    "qop": HAS_QOP,
    "cnonce": HAS_CNONCE,
    "nc": HAS_NC,
}


def _ways(form: Form) -> int:
    """How a parameter of a form may be written."""
    ways = ALONE if form.is_optional else 0
    if form.bare is not None:
        ways |= BARE
        if form in (GENERIC, VALUE, TO_HOST, ADDRESS):
            ways |= BRACKETED
    return ways | WITH_QUOTES if form.quoted is not None else ways


def _rules() -> dict[int, list[int]]:
    """By packed name: the plain ways, the check, its two arguments, and what is met.

    A check of numbers has their range, and none the length of the shortest plain value.

    A name has one rule for all header fields: what is plain for each of them that knows it.
    """
    rules: dict[int, list[int]] = {}
    for header_id, header in enumerate(HEADER_NAMES, 1):
        if _KINDS[header_id] & ~LIST <= LOOK or header.name not in FIELDS:
            continue
        for row in FIELDS[header.name].parameters:
            form = row.form
            check, most = _CHECK_OF_NAME.get(row.name) or _CHECK_OF_FORM.get(form, (-1, 0))
            ways = _ways(form)
            if check in (AS_CHARSET, AS_QOP):  # these depend on the header field
                ways = BARE | WITH_QUOTES
            if form.most >= 0:
                check, most = AS_NUMBER, form.most
            if check < 0:
                check = ways = 0  # it has no check, so that no value is plain
            least = len(COOKIE) + 1 if form == BRANCH else form.least
            rule = [ways, check, least, most, _MET_OF_NAME.get(row.name, 0)]
            known = rules.setdefault(_packed(row.name), rule)
            if known != rule:
                known[0] &= ways
                assert known[1:] == rule[1:] or known[0] == 0 or check == UNCHECKED, row
    return rules


_SLOTS = 256
"""As many as a byte has values: the hash of a name is the upper byte of a product."""
_FACTOR = 0x9E3779B97F4A7C15
_RULES = _rules()
assert len(_RULES) < _SLOTS / 2


def _slots() -> list[list[int]]:
    """The keys and each column of the rules, by slot; a free slot has the rule of other names."""
    slots = [[0, _ANY_WAY, UNCHECKED, 0, 0, 0]] * _SLOTS
    for key, rule in _RULES.items():
        slot = key * _FACTOR >> 56 & 0xFF
        while slots[slot][0]:
            slot = slot + 1 & 0xFF
        slots[slot] = [key, *rule]
    return [list(column) for column in zip(*slots, strict=True)]


_COLUMNS = _slots()
_KEYS = _COLUMNS[0]
"""By slot: the packed name, 0 if the slot is free."""
_WAYS_OF = _COLUMNS[1]
_CHECK_OF = _COLUMNS[2]
_LEAST_OF = _COLUMNS[3]
_MOST_OF = _COLUMNS[4]
_MET_OF = _COLUMNS[5]

# ---- the pass over the bytes ---------------------------------------------------------------------

_NOWHERE = -1


class Survey:
    """The result of one pass over a message."""

    __slots__ = (
        *("_contact_scheme", "_contacts", "_has_branch", "_has_from_tag", "_has_to_tag"),
        *("_is_over_stream", "_joined_is_odd", "_kind", "_met", "_method_at", "_method_end"),
        *("_named", "_names", "_packed", "_route_scheme", "_scheme", "_seen", "_size", "_text"),
        *("_text_kept", "_user_at", "_vias", "_wants_100rel", "is_plain_text", "is_usual", "odd"),
    )

    is_plain_text: bool
    """Whether the header is UTF-8 without control characters, and all its lines end in CR LF."""
    is_usual: bool
    """Whether the message has no defect, except in the `odd` header fields."""
    odd: set[int] | None
    """The indices of the header fields that are not plain; None if all are plain."""

    def _begin(self, table: Table) -> None:
        """Start with the bytes of a message."""
        self._names = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]  # MOST_PARAMETERS of them
        self._text_kept = table._unchanging()
        self._text = self._text_kept
        self._size = len(self._text_kept)
        self.is_plain_text = tokenizer.is_plain_text(
            self._text, table._parsed.start, min(table._parsed.body, self._size)
        )
        self.odd = None
        self.is_usual = self._joined_is_odd = False
        self._seen = 0
        self._contacts = self._vias = 0
        self._contact_scheme = self._route_scheme = OF_NO_URI
        self._has_branch = self._has_from_tag = self._has_to_tag = False
        self._is_over_stream = self._wants_100rel = False
        self._method_at = self._method_end = 0
        self._user_at = 0
        self._packed = 0
        self._named = self._met = 0
        self._kind = ANY_TEXT
        self._scheme = OF_NO_URI

    # Each `_past_...` returns the end of the part at `at`, or `_NOWHERE` if it is not plain.

    def _past_name(self, at: int, end: int, kind: int) -> int:
        """Past the name of a parameter, unlike those before it; `_packed` becomes its number."""
        text = self._text
        begin = at
        packed = 0
        while at < end and _CLASSES[text[at]] & kind:
            packed = ((packed << 8) & _WORD_MASK | packed >> 56) ^ (text[at] | 0x20)
            at += 1
        if at == begin or self._named == MOST_PARAMETERS:
            return _NOWHERE
        for place in range(self._named):
            if self._names[place] == packed:
                return _NOWHERE
        self._names[self._named] = packed
        self._named = self._named + 1
        self._packed = packed
        return at

    def _past_parameter(self, at: int, end: int) -> int:
        """Past a parameter of a header field: a name alone, or one with a value."""
        text = self._text
        begin = at
        at = self._past_name(at, end, IN_TOKEN)
        if at < 0:
            return _NOWHERE
        slot = _slot_of(self._packed)
        self._met = self._met | _MET_OF[slot]
        ways, check = _WAYS_OF[slot] & _WAYS_IN[self._kind], _CHECK_OF[slot]
        if text[begin] == PLUS:
            ways &= ALONE | WITH_QUOTES
        if at == end or text[at] != EQUALS:
            return at if ways & ALONE else _NOWHERE
        at += 1
        if at == end:
            return _NOWHERE
        value = stop = at
        if text[at] == QUOTE:
            at = _past_quoted(text, at, end)
            ways &= WITH_QUOTES
            value, stop = value + 1, at - 1
        elif text[at] == OPEN:
            at = stop = _past_host(text, at, end)
            ways &= BRACKETED
        else:
            at = _past(text, at, end, IN_TOKEN)
            if check == AS_ADDRESS and at < end and text[at] == COLON and self._kind == OF_VIA:
                at = _past(text, value, end, IN_REFERENCE)
            stop = at
            ways &= BARE
        if at <= value or not ways:
            return _NOWHERE
        if check == UNCHECKED:
            return at if stop - value >= _LEAST_OF[slot] else _NOWHERE
        return at if self._is_meant(slot, value, stop, ways == WITH_QUOTES) else _NOWHERE

    def _is_meant(self, slot: int, at: int, end: int, quoted: bool) -> bool:
        """Whether a value has the form of its parameter, apart from its quotes."""
        text = self._text
        check = _CHECK_OF[slot]
        if check == AS_NUMBER:
            if not _is_number(text, at, end, 9):
                return False
            number = _number(text, at, end)
            return _LEAST_OF[slot] <= number <= _MOST_OF[slot]
        if check == AS_PREFERENCE:
            return _is_preference(text, at, end)
        if check == AS_ADDRESS:
            return _is_address(text, at, end)
        if check == AS_HOST:
            return _past_host(text, at, end) == end
        if check == AS_HEX:
            length = _MOST_OF[slot]
            return _past(text, at, end, IN_HEX) == end and (length == 0 or length == end - at)
        if check == AS_SESSION:
            return end - at == _MOST_OF[slot] and _past_more(text, at, end, IN_LOWER_HEX) == end
        if check == AS_REFRESHER:
            return _pack(text, at, end) in (_UAC, _UAS)
        if check == AS_TRUTH:
            return _pack(text, at, end) in (_TRUE, _FALSE)
        if check == AS_QOP:
            return quoted == (self._kind == OF_SCHEME) and end > at and _is_words(text, at, end)
        if check == AS_CHARSET:
            return self._kind != OF_SCHEME
        return text[at] | 0x20 != SMALL_A  # an algorithm of AKA exempts from some rules

    def _past_parameters(self, at: int, end: int) -> int:
        """Past any number of parameters, each after a semicolon."""
        self._named = 0
        self._met = 0
        return self._past_further_parameters(at, end)

    def _past_further_parameters(self, at: int, end: int) -> int:
        text = self._text
        at = _past_space(text, at, end)
        while at < end and text[at] == SEMICOLON:
            at = self._past_parameter(_past_space(text, at + 1, end), end)
            if at < 0:
                return _NOWHERE
            at = _past_space(text, at, end)
        return at

    def _past_list(self, at: int, end: int) -> int:
        """Past parameters between commas, to the end."""
        text = self._text
        self._named = 0
        self._met = 0
        while True:
            at = self._past_parameter(_past_space(text, at, end), end)
            if at < 0:
                return _NOWHERE
            at = _past_space(text, at, end)
            if at == end:
                return at
            if text[at] != COMMA:
                return _NOWHERE
            at += 1

    def _past_uri(self, at: int, end: int, bare: bool) -> int:
        """Past a URI; after a bare one, parameters belong to the header field."""
        text = self._text
        self._scheme = OF_NO_URI
        self._user_at = 0
        if end - at < 5:
            return _NOWHERE
        first, second, third = text[at] | 0x20, text[at + 1] | 0x20, text[at + 2] | 0x20
        if first == 0x73 and second == 0x69 and third == 0x70:  # sip
            self._scheme = OF_SIP
            at += 3
            if text[at] | 0x20 == 0x73:
                self._scheme = OF_SIPS
                at += 1
            if text[at] != COLON:
                return _NOWHERE
            at += 1
            stop = _past_escaped(text, at, end, IN_USER)
            if stop < end and text[stop] == AT:
                if stop == at:
                    return _NOWHERE
                self._user_at = at
                at = stop + 1
            at = _past_place(text, at, end)
        elif first == 0x74 and second == 0x65 and third == 0x6C and text[at + 3] == COLON:  # tel
            self._scheme = OF_TEL
            at += 4
            if text[at] != PLUS or _past(text, at + 1, end, IN_DIGIT) == at + 1:
                return _NOWHERE
            at = _past_more(text, at + 1, end, IN_NUMBER)
        else:
            return _NOWHERE
        self._named = 0
        while not bare and 0 <= at < end and text[at] == SEMICOLON:
            at = self._past_uri_parameter(at + 1, end)
        return at

    def _past_uri_parameter(self, at: int, end: int) -> int:
        text = self._text
        begin = at
        is_tel = self._scheme == OF_TEL
        at = self._past_name(at, end, IN_LABEL if is_tel else IN_PARAMETER)
        if at < 0:
            return _NOWHERE
        packed = self._packed
        if packed in (_TTL, _MADDR, _ISUB, _PHONE_CONTEXT):
            return _NOWHERE
        is_token = packed in (_USER_NAME, _METHOD) or (packed == _TRANSPORT and at - begin == 9)
        if at == end or text[at] != EQUALS:
            return _NOWHERE if is_token or is_tel else at
        value = at + 1
        if is_tel and packed == _EXT:
            at = _past_more(text, value, end, IN_NUMBER)
        elif is_token and not is_tel:
            at = _past(text, value, end, IN_TOKEN)
        else:
            at = _past_escaped(text, value, end, IN_PARAMETER)
        return _NOWHERE if at == value else at

    def _past_address(self, at: int, end: int, in_brackets: bool) -> int:
        text = self._text
        if text[at] == QUOTE:
            at = _past_quoted(text, at, end)
            if at < 0:
                return _NOWHERE
            at = _past_space(text, at, end)
        else:
            stop = _past_more(text, at, end, IN_NAME)
            if stop == end or text[stop] != LESS:
                if in_brackets:
                    return _NOWHERE
                at = self._past_uri(at, end, True)
                return _NOWHERE if at < 0 else self._past_parameters(at, end)
            at = stop
        if at == end or text[at] != LESS:
            return _NOWHERE
        at = self._past_uri(at + 1, end, False)
        if at < 0 or at == end or text[at] != GREATER:
            return _NOWHERE
        return self._past_parameters(at + 1, end)

    def _past_via(self, at: int, end: int) -> int:
        text = self._text
        if not _begins(text, at, end, _HOP, 8):
            return _NOWHERE
        begin = at + 8
        stop = _past(text, begin, end, IN_TOKEN)
        at = _past_space(text, stop, end)
        if stop == begin or at == stop:
            return _NOWHERE
        if self._vias == 0:
            transport = _pack(text, begin, stop)
            self._is_over_stream = transport in (_TCP, _TLS)
        self._vias = self._vias + 1
        at = _past_place(text, at, end)
        if at < 0:
            return _NOWHERE
        at = self._past_parameters(at, end)
        self._has_branch = self._met & HAS_BRANCH != 0
        return at

    def _past_item(self, at: int, end: int) -> int:
        """Past a token and parameters."""
        stop = _past(self._text, at, end, IN_TOKEN)
        return _NOWHERE if stop == at else self._past_parameters(stop, end)

    def _past_media(self, at: int, end: int) -> int:
        text = self._text
        stop = _past(text, at, end, IN_TOKEN)
        if stop in (at, end) or text[stop] != SLASH:
            return _NOWHERE
        return self._past_item(stop + 1, end)

    def _past_interval(self, at: int, end: int) -> int:
        text = self._text
        stop = _past(text, at, end, IN_DIGIT)
        if not 2 <= stop - at <= 9 or _number(text, at, stop) < 90:
            return _NOWHERE
        return self._past_parameters(stop, end)

    def _past_scheme(self, at: int, end: int, is_answer: bool) -> int:
        """Past a challenge or credentials; those of Digest must have the required parameters."""
        text = self._text
        stop = _past(text, at, end, IN_TOKEN)
        if stop - at != 6 or _pack(text, at, stop) != _DIGEST:
            return _NOWHERE
        at = _past_space(text, stop, end)
        if at == stop:
            return _NOWHERE
        at = self._past_list(at, end)
        if at < 0:
            return _NOWHERE
        needed = OF_CREDENTIALS if is_answer else OF_CHALLENGE
        if is_answer and self._met & HAS_QOP:
            needed |= WITH_QOP
        return at if self._met & needed == needed else _NOWHERE

    def _past_call_id(self, at: int, end: int) -> int:
        text = self._text
        stop = _past_more(text, at, end, IN_WORD)
        if stop == at:
            return _NOWHERE
        if stop < end and text[stop] == AT:
            at = stop + 1
            stop = _past_more(text, at, end, IN_WORD)
            if stop == at:
                return _NOWHERE
        return stop

    def _past_cseq(self, at: int, end: int) -> int:
        text = self._text
        begin = at
        stop = _past(text, begin, end, IN_DIGIT)
        at = _past_space(text, stop, end)
        if not 1 <= stop - begin <= 9 or at == stop:
            return _NOWHERE
        stop = _past(text, at, end, IN_TOKEN)
        if stop == at:
            return _NOWHERE
        self._method_at, self._method_end = at, stop
        return stop

    def _past_rack(self, at: int, end: int) -> int:
        text = self._text
        begin = at
        stop = _past(text, begin, end, IN_DIGIT)
        at = _past_space(text, stop, end)
        if not 1 <= stop - begin <= 9 or at == stop or _number(text, begin, stop) == 0:
            return _NOWHERE
        method_at, method_end = self._method_at, self._method_end
        at = self._past_cseq(at, end)
        self._method_at, self._method_end = method_at, method_end
        return at

    def _past_value(self, kind: int, at: int, end: int) -> int:
        """Past one value, not empty; notes the facts that must agree with other parts."""
        text = self._text
        begin = at
        self._kind = kind
        if kind == OF_VIA:
            return self._past_via(at, end)
        if kind == OF_TOKEN:
            at = _past(text, at, end, IN_TOKEN)
            return _NOWHERE if at == begin else at
        if kind in (OF_ADDRESS, OF_BRACKETS):
            return self._past_address(at, end, kind == OF_BRACKETS)
        if kind in (OF_FROM, OF_TO):
            at = self._past_address(at, end, False)
            if kind == OF_FROM:
                self._has_from_tag = self._met & HAS_TAG != 0
            else:
                self._has_to_tag = self._met & HAS_TAG != 0
            return at
        if kind == OF_CONTACT:
            at = self._past_address(at, end, False)
            if self._contacts == 0:
                self._contact_scheme = self._scheme
            self._contacts = self._contacts + 1
            return at
        if kind == OF_ROUTE:
            at = self._past_address(at, end, True)
            if self._route_scheme == OF_NO_URI:
                self._route_scheme = self._scheme
            return at
        if kind == OF_CSEQ:
            return self._past_cseq(at, end)
        if kind == OF_CALL_ID:
            return self._past_call_id(at, end)
        if kind == OF_ITEM:
            return self._past_item(at, end)
        if kind in (OF_EVENT, OF_EVENT_TYPE):
            at = _past_event_type(text, at, end)
            return self._past_parameters(at, end) if kind == OF_EVENT and at >= 0 else at
        if kind in (OF_NUMBER, OF_MAX_FORWARDS):
            at = _past(text, at, end, IN_DIGIT)
            if kind == OF_MAX_FORWARDS and (at - begin > 3 or _number(text, begin, at) > 255):
                return _NOWHERE
            return at if 1 <= at - begin <= 9 else _NOWHERE
        if kind == OF_MEDIA:
            return self._past_media(at, end)
        if kind == OF_REQUIRE:
            at = _past(text, at, end, IN_TOKEN)
            self._wants_100rel = self._wants_100rel or _pack(text, begin, at) == _100REL
            return _NOWHERE if at == begin else at
        if kind == OF_INTERVAL:
            return self._past_interval(at, end)
        if kind in (OF_SCHEME, OF_ANSWER):
            return self._past_scheme(at, end, kind == OF_ANSWER)
        if kind == OF_ANSWERED:
            return self._past_list(at, end)
        if kind == OF_PRIVACY:
            return _past_privacy(text, at, end)
        if kind == OF_RACK:
            return self._past_rack(at, end)
        if kind == OF_SESSION_ID:
            at = _past_more(text, at, end, IN_LOWER_HEX)
            return self._past_parameters(at, end) if at - begin == 32 else _NOWHERE
        if kind in (OF_LANGUAGE, OF_LANGUAGE_TAG):
            at = _past_language(text, at, end)
            return self._past_parameters(at, end) if kind == OF_LANGUAGE and at >= 0 else at
        if kind == OF_TRUTH:
            at = _past(text, at, end, IN_TOKEN)
            is_truth = _pack(text, begin, at) in (_TRUE, _FALSE)
            return self._past_parameters(at, end) if is_truth else _NOWHERE
        if kind == OF_COUNT:
            at = _past(text, at, end, IN_DIGIT)
            return at if 1 <= at - begin <= 9 and _number(text, begin, at) else _NOWHERE
        if kind == OF_VECTOR:
            return self._past_vector(at, end)
        return _NOWHERE

    def _past_vector(self, at: int, end: int) -> int:
        """Past the parameters of a P-Charging-Vector, the first of which is icid-value."""
        if not _begins(self._text, at, end, _ICID_VALUE, 11):
            return _NOWHERE
        self._named = 0
        self._met = 0
        value = at + 11
        if value == end or self._text[value] == QUOTE:  # the quoted string may be empty
            return _NOWHERE
        at = self._past_parameter(at, end)
        return _NOWHERE if at < 0 else self._past_further_parameters(at, end)

    def _is_plain(self, kind: int, at: int, end: int) -> bool:
        """Whether the value of a header field is plain, or all values in its list are."""
        text = self._text
        is_list = kind & LIST != 0
        kind &= ~LIST
        while True:
            if at == end:
                return False
            at = self._past_value(kind, at, end)
            if at < 0:
                return False
            at = _past_space(text, at, end)
            if at == end:
                return True
            if not is_list or text[at] != COMMA:
                return False
            at = _past_space(text, at + 1, end)

    def _look_at_fields(self, table: Table) -> None:
        bit = 1
        for index in range(table._parsed.count):
            header_id = table._id(index)
            self._seen |= bit << _BITS[header_id]
            if _ONCE[header_id] and table._first(header_id) != index:
                self._joined_is_odd = True
            kind = _KINDS[header_id]
            if kind == ANY_TEXT:
                continue
            at, length = table._value_at(index), table._value_length(index)
            if kind == SOME_TEXT and length:
                continue
            if (
                kind == LOOK
                or at > self._size
                or length > self._size - at
                or not self._is_plain(kind, at, at + length)
            ):
                self._joined_is_odd = self._joined_is_odd or _IS_JOINED[header_id] != 0
                if self.odd is None:
                    self.odd = set()
                self.odd.add(index)

    def _is_usual_line(self, table: Table, rules: Rules) -> bool:
        """Whether the start line is well formed, with a plain Request-URI."""
        text = self._text
        start, version = table._parsed.start, table._parsed.version_at
        target = table._parsed.target_at
        target_end = target + table._parsed.target_length
        if table._parsed.line_end > self._size or table._parsed.version_length != 7:
            return False
        if not table._parsed.method_length:
            return (
                version == start
                and target == start + 12
                and target_end == table._parsed.line_end
                and _begins(text, version, target, _SIP_2_0, 7)
                and text[start + 7] == BLANK
                and text[start + 11] == BLANK
            )
        if (
            target != start + table._parsed.method_length + 1
            or version != target_end + 1
            or version + 7 != table._parsed.line_end
            or text[target - 1] != BLANK
            or text[target_end] != BLANK
            or not _begins(text, version, version + 7, _SIP_2_0, 7)
        ):
            return False
        if self._past_uri(target, target_end, False) != target_end:
            return False
        return self._user_at == 0 or not rules.is_to_registrar

    def _judge(self, table: Table, rules: Rules) -> bool:
        """Whether the plain parts agree with each other."""
        seen, body = self._seen, table._parsed.end - table._parsed.body
        if (
            self._joined_is_odd
            or seen & rules.needed != rules.needed
            or seen & rules.forbidden
            or seen & DATED == DATED
            or not (self._has_branch and self._has_from_tag)
            or (rules.is_within_dialog and not self._has_to_tag)
            or (body and not seen & CONTENT_TYPE)
            or not self._is_usual_line(table, rules)
        ):
            return False
        if table._parsed.content_length == NO_LENGTH:
            if self._is_over_stream:
                return False
        elif table._parsed.content_length > body:
            return False
        if not table._parsed.method_length:
            status = table._parsed.status_code
            if 101 <= status <= 199:
                return self._wants_100rel == (seen & RSEQ != 0)
            return 100 <= status <= 699 and status != 415  # a 415 needs one of several fields
        if seen & JOIN_AND_REPLACES == JOIN_AND_REPLACES:
            return False
        if self._wants_100rel and not rules.may_want_100rel:
            return False
        # The Request-URI was surveyed last.
        if rules.is_to_dialog and self._contacts:
            if self._contacts > 1 or self._contact_scheme == OF_TEL:
                return False
            if self._contact_scheme == OF_SIP:
                return self._scheme != OF_SIPS and self._route_scheme != OF_SIPS
        return True

    def _is_same_method(self, table: Table) -> bool:
        """Whether the CSeq names the method of the request."""
        text = self._text
        length = table._parsed.method_length
        if self._method_end - self._method_at != length:
            return False
        start, same = table._parsed.start, 0
        while same < length and text[start + same] == text[self._method_at + same]:
            same += 1
        return same == length


def survey_of(table: Table) -> Survey:
    """Survey a message in one pass."""
    survey = Survey.__new__(Survey)
    survey._begin(table)
    survey._look_at_fields(table)
    if table._parsed.method_length:
        rules = rules_of_request(table._method())
        survey.is_usual = survey._judge(table, rules) and survey._is_same_method(table)
        return survey
    rules = rules_of_response(table._parsed.status_code)
    survey.is_usual = survey._judge(table, rules)
    if survey.is_usual and rules.of_success is not None:
        method = table._text(survey._method_at, survey._method_end - survey._method_at)
        needed = rules.of_success.get(method, 0)
        survey.is_usual = survey._seen & needed == needed
    return survey


# ---- bytes ---------------------------------------------------------------------------------------


def _past(text: bytes, at: int, end: int, kind: int) -> int:
    """The end of the bytes of this kind."""
    while at < end and _CLASSES[text[at]] & kind:
        at += 1
    return at


def _past_more(text: bytes, at: int, end: int, kind: int) -> int:
    """The same for the kinds of the other table."""
    while at < end and _MORE_CLASSES[text[at]] & kind:
        at += 1
    return at


def _past_space(text: bytes, at: int, end: int) -> int:
    while at < end and (text[at] == BLANK or text[at] == TAB):
        at += 1
    return at


def _past_event_type(text: bytes, at: int, end: int) -> int:
    """Past tokens with single dots between them."""
    stop = _past_more(text, at, end, IN_NO_DOT)
    while stop > at and stop < end and text[stop] == DOT:
        at = stop + 1
        stop = _past_more(text, at, end, IN_NO_DOT)
    return stop if stop > at else _NOWHERE


def _past_privacy(text: bytes, at: int, end: int) -> int:
    """Past tokens with semicolons between them."""
    stop = _past(text, at, end, IN_TOKEN)
    while stop > at and stop < end and text[stop] == SEMICOLON:
        at = stop + 1
        stop = _past(text, at, end, IN_TOKEN)
    return stop if stop > at else _NOWHERE


def _past_language(text: bytes, at: int, end: int) -> int:
    """Past a language tag, or an asterisk."""
    if at < end and text[at] == STAR:
        return at + 1
    stop = at
    while stop < end and SMALL_A <= text[stop] | 0x20 <= SMALL_Z:
        stop += 1
    while 1 <= stop - at <= 8 and stop < end and text[stop] == DASH:
        at = stop + 1
        stop = at
        while stop < end and (
            SMALL_A <= text[stop] | 0x20 <= SMALL_Z or _CLASSES[text[stop]] & IN_DIGIT
        ):
            stop += 1
    return stop if 1 <= stop - at <= 8 else _NOWHERE


def _past_quoted(text: bytes, at: int, end: int) -> int:
    """Past the quoted string that begins at `at`."""
    at = _past(text, at + 1, end, IN_QUOTED)
    while at + 1 < end and text[at] == BACKSLASH and text[at + 1] >= BLANK:
        at = _past(text, at + 2, end, IN_QUOTED)
    return at + 1 if at < end and text[at] == QUOTE else _NOWHERE


def _past_escaped(text: bytes, at: int, end: int, kind: int) -> int:
    """Past bytes of this kind and escapes."""
    at = _past(text, at, end, kind)
    while at + 2 < end and text[at] == PERCENT:
        if not _CLASSES[text[at + 1]] & _CLASSES[text[at + 2]] & IN_HEX:
            return at
        at = _past(text, at + 3, end, kind)
    return at


def _past_host(text: bytes, at: int, end: int) -> int:
    """Past a name, an IPv4 address, or an IPv6 reference without an IPv4 address."""
    if at == end:
        return _NOWHERE
    if text[at] == OPEN:
        return _past_reference(text, at + 1, end)
    if text[at] <= NINE:
        stop = _past_ipv4(text, at, end)
        if stop > 0:
            return stop
    label = at
    while True:
        at = _past(text, label, end, IN_LABEL)
        if at == end or text[at] != DOT:
            break
        if at == label or text[label] == DASH or text[at - 1] == DASH:
            return _NOWHERE
        label = at + 1
    if at == label or text[label] <= NINE or text[at - 1] == DASH:  # a hyphen is less than 9
        return _NOWHERE
    return at


def _past_ipv4(text: bytes, at: int, end: int) -> int:
    """Past four numbers up to 255; the caller refuses what cannot follow a host."""
    dots = 0
    while at < end and 0x30 <= text[at] <= 0x39:  # a digit: constants make it one comparison
        begin = at
        at += 1
        if at < end and 0x30 <= text[at] <= 0x39:
            at += 1
            if at < end and 0x30 <= text[at] <= 0x39:
                at += 1
                if text[begin] > ONE and _number(text, begin, at) > 255:
                    return _NOWHERE
        if dots == 3:
            return at
        if at == end or text[at] != DOT:
            return _NOWHERE
        dots += 1
        at += 1
    return _NOWHERE


def _past_reference(text: bytes, at: int, end: int) -> int:
    """Past an IPv6 address of groups, and the bracket after it."""
    at = _past_groups(text, at, end)
    return at + 1 if 0 <= at < end and text[at] == CLOSE else _NOWHERE


def _past_groups(text: bytes, at: int, end: int) -> int:
    """Past an IPv6 address of groups (RFC 4291 2.2)."""
    groups = 0
    is_short = at + 1 < end and text[at] == COLON and text[at + 1] == COLON
    may_end = is_short
    if is_short:
        at += 2
    while at < end:
        stop = _past(text, at, end, IN_HEX)
        if stop == at or stop - at > 4:
            break
        groups += 1
        at = stop
        may_end = True
        if at == end or text[at] != COLON:
            break
        at += 1
        may_end = not is_short and at < end and text[at] == COLON
        if may_end:
            is_short = True
            at += 1
    if not may_end:
        return _NOWHERE
    return at if (groups < 8 if is_short else groups == 8) else _NOWHERE


def _past_place(text: bytes, at: int, end: int) -> int:
    """Past a host, and a port if one follows."""
    at = _past_host(text, at, end)
    if at >= 0 and at < end and text[at] == COLON:
        begin = at + 1
        at = _past(text, begin, end, IN_DIGIT)
        length = at - begin
        if not 1 <= length <= 5 or (length == 5 and _number(text, begin, at) > 65535):
            return _NOWHERE
    return at


def _is_number(text: bytes, at: int, end: int, most: int) -> bool:
    """Whether text[at:end] is digits, at most `most`."""
    return 0 < end - at <= most and _past(text, at, end, IN_DIGIT) == end


def _number(text: bytes, at: int, end: int) -> int:
    """The value of up to nine digits."""
    number = 0
    while at < end:
        number = number * 10 + text[at] - ZERO
        at += 1
    return number


def _is_preference(text: bytes, at: int, end: int) -> bool:
    """Whether this is a number from 0 to 1 with at most three decimals (RFC 3261 25.1: qvalue)."""
    length = end - at
    if length < 1 or length > 5 or (length > 1 and text[at + 1] != DOT):
        return False
    if text[at] == ZERO:
        return length == 1 or _past(text, at + 2, end, IN_DIGIT) == end
    return text[at] == ONE and (length == 1 or _past_zeros(text, at + 2, end) == end)


def _past_zeros(text: bytes, at: int, end: int) -> int:
    while at < end and text[at] == ZERO:
        at += 1
    return at


def _is_address(text: bytes, at: int, end: int) -> bool:
    """Whether this is an IPv4 address, or an IPv6 address of groups, maybe in brackets."""
    if at < end and text[at] == OPEN:
        return _past_reference(text, at + 1, end) == end
    return _past_ipv4(text, at, end) == end or _past_groups(text, at, end) == end


def _slot_of(packed: int) -> int:
    """The slot of a packed name, or a free one."""
    slot = packed * _FACTOR >> 56 & 0xFF
    while _KEYS[slot] != packed and _KEYS[slot] != 0:
        slot = slot + 1 & 0xFF
    return slot


def _is_words(text: bytes, at: int, end: int) -> bool:
    """Whether this is tokens, each but the last before a comma and any space."""
    stop = _past(text, at, end, IN_TOKEN)
    while at < stop < end and text[stop] == COMMA:
        at = _past_space(text, stop + 1, end)
        stop = _past(text, at, end, IN_TOKEN)
    return at < stop == end


def _pack(text: bytes, at: int, end: int) -> int:
    """A word of up to eight bytes, in any case, as a number; 0 for longer ones."""
    packed = 0
    if end - at > 8:
        return 0
    while at < end:
        packed = packed << 8 | text[at] | 0x20
        at += 1
    return packed


def _begins(text: bytes, at: int, end: int, word: bytes, length: int) -> bool:
    """Whether text[at:end] begins with a word of this length."""
    if end - at < length:
        return False
    same = 0
    while same < length and text[at + same] == word[same]:
        same += 1
    return same == length
