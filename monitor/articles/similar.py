"""An article → a sketch of its text; two sketches → whether one text is a copy of the other.  Pure.

Feeds carry copies in many shapes: cut to the lede, under another headline, with
a sentence of the outlet's own before or after, in the other script.  What they
keep is most of the smaller text's runs of words, so that share is measured
(containment, not similarity), on the words that begin the two texts.

What only looks alike is told apart by what it is about.  Two match reports or
two days' weather share their sentences and differ in names and figures; a copy
of somebody else's text does not.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from monitor.model import Article, Head, Sketch, StoryId
from monitor.text import MARKS, UNSPACED, skeleton

WORDS, WIDTH = 250, 4  # words that are compared, in runs of so many; what follows them is seldom carried by others
LETTERS, WIDTH_IN_LETTERS = 500, 8  # letters, where a text is written without spaces
LONGEST = 4_000  # characters that are looked at, should a word be endless
BEGINNING = 110  # words and full stops among which names and figures count as what the text is about
SPACING = 16  # of landmarks in a long text: two texts that share SPACING + WIDTH - 1 words in a row share one
LANDMARKS = 8  # that a short text has about twice over

WINDOW = timedelta(hours=72)  # between a copy and the first article of its story
LEAST = 8  # runs that a text needs to be recognised by: some eleven words
SHORT = 60  # runs; a text with fewer says too little to have lost or changed much of it
ROOM = 20  # runs by which a copy may begin later than the longer text
FROM_OTHERS, FROM_OTHERS_IF_SHORT, FROM_ITSELF = 0.4, 0.5, 0.7  # of the smaller text's runs, those that the other has
FACTS, FACTS_IF_SHORT = 0.5, 0.75  # of the smaller text's names, and of its figures
HEADLINE = 0.7  # of the words of two headlines, those that both have; where one outlet published both


# ------------------------------------------------------------------ an article → a sketch

_TOKEN = re.compile(rf"[{UNSPACED}][{MARKS}]*|[^\W_{UNSPACED}]+(?:[{MARKS}]+[^\W_{UNSPACED}]*)*|[.!?…:。！？]")
_UNSPACED = re.compile(f"[{UNSPACED}]")
_ENDS = frozenset(".!?…:。！？")
_LONG, _SHORT = (1 << 64) - 1, (1 << 32) - 1
_ODD = 0x9E3779B97F4A7C15  # 2^64 / golden ratio, so that what is multiplied by its powers and added does not cancel out

_PLAIN, _NAME, _FIGURE, _LETTER, _END = range(5)  # kinds of tokens: a letter is one of a script without spaces


@lru_cache(maxsize=1 << 16)  # about 10 MB when full; a day's news has some 50,000 different words
def _token(raw: str) -> tuple[int, int]:
    """Return the hash of *raw*, equal in any script and case, and its kind."""
    plain = skeleton(unicodedata.normalize("NFKC", raw)) or raw
    digest = hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return int.from_bytes(digest, "big"), _kind(raw)


def _kind(raw: str) -> int:
    if raw in _ENDS:
        return _END
    if any(map(str.isdigit, raw)):
        return _FIGURE
    if _UNSPACED.match(raw):
        return _LETTER
    return _NAME if raw[0].isupper() else _PLAIN


@dataclass(frozen=True, slots=True)
class _Reading:
    """The words of a text in their order, in hashes, and the facts that its beginning tells."""

    words: list[int]
    names: set[int]  # words with a capital that is not explained by the beginning of a sentence
    figures: set[int]
    letters: int  # how many of the words are letters of a script without spaces


def _read(text: str) -> _Reading:
    begins = " ".join(text.split(None, WORDS)[:WORDS])[:LONGEST]
    tokens = [_token(raw) for raw in _TOKEN.findall(begins)]
    names: set[int] = set()
    figures: set[int] = set()
    is_first = True  # of its sentence
    for hash, kind in tokens[:BEGINNING]:
        if kind == _NAME and not is_first:
            names.add(hash)
        elif kind == _FIGURE:
            figures.add(hash)
        is_first = kind == _END
    letters = sum(kind == _LETTER for _, kind in tokens) if _UNSPACED.search(begins) else 0
    return _Reading([hash for hash, kind in tokens if kind != _END], names, figures, letters)


def sketch(article: Article) -> Sketch:
    """Return what *article*'s copies are known by.

    Facts are those of the text below the headline, which every outlet words
    afresh, or of the headline where there is nothing below.
    """
    headline = _read(article.headline or "")
    below = _read(" . ".join(part for part in (article.lede, *article.body) if part))
    words, letters = headline.words + below.words, headline.letters + below.letters
    told = below if below.words else headline
    is_unspaced = 2 * letters > len(words)
    del words[LETTERS if is_unspaced else WORDS :]
    runs = _runs(words, WIDTH_IN_LETTERS if is_unspaced else WIDTH)
    return Sketch(
        runs=tuple([run & _SHORT for run in runs]),
        landmarks=frozenset([run - (1 << 63) for run in _landmarks(runs)]),
        words=frozenset(words),
        names=frozenset(told.names),
        figures=frozenset(told.figures),
        headline=frozenset(headline.words),
        headline_figures=frozenset(headline.figures),
        publisher=article.outlet or article.feed,
        at=_appeared(article),
    )


def _appeared(article: Article) -> datetime:
    """Return when *article* appeared: as published, but for a date in the future, or else when it was seen."""
    known = [article.published.instant()] if article.published else []
    known += [article.seen_at] if article.seen_at else []
    return min(known, default=datetime.min.replace(tzinfo=UTC))


def _runs(words: Sequence[int], width: int) -> list[int]:
    """Return the hash of every *width* words in a row, a power of two; none of a text with fewer."""
    runs, span, factor = list(words), 1, _ODD
    while span < width:
        runs = [(first + then * factor) & _LONG for first, then in zip(runs, runs[span:], strict=False)]
        span, factor = 2 * span, factor * factor & _LONG
    return runs


def _landmarks(runs: Sequence[int]) -> set[int]:
    """Return the least of every few *runs* in a row (winnowing: Schleimer, Wilkerson and Aiken, SIGMOD 2003).

    A landmark of a long text is one of a short text as well that has the words
    around it, because what is least among many is least among few.
    """
    spacing = min(SPACING, max(1, len(runs) // LANDMARKS))
    found: set[int] = set()
    least, at = 0, -1
    for start in range(len(runs) - spacing + 1):
        end = start + spacing
        if at < start:
            least = min(runs[start:end])
            at = runs.index(least, start)
        elif runs[end - 1] < least:
            least, at = runs[end - 1], end - 1
        found.add(least)
    return found


# ------------------------------------------------------------------ two sketches → a copy, or why not


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How much of the smaller of two texts the other one has, and what speaks against a copy, if anything does."""

    share: float
    but: str | None = None

    @property
    def is_copy(self) -> bool:
        return self.but is None


