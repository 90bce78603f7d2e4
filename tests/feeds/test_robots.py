"""What a robots.txt lets us do, and how it is come by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.feeds import robots as rules
from monitor.feeds.hosts import Hosts
from monitor.feeds.pool import Pool
from monitor.feeds.robots import ALLOWED, LONGEST_GAP, Permission, Robots, permission, product
from monitor.guard import door
from monitor.model import Feed, FeedId, Unreachable
from tests.serving import Proxy, Publisher, Reply, hang, redirect, reset

NOW = datetime(2026, 7, 8, 12, tzinfo=UTC)
AGENT = "media-monitor/0.1 (+https://monitor.example)"


class Here(Pool):
    """A pool that does what it is given at once, so that a test need not wait for a process."""

    async def run(self, function, *args, limit=10.0):
        return function(*args)


def allowed(text: str, path: str = "/news/1") -> bool:
    return permission(text, f"https://gazette.example{path}", "media-monitor").allowed


@pytest.mark.parametrize(
    ("text", "path", "may"),
    [
        ("", "/a", True),
        ("<!doctype html><p>Not found, sorry</p>", "/a", True),
        ("User-agent: *\nDisallow: /private/", "/private/a", False),
        ("User-agent: *\nDisallow: /private/", "/public/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/news/1", True),
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/sport/1", False),
        ("User-agent: *\nDisallow: /*?print=", "/a?print=1", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf?x", True),
        ("User-agent: *\nDisallow: /вести", "/%D0%B2%D0%B5%D1%81%D1%82%D0%B8/1", False),
        ("User-agent: Media-Monitor\nDisallow: /\n\nUser-agent: *\nDisallow:", "/a", False),
        ("User-agent: media-monitor\nDisallow: /x\n\nUser-agent: *\nDisallow: /", "/a", True),
        ("User-agent: monitor\nDisallow: /", "/a", True),  # a part of our name is not our name
        ("User-agent: GPTBot\nUser-agent: CCBot\nDisallow: /", "/a", True),
        ("User-agent: *\r\ndisallow: /a # comment\r\n", "/a", False),
    ],
)
def test_the_group_of_our_name_counts_and_else_the_one_for_all(text: str, path: str, may: bool) -> None:
    assert allowed(text, path) is may


@pytest.mark.parametrize(
    ("delay", "gap"), [("5", 5), ("0.5", 0.5), ("-3", 0), ("soon", 0), ("1e300", LONGEST_GAP.total_seconds())]
)
def test_a_crawl_delay_is_kept_up_to_a_bound(delay: str, gap: float) -> None:
    text = f"User-agent: *\nCrawl-delay: {delay}"
    assert permission(text, "https://gazette.example/", "media-monitor") == Permission(
        allowed=True, gap=timedelta(seconds=gap)
    )


@given(st.text(), st.text(alphabet=st.characters(codec="ascii")))
def test_any_text_allows_or_forbids(text: str, path: str) -> None:
    assert allowed(text, "/" + path) in (True, False)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (AGENT, "media-monitor"),
        ("Gazette_Watch", "gazette_watch"),
        ("Mozilla/5.0 (compatible; DeskBot/2; +https://desk.example)", "deskbot"),
        ("2000", "*"),
    ],
)
def test_our_name_is_the_product_that_the_user_agent_begins_with(user_agent: str, name: str) -> None:
    assert product(user_agent) == name


# ------------------------------------------------------------------ how it is come by


def feed_at(url: str, **given: object) -> Feed:
    return Feed(**{"id": FeedId("gazette"), "url": url, "allow_private": True, "host_gap": timedelta(), **given})


def asked(feed: Feed, *visits: tuple[str, datetime]) -> list[Permission | Unreachable]:
    """Return what is permitted at each of *visits*: an address, and when it is asked for."""

    async def all_of_them() -> list[Permission | Unreachable]:
        async with door(user_agent=AGENT) as way:
            robots = Robots(way, Hosts(), Here(), user_agent=AGENT)
            return [await robots.permission(feed, url, at) for url, at in visits]

    return asyncio.run(all_of_them())


@pytest.fixture
def publisher():
    with Publisher() as site:
        yield site


def test_a_robots_txt_is_fetched_once_a_day_for_a_whole_site(publisher):
    publisher.publish("/robots.txt", "User-agent: *\nDisallow: /b", content_type="text/plain")
    feed = feed_at(publisher.url("/feed.xml"))
    hours = timedelta(hours=1)
    found = asked(feed, *((publisher.url(path), NOW + n * hours) for n, path in [(0, "/a"), (1, "/b"), (23, "/a")]))
    assert [each.allowed for each in found] == [True, False, True]
    (hit,) = publisher.hits
    assert (hit.path, hit.headers["User-Agent"]) == ("/robots.txt", AGENT)
    asked(feed, (publisher.url("/a"), NOW), (publisher.url("/a"), NOW + 24 * hours))
    assert len(publisher.hits) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_site_without_a_robots_txt_allows_everything(publisher, status):
    publisher.script("/robots.txt", Reply(status=status, body=b"User-agent: *\nDisallow: /"))
    assert asked(feed_at(publisher.url()), (publisher.url("/a"), NOW)) == [ALLOWED]


@pytest.mark.parametrize("reply", [Reply(status=500), Reply(status=503), Reply(status=429), reset(), hang()])
def test_a_site_whose_robots_txt_fails_allows_nothing_for_now(publisher, reply, monkeypatch):
    monkeypatch.setattr(rules, "DEADLINE", 0.3)
    publisher.script("/robots.txt", reply, Reply(status=404))
    soon, later = NOW + timedelta(minutes=4), NOW + timedelta(minutes=6)
    first, second, third = asked(feed_at(publisher.url()), *((publisher.url("/a"), at) for at in (NOW, soon, later)))
    assert isinstance(first, Unreachable)
    assert first.detail.startswith("robots.txt")
    assert (second, third) == (first, ALLOWED)


def test_a_mark_before_the_first_line_is_not_part_of_it(publisher):
    publisher.publish("/robots.txt", b"\xef\xbb\xbfUser-agent: *\nDisallow: /a")
    assert asked(feed_at(publisher.url()), (publisher.url("/a"), NOW)) == [Permission(allowed=False)]


def test_a_robots_txt_may_be_somewhere_else(publisher):
    with Publisher() as other:
        other.publish("/rules", "User-agent: *\nDisallow: /", content_type="text/plain")
        publisher.script("/robots.txt", redirect("/1", 301))
        publisher.script("/1", redirect(other.url("/rules")))
        (found,) = asked(feed_at(publisher.url()), (publisher.url("/a"), NOW))
        assert found == Permission(allowed=False)


def test_a_robots_txt_beyond_measure_allows_nothing_for_now(publisher):
    publisher.publish("/robots.txt", b"# \n" * 300_000)
    (found,) = asked(feed_at(publisher.url()), (publisher.url("/a"), NOW))
    assert isinstance(found, Unreachable)
    assert found.reason == "too_big"


def test_many_who_ask_at_once_share_one_fetch(publisher):
    publisher.publish("/robots.txt", "User-agent: *\nDisallow: /b")

    async def all_of_them() -> list[Permission | Unreachable]:
        async with door(user_agent=AGENT) as way:
            robots = Robots(way, Hosts(), Here(), user_agent=AGENT)
            feed = feed_at(publisher.url())
            return await asyncio.gather(*(robots.permission(feed, publisher.url(f"/{n}"), NOW) for n in range(20)))

    assert asyncio.run(all_of_them()) == [ALLOWED] * 20
    assert len(publisher.hits) == 1


def test_what_is_remembered_is_bounded(publisher, monkeypatch):
    monkeypatch.setattr(rules, "MOST_SITES", 3)
    monkeypatch.setattr(rules, "MOST_TEXT", 1000)
    long: Callable[[int], str] = lambda size: "User-agent: *\nDisallow: /x" + "x" * size  # noqa: E731
    publisher.publish("/robots.txt", long(10))

    async def all_of_them() -> tuple[int, int]:
        async with door(user_agent=AGENT) as way:
            robots = Robots(way, Hosts(), Here(), user_agent=AGENT)
            for n in range(10):
                feed = feed_at(f"http://{n}.test/", proxy=proxy.url(), allow_private=False)
                await robots.permission(feed, f"http://{n}.test/a", NOW)
            many = len(robots)
            publisher.publish("/robots.txt", long(900))
            for n in range(10, 12):
                feed = feed_at(f"http://{n}.test/", proxy=proxy.url(), allow_private=False)
                await robots.permission(feed, f"http://{n}.test/a", NOW)
            return many, len(robots)

    with Proxy(**{f"{n}_test": publisher.port for n in range(12)}) as proxy:
        assert asyncio.run(all_of_them()) == (3, 1)
