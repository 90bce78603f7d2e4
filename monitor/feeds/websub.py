"""WebSub (W3C Recommendation of 23 January 2018): what a feed offers, what a hub says, and what follows.  Pure.

A push is taken as a hint: it makes the feed due, and the poll fetches what is
new as ever.  So what a hub sends is never content, and a hub that falls silent
is found out by the daily look.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlencode, urlsplit

from monitor.feeds.schedule import Wait
from monitor.model import Feed, Listing, Subscription, SubscriptionState, Visits

DAY = timedelta(days=1)
LONGEST_LEASE = timedelta(days=30)  # that we believe in; hubs usually grant 5 to 15 days
LEASE = timedelta(days=10)  # asked for, and taken for granted where the hub names none
RENEWED = 0.9  # of a lease, when it is asked for again
LEAST_RENEWAL = timedelta(minutes=5)  # a hub that leases for seconds is not asked every second
FIRST_RETRY, LONGEST_RETRY = timedelta(hours=1), timedelta(days=7)
UNSUBSCRIBES = 3  # tries; then the lease may run out by itself
LONGEST_CHALLENGE = 4000  # characters

SAFETY = timedelta(hours=20)  # between two looks at a pushed feed: what a hub kept from us is found while it is young
FLOOR = timedelta(seconds=30)  # between two polls, however often a hub pushes
LOOK_AGAIN = timedelta(minutes=5)  # after a push that brought nothing: publishers ping before their caches know
GRACE = timedelta(minutes=10)  # a hub may take so long to tell


# ------------------------------------------------------------------ what a feed offers


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A hub that tells of changes to *topic*."""

    hub: str
    topic: str


def offered(listing: Listing) -> Offer | None:
    """Return what a document, or the answer that brought it, offers; None without a hub or an address of its own."""
    if listing.hub and listing.topic and _is_web(listing.hub) and _is_web(listing.topic):
        return Offer(hub=listing.hub, topic=listing.topic)
    return None


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and len(address) <= 2000


def taken(offer: Offer | None, feed: Feed, known: Subscription | None) -> Subscription | None:
    """Return the subscription that *offer* leads to, where *known* is the one there is; None where none is wanted.

    Another hub or topic is another subscription, with a callback of its own:
    what the earlier hub still sends finds nobody there.
    """
    if offer is None:
        return None
    if known is None or (known.hub, known.topic) != (offer.hub, offer.topic):
        return Subscription(feed=feed.id, hub=offer.hub, topic=offer.topic, allow_private=feed.allow_private)
    if known.state is SubscriptionState.LEAVING:
        return replace(known, state=SubscriptionState.WANTED, tries=0)
    return known


# ------------------------------------------------------------------ what is asked of a hub


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A subscription as it stands now, and when its hub is to be asked next."""

    subscription: Subscription | None  # None: forget it
    delay: timedelta | None = None  # None: when it was to be asked anyway


def asking(subscription: Subscription, *, token: str, secret: str, now: datetime) -> Subscription:
    """Return *subscription* as it stands before its hub is asked; *token* and *secret* serve if it has none."""
    return replace(
        subscription,
        token=subscription.token or token,
        secret=subscription.secret or secret,
        asked_at=now,
        tries=subscription.tries + 1,
    )


def form(subscription: Subscription, public_url: str) -> bytes:
    """Return the body of the request to the hub (section 5.1), as a form in UTF-8."""
    is_leaving = subscription.state is SubscriptionState.LEAVING
    fields = {
        "hub.callback": f"{public_url}/websub/{subscription.token}",
        "hub.mode": "unsubscribe" if is_leaving else "subscribe",
        "hub.topic": subscription.topic,
    }
    if not is_leaving:
        fields |= {"hub.lease_seconds": str(int(LEASE.total_seconds())), "hub.secret": subscription.secret or ""}
    return urlencode(fields).encode("ascii")


def answered(subscription: Subscription, fault: str | None, *, jitter: float) -> Step:
    """Return what follows from the hub's answer to our request: *fault*, or its promise to confirm it.

    The confirmation may have come before the answer.
    """
    if fault is None and subscription.asked_at is None:
        return Step(subscription=subscription)
    if subscription.state is SubscriptionState.LEAVING and subscription.tries >= UNSUBSCRIBES:
        return Step(subscription=None)
    waits = FIRST_RETRY * 2 ** min(max(subscription.tries - 1, 0), 20)
    delay = min(waits, LONGEST_RETRY) * (1 + jitter / 10)
    if fault is None:
        return Step(subscription=subscription, delay=delay)
    return Step(subscription=replace(subscription, asked_at=None, note=fault), delay=delay)


# ------------------------------------------------------------------ what a hub asks of us


def verified(subscription: Subscription, said: Mapping[str, str], now: datetime) -> Step | None:
    """Return what follows from a hub's question whether we meant it (section 5.3); None if we did not.

    We did if the hub owes us an answer, the topic is to the letter ours, and so
    is what is to be done.
    """
    is_leaving = subscription.state is SubscriptionState.LEAVING
    meant = "unsubscribe" if is_leaving else "subscribe"
    if subscription.asked_at is None or said.get("hub.topic") != subscription.topic or said.get("hub.mode") != meant:
        return None
    if not 0 < len(said.get("hub.challenge", "")) <= LONGEST_CHALLENGE:
        return None
    if is_leaving:
        return Step(subscription=None)
    lease = min(_seconds(said.get("hub.lease_seconds", "")) or LEASE, LONGEST_LEASE)
    was_active = is_counted_on(subscription, now)
    active = replace(
        subscription,
        state=SubscriptionState.ACTIVE,
        tries=0,
        asked_at=None,
        active_at=subscription.active_at if was_active else now,
        leased_until=now + lease,
        note=None,
    )
    return Step(subscription=active, delay=max(lease * RENEWED, LEAST_RENEWAL))


def denied(subscription: Subscription, said: Mapping[str, str]) -> Step | None:
    """Return what follows from a hub's word that it does not want us (section 5.2), now or any more; None if none."""
    if said.get("hub.mode") != "denied" or said.get("hub.topic") != subscription.topic:
        return None
    if subscription.state is SubscriptionState.LEAVING:
        return Step(subscription=None)
    why = " ".join(said.get("hub.reason", "").split())[:200]
    refused = replace(
        subscription,
        state=SubscriptionState.REFUSED,
        asked_at=None,
        note=f"the hub refuses: {why}" if why else "the hub refuses",
    )
    return Step(subscription=refused, delay=LONGEST_RETRY)


