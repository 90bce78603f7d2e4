"""The text of a page without its markup → the fields of an article.  Pure.

Two forms are known.  In the one, a head paragraph runs everything together:
`[date YYYY-MM-DD] Section Headline Lede. Source: Agency Weekday, Month D, YYYY | HH:MM
Tweet Share Foto: Credit`.  In the other, each of these has its line.  The leading
`date …` is a crawler's, not the publisher's, so it dates nothing.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from monitor import dates
from monitor.articles.furniture import Sorted, sort_out
from monitor.articles.headlines import lede_start
from monitor.articles.markup import Block, plain_blocks
from monitor.articles.phrases import LABELS
from monitor.articles.pieces import ENDS, INNER_END, LABEL_AT_END, is_headline, is_label, kind_of
from monitor.articles.sections import KNOWN, MOST_WORDS
from monitor.articles.stamps import ALONE, PARTED, PIPED, READING_TIME, REVISED, STAMP
from monitor.model import Furniture

CRAWLED = re.compile(r"date:?\s+\d{4}-\d{2}(?:-\d{2})?(?=\s|$)\s*", re.IGNORECASE)
SHARE = re.compile(
    r"(?<!\w)(?:Tweet(?: Share)?|Share Tweet|Podeli:?|Podijeli:?|Подели:?|Share:?)(?=\s|$)"
    r"(?: (?:Facebook|Twitter|Viber|WhatsApp|Telegram|LinkedIn|X|Tweet|Share)(?=\s|$))*"
)
COMMENTS = re.compile(r"(?<!\w)(?:Komentari|Komentara|Comments?|Коментари):?\s?\(?\d{1,5}\)?(?!\w)")
SOURCE = re.compile(rf"(?<!\w)(?:{LABELS['source']})\s?:", re.IGNORECASE)
CREDIT = re.compile(rf"(?<!\w)(?:{LABELS['credit']})\s?:", re.IGNORECASE)
BYLINE = re.compile(rf"(?<!\w)(?:{LABELS['byline']})\s?[:：]", re.IGNORECASE)
MARKS = {"source": SOURCE, "byline": BYLINE, "date": STAMP, "share": SHARE, "comments": COMMENTS, "credit": CREDIT}
LONGEST_TITLE = 18  # words; longer, and without a full stop, it is a headline with a lede that lacks its own
WITH_VALUE = frozenset(["source", "byline", "credit"])
LONGEST_PART = 9  # words; a choice: "last updated on 9 July 2023 at 10:00 am" has as many
LONGEST_INFO = 160  # characters; a choice: a line that says who wrote when is shorter


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A piece of template in a line of the head: what it is, what it says, and all of its text."""

    kind: str
    value: str
    text: str


