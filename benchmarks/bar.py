"""A bar: a promise of sipfast, its target, and the measured figure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One promise. `measured` is None if it could not be measured here."""

    promise: str
    wanted: float
    measured: float | None
    at_least: bool = False
    unit: str = "x"
    note: str = ""
    slack: float = 1.25
    """The tolerated factor of a miss, on a busy machine or another processor."""

    @property
    def met(self) -> bool | None:
        """Whether the promise is kept; None if it was not measured."""
        return None if self.measured is None else self._miss(self.measured) <= 1

    @property
    def clearly_missed(self) -> bool:
        """Whether the promise is broken by more than its slack."""
        return self.measured is not None and self._miss(self.measured) > self.slack

    def _miss(self, measured: float) -> float:
        """Return the factor of the miss; 1 or less means met."""
        least, most = (self.wanted, measured) if self.at_least else (measured, self.wanted)
        if most == 0:
            return 1.0 if least == 0 else float("inf")
        return least / most

    @property
    def limit(self) -> str:
        """The target as text."""
        return f"{'at least' if self.at_least else 'at most'} {self.wanted:,g} {self.unit}"

    @property
    def figure(self) -> str:
        """The measured figure as text."""
        if self.measured is None:
            return "not measured"
        return f"{self.measured:,.{2 if self.measured < 100 else 0}f} {self.unit}"

    @property
    def verdict(self) -> str:
        """``"met"``, ``"open"`` or ``"not measured"``."""
        return {True: "met", False: "open", None: "not measured"}[self.met]
