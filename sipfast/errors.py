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
    Fault("no-message", "There is no message here", "RFC 3261 7", 400),
    Fault("header-block-unfinished", "The header has no blank line after it", "RFC 3261 7", 400),
    Fault("message-too-large", "The message is larger than the limit", "RFC 3261 21.5.7", 513),
    Fault("line-too-long", "The line is longer than the limit", "RFC 3261 21.5.7", 513),
    Fault("too-many-header-fields", "More header fields than the limit", "RFC 3261 21.5.7", 513),
    Fault("bare-cr", "A carriage return stands without its line feed", "RFC 3261 25.1", 400),
    Fault("start-line-folded", "The start line must not be folded", "RFC 3261 7.1", 400),
    Fault("not-sip", "This is no start line of a SIP message", "RFC 3261 7.1", 400),
    Fault("request-line-incomplete", "The request line lacks a part", "RFC 3261 7.1", 400),
    Fault("version-malformed", "The SIP version is malformed", "RFC 3261 7.1", 400),
    Fault("status-code-malformed", "The status code is not three digits", "RFC 3261 7.2", 400),
    Fault("header-without-colon", "The header field has no colon", "RFC 3261 7.3.1", 400),
    Fault("header-name-empty", "The header field has no name", "RFC 3261 7.3.1", 400),
    Fault("header-name-malformed", "The header field's name is not a token", "RFC 3261 7.3.1", 400),
    Fault("content-length-not-a-number", "Content-Length is not a number", "RFC 3261 20.14", 400),
    Fault("content-length-too-large", "Content-Length is too large", "RFC 3261 20.14", 400),
    Fault("content-length-conflict", "Two Content-Length values disagree", "RFC 3261 20.14", 400),
)

