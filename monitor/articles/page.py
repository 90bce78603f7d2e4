"""An HTML page → the article on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from lxml import etree, html
from trafilatura.utils import decode_file

from monitor import dates
from monitor.articles.content import content, is_lede, says
from monitor.articles.flattened import Head, is_flattened, is_info, read_on
from monitor.articles.furniture import sort_out
from monitor.articles.language import language_of, primary
from monitor.articles.markup import Block, blocks
from monitor.articles.meta import Meta, meta_of
from monitor.articles.normalise import article_from_text
from monitor.articles.pieces import kind_of
from monitor.articles.sections import MOST_WORDS, is_section, spelt
from monitor.articles.titles import headline_of
from monitor.articles.urls import canonical_url, is_site_root
from monitor.model import Article, ArticleId, Feed, Furniture, Precision, Published, StoryId, ZoneSource, derive

OVER = 6  # blocks over the headline in which the section may stand; a choice
CRUMBS = re.compile(r"\s*[/|»›>\n]\s*")
DAY_IN_PATH = re.compile(r"/((?:19|20)\d{2})[/-](\d{1,2})[/-](\d{1,2})(?=[/_-]|$)")
LONGEST_PAGE = 5_000_000  # characters; twice the longest page of the corpus (2.2 MB)


def article_from_html(body: bytes | str, feed: Feed | None, *, url: str | None, seen_at: datetime) -> Article:
    """Return the article of the HTML page *body*, found at *url*, as *feed* would carry it."""
    text = (body if isinstance(body, str) else decode_file(body))[:LONGEST_PAGE]
    meta = _meta(text)
    told = headline_of(meta, url)
    headline = told.text if told else None
    all_blocks = blocks(text)
    if is_flattened(plain := "\n\n".join(block.text for block in all_blocks)):
        return article_from_text(plain, feed, url=url, seen_at=seen_at, headline=headline)
    before, found = content(text, all_blocks, url=url, meta=meta, headline=headline)
    head, rest = _head(found, headline, meta)
    sorted_out = sort_out(rest, template=False)
    address = _address(url, meta)
    known_by = ArticleId(derive("article", address) if address else derive("article", headline or "", *sorted_out.body))
    words = " ".join(part for part in (headline, head.lede, *sorted_out.body) if part)
    aside = (
        *(Furniture(kind=mark.kind, text=mark.text) for mark in head.marks),
        *(Furniture(kind="caption", text=caption) for caption in head.captions),
    )
    return Article(
        id=known_by,
        url=address,
        headline=headline,
        section=(feed.section if feed else None) or _section(meta, before) or head.section,
        lede=head.lede,
        body=sorted_out.body,
        source=head.value("source") or sorted_out.source,
        byline=", ".join(meta.authors) or head.value("byline") or sorted_out.byline,
        credit=head.value("credit") or sorted_out.credit,
        published=_published(meta, head, address, feed.timezone if feed else None, seen_at),
        seen_at=seen_at,
        language=(primary(feed.language) if feed else None) or language_of(words, meta.language),
        outlet=(feed.outlet if feed else None) or next(iter(meta.sites), None),
        country=feed.country if feed else None,
        feed=feed.id if feed else None,
        labels=feed.labels if feed else {},
        related=sorted_out.related,
        furniture=(*aside, *sorted_out.furniture),
        story=StoryId(known_by),
    )


def _meta(text: str) -> Meta:
    try:
        return meta_of(
            html.document_fromstring(text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8"))
        )
    except (etree.LxmlError, ValueError):
        return Meta()


def _address(url: str | None, meta: Meta) -> str | None:
    """Return the address of the page: the one it calls its own, where that names a page at all."""
    own = canonical_url(meta.url)
    return own if own and not is_site_root(own) else canonical_url(url)


def _head(found: Sequence[Block], headline: str | None, meta: Meta) -> tuple[Head, list[Block]]:
    """Return what stands over the article, its lede before all, and the blocks after that."""
    rest = [block for block in found if not (headline and says(block, headline))]
    head = Head(headline=headline)
    if rest and is_section(rest[0].text):
        head.section = rest.pop(0).text
    at = next((index for index, block in enumerate(rest[:4]) if is_lede(block, meta) or _is_text(block)), None)
    if at is not None and is_lede(rest[at], meta):
        head.lede = rest.pop(at).text.replace("\n", " ")
    return head, read_on(head, rest, known=False)


def _is_text(block: Block) -> bool:
    """Return whether *block* is a paragraph of the article, after which no lede comes."""
    return block.kind == "paragraph" and kind_of(block).kind is None and not is_info(block.text.replace("\n", " "))


def _section(meta: Meta, before: Sequence[Block]) -> str | None:
    """Return the section that the page names, or that stands right over its headline."""
    near = [block for block in reversed(before[-OVER:]) if block.kind != "item" or block.hint or not block.link]
    over = (part for block in near for part in reversed(CRUMBS.split(block.text)))
    known = next(filter(is_section, over), None)
    return next(iter(meta.sections), None) or (known and spelt(known)) or _of_the_menu(before) or _of_the_path(near)


def _of_the_path(near: Sequence[Block]) -> str | None:
    """Return the last step of a path such as "Home › Rivers", the blocks *near* the headline being nearest first."""
    paths = (CRUMBS.split(block.text) for block in near if block.hint == "section")
    steps = next((steps for steps in paths if len(steps) > 1), [""])
    return steps[-1] if 0 < len(steps[-1].split()) <= MOST_WORDS else None


def _of_the_menu(before: Sequence[Block]) -> str | None:
    """Return the link right over the headline if it is one of the site's menu, too, and not the menu's last."""
    over, near = before[-2:-1], before[-3:-2]
    if not over or not over[0].link or len(over[0].text.split()) > MOST_WORDS:
        return None
    text = over[0].text
    earlier = [i for i, block in enumerate(before[:-2]) if block.link and f" {text} " in f" {block.text} "]
    repeated = any(index and near and before[index - 1].text == near[0].text for index in earlier)
    return text if earlier and not repeated else None


def _published(meta: Meta, head: Head, url: str | None, zone: str | None, seen_at: datetime) -> Published | None:
    """Return when the page says that it appeared: its first date, or one of the same day that knows the hour too.

    Its address is asked then, …/2023/07/08/bridge-opens tells a day, and last a
    time element that may be another article's.  Of several that mean the same
    instant one that names its zone is taken.
    """
    shown = [mark.value for mark in head.marks if mark.kind == "date"]
    addressed = DAY_IN_PATH.search(urlsplit(url).path) if url else None
    texts = (*meta.dates, *shown, "-".join(addressed.groups()) if addressed else "", *meta.loose)
    found = [told for text in texts if (told := dates.published(text, zone, seen_at=seen_at)) is not None]
    same = (told for told in found if told.instant() == found[0].instant() and told.zone_source is ZoneSource.EXPLICIT)
    if found and found[0].zone_source is not ZoneSource.EXPLICIT:
        found[:0] = list(same)[:1]
    if not found or found[0].precision is not Precision.DAY:
        return next(iter(found), None)
    return next(
        (told for told in found if told.at.date() == found[0].at.date() and told.precision is not Precision.DAY),
        found[0],
    )
