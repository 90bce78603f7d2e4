"""One block of a text → what it is on its own: a paragraph, or furniture of some kind.  Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from monitor import dates
from monitor.articles.markup import Block
from monitor.articles.phrases import (
    AGENCIES,
    BESIDE_SHARING,
    BY,
    CONTACT,
    CREDITED,
    DRAWN,
    IN_BRACKETS,
    LABELLED,
    LABELS,
    OPENINGS,
    POSTED,
    READ_MORE,
    ROLE,
    SAID,
    SHARING,
    SIGNED,
    STANDING,
)
from monitor.articles.stamps import ALONE

ENDS = re.compile(r"[.!?…。！？।;:,–—-][\"'“”‘’«»)\]*]*$|[\"“”«»)]$")
LABEL_AT_END = re.compile(
    r"\s*[(\[](?:FOTO|VIDEO|PHOTOS?|UŽIVO|LIVE|ФОТО|ВИДЕО|УЖИВО)(?:[ /,+]+\w+)*[)\]]$", re.IGNORECASE
)
INNER_END = re.compile(r"[^\W\d_]{3,}[.!?…][\"“”«»)]*\s+[\"“„«(]?[^\W\d_]")
LONGEST_FURNITURE = 400  # characters; a choice: what is longer is taken for text unread
LONGEST_HEADLINE = 200  # characters; 99.8 % of the 4,956 feed titles of the corpus are no longer
SHORTEST_HEADLINE = 4  # words; a choice: what is shorter between paragraphs is taken for a subheading
LONGEST_CAPTION = 300  # characters
LONGEST_LABELLED = 9  # words behind a label; a choice
LONGEST_CREDITED = 200  # characters; a choice: a paragraph of that length at most, with a photographer at its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A block with what it turned out to be; *kind* None is a paragraph, *value* what a label names."""

    block: Block
    kind: str | None = None
    value: str | None = None


def pieces_of(block: Block) -> list[Piece]:
    """Return *block* as pieces: lines of furniture at its head and foot part from it.

    What a line such as "Most read" begins is nothing else.
    """
    lines = block.text.split("\n")
    if len(lines) == 1:
        return [kind_of(block)]
    if kind_of(replace(block, text=lines[0])).kind == "teaser":
        return [Piece(block=replace(block, text=line), kind="teaser") for line in lines]
    head: list[Piece] = []
    foot: list[Piece] = []
    while lines and (kind := kind_of(replace(block, text=lines[0]))).kind is not None:
        head.append(kind)
        lines.pop(0)
    while lines and (kind := kind_of(replace(block, text=lines[-1]))).kind is not None:
        foot.insert(0, kind)
        lines.pop()
    whole = [kind_of(replace(block, text="\n".join(lines)))] if lines else []
    return [*head, *whole, *foot]


def kind_of(block: Block) -> Piece:
    """Return what *block* is on its own, whatever stands around it."""
    text = joined(block.text)
    if len(text) > LONGEST_FURNITURE:
        return Piece(block=block)
    if is_share_bar(text):
        return Piece(block=block, kind="share")
    for name, pattern in LABELLED.items():
        if (match := pattern.fullmatch(text)) is not None and is_label(match["value"]):
            return Piece(block=block, kind=name, value=_named(match["value"]))
    for kind, words in STANDING.items():
        if words.fullmatch(text.rstrip(" :")) and not (kind == "tags" and ENDS.search(text.rstrip(" :,"))):
            return Piece(block=block, kind=kind)
    if ALONE.fullmatch(text) and dates.published(text) is not None:
        return Piece(block=block, kind="date", value=text)
    if (match := DRAWN.fullmatch(text)) is not None:
        return Piece(block=block, kind="credit", value=_named(match["value"]))
    if POSTED.fullmatch(text):
        return Piece(block=block, kind="caption")
    if BY.match(text) and (match := BY.fullmatch(ROLE.sub("", _without_contacts(text)))) is not None:
        return Piece(block=block, kind="byline", value=match["value"])
    if (match := SIGNED.fullmatch(text)) is not None:
        return Piece(block=block, kind="source", value=match["value"])
    if len(text.split()) <= LONGEST_LABELLED and AGENCIES.fullmatch(text):
        return Piece(block=block, kind="credit", value=_named(text))
    if len(text) <= LONGEST_CREDITED and (match := CREDITED.search(text)) and is_label(match["value"]):
        return Piece(block=block, kind="caption", value=_named(match["value"]))
    if (match := READ_MORE.match(text)) is not None and (piece := _read_more(block, match)) is not None:
        return piece
    opened = next((kind for opening, kind in OPENINGS if opening.match(text)), None)
    if opened is not None and not SAID.search(text):
        return Piece(block=block, kind=opened)
    return _by_hint(block, text)


