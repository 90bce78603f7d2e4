"""What hubs have promised to tell us, and when they are to be asked again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from monitor.model import FeedId, Subscription, SubscriptionState
from monitor.store.claims import LONG_AGO, Due
from monitor.store.insert import add_missing
from monitor.store.instants import maybe_instant, maybe_stamp
from monitor.store.tables import subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionClaim:
    """A subscription whose hub is ours to ask until *due_at*, which is also the fence."""

    subscription: Subscription
    due_at: int


class SubscriptionRows:
    def __init__(self, connection: Connection, due: Due) -> None:
        self._connection = connection
        self._due = due

    def of(self, feed: FeedId) -> Subscription | None:
        """Return the subscription of *feed*, locked until this transaction ends; None if there is none."""
        return self._one(subscriptions.c.id == feed)

    def called(self, token: str) -> Subscription | None:
        """Return the subscription whose callback ends with *token*, locked until this transaction ends."""
        return self._one(subscriptions.c.token == token)

    def _one(self, where: Any) -> Subscription | None:
        row = self._connection.execute(select(subscriptions).where(where).with_for_update()).first()
        return None if row is None else _subscription(row)

    def secret(self, token: str) -> str | None:
        """Return the secret of the subscription whose callback ends with *token*; None if there is none."""
        wanted = select(subscriptions.c.secret).where(subscriptions.c.token == token)
        return self._connection.execute(wanted).scalar()

    def add(self, subscription: Subscription) -> None:
        """Keep *subscription*, whose hub is to be asked at once, unless its feed has one already."""
        add_missing(self._connection, subscriptions, [{**_values(subscription), "due_at": LONG_AGO}])

    def keep(self, subscription: Subscription, delay: timedelta | None) -> None:
        """Write *subscription* down; its hub is asked after *delay*, with None when it was to be asked anyway."""
        values = _values(subscription)
        if delay is not None:
            values["due_at"] = self._due.now(delay)
        self._connection.execute(update(subscriptions).where(subscriptions.c.id == subscription.feed).values(**values))

    def forget(self, feed: FeedId) -> None:
        """Drop the subscription of *feed*."""
        self._connection.execute(delete(subscriptions).where(subscriptions.c.id == feed))

    def claim(self, most: int) -> tuple[SubscriptionClaim, ...]:
        """Return up to *most* subscriptions whose hub is to be asked, ours for one lease."""
        rows = self._due.claim(subscriptions, most)
        return tuple(SubscriptionClaim(subscription=_subscription(row), due_at=row.due_at) for row in rows)

    def leave_all_but(self, feeds: Collection[FeedId]) -> None:
        """Leave the hubs of feeds that are not among *feeds*, at once; a hub that was never asked is forgotten."""
        for each in self.all():
            if each.feed in feeds or each.state is SubscriptionState.LEAVING:
                continue
            if each.token is None:
                self.forget(each.feed)
            else:
                leaving = {"state": SubscriptionState.LEAVING.value, "tries": 0, "asked_at": None, "due_at": LONG_AGO}
                self._connection.execute(update(subscriptions).where(subscriptions.c.id == each.feed).values(**leaving))

    def all(self) -> tuple[Subscription, ...]:
        """Return every subscription, by the feed's id."""
        rows = self._connection.execute(select(subscriptions).order_by(subscriptions.c.id))
        return tuple(map(_subscription, rows))


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        feed=FeedId(row.id),
        hub=row.hub,
        topic=row.topic,
        allow_private=row.allow_private,
        token=row.token,
        secret=row.secret,
        state=SubscriptionState(row.state),
        tries=row.tries,
        asked_at=maybe_instant(row.asked_at),
        active_at=maybe_instant(row.active_at),
        leased_until=maybe_instant(row.leased_until),
        pushed_at=maybe_instant(row.pushed_at),
        note=row.note,
    )


def _values(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.feed,
        "hub": subscription.hub,
        "topic": subscription.topic,
        "allow_private": subscription.allow_private,
        "token": subscription.token,
        "secret": subscription.secret,
        "state": subscription.state.value,
        "tries": subscription.tries,
        "asked_at": maybe_stamp(subscription.asked_at),
        "active_at": maybe_stamp(subscription.active_at),
        "leased_until": maybe_stamp(subscription.leased_until),
        "pushed_at": maybe_stamp(subscription.pushed_at),
        "note": subscription.note,
    }
