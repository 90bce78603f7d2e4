"""A text as published, with markup or without → its blocks, clean.  Pure.

lxml's HTML parser feeds a listener: no tree is built, nothing recurses, and what
is no element of HTML (`List<String>`, `<me@example.org>`) stays text.
"""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

BLOCKS = frozenset(
    [
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div"),
        *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *(
            "header",
            "hgroup",
            "hr",
            "html",
            "legend",
            "li",
            "main",
            "menu",
            "nav",
            "ol",
            "p",
            "pre",
            "section",
            "summary",
        ),
        *("search", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    ]
)
INLINE = frozenset(
    [
        *("a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "button", "cite", "code", "data", "del", "dfn", "em"),
        *("font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small"),
        *(
            "picture",
            "progress",
            "meter",
            "output",
            "slot",
            "source",
            "span",
            "strike",
            "strong",
            "sub",
            "sup",
            "time",
            "tt",
            "u",
            "var",
            "wbr",
            "input",
            "area",
            "map",
        ),
    ]
)
SILENT = frozenset(
    [
        *("script", "style", "head", "title", "template", "svg", "iframe", "object", "embed", "noscript", "textarea"),
        *("select", "option", "audio", "video", "canvas", "math", "link", "meta", "base", "param", "track"),
    ]
)
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "legend", "dt", "th", "summary"])
ITEMS = frozenset(["li", "dd", "td", "pre"])
UNHINTED = HEADINGS | {"html", "body", "main", "article"}  # a heading's id spells out what it says
PARTING = frozenset(["a", "span", "b", "strong"])
BOLD = frozenset(["b", "strong"])
CAPTIONS = frozenset(["figure", "figcaption", "caption"])

TAG = re.compile(
    rf"</?(?:{'|'.join(sorted(BLOCKS | INLINE | SILENT))}|[a-z][a-z0-9]*[:-][\w:-]+)(?=[\s/>])[^<>]*>", re.IGNORECASE
)
ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
ESCAPED_TAG = re.compile(r"&lt;/?(?:p|br|div|a|b|i|em|strong|span|img|ul|ol|li|h[1-6]|blockquote)\b", re.IGNORECASE)
STRAY = re.compile(
    rf"<(?!/?(?:{'|'.join(sorted(BLOCKS | INLINE | SILENT))})(?=[\s/>])|/?[a-z][a-z0-9]*[:-][\w:-]+(?=[\s/>])|[!?])",
    re.IGNORECASE,
)
CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
WINDOWS_REFERENCE = re.compile(r"&#(1(?:2[89]|[345]\d));")
BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
BREAK = "\x1e"
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph, heading or item as it stood on the page; its lines are those that the author broke."""

    text: str
    kind: str = "paragraph"  # paragraph, heading, item, caption
    link: bool = False  # all of it is one link, or several
    hint: str | None = None  # what the page's own names make of it: lede, or a kind of furniture


HINTS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"(?:^|[\s_-])(?:{names})(?:$|[\s_-])", re.IGNORECASE), kind)
    for names, kind in (
        (
            "lede|lead|lead-?text|standfirst|perex|sapo|dek|deck|intro|introtext|subheadline|sub-?title|sub-?head|"
            "article-?summary|vorspann|podnaslov|chap[oe]|chapeau|sottotitolo|entradilla|bajada|ingress",
            "lede",
        ),
        ("caption|wp-caption-text|figcaption|photo-?credit|potpis", "caption"),
        ("share|sharing|social|sharedaddy|addtoany|sharebar|podeli|deli", "share"),
        ("related|read-?more|readmore|jp-relatedposts|see-?also|povezano|procitajte(?:-jos)?", "related"),
        ("newsletter|subscribe|promo|teasers?|most-?read|recommended|bilten|najnovije|najcitanije", "teaser"),
        ("comments?|disqus|komentari", "comments"),
        ("cookies?|consent|gdpr|kolacici", "cookie"),
        ("breadcrumbs?|crumbs?|kicker|rubrika|nadnaslov|section-label|overline|dachzeile", "section"),
        ("(?:about-?)?author-?(?:box|bio|info|description)|bio|biography|o-autoru", "bio"),
        ("tags|tag-list|tags-links|tagovi|keywords", "tags"),
    )
)


def clean(text: str) -> str:
    """Return *text* in NFC on one line: no control or invisible letters, white space collapsed, `\\'` undone."""
    return " ".join(_plain(text).split())


def line(text: str | None) -> str | None:
    """Return what a one-line field such as a title says, markup stripped; None where it says nothing."""
    return None if text is None else (" ".join(block.text.replace("\n", " ") for block in blocks(text)) or None)


@functools.lru_cache(maxsize=16)  # an entry's text is asked for once to see its form, and again for its fields
def blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of *text*: its block elements, or where there are none what blank lines separate."""
    text = CDATA.sub("", text)
    if not TAG.search(text) and ESCAPED_TAG.search(text):
        text = html.unescape(text)
    if not TAG.search(text) and "<!" not in text:
        return plain_blocks(_unescaped(_unescaped(text)))
    listener = _Listener()
    parser = etree.HTMLParser(target=listener, encoding="utf-8", remove_comments=True, remove_pis=True)
    prepared = STRAY.sub("&lt;", WINDOWS_REFERENCE.sub(lambda match: html.unescape(match[0]), UNSEEN.sub("", text)))
    parser.feed(b"<html><body>" + prepared.encode("utf-8", "replace"))
    parser.close()
    return tuple(listener.found)


