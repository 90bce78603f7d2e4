"""The feeds behind a page, and feeds from and to other readers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ParseError
from monitor.feeds.discover import Found, from_opml, links, new_id, opml
from monitor.model import Feed, FeedId

BASE = "https://news.example/world/index.html"


def page(head: str = "", body: str = "") -> bytes:
    return f"<!doctype html><html><head><title>News</title>{head}</head><body>{body}</body></html>".encode()


# ------------------------------------------------------------------ the feeds behind a page


def test_what_a_page_declares_comes_in_its_order_and_comments_last():
    html = page(
        """<link rel=alternate type="application/rss+xml" title="Comments" href="/comments/feed/">
        <LINK REL="Alternate" TYPE="application/rss+xml; charset=utf-8" TITLE=" All  news " HREF="/feed#top">
        <link rel="alternate" type="application/atom+xml" href="../atom.xml">
        <link rel="feed" type="application/feed+json" href="//cdn.example/feed.json">
        <link rel="alternate" type="text/html" hreflang="sr" href="/sr/">
        <link rel="stylesheet" type="text/xml" href="/style.xsl">
        <link rel="alternate" type="application/rss+xml" href="/feed">
        <link rel="alternate" type="application/rss+xml" href="javascript:alert(1)">
        <link rel="alternate" type="application/rss+xml" href="">
        <link rel="alternate" type="application/rss+xml" href="http://[broken">
        <link rel="alternate" type="application/rss+xml">"""
    )
    assert links(html, BASE) == (
        Found(url="https://news.example/feed", title="All news", form="rss"),
        Found(url="https://news.example/atom.xml", form="atom"),
        Found(url="https://cdn.example/feed.json", form="json"),
        Found(url="https://news.example/comments/feed/", title="Comments", form="rss"),
    )


def test_a_link_whose_address_looks_like_a_feeds_comes_after_what_is_declared():
    html = page(
        '<link rel="alternate" type="application/rss+xml" href="/main.xml">',
        """<a href="/rss/politics"><b>Politics</b> feed</a><a href="/feedback">Write to us</a><a href="/main.xml">x</a>
        <a href="/a?format=rss">All</a><a href="/2023/07/08/a-story">A story</a><a>no address</a>""",
    )
    assert [(found.url, found.title, found.form) for found in links(html, BASE)] == [
        ("https://news.example/main.xml", None, "rss"),
        ("https://news.example/rss/politics", "Politics feed", None),
        ("https://news.example/a?format=rss", "All", None),
    ]


def test_json_of_no_special_kind_is_the_last_that_is_looked_at():
    html = page(
        """<link rel="alternate" type="application/json" title="JSON" href="/wp-json/wp/v2/pages/2">
        <link rel="alternate" type="application/rss+xml" title="Comments" href="/comments/feed/">""",
        '<link rel="alternate" type="application/rss+xml" href="/feed/"><a href="/rss">all</a>',
    )
    assert [found.url.removeprefix("https://news.example") for found in links(html, BASE)] == [
        "/feed/",
        "/rss",
        "/comments/feed/",
        "/wp-json/wp/v2/pages/2",
    ]


def test_a_page_may_have_a_base_of_its_own():
    html = page('<base href="https://other.example/x/"><link rel="alternate" type="text/xml" href="feed">')
    assert links(html, BASE) == (Found(url="https://other.example/x/feed", form="xml"),)


@pytest.mark.parametrize("html", [b"", b" ", b"\0", b"hello", b"<" * 1_100_000, b"<div>" * 100_000, b"<rss/>"])
def test_a_page_that_names_none_gives_none(html):
    assert links(html, BASE) == ()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page(html):
    assert isinstance(links(b"<link rel=alternate type=text/xml href=" + html, BASE), tuple)


# ------------------------------------------------------------------ OPML

ELSEWHERE = """<?xml version="1.0" encoding="UTF-8"?>
<opml version="1.0"><head><title>mine</title></head><body>
 <outline text="Balkans"><outline title="Политика" text="P" type="rss" xmlUrl="https://a.example/rss?a=1&b=2"
   htmlUrl="https://a.example/" language="sr-Cyrl"/>
  <outline text="Deeper"><outline text="B92 &amp; co" xmlUrl="https://b.example/feed"/></outline></outline>
 <outline text="B92 &amp; co" XMLURL="feed://c.example/feed" category="/World/"/>
 <outline text="Again" xmlUrl="https://b.example/feed"/>
 <outline xmlUrl="https://www.d.example/rss"/>
 <outline text="日本語" xmlUrl="feed:https://rss.e.example/"/>
 <outline text="no feed" htmlUrl="https://f.example/"/>
 <outline text="bad" xmlUrl="file:///etc/passwd"/>
