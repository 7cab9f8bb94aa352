"""Text by its charset (RFC 2046 4.1.2, RFC 3261 7.4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipfast.errors import parse_error

if TYPE_CHECKING:
    from sipfast._core.message.message import Buffer

__all__ = ["codec_of", "decode_text"]

# The charsets of the Internet only: some other codecs of Python take quadratic time, and a lookup
# of an unknown name imports modules and is cached for good.
_CODECS = {
    **dict.fromkeys(("utf-8", "utf8", "us-ascii", "ascii"), "utf-8"),
    # Text labelled GB2312 often goes beyond it; GB18030 contains it, and GBK.
    **dict.fromkeys(("gb2312", "gb_2312-80", "gbk", "cp936", "gb18030"), "gb18030"),
    **{name: name for name in ("utf-16", "utf-16be", "utf-16le")},
    **{name: name for name in ("big5", "euc-jp", "iso-2022-jp", "koi8-r", "koi8-u")},
    **dict.fromkeys(("shift_jis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    **dict.fromkeys(("iso-8859-1", "latin1"), "iso-8859-1"),
    **{f"iso-8859-{n}": f"iso-8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"windows-{n}": f"cp{n}" for n in (874, *range(1250, 1259))},
}


def codec_of(charset: str) -> str | None:
    """The name of Python's codec for a charset, case-insensitive; None for an unknown one."""
    return _CODECS.get(charset.strip().lower())


def decode_text(body: Buffer, charset: str | None = None) -> str:
    """The text of a body.  Without a charset it is UTF-8 (RFC 3261 7.4.1).

    Invalid bytes of UTF-8 become surrogate escapes, as in header fields; in every other charset
    they become U+FFFD. Raises `ParseError` for an unknown charset.
    """
    codec = codec_of(charset or "utf-8")
    if codec is None:
        raise parse_error("charset-unknown", 0, "Content-Type")
    return bytes(body).decode(codec, "surrogateescape" if codec == "utf-8" else "replace")
