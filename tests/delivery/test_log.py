"""The channel of somebody who has no receiver yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import CapturingLogger

from monitor import report
from monitor.alerts.decide import alert_of
from monitor.alerts.payload import alert_message, channel_disabled, ping
from monitor.delivery import log
from monitor.model import Accepted, Change, Channel, ChannelId, Field, Message, Severity
from tests.alerts.build import edit, match, rule
from tests.build import NOON, article

SHOWN = Channel(id=ChannelId("screen"), type="log")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was logged."""
    capturing = CapturingLogger()
    monkeypatch.setattr(report, "_log", capturing)
    return capturing.calls


def raised(change: Change | None = None) -> Message:
    alert = alert_of(
        match(by=rule(severity=Severity.HIGH)),
        matched_at=NOON,
        raised_at=NOON + timedelta(seconds=1),
        default_channel=SHOWN.id,
        change=change,
    )
    return alert_message(alert)


def test_an_alert_is_one_line_that_says_what_and_where(told: list[Any]):
    assert log.send(SHOWN, raised()) == Accepted()
    (line,) = told
    assert line.args == ("alert",)
    assert line.kwargs == {
        "channel": "screen",
        "rule": "kosovo",
        "severity": "high",
        "headline": "Flood in town",
        "url": "https://gazette.example/flood-in-town",
        "found": "United Nations Security Council",
    }


def test_an_alert_on_an_edit_says_what_was_changed(told: list[Any]):
    log.send(SHOWN, raised(edit(article(), article(), Field.HEADLINE, Field.LEDE)))
    (line,) = told
    assert line.args == ("alert",)
    assert (line.kwargs["rule"], line.kwargs["changed"]) == ("kosovo", "headline, lede")


def test_other_messages_are_told_with_what_they_carry(told: list[Any]):
    log.send(SHOWN, ping(SHOWN, NOON))
    log.send(SHOWN, channel_disabled(Channel(id=ChannelId("desk"), type="webhook"), "410 Gone", NOON))
    first, second = told
    assert first.args == ("test_ping",)
    assert second.args == ("channel_disabled",)
    assert second.kwargs["detail"] == "410 Gone"
