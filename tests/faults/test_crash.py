"""Break everything once, in order, and compare worlds."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TypeVar

import pytest

from monitor.complete import Completion, complete
from monitor.dispatch import dispatch
from monitor.model import (
    Accepted,
    Article,
    Channel,
    ChannelId,
    Deferred,
    Delivery,
    Document,
    Feed,
    Fetched,
    Gone,
    Health,
    Message,
    Outcome,
    State,
    Unreachable,
    Visits,
)
from monitor.poll import Fetch, Reading, Visit, poll, read_articles
from monitor.rules.load import load
from monitor.store import Store
from monitor.store.claims import LEASE
from monitor.tell import Watch
from tests.build import NOON, article, feed, sighting
from tests.faults.world import Crash, death_before, world
from tests.postgres import database

T = TypeVar("T")
RULES = """
version: 1
rules:
  - {id: floods, title: Floods, match: flood, notify: [desk, night]}
  - {id: rivers, title: Rivers, match: river, story: every, notify: [desk]}
"""
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Gazette</title><link>https://gazette.example/</link>
<item><title>Flood in town</title><link>https://gazette.example/1</link><guid>1</guid>
<description>The river rose by two metres.</description><pubDate>Wed, 08 Jul 2026 11:00:00 GMT</pubDate></item>
<item><title>A quiet day</title><link>https://gazette.example/2</link><guid>2</guid>
<description>Nothing happened at the river.</description><pubDate>Wed, 08 Jul 2026 11:30:00 GMT</pubDate></item>
</channel></rss>"""
EDITED = RSS.replace(b"two metres", b"three metres").replace(b"Nothing happened at the river", b"The river is calm")
GAZETTE = feed("gazette")
DESK = Channel(id=ChannelId("desk"), type="webhook", url="https://desk.example/")
LATER = LEASE + timedelta(seconds=5)


@pytest.fixture
def watch() -> Watch:
    rules = load({"rules/water.yaml": RULES}, channels=[ChannelId("desk"), ChannelId("night")])
    return Watch(rules=rules, default_channel=ChannelId("desk"), alert_new_within=timedelta(hours=24))


def printed(body: bytes) -> Fetch:
    """Return a fetch that brings *body*."""

    async def fetch(_feed: Feed, _visits: Visits) -> Fetched:
        return Document(url=GAZETTE.url, body=body, content_type="application/rss+xml", etag='"v1"')

    return fetch


fetch = printed(RSS)


async def read(document: Document, of: Feed, visits: Visits, seen_at: datetime) -> Reading:
    return read_articles(document, of, visits, seen_at)


def take_up(store: Store) -> None:
    with store.transaction() as tx:
        tx.feeds.take_up([GAZETTE])


def visit(store: Store, watch: Watch, fetch: Fetch = fetch) -> Visit | None:
    """Claim the feed and poll it, as the daemon does; None if it is not due."""

    async def whole() -> Visit | None:
        claims = await store.run(lambda tx: tx.feeds.claim(1))
        if not claims:
            return None
        return await poll(
            claims[0], GAZETTE, watch, fetch=fetch, read=read, store=store, clock=lambda: NOON, draw=lambda: 0.5
        )

    return asyncio.run(whole())


def later(store: Store) -> Store:
    """The same database after every lease has ended."""
    return Store(store.url, offset=store.offset + LATER)


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Iterator[str]]:
    """As many databases of one kind, with tables and nothing in them, as are asked for."""

    def fresh() -> Iterator[str]:
        for n in count():
            if request.param == "sqlite":
                shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / f"{n}.db")
                yield f"sqlite:///{tmp_path}/{n}.db"
            else:
                template = request.getfixturevalue("postgres_template")
                with database(request.getfixturevalue("postgres"), template=template) as url:
                    yield url

    made = fresh()
    yield made
    made.close()


def opened(url: str) -> Store:
    store = Store(url)
    take_up(store)
    return store


