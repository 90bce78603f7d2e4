"""An article as it is kept, and as it is listed now → what a publisher changed.  Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from monitor.model import Article, Change, ChangeId, ChangeKind, Field, derive
from monitor.text import plain_words

ALIKE = 0.2  # of the shorter text's pairs; of two entries of one feed (80 real ones) 1 in 25 share more, on average .06
MOST_CORRECTIONS = 24  # written down of one article; what changes oftener is a counter, or a live page


def corrected(before: Article, after: Article, *, body: bool = True) -> Change | None:
    """Return the correction that made *after* of *before*; None if both say the same, letter case and signs apart.

    Without *body* the paragraphs stay what they were.  The id is that of the new
    text, so a text that comes and goes is two changes, however often it does.
    """
    edited = renewed(before, after, body=body)
    fields = tuple(field for field in Field if _said(before, field) != _said(edited, field))
    if not fields:
        return None
    text = (word for field in Field for word in ("", *_said(edited, field)))
    id = ChangeId(derive("change", before.id, ChangeKind.CORRECTED, *text))
    return Change(id=id, kind=ChangeKind.CORRECTED, before=before, after=edited, fields=fields)


def resurfaced(article: Article, now: datetime) -> Change:
    """Return the change that *article* is listed again: the same one the whole day."""
    id = ChangeId(derive("change", article.id, ChangeKind.RESURFACED, now.date().isoformat()))
    return Change(id=id, kind=ChangeKind.RESURFACED, before=article, after=article)


def renewed(before: Article, after: Article, *, body: bool = True) -> Article:
    """Return *after* in the place of *before*: the same article of the same story, first seen when it was."""
    kept = replace(
        after, id=before.id, story=before.story, seen_at=before.seen_at, published=after.published or before.published
    )
    if body:
        return kept
    return replace(kept, body=before.body, related=before.related, furniture=before.furniture)


def is_alike(one: Article, other: Article) -> bool:
    """Return whether *other* may be an edit of *one*: the same headline, or ALIKE of their pairs of words in common."""
    if _said(one, Field.HEADLINE) and _said(one, Field.HEADLINE) == _said(other, Field.HEADLINE):
        return True
    pairs, others = _pairs(one), _pairs(other)
    return len(pairs & others) >= ALIKE * min(len(pairs), len(others))


def _pairs(article: Article) -> set[tuple[str, str]]:
    said = [word for field in Field for word in _said(article, field)]
    return set(pairwise(said))


def _said(article: Article, field: Field) -> tuple[str, ...]:
    match field:
        case Field.HEADLINE:
            return plain_words(article.headline or "")
        case Field.LEDE:
            return plain_words(article.lede or "")
        case Field.BODY:
            return plain_words(" ".join(article.body))
