"""Help and usage errors in Chinese."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from command import output, request, run
from rich.cells import cell_len

from sipfast.cli.app import sipfast
from sipfast.cli.screen.words import WORDS

CONTEXT = click.Context(sipfast)
NAMES = sipfast.list_commands(CONTEXT)
COMMANDS = [(), *((name,) for name in NAMES)]
ENGLISH = re.compile(r"\b[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")


def texts() -> list[str]:
    found = ["Show this message and exit.", sipfast.epilog or ""]
    for command in [sipfast, *(sipfast.get_command(CONTEXT, name) for name in NAMES)]:
        assert command is not None
        found += (command.help or "").split("\n\n")
        found += [part.help or "" for part in command.params if isinstance(part, click.Option)]
    return [" ".join(text.split()) for text in found]


def test_each_text_of_help_is_in_chinese() -> None:
    assert len(texts()) > 40
    for text in texts():
        assert not WORDS["zh"].help(text).isascii(), text


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("before", [True, False])
def test_help_in_chinese(command: tuple[str, ...], before: bool) -> None:
    language = ("--lang", "zh")
    arguments = (*language, *command) if before else (*command, "--help", *language)
    text = output(*arguments, *(["--help"] if before else []))
    assert text.startswith(f"用法：{' '.join(('sipfast', *command))} [选项]")
    assert "\n选项：\n" in text
    assert not ENGLISH.search(text)
    assert "default" not in text
    assert "required" not in text
    assert all(cell_len(line) <= 80 for line in text.splitlines())


def test_help_in_english_shows_whole_sentences() -> None:
    text = " ".join(output("--help").split())
    assert "one per line; exit with 1 if there is any. code" in text


@pytest.mark.parametrize("language", ["--lang zh", "--lang=zh"])
@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("shwo", "没有命令“shwo”"),
        ("check x --statsu 4xx", "没有选项“--statsu”；是否指 --status？"),
        ("check x --status 99", "--status 的值无效：“99”不是状态码、4xx 或范围"),
        ("check x --select no", "--select 的值无效：“no”不是已知的错误码；"),
        ("check x --format no", "--format 的值无效：“no”不是 "),
        ("check x --json --format sarif", "--json 与 --format sarif 矛盾"),
        ("check", "缺少参数 FILE..."),
        ("show", "缺少参数 FILE"),
        ("stats x --top 0", "--top 的值无效：0 小于 1"),
        ("stats x --top y", "--top 的值无效：“y”不是整数"),
        ("stats x --json=1", "选项 --json 不带值"),
        ("stats x -n", "选项 -n 需要一个值"),
        ("show a b", "多余的参数：b"),
        ("", "缺少命令"),
    ],
)
def test_usage_errors_in_chinese(language: str, line: str, error: str) -> None:
    for arguments in (
        f"{language} {line}",
        *([] if line.endswith("-n") else [f"{line} {language}"]),
    ):
        result = run(*arguments.split())
        assert (result.exit_code, result.stdout) == (2, "")
        usage, hint, last = result.stderr.splitlines()
        assert usage.startswith("用法：sipfast ")
        assert re.fullmatch(r"输入 sipfast.* --help 查看帮助。", hint)
        assert last.startswith(f"错误：{error}")
        assert not ENGLISH.search(result.stderr)


def test_the_language_of_a_command_goes_before_that_of_the_group() -> None:
    assert "此处忙" in output("--lang", "zh", "code", "486")
    assert "此处忙" not in output("--lang", "zh", "code", "486", "--lang", "en")


def test_usage_errors_in_chinese_are_escaped() -> None:
    result = run("--lang", "zh", "stats", "--\x1b[31m")
    assert result.exit_code == 2
    assert "没有选项" in result.stderr
    assert "\x1b" not in result.stderr


def test_the_marks_of_show_have_chinese_punctuation(tmp_path: Path) -> None:
    (tmp_path / "a.sip").write_bytes(
        request("INVITE", "Expires: x", "Contact: <sip:a@b>;expires=60")
    )
    text = output("show", tmp_path / "a.sip", "--lang", "zh")
    assert "（RFC 3261 " in text
    assert "a@b（1 分钟）" in text
    assert " (" not in text
