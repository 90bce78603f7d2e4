"""Which article tells which story, on SQLite and on PostgreSQL, also when several bring copies at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from monitor.articles.similar import WINDOW, nearest, sketch
from monitor.chores import prune
from monitor.model import Article, ArticleId, FeedId, StoryId
from monitor.store import Store, Tx, upgrade
from monitor.store.stories import MOST_STORIES
from monitor.store.tables import landmarks
from tests.bench.copies import invented
from tests.build import NOON, published, sighting
from tests.prose import copied, sentences
from tests.serving import wait_until

FEED = FeedId("gazette")
BASES = invented(12)


def brought(tx: Tx, told: Sequence[Article], now: datetime = NOON, feed: FeedId = FEED) -> list[StoryId | None]:
    """Keep what a feed brings, let it join, and return the stories."""
    fresh = tx.articles.add(feed, [sighting(each) for each in told], now)
    return [each.story for each in tx.stories.join(fresh, now, sketch=sketch, nearest=nearest)]


def bring(store: Store, told: Sequence[Article], now: datetime = NOON, feed: FeedId = FEED) -> list[StoryId | None]:
    with store.transaction() as tx:
        return brought(tx, told, now, feed)


def copy_of(each: Article, how: str = "5 % of words edited", outlet: str | None = None) -> Article:
    made = copied(each, how, each.id)
    return replace(made, outlet=outlet or made.outlet)


def claimed(store: Store) -> int:
    with store.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(landmarks)).scalar_one()


def test_a_storys_id_is_that_of_its_first_article(store: Store) -> None:
    assert bring(store, BASES[:3]) == [each.id for each in BASES[:3]]
    assert bring(store, [copy_of(each) for each in BASES[:3]]) == [each.id for each in BASES[:3]]
    with store.reading() as tx:
        kept = tx.articles.find(copy_of(BASES[0]).id)
        assert kept is not None
        assert kept.story == BASES[0].id


def test_copies_within_one_document_join_the_first_of_them(store: Store) -> None:
    assert bring(store, [BASES[0], copy_of(BASES[0]), BASES[1]]) == [BASES[0].id, BASES[0].id, BASES[1].id]


def test_a_story_knows_how_many_articles_tell_it_and_whose_they_are(store: Store) -> None:
    first = replace(BASES[0], outlet="Gazette")
    bring(store, [first, copy_of(first, outlet="Courier")])
    bring(store, [copy_of(first, "cut to the lede", outlet="Courier")], NOON + timedelta(hours=1))
    with store.reading() as tx:
        story = tx.stories.find([StoryId(first.id)])[StoryId(first.id)]
    assert (story.articles, story.outlets) == (3, ("Gazette", "Courier"))


def test_an_article_keeps_the_story_that_it_has_joined(store: Store) -> None:
    bring(store, [BASES[0]])
    copy = copy_of(BASES[0])
    assert bring(store, [copy]) == [BASES[0].id]
    for feed in ("courier", "echo"):
        assert bring(store, [replace(copy, body=sentences("rewritten", 9)), BASES[0]], feed=FeedId(feed)) == [
            BASES[0].id,
            BASES[0].id,
        ]


def test_doing_it_twice_changes_nothing(store: Store) -> None:
    told = [*BASES, *map(copy_of, BASES)]
    with store.transaction() as tx:
        first = brought(tx, told)
        again = [each.story for each in tx.stories.join(told, NOON, sketch=sketch, nearest=nearest)]
    before = claimed(store)
    assert again == first
    with store.transaction() as tx:
        later = tx.stories.join(told, NOON + timedelta(hours=1), sketch=sketch, nearest=nearest)
    assert [each.story for each in later] == first
    assert claimed(store) == before


def test_after_three_days_a_copy_founds_a_story_of_its_own(store: Store) -> None:
    bring(store, [BASES[0]])
    later = NOON + WINDOW + timedelta(hours=1)
    late = replace(copy_of(BASES[0]), seen_at=later, published=published(later))
    assert bring(store, [late], later) == [late.id]


def test_what_nothing_can_join_any_more_is_forgotten(store: Store) -> None:
    bring(store, [BASES[0], copy_of(BASES[0])])
    assert claimed(store) > 0
    with store.transaction() as tx:
        assert prune(tx, retention=timedelta(days=90), now=NOON + WINDOW + timedelta(hours=1))
    assert claimed(store) == 0
    with store.transaction() as tx:
        assert tx.stories.find([StoryId(BASES[0].id)])[StoryId(BASES[0].id)].articles == 2
    assert bring(store, [BASES[0]], feed=FeedId("courier")) == [BASES[0].id]


def test_a_phrase_that_every_article_of_a_paper_has_leads_to_few_of_them(store: Store) -> None:
    phrase = " ".join(sentences("promotion", 3))
    told = [
        replace(each, headline=f"Number {n}", body=(*each.body, phrase), lede=sentences(f"own {n}", 2)[0])
        for n, each in enumerate(invented(2 * MOST_STORIES))
    ]
    short = [replace(each, body=(phrase, *sentences(f"end {n}", 9))) for n, each in enumerate(told)]
    bring(store, short)
    with store.engine.connect() as connection:
        most = connection.execute(select(func.max(landmarks.c.nth))).scalar_one()
    assert most <= MOST_STORIES
    assert bring(store, [copy_of(short[-1])]) == [short[-1].id]


# ------------------------------------------------------------------ at once


def test_of_two_transactions_that_bring_copies_at_once_the_second_waits_and_joins(store: Store) -> None:
    first, second = list(BASES[:4]), [copy_of(each) for each in reversed(BASES[:4])]
    started = Event()

    def bring_second() -> list[StoryId | None]:
        started.set()
        return bring(store, second, feed=FeedId("courier"))

    with ThreadPoolExecutor(1) as threads:
        with store.transaction() as tx:
            assert brought(tx, first) == [each.id for each in first]
            done = threads.submit(bring_second)
            assert started.wait(10)
            if not store.embedded:  # SQLite's second transaction does not even begin
                wait_until(lambda: is_waiting(store))
        assert done.result(30) == [each.id for each in reversed(first)]
    assert claimed(store) == claimed_by(store, [each.id for each in first])


@pytest.mark.parametrize("ready_url", ["postgresql"], indirect=True)  # SQLite's second would not even begin
def test_if_the_first_of_two_fails_the_second_founds_the_story(store: Store) -> None:
    copy = copy_of(BASES[0])
    with ThreadPoolExecutor(1) as threads:
        with store.engine.connect() as connection:
            brought(Tx(connection, timedelta()), [BASES[0]])
            done = threads.submit(bring, store, [copy], NOON, FeedId("courier"))
            wait_until(lambda: is_waiting(store))
            connection.rollback()
        assert done.result(30) == [copy.id]
    assert claimed_by(store, [copy.id]) == claimed(store)


def test_many_that_bring_the_same_news_in_any_order_make_one_story_of_each(store: Store) -> None:
    def bring_all(n: int) -> list[StoryId | None]:
        told = [_numbered(copy_of(each), n) for each in BASES]
        Random(n).shuffle(told)
        return bring(store, told, feed=FeedId(f"feed {n}"))

    with ThreadPoolExecutor(4) as threads:
        stories = [story for found in threads.map(bring_all, range(8)) for story in found]
    assert len(set(stories)) == len(BASES)


def _numbered(each: Article, n: int) -> Article:
    id = ArticleId(f"{each.id}-{n}")
    return replace(each, id=id, story=StoryId(id), outlet=f"outlet {n}")


def is_waiting(store: Store) -> bool:
    with store.engine.connect() as connection:
        locks = text(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return connection.execute(locks).scalar_one() > 0


def claimed_by(store: Store, ids: Sequence[str]) -> int:
    with store.engine.connect() as connection:
        ours = select(func.count()).select_from(landmarks).where(landmarks.c.story_id.in_(ids))
        return connection.execute(ours).scalar_one()


# ------------------------------------------------------------------ in any order


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([*BASES[:4], *map(copy_of, BASES[:4])]), cut=st.integers(min_value=0, max_value=8))
def test_the_order_of_arrival_changes_at_most_which_id_a_story_has(order: list[Article], cut: int) -> None:
    store = Store("sqlite://")
    upgrade(store)
    found = dict(zip([each.id for each in order], bring(store, order[:cut]) + bring(store, order[cut:]), strict=True))
    store.close()
    for each in BASES[:4]:
        assert found[each.id] == found[copy_of(each).id]
        assert found[each.id] in (each.id, copy_of(each).id)
    assert len(set(found.values())) == 4
