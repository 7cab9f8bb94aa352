"""The key file, and HMAC with a kept state."""

from __future__ import annotations

import hmac
import os
import stat
from pathlib import Path

import pytest

from sipfast.redact import KeyFault, is_open_to_others, new_key, read_key
from sipfast.redact.key import keyed

needs_modes = pytest.mark.skipif(os.name != "posix", reason="modes of files are of POSIX")


@pytest.mark.parametrize("size", [16, 63, 64, 65, 200])
def test_it_is_hmac_sha256(size: int) -> None:
    key = bytes(range(size))
    for data in (b"", b"a", b"b" * 1000):
        assert keyed(key)(data) == hmac.digest(key, data, "sha256")


def test_a_key_is_read_without_the_line_end(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(b"  0123456789abcdef\r\n")
    assert read_key(path) == b"0123456789abcdef"


@pytest.mark.parametrize(
    "key", [b"", b"0123456789abcde\n", b" " * 40, b"ab" * 20, bytes(range(256)) * 17]
)
def test_an_unfit_key_is_refused(key: bytes, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(key)
    with pytest.raises(KeyFault) as error:
        read_key(path)
    assert not key.strip() or key.strip().decode("latin-1") not in str(error.value)


def test_new_keys_differ_and_replace_nothing(tmp_path: Path) -> None:
    keys = {new_key(tmp_path / name) for name in "abc"}
    assert len(keys) == 3
    assert all(read_key(tmp_path / name) in keys for name in "abc")
    with pytest.raises(FileExistsError):
        new_key(tmp_path / "a")
    assert read_key(tmp_path / "a") in keys


@needs_modes
def test_a_new_key_is_of_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        new_key(tmp_path / "key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert not is_open_to_others(tmp_path / "key")


@needs_modes
@pytest.mark.parametrize(
    ("mode", "is_open"),
    [(0o600, False), (0o400, False), (0o640, True), (0o604, True), (0o620, True)],
)
def test_who_can_read_a_key(mode: int, is_open: bool, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"k")
    (tmp_path / "key").chmod(mode)
    assert is_open_to_others(tmp_path / "key") is is_open
