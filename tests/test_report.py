"""Telling: one event and one counter an outcome, and no secret in either."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from monitor import report
from monitor.articles.edits import corrected, resurfaced
from monitor.articles.rekeyed import Rekeyed
from monitor.feeds.health import Finding
from monitor.model import (
    Accepted,
    Alert,
    Article,
    Change,
    Channel,
    ChannelId,
    Deferred,
    Delivery,
    Feed,
    FeedId,
    Health,
    Message,
    Precision,
    Published,
    Severity,
    Subscription,
    Visits,
)
from monitor.report import secrets
from tests.build import NOON, alert, article, delivery, feed, message, published
from tests.logged import Log

SLACK = "https://hooks.slack.com/services/T0001/B0001/a1b2c3d4e5f6g7h8"


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory of secrets that lasts for one test."""
    monkeypatch.setattr(secrets, "_secrets", secrets._Secrets())


def number(name: str, **labels: str) -> float:
    """Return the sample *name* as Prometheus would read it; 0 before it was first counted."""
    return report.REGISTRY.get_sample_value(name, labels) or 0.0


# ------------------------------------------------------------------ redaction


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (f"POST {SLACK} failed", "POST https://hooks.slack.com/*** failed"),
        ("https://discord.com/api/webhooks/123/tok-EN", "https://discord.com/api/webhooks/***"),
        ("https://chat.example/hooks/x1y2z3", "https://chat.example/hooks/***"),
        ("https://b.webhook.office.com/webhookb2/1@2/x", "https://b.webhook.office.com/***"),
        ("signed with whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw.", "signed with whsec_***."),
        ("postgresql://monitor:p@ss@db.example/x", "postgresql://***@db.example/x"),
        (
            "GET https://feeds.example/rss?id=4&access_token=abc123&page=2",
            "GET https://feeds.example/rss?id=4&access_token=***&page=2",
        ),
        ("https://feeds.example/rss?key=abc", "https://feeds.example/rss?key=***"),
        ("Authorization: Bearer abc.def.ghi", "Authorization: ***"),
        ("{'authorization': 'Basic dXNlcjpwYXNz', 'accept': '*/*'}", "{'authorization': '***', 'accept': '*/*'}"),
        ("(b'authorization', b'Bearer s3cr3t-token')", "(b'authorization', b'***')"),
        ("sent Bearer s3cr3t-token", "sent Bearer ***"),
    ],
)
def test_what_looks_like_a_secret_is_not_shown(said: str, shown: str):
    assert report.redact(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "Basic income for everybody, says the bearer of good news",
        "https://www.b92.net/eng/news/politics.php?yyyy=2023&mm=07&nav_id=116244",
        "rules/floods.yaml:7:5: unknown channel",
        "the channel newsroom refused: 404 no such hook",
        "2023-07-08T15:07:00+02:00",
    ],
)
def test_what_is_no_secret_is_left_as_it_is(said: str):
    assert report.redact(said) == said


@pytest.mark.usefixtures("hidden")
@given(st.text(min_size=6), st.text(max_size=5), st.text(max_size=5))
def test_a_hidden_text_is_never_shown_again(secret: str, before: str, after: str):
    report.hide(secret)
    assert secret not in report.redact(before + secret + after) or secret in "***" + before + after


@pytest.mark.usefixtures("hidden")
@pytest.mark.parametrize("written", [str, repr, json.dumps, lambda text: f"x={text.replace(' ', '%20')}"])
def test_a_hidden_text_is_known_in_other_spellings(written: Any):
    report.hide("pass wördß")
    said = written("pass wördß")
    assert "pass" not in report.redact(said.replace("ö", "%C3%B6").replace("ß", "%C3%9F") if "%" in said else said)


@pytest.mark.usefixtures("hidden")
def test_of_a_hidden_address_the_host_is_shown_and_its_path_is_hidden_alone_too():
    report.hide("https://user:pw@receiver.example:8443/in/9f8e7d6c5b4a39281706")
    assert report.redact("to https://user:pw@receiver.example:8443/in/9f8e7d6c5b4a39281706") == (
        "to https://receiver.example:8443/***"
    )
    assert "9f8e7d" not in report.redact('"POST /in/9f8e7d6c5b4a39281706 HTTP/1.1"')


