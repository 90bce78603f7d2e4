"""What a poll taught us."""

from __future__ import annotations

from datetime import timedelta

from monitor.feeds.visits import body_hash, is_same, learned
from monitor.model import Document, Unchanged, Unreachable, Visits
from tests.build import NOON

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
    assert (visits.etag, visits.last_modified, visits.body_hash) == ('"1"', "then", body_hash(PAGE))


def test_validators_are_kept_even_if_the_body_could_not_be_read() -> None:
    visits = learned(Visits(), PAGE, now=NOON, fault="this is a web page, not a feed")
    assert (visits.etag, visits.outcome, visits.failures, visits.baseline_at) == ('"1"', "unreadable", 1, None)
    assert visits.note == "this is a web page, not a feed"


def test_a_document_that_could_not_be_read_is_no_better_for_not_having_changed() -> None:
    broken = learned(Visits(), PAGE, now=NOON, fault="nonsense")
    again = learned(broken, Unchanged(), now=LATER)
    assert (again.outcome, again.failures, again.note, again.succeeded_at) == ("unreadable", 2, "nonsense", None)


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
