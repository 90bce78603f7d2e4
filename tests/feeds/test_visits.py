"""What a poll taught us."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.feeds.health import has_moved
from monitor.feeds.visits import GONE, MOST_LISTED, counted, is_same, learned
from monitor.model import Document, Fetched, Listing, Unchanged, Unreachable, Visits
from tests.build import NOON, published

PAGE = Document(url="https://a.example/", body=b"<rss/>", etag='"1"', last_modified="then")
FAULT = Unreachable(reason="timeout", detail="no answer within 30 s")
LATER = NOON + timedelta(hours=1)


def test_the_first_document_is_the_baseline_and_later_ones_are_not() -> None:
    first = learned(Visits(), PAGE, now=NOON)
    assert (first.baseline_at, first.succeeded_at, first.etag, first.last_modified) == (NOON, NOON, '"1"', "then")
    assert first.outcome == "read"
    second = learned(first, Document(url=PAGE.url, body=b"<rss></rss>"), now=LATER)
    assert (second.baseline_at, second.succeeded_at, second.etag) == (NOON, LATER, None)


def test_faults_are_counted_until_one_poll_succeeds() -> None:
    visits = learned(learned(Visits(), FAULT, now=NOON), FAULT, now=LATER)
    assert (visits.failures, visits.outcome, visits.note) == (2, "timeout", "no answer within 30 s")
    assert visits.baseline_at is None
    assert learned(visits, PAGE, now=LATER).failures == 0
    assert learned(visits, Unchanged(), now=LATER).failures == 0


def test_a_fault_forgets_no_validator() -> None:
    visits = learned(learned(Visits(), PAGE, now=NOON), FAULT, now=LATER)
    assert (visits.etag, visits.last_modified, visits.body_hash) == ('"1"', "then", PAGE.body_hash)


def test_validators_are_kept_even_if_the_body_could_not_be_read() -> None:
    visits = learned(Visits(), PAGE, now=NOON, fault="this is a web page, not a feed")
    assert (visits.etag, visits.outcome, visits.failures, visits.baseline_at) == ('"1"', "unreadable", 1, None)
    assert visits.note == "this is a web page, not a feed"


def test_a_document_that_could_not_be_read_is_no_better_for_not_having_changed() -> None:
    broken = learned(Visits(), PAGE, now=NOON, fault="nonsense")
    again = learned(broken, Unchanged(), now=LATER)
    assert (again.outcome, again.failures, again.note, again.succeeded_at) == ("unreadable", 2, "nonsense", None)


def test_a_broken_document_is_read_once_and_stays_a_failure_through_other_faults() -> None:
    broken = learned(Visits(), PAGE, now=NOON, fault="nonsense")
    assert is_same(broken, PAGE)
    away = learned(broken, FAULT, now=NOON)
    again = learned(away, PAGE, now=LATER)
    assert (again.outcome, again.failures, again.note, again.succeeded_at) == ("unreadable", 3, "nonsense", None)
    assert learned(away, Unchanged(), now=LATER).outcome == "unreadable"
    mended = learned(again, Document(url=PAGE.url, body=b"<rss></rss>"), now=LATER)
    assert (mended.fault, mended.failures, mended.outcome) == (None, 0, "read")


def test_a_document_that_was_not_read_for_our_own_sake_is_fetched_and_read_again() -> None:
    slow = learned(Visits(), PAGE, now=NOON, fault="reading it took longer than 10 s", is_passing=True)
    assert (slow.outcome, slow.failures, slow.etag, slow.last_modified) == ("unreadable", 1, None, None)
    assert not is_same(slow, PAGE)


def test_what_is_listed_is_that_of_the_last_document_that_could_be_read() -> None:
    first = learned(Visits(), PAGE, now=NOON, listing=Listing(listed=(1, 2)))
    assert first.listed == (1, 2)
    for fetched in (Unchanged(), PAGE, FAULT):
        assert learned(first, fetched, now=LATER).listed == (1, 2)
    other = Document(url=PAGE.url, body=b"<rss></rss>")
    assert learned(first, other, now=LATER, fault="nonsense").listed == (1, 2)
    assert learned(first, other, now=LATER, listing=Listing(listed=(3, 2))).listed == (3, 2)


def test_a_delta_adds_to_what_is_listed() -> None:
    first = learned(Visits(), PAGE, now=NOON, listing=Listing(listed=(1, 2)))
    delta = Document(url=PAGE.url, body=b"<rss></rss>", is_delta=True)
    assert learned(first, delta, now=LATER, listing=Listing(listed=(3, 2))).listed == (3, 2, 1)
    assert len(learned(first, delta, now=LATER, listing=Listing(listed=tuple(range(3000)))).listed) == MOST_LISTED


def test_that_entries_are_still_listed_is_written_down_once_a_day() -> None:
    first = learned(Visits(), PAGE, now=NOON, listing=Listing(listed=(1,)))
    assert first.listed_at == NOON
    assert learned(first, Unchanged(), now=LATER).listed_at == NOON
    tomorrow = NOON + timedelta(days=1)
    assert learned(first, Unchanged(), now=tomorrow).listed_at == tomorrow
    assert learned(first, PAGE, now=tomorrow).listed_at == tomorrow
    assert learned(first, FAULT, now=tomorrow).listed_at == NOON


def test_the_same_bytes_are_known_again_and_bring_new_validators() -> None:
    visits = learned(Visits(), PAGE, now=NOON)
    same = Document(url=PAGE.url, body=PAGE.body, etag='"2"')
    assert is_same(visits, same)
    assert not is_same(Visits(), same)
    after = learned(visits, same, now=LATER)
    assert (after.etag, after.outcome, after.succeeded_at) == ('"2"', "unchanged", LATER)


def test_what_a_304_sends_replaces_validators_and_what_it_leaves_out_stays() -> None:
    visits = learned(Visits(), PAGE, now=NOON)
    assert learned(visits, Unchanged(etag='"3"'), now=LATER).etag == '"3"'
    assert learned(visits, Unchanged(), now=LATER).etag == '"1"'


@pytest.mark.parametrize(
    ("fault", "weight"),
    [
        (Unreachable(reason="dns", detail=""), 0.25),
        (Unreachable(reason="timeout", detail=""), 0.5),
        (Unreachable(reason="refused", detail=""), 0.5),
        (Unreachable(reason="status", detail="", status=503), 0.5),
        (Unreachable(reason="status", detail="", status=429), 0.5),
        (Unreachable(reason="status", detail="", status=404), 1),
        (Unreachable(reason="tls", detail=""), 1),
        (Unreachable(reason="fault", detail=""), 1),
    ],
)
def test_a_fault_that_may_pass_weighs_less_than_one_that_lasts(fault: Unreachable, weight: float) -> None:
    twice = learned(learned(Visits(), fault, now=NOON), fault, now=LATER)
    assert (twice.failures, twice.weight) == (2, 2 * weight)
    assert learned(twice, PAGE, now=LATER).weight == 0
    assert learned(Visits(), PAGE, now=NOON, fault="nonsense").weight == 1


def test_what_a_document_asks_for_is_remembered_until_another_is_read() -> None:
    asks = Listing(ttl=timedelta(hours=2), skip_hours=frozenset({3}), skip_days=frozenset({6}), note="mended")
    visits = learned(learned(Visits(), PAGE, now=NOON, listing=asks), Unchanged(), now=LATER)
    visits = learned(visits, FAULT, now=LATER)
    assert (visits.ttl, visits.skip_hours, visits.skip_days) == (asks.ttl, {3}, {6})
    other = learned(visits, Document(url=PAGE.url, body=b"other"), now=LATER, listing=Listing())
    assert (other.ttl, other.skip_hours, other.skip_days, other.note) == (None, frozenset(), frozenset(), None)


DAY = timedelta(days=1)
SAYS_GONE = Unreachable(reason="status", detail="410", status=410)


def test_a_feed_is_gone_after_two_answers_of_410_a_day_apart_and_back_with_a_document() -> None:
    once = learned(Visits(), SAYS_GONE, now=NOON)
    assert (once.outcome, once.gone_at) == ("status", NOON)
    assert learned(once, SAYS_GONE, now=LATER).outcome == "status"
    twice = learned(learned(once, FAULT, now=LATER), SAYS_GONE, now=NOON + DAY)
    assert (twice.outcome, twice.gone_at) == (GONE, NOON)
    back = learned(twice, PAGE, now=NOON + 2 * DAY)
    assert (back.outcome, back.gone_at) == ("read", None)
    assert learned(learned(once, PAGE, now=LATER), SAYS_GONE, now=NOON + 2 * DAY).outcome == "status"


def led(to: str | None, *hours: float, **faults: str) -> Visits:
    """Return the visits of a feed that was redirected to *to* at these hours."""
    visits = learned(Visits(), PAGE, now=NOON)
    for n, hour in enumerate(hours):
        found: Fetched = Document(url="https://b.example/", body=str(n).encode(), moved_to=to)
        visits = learned(visits, found, now=NOON + timedelta(hours=hour), **faults)
    return visits


def test_a_redirect_is_believed_when_it_was_followed_three_times_over_a_day() -> None:
    to = "https://b.example/feed"
    assert has_moved(led(to, 1, 13, 25))
    assert not has_moved(led(to, 1, 25))
    assert not has_moved(led(to, 1, 13, 24))
    assert not has_moved(led(None, 1, 13, 25))
    assert has_moved(learned(led(to, 1, 13), Unchanged(moved_to=to), now=NOON + timedelta(hours=25)))


def test_a_redirect_that_changes_its_mind_or_leads_to_no_feed_is_not_believed() -> None:
    to, later = "https://b.example/feed", NOON + timedelta(hours=26)
    assert not has_moved(learned(led(to, 1, 13, 25), Unchanged(), now=later))
    assert not has_moved(learned(led(to, 1, 13), Unchanged(moved_to="https://c.example/"), now=later))
    assert not has_moved(led(to, 1, 13, 25, fault="this is a web page, not a feed"))
    assert has_moved(learned(led(to, 1, 13, 25), FAULT, now=later))


def test_new_items_teach_the_rhythm_and_a_fault_teaches_nothing() -> None:
    first = learned(Visits(), PAGE, now=NOON)
    first = counted(first, Visits(), [published(NOON - timedelta(hours=n)) for n in range(9)])
    assert first.rhythm is not None
    assert first.rhythm.per_day == pytest.approx(24, rel=0.1)
    again = learned(first, Unchanged(), now=LATER)
    quiet = counted(again, first, [])
    busy = counted(again, first, [None, published(LATER), published(NOON - DAY)])
    assert quiet.rhythm is not None
    assert busy.rhythm is not None
    assert quiet.rhythm.per_day < first.rhythm.per_day < busy.rhythm.per_day
    failed = learned(first, FAULT, now=LATER)
    assert counted(failed, first, []).rhythm == first.rhythm
