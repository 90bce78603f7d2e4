"""The flow out: outbox → claim → send → settle."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial

from monitor.alerts.decide import address
from monitor.alerts.payload import channel_disabled
from monitor.delivery.settle import Dead, Done, Later, Settlement, settle
from monitor.model import (
    Accepted,
    Channel,
    ChannelId,
    Clock,
    Deferred,
    Delivery,
    Draw,
    Gone,
    Message,
    Outcome,
    Refused,
    State,
)
from monitor.store import Store, Tx
from monitor.store.outbox import Attempt, DeliveryClaim

Send = Callable[[Channel, Delivery, Message], Awaitable[Outcome]]


async def dispatch(
    claim: DeliveryClaim,
    channel: Channel,
    *,
    send: Send,
    store: Store,
    operators: ChannelId | None,
    clock: Clock,
    draw: Draw,
) -> tuple[Outcome, Settlement]:
    """Send what *claim* holds, once, and settle what follows from the answer.

    The send comes first, then the record: a death between the two sends the
    same bytes under the same id again, and loses nothing.  *operators* is the
    channel that hears when another one is gone.  Raises LeaseLost if somebody
    else took over meanwhile.
    """
    outcome = await send(channel, claim.delivery, claim.message)
    settlement = settle(claim.delivery, outcome, jitter=draw())
    recorded = partial(
        record,
        claim=claim,
        channel=channel,
        outcome=outcome,
        settlement=settlement,
        operators=operators,
        now=clock(),
    )
    await store.run(recorded)
    return outcome, settlement


def record(
    tx: Tx,
    *,
    claim: DeliveryClaim,
    channel: Channel,
    outcome: Outcome,
    settlement: Settlement,
    operators: ChannelId | None,
    now: datetime,
) -> None:
    """Write down in one transaction what a send came to."""
    attempt = _attempt(outcome, now)
    match settlement.next:
        case Done():
            tx.outbox.settle(claim, state=State.DONE, delay=None, attempt=attempt, now=now)
        case Dead():
            tx.outbox.settle(claim, state=State.DEAD, delay=None, attempt=attempt, now=now)
        case Later(delay=delay):
            tx.outbox.settle(claim, state=State.PENDING, delay=delay, attempt=attempt, now=now)
    if settlement.pause is not None:
        tx.channels.pause(channel.id, settlement.pause, attempt.detail or "")
    if settlement.disable is not None:
        tx.channels.disable(channel.id, now, settlement.disable)
        if operators is not None and operators != channel.id:
            told = channel_disabled(channel, settlement.disable, now)
            tx.outbox.add([told], address(told, [operators]), now)


def _attempt(outcome: Outcome, now: datetime) -> Attempt:
    match outcome:
        case Accepted(status=status):
            return Attempt(at=now, outcome="accepted", status=status, detail=None)
        case Deferred(status=status, detail=detail):
            return Attempt(at=now, outcome="deferred", status=status, detail=detail)
        case Refused(status=status, detail=detail):
            return Attempt(at=now, outcome="refused", status=status, detail=detail)
        case Gone(status=status, detail=detail):
            return Attempt(at=now, outcome="gone", status=status, detail=detail)
