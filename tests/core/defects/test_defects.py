"""Defects: each is found only in its place, and none in valid messages."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from datetime import datetime, timezone
from typing import Any, NamedTuple

import pytest
from cost import within
from hypothesis import given
from hypothesis import strategies as st
from samples import OPTIONS, RINGING, VIA, attempt, sample

from sipfast import Defect, ParseError, errors
from sipfast._engine import Engine
from sipfast.errors import FAULTS, MESSAGE_FAULTS
from sipfast.registry.header_names import HEADER_IDS, HEADER_NAMES, header_name


class Example(NamedTuple):
    """A message with one defect."""

    code: str
    data: bytes
    at: bytes
    """The text at the defect's place: its first occurrence in the message."""
    header: str | None = None


URI = b"sip:bob@example.com SIP/2.0"
REGISTRAR = b"REGISTER sip:example.com SIP/2.0"
CONTACT = b"Contact: <sip:alice@desk.example.com>"
EVENT = b"Event: presence"


def request(method: bytes, *more: bytes, **changed: bytes | None) -> bytes:
    fields: dict[str, Any] = {"CSeq": b"7 " + method, **changed}
    start = REGISTRAR if method == b"REGISTER" else b"%b %b" % (method, URI)
    return sample(start, *more, **fields)


def answer(
    status: bytes, *more: bytes, method: bytes = b"OPTIONS", **changed: bytes | None
) -> bytes:
    fields: dict[str, Any] = {"CSeq": b"7 " + method, **changed}
    return sample(b"SIP/2.0 %b x" % status, *more, **fields)


CHALLENGE = b'DIGEST realm="a", nonce="b", qop="auth"'
DIGEST = (
    b'Digest username="a", realm="a", nonce="b", uri="sip:a", response="0", '
    b'qop=auth, cnonce="c", nc=00000001'
)
AT = 1262361600
DATE = b"Date: Fri, 01 Jan 2010 16:00:00 GMT"


def without(text: bytes, name: str) -> bytes:
    """Challenge or credentials without the parameter of this name."""
    return re.sub(rb'(?<=[ ,])%b="?[^", ]*"?(, |\Z)' % name.encode(), b"", text).rstrip(b", ")


def signed(at: float | None) -> bytes:
    """An Identity whose PASSporT was made at this time."""
    claims = [b"{}", b"{}" if at is None else b'{"iat":%d}' % at, b"s"]
    token = b".".join([urlsafe_b64encode(claim).rstrip(b"=") for claim in claims])
    return token + b";info=<https://cert.example.com/a.pem>"


TORN = b'"Bob \\" <sip:bob@example.com>'

