"""JSON Feeds of both versions, and what is nearly one."""

from __future__ import annotations

import json

import pytest

from monitor.errors import ParseError
from monitor.feeds.jsonfeed import read
from monitor.model import Entry, Listing
from tests.build import without_fingerprints


def test_version_1_1_is_read():
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "World & more",
        "language": "en",
        "home_page_url": "https://n.example/",
        "items": [
            {
                "id": "17",
                "url": "https://n.example/17",
                "external_url": "https://other.example/",
                "title": "1 < 2",
                "summary": "Short & plain",
                "content_html": "<p>Long.</p>",
                "content_text": "Long.",
                "date_published": "2023-07-08T15:07:00+02:00",
                "date_modified": "2023-07-09T00:00:00Z",
                "authors": [{"name": "Ana"}, {"name": "Ben"}, {"url": "https://c.example"}, "Cy"],
                "tags": ["Politics", "", 3],
                "language": "sr",
            }
        ],
    }
    assert without_fingerprints(read(json.dumps(feed), most=10)) == Listing(
        title="World &amp; more",
        language="en",
        home="https://n.example/",
        form="json",
        entries=(
            Entry(
                id="17",
                url="https://n.example/17",
                title="1 &lt; 2",
                summary="Short &amp; plain",
                content="<p>Long.</p>",
                published="2023-07-08T15:07:00+02:00",
                updated="2023-07-09T00:00:00Z",
                authors=("Ana", "Ben"),
                categories=("Politics",),
                language="sr",
            ),
        ),
    )


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"id": 17}, Entry(id="17")),
        ({"id": 1.5, "title": None, "url": True}, Entry(id="1.5")),
        ({"author": {"name": "Ana"}}, Entry(authors=("Ana",))),
        ({"authors": "Ana", "tags": {"a": 1}}, Entry()),
        ({"external_url": "https://o.example/"}, Entry(url="https://o.example/")),
        ({"content_text": "a\n\nb < c"}, Entry(content="a\n\nb &lt; c")),
        ({"title": "a\x00b\ud83d"}, Entry(title="ab")),
        ({"title": ["x"], "summary": {"y": 1}}, Entry()),
    ],
)
def test_what_people_write_is_read(item, expected):
    listing = read(json.dumps({"items": [item, "no object", None]}), most=10)
    assert without_fingerprints(listing).entries == (expected,)


def test_an_item_is_recognised_whatever_the_order_of_its_keys():
    (one,) = read('{"items": [{"id": "1", "title": "A"}]}', most=10).listed
    (same,) = read('{"title": "News", "items": [{"title":"A","id":"1"}]}', most=10).listed
    (other,) = read('{"items": [{"id": "1", "title": "B"}]}', most=10).listed
    assert one == same != other


def test_a_feed_may_name_its_hub_itself_and_the_page_with_older_items():
    listing = read(
        json.dumps(
            {
                "items": [],
                "feed_url": "https://n.example/feed.json",
                "next_url": "https://n.example/feed.json?p=2",
                "hubs": ["x", {"type": "rssCloud", "url": "https://c.example/"}, {"type": "WebSub"},
                         {"type": "WebSub", "url": "https://hub.example/"}],
            }
        ),
        most=10,
    )  # fmt: skip
    assert (listing.hub, listing.topic) == ("https://hub.example/", "https://n.example/feed.json")
    assert listing.previous == "https://n.example/feed.json?p=2"


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"items": {}}', "nul", '{"items": [' + "9" * 5000 + "]}"])
def test_what_is_no_feed_is_told(text):
    with pytest.raises(ParseError):
        read(text, most=10)
