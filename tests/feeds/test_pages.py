"""An article's page: how politely it is asked for, and what is made of its not being there."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds import pages as asking
from monitor.feeds.hosts import PATIENCE, Hosts
from monitor.feeds.pages import AGAIN, Pages, again, text_of
from monitor.guard import door
from monitor.model import Document, Feed, Unreachable
from tests.feeds.test_robots import AGENT, NOW, Here, feed_at
from tests.serving import Publisher, Reply, hang, huge, redirect, reset

PAGE = b"<!doctype html><html><body><h1>Flood</h1><p>The river rose.</p></body></html>"


def fetched(feed: Feed, *urls: str, hosts: Hosts | None = None) -> list[Document | Unreachable]:
    async def all_of_them() -> list[Document | Unreachable]:
        async with door(user_agent=AGENT) as way:
            pages = Pages(way, hosts or Hosts(), Here(), user_agent=AGENT)
            return [await pages.fetch(feed, url, NOW) for url in urls]

    return asyncio.run(all_of_them())


@pytest.fixture
def publisher():
    with Publisher() as site:
        yield site


def test_a_page_comes_as_it_is_after_its_sites_robots_txt_was_read(publisher):
    url = publisher.publish("/1", PAGE, content_type="text/html; charset=utf-8")
    feed = feed_at(publisher.url("/feed.xml"), headers={"Cookie": "sid=1"})
    (page,) = fetched(feed, url)
    assert page == Document(url=url, body=PAGE, content_type="text/html; charset=utf-8")
    assert [hit.path for hit in publisher.hits] == ["/robots.txt", "/1"]
    sent = publisher.hits[1].headers
    assert (sent["User-Agent"], sent["Cookie"]) == (AGENT, "sid=1")
    assert sent["Accept"].startswith("text/html")
    assert not {"if-none-match", "if-modified-since", "referer", "a-im"} & {name.lower() for name in sent}


def test_a_page_on_another_site_is_asked_for_without_the_feeds_headers(publisher):
    with Publisher() as other:
        url = other.publish("/1", PAGE, content_type="text/html")
        (page,) = fetched(feed_at(publisher.url(), headers={"Cookie": "sid=1", "Authorization": "x"}), url)
        assert isinstance(page, Document)
        assert {hit.headers["Cookie"] for hit in other.hits} == {None}
        assert {hit.headers["Authorization"] for hit in other.hits} == {None}


def test_a_forbidden_page_is_never_asked_for_not_even_by_a_redirect(publisher):
    publisher.publish("/robots.txt", "User-agent: *\nDisallow: /members/")
    publisher.script("/1", redirect("/members/1"))
    found = fetched(feed_at(publisher.url()), publisher.url("/members/2"), publisher.url("/1"))
    assert [each.reason for each in found] == ["robots", "robots"]
    assert "robots.txt asks us not to fetch" in found[0].detail
    assert [hit.path for hit in publisher.hits] == ["/robots.txt", "/1"]


def test_a_redirect_to_another_site_asks_that_sites_robots_txt_too(publisher):
    with Publisher() as other:
        other.publish("/1", PAGE, content_type="text/html")
        other.publish("/robots.txt", "User-agent: *\nDisallow: /2")
        for path in "12":
            publisher.script(f"/{path}", redirect(other.url(f"/{path}")))
        first, second = fetched(feed_at(publisher.url()), publisher.url("/1"), publisher.url("/2"))
        assert isinstance(first, Document)
        assert (first.url, second.reason) == (other.url("/1"), "robots")
        assert [hit.path for hit in other.hits] == ["/robots.txt", "/1"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(status=404), "status"),
        (Reply(status=503), "status"),
        (Reply(headers={"Content-Type": "application/pdf"}, body=b"%PDF"), "type"),
        (reset(), "reset"),
        (hang(), "timeout"),
        (huge(6_000_000, "text/html"), "too_big"),
        (redirect("/1"), "redirects"),
        (redirect("gopher://x/"), "address"),
    ],
)
def test_a_page_that_cannot_be_had_says_why(publisher, reply, reason, monkeypatch):
    monkeypatch.setattr(asking, "DEADLINE", 1.0)
    publisher.script("/1", reply)
    (found,) = fetched(feed_at(publisher.url()), publisher.url("/1"))
    assert isinstance(found, Unreachable)
    assert found.reason == reason
    assert found.detail


def test_a_page_on_a_private_network_is_not_reached_for_a_public_feed(publisher):
    publisher.publish("/1", PAGE, content_type="text/html")
    (found,) = fetched(feed_at("https://gazette.example/", allow_private=False), publisher.url("/1"))
    assert (found.reason, publisher.hits) == ("blocked", ())


def test_pages_keep_the_delay_that_their_site_asks_for(publisher):
    publisher.publish("/robots.txt", "User-agent: *\nCrawl-delay: 30")
    publisher.publish("/1", PAGE, content_type="text/html")
    first, second = fetched(feed_at(publisher.url()), publisher.url("/1"), publisher.url("/1"))
    assert isinstance(first, Document)
    assert second.reason == "busy"
    assert PATIENCE < second.retry_after.total_seconds() <= 30
    assert [hit.path for hit in publisher.hits] == ["/robots.txt", "/1"]


def test_a_host_that_says_too_many_is_left_alone_by_all_its_pages(publisher):
    publisher.script("/1", Reply(status=429, headers={"Retry-After": "120"}))
    first, second = fetched(feed_at(publisher.url()), publisher.url("/1"), publisher.url("/2"))
    assert (first.status, first.retry_after) == (429, timedelta(seconds=120))
    assert second.reason == "busy"
    assert [hit.path for hit in publisher.hits] == ["/robots.txt", "/1"]


# ------------------------------------------------------------------ asking again

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Unreachable(reason="timeout", detail=""), [AGAIN[0], AGAIN[1], None]),
        (Unreachable(reason="status", detail="", status=503), [AGAIN[0], AGAIN[1], None]),
        (Unreachable(reason="status", detail="", status=429, retry_after=5 * MINUTE), [5 * MINUTE, 5 * MINUTE, None]),
        (Unreachable(reason="status", detail="", status=503, retry_after=60 * MINUTE), [None]),
        (Unreachable(reason="status", detail="", status=404), [None]),
        (Unreachable(reason="status", detail="", status=403), [None]),
        (Unreachable(reason="robots", detail=""), [None]),
        (Unreachable(reason="type", detail=""), [None]),
        (Unreachable(reason="tls", detail=""), [None]),
        (Unreachable(reason="busy", detail="", retry_after=MINUTE), [MINUTE] * 9),
    ],
)
def test_what_may_pass_is_asked_for_again_and_what_is_refused_is_not(fault, waits):
    assert [again(fault, tries) for tries in range(1, len(waits) + 1)] == waits


@given(
    st.sampled_from(["timeout", "status", "robots", "type", "dns", "tls"]),
    st.none() | st.integers(100, 599),
    st.none() | st.timedeltas(min_value=timedelta(), max_value=timedelta(days=9)),
)
def test_nobody_is_asked_earlier_than_it_said_and_nothing_is_asked_for_ever(reason, status, asked):
    fault = Unreachable(reason=reason, detail="", status=status, retry_after=asked)
    waits = [again(fault, tries) for tries in range(1, 9)]
    assert all(wait is None or wait >= (asked or timedelta(seconds=1)) for wait in waits)
    assert waits[-1] is None


# ------------------------------------------------------------------ letters

TEXT = "Šta kaže đak?"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (TEXT.encode(), None),
        (TEXT.encode(), "text/html; charset=windows-1250"),
        (TEXT.encode("cp1250"), "text/html; charset=windows-1250"),
        (b'<meta charset="windows-1250">' + TEXT.encode("cp1250"), "text/html"),
        (
            b'<meta http-equiv=content-type content="text/html; charset=iso-8859-2">' + TEXT.encode("iso-8859-2"),
            "text/html",
        ),
        (b"\xef\xbb\xbf" + TEXT.encode(), "text/html; charset=iso-8859-1"),
        (TEXT.encode("utf-16"), "text/html"),
    ],
)
def test_the_letters_of_a_page_are_read_as_they_were_meant(body, content_type):
    assert text_of(Document(url="https://x.example/", body=body, content_type=content_type)).endswith(TEXT)


def test_a_date_in_retry_after_counts_from_the_servers_own_clock(publisher):
    headers = {"Retry-After": "Wed, 08 Jul 2026 12:05:00 GMT", "Date": "Wed, 08 Jul 2026 12:00:00 GMT"}
    publisher.script("/1", Reply(status=503, headers=headers))
    (found,) = fetched(feed_at(publisher.url()), publisher.url("/1"))
    assert found.retry_after == 5 * MINUTE
    assert datetime(2026, 7, 8, 12, tzinfo=UTC) == NOW
