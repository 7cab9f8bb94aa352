"""Modules that are rarely needed, loaded on first use.

`import sipfast` loads the modules that every message needs.  All others are named here, and used as
attributes of this module, such as ``_late.json.loads(text)``: the first access imports the module
and makes it an ordinary attribute.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import datetime as datetime
    import hashlib as hashlib
    import hmac as hmac
    import ipaddress as ipaddress
    import json as json
    import secrets as secrets
    from urllib import parse as parse

    from . import _characters as _characters
    from . import _lenient as _lenient
    from . import calls as calls
    from . import capture as capture
    from . import columns as columns
    from . import ladder as ladder
    from . import nonces as nonces
    from . import sql as sql
    from . import uri_parts as uri_parts
    from .bodies import body_defects as body_defects
    from .bodies import content as content
    from .ladder import draw_html as draw_html
    from .ladder import draw_mermaid as draw_mermaid
    from .ladder import draw_svg as draw_svg
    from .ladder import draw_text as draw_text
    from .ladder import notebook as notebook
    from .registry import parameters as parameters
    from .registry import q850 as q850
    from .registry import status as status
    from .registry import uri_components as uri_components
    from .registry import warning_codes as warning_codes

MODULES = {
    **{name: name for name in ("datetime", "hashlib", "hmac", "ipaddress", "json", "secrets")},
    "_characters": "sipfast._characters",
    "_lenient": "sipfast._lenient",
    "parse": "urllib.parse",
    "nonces": "sipfast.nonces",
    "parameters": "sipfast.registry.parameters",
    "q850": "sipfast.registry.q850",
    "status": "sipfast.registry.status",
    "uri_parts": "sipfast.uri_parts",
    "uri_components": "sipfast.registry.uri_components",
    "warning_codes": "sipfast.registry.warning_codes",
}
"""The modules by their names here.  Layers above the engine add their own."""

OF_ENGINE = (".defects", ".sdp.description", ".sdp.survey")
"""The modules of each engine that `of_engine` loads."""

_of_engines: dict[str, Any] = {}


def __getattr__(name: str) -> Any:
    if name not in MODULES:
        raise AttributeError(name)
    module = globals()[name] = importlib.import_module(MODULES[name])
    return module


def of_engine(name: str) -> Any:
    """A module of an engine, by its full name."""
    found = _of_engines.get(name)
    if found is None:
        assert name.endswith(OF_ENGINE), name
        found = _of_engines[name] = importlib.import_module(name)
    return found
