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

_TOKEN, _LABEL, _USER, _DIGIT, _QUOTED, _PARAMETER, _HEX, _REFERENCE = [
    1 << bit for bit in range(8)
]
_SPACE, _NAME, _WORD, _NUMBER, _NO_DOT, _LOWER_HEX = [1 << bit for bit in range(6)]


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

_TAB, _BLANK, _QUOTE, _PERCENT = b'\t "%'
_PLUS, _COMMA, _DASH, _DOT, _SLASH, _COLON, _SEMICOLON, _LESS, _EQUALS, _GREATER = b"+,-./:;<=>"
_BACKSLASH, _AT, _OPEN, _CLOSE, _ZERO, _ONE, _NINE, _A = b"\\@[]019a"
_Z, _STAR = b"z*"
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

_HAS_TAG, _HAS_BRANCH, _HAS_REALM, _HAS_NONCE, _HAS_USERNAME = [1 << bit for bit in range(5)]
_HAS_URI, _HAS_RESPONSE, _HAS_QOP, _HAS_CNONCE, _HAS_NC = [1 << bit for bit in range(5, 10)]
_OF_CHALLENGE = _HAS_REALM | _HAS_NONCE
_OF_CREDENTIALS = _OF_CHALLENGE | _HAS_USERNAME | _HAS_URI | _HAS_RESPONSE
_WITH_QOP = _HAS_CNONCE | _HAS_NC

MOST_PARAMETERS = 16
"""The maximum number of parameters in a plain value: each name is compared with those before."""

# ---- the form of the values of each header field -------------------------------------------------

_ANY_TEXT, _LOOK, _SOME_TEXT = range(3)
"""Any text is plain; no text is plain; any text is plain except none at all."""
_OF_ADDRESS, _OF_BRACKETS, _OF_FROM, _OF_TO, _OF_CONTACT, _OF_ROUTE, _OF_VIA = range(3, 10)
_OF_TOKEN, _OF_REQUIRE, _OF_NUMBER, _OF_MAX_FORWARDS, _OF_INTERVAL, _OF_CSEQ = range(10, 16)
_OF_RACK, _OF_CALL_ID, _OF_ITEM, _OF_MEDIA, _OF_SESSION_ID, _OF_PRIVACY = range(16, 22)
_OF_VECTOR, _OF_SCHEME, _OF_ANSWER, _OF_ANSWERED, _OF_EVENT, _OF_EVENT_TYPE = range(22, 28)
_OF_COUNT, _OF_LANGUAGE, _OF_LANGUAGE_TAG, _OF_TRUTH = range(28, 32)
_LIST = 64

