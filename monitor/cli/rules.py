"""`monitor rules`: what is watched for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import rules_explain, show
from monitor.cli.exits import FAILED, Commands, fail
from monitor.cli.opened import chosen, located, rules_in
from monitor.cli.options import AsJson, Folder

if TYPE_CHECKING:
    from monitor.errors import Mistake
    from monitor.model import Rule, Where

app = typer.Typer(cls=Commands, help="What is watched for.")


@app.command("list")
def list_rules(config: Folder = None, json: AsJson = False) -> None:
    """List the rules, with the articles that they look at and the channels that they tell."""
    settings, loaded = rules_in(config)
    default = settings.default_channel
    if json:
        show.document([_described(rule, default) for rule in loaded.rules])
        return
    show.table(
        ["rule", "title", "severity", "where", "tells", "tests", "file"],
        [
            (
                rule.id,
                rule.title,
                rule.severity.value,
                _where(rule.where),
                ", ".join(rule.notify) or default,
                len(rule.tests),
                f"{rule.file}:{rule.line}",
            )
            for rule in loaded.rules
        ],
        empty="no rules yet; write one into rules/",
    )


def _described(rule: Rule, default: str | None) -> dict[str, Any]:
    lists = ("section", "language", "country", "feed", "outlet")
    return {
        "id": rule.id,
        "title": rule.title,
        "severity": rule.severity.value,
        "labels": dict(rule.labels),
        "where": {name: list(getattr(rule.where, name)) for name in lists} | {"strict": rule.where.strict},
        "notify": list(rule.notify) or [each for each in [default] if each],
        "story": rule.story.value,
        "tests": len(rule.tests),
        "file": rule.file,
        "line": rule.line,
    }


def _where(where: Where) -> str:
    pairs = [(name, getattr(where, name)) for name in ("section", "language", "country", "feed", "outlet")]
    return "; ".join(f"{name} {', '.join(values)}" for name, values in pairs if values)


@app.command("test")
def test_rules(
    rule: Annotated[str | None, typer.Argument(metavar="RULE", help="This rule only.")] = None,
    config: Folder = None,
    json: AsJson = False,
) -> None:
    """Run the tests that stand in the rules; exit code 1 if one fails."""
    from monitor.study import failures, run_tests

    settings, loaded = rules_in(config)
    known = {each.id: each for each in loaded.rules}
    wanted = [chosen("rule", rule, known)] if rule else list(known.values())
    with show.spinner("Testing"):
        tested = run_tests(replace(loaded, rules=tuple(wanted)))
    failed = {
        each.id: located(settings.folder, failures(tuple(one for one in tested if one.rule is each))) for each in wanted
    }
    if json:
        show.document([_tested(each, failed[each.id]) for each in wanted])
    else:
        show.table(
            ["rule", "tests", "failed"],
            [(each.id, len(each.tests), len(failed[each.id]) or None) for each in wanted],
            empty="no rules yet; write one into rules/",
        )
    mistakes = [mistake for found in failed.values() for mistake in found]
    if mistakes:
        fail(show.mistakes(mistakes), FAILED)


def _tested(rule: Rule, failed: Sequence[Mistake]) -> dict[str, Any]:
    return {
        "id": rule.id,
        "tests": len(rule.tests),
        "failed": [{"file": m.file, "line": m.line, "column": m.column, "message": m.message} for m in failed],
    }


app.command("explain")(rules_explain.explain)
