"""The components of sip, sips and tel URIs, and the characters that each may contain.

Constructors escape all other characters, `Message.defects` reports them, and docs/uri.md lists
them.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .characters import TOKEN

__all__ = ["COMPONENTS", "TOKEN_PARAMETERS", "Component"]

_ALPHANUMERIC = "A-Za-z0-9"
_MARK = "-_.!~*'()"
_PARAMETER = _MARK + "[]/:&+$"
_HEADER = _MARK + "[]/?:+$"
_VISUAL = "-.()"
_TOKEN = TOKEN.replace(_ALPHANUMERIC, "")


class Component(NamedTuple):
    """A component of a URI."""

    scheme: str
    """``"sip"``, which includes sips, or ``"tel"``."""
    name: str
    rule: str
    """Its rule in the grammar."""
    ranges: str
    """The letters and digits that it may contain, as ranges of a character class in a pattern."""
    marks: str
    """The other characters that it may contain."""
    escapes: bool
    """Whether it may contain %HH, which stands for any byte."""
    may_be_empty: bool
    fault: str
    """The code of its fault."""

    @property
    def rfc(self) -> str:
        """The section with the rule."""
        return "RFC 3966 3" if self.scheme == "tel" else "RFC 3261 25.1"

    @property
    def pattern(self) -> re.Pattern[str]:
        """A pattern that matches the well-formed beginning of a text, in linear time."""
        run = f"[{self.ranges}{re.escape(self.marks)}]*"
        return re.compile(f"{run}(?:%[0-9A-Fa-f]{{2}}{run})*" if self.escapes else run)


TOKEN_PARAMETERS = ("transport", "user", "method")
"""URI parameters whose value is a token, in which % is a character like any other."""

# fmt: off
_ROWS = (
    Component("sip", "user", "user", _ALPHANUMERIC, _MARK + "&=+$,;?/", True, False, "uri-user-malformed"),
    Component("sip", "password", "password", _ALPHANUMERIC, _MARK + "&=+$,", True, True, "uri-password-malformed"),
    Component("sip", "host", "host", _ALPHANUMERIC, "-.:[]", False, False, "host-malformed"),
    Component("sip", "port", "port", "0-9", "", False, False, "port-malformed"),
    Component("sip", "parameter name", "pname", _ALPHANUMERIC, _PARAMETER, True, False, "uri-parameter-malformed"),
    Component("sip", "parameter value", "pvalue", _ALPHANUMERIC, _PARAMETER, True, False, "uri-parameter-malformed"),
    Component("sip", "transport, user, method", "token", _ALPHANUMERIC, _TOKEN, False, False, "uri-parameter-malformed"),
    Component("sip", "maddr", "host", _ALPHANUMERIC, "-.:[]", False, False, "host-malformed"),
    Component("sip", "ttl", "ttl", "0-9", "", False, False, "parameter-not-a-number"),
    Component("sip", "header name", "hname", _ALPHANUMERIC, _HEADER, True, False, "uri-header-malformed"),
    Component("sip", "header value", "hvalue", _ALPHANUMERIC, _HEADER, True, True, "uri-header-malformed"),
    Component("tel", "global number", "global-number-digits", "0-9", "+" + _VISUAL, False, False, "tel-number-malformed"),
    Component("tel", "local number", "local-number-digits", "0-9A-Fa-f", "*#" + _VISUAL, False, False, "tel-number-malformed"),
    Component("tel", "ext", "1*phonedigit", "0-9", _VISUAL, False, False, "tel-number-malformed"),
    Component("tel", "isub", "1*uric", _ALPHANUMERIC, _MARK + "/?:@&=+$,", True, False, "tel-parameter-malformed"),
    Component("tel", "phone-context", "descriptor", _ALPHANUMERIC, "+" + _VISUAL, False, False, "tel-context-malformed"),
    Component("tel", "parameter name", "pname", _ALPHANUMERIC, "-", False, False, "tel-parameter-malformed"),
    Component("tel", "parameter value", "pvalue", _ALPHANUMERIC, _PARAMETER, True, False, "tel-parameter-malformed"),
)
# fmt: on

COMPONENTS = {(row.scheme, row.name): row for row in _ROWS}
"""Each component by its scheme and name."""
