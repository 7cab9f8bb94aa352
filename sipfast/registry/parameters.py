"""The parameters of header fields, and their first words: the source for defects and for
docs/parameters.md.  A test compares the ranges that reading accepts.

A field's parameters without a row are those of `others`, usually generic-param: a token, and after
an equals sign a token, a host or a quoted string (RFC 3261 25.1).  That rule would also admit a
quoted ``q`` or a ``tag`` without a value; the rows say what their RFCs define.
"""

from __future__ import annotations

from typing import NamedTuple

from .characters import HOST as IN_HOST
from .characters import REFERENCE as IN_REFERENCE
from .characters import TOKEN as IN_TOKEN

__all__ = ["COOKIE", "FIELDS", "MOST", "MOST_UNSIGNED", "Field", "Form", "Parameter"]

MOST = 2**31 - 1
MOST_UNSIGNED = 2**32 - 1
COOKIE = "z9hG4bK"
"""The start of a branch of RFC 3261 8.1.1.7."""

_TOKEN = f"[{IN_TOKEN}]+"
_REFERENCE = rf"\[[{IN_REFERENCE}]+\]"
_TEXT = r"(?s:.*)"


class Form(NamedTuple):
    """What the value of a parameter, or the first word of a field, must be."""

    en: str
    """The form in words, for the documentation."""
    bare: str | None = None
    """A pattern of the value without quotes; None if it must have quotes."""
    quoted: str | None = None
    """A pattern of the text between the quotes; None if it must not have quotes."""
    least: int = 0
    most: int = -1
    """The range of a number; -1 for all other forms."""
    is_optional: bool = False
    """Whether the name can stand alone."""


def number(most: int, least: int = 0, *, is_optional: bool = False) -> Form:
    """A number in a range."""
    return Form(f"number {least}–{most}", "[0-9]+", None, least, most, is_optional)


def one_of(*words: str) -> Form:
    """One of these words, in any case."""
    return Form(" or ".join([f"`{word}`" for word in words]), f"(?i:{'|'.join(words)})")