@pytest.mark.usefixtures("hidden")
@given(st.sampled_from([pattern for pattern, _ in secrets._PATTERNS]).flatmap(st.from_regex))
def test_what_looks_like_a_secret_never_passes_for_a_harmless_text(said: str):
    assert secrets._SUSPECT.search(said)


def test_what_is_too_short_to_be_a_secret_hides_nothing():
    for short in ("", "a", "news"):
        report.hide(short)
    report.hide("https://[broken")
    assert report.redact("good news") == "good news"
    assert report.redact("at https://[broken") == "at ***"


# ------------------------------------------------------------------ the log


def test_an_event_is_one_line_of_json_with_its_facts(log: Log):
    report.told("config_taken", hash="ab12", feeds=12, folded={"why": 2}, mistakes=["a", "b"], ok=None)
    (line,) = log.lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "config_taken",
        "level": "info",
        "hash": "ab12",
        "feeds": 12,
        "folded": {"why": 2},
        "mistakes": ["a", "b"],
        "ok": None,
    }


def test_a_level_below_info_is_not_shown_but_counted(log: Log):
    before = number("monitor_events_total", event="whisper")
    report.told("whisper", level="debug")
    assert log.lines() == []
    assert number("monitor_events_total", event="whisper") == before + 1


def test_a_tick_that_a_stop_cut_short_is_no_fault_to_tell(log: Log):
    try:
        raise asyncio.CancelledError
    except asyncio.CancelledError:
        logging.getLogger("apscheduler.executors.default").exception("Error running job 1")
    assert log.lines() == []


def test_people_get_lines_that_they_can_read(log: Log):
    report.configure("console")
    report.told("config_taken", hash="ab12", url=SLACK)
    report.crashed("poll_crashed", ValueError(f"no answer from {SLACK}"), feed="b92")
    written = log.text()
    assert written.count("config_taken") == 1
    assert "hash=ab12" in written
    assert "ValueError: no answer from https://hooks.slack.com/***" in written
    assert "a1b2c3" not in written


@pytest.mark.usefixtures("hidden")
def test_no_secret_is_in_any_fact_key_or_traceback(log: Log):
    report.hide("hunter2-hunter2")
    try:
        try:
            raise KeyError("hunter2-hunter2")
        except KeyError as error:
            raise OSError(f"{SLACK} refused hunter2-hunter2") from error
    except OSError as error:
        report.crashed(
            "send_failed",
            error,
            headers={"Authorization": "abc", "x": "hunter2-hunter2", "hunter2-hunter2": 1},
            secrets=["s"],
            body=b"hunter2-hunter2",
            channel=Channel(id=ChannelId("desk"), type="webhook"),
            hidden_in=("a", {"hunter2-hunter2"}),
            at=NOON,
        )
    (line,) = log.lines()
    assert "hunter2" not in log.text()
    assert "a1b2c3" not in log.text()
    assert line["headers"] == {"Authorization": "***", "x": "***", "***": 1}
    assert line["secrets"] == "***"
    assert line["at"] == "2026-07-08 12:00:00+00:00"
    assert "OSError: https://hooks.slack.com/*** refused ***" in line["exception"]
    assert line["level"] == "error"


def test_what_libraries_log_passes_the_same_redaction(log: Log):
    logging.getLogger("somebody").warning("asked %s", SLACK)
    try:
        raise ValueError(SLACK)
    except ValueError:
        logging.getLogger("somebody").exception("failed")
    logging.getLogger("httpx2").info("POST %s", SLACK)
    first, second = log.lines()
    assert first["event"] == "asked https://hooks.slack.com/***"
    assert first["logger"] == "somebody"
    assert "ValueError: https://hooks.slack.com/***" in second["exception"]
    assert "a1b2c3" not in log.text()


def test_a_fault_that_nobody_catches_is_one_event_without_secrets(log: Log):
    error = ValueError(SLACK)
    sys.excepthook(ValueError, error, None)
    thread = threading.Thread(target=lambda: [][SLACK], name="reader")
    thread.start()
    thread.join()
    first, second = log.lines()
    assert (first["event"], second["event"]) == ("crashed", "crashed")
    assert second["thread"] == "reader"
    assert "a1b2c3" not in log.text()


def test_somebody_who_presses_ctrl_c_sees_no_event(log: Log):
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert "crashed" not in log.text()


def test_configuring_twice_does_not_tell_twice(log: Log):
    report.configure("json")
    report.told("once")
    assert len(log.lines()) == 1


