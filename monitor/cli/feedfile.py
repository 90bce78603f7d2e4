"""feeds.yaml with a feed more or less: the feed is looked for, the result is loaded, and then it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.app import READ_WITHIN, Wire, wire
from monitor.articles.markup import line
from monitor.cli import show
from monitor.cli.exits import FAULT, fail
from monitor.daemon.files import put, source
from monitor.errors import ConfigError, FetchError, ParseError, UsageError
from monitor.feeds import edit
from monitor.feeds.discover import Found, links, new_id
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
    """Return the feed at *url*, or the first that the page there names and that can be read; FetchError without one."""
    probe = _probe(url, settings)
    if allow_private:
        probe = replace(probe, allow_private=True)
    hosts = Hosts()
    async with wire(settings) as opened:
        page = await _fetched(opened, hosts, probe)
        try:
            return await _read(opened, page, page.moved_to or probe.url)
        except ParseError as error:
            why = str(error)
        candidates = links(page.body, page.url)
        for n, each in enumerate(candidates[:MOST_TRIED], 1):
            try:
                document = await _fetched(opened, hosts, replace(probe, url=each.url))
                found = await _read(opened, document, each.url, each.title)
            except (FetchError, ParseError):
                continue
            return replace(found, others=tuple(other for other in candidates[n:] if not other.is_plain))
    tried = ", ".join(shown(each.url) for each in candidates[:MOST_TRIED])
    rest = f"the feeds that it names cannot be read: {tried}" if candidates else "it names no feed either"
    raise FetchError(f"{shown(url)}: {why}; {rest}")


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


async def _fetched(wire: Wire, hosts: Hosts, feed: Feed) -> Document:
    async with hosts.turn(feed.url, feed.host_gap, at_home=feed.allow_private):
        fetched = await wire.fetch(feed, Visits())
    if isinstance(fetched, Document):
        return fetched
    detail = fetched.detail if isinstance(fetched, Unreachable) else "it sent no document"
    raise FetchError(f"{shown(feed.url)}: {detail}")


async def _read(wire: Wire, document: Document, url: str, title: str | None = None) -> Readable:
    listing: Listing = await wire.pool.run(parse, document, limit=READ_WITHIN)
    name = show.plain(line(listing.title) or title or "")[:LONGEST_TITLE].strip()
    return Readable(url=url, title=name or None, entries=len(listing.entries))


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
