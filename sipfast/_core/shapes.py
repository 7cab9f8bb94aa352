"""The shapes of values: where the parts of a text are, or what is wrong with it.

`docs/text.md` binds what this stands on.  A text has no whitespace at its ends and no line end in
it.  A part is put in its place among `parts`; what is returned is 0, or a fault: its number among
`FAULTS`, times 2**32, and where in the text it is.

Compiled, a text is a pointer and the parts are C structs: nothing here is a Python object, and C
callers split values without the GIL (`shapes.pxd`).  Interpreted, a text is a str and the parts are
a list of pairs; there a value asks the pattern of its shape first (`wire/patterns.py`), and this
splits what does not fit that, or finds the fault.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .wire import text as chars

if TYPE_CHECKING:
    from .wire.text import Parts, Spans

__all__ = [
    "FAULTS",
    "find_parameter",
    "is_parameter",
    "past_listed",
    "past_parameter",
    "split_address",
    "split_call_id",
    "split_commented",
    "split_credentials",
    "split_item",
    "split_media",
    "split_parameters",
    "split_uri",
    "split_via",
    "split_words",
]

FAULTS = (
    "",
    "uri-scheme-missing",
    "uri-character-illegal",
    "uri-user-missing",
    "host-malformed",
    "port-malformed",
    "tel-number-malformed",
    "quote-unterminated",
    "address-malformed",
    "via-malformed",
    "media-type-malformed",
    "comment-malformed",
    "credentials-malformed",
)
"""The codes of the faults, by their numbers."""
(
    URI_SCHEME_MISSING,
    URI_CHARACTER_ILLEGAL,
    URI_USER_MISSING,
    HOST_MALFORMED,
    PORT_MALFORMED,
    TEL_NUMBER_MALFORMED,
    QUOTE_UNTERMINATED,
    ADDRESS_MALFORMED,
    VIA_MALFORMED,
    MEDIA_TYPE_MALFORMED,
    COMMENT_MALFORMED,
    CREDENTIALS_MALFORMED,
) = range(1, 13)


def fault(number: int, at: int) -> int:
    """What is returned for a fault at a place in the text."""
    return number << 32 | at


# ---- URIs ----------------------------------------------------------------------------------------


def split_uri(text: str, end: int, scheme: int, parts: Spans) -> int:
    """A URI of a scheme that `scheme_of` told (RFC 3261 19.1.1, RFC 3966 3, RFC 3986 3).

    HOST is the number of a tel URI, and all there is after a scheme that is not sip or tel.
    """
    if scheme == chars.OF_SIP or scheme == chars.OF_SIPS:
        at = 3 if scheme == chars.OF_SIP else 4
    else:
        at = chars.past(text, 0, end, chars.IN_SCHEME)
        if at == end or text[at] != ":" or chars.past(text, 0, 1, chars.LETTER) == 0:
            return fault(URI_SCHEME_MISSING, 0)
    if not chars.is_uri(text, end):
        return fault(URI_CHARACTER_ILLEGAL, chars.past(text, 0, end, chars.IN_URI))
    chars.put(parts, chars.SCHEME, 0, at)
    if scheme == chars.OF_SIP or scheme == chars.OF_SIPS:
        return split_sip(text, at + 1, end, parts)
    if scheme == chars.OF_TEL:
        return split_tel(text, at + 1, end, parts)
    chars.put(parts, chars.HOST, at + 1, end)
    return 0


def split_sip(text: str, at: int, end: int, parts: Spans) -> int:
    """What follows the scheme of a sip or sips URI.

    The first @ ends the userinfo, before ; and ? mean anything.
    """
    i = chars.find(text, at, end, "@")
    if i != end:
        colon = chars.find(text, at, i, ":")
        if colon == at:
            return fault(URI_USER_MISSING, at)
        chars.put(parts, chars.USER, at, colon)
        if colon != i:
            chars.put(parts, chars.PASSWORD, colon + 1, i)
        at = i + 1
    i = past_host(text, at, end)
    if i == 0:
        return fault(HOST_MALFORMED, at)
    chars.put(parts, chars.HOST, at, i)
    if i < end and text[i] == ":":
        at = i + 1
        i = past_port(text, at, end)
        if i == 0:
            return fault(PORT_MALFORMED, at)
        chars.put(parts, chars.PORT, at, i)
    if i < end and text[i] == ";":
        at = i + 1
        i = chars.find(text, at, end, "?")
        chars.put(parts, chars.PARAMETERS, at, i)
    if i < end and text[i] == "?":
        chars.put(parts, chars.HEADERS, i + 1, end)
        return 0
    return 0 if i == end else fault(HOST_MALFORMED, i)


def split_tel(text: str, at: int, end: int, parts: Spans) -> int:
    """What follows the scheme of a tel URI (RFC 3966 3)."""
    if at < end and text[at] == "+":
        first = chars.past(text, at + 1, end, chars.VISUAL)
        i = chars.past(text, at + 1, end, chars.DIALLED_GLOBALLY)
    else:
        first = chars.past(text, at, end, chars.VISUAL)
        i = chars.past(text, at, end, chars.DIALLED)
    if first == i or (i < end and text[i] != ";"):
        return fault(TEL_NUMBER_MALFORMED, i)
    chars.put(parts, chars.HOST, at, i)
    if i < end:
        chars.put(parts, chars.PARAMETERS, i + 1, end)
    return 0


def past_host(text: str, at: int, end: int) -> int:
    """Where the name, IPv4 address or IPv6 reference at `at` ends; 0 if there is none.

    What the brackets hold is not looked into: [2001:db8:::192.0.2.1] is one (RFC 5118 4.5).
    """
    if at < end and text[at] == "[":
        i = chars.past(text, at + 1, end, chars.IN_REFERENCE)
        return i + 1 if i > at + 1 and i < end and text[i] == "]" else 0
    i = chars.past(text, at, end, chars.IN_HOST)
    return i if i > at else 0


def past_port(text: str, at: int, end: int) -> int:
    """Where the port at `at` ends; 0 if there is no number below 65536."""
    i = chars.past(text, at, end, chars.DIGIT)
    if i == at or (i - at > 4 and chars.number(text, at, i) > 65535):
        return 0
    return i


# ---- what header fields hold ---------------------------------------------------------------------


def split_address(text: str, end: int, parts: Spans) -> int:
    """A name-addr or an addr-spec, and parameters (RFC 3261 20.10)."""
    if end > 0 and text[0] == '"':
        at = chars.past_quoted(text, 0, end)
        if at == 0:
            return fault(QUOTE_UNTERMINATED, 0)
        chars.put(parts, chars.DISPLAY_NAME, 0, at)
        at = chars.past_space(text, at, end)
        if at == end or text[at] != "<":
            return fault(ADDRESS_MALFORMED, at)
    else:
        at = chars.past(text, 0, end, chars.BEFORE_ADDRESS)
        if at == end or text[at] == ";":
            if at == 0:
                return fault(ADDRESS_MALFORMED, 0)
            chars.put(parts, chars.ADDRESS, 0, chars.before_space(text, 0, at))
            return split_rest(text, at, end, parts)
        if text[at] == '"':
            return fault(ADDRESS_MALFORMED, at)
        if at > 0:
            chars.put(parts, chars.DISPLAY_NAME, 0, chars.before_space(text, 0, at))
    close = chars.find(text, at, end, ">")
    if close == end or chars.find(text, at + 1, close, "<") != close:
        return fault(ADDRESS_MALFORMED, at)
    at = chars.past_space(text, at + 1, close)
    chars.put(parts, chars.ADDRESS, at, chars.before_space(text, at, close))
    at = chars.past_space(text, close + 1, end)
    if at < end and text[at] != ";":
        return fault(ADDRESS_MALFORMED, at)
    return split_rest(text, at, end, parts)


def split_via(text: str, end: int, parts: Spans) -> int:
    """A Via (RFC 3261 20.42): sent-protocol, sent-by, parameters."""
    at = 0
    first = chars.PROTOCOL
    if chars.is_sip_2(text, end):
        chars.put(parts, chars.PROTOCOL, 0, 3)
        chars.put(parts, chars.VERSION, 4, 7)
        first = chars.TRANSPORT
        at = chars.past_space(text, 8, end)
    for part in range(first, chars.TRANSPORT + 1):
        i = chars.past(text, at, end, chars.IN_TOKEN)
        if i == at:
            return fault(VIA_MALFORMED, at)
        chars.put(parts, part, at, i)
        at = chars.past_space(text, i, end)
        if part == chars.TRANSPORT:
            if at == i:
                return fault(VIA_MALFORMED, i)
        elif at == end or text[at] != "/":
            return fault(VIA_MALFORMED, i)
        else:
            at = chars.past_space(text, at + 1, end)
    i = past_host(text, at, end)
    if i == 0:
        return fault(HOST_MALFORMED, at)
    chars.put(parts, chars.HOST, at, i)
    at = chars.past_space(text, i, end)
    if at < end and text[at] == ":":
        at = chars.past_space(text, at + 1, end)
        i = past_port(text, at, end)
        if i == 0:
            return fault(PORT_MALFORMED, at)
        chars.put(parts, chars.PORT, at, i)
        at = chars.past_space(text, i, end)
    if at < end and text[at] != ";":
        return fault(HOST_MALFORMED, at)
    return split_rest(text, at, end, parts)


def split_item(text: str, end: int, parts: Spans) -> int:
    """Anything up to the first semicolon, and parameters."""
    at = chars.past(text, 0, end, chars.BEFORE_PARAMETERS)
    while at < end and text[at] == '"':
        i = chars.past_quoted(text, at, end)
        if i == 0:
            return fault(QUOTE_UNTERMINATED, at)
        at = chars.past(text, i, end, chars.BEFORE_PARAMETERS)
    chars.put(parts, chars.FIRST, 0, chars.before_space(text, 0, at))
    return split_rest(text, at, end, parts)


def split_call_id(text: str, end: int, parts: Spans) -> int:
    """A Call-ID, in which quotes are plain characters (RFC 3261 25.1: word), and parameters."""
    at = chars.find(text, 0, end, ";")
    chars.put(parts, chars.FIRST, 0, chars.before_space(text, 0, at))
    return split_rest(text, at, end, parts)


def split_media(text: str, end: int, parts: Spans) -> int:
    """A media type or range: type, subtype, and parameters (RFC 3261 20.1, 20.15)."""
    i = chars.past(text, 0, end, chars.IN_TOKEN)
    if i == 0:
        return fault(MEDIA_TYPE_MALFORMED, 0)
    chars.put(parts, chars.FIRST, 0, i)
    at = chars.past_space(text, i, end)
    if at == end or text[at] != "/":
        return fault(MEDIA_TYPE_MALFORMED, i)
    at = chars.past_space(text, at + 1, end)
    i = chars.past(text, at, end, chars.IN_TOKEN)
    if i == at:
        return fault(MEDIA_TYPE_MALFORMED, at)
    chars.put(parts, chars.SECOND, at, i)
    at = chars.past_space(text, i, end)
    if at < end and text[at] != ";":
        return fault(MEDIA_TYPE_MALFORMED, at)
    return split_rest(text, at, end, parts)


def split_commented(text: str, end: int, parts: Spans) -> int:
    """Anything up to a comment (RFC 3261 25.1), that comment, and parameters.

    Comments nest; quotes mean nothing in them.
    """
    at = chars.past(text, 0, end, chars.BEFORE_COMMENT)
    chars.put(parts, chars.FIRST, 0, chars.before_space(text, 0, at))
    if at < end and text[at] == "(":
        i = past_comment(text, at, end)
        if i == 0:
            return fault(COMMENT_MALFORMED, at)
        chars.put(parts, chars.SECOND, at, i)
        at = chars.past_space(text, i, end)
        if at < end and text[at] != ";":
            return fault(COMMENT_MALFORMED, at)
    return split_rest(text, at, end, parts)


def past_comment(text: str, at: int, end: int) -> int:
    """Where the comment that begins at `at` ends, after its parenthesis; 0 if it does not end."""
    depth = 0
    while at < end:
        if text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        else:
            at += 1  # the second character of a quoted-pair is no parenthesis
        at = chars.past(text, at + 1, end, chars.BEFORE_PARENTHESIS)
    return 0


def split_words(text: str, end: int, most: int, parts: Spans) -> int:
    """One to three words that whitespace separates; the last one takes what is left."""
    at = 0
    for part in range(most - 1):
        i = chars.past(text, at, end, chars.BEFORE_SPACE)
        chars.put(parts, part, at, i)
        at = chars.past_space(text, i, end)
        if at == end:
            return 0
    chars.put(parts, most - 1, at, end)
    return 0


def split_credentials(text: str, end: int, parts: Spans) -> int:
    """An authentication scheme, and parameters between commas or a token68 (RFC 9110 11.4).

    What can be a token68 is one, also where it could be the name of a parameter.
    """
    i = chars.past(text, 0, end, chars.IN_TOKEN)
    at = chars.past_space(text, i, end)
    if i == 0 or (at == i and at < end):
        return fault(CREDENTIALS_MALFORMED, i)
    chars.put(parts, chars.SCHEME, 0, i)
    if at == end:
        return 0
    i = chars.past(text, at, end, chars.IN_TOKEN68)
    if i > at:
        while i < end and text[i] == "=":
            i += 1
        if i == end:
            chars.put(parts, chars.TOKEN68, at, end)
            return 0
    return split_parameters(text, at, end, parts)


# ---- parameters ----------------------------------------------------------------------------------


def split_rest(text: str, at: int, end: int, parts: Spans) -> int:
    """The parameters after the semicolon at `at`, if that is not the end."""
    return 0 if at == end else split_parameters(text, at + 1, end, parts)


def split_parameters(text: str, at: int, end: int, parts: Spans) -> int:
    """Parameters up to the end: each quoted string among them ends."""
    chars.put(parts, chars.PARAMETERS, at, end)
    quote = chars.find(text, at, end, '"')
    if quote == end:
        return 0
    chars.put(parts, chars.QUOTED, quote, end)
    quote = chars.open_quote(text, quote, end)
    return 0 if quote == end else fault(QUOTE_UNTERMINATED, quote)


def find_parameter(text: str, parts: Parts, separator: str, name: str, size: int) -> int:
    """Where the first parameter of a name begins, times 2**32, and where the text after its equals
    sign does, 0 if it has none; or -1.

    The name is in lower case, of bytes that are in `IN_NAME`, and no %HH in the text is read.
    """
    if not chars.has(parts, chars.PARAMETERS):
        return -1
    at, end = chars.begin(parts, chars.PARAMETERS), chars.stop(parts, chars.PARAMETERS)
    while at < end:
        at = chars.past_space(text, at, end)
        if chars.is_named(text, at, end, name, size):
            equals = chars.past_space(text, at + size, end)
            if equals == end or text[equals] == separator:
                if equals > at:
                    return at << 32
            elif text[equals] == "=":
                return at << 32 | equals + 1
        at = past_parameter(text, at, end, separator, parts) + 1
    return -1


def past_parameter(text: str, at: int, end: int, separator: str, parts: Parts) -> int:
    """Where the parameter at `at` ends: at its separator, or at the end."""
    if chars.has(parts, chars.QUOTED):
        return chars.find_mark(text, at, end, separator)
    return chars.find(text, at, end, separator)


def is_parameter(text: str, at: int, stop: int, equals: int, end: int) -> bool:
    """Whether a parameter is a token, and maybe one quoted string or text without whitespace.

    The name ends at `stop`; `equals` is `end` where there is no value.
    """
    if stop == at or chars.past(text, at, stop, chars.IN_TOKEN) != stop:
        return False
    if equals == end:
        return True
    at = chars.past_space(text, equals + 1, end)
    if chars.find(text, at, end, '"') != end:
        return text[at] == '"' and chars.past_quoted(text, at, end) == end
    return chars.past(text, at, end, chars.BEFORE_SPACE) == end


# ---- lists ---------------------------------------------------------------------------------------


def past_listed(text: str, at: int, end: int) -> int:
    """Where the value at `at` of a comma list ends: at its comma, or at the end; or a fault.

    The comma stands in no quoted string and in no brackets (RFC 3261 7.3.1).
    """
    at = chars.past(text, at, end, chars.BEFORE_COMMA)
    while at < end and text[at] != ",":
        if text[at] == '"':
            i = chars.past_quoted(text, at, end)
            if i == 0:
                return fault(QUOTE_UNTERMINATED, at)
        else:
            i = chars.past(text, at + 1, end, chars.BEFORE_BRACKET)
            i = i + 1 if i < end and text[i] == ">" else at + 1
        at = chars.past(text, i, end, chars.BEFORE_COMMA)
    return at