EXAMPLES = [
    # numbers
    Example("number-malformed", sample(Max_Forwards=b"7x"), b"7x", "Max-Forwards"),
    Example("number-malformed", sample(Max_Forwards=b"-7"), b"-7", "Max-Forwards"),
    Example("number-too-large", sample(Max_Forwards=b"2147483648"), b"2147483648", "Max-Forwards"),
    Example("max-forwards-too-large", sample(Max_Forwards=b"0256"), b"0256", "Max-Forwards"),
    Example("max-forwards-too-large", sample(Max_Forwards=b"2147483647"), b"21474", "Max-Forwards"),
    # the start line
    Example("version-unsupported", sample(b"OPTIONS sip:bob@example.com SIP/2.1"), b"SIP/2.1"),
    Example("version-unsupported", sample(b"OPTIONS sip:bob@example.com SIP/2.00"), b"SIP/2.00"),
    Example("version-unsupported", sample(b"OPTIONS sip:bob@example.com sip/1.0"), b"sip/1.0"),
    Example("version-unsupported", sample(b"SIP/7.0 180 Ringing"), b"SIP/7.0"),
    Example("start-line-whitespace", sample(b"OPTIONS  sip:a SIP/2.0"), b"OPTIONS  sip"),
    Example("start-line-whitespace", sample(b"OPTIONS\tsip:a SIP/2.0"), b"OPTIONS\tsip"),
    Example("start-line-whitespace", sample(b"OPTIONS sip:a  SIP/2.0"), b"OPTIONS sip"),
    Example("start-line-whitespace", sample(b"OPTIONS sip:a SIP/2.0 "), b"OPTIONS sip"),
    Example("start-line-whitespace", sample(b"SIP/2.0  180 Ringing"), b"SIP/2.0  180"),
    Example("start-line-whitespace", sample(b"SIP/2.0\t180 Ringing"), b"SIP/2.0\t180"),
    Example("start-line-whitespace", sample(b"SIP/2.0 180\tRinging"), b"SIP/2.0 180"),
    Example("start-line-whitespace", sample(b"SIP/2.0 180"), b"SIP/2.0 180"),
    Example("request-uri-in-brackets", sample(b"OPTIONS <sip:a> SIP/2.0"), b"<sip:a>"),
    Example("request-uri-whitespace", sample(b"OPTIONS sip:a; lr SIP/2.0"), b"sip:a; lr"),
    Example("request-uri-whitespace", sample(b"OPTIONS sip:a\tb SIP/2.0"), b"sip:a\tb"),
    Example("status-code-out-of-range", sample(b"SIP/2.0 099 Low"), b"099"),
    Example("status-code-out-of-range", sample(b"SIP/2.0 700 High"), b"700"),
    # required, once, not empty
    Example("header-missing", sample(Via=None), OPTIONS, "Via"),
    Example("header-missing", sample(From=None), OPTIONS, "From"),
    Example("header-missing", sample(To=None), OPTIONS, "To"),
    Example("header-missing", sample(Call_ID=None), OPTIONS, "Call-ID"),
    Example("header-missing", sample(CSeq=None), OPTIONS, "CSeq"),
    Example("header-missing", b"\r\n" + sample(RINGING, To=None), RINGING, "To"),
    Example("header-repeated", sample(OPTIONS, b"t: Eve <sip:eve@example.com>"), b"t: Eve", "To"),
    Example("header-repeated", sample(OPTIONS, b"call-id: again"), b"call-id: again", "Call-ID"),
    Example("header-repeated", sample(OPTIONS, b"Subject: a", b"s: a"), b"s: a", "Subject"),
    Example("header-repeated", sample(OPTIONS, b"L: 0"), b"Content-Length", "Content-Length"),
    Example("header-empty", sample(To=b""), b"\r\nCall-ID", "To"),
    Example("header-empty", sample(From=b" \r\n \r\n\t"), b"\r\nTo:", "From"),
    Example("header-empty", sample(Call_ID=b""), b"\r\nCSeq", "Call-ID"),
    Example("header-empty", sample(Max_Forwards=b""), b"\r\nFrom:", "Max-Forwards"),
    Example("header-empty", sample(CSeq=b""), b"\r\nContent-Length", "CSeq"),
    Example("header-empty", sample(Via=b""), b"\r\nMax-Forwards", "Via"),
    Example("header-empty", sample(Via=b" , ,"), b", ,", "Via"),
    *(
        Example("header-empty", sample(OPTIONS, b"%b: ," % name.encode()), b",\r\nContent-L", name)
        for name in ("Allow", "Supported", "Accept", "Recv-Info", "Allow-Events", "In-Reply-To")
    ),
    # empty items
    *(
        Example("list-item-empty", sample(OPTIONS, b"%b: %b" % (name.encode(), text)), at, name)
        for name, text, at in [
            ("Allow", b"INVITE, , ACK", b", ACK"),
            ("Allow", b"INVITE\r\n ,\r\n , , ACK", b", , ACK"),
            ("Contact", b"<sip:a@h>,", b",\r\nContent-L"),
            ("Contact", b'"," <sip:a@h>;x=",,"\t,\t', b",\t\r\n"),
            ("Record-Route", b",,<sip:a;lr>", b",,<"),
            ("Route", b"<sip:a,,b@c;lr>,, <sip:c;lr>", b", <sip:c"),
            ("Warning", b'399 h "x,,\\"",', b",\r\nContent-L"),
            ("In-Reply-To", b'a<b, c"d,,e', b",e\r\n"),
            ("P-Charging-Function-Addresses", b"ccf=a,,ecf=b", b",ecf"),
            ("Authorization", DIGEST.replace(b"qop=", b", qop="), b", qop"),
            ("Proxy-Authorization", DIGEST + b" ,", b",\r\nContent-L"),
            ("Authorization", DIGEST.replace(b"Digest ", b"Digest ,"), b',username="a"'),
        ]
    ),
    Example(
        "list-item-empty",
        answer(b"407", b'Proxy-Authenticate: Digest realm=",,",, nonce="b"'),
        *(b", nonce", "Proxy-Authenticate"),
    ),
    Example(
        "list-item-empty",
        answer(b"200", b"Authentication-Info: qop=auth,"),
        *(b",\r\nContent-L", "Authentication-Info"),
    ),
    *(
        Example("via-item-empty", sample(Via=via), at, "Via")
        for via, at in {
            VIA + b",": b",\r\nMax",
            b", " + VIA: b", SIP",
            VIA + b", ," + VIA: b"," + VIA,
        }.items()
    ),
    # words
    *(
        Example(code, sample(OPTIONS, b"%b: %b" % (name.encode(), text)), at, name)
        for code, name, text, at in [
            *(
                ("token-malformed", name, text, at)
                for name in ("Event", "Allow-Events")
                for text, at in [
                    (b"presence.", b"presence."),
                    (b".winfo", b".winfo"),
                    (b"a..b", b"a..b"),
                    (b".", b".\r\nCon"),
                ]
            ),
            ("token-malformed", "Allow-Events", b"a.b, c., d.", b"c."),
            ("token-malformed", "Privacy", b"id;;critical", b";;critical"),
            ("token-malformed", "Privacy", b"id;", b";\r\n"),
            ("token-malformed", "Privacy", b";id", b";id"),
            ("token-malformed", "Privacy", b"id , ;user", b", ;user"),
            ("privacy-comma", "Privacy", b"id;header , user", b", user"),
            ("session-id-capitals", "Session-ID", b"0A" * 16, b"0A0A"),
            ("session-id-capitals", "Session-ID", b"0a" * 16 + b";remote=" + b"0F" * 16, b"remote"),
            ("language-malformed", "Content-Language", b"en, en_US, x_y", b"en_US"),
            ("language-malformed", "Content-Language", b"english-", b"english-"),
            ("language-malformed", "Accept-Language", b"en;q=1, abcdefghi", b"abcdefghi"),
            ("date-iso", "Date", b"2024-03-06T10:20:30.123", b"2024"),
            ("date-iso", "Date", b"2024-03-06 10:20:30Z", b"2024"),
            ("date-space-missing", "Date", b"Fri,01 Jan 2010 16:00:00 GMT", b"01 Jan"),
            ("language-malformed", "Accept-Language", b'en;x="a,\\"b_", %', b"%\r"),
            *(
                ("parameter-empty", name, text, at)
                for name, text, at in [
                    ("Geolocation-Routing", b"yes;", b";\r\nContent-L"),
                    ("Geolocation-Routing", b";yes", b";yes"),
                    ("Geolocation-Routing", b"y;;es", b";;es"),
                    ("P-Charging-Vector", b"icid-value=a;", b";\r\nContent-L"),
                    ("P-Charging-Vector", b";icid-value=a", b";icid"),
                    ("P-Charging-Function-Addresses", b"ccf=a; ;ecf=b", b"; ;ecf"),
                ]
            ),
        ]
    ),
    *(
        Example("number-out-of-range", data, at, name)
        for name, at, data in [
            ("RSeq", b"00\r\n", sample(RINGING, b"Require: 100rel", b"RSeq: 00")),
            ("RAck", b"0 1 INV", request(b"PRACK", b"RAck: 0 1 INVITE")),
        ]
    ),
    *(
        Example(
            "passport-malformed",
            sample(OPTIONS, b"Identity: %b;info=<https://a>" % token),
            token,
            "Identity",
        )
        for token in (b"abc", b"..", b"..=", b"e30.e30.", b".e30.YQ", b"e30..YQ", b'"%41"', b'""')
    ),
    # values of some fields
    Example("cseq-malformed", sample(CSeq=b"OPTIONS 1"), b"OPTIONS 1", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"-1 OPTIONS"), b"-1 OPTIONS", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"1OPTIONS"), b"1OPTIONS", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17"), b"17\r\n", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17 OPTIONS x"), b" x\r\n", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17 OPT/IONS"), b"/IONS", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17\xc2\xa0OPTIONS"), b"17\xc2", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"17\x0cOPTIONS"), b"17\x0c", "CSeq"),
    Example("cseq-malformed", sample(CSeq=b"\xd9\xa1 OPTIONS"), b"\xd9\xa1", "CSeq"),
    Example("cseq-too-large", sample(CSeq=b"2147483648 OPTIONS"), b"2147483648", "CSeq"),
    Example("cseq-too-large", sample(CSeq=b"4294967297 OPTIONS"), b"4294967297", "CSeq"),
    Example("cseq-too-large", sample(CSeq=b"9" * 5_000 + b" OPTIONS"), b"99999", "CSeq"),
    Example("cseq-too-large", sample(RINGING, CSeq=b"2147483648 X"), b"2147483648", "CSeq"),
    Example("cseq-method-mismatch", sample(CSeq=b"17 INVITE"), b"17 INVITE", "CSeq"),
    Example("cseq-method-mismatch", sample(CSeq=b"17 options"), b"17 options", "CSeq"),
    Example("via-malformed", sample(Via=b"SIP/2.0/UDP"), b"\r\nMax-Forwards", "Via"),
    Example("via-malformed", sample(Via=b"SIP/2.0 a;branch=z9hG4bKz"), b" a;branch", "Via"),
    Example("via-malformed", sample(Via=b"192.0.2.1;branch=z9hG4bKz"), b";branch=z9hG4bKz", "Via"),
    Example("via-malformed", sample(Via=b"SIP/2.0/UDP\xc2\xa0a"), b"\xc2\xa0a", "Via"),
    Example("via-malformed", sample(OPTIONS, b"v: here"), b"\r\nContent-Length", "Via"),
    Example("quote-unterminated", sample(To=b'"Bob <sip:bob@example.com>'), b'"Bob', "To"),
    Example("quote-unterminated", sample(From=TORN + b";tag=1"), TORN, "From"),
    Example("quote-unterminated", sample(OPTIONS, b"m: " + TORN), TORN, "Contact"),
    Example("quote-unterminated", sample(OPTIONS, b"Route: " + TORN), TORN, "Route"),
    Example("quote-unterminated", sample(OPTIONS, b"Record-Route: " + TORN), TORN, "Record-Route"),
    Example("quote-unterminated", sample(To=b'"a\\\\\\"'), b'"a\\', "To"),
    Example("header-empty", sample(OPTIONS, b"m:"), b"\r\nContent-Length", "Contact"),
    # required in some messages
    Example("max-forwards-missing", sample(Max_Forwards=None), OPTIONS, "Max-Forwards"),
    *(
        Example("contact-missing", request(method, *more), method, "Contact")
        for method, more in {
            b"INVITE": [],
            b"SUBSCRIBE": [EVENT],
            b"NOTIFY": [EVENT, b"Subscription-State: active"],
            b"REFER": [b"Refer-To: <sip:eve@example.com>"],
        }.items()
    ),
    Example(
        "response-contact-missing", answer(b"200", method=b"INVITE"), b"SIP/2.0 200", "Contact"
    ),
    Example("update-contact-missing", request(b"UPDATE"), b"UPDATE", "Contact"),
    Example("rack-missing", request(b"PRACK"), b"PRACK", "RAck"),
    Example("rseq-missing", sample(RINGING, b"Require: a, 100REL"), RINGING, "RSeq"),
    Example("event-missing", request(b"SUBSCRIBE", CONTACT), b"SUBSCRIBE", "Event"),
    Example("publication-event-missing", request(b"PUBLISH"), b"PUBLISH", "Event"),
    Example(
        "publication-expires-missing",
        *(answer(b"200", b"SIP-ETag: a", method=b"PUBLISH"), b"SIP/2.0 200", "Expires"),
    ),
    Example(
        "subscription-state-missing",
        *(request(b"NOTIFY", CONTACT, EVENT), b"NOTIFY", "Subscription-State"),
    ),
    Example("refer-to-missing", request(b"REFER", CONTACT), b"REFER", "Refer-To"),
    *(
        Example(
            "response-contact-missing",
            *(answer(b"202", *more, method=method), b"SIP/2.0 202", "Contact"),
        )
        for method, more in {b"UPDATE": [], b"REFER": [], b"SUBSCRIBE": [b"Expires: 1"]}.items()
    ),
    Example(
        "expires-missing",
        *(answer(b"202", CONTACT, method=b"SUBSCRIBE"), b"SIP/2.0 202", "Expires"),
    ),
    Example(
        "sip-etag-missing",
        *(answer(b"200", b"Expires: 1", method=b"PUBLISH"), b"SIP/2.0 200", "SIP-ETag"),
    ),
    *(
        Example(f"{name.lower()}-missing", answer(status), b"SIP/2.0 " + status, name)
        for status, name in {
            b"401": "WWW-Authenticate",
            b"405": "Allow",
            b"407": "Proxy-Authenticate",
            b"415": "Accept",
            b"420": "Unsupported",
            b"421": "Require",
            b"422": "Min-SE",
            b"423": "Min-Expires",
            b"469": "Recv-Info",
            b"489": "Allow-Events",
            b"494": "Security-Server",
        }.items()
    ),
    Example(
        "content-length-missing",
        *(sample(Via=VIA.replace(b"UDP", b"tcp"), Content_Length=None), OPTIONS, "Content-Length"),
    ),
    # misplaced
    *(
        Example("header-misplaced", data, name.encode() + b":", name)
        for name, data in {
            "RAck": sample(OPTIONS, b"RAck: 1 2 INVITE"),
            "Refer-To": request(b"INVITE", CONTACT, b"Refer-To: <sip:a@b>"),
            "Replaces": sample(OPTIONS, b"Replaces: a;to-tag=b;from-tag=c"),
            "RSeq": answer(b"200", b"RSeq: 1"),
            "WWW-Authenticate": sample(OPTIONS, b'WWW-Authenticate: Digest realm="a", nonce="b"'),
            "Authorization": sample(RINGING, b"Authorization: Bearer a"),
            "Subscription-State": sample(OPTIONS, b"Subscription-State: active"),
            "Proxy-Require": request(b"CANCEL", b"Proxy-Require: a"),
            "Record-Route": request(b"REGISTER", b"Record-Route: <sip:a;lr>"),
            "Info-Package": sample(OPTIONS, b"Info-Package: a"),
            "Service-Route": sample(RINGING, b"Service-Route: <sip:a;lr>"),
            "Suppress-If-Match": request(b"PUBLISH", EVENT, b"Suppress-If-Match: a"),
        }.items()
    ),
    Example("reliability-missing", sample(RINGING, b"RSeq: 1", b"Require: a"), b"RSeq", "RSeq"),
    Example("reliability-misplaced", request(b"BYE", b"Require: 100rel"), b"Require", "Require"),
    Example(
        "join-and-replaces",
        request(
            b"INVITE",
            CONTACT,
            b"Replaces: a;to-tag=b;from-tag=c",
            b"Join: a;to-tag=b;from-tag=c",
        ),
        *(b"Join", "Join"),
    ),
    Example(
        "register-uri-user", sample(b"REGISTER " + URI, CSeq=b"7 REGISTER"), URI, "Request-URI"
    ),
    # identifiers of transactions and dialogs
    Example("tag-missing", sample(From=b"<sip:alice@example.com>"), b"<sip:alice", "From"),
    Example(
        "response-tag-missing", sample(RINGING, To=b"<sip:bob@example.com>"), b"<sip:bob", "To"
    ),
    *(
        Example("dialog-missing", request(method, *more, To=b"<sip:b@c>"), b"<sip:b@c>", "To")
        for method, more in {
            b"BYE": [],
            b"INFO": [],
            b"NOTIFY": [CONTACT, EVENT, b"Subscription-State: active"],
            b"PRACK": [b"RAck: 1 2 INVITE"],
            b"UPDATE": [CONTACT],
        }.items()
    ),
    Example("branch-missing", sample(Via=b"SIP/2.0/UDP a"), b"SIP/2.0/UDP", "Via"),
    Example("branch-missing", sample(OPTIONS, b"v: SIP/2.0/TCP b"), b"SIP/2.0/TCP", "Via"),
    *(
        Example("branch-malformed", sample(Via=b"SIP/2.0/UDP a;x;" + branch), b"branch", "Via")
        for branch in (
            b"branch=z9hG4bK",
            b"branch=Z9hG4bk",
            b'branch="z9hG4bK a"',
            b"branch=z9hG4bK@a",
            b"branch=z9hG4bK\xe2\x84\xaa",
            b'branch="";y',
            b"branch",
        )
    ),
    Example("branch-malformed", sample(Via=b"SIP/2.0/UDP a;branch=z9hG4bK, " + VIA), b"bra", "Via"),
    *(
        Example("received-malformed", sample(Via=VIA + b";" + received), b"received", "Via")
        for received in (
            b"received=not!an!addr",
            b"received=1.2.3",
            b"received=a:z",
            b'received=""',
            b"received",
        )
    ),
    # values of others
    *(
        Example("contact-wildcard-misused", data, b"*", "Contact")
        for data in (
            sample(OPTIONS, b"m: *"),
            request(b"REGISTER", b"m: *"),
            request(b"REGISTER", b"m: *", b"Expires: 1"),
            request(b"REGISTER", b"m: *, <sip:a@b>", b"Expires: 0"),
        )
    ),
    *(
        Example("contact-not-one", request(b"INVITE", *fields), at, "Contact")
        for at, fields in {
            b"<sip:a>": [b"m: <sip:a>, <sip:b>"],
            b"sip:d": [b"m: sip:d", b"m: sip:e"],
            b"<tel:+1": [b"m: <tel:+12015550123>"],
        }.items()
    ),
    *(
        Example("contact-not-sips", data, b"<sip:d", "Contact")
        for data in (
            sample(b"INVITE SIPS:a SIP/2.0", b"m: <sip:d>", CSeq=b"7 INVITE"),
            request(b"INVITE", b"Route: <sips:a;lr>, <sip:b;lr>", b"m: <sip:d>"),
        )
    ),
    Example("display-name-unquoted", sample(To=b"B. (Bob) <sip:b@c>;tag=1"), b"B. (", "To"),
    Example("display-name-unquoted", sample(To=b"Bj\xc3\xb6rn <sip:b@c>;tag=1"), b"Bj", "To"),
    Example("address-needs-brackets", sample(To=b"sip:b@c?a=b;tag=1"), b"sip:b@c?", "To"),
    Example("address-needs-brackets", sample(To=b"sip:a,b@c;tag=1"), b"sip:a,b", "To"),
    *(
        Example("address-needs-brackets", sample(start, b"%b: sip:%b" % (name, host)), at, header)
        for start, name, host, at, header in [
            (OPTIONS, b"Route", b"r", b"sip:r", "Route"),
            (OPTIONS, b"Record-Route", b"r", b"sip:r", "Record-Route"),
            (OPTIONS, b"Path", b"p;lr", b"sip:p", "Path"),
            (
                answer(b"200").partition(b"\r\n")[0],
                b"Service-Route",
                b"r",
                b"sip:r",
                "Service-Route",
            ),
            (OPTIONS, b"Alert-Info", b"r", b"sip:r", "Alert-Info"),
            (OPTIONS, b"Call-Info", b"r", b"sip:r", "Call-Info"),
            (OPTIONS, b"Error-Info", b"r", b"sip:r", "Error-Info"),
            (OPTIONS, b"Geolocation", b"r", b"sip:r", "Geolocation"),
            (OPTIONS, b"Diversion", b"r;reason=a", b"sip:r", "Diversion"),
            (OPTIONS, b"History-Info", b"r;index=1", b"sip:r", "History-Info"),
            (OPTIONS, b"Remote-Party-ID", b"r", b"sip:r", "Remote-Party-ID"),
            (OPTIONS, b"P-Associated-URI", b"r", b"sip:r", "P-Associated-URI"),
            (OPTIONS, b"P-Called-Party-ID", b"r", b"sip:r", "P-Called-Party-ID"),
        ]
    ),
    Example(
        "address-needs-brackets",
        sample(OPTIONS, b"Route: <sip:a;lr>,\r\n sip:b;lr"),
        *(b"sip:b;lr", "Route"),
    ),
    Example("address-whitespace", sample(To=b"< sip:b@c>;tag=1"), b"< sip", "To"),
    Example("address-whitespace", sample(To=b'"< b" <sip:b@c\t>;tag=1'), b"\t>", "To"),
    # tests/core/defects/test_uris.py has more of these
    Example("uri-user-malformed", sample(b"OPTIONS sip:#31@b SIP/2.0"), b"#31", "Request-URI"),
    Example("uri-user-malformed", sample(To=b"<sip:%zz@b>;tag=1"), b"%zz", "To"),
    Example("uri-user-malformed", sample(To=b"\r\n <sip:\xc3\xb6|@b>;tag=1"), b"\xc3", "To"),
    Example("uri-password-malformed", sample(To=b"<sip:b:c:d@e>;tag=1"), b":d@e", "To"),
    Example("uri-parameter-malformed", sample(To=b"<sip:b;x=c=d>;tag=1"), b"=d>", "To"),
    Example("uri-parameter-repeated", sample(To=b"<sip:b@c;lr;LR>;tag=1"), b"lr;LR", "To"),
    Example("uri-header-malformed", sample(To=b"<sip:b?c=d&&e=f>;tag=1"), b"&e=f", "To"),
    Example("host-underscore", sample(To=b"<sip:b@c_d>;tag=1"), b"_d>", "To"),
    Example("host-numeric", sample(To=b"<sip:b@3402000000>;tag=1"), b"3402", "To"),
    Example("host-extra-colon", sample(To=b"<sip:[1:::1.2.3.4]>;tag=1"), b":1.2.3.4", "To"),
    Example("tel-parameter-malformed", sample(To=b"<tel:+1;a=b,c>;tag=1"), b",c>", "To"),
    Example("tel-parameter-repeated", sample(To=b"<tel:+1;ext=2;EXT=3>;tag=1"), b"ext=2", "To"),
    Example("parameter-repeated", sample(To=b"<sip:b@c>;x;tag=1;X"), b"x;tag", "To"),
    Example("parameter-empty", sample(To=b"<sip:b@c>;tag=1; "), b"; \r\n", "To"),
    Example("parameter-empty", sample(To=b'<sip:b@c>;x=";;"; ;tag=1'), b"; ;tag", "To"),
    Example("parameter-empty", sample(To=b"<sip:b;;@c;;lr>;tag=1"), b";;lr", "To"),
    Example("parameter-empty", sample(Via=b"SIP/2.0/UDP a;;branch=z9hG4bKz"), b";;branch", "Via"),
    Example("request-uri-headers", sample(b"OPTIONS sip:?@b?c=d SIP/2.0"), b"?c", "Request-URI"),
    Example("call-id-malformed", sample(Call_ID=b"a b@c"), b" b@c", "Call-ID"),
    Example("call-id-malformed", sample(Call_ID=b"a@b@c"), b"@c", "Call-ID"),
    Example("call-id-malformed", sample(Call_ID=b"a@"), b"@\r\n", "Call-ID"),
    Example("call-id-malformed", sample(Call_ID=b"\xc3\xb6@c"), b"\xc3\xb6@c", "Call-ID"),
    *(
        Example("parameter-value-malformed", sample(OPTIONS, b"m: " + value), at, "Contact")
        for value, at in {
            b"<sip:a>;q=1; x = a:b ;y=c": b":b ;y",
            b"<sip:a>;x=\xc3\xb6": b"\xc3\xb6\r",
            b'"\xc3\xb6" <sip:a>;x="\xc3\xb6;";\r\n y=[2001:db8::1]:5': b"[2001",
            b"<sip:a>;x=;q=1": b";q=1",
            b"<sip:a>;x=": b"\r\nContent-L",
            b"<sip:a>;x=2001:db8::1": b":db8",
            b"<sip:a>;received=2001:db8::1": b":db8",
            b"<sip:a>;x=a=b": b"=b\r\n",
        }.items()
    ),
    *(
        Example("parameter-value-malformed", data, at, header)
        for data, at, header in [
            (sample(To=b"<sip:b>;x=\\;tag=1"), b"\\;tag", "To"),
            (sample(Via=b"SIP/2.0/UDP a;branch=z9hG4bKz;x=2001:db8::1"), b":db8", "Via"),
            (sample(Via=b"SIP/2.0/UDP a;branch=z9hG4bKz;x=z@a"), b"@a", "Via"),
            (
                sample(Via=b"SIP/2.0/UDP a;branch=z9hG4bKz;x=\xe2\x84\xaa"),
                b"\xe2",
                "Via",
            ),  # Kelvin sign
            (sample(OPTIONS, b"Reason: SIP;cause=200;x=a:b"), b":b\r", "Reason"),
            (sample(OPTIONS, b"Accept: text/plain;q=1;x=a/b"), b"/b\r", "Accept"),
            (
                sample(OPTIONS, b"P-Charging-Vector: icid-value=a:1;x=y"),
                b":1;x",
                "P-Charging-Vector",
            ),
            (sample(OPTIONS, b"Authorization: Odd a=b, c=d:e, f=g"), b":e,", "Authorization"),
            (
                answer(b"200", b"Authentication-Info: qop=auth/x, nc=00000001"),
                b"/x",
                "Authentication-Info",
            ),
        ]
    ),
    Example("parameter-value-missing", sample(To=b"<sip:b@c>;x;tag"), b"tag\r", "To"),
    Example("parameter-quoted", sample(To=b'<sip:b@c>;x;tag="1"'), b'tag="', "To"),
    Example("parameter-unquoted", sample(OPTIONS, b"Reason: SIP;text=busy"), b"text=", "Reason"),
    Example("parameter-value-unexpected", sample(Via=VIA + b";alias=yes"), b"alias=", "Via"),
    Example(
        "token-quoted",
        sample(OPTIONS, b"Authorization: " + DIGEST.replace(b"=auth,", b'="auth",')),
        *(b'qop="', "Authorization"),
    ),
    *(
        Example(f"tel-context-{code}", data, at, header)
        for code, data, at, header in [
            ("missing", sample(b"OPTIONS tel:7042 SIP/2.0"), b"tel:7", "Request-URI"),
            ("missing", sample(To=b"<tel:7042;ext=1>;tag=1"), b"tel:7", "To"),
            ("missing", sample(To=b"tel:*21#;tag=1"), b"tel:*", "To"),
            ("malformed", sample(To=b"<tel:7042;phone-context=>;tag=1"), b"phone", "To"),
            ("malformed", sample(To=b"<tel:7042;phone-context=1-201>;tag=1"), b"1-201", "To"),
            ("malformed", sample(To=b"<tel:7042;phone-context=+a>;tag=1"), b"+a", "To"),
        ]
    ),
    # digest
    *(
        Example(
            f"digest-{name}-missing",
            sample(OPTIONS, b"Authorization: " + without(DIGEST, name)),
            *(b"Digest", "Authorization"),
        )
        for name in ("username", "realm", "nonce", "uri", "response", "cnonce", "nc")
    ),
    *(
        Example(
            f"digest-{name}-missing",
            answer(b"407", b"Proxy-Authenticate: " + without(CHALLENGE, name)),
            *(b"DIGEST", "Proxy-Authenticate"),
        )
        for name in ("realm", "nonce")
    ),
    # parameters that must be there, or have a grammar of their own
    *(
        Example(
            "history-index-missing",
            *(sample(OPTIONS, b"History-Info: " + value), at, "History-Info"),
        )
        for value, at in {
            b"<sip:x>": b"<sip:x",
            b"<sip:x>;index=1, <sip:y>;rc=1": b"<sip:y",
            b"<sip:x>;index": b"<sip:x",
        }.items()
    ),
    Example("identity-info-missing", sample(OPTIONS, b"y: ..c2ln;alg=x"), b"..c2", "Identity"),
    Example(
        "icid-value-missing",
        sample(OPTIONS, b"P-Charging-Vector: orig-ioi=a"),
        *(b"orig-ioi", "P-Charging-Vector"),
    ),
    Example(
        "refresher-malformed",
        request(b"INVITE", CONTACT, b"x: 90;refresher=bob"),
        *(b"refresher", "Session-Expires"),
    ),
    # times
    *(
        Example("session-interval-too-small", data, b"89", header)
        for header, data in {
            "Session-Expires": request(b"INVITE", CONTACT, b"x: 89;refresher=uac"),
            "Min-SE": request(b"INVITE", CONTACT, b"Min-SE: 89"),
        }.items()
    ),
    Example(
        "passport-date-mismatch",
        sample(OPTIONS, DATE, b"Identity: " + signed(AT - 60), b"Identity: " + signed(AT + 61)),
        *(signed(AT + 61), "Identity"),
    ),
    # the body
    Example("body-too-short", sample(body=b"v=0", Content_Length=b"4"), b"v=0", "Content-Length"),
    Example("body-too-long", sample(body=b"v=0") + b"\r\nmore", b"\r\nmore", "Content-Length"),
    Example("line-ends-lf", sample(line_end=b"\n"), b"\n"),
    Example("line-ends-mixed", sample().replace(b"\r\nTo", b"\nTo"), b"\nTo"),
    Example("text-encoding-malformed", sample(b"SIP/2.0 200 \xff\xfe"), b"\xff", "Reason-Phrase"),
    Example("text-encoding-malformed", sample(OPTIONS, b"Subject: Z\xfcrich"), b"\xfcr", "Subject"),
    Example(
        "content-type-missing",
        *(sample(OPTIONS, Content_Length=b"3") + b"abc", b"abc", "Content-Type"),
    ),
]

