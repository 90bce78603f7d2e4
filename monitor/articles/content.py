"""An HTML page → the blocks of its article, and the furniture between them.

trafilatura tells which paragraphs are the article; our own reading of the same
page tells their kinds, and what stands among them.
"""

from __future__ import annotations

import re

import trafilatura

from monitor.articles.flattened import ALONE
from monitor.articles.furniture import kind_of
from monitor.articles.markup import Block, blocks, clean

COVERED = 0.9  # of what trafilatura found has to be among our own blocks, else its paragraphs are taken as they are
LONGEST_LABEL = 20  # letters; shorter texts stand in menus as well as in articles
TELLING = frozenset(["source", "credit", "byline", "share", "caption", "related"])


def content(text: str, url: str | None, headline: str | None) -> tuple[list[Block], list[Block]]:
    """Return what stands before the article of the page *text*, its headline last, and the blocks of the article."""
    own = list(blocks(text))
    told = _told(text, url)
    letters = "\n".join(_letters(block.text) for block in told)
    chosen = [index for index, block in enumerate(own) if _is_among(block, letters)]
    reached = sum(len(_letters(own[index].text)) for index in chosen)
    if not told:
        return _parted(own, headline)
    if not chosen or reached < COVERED * len(letters):
        return [], told
    opening = next((index for index in chosen if len(_letters(own[index].text)) > LONGEST_LABEL), chosen[0])
    over, _ = _parted(own[: opening + 1], headline)
    first = len(over) or chosen[0]
    kept = set(chosen)
    article = [
        block
        for index, block in enumerate(own[: chosen[-1] + 1])
        if index >= first and (index in kept or _is_telling(block))
    ]
    return own[:first], article


def same(one: str, other: str) -> bool:
    """Return whether two texts have the same letters, whatever stands between them."""
    return _letters(one) == _letters(other)


def _told(text: str, url: str | None) -> list[Block]:
    """Return the paragraphs that trafilatura finds; on a page that it cannot read it finds none."""
    document = trafilatura.bare_extraction(text, url=url, include_comments=False, with_metadata=False)
    if document is None or isinstance(document, dict):
        return []
    return [Block(text=part) for each in (document.text or "").split("\n") if (part := clean(each.lstrip("-• ")))]


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())


def _is_among(block: Block, letters: str) -> bool:
    own = _letters(block.text)
    return len(own) > 2 and (own in letters if len(own) > LONGEST_LABEL else f"\n{own}\n" in f"\n{letters}\n")


def _is_telling(block: Block) -> bool:
    """Return whether *block* tells something of the article without being a paragraph of it."""
    text = block.text.replace("\n", " ")
    kind = kind_of(block).kind
    return kind in TELLING or ALONE.fullmatch(text) is not None


def _parted(own: list[Block], headline: str | None) -> tuple[list[Block], list[Block]]:
    """Return *own* up to the last block that says the *headline*, and what comes after it."""
    said = (at for at in range(len(own) - 1, -1, -1) if headline and same(own[at].text, headline))
    start = next(said, -1) + 1
    return own[:start], own[start:]
