"""A publisher that changes the ids of all its entries, and a day on which much is new."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.rekeyed import is_suspect, rekeyed
from monitor.model import ArticleId, Sighting
from tests.build import NOON, article, published, sighting

TITLES = ("Council votes", "Bridge opens", "Strike ends", "Frost ahead", "Port grows", "Team wins")
DAY = timedelta(days=1)


def listed(prefix: str, titles: tuple[str, ...] = TITLES, **given: Any) -> list[Sighting]:
    """Return an entry for each of *titles*, with a text of its own, under a key and an address that begin alike."""
    return [
        sighting(
            article(
                title,
                **{
                    "id": ArticleId(f"{prefix}{n}"),
                    "url": f"{prefix}{n}",
                    "lede": f"All about it: {title}.",
                    "body": (),
                    "published": published(NOON - timedelta(hours=n)),
                    **given,
                },
            ),
            f"{prefix}{n}",
        )
        for n, title in enumerate(titles)
    ]


OLD = listed("http://gazette.example/news/")


def named(new: list[Sighting], lately: list[Sighting] | None = None) -> dict[str, str]:
    return dict(rekeyed(new, OLD if lately is None else lately).articles)


ALL = {f"https://new.example/{n}": f"http://gazette.example/news/{n}" for n in range(6)}


@pytest.mark.parametrize(
    ("new", "listed", "suspect"), [(5, 8, True), (5, 9, False), (4, 4, False), (60, 100, True), (59, 100, False)]
)
def test_it_is_looked_into_where_most_of_a_document_is_new(new: int, listed: int, suspect: bool):
    assert is_suspect(new, listed) is suspect


def test_new_ids_of_known_addresses_name_the_articles_that_they_named():
    moved = listed("https://www.gazette.example/news/", ("Other",) * 6, published=None, lede="Another text.")
    assert set(named(moved).values()) == {each.article.id for each in OLD}


@pytest.mark.parametrize(
    "given",
    [{}, {"lede": "The text was written anew."}, {"published": None}, {"published": published(NOON - 2 * DAY)}],
    ids=["the same", "another text", "without a date", "with another date"],
)
def test_new_addresses_under_known_headlines_are_known_articles(given: dict[str, Any]):
    assert named(listed("https://new.example/", **given)) == ALL


def test_a_burst_of_news_is_news():
    news = listed("https://gazette.example/", tuple(f"{title} again" for title in TITLES))
    decision = rekeyed(news, OLD)
    assert (decision.articles, decision.why) == ({}, "news: 0 of 6 new keys name known articles")


def test_the_news_among_known_articles_stay_news():
    new = [*listed("https://new.example/"), *listed("https://gazette.example/", ("Fire downtown", "Storm at sea"))]
    decision = rekeyed(new, OLD)
    assert dict(decision.articles) == ALL
    assert decision.why == "rekeyed: 6 of 8 new keys name known articles"


def test_the_next_part_of_each_series_is_news():
    """The morning's weather has the headline of yesterday's, and other words under it."""
    today = [
        replace(each, article=replace(each.article, published=published(NOON + DAY), lede="Other words."))
        for each in listed("https://gazette.example/today/")
    ]
    assert named(today) == {}


def test_a_headline_without_date_and_with_another_text_is_news():
    assert named(listed("https://new.example/", published=None, lede="Other words.")) == {}


def test_what_fits_several_fits_none():
    series = listed("http://gazette.example/", ("Rates of the day",) * 6, published=None, lede="As listed.")
    again = listed("https://new.example/", ("Rates of the day",) * 6, published=None, lede="As listed.")
    assert named(again, series) == {}


def test_few_known_ones_among_much_news_are_left_alone():
    new = [*listed("https://new.example/")[:5], *listed("https://gazette.example/", tuple("abcdefgh"))]
    assert named(new) == {}


def test_entries_at_the_root_of_the_site_are_not_told_by_their_address():
    new = listed("https://new.example/", tuple("abcdef"), url="http://gazette.example/", published=None)
    old = listed("http://gazette.example/", tuple("uvwxyz"), url="http://gazette.example/", published=None)
    assert named(new[:1] * 6, old) == {}


def test_entries_without_headline_are_known_by_their_text():
    old = [replace(each, article=replace(each.article, headline=None)) for each in OLD]
    new = [replace(each, article=replace(each.article, headline=None)) for each in listed("https://new.example/")]
    assert named(new, old) == ALL


keys = st.lists(st.sampled_from(TITLES), max_size=12)


@given(keys, keys)
def test_no_article_gets_two_keys_and_no_stranger_is_named(new: list[str], old: list[str]):
    lately = listed("http://gazette.example/", tuple(old))
    found = named(listed("https://new.example/", tuple(new)), lately)
    assert len(set(found.values())) == len(found)
    assert set(found.values()) <= {each.article.id for each in lately}
    titles = {each.article.id: each.article.headline for each in lately}
    assert all(titles[ArticleId(id)] == new[int(key.rpartition("/")[2])] for key, id in found.items())
