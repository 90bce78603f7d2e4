"""What the visits say about a feed → how it is, since when and why, and whether anybody is told of a change.  Pure.

Telling is slower than knowing: one bad poll is no news, nor is a feed that
comes and goes, nor three hundred feeds behind one cable of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from monitor.model import Health, Neighbours, Visits

DAY = timedelta(days=1)

SEVERAL = 3  # failures in a row; two in a row are a publisher's new release
HEAVY = 2.0  # what they weigh together: three answers of 404, four of 503, eight names that nobody knows
A_WHILE = timedelta(minutes=30)  # without a good poll: a feed asked every second fails three times in three
RELAPSE = timedelta(hours=6)  # after a message about a feed, or about its host, the next failure waits so long

LEAST_SILENCE = timedelta(days=3)  # from Friday evening to Monday noon nobody prints
LONGEST_SILENCE = timedelta(days=60)  # two months are odd for any feed, and where nothing is known of its pauses
PAUSES = 2  # times the longest pause of late: for items that come by chance, one pause in some thousands is longer
HALVED_IN = timedelta(days=30)  # a pause counts ever less, as a summer does by autumn

MOVED_TIMES, MOVED_FOR = 3, DAY  # a permanent redirect that was seen once may be a mistake
GONE_FOR = DAY  # between two answers of 410

MOST_AN_HOUR = 10  # feeds that are told of as failing, and as stale; whoever adds 300 dead ones looks at the list
UNHEARD = frozenset({"dns", "refused", "unreachable", "timeout", "tls", "reset", "protocol"})
"""The outcomes that may be the fault of our own network."""
LATELY = timedelta(hours=1)
LEAST_HOSTS = 3  # of fewer nobody can say whether they or we are cut off


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How a feed is."""

    health: Health
    since: datetime  # when that began, as far as its visits know
    why: str
    held: str | None = None  # why nobody is told of it now


# ------------------------------------------------------------------ what is


def diagnose(visits: Visits) -> Finding | None:
    """Return how a feed was at the last of *visits*; None before the first.

    What is worst counts: gone, failing, moved, stale.  A feed that was read
    before is failing after several failures of some weight; until then it is
    as it was.
    """
    if visits.polled_at is None:
        return None
    at = visits.polled_at
    if visits.gone_at is not None and at - visits.gone_at >= GONE_FOR:
        return Finding(health=Health.GONE, since=visits.gone_at, why="the server says that it is gone for good (410)")
    if visits.failures and visits.health is Health.GONE:
        return Finding(health=Health.GONE, since=visits.health_at or at, why="it has not come back")
    if visits.failures and (visits.health is Health.FAILING or _is_failing(visits, at)):
        why = f"{visits.failures} failures in a row" if visits.failures > 1 else "a failure"
        return Finding(health=Health.FAILING, since=visits.succeeded_at or visits.health_at or at, why=why)
    if has_moved(visits):
        return Finding(health=Health.MOVED, since=visits.moved_at or at, why="its server redirects for good")
    last, longest = visits.brought_at or visits.baseline_at, patience(visits)
    if last is not None and at - last > longest:
        why = f"nothing new for {_words(at - last)}, where {_words(longest)} would be long"
        return Finding(health=Health.STALE, since=last, why=why)
    since = visits.health_at if visits.health is Health.OK and visits.health_at else at
    return Finding(health=Health.OK, since=since, why="it is read, and brings news as it used to")


def has_moved(visits: Visits) -> bool:
    """Return whether `moved_to` is to be taken for the feed's address from now on."""
    if visits.moved_to is None or visits.moved_at is None or visits.succeeded_at is None:
        return False
    return visits.moved_times >= MOVED_TIMES and visits.succeeded_at - visits.moved_at >= MOVED_FOR


