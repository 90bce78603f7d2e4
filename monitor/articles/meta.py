"""What the head and the marks of an HTML page say about its article: JSON-LD, meta elements, time, h1.  Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from lxml import etree

from monitor.articles.markup import clean, line

ARTICLE_TYPES = re.compile(r"(?:^|[a-z])(?:Article|BlogPosting|Report|Review|LiveBlogPosting)$")

HEADLINES = ("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "dcterms.title", "title")
DATES = (
    *("article:published_time", "og:article:published_time", "og:published_time", "article:published", "datepublished"),
    *("parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date", "dcterms.date", "pubdate"),
    *("publishdate", "publish-date", "publication_date", "cxenseparse:recs:publishtime", "rnews:datepublished"),
    *("date.created", "created", "article.published", "last-modified", "date"),
)
DESCRIPTIONS = ("og:description", "description", "twitter:description", "dc.description", "abstract")
SECTIONS = ("article:section", "og:section", "parsely-section", "section", "cxenseparse:section", "dc.subject")
AUTHORS = ("author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl", "cxenseparse:author")
ELSEWHERE = " or ".join(
    [
        "ancestor::aside or ancestor::nav or ancestor::footer or ancestor::a",
        *(
            f"ancestor::*[contains(@class, '{name}')]"
            for name in ("sidebar", "related", "teaser", "recommend", "comment")
        ),
    ]
)
"""Where the times of other articles stand, and of comments."""
MOST_BOLD = 100  # a choice: a headline stands above more than so many words in bold
MOST_SHOWN = 5  # a choice: further down a page are the headlines of other articles
SITES = ("og:site_name", "application-name", "publisher")


class Element(Protocol):
    """What is used here of an element of lxml, which has no types."""

    def xpath(self, path: str) -> list[Element]: ...
    def get(self, name: str) -> str | None: ...
    def text_content(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What a page says about its article, the best first; texts are clean."""

    headline: str | None = None  # in the page's own data on its article
    headlines: tuple[str, ...] = ()  # as other machines are told them
    shown: tuple[str, ...] = ()  # as readers see them: the h1 elements
    title: str | None = None
    dates: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()  # of a time element that may be another article's
    descriptions: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()  # what the site calls itself
    url: str | None = None
    language: str | None = None


def meta_of(tree: Element) -> Meta:
    """Return what the page *tree* says about its article."""
    named = _named(tree)
    title = next((clean(element.text_content()) for element in tree.xpath("//head/title")), None)
    own = [text for text in (*(named.get(name) for name in HEADLINES), title) if text]
    nodes = sorted(filter(_is_article, _linked_data(tree)), key=lambda node: not _is_about(node, own))
    return Meta(
        headline=next((words for node in nodes if (words := _words(node.get("headline")))), None),
        headlines=_texts(named.get(name) for name in HEADLINES),
        shown=_texts(_shown(tree, title if own == [title] else None)),
        title=title,
        dates=_texts(
            [
                *(_words(node.get(name)) for name in ("datePublished", "dateCreated") for node in nodes),
                *(named.get(name) for name in DATES),
                *_times(tree),
            ]
        ),
        loose=_texts(_timed(tree, f"//time[not({ELSEWHERE} or ancestor::li)]")),
        descriptions=_texts(
            [*(_words(node.get("description")) for node in nodes), *(named.get(name) for name in DESCRIPTIONS)]
        ),
        sections=_texts(
            [*(named.get(name) for name in SECTIONS), *(_words(node.get("articleSection")) for node in nodes)]
        ),
        authors=_texts(
            [
                *(name for node in nodes for name in _people(node.get("author"))),
                *_people(_first(named, AUTHORS)),
                *_marked_authors(tree),
            ]
        ),
        sites=_texts(
            [*(named.get(name) for name in SITES), *(name for node in nodes for name in _people(node.get("publisher")))]
        ),
        url=next((element.get("href") for element in tree.xpath("//link[@rel='canonical']")), None)
        or named.get("og:url"),
        language=next((element.get("lang") for element in tree.xpath("/html[@lang]")), None) or named.get("og:locale"),
    )


