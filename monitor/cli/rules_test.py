"""`monitor rules test`: the tests that stand in the rules, run once or at every save."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import show
from monitor.cli.exits import FAILED
from monitor.cli.opened import chosen, located, rules_in
from monitor.cli.options import AsJson, Folder
from monitor.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from monitor.errors import Mistake
    from monitor.rules.match import RuleSet
    from monitor.study import Tested

DOTS = 80  # in a line
LOOK_EVERY = 0.3  # seconds between two looks at the files: soon enough to feel at once, and nothing to a machine


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed: where, and what would have made the rule match."""

    tested: Tested
    mistake: Mistake
    wanting: tuple[str, ...]


def test_rules(
    rule: Annotated[
        list[str] | None, typer.Argument(metavar="[RULE]...", help="These rules only.", show_default=False)
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Run again whenever a file is saved, until Ctrl-C.")] = False,
    config: Folder = None,
    json: AsJson = False,
) -> None:
    """Run the tests that stand in the rules; exit code 1 if one fails."""
    if watch and json:
        raise UsageError("--watch prints for people; leave out --json, or --watch")
    if watch:
        _watched(config, lambda: _once(rule or (), config))
    elif not _once(rule or (), config, json=json):
        raise typer.Exit(FAILED)


def _once(names: Collection[str], config: Path | None, *, json: bool = False) -> bool:
    """Run the tests of the rules called *names*, of all if there are none; return whether they pass."""
    settings, loaded = rules_in(config)
    known = {each.id: each for each in loaded.rules}
    wanted = replace(loaded, rules=tuple(chosen("rule", each, known) for each in dict.fromkeys(names or known)))
    tested = tuple(_dotted(_run(wanted), quiet=json or not sys.stdout.isatty()))
    failed = tuple(_failed(wanted, tested, settings.folder))
    if json:
        show.document([_described(each.id, tested, failed) for each in wanted.rules])
    for each in failed:
        typer.echo(show.mistakes([each.mistake]), err=True)
        for said in each.wanting:
            typer.echo(f"    wanting: {said}", err=True)
    if not json:
        typer.echo(_summary(wanted, tested, failed))
    return not failed


def _run(rules: RuleSet) -> Iterator[Tested]:
    from monitor.study import run_tests

    for each in rules.rules:
        yield from run_tests(replace(rules, rules=(each,)))


def _dotted(tested: Iterator[Tested], *, quiet: bool) -> Iterator[Tested]:
    """Yield *tested*, and print a dot or an F for each unless *quiet*."""
    number = 0
    for number, each in enumerate(tested, 1):
        if not quiet:
            typer.echo("." if each.passed else "F", nl=number % DOTS == 0)
        yield each
    if not quiet and number % DOTS:
        typer.echo()


def _failed(rules: RuleSet, tested: Sequence[Tested], folder: Path) -> Iterator[Failure]:
    from monitor.cli.rules_explain import wanting
    from monitor.study import explain, failures

    for each in tested:
        if each.passed:
            continue
        (mistake,) = located(folder, failures((each,)))
        missing = wanting(explain(rules, each.rule.id, each.article)) if each.match is None else ()
        yield Failure(each, mistake, tuple(missing))


def _summary(rules: RuleSet, tested: Sequence[Tested], failed: Sequence[Failure]) -> str:
    if not rules.rules:
        return "no rules yet; write one into rules/"
    of = f"{show.plural(len(tested), 'test')} of {show.plural(len(rules.rules), 'rule')}"
    untested = [each.id for each in rules.rules if not each.tests]
    without = f"; without tests: {', '.join(untested)}" if untested else ""
    return f"{len(failed)} of {of} failed{without}" if failed else f"{of} passed{without}"


def _described(id: str, tested: Sequence[Tested], failed: Sequence[Failure]) -> dict[str, Any]:
    return {
        "id": id,
        "tests": sum(each.rule.id == id for each in tested),
        "failed": [
            {
                "file": each.mistake.file,
                "line": each.mistake.line,
                "column": each.mistake.column,
                "message": each.mistake.message,
                "expected": "match" if each.tested.test.matches else "no_match",
                "wanting": list(each.wanting),
            }
            for each in failed
            if each.tested.rule.id == id
        ],
    }


# ------------------------------------------------------------------ at every save


def _watched(config: Path | None, run: Callable[[], object]) -> None:
    """Do *run* now and whenever a file is saved.  Ctrl-C is the way out."""
    from monitor.settings import folder_from

    folder, before = folder_from(config), None
    while True:
        if (now := _fingerprint(folder)) != before:
            if before is not None:
                typer.echo()
            before = now
            try:
                run()
            except ConfigError as error:
                typer.echo(show.mistakes(error.mistakes), err=True)
            typer.echo("waiting for a save; Ctrl-C ends", err=True)
        threading.Event().wait(LOOK_EVERY)


def _fingerprint(folder: Path) -> str:
    """Return what changes when a file in *folder* does, or when the files cannot be read for another reason."""
    from monitor.settings import fingerprint, gather

    try:
        return fingerprint(gather(folder))
    except ConfigError as error:
        return str(error)
