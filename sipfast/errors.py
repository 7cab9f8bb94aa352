"""What can be wrong with a message: one table, and the exceptions and defects that carry its rows.

A *parse error* means that the bytes cannot be taken apart.  A *defect* means that they can, but
that RFC 3261 forbids what they say.  Both name the fault, the byte, the RFC section and the
response status with which an element would answer.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["FAULTS", "Defect", "Fault", "Incomplete", "LimitExceeded", "ParseError"]


class Fault(NamedTuple):
    """One way in which a message can be wrong."""

    code: str
    """Stable name, for programs."""
    text: str
    """For people; `{header}` stands for the header field's name."""
    rfc: str
    """The section that is broken, such as ``"RFC 3261 20.14"``."""
    status: int
    """The response status that tells the sender."""


# The tokenizers report the first group; a fault's place in it is its number in the generated C.
TOKENIZER_FAULTS: tuple[Fault, ...] = (
    Fault("no-message", "Empty message", "RFC 3261 7", 400),
    Fault("header-block-unfinished", "Missing blank line after header", "RFC 3261 7", 400),
    Fault("message-too-large", "Message too large", "RFC 3261 21.5.7", 513),
    Fault("line-too-long", "Line too long", "RFC 3261 21.5.7", 513),
    Fault("too-many-header-fields", "Too many header fields", "RFC 3261 21.5.7", 513),
    Fault("bare-cr", "Carriage return without line feed", "RFC 3261 25.1", 400),
    Fault("start-line-folded", "Folded start line", "RFC 3261 7.1", 400),
    Fault("not-sip", "Unrecognised start line", "RFC 3261 7.1", 400),
    Fault("request-line-incomplete", "Incomplete request line", "RFC 3261 7.1", 400),
    Fault("version-malformed", "Malformed SIP version", "RFC 3261 7.1", 400),
    Fault("status-code-malformed", "Malformed status code", "RFC 3261 7.2", 400),
    Fault("header-without-colon", "Missing colon in header field", "RFC 3261 7.3.1", 400),
    Fault("header-name-empty", "Empty header field name", "RFC 3261 7.3.1", 400),
    Fault("header-name-malformed", "Malformed header field name", "RFC 3261 7.3.1", 400),
    Fault("content-length-not-a-number", "Malformed Content-Length", "RFC 3261 20.14", 400),
    Fault("content-length-too-large", "Content-Length too large", "RFC 3261 20.14", 400),
    Fault("content-length-conflict", "Conflicting Content-Length values", "RFC 3261 20.14", 400),
)