def _without_contacts(text: str) -> str:
    while (shorter := CONTACT.sub("", text)) != text:
        text = shorter
    return text


def is_share_bar(text: str) -> bool:
    """Return whether *text* is nothing but the names of places to share it, and their counts."""
    words = [word for word in re.findall(r"[^\W_]+", text.casefold()) if not word.isdigit()]
    return any(word in SHARING for word in words) and all(word in SHARING or word in BESIDE_SHARING for word in words)


def is_label(value: str) -> bool:
    """Return whether *value* can stand behind "Source:" or "Photo:": a name or a few, not a sentence."""
    return (
        len(value.split()) <= LONGEST_LABELLED
        and not INNER_END.search(value)
        and not (ENDS.search(value) and len(value.split()) > 4)
    )


def is_headline(text: str) -> bool:
    """Return whether *text* stands without the full stop of a sentence, as headlines do."""
    text = LABEL_AT_END.sub("", text)
    opening = text.lstrip("\"'“„«‘(")[:1]
    return (
        len(text) <= LONGEST_HEADLINE
        and len(text.split()) >= SHORTEST_HEADLINE
        and not ENDS.search(text)
        and not INNER_END.search(text)
        and "://" not in text
        and not re.search(r"(?:^|\s)#\w", text)
        and (opening.isupper() or opening.isdigit() or (opening.isalpha() and opening.lower() == opening.upper()))
    )


def _read_more(block: Block, match: re.Match[str]) -> Piece | None:
    """Return the pointer to another article that *match* is; None where a sentence begins with these words."""
    rest = match["rest"].strip()
    if not rest:
        return Piece(block=block, kind="related")
    pointing = block.link or block.hint == "related"
    marked = len(rest) <= LONGEST_HEADLINE and not INNER_END.search(rest) and match["mark"]
    if pointing or marked or is_headline(rest):
        return Piece(block=block, kind="related", value=rest)
    return None


def _by_hint(block: Block, text: str) -> Piece:
    if block.kind == "caption" and len(text) <= LONGEST_CAPTION:
        return Piece(block=block, kind="caption", value=credit_within(text))
    match block.hint:
        case "caption" if len(text) <= LONGEST_CAPTION:
            return Piece(block=block, kind="caption", value=credit_within(text))
        case "related" if block.link or is_headline(text):
            return Piece(block=block, kind="related", value=text)
        case "tags" if block.link:
            return Piece(block=block, kind="tags")
        case "bio":
            return Piece(block=block, kind="byline")
        case "share" | "teaser" | "comments" | "cookie" if block.link or not ENDS.search(text):
            return Piece(block=block, kind=block.hint)
    return Piece(block=block)


def credit_within(text: str) -> str | None:
    """Return the photographer or agency that a caption names at its end."""
    match = IN_BRACKETS.search(text) or re.search(
        rf"\b(?:{LABELS['credit']})\s?[:：]\s*(?P<value>.{{1,80}})$", text, re.I
    )
    return None if match is None else _named(match["value"])


def _named(value: str) -> str:
    """Return the name that a label gives, without the full stop of a sentence; an initial keeps its own."""
    return re.sub(r"(?<=[^\W_]{3})\.$", "", value.strip(" |)"))


def joined(text: str) -> str:
    """Return the lines of *text* as one."""
    return text.replace("\n", " ")
