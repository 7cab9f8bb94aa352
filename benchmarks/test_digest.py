"""Checking a digest, against the bare hashes that it takes. Figures are per check."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import md5
from typing import Any

import pytest

from benchmarks.conftest import Timed
from benchmarks.engines import engines
from benchmarks.timing import Subject, over
from sipfast import _engine

USERNAME, REALM, PASSWORD, METHOD, URI = "bob", "biloxi.example", "zanzibar", "INVITE", "sip:bob"
NONCE, CNONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093", "0a4f113b5ccc069c"
A1 = f"{USERNAME}:{REALM}:{PASSWORD}".encode()
A2 = f"{METHOD}:{URI}".encode()
HA1 = md5(A1).hexdigest()
LAST = f"{HA1}:{NONCE}:00000001:{CNONCE}:auth:{md5(A2).hexdigest()}".encode()
RESPONSE = md5(LAST).hexdigest()
CREDENTIALS = (
    f'Digest username="{USERNAME}", realm="{REALM}", nonce="{NONCE}", uri="{URI}", qop=auth, '
    f'nc=00000001, cnonce="{CNONCE}", response="{RESPONSE}", opaque="5ccc069c403e", algorithm=MD5'
)
BARE = "hashlib alone"
CHECKS: dict[str, Callable[[Any], bool]] = {
    "the password": lambda one: bool(one.check(PASSWORD, method=METHOD)),
    "ha1": lambda one: bool(one.check(ha1=HA1, method=METHOD)),
}


def bare(with_: str) -> Subject:
    """The hashes that a check takes, and nothing else."""

    def two(_: object) -> None:
        md5(A2).hexdigest()
        md5(LAST).hexdigest()

    def three(_: object) -> None:
        md5(A1).hexdigest()
        md5(A2).hexdigest()
        md5(LAST).hexdigest()

    return over(two if with_ == "ha1" else three, [None] * 1000)


def checks(engine: str, with_: str) -> Subject:
    """Checks of credentials that are right."""
    credentials = _engine.load(engine).module("values.auth").Credentials
    subjects = [credentials.parse(CREDENTIALS) for _ in range(1000)]
    if not all(map(CHECKS[with_], subjects)):
        raise ValueError("the credentials are right")
    return over(CHECKS[with_], subjects)


@pytest.mark.parametrize("with_", CHECKS)
@pytest.mark.parametrize("name", [BARE, *engines()])
def test_check(name: str, with_: str, benchmark: Any, timed: Timed) -> None:
    benchmark.group = f"check a digest with {with_}"
    timed(bare(with_) if name == BARE else checks(name, with_))
