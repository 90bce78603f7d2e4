"""The bytes of a document → what the feed says.  Pure; feedparser lives here and nowhere else.

It runs in a process that may be killed (pool.py): limits keep the known bombs
out, and the deadline keeps out the others.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import feedparser

from monitor.errors import ParseError, WebPage
from monitor.feeds import encoding, jsonfeed, sitemap
from monitor.feeds.fingerprint import fingerprint, listed, pruned
from monitor.feeds.hints import Hints, longest, pages
from monitor.feeds.prescan import MARKED, MOST_ITEMS, Scan, scan
from monitor.model import Document, Entry, Listing

MOST = 10_000_000  # bytes, the same as of what is fetched
WEB_PAGE = re.compile(  # atomic: no way back, so linear
    r"(?>\s+|<!--.*?-->)*+<(?:!doctype\s+html|html|head|body|div|p|h1|script)\b", re.IGNORECASE | re.DOTALL
)
FEED_ROOTS = frozenset({"rss", "feed", "rdf", "channel"})
HEADERS = {"content-type": "application/xml; charset=utf-8"}

feedparser.api.PREFERRED_XML_PARSERS = ["monitor.feeds.expat"]  # instead of drv_libxml2, which nobody has

Found = dict[str, object]
"""What feedparser found.  Its dicts answer for one key with another's value, so they are asked as plain dicts."""


def parse(document: Document, known: Collection[int] = (), before: str | None = None) -> Listing:
    """Return what *document* lists: RSS of any version, Atom, RDF, JSON Feed or a news sitemap.

    Entries keep the publisher's order, ids and dates as they are written;
    addresses are absolute; what is not marked up is escaped, so that every text
    is markup.  Entries whose fingerprints are *known* are left out unless it
    takes them to tell a wanted one from others; where every entry is known, the
    document's words about itself are cut to what a schedule needs.  ParseError
    says in plain words why there is nothing to be read; a feed without entries
    is a feed.
    """
    text, note = encoding.decoded(encoding.unpacked(document.body, MOST), document.content_type)
    text = text.strip("\ufeff \t\r\n\0")
    if not text:
        raise ParseError("the document is empty")
    listing = _read_text(text, known, before)
    notes = "; ".join(filter(None, (note, listing.note)))
    return pruned(_absolute(replace(listing, note=notes or None), document), frozenset(known))


def _read_text(text: str, known: Collection[int], before: str | None) -> Listing:
    if text[0] in "{[":
        return jsonfeed.read(text, most=MOST_ITEMS)
    return sitemap.read(text, most=MOST_ITEMS) if sitemap.is_sitemap(text) else _from_xml(text, known, before)


def _from_xml(text: str, known: Collection[int], before: str | None) -> Listing:
    if "<" not in text:
        raise ParseError("this is neither XML nor JSON")
    scanned = scan(text, known, before)
    root = (scanned.root or "").lower()
    if root == "html" or (root not in FEED_ROOTS and WEB_PAGE.match(text)):
        raise WebPage("this is a web page, not a feed")
    listing = _listing({} if scanned.xml is None else _read(scanned.xml), scanned)
    if not listing.listed and root not in FEED_ROOTS and listing.form == "xml":
        raise ParseError(f"this is XML, but no feed: <{scanned.root}>" if root else "this is no feed")
    return listing


