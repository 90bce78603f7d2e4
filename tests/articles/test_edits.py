"""What a publisher changed of an article."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.edits import corrected, is_alike, renewed, resurfaced
from monitor.model import Article, ArticleId, ChangeKind, Field, StoryId
from tests.build import NOON, article, published

BEFORE = article("Flood in town", lede="Five people were hurt.", body=("The river rose.", "Help came."))
texts = st.text(max_size=20)


@pytest.mark.parametrize(
    ("edit", "fields"),
    [
        ({"headline": "Flood in the town"}, (Field.HEADLINE,)),
        ({"lede": "Four people were hurt."}, (Field.LEDE,)),
        ({"body": ("The river rose.", "Help came late.")}, (Field.BODY,)),
        ({"body": ("The river rose.",)}, (Field.BODY,)),
        ({"headline": None, "lede": None, "body": ()}, (Field.HEADLINE, Field.LEDE, Field.BODY)),
    ],
    ids=["headline", "lede", "body", "a paragraph less", "nothing left"],
)
def test_other_words_are_a_correction_of_the_parts_that_they_stand_in(edit: dict[str, object], fields: object):
    change = corrected(BEFORE, replace(BEFORE, **edit))
    assert change is not None
    assert (change.kind, change.fields, change.before) == (ChangeKind.CORRECTED, fields, BEFORE)


@pytest.mark.parametrize(
    "edit",
    [
        {"headline": "FLOOD IN TOWN!"},
        {"lede": "Five  people were \u201churt\u201d"},
        {"body": ("The river rose. Help came.",)},
        {"section": "Weather", "published": published(NOON + timedelta(hours=1))},
        {},
    ],
    ids=["case", "quotes", "paragraphs", "not the text", "nothing"],
)
def test_the_same_words_are_no_correction(edit: dict[str, object]):
    assert corrected(BEFORE, replace(BEFORE, **edit)) is None


def test_a_number_with_its_point_elsewhere_is_a_correction():
    assert corrected(replace(BEFORE, lede="1.5 million"), replace(BEFORE, lede="15 million"))


def test_an_edited_article_is_the_same_of_the_same_story_and_first_seen_when_it_was():
    other = article("Another", id=ArticleId("other"), story=StoryId("other"), seen_at=NOON + timedelta(days=1))
    edited = renewed(replace(BEFORE, story=StoryId("first")), other)
    assert (edited.id, edited.story, edited.seen_at, edited.headline) == (BEFORE.id, "first", NOON, "Another")


def test_an_edit_without_a_date_keeps_the_one_that_was_known():
    assert renewed(BEFORE, replace(BEFORE, published=None)).published == BEFORE.published


def test_paragraphs_that_the_feed_did_not_bring_are_not_its_to_change():
    short = replace(BEFORE, lede="Four people were hurt.", body=("In short.",))
    change = corrected(BEFORE, short, body=False)
    assert change is not None
    assert (change.fields, change.after.body) == ((Field.LEDE,), BEFORE.body)


def test_a_text_that_comes_and_goes_is_two_changes():
    other = replace(BEFORE, lede="Four people were hurt.")
    there, back, again = corrected(BEFORE, other), corrected(other, BEFORE), corrected(BEFORE, other)
    assert there
    assert back
    assert again
    assert there.id == again.id != back.id


def test_an_article_comes_back_once_a_day():
    assert resurfaced(BEFORE, NOON).id == resurfaced(BEFORE, NOON + timedelta(hours=11)).id
    assert resurfaced(BEFORE, NOON).id != resurfaced(BEFORE, NOON + timedelta(days=1)).id


@given(texts, st.lists(texts, max_size=3), texts, st.lists(texts, max_size=3))
def test_a_correction_is_one_both_ways_or_none(lede: str, body: list[str], other: str, others: list[str]):
    one, two = replace(BEFORE, lede=lede, body=tuple(body)), replace(BEFORE, lede=other, body=tuple(others))
    there, back = corrected(one, two), corrected(two, one)
    assert (there is None) == (back is None)
    assert there is None or back is None or there.fields == back.fields
    assert corrected(one, one) is None


def test_an_article_knows_no_edit_of_itself():
    kept: Article = renewed(BEFORE, BEFORE)
    assert kept == BEFORE


@pytest.mark.parametrize(
    "edit",
    [
        {"headline": "Four hurt as river floods town centre", "lede": "Four people were hurt when the river rose."},
        {"lede": "Another lede altogether.", "body": ("Nothing is left of it.",)},
        {"headline": None, "lede": None, "body": ()},
    ],
    ids=["written anew", "the headline left", "cut to nothing"],
)
def test_an_edit_is_alike(edit: dict[str, object]):
    before = replace(BEFORE, headline="River floods town", lede="Five people were hurt when the river rose.")
    assert is_alike(before, replace(before, **edit))


def test_other_news_are_not_alike():
    other = article(
        "Council votes on taxes", lede="Nine members were in favour of the plan.", body=("It begins in May.",)
    )
    assert not is_alike(BEFORE, other)


@given(texts, texts)
def test_two_texts_are_alike_both_ways_or_neither(one: str, other: str):
    first, second = article(headline=one, url="https://a.example/"), article(headline=other, url="https://b.example/")
    assert is_alike(first, second) == is_alike(second, first)
    assert is_alike(first, first)