ALLOWED = {
    "numbers with zeros before them": sample(CSeq=b"000063104 OPTIONS", Max_Forwards=b"0070"),
    "more zeros than digits fit": sample(
        CSeq=b"0" * 9_000 + b"1 OPTIONS", Max_Forwards=b"0" * 9_000
    ),
    "the largest numbers": sample(CSeq=b"2147483647 OPTIONS", Max_Forwards=b"255"),
    "the smallest numbers": sample(CSeq=b"0 OPTIONS", Max_Forwards=b"0"),
    "a folded CSeq": sample(CSeq=b"1\r\n OPTIONS"),
    "tabs in a CSeq": sample(CSeq=b"1\t\t OPTIONS"),
    "what RFC 2543 leaves out": request(
        b"INVITE", Max_Forwards=None, From=b"<sip:a@b>", Via=b"SIP/2.0/UDP a"
    ),
    "a hop without a branch": sample(Via=b"SIP/2.0/UDP a, " + VIA),
    "a branch of a single character past the cookie": sample(Via=b"SIP/2.0/UDP a;branch=z9hG4bKx"),
    "a branch without the cookie": sample(Via=b"SIP/2.0/UDP a;branch=z"),
    "a branch with the cookie in any case": sample(Via=b"SIP/2.0/UDP a;branch=Z9HG4BK.1"),
    "a branch of RFC 3261 in a hop of what is of RFC 2543": request(
        b"BYE",
        Via=b"SIP/2.0/UDP a;branch=z9hG4bKz, SIP/2.0/UDP b",
        From=b"<sip:a@b>",
        Max_Forwards=None,
    ),
    "a request of RFC 2543 with a branch of its own": request(
        b"BYE",
        Via=b"SIP/2.0/UDP a;branch=2d4790.1",
        From=b"<sip:a@b>",
        To=b"<sip:b>",
        Max_Forwards=None,
    ),
    "quotes and brackets in Call-IDs": request(
        b"INVITE",
        *(CONTACT, b'Replaces: a"b@c;to-tag=1;from-tag=2;x=";;"', b'In-Reply-To: a<b, c>d,"'),
        b'Target-Dialog: a"<b;local-tag=1;remote-tag=2',
    ),
    "semicolons, commas and quotes in a comment": sample(
        OPTIONS, b'Retry-After: 120 (a;;b, "c;(d;) \\( ;);duration=1'
    ),
    "two Authentication-Info, which are one list": answer(
        b"200", b'Authentication-Info: nextnonce="a"', b"Authentication-Info: qop=auth, nc=00000001"
    ),
    "P-Charging-Function-Addresses, which are a list": sample(
        OPTIONS,
        b'P-Charging-Function-Addresses: ccf=a;ecf=b, ccf="c,d"',
        b"P-Charging-Function-Addresses: ccf=e",
    ),
    "values with parameters": request(
        b"REFER",
        *(
            CONTACT,
            b"Refer-To: <sip:a@b>",
            b"Refer-Sub: false;x=1",
            b"Geolocation-Routing: foo=bar",
        ),
    ),
    "events with templates": request(
        b"SUBSCRIBE", CONTACT, b"Event: presence.winfo.x;id=a.", b"Allow-Events: a.b, c"
    ),
    "languages": sample(
        OPTIONS, b"Accept-Language: zh-Hans-CN;q=0.5, *, es-419", b"Content-Language: en-US"
    ),
    "a delay without digits": sample(OPTIONS, b"Timestamp: 54. ."),
    "values of Privacy with whitespace": sample(OPTIONS, b"Privacy: id ; header;\tuser"),
    "no tag in To of a request": sample(To=b"<sip:bob@example.com>"),
    "no tag in To of a 100": answer(b"100", To=b"<sip:bob@example.com>"),
    "a request with its Contact": request(b"INVITE", CONTACT),
    "an error response to INVITE": answer(b"486", method=b"INVITE"),
    "a PRACK": request(b"PRACK", b"RAck: 1 2 INVITE"),
    "a reliable response": sample(RINGING, b"Require: 100rel", b"RSeq: 1"),
    "an unreliable response that requires more": sample(RINGING, b"Require: 100relx"),
    "a NOTIFY": request(b"NOTIFY", CONTACT, EVENT, b"Subscription-State: active"),
    "a SUBSCRIBE": request(b"SUBSCRIBE", CONTACT, EVENT),
    "a PUBLISH": request(b"PUBLISH", EVENT, b"SIP-If-Match: a"),
    "a REFER": request(b"REFER", CONTACT, b"Refer-To: <sip:eve@example.com>"),
    "an answer to SUBSCRIBE": answer(b"200", CONTACT, b"Expires: 60", method=b"SUBSCRIBE"),
    "an error response to UPDATE": answer(b"500", method=b"UPDATE"),
    "an answer to PUBLISH": answer(b"200", b"Expires: 60", b"SIP-ETag: a", method=b"PUBLISH"),
    "a challenge": answer(b"401", b'WWW-Authenticate: Digest realm="a", nonce="b"'),
    "a challenge of a proxy": answer(b"407", b'Proxy-Authenticate: Digest realm="a", nonce="b"'),
    "an empty Allow in a 405": answer(b"405", b"Allow:"),
    "a 415 for the encoding": answer(b"415", b"Accept-Encoding: gzip"),
    "a 421": answer(b"421", b"Require: path"),
    "a 469": answer(b"469", b"Recv-Info:"),
    "a 420": answer(b"420", b"Unsupported: a"),
    "a 422": answer(b"422", b"Min-SE: 90"),
    "a 423": answer(b"423", b"Min-Expires: 90"),
    "a 489": answer(b"489", b"u: presence"),
    "a 494": answer(b"494", b"Security-Server: tls"),
    "Require in what is not CANCEL": request(b"BYE", b"Require: a", b"Proxy-Require: b"),
    "Record-Route in what is not REGISTER": sample(OPTIONS, b"Record-Route: <sip:a;lr>"),
    "a name of tokens": sample(To=b"B. O'Neil <sip:b@c>;tag=1"),
    "a name in UTF-8 and quotes": sample(To=b'"\xc3\xb6 < " <sip:b@c>;tag=1'),
    "an address without brackets": sample(To=b"sip:b@c;tag=1"),
    "an address without brackets and some in a parameter": sample(To=b'sip:b@c;x="< >";tag=1'),
    "whitespace in brackets that are quoted": sample(To=b'"< >" <sip:b@c>;x="< >";tag=1'),
    "a URI with header fields in brackets": sample(OPTIONS, b"m: <sip:a,b@c?a=b&c=%3b>"),
    "every character that a user may have": sample(b"OPTIONS sip:%23-_.!~*'()&=+$,;?/@b SIP/2.0"),
    "parameters of other names": sample(To=b"<sip:b@c;lr;x>;lr;x;tag=1"),
    "semicolons in a user": sample(To=b"<sip:b;;c;@d;lr>;tag=1"),
    "semicolons in quotes": sample(To=b'";;" <sip:b@c>;x=";;";tag=1'),
    "a wildcard that ends all bindings": request(b"REGISTER", b"m: *", b"Expires: 000"),
    "line ends past the header without a length": sample(Content_Length=None) + b"\r\n\r\n",
    "no Content-Length": sample(Content_Length=None, body=b"v=0"),
    "a version in small letters": sample(b"OPTIONS sip:bob@example.com sip/2.0"),
    "an unknown method": sample(b"a-!%*_+`'~.b sip:a SIP/2.0", CSeq=b"1 a-!%*_+`'~.b"),
    "an unknown scheme": sample(b"OPTIONS unheard-of:opaque SIP/2.0"),
    "the lowest status": sample(b"SIP/2.0 100 Trying"),
    "the highest status": sample(b"SIP/2.0 699 Unheard Of"),
    "an empty reason": sample(b"SIP/2.0 200 "),
    "spaces in a reason": sample(b"SIP/2.0 200  a\tb  "),
    "another method in the CSeq of a response": sample(RINGING, CSeq=b"1 INVITE"),
    "line ends before the start line": b"\r\n\n" + sample(),
    "bytes past the body": sample(body=b"v=0") + b"more",
    "a body as long as it says": sample(body=b"\0" * 10_000),
    "fields that repeat": sample(
        OPTIONS,
        b"Via: SIP/2.0/TCP a;branch=z9hG4bKz",
        b"m: <sip:a>",
        b"Contact: <sip:b>",
        b"Allow: A",
        b"Allow: B",
    ),
    "unknown fields that repeat": sample(OPTIONS, b"X-Id: 1", b"x-id: 1"),
    "an empty unknown field": sample(OPTIONS, b"X-Any:"),
    "white space around the slashes of a Via": sample(
        Via=b"SIP / 2.0\r\n / UDP\t a:5060 ; branch=z9hG4bKz"
    ),
    "an unknown transport and protocol": sample(Via=b"PIS/9/x-y a;branch=z9hG4bKz"),
    "two Vias in one field": sample(
        Via=b"SIP/2.0/UDP a;branch=z9hG4bKz , SIP/2.0/TCP [2001:db8::1];branch=z9hG4bKz"
    ),
    "a quoted parameter of a Via": sample(Via=b'SIP/2.0/UDP a;x=";;,";branch=z9hG4bKz'),
    "quotes that close": sample(To=b'"a\\"b\\\\" <sip:b>;x="y";tag=1', From=b'"" <sip:b>;tag=2'),
    "an escaped NUL": sample(From=b'"\\\0\\\x07\\\x7f" <sip:b>;tag=1'),
    "no tag in To of what begins a dialog, or is in none": request(
        b"SUBSCRIBE", CONTACT, EVENT, To=b"<sip:b@c>"
    ),
    "no tag in To of a CANCEL": request(b"CANCEL", To=b"<sip:b@c>"),
    "no tag in To of a BYE of RFC 2543": request(
        b"BYE", To=b"<sip:b>", From=b"<sip:a>", Via=b"SIP/2.0/UDP a", Max_Forwards=None
    ),
    "RSeq and what it asks for": sample(RINGING, b"RSeq: 1", b"Require: a, 100rel"),
    "an INVITE that requires 100rel": request(b"INVITE", CONTACT, b"Require: 100rel"),
    "a secure Contact for a secure Request-URI": sample(
        b"INVITE sips:a SIP/2.0", b"m: <sips:a>", CSeq=b"7 INVITE"
    ),
    "a secure Contact for any": request(b"INVITE", b"m: <sips:a>"),
    "many Contacts in what makes no dialog": request(b"REGISTER", b"m: <sip:a>, <tel:+1>"),
    "many Contacts in a response": answer(b"302", b"m: <sip:a>, <tel:+1>", method=b"INVITE"),
    "a REGISTER of another scheme": sample(b"REGISTER a:b@c SIP/2.0", CSeq=b"7 REGISTER"),
    "addresses that need no brackets": sample(
        OPTIONS,
        *(b"Reply-To: sip:a", b"Referred-By: sip:a", b"P-Asserted-Identity: sip:a;x"),
    ),
    "every character of a Call-ID": sample(
        Call_ID=b"aZ09-.!%*_+`'~()<>:\\\"/[]?{}@aZ09-.!%*_+`'~()<>:\\\"/[]?{}"
    ),
    "values of parameters": sample(
        OPTIONS,
        b'm: <sip:a@b;x=y[z>;a=aZ09-.!%*_+`\'~;b = [2001:db8::1] ;c="\xc3\xb6@;=";d;e=192.0.2.1',
        b"Identity: ..c2lnbmVk;info=<https://a.example/?a=b;c=d>;alg=ES256",
    ),
    "addresses in a Via": sample(
        Via=b"SIP/2.0/UDP a;RECEIVED = 2001:db8::1 ;branch=z9hG4bKz;maddr=[2001:db8::2]"
    ),
    "a local number in its context": sample(
        b"OPTIONS tel:7042;phone-context=a-1.example.com SIP/2.0",
        To=b"<tel:863-1234;Phone-Context=+1-914-555>;tag=1",
    ),
    "a global number": sample(b"OPTIONS tel:+1-201-555-0123 SIP/2.0"),
    "credentials of Digest": sample(OPTIONS, b"Authorization: " + DIGEST),
    "credentials of RFC 2069": sample(
        OPTIONS,
        b'Authorization: digest username="a",realm="",nonce="",uri="",response=""',
    ),
    "credentials with a username of RFC 8187": sample(
        OPTIONS,
        b"Proxy-Authorization: " + DIGEST.replace(b'username="a"', b"username*=UTF-8''a$"),
    ),
    "credentials of AKA": sample(
        OPTIONS, b'Authorization: Digest username="a", algorithm=AKAv1-MD5, auts="b"'
    ),
    "credentials of an unknown scheme": sample(OPTIONS, b"Authorization: Unheard a=b, c=d"),
    "the shortest sessions": request(b"INVITE", CONTACT, b"x: 90;refresher=UAS", b"Min-SE: 90"),
    "every entry of a history with its index": sample(
        OPTIONS, b"History-Info: <sip:a>;index=1, <sip:b>;Index=1.1;rc=1"
    ),
    "a charging vector": sample(OPTIONS, b'P-Charging-Vector: ICID-Value="a;b";orig-ioi=c'),
    "a PASSporT of the time of Date": sample(
        OPTIONS, DATE, *[b"Identity: " + signed(at) for at in (AT - 60, AT + 60, None)]
    ),
    "a PASSporT of any time": sample(OPTIONS, b"Identity: " + signed(1)),
    "a Date and no PASSporT": sample(OPTIONS, DATE, b'Identity: "c2lnbmVk"'),
    "an open quote in a field without quoted strings": sample(OPTIONS, b'Subject: 5" of rain'),
}


