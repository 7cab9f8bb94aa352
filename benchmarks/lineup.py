"""All contenders that are timed over a corpus, sipfast and rivals, with one interface."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from benchmarks.alike import EVERY_PART, TYPED, WORKS, Work
from benchmarks.engines import Variant, best_variants, facts, variants
from benchmarks.rivals import LEAST_AGREEMENT, DisagreementError, Facts, Skipped, agreeing
from benchmarks.rivals.programs import Program, build_programs, write_corpus
from benchmarks.rivals.python import Rival, python_rivals
from benchmarks.timing import Subject, Took, over
from benchmarks.typed import READS, every_part, plain, typed_reader


class Kind(Enum):
    """The origin of a contender, which gives its colour in charts."""

    OURS = "sipfast"
    PYTHON = "called from Python"
    C = "called from C"
    LIMIT = "the physical limit"


@dataclass(frozen=True)
class Contender:
    """A parser, or a use of one, that is timed over messages."""

    name: str
    does: str
    kind: Kind
    read: Callable[[Sequence[bytes]], Sequence[Facts | None]]
    """Returns the facts that it reads in each message, None for a refused one."""
    subject: Callable[[Sequence[bytes]], Subject]
    """Makes the timed round over the messages, in ns per message."""
    version: str = ""
    slow: bool = False
    """Whether it is too slow for the large corpus: the pure engine with expensive work."""


AT_ONCE = 10_000
"""The number of messages whose values are compared at once, which bounds memory."""


@dataclass(frozen=True)
class Lineup:
    """The contenders that can run on this machine, sipfast's own first."""

    contenders: list[Contender]
    skipped: list[Skipped]

    def check(self, messages: Sequence[bytes]) -> dict[str, float]:
        """Return by name the share of messages that each contender reads like sipfast.

        sipfast's own engines and kernels must agree on every byte and every value.  Raises
        `DisagreementError` if they do not, or if a share is too low.
        """
        asked = [one for one in self.contenders if one.kind is not Kind.LIMIT]
        right = dict.fromkeys((contender.name for contender in asked), 0)
        for first in range(0, len(messages), AT_ONCE):
            some = messages[first : first + AT_ONCE]
            _check_variants(some)
            expected = _truth(some)
            for contender in asked:
                right[contender.name] += agreeing(contender.read(some), expected)
        shares = {name: count / len(messages) for name, count in right.items()}
        for contender in asked:
            share = shares[contender.name]
            least = 1 if contender.kind is Kind.OURS else LEAST_AGREEMENT
            if share < least:
                raise DisagreementError(f"{contender.name} reads only {share:.1%} like sipfast")
        return shares

    def quick(self) -> Lineup:
        """Return the contenders that are fast enough for the large corpus."""
        return Lineup([one for one in self.contenders if not one.slow], self.skipped)

    def contender(self, name: str) -> Contender:
        """Return a contender by its name; KeyError if absent."""
        return {contender.name: contender for contender in self.contenders}[name]

    def why_skipped(self, name: str) -> Skipped | None:
        """Return why a contender was skipped, or None."""
        return next((skipped for skipped in self.skipped if skipped.name == name), None)

    def subjects(self, messages: Sequence[bytes]) -> dict[str, Subject]:
        """Return one subject per contender, by name."""
        return {contender.name: contender.subject(messages) for contender in self.contenders}


def gather(folder: Path, *, programs: bool = True) -> Lineup:
    """Find and build all available contenders, the C rivals in `folder`, if wanted."""
    rivals, skipped = python_rivals()
    ours = best_variants().values()
    kernels = [_variant(variant) for variant in variants() if variant not in ours]
    own = [contender for variant in ours for contender in own_contenders(variant)]
    contenders = [*own, *kernels, *map(_rival, rivals)]
    if programs:
        built, missing = build_programs(folder)
        contenders.extend(map(_program, built))
        skipped.extend(missing)
    return Lineup(contenders, skipped)


def own_contenders(variant: Variant) -> list[Contender]:
    """Return the typical uses of one engine: parsing, and reading more and more."""
    works = [_work(variant, work) for work in WORKS]
    return [_variant(variant), _used(variant), _typed(variant), *works]


DOES = {
    "native": "every field's span and header id, framing checked, one object",
    "pure": "every line and the framing checked; fields are found on first access",
}