def _seconds(text: str) -> timedelta | None:
    return timedelta(seconds=int(text)) if text.isascii() and text.isdigit() and 0 < len(text) < 10 else None


# ------------------------------------------------------------------ what a hub sends

METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


class Signature:
    """Whether a body that comes in pieces was signed with a secret: `X-Hub-Signature` (section 8), `method=hex`."""

    def __init__(self, secret: str, header: str | None) -> None:
        method, _, self._given = (header or "").strip().partition("=")
        known = METHODS.get(method.lower())
        self._digest = None if known is None else hmac.new(secret.encode(), digestmod=known)

    def update(self, piece: bytes) -> None:
        """Take the next *piece* of the body."""
        if self._digest is not None:
            self._digest.update(piece)

    def fits(self) -> bool:
        """Return whether the body as far as it came is what was signed; never without a signature."""
        if self._digest is None:
            return False
        return hmac.compare_digest(self._digest.hexdigest().encode(), self._given.strip().lower().encode())


def pushed(subscription: Subscription, visits: Visits, now: datetime) -> tuple[Subscription, timedelta]:
    """Return *subscription* after a push that was rightly signed, and how soon the feed may be polled for it."""
    since = FLOOR if visits.polled_at is None else now - visits.polled_at
    return replace(subscription, pushed_at=now), max(FLOOR - max(since, timedelta()), timedelta())


# ------------------------------------------------------------------ what that means for the schedule


def is_counted_on(subscription: Subscription, now: datetime) -> bool:
    """Return whether the feed may be left alone until its hub tells of something."""
    is_leased = subscription.leased_until is not None and now < subscription.leased_until
    return subscription.state is SubscriptionState.ACTIVE and is_leased


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A visit, as a hub's promise is held against it."""

    before: Visits
    after: Visits
    began: datetime
    brought: tuple[datetime | None, ...] = ()  # the times of its new items; None is that of an undated one
    max_age: timedelta | None = None  # for how long the server gives the same answer

    @property
    def at(self) -> datetime:
        """When it was over."""
        return self.after.polled_at or self.began


def is_missed(subscription: Subscription, look: Look) -> bool:
    """Return whether *look* found what no push had told of.

    What was printed a moment ago may still be told of, and what was printed
    before the subscription began could not be.
    """
    polled, active = look.before.polled_at, subscription.active_at
    if not is_counted_on(subscription, look.at) or polled is None or active is None or active >= polled:
        return False
    if subscription.pushed_at is not None and subscription.pushed_at >= polled - GRACE:
        return False
    return any(time is None or time < look.at - GRACE for time in look.brought)


def demoted(subscription: Subscription) -> Step:
    """Return *subscription* as one that the schedule no longer counts on; in a week its hub gets another chance."""
    note = "an item came without a push"
    return Step(subscription=replace(subscription, state=SubscriptionState.DEMOTED, note=note), delay=LONGEST_RETRY)


def spared(wait: Wait, subscription: Subscription, look: Look) -> Wait:
    """Return when to visit a feed after *look*, where *wait* is when it would be visited without a hub.

    A feed that fails, or on whose hub nobody counts, is visited as ever.  A push
    that came meanwhile tells of something else; one that brought nothing is
    looked after once more, when its server no longer gives the same answer.
    """
    if look.after.failures or not is_counted_on(subscription, look.at):
        return wait
    told_at, before = subscription.pushed_at, look.before.polled_at
    same = min(look.max_age or timedelta(), SAFETY)
    if told_at is not None and told_at > look.began:
        return Wait(delay=max(FLOOR, same), why="its hub pushed meanwhile")
    if told_at is not None and before is not None and told_at > before and not look.brought:
        return Wait(delay=max(LOOK_AGAIN, same), why="its hub pushed, and there was nothing yet")
    return max(wait, Wait(delay=SAFETY, why="its hub pushes; this is the daily look"), key=lambda each: each.delay)
