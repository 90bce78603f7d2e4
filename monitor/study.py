"""The flows without effects: a rule set and its own tests → what held and what did not.

The same rooms that watch the feeds, with articles that a person wrote or asks about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.articles.normalise import article_from_fields
from monitor.errors import Mistake, UsageError
from monitor.model import Article, Match, Rule, RuleTest
from monitor.rules import explain as clauses
from monitor.rules.explain import Explanation
from monitor.rules.match import RuleSet, match_one
from monitor.source import unknown

Normalise = Callable[[Mapping[str, str]], Article]
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


def run_tests(rules: RuleSet, normalise: Normalise = article_from_fields) -> tuple[Tested, ...]:
    """Return every test of *rules*, each run against its own rule alone, in the rules' order."""
    return tuple(_run(rules, rule, test, normalise) for rule in rules.rules for test in rule.tests)


def _run(rules: RuleSet, rule: Rule, test: RuleTest, normalise: Normalise) -> Tested:
    article = normalise(test.fields)
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
