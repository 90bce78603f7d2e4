"""Hosts that are held, and feeds that fell due while nobody ran."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from monitor.feeds.schedule import late_start
from monitor.model import Feed, FeedId, Visits
from monitor.store import Store
from monitor.store.claims import LEASE
from monitor.store.feeds import Turn
from tests.build import feed

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def one(n: int, host: str = "a.example", **given: object) -> Feed:
    return feed(f"{host}-{n}", url=f"https://{host}/{n}", **given)


def at(store: Store, later: timedelta) -> Store:
    """The same database after so long."""
    return Store(store.url, offset=store.offset + later)


def due(store: Store) -> set[str]:
    with store.transaction() as tx:
        return {claim.id for claim in tx.feeds.claim(99)}


def test_no_feed_of_a_host_that_is_held_is_claimed_before_its_time_and_a_longer_hold_stays(store: Store) -> None:
    with store.transaction() as tx:
        tx.feeds.take_up([one(1), one(2), one(1, "b.example")])
        tx.hosts.hold("a.example", 2 * HOUR)
        tx.hosts.hold("a.example", HOUR)
        assert HOUR < tx.hosts.held()["a.example"] <= 2 * HOUR
    assert due(store) == {"b.example-1"}
    soon, late = at(store, 1.9 * HOUR), at(store, 2 * HOUR + timedelta(seconds=1))
    assert "a.example-1" not in due(soon)
    assert {"a.example-1", "a.example-2"} <= due(late)
    with late.reading() as tx:
        assert tx.hosts.held() == {}
    soon.close()
    late.close()


def test_feeds_that_fell_due_while_nobody_ran_are_spread_and_others_stay_where_they_are(store: Store) -> None:
    late = [one(n, max_lag=15 * timedelta(minutes=1)) for n in range(40)]
    with store.transaction() as tx:
        tx.feeds.take_up(late)
        for claim in tx.feeds.claim(40):
            tx.feeds.finish(claim, Visits(), 3 * HOUR if claim.id == "a.example-0" else HOUR)
    after = at(store, 2 * HOUR)
    with after.transaction() as tx:
        tx.feeds.take_up([*late, one(1, "new.example")])
        assert tx.feeds.spread({each.id: late_start(each) for each in late}) == 39
        waits = {row.id: row.due_in for row in tx.feeds.all()}
    assert due(after) <= {"new.example-1", *(id for id, wait in waits.items() if wait < timedelta(minutes=1))}
    assert waits.pop("a.example-0") > 0.9 * HOUR
    assert waits.pop("new.example-1") < timedelta()
    assert all(timedelta(seconds=-1) < wait <= timedelta(minutes=10) for wait in waits.values())
    thirds = [sum(wait > timedelta(minutes=10) * n / 3 for wait in waits.values()) for n in range(3)]
    assert thirds[2] > 3
    assert thirds[0] - thirds[1] > 3
    after.close()


def test_feeds_do_not_wait_for_a_clock_that_was_set_back(store: Store) -> None:
    with store.reading() as tx:
        now = datetime.fromtimestamp(tx.feeds.clock() / 1000, UTC)
    ahead, delays = at(store, 48 * HOUR), {FeedId("a.example-1"): 5 * MINUTE, FeedId("a.example-2"): 5 * MINUTE}
    with ahead.transaction() as tx:
        assert tx.chores.claim("spread", HOUR)
        tx.feeds.take_up([one(1), one(2)])
        first, second = tx.feeds.claim(2)
        tx.feeds.finish(first, Visits(polled_at=now + 48 * HOUR), HOUR)
        tx.feeds.finish(second, Visits(polled_at=now), HOUR)
    ahead.close()
    with store.transaction() as tx:
        assert tx.chores.claim("spread", HOUR)
        assert not tx.chores.claim("spread", HOUR)
        assert tx.feeds.spread(delays) == 1
        waits = {row.id: row.due_in for row in tx.feeds.all() if row.due_in is not None}
    assert waits[first.id] <= 5 * MINUTE < waits[second.id]


def test_a_feed_that_moved_where_redirects_had_led_keeps_its_place_and_its_validators(store: Store) -> None:
    moved = "https://b.example/new"
    with store.transaction() as tx:
        tx.feeds.take_up([one(1)])
        (claim,) = tx.feeds.claim(1)
        tx.feeds.finish(claim, Visits(etag='"1"', moved_to=moved, moved_times=3), HOUR)
        tx.feeds.take_up([feed("a.example-1", url=moved)])
        (row,) = tx.feeds.all()
        assert (row.url, row.visits.etag, row.visits.moved_to, row.visits.moved_times) == (moved, '"1"', None, 0)
        assert row.due_in is not None
        assert row.due_in > 0.9 * HOUR
        tx.hosts.hold("b.example", HOUR)
        tx.feeds.take_up([feed("a.example-1", url="https://b.example/other")])
        assert tx.feeds.claim(1) == ()
        (row,) = tx.feeds.all()
        assert row.visits.etag is None


def claimed(store: Store, worker: str | None, *at_home: str, most: int = 1) -> list[str]:
    turn = None if worker is None else Turn(worker=worker, at_home=frozenset(at_home))
    with store.transaction() as tx:
        return [claim.id for claim in tx.feeds.claim(most, turn=turn)]


def test_of_several_processes_one_asks_a_host_until_it_leaves_or_its_lease_ends(store: Store) -> None:
    with store.transaction() as tx:
        tx.feeds.take_up([*(one(n) for n in range(9)), one(0, "b.example")])
    assert claimed(store, "first") == ["a.example-0"]
    assert claimed(store, "second", most=9) == ["b.example-0"]
    assert claimed(store, "first") == ["a.example-1"]
    assert len(claimed(store, None)) == 1
    with store.transaction() as tx:
        tx.hosts.release("first")
    assert claimed(store, "second") != []
    assert claimed(store, "first", most=9) == []
    later = at(store, LEASE + timedelta(seconds=1))
    assert len(claimed(later, "first", most=99)) == 10
    later.close()


def test_a_host_at_home_is_asked_by_as_many_processes_as_there_are(store: Store) -> None:
    with store.transaction() as tx:
        tx.feeds.take_up([one(n) for n in range(9)])
    assert len(claimed(store, "first", "a.example")) == 1
    assert len(claimed(store, "second", "a.example")) == 1


def test_processes_that_claim_at_the_same_moment_never_share_a_host(store: Store) -> None:
    with store.transaction() as tx:
        tx.feeds.take_up([one(n, f"h{n % 12}.example") for n in range(120)])

    def work(worker: str) -> dict[str, str]:
        mine = Store(store.url)
        owned: dict[str, str] = {}
        for _ in range(12):
            owned |= {id.partition("-")[0]: worker for id in claimed(mine, worker, most=5)}
        mine.close()
        return owned

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(work, ["a", "b", "c", "d"]))
    hosts = [host for owned in found for host in owned]
    assert len(hosts) == len(set(hosts)) == 12