def plain_blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of a *text* without markup, which blank lines separate."""
    lines = "\n".join(" ".join(part.split()) for part in _plain(text).splitlines())
    return tuple(Block(text=part) for each in BLANK_LINE.split(lines) if (part := each.strip()))


def _unescaped(text: str) -> str:
    """Return *text* with its entities as letters; `&copy=1` of an address is none, for it does not end."""
    return ENTITY.sub(lambda match: html.unescape(match[0]), text)


def _plain(text: str) -> str:
    text = UNSEEN.sub("", text.encode("utf-8", "replace").decode("utf-8"))
    return unicodedata.normalize("NFC", text.replace("\\'", "'").replace('\\"', '"').replace("\xa0", " "))


class _Listener:
    """Hears the parser's events and cuts what it hears into blocks."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self._open: list[tuple[str, str | None]] = []
        self._heard: list[str] = []
        self._linked = self._bold = 0  # letters inside links, and in bold
        self._links = self._bolds = self._silent = 0  # how many such elements are open
        self._ended = self._began = False  # whether a link, a span or bold did since the last letter
        self._structured = False  # a block element or a line break was met: blank lines mean nothing

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in BLOCKS and tag not in ("html", "body"):
            self._cut()
            self._structured = True
        elif tag == "br":
            self._structured = True
            self._heard.append(BREAK)
        elif tag == "wbr":
            self._heard.append("")
        self._began |= tag in PARTING
        self._silent += tag in SILENT
        self._links += tag == "a"
        self._bolds += tag in BOLD
        self._open.append((tag, _hint(tag, attributes)))

    def end(self, tag: str) -> None:
        if tag in BLOCKS:
            self._cut()
        self._ended |= tag in PARTING
        self._silent -= tag in SILENT
        self._links -= tag == "a"
        self._bolds -= tag in BOLD
        while self._open and self._open.pop()[0] != tag:
            pass

    def data(self, text: str) -> None:
        if not self._silent:
            if (self._ended or self._began) and self._is_glued(text):
                self._heard.append(" ")
            self._ended = self._began = False
            self._heard.append(text)
            letters = len("".join(text.split()))
            self._linked += letters if self._links else 0
            self._bold += letters if self._bolds else 0

    def _is_glued(self, text: str) -> bool:
        """Return whether *text* begins anew where no space does: <span>Read more</span><a>Another headline</a>."""
        last = self._heard[-1][-1:] if self._heard else ""
        if text[:1].isdigit():
            return self._ended and self._began and last.isalpha()
        return text[:1].isupper() and (last.islower() or (self._ended and self._began and last.isalnum()))

    def comment(self, text: str) -> None:
        """Comments say nothing to a reader."""

    def close(self) -> None:
        self._cut()

    def _cut(self) -> None:
        """End the block that is being heard."""
        heard, linked, bold = "".join(self._heard), self._linked, self._bold
        self._heard, self._linked, self._bold = [], 0, 0
        if not heard.strip(f" \t\r\n\xa0{BREAK}"):
            return
        letters = len("".join(heard.replace(BREAK, "").split()))
        link = letters <= linked
        kind = "heading" if letters <= bold and self._kind() == "paragraph" else self._kind()
        hint = next((hint for _, hint in reversed(self._open) if hint), None)
        for text in _paragraphs(heard, self._structured):
            self.found.append(Block(text=text, kind=kind, link=link, hint=hint))

    def _kind(self) -> str:
        tags = [tag for tag, _ in self._open]
        for names, kind in ((CAPTIONS, "caption"), (HEADINGS, "heading"), (ITEMS, "item")):
            if any(tag in names for tag in tags) and not (kind == "item" and _is_laid_out(tags)):
                return kind
        return "paragraph"


def _is_laid_out(tags: list[str]) -> bool:
    """Return whether *tags* lead to a paragraph in a table that lays out a page: it is no item of a list."""
    last = max((place for place, tag in enumerate(tags) if tag in ITEMS), default=0)
    return tags[last] == "td" and "p" in tags[last:]


def _hint(tag: str, attributes: Mapping[str, str]) -> str | None:
    names = f"{attributes.get('class', '')} {attributes.get('id', '')}"
    if tag in UNHINTED or names == " ":
        return None
    return _named(names)


@functools.lru_cache(maxsize=4096)
def _named(names: str) -> str | None:
    """Return what the *names* of an element make of it; a page uses the same few hundreds again and again."""
    return next((kind for pattern, kind in HINTS if pattern.search(names)), None)


def _paragraphs(heard: str, structured: bool) -> Iterable[str]:
    """Yield the paragraphs of what was heard: two line breaks part them, or a blank line in bare text."""
    if structured:
        parts = re.split(rf"{BREAK}(?:\s*{BREAK})+", heard)
        lines = ([" ".join(part.split()) for part in each.split(BREAK)] for each in parts)
    else:
        lines = ([" ".join(part.split()) for part in each.splitlines()] for each in BLANK_LINE.split(heard))
    for each in lines:
        text = "\n".join(part for part in each if part)
        if text := _plain(_unescaped(text)).strip():
            yield text