def _read(xml: bytes) -> Found:
    try:
        found: Found = feedparser.parse(
            io.BytesIO(xml), response_headers=HEADERS, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # feedparser 6.0.14 lets its own mistakes out of parse()
        raise ParseError(f"feedparser gave up on it: {type(error).__name__}") from error
    return found


# ------------------------------------------------------------------ feedparser's words → ours


def _listing(found: Found, scanned: Scan) -> Listing:
    feed = _dict(found, "feed")
    form = _form(str(dict.get(found, "version") or ""))
    items = _dicts(found, "entries")[:MOST_ITEMS]
    entries = tuple(_entries(items, form, scanned))
    prints = () if scanned.root is None and items else scanned.listed
    hints = scanned.hints or _hints(feed)
    cut = f"{MOST_ITEMS:,} of {scanned.items:,} items read" if scanned.items > MOST_ITEMS else None
    return Listing(
        title=_markup(feed, "title"),
        language=_text(feed, "language"),
        home=_text(feed, "link"),
        form=form,
        ttl=hints.ttl,
        skip_hours=hints.skip_hours,
        skip_days=hints.skip_days,
        previous=hints.previous,
        hub=hints.hub,
        topic=hints.topic,
        note="; ".join(filter(None, (scanned.note, cut))) or None,
        listed=tuple(dict.fromkeys((*prints, *listed(entries)))),
        entries=entries,
        others=scanned.others,
        inside=scanned.inside,
    )


def _hints(feed: Found) -> Hints:
    """Return what *feed* asks for and names where feedparser alone could read its header."""
    links = [(_text(link, "rel") or "", href) for link in _dicts(feed, "links") if (href := _text(link, "href"))]
    previous, hub, topic = pages(links)
    ttl = longest(
        minutes=_text(feed, "ttl"),
        period=_text(feed, "sy_updateperiod"),
        frequency=_text(feed, "sy_updatefrequency"),
    )
    return Hints(ttl=ttl, previous=previous, hub=hub, topic=topic)


def _entries(items: Sequence[Found], form: str, scanned: Scan) -> Iterator[Entry]:
    """Yield *items* with the fingerprints that they were marked with.

    An item that could not be marked, because it stands inside another, goes
    with the one before.  Where no tree could be marked, the pieces of text are
    taken one by one, if there are as many; else an item's own words are its
    fingerprint.
    """
    in_order = scanned.listed if scanned.root is None and len(scanned.listed) == len(items) else (None,) * len(items)
    marks = {} if scanned.root is None else {str(each): each for each in scanned.listed}
    mark: int | None = None
    for item, print_ in zip(items, in_order, strict=True):
        entry = _entry(item, form)
        mark = print_ if scanned.root is None else marks.get(_text(item, MARKED) or "", mark)
        yield replace(entry, fingerprint=fingerprint(repr(entry).encode("utf-8", "replace")) if mark is None else mark)


def _form(version: str) -> str:
    if version in ("rss090", "rss10"):
        return "rdf"
    return next((form for form in ("rss", "atom", "cdf") if version.startswith(form)), "xml")


def _entry(item: Found, form: str) -> Entry:
    summary, content = _markup(item, "summary"), _content(item)
    published, updated = _text(item, "published"), _text(item, "updated")
    if form != "atom" and published is None:
        published, updated = updated, None  # dc:date, the only date that RSS 1.0 has
    return Entry(
        id=_text(item, "id"),
        url=_url(item),
        title=_markup(item, "title"),
        summary=summary if "summary_detail" in item and summary != content else None,  # else feedparser's copy
        content=content,
        published=published,
        updated=updated,
        authors=tuple(dict.fromkeys(_authors(item))),
        categories=tuple(dict.fromkeys(_categories(item))),
        language=_text(item, "language") or _text(_dict(item, "title_detail"), "language"),
        source=_source(item),
        credit=next((name for each in _dicts(item, "media_credit") if (name := _text(each, "content"))), None),
    )


def _content(item: Found) -> str | None:
    """Return the content that says most: marked up rather than plain, the first of those."""
    contents = [each for each in _dicts(item, "content") if _text(each, "value")]
    best = next((each for each in contents if _text(each, "type") != "text/plain"), contents[0] if contents else None)
    return None if best is None else _escaped(_text(best, "value"), _text(best, "type"))


def _url(item: Found) -> str | None:
    """Return the address of *item*'s page: the publisher's own before a feed service's, a link before an id."""
    links = _dicts(item, "links")
    alternates = [_text(link, "href") for link in links if (_text(link, "rel") or "alternate") == "alternate"]
    own = _text(item, "id") or ""
    guid = own if re.match(r"https?://", own) else None
    link = _text(item, "link")
    for candidate in (
        _text(item, "feedburner_origlink"),
        None if link == own and not links else link,
        *alternates,
        guid,
    ):
        if candidate:
            return candidate
    return None


def _authors(item: Found) -> Iterator[str]:
    for author in _dicts(item, "authors"):
        if name := _text(author, "name"):
            yield html.escape(name, quote=False) if "<" in name else name


def _categories(item: Found) -> Iterator[str]:
    for tag in _dicts(item, "tags"):
        if name := _text(tag, "label") or _text(tag, "term"):
            yield name


def _source(item: Found) -> str | None:
    named = _text(_dict(item, "source"), "title") or _text(item, "dc_source")
    misused = named is None or named.startswith(("http:", "https:")) or named == _text(item, "title")
    return None if misused else named


def _markup(found: Found, key: str) -> str | None:
    return _escaped(_text(found, key), _text(_dict(found, f"{key}_detail"), "type"))


def _escaped(text: str | None, kind: str | None) -> str | None:
    return html.escape(text, quote=False) if text and kind == "text/plain" else text


def _text(found: Found, key: str) -> str | None:
    value = dict.get(found, key)
    return value.strip() or None if isinstance(value, str) else None


def _dict(found: Found, key: str) -> Found:
    value = dict.get(found, key)
    return value if isinstance(value, dict) else {}


def _dicts(found: Found, key: str) -> Sequence[Found]:
    value = dict.get(found, key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


# ------------------------------------------------------------------ addresses


def _absolute(listing: Listing, document: Document) -> Listing:
    """Return *listing* with every address absolute and of the web; what Link headers name goes first.

    xml:base has been applied already, and nothing with a relative address has
    been left out.  A relative address of RSS is the site's, which may be another
    host than the feed's; Atom's is the document's (RFC 4287).
    """
    url = document.url
    home = _joined(url, listing.home)
    base = url if listing.form == "atom" else home or url
    _, hub, topic = pages(document.links)
    return replace(
        listing,
        home=home,
        previous=_joined(url, listing.previous),
        hub=hub or _joined(url, listing.hub),
        topic=topic or _joined(url, listing.topic),
        entries=tuple(replace(entry, url=_joined(base, entry.url)) for entry in listing.entries),
    )


def _joined(base: str, url: str | None) -> str | None:
    if not url:
        return None
    try:
        joined = urljoin(base, re.sub(r"[\t\r\n]+\s*", "", url.strip()))
        parts = urlsplit(joined)
    except ValueError:
        return None
    return joined if parts.scheme in ("http", "https") and parts.netloc else None
