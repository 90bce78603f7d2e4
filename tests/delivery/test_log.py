"""The channel of somebody who has no receiver yet."""

from __future__ import annotations

from datetime import timedelta

from monitor.alerts.decide import alert_of
from monitor.alerts.payload import alert_message, channel_disabled, ping
from monitor.delivery.log import send
from monitor.model import Accepted, Change, Channel, ChannelId, Field, Message, Severity
from tests.alerts.build import edit, match, rule
from tests.build import NOON, article
from tests.logged import Log

SHOWN = Channel(id=ChannelId("screen"), type="log")


def raised(change: Change | None = None) -> Message:
    alert = alert_of(
        match(by=rule(severity=Severity.HIGH)),
        matched_at=NOON,
        raised_at=NOON + timedelta(seconds=1),
        default_channel=SHOWN.id,
        change=change,
    )
    return alert_message(alert)


def test_an_alert_is_one_line_that_says_what_and_where(log: Log):
    assert send(SHOWN, raised()) == Accepted()
    (line,) = log.lines()
    del line["timestamp"], line["level"]
    assert line == {
        "event": "alert",
        "channel": "screen",
        "rule": "kosovo",
        "severity": "high",
        "headline": "Flood in town",
        "url": "https://gazette.example/flood-in-town",
        "found": "United Nations Security Council",
    }


def test_an_alert_on_an_edit_says_what_was_changed(log: Log):
    send(SHOWN, raised(edit(article(), article(), Field.HEADLINE, Field.LEDE)))
    (line,) = log.lines()
    assert (line["event"], line["rule"], line["changed"]) == ("alert", "kosovo", "headline, lede")


def test_other_messages_are_told_with_what_they_carry(log: Log):
    send(SHOWN, ping(SHOWN, NOON))
    send(SHOWN, channel_disabled(Channel(id=ChannelId("desk"), type="webhook"), "410 Gone", NOON))
    first, second = log.lines()
    assert first["event"] == "test_ping"
    assert (second["event"], second["detail"]) == ("channel_disabled", "410 Gone")
