"""What we remember of each feed, and which is due."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, select, update

from monitor.model import Feed, FeedId, Health, Neighbours, Rhythm, Scheme, Visits
from monitor.store.batches import BATCH, OF
from monitor.store.claims import LEASE, LONG_AGO, Due, milliseconds
from monitor.store.hosts import IS_FREE, IS_OURS, HostRows
from monitor.store.insert import add_missing
from monitor.store.instants import maybe_instant, maybe_stamp, stamp
from monitor.store.tables import feeds

AHEAD = timedelta(hours=1)  # of the database's clock no program's is
NOT_MOVED: dict[str, object] = {"moved_to": None, "moved_at": None, "moved_times": 0}
FORGOTTEN: dict[str, object] = {
    **{"due_at": LONG_AGO, "etag": None, "last_modified": None, "body_hash": None, "fault": None, "inside": None},
    **{"failures": 0, "weight": 0.0, "gone_at": None},
}
"""What another address knows nothing of."""

IS_NAMED = feeds.c.id.in_(OF)
IS_DUE_BY = feeds.c.due_at <= bindparam("by")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedClaim:
    """A feed that is ours to poll until *due_at*, which is also the fence."""

    id: FeedId
    due_at: int
    visits: Visits


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A feed as the health table shows it."""

    id: FeedId
    url: str
    due_in: timedelta | None  # None: not in feeds.yaml any more
    visits: Visits


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """Who asks: of a host's visitors one process at a time, so that its gap is kept among all of them."""

    worker: str
    at_home: frozenset[str] = frozenset()  # hosts of the operator's own, which any number may ask


