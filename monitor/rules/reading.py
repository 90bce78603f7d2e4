"""One article read for matching: its counted text as tokens that can be looked up.  Pure.

Counted are headline, lede and body paragraphs (RULES section 3, point 9);
furniture and related headlines never get here.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

import Stemmer

from monitor.model import Article, Field
from monitor.rules.forms import stripped
from monitor.text import Span as Sentence
from monitor.text import Token, Word, fold, folds, script, sentences, skeleton, tokens

Place = tuple[int, int]
"""Which passage, and which token in it."""

STEMMERS = {
    **dict.fromkeys(("sr", "hr", "bs", "cnr", "sh"), "serbian"),
    **dict.fromkeys(("no", "nb", "nn"), "norwegian"),
    **{"ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english"},
    **{"eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish"},
    **{"fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian"},
    **{"it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch", "pl": "polish", "pt": "portuguese"},
    **{"ro": "romanian", "ru": "russian", "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish"},
}
"""Primary language tag to Snowball stemmer; any other language takes the endings of names."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """The first tokens of a passage that say again what *of* said: they are not counted twice."""

    first: int
    last: int
    of: Field


@dataclass(frozen=True)
class Passage:
    """One paragraph of one field."""

    field: Field
    paragraph: int | None  # index into body
    text: str
    tokens: tuple[Token, ...]
    repeats: tuple[Repeat, ...] = ()

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        return sentences(self.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [sentence.start for sentence in self.sentences]

    def sentence_at(self, position: int) -> int:
        """Return which sentence the code point at *position* stands in."""
        return max(0, bisect_left(self._starts, position + 1) - 1)

    def around(self, start: int, end: int) -> str:
        """Return the sentence, or the sentences, that text[start:end] stands in."""
        if not self.sentences:
            return self.text
        first, last = self.sentence_at(start), self.sentence_at(max(start, end - 1))
        return self.text[self.sentences[first].start : self.sentences[last].end]


@dataclass(frozen=True)
class Reading:
    """An article's passages, and where each word stands."""

    article: Article
    passages: tuple[Passage, ...]
    index: dict[str, list[Place]] = field(default_factory=dict)

    @cached_property
    def caseless(self) -> bool:
        """Whether the text has no capital at all, so that capitals prove nothing."""
        return not any(sign.isupper() for passage in self.passages for sign in passage.text)

    @cached_property
    def words(self) -> list[str]:
        """The keys in their order, for looking up what begins alike."""
        return sorted(self.index)

    def starting(self, prefix: str) -> Iterator[str]:
        """Yield the keys that begin with *prefix*."""
        for at in range(bisect_left(self.words, prefix), len(self.words)):
            if not self.words[at].startswith(prefix):
                return
            yield self.words[at]

    @cached_property
    def raws(self) -> dict[str, list[Place]]:
        """Where each raw token stands."""
        return _places(self.passages, lambda token, passage: (passage.text[token.start : token.end],))

    @cached_property
    def stems(self) -> dict[str, list[Place]]:
        """Where each stem stands, by the stemmer of the article's language."""
        language = primary(self.article.language)
        return _places(self.passages, lambda token, _: stems(token.word, language))

    def token(self, place: Place) -> Token:
        return self.passages[place[0]].tokens[place[1]]


def primary(language: str | None) -> str:
    """Return the primary tag of *language* (`sr` of `sr-Latn-RS`), or nothing."""
    return (language or "").replace("_", "-").split("-")[0].casefold()


def read(article: Article) -> Reading:
    """Return *article* ready to be matched."""
    passages: list[Passage] = []
    told: dict[Field, tuple[Token, ...]] = {}
    for where, paragraph, text in _texts(article):
        found = tokens(text)
        passages.append(Passage(where, paragraph, text, found, _repeats(found, told)))
        if where is not Field.BODY and found:
            told[where] = found
    index = _places(passages, lambda token, _: token.word.keys)
    return Reading(article, tuple(passages), index)


def _texts(article: Article) -> Iterator[tuple[Field, int | None, str]]:
    if article.headline:
        yield Field.HEADLINE, None, article.headline
    if article.lede:
        yield Field.LEDE, None, article.lede
    for number, paragraph in enumerate(article.body):
        yield Field.BODY, number, paragraph


def _repeats(found: Sequence[Token], told: dict[Field, tuple[Token, ...]]) -> tuple[Repeat, ...]:
    """Return what *found* begins with that was *told* before: the whole headline, the whole lede, or both."""
    repeats: list[Repeat] = []
    at = 0
    waiting = dict(told)
    while repeated := max(
        (f for f in waiting if _says(found, at, waiting[f])), key=lambda f: len(waiting[f]), default=None
    ):
        end = at + len(waiting.pop(repeated))
        repeats.append(Repeat(at, end - 1, repeated))
        at = end
    return tuple(repeats)


def _says(found: Sequence[Token], at: int, said: Sequence[Token]) -> bool:
    part = found[at : at + len(said)]
    return len(part) == len(said) and all(
        one.word.wanted == other.word.wanted for one, other in zip(part, said, strict=True)
    )


def _places(passages: Sequence[Passage], keys: Callable[[Token, Passage], tuple[str, ...]]) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = defaultdict(list)
    for number, passage in enumerate(passages):
        for at, token in enumerate(passage.tokens):
            for key in keys(token, passage):
                found[key].append((number, at))
    return dict(found)


@lru_cache(maxsize=64)
def _stemmer(name: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(name)


@lru_cache(maxsize=1 << 16)
def stems(said: Word, language: str) -> tuple[str, ...]:
    """Return the keys under which any form of the word *said* is found in a text of *language*.

    The script is part of a key, since keywords do not transliterate and
    Snowball's Serbian does.
    """
    name = STEMMERS.get(language)
    if name is None:
        bases = {skeleton(said.letters), skeleton(said.letters.removesuffix("s"))}
        return tuple(sorted(f"{script(said.letters)} {stripped(base)}" for base in bases))
    stem = _stemmer(name).stemWord
    lower = said.letters.casefold()
    found = {stem(lower), *map(stem, folds(lower))}
    if name == "serbian":  # takes bezbednost to bezbedn, but bezbednosti only to bezbednost
        found |= {stem(one) for one in found}
    return tuple(sorted(f"{script(said.letters)} {fold(one)}" for one in found))