def test_every_defect_has_an_example() -> None:
    of_values = {
        "call-id-malformed",
        "token-malformed",
        "number-out-of-range",
        "passport-malformed",
    }
    codes = {fault.code for fault in MESSAGE_FAULTS} | of_values
    assert {example.code for example in EXAMPLES} == codes


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.code} {example.at!r}")
def test_a_defect_is_found_where_it_is(engine: Engine, example: Example) -> None:
    fault = FAULTS[example.code]
    message = engine.parse(example.data, datagram=True)
    is_answered = not example.data.lstrip().startswith((b"SIP/", b"ACK "))
    expected = Defect(
        *(example.code, example.header, example.data.index(example.at), fault.severity),
        *(fault.status if is_answered else None, fault.rfc),
    )
    assert message.defects == (expected,)
    assert message.defects is message.defects
    assert str(expected) == f"{expected.text} (byte {expected.offset})"
    assert example.header is None or example.header in expected.text

    if expected.severity == "warning":
        assert engine.parse(example.data, strict=True) == message
        return
    with pytest.raises(ParseError) as caught:
        engine.parse(example.data, strict=True)
    assert str(caught.value) == str(expected)


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed_forms_have_no_defect(engine: Engine, name: str) -> None:
    assert engine.parse(ALLOWED[name], strict=True).defects == ()