class FeedRows:
    def __init__(self, connection: Connection, due: Due) -> None:
        self._connection = connection
        self._due = due

    def take_up(self, wanted: Iterable[Feed]) -> None:
        """Make *wanted* the feeds that are polled: new ones at once, left-out ones no more.

        Validators belong to an address, so a feed with another URL starts
        without them, unless redirects had led there before; what was seen in
        it stays.
        """
        left = {feed.id: feed for feed in wanted}
        known = select(feeds.c.id, feeds.c.url, feeds.c.host, feeds.c.due_at, feeds.c.moved_to)
        rows = self._connection.execute(known).yield_per(BATCH)  # most stand as they are: nothing is kept of them
        changes = [(row.id, values) for row in rows if (values := _taken_up(row, left.pop(row.id, None)))]
        for id, values in changes:
            self._connection.execute(update(feeds).where(feeds.c.id == id).values(**values))
        new = sorted(left.values(), key=attrgetter("id"))
        for start in range(0, len(new), BATCH):
            fresh = [
                {"id": feed.id, "url": feed.url, "host": feed.host, "due_at": LONG_AGO, "failures": 0}
                for feed in new[start : start + BATCH]
            ]
            add_missing(self._connection, feeds, fresh)

    def clock(self) -> int:
        """Return the database's now, as `claim` compares with it."""
        return self._connection.execute(select(self._due.now())).scalar_one()

    def claim(
        self, most: int, ids: Sequence[str] | None = None, *, by: int | None = None, turn: Turn | None = None
    ) -> tuple[FeedClaim, ...]:
        """Return up to *most* feeds that are due, ours for one lease: of *ids* only, due *by* that time only.

        None is of a host that is held.  With *turn*, whoever else claims with
        one asks none of the same hosts meanwhile; without, nobody is minded.
        """
        where = [IS_OURS if turn else IS_FREE]
        where += [] if ids is None else [IS_NAMED]
        where += [] if by is None else [IS_DUE_BY]
        claimed = self._due.claim(feeds, most, *where, worker=turn and turn.worker, of=ids, by=by)
        foreign: set[str] = set()
        if turn is not None and claimed:
            asked = {row.host for row in claimed} - turn.at_home
            foreign = asked - HostRows(self._connection, self._due).lease(asked, turn.worker)
        for row in claimed:
            if row.host in foreign:  # another process has just begun to ask it
                self._due.give_back(feeds, row.id, row.due_at)
        return tuple(
            FeedClaim(id=FeedId(row.id), due_at=row.due_at, visits=_visits(row))
            for row in claimed
            if row.host not in foreign
        )

    def finish(self, claim: FeedClaim, visits: Visits, delay: timedelta) -> None:
        """Keep what the poll taught us, and come back after *delay*; LeaseLost if somebody else took over."""
        self._due.finish(
            feeds,
            claim.id,
            claim.due_at,
            delay,
            **_changed(claim.visits, visits),
        )

    def put_back(self, claim: FeedClaim, delay: timedelta) -> None:
        """Give *claim* back unpolled, due after *delay*."""
        self._due.finish(feeds, claim.id, claim.due_at, delay)

    def leave_due(self, claim: FeedClaim) -> None:
        """Give *claim* back unpolled, due as it was: it is claimed again at once."""
        self._due.give_back(feeds, claim.id, claim.due_at)

    def fall_due(self, ids: Sequence[str]) -> int:
        """Make the feeds *ids* due now whatever their schedule says; return how many there are."""
        waiting = update(feeds).where(feeds.c.id.in_(ids), feeds.c.due_at.is_not(None))
        return self._connection.execute(waiting.values(due_at=LONG_AGO)).rowcount

    def spread(self, delays: Mapping[FeedId, timedelta]) -> int:
        """Make each feed of *delays* that is overdue due so much later than now; return how many that were.

        What is new, and so was never due before, stays due at once.  What was
        polled in the future was so before the clock was set back, and would wait
        until it is there again.
        """
        now, ahead = self._due.now(), self._due.now(AHEAD)
        late = select(feeds.c.id, feeds.c.due_at).where(
            feeds.c.due_at > LONG_AGO, (feeds.c.due_at <= now) | (feeds.c.polled_at > ahead)
        )
        found = [row for row in self._connection.execute(late).all() if row.id in delays]
        for row in found:
            ours = update(feeds).where(feeds.c.id == row.id, feeds.c.due_at == row.due_at)
            self._connection.execute(ours.values(due_at=self._due.now(delays[row.id])))
        return len(found)

    def visits(self, id: FeedId) -> Visits:
        """Return what earlier polls of the feed *id* taught us: nothing, if there is none."""
        row = self._connection.execute(select(feeds).where(feeds.c.id == id)).first()
        return Visits() if row is None else _visits(row)

    def hurry(self, id: FeedId, delay: timedelta) -> None:
        """Make the feed *id* due after *delay* at the latest, unless it fails.

        What is due within a lease is left as it is: it may be in somebody's
        hands, who would lose it.
        """
        far = feeds.c.due_at > self._due.now(LEASE)
        well = update(feeds).where(feeds.c.id == id, far, feeds.c.failures == 0)
        self._connection.execute(well.values(due_at=self._due.now(delay)))

    def next_due(self) -> timedelta | None:
        """Return how long until a feed falls due (negative: overdue); None without feeds."""
        waiting = select(feeds.c.due_at - self._due.now()).where(feeds.c.due_at.is_not(None)).order_by(feeds.c.due_at)
        left = self._connection.execute(waiting.limit(1)).scalar()
        return None if left is None else timedelta(milliseconds=left)

    def neighbours(
        self, id: FeedId, state: Health, unheard: Collection[str], *, since: datetime, lately: datetime
    ) -> Neighbours:
        """Return how the feeds beside *id*, which has come to *state*, fare.

        Of a stale feed it counts how many others were just told of alone.  Hosts
        count that were asked after *since*, where there are *unheard* outcomes,
        which are no answer: that looks through all feeds.  Feeds count of which
        *state* was told after *lately*.
        """
        active = feeds.c.due_at.is_not(None)
        same = select(func.count()).where(active, feeds.c.health == state.value, feeds.c.health_at > stamp(lately))
        told = self._connection.execute(same).scalar_one()
        if state is not Health.FAILING:
            return Neighbours(told=told)
        own = select(feeds.c.host).where(feeds.c.id == id).scalar_subquery()
        told_at = case((feeds.c.health == Health.FAILING.value, feeds.c.health_at), else_=None)
        beside = select(func.count(), func.max(told_at)).where(
            active, feeds.c.host == own, feeds.c.id != id, feeds.c.failures > 0
        )
        failing, last_told = self._connection.execute(beside).one()
        hosts, deaf = self._heard(unheard, since) if unheard else (0, 0)
        return Neighbours(hosts=hosts, unheard=deaf, failing=failing, told_at=maybe_instant(last_told), told=told)

    def _heard(self, unheard: Collection[str], since: datetime) -> tuple[int, int]:
        """Return how many hosts were asked after *since*, and of how many every feed came to an *unheard* outcome."""
        is_deaf = case(((feeds.c.failures > 0) & feeds.c.outcome.in_(sorted(unheard)), 1), else_=0)
        asked = select(func.min(is_deaf).label("deaf")).where(
            feeds.c.due_at.is_not(None), feeds.c.polled_at > stamp(since)
        )
        hosts = asked.group_by(func.coalesce(feeds.c.host, feeds.c.id)).subquery()
        count, deaf = self._connection.execute(select(func.count(), func.sum(hosts.c.deaf)).select_from(hosts)).one()
        return count, int(deaf or 0)

    def by_health(self) -> dict[str, int]:
        """Return how many feeds of feeds.yaml stand in each state, as it was last told; "new" before the first."""
        state = func.coalesce(feeds.c.health, "new").label("state")
        counted = select(state, func.count().label("feeds")).where(feeds.c.due_at.is_not(None)).group_by(state)
        return {row.state: row.feeds for row in self._connection.execute(counted)}

    def all(self) -> tuple[FeedRow, ...]:
        """Return every feed that was ever taken up, by id."""
        left = case((feeds.c.due_at.is_(None), None), else_=feeds.c.due_at - self._due.now()).label("left_ms")
        rows = self._connection.execute(select(feeds, left).order_by(feeds.c.id))
        return tuple(
            FeedRow(
                id=FeedId(row.id),
                url=row.url,
                due_in=None if row.left_ms is None else timedelta(milliseconds=row.left_ms),
                visits=_visits(row),
            )
            for row in rows
        )


