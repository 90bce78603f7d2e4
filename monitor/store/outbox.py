"""The outbox: messages, and their deliveries that fall due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, delete, exists, func, select, update

from monitor.model import ChannelId, Delivery, DeliveryId, Message, MessageId, State
from monitor.store.claims import LONG_AGO, NOW, Due
from monitor.store.insert import add_missing
from monitor.store.instants import instant, maybe_instant, stamp
from monitor.store.tables import attempts, channels, deliveries, messages

IS_ON = deliveries.c.channel_id == bindparam("channel")
IS_OPEN = ~exists(
    select(channels.c.id).where(
        channels.c.id == bindparam("channel"), (channels.c.paused_until > NOW) | channels.c.disabled_at.is_not(None)
    )
)
"""Whether the channel is neither paused nor disabled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryClaim:
    """A delivery that is ours to send until *due_at*, which is also the fence."""

    delivery: Delivery
    message: Message
    due_at: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one attempt came to."""

    at: datetime
    outcome: str  # accepted, deferred, refused or gone
    status: int | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """A delivery as the list shows it."""

    delivery: Delivery
    type: str
    subject: str
    created_at: datetime
    settled_at: datetime | None
    due_in: timedelta | None
    status: int | None
    note: str | None


class Outbox:
    def __init__(self, connection: Connection, due: Due) -> None:
        self._connection = connection
        self._due = due

    def add(self, told: Iterable[Message], to: Iterable[Delivery], now: datetime) -> int:
        """Keep messages and the deliveries that carry them, due at once; return how many deliveries were new."""
        add_missing(
            self._connection,
            messages,
            [
                {"id": each.id, "type": each.type, "subject": each.subject, "created_at": stamp(now), "body": each.body}
                for each in told
            ],
        )
        rows = [
            {
                "id": each.id,
                "message_id": each.message_id,
                "channel_id": each.channel,
                "state": State.PENDING.value,
                "due_at": LONG_AGO,
                "attempts": 0,
                "created_at": stamp(now),
            }
            for each in to
        ]
        return len(add_missing(self._connection, deliveries, rows))

    def claim(self, channel: ChannelId, most: int) -> tuple[DeliveryClaim, ...]:
        """Return up to *most* deliveries due on *channel*, unless it is paused or disabled."""
        rows = self._due.claim(deliveries, most, IS_ON, IS_OPEN, channel=channel)
        carried = self._messages({row.message_id for row in rows})
        return tuple(
            DeliveryClaim(
                delivery=_delivery(row),
                message=carried[row.message_id],
                due_at=row.due_at,
                created_at=instant(row.created_at),
            )
            for row in rows
        )

    def _messages(self, ids: set[str]) -> dict[str, Message]:
        if not ids:
            return {}
        rows = self._connection.execute(select(messages).where(messages.c.id.in_(sorted(ids))))
        return {
            row.id: Message(id=MessageId(row.id), type=row.type, subject=row.subject, body=row.body) for row in rows
        }

    def settle(
        self, claim: DeliveryClaim, *, state: State, delay: timedelta | None, attempt: Attempt, now: datetime
    ) -> None:
        """Record *attempt* and what follows from it; LeaseLost if somebody else took over."""
        n = claim.delivery.attempts + 1
        self._due.finish(
            deliveries,
            claim.delivery.id,
            claim.due_at,
            delay,
            state=state.value,
            attempts=n,
            settled_at=None if state is State.PENDING else stamp(now),
            status=attempt.status,
            note=attempt.detail,
        )
        add_missing(
            self._connection,
            attempts,
            [
                {
                    "delivery_id": claim.delivery.id,
                    "n": n,
                    "at": stamp(attempt.at),
                    "outcome": attempt.outcome,
                    "status": attempt.status,
                    "detail": attempt.detail,
                }
            ],
        )

    def put_back(self, claim: DeliveryClaim) -> None:
        """Give *claim* back unsent, due at once."""
        self._due.give_back(deliveries, claim.delivery.id, claim.due_at)

    def retry(self, ids: Sequence[DeliveryId]) -> int:
        """Make those of *ids* that are not done pending again, due at once, their schedule begun anew; return how many.

        What earlier attempts came to is forgotten: their numbers are given again.
        """
        undone = [deliveries.c.id.in_(ids), deliveries.c.state != State.DONE.value]
        again = select(deliveries.c.id).where(*undone)
        self._connection.execute(delete(attempts).where(attempts.c.delivery_id.in_(again)))
        values = {"state": State.PENDING.value, "due_at": LONG_AGO, "attempts": 0, "settled_at": None}
        return self._connection.execute(update(deliveries).where(*undone).values(**values)).rowcount

    def pending(self, known: Iterable[ChannelId] | None = None) -> int:
        """Return how many deliveries wait, on the channels *known* or on all."""
        waiting = select(func.count()).select_from(deliveries).where(deliveries.c.due_at.is_not(None))
        if known is not None:
            waiting = waiting.where(deliveries.c.channel_id.in_(list(known)))
        return self._connection.execute(waiting).scalar_one()

    def list(
        self,
        *,
        since: datetime | None = None,
        channel: str | None = None,
        state: State | None = None,
        subject: str | None = None,
        most: int = 100,
    ) -> tuple[DeliveryRow, ...]:
        """Return up to *most* deliveries, the newest first."""
        where: list[ColumnElement[bool]] = []
        if since is not None:
            where.append(deliveries.c.created_at >= stamp(since))
        if channel is not None:
            where.append(deliveries.c.channel_id == channel)
        if state is not None:
            where.append(deliveries.c.state == state.value)
        if subject is not None:
            where.append(messages.c.subject == subject)
        wanted = self._wanted(*where).order_by(deliveries.c.created_at.desc(), deliveries.c.id).limit(most)
        return tuple(_row(row) for row in self._connection.execute(wanted))

    def find(self, beginning: str) -> tuple[DeliveryRow, ...]:
        """Return the deliveries, two at most, whose id begins with *beginning*."""
        wanted = self._wanted(deliveries.c.id.startswith(beginning, autoescape=True)).order_by(deliveries.c.id).limit(2)
        return tuple(_row(row) for row in self._connection.execute(wanted))

    def _wanted(self, *where: ColumnElement[bool]) -> Select[Any]:
        left = (deliveries.c.due_at - self._due.now()).label("left_ms")
        return (
            select(deliveries, messages.c.type, messages.c.subject, left)
            .join(messages, messages.c.id == deliveries.c.message_id)
            .where(*where)
        )

    def body(self, id: DeliveryId) -> bytes:
        """Return the bytes that every attempt of the delivery *id* sends."""
        wanted = select(messages.c.body).join(deliveries, deliveries.c.message_id == messages.c.id)
        return bytes(self._connection.execute(wanted.where(deliveries.c.id == id)).scalar_one())

    def attempts(self, id: DeliveryId) -> tuple[Attempt, ...]:
        """Return what the attempts of the delivery *id* came to, the first first."""
        rows = self._connection.execute(select(attempts).where(attempts.c.delivery_id == id).order_by(attempts.c.n))
        return tuple(
            Attempt(at=instant(row.at), outcome=row.outcome, status=row.status, detail=row.detail) for row in rows
        )

    def prune(self, before: datetime) -> int:
        """Forget what was settled before *before*; return how many deliveries went.  Pending ones stay."""
        old = select(deliveries.c.id).where(deliveries.c.due_at.is_(None), deliveries.c.created_at < stamp(before))
        self._connection.execute(delete(attempts).where(attempts.c.delivery_id.in_(old)))
        gone = self._connection.execute(delete(deliveries).where(deliveries.c.id.in_(old))).rowcount
        carried = exists(select(deliveries.c.id).where(deliveries.c.message_id == messages.c.id))
        self._connection.execute(delete(messages).where(messages.c.created_at < stamp(before), ~carried))
        return gone


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=DeliveryId(row.id),
        message_id=MessageId(row.message_id),
        channel=ChannelId(row.channel_id),
        state=State(row.state),
        attempts=row.attempts,
    )


def _row(row: Row[Any]) -> DeliveryRow:
    return DeliveryRow(
        delivery=_delivery(row),
        type=row.type,
        subject=row.subject,
        created_at=instant(row.created_at),
        settled_at=maybe_instant(row.settled_at),
        due_in=None if row.left_ms is None else timedelta(milliseconds=row.left_ms),
        status=row.status,
        note=row.note,
    )
