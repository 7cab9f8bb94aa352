"""The fuzz target of counting, on its seeds and on changes of them."""

from __future__ import annotations

from itertools import count
from random import Random

import pytest

from fuzz import counting
from fuzz.inputs import CHOICES
from fuzz.seeds import counting_inputs
from sipfast.capture.packets import can_walk

SEEDS = [*counting_inputs()]
pytestmark = pytest.mark.skipif(not can_walk(), reason="the pure engine counts each one alone")


def test_the_seeds_name_every_container() -> None:
    assert {seed[0] for seed in SEEDS} == set(range(len(counting.CONTAINERS)))


@pytest.mark.parametrize("part", range(4))
def test_seeds_and_changes_of_them(part: int) -> None:
    random = Random(part)
    for seed in SEEDS[part::4]:
        counting.check(seed)
    for _ in range(100):
        changed = bytearray(random.choice(SEEDS))
        for _ in range(random.randrange(1, 6)):
            place = random.randrange(CHOICES, len(changed))
            changed[place : place + random.choice((0, 1, 1, 9))] = random.choice(
                (b"", b"\x1f", b"\r\n", b"\xff", b";tag=", b'"', b",", b"\r\n ", b"RSeq: 1\r\n")
            )
        counting.check(bytes(changed))


def test_it_sees_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = next(seed for seed in SEEDS if seed[0] == 0 and b"branch=z9hG4bK" in seed)
    counting.check(plain)
    numbers = count()
    with monkeypatch.context() as patched:
        patched.setattr(counting, "counts", lambda stats: {"requests": next(numbers)})
        with pytest.raises(counting.Wrong):
            counting.check(plain)
    monkeypatch.setattr(counting.KEYS, "text_of_key", lambda key: b"another")
    with pytest.raises(counting.Wrong, match="the keys"):
        counting.check(plain)