def _is_failing(visits: Visits, at: datetime) -> bool:
    if visits.succeeded_at is None:
        return True
    unread = at - visits.succeeded_at
    if visits.failures > 1 and unread >= DAY:  # of a feed that is asked once a day nobody waits for a third
        return True
    return visits.failures >= SEVERAL and visits.weight >= HEAVY and unread >= A_WHILE


def patience(visits: Visits) -> timedelta:
    """Return how long a feed may bring nothing new before that is odd: twice its longest pause, three days at least.

    Not so many times the mean gap: a weekly brings its forty articles at once.
    """
    if visits.longest_pause is None:
        return LONGEST_SILENCE
    return min(max(LEAST_SILENCE, PAUSES * visits.longest_pause), LONGEST_SILENCE)


def listened(visits: Visits, before: Visits, brought: Sequence[datetime | None]) -> Visits:
    """Return *visits* with the pause that ended when the last of them brought new items of these times.

    None is the time of an undated item.  A first document tells of the pauses
    before it, and when it was that something was new.
    """
    at = visits.polled_at
    if at is None or not brought:
        return visits
    if before.baseline_at is None:
        times = sorted(time for time in brought if time is not None and time <= at)
        young = [time for time in times if time > at - LONGEST_SILENCE]
        pauses = [later - earlier for earlier, later in pairwise(young)]
        return replace(visits, brought_at=times[-1] if times else at, longest_pause=max(pauses, default=None))
    pause = at - (before.brought_at or before.baseline_at)
    known = (visits.longest_pause or timedelta()) * 0.5 ** (pause / HALVED_IN)
    return replace(visits, brought_at=at, longest_pause=max(pause, known))


def _words(span: timedelta) -> str:
    return f"{span / DAY:.0f} days" if span >= 2 * DAY else f"{span / timedelta(hours=1):.0f} hours"


# ------------------------------------------------------------------ what is told


def change(before: Visits, after: Visits) -> Finding | None:
    """Return what a feed has become by the poll between *before* and *after*; None if it is what it was said to be.

    A feed that failed is well again after two good polls in a row, and one that
    has just recovered is failing only RELAPSE later, so a feed that comes and
    goes is told of some eight times a day, not with every poll.
    """
    found = diagnose(after)
    if found is None or found.health is after.health:
        return None
    if found.health is Health.FAILING and (_is_just_new(after) or _is_just_well(after)):
        return None
    if after.health is Health.FAILING and found.health is not Health.GONE and before.failures:
        return None
    return found


def _is_just_new(visits: Visits) -> bool:
    return visits.succeeded_at is None and visits.failures < SEVERAL


def _is_just_well(visits: Visits) -> bool:
    if visits.health is not Health.OK or visits.health_at is None or visits.polled_at is None:
        return False
    return visits.health_at != visits.baseline_at and visits.polled_at - visits.health_at < RELAPSE


def asked_since(visits: Visits) -> datetime:
    """Return since when it counts what came of other feeds: since this one was last read, six hours at most."""
    at = visits.polled_at or datetime.max.replace(tzinfo=UTC)
    return max(visits.succeeded_at or at - LATELY, at - RELAPSE)


def held(found: Finding, visits: Visits, around: Neighbours) -> str | None:
    """Return why *found*, a change after *visits*, is not told now; None if it is.  The next poll judges again.

    Where more than half of all hosts that were asked cannot be heard, it is we
    who are cut off.  Of a host with many feeds one message says how many fail.
    """
    at = visits.polled_at
    if found.health is Health.FAILING:
        if visits.outcome in UNHEARD and around.hosts >= LEAST_HOSTS and around.unheard * 2 > around.hosts:
            return f"{around.unheard} of {around.hosts} hosts cannot be heard: it is our own network"
        if around.told_at is not None and at is not None and at - around.told_at < RELAPSE:
            return "another feed of its host was told of"
    if found.health in (Health.FAILING, Health.STALE) and around.told >= MOST_AN_HOUR:
        return f"{around.told} feeds were told of within the hour"
    return None
