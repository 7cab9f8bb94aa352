"""What the parts of a value are made of, as classes of a pattern (between its brackets).

The build makes the tables of the native engine of them.
"""

from __future__ import annotations

__all__ = ["CLASSES", "HOST", "ILLEGAL_IN_URI", "NAME", "REFERENCE", "SCHEME", "TOKEN", "TOKEN68"]

TOKEN = r"-A-Za-z0-9.!%*_+`'~"
"""RFC 3261 25.1: token."""
NAME = r"-A-Za-z0-9.!*_+`'~"
"""What of a token is never written in another way."""
HOST = r"-A-Za-z0-9._"
"""RFC 3261 25.1: hostname and IPv4address; and _, which names of hosts have in practice."""
REFERENCE = r"0-9A-Fa-f:."
"""RFC 3261 25.1: IPv6reference, between its brackets."""
SCHEME = r"-A-Za-z0-9+."
"""RFC 3986 3.1: scheme, after its first letter."""
ILLEGAL_IN_URI = r'\x00-\x20\x7f<>"'
"""What no URI has."""
TOKEN68 = r"-A-Za-z0-9._~+/"
"""RFC 9110 11.2: token68, before its padding."""

CLASSES = {
    "IN_TOKEN": TOKEN,
    "IN_NAME": NAME,
    "IN_HOST": HOST,
    "IN_REFERENCE": REFERENCE,
    "IN_SCHEME": SCHEME,
    "IN_URI": f"^{ILLEGAL_IN_URI}",
    "IN_TOKEN68": TOKEN68,
    "LETTER": "A-Za-z",
    "DIGIT": "0-9",
    "DIALLED": r"0-9A-Fa-f*#().-",  # RFC 3966 3: local-number-digits
    "DIALLED_GLOBALLY": r"0-9().-",  # RFC 3966 3: global-number-digits, after the +
    "VISUAL": r"().-",  # RFC 3966 3: visual-separator
    "BEFORE_SPACE": r"^ \t",
    "BEFORE_ADDRESS": r'^<;"',
    "BEFORE_COMMENT": r"^(;",
    "BEFORE_PARENTHESIS": r"^()\\",
    "BEFORE_PARAMETERS": r'^;"',
    "BEFORE_COMMA": r'^,"<',
    "BEFORE_BRACKET": r"^<>",
}
"""Each class by the name that the primitives of `_core/wire/text` know it by."""
