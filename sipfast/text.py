"""Text that leaves for JSON, CSV or Arrow, which take no surrogates.

Header text is UTF-8; a byte that is not becomes a surrogate escape, so that it survives a round
trip. `clean` gives text without them.

>>> from sipfast.text import clean
>>> clean("M\\udcfcller"), clean("\\udcd5\\udcc5\\udcc8\\udcfd", errors="guess")
('M\ufffdller', '张三')
"""

from __future__ import annotations

import re
from typing import Literal

__all__ = ["clean"]

_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_ESCAPED = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_HIGH = re.compile(rb"[\x80-\xff]+")

_CHINESE, _WESTERN, _ANY = "gb18030", "cp1252", "latin-1"


def clean(text: str, errors: Literal["replace", "guess"] = "replace") -> str:
    """Text without surrogates, fit for UTF-8; text that has none is returned as it is.

    ``"replace"`` puts U+FFFD for the bytes that are not UTF-8. ``"guess"`` decodes the whole text
    by the charset that it seems to have: GB18030 (also GBK and GB2312), Windows-1252 or, for bytes
    that this lacks, Latin-1. A short text may be guessed wrong. Guessing needs charset-normalizer:
    ``pip install 'sipfast[text]'``.

    Raises ValueError for other `errors`, and ModuleNotFoundError without charset-normalizer.
    """
    if errors not in ("replace", "guess"):
        raise ValueError(f"errors must be 'replace' or 'guess', not {errors!r}")
    if text.isascii() or not _SURROGATE.search(text):
        return text
    whole = _NOT_ESCAPED.sub("\ufffd", text)
    octets = whole.encode("utf-8", "surrogateescape")
    if errors == "replace" or whole != text:
        return octets.decode("utf-8", "replace")
    return octets.decode(_charset(octets))


def _charset(octets: bytes) -> str:
    """The charset of bytes that are not UTF-8."""
    try:
        from charset_normalizer import from_bytes
    except ModuleNotFoundError as error:
        what = "guessing a charset needs charset-normalizer: pip install 'sipfast[text]'"
        raise ModuleNotFoundError(what, name=error.name) from None
    likely = from_bytes(
        octets,
        cp_isolation=[_CHINESE, _WESTERN],
        preemptive_behaviour=False,
        enable_fallback=False,
    )
    names = {match.encoding for match in likely}
    if not names:
        names = {name for name in (_CHINESE, _WESTERN) if _fits(octets, name)}
    if len(names) == 2:
        # Bytes that come in pairs are Chinese: a letter with an accent stands alone.
        in_pairs = all(len(run) % 2 == 0 for run in _HIGH.findall(octets))
        return _CHINESE if in_pairs else _WESTERN
    return names.pop() if names else _ANY


def _fits(octets: bytes, charset: str) -> bool:
    try:
        octets.decode(charset)
    except UnicodeDecodeError:
        return False
    return True
