"""Rules, hits and matches with defaults for everything."""

from __future__ import annotations

from typing import Any

from monitor.model import (
    Article,
    Change,
    ChangeId,
    ChangeKind,
    Entity,
    EntityId,
    EntityType,
    Field,
    Hit,
    Match,
    Rule,
    RuleId,
)
from tests.build import article

LEDE = "Moscow believes that the proposal for a session of the United Nations Security Council is timely."


def rule(id: str = "kosovo", **given: Any) -> Rule:
    return Rule(**{"id": RuleId(id), "title": "Kosovo at the Security Council", "match": None, **given})


def hit(text: str, within: str = LEDE, **given: Any) -> Hit:
    start = within.index(text)
    whole = {"clause": text, "field": "lede", "paragraph": None, "sentence": within}
    return Hit(**{**whole, "text": text, "start": start, "end": start + len(text), **given})


def unsc(**given: Any) -> Entity:
    names = {"id": EntityId("unsc"), "type": EntityType.ORGANISATION, "ids": {"wikidata": "Q37470"}}
    return Entity(**{**names, **given})


def match(of: Article | None = None, by: Rule | None = None, hits: tuple[Hit, ...] | None = None) -> Match:
    found = hit("United Nations Security Council", clause="$unsc", entity=unsc())
    subject = of or article(lede=LEDE, outlet="B92", section="Politics", source="Sputnik")
    return Match(rule=by or rule(), article=subject, hits=(found,) if hits is None else hits)


def edit(before: Article, after: Article, *fields: Field) -> Change:
    """Return the correction that made *after* of *before*."""
    return Change(
        id=ChangeId("change_1"), kind=ChangeKind.CORRECTED, before=before, after=after, fields=fields or (Field.LEDE,)
    )