</body></opml>"""


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-16", "utf-8-sig"])
def test_a_list_in_another_encoding_keeps_its_letters(encoding: str):
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?><opml><body><outline text="Политика" xmlUrl="https://p.example/"/></body></opml>'
    (feed,) = from_opml(text.encode(encoding)).feeds
    assert feed.outlet == "Политика"


def test_what_another_reader_wrote_is_taken_with_folders_and_new_ids():
    assert from_opml(ELSEWHERE.encode()).feeds == (
        Feed(
            id=FeedId("politika"),
            url="https://a.example/rss?a=1&b=2",
            outlet="Политика",
            language="sr",
            labels={"folder": "Balkans"},
        ),
        Feed(id=FeedId("b92-co"), url="https://b.example/feed", outlet="B92 & co", labels={"folder": "Balkans/Deeper"}),
        Feed(id=FeedId("b92-co-2"), url="http://c.example/feed", outlet="B92 & co", labels={"folder": "World"}),
        Feed(id=FeedId("d-example"), url="https://www.d.example/rss"),
        Feed(id=FeedId("e-example"), url="https://rss.e.example/", outlet="日本語"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<opml><body/></opml>",
        "<opml><body><outline text='x'/></body></opml>",
        "<a><b></a>",
        "<!DOCTYPE opml [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><opml><outline text='&f;'/></opml>",
        "<a/>" * 300_000,
        "<a>" * 1000,
    ],
)
def test_what_lists_no_feeds_is_told(text):
    with pytest.raises(ParseError):
        from_opml(text.encode())


def test_an_entity_bomb_in_opml_does_not_go_off():
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    (feed,) = from_opml(
        f"<!DOCTYPE opml [<!ENTITY l0 'ha'>{laughs}]><opml><outline text='&l9;' xmlUrl='https://a.example/'/></opml>".encode()
    ).feeds
    assert len(feed.outlet or "") < 100


def test_an_address_that_is_none_of_the_web_is_left_out_and_named():
    assert from_opml(ELSEWHERE.encode()).left_out == ("file:///etc/passwd",)


feeds = st.builds(
    Feed,
    id=st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True).map(FeedId),
    url=st.from_regex(r"https?://[a-z]{1,9}\.example/[a-z?=&%]{0,9}", fullmatch=True),
    outlet=st.none() | st.text(min_size=1, max_size=30),
    language=st.none() | st.sampled_from(["sr", "en"]),
    section=st.none() | st.sampled_from(["Politics"]),
)


@given(st.lists(feeds, min_size=1, max_size=5, unique_by=lambda feed: feed.url))
def test_what_we_write_we_read_again(listed):
    again = from_opml(opml(listed).encode()).feeds
    assert [feed.url for feed in again] == [feed.url for feed in listed]
    assert [feed.language for feed in again] == [feed.language for feed in listed]
    assert len({feed.id for feed in again}) == len(listed)


def test_a_written_list_is_opml_that_people_can_read():
    feed = Feed(id=FeedId("b92"), url="https://b.example/?a=1&b=2", outlet="B92 <live>\x07", section="Politics")
    assert opml([feed]) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<opml version="2.0">\n  <head>\n    <title>media monitor</title>\n'
        '  </head>\n  <body>\n    <outline text="B92 &lt;live&gt;" title="B92 &lt;live&gt;" type="rss" '
        'xmlUrl="https://b.example/?a=1&amp;b=2" category="Politics"/>\n  </body>\n</opml>\n'
    )


# ------------------------------------------------------------------ ids


@pytest.mark.parametrize(
    ("title", "url", "id"),
    [
        ("B92 - Politics", "https://b.example/", "b92-politics"),
        ("Đorđe Šešelj", "https://b.example/", "djordje-seselj"),
        ("Вечерње новости", "https://b.example/", "vecernie-novosti"),
        ("The Washington Post", "https://b.example/", "the-washington-post"),
        (None, "https://www.dw.example:8080/rss", "dw-example"),
        ("!", "https://feeds.bbc.example/", "bbc-example"),
        (None, "https://日本.example/", "example"),
        (None, "https://1/", "feed"),
    ],
)
def test_an_id_is_what_a_person_would_call_the_feed(title, url, id):
    assert new_id(title, url, ()) == id
    assert new_id(title, url, {id}) == f"{id}-2"


@given(st.none() | st.text(max_size=200))
def test_every_title_gives_an_id_that_feeds_yaml_takes(title):
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,99}", new_id(title, "https://n.example/", ()))
