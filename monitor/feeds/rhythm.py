"""The times of what a feed brought → its rhythm, and how soon the rhythm earns another visit.  Pure.

The visits that a budget allows are spent best, for the lag of all items
together, if their density follows the square root of the rate at which items
come: Cho and Garcia-Molina, "Effective page refresh policies for web
crawlers" (ACM TODS 28, 2003), and the same from queueing theory.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from monitor.model import Rhythm

ONE_A_DAY = timedelta(minutes=50)  # the wait for a feed of one item a day; of 100 items a tenth of it: decision 0011
MEMORY = timedelta(days=7)  # what is so old counts a third
HEARSAY = timedelta(hours=12)  # what a first document tells counts like so long a time of our own
EVEN = 0.5  # items an hour of the day that its profile has to outweigh before it is believed
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def heard(rhythm: Rhythm | None, brought: Sequence[datetime], *, since: datetime, now: datetime) -> Rhythm:
    """Return *rhythm* after new items of the times *brought* came between *since* and *now*.

    What came before counts ever less, half in five days or so.
    """
    known = rhythm or Rhythm(per_day=0.0, days=0.0)
    span = max(now - since, timedelta())
    kept = math.exp(-(span / MEMORY))
    days = known.days * kept + MEMORY / DAY * (1 - kept)
    each = known.per_day * known.days * kept / 24
    counts = [each * share for share in known.hours]
    for at in brought:
        came = min(max(at, since), now)
        counts[came.hour] += math.exp(-((now - came) / MEMORY))
    total = sum(counts)
    if not days:
        return known
    return Rhythm(
        per_day=total / days, days=days, hours=tuple(count * 24 / total for count in counts) if total else (1.0,) * 24
    )


def first_heard(listed: Sequence[datetime], now: datetime) -> Rhythm:
    """Return the rhythm that a first document shows, whose items have the times *listed*.

    Its newer half tells it, since some papers keep a few old items listed for
    ever; and what we have not met ourselves counts like HEARSAY at most.
    """
    times = sorted(listed)[len(listed) // 2 :]
    if not times:
        return Rhythm(per_day=0.0, days=0.0)
    # The oldest of them begins the time that is looked at, so it has not come within it.
    found = heard(None, times[1:], since=max(times[0], now - 2 * MEMORY), now=now)
    return replace(found, days=min(found.days, HEARSAY / DAY))


def earned(rhythm: Rhythm, now: datetime, *, most: timedelta) -> timedelta:
    """Return how long after *now* the next visit has been earned, at most *most*.

    Every moment earns the square root of the rate that its hour of the day has;
    so a wait that begins at night ends soon after the morning's rush sets in.
    """
    rates = _by_hour(rhythm)
    wanted = ONE_A_DAY / DAY
    wait = timedelta()
    while wait < most:
        at = now + wait
        left = HOUR - timedelta(minutes=at.minute, seconds=at.second, microseconds=at.microsecond)
        speed = math.sqrt(rates[at.hour])
        if speed * (left / DAY) >= wanted:
            return min(wait + wanted / speed * DAY, most)
        wanted -= speed * (left / DAY)
        wait += left
    return most


def _by_hour(rhythm: Rhythm) -> tuple[float, ...]:
    """Return the items a day that each hour's pace comes to: smoothed, and even as long as little is known."""
    mean = rhythm.per_day * rhythm.days / 24
    counts = [mean * share for share in rhythm.hours]
    smooth = [(counts[hour - 1] + 2 * counts[hour] + counts[(hour + 1) % 24]) / 4 for hour in range(24)]
    return tuple(rhythm.per_day * (count + EVEN) / (mean + EVEN) for count in smooth)
