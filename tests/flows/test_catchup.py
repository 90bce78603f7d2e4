"""A document that holds almost nothing known: a possible gap, and the older pages that fill it (RFC 5005)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from monitor.store import Store
from tests.build import NOON
from tests.flows.bench import Bench, rss
from tests.serving import Publisher

HOUR = timedelta(hours=1)


class Archive(Bench):
    """A feed whose document holds ten items, and whose pages hold ten older ones each."""

    def publish(self, last: int, *, elsewhere: str | None = None) -> None:
        """Publish the items up to number *last*, with pages back to the first."""
        for n, end in enumerate(range(last, 0, -10)):
            items = ((str(k), f"Item {k}", None) for k in range(end, max(0, end - 10), -1))
            before = (elsewhere or self.publisher.url(f"/page-{n + 1}.xml")) if end > 10 else None
            self.publisher.publish(f"/page-{n}.xml" if n else "/feed.xml", rss(*items, before=before))


@pytest.fixture
def archive(store: Store) -> Iterator[Archive]:
    with Publisher() as publisher:
        yield Archive(store, publisher)


def test_a_first_document_is_no_gap_and_its_pages_are_left_alone(archive: Archive) -> None:
    archive.publish(30)
    visit = archive.poll(pages=True)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (10, 0, None)


def test_a_document_that_overlaps_what_is_known_needs_no_page(archive: Archive) -> None:
    archive.publish(30)
    archive.poll(pages=True)
    archive.publish(36)
    visit = archive.poll(NOON + HOUR, pages=True)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (6, 0, None)


def test_pages_are_read_until_one_holds_something_known_and_all_of_it_is_kept_at_once(archive: Archive) -> None:
    archive.publish(20)
    archive.poll(pages=True)
    archive.publish(45)
    visit = archive.poll(NOON + HOUR, pages=True)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (25, 2, None)
    assert "if-none-match" not in archive.publisher.hits_at("/page-1.xml")[0].headers
    with archive.store.reading() as tx:
        assert tx.articles.count() == 35


def test_a_gap_that_five_pages_do_not_fill_is_remembered(archive: Archive) -> None:
    archive.publish(10)
    archive.poll(pages=True)
    archive.publish(100)
    visit = archive.poll(NOON + HOUR, pages=True)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (60, 5, NOON + HOUR)


def test_a_feed_without_pages_or_with_pages_elsewhere_has_a_possible_gap(archive: Archive) -> None:
    archive.publish(10)
    archive.poll(pages=True)
    archive.publish(30, elsewhere="http://127.0.0.2:1/page-1.xml")
    visit = archive.poll(NOON + HOUR, pages=True)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (10, 0, NOON + HOUR)
    archive.publish(50)
    visit = archive.poll(NOON + 2 * HOUR)
    assert (len(visit.fresh), visit.pages, visit.visits.gap_at) == (10, 0, NOON + 2 * HOUR)
