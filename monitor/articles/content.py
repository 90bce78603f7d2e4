"""An HTML page → the blocks of its article, and the furniture between them.

trafilatura tells which paragraphs are the article; our own reading of the same
page tells their kinds, and what stands among them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

import trafilatura

from monitor.articles.flattened import is_info
from monitor.articles.markup import Block, clean
from monitor.articles.meta import Meta
from monitor.articles.pieces import ENDS, LONGEST_HEADLINE, SHORTEST_HEADLINE, kind_of

LONGEST_LEDE = 600  # characters; a longer paragraph that a page describes itself with is its first, not its lede
SHORTEST_LEDE = 60  # characters; a choice: a shorter sentence in bold or in a heading is a subheading
COVERED = 0.9  # of what trafilatura found has to be among our own blocks, else its paragraphs are taken as they are
COVERED_TABLES = 0.6  # ... but in a page laid out by tables it finds too much, and runs it together
LONGEST_LABEL = 20  # letters; shorter texts stand in menus as well as in articles
TELLING = frozenset(["source", "credit", "byline", "share", "caption", "related"])
LABELS = frozenset(["source", "credit", "byline"])
LABEL = re.compile(r"[^\W\d_][\w ]{1,20}\s?[:：]")
FOOT = 4  # blocks after the last paragraph in which a source or a photographer may be named


def content(
    text: str, found: Iterable[Block], *, url: str | None, meta: Meta, headline: str | None
) -> tuple[list[Block], list[Block]]:
    """Return what stands before the article of the page *text*, its headline last, and the blocks of the article.

    *found* are all the blocks of the page.
    """
    own = list(_lines_apart(found, headline))
    told = _told(text, url)
    paragraphs = [_letters(block.text) for block in told]
    letters, distinct = "\n".join(paragraphs), frozenset(paragraphs)
    chosen = [index for index, block in enumerate(own) if _is_among(block, letters, distinct)]
    reached = sum(len(_letters(own[index].text)) for index in chosen)
    if not told:
        return _parted(own, headline)
    tabled = any("|" in block.text for block in told)
    if not chosen or reached < (COVERED_TABLES if tabled else COVERED) * len(letters):
        return [], told
    long = [index for index in chosen if len(_letters(own[index].text)) > LONGEST_LABEL]
    over, _ = _parted(own[: next(iter(long), chosen[0]) + 1], headline)
    first = len(over) or chosen[0]
    opening = next((index for index in long if index >= first), first)
    article = _article(own[: chosen[-1] + 1], first, opening, frozenset(chosen), meta)
    foot = [block for block in own[chosen[-1] + 1 :][:FOOT] if kind_of(block).kind in LABELS]
    return own[:first], [*article, *foot]


def _lines_apart(found: Iterable[Block], headline: str | None) -> Iterator[Block]:
    """Yield the blocks *found*, with the lines that are the *headline* or tell something of the article parted off."""
    for block in _labels_joined(found):
        lines = block.text.split("\n")
        if len(lines) == 1:
            yield block
        elif headline and any(same(line, headline) for line in lines):
            yield from (replace(block, text=line, kind="paragraph") for line in lines)
        else:
            for telling, group in itertools.groupby((replace(block, text=line) for line in lines), _is_telling):
                parts = list(group)
                yield from parts if telling else [replace(block, text="\n".join(part.text for part in parts))]


def _labels_joined(found: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks *found*, a label such as "Author:" in one with what it names, which stands in the next."""
    label: Block | None = None
    for block in found:
        if label is not None:
            together = replace(block, text=f"{label.text} {block.text}", kind="paragraph")
            named = kind_of(together).kind in LABELS
            yield from [together] if named else [label, block]
            label = None
        elif LABEL.fullmatch(block.text):
            label = block
        else:
            yield block
    if label is not None:
        yield label


def _article(own: Sequence[Block], first: int, opening: int, chosen: Collection[int], meta: Meta) -> list[Block]:
    """Return the *chosen* blocks from *first* on, and what among the others tells something of the article.

    Before *opening*, its first paragraph, that is a lede, a date and the like; links
    that follow a line such as "Read more" are what this line leads to.
    """
    found: list[Block] = []
    led = False
    for index in range(first, len(own)):
        block: Block | None = own[index]
        if led and own[index].link and _is_title(own[index].text.replace("\n", " ")):
            block = replace(own[index], hint="related", kind="paragraph")
        elif found and _goes_on_in(own[index], found[-1], own[index - 1]):
            pass
        elif index not in chosen:
            block = _beside(own[index], meta, over=index < opening, before_text=index + 1 in chosen)
        led = block is not None and (_leads_on(block) or (led and block.hint == "related"))
        found += [block] if block else []
    return found


