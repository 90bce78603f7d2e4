"""An article that its feed cuts short, and its page: what each of them tells."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.whole import whole
from monitor.model import Article, Furniture, Unreachable
from tests.build import NOON, article, published

LEDE = "The river rose by two metres after a week of rain."
TEXT = (
    "Firemen carried the old and the sick out of their houses during the night.",
    "The mayor said that the dam above the valley would hold.",
)
SHORT = article("Flood in the valley", lede=LEDE, body=(), language=None, published=None)


def page(**given: object) -> Article:
    return article(
        "The valley under water", **{"lede": None, "body": (LEDE, *TEXT), "url": "https://x.example/", **given}
    )


def joined(short: Article = SHORT, **given: object) -> Article:
    found = whole(short, page(**given))
    assert isinstance(found, Article), found
    return found


def test_the_body_is_the_pages_and_the_rest_the_feeds():
    found = joined(section="Weather", source="Tanjug", byline="A. Writer", credit="Agency", outlet="Another")
    assert (found.id, found.url, found.story, found.feed) == (SHORT.id, SHORT.url, SHORT.story, SHORT.feed)
    assert (found.headline, found.lede, found.body) == (SHORT.headline, LEDE, TEXT)
    assert (found.section, found.source, found.byline, found.credit) == ("Weather", "Tanjug", "A. Writer", "Agency")
    assert (found.outlet, found.seen_at) == (SHORT.outlet, SHORT.seen_at)


def test_what_the_feed_says_is_not_contradicted_by_the_page():
    short = replace(SHORT, section="Politics", source="Beta", byline="B", credit="C", published=published(NOON))
    found = joined(
        short, section="Weather", source="Tanjug", byline="A", credit="D", published=published(NOON.replace(day=1))
    )
    assert (found.section, found.source, found.byline, found.credit) == ("Politics", "Beta", "B", "C")
    assert found.published == published(NOON)


def test_what_the_feed_leaves_out_comes_from_the_page():
    short = replace(SHORT, headline=None, lede=None, body=(LEDE,))
    found = joined(short, lede="A lede.", published=published(NOON), language="sr")
    assert (found.headline, found.lede, found.body) == ("The valley under water", "A lede.", (LEDE, *TEXT))
    assert (found.published, found.language) == (published(NOON), "sr")


def test_a_date_that_lay_ahead_gives_way_to_the_pages():
    ahead = replace(published(NOON), clamped=True)
    assert joined(replace(SHORT, published=ahead), published=published(NOON)).published == published(NOON)
    assert joined(replace(SHORT, published=ahead), published=None).published == ahead


def test_a_lede_of_the_pages_own_is_its_first_paragraph():
    assert joined(lede="Rain for a week.", body=TEXT).body == ("Rain for a week.", *TEXT)
    assert joined(lede=LEDE.upper(), body=TEXT).body == TEXT


def test_what_both_set_aside_is_kept_once():
    aside = Furniture(kind="share", text="Tweet Share")
    short = replace(SHORT, related=("One",), furniture=(aside,))
    found = joined(short, related=("One", "Two"), furniture=(aside, Furniture(kind="cookie", text="Cookies")))
    assert found.related == ("One", "Two")
    assert [each.kind for each in found.furniture] == ["share", "cookie"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"body": ("The river rose by two metres … to read on, become a member of the river club.",)}, None),
        ({"body": ("The river rose after a week of rain.",)}, "stub"),
        ({"body": (LEDE,)}, "stub"),
        ({"body": ()}, "wall"),
        ({"headline": "Before you continue", "body": ("We and our 843 partners store and read data. " * 9,)}, "wall"),
        ({"headline": "Just a moment", "body": ("Checking whether you are a machine. " * 9,)}, "wall"),
    ],
)
def test_a_page_that_tells_less_or_something_else_is_not_taken(given, reason):
    headline = given.pop("headline", "Valley")
    found = whole(SHORT, replace(page(**given), headline=headline))
    assert (found.reason if isinstance(found, Unreachable) else None) == reason


def test_a_page_in_the_other_script_is_the_same_article():
    short = article("Поплава у долини", lede="Река је порасла два метра после недељу дана кише.", body=())
    found = whole(
        short, page(body=("Reka je porasla dva metra posle nedelju dana kiše u dolini.", "Poplava traje i dalje."))
    )
    assert isinstance(found, Article)


def test_without_words_to_judge_by_a_page_is_believed():
    short = article("速報", lede="川が増水した。", body=())
    assert isinstance(whole(short, page()), Article)


TEXTS = st.text(max_size=60)
ARTICLES = st.builds(
    lambda headline, lede, body: replace(SHORT, headline=headline, lede=lede, body=tuple(body)),
    st.none() | TEXTS,
    st.none() | TEXTS,
    st.lists(TEXTS.filter(bool), max_size=4),
)


@given(ARTICLES, ARTICLES)
def test_an_article_never_loses_its_identity_or_its_words(short, told):
    found = whole(short, told)
    if isinstance(found, Article):
        assert (found.id, found.feed, found.story) == (short.id, short.feed, short.story)
        assert not short.headline or found.headline == short.headline
        assert not short.lede or found.lede == short.lede
        assert sum(map(len, found.body)) <= sum(map(len, (told.lede or "", *told.body)))
