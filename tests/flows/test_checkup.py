"""A feed's health after polls, and what its operators are told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from monitor.model import Feed, FeedId, Fetched, Health, Unchanged, Unreachable, Visits
from monitor.poll import Visit, poll
from monitor.store import Store
from monitor.store.tables import feeds
from tests.build import NOON, feed
from tests.flows.bench import Bench, read, rss
from tests.serving import Reply

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def letters(store: Store) -> list[dict[str, Any]]:
    """What is in the outbox about feeds, the oldest first."""
    with store.reading() as tx:
        rows = [row for row in tx.outbox.list() if row.type == "feed.health"]
        told = [json.loads(tx.outbox.body(row.delivery.id)) for row in rows]
    return sorted(told, key=lambda letter: str(letter["timestamp"]))


def states(store: Store) -> list[str]:
    return [letter["data"]["state"] for letter in letters(store)]


def test_a_feed_that_breaks_is_told_of_once_and_once_more_when_it_is_well(bench: Bench) -> None:
    bench.publisher.publish("/feed.xml", rss(("1", "Flood", NOON)))
    bench.poll()
    bench.publisher.script("/feed.xml", Reply(status=404))
    became = [bench.poll(NOON + n * 13 * HOUR).became for n in range(1, 7)]
    assert [found.health for found in became if found] == ["failing"]
    bench.publisher.publish("/feed.xml", rss(("1", "Flood", NOON), ("2", "Fire", NOON)))
    assert bench.poll(NOON + 4 * DAY).became is None, "one good poll is not enough"
    assert bench.poll(NOON + 4 * DAY + HOUR).visits.health == "ok"
    first, second = (letter["data"] for letter in letters(bench.store))
    assert (first["state"], first["before"], first["since"]) == ("failing", "ok", "2026-07-08T12:00:00Z")
    assert "404" in first["fault"]
    assert (second["state"], second["before"], second["last_success_at"]) == ("ok", "failing", "2026-07-12T13:00:00Z")
    assert letters(bench.store)[1]["timestamp"] == "2026-07-12T13:00:00Z"


def test_a_feed_that_falls_silent_is_told_of_and_so_is_the_end_of_its_silence(bench: Bench) -> None:
    items: list[tuple[str, str, datetime | None]] = []
    for day in range(20):
        items += [(str(day), "Flood", NOON + day * DAY)]
        bench.publisher.publish("/feed.xml", rss(*items))
        bench.poll(NOON + day * DAY)
    for day in range(20, 26):
        bench.poll(NOON + day * DAY)
    (silent,) = (letter["data"] for letter in letters(bench.store))
    assert (silent["state"], silent["since"]) == ("stale", "2026-07-27T12:00:00Z")
    bench.publisher.publish("/feed.xml", rss(*items, ("new", "Fire", NOON + 26 * DAY)))
    bench.poll(NOON + 26 * DAY)
    assert states(bench.store) == ["stale", "ok"]


def test_known_articles_under_new_ids_are_no_sign_of_life(bench: Bench) -> None:
    headlines = [f"Flood in the {n}th district of the town" for n in range(10)]
    feed_of = "<rss version='2.0'><channel><title>G</title><link>https://g.example/</link>{}</channel></rss>".format
    items = "<item><title>{}</title><link>https://g.example/{}</link><guid>{}-{}</guid></item>".format
    for day, scheme in enumerate(("old", "new")):
        listed = "".join(items(each, n, scheme, n) for n, each in enumerate(headlines))
        bench.publisher.publish("/feed.xml", feed_of(listed))
        visit = bench.poll(NOON + day * DAY)
    assert (visit.visits.outcome, visit.visits.brought_at) == ("read", NOON)


def test_a_feed_that_was_dead_when_it_was_added_is_known_for_it_and_nobody_is_told(bench: Bench) -> None:
    bench.publisher.publish("/feed.xml", rss(("1", "Flood", NOON - 400 * DAY)))
    visit = bench.poll()
    assert visit.visits.health == "stale"
    assert letters(bench.store) == []


def cut_off(store: Store, papers: Sequence[Feed], *, since: datetime) -> None:
    """Let all of *papers* have been well until *since*, and failed twice in the hour after it."""
    with store.transaction() as tx:
        tx.feeds.take_up(papers)
    well = Visits(health=Health.OK, health_at=since, baseline_at=since, succeeded_at=since, polled_at=since)
    failed = replace(well, failures=2, weight=2.0, outcome="dns", polled_at=since + HOUR, note="no address")
    with store.transaction() as tx:
        for claim in tx.feeds.claim(len(papers)):
            tx.feeds.finish(claim, failed, HOUR)


def poll_all(bench: Bench, papers: Sequence[Feed], at: datetime, fault: Fetched) -> list[Visit]:
    async def fetch(_feed: Feed, _visits: Visits) -> Fetched:
        return fault

    with bench.store.transaction() as tx:
        tx.feeds.fall_due([paper.id for paper in papers])
        claims = tx.feeds.claim(len(papers))
    by_id = {paper.id: paper for paper in papers}
    steps: dict[str, Any] = {"read": read, "store": bench.store, "clock": lambda: at, "draw": lambda: 0.5}
    return [asyncio.run(poll(claim, by_id[claim.id], bench.watch, fetch=fetch, **steps)) for claim in claims]


def test_while_our_own_network_is_down_nobody_is_told_of_three_hundred_feeds(bench: Bench) -> None:
    papers = [feed(f"paper-{n}") for n in range(300)]
    cut_off(bench.store, papers, since=NOON)
    fault = Unreachable(reason="dns", detail="no address")
    for n in range(2, 8):
        for visit in poll_all(bench, papers[:20], NOON + n * HOUR, fault):
            assert visit.became is not None
            assert visit.became.held is not None
    with bench.store.reading() as tx:
        assert tx.feeds.by_health() == {"ok": 300}
    for n in (8, 9):
        poll_all(bench, papers[:20], NOON + n * HOUR, Unchanged())
    assert letters(bench.store) == [], "when it is back, nobody need know"


def test_of_feeds_that_answer_with_faults_at_once_ten_an_hour_are_told_of(bench: Bench) -> None:
    papers = [feed(f"paper-{n}") for n in range(30)]
    cut_off(bench.store, papers, since=NOON)
    fault = Unreachable(reason="status", detail="404 Not Found", status=404)
    poll_all(bench, papers, NOON + 2 * HOUR, fault)
    assert states(bench.store) == ["failing"] * 10
    poll_all(bench, papers, NOON + 3 * HOUR + HOUR / 2, fault)
    assert states(bench.store) == ["failing"] * 20


def test_of_a_host_with_many_feeds_one_message_stands_for_all(bench: Bench) -> None:
    papers = [feed(f"paper-{n}") for n in range(5)]
    cut_off(bench.store, papers, since=NOON)
    with bench.store.engine.begin() as connection:
        connection.execute(update(feeds).values(host="press.example"))
    fault = Unreachable(reason="timeout", detail="no answer")
    poll_all(bench, papers, NOON + 2 * HOUR, fault)
    (letter,) = letters(bench.store)
    assert letter["data"]["also_failing"] == 4


def test_without_a_default_channel_the_state_is_known_and_nobody_is_told(bench: Bench) -> None:
    bench.watch = replace(bench.watch, default_channel=None)
    cut_off(bench.store, [paper := feed("paper")], since=NOON)
    (visit,) = poll_all(bench, [paper], NOON + 2 * HOUR, Unreachable(reason="dns", detail="no address"))
    assert visit.visits.health == "failing"
    assert letters(bench.store) == []
    assert FeedId("paper") == visit.feed.id
