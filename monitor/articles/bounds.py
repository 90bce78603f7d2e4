"""An article of any length → an article as long as articles are.  Pure.

A document may hold nine megabytes of one text.  To find rules in it would take
the one thread that writes the database a quarter of a minute.
"""

from __future__ import annotations

from dataclasses import replace

from monitor.model import Article

LONGEST = 200_000  # characters of all texts together; the longest of 4,976 items of real feeds has 37,208


def bounded(article: Article) -> Article:
    """Return *article* with its first LONGEST characters: headline, lede, body, then what was set aside.

    The text in which they end is cut after a word, and what comes after it is left out.
    """
    if _length(article) <= LONGEST:
        return article
    room = _Room(LONGEST)
    return replace(
        article,
        headline=room.take(article.headline),
        lede=room.take(article.lede),
        body=tuple(filter(None, map(room.take, article.body))),
        section=room.take(article.section),
        source=room.take(article.source),
        byline=room.take(article.byline),
        credit=room.take(article.credit),
        related=tuple(filter(None, map(room.take, article.related))),
        furniture=tuple(replace(each, text=text) for each in article.furniture if (text := room.take(each.text))),
    )


class _Room:
    """So many characters, which texts are given in turn."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, text: str | None) -> str | None:
        if text is None or len(text) <= self._left:
            self._left -= len(text or "")
            return text
        cut, self._left = text[: self._left], 0
        return cut[: cut.rfind(" ")].rstrip() if " " in cut else cut or None


def _length(article: Article) -> int:
    fields = (article.headline, article.lede, article.section, article.source, article.byline, article.credit)
    aside = (each.text for each in article.furniture)
    return sum(len(text) for text in (*fields, *article.body, *article.related, *aside) if text)