# The message reports these, when it is asked.
MESSAGE_FAULTS: tuple[Fault, ...] = (
    Fault("number-malformed", "Malformed number in {header}", "RFC 3261 25.1", 400),
    Fault("number-too-large", "Number too large in {header}", "RFC 3261 25.1", 400),
    Fault("version-unsupported", "Unsupported SIP version", "RFC 3261 21.5.6", 505),
    Fault("start-line-whitespace", "Irregular whitespace in start line", "RFC 3261 7.1", 400),
    Fault("request-uri-in-brackets", "Request-URI in angle brackets", "RFC 3261 7.1", 400),
    Fault("request-uri-whitespace", "Whitespace in Request-URI", "RFC 3261 7.1", 400),
    Fault("status-code-out-of-range", "Status code out of range", "RFC 3261 7.2", 400),
    Fault("header-missing", "Missing {header} header field", "RFC 3261 8.1.1", 400),
    Fault("header-repeated", "Repeated {header} header field", "RFC 3261 7.3.1", 400),
    Fault("header-empty", "Empty {header} header field", "RFC 3261 7.3.1", 400),
    Fault("cseq-malformed", "Malformed CSeq", "RFC 3261 20.16", 400),
    Fault("cseq-too-large", "CSeq number too large", "RFC 3261 8.1.1.5", 400),
    Fault("cseq-method-mismatch", "Mismatched CSeq method", "RFC 3261 8.1.1.5", 400),
    Fault("max-forwards-too-large", "Max-Forwards too large", "RFC 3261 20.22", 400),
    Fault("via-malformed", "Malformed Via", "RFC 3261 20.42", 400),
    Fault("quote-unterminated", "Unclosed quoted string in {header}", "RFC 3261 25.1", 400),
    Fault("body-too-short", "Body shorter than Content-Length", "RFC 3261 18.3", 400),
    # A field that must be there (RFC 3261 20, table 2, and its successors).
    Fault("max-forwards-missing", "Missing {header} header field", "RFC 3261 8.1.1.6", 400),
    Fault("contact-missing", "Missing {header} header field", "RFC 3261 8.1.1.8", 400),
    Fault("response-contact-missing", "Missing {header} header field", "RFC 3261 12.1.1", 400),
    Fault("content-type-missing", "Missing {header} header field", "RFC 3261 20.15", 400),
    Fault("content-length-missing", "Missing {header} header field", "RFC 3261 20.14", 400),
    Fault("rack-missing", "Missing {header} header field", "RFC 3262 7.2", 400),
    Fault("rseq-missing", "Missing {header} header field", "RFC 3262 3", 400),
    Fault("event-missing", "Missing {header} header field", "RFC 6665 8.2.1", 400),
    Fault("subscription-state-missing", "Missing {header} header field", "RFC 6665 8.2.3", 400),
    Fault("refer-to-missing", "Missing {header} header field", "RFC 3515 2.4.2", 400),
    Fault("expires-missing", "Missing {header} header field", "RFC 6665 4.2.1", 400),
    Fault("publication-event-missing", "Missing {header} header field", "RFC 3903 6", 489),
    Fault("publication-expires-missing", "Missing {header} header field", "RFC 3903 6", 400),
    Fault("sip-etag-missing", "Missing {header} header field", "RFC 3903 6", 400),
    Fault("www-authenticate-missing", "Missing {header} header field", "RFC 3261 20.44", 400),
    Fault("proxy-authenticate-missing", "Missing {header} header field", "RFC 3261 20.27", 400),
    Fault("allow-missing", "Missing {header} header field", "RFC 3261 21.4.6", 400),
    Fault("unsupported-missing", "Missing {header} header field", "RFC 3261 21.4.15", 400),
    Fault("min-expires-missing", "Missing {header} header field", "RFC 3261 21.4.17", 400),
    Fault("min-se-missing", "Missing {header} header field", "RFC 4028 6", 400),
    Fault("allow-events-missing", "Missing {header} header field", "RFC 6665 8.2", 400),
    Fault("security-server-missing", "Missing {header} header field", "RFC 3329 2.3.1", 400),
    Fault("require-missing", "Missing {header} header field", "RFC 3261 21.4.16", 400),
    Fault("recv-info-missing", "Missing {header} header field", "RFC 6086 4.2.2", 400),
    Fault("accept-missing", "Missing {header} header field", "RFC 3261 21.4.13", 400),
    Fault("reliability-missing", "Missing Require: 100rel beside {header}", "RFC 3262 3", 400),
    # What must not be there, or not so.
    Fault("header-misplaced", "Misplaced {header} header field", "RFC 3261 20", 400),
    Fault("reliability-misplaced", "Misplaced 100rel in {header}", "RFC 3262 4", 400),
    Fault("join-and-replaces", "{header} beside Replaces", "RFC 3911 4", 400),
    Fault("tag-missing", "Missing tag in {header}", "RFC 3261 19.3", 400),
    Fault("dialog-missing", "Missing dialog tag in {header}", "RFC 3261 12.2.2", 481),
    Fault("branch-missing", "Missing branch in {header}", "RFC 3261 8.1.1.7", 400),
    Fault("branch-malformed", "Malformed branch in {header}", "RFC 3261 8.1.1.7", 400),
    Fault("contact-wildcard-misused", "Misplaced asterisk in {header}", "RFC 3261 10.2.2", 400),
    Fault("contact-not-one", "One SIP or SIPS URI required in {header}", "RFC 3261 8.1.1.8", 400),
    Fault("contact-not-sips", "SIPS URI required in {header}", "RFC 3261 8.1.1.8", 400),
    Fault("display-name-unquoted", "Unquoted display name in {header}", "RFC 3261 25.1", 400),
    Fault("address-needs-brackets", "URI without angle brackets in {header}", "RFC 3261 20", 400),
    Fault("address-whitespace", "Whitespace in angle brackets in {header}", "RFC 3261 25.1", 400),
    Fault("uri-character-unescaped", "Unescaped character in {header}", "RFC 3261 25.1", 400),
    Fault("parameter-repeated", "Repeated parameter in {header}", "RFC 3261 7.3.1", 400),
    Fault("parameter-empty", "Empty parameter in {header}", "RFC 3261 25.1", 400),
    Fault("request-uri-headers", "Header fields in Request-URI", "RFC 3261 19.1.1", 400),
    Fault("register-uri-user", "User in {header} of REGISTER", "RFC 3261 10.2", 400),
    Fault("received-malformed", "Malformed received address in {header}", "RFC 3261 25.1", 400),
    Fault("refresher-malformed", "Malformed refresher in {header}", "RFC 4028 4", 400),
    Fault("history-index-missing", "Missing index in {header}", "RFC 7044 5.1", 400),
    Fault("identity-info-missing", "Missing info in {header}", "RFC 8224 4", 436),
    Fault("icid-value-missing", "Missing icid-value in {header}", "RFC 7315 4.6", 400),
    Fault(
        "session-interval-too-small", "Session interval too small in {header}", "RFC 4028 4", 422
    ),
    Fault("passport-date-mismatch", "Mismatched date in {header}", "RFC 8224 4.1", 403),
    Fault(
        "parameter-value-malformed",
        "Malformed parameter value in {header}",
        "RFC 3261 25.1",
        400,
    ),
    Fault("tel-context-missing", "Missing phone-context in {header}", "RFC 3966 5.1.5", 400),
    Fault("tel-context-malformed", "Malformed phone-context in {header}", "RFC 3966 3", 400),
    # What Digest must say.
    Fault("digest-realm-missing", "Missing realm in {header}", "RFC 7616 3.3", 400),
    Fault("digest-nonce-missing", "Missing nonce in {header}", "RFC 7616 3.3", 400),
    Fault("digest-username-missing", "Missing username in {header}", "RFC 7616 3.4", 400),
    Fault("digest-uri-missing", "Missing uri in {header}", "RFC 7616 3.4", 400),
    Fault("digest-response-missing", "Missing response in {header}", "RFC 7616 3.4", 400),
    Fault("digest-cnonce-missing", "Missing cnonce in {header}", "RFC 7616 3.4", 400),
    Fault("digest-nc-missing", "Missing nc in {header}", "RFC 7616 3.4", 400),
)

