"""How a feed is, and when anybody is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds.health import RELAPSE, change, diagnose, held, listened, patience
from monitor.feeds.visits import learned
from monitor.model import Health, Neighbours, Unchanged, Unreachable, Visits
from tests.build import NOON

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def visits(**given: Any) -> Visits:
    """A feed that has been read for a month, the last time at noon."""
    usual: dict[str, Any] = {
        "polled_at": NOON,
        "succeeded_at": NOON,
        "baseline_at": NOON - 30 * DAY,
        "brought_at": NOON - HOUR,
        "health": Health.OK,
        "health_at": NOON - 30 * DAY,
        "outcome": "read",
        "longest_pause": 2 * DAY,
    }
    return Visits(**{**usual, **given})


def failing(failures: int, weight: float, unread: timedelta, **given: Any) -> Visits:
    told = {"succeeded_at": NOON - unread, "failures": failures, "weight": weight, "outcome": "status", **given}
    return visits(**told)


def state(of: Visits) -> Health | None:
    found = diagnose(of)
    return found and found.health


# ------------------------------------------------------------------ what is


def test_a_feed_that_was_never_asked_is_neither_well_nor_ill():
    assert diagnose(Visits()) is None


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (visits(), Health.OK),
        (failing(1, 1.0, HOUR), Health.OK),
        (failing(2, 2.0, HOUR), Health.OK),
        (failing(3, 3.0, HOUR), Health.FAILING),
        (failing(3, 3.0, MINUTE), Health.OK),
        (failing(3, 1.5, HOUR), Health.OK),
        (failing(4, 2.0, HOUR), Health.FAILING),
        (failing(7, 1.75, 2 * HOUR), Health.OK),
        (failing(8, 2.0, 2 * HOUR), Health.FAILING),
        (failing(1, 1.0, 7 * DAY), Health.OK),
        (failing(2, 2.0, 2 * DAY), Health.FAILING),
        (failing(2, 0.5, 2 * DAY), Health.FAILING),
        (failing(1, 1.0, HOUR, succeeded_at=None, health=None), Health.FAILING),
    ],
    ids=[
        "well",
        "one failure",
        "two",
        "three heavy ones",
        "three within a minute",
        "three light ones",
        "four of 503",
        "seven unknown names",
        "eight",
        "asked weekly",
        "twice in two days",
        "twice in two days, lightly",
        "never read",
    ],
)
def test_a_feed_fails_after_several_failures_of_some_weight(of: Visits, expected: Health):
    assert state(of) is expected


@pytest.mark.parametrize(
    ("pause", "silent", "expected"),
    [
        (HOUR, 2.9 * DAY, Health.OK),
        (HOUR, 3.1 * DAY, Health.STALE),
        (7 * DAY, 13 * DAY, Health.OK),
        (7 * DAY, 15 * DAY, Health.STALE),
        (45 * DAY, 59 * DAY, Health.OK),
        (45 * DAY, 61 * DAY, Health.STALE),
        (None, 59 * DAY, Health.OK),
        (None, 61 * DAY, Health.STALE),
    ],
)
def test_a_feed_is_stale_once_its_own_pauses_do_not_explain_the_silence(
    pause: timedelta | None, silent: timedelta, expected: Health
):
    of = visits(longest_pause=pause, brought_at=NOON - silent, baseline_at=NOON - 400 * DAY)
    assert state(of) is expected


def lived(*days: float, brought: int = 1) -> Visits:
    """A feed that brought so many new items on these days, and was asked every hour of them."""
    after = Visits()
    for hour in range(int(max(days) * 24) + 1):
        before, at = after, NOON + hour * HOUR
        after = replace(before, polled_at=at, succeeded_at=at, baseline_at=before.baseline_at or at)
        if hour / 24 in days:
            after = listened(after, before, [at] * brought)
    return after


def test_a_weekly_that_brings_forty_articles_at_once_is_not_stale_by_wednesday():
    assert patience(lived(*range(0, 57, 7), brought=40)) == timedelta(days=14)


def test_a_summer_without_news_is_forgotten_by_and_by():
    assert patience(lived(0, 20, *range(21, 25))) > 30 * DAY
    assert patience(lived(0, 20, *range(21, 150))) == timedelta(days=3)


def test_a_first_document_tells_of_the_pauses_before_it():
    first = replace(visits(brought_at=None, longest_pause=None), baseline_at=NOON)
    dated = listened(first, Visits(), [NOON - 9 * DAY, None, NOON - 2 * DAY, NOON - 3 * DAY, NOON - 300 * DAY])
    assert (dated.brought_at, dated.longest_pause) == (NOON - 2 * DAY, 6 * DAY)
    undated = listened(first, Visits(), [None, NOON + DAY])
    assert (undated.brought_at, undated.longest_pause) == (NOON, None)


def test_silence_is_measured_up_to_the_last_poll_so_that_our_own_sleep_is_not_the_feeds():
    assert state(visits(polled_at=NOON - 30 * DAY, brought_at=NOON - 31 * DAY)) is Health.OK


def test_a_permanent_redirect_counts_once_it_was_seen_three_times_over_a_day():
    moved = visits(moved_to="https://new.example/", moved_at=NOON - DAY, moved_times=3)
    assert state(moved) is Health.MOVED
    assert state(replace(moved, moved_times=2)) is Health.OK
    assert state(replace(moved, moved_at=NOON - HOUR)) is Health.OK
    unread = replace(moved, moved_at=NOON - DAY, succeeded_at=NOON - HOUR, failures=1, weight=1.0, outcome="unreadable")
    assert state(unread) is Health.OK, "where it leads now there was no feed a day after the first redirect"


def test_two_answers_of_410_a_day_apart_are_the_end_and_one_is_not():
    gone = failing(2, 2.0, 2 * DAY, gone_at=NOON - DAY)
    assert state(gone) is Health.GONE
    assert state(failing(1, 1.0, HOUR, gone_at=NOON)) is Health.OK
    assert state(replace(gone, gone_at=None, health=Health.GONE)) is Health.GONE, "another fault is no sign of life"
    assert state(visits(health=Health.GONE)) is Health.OK


def test_the_worst_counts():
    at = {"moved_to": "https://new.example/", "moved_at": NOON - 9 * DAY, "moved_times": 9}
    ill = failing(9, 9.0, 9 * DAY, brought_at=NOON - 90 * DAY, **at)
    assert state(ill) is Health.FAILING
    assert state(replace(ill, failures=0, succeeded_at=NOON)) is Health.MOVED


def test_since_when_is_when_it_began_not_when_it_was_noticed():
    (fails, silent) = diagnose(failing(3, 3.0, HOUR)), diagnose(visits(brought_at=NOON - 9 * DAY))
    assert fails is not None
    assert silent is not None
    assert (fails.since, silent.since) == (NOON - HOUR, NOON - 9 * DAY)
    assert silent.why == "nothing new for 9 days, where 4 days would be long"


# ------------------------------------------------------------------ what is told


def test_nothing_is_told_while_nothing_changes():
    assert change(visits(), visits()) is None
    ill = failing(9, 9.0, DAY, health=Health.FAILING)
    assert change(replace(ill, failures=8), ill) is None


def test_a_new_feed_is_failing_at_once_but_told_of_after_several_tries():
    new = failing(2, 2.0, HOUR, succeeded_at=None, baseline_at=None, health=None, health_at=None)
    assert change(replace(new, failures=1), new) is None
    found = change(new, replace(new, failures=3))
    assert found is not None
    assert found.health is Health.FAILING


def test_a_feed_is_well_again_after_two_good_polls():
    ill = failing(5, 5.0, HOUR, health=Health.FAILING, health_at=NOON - HOUR)
    good = replace(ill, failures=0, weight=0.0, succeeded_at=NOON, polled_at=NOON)
    assert change(ill, good) is None
    found = change(good, replace(good, polled_at=NOON + MINUTE, succeeded_at=NOON + MINUTE))
    assert found is not None
    assert (found.health, found.since) == (Health.OK, NOON + MINUTE)


def test_a_feed_that_has_just_recovered_is_not_told_of_at_once_again():
    relapsed = failing(5, 5.0, HOUR, health_at=NOON - 2 * HOUR)
    assert change(replace(relapsed, failures=4), relapsed) is None
    later = replace(relapsed, polled_at=relapsed.health_at and relapsed.health_at + RELAPSE)
    assert change(relapsed, later) is not None
    new = replace(relapsed, baseline_at=relapsed.health_at)
    assert change(new, new) is not None, "the first time that it was well nobody was told"


def test_where_most_hosts_cannot_be_heard_it_is_our_own_network():
    ill = failing(5, 5.0, HOUR, outcome="dns")
    found = change(ill, ill)
    assert found is not None
    assert (
        held(found, ill, Neighbours(hosts=300, unheard=151))
        == "151 of 300 hosts cannot be heard: it is our own network"
    )
    assert held(found, ill, Neighbours(hosts=300, unheard=150)) is None
    assert held(found, ill, Neighbours(hosts=2, unheard=2)) is None
    answers = replace(ill, outcome="status")
    assert held(found, answers, Neighbours(hosts=300, unheard=299)) is None, "who answers 503 was heard"


def test_one_message_stands_for_the_feeds_of_a_host():
    ill = failing(5, 5.0, HOUR)
    found = change(ill, ill)
    assert found is not None
    assert held(found, ill, Neighbours(failing=40, told_at=NOON - HOUR)) is not None
    assert held(found, ill, Neighbours(failing=40, told_at=NOON - RELAPSE)) is None


def test_of_many_feeds_ten_an_hour_are_told_of():
    for ill in (failing(5, 5.0, HOUR), visits(brought_at=NOON - 90 * DAY)):
        found = change(ill, ill)
        assert found is not None
        assert held(found, ill, Neighbours(told=9)) is None
        assert held(found, ill, Neighbours(told=10)) == "10 feeds were told of within the hour"


# ------------------------------------------------------------------ for all feeds

instants = st.none() | st.timedeltas(timedelta(), 90 * DAY).map(lambda ago: NOON - ago)
any_visits = st.builds(
    Visits,
    polled_at=st.just(NOON),
    succeeded_at=instants,
    baseline_at=instants,
    brought_at=instants,
    health_at=instants,
    gone_at=instants,
    moved_to=st.none() | st.just("https://new.example/"),
    moved_at=instants,
    moved_times=st.integers(0, 9),
    failures=st.integers(0, 40),
    weight=st.floats(0, 40),
    health=st.none() | st.sampled_from(list(Health)),
    longest_pause=st.none() | st.timedeltas(timedelta(), 90 * DAY),
)


@given(any_visits)
def test_once_a_change_is_remembered_it_is_not_found_again(after: Visits):
    found = change(after, after)
    if found is not None:
        assert change(after, replace(after, health=found.health, health_at=NOON)) is None
        assert found.since <= NOON


FAULTS = st.sampled_from(
    [
        Unreachable(reason="dns", detail=""),
        *(Unreachable(reason="status", detail="", status=n) for n in (404, 503, 410)),
    ]
)


@given(st.lists(st.tuples(st.integers(1, 8), FAULTS | st.none()), min_size=1, max_size=40))
def test_however_a_feed_flaps_its_operators_are_told_of_a_few_changes_a_day(
    spells: list[tuple[int, Unreachable | None]],
):
    outcomes = [fault for polls, fault in spells for _ in range(polls)]
    after, told = Visits(), []
    for n, fault in enumerate(outcomes):
        before, at = after, NOON + n * 15 * MINUTE
        after = learned(before, fault or Unchanged(), now=at)
        if (found := change(before, after)) is not None:
            after = replace(after, health=found.health, health_at=at)
            told.append((at, found.health))
    assert all(one != other for (_, one), (_, other) in pairwise(told)), "a change is a change"
    failing = [at for at, health in told if health is Health.FAILING]
    assert all(later - earlier >= RELAPSE for earlier, later in pairwise(failing))


@given(st.timedeltas(timedelta(), 90 * DAY), st.timedeltas(timedelta(), 90 * DAY))
def test_the_shorter_its_pauses_the_sooner_a_silence_is_odd(one: timedelta, other: timedelta):
    short, long = (visits(longest_pause=each) for each in sorted((one, other)))
    assert timedelta(days=3) <= patience(short) <= patience(long) <= timedelta(days=60)
