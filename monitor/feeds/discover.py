"""The feeds behind a page, and feeds from and to other readers (OPML).  Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from urllib.parse import urljoin, urlsplit

from lxml import etree

from monitor.errors import ParseError
from monitor.feeds import encoding
from monitor.feeds.prescan import MOST_TAGS, tree
from monitor.feeds.sitemap import parts
from monitor.model import Document, Feed, FeedId
from monitor.text import fold, script, skeleton

LONGEST_ID = 60  # characters; feeds.yaml takes 100, people read fewer


# ------------------------------------------------------------------ the feeds behind a page

FORMS = {
    "application/rss+xml": "rss",
    "application/atom+xml": "atom",
    "application/rdf+xml": "rdf",
    "application/feed+json": "json",
    "application/json": "json",  # of JSON Feed 1.0, and of much else
    "application/xml": "xml",
    "text/xml": "xml",
}
LOOKS_LIKE_A_FEED = re.compile(r"(?:^|[/.?&=_-])(?:rss|feeds?|atom|rdf)(?:$|[/.?&=_\d-])", re.IGNORECASE)
SITEMAP = re.compile(r"^\ufeff?[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2048})", re.IGNORECASE | re.MULTILINE)
OF_COMMENTS = re.compile(r"comment|kommentar|komentar|comentario|commentaire|replies", re.IGNORECASE)
MOST_LINKS = 50  # of one page; nobody chooses among more
LONGEST_TITLE = 200  # characters
LONGEST_TOLD = 300  # characters of an address in a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A feed that a page names, or a sitemap that a site does."""

    url: str
    title: str | None = None
    form: str | None = None  # rss, atom, rdf, json, xml, sitemap; None where only the address looks like one
    is_plain: bool = False  # declared as JSON of no special kind: WordPress names every page's data so

    @property
    def is_feed(self) -> bool:
        """Whether it says that it is one."""
        return not self.is_plain and self.form != "sitemap"


def links(html: bytes, base: str) -> tuple[Found, ...]:
    """Return the feeds that the page *html* at *base* names, the likeliest first.

    First what it declares (`rel=alternate`), in its order; then what it links
    to by addresses that look like a feed's; feeds of comments after these, and
    what is declared as JSON of any kind last.
    """
    page = _page(html)
    if page is None:
        return ()
    own = next((each.get("href") for each in page.iter("base")), None)
    base = _joined(base, own or "") or base
    found: dict[str, Found] = {}
    for each in (*_declared(page, base), *_linked(page, base)):
        found.setdefault(each.url, each)
    return tuple(sorted(found.values(), key=_is_unlikely))[:MOST_LINKS]


def named(page: Document) -> str:
    """Return the words that tell of the likeliest feed that *page* names; none where it names none."""
    found = next(
        (each.url for each in links(page.body, page.url) if each.is_feed and len(each.url) < LONGEST_TOLD), None
    )
    return f"; it names {found}" if found else ""


def sitemaps(body: bytes, base: str) -> tuple[Found, ...]:
    """Return the sitemaps that *body* at *base* names, a robots.txt (RFC 9309, section 2.2.4) or an index of them."""
    text, _ = encoding.decoded(body, None)
    addresses = (*SITEMAP.findall(text), *parts(text.strip("\ufeff \t\r\n")))
    urls = dict.fromkeys(url for address in addresses if (url := _joined(base, address)))
    return tuple(Found(url=url, form="sitemap") for url in urls)[:MOST_LINKS]


