"""The native engine: the modules of `sipfast._core`, compiled.

Those that are seldom run have no compiled form (`INTERPRETED` in setup.py).  Python finds their
source in `_core`, and interprets it as a module of this package, among its compiled siblings.
"""

from importlib import import_module
from os.path import dirname, join

_path = import_module(f"{__name__}.message").__path__
_path.append(join(dirname(__path__[0]), "_core", "message"))
