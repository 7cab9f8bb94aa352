"""Reading a parsed message's properties, against the least that a compiled class can do."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from setuptools import Distribution

from benchmarks.engines import Parse
from benchmarks.timing import Subject, reads

YARDSTICK = Path(__file__).with_name("yardstick.pyx")

EMPTY = "empty property"
CALL_ID_FIRST = "call_id, first read"
CALL_ID_LATER = "call_id, later reads"
HEADER_FIRST = 'headers["Call-ID"], first read'
HEADER_LATER = 'headers["Call-ID"], later reads'
READ_NAMES = (EMPTY, CALL_ID_FIRST, CALL_ID_LATER, HEADER_FIRST, HEADER_LATER)

AT_ONCE = 96
"""How many objects are read in turn: few enough to stay in the nearest cache."""


def build_yardstick(folder: Path) -> Any:
    """Compile the class with an empty property into `folder`, and return the class."""
    cython: Any = importlib.import_module("Cython.Build")
    extensions = cython.cythonize([str(YARDSTICK)], build_dir=str(folder), quiet=True)
    command: Any = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(folder), str(folder)
    command.ensure_finalized()
    command.run()
    (name,) = (extension.name for extension in extensions)
    path = command.get_ext_fullpath(name)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Yardstick


def read_subjects(parse: Parse, messages: list[bytes], yardstick: Any) -> dict[str, Subject]:
    """Return subjects for the reads named above, in ns per read.

    Later reads are of objects that were read before: each subject's first round is a warm-up.
    """
    sample = messages[:AT_ONCE]

    def fresh() -> list[Any]:
        return [parse(message) for message in sample]

    yardsticks = [yardstick() for _ in sample]
    read_before, searched_before = fresh(), fresh()
    return {
        EMPTY: reads(".empty", lambda: yardsticks),
        CALL_ID_FIRST: reads(".call_id", fresh),
        CALL_ID_LATER: reads(".call_id", lambda: read_before),
        HEADER_FIRST: reads('.headers["Call-ID"]', fresh),
        HEADER_LATER: reads('.headers["Call-ID"]', lambda: searched_before),
    }
