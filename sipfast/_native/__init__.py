"""The native engine: `_core/`, compiled.

One extension, `_modules`, holds all compiled modules.  The modules that it lacks seldom run
(`INTERPRETED` in setup.py): Python finds their source in `_core/`.
"""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from os.path import dirname, join
from typing import Any

import sipfast._native._modules as _modules

_CORE = join(dirname(__path__[0]), "_core")


class _Compiled:
    """Finds and loads the modules of the extension."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        is_package = _modules.MODULES.get(name)
        if is_package is None:
            return None
        loader: Any = _Compiled
        spec = ModuleSpec(name, loader, origin=_modules.__file__, is_package=is_package)
        spec.has_location = True
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(join(_CORE, name.rpartition(".")[2]))
        return spec

    create_module = staticmethod(_modules.create)
    exec_module = staticmethod(_modules.execute)


__path__.append(_CORE)
sys.meta_path.insert(0, _Compiled)
