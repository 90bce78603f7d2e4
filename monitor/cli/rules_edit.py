"""`monitor rules add-test`: an article → one more test in the rule's file, no other byte of which changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import show
from monitor.cli.articles import MatchFormat, Zone
from monitor.cli.exits import FAILED, FAULT, fail
from monitor.cli.given import Form, Named, Private, articles_in
from monitor.cli.opened import chosen, rules_in
from monitor.cli.options import Folder
from monitor.daemon.files import put, source
from monitor.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from monitor.model import Article, Rule
    from monitor.rules.match import RuleSet
    from monitor.settings import Settings
    from monitor.study import Tested


def add_test(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.")],
    article: Named,
    no_match: Annotated[bool, typer.Option("--no-match", help="The rule must not match it.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Write the test even though it fails.")] = False,
    format: Form = MatchFormat.AUTO,
    timezone: Zone = None,
    allow_private: Private = False,
    config: Folder = None,
) -> None:
    """Add an article to a rule's tests; exit code 1, and nothing is written, if the test would fail.

    Every other byte of the file stays.  Where the file cannot be written, the
    lines to add are printed.
    """
    from monitor.rules.insert import fields_of, with_test

    settings, rules = rules_in(config)
    known = chosen("rule", rule, {each.id: each for each in rules.rules})
    held = articles_in(settings, article, format=format, timezone=timezone, allow_private=allow_private)
    fields = fields_of(_only(held, article))
    if any(test.matches is not no_match and dict(test.fields) == fields for test in known.tests):
        typer.echo(f"{known.id} has this test already")
        return
    path = settings.folder / known.file
    before = source(path)
    after = with_test(known.file, before, known.id, fields, matches=not no_match)
    tested = _last_test(settings, known, after)
    if not tested.passed and not force:
        fail(_refusal(rules, tested), FAILED)
    try:
        put(path, after)
    except OSError as error:
        typer.echo(_inserted(before, after), nl=False)
        fail(f"error: {path}: {error.strerror}; add the lines above to the tests of {known.id}", FAULT)
    typer.echo(f"{path}:{tested.test.line}: {known.id} must {'not match' if no_match else 'match'} this article")


def _only(articles: Sequence[Article], name: str) -> Article:
    if len(articles) != 1:
        where = "standard input" if name == "-" else name
        raise UsageError(f"{where} holds {show.plural(len(articles), 'article')}; a test is made of one")
    return articles[0]


def _last_test(settings: Settings, rule: Rule, text: str) -> Tested:
    """Return how the last test of *rule* fares when its file holds *text*."""
    from monitor.rules.load import load
    from monitor.settings import of_rules
    from monitor.study import run_tests

    try:
        loaded = load({**of_rules(settings.files), rule.file: text}, channels=None)
    except ConfigError as error:
        raise UsageError(f"with the test in it, the file would not load: {error.mistakes[0].message}") from error
    return [each for each in run_tests(loaded) if each.rule.id == rule.id][-1]


def _refusal(rules: RuleSet, tested: Tested) -> str:
    """Return why the test would fail, and what to do."""
    from monitor.cli.rules_explain import wanting
    from monitor.study import explain, failures

    (mistake,) = failures((tested,))
    lines = [f"not added: {mistake.message}"]
    if tested.match is None:
        explained = explain(rules, tested.rule.id, tested.article)
        lines += [f"    wanting: {said}" for said in wanting(explained)]
    return "\n".join([*lines, "mend the rule first, or write the test all the same with --force"])


def _inserted(before: str, after: str) -> str:
    """Return what stands in *after* and not in *before*, with a line end."""
    start = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), len(before))
    return after[start : start + len(after) - len(before)].strip("\r\n") + "\n"
