"""An entry, or a text → a clean article.  Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from monitor import dates
from monitor.articles.bounds import bounded
from monitor.articles.flattened import Page, is_flattened, take_apart, with_headline
from monitor.articles.furniture import Sorted, sort_out
from monitor.articles.identity import keys
from monitor.articles.language import language_of, primary
from monitor.articles.markup import blocks, line
from monitor.articles.sections import is_section
from monitor.articles.urls import canonical_url, is_site_root
from monitor.model import Article, ArticleId, Entry, Feed, FeedId, Listing, Scheme, Sighting, StoryId, derive

Form = Literal["text", "html", "feed", "jsonl"]

JSON_START = re.compile(r"\{\s*[\"}]|\[\s*[{\]]")
FEED_ROOT = re.compile(r"<(?:rss|feed|rdf:rdf|channel)[\s>]")
HTML_START = re.compile(
    r"^(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype html|html|head|body|article|main|div|p|h1)[\s>]", re.DOTALL
)
FEED_TYPES = frozenset(["application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"])

LONGEST_LEDE = 400  # characters of a description that stands alone; a longer one is the body (CONTRACT section 4)


def sightings(
    listing: Listing, feed: Feed, *, url: str, seen_at: datetime, scheme: Scheme | None = None
) -> tuple[Sighting, ...]:
    """Return every entry of *listing*, which *feed* brought from *url*, as a clean article; keys are by *scheme*.

    An article is known by its canonical address.  Where entries share one, where
    it is the site's root or where there is none, it is known by the feed and the
    entry's key.  The same entry listed twice is sighted once.  The entries that
    were left out as known count among those that share.
    """
    homes = {canonical_url(address) for address in (listing.home, url, feed.url)}
    addresses = [canonical_url(entry.url) for entry in listing.entries]
    told_apart = keys(listing.entries, scheme, listing.others)
    entries = {
        key: (entry, address) for key, entry, address in zip(told_apart, listing.entries, addresses, strict=True)
    }
    shared = Counter(address for _, address in entries.values())
    shared.update(canonical_url(other) for _, other in listing.others)
    found = []
    for key, (entry, address) in entries.items():
        own = address is not None and shared[address] == 1 and address not in homes and not is_site_root(address)
        told = derive("article", address) if own and address else derive("article", feed.id, key)
        article = article_from_entry(
            entry, feed, id=ArticleId(told), url=address, seen_at=seen_at, language=listing.language
        )
        found.append(Sighting(key=key, article=bounded(article), fingerprint=entry.fingerprint))
    return tuple(found)


def article_from_entry(
    entry: Entry, feed: Feed, *, id: ArticleId, url: str | None, seen_at: datetime, language: str | None = None
) -> Article:
    """Return *entry* of *feed* as the article *id*; *language* is what the whole document declares.

    A publisher whose text is a flattened page gives the fields that stand in its head, too.
    """
    headline = line(entry.title)
    page = _flattened(entry.content or entry.summary, headline, section=feed.section, url=url)
    lede, sorted_out = (page.lede, page.text) if page else lede_and_body(entry.summary, entry.content)
    headline = headline or (page.headline if page else None)
    text = " ".join(part for part in (headline, lede, *sorted_out.body) if part)
    told_at = (entry.published, entry.updated, page.date if page else None)
    published = next((at for told in told_at if (at := dates.published(told, feed.timezone, seen_at=seen_at))), None)
    unread = None if published else next(filter(None, told_at), None)
    return Article(
        id=id,
        url=url,
        headline=headline,
        section=feed.section or _section(entry.categories) or (page.section if page else None),
        lede=lede,
        body=sorted_out.body,
        source=line(entry.source) or (page.source if page else sorted_out.source),
        byline=", ".join(name for author in entry.authors if (name := line(author))) or sorted_out.byline,
        credit=line(entry.credit) or (page.credit if page else sorted_out.credit),
        published=published,
        unread_date=unread and unread[: dates.LONGEST],
        seen_at=seen_at,
        language=primary(feed.language) or language_of(text, entry.language or language),
        outlet=feed.outlet,
        country=feed.country,
        feed=feed.id,
        labels=feed.labels,
        related=sorted_out.related,
        furniture=sorted_out.furniture,
        story=StoryId(id),
    )


def _flattened(markup: str | None, headline: str | None, *, section: str | None, url: str | None) -> Page | None:
    """Return the page that *markup* holds in the flattened form, or None if it is a text like any other."""
    text = "\n\n".join(block.text for block in blocks(markup or ""))
    return with_headline(take_apart(text, section=section, url=url), headline) if is_flattened(text) else None


def article_from_fields(fields: Mapping[str, str], *, seen_at: datetime | None = None) -> Article:
    """Return the article that *fields* write out, as the tests of rules do: headline (or title), lede, body, ...

    The text passes the same normaliser as a feed's.  Raises ValueError on a field
    that no article has.
    """
    if unknown := sorted(set(fields) - FIELDS):
        raise ValueError(f"unknown field {', '.join(unknown)} (known: {', '.join(sorted(FIELDS))})")
    headline, lede = line(fields.get("headline") or fields.get("title")), line(fields.get("lede"))
    url = canonical_url(fields.get("url"))
    page = _flattened(fields.get("body"), headline, section=fields.get("section"), url=url)
    sorted_out = page.text if page else sort_out(blocks(fields.get("body", "")))
    if page:
        headline, lede = headline or page.headline, lede or page.lede
    told = ArticleId(derive("article", url or "", *(text for pair in sorted(fields.items()) for text in pair)))
    text = " ".join(part for part in (headline, lede, *sorted_out.body) if part)
    return Article(
        id=told,
        url=url,
        headline=headline,
        section=line(fields.get("section")) or (page.section if page else None),
        lede=lede,
        body=sorted_out.body,
        source=line(fields.get("source")) or (page.source if page else sorted_out.source),
        byline=line(fields.get("byline")) or sorted_out.byline,
        credit=line(fields.get("credit")) or (page.credit if page else sorted_out.credit),
        published=dates.published(fields.get("published_at") or (page.date if page else None)),
        seen_at=seen_at,
        language=primary(fields.get("language")) or language_of(text, None),
        outlet=line(fields.get("outlet")),
        country=line(fields.get("country")),
        feed=FeedId(fields["feed"]) if fields.get("feed") else None,
        related=sorted_out.related,
        furniture=sorted_out.furniture,
        story=StoryId(told),
    )


FIELDS = frozenset(
    [
        *("headline", "title", "lede", "body", "section", "source", "byline", "credit", "language"),
        *("outlet", "country", "feed", "url", "published_at"),
    ]
)
"""What the test of a rule may say of an article."""


def article_from_text(
    text: str, feed: Feed | None, *, url: str | None, seen_at: datetime, headline: str | None = None
) -> Article:
    """Return the article that the *text* of a page without its markup tells, as *feed* would carry it.

    Where its *headline* is known, that parts it from the lede.
    """
    page = with_headline(take_apart(text, section=feed.section if feed else None, url=url), headline)
    address = canonical_url(url)
    told = ArticleId(
        derive("article", address)
        if address
        else derive("article", page.headline or "", page.lede or "", *page.text.body)
    )
    words = " ".join(part for part in (page.headline, page.lede, *page.text.body) if part)
    return Article(
        id=told,
        url=address,
        headline=page.headline,
        section=page.section or (feed.section if feed else None),
        lede=page.lede,
        body=page.text.body,
        source=page.source,
        byline=page.text.byline,
        credit=page.credit,
        published=dates.published(page.date, feed.timezone if feed else None, seen_at=seen_at),
        seen_at=seen_at,
        language=(primary(feed.language) if feed else None) or language_of(words, None),
        outlet=feed.outlet if feed else None,
        country=feed.country if feed else None,
        feed=feed.id if feed else None,
        labels=feed.labels if feed else {},
        related=page.text.related,
        furniture=page.text.furniture,
        story=StoryId(told),
    )


def form_of(body: bytes, content_type: str | None) -> Form:
    """Return in which form *body* holds articles: as it begins, or as *content_type* says where that tells nothing."""
    start = body[:4096].decode("utf-16" if body[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace")
    start = start.lstrip("\ufeff \t\r\n").lower()
    kind = (content_type or "").partition(";")[0].strip().lower()
    if JSON_START.match(start):
        return "feed" if b"jsonfeed.org" in body[:65_536] and b'"items"' in body else "jsonl"
    if FEED_ROOT.search(start):
        return "feed"
    if HTML_START.search(start):
        return "html"
    if start.startswith("<?xml") or kind in FEED_TYPES:
        return "feed"
    if "ndjson" in kind or "jsonl" in kind:
        return "jsonl"
    return "html" if kind in ("text/html", "application/xhtml+xml") else "text"


def lede_and_body(summary: str | None, content: str | None) -> tuple[str | None, Sorted]:
    """Return the lede, and the body with what was set aside (CONTRACT section 4).

    Content is the body and the summary beside it the lede.  A summary alone is the
    lede if it is one paragraph of at most LONGEST_LEDE characters, else the body;
    so is one that only repeats the content.
    """
    body = sort_out(blocks(content or ""))
    short = sort_out(blocks(summary or ""))
    if body.body and short.body != body.body:
        lede = " ".join(short.body) or None
        return lede, _joined(body, short, body.body[1:] if lede == body.body[0] else body.body)
    alone = short if short.body else body
    whole = _joined(body, short, ())
    if summary and len(alone.body) == 1 and len(alone.body[0]) <= LONGEST_LEDE:
        return alone.body[0], whole
    return None, _joined(body, short, alone.body)


def _joined(body: Sorted, short: Sorted, paragraphs: Sequence[str]) -> Sorted:
    """Return *paragraphs* with what was set aside from the body and from the summary."""
    return Sorted(
        body=tuple(paragraphs),
        source=body.source or short.source,
        credit=body.credit or short.credit,
        byline=body.byline or short.byline,
        related=tuple(dict.fromkeys((*body.related, *short.related))),
        furniture=tuple(dict.fromkeys((*short.furniture, *body.furniture))),
    )


def _section(categories: Iterable[str]) -> str | None:
    """Return the category that is a section: one known as such, or the only one; of several tags none is."""
    names = [name for category in categories if (name := line(category))]
    known = next((name for name in names if is_section(name)), None)
    return known or (names[0] if len(names) == 1 else None)
