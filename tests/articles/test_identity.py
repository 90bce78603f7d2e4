"""By what the entries of a feed are told apart, chosen once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.identity import article_of, keys, scheme_of
from monitor.model import ArticleId, Entry, Scheme, Visits, derive
from tests.build import NOON, article, sighting

SITE = "https://paper.example"


def entry(id: str | None = None, path: str | None = None, title: str = "A") -> Entry:
    return Entry(id=id, url=None if path is None else f"{SITE}/{path}", title=title)


entries = st.lists(
    st.builds(
        entry,
        st.none() | st.sampled_from(["g1", "g2", "g3"]),
        st.none() | st.sampled_from(["a", "b", "c"]),
        st.sampled_from(["A", "B", "C"]),
    ),
    max_size=8,
)


@pytest.mark.parametrize(
    ("first", "scheme"),
    [
        ([entry("g1", "a"), entry("g2", "b")], Scheme.GUID),
        ([entry("g1", "live"), entry("g2", "live")], Scheme.GUID),
        ([entry(None, "a"), entry(None, "b")], Scheme.GUID),  # no ids: the links stand in for them
        ([entry("g1", "a"), entry(None, "b"), entry(None, None, "C")], Scheme.GUID),
        ([entry("feed", "a"), entry("feed", "b")], Scheme.LINK),
        ([entry("g1", "live"), entry("g2", "live"), entry("g1", "other")], Scheme.BOTH),
        ([entry("feed", "live", "A"), entry("feed", "live", "B")], Scheme.TEXT),
        ([entry("g1", "a"), entry("g1", "a")], Scheme.GUID),  # one entry, listed twice
    ],
    ids=["ids", "one page", "no ids", "some lack it", "one id", "neither alone", "only the text", "twice"],
)
def test_the_first_document_says_by_what_entries_are_told_apart(first: list[Entry], scheme: Scheme):
    assert scheme_of(first, Visits()) is scheme


def test_a_document_without_entries_decides_nothing():
    assert scheme_of([], Visits()) is None


@given(entries, st.sampled_from(Scheme))
def test_a_scheme_is_never_chosen_again(later: list[Entry], scheme: Scheme):
    assert scheme_of(later, Visits(scheme=scheme, baseline_at=NOON)) is scheme


def test_a_feed_that_was_read_before_schemes_were_kept_goes_on_with_its_ids():
    assert scheme_of([entry("feed", "a"), entry("feed", "b")], Visits(baseline_at=NOON)) is Scheme.GUID


@given(entries)
def test_the_chosen_scheme_tells_every_entry_of_the_first_document_apart(first: list[Entry]):
    found = keys(first, scheme_of(first, Visits()))
    assert len(set(found)) == len({(each.id, each.url, each.title) for each in first})


def test_a_feed_told_apart_by_links_keeps_its_keys_when_an_entry_is_alone():
    first = [entry("feed", "a"), entry("feed", "b")]
    scheme = scheme_of(first, Visits())
    assert keys(first, scheme)[:1] == keys(first[:1], scheme) == [f"{SITE}/a"]


def test_a_link_is_a_key_without_what_changes_from_reader_to_reader():
    assert keys([entry("feed", "a?utm_source=rss#top")], Scheme.LINK) == [f"{SITE}/a"]


def test_an_entry_that_lacks_what_the_scheme_goes_by_has_the_next_best():
    assert keys([entry("g1", None)], Scheme.LINK) == ["g1"]
    assert keys([entry(None, "a")], Scheme.GUID) == [f"{SITE}/a"]
    (by_text,) = keys([entry(None, None)], Scheme.BOTH)
    assert by_text.startswith("entry_")


@given(entries, st.sampled_from(Scheme), st.data())
def test_entries_have_the_keys_that_they_have_beside_the_others(
    listed: list[Entry], scheme: Scheme, data: st.DataObject
):
    """What is known of the others, their ids and addresses, is enough: unless one has the text of another, too."""
    whole = dict(zip(listed, keys(listed, scheme), strict=True))
    wanted = data.draw(st.lists(st.sampled_from(listed), unique=True)) if listed else []
    others = [(each.id, each.url) for each in listed if each not in wanted]
    assert keys(wanted, scheme, others) == [whole[each] for each in wanted]


# ------------------------------------------------------------------ two of key, address and text

SAME = {"headline": "Flood in town", "url": f"{SITE}/a"}
OTHER = {"headline": "Port shut", "lede": "Ships wait at sea.", "body": (), "url": f"{SITE}/a"}
KEPT = article(**SAME)
LAST = ArticleId("article_last")


@pytest.mark.parametrize(
    ("now", "last", "named"),
    [
        (SAME, LAST, LAST),
        (SAME, None, KEPT.id),  # a new key
        (SAME | {"url": f"{SITE}/b"}, LAST, LAST),  # a new address
        (OTHER, LAST, LAST),  # a new text
        (OTHER, None, derive("article", "gazette", "g1")),  # key and text
        (OTHER | {"url": f"{SITE}/b"}, LAST, derive("article", f"{SITE}/b")),  # address and text
    ],
    ids=["nothing new", "key", "address", "text", "key and text", "address and text"],
)
def test_an_article_is_known_by_two_of_key_address_and_text(now: dict[str, str], last: ArticleId | None, named: str):
    assert article_of(sighting(article(**now), "g1"), last, KEPT) == named


def test_what_is_not_kept_is_not_compared():
    entry = sighting(article(**OTHER), "g1")
    assert article_of(entry, LAST, None) == LAST
    assert article_of(entry, None, None) == entry.article.id