def _variant(variant: Variant) -> Contender:
    def read(messages: Sequence[bytes]) -> list[Facts]:
        parse = variant.select()
        return [facts(parse(message)) for message in messages]

    def subject(messages: Sequence[bytes]) -> Subject:
        return _selected(variant, over(variant.select(), messages))

    return Contender(variant.name, DOES[variant.engine], Kind.OURS, read, subject)


def _used(variant: Variant) -> Contender:
    """Return the variant with a field read, which includes deferred work."""
    parse = variant.select()

    def call_id(data: bytes) -> object:
        return parse(data).call_id

    def read(messages: Sequence[bytes]) -> list[Facts]:
        variant.select()
        return [Facts(call_id=parse(message).call_id) for message in messages]

    def subject(messages: Sequence[bytes]) -> Subject:
        return _selected(variant, over(call_id, messages))

    name = f"{variant.name} + call_id"
    return Contender(name, "the same, and Call-ID read", Kind.OURS, read, subject)


def typed_name(variant: Variant) -> str:
    """The name of a variant with the typed properties read, in tables and charts."""
    return f"{variant.name}, typed"


def _typed(variant: Variant) -> Contender:
    """Return the variant with the typed properties read, as in an application."""
    read_typed = typed_reader(variant.select())

    def read(messages: Sequence[bytes]) -> list[Facts]:
        variant.select()
        values = map(read_typed, messages)
        return [Facts(more={TYPED: plain(every_part(each))}) for each in values]

    def subject(messages: Sequence[bytes]) -> Subject:
        return _selected(variant, over(read_typed, messages))

    return Contender(typed_name(variant), f"the same, and {READS}", Kind.OURS, read, subject)


def work_name(variant: Variant, work: Work) -> str:
    """The name of a variant with like-for-like work, in tables and charts."""
    return f"{variant.name}, {work.name}"


def _work(variant: Variant, work: Work) -> Contender:
    """Return the variant with the same work as a rival."""

    def read(messages: Sequence[bytes]) -> list[Facts]:
        reader = work.reader(variant.select(), messages)
        return [Facts(more={work.name: work.plain(reader(message))}) for message in messages]

    def subject(messages: Sequence[bytes]) -> Subject:
        return _selected(variant, over(work.reader(variant.select(), messages), messages))

    name, does = work_name(variant, work), f"the same, and {work.does}"
    return Contender(name, does, Kind.OURS, read, subject, slow=variant.engine == "pure")


def _selected(variant: Variant, subject: Subject) -> Subject:
    def one_round() -> Took:
        variant.select()
        return subject()

    return one_round


def _rival(rival: Rival) -> Contender:
    def read(messages: Sequence[bytes]) -> list[Facts | None]:
        return [rival.read(message) for message in messages]

    def subject(messages: Sequence[bytes]) -> Subject:
        taken = [message for message in messages if rival.read(message) is not None]
        return over(rival.parse, [rival.prepare(message) for message in taken])

    return Contender(rival.name, rival.does, Kind.PYTHON, read, subject, rival.version)


def _program(program: Program) -> Contender:
    def corpus(messages: Sequence[bytes]) -> Path:
        return write_corpus(messages, program.path.with_suffix(".corpus"))

    def read(messages: Sequence[bytes]) -> list[Facts | None]:
        return program.read(corpus(messages))

    def subject(messages: Sequence[bytes]) -> Subject:
        path = corpus(messages)
        return lambda: program.time(path)

    kind = Kind.C if program.source.library else Kind.LIMIT
    return Contender(program.source.name, program.source.does, kind, read, subject, program.version)


def _truth(messages: Sequence[bytes]) -> list[Facts]:
    """Return the facts that sipfast reads in each message, the reference for the others."""
    parse = variants()[0].select()
    readers = {work: work.reader(parse, messages) for work in WORKS}
    found = []
    for message in messages:
        more = {work.name: work.plain(read(message)) for work, read in readers.items()}
        more[TYPED] = (*more[EVERY_PART.name][:-1], None)  # the same without the Request-URI
        found.append(facts(parse(message))._replace(more=more))
    return found


def _check_variants(messages: Sequence[bytes]) -> None:
    """Raise `DisagreementError` unless all engines and kernels read the same."""
    ours = variants()
    for number, message in enumerate(messages):
        if len({_everything(variant.select()(message)) for variant in ours}) > 1:
            raise DisagreementError(f"sipfast's engines or kernels differ over message {number}")


def _everything(message: Any) -> tuple[Any, ...]:
    return facts(message)[:3], message.headers.raw, message.body_offset, message.end
