"""A news sitemap → a Listing.  Pure.

<https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap>:
the pages of a site from the last two days, each with its headline and date.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator

from lxml import etree

from monitor import dates
from monitor.errors import ParseError
from monitor.feeds.fingerprint import fingerprint, listed
from monitor.feeds.repair import encoded, repaired, without_doctype
from monitor.model import Entry, Listing

ROOT = re.compile(r"(?>\s+|<\?.*?\?>|<!--.*?-->)*+<(?:\w{1,20}:)?(urlset|sitemapindex)[\s>]", re.DOTALL)
LOCATION = re.compile(r"<(?:\w{1,20}:)?loc>([^<]{1,2048})<")
MOST_TAGS = 1_000_000  # a sitemap has at most 50,000 pages (sitemaps.org)
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"
OLDEST = float("-inf")


def is_sitemap(text: str) -> bool:
    """Return whether *text* begins as a sitemap does, of news or not."""
    return ROOT.match(text) is not None


def parts(text: str) -> tuple[str, ...]:
    """Return the addresses of the sitemaps that *text*, an index of them, lists: those named after news first."""
    if not (found := ROOT.match(text)) or found[1] != "sitemapindex" or text.count("<") > MOST_TAGS:
        return ()
    addresses = (html.unescape(each.strip()) for each in LOCATION.findall(text))
    return tuple(sorted(filter(None, addresses), key=lambda address: "news" not in address.lower()))


def read(text: str, *, most: int) -> Listing:
    """Return the pages of *text* that carry news, the *most* youngest of them; ParseError where none does.

    A sitemap has no title, but each of its pages names the publication.
    """
    if text.count("<") > MOST_TAGS:
        raise ParseError(f"more than {MOST_TAGS:,} tags")
    found = ROOT.match(text)
    if found and found[1] == "sitemapindex":
        raise ParseError("this is an index of sitemaps; name the sitemap of the news itself")
    entries, note = _entries(text)
    if not entries:
        raise ParseError("this sitemap lists no news: no <news:news> in it; name the site's feed or its news sitemap")
    kept = entries
    if len(entries) > most:
        youngest = sorted(range(len(entries)), key=lambda n: (-_instant(entries[n]), n))[:most]
        kept = [entries[n] for n in sorted(youngest)]
        note = "; ".join(filter(None, (note, f"the youngest {most:,} of {len(entries):,} items read")))
    return Listing(title=kept[0].source, form="sitemap", note=note, listed=listed(kept), entries=tuple(kept))


def _entries(text: str) -> tuple[list[Entry], str | None]:
    body, entities = without_doctype(text)
    try:
        return list(_pages(body)), None
    except etree.XMLSyntaxError:
        mended = repaired(body, entities)
    try:
        return list(_pages(mended)), "XML that had to be repaired"
    except etree.XMLSyntaxError as error:
        raise ParseError(f"this is no XML that can be read: {error.msg}") from None


def _pages(text: str) -> Iterator[Entry]:
    """Yield the entry of each page with news; the tree is taken down behind it, so that memory stays bounded."""
    for _, page in etree.iterparse(
        io.BytesIO(encoded(text)),
        tag="{*}url",
        huge_tree=False,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    ):
        news, address = page.find(f"{NEWS}news"), (page.findtext("{*}loc") or "").strip()
        if news is not None and address:
            yield _entry(page, news, address)
        page.clear()
        parent = page.getparent()
        if parent is not None:
            parent.remove(page)


def _entry(page: etree._Element, news: etree._Element, address: str) -> Entry:
    written = etree.tostring(page, encoding="utf-8", with_tail=False)
    title = (news.findtext(f"{NEWS}title") or "").strip()
    keywords = (news.findtext(f"{NEWS}keywords") or "").split(",")
    return Entry(
        id=address,
        url=address,
        title=html.escape(title, quote=False) or None,
        published=(news.findtext(f"{NEWS}publication_date") or "").strip() or None,
        categories=tuple(dict.fromkeys(word for each in keywords if (word := each.strip()))),
        language=(news.findtext(f"{NEWS}publication/{NEWS}language") or "").strip() or None,
        source=html.escape((news.findtext(f"{NEWS}publication/{NEWS}name") or "").strip(), quote=False) or None,
        fingerprint=fingerprint(written),
    )


def _instant(entry: Entry) -> float:
    published = dates.published(entry.published)
    return published.instant().timestamp() if published else OLDEST