# The message reports these, when it is asked with the time at hand.
TIME_FAULTS: tuple[Fault, ...] = (Fault("date-stale", "Stale {header}", "RFC 8224 6.2.2", 403),)

# Typed values report these, when they are asked.
VALUE_FAULTS: tuple[Fault, ...] = (
    Fault("value-line-end", "Line end in {header}", "RFC 3261 7.3.1", 400),
    Fault("value-surrogate", "Lone surrogate in {header}", "RFC 3629 3", 400),
    Fault("value-control", "Control character in {header}", "RFC 3261 25.1", 400),
    Fault("uri-scheme-missing", "Missing URI scheme in {header}", "RFC 3261 19.1.1", 400),
    Fault("uri-scheme-unexpected", "Unexpected URI scheme in {header}", "RFC 3261 19.1", 416),
    Fault(
        "uri-character-illegal",
        "Illegal URI character in {header}",
        "RFC 3261 25.1",
        400,
    ),
    Fault("uri-user-missing", "Empty URI user in {header}", "RFC 3261 19.1.1", 400),
    Fault("host-malformed", "Malformed host in {header}", "RFC 3261 25.1", 400),
    Fault("port-malformed", "Malformed port in {header}", "RFC 3261 25.1", 400),
    Fault("tel-number-malformed", "Malformed telephone number in {header}", "RFC 3966 3", 400),
    Fault("urn-malformed", "Malformed URN in {header}", "RFC 8141 2", 400),
    Fault("address-malformed", "Malformed address in {header}", "RFC 3261 20.10", 400),
    Fault(
        "credentials-malformed", "Missing authentication scheme in {header}", "RFC 3261 25.1", 400
    ),
    Fault("parameter-malformed", "Malformed parameter in {header}", "RFC 3261 25.1", 400),
    Fault(
        "parameter-not-a-number", "Malformed numeric parameter in {header}", "RFC 3261 25.1", 400
    ),
    Fault("q-malformed", "Malformed q in {header}", "RFC 3261 25.1", 400),
    Fault("item-malformed", "Missing word before parameters in {header}", "RFC 3261 25.1", 400),
    Fault("index-malformed", "Malformed index in {header}", "RFC 7044 5.1", 400),
    Fault(
        "warning-malformed",
        "Malformed warning in {header}",
        "RFC 3261 20.43",
        400,
    ),
    Fault("session-id-malformed", "Malformed session identifier in {header}", "RFC 7989 5", 400),
    Fault("priority-malformed", "Malformed priority in {header}", "RFC 4412 3.1", 400),
    Fault("uui-malformed", "Malformed hexadecimal data in {header}", "RFC 7433 4.1", 400),
    Fault("passport-malformed", "Malformed PASSporT in {header}", "RFC 7515 7.1", 438),
    Fault("passport-too-large", "PASSporT too large in {header}", "RFC 8224 6.2.2", 438),
    Fault(
        "passport-encoding-malformed", "Malformed PASSporT encoding in {header}", "RFC 7515 2", 438
    ),
    Fault(
        "passport-json-malformed",
        "Malformed PASSporT JSON in {header}",
        "RFC 7519 7.2",
        438,
    ),
    Fault("passport-too-deep", "PASSporT nested too deeply in {header}", "RFC 8224 6.2.2", 438),
    Fault("number-out-of-range", "Number out of range in {header}", "RFC 3261 25.1", 400),
    Fault("token-malformed", "Malformed token in {header}", "RFC 3261 25.1", 400),
    Fault("call-id-malformed", "Malformed call identifier in {header}", "RFC 3261 25.1", 400),
    Fault("rack-malformed", "Malformed RAck", "RFC 3262 7.2", 400),
    Fault("date-malformed", "Malformed date in {header}", "RFC 3261 20.17", 400),
    Fault("timestamp-malformed", "Malformed timestamp in {header}", "RFC 3261 20.38", 400),
    Fault("comment-malformed", "Malformed comment in {header}", "RFC 3261 25.1", 400),
    Fault("mime-version-malformed", "Malformed MIME-Version", "RFC 3261 20.24", 400),
    Fault("dialog-tag-missing", "Missing to-tag or from-tag in {header}", "RFC 3891 6.1", 400),
    Fault("nonce-count-malformed", "Malformed nonce count in {header}", "RFC 7616 3.4", 400),
    Fault("extended-value-malformed", "Malformed username* in {header}", "RFC 8187 3.2", 400),
    Fault("aka-nonce-malformed", "Malformed AKA nonce in {header}", "RFC 3310 3.2", 400),
)