NAMES = sorted({header.name for header in HEADER_NAMES} - {"Content-Length"})  # `parse` reads it


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("text", [b"", b" \t ", b"\r\n "])
def test_fields_are_empty_only_if_their_grammar_allows_it(
    engine: Engine, name: str, text: bytes
) -> None:
    header = header_name(name)
    assert header is not None
    usual = ("Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards")
    changed: dict[str, Any] = {name.replace("-", "_"): None} if name in usual else {}
    data = sample(OPTIONS, b"%b:%b" % (name.encode(), text), **changed)
    defects = [one.code for one in engine.parse(data).defects if one.header == name]
    assert [code for code in defects if not code.startswith("header-misplaced")] == (
        [] if header.may_be_empty else ["header-empty"]
    )


def test_a_header_is_named_as_it_is_registered(engine: Engine) -> None:
    data = sample(OPTIONS, b"mAX-fORWARDS: x", b"f: <sip:e@example.com>;tag=1", Max_Forwards=None)
    assert [(defect.code, defect.header) for defect in engine.parse(data).defects] == [
        ("number-malformed", "Max-Forwards"),
        ("header-repeated", "From"),
    ]


def test_the_status_code_is_found_past_more_whitespace(engine: Engine) -> None:
    data = sample(b"SIP/2.0 \t 099 Low")
    assert [(defect.code, defect.offset) for defect in engine.parse(data).defects] == [
        ("start-line-whitespace", 0),
        ("status-code-out-of-range", 10),
    ]


