"""A rule and an article → why it matches, or what would have made it match, clause by clause.  Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from monitor.model import (
    All,
    AnyOf,
    Apart,
    Article,
    AtLeast,
    Condition,
    Field,
    Hit,
    InField,
    Named,
    Near,
    Not,
    Pattern,
    Rule,
    Score,
    Term,
    Together,
    Wildcard,
)
from monitor.rules.entities import near_misses
from monitor.rules.evidence import EVERYWHERE, Span, Text
from monitor.rules.match import RuleSet, admits
from monitor.rules.query import printed
from monitor.rules.reading import read
from monitor.text import tokens

SHOWN = 3  # near misses of one clause; more would bury the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One clause of a rule, held against an article."""

    written: str
    holds: bool
    hits: tuple[Hit, ...] = ()  # where it was found; of a NOT that fails, what stood in its way
    wanting: tuple[str, ...] = ()  # why it does not hold, and what was near
    parts: tuple[Clause, ...] = ()
    needs_all: bool = False  # whether it holds only if each of its parts does


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A rule held against an article: metadata first, then the tree of its conditions."""

    rule: Rule
    article: Article
    matches: bool
    where: tuple[Clause, ...]
    clause: Clause


def explain(rules: RuleSet, rule: Rule, article: Article) -> Explanation:
    """Return why *rule* matches *article* or does not."""
    text = Text(read(article), rules.names)
    where = tuple(_filters(rule, article))
    clause = _Teller(text, rules).clause(rule.match, EVERYWHERE)
    matches = clause.holds and all(one.holds for one in where)
    return Explanation(rule=rule, article=article, matches=matches, where=where, clause=clause)


def _filters(rule: Rule, article: Article) -> Iterable[Clause]:
    for name, passes in admits(rule.where, article).items():
        has = getattr(article, name)
        asked = ", ".join(getattr(rule.where, name))
        wanting = f"the article's {name} is {has}" if has else f"the article has no {name}, and strict is true"
        yield Clause(written=f"{name}: [{asked}]", holds=passes, wanting=() if passes else (wanting,))


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells of each clause whether it holds, and if not, what was near."""

    text: Text
    rules: RuleSet

    def clause(self, condition: Condition, scope: frozenset[Field]) -> Clause:
        evidence = self.text.evidence(condition, scope)
        holds = evidence is not None
        hits = self.text.hits(evidence or ())
        wanting = () if holds else tuple(self.wanting(condition, scope))[:SHOWN]
        if isinstance(condition, Not) and not holds:
            hits = self.text.hits(self.text.evidence(condition.of, scope) or ())
        parts = tuple(self.clause(part, inner) for part, inner in _parts(condition, scope))
        every = isinstance(condition, (All, InField))
        return Clause(
            written=_written(condition), holds=holds, hits=hits, wanting=wanting, parts=parts, needs_all=every
        )

    def wanting(self, condition: Condition, scope: frozenset[Field]) -> Iterable[str]:
        """Yield why *condition* does not hold within *scope*, the nearest miss first."""
        match condition:
            case Named() | Term() | Wildcard() | Pattern():
                yield from self.elsewhere(condition, scope)
                yield from self.almost(condition)
                yield f"{_written(condition)} does not occur{_within(scope)}"
            case Near(left=left, right=right, within=within):
                yield from self.one_missing((left, right), scope)
                yield from self.too_far(condition, scope, within)
            case Together(left=left, right=right, stretch=stretch):
                yield from self.one_missing((left, right), scope)
                yield f"both occur, but never in one {stretch.value}"
            case Apart(left=left, right=right, within=within):
                yield from self.one_missing((left,), scope)
                yield f"each {_written(left)} has {_written(right)} within {within} words"
            case AtLeast(count=count, of=inner):
                found = {(s.passage, s.start, s.end) for s in self.text.distinct(inner, scope)}
                yield f"{_written(inner)} occurs {len(found)} times, not {count}"
            case Score(at_least=least, terms=terms):
                total = sum(term.points for term in terms if self.text.evidence(term.of, scope) is not None)
                yield f"the weights found add up to {total:g}, not {least:g}"
            case Not(of=inner):
                yield f"{_written(inner)} occurs"
            case All() | AnyOf() | InField():
                return

    def elsewhere(self, leaf: Condition, scope: frozenset[Field]) -> Iterable[str]:
        """Yield where *leaf* stands outside of *scope*, and in what is set aside."""
        found = self.text.spans(leaf, EVERYWHERE - scope)
        for field in dict.fromkeys(self.text.reading.passages[span.passage].field for span in found):
            yield f"{_written(leaf)} stands in the {field.value}, not{_within(scope, ' in')}"
        article = self.text.reading.article
        aside = [*((piece.kind, piece.text) for piece in article.furniture), *(("related", t) for t in article.related)]
        for kind, said in aside:
            if self.in_other(leaf, said):
                yield f'{_written(leaf)} stands only in page furniture ({kind}: "{said}"), which does not count'

    def in_other(self, leaf: Condition, said: str) -> bool:
        other = Article(id=self.text.reading.article.id, body=(said,), language=self.text.reading.article.language)
        return bool(Text(read(other), self.rules.names).spans(leaf, EVERYWHERE))

    def almost(self, leaf: Condition) -> Iterable[str]:
        """Yield what nearly is *leaf*: other letters, other forms, words apart, names that did not count."""
        if isinstance(leaf, Named):
            yield from near_misses(self.rules.names, self.text.reading, leaf.id)
        if not isinstance(leaf, Term):
            return
        if leaf.exact and (seen := self.seen(Term(text=leaf.text))):
            yield f"{seen} was seen, but = asks for exactly these letters"
        elif not self.seen(leaf) and (seen := self.seen(Term(text=leaf.text, stemmed=True))):
            better = _written(Term(text=leaf.text, stemmed=True))
            yield f"{seen} was seen; {better} finds every form"
        words = tokens(leaf.text)
        if len(words) > 1:
            missing = [w.word.letters for w in words if not self.seen(Term(text=w.word.letters, stemmed=leaf.stemmed))]
            if not missing:
                yield "all its words occur, but not next to each other in this order"
            elif len(missing) < len(words):
                yield f"of its words {', '.join(missing)} is missing"

    def seen(self, term: Term) -> str:
        found = self.text.spans(term, EVERYWHERE)
        return self.text.hit(found[0]).text if found else ""

    def one_missing(self, sides: Sequence[Condition], scope: frozenset[Field]) -> Iterable[str]:
        for side in sides:
            if not self.text.spans(side, scope):
                yield f"{_written(side)} does not occur{_within(scope)}"

    def too_far(self, near: Near, scope: frozenset[Field], within: int) -> Iterable[str]:
        left, right = self.text.spans(near.left, scope), self.text.spans(near.right, scope)
        gaps = [gap for one in left for other in right if (gap := _gap(one, other)) is not None]
        if gaps and min(gaps) > within:
            yield f"the nearest two are {min(gaps)} words apart, not {within} or fewer"
        elif gaps:
            yield f"they stand near each other, but never {_written(near.left)} first"
        elif left and right:
            yield "both occur, but never in one paragraph, or only as the same words"


