"""A document that holds almost nothing known → what its older pages hold, until one knows us again (RFC 5005)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.feeds.overflow import MOST_PAGES, may_follow, overflows
from monitor.model import Document, Feed, Fetched, Listing, Sighting, Visits
from monitor.store import Store

PATIENCE = 10.0  # seconds for all pages together: with a turn and a fetch before them, work ends within its lease


class _Reading(Protocol):
    @property
    def listing(self) -> Listing: ...
    @property
    def sightings(self) -> tuple[Sighting, ...]: ...
    @property
    def older(self) -> Older: ...


Page = Callable[[str], Awaitable[_Reading | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Older:
    """What older pages hold, as far as they were read."""

    sightings: tuple[Sighting, ...] = ()
    pages: int = 0
    is_whole: bool = False  # the last of them holds something known: nothing is missing


async def older(reading: _Reading, feed: Feed, visits: Visits, page: Page, store: Store) -> Older:
    """Return what the pages before *reading*, a document of *feed*, hold: nothing, if it overlaps what we know.

    At most MOST_PAGES, one after the other, within PATIENCE; what was read until then counts.
    """
    if visits.baseline_at is None or not overflows(len(reading.sightings), _listed(reading)):
        return Older()  # the cheap look: what is new cannot be more than what was read
    if not overflows(await _new(reading, feed, store), _listed(reading)):
        return Older()
    found: list[Sighting] = []
    pages, is_whole = 0, False
    try:
        async with asyncio.timeout(PATIENCE):
            previous, seen = reading.listing.previous, {feed.url}
            while previous and previous not in seen and pages < MOST_PAGES and may_follow(feed, previous):
                seen.add(previous)
                if (before := await page(previous)) is None:
                    break
                pages += 1
                found += before.sightings
                if is_whole := await _new(before, feed, store) < _listed(before):
                    break
                previous = before.listing.previous
    except TimeoutError:
        pass
    return Older(sightings=tuple(found), pages=pages, is_whole=is_whole)


async def _new(reading: _Reading, feed: Feed, store: Store) -> int:
    """Return how many items of *reading* the store does not know."""
    keys = {each.key for each in reading.sightings}
    return len(keys - (await store.run(lambda tx: tx.articles.sighted(feed.id, keys))).keys())


def _listed(reading: _Reading) -> int:
    return max(len(reading.sightings), len(reading.listing.listed))


def is_gap(new: Sequence[object], reading: _Reading, before: Visits, fetched: Fetched) -> bool:
    """Return whether so much of *reading* was *new* that other items may have come and gone before it.

    A first document has nothing to overlap with, a delta (RFC 3229) is nothing
    but new, and pages that led back to what is known have filled the gap.
    """
    if before.baseline_at is None or reading.older.is_whole or (isinstance(fetched, Document) and fetched.is_delta):
        return False
    return overflows(len(new), _listed(reading))
