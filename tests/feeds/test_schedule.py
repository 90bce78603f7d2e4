"""When to come back to a feed, and why then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.schedule import BUSY_FOR, DAY, LEAST, SPREAD, WEEK, Wait, next_visit
from monitor.feeds.visits import GONE
from monitor.model import Document, Feed, FeedId, Fetched, Rhythm, Unchanged, Unreachable, Visits
from tests.build import NOON

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MIDDLE = 0.5  # the draw that neither stretches nor shortens
FEED = Feed(id=FeedId("news"), url="https://news.example/", max_lag=15 * MINUTE)
SLOW = Feed(id=FeedId("slow"), url="https://slow.example/", max_lag=10 * DAY)
UNCHANGED = Unchanged()
BUSY = Rhythm(per_day=100, days=30)


def document(**fields: object) -> Document:
    return Document(**{"url": FEED.url, "body": b"", **fields})


def lost(reason: str = "timeout", **fields: object) -> Unreachable:
    return Unreachable(**{"reason": reason, "detail": "it did not answer", **fields})


def wait(fetched: Fetched, *, feed: Feed = FEED, at: datetime = NOON, jitter: float = MIDDLE, **visits: object) -> Wait:
    return next_visit(feed, Visits(**visits), fetched, now=at, jitter=jitter)


# ------------------------------------------------------------------ healthy feeds


@pytest.mark.parametrize("fetched", [document(), UNCHANGED])
def test_a_feed_whose_rhythm_is_not_known_is_visited_every_max_lag(fetched: Fetched) -> None:
    assert wait(fetched) == Wait(delay=15 * MINUTE, why="its max_lag")


def test_a_busy_feed_is_visited_more_often_than_its_max_lag_and_a_quiet_one_is_not() -> None:
    assert wait(UNCHANGED, rhythm=BUSY) == Wait(delay=LEAST, why="its rhythm")
    often = wait(UNCHANGED, feed=replace(FEED, max_lag=HOUR), rhythm=Rhythm(per_day=25, days=30)).delay
    assert often == pytest.approx(10 * MINUTE, rel=0.01)
    assert wait(UNCHANGED, rhythm=Rhythm(per_day=1, days=30)).delay == 15 * MINUTE


def test_a_max_lag_below_the_least_pause_is_kept() -> None:
    hasty = replace(FEED, max_lag=timedelta(seconds=10))
    assert wait(UNCHANGED, feed=hasty, rhythm=BUSY) == Wait(delay=timedelta(seconds=10), why="its max_lag")


def test_a_possible_gap_doubles_the_pace_for_a_day() -> None:
    feed, rhythm = replace(FEED, max_lag=HOUR), Rhythm(per_day=10, days=30)
    calm = wait(UNCHANGED, feed=feed, rhythm=rhythm).delay
    assert wait(UNCHANGED, feed=feed, rhythm=rhythm, gap_at=NOON - HOUR).delay == calm / 2
    assert wait(UNCHANGED, feed=feed, rhythm=rhythm, gap_at=NOON - 2 * DAY).delay == calm


@pytest.mark.parametrize(
    ("fetched", "ttl", "delay", "why"),
    [
        (document(max_age=HOUR), None, HOUR, "Cache-Control"),
        (Unchanged(max_age=HOUR), None, HOUR, "Cache-Control"),
        (document(max_age=MINUTE), None, 15 * MINUTE, "max_lag"),
        (document(max_age=30 * DAY), None, DAY, "Cache-Control"),
        (document(), 90 * MINUTE, 90 * MINUTE, "ttl"),
        (UNCHANGED, 90 * MINUTE, 90 * MINUTE, "ttl"),
        (document(), 30 * DAY, DAY, "ttl"),
        (document(max_age=2 * HOUR), HOUR, 2 * HOUR, "Cache-Control"),
    ],
)
def test_a_server_and_a_document_may_ask_for_more_time_up_to_a_day(
    fetched: Fetched, ttl: timedelta | None, delay: timedelta, why: str
) -> None:
    found = wait(fetched, ttl=ttl)
    assert found.delay == pytest.approx(delay, rel=SPREAD)
    assert found.delay >= delay
    assert why in found.why


@pytest.mark.parametrize(
    ("skip_hours", "skip_days", "delay"),
    [
        ({12}, (), HOUR),  # NOON is a Wednesday's
        ({12, 13, 14}, (), 3 * HOUR),
        ({15}, (), 15 * MINUTE),
        ((), {2}, 12 * HOUR),
        ({0, 1}, {2}, 14 * HOUR),
        (range(24), (), DAY),
        ((), {2, 3, 4}, DAY),
    ],
)
def test_hours_and_days_that_a_document_leaves_out_are_left_out_for_a_day_at_most(
    skip_hours: object, skip_days: object, delay: timedelta
) -> None:
    found = wait(UNCHANGED, jitter=0, skip_hours=frozenset(skip_hours), skip_days=frozenset(skip_days))
    assert found.delay == pytest.approx(delay, rel=SPREAD)
    assert ("skip" in found.why) == (delay > 15 * MINUTE)


# ------------------------------------------------------------------ failing feeds


@pytest.mark.parametrize(
    ("weight", "delay"),
    [
        (0.25, 15.9375 * MINUTE),
        (0.5, 18.75 * MINUTE),
        (1, 30 * MINUTE),
        (2, 75 * MINUTE),
        (9, 20.5 * HOUR),
        (10, DAY),
        (25, DAY),
        (26, WEEK),
        (1e9, WEEK),
    ],
)
def test_a_failing_feed_is_visited_ever_more_seldom_and_never_given_up(weight: float, delay: timedelta) -> None:
    found = wait(lost(), failures=2, weight=weight)
    assert found.delay == delay
    assert found.why == "2 failures in a row"


def test_a_feed_that_is_gone_is_asked_a_day_later_and_then_once_a_week() -> None:
    assert wait(lost("status", status=410), failures=1, weight=1, jitter=0).delay == DAY
    assert wait(lost("status", status=410), failures=2, weight=2, outcome=GONE).delay == WEEK


@pytest.mark.parametrize(
    ("asked", "delay"), [(MINUTE, 15 * MINUTE), (3 * HOUR, 3 * HOUR), (30 * DAY, WEEK), (timedelta(), 15 * MINUTE)]
)
def test_a_busy_server_is_left_alone_for_as_long_as_it_asks_up_to_a_week(asked: timedelta, delay: timedelta) -> None:
    found = wait(lost("status", status=429, retry_after=asked), failures=1)
    assert found.delay == pytest.approx(delay, rel=SPREAD)
    assert found.delay >= delay


def test_an_answer_of_429_is_about_the_whole_host_and_of_503_about_the_feed() -> None:
    assert wait(lost("status", status=429, retry_after=HOUR), jitter=0).host_delay == HOUR
    assert wait(lost("status", status=429), jitter=0).host_delay == BUSY_FOR[0]
    assert wait(lost("status", status=429), jitter=0.999).host_delay == pytest.approx(BUSY_FOR[1], rel=0.01)
    assert wait(lost("status", status=503, retry_after=HOUR)).host_delay is None
    assert wait(document()).host_delay is None


def test_a_feed_whose_max_lag_is_longer_than_a_day_is_not_hurried_by_its_failures() -> None:
    assert wait(lost(), failures=1, weight=0.5, feed=SLOW).delay >= 10 * DAY
    assert wait(lost("status", status=410), failures=1, weight=1, feed=SLOW).delay >= 10 * DAY
    assert wait(lost("status", status=410), failures=2, weight=2, outcome=GONE, feed=SLOW).delay == 10 * DAY


# ------------------------------------------------------------------ all feeds


waits = st.none() | st.timedeltas(min_value=timedelta(), max_value=timedelta(days=366))
outcomes = st.one_of(
    st.builds(document, max_age=waits),
    st.builds(Unchanged, max_age=waits),
    st.builds(lost, max_age=waits, retry_after=waits, status=st.none() | st.integers(100, 599)),
)
draws = st.floats(0, 1, exclude_max=True)
moments = st.timedeltas(timedelta(), 365 * DAY).map(lambda ago: NOON - ago)
rhythms = st.builds(
    Rhythm,
    per_day=st.floats(0, 1e5),
    days=st.floats(0, 10),
    hours=st.lists(st.floats(0, 24), min_size=24, max_size=24).map(tuple),
)
taught = st.builds(
    Visits,
    failures=st.integers(0, 10**9),
    weight=st.floats(0, 1e9),
    ttl=waits,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
    rhythm=st.none() | rhythms,
    gap_at=st.none() | moments,
    outcome=st.sampled_from(["read", GONE]),
)


@given(outcomes, taught, draws, moments, st.timedeltas(min_value=timedelta(seconds=1), max_value=30 * DAY))
def test_every_outcome_has_a_next_time_and_a_reason(
    fetched: Fetched, visits: Visits, draw: float, at: datetime, max_lag: timedelta
) -> None:
    feed = Feed(id=FeedId("any"), url="https://any.example/", max_lag=max_lag)
    found = next_visit(feed, visits, fetched, now=at, jitter=draw)
    assert (1 - SPREAD) * min(max_lag, LEAST) <= found.delay <= (1 + SPREAD) * max(max_lag, WEEK)
    assert found.why


@given(outcomes, taught, draws, moments)
def test_no_draw_brings_us_back_before_the_server_or_the_document_wants_us(
    fetched: Fetched, visits: Visits, draw: float, at: datetime
) -> None:
    found = next_visit(FEED, visits, fetched, now=at, jitter=draw)
    assert found.delay >= min(fetched.max_age or timedelta(), DAY)
    assert found.delay >= min(visits.ttl or timedelta(), DAY)
    if isinstance(fetched, Unreachable):
        assert found.delay >= min(fetched.retry_after or timedelta(), WEEK)


@given(outcomes, taught, draws, moments)
def test_a_healthy_feed_of_which_nobody_asks_for_more_waits_for_its_max_lag_at_most(
    fetched: Fetched, visits: Visits, draw: float, at: datetime
) -> None:
    content = replace(visits, failures=0, ttl=None, skip_hours=frozenset(), skip_days=frozenset())
    found = next_visit(FEED, content, Unchanged(), now=at, jitter=draw)
    assert found.delay <= FEED.max_lag * (1 + SPREAD)


@given(taught, st.floats(0, 100), moments)
def test_a_heavier_fault_never_brings_us_back_sooner(visits: Visits, more: float, at: datetime) -> None:
    light = replace(visits, failures=1, outcome="timeout", skip_hours=frozenset(), skip_days=frozenset())
    heavy = replace(light, failures=2, weight=light.weight + more)
    delays = [next_visit(FEED, each, lost(), now=at, jitter=0).delay for each in (light, heavy)]
    assert delays == sorted(delays)


@given(draws)
def test_a_draw_spreads_visits_by_five_per_cent(draw: float) -> None:
    delay = wait(UNCHANGED, jitter=draw).delay
    assert 0.95 * FEED.max_lag <= delay <= 1.05 * FEED.max_lag