def _shown(tree: Element, title: str | None) -> Iterator[str | None]:
    """Yield the headlines that a reader sees: those marked so, and if they do not have the *title* what else has it."""
    marked = [_seen(element) or "" for element in tree.xpath("//h1 | //*[@itemprop='headline']")[:MOST_SHOWN]]
    yield from marked
    if title and not any(_is_repeated(text, title) for text in marked):
        for element in tree.xpath("//body//*[self::h2 or self::h3 or self::b or self::strong or self::font]")[
            :MOST_BOLD
        ]:
            if len(title) <= 3 * len(element.text_content()) <= 3 * len(title):
                yield text if _is_repeated(text := _seen(element) or "", title) else None


def _is_repeated(text: str, title: str) -> bool:
    return len(text) * 3 >= len(title) and text.casefold() in title.casefold()


def _seen(element: Element) -> str | None:
    """Return what a reader sees of *element*: lines and labels in it are words of their own."""
    return line(etree.tostring(element, encoding="unicode", with_tail=False))


def _named(tree: Element) -> dict[str, str]:
    """Return the first text of each meta element, by its lower-case name, property or itemprop."""
    named: dict[str, str] = {}
    for element in tree.xpath("//meta[@content]"):
        text = line(element.get("content") or "")
        for attribute in ("property", "name", "itemprop"):
            if (name := element.get(attribute)) and text:
                named.setdefault(name.strip().lower(), text)
    return named


def _times(tree: Element) -> Iterator[str | None]:
    """Yield the dates of the page's time elements, those marked as the publication's first."""
    for path in (
        "//*[@itemprop='datePublished']",
        "//time[@pubdate]",
        "//abbr[@title and contains(@class, 'published')]",
    ):
        for element in tree.xpath(path)[:1]:
            yield element.get("datetime") or element.get("content") or element.get("title")
            yield clean(element.text_content())
    yield from _timed(tree, f"//*[self::article or self::main or self::header][.//h1]//time[not({ELSEWHERE})]")
    yield from _timed(tree, f"//article//time[not({ELSEWHERE})]")


def _timed(tree: Element, path: str) -> Iterator[str | None]:
    """Yield what the first time element at *path* says, to machines and to readers."""
    for element in tree.xpath(path)[:1]:
        yield element.get("datetime") or element.get("content")
        yield clean(element.text_content())


def _marked_authors(tree: Element) -> Iterator[str]:
    """Yield the names in elements marked as the author's: short ones, for some sites mark whole biographies."""
    for element in tree.xpath("//*[@itemprop='author' or @rel='author']")[:3]:
        name = clean(element.text_content())
        if 2 <= len(name.split()) <= 4:
            yield name


def _linked_data(tree: Element) -> Iterator[Mapping[str, object]]:
    for element in tree.xpath("//script[contains(@type, 'ld+json')]"):
        text = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[)|(?:-->|//\s*\]\]>)\s*$", "", element.text_content() or "")
        try:
            data: object = json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _nodes(data)


def _nodes(data: object) -> Iterator[Mapping[str, object]]:
    """Yield the objects of *data*, a graph's and a list's members among them, and what a page is about."""
    waiting = [data]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting[:0] = value
        elif isinstance(value, dict):
            yield value
            waiting[:0] = [value[name] for name in ("@graph", "mainEntity", "mainEntityOfPage") if name in value]


def _is_article(node: Mapping[str, object]) -> bool:
    kinds = node.get("@type")
    return any(
        isinstance(kind, str) and ARTICLE_TYPES.search(kind) for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def _is_about(node: Mapping[str, object], own: Iterable[str]) -> bool:
    """Return whether *node* has a headline that the page's *own* repeat; a list of teasers has others."""
    headline = _words(node.get("headline"))
    return headline is not None and any(headline.casefold() in text.casefold() for text in own)


def _people(value: object) -> Iterator[str]:
    """Yield the names in *value*: a text, an object with a name, or a list of these; an address is no name."""
    for each in value if isinstance(value, list) else [value]:
        name = each.get("name") if isinstance(each, dict) else each
        for one in name if isinstance(name, list) else [name]:
            if isinstance(one, str) and (text := line(one)) and not text.startswith(("http:", "https:", "@")):
                yield text


def _words(value: object) -> str | None:
    """Return *value*, or the first of a list, as a clean text."""
    first = next(iter(value), None) if isinstance(value, list) else value
    return line(first) if isinstance(first, str) else None


def _first(named: Mapping[str, str], names: Iterable[str]) -> str | None:
    return next((named[name] for name in names if name in named), None)


def _texts(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))