# Session descriptions report these; one of them is an error, the others are defects.
SDP_FAULTS: tuple[Fault, ...] = (
    Fault("sdp-none", "Empty session description", "RFC 8866 5", 400),
    Fault("sdp-surrogate", "Lone surrogate in session description", "RFC 3629 3", 400),
    Fault("sdp-line-malformed", "Malformed SDP line", "RFC 8866 5", 400),
    Fault("sdp-byte-forbidden", "Forbidden byte in SDP line", "RFC 8866 9", 400),
    Fault("sdp-type-unknown", "Unknown SDP line type {header}", "RFC 8866 5", 488),
    Fault("sdp-line-missing", "Missing {header} line", "RFC 8866 5", 400),
    Fault("sdp-line-misplaced", "Misplaced {header} line", "RFC 8866 5", 400),
    Fault("sdp-line-repeated", "Repeated {header} line", "RFC 8866 5", 400),
    Fault("sdp-version-unsupported", "Unsupported SDP version", "RFC 8866 5.1", 488),
    Fault("sdp-origin-malformed", "Malformed origin", "RFC 8866 5.2", 400),
    Fault("sdp-connection-malformed", "Malformed connection", "RFC 8866 5.7", 400),
    Fault("sdp-connection-missing", "Missing connection for media", "RFC 8866 5.7", 488),
    Fault("sdp-bandwidth-malformed", "Malformed bandwidth", "RFC 8866 5.8", 400),
    Fault("sdp-time-malformed", "Malformed time", "RFC 8866 5.9", 400),
    Fault("sdp-repeat-malformed", "Malformed repeat times", "RFC 8866 5.10", 400),
    Fault("sdp-zone-malformed", "Malformed time zone adjustments", "RFC 8866 5.11", 400),
    Fault("sdp-attribute-malformed", "Malformed attribute", "RFC 8866 5.13", 400),
    Fault("sdp-media-malformed", "Malformed media description", "RFC 8866 5.14", 400),
    Fault("sdp-port-malformed", "Malformed media port", "RFC 8866 5.14", 400),
    Fault("sdp-ptime-malformed", "Malformed packet time in {header}", "RFC 8866 6.4", 400),
    Fault("sdp-rtpmap-malformed", "Malformed rtpmap", "RFC 8866 6.6", 400),
    Fault("sdp-direction-repeated", "Repeated media direction", "RFC 8866 6.7", 400),
    Fault("sdp-fmtp-malformed", "Malformed fmtp", "RFC 8866 6.15", 400),
    Fault("sdp-rtcp-malformed", "Malformed rtcp", "RFC 3605 2.1", 400),
    Fault("sdp-setup-malformed", "Malformed setup", "RFC 4145 4", 400),
    Fault("sdp-crypto-malformed", "Malformed crypto", "RFC 4568 9.1", 400),
    Fault("sdp-mid-malformed", "Malformed mid", "RFC 5888 4", 400),
    Fault("sdp-group-malformed", "Malformed group", "RFC 5888 5", 400),
    Fault("sdp-fingerprint-malformed", "Malformed fingerprint", "RFC 8122 5", 400),
    Fault("sdp-candidate-malformed", "Malformed candidate", "RFC 8839 5.1", 400),
)

