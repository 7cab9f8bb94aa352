"""Media types with their parameters."""

from __future__ import annotations

import re
from typing import NamedTuple

from sipfast.errors import parse_error

_TOKEN = r"[-.!%*_+`'~0-9A-Za-z#$&^|]+"
_TYPE = re.compile(rf"[ \t]*({_TOKEN})[ \t]*/[ \t]*({_TOKEN})[ \t]*")
# A value without quotes is taken up to the next semicolon: boundaries in the field have colons and
# slashes without being quoted.
_PARAMETER = re.compile(
    rf';[ \t]*(?:({_TOKEN})[ \t]*(?:=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;"\s]*)))?)?[ \t]*', re.DOTALL
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class ContentType(NamedTuple):
    """A media type (RFC 3261 20.15)."""

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...]
    """Each parameter's name in lower case, and its value without quotes."""

    @classmethod
    def parse(cls, text: str) -> ContentType:
        """Read ``type/subtype;name=value``; `ParseError` with the offset in `text`."""
        match = _TYPE.match(text)
        if match is None:
            raise parse_error("media-type-malformed", 0, "Content-Type")
        main, sub = match.groups()
        parameters = []
        while match.end() < len(text):
            at = match.end()
            match = _PARAMETER.match(text, at)
            if match is None:
                raise parse_error("media-type-malformed", at, "Content-Type")
            name, quoted, plain = match.groups()
            if name:
                value = _ESCAPE.sub(r"\1", quoted) if quoted is not None else plain or ""
                parameters.append((name.lower(), value))
        return cls(main, sub, tuple(parameters))

    @property
    def media_type(self) -> str:
        """Type and subtype in lower case, such as ``"application/sdp"``."""
        return f"{self.type}/{self.subtype}".lower()

    def parameter(self, name: str) -> str | None:
        """The value of the first parameter of this name, in any case, or None."""
        wanted = name.lower()
        return next((value for known, value in self.parameters if known == wanted), None)
