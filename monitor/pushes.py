"""WebSub, end to end: a feed offers a hub, the hub is asked and confirms, its pushes make the feed due.

What decides is in feeds/websub.py; here it is kept.  Who writes a subscription
locks it before the feed's own row, so that a push and a poll never wait for
each other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.feeds.schedule import Wait
from monitor.feeds.websub import (
    Look,
    Offer,
    Step,
    answered,
    asking,
    demoted,
    denied,
    form,
    is_missed,
    pushed,
    spared,
    taken,
    verified,
)
from monitor.model import Clock, Draw, Feed, FeedId, Subscription, SubscriptionState
from monitor.store import Store, Tx
from monitor.store.subscriptions import SubscriptionClaim

Ask = Callable[[Subscription, bytes], Awaitable[str | None]]
Secret = Callable[[], str]
"""Returns a text that nobody can guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What came of asking a hub."""

    feed: FeedId
    hub: str
    wanted: str  # subscribe, unsubscribe
    fault: str | None


# ------------------------------------------------------------------ what a poll means for it


def heed(tx: Tx, feed: Feed, wait: Wait, offer: Offer | None, look: Look) -> Wait:
    """Return when to visit *feed* after *look*, where *wait* is when it would be visited without a hub.

    If a document was read, its *offer* of a hub is taken up.
    """
    known = tx.subscriptions.of(feed.id)
    if look.after.outcome == "read":
        known = _taken_up(tx, feed, known, offer)
    if known is None:
        return wait
    if is_missed(known, look):
        known = _kept(tx, known, demoted(known)) or known
    return spared(wait, known, look)


def _taken_up(tx: Tx, feed: Feed, known: Subscription | None, offer: Offer | None) -> Subscription | None:
    wanted = taken(offer, feed, known)
    if wanted is None and known is not None and known.state is not SubscriptionState.LEAVING:
        return _kept(tx, known, Step(subscription=_leaving(known), delay=timedelta()))
    if wanted is None or wanted == known:
        return known
    if known is None:
        tx.subscriptions.add(wanted)
        return wanted
    return _kept(tx, known, Step(subscription=wanted, delay=timedelta()))


def _leaving(subscription: Subscription) -> Subscription | None:
    if subscription.token is None:  # the hub was never asked
        return None
    return replace(subscription, state=SubscriptionState.LEAVING, tries=0, asked_at=None)


def _kept(tx: Tx, before: Subscription, step: Step) -> Subscription | None:
    """Write *step* down, and return the subscription after it."""
    if step.subscription is None:
        tx.subscriptions.forget(before.feed)
    else:
        tx.subscriptions.keep(step.subscription, step.delay)
    return step.subscription


def take_up(tx: Tx, feeds: Collection[FeedId], *, is_on: bool) -> None:
    """Leave the hubs of all but *feeds*; without an address of ours (*is_on* is false) forget them: leases run out."""
    if is_on:
        tx.subscriptions.leave_all_but(feeds)
    else:
        for each in tx.subscriptions.all():
            tx.subscriptions.forget(each.feed)


# ------------------------------------------------------------------ asking a hub


async def ask(
    claim: SubscriptionClaim, public_url: str, ask_hub: Ask, *, store: Store, clock: Clock, draw: Draw, secret: Secret
) -> Asked | None:
    """Ask the hub of *claim* for what is wanted of it, and keep what it answers; None if nothing is wanted any more.

    The token is in the database before the hub has it: it may ask back before
    it answers.
    """

    def begin(tx: Tx) -> Subscription | None:
        now = tx.subscriptions.of(claim.subscription.feed)
        if now is None:
            return None
        asked = asking(now, token=secret(), secret=secret(), now=clock())
        tx.subscriptions.keep(asked, None)
        return asked

    asked = await store.run(begin)
    if asked is None:
        return None
    fault = await ask_hub(asked, form(asked, public_url))

    def end(tx: Tx) -> None:
        now = tx.subscriptions.of(asked.feed)
        if now is not None and now.token == asked.token:
            _kept(tx, now, answered(now, fault, jitter=draw()))

    await store.run(end)
    wanted = "unsubscribe" if asked.state is SubscriptionState.LEAVING else "subscribe"
    return Asked(feed=asked.feed, hub=asked.hub, wanted=wanted, fault=fault)


# ------------------------------------------------------------------ what a hub asks and sends


def confirm(tx: Tx, token: str, said: Mapping[str, str], now: datetime) -> Step | None:
    """Return what follows from *said*, a hub's GET on the callback that ends with *token*; None if it is not meant."""
    known = tx.subscriptions.called(token)
    if known is None:
        return None
    step = denied(known, said) or verified(known, said, now)
    if step is not None:
        _kept(tx, known, step)
    return step


def take_push(tx: Tx, token: str, now: datetime) -> FeedId | None:
    """Make the feed due whose hub has pushed to the callback that ends with *token*; None if there is none."""
    known = tx.subscriptions.called(token)
    if known is None or known.state is SubscriptionState.LEAVING:
        return None
    after, wait = pushed(known, tx.feeds.visits(known.feed), now)
    tx.subscriptions.keep(after, None)
    tx.feeds.hurry(known.feed, wait)
    return known.feed
