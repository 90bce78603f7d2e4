"""WebSub in the database: subscribed to, pushed, found out, left."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor import pushes
from monitor.feeds import hub
from monitor.feeds.websub import SAFETY
from monitor.guard import door
from monitor.model import FeedId, Subscription, SubscriptionState
from monitor.pushes import Asked
from monitor.store import Store
from monitor.store.claims import LEASE
from tests.build import NOON
from tests.flows.bench import Bench, rss
from tests.serving import Publisher, Receiver, Reply

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GAZETTE = FeedId("gazette")
S = SubscriptionState


class Pushed(Bench):
    """A feed with a hub, which takes every request and is played by hand otherwise."""

    def __init__(self, store: Store, publisher: Publisher, receiver: Receiver) -> None:
        super().__init__(store, publisher)
        self.watch = replace(self.watch, has_hubs=True)
        self.hub = receiver
        self.items = [("1", "Flood", NOON - HOUR)]
        self.publishes()

    def publishes(self, *items: tuple[str, str, datetime], hub: bool = True) -> None:
        self.items += items
        links = f'<{self.hub.url("/hub")}>; rel="hub", <{self.feed.url}>; rel="self"' if hub else ""
        self.publisher.publish("/feed.xml", rss(*self.items), headers={"Link": links})

    def known(self) -> Subscription | None:
        with self.store.reading() as tx:
            return next(iter(tx.subscriptions.all()), None)

    def ask(self, at: datetime = NOON) -> list[Asked | None]:
        """Ask every hub whose turn it is."""

        async def whole() -> list[Asked | None]:
            claims = await self.store.run(lambda tx: tx.subscriptions.claim(10))
            async with door(user_agent="media-monitor/test") as opened:

                async def asked(of: Subscription, form: bytes) -> str | None:
                    return await hub.request(opened, of.hub, form, allow_private=of.allow_private)

                steps: dict[str, Any] = {"store": self.store, "clock": lambda: at, "draw": lambda: 0.0}
                secrets = iter(f"{n:043}" for n in range(99))
                return [
                    await pushes.ask(each, "https://m.example", asked, secret=lambda: next(secrets), **steps)
                    for each in claims
                ]

        return asyncio.run(whole())

    def says(self, mode: str, at: datetime = NOON, **more: str) -> bool:
        """Let the hub say something on our callback; return whether we agree."""
        known = self.known()
        assert known is not None
        said = {"hub.mode": mode, "hub.topic": known.topic, "hub.challenge": "c", "hub.lease_seconds": "864000", **more}
        with self.store.transaction() as tx:
            return pushes.confirm(tx, known.token or "", said, at) is not None

    def pushes(self, at: datetime) -> FeedId | None:
        known = self.known()
        with self.store.transaction() as tx:
            return pushes.take_push(tx, (known and known.token) or "nobody", at)

    def due_in(self) -> timedelta:
        with self.store.reading() as tx:
            (row,) = tx.feeds.all()
        assert row.due_in is not None
        return row.due_in

    def subscribes(self) -> None:
        """Poll, ask, confirm, and poll once more."""
        self.poll(NOON)
        self.ask(NOON)
        assert self.says("subscribe", NOON)
        self.poll(NOON + HOUR)


@pytest.fixture
def bench(store: Store) -> Iterator[Pushed]:
    with Publisher() as publisher, Receiver() as receiver:
        yield Pushed(store, publisher, receiver)


def state(bench: Pushed) -> SubscriptionState | None:
    known = bench.known()
    return known and known.state


def test_a_feed_with_a_hub_is_subscribed_to_and_then_looked_at_once_a_day(bench: Pushed) -> None:
    assert bench.poll().wait.delay < HOUR
    (asked,) = bench.ask()
    assert asked == Asked(feed=GAZETTE, hub=bench.hub.url("/hub"), wanted="subscribe", fault=None)
    assert bench.poll(NOON + HOUR).wait.delay < HOUR, "nothing is promised yet"
    assert bench.says("subscribe")
    visit = bench.poll(NOON + 2 * HOUR)
    assert (visit.wait.delay, visit.wait.why) == (SAFETY, "its hub pushes; this is the daily look")


def test_what_a_hub_kept_from_us_is_told_though_it_was_listed_an_hour_after_it_was_printed(bench: Pushed) -> None:
    bench.subscribes()
    looked = bench.poll(NOON + 2 * HOUR)
    bench.publishes(("2", "Flood again", NOON + HOUR))
    found = bench.poll(NOON + 2 * HOUR + looked.wait.delay * 1.05)
    assert "Flood again" in {alert.data["article"]["headline"] for alert in found.alerts}


def test_without_an_address_of_ours_no_hub_is_asked(bench: Pushed) -> None:
    bench.watch = replace(bench.watch, has_hubs=False)
    bench.poll()
    assert bench.known() is None
    assert bench.ask() == []


def test_a_push_makes_the_feed_due_and_a_storm_of_them_does_not_make_it_due_sooner(bench: Pushed) -> None:
    bench.subscribes()
    assert bench.due_in() > SAFETY - MINUTE
    assert bench.pushes(NOON + HOUR + timedelta(seconds=10)) == GAZETTE
    assert timedelta(seconds=11) < bench.due_in() <= timedelta(seconds=20)
    for _ in range(9):
        bench.pushes(NOON + HOUR + timedelta(seconds=20))
    assert timedelta(seconds=11) < bench.due_in() <= timedelta(seconds=20)


def test_a_push_long_after_the_last_poll_makes_the_feed_due_at_once(bench: Pushed) -> None:
    bench.subscribes()
    bench.pushes(NOON + 3 * HOUR)
    assert bench.due_in() <= timedelta()


def test_a_push_does_not_take_a_feed_out_of_the_hands_that_poll_it(bench: Pushed) -> None:
    bench.subscribes()
    with bench.store.transaction() as tx:
        tx.feeds.fall_due([GAZETTE])
        (claim,) = tx.feeds.claim(1)
    bench.pushes(NOON + 2 * HOUR)
    with bench.store.transaction() as tx:
        tx.feeds.finish(claim, claim.visits, DAY)  # raises LeaseLost, if it was taken away


def test_a_push_does_not_hurry_a_feed_that_fails(bench: Pushed) -> None:
    bench.subscribes()
    bench.publisher.script("/feed.xml", Reply(status=503, headers={"Retry-After": "7200"}))
    bench.poll(NOON + 2 * HOUR)
    bench.pushes(NOON + 3 * HOUR)
    assert bench.due_in() > HOUR


def test_an_item_that_comes_without_a_push_ends_the_trust_for_a_week(bench: Pushed) -> None:
    bench.subscribes()
    bench.publishes(("2", "Fire", NOON + 5 * HOUR))
    assert bench.poll(NOON + 25 * HOUR).wait.delay < HOUR
    assert state(bench) is S.DEMOTED
    assert bench.ask(NOON + 26 * HOUR) == []
    later = Store(bench.store.url, offset=timedelta(days=8))
    bench.store = later
    assert [asked and asked.wanted for asked in bench.ask(NOON + 9 * DAY)] == ["subscribe"]
    assert bench.says("subscribe", NOON + 9 * DAY)
    assert state(bench) is S.ACTIVE
    later.close()


def test_an_item_that_was_pushed_keeps_the_trust(bench: Pushed) -> None:
    bench.subscribes()
    bench.publishes(("2", "Fire", NOON + 5 * HOUR))
    bench.pushes(NOON + 5 * HOUR)
    assert bench.poll(NOON + 5 * HOUR + MINUTE).wait.delay == SAFETY
    assert state(bench) is S.ACTIVE


def test_a_hub_that_pushes_before_the_feed_shows_it_is_looked_after(bench: Pushed) -> None:
    bench.subscribes()
    bench.pushes(NOON + 5 * HOUR)
    assert bench.poll(NOON + 5 * HOUR + MINUTE).wait.delay == 5 * MINUTE
    bench.publishes(("2", "Fire", NOON + 5 * HOUR - 20 * MINUTE))
    assert bench.poll(NOON + 5 * HOUR + 6 * MINUTE).wait.delay == SAFETY
    assert state(bench) is S.ACTIVE


def test_a_subscription_is_renewed_before_its_lease_ends_and_not_counted_on_after(bench: Pushed) -> None:
    bench.subscribes()
    assert bench.ask(NOON + HOUR) == []
    bench.store = later = Store(bench.store.url, offset=9 * DAY + HOUR)
    assert len(bench.ask(NOON + 9 * DAY)) == 1
    assert bench.poll(NOON + 9 * DAY).wait.delay == SAFETY
    assert bench.poll(NOON + 11 * DAY).wait.delay < HOUR, "the hub did not renew it"
    later.close()


def test_a_refusal_ends_it_and_normal_polling_resumes(bench: Pushed) -> None:
    bench.subscribes()
    assert bench.says("denied", **{"hub.reason": "no more"})
    assert state(bench) is S.REFUSED
    assert bench.poll(NOON + 2 * HOUR).wait.delay < HOUR


def test_a_question_that_nobody_asked_for_is_not_agreed_to(bench: Pushed) -> None:
    bench.poll()
    bench.ask()
    assert not bench.says("unsubscribe")
    assert not bench.says("subscribe", **{"hub.topic": "https://other.example/"})
    assert bench.says("subscribe")
    assert not bench.says("subscribe"), "it was asked once"
    with bench.store.transaction() as tx:
        assert pushes.confirm(tx, "nobody", {"hub.mode": "subscribe"}, NOON) is None
        assert pushes.take_push(tx, "nobody", NOON) is None


def test_a_hub_that_answers_with_a_fault_is_asked_again_later(bench: Pushed) -> None:
    bench.hub.script("/hub", Reply(status=503, body=b"busy\n"))
    bench.poll()
    (asked,) = bench.ask()
    assert asked is not None
    assert asked.fault is not None
    assert asked.fault.endswith("answered 503 busy")
    assert not bench.says("subscribe"), "what was refused is not confirmed later"
    assert bench.ask() == []
    bench.store = later = Store(bench.store.url, offset=HOUR + MINUTE)
    assert len(bench.ask(NOON + HOUR)) == 1
    later.close()


def test_a_hub_may_name_another_one(bench: Pushed) -> None:
    bench.hub.script("/hub", Reply(status=307, headers={"Location": "/other"}))
    bench.poll()
    assert [asked and asked.fault for asked in bench.ask()] == [None]
    assert b"hub.mode=subscribe" in bench.hub.hits_at("/other")[0].body


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(status=308, headers={"Location": "/hub"}), "redirects more than 3 times"),
        (Reply(status=302, headers={"Location": "/x"}), "answered 302"),
        (Reply(status=307, headers={"Location": "http://[x"}), "redirects to what is no address"),
        (Reply(reset=True), ""),
    ],
)
def test_what_a_hub_answers_is_told(bench: Pushed, reply: Reply, says: str) -> None:
    bench.hub.script("/hub", reply)
    bench.poll()
    (asked,) = bench.ask()
    assert asked is not None
    assert asked.fault is not None
    assert says in asked.fault


def test_a_public_feed_cannot_send_us_to_a_private_hub(bench: Pushed) -> None:
    with bench.store.transaction() as tx:
        tx.subscriptions.add(Subscription(feed=GAZETTE, hub=bench.hub.url("/hub"), topic=bench.feed.url))
    (asked,) = bench.ask()
    assert asked is not None
    assert "may not be reached" in (asked.fault or "")
    assert bench.hub.hits == ()


def test_the_hub_of_a_feed_that_is_removed_is_left(bench: Pushed) -> None:
    bench.subscribes()
    with bench.store.transaction() as tx:
        pushes.take_up(tx, [], is_on=True)
    assert bench.pushes(NOON + 2 * HOUR) is None
    assert [asked and asked.wanted for asked in bench.ask()] == ["unsubscribe"]
    assert b"hub.mode=unsubscribe" in bench.hub.hits[-1].body
    assert bench.says("unsubscribe")
    assert bench.known() is None


def test_the_hub_of_a_feed_that_comes_back_is_kept(bench: Pushed) -> None:
    bench.subscribes()
    with bench.store.transaction() as tx:
        pushes.take_up(tx, [], is_on=True)
    bench.publishes(("2", "Fire", NOON))
    bench.poll(NOON + 2 * HOUR)
    assert [asked and asked.wanted for asked in bench.ask()] == ["subscribe"]


def test_a_feed_that_no_longer_offers_its_hub_leaves_it_and_one_that_offers_another_goes_there(bench: Pushed) -> None:
    bench.subscribes()
    bench.publishes(("2", "Fire", NOON), hub=False)
    bench.poll(NOON + 2 * HOUR)
    assert state(bench) is S.LEAVING
    bench.publisher.publish(
        "/feed.xml",
        rss(("3", "x", NOON)),
        headers={"Link": f"<{bench.hub.url('/new')}>; rel=hub, </feed.xml>; rel=self"},
    )
    bench.poll(NOON + 3 * HOUR)
    known = bench.known()
    assert known is not None
    assert (known.hub, known.state, known.token) == (bench.hub.url("/new"), S.WANTED, None)
    assert [asked and asked.wanted for asked in bench.ask()] == ["subscribe"]


def test_a_hub_that_was_never_asked_is_forgotten_without_a_word(bench: Pushed) -> None:
    bench.poll()
    with bench.store.transaction() as tx:
        pushes.take_up(tx, [], is_on=True)
    assert bench.known() is None
    bench.publishes(("2", "Fire", NOON))
    bench.poll(NOON + HOUR)
    assert state(bench) is S.WANTED
    bench.publishes(("3", "Fire", NOON), hub=False)
    bench.poll(NOON + 2 * HOUR)
    assert bench.known() is None


def test_without_our_address_any_more_every_hub_is_forgotten(bench: Pushed) -> None:
    bench.subscribes()
    with bench.store.transaction() as tx:
        pushes.take_up(tx, [GAZETTE], is_on=False)
    assert bench.known() is None


def test_a_hub_is_asked_by_one_process_at_a_time(bench: Pushed) -> None:
    bench.poll()
    with bench.store.transaction() as tx:
        assert len(tx.subscriptions.claim(10)) == 1
    with bench.store.transaction() as tx:
        assert tx.subscriptions.claim(10) == ()
    late = Store(bench.store.url, offset=LEASE + MINUTE)
    with late.transaction() as tx:
        assert len(tx.subscriptions.claim(10)) == 1
    late.close()


def test_what_is_forgotten_meanwhile_is_not_asked_for(bench: Pushed) -> None:
    bench.poll()

    async def whole() -> Asked | None:
        async def asked(_of: Subscription, _form: bytes) -> str | None:
            raise AssertionError("nobody is to be asked")

        (claim,) = await bench.store.run(lambda tx: tx.subscriptions.claim(1))
        await bench.store.run(lambda tx: tx.subscriptions.forget(GAZETTE))
        steps: dict[str, Any] = {"store": bench.store, "clock": lambda: NOON, "draw": lambda: 0.0}
        return await pushes.ask(claim, "https://m.example", asked, secret=lambda: "x", **steps)

    assert asyncio.run(whole()) is None


def test_a_push_during_a_poll_is_looked_after(bench: Pushed) -> None:
    bench.subscribes()
    bench.publishes(("2", "Fire", NOON + 2 * HOUR))
    with bench.store.transaction() as tx:
        known = tx.subscriptions.of(GAZETTE)
        assert known is not None
        tx.subscriptions.keep(replace(known, pushed_at=NOON + 2 * HOUR + MINUTE), None)
    assert bench.poll(NOON + 2 * HOUR).wait.delay == timedelta(seconds=30)


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>G</title><id>urn:g</id>{changed}
<link rel="hub" href="{hub}"/><link rel="self" href="{topic}"/>
<entry><id>urn:1</id><title>Flood</title><link href="https://gazette.example/1"/></entry></feed>"""


def test_a_hub_that_the_document_itself_names_is_kept_while_nothing_is_new(bench: Pushed) -> None:
    for n in range(3):
        document = ATOM.format(
            hub=bench.hub.url("/hub"), topic=bench.feed.url, changed=f"<updated>2026-07-0{n + 1}T00:00:00Z</updated>"
        )
        bench.publisher.publish("/feed.xml", document, content_type="application/atom+xml")
        visit = bench.poll(NOON + n * HOUR)
        assert (visit.visits.outcome, state(bench)) == ("read", S.WANTED)
    known = bench.known()
    assert known is not None
    assert (known.hub, known.topic) == (bench.hub.url("/hub"), bench.feed.url)
