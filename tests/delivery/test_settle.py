"""When a delivery is tried again, when it is given up, and when its whole channel waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.delivery.settle import MOST_ATTEMPTS, Dead, Done, Later, Settlement, settle
from monitor.model import Accepted, Deferred, Gone, Outcome, Refused
from tests.build import delivery

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
DOWN = Deferred(reason="refused", detail="gazette.example refused the connection")


def busy(asked: timedelta | None, status: int = 429) -> Deferred:
    return Deferred(reason="status", detail=f"{status}", status=status, retry_after=asked)


def settled(outcome: Outcome, before: int = 0, jitter: float = 0.0) -> Settlement:
    return settle(delivery(attempts=before), outcome, jitter=jitter)


def waits(outcome: Outcome, jitter: float = 0.0) -> list[timedelta]:
    """Return how long each wait is when every attempt comes to *outcome*, until the delivery is dead."""
    found: list[timedelta] = []
    while isinstance(following := settled(outcome, len(found), jitter).next, Later):
        found.append(following.delay)
    assert isinstance(following, Dead)
    return found


outcomes = st.one_of(
    st.builds(Accepted, status=st.sampled_from([200, 204])),
    st.builds(Refused, reason=st.just("status"), detail=st.just("404"), status=st.sampled_from([301, 400, 404])),
    st.builds(Gone, detail=st.just("410 Gone")),
    st.builds(
        Deferred,
        reason=st.just("status"),
        detail=st.just("503"),
        status=st.sampled_from([None, 408, 429, 500, 503]),
        retry_after=st.none() | st.timedeltas(),
    ),
)
attempts = st.integers(0, 20)
jitters = st.floats(0, 1)


def test_the_schedule_is_ten_tries_over_about_three_days():
    schedule = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, *(n * HOUR for n in (2, 5, 10, 14, 20, 24))]
    assert waits(DOWN) == schedule
    assert sum(waits(DOWN), timedelta()) == timedelta(days=3, hours=3, minutes=35, seconds=5)


def test_what_was_accepted_is_done():
    assert settled(Accepted(status=204)) == Settlement(next=Done(why="accepted (204)"), attempts=1)
    assert settled(Accepted()).next == Done(why="accepted")


def test_what_was_refused_is_tried_three_times():
    assert waits(Refused(reason="status", detail="404", status=404)) == [5 * SECOND, 5 * MINUTE]
    assert waits(Refused(reason="redirect", detail="302", status=302)) == [5 * SECOND, 5 * MINUTE]


def test_a_refusal_after_long_trouble_ends_it():
    assert isinstance(settled(Refused(reason="status", detail="404", status=404), before=6).next, Dead)


def test_who_is_gone_is_left_alone_and_the_channel_closed():
    left = settled(Gone(detail="410 Gone"), before=2)
    assert left.next == Dead(why="the receiver is gone: 410 Gone")
    assert left.disable == "410 Gone"
    assert left.attempts == 3


def test_the_receiver_may_ask_for_more_patience():
    assert settled(Deferred(reason="status", detail="500", status=500, retry_after=HOUR)).next == Later(
        delay=HOUR, why="500"
    )


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_receiver_is_asked_again_when_it_said_and_its_channel_waits(status: int):
    following = settled(busy(2 * SECOND, status))
    assert following.next == Later(delay=2 * SECOND, why=str(status))
    assert following.pause == 2 * SECOND


@pytest.mark.parametrize("asked", [None, timedelta(), -HOUR])
def test_a_busy_receiver_that_does_not_say_for_how_long_is_asked_on_schedule(asked: timedelta | None):
    assert waits(busy(asked)) == waits(DOWN)
    assert settled(busy(asked)).pause is None


def test_other_faults_do_not_hold_up_the_channel():
    assert settled(Deferred(reason="status", detail="500", status=500, retry_after=HOUR)).pause is None


def test_nobody_may_ask_for_more_than_a_day():
    assert settled(busy(timedelta(days=365))).pause == 24 * HOUR
    assert settled(busy(timedelta(days=365))).next == Later(delay=24 * HOUR, why="429")


def test_a_receiver_that_is_busy_for_a_second_at_a_time_is_given_as_long_as_one_that_is_down():
    asked = waits(busy(SECOND))
    assert asked[:3] == [SECOND] * 3
    assert len(asked) == MOST_ATTEMPTS - 1
    assert sum(asked, timedelta()) >= timedelta(days=2)


def test_the_last_word_of_a_busy_receiver_still_holds_up_its_channel():
    assert settled(busy(HOUR), before=9).pause == HOUR


@given(outcomes, attempts, jitters)
def test_nobody_is_asked_earlier_than_it_said_or_much_later(outcome: Outcome, before: int, jitter: float):
    following = settled(outcome, before, jitter)
    if isinstance(following.next, Later) and isinstance(outcome, Deferred):
        asked = min(outcome.retry_after or timedelta(), 24 * HOUR)
        assert following.next.delay >= max(asked, following.pause or timedelta())
        assert following.next.delay <= 24 * HOUR * 1.2 + SECOND


@given(outcomes, attempts, jitters)
def test_jitter_only_lengthens_and_by_a_fifth_at_most(outcome: Outcome, before: int, jitter: float):
    plain, stretched = settled(outcome, before).next, settled(outcome, before, jitter).next
    if isinstance(plain, Later) and isinstance(stretched, Later):
        assert plain.delay <= stretched.delay <= plain.delay * 1.2 + timedelta(microseconds=1)
    else:
        assert plain == stretched


@given(outcomes, attempts, jitters)
def test_every_attempt_counts_and_none_goes_on_for_ever(outcome: Outcome, before: int, jitter: float):
    following = settled(outcome, before, jitter)
    assert following.attempts == before + 1
    assert following.next.why
    assert following.attempts < MOST_ATTEMPTS or isinstance(following.next, Done | Dead)


@given(st.lists(outcomes, min_size=MOST_ATTEMPTS, max_size=MOST_ATTEMPTS), jitters)
def test_whatever_a_receiver_answers_a_delivery_comes_to_an_end(answers: list[Outcome], jitter: float):
    ends = [settled(answer, before, jitter).next for before, answer in enumerate(answers)]
    assert any(not isinstance(end, Later) for end in ends)
