"""The program whose instructions are counted: parses corpora, again and again the same way.

    python -m benchmarks.counted METER PACKAGE CORPUS...

METER is the built `callgrind.c`, PACKAGE the folder that `sipfast` must come from.  Each kernel
goes over each corpus once to get warm and once counted; callgrind writes a file each time.

The pure engine is not counted: what the interpreter does with the same code moves by more than one
part in a hundred from run to run.  `benchmarks.compare` holds it to its bars.
"""

from __future__ import annotations

import ctypes
import gc
import sys
from collections import deque
from pathlib import Path

import sipfast
from benchmarks.corpora import load_corpus
from benchmarks.engines import Parse, variants
from benchmarks.instructions import MESSAGES


def repeat(corpus: list[bytes]) -> list[bytes]:
    """Return `MESSAGES` messages of a corpus, in its order, from the first again after the last."""
    return (corpus * -(-MESSAGES // len(corpus)))[:MESSAGES]


def go_over(parse: Parse, messages: list[bytes]) -> None:
    """Parse each and drop it, with no more Python than there has to be."""
    deque(map(parse, messages), maxlen=0)


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


if __name__ == "__main__":
    main()