_KIND_OF_CLASS: dict[type, int] = {
    Address: _OF_ADDRESS,
    Contact: _OF_CONTACT,
    Via: _OF_VIA,
    Token: _OF_TOKEN,
    Priority: _OF_TOKEN,
    Number: _OF_NUMBER,
    LargeNumber: _OF_NUMBER,
    RetryAfter: _OF_NUMBER,
    SessionExpires: _OF_INTERVAL,
    SessionInterval: _OF_INTERVAL,
    CSeq: _OF_CSEQ,
    RAck: _OF_RACK,
    CallID: _OF_CALL_ID,
    ContentType: _OF_MEDIA,
    MediaRange: _OF_MEDIA,
    SessionID: _OF_SESSION_ID,
    Privacy: _OF_PRIVACY,
    ChargingVector: _OF_VECTOR,
    Challenge: _OF_SCHEME,
    Credentials: _OF_ANSWER,
    AuthenticationInfo: _OF_ANSWERED,
    Event: _OF_EVENT,
    Text: _ANY_TEXT,
    Products: _SOME_TEXT,
} | dict.fromkeys(
    (
        *(Accepted, AccessNetworkInfo, AnswerMode, ContentDisposition, InfoPackage, Reason),
        *(SecurityMechanism, SubscriptionState, VisitedNetwork),
    ),
    _OF_ITEM,
)
_KIND_OF_NAME = {
    "from": _OF_FROM,
    "to": _OF_TO,
    "route": _OF_ROUTE,
    "require": _OF_REQUIRE,
    "max-forwards": _OF_MAX_FORWARDS,
    "call-id": _OF_CALL_ID,
    "content-length": _ANY_TEXT,
    "allow-events": _OF_EVENT_TYPE,
    "rseq": _OF_COUNT,
    "refer-sub": _OF_TRUTH,
    "content-language": _OF_LANGUAGE_TAG,
    "accept-language": _OF_LANGUAGE,
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
        return _KIND_OF_NAME.get(name, _ANY_TEXT if is_any else _SOME_TEXT)
    kind = _KIND_OF_NAME.get(name, _KIND_OF_CLASS.get(field.value_class, _LOOK))
    if kind == _OF_ADDRESS and header_id in IN_BRACKETS:
        kind = _OF_BRACKETS
    return kind | _LIST if isinstance(field, All) and kind > _LOOK else kind


_KINDS_KEPT = bytes([_ANY_TEXT, *map(_kind, range(1, len(HEADER_NAMES) + 1))])
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

_ALONE, _BARE, _BRACKETED, _IN_QUOTES = [1 << bit for bit in range(4)]
"""How a parameter may be written: alone, or with a value, maybe in brackets or quotes."""
_ANY_WAY = _ALONE | _BARE | _BRACKETED | _IN_QUOTES
_WITH_VALUES = (_OF_MEDIA, _OF_SCHEME, _OF_ANSWER, _OF_ANSWERED)
_WAYS_IN_KEPT = bytes(
    [_BARE | _IN_QUOTES if kind in _WITH_VALUES else _ANY_WAY for kind in range(_LIST)]
)
_WAYS_IN = _WAYS_IN_KEPT
"""By the form of a header field: how its parameters may be written."""

_UNCHECKED, _AS_NUMBER, _AS_PREFERENCE, _AS_ADDRESS, _AS_HOST, _AS_HEX, _AS_SESSION = range(7)
_AS_REFRESHER, _AS_TRUTH, _AS_ALGORITHM, _AS_CHARSET, _AS_QOP = range(7, 12)

_CHECK_OF_FORM: dict[Form, tuple[int, int]] = {
    Q: (_AS_PREFERENCE, 0),
    BRANCH: (_UNCHECKED, 0),
    ADDRESS: (_AS_ADDRESS, 0),
    TO_HOST: (_AS_HOST, 0),
    UUID: (_AS_SESSION, 32),
    COUNT: (_AS_HEX, 8),
    DIGITS: (_AS_HEX, 0),
    REFRESHER: (_AS_REFRESHER, 0),
    TRUTH: (_AS_TRUTH, 0),
} | dict.fromkeys((TOKEN, QUOTED, TOKEN_OR_QUOTED, FEATURE, FLAG, GENERIC, VALUE), (_UNCHECKED, 0))
"""The check of the values of each form, and its argument: a length, or 0 for any."""
_CHECK_OF_NAME = {
    "algorithm": (_AS_ALGORITHM, 0),
    "charset": (_AS_CHARSET, 0),
    "qop": (_AS_QOP, 0),
}
_MET_OF_NAME = {
    "tag": _HAS_TAG,
    "branch": _HAS_BRANCH,
    "realm": _HAS_REALM,
    "nonce": _HAS_NONCE,
    "username": _HAS_USERNAME,
    "uri": _HAS_URI,
    "response": _HAS_RESPONSE,
    "qop": _HAS_QOP,
    "cnonce": _HAS_CNONCE,
    "nc": _HAS_NC,
}


def _ways(form: Form) -> int:
    """How a parameter of a form may be written."""
    ways = _ALONE if form.is_optional else 0
    if form.bare is not None:
        ways |= _BARE
        if form in (GENERIC, VALUE, TO_HOST, ADDRESS):
            ways |= _BRACKETED
    return ways | _IN_QUOTES if form.quoted is not None else ways


def _rules() -> dict[int, list[int]]:
    """By packed name: the plain ways, the check, its two arguments, and what is met.

    A check of numbers has their range, and none the length of the shortest plain value.

    A name has one rule for all header fields: what is plain for each of them that knows it.
    """
    rules: dict[int, list[int]] = {}
    for header_id, header in enumerate(HEADER_NAMES, 1):
        if _KINDS[header_id] & ~_LIST <= _LOOK or header.name not in FIELDS:
            continue
        for row in FIELDS[header.name].parameters:
            form = row.form
            check, most = _CHECK_OF_NAME.get(row.name) or _CHECK_OF_FORM.get(form, (-1, 0))
            ways = _ways(form)
            if check in (_AS_CHARSET, _AS_QOP):  # these depend on the header field
                ways = _BARE | _IN_QUOTES
            if form.most >= 0:
                check, most = _AS_NUMBER, form.most
            if check < 0:
                check = ways = 0  # it has no check, so that no value is plain
            least = len(COOKIE) + 1 if form == BRANCH else form.least
            rule = [ways, check, least, most, _MET_OF_NAME.get(row.name, 0)]
            known = rules.setdefault(_packed(row.name), rule)
            if known != rule:
                known[0] &= ways
                assert known[1:] == rule[1:] or known[0] == 0 or check == _UNCHECKED, row
    return rules


_SLOTS = 256
"""As many as a byte has values: the hash of a name is the upper byte of a product."""
_FACTOR = 0x9E3779B97F4A7C15
_RULES = _rules()
assert len(_RULES) < _SLOTS / 2


def _slots() -> list[list[int]]:
    """The keys and each column of the rules, by slot; a free slot has the rule of other names."""
    slots = [[0, _ANY_WAY, _UNCHECKED, 0, 0, 0]] * _SLOTS
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
_OF_NO_URI, _OF_SIP, _OF_SIPS, _OF_TEL = range(4)


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
        self._contact_scheme = self._route_scheme = _OF_NO_URI
        self._has_branch = self._has_from_tag = self._has_to_tag = False
        self._is_over_stream = self._wants_100rel = False
        self._method_at = self._method_end = 0
        self._user_at = 0
        self._packed = 0
        self._named = self._met = 0
        self._kind = _ANY_TEXT
        self._scheme = _OF_NO_URI

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
        at = self._past_name(at, end, _TOKEN)
        if at < 0:
            return _NOWHERE
        slot = _slot_of(self._packed)
        self._met = self._met | _MET_OF[slot]
        ways, check = _WAYS_OF[slot] & _WAYS_IN[self._kind], _CHECK_OF[slot]
        if text[begin] == _PLUS:
            ways &= _ALONE | _IN_QUOTES
        if at == end or text[at] != _EQUALS:
            return at if ways & _ALONE else _NOWHERE
        at += 1
        if at == end:
            return _NOWHERE
        value = stop = at
        if text[at] == _QUOTE:
            at = _past_quoted(text, at, end)
            ways &= _IN_QUOTES
            value, stop = value + 1, at - 1
        elif text[at] == _OPEN:
            at = stop = _past_host(text, at, end)
            ways &= _BRACKETED
        else:
            at = _past(text, at, end, _TOKEN)
            if check == _AS_ADDRESS and at < end and text[at] == _COLON and self._kind == _OF_VIA:
                at = _past(text, value, end, _REFERENCE)
            stop = at
            ways &= _BARE
        if at <= value or not ways:
            return _NOWHERE
        if check == _UNCHECKED:
            return at if stop - value >= _LEAST_OF[slot] else _NOWHERE
        return at if self._is_meant(slot, value, stop, ways == _IN_QUOTES) else _NOWHERE

    def _is_meant(self, slot: int, at: int, end: int, quoted: bool) -> bool:
        """Whether a value has the form of its parameter, apart from its quotes."""
        text = self._text
        check = _CHECK_OF[slot]
        if check == _AS_NUMBER:
            if not _is_number(text, at, end, 9):
                return False
            number = _number(text, at, end)
            return _LEAST_OF[slot] <= number <= _MOST_OF[slot]
        if check == _AS_PREFERENCE:
            return _is_preference(text, at, end)
        if check == _AS_ADDRESS:
            return _is_address(text, at, end)
        if check == _AS_HOST:
            return _past_host(text, at, end) == end
        if check == _AS_HEX:
            length = _MOST_OF[slot]
            return _past(text, at, end, _HEX) == end and (length == 0 or length == end - at)
        if check == _AS_SESSION:
            return end - at == _MOST_OF[slot] and _past_more(text, at, end, _LOWER_HEX) == end
        if check == _AS_REFRESHER:
            return _pack(text, at, end) in (_UAC, _UAS)
        if check == _AS_TRUTH:
            return _pack(text, at, end) in (_TRUE, _FALSE)
        if check == _AS_QOP:
            return quoted == (self._kind == _OF_SCHEME) and end > at and _is_words(text, at, end)
        if check == _AS_CHARSET:
            return self._kind != _OF_SCHEME
        return text[at] | 0x20 != _A  # an algorithm of AKA exempts from some rules

    def _past_parameters(self, at: int, end: int) -> int:
        """Past any number of parameters, each after a semicolon."""
        self._named = 0
        self._met = 0
        return self._past_further_parameters(at, end)

    def _past_further_parameters(self, at: int, end: int) -> int:
        text = self._text
        at = _past_space(text, at, end)
        while at < end and text[at] == _SEMICOLON:
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
            if text[at] != _COMMA:
                return _NOWHERE
            at += 1

    def _past_uri(self, at: int, end: int, bare: bool) -> int:
        """Past a URI; after a bare one, parameters belong to the header field."""
        text = self._text
        self._scheme = _OF_NO_URI
        self._user_at = 0
        if end - at < 5:
            return _NOWHERE
        first, second, third = text[at] | 0x20, text[at + 1] | 0x20, text[at + 2] | 0x20
        if first == 0x73 and second == 0x69 and third == 0x70:  # sip
            self._scheme = _OF_SIP
            at += 3
            if text[at] | 0x20 == 0x73:
                self._scheme = _OF_SIPS
                at += 1
            if text[at] != _COLON:
                return _NOWHERE
            at += 1
            stop = _past_escaped(text, at, end, _USER)
            if stop < end and text[stop] == _AT:
                if stop == at:
                    return _NOWHERE
                self._user_at = at
                at = stop + 1
            at = _past_place(text, at, end)
        elif first == 0x74 and second == 0x65 and third == 0x6C and text[at + 3] == _COLON:  # tel
            self._scheme = _OF_TEL
            at += 4
            if text[at] != _PLUS or _past(text, at + 1, end, _DIGIT) == at + 1:
                return _NOWHERE
            at = _past_more(text, at + 1, end, _NUMBER)
        else:
            return _NOWHERE
        self._named = 0
        while not bare and 0 <= at < end and text[at] == _SEMICOLON:
            at = self._past_uri_parameter(at + 1, end)
        return at

    def _past_uri_parameter(self, at: int, end: int) -> int:
        text = self._text
        begin = at
        is_tel = self._scheme == _OF_TEL
        at = self._past_name(at, end, _LABEL if is_tel else _PARAMETER)
        if at < 0:
            return _NOWHERE
        packed = self._packed
        if packed in (_TTL, _MADDR, _ISUB, _PHONE_CONTEXT):
            return _NOWHERE
        is_token = packed in (_USER_NAME, _METHOD) or (packed == _TRANSPORT and at - begin == 9)
        if at == end or text[at] != _EQUALS:
            return _NOWHERE if is_token or is_tel else at
        value = at + 1
        if is_tel and packed == _EXT:
            at = _past_more(text, value, end, _NUMBER)
        elif is_token and not is_tel:
            at = _past(text, value, end, _TOKEN)
        else:
            at = _past_escaped(text, value, end, _PARAMETER)
        return _NOWHERE if at == value else at

    def _past_address(self, at: int, end: int, in_brackets: bool) -> int:
        text = self._text
        if text[at] == _QUOTE:
            at = _past_quoted(text, at, end)
            if at < 0:
                return _NOWHERE
            at = _past_space(text, at, end)
        else:
            stop = _past_more(text, at, end, _NAME)
            if stop == end or text[stop] != _LESS:
                if in_brackets:
                    return _NOWHERE
                at = self._past_uri(at, end, True)
                return _NOWHERE if at < 0 else self._past_parameters(at, end)
            at = stop
        if at == end or text[at] != _LESS:
            return _NOWHERE
        at = self._past_uri(at + 1, end, False)
        if at < 0 or at == end or text[at] != _GREATER:
            return _NOWHERE
        return self._past_parameters(at + 1, end)

    def _past_via(self, at: int, end: int) -> int:
        text = self._text
        if not _begins(text, at, end, _HOP, 8):
            return _NOWHERE
        begin = at + 8
        stop = _past(text, begin, end, _TOKEN)
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
        self._has_branch = self._met & _HAS_BRANCH != 0
        return at

    def _past_item(self, at: int, end: int) -> int:
        """Past a token and parameters."""
        stop = _past(self._text, at, end, _TOKEN)
        return _NOWHERE if stop == at else self._past_parameters(stop, end)

    def _past_media(self, at: int, end: int) -> int:
        text = self._text
        stop = _past(text, at, end, _TOKEN)
        if stop in (at, end) or text[stop] != _SLASH:
            return _NOWHERE
        return self._past_item(stop + 1, end)

    def _past_interval(self, at: int, end: int) -> int:
        text = self._text
        stop = _past(text, at, end, _DIGIT)
        if not 2 <= stop - at <= 9 or _number(text, at, stop) < 90:
            return _NOWHERE
        return self._past_parameters(stop, end)

    def _past_scheme(self, at: int, end: int, is_answer: bool) -> int:
        """Past a challenge or credentials; those of Digest must have the required parameters."""
        text = self._text
        stop = _past(text, at, end, _TOKEN)
        if stop - at != 6 or _pack(text, at, stop) != _DIGEST:
            return _NOWHERE
        at = _past_space(text, stop, end)
        if at == stop:
            return _NOWHERE
        at = self._past_list(at, end)
        if at < 0:
            return _NOWHERE
        needed = _OF_CREDENTIALS if is_answer else _OF_CHALLENGE
        if is_answer and self._met & _HAS_QOP:
            needed |= _WITH_QOP
        return at if self._met & needed == needed else _NOWHERE

    def _past_call_id(self, at: int, end: int) -> int:
        text = self._text
        stop = _past_more(text, at, end, _WORD)
        if stop == at:
            return _NOWHERE
        if stop < end and text[stop] == _AT:
            at = stop + 1
            stop = _past_more(text, at, end, _WORD)
            if stop == at:
                return _NOWHERE
        return stop

    def _past_cseq(self, at: int, end: int) -> int:
        text = self._text
        begin = at
        stop = _past(text, begin, end, _DIGIT)
        at = _past_space(text, stop, end)
        if not 1 <= stop - begin <= 9 or at == stop:
            return _NOWHERE
        stop = _past(text, at, end, _TOKEN)
        if stop == at:
            return _NOWHERE
        self._method_at, self._method_end = at, stop
        return stop

    def _past_rack(self, at: int, end: int) -> int:
        text = self._text
        begin = at
        stop = _past(text, begin, end, _DIGIT)
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
        if kind == _OF_VIA:
            return self._past_via(at, end)
        if kind == _OF_TOKEN:
            at = _past(text, at, end, _TOKEN)
            return _NOWHERE if at == begin else at
        if kind in (_OF_ADDRESS, _OF_BRACKETS):
            return self._past_address(at, end, kind == _OF_BRACKETS)
        if kind in (_OF_FROM, _OF_TO):
            at = self._past_address(at, end, False)
            if kind == _OF_FROM:
                self._has_from_tag = self._met & _HAS_TAG != 0
            else:
                self._has_to_tag = self._met & _HAS_TAG != 0
            return at
        if kind == _OF_CONTACT:
            at = self._past_address(at, end, False)
            if self._contacts == 0:
                self._contact_scheme = self._scheme
            self._contacts = self._contacts + 1
            return at
        if kind == _OF_ROUTE:
            at = self._past_address(at, end, True)
            if self._route_scheme == _OF_NO_URI:
                self._route_scheme = self._scheme
            return at
        if kind == _OF_CSEQ:
            return self._past_cseq(at, end)
        if kind == _OF_CALL_ID:
            return self._past_call_id(at, end)
        if kind == _OF_ITEM:
            return self._past_item(at, end)
        if kind in (_OF_EVENT, _OF_EVENT_TYPE):
            at = _past_event_type(text, at, end)
            return self._past_parameters(at, end) if kind == _OF_EVENT and at >= 0 else at
        if kind in (_OF_NUMBER, _OF_MAX_FORWARDS):
            at = _past(text, at, end, _DIGIT)
            if kind == _OF_MAX_FORWARDS and (at - begin > 3 or _number(text, begin, at) > 255):
                return _NOWHERE
            return at if 1 <= at - begin <= 9 else _NOWHERE
        if kind == _OF_MEDIA:
            return self._past_media(at, end)
        if kind == _OF_REQUIRE:
            at = _past(text, at, end, _TOKEN)
            self._wants_100rel = self._wants_100rel or _pack(text, begin, at) == _100REL
            return _NOWHERE if at == begin else at
        if kind == _OF_INTERVAL:
            return self._past_interval(at, end)
        if kind in (_OF_SCHEME, _OF_ANSWER):
            return self._past_scheme(at, end, kind == _OF_ANSWER)
        if kind == _OF_ANSWERED:
            return self._past_list(at, end)
        if kind == _OF_PRIVACY:
            return _past_privacy(text, at, end)
        if kind == _OF_RACK:
            return self._past_rack(at, end)
        if kind == _OF_SESSION_ID:
            at = _past_more(text, at, end, _LOWER_HEX)
            return self._past_parameters(at, end) if at - begin == 32 else _NOWHERE
        if kind in (_OF_LANGUAGE, _OF_LANGUAGE_TAG):
            at = _past_language(text, at, end)
            return self._past_parameters(at, end) if kind == _OF_LANGUAGE and at >= 0 else at
        if kind == _OF_TRUTH:
            at = _past(text, at, end, _TOKEN)
            is_truth = _pack(text, begin, at) in (_TRUE, _FALSE)
            return self._past_parameters(at, end) if is_truth else _NOWHERE
        if kind == _OF_COUNT:
            at = _past(text, at, end, _DIGIT)
            return at if 1 <= at - begin <= 9 and _number(text, begin, at) else _NOWHERE
        if kind == _OF_VECTOR:
            return self._past_vector(at, end)
        return _NOWHERE

    def _past_vector(self, at: int, end: int) -> int:
        """Past the parameters of a P-Charging-Vector, the first of which is icid-value."""
        if not _begins(self._text, at, end, _ICID_VALUE, 11):
            return _NOWHERE
        self._named = 0
        self._met = 0
        value = at + 11
        if value == end or self._text[value] == _QUOTE:  # the quoted string may be empty
            return _NOWHERE
        at = self._past_parameter(at, end)
        return _NOWHERE if at < 0 else self._past_further_parameters(at, end)

    def _is_plain(self, kind: int, at: int, end: int) -> bool:
        """Whether the value of a header field is plain, or all values in its list are."""
        text = self._text
        is_list = kind & _LIST != 0
        kind &= ~_LIST
        while True:
            if at == end:
                return False
            at = self._past_value(kind, at, end)
            if at < 0:
                return False
            at = _past_space(text, at, end)
            if at == end:
                return True
            if not is_list or text[at] != _COMMA:
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
            if kind == _ANY_TEXT:
                continue
            at, length = table._value_at(index), table._value_length(index)
            if kind == _SOME_TEXT and length:
                continue
            if (
                kind == _LOOK
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
                and text[start + 7] == _BLANK
                and text[start + 11] == _BLANK
            )
        if (
            target != start + table._parsed.method_length + 1
            or version != target_end + 1
            or version + 7 != table._parsed.line_end
            or text[target - 1] != _BLANK
            or text[target_end] != _BLANK
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
            if self._contacts > 1 or self._contact_scheme == _OF_TEL:
                return False
            if self._contact_scheme == _OF_SIP:
                return self._scheme != _OF_SIPS and self._route_scheme != _OF_SIPS
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
    while at < end and (text[at] == _BLANK or text[at] == _TAB):
        at += 1
    return at


def _past_event_type(text: bytes, at: int, end: int) -> int:
    """Past tokens with single dots between them."""
    stop = _past_more(text, at, end, _NO_DOT)
    while stop > at and stop < end and text[stop] == _DOT:
        at = stop + 1
        stop = _past_more(text, at, end, _NO_DOT)
    return stop if stop > at else _NOWHERE


def _past_privacy(text: bytes, at: int, end: int) -> int:
    """Past tokens with semicolons between them."""
    stop = _past(text, at, end, _TOKEN)
    while stop > at and stop < end and text[stop] == _SEMICOLON:
        at = stop + 1
        stop = _past(text, at, end, _TOKEN)
    return stop if stop > at else _NOWHERE


def _past_language(text: bytes, at: int, end: int) -> int:
    """Past a language tag, or an asterisk."""
    if at < end and text[at] == _STAR:
        return at + 1
    stop = at
    while stop < end and _A <= text[stop] | 0x20 <= _Z:
        stop += 1
    while 1 <= stop - at <= 8 and stop < end and text[stop] == _DASH:
        at = stop + 1
        stop = at
        while stop < end and (_A <= text[stop] | 0x20 <= _Z or _CLASSES[text[stop]] & _DIGIT):
            stop += 1
    return stop if 1 <= stop - at <= 8 else _NOWHERE


def _past_quoted(text: bytes, at: int, end: int) -> int:
    """Past the quoted string that begins at `at`."""
    at = _past(text, at + 1, end, _QUOTED)
    while at + 1 < end and text[at] == _BACKSLASH and text[at + 1] >= _BLANK:
        at = _past(text, at + 2, end, _QUOTED)
    return at + 1 if at < end and text[at] == _QUOTE else _NOWHERE


def _past_escaped(text: bytes, at: int, end: int, kind: int) -> int:
    """Past bytes of this kind and escapes."""
    at = _past(text, at, end, kind)
    while at + 2 < end and text[at] == _PERCENT:
        if not _CLASSES[text[at + 1]] & _CLASSES[text[at + 2]] & _HEX:
            return at
        at = _past(text, at + 3, end, kind)
    return at


def _past_host(text: bytes, at: int, end: int) -> int:
    """Past a name, an IPv4 address, or an IPv6 reference without an IPv4 address."""
    if at == end:
        return _NOWHERE
    if text[at] == _OPEN:
        return _past_reference(text, at + 1, end)
    if text[at] <= _NINE:
        stop = _past_ipv4(text, at, end)
        if stop > 0:
            return stop
    label = at
    while True:
        at = _past(text, label, end, _LABEL)
        if at == end or text[at] != _DOT:
            break
        if at == label or text[label] == _DASH or text[at - 1] == _DASH:
            return _NOWHERE
        label = at + 1
    if at == label or text[label] <= _NINE or text[at - 1] == _DASH:  # a hyphen is less than 9
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
                if text[begin] > _ONE and _number(text, begin, at) > 255:
                    return _NOWHERE
        if dots == 3:
            return at
        if at == end or text[at] != _DOT:
            return _NOWHERE
        dots += 1
        at += 1
    return _NOWHERE


def _past_reference(text: bytes, at: int, end: int) -> int:
    """Past an IPv6 address of groups, and the bracket after it (RFC 4291 2.2)."""
    groups = 0
    is_short = at + 1 < end and text[at] == _COLON and text[at + 1] == _COLON
    may_end = is_short
    if is_short:
        at += 2
    while at < end:
        stop = _past(text, at, end, _HEX)
        if stop == at or stop - at > 4:
            break
        groups += 1
        at = stop
        may_end = True
        if at == end or text[at] != _COLON:
            break
        at += 1
        may_end = not is_short and at < end and text[at] == _COLON
        if may_end:
            is_short = True
            at += 1
    if not may_end or at == end or text[at] != _CLOSE:
        return _NOWHERE
    return at + 1 if (groups < 8 if is_short else groups == 8) else _NOWHERE


def _past_place(text: bytes, at: int, end: int) -> int:
    """Past a host, and a port if one follows."""
    at = _past_host(text, at, end)
    if at >= 0 and at < end and text[at] == _COLON:
        begin = at + 1
        at = _past(text, begin, end, _DIGIT)
        length = at - begin
        if not 1 <= length <= 5 or (length == 5 and _number(text, begin, at) > 65535):
            return _NOWHERE
    return at


def _is_number(text: bytes, at: int, end: int, most: int) -> bool:
    """Whether text[at:end] is digits, at most `most`."""
    return 0 < end - at <= most and _past(text, at, end, _DIGIT) == end


def _is_port(text: bytes, at: int, end: int) -> bool:
    return _is_number(text, at, end, 5) and _number(text, at, end) <= 65535


def _number(text: bytes, at: int, end: int) -> int:
    """The value of up to nine digits."""
    number = 0
    while at < end:
        number = number * 10 + text[at] - _ZERO
        at += 1
    return number


def _is_preference(text: bytes, at: int, end: int) -> bool:
    """Whether this is a number from 0 to 1 with at most three decimals (RFC 3261 25.1: qvalue)."""
    length = end - at
    if length < 1 or length > 5 or (length > 1 and text[at + 1] != _DOT):
        return False
    if text[at] == _ZERO:
        return length == 1 or _past(text, at + 2, end, _DIGIT) == end
    return text[at] == _ONE and (length == 1 or _past_zeros(text, at + 2, end) == end)


def _past_zeros(text: bytes, at: int, end: int) -> int:
    while at < end and text[at] == _ZERO:
        at += 1
    return at


def _is_address(text: bytes, at: int, end: int) -> bool:
    """Whether this is an IPv4 address, or an IPv6 address with or without brackets."""
    begin = at
    for count in range(4):
        stop = _past(text, at, end, _DIGIT)
        if not 1 <= stop - at <= 3:
            break
        if stop == end:
            return count == 3
        if text[stop] != _DOT:
            break
        at = stop + 1
    at = begin
    if at < end and text[at] == _OPEN:
        at, end = at + 1, end - 1
    while at < end and text[at] != _COLON:
        if not _CLASSES[text[at]] & _REFERENCE:
            return False
        at += 1
    return at < end and _past(text, at, end, _REFERENCE) == end


def _slot_of(packed: int) -> int:
    """The slot of a packed name, or a free one."""
    slot = packed * _FACTOR >> 56 & 0xFF
    while _KEYS[slot] != packed and _KEYS[slot] != 0:
        slot = slot + 1 & 0xFF
    return slot


def _is_words(text: bytes, at: int, end: int) -> bool:
    """Whether this is tokens, each but the last before a comma and any space."""
    stop = _past(text, at, end, _TOKEN)
    while at < stop < end and text[stop] == _COMMA:
        at = _past_space(text, stop + 1, end)
        stop = _past(text, at, end, _TOKEN)
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
