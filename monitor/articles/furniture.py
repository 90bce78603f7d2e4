"""The blocks of a text → its paragraphs, and what stands among them without being the article.  Pure.

Cautious on purpose: a paragraph taken for furniture is news that no rule sees,
furniture taken for a paragraph is at worst a false alert that a person can explain.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitor.articles.markup import Block
from monitor.model import Furniture

LABELS = {
    "source": "source|izvor|извор|источник|джерело|източник|quelle|fuente|fonte|źródło|zdroj|kaynak|bron|forrás|πηγή",
    "credit": r"(?:foto|photos?|picture|image|illustration|ilustracija|bild|фото|video)(?:\s(?:credit|by))?|credit",
    "byline": "autor|author|аутор|автор|written by|piše|пише",
}
LABELLED = {name: re.compile(rf"(?:{words})\s?[:：]\s*(?P<value>\S.{{0,79}})", re.I) for name, words in LABELS.items()}
IN_BRACKETS = re.compile(rf"[(\[](?:{LABELS['credit']})\s?[:：]\s*(?P<value>[^()\[\]]{{1,80}})[)\]]\.?$", re.IGNORECASE)

SHARING = frozenset(
    [
        *("tweet", "share", "sharing", "podeli", "podijeli", "подели", "поделиться", "teilen", "partager", "compartir"),
        *("condividi", "facebook", "twitter", "viber", "whatsapp", "telegram", "linkedin", "pinterest", "reddit"),
        *("messenger", "instagram", "bluesky", "threads", "email", "štampaj", "odštampaj", "pošalji", "print"),
    ]
)
BESIDE_SHARING = frozenset(
    [
        *("x", "on", "to", "via", "or", "and", "this", "article", "story", "post", "page", "by", "e", "mail", "like"),
        *("save", "send", "copy", "link", "kopiraj", "bookmark", "listen", "na", "vest", "članak", "i", "auf", "sur"),
    ]
)
"""A line of these words alone, one of the former among them, is a share bar."""

READ_MORE = re.compile(
    r"(?:read (?:more|also|next)|also read|see also|more on this(?: story)?|related(?: articles?| stories| news)?|"
    r"pročitajte(?: još| i| više)?|pročitaj(?: još| više)?|opširnije|povezane vesti|vezane vesti|прочитајте (?:још|и)|"
    r"читайте (?:также|ещё)|lesen sie auch|mehr zum thema|lire aussi|à lire aussi|lea también|lee también|leggi anche|"
    r"možda vas zanima|možda će vas zanimati|можда вас занима|you (?:may|might) also like|recommended(?: for you)?|"
    r"das könnte sie auch interessieren|lees ook|"
    r"czytaj (?:też|także)|leia (?:também|mais))(?!\w)\s*(?P<mark>[:：>»→-]*)\s*(?P<rest>.*)",
    re.IGNORECASE,
)
MORE_TO_COME = re.compile(
    r"najnovije vesti|najčitanije|најновије вести|most (?:read|popular)|latest news|trending(?: now)?|"
    r"more (?:news|stories|from [\w ]{2,30})",
    re.IGNORECASE,
)
COMMENTS = re.compile(
    r"(?:komentari|komentara|comments?|коментари|комментарии|kommentare|commentaires|comentarios)\s*[(:]?\s*\d{0,6}\)?|"
    r"\d{1,6} (?:comments?|komentar[ai]?)|leave a (?:comment|reply)|(?:pošalji|ostavi|dodaj)(?:te)? komentar|"
    r"join the (?:conversation|discussion)|view comments",
    re.IGNORECASE,
)
OPENINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words, re.IGNORECASE), kind)
    for words, kind in (
        (
            r"(?:we|this (?:web)?site|our (?:web)?site|ovaj (?:veb ?)?sajt|naš sajt|овај сајт)\s(?:also\s)?"
            r"(?:uses? |koristi(?:mo)? |користи )(?:cookies|kolačiće|колачиће)|"
            r"by continuing to (?:use|browse) (?:this|our) ",
            "cookie",
        ),
        (
            r"(?:sign up|subscribe|register) (?:for|to) (?:our|the|my)\b.{0,80}"
            r"(?:newsletter|updates|channel|podcast|briefing)|"
            r"follow us on |(?:za)?pratite nas na |download (?:our|the) app\b",
            "teaser",
        ),
        (
            r"the post .{1,300} (?:appeared first|first appeared) on |continue reading\b.{0,200}$|\[?(?:…|\.\.\.)\]?$",
            "teaser",
        ),
    )
)
ENDS = re.compile(r"[.!?…。！？।;:,–—-][\"'”’»)\]*]*$|[\"”»)]$")
INNER_END = re.compile(r"[^\W\d_]{3,}[.!?…][\"”»)]*\s+[\"“„«(]?[^\W\d_]")
LONGEST_FURNITURE = 400  # characters; a choice: what is longer is taken for text unread
LONGEST_HEADLINE = 200  # characters; 99.8 % of the 4,956 feed titles of the corpus are no longer
SHORTEST_HEADLINE = 4  # words; a choice: what is shorter between paragraphs is taken for a subheading
LONGEST_CAPTION = 300  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """A text taken apart: the paragraphs that count, and the rest by its kind."""

    body: tuple[str, ...] = ()
    source: str | None = None
    credit: str | None = None
    byline: str | None = None
    related: tuple[str, ...] = ()
    furniture: tuple[Furniture, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A block with what it turned out to be; *kind* None is a paragraph, *value* what a label names."""

    block: Block
    kind: str | None = None
    value: str | None = None


