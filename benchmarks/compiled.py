"""Measurements that need compilation: built on demand, in a folder of their own."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

from setuptools import Distribution, Extension

ROOT = Path(__file__).resolve().parent.parent
HERE = Path(__file__).parent


def compiled(name: str, folder: Path, source: Path = HERE) -> Any:
    """Compile `name`.pyx of the folder `source` into `folder`, and return the module.

    Requires a built native engine, whose generated tables a cimport reads.
    """
    cython: Any = importlib.import_module("Cython.Build")
    include = [str(ROOT / "build" / "generated"), str(ROOT / "sipfast" / "_core" / "wire")]
    as_the_engine = ["-O3", "-fno-builtin-memset"]
    extensions = cython.cythonize(
        [
            Extension(
                name,
                [str(source / f"{name}.pyx")],
                include_dirs=include,
                extra_compile_args=as_the_engine,
            )
        ],
        build_dir=str(folder),
        include_path=[str(ROOT / "build" / "mirror")],
        quiet=True,
    )
    command: Any = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib, command.build_temp = str(folder), str(folder)
    command.ensure_finalized()
    command.run()
    path = command.get_ext_fullpath(name)
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