# What opens a body raises these.
BODY_FAULTS: tuple[Fault, ...] = (
    Fault("media-type-malformed", "Malformed media type", "RFC 3261 20.15", 400),
    Fault("boundary-missing", "Missing multipart boundary", "RFC 2046 5.1.1", 400),
    Fault("too-many-parts", "Too many body parts", "RFC 3261 21.4.11", 413),
    Fault("parts-too-deep", "Multiparts nested too deeply", "RFC 3261 21.4.11", 413),
    Fault("transfer-encoding-unknown", "Unknown content transfer encoding", "RFC 2045 6.1", 415),
    Fault("transfer-encoding-malformed", "Malformed base64", "RFC 2045 6.8", 400),
    Fault("content-encoding-unknown", "Unknown content encoding", "RFC 3261 21.4.13", 415),
    Fault("too-many-content-encodings", "Too many content encodings", "RFC 3261 21.4.13", 415),
    Fault("content-encoding-malformed", "Damaged compressed body", "RFC 3261 20.12", 400),
    Fault("content-encoding-truncated", "Truncated compressed body", "RFC 3261 20.12", 400),
    Fault("body-too-large", "Body too large", "RFC 3261 21.4.11", 413),
    Fault("charset-unknown", "Unknown charset", "RFC 3261 21.4.13", 415),
    Fault("dtmf-signal-malformed", "Malformed DTMF signal", "RFC 4733 3.2", 400),
    Fault("dtmf-duration-malformed", "Malformed DTMF duration", "RFC 4733 2.3", 400),
    Fault("xml-malformed", "Malformed XML", "RFC 7303 4", 400),
    Fault("xml-with-dtd", "XML with document type declaration", "RFC 7303 10", 400),
    Fault("xml-too-deep", "XML elements nested too deeply", "RFC 3261 21.4.11", 413),
    Fault("xml-names-too-long", "XML names too long", "RFC 3261 21.4.11", 413),
    Fault("xml-root-unexpected", "Unexpected XML root element", "RFC 3261 7.4.1", 400),
    Fault("isup-truncated", "Truncated ISUP message", "RFC 3204 3.1", 400),
    Fault("isup-parameter-too-short", "ISUP parameter too short", "RFC 3204 3.1", 400),
)