def test_no_headline_moves_the_cursor(log: Log):
    report.configure("console")
    report.told("alert", headline="\x1b[2Jflood", detail=b"\x07bell")
    assert "\ufffd[2Jflood" in log.text()
    assert not any(sign in log.text() for sign in "\x1b\x07")


# ------------------------------------------------------------------ the flows


@dataclass(frozen=True, kw_only=True)
class Visit:
    feed: Feed = field(default_factory=feed)
    visits: Visits = field(default_factory=lambda: Visits(outcome="read", baseline_at=NOON, polled_at=NOON))
    listed: int = 0
    fresh: tuple[Article, ...] = ()
    changes: tuple[Change, ...] = ()
    rekeyed: Rekeyed | None = None
    alerts: tuple[Alert, ...] = ()
    folded: dict[str, int] = field(default_factory=dict)
    short: int = 0
    became: Finding | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    delivery: Delivery = field(default_factory=delivery)
    message: Message = field(default_factory=message)
    created_at: Any = NOON


@dataclass(frozen=True, kw_only=True)
class Next:
    why: str = "accepted (200)"
    delay: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class Settled:
    next: Next = field(default_factory=Next)
    attempts: int = 1
    pause: timedelta | None = None
    disable: str | None = None


DESK = Channel(id=ChannelId("desk"), type="webhook")


def test_a_poll_is_one_event_and_each_alert_another(log: Log):
    before = number("monitor_polls_total", outcome="read"), number("monitor_alerts_raised_total", severity="high")
    raised = (alert("alert_1", severity=Severity.HIGH), alert("alert_2", severity=Severity.HIGH))
    report.polled(Visit(listed=3, fresh=(article(),), alerts=raised, folded={"undated": 2}))
    first, *others = log.lines()
    assert (first["event"], first["feed"], first["outcome"], first["new"]) == ("polled", "gazette", "read", 1)
    assert first["folded"] == {"undated": 2}
    assert "note" not in first
    assert [line["alert"] for line in others] == ["alert_1", "alert_2"]
    after = number("monitor_polls_total", outcome="read"), number("monitor_alerts_raised_total", severity="high")
    assert (after[0] - before[0], after[1] - before[1]) == (1, 2)


def test_feeds_are_counted_by_their_state():
    report.standing({"ok": 7, "failing": 2})
    report.standing({"ok": 9})
    assert number("monitor_feeds", state="ok") == 9
    assert number("monitor_feeds", state="failing") == 0


def test_what_happens_to_known_articles_is_told_and_counted(log: Log):
    names = [("monitor_articles_changed_total", "corrected"), ("monitor_articles_changed_total", "resurfaced")]
    before = [number(name, kind=kind) for name, kind in names], number("monitor_articles_rekeyed_total")
    was = article()
    edit = corrected(was, article(lede="The river rose by three metres."))
    assert edit is not None
    moved = Rekeyed(why="rekeyed: 2 of 3 new keys name known articles", articles={"a": was.id, "b": was.id})
    updated = alert("alert_1", revision="revision_1")
    report.polled(Visit(changes=(edit, resurfaced(was, NOON)), rekeyed=moved, alerts=(updated,)))
    _, rekeyed, corrected_line, back, alerted = log.lines()
    assert (rekeyed["event"], rekeyed["articles"], rekeyed["why"]) == ("rekeyed", 2, moved.why)
    assert (corrected_line["event"], corrected_line["article"], corrected_line["fields"]) == (
        "corrected",
        was.id,
        ["lede"],
    )
    assert (back["event"], back["feed"], "fields" in back) == ("resurfaced", "gazette", False)
    assert (alerted["event"], alerted["alert"]) == ("alert_updated", "alert_1")
    after = [number(name, kind=kind) for name, kind in names], number("monitor_articles_rekeyed_total")
    assert [b - a for a, b in zip(before[0], after[0], strict=True)] == [1, 1]
    assert after[1] - before[1] == 2


def test_much_that_is_new_is_told_as_news(log: Log):
    report.polled(Visit(rekeyed=Rekeyed(why="news: 0 of 6 new keys name known articles")))
    assert [line["event"] for line in log.lines()] == ["polled"]


def test_a_failing_poll_is_a_warning_with_its_note(log: Log):
    report.polled(Visit(visits=Visits(outcome="dns", failures=3, note="b92.example has no address")))
    (line,) = log.lines()
    assert (line["level"], line["failures"], line["note"]) == ("warning", 3, "b92.example has no address")


