"""feeds.yaml with a feed more or less: the feed is looked for, the result is loaded, and then it is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

from monitor.app import READ_WITHIN, Wire, wire
from monitor.articles.markup import line
from monitor.cli import show
from monitor.cli.exits import FAULT, fail
from monitor.daemon.files import put, source
from monitor.errors import ConfigError, FetchError, ParseError, UsageError
from monitor.feeds import edit
from monitor.feeds.discover import Found, links, new_id, sitemaps
from monitor.feeds.hosts import Hosts
from monitor.feeds.parse import parse
from monitor.guard import shown
from monitor.model import Document, Feed, FeedId, Listing, Unreachable, Visits
from monitor.settings import Settings, load

FILE = "feeds.yaml"
MOST_TRIED = 10  # candidates of one page that are looked at
MOST_SHOWN = 20
LONGEST_TITLE = 100  # characters of a title that becomes an outlet's name

# ------------------------------------------------------------------ finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """A feed that was fetched and read."""

    url: str
    title: str | None
    entries: int
    others: tuple[Found, ...] = ()  # further ones that the page names, which were not looked at


async def feed_behind(url: str, settings: Settings, *, allow_private: bool) -> Readable:
    """Return the feed at *url*, or the first that can be read of those behind it; FetchError without one.

    Behind it are the feeds that the page there names, the sitemaps that an index
    there lists, and else those in the robots.txt of its site.
    """
    probe = _probe(url, settings)
    if allow_private:
        probe = replace(probe, allow_private=True)
    async with wire(settings) as opened:
        search = _Search(wire=opened, hosts=Hosts(), probe=probe)
        page = await search.fetched(probe.url)
        try:
            return await search.read(page, page.moved_to or probe.url)
        except ParseError as error:
            why = str(error)
        found = await search.first(links(page.body, page.url) or sitemaps(page.body, page.url))
        found = found or await search.first(await search.in_robots(page.url))
    if found is not None:
        return found
    tried = ", ".join(map(shown, search.tried))
    rest = f"what it and its robots.txt name cannot be read: {tried}" if tried else "it names no feed either"
    raise FetchError(f"{shown(url)}: {why}; {rest}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """The way to what may be feeds: each is asked as *probe* would be."""

    wire: Wire
    hosts: Hosts
    probe: Feed
    tried: list[str] = field(default_factory=list)

    async def first(self, named: Sequence[Found]) -> Readable | None:
        """Return the first of *named* that can be read; of an index of sitemaps, what it lists is next."""
        waiting = deque(named)
        while waiting and len(self.tried) < MOST_TRIED:
            each = waiting.popleft()
            if each.url in self.tried:
                continue
            self.tried.append(each.url)
            try:
                document = await self.fetched(each.url)
            except FetchError:
                continue
            try:
                found = await self.read(document, document.moved_to or each.url, each.title)
            except ParseError:
                waiting.extendleft(reversed(sitemaps(document.body, document.url)))
                continue
            return replace(found, others=tuple(other for other in waiting if other.is_feed))
        return None

    async def in_robots(self, url: str) -> tuple[Found, ...]:
        """Return the sitemaps that the robots.txt of the site of *url* names."""
        try:
            robots = await self.fetched(urljoin(url, "/robots.txt"))
        except FetchError:
            return ()
        return sitemaps(robots.body, robots.url)

    async def fetched(self, url: str) -> Document:
        feed = replace(self.probe, url=url)
        async with self.hosts.turn(url, feed.host_gap, at_home=feed.allow_private):
            fetched = await self.wire.fetch(feed, Visits())
        if isinstance(fetched, Document):
            return fetched
        detail = fetched.detail if isinstance(fetched, Unreachable) else "it sent no document"
        raise FetchError(f"{shown(url)}: {detail}")

    async def read(self, document: Document, url: str, title: str | None = None) -> Readable:
        listing: Listing = await self.wire.pool.run(parse, document, limit=READ_WITHIN)
        name = show.plain(line(listing.title) or title or "")[:LONGEST_TITLE].strip()
        return Readable(url=url, title=name or None, entries=len(listing.entries))


def named(others: Sequence[Found]) -> str:
    """Return the lines that tell of *others*, each of which can be added by its address; nothing without one."""
    lines = [f"\n  {shown(each.url)}{f'  ({show.plain(each.title)})' if each.title else ''}" for each in others]
    return f"\nthe page names more:{''.join(lines[:MOST_SHOWN])}" if lines else ""


def _probe(url: str, settings: Settings) -> Feed:
    """Return a feed at *url* as feeds.yaml would have it: with its defaults, headers among them."""
    item = {"id": "a-feed-that-is-looked-for", "url": url}
    text = edit.added(settings.files.get(FILE, ""), [item])
    try:
        return load(settings.folder, {**settings.files, FILE: text}).feeds[FeedId(item["id"])]
    except ConfigError as error:
        raise UsageError(f"{url}: {error.mistakes[0].message}") from error


# ------------------------------------------------------------------ writing


def add(settings: Settings, items: Sequence[edit.Item]) -> None:
    """Add *items* to feeds.yaml; where that cannot be, leave with FAULT and the lines to add by hand."""
    if not items:
        return
    path = settings.folder / FILE
    by_hand = "add under `feeds:`\n" + "\n".join(f"  - {edit.line(item)}" for item in items)
    text = edit.added(source(path), items)
    try:
        known = load(settings.folder, {**settings.files, FILE: text}).feeds
    except ConfigError as error:
        raise UsageError(f"what would be added does not load: {error.mistakes[0].message}") from error
    if not {item["id"] for item in items} <= known.keys():
        fail(f"error: {path} has a shape that is not edited; {by_hand}", FAULT)
    try:
        put(path, text)
    except OSError as error:
        fail(f"error: {path}: {error.strerror}; {by_hand}", FAULT)


def remove(settings: Settings, id: str) -> None:
    """Take the feed *id* out of feeds.yaml; where that cannot be, leave with FAULT."""
    path = settings.folder / FILE
    text = edit.removed(source(path), id)
    load(settings.folder, {**settings.files, FILE: text})
    try:
        put(path, text)
    except OSError as error:
        fail(f"error: {path}: {error.strerror}; take the feed {id} out by hand", FAULT)


def listed_in(listed: tuple[Feed, ...], settings: Settings) -> tuple[list[edit.Item], int]:
    """Return those of *listed* that feeds.yaml does not have, and how many it has."""
    urls, taken = {feed.url for feed in settings.feeds.values()}, set(settings.feeds)
    items: list[edit.Item] = []
    for feed in listed:
        if feed.url not in urls:
            id = feed.id if feed.id not in taken else new_id(feed.outlet, feed.url, taken)
            taken.add(id)
            items.append(_item(id, feed))
    return items, len(listed) - len(items)


def _item(id: FeedId, feed: Feed) -> edit.Item:
    texts = {"id": id, "url": feed.url, "outlet": feed.outlet, "language": feed.language}
    item = {key: show.plain(value) for key, value in texts.items() if value}
    return {**item, "labels": feed.labels} if feed.labels else item
