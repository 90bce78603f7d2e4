"""`monitor rules`: what is watched for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from monitor.cli import rules_backtest, rules_edit, rules_explain, rules_import, rules_test, show
from monitor.cli.exits import Commands
from monitor.cli.opened import rules_in
from monitor.cli.options import AsJson, Folder

if TYPE_CHECKING:
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


app.command("test")(rules_test.test_rules)
app.command("explain")(rules_explain.explain)
app.command("add-test")(rules_edit.add_test)
app.command("backtest")(rules_backtest.backtest)
app.command("import")(rules_import.import_query)
