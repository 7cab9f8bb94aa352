"""The instruction gate: its verdicts, its baselines, and the repeatability of counts."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from benchmarks import binding, gate
from benchmarks.corpora import CORPORA
from benchmarks.gate import Baseline, Row, compare
from benchmarks.instructions import ROOT, CannotCountError, Counts, count

HERE = {"compiler": "cc 1", "python": "3.11"}
BEFORE: Counts = {"avx2 mixed": 1000.0, "scalar mixed": 2000.0}

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
needs_valgrind = pytest.mark.skipif(
    shutil.which("valgrind") is None or shutil.which("cc") is None,
    reason="there is no valgrind, or no cc, here (on Debian: apt-get install valgrind gcc)",
)


def git(folder: Path, *arguments: str) -> str:
    """Run git with a fixed identity, independent of the configuration here."""
    options = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    command = ["git", *options, "-C", str(folder), *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


# ---- verdicts -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "verdict"),
    [
        (1000.0, ""),
        (1019.9, ""),
        (1020.1, "SLOWER"),
        (1050.0, "SLOWER"),
        (980.1, ""),
        (979.9, "faster"),
        (None, "GONE"),
    ],
)
def test_verdict_on_a_row(now: float | None, verdict: str) -> None:
    row = Row("avx2 mixed", 1000.0, now)
    assert row.verdict == verdict
    assert row.fails == (verdict in {"SLOWER", "GONE"})


@pytest.mark.parametrize(
    ("name", "now", "verdict"),
    [
        ("pure typed mixed", 1049.9, ""),
        ("pure typed mixed", 1050.1, "SLOWER"),
        ("by hand: split mixed", 2000.0, ""),
        ("by hand: split mixed", None, "GONE"),
    ],
)
def test_tolerance_of_other_rows(name: str, now: float | None, verdict: str) -> None:
    assert Row(name, 1000.0, now).verdict == verdict


def test_new_row_passes() -> None:
    row = Row("avx512 mixed", None, 900.0)
    assert row.verdict == "new"
    assert not row.fails


def test_rows_of_both_sides_are_compared() -> None:
    rows = compare(BEFORE, {"avx2 mixed": 1000.0, "neon mixed": 1.0})
    assert [(row.name, row.verdict) for row in rows] == [
        ("avx2 mixed", ""),
        ("neon mixed", "new"),
        ("scalar mixed", "GONE"),
    ]


def test_table_shows_before_after_and_change() -> None:
    text = gate.table(compare(BEFORE, {"avx2 mixed": 1050.0, "neon mixed": 1.5}))
    assert [line.split() for line in text.splitlines()] == [
        ["instructions/message", "before", "now", "change"],
        ["avx2", "mixed", "1,000.0", "1,050.0", "+5.00%", "SLOWER"],
        ["neon", "mixed", "-", "1.5", "new"],
        ["scalar", "mixed", "2,000.0", "-", "GONE"],
    ]


# ---- the command --------------------------------------------------------------------------------


@pytest.fixture
def baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A baseline of `BEFORE`, counted `HERE`, in place of the committed one."""
    path = tmp_path / "baseline.json"
    Baseline(HERE, BEFORE).save(path)
    monkeypatch.setattr(gate, "ROOT", tmp_path)
    monkeypatch.setattr(gate, "BASELINE", path)
    monkeypatch.setattr(gate, "environment", lambda: HERE)
    monkeypatch.setattr(binding, "RATIOS", ())
    return path


def now_is(monkeypatch: pytest.MonkeyPatch, counts: Counts) -> None:
    monkeypatch.setattr(gate, "count_now", lambda: counts)


