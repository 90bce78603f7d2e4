"""Publication times replayed: how late our schedule is, and what it asks of publishers, beside fixed intervals.

The times are those of real documents where they lie beside the checkout, else
those of an invented town.  The oldest third of a feed's items is its first
document; what comes after it is met as it appears.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from statistics import fmean

from monitor.dates import published
from monitor.errors import ParseError
from monitor.feeds.parse import parse
from monitor.feeds.schedule import next_visit
from monitor.feeds.visits import counted, learned
from monitor.model import Document, Precision, Published, Unchanged, Visits
from tests.bench.table import Table
from tests.build import NOON, feed

CORPUS = Path(__file__).parents[3] / "shared" / "data" / "feeds"
WEEKS = 4 * timedelta(days=7)
FEWEST = 6  # items in a feed whose times are worth replaying
SHORTEST = timedelta(hours=6)  # that a feed's items span: less says nothing about a day
DAY = timedelta(days=1)

Times = Sequence[datetime]
Policy = Callable[[Times, datetime, datetime], Iterator[datetime]]
"""When a feed whose items appear at these times is asked, from a first document on, up to an end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What one feed came to under a policy."""

    lags: Sequence[timedelta]
    polls: int
    days: float


def real(folder: Path = CORPUS) -> list[Times]:
    """Return the times of each document in *folder*, the last four weeks of it."""
    kept = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            entries = parse(Document(url=f"https://{path.stem}.example/", body=path.read_bytes())).entries
        except ParseError:
            continue
        dated = [found for each in entries if (found := published(each.published or each.updated))]
        times = sorted(each.instant() for each in dated if each.at.tzinfo and each.precision is not Precision.DAY)
        if len(set(times)) >= FEWEST and (span := _span(times))[1] - span[0] >= SHORTEST:
            kept.append(times)
    return kept


def invented(seed: int = 7, feeds: int = 60) -> list[Times]:
    """Return two weeks of a town whose papers print most in the hours of their own morning, and less on Sundays."""
    chance, found = Random(seed), []
    for _ in range(feeds):
        per_day, peak, at = 10 ** chance.gauss(-0.3, 0.9), chance.uniform(5, 15), NOON - WEEKS / 2
        times = []
        while at < NOON:
            at += timedelta(days=chance.expovariate(3 * per_day))
            tide = math.exp(-(((at.hour + at.minute / 60 - peak + 12) % 24 - 12) ** 2) / 32) + 0.08
            if chance.random() < tide * (0.5 if at.weekday() == 6 else 1.0):
                times.append(at)
        if len(times) >= FEWEST:
            found.append(times)
    return found


def prolonged(feeds: Sequence[Times], seed: int = 7) -> list[Times]:
    """Return four weeks of each of *feeds*: every day of it is drawn out of the items that are known.

    A document shows a day or two of a busy feed, so that as it stands it
    measures how a rhythm is learned, and not how it serves for years after.
    """
    chance, found = Random(seed), []
    for times in feeds:
        start, end = _span(times)
        items, days = [at for at in times if at > start], math.ceil((end - start) / DAY)
        drawn = [
            at + n * DAY + timedelta(minutes=chance.gauss(0, 20))
            for n in range(0, WEEKS // DAY, days)
            for at in chance.choices(items, k=len(items))
        ]
        found.append(sorted(drawn) if days <= WEEKS / DAY / 2 else times)
    return found


def fixed(every: timedelta) -> Policy:
    """Return the policy of one poll *every* so often, from a random moment on."""

    def polls(times: Times, start: datetime, end: datetime) -> Iterator[datetime]:
        at = start + every * Random(len(times)).random()
        while True:
            yield at
            at += every

    return polls


def ours(max_lag: timedelta) -> Policy:
    """Return the policy of the real schedule under *max_lag*."""

    def polls(times: Times, start: datetime, end: datetime) -> Iterator[datetime]:
        asked, chance = feed(max_lag=max_lag), Random(len(times))
        visits, at, seen = Visits(), start, 0
        while True:
            known = seen
            while seen < len(times) and times[seen] <= at:
                seen += 1
            brought = times[known:seen]
            fetched = Document(url=asked.url, body=str(seen).encode()) if brought else Unchanged()
            visits, before = learned(visits, fetched, now=at), visits
            visits = counted(visits, before, (Published(at=each) for each in brought))
            if before.baseline_at is not None:
                yield at
            at += next_visit(asked, visits, fetched, now=at, jitter=chance.random()).delay

    return polls


def score(feeds: Sequence[Times], policy: Policy) -> list[Score]:
    """Return what each of *feeds* comes to under *policy*."""
    return [_score(times, policy) for times in feeds]


def _score(times: Times, policy: Policy) -> Score:
    lags: list[timedelta] = []
    polls = 0
    start, end = _span(times)
    waiting = [at for at in times if at > start]
    met = 0
    for at in policy(times, start, end):
        polls += at <= end
        while met < len(waiting) and waiting[met] <= at:
            lags.append(at - waiting[met])
            met += 1
        if met == len(waiting):
            break
    return Score(lags=lags, polls=polls, days=(end - start) / DAY)


def _span(times: Times) -> tuple[datetime, datetime]:
    """Return from when to when *times* are replayed: what comes before is the first document."""
    return max(times[len(times) // 3], times[-1] - WEEKS), times[-1]


def replay() -> tuple[Table, ...]:
    """Return how late items are seen, and how often feeds are asked, by fixed intervals and by our own schedule."""
    feeds, whose = real(CORPUS), "real feeds"
    if not feeds:
        feeds, whose = invented(), "invented feeds (there are no real documents beside the checkout)"
    return (
        _table("Lag against polls, once rhythms are known", prolonged(feeds), f"{KNOWN} {len(feeds)} {whose}."),
        _table("Lag against polls, while rhythms are learned", feeds, f"{LEARNING} {len(feeds)} {whose}."),
    )


KNOWN = "Four weeks, each day drawn out of those that the last documents show, of"
LEARNING = "The times in the last documents as they stand, for most busy feeds a day or two, of"


def _table(title: str, feeds: Sequence[Times], note: str) -> Table:
    policies = {f"fixed {name}": fixed(every) for name, every in SPANS.items() if name in ("15m", "1h")}
    policies |= {f"ours, max_lag {name}": ours(every) for name, every in SPANS.items()}
    scores = {name: figures(score(feeds, policy)) for name, policy in policies.items()}
    return Table(
        title=title,
        header=("policy", "mean lag, min", "median", "p95", "polls a feed and day", "% of fixed 15m"),
        rows=[(name, *found, 100 * found[-1] / scores["fixed 15m"][-1]) for name, found in scores.items()],
        note=note,
    )


SPANS = {"15m": timedelta(minutes=15), "1h": timedelta(hours=1), "2h": timedelta(hours=2)}


def figures(scores: Sequence[Score]) -> tuple[float, float, float, float]:
    """Return mean, median and p95 of the lag in minutes, and the polls a feed and day.

    Documents show hours of a busy feed and months of a quiet one; every feed
    weighs as one day of it here, as it does for whoever reads them all.
    """
    weighed = sorted((lag / timedelta(minutes=1), 1 / each.days) for each in scores for lag in each.lags)
    total = sum(weight for _, weight in weighed)
    reached = list(accumulate(weight for _, weight in weighed))
    at = [weighed[bisect_left(reached, share * total)][0] for share in (0.5, 0.95)]
    mean = sum(lag * weight for lag, weight in weighed) / total
    return mean, *at, fmean(each.polls / each.days for each in scores)
