"""The flow in: a real publisher, a real store, the real rooms, a clock that is given."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from monitor.errors import LeaseLost
from monitor.model import ChannelId, Document, Feed, Fetched, Visits
from monitor.poll import Reading, Visit, give_up, poll, read_articles
from monitor.store import Store
from monitor.store.claims import LEASE
from tests.build import NOON, feed
from tests.flows.bench import Bench, read, rss, unread
from tests.serving import Reply

HOUR = timedelta(hours=1)


def told(visit: Visit) -> list[tuple[str, str]]:
    return sorted((alert.rule_id, str(alert.data["article"]["headline"])) for alert in visit.alerts)


def test_the_first_poll_tells_only_of_what_is_young(bench: Bench) -> None:
    bench.publisher.publish(
        "/feed.xml",
        rss(
            ("1", "Flood today", NOON - HOUR),
            ("2", "Flood last week", NOON - timedelta(days=7)),
            ("3", "Flood undated", None),
        ),
    )
    visit = bench.poll()
    assert told(visit) == [("every-flood", "Flood today"), ("floods", "Flood today")]
    assert (visit.listed, len(visit.fresh)) == (3, 3)
    assert sum(visit.folded.values()) == 4
    with bench.store.reading() as tx:
        assert tx.articles.count() == 3
        assert tx.outbox.pending([ChannelId("desk")]) == 1
        assert tx.outbox.pending([ChannelId("night")]) == 1


def test_later_polls_tell_of_what_is_new_undated_ones_too_but_not_of_what_is_old(bench: Bench) -> None:
    old = ("1", "Flood today", NOON - HOUR)
    bench.publisher.publish("/feed.xml", rss(old))
    bench.poll()
    bench.publisher.publish(
        "/feed.xml",
        rss(
            old,
            ("2", "Flood undated", None),
            ("3", "Flood in May", NOON - timedelta(days=60)),
            ("4", "Flood now", NOON),
        ),
    )
    visit = bench.poll(NOON + HOUR)
    assert told(visit) == [
        ("every-flood", "Flood now"),
        ("every-flood", "Flood undated"),
        ("floods", "Flood now"),
        ("floods", "Flood undated"),
    ]


def test_a_second_poll_of_an_unchanged_feed_costs_a_304_and_nothing_else(bench: Bench) -> None:
    bench.publisher.publish("/feed.xml", rss(("1", "Flood", NOON)))
    bench.poll()
    visit = bench.poll(NOON + HOUR)
    assert (visit.visits.outcome, visit.listed, visit.alerts) == ("unchanged", 0, ())
    assert bench.publisher.hits_at("/feed.xml")[1].headers["if-none-match"]


def test_the_same_bytes_without_validators_are_not_read_again(bench: Bench) -> None:
    bench.publisher.publish("/feed.xml", rss(("1", "Flood", NOON)), etag=None)
    bench.poll()
    bench.read = unread
    visit = bench.poll(NOON + HOUR)
    assert (visit.visits.outcome, visit.listed) == ("unchanged", 0)


def test_a_document_that_stays_broken_is_read_once_and_counted_each_time(bench: Bench) -> None:
    bench.publisher.publish("/feed.xml", "<html><p>Soon!", etag=None, content_type="text/html")
    bench.poll()
    bench.read = unread
    visit = bench.poll(NOON + HOUR)
    assert (visit.visits.outcome, visit.visits.failures) == ("unreadable", 2)


@pytest.mark.parametrize("etag", ["auto", None], ids=["304", "the same bytes"])
def test_a_feed_that_stands_still_for_months_is_not_new_when_it_moves_again(bench: Bench, etag: str | None) -> None:
    """Seen ids live as long as they are listed, whether or not anybody reads the list again."""
    old = ("1", "Flood undated", None)
    bench.publisher.publish("/feed.xml", rss(old), etag=etag)
    bench.poll()
    for day in range(1, 70, 2):
        now = NOON + timedelta(days=day)
        bench.poll(now)
        with bench.store.transaction() as tx:
            tx.articles.prune(now - timedelta(days=7), now - timedelta(days=30))
    bench.publisher.publish("/feed.xml", rss(("2", "Flood", None), ("1", "Flood undated, again", None)), etag=etag)
    visit = bench.poll(NOON + timedelta(days=71))
    assert [each.headline for each in visit.fresh] == ["Flood"]


def test_an_entry_that_was_read_before_is_not_read_again_and_stays_known(bench: Bench) -> None:
    one, two, three = (("1", "Flood", NOON), ("2", "Storm", NOON), ("3", "Flood again", NOON))
    bench.publisher.publish("/feed.xml", rss(one, two))
    first = bench.poll()
    bench.publisher.publish("/feed.xml", rss(three, one, two))
    asked = []

    async def seen(document: Document, of: Feed, visits: Visits, seen_at: datetime) -> Reading:
        asked.append(read_articles(document, of, visits, seen_at))
        return asked[0]

    bench.read = seen
    visit = bench.poll(NOON + HOUR)
    (reading,) = asked
    assert [each.key for each in reading.sightings] == ["3"]
    assert visit.visits.listed[1:] == first.visits.listed
    assert (visit.listed, [each.headline for each in visit.fresh]) == (3, ["Flood again"])


def test_a_page_in_place_of_the_feed_is_a_fault_whose_validators_are_kept(bench: Bench) -> None:
    bench.publisher.publish(
        "/feed.xml", "<!doctype html><html><body><p>Soon!</p></body></html>", content_type="text/html"
    )
    visit = bench.poll()
    assert visit.visits.outcome == "unreadable"
    assert visit.visits.etag is not None
    assert visit.visits.baseline_at is None
    assert visit.visits.note
    bench.publisher.publish("/feed.xml", rss(("1", "Flood last week", NOON - timedelta(days=7)), ("2", "Flood", NOON)))
    assert told(bench.poll(NOON + HOUR)) == [("every-flood", "Flood"), ("floods", "Flood")]


def test_of_a_page_in_place_of_the_feed_the_note_says_which_feed_it_names(bench: Bench) -> None:
    page = "<!doctype html><html><head><link rel=alternate type=application/rss+xml href=/new.xml></head></html>"
    bench.publisher.publish("/feed.xml", page)
    assert bench.poll().visits.note == f"this is a web page, not a feed; it names {bench.publisher.url('/new.xml')}"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404),
        Reply(status=500),
        Reply(status=410),
        Reply(reset=True),
        Reply(status=301, headers={"Location": "/x"}),
    ],
    ids=["404", "500", "410", "reset", "redirect to nothing"],
)
def test_every_fault_moves_the_due_time_and_loses_nothing(bench: Bench, reply: Reply) -> None:
    bench.publisher.script("/feed.xml", reply)
    visit = bench.poll()
    assert visit.visits.failures == 1
    assert visit.wait.delay >= bench.feed.max_lag * 0.9
    with bench.store.reading() as tx:
        left = tx.feeds.next_due()
        assert left is not None
        assert left > timedelta(minutes=5)
    bench.publisher.publish("/feed.xml", rss(("1", "Flood", NOON)))
    visit = bench.poll(NOON + HOUR)
    assert visit.visits.failures == 0
    assert len(visit.alerts) == 2


def test_an_article_that_two_feeds_carry_alerts_once_and_is_kept_once(bench: Bench) -> None:
    bench.publisher.publish("/feed.xml", rss(("1", "Flood", NOON)))
    bench.poll()
    bench.feed = feed("courier", url=bench.publisher.url("/other.xml"), allow_private=True)
    bench.publisher.publish("/other.xml", rss(("1", "Flood", NOON)).replace("/1<", "/1?utm_medium=rss<"))
    with bench.store.transaction() as tx:
        tx.feeds.take_up([bench.feed])
    visit = bench.poll()
    assert (len(visit.fresh), visit.alerts) == (1, ())
    with bench.store.reading() as tx:
        assert tx.articles.count() == 1
        assert tx.alerts.count() == 2


def test_a_poll_whose_lease_was_lost_keeps_nothing(bench: Bench) -> None:
    bench.publisher.publish("/feed.xml", rss(("1", "Flood", NOON)))
    with bench.store.transaction() as tx:
        (claim,) = tx.feeds.claim(1)
    after = Store(bench.store.url, offset=LEASE + timedelta(seconds=1))
    with after.transaction() as tx:
        assert len(tx.feeds.claim(1)) == 1

    async def fetched(_feed: Feed, _visits: Visits) -> Fetched:
        return Document(url=bench.feed.url, body=rss(("1", "Flood", NOON)).encode())

    with pytest.raises(LeaseLost):
        asyncio.run(
            poll(
                claim,
                bench.feed,
                bench.watch,
                fetch=fetched,
                read=read,
                store=bench.store,
                clock=lambda: NOON,
                draw=lambda: 0.5,
            )
        )
    with after.reading() as tx:
        assert (tx.articles.count(), tx.alerts.count(), tx.outbox.pending()) == (0, 0, 0)
    after.close()


def test_a_feed_that_trips_a_fault_of_ours_is_put_off(bench: Bench) -> None:
    with bench.store.transaction() as tx:
        (claim,) = tx.feeds.claim(1)
    visit = asyncio.run(
        give_up(
            claim, bench.feed, KeyError("x"), operators=None, store=bench.store, clock=lambda: NOON, draw=lambda: 0.5
        )
    )
    assert (visit.visits.outcome, visit.visits.failures) == ("fault", 1)
    with bench.store.reading() as tx:
        (row,) = tx.feeds.all()
    assert row.due_in is not None
    assert row.due_in > timedelta(minutes=5)
    assert row.visits.note == "a fault in this program: KeyError"


def test_a_feed_of_thousands_of_items_is_read_within_its_limit(bench: Bench) -> None:
    items = [(str(n), f"Item {n}", NOON) for n in range(3_000)]
    bench.publisher.publish("/feed.xml", rss(*items))
    visit = bench.poll()
    assert visit.listed == 2_000
    assert visit.visits.note is not None
    assert "2,000" in visit.visits.note