def likeness(one: Sketch, other: Sketch) -> Likeness:
    """Return how like each other two texts are; the same whichever comes first.

    A text that is much longer than its copy begins with it: one that has it
    further down is a round-up, which would make one story of all that it tells.
    What one publisher prints twice is a template far more often than a copy, so
    there much more has to be equal, the headline's figures among it.
    """
    small, large = sorted((one, other), key=_size)
    runs = frozenset(small.runs)
    found = len(runs.intersection(large.runs[: 2 * len(small.runs) + ROOM]))
    share = found / max(1, len(runs))
    return Likeness(share=share, but=_objection(small, large, len(runs), share))


def _size(sketch: Sketch) -> tuple[int, tuple[int, ...]]:
    return len(sketch.runs), sketch.runs


def _objection(small: Sketch, large: Sketch, runs: int, share: float) -> str | None:
    is_own = small.publisher is not None and small.publisher == large.publisher
    is_short = runs < SHORT
    enough = FROM_ITSELF if is_own else FROM_OTHERS_IF_SHORT if is_short else FROM_OTHERS
    facts = FACTS_IF_SHORT if is_short or is_own else FACTS
    if abs(small.at - large.at) > WINDOW:
        return "too long after it"
    if runs < LEAST:
        return "too short to tell"
    if share < enough:
        return "too little in common"
    if not (_mostly(small.figures, large.words, facts) or _mostly(large.figures, small.words, facts)):
        return "other figures"
    if not (_mostly(small.names, large.words, facts) or _mostly(large.names, small.words, facts)):
        return "other names"
    if is_own and not _same_headline(small, large):
        return "the publisher's own template"
    return None


def _mostly(some: frozenset[int], others: frozenset[int], share: float) -> bool:
    return len(some & others) >= share * len(some)


def _same_headline(one: Sketch, other: Sketch) -> bool:
    if one.headline_figures != other.headline_figures:
        return False
    return len(one.headline & other.headline) >= HEADLINE * len(one.headline | other.headline)


def nearest(sketch: Sketch, heads: Iterable[Head]) -> StoryId | None:
    """Return the story of which *sketch* is a copy, the most like it of several; None where it tells a new one.

    Only first articles are compared with.  A copy's copy joins nothing by way of
    the copy, so no chain of small changes makes one story of two.
    """
    copies = [(found.share, head.story) for head in heads if (found := likeness(sketch, head.sketch)).is_copy]
    return max(copies)[1] if copies else None
