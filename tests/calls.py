"""Calls by SIPp, through a chain of proxies on loopback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.calling.elements import Element
from benchmarks.calling.processes import Processes
from benchmarks.calling.sipp import Outcome, Side, run_side

SCENARIOS = Path(__file__).with_name("sipp") / "scenarios"
MAX_FORWARDS = 70
PATIENCE = 20.0


def written(processes: Processes, name: str, **values: object) -> Path:
    """Return a scenario with its placeholders, such as ``@HOPS@``, replaced."""
    text = (SCENARIOS / f"{name}.xml").read_text()
    for key, value in values.items():
        text = text.replace(f"@{key}@", str(value))
    path = processes.folder / f"{name}.xml"
    path.write_text(text)
    return path


def make_calls(
    processes: Processes,
    scenario: str,
    chain: Sequence[Element],
    *,
    calls: int = 50,
    rate: int = 250,
    options: Sequence[str] = (),
    link: Callable[[int], int] = int,
) -> tuple[Outcome, Outcome]:
    """Make calls through a chain of proxies, the caller's first; return what both sides counted.

    `link` returns the port of a network to the port that it is given: at both ends of the chain.
    """
    transport = chain[0].transport
    values = {"PROXIES": len(chain), "HOPS": MAX_FORWARDS - len(chain)}

    def side(name: str, remote: int | None) -> Side:
        return run_side(
            processes,
            written(processes, name, **values),
            remote=remote,
            calls=calls,
            rate=rate,
            transport=transport,
            options=options,
        )

    callee = side(f"{scenario}_uas", None)
    port = link(callee.port)
    for element in reversed(chain):
        port = element.start(processes, port, None).port
    caller = side(f"{scenario}_uac", link(port))
    return caller.wait(PATIENCE), callee.wait(PATIENCE / 2)


def assert_all_clean(outcomes: Sequence[Outcome], calls: int) -> None:
    """All calls have ended well on both sides, and nothing was sent twice."""
    for outcome in outcomes:
        assert outcome.errors == ""
        assert outcome.successful == calls, outcome
        assert outcome.clean, outcome
