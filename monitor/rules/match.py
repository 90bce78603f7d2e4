"""Rules read on one article → the matches, with evidence that a person can check.  Pure.

Plain and slow enough to be trusted: every later engine is held against it.
The only shortcut is to leave out rules of whose words the article has none.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from monitor.model import (
    All,
    AnyOf,
    Apart,
    Article,
    AtLeast,
    Condition,
    Entity,
    EntityId,
    InField,
    Match,
    Named,
    Near,
    Not,
    Pattern,
    Rule,
    Score,
    Term,
    Together,
    Where,
    Wildcard,
)
from monitor.rules.entities import Index, index
from monitor.rules.evidence import Text
from monitor.rules.reading import primary, read
from monitor.text import fold, folds, tokens

PREFIX = 3  # letters that a wildcard has before its first sign, so that a rule can be found by them


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Rules and entities that belong together, with what matching looks up.  It pickles."""

    rules: tuple[Rule, ...] = ()
    entities: Mapping[EntityId, Entity] = field(default_factory=dict)
    names: Index = field(default_factory=Index, repr=False)
    anchored: Mapping[str, tuple[int, ...]] = field(default_factory=dict, repr=False)
    always: tuple[int, ...] = field(default=(), repr=False)


def ruleset(rules: Iterable[Rule], entities: Iterable[Entity]) -> RuleSet:
    """Return *rules* and *entities* ready to be matched."""
    listed, named = tuple(rules), tuple(entities)
    anchored: dict[str, list[int]] = defaultdict(list)
    always = []
    for number, rule in enumerate(listed):
        found = anchors(rule.match)
        if found is None:
            always.append(number)
        for anchor in found or ():
            anchored[anchor].append(number)
    return RuleSet(
        rules=listed,
        entities={entity.id: entity for entity in named},
        names=index(named),
        anchored={anchor: tuple(numbers) for anchor, numbers in anchored.items()},
        always=tuple(always),
    )


def match(rules: RuleSet, article: Article) -> tuple[Match, ...]:
    """Return the matches of *rules* on *article*, in the rules' order."""
    text = Text(read(article), rules.names)
    numbers = set(rules.always)
    for key in _keys(text):
        numbers.update(rules.anchored.get(key, ()))
    found = (_matched(rules.rules[number], text) for number in sorted(numbers))
    return tuple(one for one in found if one is not None)


def match_one(rules: RuleSet, rule: Rule, article: Article) -> Match | None:
    """Return the match of *rule* alone, with the entities of *rules*; None if it does not hold."""
    return _matched(rule, Text(read(article), rules.names))


def _matched(rule: Rule, text: Text) -> Match | None:
    if not all(admits(rule.where, text.reading.article).values()):
        return None
    evidence = text.evidence(rule.match)
    if evidence is None:
        return None
    return Match(rule=rule, article=text.reading.article, hits=text.hits(evidence))


def _keys(text: Text) -> set[str]:
    """Return the keys that rules may be found by."""
    words = text.reading.index.keys()
    return {*words, *(word[:PREFIX] + "*" for word in words), *(f"${name}" for name in text.named)}


# ------------------------------------------------------------------ metadata


def admits(where: Where, article: Article) -> dict[str, bool]:
    """Return for each filter of *where* whether *article* passes it."""
    article_has: dict[str, tuple[tuple[str, ...], str | None, Callable[[str, str], bool]]] = {
        "section": (where.section, article.section, _same),
        "language": (where.language, primary(article.language) or None, _same),
        "country": (where.country, article.country, _same),
        "feed": (where.feed, article.feed, lambda glob, feed: fnmatchcase(feed, glob)),
        "outlet": (where.outlet, article.outlet, _same),
    }
    return {
        name: any(fits(one, has) for one in listed) if has else not where.strict
        for name, (listed, has, fits) in article_has.items()
        if listed
    }


def _same(one: str, other: str) -> bool:
    return fold(one.strip()) == fold(other.strip())


# ------------------------------------------------------------------ finding rules by their words


def anchors(condition: Condition) -> frozenset[str] | None:
    """Return keys of which an article must have one for *condition* to hold; None if there is no such set."""
    match condition:
        case Term(stemmed=True) | Pattern() | Not():
            return None
        case Term(text=text):
            words = [token.word.wanted for token in tokens(text)]
            return frozenset(sorted(words, key=lambda keys: len(keys[0]))[-1])
        case Wildcard(pattern=pattern):
            return frozenset(key[:PREFIX] + "*" for key in folds(re.split(r"[*?]", pattern)[0]))
        case Named(id=name):
            return frozenset((f"${name}",))
        case InField(of=inner) | AtLeast(of=inner):
            return anchors(inner)
        case Near(left=left, right=right) | Together(left=left, right=right):
            return _best((anchors(left), anchors(right)))
        case Apart(left=left):
            return anchors(left)
        case All(of=parts):
            return _best(map(anchors, parts))
        case AnyOf(of=parts):
            return _union(map(anchors, parts))
        case Score(terms=terms):
            return _union(anchors(term.of) for term in terms if term.points > 0)


def _best(found: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    """Return the set that fewest articles will have a key of: of few keys, and those long."""
    some = [keys for keys in found if keys is not None]
    return min(some, key=lambda keys: (-min(map(len, keys)), len(keys))) if some else None


def _union(found: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    every = list(found)
    return None if None in every else frozenset().union(*(keys for keys in every if keys is not None))