# The message reports these, when it is asked.
MESSAGE_FAULTS: tuple[Fault, ...] = (
    Fault("number-malformed", "{header} is not a number", "RFC 3261 25.1", 400),
    Fault("number-too-large", "{header} is not below 2**31", "RFC 3261 25.1", 400),
    Fault("version-unsupported", "The SIP version is not 2.0", "RFC 3261 21.5.6", 505),
    Fault("start-line-whitespace", "The start line has odd whitespace", "RFC 3261 7.1", 400),
    Fault("request-uri-in-brackets", "The Request-URI is enclosed in <>", "RFC 3261 7.1", 400),
    Fault("request-uri-whitespace", "The Request-URI has whitespace within", "RFC 3261 7.1", 400),
    Fault(
        "status-code-out-of-range", "The status code is not one of 100 to 699", "RFC 3261 7.2", 400
    ),
    Fault("header-missing", "Missing {header} header field", "RFC 3261 8.1.1", 400),
    Fault("header-repeated", "Repeated {header} header field", "RFC 3261 7.3.1", 400),
    Fault("header-empty", "Empty {header} header field", "RFC 3261 7.3.1", 400),
    Fault("cseq-malformed", "CSeq is not a number and a method", "RFC 3261 20.16", 400),
    Fault("cseq-too-large", "CSeq is not below 2**31", "RFC 3261 8.1.1.5", 400),
    Fault("cseq-method-mismatch", "CSeq names another method", "RFC 3261 8.1.1.5", 400),
    Fault("max-forwards-too-large", "Max-Forwards is above 255", "RFC 3261 20.22", 400),
    Fault("via-malformed", "Via is not protocol, transport, sent-by", "RFC 3261 20.42", 400),
    Fault("quote-unterminated", "{header} has an unclosed quoted string", "RFC 3261 25.1", 400),
    Fault("body-too-short", "The body is shorter than Content-Length", "RFC 3261 18.3", 400),
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
    Fault("reliability-missing", "{header} without Require: 100rel", "RFC 3262 3", 400),
    # What must not be there, or not so.
    Fault("header-misplaced", "{header} does not belong in this message", "RFC 3261 20", 400),
    Fault("reliability-misplaced", "{header} asks for 100rel outside INVITE", "RFC 3262 4", 400),
    Fault("join-and-replaces", "{header} stands beside Replaces", "RFC 3911 4", 400),
    Fault("tag-missing", "{header} has no tag", "RFC 3261 19.3", 400),
    Fault("dialog-missing", "{header} has no tag of a dialog", "RFC 3261 12.2.2", 481),
    Fault("branch-missing", "{header} has no branch", "RFC 3261 8.1.1.7", 400),
    Fault("branch-malformed", "{header} has a malformed branch", "RFC 3261 8.1.1.7", 400),
    Fault("contact-wildcard-misused", "{header} must not be an asterisk", "RFC 3261 10.2.2", 400),
    Fault("contact-not-one", "{header} is not one SIP or SIPS URI", "RFC 3261 8.1.1.8", 400),
    Fault("contact-not-sips", "{header} must be a SIPS URI here", "RFC 3261 8.1.1.8", 400),
    Fault("display-name-unquoted", "{header} has a name that wants quotes", "RFC 3261 25.1", 400),
    Fault("address-needs-brackets", "{header} has a URI that wants <>", "RFC 3261 20", 400),
    Fault("address-whitespace", "{header} has whitespace within <>", "RFC 3261 25.1", 400),
    Fault("uri-character-unescaped", "{header} has an unescaped character", "RFC 3261 25.1", 400),
    Fault("parameter-repeated", "{header} repeats a parameter", "RFC 3261 7.3.1", 400),
    Fault("parameter-empty", "{header} has an empty parameter", "RFC 3261 25.1", 400),
    Fault("request-uri-headers", "The Request-URI has header fields", "RFC 3261 19.1.1", 400),
    Fault("register-uri-user", "The {header} of a REGISTER has a user", "RFC 3261 10.2", 400),
    Fault("received-malformed", "{header} has a received that is no address", "RFC 3261 25.1", 400),
    Fault(
        "refresher-malformed", "{header} has a refresher other than uac and uas", "RFC 4028 4", 400
    ),
    Fault("history-index-missing", "{header} has no index", "RFC 7044 5.1", 400),
    Fault("identity-info-missing", "{header} has no info", "RFC 8224 4", 436),
    Fault("icid-value-missing", "{header} has no icid-value", "RFC 7315 4.6", 400),
    Fault("session-interval-too-small", "{header} is below 90 seconds", "RFC 4028 4", 422),
    Fault("passport-date-mismatch", "{header} is not of the time of Date", "RFC 8224 4.1", 403),
    Fault(
        "parameter-value-malformed",
        "{header} has a value that is no token, host or quoted string",
        "RFC 3261 25.1",
        400,
    ),
    Fault(
        "tel-context-missing", "{header} has a local number without context", "RFC 3966 5.1.5", 400
    ),
    Fault("tel-context-malformed", "{header} has a malformed phone-context", "RFC 3966 3", 400),
    # What Digest must say.
    Fault("digest-realm-missing", "{header} has no realm", "RFC 7616 3.3", 400),
    Fault("digest-nonce-missing", "{header} has no nonce", "RFC 7616 3.3", 400),
    Fault("digest-username-missing", "{header} has no username", "RFC 7616 3.4", 400),
    Fault("digest-uri-missing", "{header} has no uri", "RFC 7616 3.4", 400),
    Fault("digest-response-missing", "{header} has no response", "RFC 7616 3.4", 400),
    Fault("digest-cnonce-missing", "{header} has qop and no cnonce", "RFC 7616 3.4", 400),
    Fault("digest-nc-missing", "{header} has qop and no nc", "RFC 7616 3.4", 400),
)

# The message reports these, when it is asked with the time at hand.
TIME_FAULTS: tuple[Fault, ...] = (Fault("date-stale", "Stale {header}", "RFC 8224 6.2.2", 403),)

