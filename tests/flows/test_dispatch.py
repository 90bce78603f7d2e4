"""The flow out: a real receiver, a real store, the real signer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from monitor.alerts.decide import address
from monitor.delivery.settle import Dead, Done, Later, Settlement
from monitor.delivery.webhook import send
from monitor.dispatch import dispatch
from monitor.guard import Door, door
from monitor.model import Channel, ChannelId, Delivery, Message, Outcome, State
from monitor.store import Store
from tests.build import NOON, message
from tests.serving import Receiver, Reply

DESK, NIGHT = ChannelId("desk"), ChannelId("night")


class Bench:
    """A receiver, and an outbox that is emptied by hand at times that the test says."""

    def __init__(self, store: Store, receiver: Receiver) -> None:
        self.store = store
        self.receiver = receiver
        self.desk = Channel(id=DESK, type="webhook", url=receiver.url("/desk"), allow_private=True)
        with store.transaction() as tx:
            tx.channels.take_up([DESK, NIGHT])

    def post(self, count: int = 1) -> None:
        with self.store.transaction() as tx:
            for n in range(count):
                told = message(f"message_{n}", subject=f"alert_{n}", body=b'{"n": %d}' % n)
                tx.outbox.add([told], address(told, [DESK]), NOON)

    def deliver(self, after: timedelta = timedelta()) -> list[tuple[Outcome, Settlement]]:
        """Send what is due *after* so long, once each."""
        later = Store(self.store.url, offset=after)

        async def whole() -> list[tuple[Outcome, Settlement]]:
            claims = await later.run(lambda tx: tx.outbox.claim(DESK, 100))
            async with door(user_agent="media-monitor/test") as opened:
                return list(await asyncio.gather(*(self._one(later, opened, claim, after) for claim in claims)))

        try:
            return asyncio.run(whole())
        finally:
            later.close()

    async def _one(self, store: Store, opened: Door, claim: object, after: timedelta) -> tuple[Outcome, Settlement]:
        async def sent(channel: Channel, delivery: Delivery, told: Message) -> Outcome:
            return await send(opened, channel, delivery, told, now=self.now(after))

        return await dispatch(
            claim,
            self.desk,
            send=sent,
            store=store,
            operators=NIGHT,
            clock=lambda: self.now(after),
            draw=lambda: 0.0,
        )

    def now(self, after: timedelta) -> datetime:
        return NOON + after

    def rows(self) -> list[tuple[State, int]]:
        with self.store.reading() as tx:
            return [(row.delivery.state, row.delivery.attempts) for row in tx.outbox.list(channel="desk")]


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    with Receiver() as receiver:
        yield Bench(store, receiver)


def test_a_delivery_that_is_taken_is_done_and_never_sent_again(bench: Bench) -> None:
    bench.post()
    ((_, settlement),) = bench.deliver()
    assert isinstance(settlement.next, Done)
    assert bench.rows() == [(State.DONE, 1)]
    assert bench.deliver(timedelta(days=400)) == []
    assert len(bench.receiver.hits) == 1


def test_a_delivery_is_tried_ten_times_over_three_days_with_the_same_id_and_bytes(bench: Bench) -> None:
    bench.receiver.script("/desk", Reply(status=500))
    bench.post()
    steps = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    at = timedelta()
    for n, step in enumerate(steps):
        if step:
            assert bench.deliver(at + timedelta(seconds=step) - timedelta(seconds=3)) == []
        at += timedelta(seconds=step + 2)
        ((_, settlement),) = bench.deliver(at)
        assert isinstance(settlement.next, Dead if n == 9 else Later), n
    assert bench.rows() == [(State.DEAD, 10)]
    assert len({(hit.headers["webhook-id"], hit.body) for hit in bench.receiver.hits}) == 1
    assert timedelta(days=3) < at < timedelta(days=3.5)


def test_retry_after_pauses_the_whole_channel(bench: Bench) -> None:
    bench.receiver.script("/desk", Reply(status=429, headers={"Retry-After": "600"}), Reply(status=200))
    bench.post(1)
    bench.deliver()
    bench.post(3)
    assert bench.deliver(timedelta(seconds=590)) == []
    assert len(bench.deliver(timedelta(seconds=602))) == 3
    assert {state for state, _ in bench.rows()} == {State.DONE}


def test_410_disables_the_channel_keeps_its_backlog_and_tells_another(bench: Bench) -> None:
    bench.receiver.script("/desk", Reply(status=410))
    bench.post(1)
    bench.deliver()
    bench.post(3)
    assert bench.deliver(timedelta(days=1)) == []
    with bench.store.reading() as tx:
        assert tx.channels.all()[DESK].disabled_at is not None
        assert tx.outbox.pending([DESK]) == 2
        (told,) = tx.outbox.list(channel="night")
        assert (told.type, told.delivery.state) == ("channel.disabled", State.PENDING)
    bench.receiver.script("/desk", Reply(status=200))
    with bench.store.transaction() as tx:
        tx.channels.enable(DESK)
    assert len(bench.deliver(timedelta(days=1))) == 2


def test_a_redirect_is_not_followed(bench: Bench) -> None:
    bench.receiver.script("/desk", Reply(status=307, headers={"Location": bench.receiver.url("/elsewhere")}))
    bench.post()
    ((_, settlement),) = bench.deliver()
    assert not isinstance(settlement.next, Done)
    assert bench.receiver.hits_at("/elsewhere") == ()


@pytest.mark.parametrize("status", [400, 401, 404, 413, 422])
def test_a_refusal_is_tried_three_times(bench: Bench, status: int) -> None:
    bench.receiver.script("/desk", Reply(status=status))
    bench.post()
    for day in range(5):
        bench.deliver(timedelta(days=day))
    assert bench.rows() == [(State.DEAD, 3)]
    assert len(bench.receiver.hits) == 3


def test_an_answer_of_ten_megabytes_is_cut_and_its_status_counts(bench: Bench) -> None:
    bench.receiver.script("/desk", Reply(status=200, body=[b"x" * 65_536] * 160))
    bench.post()
    ((_, settlement),) = bench.deliver()
    assert isinstance(settlement.next, Done)
    with bench.store.reading() as tx:
        (row,) = tx.outbox.list(channel="desk")
        assert len(row.note or "") < 5_000