def sort_out(blocks: Iterable[Block], *, template: bool = False) -> Sorted:
    """Return the paragraphs among *blocks*, and set the furniture aside, each piece with its kind.

    *template* says that this is the whole text of a page of a news site, where a line
    without its full stop is a headline sooner than anything else.
    """
    pieces = [piece for block in blocks for piece in pieces_of(block)]
    pieces = _without_related(_after_markers(_without_captions(pieces)), template=template)
    return Sorted(
        body=tuple(_joined(piece.block.text) for piece in pieces if piece.kind is None),
        source=_first(pieces, "source"),
        credit=_first(pieces, "credit") or _first(pieces, "caption"),
        byline=_first(pieces, "byline"),
        related=tuple(dict.fromkeys(piece.value for piece in pieces if piece.kind == "related" and piece.value)),
        furniture=tuple(
            Furniture(kind=piece.kind, text=_joined(piece.block.text)) for piece in pieces if piece.kind is not None
        ),
    )


def pieces_of(block: Block) -> list[Piece]:
    """Return *block* as pieces: lines of furniture at its head and foot part from it."""
    lines = block.text.split("\n")
    if len(lines) == 1:
        return [kind_of(block)]
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
    text = _joined(block.text)
    if len(text) > LONGEST_FURNITURE:
        return Piece(block=block)
    if is_share_bar(text):
        return Piece(block=block, kind="share")
    for name, pattern in LABELLED.items():
        if (match := pattern.fullmatch(text)) is not None and is_label(match["value"]):
            return Piece(block=block, kind=name, value=_named(match["value"]))
    if COMMENTS.fullmatch(text):
        return Piece(block=block, kind="comments")
    if MORE_TO_COME.fullmatch(text.rstrip(" :")):
        return Piece(block=block, kind="teaser")
    if (match := READ_MORE.match(text)) is not None and (piece := _read_more(block, match)) is not None:
        return piece
    if kind := next((kind for opening, kind in OPENINGS if opening.match(text)), None):
        return Piece(block=block, kind=kind)
    return _by_hint(block, text)


def is_share_bar(text: str) -> bool:
    """Return whether *text* is nothing but the names of places to share it, and their counts."""
    words = [word for word in re.findall(r"[^\W_]+", text.casefold()) if not word.isdigit()]
    return any(word in SHARING for word in words) and all(word in SHARING or word in BESIDE_SHARING for word in words)


