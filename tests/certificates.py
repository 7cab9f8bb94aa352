"""A certificate of localhost and 127.0.0.1, made by the openssl command for each run of tests."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest


class Contexts(NamedTuple):
    """For TLS: the side that has the certificate, and one that trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


@pytest.fixture(scope="session")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> Contexts:
    folder: Path = tmp_path_factory.mktemp("certificates")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    new = ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt"]
    new += ["ec_paramgen_curve:prime256v1", "-days", "2", "-subj", "/CN=localhost"]
    new += ["-addext", names, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(new, check=True, capture_output=True, timeout=60)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    return Contexts(server, ssl.create_default_context(cafile=str(certificate)))
