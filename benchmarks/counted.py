"""The program whose instructions are counted: parses corpora, again and again the same way.

    python -m benchmarks.counted METER PACKAGE CORPUS...

METER is the built `callgrind.c`, PACKAGE the folder that `sipfast` must come from.  Each kernel
goes over each corpus once to get warm and once counted; callgrind writes a file each time.  The
typed properties are counted over parsed messages, where the package has them all; of them, only
what the descriptors do, for how long the interpreter looks for one depends on where its name lies.

The pure engine is not counted: what the interpreter does with the same code moves by more than one
part in a hundred from run to run.  `benchmarks.compare` holds it to its bars.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import sipfast
from benchmarks.corpora import load_corpus
from benchmarks.engines import Parse, variants
from benchmarks.instructions import MESSAGES
from benchmarks.typed import PARTS, PROPERTIES

Getter = Callable[[Any], Any]


def repeat(corpus: list[bytes]) -> list[bytes]:
    """Return `MESSAGES` messages of a corpus, in its order, from the first again after the last."""
    return (corpus * -(-MESSAGES // len(corpus)))[:MESSAGES]


def go_over(function: Callable[[Any], object], items: Sequence[Any]) -> None:
    """Call it with each and drop what it gives, with no more Python than there has to be."""
    deque(map(function, items), maxlen=0)


def getter(cls: type, name: str) -> Getter:
    """Return the function behind a property of a class; KeyError where it has none."""
    found = {name: value for base in reversed(cls.__mro__) for name, value in vars(base).items()}
    get: Getter = found[name].__get__
    return get


def typed_getters(message: Any) -> dict[Getter, list[Getter]]:
    """Return the functions behind the typed properties, and behind what is read of their values.

    Requests and responses share them.  KeyError where one is missing, as in an old revision.
    """
    getters = {}
    for name in PROPERTIES:
        get = getter(type(message), name)
        getters[get] = [getter(type(get(message)), part) for part in PARTS.get(name, ())]
    return getters


def read_typed(getters: dict[Getter, list[Getter]], messages: Sequence[Any]) -> None:
    """Read the typed properties of messages."""
    for get, parts in getters.items():
        values = list(map(get, messages))
        for part in parts:
            go_over(part, values)


def main() -> None:
    """Count what the command line asks for."""
    library, package, *corpora = sys.argv[1:]
    if not Path(sipfast.__file__).is_relative_to(package):
        raise SystemExit(f"sipfast is {sipfast.__file__}, not the one in {package}")
    meter = ctypes.CDLL(library)
    gc.disable()
    for variant in variants():
        if variant.kernel is None:
            continue
        parse = variant.select()
        for corpus in corpora:
            messages = repeat(load_corpus(corpus))
            row = f"{variant.kernel} {corpus}".encode()
            go_over(parse, messages)
            meter.start_counting()
            go_over(parse, messages)
            meter.stop_counting(row)
    for corpus in corpora:
        count_typed(meter, parse, corpus)


def count_typed(meter: ctypes.CDLL, parse: Parse, corpus: str) -> None:
    """Count the reading of the typed properties, in which no kernel has a part."""
    warm, fresh = (list(map(parse, repeat(load_corpus(corpus)))) for _ in range(2))
    try:
        getters = typed_getters(warm[0])
    except KeyError:
        return
    read_typed(getters, warm)
    meter.start_counting()
    read_typed(getters, fresh)
    meter.stop_counting(f"typed {corpus}".encode())


if __name__ == "__main__":
    main()