def is_label(value: str) -> bool:
    """Return whether *value* can stand behind "Source:" or "Photo:": a name or a few, not a sentence."""
    return (
        len(value.split()) <= 9 and not INNER_END.search(value) and not (ENDS.search(value) and len(value.split()) > 4)
    )


def is_headline(text: str) -> bool:
    """Return whether *text* stands without the full stop of a sentence, as headlines do."""
    opening = text.lstrip("\"'“„«‘(")[:1]
    return (
        len(text) <= LONGEST_HEADLINE
        and len(text.split()) >= SHORTEST_HEADLINE
        and not ENDS.search(text)
        and not INNER_END.search(text)
        and "://" not in text
        and (opening.isupper() or opening.isdigit() or (opening.isalpha() and opening.lower() == opening.upper()))
    )


def _read_more(block: Block, match: re.Match[str]) -> Piece | None:
    """Return the pointer to another article that *match* is; None where a sentence begins with these words."""
    rest = match["rest"].strip()
    if not rest:
        return Piece(block=block, kind="related")
    if block.link or (len(rest) <= LONGEST_HEADLINE and not INNER_END.search(rest) and match["mark"]):
        return Piece(block=block, kind="related", value=rest)
    return None


def _by_hint(block: Block, text: str) -> Piece:
    if block.kind == "caption" and len(text) <= LONGEST_CAPTION:
        return Piece(block=block, kind="caption", value=_credit_within(text))
    match block.hint:
        case "caption" if len(text) <= LONGEST_CAPTION:
            return Piece(block=block, kind="caption", value=_credit_within(text))
        case "related" if block.link or is_headline(text):
            return Piece(block=block, kind="related", value=text)
        case "share" | "teaser" | "comments" | "cookie" if block.link or not ENDS.search(text):
            return Piece(block=block, kind=block.hint)
    return Piece(block=block)


def _credit_within(text: str) -> str | None:
    """Return the photographer or agency that a caption names at its end."""
    match = IN_BRACKETS.search(text) or re.search(
        rf"\b(?:{LABELS['credit']})\s?[:：]\s*(?P<value>.{{1,80}})$", text, re.I
    )
    return None if match is None else _named(match["value"])


def _without_related(pieces: Sequence[Piece], *, template: bool) -> list[Piece]:
    """Return *pieces* with headlines of other articles found: between sentences, or in a template at the end too.

    A text in which more than a third of the paragraphs lack their full stop (half
    in a template) is a list, a poem, or in a language without it: it stays as it is.
    """
    texts = [_joined(piece.block.text) for piece in pieces]
    plain = [index for index, piece in enumerate(pieces) if piece.kind is None and piece.block.kind != "item"]
    suspects = {
        i for i in plain if is_headline(texts[i]) and (pieces[i].block.link or pieces[i].block.kind != "heading")
    }
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


def _without_captions(pieces: Sequence[Piece]) -> list[Piece]:
    """Return *pieces* with what stands twice in a row, or twice in one line, found to be a caption."""
    found = list(pieces)
    for index, piece in enumerate(pieces):
        text = _joined(piece.block.text)
        twin = index + 1 < len(pieces) and _joined(pieces[index + 1].block.text) == text
        if piece.kind is None and len(text) <= LONGEST_CAPTION and (twin or _is_doubled(text)):
            caption = replace(piece, kind="caption", value=_credit_within(text))
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
        text = _joined(piece.block.text)
        if piece.kind is not None:
            marked = piece.kind if piece.kind == "teaser" or (piece.kind == "related" and not piece.value) else None
        elif marked is not None and (piece.block.link or is_headline(text)):
            found.append(replace(piece, kind=marked, value=text))
            continue
        else:
            marked = None
        found.append(piece)
    return found


def _first(pieces: Iterable[Piece], kind: str) -> str | None:
    return next((piece.value for piece in pieces if piece.kind == kind and piece.value), None)


def _named(value: str) -> str:
    """Return the name that a label gives, without the full stop of a sentence; an initial keeps its own."""
    return re.sub(r"(?<=[^\W_]{3})\.$", "", value.strip(" |)"))


def _joined(text: str) -> str:
    return text.replace("\n", " ")
