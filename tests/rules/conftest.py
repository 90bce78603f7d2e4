"""Articles and entities that the tests of rules share."""

from __future__ import annotations

import pytest

from monitor.model import Article, ArticleId, Entity, EntityId, EntityType, Hit, Rule, RuleId
from monitor.rules.match import RuleSet, match, ruleset
from monitor.rules.query import parse

ENTITIES = (
    Entity(id=EntityId("kosovo"), type=EntityType.PLACE, names=("Kosovo", "Косово")),
    Entity(
        id=EntityId("unsc"),
        type=EntityType.ORGANISATION,
        names=("UN Security Council", "United Nations Security Council", "Савет безбедности УН"),
        exact=("UNSC",),
    ),
    Entity(id=EntityId("un"), type=EntityType.ORGANISATION, names=("United Nations",), exact=("UN", "УН")),
    Entity(id=EntityId("nato"), type=EntityType.ORGANISATION, exact=("NATO", "НАТО")),
    Entity(
        id=EntityId("vucic"),
        type=EntityType.PERSON,
        names=("Aleksandar Vučić",),
        short=("Vučić",),
        not_after=("Andrej",),
    ),
    Entity(
        id=EntityId("zakharova"),
        type=EntityType.PERSON,
        names=("Maria Zakharova", "Мария Захарова"),
        short=("Zakharova", "Захарова"),
        context=("Foreign Ministry", "Moscow", "МИД"),
        not_after=("Anastasia", "Марк"),
    ),
)


def written(*body: str, headline: str | None = None, lede: str | None = None, language: str | None = None) -> Article:
    """Return an article of these paragraphs."""
    return Article(id=ArticleId("a"), headline=headline, lede=lede, body=body, language=language)


def rule_of(query: str) -> Rule:
    return Rule(id=RuleId("r"), title="r", match=parse(query))


def rules_of(query: str) -> RuleSet:
    return ruleset([rule_of(query)], ENTITIES)


def hits_of(query: str, article: Article | str, language: str | None = None) -> tuple[Hit, ...] | None:
    """Return the hits of *query* on *article*, None if it does not match."""
    if isinstance(article, str):
        article = written(article, language=language)
    matches = match(rules_of(query), article)
    return matches[0].hits if matches else None


def found(query: str, article: Article | str, language: str | None = None) -> list[str] | None:
    """Return the texts that *query* finds in *article*, None if it does not match."""
    hits = hits_of(query, article, language)
    return None if hits is None else [hit.text for hit in hits]


@pytest.fixture
def dispatch() -> Article:
    """An article with every field."""
    return written(
        "The spokeswoman, Maria Zakharova, spoke in Moscow. “We are concerned,” said Zakharova.",
        "Aleksandar Vučić's office will ask NATO for a meeting. NATO-a nema.",
        headline="Russia backs a session on Kosovo",
        lede="Russia finds Belgrade's call for a session of the United Nations Security Council on Kosovo timely.",
        language="en",
    )
