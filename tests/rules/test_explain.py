"""Why a rule matches, and what would have made it match."""

from __future__ import annotations

from dataclasses import replace

import pytest

from monitor.model import Article, Furniture, Rule, RuleId, Score, Weight, Where
from monitor.rules.explain import Clause, Explanation, explain
from monitor.rules.match import match, ruleset
from monitor.rules.query import parse
from tests.rules.conftest import ENTITIES, rule_of, rules_of, written

ARTICLE = replace(
    written(
        "Zakharova sang. The security of the Council.",
        "He gave guarantees. danas je lep dan. Andrej Vučić stayed. The UN Security Council met.",
        "NATO is far away from all the things that Kosovo has. ko Sovo",
        headline="Kosovo votes",
        language="en",
    ),
    related=("Football in town",),
    furniture=(Furniture(kind="caption", text="Photo: Tanjug"),),
)


def told(query: str, article: Article = ARTICLE) -> Clause:
    return explain(rules_of(query), rule_of(query), article).clause


@pytest.mark.parametrize(
    ("query", "nearest"),
    [
        ("$zakharova", "only as a short name without context (a full name, or Foreign Ministry, Moscow, МИД)"),
        ("$vucic", "Vučić was seen, but after a given name of somebody else"),
        ("$un", "UN was seen, but only inside UN Security Council ($unsc)"),
        ("guarantee", "guarantees was seen; guarantee~ finds every form"),
        ("=Danas", "danas was seen, but = asks for exactly these letters"),
        ('"Security Council Kosovo"', "all its words occur, but not next to each other"),
        ('"Security Council chamber"', "of its words chamber is missing"),
        ("football", 'only in page furniture (related: "Football in town")'),
        ("Tanjug", 'only in page furniture (caption: "Photo: Tanjug")'),
        ("moon", "moon does not occur"),
        ("secure*", "secure* does not occur"),
        ("/Moon/", "/Moon/ does not occur"),
        ("$nato NEAR/2 $kosovo", "the nearest two are 8 words apart, not 2 or fewer"),
        ("away ONEAR/9 $nato", "never away first"),
        ("votes NEAR/9 away", "never in one paragraph"),
        ("moon NEAR/9 away", "moon does not occur"),
        ("$kosovo SAME-SENTENCE sang", "never in one sentence"),
        ("$kosovo SAME-PARAGRAPH sang", "never in one paragraph"),
        ("sang NOT NEAR/2 Zakharova", "each sang has Zakharova within 2 words"),
        ("ATLEAST/3 $kosovo", "$kosovo occurs 2 times, not 3"),
    ],
)
def test_a_clause_that_fails_tells_the_nearest_miss(query: str, nearest: str) -> None:
    clause = told(query)
    assert not clause.holds
    assert nearest in clause.wanting[0]


def test_a_name_without_its_capital_is_a_near_miss() -> None:
    assert told("$kosovo", written("A kosovo story")).wanting[0] == (
        "kosovo was seen, but without the capital of Kosovo"
    )


def test_a_field_is_told_by_what_stands_elsewhere() -> None:
    (inner,) = told("headline:sang").parts
    assert inner.wanting[0] == "sang stands in the body, not in the headline"


def test_the_tree_has_a_verdict_at_every_clause() -> None:
    clause = told("$kosovo AND (moon OR sang) NOT (votes OR football)")
    assert [(part.written, part.holds) for part in clause.parts] == [
        ("$kosovo", True),
        ("moon OR sang", True),
        ("NOT (votes OR football)", False),
    ]
    kosovo, either, neither = clause.parts
    assert [hit.text for hit in kosovo.hits] == ["Kosovo", "Kosovo"]
    assert [(part.written, part.holds) for part in either.parts] == [("moon", False), ("sang", True)]
    assert [hit.text for hit in neither.hits] == ["votes"]
    assert neither.wanting == ("votes OR football occurs",)
    assert (told("votes AND moon").needs_all, either.needs_all, neither.needs_all) == (True, False, False)


def test_a_score_tells_what_was_reached() -> None:
    score = Score(at_least=3, terms=(Weight(of=parse("$nato"), points=2), Weight(of=parse("moon"), points=2)))
    rule = Rule(id=RuleId("r"), title="r", match=score)
    clause = explain(ruleset([rule], ENTITIES), rule, ARTICLE).clause
    assert clause.wanting == ("the weights found add up to 2, not 3",)
    assert [part.holds for part in clause.parts] == [True, False]


def explained(where: Where, article: Article) -> Explanation:
    rule = replace(rule_of("$kosovo"), where=where)
    return explain(ruleset([rule], ENTITIES), rule, article)


def test_metadata_is_told_first() -> None:
    sport = replace(ARTICLE, section="Sport")
    found = explained(Where(section=("Politics",), language=("en",)), sport)
    assert not found.matches
    assert [(one.written, one.holds, one.wanting) for one in found.where] == [
        ("section: [Politics]", False, ("the article's section is Sport",)),
        ("language: [en]", True, ()),
    ]
    (missing,) = explained(Where(section=("Politics",), strict=True), ARTICLE).where
    assert missing.wanting == ("the article has no section, and strict is true",)


@pytest.mark.parametrize(
    "query", ["$kosovo", "moon", "$nato NEAR/2 away", "headline:votes", "sang NOT votes", "votes OR moon"]
)
def test_an_explanation_never_contradicts_the_match(query: str) -> None:
    found = explain(rules_of(query), rule_of(query), ARTICLE)
    assert found.matches is bool(match(rules_of(query), ARTICLE))
    assert bool(found.clause.wanting or found.clause.parts) or found.clause.holds
