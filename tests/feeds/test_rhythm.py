"""What a feed brought, and how soon its rhythm earns another visit."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.rhythm import DAY, HEARSAY, MEMORY, ONE_A_DAY, earned, first_heard, heard
from monitor.model import Rhythm
from tests.build import NOON

HOUR = timedelta(hours=1)


def learned(days: int, *at: float, since: datetime = NOON) -> Rhythm:
    """Return the rhythm of a feed that brought something at the same hours of so many days, asked every hour."""
    rhythm = Rhythm(per_day=0.0, days=0.0)
    begin = since.replace(hour=0)
    for n in range(24 * days):
        last, now = begin + n * HOUR, begin + (n + 1) * HOUR
        times = [last.replace(minute=30) for hour in at if last.hour == hour]
        rhythm = heard(rhythm, times, since=last, now=now)
    return rhythm


def test_a_rate_is_learned_and_an_old_one_forgotten() -> None:
    assert learned(14, 6, 12, 18).per_day == pytest.approx(3, rel=0.05)
    quiet = heard(learned(14, 6, 12, 18), [], since=NOON, now=NOON + MEMORY)
    assert quiet.per_day < 2
    assert quiet.days < MEMORY / DAY


def test_the_hours_of_a_day_are_learned() -> None:
    rhythm = learned(14, 8, 8, 8, 8, 9, 20)
    assert max(range(24), key=rhythm.hours.__getitem__) == 8
    assert sum(rhythm.hours) == pytest.approx(24)
    morning, night = (earned(rhythm, NOON.replace(hour=hour), most=6 * HOUR) for hour in (8, 1))
    assert morning < ONE_A_DAY / 4
    assert night > 3 * morning


def test_a_wait_that_begins_before_the_morning_ends_sooner_than_one_of_the_night() -> None:
    rhythm = learned(28, *[7, 8] * 20)
    night, dawn, morning = (earned(rhythm, NOON.replace(hour=hour, minute=40), most=DAY) for hour in (1, 5, 7))
    assert morning < dawn < night


def test_a_first_document_tells_a_rhythm_by_its_newer_half_and_little_of_it_is_believed() -> None:
    listed = [NOON - n * HOUR for n in range(20)] + [NOON - 300 * DAY]
    rhythm = first_heard(listed, NOON)
    assert rhythm.per_day == pytest.approx(24, rel=0.15)
    assert rhythm.days <= HEARSAY / DAY
    assert first_heard([], NOON).per_day == 0
    assert first_heard([NOON - HOUR], NOON).per_day == 0


def test_a_silent_feed_earns_nothing_but_its_longest_wait() -> None:
    assert earned(Rhythm(per_day=0.0, days=9), NOON, most=HOUR) == HOUR


rhythms = st.builds(
    Rhythm,
    per_day=st.floats(0, 1e6),
    days=st.floats(0, 7),
    hours=st.lists(st.floats(0.01, 24), min_size=24, max_size=24).map(
        lambda shares: tuple(share * 24 / sum(shares) for share in shares)
    ),
)
spans = st.timedeltas(timedelta(), 60 * DAY)


@given(rhythms | st.none(), st.lists(spans, max_size=30), spans)
def test_whatever_comes_a_rhythm_stays_one(rhythm: Rhythm | None, ago: list[timedelta], span: timedelta) -> None:
    found = heard(rhythm, [NOON - each for each in ago], since=NOON - span, now=NOON)
    assert found.per_day >= 0
    assert 0 <= found.days <= MEMORY / DAY + 1e-9
    assert len(found.hours) == 24
    assert sum(found.hours) == pytest.approx(24) or not found.per_day


@given(rhythms, st.integers(0, 24 * 60), st.timedeltas(timedelta(seconds=1), 7 * DAY))
def test_a_busier_feed_never_waits_longer(rhythm: Rhythm, minute: int, most: timedelta) -> None:
    at = NOON + timedelta(minutes=minute)
    wait = earned(rhythm, at, most=most)
    even = Rhythm(per_day=rhythm.per_day, days=rhythm.days)
    busier = Rhythm(per_day=2 * rhythm.per_day, days=rhythm.days)
    assert timedelta() < wait <= most
    assert earned(busier, at, most=most) <= earned(even, at, most=most)
