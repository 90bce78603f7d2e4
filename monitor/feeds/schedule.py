"""A feed and what its last visit came to → when to come back, and why then.  Pure.

Every outcome has a next time: a feed may be asked seldom, it is never given up,
because a surprising number of dead feeds come back.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.feeds.rhythm import earned
from monitor.feeds.visits import GONE, PERMANENTLY_GONE
from monitor.model import Document, Feed, Fetched, Unchanged, Unreachable, Visits

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
LEAST = timedelta(minutes=5)  # between two visits of a busy feed, unless its max_lag is shorter: decision 0011
LONGEST_FRESHNESS = DAY  # a Cache-Control or ttl that asks for more is a mistake in a news site's set-up
LONGEST_RETRY_AFTER = WEEK
SPREAD = 0.05  # delays are stretched or shortened by so much, so that feeds added together drift apart
HURRIED_FOR = DAY  # after a document that may not have held all that was new
LATE_STARTS = timedelta(minutes=10)
BUSY = 429
BUSY_FOR = (timedelta(minutes=3), timedelta(minutes=12))  # a host that does not say for how long: between these


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long to leave a feed alone, and the rule that says so."""

    delay: timedelta
    why: str
    host_delay: timedelta | None = None  # how long to leave everything else at its host alone, too


def next_visit(feed: Feed, visits: Visits, fetched: Fetched, *, now: datetime, jitter: float) -> Wait:
    """Return when to visit *feed* again after a visit that came to *fetched* and left *visits* behind.

    A healthy feed is visited as often as its rhythm earns it, and every
    `max_lag` at least; a failing one ever more seldom, up to once a week.
    Neither is visited before its server wants it (Cache-Control, Expires,
    Retry-After) or its document did (ttl, skipHours, skipDays).  *jitter* is a
    draw in [0, 1): the delay is spread by 5 % either way, but never below what
    was asked for.  A server that is asked too much (429) means all of its host.
    """
    pace = _backed_off(feed, visits, now) if visits.failures else _pace(feed, visits, now)
    wait = replace(pace, delay=pace.delay * (1 - SPREAD + 2 * SPREAD * jitter))
    for asked in _asked(visits, fetched):
        if asked.delay > wait.delay / (1 + SPREAD * jitter):
            wait = replace(asked, delay=asked.delay * (1 + SPREAD * jitter))
    if (until := _skipped(visits, now, wait.delay)) > wait.delay:
        wait = Wait(delay=until * (1 + SPREAD * jitter), why="the feed asks for it (skipHours, skipDays)")
    return replace(wait, host_delay=_host_delay(fetched, jitter))


def late_start(feed: Feed) -> timedelta:
    """Return how long after a start *feed* is asked that fell due while nobody ran: its own share of ten minutes.

    So a start after an outage is no rush, and each start gives each feed the same place.
    """
    place = int.from_bytes(hashlib.blake2b(feed.id.encode(), digest_size=8).digest()) / 2**64
    return min(feed.max_lag, LATE_STARTS) * place


def _pace(feed: Feed, visits: Visits, now: datetime) -> Wait:
    """Return what the rhythm has earned, between LEAST and max_lag, which is also the pace of an unknown rhythm."""
    if visits.rhythm is None:
        return Wait(delay=feed.max_lag, why="its max_lag")
    delay, why = earned(visits.rhythm, now, most=feed.max_lag), "its rhythm"
    if visits.gap_at is not None and now - visits.gap_at < HURRIED_FOR:
        delay, why = delay / 2, "its rhythm, doubled: a document held almost nothing but new items"
    delay = min(max(delay, LEAST), feed.max_lag)
    return Wait(delay=delay, why="its max_lag" if delay == feed.max_lag else why)


def _backed_off(feed: Feed, visits: Visits, now: datetime) -> Wait:
    """Return the pace stretched by the square of the failures' weight up to a day, and at last to a week.

    Four lasting faults in a row stretch it 17 times, four passing ones twice.
    """
    pace = _pace(feed, visits, now).delay
    if visits.outcome == GONE:
        return Wait(delay=max(WEEK, pace), why="the server says that it is gone for good (410)")
    stretched = timedelta(seconds=min(pace.total_seconds() * (1 + visits.weight**2), WEEK.total_seconds()))
    delay = stretched if stretched < DAY or stretched == WEEK else DAY
    why = f"{visits.failures} failures in a row" if visits.failures > 1 else "a failure"
    return Wait(delay=max(pace, delay), why=why)


def _asked(visits: Visits, fetched: Fetched) -> list[Wait]:
    """Return what the server asks for now, and what the last document did."""
    asked = []
    match fetched:
        case Document(max_age=fresh) | Unchanged(max_age=fresh):
            retry = status = None
        case Unreachable(max_age=fresh, retry_after=retry, status=status):
            pass
    if fresh is not None:
        asked.append(Wait(delay=min(fresh, LONGEST_FRESHNESS), why="the server asks for it (Cache-Control)"))
    if retry is not None:
        asked.append(Wait(delay=min(retry, LONGEST_RETRY_AFTER), why="the server asks for it (Retry-After)"))
    if status == PERMANENTLY_GONE:
        asked.append(Wait(delay=DAY, why="the server says that it is gone (410)"))
    if visits.ttl is not None:
        asked.append(Wait(delay=min(visits.ttl, LONGEST_FRESHNESS), why="the feed asks for it (ttl)"))
    return asked


def _skipped(visits: Visits, now: datetime, delay: timedelta) -> timedelta:
    """Return *delay*, or when the hours that the document asks us to leave out end after it: in a day at most."""
    at = now + delay
    while delay < DAY and (at.hour in visits.skip_hours or at.weekday() in visits.skip_days):
        at = at.replace(minute=0, second=0, microsecond=0) + HOUR
        delay = min(at - now, DAY)
    return delay


def _host_delay(fetched: Fetched, jitter: float) -> timedelta | None:
    """Return for how long a host that is asked too much is left alone; other faults are the feed's own."""
    if not isinstance(fetched, Unreachable) or fetched.status != BUSY:
        return None
    if fetched.retry_after:
        return min(fetched.retry_after, LONGEST_RETRY_AFTER) * (1 + SPREAD * jitter)
    least, most = BUSY_FOR
    return least + (most - least) * jitter