@dataclass(slots=True, kw_only=True)
class Head:
    """What the head of a page said so far."""

    headline: str | None = None
    section: str | None = None
    lede: str | None = None
    marks: list[Mark] = field(default_factory=list)
    captions: list[str] = field(default_factory=list)

    def value(self, kind: str) -> str | None:
        """Return what the first mark of *kind* says."""
        return next((mark.value for mark in self.marks if mark.kind == kind and mark.value), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A flattened page taken apart."""

    headline: str | None
    section: str | None
    lede: str | None
    date: str | None
    source: str | None
    credit: str | None
    text: Sorted


def is_flattened(text: str) -> bool:
    """Return whether *text* begins with the head of a flattened page: a crawler's date, or a stamp among its marks."""
    first = text.lstrip().partition("\n\n")[0]
    if CRAWLED.match(first):
        return True
    return bool(PIPED.search(first)) and any(mark.search(first) for mark in (SHARE, SOURCE, CREDIT))


def with_headline(page: Page, headline: str | None) -> Page:
    """Return *page* under the *headline* that is known from elsewhere; its lede is what follows that in the head."""
    together = " ".join(part for part in (page.headline, page.lede) if part)
    if headline is None or page.headline == headline or not together.startswith(headline):
        return page
    return replace(page, headline=headline, lede=together[len(headline) :].strip() or None)


def take_apart(text: str, *, section: str | None = None, url: str | None = None) -> Page:
    """Return the fields of the page whose *text* this is; *section* is what its feed is about."""
    found = _lines_as_blocks(plain_blocks(text))
    head, rest = _read_head(found, section, url)
    body, teasers = _without_what_follows(rest)
    sorted_out = sort_out(body, template=bool(head.marks))
    aside = [
        *(Furniture(kind=mark.kind, text=mark.text) for mark in head.marks),
        *(Furniture(kind="caption", text=caption) for caption in head.captions),
        *sorted_out.furniture,
        *(Furniture(kind="teaser", text=block.text.replace("\n", " ")) for block in teasers),
    ]
    return Page(
        headline=head.headline,
        section=head.section,
        lede=head.lede,
        date=head.value("date"),
        source=head.value("source") or sorted_out.source,
        credit=head.value("credit") or sorted_out.credit,
        text=Sorted(
            body=sorted_out.body,
            byline=head.value("byline") or sorted_out.byline,
            related=sorted_out.related,
            furniture=tuple(aside),
        ),
    )


def _lines_as_blocks(found: Sequence[Block]) -> list[Block]:
    """Return *found* with the lines of its first block, which are the head's, as blocks of their own."""
    lines = found[0].text.split("\n") if found else []
    return list(found) if _is_wrapped(lines) else [*(Block(text=line) for line in lines), *found[1:]]


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Return whether *lines* are one paragraph broken at a margin: all but the last nearly as long as the longest."""
    longest = max(map(len, lines), default=0)
    return len(lines) > 2 and longest <= 100 and all(len(line) > longest - 20 for line in lines[:-1])


def _read_head(found: Sequence[Block], section: str | None, url: str | None) -> tuple[Head, list[Block]]:
    """Return what the head says, and the blocks after it."""
    head = Head()
    if not found:
        return head, []
    rest = list(found[1:])
    first = found[0].text.replace("\n", " ")
    crawled = CRAWLED.match(first)
    text = first[crawled.end() :] if crawled else first
    if not text and rest:
        text = rest.pop(0).text.replace("\n", " ")
    head.section, text = _section_off(text, section, sure=crawled is not None)
    alone = bool(head.section and not text and rest)
    if alone:
        text = rest.pop(0).text.replace("\n", " ")
    before, marks, after = marks_of(text)
    run_together = crawled is not None or (head.section is not None and not alone) or _is_template(marks)
    if not run_together and (marks or not is_title(before)):
        return Head(), list(found)
    head.marks += marks
    elsewhere = " ".join(block.text for block in rest)
    head.headline, head.lede = _split(before, elsewhere, url) if run_together else (before, None)
    if after:
        rest.insert(0, Block(text=after))
    return head, read_on(head, rest, known=crawled is not None or head.section is not None)


def _is_template(marks: Sequence[Mark]) -> bool:
    """Return whether only a template can have made *marks*; a paragraph may well end in "Source: Tanjug"."""
    return len({mark.kind for mark in marks}) > 1 or any(mark.kind == "share" or "|" in mark.text for mark in marks)


def read_on(head: Head, rest: list[Block], *, known: bool) -> list[Block]:
    """Take the lines of the head that follow its first, and return what is left: the body."""
    ran_on = bool(head.marks)  # the first line had its template in it, so it had its lede in it too
    waiting: Block | None = None
    while rest:
        block = rest[0]
        before, marks, after = marks_of(block.text.replace("\n", " "))
        if (before or after) and (told := info_of(block.text.replace("\n", " "))):
            marks, before, after = told, "", ""
        if marks and not before and not after:
            head.marks += marks
        elif marks and not after and head.lede is None and not ran_on and _is_template(marks):
            head.marks += marks
            head.lede = before
        elif not ran_on and (piece := kind_of(block)).kind in ("byline", "share"):
            head.marks.append(Mark(kind=piece.kind, value=piece.value or "", text=block.text.replace("\n", " ")))
        elif len(rest) > 1 and rest[1].text == block.text and len(block.text) <= 300:
            head.captions += [block.text, rest.pop(1).text]
        elif waiting is None and head.lede is None and not head.marks and _may_be_lede(block, rest):
            waiting = block
            head.lede = block.text.replace("\n", " ")
        else:
            break
        rest.pop(0)
    if waiting is not None and not known and not head.marks and not head.captions:
        head.lede = None
        return [waiting, *rest]
    return rest


def _may_be_lede(block: Block, rest: Sequence[Block]) -> bool:
    return len(rest) > 1 and len(block.text) <= 600 and ENDS.search(block.text) is not None


def is_title(text: str) -> bool:
    """Return whether *text* reads as the line over an article: a headline, or a question without more."""
    text = LABEL_AT_END.sub("", text)
    words = len(text.split())
    quoted = text.endswith(("”", '"')) and re.search(r"(?:^|: )[\"“„]", text) is not None
    asked = text.endswith(("?", "!")) and not INNER_END.search(text)
    return 0 < words <= LONGEST_TITLE and (is_headline(text) or (words >= 3 and (asked or (quoted and words <= 12))))


def marks_of(text: str) -> tuple[str, list[Mark], str]:
    """Return what stands in *text* before the first mark of a template, the marks, and what stands after them."""
    hits = sorted(
        (match.start(), -match.end(), kind, match)
        for kind, pattern in MARKS.items()
        for match in pattern.finditer(text)
        if kind != "date" or dates.published(match[0]) is not None
    )
    starts = [start for start, *_ in hits]
    marks: list[Mark] = []
    at = hits[0][0] if hits else len(text)
    before, after = text[:at].strip(), ""
    for index, (start, _, kind, match) in enumerate(hits):
        if start < at:
            continue
        later = bisect_left(starts, match.end(), lo=index + 1)
        following = starts[later] if later < len(starts) else len(text)
        value = text[match.end() : following].strip(" |,;") if kind in WITH_VALUE else match[0].strip()
        if kind in WITH_VALUE and not is_label(value):
            if not marks:
                return text, [], ""
            value, after = value.split(" ")[0], value.partition(" ")[2]
        marks.append(
            Mark(kind=kind, value=value, text=text[start : following if kind in WITH_VALUE else match.end()].strip())
        )
        at = following if kind in WITH_VALUE else match.end()
    left = text[at:].strip(" |") if marks else ""
    if before and not any(mark.kind != "date" or "|" in mark.text for mark in marks):
        return text, [], ""
    return before, marks, " ".join(part for part in (after, left) if part)


def is_info(text: str) -> bool:
    """Return whether *text* is nothing but what a template tells of an article: when, by whom, from where."""
    before, marks, after = marks_of(text)
    return bool(marks and not before and not after) or bool(info_of(text))


def info_of(text: str) -> list[Mark]:
    """Return the date in a line such as "Thu 25.04.24 | 14:07 | By Eva Kern", with the whole line as its text.

    Each part of such a line is a few words, and none is a sentence.
    """
    if len(text) > LONGEST_INFO or not any(character.isdigit() for character in text):
        return []
    parts = [part for part in PARTED.split(READING_TIME.sub("", text).strip()) if part]
    if any(len(part.split()) > LONGEST_PART or INNER_END.search(part) for part in parts):
        return []
    told = [part for part in parts if any(character.isdigit() for character in part) and not REVISED.search(part)]
    written = next((each for each in (" ".join(told), *told) if dates.published(each) is not None), None)
    short = len(text.split()) <= LONGEST_PART and not ENDS.search(text) and not REVISED.search(text)
    if written is None and short and (stamp := STAMP.search(text)) and dates.published(stamp[0]):
        written = stamp[0]
    return [] if written is None else [Mark(kind="date", value=written, text=text)]


def _section_off(text: str, section: str | None, *, sure: bool) -> tuple[str | None, str]:
    """Return the section with which *text* begins, and the rest; only a crawled page is sure to begin with one."""
    words = text.split(" ")
    names = {section.casefold()} if section else set()
    for count in range(min(MOST_WORDS, len(words)), 0, -1):
        name = " ".join(words[:count])
        if name.casefold() in names or (name.casefold() in KNOWN and name[:1].isupper()):
            left = " ".join(words[count:])
            if sure or not left or (left[:1].isupper() and marks_of(left)[1]):
                return name, left
    return None, text


def _split(text: str, elsewhere: str, url: str | None) -> tuple[str | None, str | None]:
    """Return headline and lede of the *text* that runs them together."""
    if not text or is_title(text):
        return text or None, None
    words = text.split()
    start = lede_start(words, elsewhere, url)
    if start is None:
        return (text, None) if len(words) <= 20 and not ENDS.search(text) else (None, text)
    return " ".join(words[:start]), " ".join(words[start:])


def _without_what_follows(rest: Sequence[Block]) -> tuple[list[Block], list[Block]]:
    """Return the body among the blocks *rest*, and the teasers after it, which bear dates of their own.

    Where the last block is a date, each date closes its teaser, so the first of them
    has its headline, or headline and lede, before that date.
    """
    first = next((index for index in range(1, len(rest)) if _is_dated(rest[index])), None)
    if first is None or (_dates_in(rest) == 1 and _letters(rest[first:]) > _letters(rest[:first])):
        return list(rest), []  # a single date near the top is the article's own, wherever it stands
    start = first
    if _is_dated(rest[-1]) and ALONE.fullmatch(rest[first].text):
        back = 2 if first > 2 and not _is_headline(rest[first - 1]) and _is_headline(rest[first - 2]) else 0
        start = first - back
        while start > 1 and _is_headline(rest[start - 1]):
            start -= 1
    return list(rest[:start]), list(rest[start:])


def _dates_in(blocks: Sequence[Block]) -> int:
    return sum(map(_is_dated, blocks))


def _letters(blocks: Sequence[Block]) -> int:
    return sum(len(block.text) for block in blocks)


def _is_dated(block: Block) -> bool:
    """Return whether *block* is a date, or begins or ends with one as only templates write it."""
    line = block.text.replace("\n", " ")
    match = PIPED.search(line)
    return ALONE.fullmatch(line) is not None or (match is not None and (match.start() == 0 or match.end() == len(line)))


def _is_headline(block: Block) -> bool:
    return is_headline(block.text.replace("\n", " "))
