"""The output of a command, and its early ends."""

from __future__ import annotations

import codecs
import contextlib
import importlib
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import click

from ..._interrupted import EXIT_CODE
from .help import SipfastCommand, WrongUsage, language_in, words_of
from .text import escape, visible
from .words import WORDS, Words, add_help

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "INTERRUPTED",
    "Late",
    "Misplaced",
    "Misuse",
    "Refusal",
    "SipfastGroup",
    "cleaned_up",
    "console",
    "line_writer",
    "warn",
    "words_of",
]

INTERRUPTED = EXIT_CODE

# Replacements for drawing characters that the output's encoding lacks, cell for cell.
_PLAIN = {"→": ">", "↳": ">", "⋯": "~", "…": "~", "·": "-", "█": "#", "─": "-", "━": "-"}
_PLAIN |= {"←": "<", "│": "|", "╌": "-", "↻": "*", "↺": "@"}
_PLAIN |= dict.fromkeys("▏▎▍", ".") | dict.fromkeys("▌▋▊▉", ":")


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join([_PLAIN.get(char) or escape(char) for char in text]), error.end


codecs.register_error("sipfast.plain", _replaced)


def console(*, stderr: bool = False) -> Console:
    """A console for standard output, or standard error: colour only on a terminal, no markup."""
    stream = sys.stderr if stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="sipfast.plain")
    # While a progress bar is shown, rich takes the place of sys.stdout and prints above the bar, on
    # standard error. That is right on a terminal only, so other output goes around it.
    file = None if stream.isatty() else stream
    from .terminal import Screen  # with rich, which only what is drawn needs

    return Screen(file=file, stderr=stderr)


def line_writer() -> Callable[[str], None]:
    """A function that writes a line to standard output, around a progress bar as `console`."""
    elsewhere = None if sys.stdout.isatty() else sys.stdout

    def write(line: str) -> None:
        (elsewhere or sys.stdout).write(line + "\n")

    return write


class Refusal(click.ClickException):
    """A failure of the command: one line on standard error, exit code 1."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        warn(self.message)


class Misuse(Refusal):
    """Wrong usage of the command: one line on standard error, exit code 2."""

    exit_code = 2


class Misplaced(Misuse):
    """A fault in an expression, with the place below it."""

    def __init__(self, message: str, shown: str) -> None:
        super().__init__(message)
        self._shown = shown

    def show(self, file: object = None) -> None:
        for line in (self.message, *(f"  {line}" for line in self._shown.split("\n"))):
            warn(line)


def warn(line: str) -> None:
    """Write any text as one line on standard error."""
    encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
    click.echo(visible(f"sipfast: {line}").encode(encoding, "sipfast.plain"), err=True)


class Late(NamedTuple):
    """A command that is imported when it is asked for, and what the list of commands says of it."""

    module: str
    """Its module below `commands`, whose `command` it is."""
    english: str
    """The first paragraph of its help."""
    chinese: str


class SipfastGroup(SipfastCommand, click.Group):
    """Ends early without a traceback: at Ctrl-C, a closed pipe, a full disk, and wrong usage."""

    def __init__(self, *args: Any, late: Mapping[str, Late], **extra: Any) -> None:
        super().__init__(*args, **extra)
        self._late = late
        add_help({row.english: row.chinese for row in late.values()})

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self._late)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self._late and cmd_name not in self.commands:
            module = self._late[cmd_name].module
            found = importlib.import_module(f"..commands.{module}", __package__)
            self.add_command(found.command, cmd_name)
        return super().get_command(ctx, cmd_name)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        words = WORDS[language_in(args)]
        if sys.stdout is None:  # despite its type: the process has no standard output
            raise Refusal(words.no_output.format(words.output_closed))
        try:
            with _usage(), _written(lambda: words):
                return super().make_context(info_name, args, parent, **{"obj": words, **extra})
        except KeyboardInterrupt:
            warn(words.interrupted)
            raise click.exceptions.Exit(INTERRUPTED) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, self._late[name].english) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args and not ctx.resilient_parsing:  # click itself differs by version
            click.echo(ctx.get_help(), err=True)
            ctx.exit(Misuse.exit_code)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        with _written(lambda: words_of(ctx)):
            with _usage(), _ended(ctx):
                result = super().invoke(ctx)
            sys.stdout.flush()
        return result


@contextlib.contextmanager
def _written(words: Callable[[], Words]) -> Iterator[None]:
    """End with one line if the output cannot be written, and quietly at a closed pipe."""
    try:
        yield
    except BrokenPipeError:
        _silence()
        raise click.exceptions.Exit(0) from None  # the reader needs no more
    except OSError as error:
        _silence()
        raise Refusal(words().no_output.format(words().reason(error))) from None


@contextlib.contextmanager
def _ended(ctx: click.Context) -> Iterator[None]:
    """End at Ctrl-C, also where it became another exception on its way out of a callback in C."""
    try:
        yield
    except (KeyboardInterrupt, Exception) as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, KeyboardInterrupt):
            cause = cause.__context__
        if cause is None:
            raise
        warn(words_of(ctx).interrupted)
        ctx.exit(cause.exit_code if isinstance(cause, _Terminated) else INTERRUPTED)


class _Terminated(KeyboardInterrupt):
    """Another signal that ends a process."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = 128 + number


def _terminate(number: int, _frame: object) -> None:
    raise _Terminated(number)


@contextlib.contextmanager
def cleaned_up() -> Iterator[None]:
    """End at SIGTERM and SIGHUP as at Ctrl-C, for a command that has files to remove."""
    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    is_main = threading.current_thread() is threading.main_thread()  # of which signals are
    # A signal that is ignored (nohup) stays so.
    ours = [n for n in numbers if is_main and signal.getsignal(n) == signal.SIG_DFL]
    for number in ours:
        signal.signal(number, _terminate)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def _usage() -> Iterator[None]:
    """Translate usage errors, and escape the arguments in them."""
    try:
        yield
    except click.UsageError as error:
        raise WrongUsage(error) from None


def _silence() -> None:
    """Discard the unflushed output, so that the interpreter does not try again."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
