"""The entries of a document as clean articles: who they are, and what they say."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from monitor.articles.normalise import sightings
from monitor.canonical import article as read_back
from monitor.canonical import document
from monitor.model import Entry, Feed, FeedId, Listing, ZoneSource, derive

NOON = datetime(2023, 7, 8, 12, tzinfo=UTC)
URL = "https://paper.example/feed"
FEED = Feed(
    id=FeedId("paper"),
    url=URL,
    outlet="Paper",
    country="RS",
    language="en",
    timezone="Europe/Belgrade",
    labels={"tier": "1"},
)


def seen(*entries, feed=FEED, **listing):
    return sightings(Listing(entries=entries, **listing), feed, url=URL, seen_at=NOON)


def only(entry, **rest):
    (sighting,) = seen(entry, **rest)
    return sighting.article


def test_an_article_is_known_by_its_canonical_address():
    article = only(Entry(id="g1", url="https://Paper.example/a?utm_source=rss#top", title="A"))
    assert article.url == "https://paper.example/a"
    assert article.id == article.story == derive("article", "https://paper.example/a")


def test_two_feeds_that_carry_the_same_page_carry_the_same_article():
    other = replace(FEED, id=FeedId("other"), url="https://other.example/feed")
    entry = Entry(id="g1", url="https://paper.example/a", title="A")
    assert only(entry).id == only(replace(entry, id="g2", url="HTTPS://paper.example/a#x"), feed=other).id


def test_two_entries_that_share_an_address_are_two_articles():
    one, two = seen(
        Entry(id="g1", url="https://paper.example/live", title="A"),
        Entry(id="g2", url="https://paper.example/live", title="B"),
    )
    assert one.article.id == derive("article", "paper", "g1")
    assert two.article.id == derive("article", "paper", "g2")
    assert one.article.url == two.article.url == "https://paper.example/live"


def test_the_root_of_the_site_is_no_article_s_own_address():
    for address in ("https://paper.example", "https://paper.example/en/", URL):
        article = only(Entry(id="g1", url=address, title="A"), home="https://paper.example/en/")
        assert article.id == derive("article", "paper", "g1")


def test_an_entry_without_address_is_known_by_its_feed_and_id():
    article = only(Entry(id="g1", title="A"))
    assert (article.id, article.url) == (derive("article", "paper", "g1"), None)


def test_the_key_is_the_id_or_else_the_link_or_else_the_text():
    keys = [
        sighting.key
        for sighting in seen(
            Entry(id="g1", url="https://paper.example/a", title="A"),
            Entry(url="https://paper.example/b", title="B"),
            Entry(title="C", summary="c"),
        )
    ]
    assert keys == ["g1", "https://paper.example/b", derive("entry", "C", "c", "")]


def test_entries_that_share_their_id_are_told_apart_by_their_link_and_then_by_their_text():
    keys = [
        sighting.key
        for sighting in seen(
            Entry(id="g", url="https://paper.example/a", title="A"),
            Entry(id="g", url="https://paper.example/b", title="B"),
            Entry(id="g", url="https://paper.example/b", title="C"),
        )
    ]
    assert keys[0] == "g https://paper.example/a"
    assert keys[1].startswith("g https://paper.example/b entry_")
    assert len(set(keys)) == 3


def test_an_entry_listed_twice_is_sighted_once_and_keeps_its_address():
    entry = Entry(id="g", url="https://paper.example/a", title="A")
    (sighting,) = seen(entry, entry)
    assert sighting.article.id == derive("article", "https://paper.example/a")


def test_entries_left_out_as_known_still_share_their_ids_and_addresses():
    """A document of which only the unknown part was read gives that part the same keys and ids."""
    listed = (
        Entry(id="g1", url="https://paper.example/live", title="A"),
        Entry(id="g2", url="https://paper.example/live?utm_source=rss", title="B"),
        Entry(id="g3", url="https://paper.example/a", title="C"),
        Entry(id="g3", url="https://paper.example/b", title="D"),
        Entry(url="https://paper.example/c", title="E"),
    )
    whole = seen(*listed)
    for known in itertools.chain.from_iterable(itertools.combinations(listed, n) for n in range(len(listed))):
        wanted = [n for n, entry in enumerate(listed) if entry not in known]
        part = seen(*(listed[n] for n in wanted), others=tuple((entry.id, entry.url) for entry in known))
        assert part == tuple(whole[n] for n in wanted)


def test_the_feed_s_words_about_its_outlet_are_the_article_s():
    article = only(Entry(id="g1", title="A"))
    assert (article.outlet, article.country, article.feed, article.labels) == ("Paper", "RS", "paper", {"tier": "1"})
    assert article.seen_at == NOON


def test_a_date_without_zone_is_in_the_outlet_s():
    article = only(Entry(id="g1", title="A", published="Saturday, July 8, 2023 | 11:07"))
    assert document(article)["published_at"] == "2023-07-08T11:07:00+02:00"
    assert document(article)["timezone_source"] == "outlet"


def test_an_entry_that_only_says_when_it_was_updated_is_dated_by_that():
    article = only(Entry(id="g1", title="A", published="soon", updated="2023-07-08T11:07:00Z"))
    assert article.published is not None
    assert (article.published.zone_source, article.published.clamped) == (ZoneSource.EXPLICIT, False)


def test_a_date_that_lies_ahead_is_the_hour_of_the_first_sight_and_says_so():
    ahead = document(only(Entry(id="g1", title="A", published="2033-07-08T13:07:00Z")))
    assert (ahead["published_at"], ahead["published_clamped"]) == ("2023-07-08T12:00:00Z", True)
    assert ahead["published_raw"] == "2033-07-08T13:07:00Z"


def test_no_date_is_made_up():
    assert only(Entry(id="g1", title="A", published="today")).published is None


def test_what_a_publisher_wrote_for_a_date_is_kept_where_it_cannot_be_read():
    told = only(Entry(id="g1", title="A", updated="sometime last week"))
    assert (document(told)["published_at"], document(told)["published_raw"]) == (None, "sometime last week")
    assert read_back(document(told)) == told
    assert document(only(Entry(id="g1", title="A", published="x" * 5000)))["published_raw"] == "x" * 120


def test_the_section_is_the_feed_s_or_the_category_that_is_one():
    tags = ("NATO", "Sport", "Brussels")
    assert only(Entry(id="g", categories=tags), feed=replace(FEED, section="Politics")).section == "Politics"
    assert only(Entry(id="g", categories=tags)).section == "Sport"
    assert only(Entry(id="g", categories=("Balkan desk",))).section == "Balkan desk"
    assert only(Entry(id="g", categories=("NATO", "Brussels"))).section is None
    assert only(Entry(id="g")).section is None


def test_authors_agency_and_photographer_come_from_the_entry():
    article = only(Entry(id="g", authors=("A. <b>Writer</b>", "", "B. Writer"), source="Agency", credit="P &amp; G"))
    assert (article.byline, article.source, article.credit) == ("A. Writer, B. Writer", "Agency", "P & G")


def test_what_the_text_credits_stands_in_where_the_entry_credits_nobody():
    article = only(
        Entry(
            id="g", content="<p>The bridge opened.</p><p>Source: Agency</p><p>Foto: P. Grapher</p><p>Author: A. W.</p>"
        )
    )
    assert (article.source, article.credit, article.byline) == ("Agency", "P. Grapher", "A. W.")
    assert article.body == ("The bridge opened.",)


def test_the_configured_language_wins_over_what_the_document_declares():
    assert only(Entry(id="g", title="A", language="de"), language="fr").language == "en"


def test_a_short_text_is_in_the_language_that_is_declared():
    feed = replace(FEED, language=None)
    assert only(Entry(id="g", title="A", language="sr-Latn"), language="fr", feed=feed).language == "sr"
    assert only(Entry(id="g", title="A"), language="fr_FR", feed=feed).language == "fr"
    assert only(Entry(id="g", title="A"), language="english", feed=feed).language is None


@given(
    st.lists(
        st.builds(
            Entry,
            id=st.none() | st.sampled_from(["g1", "g2", ""]),
            url=st.none() | st.sampled_from(["https://paper.example/a", "https://paper.example/", "x"]),
            title=st.none() | st.text(max_size=20),
            summary=st.none() | st.text(max_size=20),
            content=st.none() | st.text(max_size=40),
            published=st.none() | st.text(max_size=20),
            categories=st.lists(st.text(max_size=8), max_size=2).map(tuple),
        ),
        max_size=6,
    )
)
def test_whatever_entries_come_keys_and_ids_tell_them_apart(entries):
    found = seen(*entries)
    assert len({sighting.key for sighting in found}) == len(found)
    assert len({sighting.article.id for sighting in found}) == len(found)
    assert seen(*entries) == found