def test_defects_come_in_the_order_of_their_bytes(engine: Engine) -> None:
    data = sample(
        b"MESSAGE <sip:a b>  SIP/3.0",
        b"To: <sip:c>",
        b"v: x",
        Via=b"y",
        CSeq=b"z",
        Max_Forwards=b"999",
        From=None,
        Content_Length=b"5",
    )
    defects = engine.parse(data).defects
    offsets = [defect.offset for defect in defects]
    assert offsets == sorted(offsets)
    assert [(defect.code, defect.header) for defect in defects] == [
        ("start-line-whitespace", None),
        ("header-missing", "From"),
        ("request-uri-in-brackets", None),
        ("request-uri-whitespace", None),
        ("version-unsupported", None),
        ("via-malformed", "Via"),
        ("max-forwards-too-large", "Max-Forwards"),
        ("cseq-malformed", "CSeq"),
        ("header-repeated", "To"),
        ("via-malformed", "Via"),
        ("body-too-short", "Content-Length"),
    ]


def test_a_message_without_header_fields_lacks_six(engine: Engine) -> None:
    assert [defect.header for defect in engine.parse(OPTIONS + b"\r\n\r\n").defects] == [
        *("Via", "From", "To", "Call-ID", "CSeq", "Max-Forwards"),
    ]


