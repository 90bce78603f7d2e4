"""Articles written out field by field, as the tests of rules write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from monitor.articles.normalise import FIELDS, article_from_fields

NOON = datetime(2023, 7, 8, 12, tzinfo=UTC)


def test_every_field_lands_where_its_name_says():
    fields = {
        "headline": "Bridge opens",
        "lede": "It opened.",
        "body": "One.\n\nTwo.",
        "section": "Region",
        "source": "Tanjug",
        "byline": "A. Writer",
        "credit": "A. Grapher",
        "language": "sr-Latn",
        "outlet": "Paper",
        "country": "RS",
        "feed": "paper",
        "url": "https://Paper.example/a#b",
        "published_at": "2023-07-08T15:07:00+02:00",
    }
    article = article_from_fields(fields, seen_at=NOON)
    assert set(fields) | {"title"} == FIELDS
    written = fields.pop("published_at")
    expected = {**fields, "body": ("One.", "Two."), "language": "sr", "url": "https://paper.example/a"}
    assert {name: getattr(article, name) for name in fields} == expected
    assert article.published is not None
    assert article.published.at.isoformat() == written
    assert article.seen_at == NOON


def test_title_is_another_name_of_the_headline():
    assert article_from_fields({"title": "Bridge opens"}).headline == "Bridge opens"


def test_the_text_of_a_test_passes_the_normaliser_of_feeds():
    article = article_from_fields(
        {
            "headline": "Fish &amp; <b>chips</b>",
            "body": "<p>Belgrade\\'s answer.</p><p>Tweet Share</p><p>Source: Beta</p>",
        }
    )
    assert (article.headline, article.body, article.source) == ("Fish & chips", ("Belgrade's answer.",), "Beta")


def test_a_body_of_one_line_is_a_body():
    article = article_from_fields({"body": "Седница Савета безбедности УН о Косову"})
    assert article.body == ("Седница Савета безбедности УН о Косову",)
    assert article.lede is article.headline is article.language is None


def test_the_same_fields_are_the_same_article_and_others_another():
    one = {"headline": "A", "body": "B."}
    assert article_from_fields(one) == article_from_fields(dict(reversed(one.items())))
    assert article_from_fields(one).id != article_from_fields({"headline": "A", "body": "C."}).id


def test_a_field_that_no_article_has_is_named():
    with pytest.raises(ValueError, match="unknown field headlin, lead"):
        article_from_fields({"headlin": "A", "lead": "B"})
