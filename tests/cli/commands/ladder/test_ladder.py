"""``sipfast ladder``: the calls that it draws, the formats, and the refusals."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import ROOT, error_line, output, process, run
from ladders import ALICE, BOB, CALL, HOSTILE, INVITE, PROXY, UNSEEN, call_of, capture, sip

TWO = capture(
    (0.0, ALICE, PROXY, sip(INVITE, "1 INVITE", "X-CID: g", call_id="a@x")),
    (0.1, PROXY, BOB, sip(INVITE, "1 INVITE", "X-CID: g", call_id="b@x")),
    (0.2, ALICE, PROXY, sip("OPTIONS sip:o SIP/2.0", "1 OPTIONS", call_id="c@x")),
)


@pytest.fixture
def one(tmp_path: Path) -> Path:
    path = tmp_path / "one.pcap"
    path.write_bytes(CALL)
    return path


@pytest.fixture
def two(tmp_path: Path) -> Path:
    path = tmp_path / "two.pcap"
    path.write_bytes(TWO)
    return path


def test_the_only_call_needs_no_name(one: Path) -> None:
    assert output("ladder", one) == f"{call_of().ladder()}\n"
    assert output("ladder", "a@x", one) == output("ladder", one)
    wide = "\n".join(map(str, call_of().ladder().text(120)))
    assert output("ladder", one, terminal=120) == f"{wide}\n"
    assert output("ladder", one, "--width", "120") == f"{wide}\n"


def test_colours_on_a_terminal_only(one: Path) -> None:
    assert "\x1b[36m" in run("ladder", one, terminal=80).stdout
    assert "\x1b" not in run("ladder", one).stdout


def test_without_a_name_several_calls_are_listed(two: Path) -> None:
    result = run("ladder", two)
    assert result.exit_code == 2
    assert result.stdout.splitlines() == [
        "a@x\tINVITE\t192.0.2.1:5060 → 192.0.2.2:5060\t1",
        "b@x\tINVITE\t192.0.2.2:5060 → 192.0.2.3:5062\t1",
        "c@x\tOPTIONS\t192.0.2.1:5060 → 192.0.2.2:5060\t1",
    ]
    assert result.stderr == (
        "sipfast: 3 calls match: name one by its Call-ID, or draw all in one with --together\n"
    )
    assert "符合条件的呼叫有 3 个" in run("ladder", two, "--lang", "zh").stderr


def test_a_pattern_or_a_filter_draws_each_call(two: Path) -> None:
    shown = output("ladder", "*@x", two)
    assert [name in shown for name in ("a@x", "b@x", "c@x")] == [True] * 3
    shown = output("ladder", two, "--method", "INVITE")
    assert [name in shown for name in ("a@x", "b@x", "c@x")] == [True, True, False]
    assert "b@x" in output("ladder", two, "-n", "2")
    result = run("ladder", "*", two, "--limit", "2")
    assert result.stderr == "sipfast: only the first 2 calls are drawn; --limit draws more\n"
    assert "c@x" not in result.stdout


def test_together_and_correlated(two: Path) -> None:
    both = output("ladder", two, "--method", "INVITE", "--together")
    assert both.startswith("Call-ID 1 a@x\nCall-ID 2 b@x\n")
    assert output("ladder", "b@x", two, "--correlate", "header:X-CID") == both
    assert "b@x" not in output("ladder", "a@x", two, "--correlate", "header:X-None")
    assert error_line("ladder", "a@x", two, "--correlate", "vis_host", exit_code=2) == (
        "--correlate: unknown column 'vis_host'; did you mean via_host or uri_host or to_host?"
    )


def test_the_suffix_is_the_format(one: Path, tmp_path: Path) -> None:
    ladder = call_of(one).ladder()
    for suffix, text in (
        ("txt", f"{ladder}\n"),
        ("svg", f"{ladder.svg()}\n"),
        ("html", ladder.html()),
        ("mmd", ladder.mermaid()),
    ):
        out = tmp_path / f"out.{suffix}"
        assert output("ladder", one, "-o", out) == ""
        assert out.read_text(encoding="utf-8") == text
        assert "exists" in error_line("ladder", one, "-o", out, exit_code=1)
        assert output("ladder", one, "-o", out, "--force") == ""
    assert output("ladder", one, "--format", "svg", "--theme", "dark", "--lang", "zh") == (
        ladder.svg("dark", "zh") + "\n"
    )
    assert "unknown format" in error_line("ladder", one, "-o", tmp_path / "a.png", exit_code=2)


def test_a_picture_is_of_one_call(two: Path, tmp_path: Path) -> None:
    out = tmp_path / "a.svg"
    assert run("ladder", "*@x", two, "-o", out).exit_code == 2
    assert not out.exists()
    output("ladder", "*@x", two, "-o", out, "--together")
    assert "c@x" in out.read_text()


def test_ports_are_one_host_if_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(
        capture((0.0, ALICE, BOB, sip(INVITE)), (1.0, (ALICE[0], 9), BOB, sip(INVITE, "2 INVITE")))
    )
    assert "192.0.2.1:9" not in output("ladder", path)
    assert "192.0.2.1:9" in output("ladder", path, "--ports")


def test_refusals(one: Path, tmp_path: Path) -> None:
    missing = "no message with a Call-ID matches"
    assert error_line("ladder", "none@x", one, exit_code=1) == missing
    assert error_line("ladder", one, "--user", "nobody", exit_code=1) == missing
    assert "no such file" in error_line("ladder", tmp_path / "none.pcap", exit_code=1).lower()
    result = run("ladder", "a@x", one, tmp_path / "none.pcap")
    assert result.exit_code == 1
    assert "INVITE" in result.stdout


def test_an_output_without_drawing_characters(one: Path) -> None:
    shown = process("ladder", one, PYTHONIOENCODING="ascii").stdout
    assert "|----- INVITE (SDP) ---->|" in shown
    assert "* retransmission" in shown
    assert shown.isascii()


def test_hostile_texts_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "\x1b[31m\u202ex.sip"
    path.write_bytes(sip(f"INVITE sip:{HOSTILE} SIP/2.0", f"1 {HOSTILE}", call_id=HOSTILE))
    for form in ("text", "svg", "html", "mermaid"):
        for terminal in (0, 80):
            shown = output("ladder", path, "--format", form, terminal=terminal)
            assert not UNSEEN - {"\n"} & {*shown}
    path.write_bytes(path.read_bytes() + sip(INVITE))
    assert not UNSEEN - {"\n", "\t"} & {*run("ladder", path).output}


def test_a_file_of_messages() -> None:
    shown = output("ladder", ROOT / "bench_data" / "dialogues" / "call.sip")
    assert "loft.example.net" in shown


def test_unread_packets_are_told(one: Path) -> None:
    one.write_bytes(CALL[:-5])
    assert "SIP may be in what was not read" in run("ladder", one).stderr
