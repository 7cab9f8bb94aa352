"""The small numbers of the survey: kinds of bytes, bytes, forms of values.

The build makes C constants of them (`constants_of` in setup.py): as variables of the compiled
module, they would cost `defects` 6 percent more instructions.
"""

from __future__ import annotations

# Kinds of bytes: bits in two tables.
IN_TOKEN, IN_LABEL, IN_USER, IN_DIGIT, IN_QUOTED, IN_PARAMETER, IN_HEX, IN_REFERENCE = [
    1 << bit for bit in range(8)
]
IN_SPACE, IN_NAME, IN_WORD, IN_NUMBER, IN_NO_DOT, IN_LOWER_HEX = [1 << bit for bit in range(6)]

# Bytes.
TAB, BLANK, QUOTE, PERCENT = b'\t "%'
PLUS, COMMA, DASH, DOT, SLASH, COLON, SEMICOLON, LESS, EQUALS, GREATER = b"+,-./:;<=>"
BACKSLASH, AT, OPEN, CLOSE, ZERO, ONE, NINE, SMALL_A = b"\\@[]019a"
SMALL_Z, STAR = b"z*"

# Parameters that a value has.
HAS_TAG, HAS_BRANCH, HAS_REALM, HAS_NONCE, HAS_USERNAME = [1 << bit for bit in range(5)]
HAS_URI, HAS_RESPONSE, HAS_QOP, HAS_CNONCE, HAS_NC = [1 << bit for bit in range(5, 10)]
OF_CHALLENGE = HAS_REALM | HAS_NONCE
OF_CREDENTIALS = OF_CHALLENGE | HAS_USERNAME | HAS_URI | HAS_RESPONSE
WITH_QOP = HAS_CNONCE | HAS_NC

# The form of the values of a header field.
ANY_TEXT, LOOK, SOME_TEXT = range(3)
"""Any text is plain; no text is plain; any text is plain except none at all."""
OF_ADDRESS, OF_BRACKETS, OF_FROM, OF_TO, OF_CONTACT, OF_ROUTE, OF_VIA = range(3, 10)
OF_TOKEN, OF_REQUIRE, OF_NUMBER, OF_MAX_FORWARDS, OF_INTERVAL, OF_CSEQ = range(10, 16)
OF_RACK, OF_CALL_ID, OF_ITEM, OF_MEDIA, OF_SESSION_ID, OF_PRIVACY = range(16, 22)
OF_VECTOR, OF_SCHEME, OF_ANSWER, OF_ANSWERED, OF_EVENT, OF_EVENT_TYPE = range(22, 28)
OF_COUNT, OF_LANGUAGE, OF_LANGUAGE_TAG, OF_TRUTH = range(28, 32)
LIST = 64

# How a parameter may be written.
ALONE, BARE, BRACKETED, WITH_QUOTES = [1 << bit for bit in range(4)]

# What the value of a parameter must be.
UNCHECKED, AS_NUMBER, AS_PREFERENCE, AS_ADDRESS, AS_HOST, AS_HEX, AS_SESSION = range(7)
AS_REFRESHER, AS_TRUTH, AS_ALGORITHM, AS_CHARSET, AS_QOP = range(7, 12)

# The scheme of a URI.
OF_NO_URI, OF_SIP, OF_SIPS, OF_TEL = range(4)
