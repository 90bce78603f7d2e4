"""What a channel's rate allows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.delivery.rate import Allowance


def test_a_second_s_worth_goes_at_once_and_then_the_rate() -> None:
    allowance = Allowance(10, at=0)
    assert [allowance.take(100, at) for at in (0, 0, 0.5, 10)] == [10, 0, 5, 10]


def test_a_slow_rate_lets_one_go_at_a_time() -> None:
    allowance = Allowance(1 / 60, at=0)
    assert [allowance.take(8, at) for at in (0, 30, 60, 61)] == [1, 0, 1, 0]
    assert 58 < allowance.wait() < 60


def test_without_a_rate_everything_goes() -> None:
    allowance = Allowance(None, at=0)
    assert allowance.take(1000, 0) == 1000
    assert allowance.wait() == 0


def test_what_was_not_used_may_go_later() -> None:
    allowance = Allowance(5, at=0)
    assert allowance.take(5, 0) == 5
    allowance.give_back(3)
    assert allowance.take(5, 0) == 3


@given(
    st.floats(0.01, 1000),
    st.lists(st.tuples(st.floats(0, 100), st.integers(0, 50)), max_size=50),
)
def test_never_more_goes_than_the_rate_allows(rate: float, asked: list[tuple[float, int]]) -> None:
    allowance, at, taken = Allowance(rate, at=0), 0.0, 0
    for span, wanted in asked:
        at += span
        got = allowance.take(wanted, at)
        assert 0 <= got <= wanted
        taken += got
    assert taken <= max(1.0, rate) + at * rate + 1e-6
