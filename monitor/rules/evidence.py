"""One article held against conditions → where they are seen to hold.  Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import re2

from monitor.model import (
    All,
    AnyOf,
    Apart,
    AtLeast,
    Condition,
    EntityId,
    Field,
    Hit,
    InField,
    Named,
    Near,
    Not,
    Pattern,
    Score,
    Stretch,
    Term,
    Together,
    Wildcard,
)
from monitor.rules.entities import Index, Mention, mentions
from monitor.rules.query import printed
from monitor.rules.reading import Reading, primary, stems
from monitor.text import Token, fold, folds, tokens

Leaf = Term | Wildcard | Named | Pattern
EVERYWHERE = frozenset(Field)


@dataclass(frozen=True, slots=True)
class Span:
    """Where a leaf was found: tokens *first* to *last* of a passage, code points *start* to *end*."""

    passage: int
    first: int
    last: int
    start: int
    end: int
    leaf: Leaf
    form: str | None = None


Evidence = tuple[Span, ...]


class Text:
    """An article's reading with the entities that it names: what conditions are held against."""

    def __init__(self, reading: Reading, names: Index) -> None:
        self.reading = reading
        self.entities = names.entities
        self.named: dict[EntityId, tuple[Mention, ...]] = mentions(names, reading)

    def evidence(self, condition: Condition, scope: frozenset[Field] = EVERYWHERE) -> Evidence | None:
        """Return where *condition* is seen to hold within *scope*; None if it does not hold.

        What holds because something is absent has no place: its evidence is empty.
        """
        match condition:
            case Term() | Wildcard() | Named() | Pattern():
                return self.counted(self.spans(condition, scope), scope) or None
            case InField(field=field, of=inner):
                return self.evidence(inner, scope & {field})
            case Near() | Apart() | Together():
                return self.met(self.meeting(condition, scope), scope) or None
            case AtLeast(count=count, of=inner):
                found = self.distinct(inner, scope)
                return found if len({(s.passage, s.start, s.end) for s in found}) >= count else None
            case All(of=parts):
                return self.all_of(parts, scope)
            case AnyOf(of=parts):
                held = [seen for part in parts if (seen := self.evidence(part, scope)) is not None]
                return tuple(span for seen in held for span in seen) if held else None
            case Not(of=inner):
                return () if self.evidence(inner, scope) is None else None
            case Score(at_least=least, terms=terms):
                told = [(term, self.evidence(term.of, scope)) for term in terms]
                total = sum(term.points for term, seen in told if seen is not None)
                positive = (seen for term, seen in told if seen is not None and term.points > 0)
                return tuple(span for seen in positive for span in seen) if total >= least else None

    def all_of(self, parts: Sequence[Condition], scope: frozenset[Field]) -> Evidence | None:
        """Return the evidence of *parts* together, None as soon as one does not hold."""
        found: list[Span] = []
        for part in parts:
            seen = self.evidence(part, scope)
            if seen is None:
                return None
            found.extend(seen)
        return tuple(found)

    def counted(self, found: Sequence[Span], scope: frozenset[Field]) -> Evidence:
        """Return *found* without what a lede or paragraph only says again; all of it if nothing else is left."""
        return tuple(span for span in found if not self.repeated(span, scope)) or tuple(found)

    def met(self, found: Sequence[Span], scope: frozenset[Field]) -> Evidence:
        """Return *found* without the passages in which all of it is only said again."""
        told = {span.passage for span in self.counted(found, scope)}
        return tuple(span for span in found if span.passage in told)

    def repeated(self, span: Span, scope: frozenset[Field]) -> bool:
        """Return whether *span* lies in tokens that repeat a headline or lede of *scope*."""
        return any(
            repeat.of in scope and repeat.first <= span.first and span.last <= repeat.last
            for repeat in self.reading.passages[span.passage].repeats
        )

    def distinct(self, condition: Condition, scope: frozenset[Field]) -> Evidence:
        """Return the occurrences of *condition*, each repeated one left out."""
        return tuple(span for span in self.spans(condition, scope) if not self.repeated(span, scope))

    # spans

    def spans(self, condition: Condition, scope: frozenset[Field]) -> list[Span]:
        """Return where the leaf, or the alternatives of leaves, *condition* stand within *scope*."""
        match condition:
            case Term():
                found = self.term(condition)
            case Wildcard():
                found = self.wildcard(condition)
            case Named():
                found = self.entity(condition)
            case Pattern():
                found = self.pattern(condition)
            case AnyOf(of=parts):
                return sorted({s for part in parts for s in self.spans(part, scope)}, key=_in_order)
            case _:
                raise TypeError(f"{printed(condition)} has no one place in a text")  # the grammar refuses it
        passages = self.reading.passages
        return sorted((span for span in found if passages[span.passage].field in scope), key=_in_order)

    def term(self, term: Term) -> Iterator[Span]:
        said = _asked(term.text)
        keys = [self.wanted(term, token) for token in said]
        places = self.reading.stems if term.stemmed else self.reading.index
        starts = {place for key in keys[0] for place in places.get(key, ())}
        followers = [{place for key in wanted for place in places.get(key, ())} for wanted in keys[1:]]
        for passage, at in starts:
            if all((passage, at + offset) in places for offset, places in enumerate(followers, 1)):
                here = self.reading.passages[passage].tokens[at : at + len(said)]
                if all(map(_fits(term), said, here)):
                    yield self.span(passage, at, at + len(said) - 1, term, rest=_by_rest(keys[0], here[0], term))

    def wanted(self, term: Term, token: Token) -> tuple[str, ...]:
        """Return the keys that the query's *token* looks for."""
        if not term.stemmed:
            return token.word.wanted
        return stems(token.word, primary(self.reading.article.language))

    def wildcard(self, wildcard: Wildcard) -> Iterator[Span]:
        for pattern in folds(wildcard.pattern):
            shape = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
            for key in self.reading.starting(re.split(r"[*?]", pattern)[0]):
                if shape.fullmatch(key):
                    for passage, at in self.reading.index[key]:
                        here = self.reading.token((passage, at))
                        yield self.span(
                            passage, at, at, wildcard, rest=key not in here.word.wanted and here.word.rest != ""
                        )

    def entity(self, named: Named) -> Iterator[Span]:
        for mention in self.named.get(named.id, ()):
            end = self.reading.token((mention.passage, mention.last)).end
            yield Span(mention.passage, mention.first, mention.last, mention.start, end, named, mention.form)

    def pattern(self, pattern: Pattern) -> Iterator[Span]:
        regex = _compiled(pattern.regex)
        if pattern.sentence:
            yield from self.in_sentences(pattern)
            return
        for raw, places in self.reading.raws.items():
            if regex.search(raw):
                for passage, at in places:
                    yield self.span(passage, at, at, pattern)

    def in_sentences(self, pattern: Pattern) -> Iterator[Span]:
        regex = _compiled(pattern.regex)
        for number, passage in enumerate(self.reading.passages):
            for sentence in passage.sentences:
                if found := regex.search(passage.text[sentence.start : sentence.end]):
                    start, end = sentence.start + found.start(), sentence.start + found.end()
                    inside = [at for at, token in enumerate(passage.tokens) if start < token.end and token.start < end]
                    first, last = (inside[0], inside[-1]) if inside else (0, -1)
                    yield Span(number, first, last, start, end, pattern)

    def span(self, passage: int, first: int, last: int, leaf: Leaf, *, rest: bool = False) -> Span:
        """Return the span of tokens *first* to *last*; of l'ONU only ONU if that *rest* is what fits."""
        said = self.reading.passages[passage].tokens
        start = said[first].start + (said[first].word.elided if rest else 0)
        return Span(passage, first, last, start, said[last].end, leaf, _form(leaf, said[first : last + 1]))

    # two spans that meet

    def meeting(self, condition: Near | Apart | Together, scope: frozenset[Field]) -> list[Span]:
        """Return the spans that stand to each other as *condition* says."""
        left, right = self.spans(condition.left, scope), self.spans(condition.right, scope)
        match condition:
            case Apart(within=within):
                return [one for one in left if not any(_near(one, other, within) for other in right)]
            case Near(within=within, ordered=ordered):
                pairs = [(a, b) for a in left for b in right if _near(a, b, within, ordered=ordered)]
            case Together(stretch=stretch):
                pairs = [(a, b) for a in left for b in right if self.together(a, b, stretch)]
        return sorted({span for pair in pairs for span in pair}, key=_in_order)

    def together(self, one: Span, other: Span, stretch: Stretch) -> bool:
        """Return whether both spans lie within one sentence, or one paragraph."""
        if one.passage != other.passage or stretch is Stretch.PARAGRAPH:
            return one.passage == other.passage
        passage = self.reading.passages[one.passage]
        ends = (one.start, one.end - 1, other.start, other.end - 1)
        return len({passage.sentence_at(position) for position in ends}) == 1

    # evidence

    def hits(self, evidence: Evidence) -> tuple[Hit, ...]:
        """Return *evidence* in reading order, each place and clause once."""
        unique = {(s.passage, s.start, s.end, s.leaf): s for s in evidence}
        return tuple(self.hit(span) for span in sorted(unique.values(), key=_in_order))

    def hit(self, span: Span) -> Hit:
        passage = self.reading.passages[span.passage]
        return Hit(
            clause=span.leaf.written or printed(span.leaf),
            field=passage.field.value,
            paragraph=passage.paragraph,
            text=passage.text[span.start : span.end],
            start=span.start,
            end=span.end,
            sentence=passage.around(span.start, span.end),
            form=span.form,
            entity=self.entities[span.leaf.id] if isinstance(span.leaf, Named) else None,
        )


