"""The flows without effects: the tests that rules carry, and the configuration that we ship."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.model import Article, ArticleId, Published, StoryId
from monitor.rules.load import load, warnings
from monitor.rules.match import RuleSet
from monitor.study import backtest, explain, failures, markdown, run_tests
from tests.rules.conftest import written

CONFIG = Path(__file__).parents[1] / "config"
ENTITIES = "entities:\n  - {id: kosovo, names: [Kosovo]}\n"


def of(rules: str) -> RuleSet:
    return load({"rules/r.yaml": rules, "entities/e.yaml": ENTITIES}, channels=None)


def test_a_test_is_held_against_its_own_rule_alone() -> None:
    tested = run_tests(
        of(
            "rules:\n"
            "  - {id: one, match: $kosovo, tests: [{match: Kosovo votes}, {no_match: Serbia votes}]}\n"
            "  - {id: two, match: Serbia, tests: [{no_match: Kosovo votes}]}\n"
        )
    )
    assert [(one.rule.id, one.passed) for one in tested] == [("one", True), ("one", True), ("two", True)]
    assert failures(tested) == ()


def test_a_failing_test_says_where_it_stands_and_what_was_found() -> None:
    rules = of(
        "fixtures:\n"
        "  wire: {headline: Kosovo votes, body: Serbia waits}\n"
        "rules:\n"
        "  - id: one\n"
        "    match: $kosovo AND Serbia\n"
        "    tests:\n"
        "      - match: Kosovo votes\n"
        "      - no_match: $wire\n"
    )
    assert [str(mistake) for mistake in failures(run_tests(rules))] == [
        'rules/r.yaml:7:9: the rule one should match "Kosovo votes" and does not',
        'rules/r.yaml:8:9: the rule one should not match "Kosovo votes / Serbia waits" and does: '
        '$kosovo found "Kosovo", Serbia found "Serbia"',
    ]


def test_a_long_text_is_shown_in_short() -> None:
    (mistake,) = failures(run_tests(of(f"rules:\n  - {{id: one, match: $kosovo, tests: [{{match: {'x ' * 90}}}]}}\n")))
    assert len(mistake.message) < 160


def test_metadata_of_a_test_passes_the_filters_of_its_rule() -> None:
    rules = of(
        "rules:\n"
        "  - id: one\n"
        "    where: {section: [Politics], strict: true}\n"
        "    match: $kosovo\n"
        "    tests:\n"
        "      - match: {body: Kosovo votes, section: Politics}\n"
        "      - no_match: {body: Kosovo votes, section: Sport}\n"
        "      - no_match: Kosovo votes\n"
    )
    assert failures(run_tests(rules)) == ()


def test_the_configuration_that_we_ship_loads_without_a_warning_and_passes_its_tests() -> None:
    folders = [CONFIG / "rules", CONFIG / "entities"]
    files = {
        f"{path.parent.name}/{path.name}": path.read_text(encoding="utf-8")
        for folder in folders
        for path in folder.glob("*.yaml")
    }
    rules = load(files, channels=None)
    tested = run_tests(rules)
    assert len(rules.rules) >= 5
    assert all(rule.tests for rule in rules.rules)
    assert failures(tested) == ()
    assert [str(mistake) for mistake in warnings(rules)] == []


def test_a_rule_is_explained_by_its_id() -> None:
    rules = of("rules:\n  - {id: one, match: $kosovo}\n")
    assert explain(rules, "one", written("Kosovo votes")).matches
    with pytest.raises(UsageError, match='unknown rule "on"; did you mean "one"'):
        explain(rules, "on", written("Kosovo votes"))


def stored(number: int, text: str, story: str | None = None) -> Article:
    return replace(
        written(text, headline=f"Headline | {number}"),
        id=ArticleId(f"a{number}"),
        story=StoryId(story) if story else None,
        outlet=f"Outlet {number}",
    )


ARCHIVE = (
    stored(1, "Kosovo votes", "s1"),
    stored(2, "Kosovo votes again", "s1"),
    stored(3, "Serbia votes", "s2"),
    stored(4, "Kosovo waits"),
)
BEFORE = "rules:\n  - {id: one, match: $kosovo AND votes}\n  - {id: gone, match: Serbia}\n"
AFTER = "rules:\n  - {id: first, was: one, match: $kosovo}\n"


def test_a_backtest_tells_what_an_edit_adds_removes_and_leaves_by_story() -> None:
    found = backtest(of(BEFORE), of(AFTER), ARCHIVE)
    assert [(change.rule, change.subject) for change in found.added] == [("first", "a4")]
    assert [(change.rule, change.subject) for change in found.removed] == [("gone", "s2")]
    assert [(change.rule, change.subject) for change in found.kept] == [("first", "s1")]
    assert [article.id for article in found.kept[0].articles] == ["a1", "a2"]


def test_a_rule_for_every_copy_alerts_by_article() -> None:
    every = "rules:\n  - {id: one, match: $kosovo, story: every}\n"
    found = backtest(of("rules: []\n"), of(every), ARCHIVE)
    assert [change.subject for change in found.added] == ["a1", "a2", "a4"]


def test_the_same_rules_change_nothing() -> None:
    found = backtest(of(BEFORE), of(BEFORE), ARCHIVE)
    assert (found.added, found.removed, len(found.kept)) == ((), (), 2)
    assert markdown(found) == "**0 added, 0 removed, 2 unchanged**\n"


def test_a_backtest_reads_well_in_a_pull_request() -> None:
    assert markdown(backtest(of(BEFORE), of(AFTER), ARCHIVE)) == (
        "**1 added, 1 removed, 1 unchanged**\n"
        "\n### Added\n\n| rule | headline | outlets |\n|---|---|---|\n| first | Headline \\| 4 | Outlet 4 |\n"
        "\n### Removed\n\n| rule | headline | outlets |\n|---|---|---|\n| gone | Headline \\| 3 | Outlet 3 |\n"
    )


def test_a_headline_makes_no_mark_and_no_link_in_a_pull_request() -> None:
    (first, *_) = ARCHIVE
    tricky = replace(first, headline="[a](b) <img> *c* `d`\n| e")
    shown = markdown(backtest(of("rules: []\n"), of(AFTER), [tricky]))
    assert "| first | \\[a\\](b) \\<img\\> \\*c\\* \\`d\\` \\| e |" in shown


def test_what_was_old_when_it_was_first_seen_alerts_nobody() -> None:
    (first, *_) = ARCHIVE
    seen = datetime(2026, 7, 8, 12, tzinfo=UTC)
    old, new = (
        replace(first, seen_at=seen, published=Published(at=seen - timedelta(hours=hours))) for hours in (25, 23)
    )
    found = [
        backtest(of("rules: []\n"), of(AFTER), [each], alert_new_within=timedelta(hours=24)).added
        for each in (old, new)
    ]
    assert [len(changes) for changes in found] == [0, 1]
