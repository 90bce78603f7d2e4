"""JSON Feeds of both versions, and what is nearly one."""

from __future__ import annotations

import json

import pytest

from monitor.errors import ParseError
from monitor.feeds.jsonfeed import read
from monitor.model import Entry, Listing


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
    assert read(json.dumps(feed), most=10) == Listing(
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
    assert read(json.dumps({"items": [item, "no object", None]}), most=10).entries == (expected,)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"items": {}}', "nul", '{"items": [' + "9" * 5000 + "]}"])
def test_what_is_no_feed_is_told(text):
    with pytest.raises(ParseError):
        read(text, most=10)
