"""The fuzz target of captures, on its seeds and on changes of them."""

from __future__ import annotations

from random import Random

import pytest

from fuzz.captures import READERS, Wrong, check, sane
from fuzz.seeds import captures_inputs
from sipfast.capture import Record

SEEDS = [*captures_inputs()]


def test_the_seeds_name_every_reader() -> None:
    assert {seed[0] % len(READERS) for seed in SEEDS} == set(range(len(READERS)))


@pytest.mark.parametrize("which", range(len(READERS)), ids=READERS)
def test_seeds_and_changes_of_them(which: int) -> None:
    random = Random(which)
    seeds = [seed for seed in SEEDS if seed[0] % len(READERS) == which]
    for seed in seeds:
        check(seed)
    for _ in range(300):
        changed = bytearray(random.choice(seeds))
        for _ in range(random.randrange(1, 12)):
            place = random.randrange(1, len(changed))
            what = random.randrange(4)
            if what == 0:
                changed[place] = random.randrange(256)
            elif what == 1:
                changed[place] ^= 1 << random.randrange(8)
            elif what == 2:
                del changed[place : place + random.randrange(40)]
                changed.append(0)
            else:
                changed[place:place] = random.randbytes(random.randrange(5))
        check(bytes(changed))


def test_it_sees_what_is_wrong() -> None:
    content = b"OPTIONS sip:a SIP/2.0\r\n\r\n"
    sane(Record(memoryview(content)[3:], 3, 1), content)
    with pytest.raises(Wrong):
        sane(Record(memoryview(content)[3:], 4, 1), content)
    with pytest.raises(Wrong):
        sane(Record(memoryview(content), 0, 1, None, None, 65536), content)