def test_every_repetition_is_a_defect(engine: Engine) -> None:
    data = sample(OPTIONS, *[b"Subject: %d" % number for number in range(400)])
    defects = engine.parse(data).defects
    assert [defect.code for defect in defects] == ["header-repeated"] * 399
    assert [defect.offset for defect in defects] == [
        data.index(b"Subject: %d\r" % number) for number in range(1, 400)
    ]


# ---- typed values --------------------------------------------------------------------------------

# Values of header fields that are numbers, or have numbers and times in them.
MALFORMED = {
    "Contact": [
        b"<sip:a@b>;q=1.1",
        b"<sip:a@b>;expires=soon",
        b"<sip:a@b>;expires=280297596632815",
    ],
    "Date": [b"Fri, 01 Jan 2010 16:00:00 EST", b"yesterday"],
    "Diversion": [b"<sip:a@b>;counter=x"],
    "Expires": [b"soon", b"-1", b"9" * 400],
    "History-Info": [b"<sip:a b>;index=1"],
    "Min-Expires": [b"x"],
    "Min-SE": [b"x"],
    "Path": [b"<sip:a"],
    "RSeq": [b"x"],
    "Retry-After": [b"x"],
    "Route": [b"<sip:a:70000>"],
    "Session-Expires": [b"x"],
    "Via": [b"SIP/2.0/UDP a;branch=z9hG4bKz;ttl=256", b"SIP/2.0/UDP a;branch=z9hG4bKz;rport=x"],
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_value_that_cannot_be_read_is_a_defect(engine: Engine, name: str) -> None:
    """At the byte that the error names which its property, or `parse_header`, raises."""
    types = vars(engine.module("message.properties").Typed).values()
    fields = {field.header_id for field in types if hasattr(field, "header_id")}
    for value in MALFORMED[name] if HEADER_IDS[name.lower()] in fields else ():
        data = sample(OPTIONS, b"X-Any: y", b"%b:\r\n %b" % (name.encode(), value))
        found = [defect for defect in engine.parse(data).defects if defect.header == name]
        assert [defect for defect in found if defect.code != "header-misplaced"], value
        for defect in found:
            begin = data.index(name.encode() + b":\r\n")
            value_at = data.index(b"\r\n " + value, begin)
            assert begin <= defect.offset <= value_at + len(b"\r\n " + value)


def test_every_field_of_a_name_is_looked_at(engine: Engine) -> None:
    values = b"<sip:a:1>", b"<sip:a:x>", b"sip:b, <sip:c;;lr>", b"<", b"<sip:d"
    lines = [b"Route: " + value for value in values]
    data = sample(OPTIONS, *lines)
    assert [(defect.code, defect.offset) for defect in engine.parse(data).defects] == [
        ("port-malformed", data.index(b"x>")),
        ("address-needs-brackets", data.index(b"sip:b, ")),
        ("parameter-empty", data.index(b";;lr")),
        ("address-malformed", data.index(b"<\r\n")),
        ("address-malformed", data.index(b"<sip:d")),
    ]


def test_values_before_a_malformed_one_are_looked_at(engine: Engine) -> None:
    data = sample(OPTIONS, b"Route: <sip:\xc3\xb6;lr>, <sip:a:x>, <sip:b>;y=, <sip:c")
    assert [(defect.code, defect.offset) for defect in engine.parse(data).defects] == [
        ("host-malformed", data.index(b"\xc3")),
        ("port-malformed", data.index(b"x>")),
        ("parameter-value-malformed", data.index(b", <sip:c")),
        ("address-malformed", data.index(b"<sip:c")),
    ]


@pytest.mark.parametrize(
    ("field", "at"),
    [
        (b"Reason: Q.850;cause=abc", b"cause"),
        (b"P-Charging-Function-Addresses: ccf=1;c<d", b"c<d"),
        (b"Authorization: Bearer username*=x, nc=0", b"username"),
        (b"History-Info: <sip:a b>;index=1", b" b>"),
        (
            b"History-Info: <sip:x?Reason=SIP%3bcause%3dx&Reason=SIP%3bcause%3dy>;index=1",
            b"Reason=",
        ),
        (b"Identity: e30.W10.AA;info=<https://a.example>", b"W10"),
    ],
    ids=lambda value: value.decode(),
)
def test_what_several_properties_raise_is_one_defect(
    engine: Engine, field: bytes, at: bytes
) -> None:
    data = sample(OPTIONS, field)
    assert [defect.offset for defect in engine.parse(data).defects] == [data.index(at)]


def test_malformed_value_causes_no_other_defect(engine: Engine) -> None:
    data = sample(Via=b"?", From=b"?", To=b"?")
    assert {defect.header for defect in engine.parse(data).defects} == {"Via", "From", "To"}


# ---- at a time -----------------------------------------------------------------------------------


def test_a_date_is_stale_a_minute_before_and_after(engine: Engine) -> None:
    """RFC 8224 6.2: sixty seconds; it is the Date that counts, where there is one."""
    message = engine.parse(sample(OPTIONS, DATE, b"y: " + signed(AT + 50), To=b"< sip:b>;tag=1"))
    stale = errors.defect("date-stale", message.raw.index(b"Fri,"), "Date")
    assert (stale.text, stale.status_hint) == ("Stale Date", 403)
    for now in (AT, AT - 60, AT + 60.0):
        assert message.defects_at(now) == message.defects
    for now in (AT - 61, AT + 60.5, 0, -1e300, float("inf"), 10**400, -(10**400)):
        assert message.defects_at(now) == (*message.defects, stale)
    assert len(message.defects) == 1


def test_without_a_date_it_is_each_passport_that_is_stale(engine: Engine) -> None:
    fields = [b"y: " + signed(at) for at in (AT, AT + 100, None, AT + 500)]
    message = engine.parse(sample(OPTIONS, *fields, b"Identity: a.b.c"))
    raw, found = message.raw, message.defects_at(AT)
    stale = [defect for defect in found if defect not in message.defects]
    assert [(defect.code, defect.header, defect.offset) for defect in stale] == [
        ("date-stale", "Identity", raw.index(signed(AT + 100))),
        ("date-stale", "Identity", raw.index(signed(AT + 500))),
    ]


@pytest.mark.parametrize(
    "fields", [[DATE], [b"Date: yesterday", b"y: " + signed(AT)], [b"y: x"], [b'y: "c2lnbmVk"']]
)
def test_no_other_date_is_stale(engine: Engine, fields: list[bytes]) -> None:
    message = engine.parse(sample(OPTIONS, *fields))
    assert message.defects_at(0) == message.defects


@pytest.mark.parametrize("now", ["x", b"0", None, 1 + 2j, datetime.now(timezone.utc)])
@pytest.mark.parametrize("fields", [[], [DATE, b"y: x"], [b"y: " + signed(AT)]])
def test_a_time_of_another_type_is_named(engine: Engine, fields: list[bytes], now: Any) -> None:
    message = engine.parse(sample(OPTIONS, *fields))
    with pytest.raises(TypeError, match=f"^now must be int or float, not {type(now).__name__}$"):
        message.defects_at(now)


# ---- on any bytes --------------------------------------------------------------------------------

SEEDS = [example.data for example in EXAMPLES] + list(ALLOWED.values())
PIECES = st.sampled_from([bytes([byte]) for byte in b';,"<>%@*?=: \xff\0'] + [b"\r\n "])


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """An example or a valid message, with some bytes inserted, removed or changed."""
    data = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.integers(0, 3))
        data = data[:at] + draw(PIECES | st.binary(max_size=3)) + data[at + cut :]
    return data


