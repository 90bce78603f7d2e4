"""The flow in: feed → fetch → parse → normalise → dedupe → match → decide → outbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from monitor.articles.identity import scheme_of
from monitor.articles.normalise import sightings
from monitor.articles.rekeyed import Rekeyed
from monitor.catchup import Older, is_gap, older
from monitor.checkup import examine
from monitor.errors import ParseError, WebPage, fault_of_ours
from monitor.feeds.discover import named
from monitor.feeds.health import Finding
from monitor.feeds.parse import parse
from monitor.feeds.schedule import Wait, next_visit
from monitor.feeds.visits import counted, is_same, learned
from monitor.feeds.websub import Look, offered
from monitor.hold import hold
from monitor.model import (
    Alert,
    Article,
    Change,
    ChannelId,
    Clock,
    Document,
    Draw,
    Feed,
    Fetched,
    Listing,
    Scheme,
    Sighting,
    Unreachable,
    Visits,
)
from monitor.pushes import heed
from monitor.recognise import recognise, revise
from monitor.store import Store, Tx
from monitor.store.feeds import FeedClaim
from monitor.tell import Watch, tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a document says: its articles, or the fault that kept them from being read."""

    listing: Listing = field(default_factory=Listing)  # what it says about itself, without its entries
    sightings: tuple[Sighting, ...] = ()
    scheme: Scheme | None = None  # by which they were told apart
    fault: str | None = None
    older: Older = field(default_factory=Older)  # of the pages before it, where it held almost nothing known
    is_passing: bool = False  # the fault may be ours: the same document may be read another time

    @property
    def entries(self) -> tuple[Sighting, ...]:
        """What is listed and was not left out as known, older pages included."""
        return (*self.sightings, *self.older.sightings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What asking a feed's server came to, before anything of it is kept."""

    fetched: Fetched
    reading: Reading  # empty where there is nothing new to read
    began: datetime
    ended: datetime
    jitter: float  # a draw in [0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What the entries of a document came to."""

    fresh: tuple[Article, ...] = ()
    new: tuple[Article, ...] = ()  # those of them that are no known articles under new keys
    short: int = 0  # of them wait for their pages
    changes: tuple[Change, ...] = ()
    rekeyed: Rekeyed | None = None
    alerts: tuple[Alert, ...] = ()
    folded: Mapping[str, int] = field(default_factory=dict)  # why a match was not told → how many


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What one poll came to."""

    feed: Feed
    visits: Visits  # as they stand after it
    wait: Wait
    listed: int = 0
    pages: int = 0  # older ones that were read, too
    fresh: tuple[Article, ...] = ()
    short: int = 0  # of them wait for their pages
    changes: tuple[Change, ...] = ()
    rekeyed: Rekeyed | None = None
    alerts: tuple[Alert, ...] = ()
    folded: Mapping[str, int] = field(default_factory=dict)  # why a match was not told → how many
    became: Finding | None = None  # what the feed has become, if that is news


Fetch = Callable[[Feed, Visits], Awaitable[Fetched]]
Read = Callable[[Document, Feed, Visits, datetime], Awaitable[Reading]]


async def poll(
    claim: FeedClaim,
    feed: Feed,
    watch: Watch,
    *,
    fetch: Fetch,
    page: Fetch | None = None,
    read: Read,
    store: Store,
    clock: Clock,
    draw: Draw,
) -> Visit:
    """Bring *feed* up to date: from the wire to the outbox, with *page* for older documents where it lists too little.

    The network comes first, outside the transaction.  Everything that the visit
    taught us, the validators and the next due time included, is then kept in
    one commit: a crash anywhere leaves all of it or none, and the next poll
    repeats it.  Raises LeaseLost if somebody else took over meanwhile.
    """
    began = clock()
    fetched = await fetch(feed, claim.visits)
    reading = Reading()
    if isinstance(fetched, Document) and not is_same(claim.visits, fetched):
        reading = await read(fetched, feed, claim.visits, clock())
        reading = await _whole(reading, fetched, feed, claim.visits, fetch=page, read=read, store=store, clock=clock)
    asked = Asked(fetched=fetched, reading=reading, began=began, ended=clock(), jitter=draw())
    return await store.run(partial(keep, claim=claim, feed=feed, watch=watch, asked=asked))


async def _whole(
    reading: Reading,
    document: Document,
    feed: Feed,
    visits: Visits,
    *,
    fetch: Fetch | None,
    read: Read,
    store: Store,
    clock: Clock,
) -> Reading:
    """Return *reading* with what the pages before *document* hold, if it names any and holds almost nothing known."""
    if fetch is None or reading.listing.previous is None or document.is_delta:
        return reading

    async def page(url: str) -> Reading | None:
        fetched = await fetch(replace(feed, url=url), Visits())
        return await read(fetched, feed, visits, clock()) if isinstance(fetched, Document) else None

    return replace(reading, older=await older(reading, feed, visits, page, store))


def read_articles(document: Document, feed: Feed, visits: Visits, seen_at: datetime) -> Reading:
    """Return what *document* says, in the killable process that this runs in."""
    try:
        listing = parse(document, visits.listed, visits.inside)
    except WebPage as error:
        return Reading(fault=f"{error}{named(document)}")
    except ParseError as error:
        return Reading(fault=str(error))
    scheme = scheme_of(listing.entries, visits)
    articles = sightings(listing, feed, url=document.url, seen_at=seen_at, scheme=scheme)
    return Reading(listing=replace(listing, entries=()), sightings=articles, scheme=scheme)


def keep(tx: Tx, *, claim: FeedClaim, feed: Feed, watch: Watch, asked: Asked) -> Visit:
    """Write down in one transaction what a visit brought, and return it."""
    before, reading, now = claim.visits, asked.reading, asked.ended
    visits = learned(
        before,
        asked.fetched,
        now=now,
        fault=reading.fault,
        is_passing=reading.is_passing,
        listing=reading.listing,
    )
    if reading.scheme is not None:
        visits = replace(visits, scheme=reading.scheme)

    brought = Brought()
    if reading.entries:
        brought = bring(tx, feed, watch, reading, before=before, now=now)
    if visits.listed_at == now:
        tx.articles.still_listed(feed.id, visits.listed, now)

    visits = counted(visits, before, (article.published for article in brought.new))
    if is_gap(brought.new, reading, before, asked.fetched):
        visits = replace(visits, gap_at=now)
    wait = _wait(tx, feed, watch, asked, brought, before=before, visits=visits)
    checkup = examine(tx, feed, before, visits, brought.new, operators=watch.default_channel, wait=wait.delay)
    tx.feeds.finish(claim, checkup.visits, wait.delay)
    if wait.host_delay is not None:
        tx.hosts.hold(feed.host, wait.host_delay)

    return Visit(
        feed=feed,
        visits=checkup.visits,
        wait=wait,
        listed=len(reading.listing.listed),
        pages=reading.older.pages,
        fresh=brought.fresh,
        short=brought.short,
        changes=brought.changes,
        rekeyed=brought.rekeyed,
        alerts=brought.alerts,
        folded=brought.folded,
        became=checkup.became,
    )


def _wait(tx: Tx, feed: Feed, watch: Watch, asked: Asked, brought: Brought, *, before: Visits, visits: Visits) -> Wait:
    """Return when to come back: as the schedule says, or later where a hub tells us of what is new."""
    wait = next_visit(feed, visits, asked.fetched, now=asked.ended, jitter=asked.jitter)
    if not watch.has_hubs:
        return wait
    times = tuple(article.instant() for article in brought.new)
    look = Look(before=before, after=visits, began=asked.began, brought=times, max_age=asked.fetched.max_age)
    return heed(tx, feed, wait, offered(asked.reading.listing), look)


def bring(tx: Tx, feed: Feed, watch: Watch, reading: Reading, *, before: Visits, now: datetime) -> Brought:
    """Keep the entries of *reading* that are new or say something new, and tell what *watch* looks for in them."""
    found = recognise(tx, feed, reading.entries, before, listed=reading.listing.listed)
    fresh = tx.articles.add(feed.id, found.entries, now)
    revised = revise(tx, feed, found, fresh, now)
    is_baseline = before.baseline_at is None
    held = hold(tx, feed, watch, fresh, revised.edits, baseline=is_baseline, now=now)
    told = tell(tx, held.ready, watch, edits=held.edits, baseline=is_baseline, now=now)
    return Brought(
        fresh=fresh,
        new=found.new(fresh),
        short=len(held.short),
        changes=revised.changes,
        rekeyed=found.rekeyed,
        alerts=told.alerts,
        folded=told.folded,
    )


async def give_up(
    claim: FeedClaim,
    feed: Feed,
    error: Exception,
    *,
    operators: ChannelId | None,
    store: Store,
    clock: Clock,
    draw: Draw,
) -> Visit:
    """Put *feed* off after a fault of our own, so that one poisonous feed is not polled each minute for ever."""
    fault = Unreachable(reason="fault", detail=fault_of_ours(error))

    def put_off(tx: Tx) -> Visit:
        now = clock()
        visits = learned(claim.visits, fault, now=now)
        wait = next_visit(feed, visits, fault, now=now, jitter=draw())
        checkup = examine(tx, feed, claim.visits, visits, (), operators=operators, wait=wait.delay)
        tx.feeds.finish(claim, checkup.visits, wait.delay)
        return Visit(feed=feed, visits=checkup.visits, wait=wait, became=checkup.became)

    return await store.run(put_off)