def _goes_on_in(block: Block, last: Block, before: Block) -> bool:
    """Return whether *block* is an item of the list that *last*, which stood right before, announces or belongs to."""
    item = block.kind == "item" and not block.link and block.hint is None
    return item and last is before and (last.kind == "item" or last.text.endswith(":"))


def _leads_on(block: Block) -> bool:
    """Return whether *block* is a line such as "Read more", with nothing behind it."""
    piece = kind_of(block)
    return piece.kind == "related" and not piece.value


def _beside(block: Block, meta: Meta, *, over: bool, before_text: bool) -> Block | None:
    """Return *block*, which is no paragraph of the article, if it tells something of it or leads to another one."""
    if _is_telling(block):
        return block
    if over:
        return block if is_lede(block, meta) else replace(block, hint="lede") if _reads_as_lede(block) else None
    if block.link and block.kind != "item" and _is_title(block.text.replace("\n", " ")):
        return replace(block, hint="related")
    return block if block.kind == "heading" and before_text and not block.link else None


def _reads_as_lede(block: Block) -> bool:
    """Return whether *block*, which stands between headline and text, is sentences, and nothing else that is known."""
    whole = SHORTEST_LEDE <= len(block.text) <= LONGEST_LEDE and ENDS.search(block.text) is not None
    plain = block.kind in ("paragraph", "heading") and block.hint in (None, "teaser") and not block.link
    return whole and plain and kind_of(block).kind is None


def _is_title(text: str) -> bool:
    """Return whether the linked *text* may be another article's headline, of one sentence or two."""
    return len(text.split()) >= SHORTEST_HEADLINE and len(text) <= LONGEST_HEADLINE


def is_lede(block: Block, meta: Meta) -> bool:
    """Return whether *block* is a lede: the page calls it so, describes itself with it, or makes a sentence bold."""
    if block.kind in ("item", "caption") or not LONGEST_LABEL < len(block.text) <= LONGEST_LEDE:
        return False
    text = block.text.replace("\n", " ").casefold()
    described = (description.casefold().rstrip(" .…") for description in meta.descriptions)
    emphasised = block.kind == "heading" and len(text) >= SHORTEST_LEDE
    return emphasised or block.hint == "lede" or any(len(each) >= 40 and text.startswith(each) for each in described)


def same(one: str, other: str) -> bool:
    """Return whether two texts have the same letters, whatever stands between them."""
    return _letters(one) == _letters(other)


def says(block: Block, headline: str) -> bool:
    """Return whether *block* is the *headline*, or a heading that has it behind a kicker."""
    own, letters = _letters(block.text), _letters(headline)
    return own == letters or (block.kind == "heading" and own.endswith(letters) and len(own) <= 2 * len(letters))


def _told(text: str, url: str | None) -> list[Block]:
    """Return the paragraphs that trafilatura finds; on a page that it cannot read it finds none."""
    document = trafilatura.bare_extraction(text, url=url, include_comments=False, with_metadata=False)
    if document is None or isinstance(document, dict):
        return []
    return [Block(text=part) for each in (document.text or "").split("\n") if (part := clean(each.lstrip("-• ")))]


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())


def _is_among(block: Block, letters: str, paragraphs: Collection[str]) -> bool:
    """Return whether *block* is among *paragraphs*, whose *letters* run on, whole or line by line.

    What is short may stand in any of them, so it has to be one.
    """

    def is_said(own: str) -> bool:
        return own in paragraphs or (len(own) > LONGEST_LABEL and own in letters)

    lines = [own for line in block.text.split("\n") if (own := _letters(line))]
    whole = "".join(lines)
    return len(whole) > 2 and (is_said(whole) or (len(lines) > 1 and all(map(is_said, lines))))


def _is_telling(block: Block) -> bool:
    """Return whether *block* tells something of the article without being a paragraph of it."""
    return kind_of(block).kind in TELLING or is_info(block.text.replace("\n", " "))


def _parted(own: list[Block], headline: str | None) -> tuple[list[Block], list[Block]]:
    """Return *own* up to the last block that says the *headline*, and what comes after it."""
    said = (at for at in range(len(own) - 1, -1, -1) if headline and says(own[at], headline))
    start = next(said, -1) + 1
    return own[:start], own[start:]
