"""Media types, dispositions, codings and languages, of bodies and as accepted."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..building import Pair, built_item, changed, check, free, gathered, q_text
from ..parameters import Pairs, Parameters, alike, others, parameter_q, written
from ..value import Value
from ..wire.text import FIRST, SECOND

if TYPE_CHECKING:
    from types import EllipsisType

    from typing_extensions import Self

__all__ = ["Accepted", "ContentDisposition", "ContentType", "MediaRange", "MimeVersion"]

_CASE_MATTERS = frozenset(("boundary", "start"))  # RFC 2046 5.1.1, RFC 2387 3.2
_MIME_VERSION = re.compile(r"[0-9]+\.[0-9]+")


class ContentType(Value):
    """A Content-Type: a media type, and parameters (RFC 3261 20.15).

    >>> content_type = ContentType.parse("Multipart/Mixed; boundary=7x")
    >>> content_type.media_type, content_type.boundary
    ('multipart/mixed', '7x')
    """

    __slots__ = ()

    def __init__(self, media_type: str, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        self._become(_built_type(self, media_type, free(parameters), "Content-Type"))

    def _read(self) -> Any:
        self._split_media()
        return self

    @property
    def media_type(self) -> str:
        """Type and subtype in lower case, such as ``"application/sdp"``."""
        return self._media_type()

    @property
    def type(self) -> str:
        """The type in lower case, such as ``"application"``."""
        return self._token(FIRST).lower()

    @property
    def subtype(self) -> str:
        """The subtype in lower case, such as ``"sdp"``."""
        return self._token(SECOND).lower()

    @property
    def charset(self) -> str | None:
        """``charset`` in lower case, or None."""
        charset = self._parameter("charset")
        return charset and charset.lower()

    @property
    def boundary(self) -> str | None:
        """``boundary``: the separator of the parts of a multipart (RFC 2046 5.1.1), or None."""
        return self._parameter("boundary")

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        media_type: str | EllipsisType = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        given = changed(locals())
        parts = {"media_type": _written_type(self), "parameters": self._parameters()}
        return self._again(type(self), parts, given)

    def _key(self) -> Any:
        """Case is ignored, except in the parameters named by RFC 2046 and RFC 2387."""
        pairs = [(name.lower(), value or "") for name, value in self._parameters()]
        return self._media_type(), frozenset(
            [(name, value if name in _CASE_MATTERS else value.lower()) for name, value in pairs]
        )


class MediaRange(ContentType):
    """One value of Accept: a range of media types and their preference (RFC 3261 20.1).

    >>> accepted = MediaRange.parse("text/*;q=0.5")
    >>> accepted.type, accepted.subtype, accepted.q
    ('text', '*', 0.5)
    """

    __slots__ = ()

    def __init__(self, media_type: str, q: float | None = None, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        built = _built_type(self, media_type, _before_q(parameters, q), "Accept")
        built.q  # noqa: B018  raises if malformed
        self._become(built)

    @property
    def q(self) -> float | None:
        """How welcome, from 0 to 1; None means 1.  Raises `ParseError`."""
        return parameter_q(self)

    def replace(
        self,
        *,
        media_type: str | EllipsisType = ...,
        q: float | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some arguments of `MediaRange` replaced."""
        given = changed(locals())
        parts = {
            "media_type": _written_type(self),
            "q": self.q,
            "parameters": others(self, ("q",)),
        }
        return self._again(type(self), parts, given)

    def _key(self) -> Any:
        return self._media_type(), self.q, alike(self, ("q",))


class Accepted(Value):
    """One value of Accept-Encoding or Accept-Language: a coding or language and its preference.

    >>> accepted = Accepted.parse("zh;q=0.8")
    >>> accepted.name, accepted.q
    ('zh', 0.8)
    """

    __slots__ = ()

    def __init__(self, name: str, q: float | None = None, parameters: Pairs = ()) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        built = built_item(self, name, _before_q(parameters, q))
        built.q  # noqa: B018  raises if malformed
        self._become(built)

    def _read(self) -> Any:
        self._split_item()
        self._keep(self._token(FIRST))
        return self

    @property
    def name(self) -> str:
        """The coding or language as written; ``"*"`` means all others."""
        name: str = self._kept()
        return name

    @property
    def q(self) -> float | None:
        """How welcome, from 0 to 1; None means 1.  Raises `ParseError`."""
        return parameter_q(self)

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping; ``q`` is one of them."""
        return Parameters(self)

    def replace(
        self,
        *,
        name: str | EllipsisType = ...,
        q: float | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Accepted:
        """A copy with some arguments of `Accepted` replaced."""
        given = changed(locals())
        parts = {"name": self.name, "q": self.q, "parameters": others(self, ("q",))}
        return self._again(Accepted, parts, given)

    def _key(self) -> Any:
        return self.name.lower(), self.q, alike(self, ("q",))


class ContentDisposition(Value):
    """A Content-Disposition: the use of the body, and whether it is optional (RFC 3261 20.11).

    >>> disposition = ContentDisposition.parse("session;handling=optional")
    >>> disposition.disposition, disposition.handling
    ('session', 'optional')
    """

    __slots__ = ()

    def __init__(
        self, disposition: str, handling: str | None = None, *, parameters: Pairs = ()
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        built = built_item(self, disposition, gathered((("handling", handling),), parameters))
        self._become(built)

    def _read(self) -> Any:
        self._split_item()
        self._token(FIRST)
        return self

    @property
    def disposition(self) -> str:
        """The disposition in lower case, such as ``"session"`` or ``"render"``."""
        return self._token(FIRST).lower()

    @property
    def handling(self) -> str | None:
        """``"optional"`` or ``"required"``, in lower case; None means required (RFC 3261 20.11)."""
        handling = self._parameter("handling")
        return handling and handling.lower()

    @property
    def parameters(self) -> Parameters:
        """The parameters as a mapping."""
        return Parameters(self)

    def replace(
        self,
        *,
        disposition: str | EllipsisType = ...,
        handling: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> ContentDisposition:
        """A copy with some arguments of `ContentDisposition` replaced."""
        given = changed(locals())
        parts = {
            "disposition": self._part(FIRST),
            "handling": self._parameter("handling"),
            "parameters": others(self, ("handling",)),
        }
        return self._again(ContentDisposition, parts, given)

    def _key(self) -> Any:
        return self.disposition, self.parameters


class MimeVersion(Value):
    """A MIME-Version; it is read as str, such as ``"1.0"`` (RFC 3261 20.24)."""

    __slots__ = ()

    def _read(self) -> Any:
        text = str(self)
        if not _MIME_VERSION.fullmatch(text):
            self._raise("mime-version-malformed", 0)
        return text


def _before_q(parameters: Pairs, q: float | None) -> list[tuple[str, str | None]]:
    """Parameters, and then q if given: parameters after q belong to Accept, not to the type."""
    text = q_text(q)
    return free(parameters, "q") + ([] if text is None else [("q", text)])


def _built_type(value: Value, media_type: str, pairs: list[Pair], header: str) -> Any:
    """Make a new value one of this type and parameters."""
    if not isinstance(media_type, str):
        raise TypeError(f"a media type must be str, not {type(media_type).__name__}")
    built = value._built(f"{media_type}{written(pairs, header)}")
    if _written_type(built) != media_type:
        built._fail("media-type-malformed", FIRST)
    return built


def _written_type(value: Value) -> str:
    return f"{value._part(FIRST)}/{value._part(SECOND)}"