def _taken_up(row: Any, feed: Feed | None) -> dict[str, object]:
    """Return what changes of *row* when feeds.yaml has *feed* under its id: nothing, as a rule."""
    if feed is None:
        return {} if row.due_at is None else {"due_at": None}
    if feed.url != row.url:
        moved = {"url": feed.url, "host": feed.host, **NOT_MOVED}
        return moved if feed.url == row.moved_to else moved | FORGOTTEN
    if row.due_at is None:
        return {"host": feed.host, "due_at": LONG_AGO}
    return {} if row.host is not None else {"host": feed.host}  # it was taken up before hosts were known


def _visits(row: Row[Any]) -> Visits:
    return Visits(
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash,
        failures=row.failures,
        baseline_at=maybe_instant(row.baseline_at),
        polled_at=maybe_instant(row.polled_at),
        succeeded_at=maybe_instant(row.succeeded_at),
        outcome=row.outcome,
        note=row.note,
        fault=row.fault,
        weight=row.weight,
        brought_at=maybe_instant(row.brought_at),
        longest_pause=None if row.longest_pause is None else timedelta(milliseconds=row.longest_pause),
        rhythm=None if row.rhythm is None else _rhythm(json.loads(row.rhythm)),
        **({} if row.wishes is None else _wishes(json.loads(row.wishes))),
        listed=() if row.listed is None else tuple(array("q", row.listed)),
        inside=row.inside,
        listed_at=maybe_instant(row.listed_at),
        scheme=None if row.scheme is None else Scheme(row.scheme),
        moved_to=row.moved_to,
        moved_at=maybe_instant(row.moved_at),
        moved_times=row.moved_times,
        gone_at=maybe_instant(row.gone_at),
        gap_at=maybe_instant(row.gap_at),
        health=None if row.health is None else Health(row.health),
        health_at=maybe_instant(row.health_at),
    )


def _changed(before: Visits, after: Visits) -> dict[str, object]:
    """Return the columns in which *after* differs from *before*: of a poll that brought nothing new, a few."""
    changed: dict[str, object] = {
        name: write(now)
        for name, write in COLUMNS.items()
        if (now := getattr(after, name)) is not (was := getattr(before, name)) and now != was
    }
    if (wishes := _wished(after)) != _wished(before):
        changed["wishes"] = wishes
    return changed


def _rhythm(kept: dict[str, Any]) -> Rhythm:
    return Rhythm(per_day=kept["per_day"], days=kept["days"], hours=tuple(kept["hours"]))


def _wished(visits: Visits) -> str | None:
    if visits.ttl is None and not visits.skip_hours and not visits.skip_days:
        return None
    wishes = {
        "ttl": visits.ttl and milliseconds(visits.ttl),
        "skip_hours": sorted(visits.skip_hours),
        "skip_days": sorted(visits.skip_days),
    }
    return json.dumps(wishes)


def _wishes(kept: dict[str, Any]) -> dict[str, Any]:
    return {
        "ttl": kept["ttl"] and timedelta(milliseconds=kept["ttl"]),
        "skip_hours": frozenset(kept["skip_hours"]),
        "skip_days": frozenset(kept["skip_days"]),
    }


def _same(value: object) -> object:
    return value


COLUMNS: Mapping[str, Callable[[Any], object]] = {
    **dict.fromkeys(("etag", "last_modified", "body_hash", "failures", "outcome", "note", "fault", "weight"), _same),
    **dict.fromkeys(("inside", "scheme", "moved_to", "moved_times", "health"), _same),
    **dict.fromkeys(("baseline_at", "polled_at", "succeeded_at", "brought_at", "listed_at"), maybe_stamp),
    **dict.fromkeys(("moved_at", "gone_at", "gap_at", "health_at"), maybe_stamp),
    "longest_pause": lambda pause: None if pause is None else milliseconds(pause),
    "rhythm": lambda rhythm: rhythm and json.dumps({name: getattr(rhythm, name) for name in Rhythm.__slots__}),
    "listed": lambda listed: array("q", listed).tobytes() if listed else None,
}
"""What is kept of visits, by the same name, and how it is written; but for what the last document asked for."""
