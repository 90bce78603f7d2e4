"""Claim, lease, fence: on SQLite and on PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import event

from monitor.errors import LeaseLost
from monitor.model import Visits
from monitor.store import Store
from monitor.store.claims import LEASE
from tests.build import NOON, feed

MANY = 60


def taken_up(store: Store, count: int = MANY) -> None:
    with store.transaction() as tx:
        tx.feeds.take_up([feed(f"feed-{n:03}") for n in range(count)])


def later(store: Store, span: timedelta) -> Store:
    """The same database, *span* later."""
    return Store(store.url, offset=store.offset + span)


def test_concurrent_claims_are_disjoint_and_bounded(store: Store) -> None:
    taken_up(store)
    claimed: list[str] = []

    def work() -> None:
        while True:
            with store.transaction() as tx:
                some = tx.feeds.claim(7)
            if not some:
                return
            assert len(some) <= 7
            claimed.extend(each.id for each in some)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(work) for _ in range(4)]:
            done.result()
    assert len(claimed) == len(set(claimed)) == MANY


def test_a_claimed_row_is_nobody_elses_until_its_lease_ends(store: Store) -> None:
    taken_up(store, 1)
    with store.transaction() as tx:
        assert len(tx.feeds.claim(5)) == 1
        assert tx.feeds.claim(5) == ()
    after = later(store, LEASE + timedelta(seconds=1))
    with after.transaction() as tx:
        assert len(tx.feeds.claim(5)) == 1
    after.close()


def test_a_late_holder_changes_nothing(store: Store) -> None:
    taken_up(store, 1)
    with store.transaction() as tx:
        (old,) = tx.feeds.claim(1)
    after = later(store, LEASE + timedelta(seconds=1))
    with after.transaction() as tx:
        (new,) = tx.feeds.claim(1)
    with pytest.raises(LeaseLost, match="somebody else"), store.transaction() as tx:
        tx.articles.add(old.id, [], NOON)
        tx.feeds.finish(old, Visits(note="late"), timedelta(hours=1))
    with after.transaction() as tx:
        tx.feeds.finish(new, Visits(note="in time"), timedelta(hours=1))
    with store.reading() as tx:
        (row,) = tx.feeds.all()
    assert row.visits.note == "in time"
    after.close()


def test_the_longest_due_come_first(store: Store) -> None:
    taken_up(store, 3)
    with store.transaction() as tx:
        claims = {claim.id: claim for claim in tx.feeds.claim(3)}
        for minutes, id in ((3, "feed-000"), (1, "feed-001"), (2, "feed-002")):
            tx.feeds.finish(claims[id], Visits(), timedelta(minutes=minutes))
    after = later(store, timedelta(hours=1))
    order = []
    with after.transaction() as tx:
        while claim := tx.feeds.claim(1):
            order.append(claim[0].id)
    assert order == ["feed-001", "feed-002", "feed-000"]
    after.close()


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("killed")

    taken_up(store, 1)
    with store.transaction() as tx:
        (claim,) = tx.feeds.claim(1)
    with pytest.raises(RuntimeError), store.transaction() as tx:
        tx.feeds.finish(claim, Visits(note="half"), timedelta(hours=1))
        event.listen(store.engine, "before_cursor_execute", refuse, once=True)
        tx.feeds.all()
    event.remove(store.engine, "before_cursor_execute", refuse)
    with store.reading() as tx:
        assert tx.feeds.all()[0].visits.note is None
