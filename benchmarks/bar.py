"""A bar: something that sipfast promises, what is wanted, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One promise. `measured` is None where it could not be measured here."""

    promise: str
    wanted: float
    measured: float | None
    at_least: bool = False
    unit: str = "x"
    note: str = ""
    slack: float = 1.25
    """By what factor a busy machine, or another processor, may miss it before that tells."""

    @property
    def met(self) -> bool | None:
        """Whether the promise is kept; None where it was not measured."""
        return None if self.measured is None else self._miss(self.measured) <= 1

    @property
    def clearly_missed(self) -> bool:
        """Whether the promise is broken by more than its slack."""
        return self.measured is not None and self._miss(self.measured) > self.slack

    def _miss(self, measured: float) -> float:
        """Return by what factor it is missed; 1 and less is met."""
        return self.wanted / measured if self.at_least else measured / self.wanted

    @property
    def limit(self) -> str:
        """What is wanted, to be read."""
        return f"{'at least' if self.at_least else 'at most'} {self.wanted:,g} {self.unit}"

    @property
    def figure(self) -> str:
        """What was measured, to be read."""
        if self.measured is None:
            return "not measured"
        return f"{self.measured:,.{2 if self.measured < 100 else 0}f} {self.unit}"

    @property
    def verdict(self) -> str:
        """Met, open or neither."""
        return {True: "met", False: "open", None: "not measured"}[self.met]