def _in_order(span: Span) -> tuple[int, int, int, str]:
    return (span.passage, span.start, span.end, span.leaf.written)


def _near(one: Span, other: Span, within: int, *, ordered: bool = False) -> bool:
    """Return whether at most *within* tokens stand between the spans; overlapping ones are not near each other."""
    if one.passage != other.passage:
        return False
    if one.last < other.first:
        return other.first - one.last - 1 <= within
    return not ordered and other.last < one.first and one.first - other.last - 1 <= within


def _fits(term: Term) -> Callable[[Token, Token], bool]:
    """Return the check that a token of the text must still pass once its key was found."""

    def fits(asked: Token, here: Token) -> bool:
        if asked.glued and not here.glued:
            return False
        return not term.exact or asked.word.written in _faces(here)

    return fits


def _faces(token: Token) -> tuple[str, ...]:
    """Return the letters that =Word may equal: the whole token, without its ending, the rest after l', d', qu'."""
    word = token.word
    return (word.written, word.written[: len(word.written) - len(word.ending)], word.rest)


def _by_rest(wanted: tuple[str, ...], here: Token, term: Term) -> bool:
    """Return whether only the part after the elision was asked for."""
    return not term.stemmed and here.word.rest != "" and not set(wanted) & set(here.word.wanted)


def _form(leaf: Leaf, said: Sequence[Token]) -> str | None:
    """Return how the words in the text came about from the keyword, None where only case or accents differ."""
    if not isinstance(leaf, Term):
        return None
    asked = _asked(leaf.text)
    changed = [
        f"{here.word.written} = {one.word.letters}{'~' if leaf.stemmed else f' + {here.word.ending}'}"
        for one, here in zip(asked, said, strict=True)
        if (leaf.stemmed and fold(one.word.letters) != fold(here.word.letters))
        or (here.word.ending and here.word.ending != one.word.ending)
    ]
    return ", ".join(changed) or None


@lru_cache(maxsize=1 << 16)
def _asked(text: str) -> tuple[Token, ...]:
    return tokens(text)


@lru_cache(maxsize=1 << 12)
def _compiled(regex: str) -> re2._Regexp[str]:
    return re2.compile(regex)
