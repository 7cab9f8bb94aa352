"""A sanitized test run that ends early fails, and names the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from fuzz.tests import MEMORY, TESTS, chosen
from fuzz.watch import watch

WHOLE = """
import ctypes, os, sys, pytest

def test_before():
    pass

@pytest.mark.parametrize("of", ["here"])
def test_middle(of):
    {middle}

def test_after():
    pass
"""


@pytest.fixture(autouse=True)
def _no_options_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs here are of programs that know nothing of this project's plugins."""
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)


def run(folder: Path, middle: str, *options: str) -> int:
    program = folder / "test_program.py"
    program.write_text(WHOLE.format(middle=middle))
    return watch(["-q", "-p", "no:cacheprovider", *options, str(program)], folder)


def test_a_whole_run_passes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "pass") == 0
    assert "FAILED" not in capfd.readouterr().err


@pytest.mark.parametrize("middle", ["os.abort()", "ctypes.string_at(0)", "os._exit(0)"])
def test_a_process_that_ends_in_the_middle_fails_with_the_name_of_the_test(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], middle: str
) -> None:
    assert run(tmp_path, middle) != 0
    said = capfd.readouterr().err
    assert "test_middle[here]': the process ended in the middle of this test" in said
    assert "1 of 3 tests were run" in said


def test_a_process_that_ends_while_it_collects_fails(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_program.py").write_text("import os\nos._exit(0)\n")
    assert watch(["-q", str(tmp_path / "test_program.py")], tmp_path) != 0
    assert "no test was collected" in capfd.readouterr().err


def test_a_failure_is_reported_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, "assert False") == 1
    assert run(tmp_path, "assert False", "-x") == 1
    assert capfd.readouterr().err == ""


def test_a_report_of_a_sanitizer_is_shown_and_is_a_failure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As a process that a test starts writes it, where the test does not look."""
    name = "os.environ['ASAN_OPTIONS'].rpartition('log_path=')[2].partition(':')[0]"
    report = "SUMMARY: AddressSanitizer: heap-buffer-overflow"
    assert run(tmp_path, f"open({name} + '.1', 'w').write('{report}')") != 0
    assert report in capfd.readouterr().err
    assert run(tmp_path, f"open({name} + '.1', 'w').write('WARNING: a large allocation')") == 0


def test_files_are_run_in_place_of_all_tests() -> None:
    this = Path(__file__).relative_to(Path.cwd()) if Path.cwd() in Path(__file__).parents else None
    path = str(this or __file__)
    assert chosen([]) == [str(TESTS)]
    assert chosen(["-k", "uri"]) == ["-k", "uri", str(TESTS)]
    assert chosen([f"{path}::test_x"]) == [f"{Path(__file__).resolve()}::test_x"]
    assert chosen(["--memory"]) == [str(TESTS / name) for name in MEMORY]
    assert all((TESTS / name).is_file() for name in MEMORY)
