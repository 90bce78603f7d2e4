"""A feed and what its last visit came to → when to come back, and why then.  Pure.

Every outcome has a next time: a feed may be asked seldom, it is never given up,
because a surprising number of dead feeds come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from monitor.model import Document, Feed, Fetched, Unchanged, Unreachable, Visits

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
LONGEST_FRESHNESS = DAY  # a Cache-Control or ttl that asks for more is a mistake in a news site's set-up
LONGEST_RETRY_AFTER = WEEK
DAILY_TRIES = 7  # at one a day, before it is once a week
SPREAD = 0.05  # delays are stretched or shortened by so much, so that feeds added together drift apart
MOST_DOUBLINGS = 29  # of a second are years; of a day, what a timedelta can just hold
GONE = 410


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """How long to leave a feed alone, and the rule that says so."""

    delay: timedelta
    why: str


def next_visit(feed: Feed, visits: Visits, fetched: Fetched, *, ttl: timedelta | None = None, jitter: float) -> Wait:
    """Return when to visit *feed* again after a visit that came to *fetched* and left *visits* behind.

    A healthy feed is visited every `max_lag`, a failing one ever more seldom:
    *visits* counts the visits that brought nothing readable, this one included.
    Neither is visited before its server wants it (Cache-Control, Expires,
    Retry-After) or the document does (*ttl*).  *jitter* is a draw in [0, 1):
    the delay is spread by 5 % either way, but never below what the server asks.
    """
    pace = _backed_off(feed, visits, fetched) if visits.failures else Wait(delay=feed.max_lag, why="its max_lag")
    spread = pace.delay * (1 - SPREAD + 2 * SPREAD * jitter)
    asked = max(_asked(fetched, ttl), key=lambda wait: wait.delay, default=None)
    if asked is None or asked.delay <= spread:
        return Wait(delay=spread, why=pace.why)
    return Wait(delay=asked.delay * (1 + SPREAD * jitter), why=asked.why)


def _backed_off(feed: Feed, visits: Visits, fetched: Fetched) -> Wait:
    """Return max_lag doubled with every failure in a row up to a day, a week's days of that, and then a week."""
    if isinstance(fetched, Unreachable) and fetched.status == GONE:
        return Wait(delay=max(DAY, feed.max_lag), why="the server says that it is gone (410)")
    failures = f"{visits.failures} failures in a row" if visits.failures > 1 else "a failure"
    doublings = min(visits.failures - 1, MOST_DOUBLINGS)
    delays = [min(feed.max_lag, DAY) * 2**step for step in range(doublings + 1)]
    if delays[-1] < DAY:
        return Wait(delay=delays[-1], why=failures)
    daily = sum(delay >= DAY for delay in delays)
    return Wait(delay=max(feed.max_lag, DAY if daily <= DAILY_TRIES else WEEK), why=failures)


def _asked(fetched: Fetched, ttl: timedelta | None) -> list[Wait]:
    """Return what the server and the document ask for."""
    asked = []
    match fetched:
        case Document(max_age=fresh) | Unchanged(max_age=fresh):
            retry = None
        case Unreachable(max_age=fresh, retry_after=retry):
            pass
    if fresh is not None:
        asked.append(Wait(delay=min(fresh, LONGEST_FRESHNESS), why="the server asks for it (Cache-Control)"))
    if retry is not None:
        asked.append(Wait(delay=min(retry, LONGEST_RETRY_AFTER), why="the server asks for it (Retry-After)"))
    if ttl is not None:
        asked.append(Wait(delay=min(ttl, LONGEST_FRESHNESS), why="the feed asks for it (ttl)"))
    return asked
