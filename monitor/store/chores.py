"""The few rows that fall due and are neither feed nor delivery, the channels' state, and the accepted config."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, delete, select, update

from monitor.model import ChannelId
from monitor.store.claims import Due
from monitor.store.insert import add_missing
from monitor.store.instants import instant, stamp
from monitor.store.tables import channels, chores, configs

IS_NAMED = chores.c.id == bindparam("name")


class ChoreRows:
    def __init__(self, connection: Connection, due: Due) -> None:
        self._connection = connection
        self._due = due

    def claim(self, name: str, every: timedelta) -> bool:
        """Return whether the chore *name* is ours to do now; of all processes one is told so, once in *every*.

        What is due later than that was done before the clock was set back.
        """
        add_missing(self._connection, chores, [{"id": name, "due_at": 0}])
        ahead = update(chores).where(chores.c.id == name, chores.c.due_at > self._due.now(every))
        self._connection.execute(ahead.values(due_at=0))
        return bool(self._due.claim(chores, 1, IS_NAMED, lease=every, name=name))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRow:
    """How a channel stands."""

    paused_for: timedelta | None
    disabled_at: datetime | None
    note: str | None


class ChannelRows:
    def __init__(self, connection: Connection, due: Due) -> None:
        self._connection = connection
        self._due = due

    def take_up(self, known: Iterable[ChannelId]) -> None:
        """Give each channel a row to keep its state in."""
        rows = [{"id": id} for id in known]
        add_missing(self._connection, channels, rows)

    def pause(self, id: ChannelId, span: timedelta, note: str) -> None:
        """Send nothing on the channel for *span* from now; a longer pause that runs already stays."""
        until = self._due.now(span)
        longer = case((channels.c.paused_until > until, channels.c.paused_until), else_=until)
        self._set(id, paused_until=longer, note=note)

    def disable(self, id: ChannelId, now: datetime, note: str) -> None:
        """Send nothing on the channel until somebody enables it."""
        self._set(id, disabled_at=stamp(now), note=note)

    def enable(self, id: ChannelId) -> None:
        """Send on the channel again, and at once."""
        self._set(id, disabled_at=None, paused_until=None, note=None)

    def _set(self, id: ChannelId, **values: object) -> None:
        add_missing(self._connection, channels, [{"id": id}])
        self._connection.execute(update(channels).where(channels.c.id == id).values(**values))

    def all(self) -> dict[ChannelId, ChannelRow]:
        """Return the state of every channel that was ever taken up."""
        left = (channels.c.paused_until - self._due.now()).label("left_ms")
        return {
            ChannelId(row.id): ChannelRow(
                paused_for=timedelta(milliseconds=row.left_ms) if row.left_ms and row.left_ms > 0 else None,
                disabled_at=None if row.disabled_at is None else instant(row.disabled_at),
                note=row.note,
            )
            for row in self._connection.execute(select(channels, left))
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedConfig:
    """The last set of files that loaded and passed its tests."""

    hash: str
    files: Mapping[str, str]
    accepted_at: datetime


ACCEPTED = "accepted"


class ConfigRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def accept(self, hash: str, files: Mapping[str, str], now: datetime) -> None:
        """Make *files* the set that a restart falls back on."""
        last = select(configs.c.hash).where(configs.c.name == ACCEPTED)
        if self._connection.execute(last).scalar() == hash:
            return
        self._connection.execute(delete(configs).where(configs.c.name == ACCEPTED))
        row = {"name": ACCEPTED, "hash": hash, "files": json.dumps(dict(files)), "accepted_at": stamp(now)}
        add_missing(self._connection, configs, [row])

    def accepted(self) -> AcceptedConfig | None:
        """Return the last accepted set, or None before the first."""
        row = self._connection.execute(select(configs).where(configs.c.name == ACCEPTED)).first()
        if row is None:
            return None
        return AcceptedConfig(hash=row.hash, files=json.loads(row.files), accepted_at=instant(row.accepted_at))
