"""The flows without effects: rule tests, explain, backtest → what held, why, and what an edit would change.

The same rooms that watch the feeds, with articles that a person wrote or asks about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from monitor.alerts.decide import decide
from monitor.articles.normalise import article_from_fields
from monitor.errors import Mistake, UsageError
from monitor.model import Article, Fold, Match, Rule, RuleId, RuleTest, StoryPolicy
from monitor.rules import explain as clauses
from monitor.rules.explain import Explanation
from monitor.rules.match import RuleSet, match, match_one
from monitor.source import unknown

LONGEST_SHOWN = 90  # characters of a test's text in a message


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One in-rule test, run: *match* is what its article gave."""

    rule: Rule
    test: RuleTest
    article: Article
    match: Match | None

    @property
    def passed(self) -> bool:
        return (self.match is not None) == self.test.matches


def run_tests(rules: RuleSet) -> tuple[Tested, ...]:
    """Return every test of *rules*, each run against its own rule alone, in the rules' order."""
    return tuple(_run(rules, rule, test) for rule in rules.rules for test in rule.tests)


def _run(rules: RuleSet, rule: Rule, test: RuleTest) -> Tested:
    article = article_from_fields(test.fields)
    return Tested(rule=rule, test=test, article=article, match=match_one(rules, rule, article))


def failures(tested: tuple[Tested, ...]) -> tuple[Mistake, ...]:
    """Return the tests that failed, each as a mistake where the test stands."""
    return tuple(
        Mistake(file=one.rule.file, line=one.test.line, column=one.test.column, message=_told(one))
        for one in tested
        if not one.passed
    )


def _told(tested: Tested) -> str:
    """Return what was expected, of which text, and what was found there."""
    shown = _shown(tested.article)
    if tested.match is None:
        return f'the rule {tested.rule.id} should match "{shown}" and does not'
    hits = ", ".join(dict.fromkeys(f'{hit.clause} found "{hit.text}"' for hit in tested.match.hits))
    return f'the rule {tested.rule.id} should not match "{shown}" and does: {hits}'


def _shown(article: Article) -> str:
    text = " / ".join(part for part in (article.headline, article.lede, *article.body) if part)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def explain(rules: RuleSet, rule_id: str, article: Article) -> Explanation:
    """Return why the rule *rule_id* matches *article* or does not; UsageError if there is no such rule."""
    rule = next((rule for rule in rules.rules if rule.id == rule_id), None)
    if rule is None:
        raise UsageError(unknown("rule", rule_id, [rule.id for rule in rules.rules]))
    return clauses.explain(rules, rule, article)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One alert that a rule raises: about a story, by the articles that match in it."""

    rule: RuleId
    subject: str  # the story; the article itself with `story: every`, or before it has a story
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """What an edit of the rules would add, remove and leave."""

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    kept: tuple[Change, ...]


def backtest(
    before: RuleSet, after: RuleSet, articles: Iterable[Article], *, alert_new_within: timedelta | None = None
) -> Backtest:
    """Return how the alerts of *after* on *articles* differ from those of *before*; a renamed rule keeps its past.

    An article that was older than *alert_new_within* when it was first seen
    alerts nobody, with either.  *articles* are read once, one after another.
    """
    names = {rule.was: rule.id for rule in after.rules if rule.was}
    old: dict[object, Change] = {}
    new: dict[object, Change] = {}
    for article in articles:
        _raise(old, before, article, names, alert_new_within)
        _raise(new, after, article, {}, alert_new_within)
    return Backtest(
        added=tuple(change for key, change in new.items() if key not in old),
        removed=tuple(change for key, change in old.items() if key not in new),
        kept=tuple(change for key, change in new.items() if key in old),
    )


def _raise(
    raised: dict[object, Change],
    rules: RuleSet,
    article: Article,
    names: Mapping[RuleId, RuleId],
    alert_new_within: timedelta | None,
) -> None:
    """Add to *raised* the alerts of *rules* on *article*, by rule and subject, in the order in which they come."""
    for one in match(rules, article):
        if alert_new_within is not None and article.seen_at is not None:
            verdict = decide(one, now=article.seen_at, baseline=False, alert_new_within=alert_new_within)
            if isinstance(verdict, Fold):
                continue
        every = one.rule.story is StoryPolicy.EVERY
        subject = str(article.id if every or article.story is None else article.story)
        name = names.get(one.rule.id, one.rule.id)
        known = raised.get((name, subject))
        told = (*known.articles, article) if known else (article,)
        raised[(name, subject)] = Change(rule=name, subject=subject, articles=told)


def markdown(found: Backtest) -> str:
    """Return *found* as a comment for a pull request: the sums, then what is added and what is removed."""
    kept = f"**{len(found.added)} added, {len(found.removed)} removed, {len(found.kept)} unchanged**"
    lines = [kept]
    for title, changes in (("Added", found.added), ("Removed", found.removed)):
        if changes:
            lines += ["", f"### {title}", "", "| rule | headline | outlets |", "|---|---|---|", *map(_row, changes)]
    return "\n".join(lines) + "\n"


def _row(change: Change) -> str:
    first = change.articles[0]
    outlets = ", ".join(dict.fromkeys(article.outlet or "?" for article in change.articles))
    cells = (change.rule, _shown(replace(first, lede=None, body=()) if first.headline else first), outlets)
    return "| " + " | ".join(map(_in_markdown, cells)) + " |"


def _in_markdown(text: str) -> str:
    """Return *text* so that nothing in it is a mark, a link or a tag."""
    return re.sub(r"([\\`*_\[\]<>|])", r"\\\1", " ".join(text.split()))