# Typed values report these, when they are asked.
VALUE_FAULTS: tuple[Fault, ...] = (
    Fault("value-line-end", "{header} has a line end", "RFC 3261 7.3.1", 400),
    Fault("value-surrogate", "{header} has a lone surrogate", "RFC 3629 3", 400),
    Fault("value-control", "{header} has a control character", "RFC 3261 25.1", 400),
    Fault("uri-scheme-missing", "{header} has a URI without a scheme", "RFC 3261 19.1.1", 400),
    Fault("uri-scheme-unexpected", "{header} has a URI of another scheme", "RFC 3261 19.1", 416),
    Fault(
        "uri-character-illegal",
        "{header} has a URI with an illegal character",
        "RFC 3261 25.1",
        400,
    ),
    Fault("uri-user-missing", "{header} has a URI with an empty user", "RFC 3261 19.1.1", 400),
    Fault("host-malformed", "{header} has a malformed host", "RFC 3261 25.1", 400),
    Fault(
        "port-malformed", "{header} has a port that is no number below 65536", "RFC 3261 25.1", 400
    ),
    Fault("tel-number-malformed", "{header} has a malformed telephone number", "RFC 3966 3", 400),
    Fault("urn-malformed", "{header} has a malformed URN", "RFC 8141 2", 400),
    Fault("address-malformed", "{header} is not an address", "RFC 3261 20.10", 400),
    Fault("credentials-malformed", "{header} has no authentication scheme", "RFC 3261 25.1", 400),
    Fault("parameter-malformed", "{header} has a malformed parameter", "RFC 3261 25.1", 400),
    Fault(
        "parameter-not-a-number", "{header} has a parameter that is no number", "RFC 3261 25.1", 400
    ),
    Fault("q-malformed", "{header} has a malformed q", "RFC 3261 25.1", 400),
    Fault("item-malformed", "{header} has no word before its parameters", "RFC 3261 25.1", 400),
    Fault("index-malformed", "{header} has an index that is no numbers", "RFC 7044 5.1", 400),
    Fault(
        "warning-malformed",
        "{header} has a malformed warn-agent, code or text",
        "RFC 3261 20.43",
        400,
    ),
    Fault("session-id-malformed", "{header} has no 32 hexadecimal digits", "RFC 7989 5", 400),
    Fault("priority-malformed", "{header} is no namespace and priority", "RFC 4412 3.1", 400),
    Fault("uui-malformed", "{header} has data that is not hexadecimal", "RFC 7433 4.1", 400),
    Fault("passport-malformed", "{header} has no PASSporT of three parts", "RFC 7515 7.1", 438),
    Fault("passport-too-large", "{header} has a PASSporT beyond the limit", "RFC 8224 6.2.2", 438),
    Fault(
        "passport-encoding-malformed", "{header} has a PASSporT not in base64url", "RFC 7515 2", 438
    ),
    Fault(
        "passport-json-malformed",
        "{header} has a PASSporT without JSON objects",
        "RFC 7519 7.2",
        438,
    ),
    Fault("passport-too-deep", "{header} has a PASSporT nested too deep", "RFC 8224 6.2.2", 438),
    Fault("number-out-of-range", "{header} is a number out of range", "RFC 3261 25.1", 400),
    Fault("token-malformed", "{header} is not a token", "RFC 3261 25.1", 400),
    Fault("call-id-malformed", "{header} has a malformed Call-ID", "RFC 3261 25.1", 400),
    Fault("rack-malformed", "{header} is not two numbers and a method", "RFC 3262 7.2", 400),
    Fault("date-malformed", "{header} is not a date in GMT", "RFC 3261 20.17", 400),
    Fault("timestamp-malformed", "{header} is not a time in seconds", "RFC 3261 20.38", 400),
    Fault("comment-malformed", "{header} has a malformed comment", "RFC 3261 25.1", 400),
    Fault("mime-version-malformed", "{header} is not a MIME version", "RFC 3261 20.24", 400),
    Fault("dialog-tag-missing", "{header} lacks a tag of its dialog", "RFC 3891 6.1", 400),
    Fault("nonce-count-malformed", "{header} has a malformed nonce count", "RFC 7616 3.4", 400),
    Fault("extended-value-malformed", "{header} has a malformed username*", "RFC 8187 3.2", 400),
    Fault("aka-nonce-malformed", "{header} has a nonce without RAND and AUTN", "RFC 3310 3.2", 400),
)