FAULTS: dict[str, Fault] = {
    fault.code: fault
    for group in (
        TOKENIZER_FAULTS,
        MESSAGE_FAULTS,
        TIME_FAULTS,
        VALUE_FAULTS,
        SDP_FAULTS,
        BODY_FAULTS,
    )
    for fault in group
}
"""Every fault by its code."""


class ParseError(ValueError):
    """The bytes cannot be taken apart as a SIP message, or a value in them cannot be read.

    `offset` counts bytes from the start of what was given to `parse`; `header` is the header
    field's name where the fault lies in one.
    """

    def __init__(self, code: str, offset: int, header: str | None = None) -> None:
        super().__init__(code, offset, header)
        self.code = code
        self.offset = offset
        self.header = header

    @property
    def status_hint(self) -> int:
        """The response status that tells the sender (RFC 3261 21.4 and 21.5)."""
        return FAULTS[self.code].status

    @property
    def rfc(self) -> str:
        """The RFC and section that is broken."""
        return FAULTS[self.code].rfc

    @property
    def text(self) -> str:
        """What is wrong, without where: fit for a reason phrase (RFC 3261 21.4.1)."""
        return FAULTS[self.code].text.format(header=self.header or "value")

    def __str__(self) -> str:
        return f"{self.text} (byte {self.offset})"


class Incomplete(ParseError):
    """The buffer ends before the blank line that ends the header fields (RFC 3261 7)."""


class LimitExceeded(ParseError):
    """The message passes one of the limits given to `parse`, or to what opens its body."""


class Defect(NamedTuple):
    """Something in a message that could be taken apart but is not right."""

    code: str
    header: str | None
    offset: int
    """Where, in bytes from the start of what was given to `parse`."""
    status_hint: int
    """The response status that tells the sender."""
    rfc: str

    @property
    def text(self) -> str:
        """What is wrong, without where: fit for a reason phrase (RFC 3261 21.4.1)."""
        return FAULTS[self.code].text.format(header=self.header or "value")

    def __str__(self) -> str:
        return f"{self.text} (byte {self.offset})"


def defect(code: str, offset: int, header: str | None = None) -> Defect:
    """Make a defect of a row of `FAULTS`."""
    fault = FAULTS[code]
    return Defect(code, header, offset, fault.status, fault.rfc)


_KINDS = {
    "no-message": Incomplete,
    "header-block-unfinished": Incomplete,
    "message-too-large": LimitExceeded,
    "line-too-long": LimitExceeded,
    "too-many-header-fields": LimitExceeded,
    "body-too-large": LimitExceeded,
    "too-many-parts": LimitExceeded,
    "parts-too-deep": LimitExceeded,
    "xml-too-deep": LimitExceeded,
    "xml-names-too-long": LimitExceeded,
}


def parse_error(code: str, offset: int, header: str | None = None) -> ParseError:
    """Make the exception for a row of `FAULTS`, of the class that fits."""
    return _KINDS.get(code, ParseError)(code, offset, header)