def all_or_nothing(fresh: Callable[[], Store], poll_it: Callable[[Store], T | None], *, most: int) -> T:
    """Let *poll_it* die before each of its statements on a *fresh* store; return what it comes to undisturbed.

    Each death leaves nothing behind, and the rerun leaves what an undisturbed
    poll does.  There are more than *most* statements.
    """
    whole = fresh()
    visited = poll_it(whole)
    assert visited is not None
    wanted = world(whole)
    whole.close()
    for crash_at in count(1):
        store = fresh()
        before = world(store)
        try:
            with death_before(store, crash_at):
                poll_it(store)
        except Crash:
            assert world(store) == before, f"a death before statement {crash_at} left something behind"
        else:
            assert crash_at > most, "the poll has fewer statements than it was thought to have"
            store.close()
            return visited
        rerun = later(store)
        assert poll_it(rerun) is not None, f"after a death before statement {crash_at} the feed is never due"
        assert world(rerun) == wanted, f"after a death before statement {crash_at} the rerun left another world"
        rerun.close()
        store.close()
    raise AssertionError("there is no end to it")


def test_a_poll_that_dies_before_any_statement_leaves_nothing_and_its_rerun_leaves_all(
    urls: Iterator[str], watch: Watch
) -> None:
    visited = all_or_nothing(lambda: opened(next(urls)), lambda store: visit(store, watch), most=8)
    assert len(visited.alerts) == 3


SHORT = article("Flood in town", body=(), lede="The water came at night.")


def completed(store: Store, watch: Watch) -> Completion | None:
    """Claim the page that an article waits for and read it, as the daemon does; None if it is not due."""

    async def fetch_page(_feed: Feed, url: str, _now: datetime) -> Document:
        return Document(url=url, body=b"")

    async def read_page(_page: Document, _feed: Feed, short: Article, _seen_at: datetime) -> Article:
        return replace(short, body=("The river rose by two metres.",))

    async def whole() -> Completion | None:
        claims = await store.run(lambda tx: tx.pages.claim(1))
        if not claims:
            return None
        of = replace(GAZETTE, full_text=True)
        return await complete(claims[0], of, watch, fetch=fetch_page, read=read_page, store=store, clock=lambda: NOON)

    return asyncio.run(whole())


def test_a_page_that_dies_before_any_statement_leaves_nothing_and_its_rerun_leaves_all(
    urls: Iterator[str], watch: Watch
) -> None:
    def waiting() -> Store:
        store = opened(next(urls))
        with store.transaction() as tx:
            tx.articles.add(GAZETTE.id, [sighting(SHORT)], NOON)
            tx.pages.add(GAZETTE.id, [SHORT], NOON)
        return store

    completion = all_or_nothing(waiting, lambda store: completed(store, watch), most=6)
    assert len(completion.alerts) == 2


def test_a_poll_of_an_edit_that_dies_before_any_statement_leaves_nothing_and_its_rerun_leaves_all(
    urls: Iterator[str], watch: Watch
) -> None:
    def read_once() -> Store:
        store = opened(next(urls))
        visit(store, watch)
        with store.transaction() as tx:
            tx.feeds.fall_due([GAZETTE.id])
        return store

    edit = printed(EDITED)
    visited = all_or_nothing(read_once, lambda store: visit(store, watch, edit), most=12)
    assert (len(visited.changes), len(visited.alerts)) == (2, 2)


def test_a_poll_by_which_a_feed_fails_keeps_its_health_and_the_message_together(
    urls: Iterator[str], watch: Watch
) -> None:
    def failed_twice() -> Store:
        store = opened(next(urls))
        well = Visits(health=Health.OK, succeeded_at=NOON - timedelta(hours=1), failures=2, weight=2.0)
        with store.transaction() as tx:
            (claim,) = tx.feeds.claim(1)
            tx.feeds.finish(claim, well, timedelta())
        return store

    async def fetch(_feed: Feed, _visits: Visits) -> Fetched:
        return Unreachable(reason="status", detail="404 Not Found", status=404)

    watched = replace(watch, default_channel=DESK.id)
    visited = all_or_nothing(failed_twice, lambda store: visit(store, watched, fetch), most=5)
    assert visited.became is not None
    assert visited.became.health is Health.FAILING


