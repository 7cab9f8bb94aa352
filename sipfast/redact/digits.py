"""A keyed permutation of the strings of digits of one length.

It is a Feistel network over decimal digits, as FF1 (NIST SP 800-38G) has it, with HMAC-SHA256 as
its round function.  A single digit is permuted by a table.  *Cycle walking* repeats the permutation
until the result is in the set that its argument was in: so the set has a permutation of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from .key import keyed

__all__ = ["MOST", "Numbers"]

MOST = 40
"""The most digits of a number; more are no telephone number, and cost more than linear time."""
_ROUNDS = 10
_LEFT = 4
"""The digits that a kept prefix leaves to be permuted; with fewer, no prefix is kept."""
_ABROAD, _TRUNK = "00", "0"


class Numbers:
    """Pseudonyms of numbers, with the same number of digits.

    `keep` is a count of leading digits, or prefixes such as ``"+44"``, that stay as they are where
    at least four digits follow.  The prefix ``00`` stays before a number, which is then permuted
    as with a plus sign, and so does the ``0`` of a national number; no other one gets a zero.
    """

    def __init__(self, prf: keyed, keep: int | Sequence[str]) -> None:
        self._prf = prf
        self._count = keep if isinstance(keep, int) else 0
        prefixes = () if isinstance(keep, int) else map(_prefix, keep)
        self._prefixes: list[str] = sorted({*prefixes} - {""}, key=len, reverse=True)
        self._shuffles: dict[str, list[str]] = {}

    def __call__(self, digits: str) -> str:
        """The pseudonym of at most `MOST` digits."""
        if digits.startswith(_ABROAD) and len(digits) > len(_ABROAD) + 2:
            return _ABROAD + self._number(digits[len(_ABROAD) :])
        return self._number(digits)

    def _number(self, digits: str) -> str:
        kept = self._kept(digits)
        made = digits
        while True:  # a step leaves the set of numbers that look alike in one of a hundred cases
            made = kept + self.permuted(made[len(kept) :], kept)
            if self._kept(made) == kept and _zeros(made) == _zeros(digits):
                return made

    def _kept(self, digits: str) -> str:
        """The prefix that stays."""
        most = len(digits) - _LEFT
        if self._count and self._count <= most:
            return digits[: self._count]
        for prefix in self._prefixes:
            if len(prefix) <= most and digits.startswith(prefix):
                return prefix
        return _TRUNK if most > 0 and digits.startswith(_TRUNK) else ""

    def permuted(self, digits: str, tweak: str = "") -> str:
        """A permutation of the strings of this length, another one for each tweak."""
        size = len(digits)
        if size < 2:
            return self._shuffled(digits, tweak) if size else ""
        left, right = size // 2, size - size // 2
        moduli = 10**left, 10**right
        head = b"digits\0%d\0%s\0" % (size, tweak.encode())
        a, b = int(digits[:left]), int(digits[left:])
        prf = self._prf
        for number in range(_ROUNDS):
            round_key = int.from_bytes(prf(head + b"%d\0%d" % (number, b)), "big")
            a, b = b, (a + round_key) % moduli[number & 1]
        return f"{a:0{left}}{b:0{right}}"

    def _shuffled(self, digit: str, tweak: str) -> str:
        table = self._shuffles.get(tweak)
        if table is None:
            head = f"digit\0{tweak}\0".encode()
            table = sorted("0123456789", key=lambda one: self._prf(head + one.encode()))
            if len(self._shuffles) < 1024:
                self._shuffles[tweak] = table
        return table[int(digit)]


def _zeros(digits: str) -> str:
    """The zeros before a number, of those that mean something: not of an extension."""
    for zeros in (_ABROAD, _TRUNK):
        if digits.startswith(zeros) and (zeros == _ABROAD or len(digits) > _LEFT):
            return zeros
    return ""


def _prefix(text: str) -> str:
    """The digits of a prefix, without those for abroad."""
    return "".join(filter("0123456789".__contains__, text)).removeprefix(_ABROAD)
