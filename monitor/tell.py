"""New and edited articles → alerts in the outbox: join → match → decide → address.  What both flows in end with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.alerts.decide import address, alert_of, decide, decide_again, is_of_a_copy, story_of, told_before
from monitor.alerts.payload import alert_message
from monitor.articles.similar import nearest, sketch
from monitor.model import Alert, Article, Change, ChannelId, Match, Raise, Verdict
from monitor.rules.match import RuleSet, match
from monitor.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What to look for in articles, and whom to tell."""

    rules: RuleSet
    default_channel: ChannelId | None
    alert_new_within: timedelta
    has_hubs: bool = False  # whether feeds are subscribed to at their WebSub hubs


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What came of some articles."""

    alerts: tuple[Alert, ...] = ()
    folded: Mapping[str, int] = field(default_factory=dict)  # why a match was not told → how many


def tell(
    tx: Tx,
    articles: Iterable[Article],
    watch: Watch,
    *,
    edits: Iterable[Change] = (),
    baseline: bool,
    now: datetime,
    judged_at: datetime | None = None,
) -> Told:
    """Keep what *watch* finds in *articles* and wants told, and return it; *baseline*: on their feed's first poll.

    A new article joins its story first; what is too old is so as of *judged_at*, or
    now.  Of *edits* is told what matches otherwise than before.  Doing it twice
    writes the same rows, of which only the first are new.
    """
    joined = tx.stories.join(articles, now, sketch=sketch, nearest=nearest)
    verdicts = [*_judged(joined, watch, baseline, judged_at or now), *_judged_again(tx, edits, watch, now)]
    stories = tx.stories.find(story_of(found.article) for found, _, _ in verdicts)
    raised = [
        (
            found,
            alert_of(
                found,
                story=stories.get(story_of(found.article)),
                matched_at=now,
                raised_at=now,
                default_channel=watch.default_channel,
                change=change,
            ),
        )
        for found, change, verdict in verdicts
        if isinstance(verdict, Raise)
    ]
    alerts = tx.alerts.add(alert for _, alert in raised)
    messages = [(alert_message(alert), alert.notify) for alert in alerts]
    tx.outbox.add(
        [message for message, _ in messages],
        [delivery for message, channels in messages for delivery in address(message, channels)],
        now,
    )
    folded = Counter(verdict.why for _, _, verdict in verdicts if not isinstance(verdict, Raise))
    news = {(alert.id, alert.article_id) for alert in alerts}
    folded.update(told_before(found).why for found, alert in raised if (alert.id, alert.article_id) not in news)
    return Told(alerts=alerts, folded=folded)


Judged = tuple[Match, Change | None, Verdict]
"""A match, the edit that makes it another than before, and what is decided about it."""


def _judged(articles: Iterable[Article], watch: Watch, baseline: bool, now: datetime) -> Iterator[Judged]:
    for article in articles:
        for found in match(watch.rules, article):
            yield found, None, decide(found, now=now, baseline=baseline, alert_new_within=watch.alert_new_within)


def _judged_again(tx: Tx, edits: Iterable[Change], watch: Watch, now: datetime) -> Iterator[Judged]:
    for edit in edits:
        held = {found.rule.id: found for found in match(watch.rules, edit.before)}
        for found in match(watch.rules, edit.after):
            before = held.get(found.rule.id)
            if before and is_of_a_copy(found) and not tx.alerts.is_raised(found.rule.id, edit.after.id):
                yield found, None, told_before(found)
                continue
            updates = tx.alerts.updates(found.rule.id, edit.after.id) if before else 0
            verdict = decide_again(found, before, updates=updates, now=now, alert_new_within=watch.alert_new_within)
            yield found, edit if before else None, verdict