@pytest.mark.parametrize(("state", "level"), [(Health.FAILING, "warning"), (Health.OK, "info")])
def test_a_feed_that_has_changed_is_an_event_with_why_and_why_nobody_is_told(log: Log, state: Health, level: str):
    report.polled(Visit(became=Finding(health=state, since=NOON, why="3 failures in a row")))
    report.polled(Visit(became=Finding(health=state, since=NOON, why="3 failures in a row", held="our own network")))
    told, held = (line for line in log.lines() if line["event"] == "feed_changed")
    assert (told["level"], told["feed"], told["state"], told["why"]) == (level, "gazette", state, "3 failures in a row")
    assert "held" not in told
    assert held["held"] == "our own network"


def test_what_is_asked_of_hubs_and_what_they_say_is_told(log: Log):
    report.hub_asked(FeedId("gazette"), "https://hub.example/?token=abc", "subscribe", None)
    report.hub_asked(FeedId("gazette"), "https://hub.example/", "subscribe", "no answer")
    known = Subscription(
        feed=FeedId("gazette"), hub="https://hub.example/", topic="https://g.example/", leased_until=NOON
    )
    report.subscribed(known, {"hub.mode": "subscribe"})
    report.subscribed(None, {"hub.mode": "unsubscribe"})
    asked, failed, confirmed, left = log.lines()
    assert (asked["level"], asked["feed"], "fault" in asked) == ("info", "gazette", False)
    assert "abc" not in asked["hub"]
    assert (failed["level"], failed["fault"]) == ("warning", "no answer")
    assert (confirmed["mode"], confirmed["leased_until"]) == ("subscribe", "2026-07-08T12:00:00+00:00")
    assert (left["mode"], "feed" in left) == ("unsubscribe", False)


def test_the_lag_of_articles_is_measured_but_not_on_a_first_poll_nor_by_dates_that_do_not_say():
    def seen(**given: Any) -> Article:
        return article(**{"seen_at": NOON + timedelta(minutes=7), **given})

    naive = published(NOON.replace(tzinfo=None))
    by_day = Published(at=NOON, precision=Precision.DAY)
    later = Visits(outcome="read", baseline_at=NOON - timedelta(days=1), polled_at=NOON)
    before = number("monitor_seen_lag_seconds_count"), number("monitor_seen_lag_seconds_sum")
    report.polled(Visit(fresh=(seen(),)))
    report.polled(
        Visit(fresh=(seen(), seen(published=None), seen(published=naive), seen(published=by_day)), visits=later)
    )
    after = number("monitor_seen_lag_seconds_count"), number("monitor_seen_lag_seconds_sum")
    assert (after[0] - before[0], after[1] - before[1]) == (1, pytest.approx(420))


def test_a_delivery_is_one_event_and_its_lag_is_measured(log: Log):
    before = number("monitor_delivery_lag_seconds_sum", channel="desk")
    report.delivered(Claim(), DESK, Accepted(status=200), Settled(), NOON + timedelta(seconds=3))
    (line,) = log.lines()
    assert (line["event"], line["channel"], line["attempts"]) == ("delivered", "desk", 1)
    assert number("monitor_delivery_lag_seconds_sum", channel="desk") - before == pytest.approx(3)


def test_a_failed_attempt_says_what_follows(log: Log):
    before = number("monitor_deliveries_total", channel="desk", outcome="deferred")
    busy = Deferred(reason="status", detail="429", status=429)
    pause = timedelta(seconds=5)
    report.delivered(Claim(), DESK, busy, Settled(next=Next(why="429", delay=pause), pause=pause), NOON)
    (line,) = log.lines()
    assert (line["event"], line["level"], line["why"], line["pause"]) == ("not_delivered", "warning", "429", "0:00:05")
    assert number("monitor_deliveries_total", channel="desk", outcome="deferred") == before + 1


def test_the_numbers_are_in_the_text_that_prometheus_reads():
    report.loop_lag(0.25)
    told = {family.name: family for family in text_string_to_metric_families(report.metrics().decode())}
    assert told["monitor_loop_lag_seconds"].samples[0].value == 0.25
    assert told["process_resident_memory_bytes"].samples[0].value > 0
    assert {"monitor_polls", "monitor_articles_new", "monitor_alerts_raised", "monitor_deliveries"} <= told.keys()
