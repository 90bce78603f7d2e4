"""When to come back to a feed, and why then."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.schedule import DAY, SPREAD, WEEK, Wait, next_visit
from monitor.model import Document, Feed, FeedId, Fetched, Unchanged, Unreachable, Visits

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MIDDLE = 0.5  # the draw that neither stretches nor shortens
FEED = Feed(id=FeedId("news"), url="https://news.example/", max_lag=15 * MINUTE)
UNCHANGED = Unchanged()


def document(**fields: object) -> Document:
    return Document(**{"url": FEED.url, "body": b"", **fields})


def lost(reason: str = "timeout", **fields: object) -> Unreachable:
    return Unreachable(**{"reason": reason, "detail": "it did not answer", **fields})


def wait(fetched: Fetched, *, failures: int = 0, feed: Feed = FEED, ttl: timedelta | None = None) -> Wait:
    return next_visit(feed, Visits(failures=failures), fetched, ttl=ttl, jitter=MIDDLE)


@pytest.mark.parametrize("fetched", [document(), UNCHANGED])
def test_a_healthy_feed_is_visited_every_max_lag(fetched):
    assert wait(fetched) == Wait(delay=15 * MINUTE, why="its max_lag")


@pytest.mark.parametrize(
    ("fetched", "ttl", "delay", "why"),
    [
        (document(max_age=HOUR), None, HOUR, "Cache-Control"),
        (Unchanged(max_age=HOUR), None, HOUR, "Cache-Control"),
        (document(max_age=MINUTE), None, 15 * MINUTE, "max_lag"),
        (document(max_age=30 * DAY), None, DAY, "Cache-Control"),
        (document(), 90 * MINUTE, 90 * MINUTE, "ttl"),
        (document(), 30 * DAY, DAY, "ttl"),
        (document(max_age=2 * HOUR), HOUR, 2 * HOUR, "Cache-Control"),
    ],
)
def test_a_server_and_a_document_may_ask_for_more_time_up_to_a_day(fetched, ttl, delay, why):
    found = wait(fetched, ttl=ttl)
    assert found.delay == pytest.approx(delay, rel=SPREAD)
    assert found.delay >= delay
    assert why in found.why


@pytest.mark.parametrize(
    ("failures", "delay"),
    [(1, 15 * MINUTE), (2, 30 * MINUTE), (3, HOUR), (7, 16 * HOUR), (8, DAY), (14, DAY), (15, WEEK), (10_000, WEEK)],
)
def test_a_failing_feed_is_visited_ever_more_seldom_and_never_given_up(failures, delay):
    found = wait(lost(), failures=failures)
    assert found.delay == delay
    assert "failure" in found.why


def test_a_document_that_cannot_be_read_backs_off_like_any_failure():
    assert wait(document(), failures=4).delay == 2 * HOUR
    assert wait(UNCHANGED, failures=4).delay == 2 * HOUR


def test_a_feed_that_is_gone_is_asked_once_a_day():
    assert wait(lost("status", status=410), failures=1).delay == DAY


@pytest.mark.parametrize(
    ("asked", "delay"), [(MINUTE, 15 * MINUTE), (3 * HOUR, 3 * HOUR), (30 * DAY, WEEK), (timedelta(), 15 * MINUTE)]
)
def test_a_busy_server_is_left_alone_for_as_long_as_it_asks_up_to_a_week(asked, delay):
    found = wait(lost("status", status=429, retry_after=asked), failures=1)
    assert found.delay == pytest.approx(delay, rel=SPREAD)
    assert found.delay >= delay


def test_a_feed_whose_max_lag_is_longer_than_a_day_is_not_hurried_by_its_failures():
    slow = Feed(id=FeedId("slow"), url="https://slow.example/", max_lag=10 * DAY)
    assert wait(lost(), failures=1, feed=slow).delay == 10 * DAY
    assert wait(lost("status", status=410), failures=1, feed=slow).delay == 10 * DAY


waits = st.none() | st.timedeltas(min_value=timedelta(), max_value=timedelta(days=366))
outcomes = st.one_of(
    st.builds(document, max_age=waits),
    st.builds(Unchanged, max_age=waits),
    st.builds(lost, max_age=waits, retry_after=waits, status=st.none() | st.integers(100, 599)),
)
draws = st.floats(0, 1, exclude_max=True)


@given(outcomes, st.integers(0, 10**9), waits, draws, st.timedeltas(min_value=MINUTE, max_value=30 * DAY))
def test_every_outcome_has_a_next_time_and_a_reason(fetched, failures, ttl, draw, max_lag):
    feed = Feed(id=FeedId("any"), url="https://any.example/", max_lag=max_lag)
    found = next_visit(feed, Visits(failures=failures), fetched, ttl=ttl, jitter=draw)
    assert (1 - SPREAD) * MINUTE <= found.delay <= (1 + SPREAD) * max(max_lag, WEEK)
    assert found.why


@given(outcomes, st.integers(0, 40), draws)
def test_no_draw_brings_us_back_before_the_server_wants_us(fetched, failures, draw):
    found = next_visit(FEED, Visits(failures=failures), fetched, jitter=draw)
    assert found.delay >= min(fetched.max_age or timedelta(), DAY)
    if isinstance(fetched, Unreachable):
        assert found.delay >= min(fetched.retry_after or timedelta(), WEEK)


@given(draws)
def test_a_draw_spreads_visits_by_five_per_cent(draw):
    delay = next_visit(FEED, Visits(), UNCHANGED, jitter=draw).delay
    assert 0.95 * FEED.max_lag <= delay <= 1.05 * FEED.max_lag