def _parts(condition: Condition, scope: frozenset[Field]) -> list[tuple[Condition, frozenset[Field]]]:
    """Return the clauses that *condition* is told by, each with its scope."""
    match condition:
        case All(of=parts) | AnyOf(of=parts):
            return [(part, scope) for part in parts]
        case InField(field=field, of=inner):
            return [(inner, scope & {field})]
        case Not(of=AnyOf(of=parts)):
            return [(part, scope) for part in parts]
        case Score(terms=terms):
            return [(term.of, scope) for term in terms]
        case Not() | Near() | Apart() | Together() | AtLeast() | Term() | Wildcard() | Named() | Pattern():
            return []


def _written(condition: Condition) -> str:
    match condition:
        case Term(written=written) | Wildcard(written=written) | Named(written=written) | Pattern(written=written):
            return written or printed(condition)
        case _:
            return printed(condition)


def _within(scope: frozenset[Field], before: str = " in") -> str:
    """Return the fields of *scope* in words, nothing where it is the whole text."""
    if scope == EVERYWHERE:
        return ""
    return f"{before} the " + " or ".join(field.value for field in Field if field in scope)


def _gap(one: Span, other: Span) -> int | None:
    """Return how many tokens stand between two spans of one passage; None where they overlap or have none."""
    if one.passage != other.passage or (one.first <= other.last and other.first <= one.last):
        return None
    return max(one.first, other.first) - min(one.last, other.last) - 1
