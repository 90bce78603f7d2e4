"""Asking a publisher politely, and what is made of the answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds import fetch as fetching
from monitor.feeds.fetch import fetch
from monitor.feeds.redirects import is_same_site
from monitor.guard import door
from monitor.model import Document, Feed, FeedId, Fetched, Unchanged, Unreachable, Visits
from tests.serving import Proxy, Publisher, Reply, bomb, drip, hang, huge, redirect

NOW = datetime(2023, 7, 8, 13, 7, tzinfo=UTC)
RSS = b"<rss version='2.0'><channel><title>News</title></channel></rss>"
NEVER_BEFORE = Visits()


def feed_at(url: str, **fields: object) -> Feed:
    return Feed(**{"id": FeedId("news"), "url": url, "allow_private": True, **fields})


def fetched(feed: Feed, visits: Visits = NEVER_BEFORE, *, url: str | None = None) -> Fetched:
    async def run() -> Fetched:
        async with door(user_agent="media-monitor/1 (+https://monitor.example)") as way:
            return await fetch(way, feed, visits, url=url, now=NOW)

    return asyncio.run(run())


@pytest.fixture
def publisher():
    with Publisher() as site:
        yield site


# ------------------------------------------------------------------ the polite, conditional request


def test_the_first_visit_brings_the_document_and_its_validators(publisher):
    url = publisher.publish("/rss", RSS, etag='W/"a b"', last_modified="Sat, 8 Jul 2023 15:07:00 +0200")
    assert fetched(feed_at(url)) == Document(
        url=url,
        body=RSS,
        content_type="application/xml",
        etag='W/"a b"',
        last_modified="Sat, 8 Jul 2023 15:07:00 +0200",
    )
    (hit,) = publisher.hits
    assert hit.headers["User-Agent"] == "media-monitor/1 (+https://monitor.example)"
    assert "application/rss+xml" in hit.headers["Accept"]
    assert not {"if-none-match", "if-modified-since", "cookie", "referer"} & {name.lower() for name in hit.headers}


@pytest.mark.parametrize("etag", ['"abc"', 'W/"abc"', "abc", '"a;b--gzip"', '"é"', '"  two  spaces "'])
def test_a_validator_goes_back_byte_by_byte(publisher, etag):
    raw = etag.encode("latin-1")
    head = b"HTTP/1.1 200 OK\r\nETag: " + raw + b"\r\nLast-Modified: yesterday, roughly\r\nContent-Length: 0\r\n\r\n"
    publisher.script("/", Reply(raw=head), Reply(status=304))
    first = fetched(feed_at(publisher.url()))
    assert isinstance(first, Document)
    assert fetched(feed_at(publisher.url()), Visits(etag=first.etag, last_modified=first.last_modified)) == Unchanged()
    sent = publisher.hits[1].headers
    assert sent["If-None-Match"].encode("latin-1") == raw
    assert sent["If-Modified-Since"] == "yesterday, roughly"
    assert sent["A-IM"] == "feed"


def test_an_unchanged_feed_may_change_its_validators_and_ask_for_patience(publisher):
    headers = {"ETag": '"2"', "Last-Modified": "now", "Cache-Control": "max-age=7200", "Retry-After": "9000"}
    publisher.script("/", Reply(status=304, headers=headers))
    answer = fetched(feed_at(publisher.url()), Visits(etag='"1"'))
    assert answer == Unchanged(etag='"2"', last_modified="now", max_age=timedelta(seconds=9000))


def test_an_unchanged_that_nobody_asked_for_is_a_fault(publisher):
    publisher.script("/", Reply(status=304))
    answer = fetched(feed_at(publisher.url()))
    assert isinstance(answer, Unreachable)
    assert (answer.reason, answer.status) == ("status", 304)


def test_a_delta_is_a_document(publisher):
    publisher.script("/", Reply(status=226, headers={"IM": "feed", "ETag": '"2"'}, body=RSS))
    answer = fetched(feed_at(publisher.url()), Visits(etag='"1"'))
    assert isinstance(answer, Document)
    assert (answer.body, answer.etag, answer.is_delta) == (RSS, '"2"', True)


def test_what_link_headers_name_comes_with_the_document(publisher):
    named = {"Link": '<https://hub.example/>; rel="hub", </news>; rel=self'}
    publisher.script("/", Reply(body=RSS, headers=named))
    answer = fetched(feed_at(publisher.url()))
    assert isinstance(answer, Document)
    assert answer.links == (("hub", "https://hub.example/"), ("self", publisher.url("/news")))
    assert not answer.is_delta


def test_validators_belong_to_the_feeds_own_address(publisher):
    publisher.publish("/other", RSS)
    fetched(feed_at(publisher.url("/rss")), Visits(etag='"1"'), url=publisher.url("/other"))
    assert publisher.hits[0].headers["If-None-Match"] is None


def test_a_validator_too_long_for_a_request_is_not_kept(publisher):
    publisher.publish("/", RSS, etag='"' + "x" * 3000 + '"')
    assert fetched(feed_at(publisher.url())).etag is None


@pytest.mark.parametrize("body", [b"", b"<!doctype html><title>Gone fishing</title>", b"\0\1\2"])
def test_a_200_is_a_document_whatever_it_holds(publisher, body):
    publisher.publish("/", body, content_type=None)
    answer = fetched(feed_at(publisher.url()))
    assert isinstance(answer, Document)
    assert (answer.body, answer.content_type) == (body, None)


def test_a_packed_document_comes_unpacked(publisher):
    publisher.publish("/", RSS, packed=True)
    assert fetched(feed_at(publisher.url())).body == RSS


# ------------------------------------------------------------------ what a feed needs to be let in


def test_a_feed_is_asked_through_its_proxy_redirects_and_all(publisher):
    with Proxy(gazette_test=publisher.port) as proxy:
        publisher.publish("/rss", RSS)
        publisher.script("/", redirect("/rss", 301))
        feed = feed_at("http://gazette.test/", proxy=proxy.url(), allow_private=False, headers={"Cookie": "sid=1"})
        answer = fetched(feed)
        assert isinstance(answer, Document)
        assert (answer.body, answer.moved_to) == (RSS, "http://gazette.test/rss")
        assert [hit.path for hit in proxy.hits] == ["http://gazette.test/", "http://gazette.test/rss"]
        assert [hit.headers["Cookie"] for hit in publisher.hits] == ["sid=1"] * 2


def test_a_feeds_headers_go_to_its_own_site_only(publisher):
    with Publisher() as other:
        other.publish("/rss", RSS)
        publisher.script("/", redirect("/next"))
        publisher.script("/next", redirect(other.url("/rss")))
        answer = fetched(feed_at(publisher.url(), headers={"Authorization": "Bearer s3cret", "X-Plan": "gold"}))
        assert isinstance(answer, Document)
        assert [hit.headers["Authorization"] for hit in publisher.hits] == ["Bearer s3cret"] * 2
        assert other.hits[0].headers["Authorization"] is None
        assert other.hits[0].headers["X-Plan"] is None


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("http://a.test/other", True),
        ("https://a.test/rss", True),
        ("http://a.test:8080/rss", False),
        ("http://b.a.test/rss", False),
        ("http://a.test:x/rss", False),
    ],
)
def test_a_site_is_a_host_and_a_port_and_may_become_secure(url, may):
    assert is_same_site("http://a.test/rss", url) is may


def test_a_secret_site_never_becomes_an_open_one():
    assert not is_same_site("https://a.test/rss", "http://a.test/rss")


def test_the_user_in_an_address_is_sent_and_never_shown(publisher):
    publisher.publish("/rss", RSS)
    publisher.script("/", redirect("/rss", 301))
    publisher.script("/sick", Reply(status=401))
    me = publisher.url().replace("http://", "http://me:secret@")
    answer = fetched(feed_at(me))
    assert isinstance(answer, Document)
    assert (answer.url, answer.moved_to) == (publisher.url("/rss"), None)
    assert all(hit.headers["Authorization"] for hit in publisher.hits)
    refused = fetched(feed_at(me + "sick?key=abc"))
    assert "secret" not in str(refused)
    assert "abc" not in str(refused)


# ------------------------------------------------------------------ redirects


def test_permanent_redirects_tell_where_the_feed_lives_now(publisher):
    publisher.publish("/new", RSS, etag='"1"')
    publisher.script("/a", redirect("/b", 301))
    publisher.script("/b", redirect("new#top", 308))
    answer = fetched(feed_at(publisher.url("/a")))
    assert isinstance(answer, Document)
    assert (answer.url, answer.moved_to) == (publisher.url("/new"), publisher.url("/new"))
    again = fetched(feed_at(publisher.url("/a")), Visits(etag='"1"'))
    assert again == Unchanged(etag='"1"', moved_to=publisher.url("/new"))


@pytest.mark.parametrize("statuses", [(302,), (303,), (307,), (301, 302), (302, 301)])
def test_one_passing_redirect_among_them_means_that_the_feed_has_not_moved(publisher, statuses):
    for step, status in enumerate(statuses):
        publisher.script(f"/{step}", redirect(f"/{step + 1}", status))
    publisher.publish(f"/{len(statuses)}", RSS)
    answer = fetched(feed_at(publisher.url("/0")))
    assert isinstance(answer, Document)
    assert (answer.url, answer.moved_to) == (publisher.url(f"/{len(statuses)}"), None)


def test_five_redirects_are_followed_and_no_sixth(publisher):
    for step in range(6):
        publisher.script(f"/{step}", redirect(f"/{step + 1}"))
    publisher.publish("/6", RSS)
    assert isinstance(fetched(feed_at(publisher.url("/1"))), Document)
    answer = fetched(feed_at(publisher.url("/0")))
    assert isinstance(answer, Unreachable)
    assert answer.reason == "redirects"


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "address"),
        ("ftp://127.0.0.1/", "address"),
        ("http://[::1/", "address"),
        ("javascript:alert(1)", "address"),
        ("http://169.254.169.254/latest/meta-data/", "blocked"),
        ("/", "redirects"),
    ],
)
def test_a_redirect_leads_only_where_the_guard_lets_us(publisher, location, reason):
    publisher.script("/", redirect(location))
    answer = fetched(feed_at(publisher.url()))
    assert isinstance(answer, Unreachable)
    assert answer.reason == reason


def test_a_redirect_without_a_place_to_go_is_a_fault(publisher):
    publisher.script("/", Reply(status=302))
    assert fetched(feed_at(publisher.url())).status == 302


def test_a_redirect_may_be_written_in_utf8(publisher):
    publisher.publish("/%D0%B2%D0%B5%D1%81%D1%82%D0%B8", RSS)
    publisher.script("/", Reply(raw="HTTP/1.1 302 Found\r\nLocation: /вести\r\nContent-Length: 0\r\n\r\n".encode()))
    assert isinstance(fetched(feed_at(publisher.url())), Document)


# ------------------------------------------------------------------ faults


@pytest.mark.parametrize(
    ("status", "words"), [(404, "404 Not Found"), (410, "410 Gone"), (500, "500 Internal"), (599, "answered 599")]
)
def test_a_status_that_brings_nothing_is_told(publisher, status, words):
    publisher.script("/", Reply(status=status, headers={"Cache-Control": "max-age=60"}))
    answer = fetched(feed_at(publisher.url()))
    assert isinstance(answer, Unreachable)
    assert (answer.reason, answer.status, answer.max_age) == ("status", status, timedelta(seconds=60))
    assert words in answer.detail


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_may_say_when_to_come_back(publisher, status):
    headers = {"Retry-After": "Sat, 08 Jul 2023 13:00:00 GMT", "Date": "Sat, 08 Jul 2023 12:00:00 GMT"}
    publisher.script("/", Reply(status=status, headers=headers))
    assert fetched(feed_at(publisher.url())).retry_after == timedelta(hours=1)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [(huge(10_100_000), "too_big"), (bomb(11_000_000), "too_big"), (hang(), "timeout"), (drip(), "timeout")],
    ids=["huge", "bomb", "hang", "drip"],
)
def test_what_never_ends_is_ended(publisher, reply, reason, monkeypatch):
    monkeypatch.setattr(fetching, "DEADLINE", 1.0)
    publisher.script("/", reply)
    answer = fetched(feed_at(publisher.url()))
    assert isinstance(answer, Unreachable)
    assert answer.reason == reason


def test_the_deadline_is_for_all_hops_together(publisher, monkeypatch):
    monkeypatch.setattr(fetching, "DEADLINE", 0.5)
    for step in range(5):
        publisher.script(f"/{step}", Reply(status=302, headers={"Location": f"/{step + 1}"}, body=b"12", drip=0.1))
    assert fetched(feed_at(publisher.url("/0"))).reason == "timeout"


def test_a_private_address_is_reached_only_by_a_feed_that_may(publisher):
    publisher.publish("/", RSS)
    answer = fetched(feed_at(publisher.url(), allow_private=False))
    assert isinstance(answer, Unreachable)
    assert (answer.reason, publisher.hits) == ("blocked", ())
    assert fetched(feed_at("http://nowhere:x/")).reason == "address"