# Session descriptions report these; one of them is an error, the others are defects.
SDP_FAULTS: tuple[Fault, ...] = (
    Fault("sdp-none", "There is no session description here", "RFC 8866 5", 400),
    Fault("sdp-surrogate", "A surrogate in the text stands for no byte", "RFC 3629 3", 400),
    Fault("sdp-line-malformed", "The line is no type, equals sign and value", "RFC 8866 5", 400),
    Fault("sdp-byte-forbidden", "A NUL or a lone CR stands in the line", "RFC 8866 9", 400),
    Fault("sdp-type-unknown", "{header} is no known type of line", "RFC 8866 5", 488),
    Fault("sdp-line-missing", "Missing {header} line", "RFC 8866 5", 400),
    Fault("sdp-line-misplaced", "The {header} line stands out of its order", "RFC 8866 5", 400),
    Fault("sdp-line-repeated", "Repeated {header} line", "RFC 8866 5", 400),
    Fault("sdp-version-unsupported", "The version of SDP is not 0", "RFC 8866 5.1", 488),
    Fault("sdp-origin-malformed", "The origin is not its six parts", "RFC 8866 5.2", 400),
    Fault("sdp-connection-malformed", "The connection has no address", "RFC 8866 5.7", 400),
    Fault("sdp-connection-missing", "The media has no connection", "RFC 8866 5.7", 488),
    Fault("sdp-bandwidth-malformed", "The bandwidth is no type and number", "RFC 8866 5.8", 400),
    Fault("sdp-time-malformed", "The time is not a start and a stop", "RFC 8866 5.9", 400),
    Fault("sdp-repeat-malformed", "The repeat times are malformed", "RFC 8866 5.10", 400),
    Fault("sdp-zone-malformed", "The time zone adjustments are no pairs", "RFC 8866 5.11", 400),
    Fault("sdp-attribute-malformed", "The attribute's name is no token", "RFC 8866 5.13", 400),
    Fault("sdp-media-malformed", "The media line lacks a part", "RFC 8866 5.14", 400),
    Fault("sdp-port-malformed", "The media's port is not one of 0 to 65535", "RFC 8866 5.14", 400),
    Fault("sdp-ptime-malformed", "{header} is no time in milliseconds", "RFC 8866 6.4", 400),
    Fault("sdp-rtpmap-malformed", "The rtpmap is malformed", "RFC 8866 6.6", 400),
    Fault("sdp-direction-repeated", "A second direction is given", "RFC 8866 6.7", 400),
    Fault("sdp-fmtp-malformed", "The fmtp lacks a format or its parameters", "RFC 8866 6.15", 400),
    Fault("sdp-rtcp-malformed", "The rtcp attribute is malformed", "RFC 3605 2.1", 400),
    Fault("sdp-setup-malformed", "The setup attribute names no role", "RFC 4145 4", 400),
    Fault("sdp-crypto-malformed", "The crypto attribute is malformed", "RFC 4568 9.1", 400),
    Fault("sdp-mid-malformed", "The mid is not one token", "RFC 5888 4", 400),
    Fault("sdp-group-malformed", "The group has no semantics", "RFC 5888 5", 400),
    Fault("sdp-fingerprint-malformed", "The fingerprint is malformed", "RFC 8122 5", 400),
    Fault("sdp-candidate-malformed", "The candidate is malformed", "RFC 8839 5.1", 400),
)

# What opens a body raises these.
BODY_FAULTS: tuple[Fault, ...] = (
    Fault("media-type-malformed", "The media type is malformed", "RFC 3261 20.15", 400),
    Fault("boundary-missing", "The multipart has no usable boundary", "RFC 2046 5.1.1", 400),
    Fault("too-many-parts", "More body parts than the limit", "RFC 3261 21.4.11", 413),
    Fault("parts-too-deep", "Multiparts are nested beyond the limit", "RFC 3261 21.4.11", 413),
    Fault("transfer-encoding-unknown", "No such content transfer encoding", "RFC 2045 6.1", 415),
    Fault("transfer-encoding-malformed", "The base64 is malformed", "RFC 2045 6.8", 400),
    Fault("content-encoding-unknown", "No such content encoding", "RFC 3261 21.4.13", 415),
    Fault("too-many-content-encodings", "More content encodings than 4", "RFC 3261 21.4.13", 415),
    Fault("content-encoding-malformed", "The compressed body is damaged", "RFC 3261 20.12", 400),
    Fault("content-encoding-truncated", "The compressed body is cut off", "RFC 3261 20.12", 400),
    Fault("body-too-large", "The body is larger than the limit", "RFC 3261 21.4.11", 413),
    Fault("charset-unknown", "No such charset", "RFC 3261 21.4.13", 415),
    Fault("dtmf-signal-malformed", "This is no DTMF signal", "RFC 4733 3.2", 400),
    Fault("dtmf-duration-malformed", "The DTMF duration is no number", "RFC 4733 2.3", 400),
    Fault("xml-malformed", "The XML is not well-formed", "RFC 7303 4", 400),
    Fault("xml-with-dtd", "The XML has a document type declaration", "RFC 7303 10", 400),
    Fault("xml-too-deep", "XML elements are nested beyond the limit", "RFC 3261 21.4.11", 413),
    Fault("xml-names-too-long", "XML names are longer than the limit", "RFC 3261 21.4.11", 413),
    Fault("xml-root-unexpected", "The XML is of another document type", "RFC 3261 7.4.1", 400),
    Fault("isup-truncated", "The ISUP message is cut off", "RFC 3204 3.1", 400),
    Fault("isup-parameter-too-short", "The ISUP parameter is too short", "RFC 3204 3.1", 400),
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
        return FAULTS[self.code].text.format(header=self.header or "The value")

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
        return FAULTS[self.code].text.format(header=self.header or "The value")

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
