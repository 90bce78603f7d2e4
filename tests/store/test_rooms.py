"""What each room of the store promises, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from monitor.chores import prune
from monitor.errors import SchemaError, StoreError
from monitor.model import ChannelId, DeliveryId, FeedId, Health, Rhythm, Scheme, State, Visits
from monitor.store import Store, expect_current, upgrade
from monitor.store.outbox import Attempt
from monitor.store.schema import MIGRATIONS, Shape, _known, shape
from monitor.store.tables import metadata
from tests.build import NOON, alert, article, delivery, feed, message, sighting

DESK = ChannelId("desk")
GAZETTE = FeedId("gazette")
HOUR = timedelta(hours=1)
REFUSED = Attempt(at=NOON, outcome="refused", status=400, detail="no")


def after(store: Store, span: timedelta) -> Store:
    return Store(store.url, offset=store.offset + span)


def posted(store: Store, count: int = 1, channel: ChannelId = DESK) -> None:
    """Put *count* messages with a delivery each into the outbox."""
    with store.transaction() as tx:
        for n in range(count):
            told = message(f"message_{channel}_{n}", subject=f"alert_{n}")
            to = delivery(f"delivery_{channel}_{n}", message_id=told.id, channel=channel)
            tx.outbox.add([told], [to], NOON)


# ------------------------------------------------------------------ feeds


def test_a_new_feed_is_due_at_once_and_a_left_out_one_never_again(store: Store) -> None:
    with store.transaction() as tx:
        tx.feeds.take_up([feed("a"), feed("b")])
        assert {claim.id for claim in tx.feeds.claim(9)} == {"a", "b"}
    with store.transaction() as tx:
        tx.feeds.take_up([feed("b")])
    late = after(store, timedelta(days=1))
    with late.transaction() as tx:
        assert [claim.id for claim in tx.feeds.claim(9)] == ["b"]
        rows = {row.id: row for row in tx.feeds.all()}
        assert rows[FeedId("a")].due_in is None
        tx.feeds.take_up([feed("a"), feed("b")])
        assert [claim.id for claim in tx.feeds.claim(9)] == ["a"]
    late.close()


def test_taking_up_the_same_feeds_again_moves_no_schedule(store: Store) -> None:
    with store.transaction() as tx:
        tx.feeds.take_up([feed("a")])
        (claim,) = tx.feeds.claim(1)
        tx.feeds.finish(claim, Visits(etag='"1"'), HOUR)
    with store.transaction() as tx:
        tx.feeds.take_up([feed("a")])
        assert tx.feeds.claim(1) == ()
        left = tx.feeds.next_due()
        assert left is not None
        assert timedelta(minutes=59) < left <= HOUR


def test_a_feed_with_another_address_forgets_its_validators_and_is_due(store: Store) -> None:
    with store.transaction() as tx:
        tx.feeds.take_up([feed("a")])
        (claim,) = tx.feeds.claim(1)
        tx.feeds.finish(claim, Visits(etag='"1"', last_modified="then", body_hash="h", baseline_at=NOON), HOUR)
        tx.feeds.take_up([feed("a", url="https://elsewhere.example/feed")])
        (claim,) = tx.feeds.claim(1)
    assert claim.visits == Visits(baseline_at=NOON)


def test_everything_that_a_poll_taught_is_remembered(store: Store) -> None:
    taught = Visits(
        etag='W/"ä"',
        last_modified="Wed, 08 Jul 2026 11:00:00 GMT",
        body_hash="h",
        failures=3,
        baseline_at=NOON,
        polled_at=NOON + HOUR,
        succeeded_at=NOON,
        outcome="timeout",
        note="no answer",
        weight=1.5,
        brought_at=NOON,
        rhythm=Rhythm(per_day=2.5, days=3.5, hours=(0.5, 1.5) * 12),
        ttl=HOUR,
        skip_hours=frozenset({0, 23}),
        skip_days=frozenset({6}),
        listed=(-(2**63), -1, 0, 2**63 - 1),
        listed_at=NOON,
        scheme=Scheme.GUID,
        moved_to="https://elsewhere.example/rss",
        moved_at=NOON,
        moved_times=2,
        gone_at=NOON,
        gap_at=NOON,
        health=Health.STALE,
        health_at=NOON,
    )
    with store.transaction() as tx:
        tx.feeds.take_up([feed("a")])
        (claim,) = tx.feeds.claim(1)
        tx.feeds.finish(claim, taught, HOUR)
    with store.reading() as tx:
        (row,) = tx.feeds.all()
    assert row.visits == taught


def test_a_feed_can_be_made_due_by_hand(store: Store) -> None:
    with store.transaction() as tx:
        tx.feeds.take_up([feed("a"), feed("b")])
        for claim in tx.feeds.claim(2):
            tx.feeds.finish(claim, Visits(), HOUR)
        assert tx.feeds.fall_due(["b", "nobody"]) == 1
        assert [claim.id for claim in tx.feeds.claim(9)] == ["b"]


# ------------------------------------------------------------------ articles


def test_only_what_a_feed_has_not_listed_before_is_new(store: Store) -> None:
    one, two = article("One"), article("Two")
    with store.transaction() as tx:
        assert tx.articles.add(GAZETTE, [sighting(one)], NOON) == (one,)
        assert tx.articles.add(GAZETTE, [sighting(two), sighting(one)], NOON) == (two,)
        assert tx.articles.add(FeedId("courier"), [sighting(one)], NOON) == (one,)
        assert tx.articles.count() == 2
        assert set(tx.articles.sighted(GAZETTE, [one.id, "other"])) == {one.id}


def test_an_article_is_read_as_it_was_kept(store: Store) -> None:
    kept = article("Vučić и Захарова 😀", labels={"tier": "1"}, related=("Other",), section="Politics")
    with store.transaction() as tx:
        tx.articles.add(GAZETTE, [sighting(kept)], NOON)
    with store.reading() as tx:
        assert tx.articles.find(kept.id) == kept
        assert tx.articles.find(article("Another").id) is None


def test_articles_are_read_in_the_order_in_which_they_came(store: Store) -> None:
    came = [article(f"{n} hours ago", seen_at=NOON - n * HOUR) for n in (2, 0, 3, 1)]
    with store.transaction() as tx:
        tx.articles.add(GAZETTE, map(sighting, came), NOON)
    with store.reading() as tx:
        since = NOON - 2 * HOUR
        assert [each.headline for each in tx.articles.since(since)] == ["2 hours ago", "1 hours ago", "0 hours ago"]
        assert (tx.articles.count(since), tx.articles.count()) == (3, 4)


def test_an_article_is_found_by_the_beginning_of_its_id(store: Store) -> None:
    one, other = article("One"), article("Other")
    with store.transaction() as tx:
        tx.articles.add(GAZETTE, map(sighting, [one, other]), NOON)
    with store.reading() as tx:
        assert tx.articles.beginning(one.id[:20]) == (one,)
        assert len(tx.articles.beginning("article_")) == 2
        assert tx.articles.beginning("article%") == ()


def test_a_feed_of_thousands_of_items_is_kept_whole(store: Store) -> None:
    many = [sighting(article(f"Item {n}")) for n in range(2_345)]
    with store.transaction() as tx:
        assert len(tx.articles.add(GAZETTE, many, NOON)) == 2_345
        assert tx.articles.add(GAZETTE, many, NOON) == ()
        assert len(tx.articles.sighted(GAZETTE, [each.key for each in many])) == 2_345


def test_overlapping_batches_in_opposite_orders_do_not_deadlock(store: Store) -> None:
    many = [sighting(article(f"Item {n}")) for n in range(600)]
    at_once = threading.Barrier(2)

    def keep(name: str, seen: list) -> int:
        at_once.wait()
        with store.transaction() as tx:
            return len(tx.articles.add(FeedId(name), seen, NOON))

    with ThreadPoolExecutor(2) as threads:
        both = [threads.submit(keep, "a", many), threads.submit(keep, "b", many[::-1])]
        assert [each.result() for each in both] == [600, 600]
    with store.reading() as tx:
        assert tx.articles.count() == 600


# ------------------------------------------------------------------ alerts and the outbox


def test_an_alert_is_raised_once_for_ever(store: Store) -> None:
    with store.transaction() as tx:
        assert [each.id for each in tx.alerts.add([alert("a"), alert("a"), alert("b")])] == ["a", "b"]
    with store.transaction() as tx:
        assert [each.id for each in tx.alerts.add([alert("b"), alert("c")])] == ["c"]
        assert {row.id for row in tx.alerts.list()} == {"a", "b", "c"}
        assert [row.id for row in tx.alerts.find("c")] == ["c"]
        assert tx.alerts.find("%") == ()


def test_alerts_are_listed_newest_first_and_narrowed(store: Store) -> None:
    with store.transaction() as tx:
        tx.alerts.add(
            [alert(f"a{n}", raised_at=NOON + n * HOUR, rule_id="even" if n % 2 == 0 else "odd") for n in range(5)]
        )
        assert [row.id for row in tx.alerts.list(most=2)] == ["a4", "a3"]
        assert [row.id for row in tx.alerts.list(since=NOON + 2 * HOUR, rule="even")] == ["a4", "a2"]
        assert tx.alerts.list(severity="high") == ()


def test_a_delivery_is_due_at_once_on_its_own_channel_alone(store: Store) -> None:
    posted(store, 2)
    posted(store, 1, ChannelId("night"))
    with store.transaction() as tx:
        assert tx.outbox.claim(ChannelId("nobody"), 9) == ()
        claims = tx.outbox.claim(DESK, 9)
        assert [claim.delivery.id for claim in claims] == ["delivery_desk_0", "delivery_desk_1"]
        assert claims[0].message.body == b"{}"
        assert tx.outbox.claim(DESK, 9) == ()
        assert tx.outbox.pending() == 3
        assert tx.outbox.pending([DESK]) == 2


def test_a_paused_channel_waits_for_the_longest_pause(store: Store) -> None:
    posted(store)
    with store.transaction() as tx:
        tx.channels.pause(DESK, 2 * HOUR, "429")
        tx.channels.pause(DESK, HOUR, "503")
        assert tx.outbox.claim(DESK, 9) == ()
    for span, expected in ((HOUR * 1.5, 0), (HOUR * 2.5, 1)):
        late = after(store, span)
        with late.transaction() as tx:
            assert len(tx.outbox.claim(DESK, 9)) == expected
        late.close()


def test_a_disabled_channel_keeps_its_deliveries_until_it_is_enabled(store: Store) -> None:
    posted(store)
    with store.transaction() as tx:
        tx.channels.take_up([DESK])
        tx.channels.disable(DESK, NOON, "410")
        assert tx.outbox.claim(DESK, 9) == ()
        assert tx.channels.all()[DESK].disabled_at == NOON
        tx.channels.enable(DESK)
        assert tx.channels.all()[DESK].disabled_at is None
        assert len(tx.outbox.claim(DESK, 9)) == 1


def test_a_settled_delivery_is_never_due_again_and_its_attempts_are_told(store: Store) -> None:
    posted(store)
    with store.transaction() as tx:
        (claim,) = tx.outbox.claim(DESK, 1)
        tx.outbox.settle(claim, state=State.PENDING, delay=timedelta(seconds=5), attempt=REFUSED, now=NOON)
    late = after(store, HOUR)
    with late.transaction() as tx:
        (claim,) = tx.outbox.claim(DESK, 1)
        assert claim.delivery.attempts == 1
        tx.outbox.settle(claim, state=State.DEAD, delay=None, attempt=REFUSED, now=NOON)
    for span in (2 * HOUR, timedelta(days=300)):
        later = after(store, span)
        with later.transaction() as tx:
            assert tx.outbox.claim(DESK, 1) == ()
        later.close()
    with late.reading() as tx:
        (row,) = tx.outbox.list(state=State.DEAD)
        assert (row.delivery.attempts, row.settled_at, row.due_in, row.note) == (2, NOON, None, "no")
        assert tx.outbox.attempts(row.delivery.id) == (REFUSED, REFUSED)
        assert tx.outbox.body(row.delivery.id) == b"{}"
    late.close()


def test_a_dead_delivery_can_be_sent_again_and_a_done_one_cannot(store: Store) -> None:
    posted(store, 2)
    with store.transaction() as tx:
        dead, done = tx.outbox.claim(DESK, 2)
        tx.outbox.settle(dead, state=State.DEAD, delay=None, attempt=REFUSED, now=NOON)
        tx.outbox.settle(done, state=State.DONE, delay=None, attempt=REFUSED, now=NOON)
        assert tx.outbox.retry([dead.delivery.id, done.delivery.id, DeliveryId("unknown")]) == 1
        (again,) = tx.outbox.claim(DESK, 9)
        assert again.delivery.id == dead.delivery.id
        assert again.delivery.attempts == 0
        assert tx.outbox.attempts(done.delivery.id) == (REFUSED,)
        tx.outbox.settle(again, state=State.DEAD, delay=None, attempt=REFUSED, now=NOON)


# ------------------------------------------------------------------ chores


def test_of_all_processes_one_is_told_to_do_a_chore(store: Store) -> None:
    for round in range(2):
        late = after(store, round * timedelta(hours=7))
        told = []
        for _ in range(3):
            with late.transaction() as tx:
                told.append(tx.chores.claim("prune", timedelta(hours=6)))
        assert told == [True, False, False]
        late.close()


def test_pruning_forgets_what_is_old_but_nothing_that_is_pending(store: Store) -> None:
    old, waiting, young = article("Old"), article("Waiting"), article("Young", seen_at=NOON)
    long_ago = NOON - timedelta(days=200)
    with store.transaction() as tx:
        tx.articles.add(GAZETTE, [sighting(each) for each in (old, waiting)], long_ago)
        tx.articles.add(GAZETTE, [sighting(young)], NOON)
        tx.alerts.add([alert("done", article_id=old.id, raised_at=long_ago)])
        tx.alerts.add([alert("pending", article_id=waiting.id, raised_at=long_ago)])
        for id in ("done", "pending"):
            told = message(f"message_{id}", subject=id)
            tx.outbox.add([told], [delivery(f"delivery_{id}", message_id=told.id)], long_ago)
        (done, _) = tx.outbox.claim(DESK, 2)
        tx.outbox.settle(done, state=State.DONE, delay=None, attempt=REFUSED, now=long_ago)
    with store.transaction() as tx:
        pruned = prune(tx, retention=timedelta(days=90), now=NOON)
    assert pruned is not None
    assert (pruned.articles, pruned.alerts, pruned.deliveries) == (0, 1, 1)
    with store.reading() as tx:
        assert [row.id for row in tx.alerts.list()] == ["pending"]
        assert tx.outbox.pending() == 1
    with store.transaction() as tx:
        assert prune(tx, retention=timedelta(days=90), now=NOON) is None


def test_seen_ids_outlive_retention_while_they_are_listed(store: Store) -> None:
    listed = article("Listed")
    with store.transaction() as tx:
        for day in range(0, 60, 2):
            tx.articles.add(GAZETTE, [sighting(listed)], NOON + timedelta(days=day))
        prune(tx, retention=timedelta(days=7), now=NOON + timedelta(days=80))
        assert tx.articles.add(GAZETTE, [sighting(listed)], NOON + timedelta(days=81)) == ()
    late = after(store, timedelta(days=1))
    with late.transaction() as tx:
        prune(tx, retention=timedelta(days=7), now=NOON + timedelta(days=180))
        assert tx.articles.add(GAZETTE, [sighting(listed)], NOON + timedelta(days=181)) == (listed,)
    late.close()


def test_an_entry_is_still_listed_by_the_fingerprint_that_it_had_last(store: Store) -> None:
    listed, edited, gone = (article(f"Story {n}") for n in range(3))
    with store.transaction() as tx:
        seen = [sighting(each, fingerprint=n) for n, each in enumerate((listed, edited, gone))]
        tx.articles.add(GAZETTE, seen, NOON)
        tx.articles.add(FeedId("courier"), seen, NOON)
        tx.articles.rewrite(GAZETTE, [sighting(edited, fingerprint=7)])
        tx.articles.still_listed(GAZETTE, (0, 7, 9), NOON + timedelta(days=20))
        prune(tx, retention=timedelta(days=7), now=NOON + timedelta(days=40))
        assert set(tx.articles.sighted(GAZETTE, [each.id for each in (listed, edited, gone)])) == {listed.id, edited.id}
        assert set(tx.articles.sighted(FeedId("courier"), [listed.id])) == set()


def test_a_feed_that_has_not_changed_since_fingerprints_are_kept_lists_what_it_listed(store: Store) -> None:
    listed = article("Listed")
    with store.transaction() as tx:
        tx.articles.add(GAZETTE, [sighting(listed)], NOON)
        tx.articles.still_listed(GAZETTE, (), NOON + timedelta(days=20))
        prune(tx, retention=timedelta(days=7), now=NOON + timedelta(days=40))
        assert set(tx.articles.sighted(GAZETTE, [listed.id])) == {listed.id}


def test_the_last_accepted_files_are_kept_and_no_others(store: Store) -> None:
    with store.transaction() as tx:
        assert tx.configs.accepted() is None
        tx.configs.accept("1", {"feeds.yaml": "a: ä"}, NOON)
        tx.configs.accept("1", {"feeds.yaml": "a: ä"}, NOON + HOUR)
        accepted = tx.configs.accepted()
        assert accepted is not None
        assert (accepted.files, accepted.accepted_at) == ({"feeds.yaml": "a: ä"}, NOON)
        tx.configs.accept("2", {}, NOON + HOUR)
        accepted = tx.configs.accepted()
        assert accepted is not None
        assert accepted.hash == "2"


# ------------------------------------------------------------------ the database itself


def test_the_migrations_make_the_tables_that_the_program_expects(store: Store) -> None:
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_revisions_are_those_that_alembic_finds() -> None:
    assert _known() == [each.revision for each in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]


def test_an_empty_database_is_refused_until_it_is_upgraded(database_url: str) -> None:
    store = Store(database_url)
    with pytest.raises(SchemaError, match="monitor db upgrade"):
        expect_current(store)
    assert upgrade(store) == (Shape.EMPTY, None)
    expect_current(store)
    assert upgrade(store) == (Shape.CURRENT, None)
    store.close()


def test_a_newer_database_is_refused(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert shape(store) is Shape.NEW
    for refusing in (expect_current, upgrade):
        with pytest.raises(SchemaError, match="newer version"):
            refusing(store)


def test_processes_that_upgrade_together_find_it_done_or_do_it(database_url: str) -> None:
    stores = [Store(database_url) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(upgrade, stores))
    for store in stores:
        expect_current(store)
        store.close()


def test_a_sqlite_file_is_backed_up_while_it_is_written_to(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/a.db")
    upgrade(store)
    posted(store, 3)
    with store.transaction() as tx:
        tx.outbox.claim(DESK, 1)
        store.backup(tmp_path / "b.db")
    copy = Store(f"sqlite:///{tmp_path}/b.db")
    with copy.reading() as tx:
        assert tx.outbox.pending() == 3
    copy.close()
    with pytest.raises(StoreError, match="exists already"):
        store.backup(tmp_path / "b.db")
    with pytest.raises(StoreError, match=r"no/such"):
        store.backup(tmp_path / "no" / "such" / "folder.db")
    store.close()


def test_an_older_sqlite_file_is_backed_up_before_it_is_upgraded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(f"sqlite:///{tmp_path}/a.db")
    upgrade(store)
    posted(store, 1)
    monkeypatch.setattr("monitor.store.schema._known", lambda: ["9999", "0002", "0001"])
    assert shape(store) is Shape.OLD
    with pytest.raises(SchemaError, match="monitor db upgrade"):
        expect_current(store)
    before, saved = upgrade(store)
    assert before is Shape.OLD
    assert saved is not None
    copy = Store(f"sqlite:///{saved}")
    with copy.reading() as tx:
        assert tx.outbox.pending() == 1
    copy.close()
    store.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "no database address"),
        ("mysql://localhost/x", "not supported"),
        ("sqlite:////proc/nowhere/x.db", "/proc/nowhere"),
    ],
)
def test_an_impossible_address_is_refused_with_what_to_write(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        Store(url).close()


def test_an_unreachable_database_is_a_store_error_without_its_password() -> None:
    store = Store("postgresql://monitor:hunter2@127.0.0.1:1/monitor")
    with pytest.raises(StoreError) as refused:
        store.ping()
    assert "hunter2" not in str(refused.value)
    store.close()


def test_a_claim_costs_no_more_with_many_rows_that_are_not_due(store: Store) -> None:
    """The plan uses the index of due rows; no clock is read here."""
    with store.transaction() as tx:
        tx.feeds.take_up([feed(f"feed-{n}") for n in range(300)])
    with store.engine.connect() as connection:
        explain = "EXPLAIN QUERY PLAN" if store.embedded else "EXPLAIN"
        if not store.embedded:
            connection.execute(text("SET enable_seqscan = off"))
        plan = connection.execute(
            text(f"{explain} SELECT id FROM feed WHERE due_at <= 5 ORDER BY due_at LIMIT 3")
        ).all()
    assert "ix_feed_due" in str(plan)
