"""The installation of this package: advice on missing extras, and the check for a checkout."""

from __future__ import annotations

import os.path

_BUILD_SCRIPT = os.path.join(os.path.dirname(__file__), "_core", "wire", "make_tables.py")
IS_CHECKOUT = os.path.exists(_BUILD_SCRIPT)  # pathlib is slow to import
"""Whether this is a source checkout: only checkouts have the build scripts."""


def is_set(variable: str) -> bool:
    """Whether an environment variable is set to a value other than 0, false, no and off."""
    return os.environ.get(variable, "").strip().lower() not in ("", "0", "false", "no", "off")


EXTRAS = {
    "arrow": ("pyarrow>=16",),
    "browse": ("duckdb>=1.5", "pyarrow>=16", "textual>=6"),
    "capture": ("lz4>=4.3", "backports.zstd>=1; python_version < '3.14'"),
    "cli": ("click>=8.1", "rich>=13"),
    "duckdb": ("duckdb>=1.5", "pyarrow>=16"),
    "follow": ("prometheus-client>=0.19",),
    "pandas": ("pandas>=2.2", "pyarrow>=16"),
    "polars": ("polars>=1.9",),
    "report": ("jinja2>=3.1", "matplotlib>=3.8"),
    "spark": ("pyspark>=4", "pyarrow>=16"),
    "text": ("charset-normalizer>=3.3",),
    "websocket": ("wsproto>=1.2",),
}
"""The packages of the extras, as pyproject.toml lists them."""


def how_to_get(extra: str) -> str:
    """The command that installs an extra.

    It names the packages themselves: sipfast is installed from a checkout or a wheel, whose path is
    unknown here, and not from a package index.
    """
    return "pip install " + " ".join(_quoted(package) for package in EXTRAS[extra])


def lacking(name: str, extra: str) -> ImportError:
    """The error where a package of an extra is missing."""
    return ImportError(f"this needs {name}: {how_to_get(extra)}", name=name)


def _quoted(package: str) -> str:
    return f'"{package}"' if "'" in package else f"'{package}'"
