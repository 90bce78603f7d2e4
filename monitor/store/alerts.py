"""Alerts: one row for a rule and a subject, for ever."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, exists, func, select

from monitor.model import Alert, AlertId, ArticleId, RuleId
from monitor.store.insert import add_missing
from monitor.store.instants import instant, stamp
from monitor.store.tables import alerts, deliveries, messages


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert as the list shows it; *data* is what the webhook carries."""

    id: AlertId
    rule_id: str
    severity: str
    raised_at: datetime
    data: Mapping[str, Any]


class AlertRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, raised: Iterable[Alert]) -> tuple[Alert, ...]:
        """Keep *raised*; return those that were never raised before, in their own order."""
        by_id: dict[str, Alert] = {}
        for alert in raised:
            by_id.setdefault(alert.id, alert)
        new = {id for (id,) in add_missing(self._connection, alerts, [_row(each) for each in by_id.values()])}
        return tuple(each for id, each in by_id.items() if id in new)

    def list(
        self, *, since: datetime | None = None, rule: str | None = None, severity: str | None = None, most: int = 100
    ) -> tuple[AlertRow, ...]:
        """Return up to *most* alerts, the newest first."""
        wanted = select(alerts).order_by(alerts.c.raised_at.desc(), alerts.c.id).limit(most)
        if since is not None:
            wanted = wanted.where(alerts.c.raised_at >= stamp(since))
        if rule is not None:
            wanted = wanted.where(alerts.c.rule_id == rule)
        if severity is not None:
            wanted = wanted.where(alerts.c.severity == severity)
        return tuple(_read(row) for row in self._connection.execute(wanted))

    def find(self, beginning: str) -> tuple[AlertRow, ...]:
        """Return the alerts, two at most, whose id begins with *beginning*."""
        wanted = select(alerts).where(alerts.c.id.startswith(beginning, autoescape=True)).order_by(alerts.c.id).limit(2)
        return tuple(_read(row) for row in self._connection.execute(wanted))

    def is_raised(self, rule: RuleId, article: ArticleId) -> bool:
        """Return whether *rule* has alerted on *article* itself, and not on another one of its story."""
        found = select(alerts.c.id).where(alerts.c.article_id == article, alerts.c.rule_id == rule).limit(1)
        return self._connection.execute(found).first() is not None

    def updates(self, rule: RuleId, article: ArticleId) -> int:
        """Return how often *rule* alerted again on edits of *article*."""
        wanted = select(func.count()).select_from(alerts).where(alerts.c.article_id == article)
        again = wanted.where(alerts.c.rule_id == rule, alerts.c.revision != "")
        return self._connection.execute(again).scalar_one()

    def count(self) -> int:
        """Return how many alerts were ever raised and not pruned."""
        return self._connection.execute(select(func.count()).select_from(alerts)).scalar_one()

    def prune(self, before: datetime) -> int:
        """Forget alerts raised before *before* that no pending delivery tells of; return how many went."""
        pending = exists(
            select(deliveries.c.id)
            .join(messages, messages.c.id == deliveries.c.message_id)
            .where(messages.c.subject == alerts.c.id, deliveries.c.due_at.is_not(None))
        )
        return self._connection.execute(delete(alerts).where(alerts.c.raised_at < stamp(before), ~pending)).rowcount


def _row(alert: Alert) -> dict[str, object]:
    return {
        "id": alert.id,
        "rule_id": alert.rule_id,
        "article_id": alert.article_id,
        "story_id": alert.story_id,
        "severity": alert.severity.value,
        "raised_at": stamp(alert.raised_at),
        "data": json.dumps(alert.data, ensure_ascii=False, separators=(",", ":")),
        "revision": alert.revision,
    }


def _read(row: Row[Any]) -> AlertRow:
    return AlertRow(
        id=AlertId(row.id),
        rule_id=row.rule_id,
        severity=row.severity,
        raised_at=instant(row.raised_at),
        data=json.loads(row.data),
    )