def defects_of(engine: Engine, data: bytes) -> object:
    made = attempt(engine, data)
    return made.code if isinstance(made, ParseError) else (made.defects, made.defects_at(AT))


@given(mutated() | st.binary(max_size=60).map(lambda value: sample(OPTIONS, b"m: " + value)))
def test_no_message_makes_it_raise_and_both_engines_agree(
    native: Engine, pure: Engine, data: bytes
) -> None:
    assert defects_of(native, data) == defects_of(pure, data)


def test_a_list_of_many_faults_is_not_looked_at_to_its_end(engine: Engine) -> None:
    """Where a fault is, is counted from the start of the field: all of many would cost too much."""
    data = sample(OPTIONS, b"m: " + b", ".join([b"<sip:a@b>;q=2"] * 100), b"m: <sip:a@b>;q=3")
    offsets = [defect.offset for defect in engine.parse(data).defects]
    assert offsets == [data.index(b"\r\nm:") + 15 + 15 * turn for turn in range(8)] + [
        data.index(b"q=3")
    ]


def test_the_place_of_a_fault_is_found_in_linear_time(engine: Engine) -> None:
    """A run of white space that ends in no fold is passed over once."""
    data = sample(OPTIONS, b"Route:\r\n <sip:a>" + b" " * 500_000 + b"\r\n x")

    def read() -> None:
        message = engine.parse(data, limits=engine.NO_LIMITS)
        assert [defect.code for defect in message.defects] == ["address-malformed"]

    assert within(read, 5)


def test_many_parameters_are_one_defect_of_each_kind(engine: Engine) -> None:
    """10,000 parameters, all of one name, and empty ones between."""
    data = sample(To=b"<sip:b" + b";x;" * 10_000 + b">;tag=1" + b" ;y; " * 10_000)
    message = engine.parse(data, limits=engine.NO_LIMITS)
    codes = [defect.code for defect in message.defects]
    assert sorted(codes) == [
        *("parameter-empty", "parameter-empty", "parameter-repeated", "uri-parameter-repeated")
    ]


@pytest.mark.parametrize(
    "field",
    [
        b"m: <sip:a>" + b";x=a" * 100_000 + b"@",
        b"m: <sip:a>;q=" + b"=" * 400_000,
        b"m: <sip:a>;x=" + b" " * 400_000 + b"@",
        b"Via: SIP/2.0/UDP a" + b";received=::1" * 40_000,
        b"Authorization: Digest " + b"a=:," * 100_000,
        b"i: " + b"a" * 400_000 + b"@",
        b"Route: <tel:1;phone-context=" + b"a-" * 200_000 + b"_>",
        b"Route: <sip:" + b"a-" * 200_000 + b">",
        b"Route: <sip:" + b"a." * 200_000 + b".>",
        b"Route: <sip:[" + b"1:" * 200_000 + b"]>",
        b"Route: <sip:a;maddr=" + b"a.1." * 100_000 + b"_>",
        b"Route: <sip:a" + b";maddr=1.2.3" * 40_000 + b">",
        b"Route: <sip:a?" + b"a=&" * 100_000 + b">",
        b"Route: <sip:" + b"%41" * 100_000 + b"%4@a>",
        b"Route: <sip:a;" + b"%41" * 100_000 + b"%4>",
        b"m: sip:a;x=" + b"?@" * 200_000,
    ],
    ids=lambda field: field[:24].decode(),
)
def test_what_parameters_and_words_cost_is_linear(engine: Engine, field: bytes) -> None:
    data = sample(OPTIONS, field)

    def read() -> None:
        assert engine.parse(data, limits=engine.NO_LIMITS).defects

    assert within(read, 5)


@pytest.mark.parametrize(
    "field",
    [
        b"Identity: e30.e30.AA;info=<https://cert.example.com/c;alg=none>;alg=ES256",
        b"Identity: e30.e30.AA;info=<https://cert.example.com/?x=1&y=a;b>;ppt=shaken",
        b"P-Charging-Function-Addresses: ccf=192.0.2.1; ccf=192.0.2.2; ecf=192.0.2.3",
    ],
)
def test_what_looks_like_parameters_that_repeat(engine: Engine, field: bytes) -> None:
    assert engine.parse(sample(OPTIONS, field)).defects == ()
