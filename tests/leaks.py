"""Search in redacted messages for what was in the originals."""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Iterable, Iterator
from urllib.parse import unquote_to_bytes

from sipfast.redact import words
from sipfast.redact.fields import FIELDS, OF_BODY
from sipfast.redact.sdp import ATTRIBUTES
from sipfast.redact.values import TEL_PARAMETERS, URI_HEADERS, URI_PARAMETERS
from sipfast.registry.q850 import CAUSES
from sipfast.registry.status import STATUSES
from sipfast.registry.warning_codes import WARNINGS

_WORD = re.compile(r"[A-Za-z0-9_+-]{3,}")

GRAMMAR = frozenset(
    word.lower()
    for text in (
        *(name for known in vars(words).values() if isinstance(known, frozenset) for name in known),
        *FIELDS,
        *OF_BODY,
        *ATTRIBUTES,
        *URI_PARAMETERS,
        *URI_HEADERS,
        *TEL_PARAMETERS,
        *(name for row in FIELDS.values() for name in row.parameters),
        *(row.phrase for row in STATUSES.values()),
        *(row.en for row in CAUSES.values()),
        *(row.en for row in WARNINGS.values()),
        # What the functions of the tables write.
        "Digest realm nonce opaque algorithm qop auth-int stale true username uri response cnonce",
        "auth sip tel sips urn uuid gsma imei IN IP4 IP6 UDP TCP typ host srflx relay raddr rport",
        "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec GMT",
        "refresher uac uas calling called yes no phone active pending terminated duration text",
        "BUNDLE transferredTCF t38UDPRedundancy Signal Messages-Waiting Message-Account",
        "Voice-Message fax-message invalid anonymous fork parallel supported emergency cause",
        "normal urgent",
        "actpass passive qos local remote mandatory optional none send recv generation main new",
        "proxy false subscriber z9hG4bK boundary multipart mixed handling required orig reg",
        "network-provided fe80 42e01f 42801e nack pli off existing localhost",
    )
    for word in _WORD.findall(text)
)
"""The words that stay."""


def words_left(before: bytes, after: bytes) -> set[str]:
    """The words of a message that are in what was made of it, without grammar and numbers.

    Numbers are of their own: ports, times and sequence numbers stay, and telephone numbers can have
    a pseudonym that is another one.
    """
    left = _words(before) & _words(after)
    return {word for word in left - GRAMMAR if not re.fullmatch("[0-9-]+", word)}


def is_grammar(value: str) -> bool:
    """Whether a value has no word of its own."""
    found = _WORD.findall(value) if value.isascii() else []
    return bool(found) and all(word.lower() in GRAMMAR or word.isdigit() for word in found)


def _words(data: bytes) -> set[str]:
    text = re.sub("%[0-9A-Fa-f]{2}", " ", data.decode("latin-1"))
    return {word.lower() for word in _WORD.findall(text)}


def forms(value: str) -> Iterator[bytes]:
    """The forms in which a value could be left, in lower case."""
    data = value.encode("utf-8", "surrogateescape")
    yield data.lower()
    yield data.hex().encode()
    yield value[::-1].encode("utf-8", "surrogateescape").lower()
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            yield socket.inet_pton(family, value.strip("[]"))
        except (OSError, ValueError):
            continue
    digits = re.sub("[^0-9]", "", value)
    if len(digits) >= 6 and re.fullmatch(r"[-+() .0-9]+", value):
        yield digits.encode()


def encoded(value: str) -> Iterator[bytes]:
    """The same in base64, at each of its three alignments, without what its neighbours share."""
    data = value.encode("utf-8", "surrogateescape")
    if len(data) < 6:
        return
    for before in range(3):
        text = base64.b64encode(b"\0" * before + data)
        yield text[(before * 8 + 5) // 6 : len(text) - 4]


def left(values: Iterable[str], after: bytes) -> list[str]:
    """The values that are in the output in any form."""
    texts = after, after.lower(), unquote_to_bytes(after).lower()
    return [
        value
        for value in values
        if any(form in text for text in texts for form in forms(value))
        or any(form in after for form in encoded(value))
    ]
