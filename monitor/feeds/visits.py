"""What a poll taught us, on top of what earlier polls did.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.feeds.health import GONE_FOR
from monitor.feeds.rhythm import first_heard, heard
from monitor.model import Document, Fetched, Listing, Precision, Published, Unchanged, Unreachable, Visits

UNREADABLE = "unreadable"
GONE = "gone"
PERMANENTLY_GONE = 410
LISTED_AGAIN_AFTER = timedelta(days=1)  # how often "still listed" is written; each poll would be 96 writes a day
MOST_LISTED = 2000  # fingerprints, as many as a document may have items

LASTING, LIKELY_PASSING, PASSING = 1.0, 0.5, 0.25  # what a fault weighs; mediacloud/rss-fetcher found the same three
WEIGHTS = {"dns": PASSING} | dict.fromkeys(("timeout", "refused", "reset", "unreachable", "protocol"), LIKELY_PASSING)


def is_same(visits: Visits, document: Document) -> bool:
    """Return whether *document* has the bytes that were read the last time."""
    return visits.body_hash == document.body_hash


def learned(
    visits: Visits,
    fetched: Fetched,
    *,
    now: datetime,
    fault: str | None = None,
    is_passing: bool = False,
    listing: Listing | None = None,
) -> Visits:
    """Return *visits* after a poll that came to *fetched*, and to *listing* or a *fault* if its bytes were read.

    Validators are kept on every 200 and 304, and the hash with them, whatever
    became of the body, so that a broken document is neither fetched nor read
    again before it changes.  Only a fault that may have been ours (*is_passing*)
    is given another try.
    """
    match fetched:
        case Unreachable():
            return _failed(_refused(replace(visits, polled_at=now), fetched, now), _weight(fetched))
        case Unchanged():
            kept = replace(
                visits,
                polled_at=now,
                etag=fetched.etag or visits.etag,
                last_modified=fetched.last_modified or visits.last_modified,
                gone_at=None,
            )
            return _still(kept, fetched, now)
        case Document():
            kept = replace(visits, polled_at=now, etag=fetched.etag, last_modified=fetched.last_modified, gone_at=None)
            if is_same(visits, fetched):
                return _still(kept, fetched, now)
            if fault is not None:
                return _unread(kept, fetched, fault, is_passing=is_passing)
            return _succeeded(_read(kept, fetched, listing or Listing(), now), fetched, "read", now)


def _weight(fault: Unreachable) -> float:
    """Return what *fault* weighs: a server's own trouble (5xx, 429) may pass, what it refuses hardly will."""
    if fault.status is not None:
        return LIKELY_PASSING if fault.status >= 500 or fault.status in (408, 425, 429) else LASTING
    return WEIGHTS.get(fault.reason, LASTING)


def _failed(visits: Visits, weight: float) -> Visits:
    return replace(visits, failures=visits.failures + 1, weight=visits.weight + weight)


def _refused(visits: Visits, fetched: Unreachable, now: datetime) -> Visits:
    """A feed is gone once two answers a day apart say so, and no document came between them."""
    told = replace(visits, outcome=fetched.reason, note=fetched.detail)
    if fetched.status != PERMANENTLY_GONE:
        return told
    since = visits.gone_at or now
    return replace(told, gone_at=since, outcome=GONE if now - since >= GONE_FOR else fetched.reason)


def _still(visits: Visits, fetched: Document | Unchanged, now: datetime) -> Visits:
    """A document that could not be read is no better for being the same."""
    if visits.fault is not None or visits.outcome == UNREADABLE:
        return _failed(replace(visits, outcome=UNREADABLE, note=visits.fault or visits.note), LASTING)
    return _succeeded(visits, fetched, "unchanged", now)


def _unread(visits: Visits, fetched: Document, fault: str, *, is_passing: bool) -> Visits:
    failed = _failed(replace(visits, outcome=UNREADABLE, note=fault, fault=fault), LASTING)
    if is_passing:
        return replace(failed, body_hash=None, etag=None, last_modified=None)
    return replace(failed, body_hash=fetched.body_hash)


def _read(visits: Visits, fetched: Document, listing: Listing, now: datetime) -> Visits:
    """A delta names what is new; what was listed before it still is, as far as anybody knows.

    What had to be repaired is read as a whole each time it changes, and noted anew.
    """
    listed = (*listing.listed, *visits.listed) if fetched.is_delta else listing.listed
    return replace(
        visits,
        body_hash=fetched.body_hash,
        fault=None,
        listed=tuple(dict.fromkeys(listed))[:MOST_LISTED],
        inside=None if listing.note or fetched.is_delta else listing.inside,
        baseline_at=visits.baseline_at or now,
        note=listing.note,
        ttl=listing.ttl,
        skip_hours=listing.skip_hours,
        skip_days=listing.skip_days,
    )


def _succeeded(visits: Visits, fetched: Document | Unchanged, outcome: str, now: datetime) -> Visits:
    """A feed that permanent redirects led to, and that could be read there, has been seen there once more.

    `listed_at` moves when it is time to write down that what is listed still is.
    """
    due = visits.listed_at is None or visits.listed_at <= now - LISTED_AGAIN_AFTER
    before = visits if fetched.moved_to == visits.moved_to else replace(visits, moved_at=now, moved_times=0)
    return replace(
        before,
        outcome=outcome,
        failures=0,
        weight=0.0,
        succeeded_at=now,
        listed_at=now if due else visits.listed_at,
        moved_to=fetched.moved_to,
        moved_at=before.moved_at if fetched.moved_to else None,
        moved_times=before.moved_times + 1 if fetched.moved_to else 0,
    )


def counted(visits: Visits, before: Visits, brought: Iterable[Published | None]) -> Visits:
    """Return *visits* with the rhythm that new items, published as *brought* says, add to that of the visits *before*.

    A first document tells of the time before it; later ones of the time since
    the last visit that succeeded.  An item without a time came at the last moment.
    """
    now = visits.succeeded_at
    if now is None or now == before.succeeded_at:
        return visits
    times = [None if each is None or each.precision is Precision.DAY else each.instant() for each in brought]
    if before.baseline_at is None or before.succeeded_at is None:
        return replace(visits, rhythm=first_heard([at for at in times if at is not None and at <= now], now))
    new = [at or now for at in times]
    return replace(visits, rhythm=heard(before.rhythm, new, since=before.succeeded_at, now=now))
