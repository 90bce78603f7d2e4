"""Article ⇄ canonical article."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.canonical import NAMES, article, document
from monitor.model import (
    Article,
    ArticleId,
    FeedId,
    Furniture,
    Precision,
    Published,
    StoryId,
    ZoneSource,
    derive,
)

NOON = datetime(2023, 7, 8, 12, tzinfo=UTC)
FULL = Article(
    id=ArticleId("article_1"),
    url="https://paper.example/a",
    headline="Bridge opens",
    section="Region",
    lede="The bridge opened.",
    body=("First.", "Second."),
    source="Agency",
    byline="A. Writer",
    credit="P. Grapher",
    published=Published(
        at=datetime(2023, 7, 8, 15, 7, tzinfo=timezone(timedelta(hours=2))),
        precision=Precision.MINUTE,
        zone_source=ZoneSource.OUTLET,
        raw="Saturday, July 8, 2023 | 15:07",
    ),
    seen_at=NOON,
    language="en",
    outlet="Paper",
    country="RS",
    feed=FeedId("paper"),
    labels={"tier": "1"},
    related=("Another bridge",),
    furniture=(Furniture(kind="share", text="Tweet Share"),),
    story=StoryId("article_1"),
)


def test_the_document_has_the_contract_s_names_in_their_order():
    assert tuple(document(FULL)) == NAMES


def test_the_document_is_what_the_contract_shows():
    assert document(FULL) == {
        "id": "article_1",
        "url": "https://paper.example/a",
        "headline": "Bridge opens",
        "section": "Region",
        "lede": "The bridge opened.",
        "body": ["First.", "Second."],
        "source": "Agency",
        "byline": "A. Writer",
        "credit": "P. Grapher",
        "published_at": "2023-07-08T15:07:00+02:00",
        "published_precision": "minute",
        "timezone_source": "outlet",
        "published_raw": "Saturday, July 8, 2023 | 15:07",
        "published_clamped": False,
        "seen_at": "2023-07-08T12:00:00Z",
        "language": "en",
        "outlet": "Paper",
        "country": "RS",
        "feed": "paper",
        "labels": {"tier": "1"},
        "related": ["Another bridge"],
        "furniture": [{"kind": "share", "text": "Tweet Share"}],
        "story": "article_1",
    }


def test_an_undated_article_says_so_and_no_more():
    told = document(Article(id=ArticleId("a"), headline="H"))
    assert (told["published_at"], told["published_precision"], told["timezone_source"]) == (None, None, "none")


texts = st.none() | st.text(min_size=1, max_size=30)
dated = st.builds(
    Published,
    at=st.datetimes(
        min_value=datetime.fromisoformat("1900-01-01"),
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=-3, minutes=-30))]),
    ),
    precision=st.sampled_from(Precision),
    zone_source=st.sampled_from([ZoneSource.EXPLICIT, ZoneSource.OUTLET, ZoneSource.ASSUMED]),
    raw=texts,
    clamped=st.booleans(),
) | st.builds(Published, at=st.datetimes(), precision=st.sampled_from(Precision), zone_source=st.just(ZoneSource.NONE))
articles = st.builds(
    Article,
    id=st.text(min_size=1, max_size=10),
    headline=st.text(min_size=1, max_size=30),
    **dict.fromkeys(("url", "section", "lede", "source", "byline", "credit", "language", "outlet", "feed"), texts),
    body=st.lists(st.text(max_size=30)).map(tuple),
    published=st.none() | dated,
    seen_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    labels=st.dictionaries(st.text(max_size=5), st.text(max_size=5)),
    related=st.lists(st.text(max_size=30)).map(tuple),
    furniture=st.lists(
        st.builds(Furniture, kind=st.text(min_size=1, max_size=5), text=st.text(min_size=1, max_size=9))
    ).map(tuple),
    story=st.text(min_size=1, max_size=10),
)


@given(articles)
def test_every_article_comes_back_from_its_document_as_it_was(told):
    assert article(json.loads(json.dumps(document(told)))) == told


def test_what_a_document_leaves_out_is_not_known():
    told = article({"headline": "Bridge opens", "url": "https://paper.example/a"})
    assert told.id == told.story == derive("article", "https://paper.example/a")
    assert told.lede is told.published is told.seen_at is None
    assert told.body == told.related == told.furniture == ()


def test_two_texts_without_address_or_id_are_two_articles():
    assert article({"body": ["One."]}).id != article({"body": ["Two."]}).id


def test_a_zone_that_the_instant_does_not_carry_is_not_known():
    told = article({"headline": "H", "published_at": "2023-07-08T15:07:00", "timezone_source": "outlet"})
    assert told.published is not None
    assert told.published.zone_source is ZoneSource.NONE


def test_an_offset_is_explicit_whoever_denies_it():
    told = article({"headline": "H", "published_at": "2023-07-08T15:07:00Z", "timezone_source": "none"})
    assert told.published is not None
    assert told.published.zone_source is ZoneSource.EXPLICIT


def test_an_instant_of_ours_without_offset_is_utc():
    assert article({"headline": "H", "seen_at": "2023-07-08T12:00:00"}).seen_at == NOON


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "no headline, lede or body"),
        ({"title": "T", "text": "X"}, r"no headline, lede or body \(unknown here: text, title\)"),
        ({"headline": 5}, "headline: a text or null, not 5"),
        ({"headline": "H", "body": "text"}, "body: a list, not 'text'"),
        ({"headline": "H", "body": [1]}, "body: a list of texts"),
        ({"headline": "H", "labels": ["x"]}, "labels: a map of texts"),
        ({"headline": "H", "labels": {"x": 1}}, "labels: a map of texts"),
        ({"headline": "H", "furniture": ["x"]}, "furniture: a list of {kind, text}"),
        ({"headline": "H", "published_at": "yesterday"}, "published_at: 'yesterday' is no date and time"),
        ({"headline": "H", "published_at": "2023-07-08", "published_precision": "week"}, "published_precision: week"),
        ({"headline": "H", "published_at": "2023-07-08", "timezone_source": "guess"}, "timezone_source: guess"),
        ({"headline": "H", "published_at": "2023-07-08", "published_clamped": "no"}, "published_clamped: true, false"),
    ],
)
def test_a_wrong_document_says_what_is_wrong_with_it(wrong, said):
    with pytest.raises(ValueError, match=said):
        article(wrong)