def test_a_poll_that_takes_up_a_hub_keeps_all_or_nothing(urls: Iterator[str], watch: Watch) -> None:
    links = (("hub", "https://hub.example/"), ("self", GAZETTE.url))

    async def fetch(_feed: Feed, _visits: Visits) -> Fetched:
        return Document(url=GAZETTE.url, body=RSS, links=links)

    watched = replace(watch, has_hubs=True)
    all_or_nothing(lambda: opened(next(urls)), lambda store: visit(store, watched, fetch), most=10)


def test_polling_twice_leaves_what_polling_once_left(store: Store, watch: Watch) -> None:
    take_up(store)
    visit(store, watch)
    once = world(store)
    again = Store(store.url, offset=timedelta(days=1))
    second = visit(again, watch)
    assert second is not None
    assert second.alerts == ()
    for table in ("article", "sighting", "alert", "message", "delivery"):
        assert world(again)[table] == once[table], table
    again.close()


class Receivers:
    """Answers as it is told to, and remembers what it was sent."""

    def __init__(self, outcome: Outcome) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self._outcome = outcome

    async def send(self, _channel: Channel, delivery: Delivery, message: Message) -> Outcome:
        self.sent.append((delivery.id, message.body))
        return self._outcome


def deliver(store: Store, receivers: Receivers) -> int:
    """Claim what is due on the desk's channel and send it; return how many that were."""

    async def whole() -> int:
        claims = await store.run(lambda tx: tx.outbox.claim(DESK.id, 10))
        for claim in claims:
            await dispatch(
                claim,
                DESK,
                send=receivers.send,
                store=store,
                operators=ChannelId("night"),
                clock=lambda: NOON,
                draw=lambda: 0.0,
            )
        return len(claims)

    return asyncio.run(whole())


@pytest.mark.parametrize(
    ("outcome", "states"),
    [
        (Accepted(status=200), {State.DONE}),
        (Deferred(reason="status", detail="503", status=503, retry_after=timedelta(seconds=30)), {State.PENDING}),
        (Gone(detail="410"), {State.DEAD, State.PENDING}),
    ],
    ids=["accepted", "deferred", "gone"],
)
def test_a_send_that_dies_before_any_statement_is_sent_again_with_the_same_id(
    urls: Iterator[str], watch: Watch, outcome: Outcome, states: set[State]
) -> None:
    for crash_at in count(1):
        store = opened(next(urls))
        visit(store, watch)
        receivers = Receivers(outcome)
        try:
            with death_before(store, crash_at):
                deliver(store, receivers)
        except Crash:
            pass
        else:
            assert crash_at > 5, "the send has fewer statements than it was thought to have"
            store.close()
            break
        first = list(receivers.sent)
        rerun = later(store)
        deliver(rerun, receivers)
        sent = dict(receivers.sent)
        with rerun.reading() as tx:
            waiting = {row.delivery.id for row in tx.outbox.list(channel="desk", state=State.PENDING)}
        assert len(waiting | sent.keys()) == 3, f"after a death before statement {crash_at} a delivery was lost"
        assert all(sent[id] == body for id, body in first), "a repeat was sent with other bytes"
        assert len(receivers.sent) <= 3 + len(first)
        with rerun.reading() as tx:
            assert {row.delivery.state for row in tx.outbox.list(channel="desk")} <= states
        rerun.close()
        store.close()


def test_of_pollers_that_bring_the_same_articles_each_alert_is_raised_once(store: Store, watch: Watch) -> None:
    feeds = [feed(f"paper-{n}") for n in range(6)]
    with store.transaction() as tx:
        tx.feeds.take_up(feeds)

    def one(n: int) -> int:
        mine = Store(store.url)

        async def whole() -> int:
            claims = await mine.run(lambda tx: tx.feeds.claim(1, [f"paper-{n}"]))
            visited = await poll(
                claims[0], feeds[n], watch, fetch=fetch, read=read, store=mine, clock=lambda: NOON, draw=lambda: 0.5
            )
            return len(visited.alerts)

        try:
            return asyncio.run(whole())
        finally:
            mine.close()

    with ThreadPoolExecutor(6) as threads:
        raised = sum(threads.map(one, range(6)))
    assert raised == 3
    with store.reading() as tx:
        assert tx.alerts.count() == 3
        assert tx.articles.count() == 2
        assert tx.outbox.pending() == 4
