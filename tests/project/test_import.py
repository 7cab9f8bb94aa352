"""`import sipfast` loads only the modules that every message needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sipfast._engine import Engine

BARE = "import sys; before = {*sys.modules}; import sipfast; print(*{*sys.modules} - before)"
HEAVY = {
    *("argparse", "ast", "asyncio", "dataclasses", "datetime", "hashlib", "hmac", "inspect"),
    *(
        "ipaddress",
        "json",
        "logging",
        "pathlib",
        "random",
        "secrets",
        "socket",
        "ssl",
        "subprocess",
    ),
    *("tempfile", "threading", "urllib.parse", "xml", "zlib", "click", "rich"),
}
"""Modules that are slow to import, loaded on first use."""
OURS = {
    *("sipfast", "sipfast._engine", "sipfast._install", "sipfast._late", "sipfast._rebuild"),
    *("sipfast.errors", "sipfast.keys", "sipfast.registry"),
    *("sipfast.registry.header_names", "sipfast.registry.methods"),
}
"""The loaded modules other than the engine's own."""
LATE = ("defects", "sdp")
"""Rooms of the engine that are loaded late."""


def loaded(engine: str, code: str = BARE) -> set[str]:
    """The modules that a new interpreter without site-packages loads."""
    setting = f"import os; os.environ['SIPFAST_PURE'] = '{int(engine == 'pure')}'; "
    where = f"import sys; sys.path[:] = {sys.path!r}; "
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", setting + where + code],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(done.stdout.split())


def test_a_bare_import_loads_little(engine: Engine) -> None:
    found = loaded(engine.name)
    assert not found & HEAVY
    package = "sipfast._native" if engine.name == "native" else "sipfast._core"
    ours = {name for name in found if name.startswith("sipfast")}
    of_engine = {name for name in ours if name.startswith(package)}
    assert of_engine
    if engine.name == "native":
        assert ours - of_engine <= OURS | {"sipfast._core"}
    else:
        others = {"sipfast._native", "sipfast._native.wire", "sipfast.registry.characters"}
        assert ours - of_engine <= OURS | others
    assert not [
        name for name in of_engine if name.startswith(tuple(f"{package}.{x}" for x in LATE))
    ]


@pytest.mark.parametrize(
    ("use", "module"),
    [
        ("sipfast.parse(b'OPTIONS sip:a SIP/2.0\\r\\n\\r\\n').defects", "defects"),
        ("sipfast.SDP", "sdp.description"),
        ("sipfast.parse_header('Date', 'Sat, 13 Nov 2010 23:29:00 GMT').datetime", "datetime"),
        ("sipfast.parse_header('Warning', '370 a \"b\"')[0].meaning", "sipfast.registry."),
        ("sipfast.SipURI.parse('sip:[::1]') == sipfast.SipURI.parse('sip:[0::1]')", "ipaddress"),
        ("sipfast.parse(b'OPTIONS sip:a SIP/2.0\\r\\n\\r\\nx').content", "sipfast.bodies.content"),
    ],
)
def test_what_is_left_out_is_loaded_when_it_is_used(engine: Engine, use: str, module: str) -> None:
    late = loaded(engine.name, BARE.replace("import sipfast;", f"import sipfast; {use};"))
    extra = late - loaded(engine.name)
    assert [name for name in extra if module in name]