TOKEN = Form("token", _TOKEN)
QUOTED = Form("quoted string", None, _TEXT)
TOKEN_OR_QUOTED = Form("token or quoted string", _TOKEN, _TEXT)
GENERIC = Form("token, host or quoted string", f"{_TOKEN}|{_REFERENCE}", _TEXT, is_optional=True)
VALUE = Form("token, host or quoted string", f"{_TOKEN}|{_REFERENCE}", _TEXT)
FEATURE = Form("quoted string", None, _TEXT, is_optional=True)
FLAG = Form("no value", is_optional=True)
NOTHING = Form("not allowed")
Q = Form("number 0–1 with up to three decimals", r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
SECONDS = number(MOST_UNSIGNED)
TO_HOST = Form("host", rf"[{IN_HOST}]+|{_REFERENCE}")
ADDRESS = Form(
    "IPv4 or IPv6 address, with or without brackets",
    r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}|\[?[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*\]?",
)
BRANCH = Form(f"token, not `{COOKIE}` alone", rf"(?!(?i:{COOKIE})\Z){_TOKEN}")
URI = Form("URI in angle brackets", r'<[A-Za-z][-A-Za-z0-9+.]*:[^<>"]*>')
INDEX = Form("numbers with dots between them", r"[0-9]{1,9}(?:\.[0-9]{1,9})*")
UUID = Form("32 hexadecimal digits", "[0-9A-Fa-f]{32}")
COUNT = Form("8 hexadecimal digits", "[0-9A-Fa-f]{8}")
DIGITS = Form("hexadecimal digits in quotes", None, "[0-9A-Fa-f]*")
VERIFY = Form("32 hexadecimal digits in quotes", None, "[0-9A-Fa-f]{32}")
QOPS = Form(
    "tokens with commas between them, in quotes",
    *(None, rf"[, \t]*{_TOKEN}(?:[ \t]*,[, \t]*{_TOKEN})*[, \t]*"),
)
EXTENDED = Form(
    "charset, language and escaped text (RFC 8187)",
    r"(?i:utf-8|iso-8859-1)'[-A-Za-z0-9]*'(?:[A-Za-z0-9!#$&+.^_`|~-]|%[0-9A-Fa-f]{2})*",
)
TRUTH = one_of("true", "false")
REFRESHER = one_of("uac", "uas")
SEQUENCE = Form("two numbers with a dot", r"[0-9]{1,12}\.[0-9]{1,5}")
BASE64 = Form("base64url in parts with dots, or a quoted string", "[-A-Za-z0-9_.+/=]+", _TEXT)


class Parameter(NamedTuple):
    """A parameter of a header field."""

    name: str
    form: Form
    rfc: str
    code: str = ""
    """The fault of a malformed value and of none, if it has one of its own."""
    missing: str = ""
    """The fault of a value without the parameter, if it is required."""
    is_often_quoted: bool = False
    """Whether quotes that the grammar forbids are common, and nearly every receiver reads them."""


class Field(NamedTuple):
    """The grammar of the values of a header field, apart from what their class reads."""

    parameters: tuple[Parameter, ...] = ()
    first: Form | None = None
    """The first word, if `_core/values` reads any text as one."""
    others: Form = GENERIC
    """All other parameters."""
    plus: Form = GENERIC
    """Other parameters named by a feature tag: a plus sign, a letter and more (RFC 3840 9)."""


_NUMBER = "parameter-not-a-number"
_Q = "q-malformed"
_TAG_MISSING = "dialog-tag-missing"


def _features(rfc: str) -> tuple[Parameter, ...]:
    """The base tags of RFC 3840, which are a flag or have a quoted value."""
    names = (
        *("audio", "automata", "class", "duplex", "data", "control", "mobility", "description"),
        *("events", "priority", "methods", "schemes", "application", "video", "language", "type"),
        *("isfocus", "actor", "text", "extensions"),
    )
    return tuple([Parameter(name, FEATURE, rfc) for name in names])


def _rows(
    form: Form, rfc: str, *names: str, code: str = "", missing: str = "", quoted: bool = False
) -> tuple[Parameter, ...]:
    """Parameters of one form."""
    return tuple([Parameter(name, form, rfc, code, missing, quoted) for name in names])


_TAG = Field((Parameter("tag", TOKEN, "RFC 3261 25.1"),))
_ACCEPTED = Field((Parameter("q", Q, "RFC 3261 25.1", _Q),))
_CREDENTIALS = Field(
    (
        Parameter("username", QUOTED, "RFC 7616 3.4", missing="digest-username-missing"),
        Parameter("username*", EXTENDED, "RFC 7616 3.4", "extended-value-malformed"),
        Parameter("realm", QUOTED, "RFC 7616 3.4", missing="digest-realm-missing"),
        Parameter("nonce", QUOTED, "RFC 7616 3.4", missing="digest-nonce-missing"),
        Parameter("uri", QUOTED, "RFC 7616 3.4", missing="digest-uri-missing"),
        Parameter("response", DIGITS, "RFC 7616 3.4", missing="digest-response-missing"),
        Parameter("cnonce", QUOTED, "RFC 7616 3.4", missing="digest-cnonce-missing"),
        Parameter(
            *("nc", COUNT, "RFC 7616 3.4", "nonce-count-malformed", "digest-nc-missing"),
            is_often_quoted=True,
        ),
        Parameter("qop", TOKEN, "RFC 7616 3.4", is_often_quoted=True),
        Parameter("algorithm", TOKEN, "RFC 7616 3.4"),  # some registrars refuse quotes
        Parameter("opaque", QUOTED, "RFC 7616 3.4"),
        Parameter("userhash", TRUTH, "RFC 7616 3.4", is_often_quoted=True),
        Parameter("auts", QUOTED, "RFC 3310 3.4"),
    ),
    others=TOKEN_OR_QUOTED,
)
_CHALLENGE = Field(
    (
        Parameter("realm", QUOTED, "RFC 7616 3.3", missing="digest-realm-missing"),
        Parameter("nonce", QUOTED, "RFC 7616 3.3", missing="digest-nonce-missing"),
        Parameter("domain", QUOTED, "RFC 7616 3.3"),
        Parameter("opaque", QUOTED, "RFC 7616 3.3"),
        Parameter("qop", QOPS, "RFC 7616 3.3"),
        Parameter("algorithm", TOKEN, "RFC 7616 3.3"),
        Parameter("stale", TRUTH, "RFC 7616 3.3", is_often_quoted=True),
        Parameter("charset", one_of("UTF-8"), "RFC 7616 3.3", is_often_quoted=True),
        Parameter("userhash", TRUTH, "RFC 7616 3.3", is_often_quoted=True),
    ),
    others=TOKEN_OR_QUOTED,
)
_SECURITY = Field(
    (
        Parameter("q", Q, "RFC 3329 2.2", _Q),
        *_rows(TOKEN, "RFC 3329 2.2", "d-alg", "d-qop"),
        Parameter("d-ver", VERIFY, "RFC 3329 2.2"),
        *_rows(TOKEN, "RFC 3329 A", "alg", "ealg", "prot", "mod"),
        *_rows(SECONDS, "RFC 3329 A", "spi-c", "spi-s", code=_NUMBER),
        *_rows(number(65535), "RFC 3329 A", "port-c", "port-s", code=_NUMBER),
    ),
    TOKEN,
)
_PREFERENCE = Field(
    (*_rows(FLAG, "RFC 3841 10", "require", "explicit"), *_features("RFC 3841 10")),
    plus=FEATURE,
)

FIELDS: dict[str, Field] = {
    "Via": Field(
        (
            Parameter("branch", BRANCH, "RFC 3261 8.1.1.7", "branch-malformed"),
            Parameter("received", ADDRESS, "RFC 3261 25.1", "received-malformed"),
            Parameter("rport", number(65535, is_optional=True), "RFC 3581 5", _NUMBER),
            Parameter("ttl", number(255), "RFC 3261 25.1", _NUMBER),
            Parameter("maddr", TO_HOST, "RFC 3261 25.1"),
            Parameter("alias", FLAG, "RFC 5923 6"),
            Parameter("keep", number(MOST, is_optional=True), "RFC 6223 8", _NUMBER),
            Parameter("comp", TOKEN, "RFC 3486 8"),
            Parameter("sigcomp-id", QUOTED, "RFC 5049 9.1"),
            Parameter("oc", number(MOST, is_optional=True), "RFC 7339 4.1", _NUMBER),
            Parameter("oc-algo", QUOTED, "RFC 7339 4.2"),
            Parameter("oc-validity", number(MOST, is_optional=True), "RFC 7339 4.3", _NUMBER),
            Parameter("oc-seq", SEQUENCE, "RFC 7339 4.4"),
        )
    ),
    "From": _TAG,
    "To": _TAG,
    "Contact": Field(
        (
            Parameter("q", Q, "RFC 3261 25.1", _Q),
            Parameter("expires", SECONDS, "RFC 3261 25.1", _NUMBER),
            Parameter("+sip.instance", QUOTED, "RFC 5626 10"),
            Parameter("reg-id", number(MOST, 1), "RFC 5626 10", _NUMBER),
            *_rows(QUOTED, "RFC 5627 8", "pub-gruu", "temp-gruu"),
            *_features("RFC 3840 9"),
        ),
        plus=FEATURE,
    ),
    "Replaces": Field(
        (
            *_rows(TOKEN, "RFC 3891 6.1", "to-tag", "from-tag", missing=_TAG_MISSING),
            Parameter("early-only", FLAG, "RFC 3891 6.1"),
        )
    ),
    "Join": Field(_rows(TOKEN, "RFC 3911 7.1", "to-tag", "from-tag", missing=_TAG_MISSING)),
    "Target-Dialog": Field(
        _rows(TOKEN, "RFC 4538 7", "local-tag", "remote-tag", missing=_TAG_MISSING)
    ),
    "Session-Expires": Field(
        (Parameter("refresher", REFRESHER, "RFC 4028 4", "refresher-malformed"),)
    ),
    "Retry-After": Field((Parameter("duration", SECONDS, "RFC 3261 25.1", _NUMBER),)),
    "Event": Field(
        (
            Parameter("id", TOKEN, "RFC 6665 8.4"),
            *_rows(TOKEN, "RFC 4235 3.2", "to-tag", "from-tag"),
            Parameter("call-id", TOKEN_OR_QUOTED, "RFC 4235 3.2"),
            Parameter("include-session-description", FLAG, "RFC 4235 3.2"),
        )
    ),
    "Subscription-State": Field(
        (
            Parameter("reason", TOKEN, "RFC 6665 8.4"),
            Parameter("expires", SECONDS, "RFC 6665 8.4", _NUMBER),
            Parameter("retry-after", SECONDS, "RFC 6665 8.4", _NUMBER),
        )
    ),
    "Reason": Field(
        (
            Parameter("cause", number(MOST), "RFC 3326 2", _NUMBER),
            Parameter("text", QUOTED, "RFC 3326 2"),
            Parameter("location", TOKEN, "RFC 8606 4"),
        ),
        TOKEN,
    ),
    "Content-Type": Field(
        _rows(TOKEN_OR_QUOTED, "RFC 3261 25.1", "charset", "boundary"), others=TOKEN_OR_QUOTED
    ),
    "Content-Disposition": Field((Parameter("handling", TOKEN, "RFC 3261 25.1"),)),
    "Accept": _ACCEPTED,
    "Accept-Encoding": _ACCEPTED,
    "Accept-Language": _ACCEPTED,
    "Call-Info": Field((Parameter("purpose", TOKEN, "RFC 3261 25.1"),)),
    "Geolocation": Field((Parameter("loc-src", TO_HOST, "RFC 8787 4"),)),
    "Trigger-Consent": Field((Parameter("target-uri", QUOTED, "RFC 5360 5.11.2"),)),
    "Diversion": Field(
        (
            *_rows(TOKEN_OR_QUOTED, "RFC 5806 4", "reason", "privacy", "screen"),
            *_rows(number(99), "RFC 5806 4", "counter", "limit", code=_NUMBER),
        )
    ),
    "History-Info": Field(
        (
            Parameter(
                *("index", INDEX, "RFC 7044 5.1", "index-malformed", "history-index-missing")
            ),
            *[
                Parameter(name, INDEX, "RFC 7044 5.1", "index-malformed")
                for name in ("rc", "mp", "np")
            ],
        )
    ),
    "Remote-Party-ID": Field(
        (
            *_rows(TOKEN, "draft-ietf-sip-privacy-04 5", "party", "id-type", "screen"),
            Parameter("privacy", TOKEN_OR_QUOTED, "draft-ietf-sip-privacy-04 5"),
        )
    ),
    "Referred-By": Field((Parameter("cid", QUOTED, "RFC 3892 3"),)),
    "P-Served-User": Field(
        (
            Parameter("sescase", one_of("orig", "term"), "RFC 5502 6"),
            Parameter("regstate", one_of("reg", "unreg"), "RFC 5502 6"),
            Parameter("orig-cdiv", FLAG, "RFC 8498"),
        )
    ),
    "Identity": Field(
        (
            Parameter("info", URI, "RFC 8224 4", missing="identity-info-missing"),
            *_rows(TOKEN, "RFC 8224 4", "alg", "ppt", quoted=True),
        ),
        BASE64,
    ),
    "Session-ID": Field((Parameter("remote", UUID, "RFC 7989 5", "session-id-malformed"),)),
    "User-to-User": Field(
        _rows(TOKEN, "RFC 7433 4.1", "encoding", "content", "purpose"), TOKEN_OR_QUOTED
    ),
    "Answer-Mode": Field((Parameter("require", FLAG, "RFC 5373 3"),), TOKEN),
    "Priv-Answer-Mode": Field((Parameter("require", FLAG, "RFC 5373 3"),), TOKEN),
    "Refer-Sub": Field(first=TRUTH),
    "Info-Package": Field(first=TOKEN),
    "Recv-Info": Field(first=TOKEN),
    "Feature-Caps": Field(others=NOTHING, plus=FEATURE),
    "Accept-Contact": _PREFERENCE,
    "Reject-Contact": _PREFERENCE,
    "P-Visited-Network-ID": Field(first=TOKEN_OR_QUOTED),
    "P-Access-Network-Info": Field(
        (
            *_rows(
                *(TOKEN_OR_QUOTED, "RFC 7315 5.4", "cgi-3gpp", "utran-cell-id-3gpp"),
                *("dsl-location", "i-wlan-node-id", "ci-3gpp2", "ci-3gpp2-femto", "eth-location"),
                *("fiber-location", "gstn-location"),
            ),
            *_rows(QUOTED, "RFC 7315 5.4", "local-time-zone", "dvb-rcs2-node-id"),
            *_rows(TOKEN_OR_QUOTED, "RFC 7913 3", "operator-specific-gi", "utran-sai-3gpp"),
            Parameter("network-provided", FLAG, "RFC 7315 5.4"),
        ),
        TOKEN,
    ),
    "P-Charging-Vector": Field(
        (
            Parameter("icid-value", VALUE, "RFC 7315 5.6", missing="icid-value-missing"),
            Parameter("icid-generated-at", TO_HOST, "RFC 7315 5.6"),
            *_rows(VALUE, "RFC 7315 5.6", "orig-ioi", "term-ioi", "related-icid"),
            Parameter("transit-ioi", QUOTED, "RFC 7315 5.6"),
            Parameter("related-icid-gen-addr", TO_HOST, "RFC 7315 5.6"),
        )
    ),
    "P-Charging-Function-Addresses": Field(_rows(VALUE, "RFC 7315 5.5", "ccf", "ecf")),
    "Security-Client": _SECURITY,
    "Security-Server": _SECURITY,
    "Security-Verify": _SECURITY,
    "WWW-Authenticate": _CHALLENGE,
    "Proxy-Authenticate": _CHALLENGE,
    "Authorization": _CREDENTIALS,
    "Proxy-Authorization": _CREDENTIALS,
    "Authentication-Info": Field(
        (
            *_rows(QUOTED, "RFC 7616 3.5", "nextnonce", "cnonce"),
            Parameter("rspauth", DIGITS, "RFC 7616 3.5"),
            Parameter("qop", TOKEN, "RFC 7616 3.5", is_often_quoted=True),
            Parameter("nc", COUNT, "RFC 7616 3.5", "nonce-count-malformed", is_often_quoted=True),
        ),
        others=TOKEN_OR_QUOTED,
    ),
}
"""By header field.  A header field that is not here has no rows: its parameters are generic."""
