"""The replay of publication times."""

from __future__ import annotations

from datetime import timedelta

from tests.bench import lag
from tests.build import NOON


def test_a_fixed_interval_is_late_by_half_of_itself_and_ours_is_not_later_by_much_with_fewer_polls() -> None:
    feeds = lag.invented(feeds=12)
    fixed = lag.figures(lag.score(feeds, lag.fixed(timedelta(minutes=15))))
    ours = lag.figures(lag.score(feeds, lag.ours(timedelta(hours=1))))
    assert 7 < fixed[0] < 8
    assert ours[0] < 1.3 * fixed[0]
    assert ours[-1] < fixed[-1]


def test_a_short_feed_is_prolonged_to_four_weeks_with_the_hours_that_it_has() -> None:
    short = [NOON + timedelta(minutes=n) for n in range(0, 600, 20)]
    (long,) = lag.prolonged([short])
    assert long[-1] - long[0] > timedelta(days=27)
    assert {at.hour for at in long} <= set(range(13, 24))
