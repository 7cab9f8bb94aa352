"""Security agreements (RFC 3329)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..building import check, free, q_text
from ..items import Item, built_token
from ..parameters import (
    Pairs,
    alike,
    others,
    parameter_number,
    parameter_q,
    quoted,
    written,
)
from ..wire.text import FIRST

if TYPE_CHECKING:
    from types import EllipsisType

    from typing_extensions import Self

__all__ = ["SecurityMechanism"]


class SecurityMechanism(Item):
    """A mechanism offered in Security-Client, -Server or -Verify (RFC 3329 2.2).

    >>> mechanism = SecurityMechanism.parse("ipsec-3gpp;q=0.5;alg=hmac-sha-1-96;port-c=5062")
    >>> mechanism.mechanism, mechanism.q, mechanism.algorithm, mechanism.port_c
    ('ipsec-3gpp', 0.5, 'hmac-sha-1-96', 5062)
    """

    __slots__ = ()

    def __init__(
        self,
        mechanism: str,
        *,
        q: float | None = None,
        digest_verify: str | None = None,
        parameters: Pairs = (),
    ) -> None:
        """Build one.  Raises `ParseError` if a part cannot be written."""
        check(locals())
        preference = "" if q is None else f";q={q_text(q)}"
        verify = "" if digest_verify is None else f";d-ver={quoted(digest_verify)}"
        rest = written(free(parameters, "q", "d-ver"))
        built = built_token(self, mechanism, f"{preference}{verify}{rest}")
        built.q  # noqa: B018  raises if malformed
        self._become(built)

    @property
    def mechanism(self) -> str:
        """The mechanism, such as ``"tls"``, ``"digest"`` or ``"ipsec-3gpp"``."""
        return self._part(FIRST) or ""

    @property
    def q(self) -> float | None:
        """The preference from 0 to 1, or None.  Raises `ParseError`."""
        return parameter_q(self)

    @property
    def digest_algorithm(self) -> str | None:
        """``d-alg``: the algorithm of the mechanism digest, or None."""
        return self._parameter("d-alg")

    @property
    def digest_qop(self) -> str | None:
        """``d-qop``: the quality of protection of the mechanism digest, or None."""
        return self._parameter("d-qop")

    @property
    def digest_verify(self) -> str | None:
        """``d-ver``: 32 hexadecimal digits that protect the agreement, or None."""
        return self._parameter("d-ver")

    @property
    def algorithm(self) -> str | None:
        """``alg``: the integrity algorithm of ipsec-3gpp (3GPP TS 33.203 annex H), or None."""
        return self._parameter("alg")

    @property
    def encryption_algorithm(self) -> str | None:
        """``ealg``: the encryption algorithm of ipsec-3gpp, or None."""
        return self._parameter("ealg")

    @property
    def port_c(self) -> int | None:
        """``port-c``: the protected port for sent requests, or None.  Raises `ParseError`."""
        return parameter_number(self, "port-c", 65535)

    @property
    def port_s(self) -> int | None:
        """``port-s``: the protected port for received requests, or None.  Raises `ParseError`."""
        return parameter_number(self, "port-s", 65535)

    def _arguments(self) -> dict[str, Any]:
        return {
            "mechanism": self.mechanism,
            "q": self.q,
            "digest_verify": self.digest_verify,
            "parameters": others(self, ("q", "d-ver")),
        }

    def replace(
        self,
        *,
        mechanism: str | EllipsisType = ...,
        q: float | EllipsisType | None = ...,
        digest_verify: str | EllipsisType | None = ...,
        parameters: Pairs | EllipsisType = ...,
    ) -> Self:
        """A copy with some constructor arguments replaced."""
        return self._with(locals())

    def _key(self) -> Any:
        return self.mechanism.lower(), self.q, alike(self, ("q",))
