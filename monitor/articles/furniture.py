"""The blocks of a text → its paragraphs, and what stands among them without being the article.  Pure.

Cautious on purpose: a paragraph taken for furniture is news that no rule sees,
furniture taken for a paragraph is at worst a false alert that a person can explain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitor.articles.markup import Block
from monitor.articles.pieces import (
    ENDS,
    LONGEST_CAPTION,
    SHORTEST_HEADLINE,
    Piece,
    credit_within,
    is_headline,
    joined,
    pieces_of,
)
from monitor.model import Furniture

MOST_HEADED = 3  # a choice: more linked headings than so are those of a digest, not inserted headlines
OFTEN = 3  # times that a paragraph stands on a page before it is taken for a notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """A text taken apart: the paragraphs that count, and the rest by its kind."""

    body: tuple[str, ...] = ()
    source: str | None = None
    credit: str | None = None
    byline: str | None = None
    related: tuple[str, ...] = ()
    furniture: tuple[Furniture, ...] = ()


def sort_out(blocks: Iterable[Block], *, template: bool = False) -> Sorted:
    """Return the paragraphs among *blocks*, and set the furniture aside, each piece with its kind.

    *template* says that this is the whole text of a page of a news site, where a line
    without its full stop is a headline sooner than anything else.
    """
    pieces = [piece for block in blocks for piece in pieces_of(block)]
    pieces = _without_related(_after_markers(_without_captions(_without_notices(pieces))), template=template)
    return Sorted(
        body=tuple(joined(piece.block.text) for piece in pieces if piece.kind is None),
        source=_first(pieces, "source"),
        credit=_first(pieces, "credit") or _first(pieces, "caption"),
        byline=_first(pieces, "byline"),
        related=tuple(dict.fromkeys(piece.value for piece in pieces if piece.kind == "related" and piece.value)),
        furniture=tuple(
            Furniture(kind=piece.kind, text=joined(piece.block.text)) for piece in pieces if piece.kind is not None
        ),
    )


def _without_related(pieces: Sequence[Piece], *, template: bool) -> list[Piece]:
    """Return *pieces* with headlines of other articles found: between sentences, or in a template at the end too.

    A text in which more than a third of the paragraphs lack their full stop (half
    in a template) is a list, a poem, or in a language without it: it stays as it is.
    """
    texts = [joined(piece.block.text) for piece in pieces]
    plain = [index for index, piece in enumerate(pieces) if piece.kind is None and piece.block.kind != "item"]
    suspects = {
        i for i in plain if is_headline(texts[i]) and (pieces[i].block.link or pieces[i].block.kind != "heading")
    }
    headed = {index for index in suspects if pieces[index].block.kind == "heading"}
    if len(headed) > MOST_HEADED:
        suspects -= headed
    sentences = {i for i in plain if ENDS.search(texts[i])}
    if not suspects or len(suspects) * (2 if template else 3) > len(plain):
        return list(pieces)
    found = {
        index
        for index in suspects
        if _nearest(plain, suspects, index, -1) in sentences
        and (_nearest(plain, suspects, index, 1) in sentences or (template and plain[-1] in suspects))
    }
    return [
        replace(piece, kind="related", value=texts[index]) if index in found else piece
        for index, piece in enumerate(pieces)
    ]


def _nearest(plain: Sequence[int], suspects: set[int], index: int, step: int) -> int | None:
    """Return the paragraph next to *index* in the direction of *step* that is no suspect itself."""
    at = plain.index(index) + step
    while 0 <= at < len(plain) and plain[at] in suspects:
        at += step
    return plain[at] if 0 <= at < len(plain) else None


def _without_notices(pieces: Sequence[Piece]) -> list[Piece]:
    """Return *pieces* with what stands OFTEN among them found to be a notice, such as one on every embedded post."""
    often = Counter(piece.block.text for piece in pieces if len(piece.block.text.split()) >= SHORTEST_HEADLINE)
    return [
        replace(piece, kind="notice") if piece.kind is None and often[piece.block.text] >= OFTEN else piece
        for piece in pieces
    ]


def _without_captions(pieces: Sequence[Piece]) -> list[Piece]:
    """Return *pieces* with what stands twice in a row, or twice in one line, found to be a caption."""
    found = list(pieces)
    for index, piece in enumerate(pieces):
        text = joined(piece.block.text)
        twin = index + 1 < len(pieces) and joined(pieces[index + 1].block.text) == text
        if piece.kind is None and len(text) <= LONGEST_CAPTION and (twin or _is_doubled(text)):
            caption = replace(piece, kind="caption", value=credit_within(text))
            found[index] = caption
            if twin:
                found[index + 1] = caption
    return found


def _is_doubled(text: str) -> bool:
    half, odd = divmod(len(text), 2)
    return bool(odd) and half >= 10 and text[:half] == text[half + 1 :] and text[half] == " "


def _after_markers(pieces: Sequence[Piece]) -> list[Piece]:
    """Return *pieces* with the headlines right after "Read more" or "You may also like" found to be what these say."""
    found: list[Piece] = []
    marked: str | None = None
    for piece in pieces:
        text = joined(piece.block.text)
        if piece.kind is not None:
            within = marked == "teaser" and piece.kind in ("date", "caption")
            leads = piece.kind == "teaser" or (piece.kind == "related" and not piece.value)
            marked = marked if within else piece.kind if leads else None
        elif marked is not None and (piece.block.link or is_headline(text)):
            found.append(replace(piece, kind=marked, value=text))
            continue
        else:
            marked = None
        found.append(piece)
    return found


def _first(pieces: Iterable[Piece], kind: str) -> str | None:
    return next((piece.value for piece in pieces if piece.kind == kind and piece.value), None)