def test_same_counts_pass(
    baseline: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now_is(monkeypatch, BEFORE)
    assert gate.main([]) == 0
    assert "--update" not in capsys.readouterr().out


def test_slow_down_of_five_percent_fails(
    baseline: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now_is(monkeypatch, BEFORE | {"avx2 mixed": 1050.0})
    assert gate.main([]) == 1
    out = capsys.readouterr().out
    assert re.search(r"avx2 mixed +1,000\.0 +1,050\.0 +\+5\.00% +SLOWER\n", out)
    assert "python -m benchmarks.gate --update" in out


def test_speed_up_passes_and_asks_to_be_kept(
    baseline: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now_is(monkeypatch, BEFORE | {"avx2 mixed": 900.0})
    assert gate.main([]) == 0
    assert "python -m benchmarks.gate --update" in capsys.readouterr().out


def test_update_writes_the_baseline_line_by_line(
    baseline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = baseline.read_text().splitlines()
    now_is(monkeypatch, BEFORE | {"avx2 mixed": 1050.0})
    assert gate.main(["--update"]) == 0
    new = baseline.read_text().splitlines()
    changed = [(a.strip(), b.strip()) for a, b in zip(old, new, strict=True) if a != b]
    assert changed == [('"avx2 mixed": 1000.0,', '"avx2 mixed": 1050.0,')]
    assert gate.main([]) == 0


@pytest.mark.parametrize(("now", "exit_code"), [(2000.0, 0), (2100.0, 1), (None, 1)])
def test_a_bar_that_is_missed_or_gone_fails(
    now: float | None, exit_code: int, baseline: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where no row is slower than it was."""
    ratio = binding.Ratio("scalar against avx2", "new", "avx2 mixed", 2.05)
    monkeypatch.setattr(binding, "RATIOS", (ratio,))
    now_is(monkeypatch, BEFORE | ({"new": now} if now else {}))
    assert gate.main([]) == exit_code


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"environment": {}, "x": 1}'])
def test_unusable_baseline_is_one_clear_line(
    text: str | None, baseline: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline.unlink() if text is None else baseline.write_text(text)
    assert gate.main([]) == 2
    error = capsys.readouterr().err
    assert error.startswith("no baseline in baseline.json")
    assert error.count("\n") == 1


def test_uncountable_row_fails(
    baseline: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> Counts:
        raise CannotCountError("there is no valgrind here")

    monkeypatch.setattr(gate, "count_now", fail)
    assert gate.main([]) == 2
    assert capsys.readouterr().err == "there is no valgrind here\n"


# ---- elsewhere: the baseline's revision takes the place of its numbers --------------------------


@pytest.fixture
def repository(baseline: Path) -> Path:
    """A history: the baseline's first commit, another of it, and one that does not touch it."""
    folder = baseline.parent
    git(folder, "init", "-q")
    for text in ("first", "second"):
        (folder / "code").write_text(text)
        baseline.write_text(baseline.read_text() + "\n")
        git(folder, "add", ".")
        git(folder, "commit", "-qm", text)
    (folder / "code").write_text("third")
    git(folder, "commit", "-qam", "third")
    return folder


@needs_git
def test_revision_is_the_last_that_changed_the_baseline(repository: Path, baseline: Path) -> None:
    revision = gate.baseline_revision(repository, baseline)
    assert revision == git(repository, "rev-parse", "HEAD~1")


@needs_git
def test_revision_is_counted_as_it_was(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def count_tree(tree: Path, folder: Path) -> Counts:
        assert not folder.is_relative_to(tree)
        return {"avx2 mixed": 500.0, (tree / "code").read_text(): 1.0}

    monkeypatch.setattr(gate, "count_tree", count_tree)
    monkeypatch.setattr(gate, "environment", lambda: HERE | {"compiler": "cc 2", "libc": "3"})
    now_is(monkeypatch, {"avx2 mixed": 505.0, "second": 1.0})
    assert gate.main([]) == 0
    said = capsys.readouterr().out
    assert "another compiler, libc:" in said
    assert git(repository, "rev-parse", "HEAD~1")[:12] in said
    now_is(monkeypatch, {"avx2 mixed": 525.0, "second": 1.0})
    assert gate.main([]) == 1


@needs_git
def test_any_revision_can_be_compared_with(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "count_tree", lambda tree, _: {(tree / "code").read_text(): 100.0})
    now_is(monkeypatch, {"first": 105.0})
    assert gate.main(["--against", "HEAD~2"]) == 1
    assert gate.main(["--against", "no-such-revision"]) == 2


@needs_git
def test_shallow_history_is_refused(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shallow = tmp_path_factory.mktemp("shallow")
    git(shallow, "clone", "-q", "--depth=1", repository.as_uri(), ".")
    with pytest.raises(CannotCountError, match="shallow"):
        gate.baseline_revision(shallow, shallow / "baseline.json")


@needs_git
def test_baseline_that_was_never_committed_is_refused(repository: Path) -> None:
    with pytest.raises(CannotCountError, match="never committed"):
        gate.baseline_revision(repository, repository / "other.json")


@needs_git
def test_folder_without_a_history_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(CannotCountError, match="git"):
        gate.baseline_revision(tmp_path, tmp_path / "baseline.json")


# ---- the counts ---------------------------------------------------------------------------------


USES = {
    *(f"{use} mixed" for use in ("parse", "typed", "look-ups", "headers", "every part", "defects")),
    *("edit mixed", "reply invite", "forward mixed", "response mixed", "sdp offer", "digest md5"),
    *(f"stream mixed {size}" for size in ("whole", "16 KiB", "1,400")),
    "scan 12 columns",
}
NATIVE_USES = {
    *("stream mixed by bytes", "stream mixed by nothing"),
    *("scan 12 columns utf8", "scan 12 columns where", "scan 30 columns", "scan repeats"),
    *("stats mixed", "stats mixed defects", "repeats mixed", "hep mixed", "hep mixed live"),
}
BY_HAND = {f"by hand: {what}" for what in ("split mixed", "look-ups mixed", "digest md5")}


def test_committed_baseline_has_all_rows() -> None:
    """Each kernel over each corpus, typical uses on both engines, and work by hand."""
    kept = Baseline.load(gate.BASELINE)
    kernels = {row.split()[0] for row in kept.instructions} & {"avx2", "sse2", "neon", "scalar"}
    assert "scalar" in kernels
    assert kept.instructions.keys() == {
        *(f"{kind} {name}" for kind in (*kernels, "typed") for name in CORPORA),
        *USES,
        *(f"pure {use}" for use in USES),
        *NATIVE_USES,
        *BY_HAND,
    }
    assert min(kept.instructions.values()) > 100
    assert "/" not in json.dumps(kept.environment)


def test_bars_are_about_rows_that_are_counted() -> None:
    rows = Baseline.load(gate.BASELINE).instructions
    assert all(bar.measured for bar in binding.bars(rows))


@needs_valgrind
def test_counts_repeat(tmp_path: Path) -> None:
    pytest.importorskip(
        "sipfast._native.message.message", reason="the native engine is not built here"
    )
    first, again = tmp_path / "first", tmp_path / "again, elsewhere"
    for folder in (first, again):
        folder.mkdir()
    one, other = count(ROOT, first, ["small"]), count(ROOT, again, ["small"])
    assert {"scalar small"} <= one.keys() == other.keys()
    assert other == pytest.approx(one, rel=0.001)
    assert one["scalar small"] > 100