def _page(html: bytes) -> etree._Element | None:
    text, _ = encoding.decoded(html, None)
    if text.count("<") > MOST_TAGS:
        return None
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True)
    try:
        return etree.fromstring(encoding.sayable(text).encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        return None


def _declared(page: etree._Element, base: str) -> Iterator[Found]:
    for link in page.iter("link"):
        rel, kind = (link.get("rel") or "").lower().split(), (link.get("type") or "").partition(";")[0].strip().lower()
        url = _joined(base, link.get("href") or "")
        if url and kind in FORMS and ("alternate" in rel or "feed" in rel):
            yield Found(url=url, title=_line(link.get("title")), form=FORMS[kind], is_plain=kind == "application/json")


def _linked(page: etree._Element, base: str) -> Iterator[Found]:
    for link in page.iter("a"):
        url = _joined(base, link.get("href") or "")
        if url and LOOKS_LIKE_A_FEED.search(url.partition("//")[2].partition("#")[0]):
            yield Found(url=url, title=_line("".join(link.itertext())))


def _is_unlikely(found: Found) -> tuple[bool, bool]:
    return found.is_plain, bool(OF_COMMENTS.search(f"{found.url} {found.title or ''}"))


def _line(text: str | None) -> str | None:
    return " ".join((text or "").split())[:LONGEST_TITLE] or None


def _joined(base: str, url: str) -> str | None:
    """Return *url* as seen from *base*, without its fragment; None if that is no address of the web."""
    try:
        joined = urljoin(base, re.sub(r"[\t\r\n]", "", url.strip())).partition("#")[0] if url.strip() else ""
        parts = urlsplit(joined)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return joined if good and not re.search(r"\s", joined) else None


# ------------------------------------------------------------------ OPML


def opml(feeds: Iterable[Feed]) -> str:
    """Return *feeds* as OPML 2.0, which other readers import: title, address, language, section and folder."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = "media monitor"
    body = etree.SubElement(root, "body")
    for feed in feeds:
        title = feed.outlet or feed.id
        told = {
            "text": title,
            "title": title,
            "type": "rss",
            "xmlUrl": feed.url,
            "language": feed.language,
            "category": feed.labels.get("folder") or feed.section,
        }
        etree.SubElement(body, "outline", {name: encoding.sayable(value) for name, value in told.items() if value})
    etree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{etree.tostring(root, encoding="unicode")}\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What an OPML file lists: its feeds, and the addresses in it that are none of the web."""

    feeds: tuple[Feed, ...]
    left_out: tuple[str, ...]


def from_opml(file: bytes) -> Listed:
    """Return the feeds that the OPML *file* lists, in whatever encoding, each address once; ParseError without one.

    Ids are made of titles, else of hosts.  The folders that a feed lies in, or
    its category, become its label `folder`.
    """
    feeds: dict[str, Feed] = {}
    left_out: dict[str, None] = {}
    taken: set[str] = set()
    text, _ = encoding.decoded(file, None)
    for outline in tree(text).iter("{*}outline"):
        told = {str(name).lower(): _line(str(value)) for name, value in outline.attrib.items()}
        url = _joined("", re.sub(r"^feed:(//|(?=https?:))", _web, told.get("xmlurl") or "", flags=re.IGNORECASE))
        if url is None and told.get("xmlurl"):
            left_out[str(told["xmlurl"])] = None
        if url is None or url in feeds:
            continue
        title = told.get("title") or told.get("text")
        folder = _folder(outline) or (told.get("category") or "").strip("/")
        id = new_id(title, url, taken)
        taken.add(id)
        feeds[url] = Feed(
            id=id,
            url=url,
            outlet=title,
            language=_language(told.get("language")),
            labels={"folder": folder} if folder else {},
        )
    if not feeds:
        raise ParseError("this lists no feeds; an OPML file has outlines with an xmlUrl")
    return Listed(feeds=tuple(feeds.values()), left_out=tuple(left_out))


def _web(found: re.Match[str]) -> str:
    return "http://" if found[1] else ""


def _folder(outline: etree._Element) -> str:
    above = (each for each in outline.iterancestors("{*}outline") if each.get("xmlUrl") is None)
    return "/".join(reversed([name for each in above if (name := _line(each.get("text") or each.get("title")))]))


def _language(text: str | None) -> str | None:
    found = re.match(r"([A-Za-z]{2,3})(?:[-_]|$)", text or "")
    return found[1].lower() if found else None


def new_id(title: str | None, url: str, taken: Collection[str]) -> FeedId:
    """Return an id for the feed *title* at *url* that is not *taken*: the title in plain letters, else the host."""
    host = (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("feeds.").removeprefix("rss.")
    stem = _plain(title or "") or _plain(host) or "feed"
    named = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
    return FeedId(next(name for name in named if name not in taken))


def _plain(text: str) -> str:
    """Return *text* in what an id may hold, Cyrillic spelt out; nothing if little is left."""
    letters = skeleton(text) if script(text) == "cyrillic" else fold(text).replace("đ", "dj")
    plain = re.sub(r"[^a-z0-9]+", "-", letters).strip("-")[:LONGEST_ID].strip("-")
    return plain if len(plain) > 1 else ""
