"""An article as its feed cuts it short, and its page → the whole article.  Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from monitor.model import Article, Unreachable
from monitor.text import script, skeleton

SHARED = 0.3  # of the longer words of the feed's text; of an article and its own page it is nearly all, of a wall few
FEWEST_WORDS = 4  # to judge by
STUB = Unreachable(reason="stub", detail="the page says no more than the feed")
WALL = Unreachable(reason="wall", detail="the page speaks of something else: a wall, or a question about cookies")


def whole(short: Article, page: Article) -> Article | Unreachable:
    """Return *short*, as its feed has it, with the text of its *page*, or why the page has none to give.

    What the feed says of the article stays: address, date, headline, lede.  What
    it leaves out comes from the page, and so does the body.
    """
    if not _is_of(short, page):
        return WALL
    if _length(page) <= _length(short):
        return STUB
    lede = short.lede or page.lede
    dated = short.published is not None and not short.published.clamped
    return replace(
        short,
        headline=short.headline or page.headline,
        section=short.section or page.section,
        lede=lede,
        body=tuple(_body(lede, page)),
        source=short.source or page.source,
        byline=short.byline or page.byline,
        credit=short.credit or page.credit,
        published=short.published if dated else page.published or short.published,
        language=page.language or short.language,
        related=tuple(dict.fromkeys((*short.related, *page.related))),
        furniture=tuple(dict.fromkeys((*short.furniture, *page.furniture))),
    )


def _body(lede: str | None, page: Article) -> Iterator[str]:
    """Yield the paragraphs of *page*, its own lede among them, but for what *lede* has said."""
    for number, paragraph in enumerate((page.lede, *page.body)):
        if paragraph and not (number < 2 and lede and _letters(paragraph) == _letters(lede)):
            yield paragraph


def _is_of(short: Article, page: Article) -> bool:
    """Return whether *page* speaks of what *short* does; where that cannot be told by words it is believed."""
    wanted = set(_words((short.headline or "", short.lede or "", *short.body[:3])))
    if len(wanted) < FEWEST_WORDS:
        return True
    there = set(_words((page.headline or "", page.lede or "", *page.body)))
    return len(wanted & there) >= SHARED * len(wanted)


def _words(texts: Iterable[str]) -> Iterator[str]:
    """Yield the longer words of *texts* whatever alphabet they are in; scripts without spaces have none."""
    for text in texts:
        yield from (skeleton(word) for word in re.findall(r"\w{4,}", text.casefold()) if script(word) != "other")


def _length(article: Article) -> int:
    return sum(len(_letters(text)) for text in (article.lede or "", *article.body))


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())
