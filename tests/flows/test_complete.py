"""The flow in of an article that its feed cuts short: a real store, the real rooms, pages that the test says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.complete import PATIENCE, Completion, complete, read_page
from monitor.errors import LeaseLost
from monitor.feeds.pages import AGAIN
from monitor.model import Article, ArticleId, ChannelId, Document, Feed, Unreachable
from monitor.rules.load import load
from monitor.store import Store
from monitor.store.claims import LEASE
from monitor.tell import Watch
from tests.build import NOON, article, feed, published, sighting

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RULES = (
    "version: 1\nrules:\n  - {id: dams, title: Dams, match: cracks}\n  - {id: floods, title: Floods, match: flood}\n"
)
SHORT = article("Flood in the valley", lede="Engineers visit the dam.", body=(), published=published(NOON))
TEXT = "The engineers visited the dam above the valley for a day, and found cracks in its wall near the river."
PAGE = (
    f"<html><body><article><h1>The dam</h1><p>{TEXT}</p><p>Repairs begin at once, they said on leaving.</p></article>"
)
FAULT = Unreachable(reason="status", detail="503", status=503)


def page(url: str = "https://gazette.example/1", text: str = PAGE) -> Document:
    return Document(url=url, body=text.encode(), content_type="text/html")


class Bench:
    """One article that waits for its page."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.feed: Feed | None = feed("gazette", full_text=True)
        self.asked: list[str] = []
        rules = load({"rules/x.yaml": RULES}, channels=[ChannelId("desk")])
        self.watch = Watch(rules=rules, default_channel=ChannelId("desk"), alert_new_within=timedelta(hours=24))
        with store.transaction() as tx:
            tx.articles.add(SHORT.feed, [sighting(SHORT)], NOON)
            tx.pages.add(SHORT.feed, [SHORT], NOON)

    def complete(self, *pages: Document | Unreachable, after: timedelta = timedelta()) -> Completion:
        """Complete what is due *after* so long, by the first of *pages*."""
        late = Store(self.store.url, offset=after)

        async def asked(_feed: Feed, url: str, _now: datetime) -> Document | Unreachable:
            self.asked.append(url)
            return pages[0]

        async def read(found: Document, of: Feed, short: Article, seen_at: datetime) -> Article | Unreachable:
            return read_page(found, of, short, seen_at)

        async def whole() -> Completion:
            (claim,) = await late.run(lambda tx: tx.pages.claim(9))
            return await complete(
                claim, self.feed, self.watch, fetch=asked, read=read, store=late, clock=lambda: NOON + after
            )

        try:
            return asyncio.run(whole())
        finally:
            late.close()

    def kept(self) -> Article:
        with self.store.reading() as tx:
            found = tx.articles.find(SHORT.id)
            assert found is not None
            return found

    def waiting(self) -> int:
        with self.store.reading() as tx:
            return tx.pages.count()

    def pending(self) -> int:
        with self.store.reading() as tx:
            return tx.outbox.pending([ChannelId("desk")])


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store)


def told(completion: Completion) -> list[str]:
    return sorted(alert.rule_id for alert in completion.alerts)


def test_an_article_is_matched_with_the_text_of_its_page(bench: Bench) -> None:
    completion = bench.complete(page())
    assert (told(completion), completion.fault) == (["dams", "floods"], None)
    assert bench.kept().body[0] == TEXT
    assert (bench.kept().headline, bench.kept().lede) == (SHORT.headline, SHORT.lede)
    assert (bench.waiting(), bench.pending(), bench.asked) == (0, 2, [SHORT.url])


@pytest.mark.parametrize(
    "fault",
    [
        Unreachable(reason="robots", detail="forbidden"),
        Unreachable(reason="status", detail="404", status=404),
        Unreachable(reason="type", detail="a picture"),
        Unreachable(reason="fault", detail="ours"),
    ],
)
def test_without_a_page_the_feeds_text_is_matched(bench: Bench, fault: Unreachable) -> None:
    completion = bench.complete(fault)
    assert (told(completion), completion.fault) == (["floods"], fault)
    assert bench.kept() == SHORT
    assert (bench.waiting(), bench.pending()) == (0, 1)


def test_a_page_that_says_less_leaves_the_feeds_text(bench: Bench) -> None:
    completion = bench.complete(page(text="<html><body><h1>The dam</h1><p>Log in.</p></body></html>"))
    assert completion.fault is not None
    assert (completion.fault.reason, told(completion), bench.kept()) == ("wall", ["floods"], SHORT)


def test_a_fault_that_may_pass_is_put_off_twice_and_then_the_feeds_text_has_to_do(bench: Bench) -> None:
    first = bench.complete(FAULT)
    assert (first.again_in, first.alerts, bench.pending()) == (AGAIN[0], (), 0)
    second = bench.complete(FAULT, after=AGAIN[0] + MINUTE)
    assert second.again_in == AGAIN[1]
    third = bench.complete(FAULT, after=10 * MINUTE)
    assert (third.again_in, told(third), bench.waiting()) == (None, ["floods"], 0)


def test_a_busy_host_is_waited_for_without_counting(bench: Bench) -> None:
    busy = Unreachable(reason="busy", detail="", retry_after=MINUTE)
    for n in range(9):
        assert bench.complete(busy, after=2 * n * MINUTE).again_in == MINUTE
    assert told(bench.complete(page(), after=20 * MINUTE)) == ["dams", "floods"]


def test_an_article_that_waited_too_long_is_told_without_its_page(bench: Bench) -> None:
    completion = bench.complete(page(), after=PATIENCE + MINUTE)
    assert completion.fault is not None
    assert (completion.fault.reason, told(completion), bench.asked) == ("overdue", ["floods"], [])


def test_what_was_young_when_it_was_listed_is_told_although_its_page_took_its_time(store: Store) -> None:
    bench = Bench(store)
    bench.watch = replace(bench.watch, alert_new_within=30 * MINUTE)
    assert told(bench.complete(page(), after=50 * MINUTE)) == ["dams", "floods"]


def test_a_feed_that_is_read_no_more_has_its_last_articles_matched(bench: Bench) -> None:
    bench.feed = None
    completion = bench.complete(page())
    assert completion.fault is not None
    assert (completion.fault.reason, told(completion), bench.asked) == ("unwanted", ["floods"], [])


def test_what_the_feed_changed_meanwhile_stays_changed(bench: Bench) -> None:
    with bench.store.transaction() as tx:
        tx.articles.renew([replace(SHORT, headline="Flood over the valley")], NOON)
    assert bench.complete(page()).article.headline == "Flood over the valley"
    assert (bench.kept().headline, bench.kept().body[0]) == ("Flood over the valley", TEXT)


def test_another_feeds_copy_is_left_as_it_is_and_matched_in_whole(store: Store) -> None:
    theirs = replace(SHORT, feed=feed("courier").id, lede="Courier's own words.")
    with store.transaction() as tx:
        tx.articles.add(theirs.feed, [sighting(theirs)], NOON)
    bench = Bench(store)
    assert told(bench.complete(page())) == ["dams", "floods"]
    assert bench.kept() == theirs


def test_a_page_whose_lease_was_lost_keeps_nothing(bench: Bench) -> None:
    with bench.store.transaction() as tx:
        (claim,) = tx.pages.claim(9)
    late = Store(bench.store.url, offset=LEASE + MINUTE)
    with late.transaction() as tx:
        assert len(tx.pages.claim(9)) == 1
    late.close()

    async def nothing(*_: object) -> Unreachable:
        return Unreachable(reason="robots", detail="")

    with pytest.raises(LeaseLost):
        asyncio.run(
            complete(claim, bench.feed, bench.watch, fetch=nothing, read=nothing, store=bench.store, clock=lambda: NOON)
        )
    assert (bench.waiting(), bench.pending()) == (1, 0)


def test_whatever_a_page_comes_to_its_article_is_matched_once(bench: Bench) -> None:
    """Told as soon as it is whole, and never a second time, however often its feed is listed and its row made."""
    bench.complete(page())
    with bench.store.transaction() as tx:
        tx.pages.add(SHORT.feed, [SHORT], NOON)
    assert bench.complete(page(), after=HOUR / 2).alerts == ()
    assert bench.pending() == 2


def test_pages_wait_in_the_order_in_which_they_are_due_and_once_each(store: Store) -> None:
    several = [replace(SHORT, id=ArticleId(f"article_{n}")) for n in range(3)]
    with store.transaction() as tx:
        tx.pages.add(SHORT.feed, several, NOON)
        tx.pages.add(SHORT.feed, several, NOON + HOUR)
        assert tx.pages.count() == 3
        assert tx.pages.waiting(SHORT.feed, [several[0].id, SHORT.id]) == {several[0].id}
        assert tx.pages.waiting(feed("courier").id, [several[0].id]) == set()
        claims = tx.pages.claim(2)
        assert [claim.added_at for claim in claims] == [NOON, NOON]
        tx.pages.leave_due(claims[0])
        tx.pages.put_off(claims[1], HOUR, tries=1)
        assert {claim.id for claim in tx.pages.claim(9)} & {claims[1].id} == set()
        assert {claim.tries for claim in claims} == {0}
