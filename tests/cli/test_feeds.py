"""`monitor feeds`: what is read, and how it fares."""

from __future__ import annotations

import re
import stat
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from monitor.model import FeedId, Rhythm, Subscription, SubscriptionState
from monitor.settings import load
from monitor.store import Store
from tests.cli.conftest import Shell
from tests.serving import Reply
from tests.world.town import Story, Town, rss

PAGE = """<!doctype html><html><head><title>Gazette</title>
<link rel="alternate" type="application/rss+xml" title="Gazette comments" href="/comments/feed.xml">
<link rel="alternate" type="application/rss+xml" title="Gazette" href="/gazette.rss"></head><body></body></html>"""


def feeds_of(town: Town) -> dict[str, str]:
    return {feed.id: feed.url for feed in load(town.config).feeds.values()}


@pytest.fixture
def gazette(town: Town) -> str:
    """The address of a paper that feeds.yaml does not have."""
    feed = rss("The Gazette", [Story(headline="Flood in town"), Story(headline="Fire in town")])
    return town.publisher.publish("/gazette.rss", feed)


# ------------------------------------------------------------------ list, export


def test_the_list_shows_what_feeds_yaml_says_with_its_defaults(monitor: Shell, town: Town) -> None:
    (town.config / "feeds.yaml").write_text(
        "defaults: {language: sr, max_lag: 5m}\nfeeds:\n"
        "  - {id: b92, url: 'https://watcher:hunter2@b92.example/rss?token=abcdef', outlet: B92, country: rs}\n"
    )
    (feed,) = monitor.json("feeds", "list")
    assert (feed["id"], feed["language"], feed["country"], feed["max_lag_seconds"]) == ("b92", "sr", "RS", 300)
    assert (feed["full_text"], feed["host_gap_seconds"]) == (False, 1)
    table = monitor("feeds", "list").stdout
    assert "5 min" in table
    assert "hunter2" not in table + feed["url"]
    assert "abcdef" not in table + feed["url"]


def test_without_feeds_the_list_says_what_to_do(monitor: Shell, town: Town) -> None:
    assert monitor("feeds", "list").stdout == "no feeds yet; add one with: monitor feeds add URL\n"


def test_what_is_exported_can_be_imported_elsewhere(monitor: Shell, town: Town, tmp_path: Path) -> None:
    town.publishes("gazette")
    town.publishes("herald")
    (tmp_path / "feeds.opml").write_text(monitor("feeds", "export").stdout)
    assert etree.parse(tmp_path / "feeds.opml").getroot().tag == "opml"
    before = feeds_of(town)
    assert monitor("feeds", "import", tmp_path / "feeds.opml").stdout == "added 0 feeds, 2 were there already\n"
    (town.config / "feeds.yaml").write_text("# mine\nfeeds: []\n")
    assert monitor("feeds", "import", tmp_path / "feeds.opml").stdout == "added 2 feeds\n"
    assert feeds_of(town) == before
    assert (town.config / "feeds.yaml").read_text().startswith("# mine\n")


def test_an_imported_feed_does_not_take_the_id_of_another(monitor: Shell, town: Town, tmp_path: Path) -> None:
    (town.config / "feeds.yaml").write_text("feeds:\n  - {id: gazette, url: 'https://other.example/'}\n")
    (tmp_path / "feeds.opml").write_text(
        '<opml><body><outline text="Balkans"><outline text="Gazette" xmlUrl="https://g.example/"/></outline></body></opml>'
    )
    assert monitor("feeds", "import", tmp_path / "feeds.opml").exit_code == 0
    assert feeds_of(town) == {"gazette": "https://other.example/", "gazette-2": "https://g.example/"}
    assert load(town.config).feeds["gazette-2"].labels == {"folder": "Balkans"}


@pytest.mark.parametrize(("text", "code"), [("<opml><body/></opml>", 3), ("no list at all", 3), (None, 3)])
def test_a_file_that_lists_no_feeds_is_code_3(
    monitor: Shell, town: Town, tmp_path: Path, text: str | None, code: int
) -> None:
    if text is not None:
        (tmp_path / "feeds.opml").write_text(text)
    result = monitor("feeds", "import", tmp_path / "feeds.opml")
    assert result.exit_code == code
    assert result.stderr.startswith(f"error: {tmp_path / 'feeds.opml'}: ")


# ------------------------------------------------------------------ add, remove


def test_a_feed_is_added_under_its_own_title_and_every_comment_stays(monitor: Shell, town: Town, gazette: str) -> None:
    before = (
        "# mine\r\ndefaults: {allow_private: true}   # loopback\r\n"
        "feeds:\r\n  - {id: n1, url: 'http://n1.example/'}\r\n# end"
    )
    (town.config / "feeds.yaml").write_bytes(b"\xef\xbb\xbf" + before.encode())
    result = monitor("feeds", "add", gazette, "--country", "RS")
    assert result.stdout == f"added the-gazette: {gazette}, 2 articles listed now\n"
    after = (town.config / "feeds.yaml").read_bytes().decode()
    line = f'  - {{id: the-gazette, url: "{gazette}", outlet: "The Gazette", country: RS}}\r\n'
    assert after == "\ufeff" + before.replace("# end", f"{line}# end")


@pytest.mark.parametrize(
    "title", ["Gazette &amp;amp; Sons", "<![CDATA[<b>Gazette</b> &amp; Sons]]>", "Gazette &amp; Sons"]
)
def test_a_title_is_taken_as_people_read_it(monitor: Shell, town: Town, title: str) -> None:
    body = f"<rss version='2.0'><channel><title>{title}</title></channel></rss>"
    assert monitor("feeds", "add", town.publisher.publish("/rss.xml", body)).exit_code == 0
    assert load(town.config).feeds["gazette-sons"].outlet == "Gazette & Sons"


def test_the_feed_behind_a_page_is_found(monitor: Shell, town: Town, gazette: str) -> None:
    page = town.publisher.publish("/", PAGE, content_type="text/html")
    result = monitor("feeds", "add", page, "--id", "mine", "--outlet", "My Gazette", "--language", "en")
    assert result.exit_code == 0
    assert feeds_of(town) == {"mine": gazette}
    assert load(town.config).feeds["mine"].outlet == "My Gazette"
    more = f"the page names more:\n  {town.publisher.url('/comments/feed.xml')}  (Gazette comments)\n"
    assert result.stdout.endswith(f"1 article listed now\n{more}".replace("1 article", "2 articles"))
    assert more.strip() in monitor("feeds", "add", page).stderr, "also where the first is there already"


def test_a_feed_that_has_moved_for_good_is_added_where_it_is_now(monitor: Shell, town: Town, gazette: str) -> None:
    old = town.publisher.script("/old", Reply(status=301, headers={"Location": gazette}))
    assert monitor("feeds", "add", old).exit_code == 0
    assert feeds_of(town) == {"the-gazette": gazette}


def test_a_private_address_is_refused_unless_allowed(monitor: Shell, town: Town, gazette: str) -> None:
    (town.config / "feeds.yaml").write_text("feeds: []\n")
    refused = monitor("feeds", "add", gazette)
    assert (refused.exit_code, feeds_of(town)) == (3, {})
    assert "may not be reached" in refused.stderr
    assert monitor("feeds", "add", gazette, "--allow-private").exit_code == 0
    assert load(town.config).feeds["the-gazette"].allow_private


def test_of_a_page_without_a_feed_the_news_sitemap_is_found_by_its_robots_txt(monitor: Shell, town: Town) -> None:
    site = town.publisher
    page = site.publish("/news/", "<html><body>Nothing here</body></html>", content_type="text/html")
    spaces = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
    pages = site.publish("/pages.xml", f"<urlset {spaces}><url><loc>{site.url('/about')}</loc></url></urlset>")
    news = site.publish(
        "/today-news.xml",
        f"<urlset {spaces} xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>{site.url('/1')}</loc>"
        "<n:news><n:publication><n:name>The Gazette</n:name></n:publication><n:title>Flood</n:title></n:news></url>"
        "</urlset>",
    )
    parts = "".join(f"<sitemap><loc>{each}</loc></sitemap>" for each in (pages, news))
    index = site.publish("/index.xml", f"<sitemapindex {spaces}>{parts}</sitemapindex>")
    site.publish("/robots.txt", f"User-agent: *\nDisallow:\nSitemap: {index}\n", content_type="text/plain")
    assert monitor("feeds", "add", page).stdout == f"added the-gazette: {news}, 1 article listed now\n"
    assert not site.hits_at("/pages.xml"), "the one that is named after news goes first"
    there = monitor("feeds", "add", index)
    assert (there.exit_code, there.stderr) == (2, f"error: {news} is in feeds.yaml already, as the-gazette\n")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html><body>Nothing here</body></html>", "this is a web page, not a feed; it names no feed either"),
        (PAGE, "what it and its robots.txt name cannot be read: "),
        (None, "answered 404"),
    ],
)
def test_an_address_without_a_feed_is_code_3_and_nothing_is_written(
    monitor: Shell, town: Town, body: str | None, says: str
) -> None:
    if body is not None:
        town.publisher.publish("/page", body, content_type="text/html")
    before = (town.config / "feeds.yaml").read_bytes()
    result = monitor("feeds", "add", town.publisher.url("/page"))
    assert result.exit_code == 3
    assert says in result.stderr
    assert (town.config / "feeds.yaml").read_bytes() == before


def test_what_is_no_address_of_the_web_is_code_2(monitor: Shell, town: Town) -> None:
    result = monitor("feeds", "add", "ftp://gazette.example/")
    assert (result.exit_code, "no web address" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--id", "The Gazette"], '"The Gazette" is no id'),
        (["--timezone", "Mars"], '"Mars" is no time zone'),
        (["--country", "Serbia"], '"Serbia" is no country'),
    ],
)
def test_what_would_not_load_is_not_written(
    monitor: Shell, town: Town, gazette: str, arguments: list[str], says: str
) -> None:
    result = monitor("feeds", "add", gazette, *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert feeds_of(town) == {}


def test_an_address_that_is_there_already_is_not_added_twice(monitor: Shell, town: Town, gazette: str) -> None:
    monitor("feeds", "add", gazette)
    result = monitor("feeds", "add", gazette, "--id", "again")
    assert result.exit_code == 2
    assert "is in feeds.yaml already, as the-gazette" in result.stderr


def test_where_the_file_is_read_only_the_line_to_add_is_printed(monitor: Shell, town: Town, gazette: str) -> None:
    path = town.config / "feeds.yaml"
    path.chmod(0o444)
    result = monitor("feeds", "add", gazette)
    assert result.exit_code == 3
    assert f'add under `feeds:`\n  - {{id: the-gazette, url: "{gazette}"' in result.stderr
    path.chmod(0o644)
    town.publishes("herald")
    path.chmod(0o444)
    assert "take the feed herald out by hand" in monitor("feeds", "remove", "herald").stderr


def test_where_the_folder_cannot_be_written_the_line_to_add_is_printed(
    monitor: Shell, town: Town, gazette: str, tmp_path: Path
) -> None:
    (town.config / "feeds.yaml").unlink()
    (town.config / "feeds.yaml").symlink_to("/proc/nowhere/feeds.yaml")
    result = monitor("feeds", "add", gazette, "--allow-private")
    assert result.exit_code == 3
    assert f'add under `feeds:`\n  - {{id: the-gazette, url: "{gazette}"' in result.stderr


def test_a_feed_is_removed_and_every_comment_stays(monitor: Shell, town: Town) -> None:
    path = town.config / "feeds.yaml"
    path.write_text("feeds:\n  # one\n  - {id: n1, url: 'http://n1.example/'}\n  # two\n")
    path.chmod(0o640)
    assert monitor("feeds", "remove", "n1").stdout == "removed n1\n"
    assert path.read_text() == "feeds: []\n  # one\n  # two\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [each.name for each in town.config.iterdir() if each.name.startswith(".")] == []


def test_a_feed_that_is_not_there_is_code_2_and_the_nearest_is_named(monitor: Shell, town: Town) -> None:
    town.publishes("gazette")
    for command in ("remove", "poll"):
        result = monitor("feeds", command, "gazete")
        assert result.exit_code == 2
        assert 'unknown feed "gazete"; did you mean "gazette"?' in result.stderr


# ------------------------------------------------------------------ poll, health


def test_a_poll_fetches_at_once_whatever_the_schedule_says(monitor: Shell, town: Town, memory: Store) -> None:
    town.max_lag = "7d"
    town.watches("floods", "flood")
    town.publishes("gazette", Story(headline="Flood in town"))
    assert monitor.json("feeds", "poll") == [
        {"id": "gazette", "outcome": "read", "listed": 1, "new": 1, "alerts": 1, "note": None}
    ]
    town.publishes("gazette", Story(headline="Flood over"))
    result = monitor("feeds", "poll", "gazette")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[2].split() == ["gazette", "read", "2", "1", "1"]
    assert town.receiver.hits == ()
    with memory.reading() as tx:
        assert tx.outbox.pending() == 2
    assert monitor("run", "--once").exit_code == 0
    assert sorted(town.told("floods")) == ["Flood in town", "Flood over"]


def test_a_poll_of_one_feed_leaves_the_others_alone(monitor: Shell, town: Town) -> None:
    town.publishes("gazette")
    town.publishes("herald")
    assert [each["id"] for each in monitor.json("feeds", "poll", "herald")] == ["herald"]
    assert town.publisher.hits_at("/gazette.xml") == ()


def test_a_feed_that_cannot_be_read_is_code_3_after_the_others_were_polled(monitor: Shell, town: Town) -> None:
    town.publishes("gazette", Story(headline="Flood in town"))
    town.publishes("herald")
    town.publisher.withdraw("/herald.xml")
    result = monitor("feeds", "poll")
    assert result.exit_code == 3
    assert "404" in result.stdout
    assert result.stdout.splitlines()[2].split()[:3] == ["gazette", "read", "1"]


def test_a_feed_whose_host_wants_to_be_left_alone_is_not_asked_and_is_code_3(monitor: Shell, town: Town) -> None:
    town.publishes("gazette")
    town.publisher.script("/gazette.xml", Reply(status=429, headers={"Retry-After": "3600"}))
    assert monitor("feeds", "poll", "gazette").exit_code == 3
    again = monitor("feeds", "poll", "gazette")
    assert (again.exit_code, again.stdout) == (3, "")
    assert re.fullmatch(r"gazette: 127\.0\.0\.1:\d+ wants to be left alone for 6\d min\n", again.stderr)
    assert len(town.publisher.hits) == 1


def test_health_tells_the_new_the_good_and_the_failing_and_trouble_stands_on_top(monitor: Shell, town: Town) -> None:
    for paper in ("gazette", "herald", "observer"):
        town.publishes(paper)
    town.publisher.withdraw("/herald.xml")
    assert {each["state"] for each in monitor.json("feeds", "health")} == {"new"}
    monitor("feeds", "poll", "gazette")
    monitor("feeds", "poll", "herald")
    herald, observer, gazette = monitor.json("feeds", "health")
    assert (gazette["state"], herald["state"], observer["state"]) == ("ok", "failing", "new")
    assert gazette["last_success_at"].endswith("Z")
    assert (herald["failures"], herald["last_success_at"]) == (1, None)
    assert "404" in herald["note"]
    assert "failing" in monitor("feeds", "health").stdout


@pytest.mark.parametrize(("days", "told"), [(0.01, None), (0.5, 1440.0)])
def test_health_tells_of_a_rhythm_when_it_is_known_for_some_hours(
    monitor: Shell, town: Town, memory: Store, days: float, told: float | None
) -> None:
    town.publishes("gazette")
    monitor("feeds", "poll")
    with memory.transaction() as tx:
        tx.feeds.fall_due(["gazette"])
        (claim,) = tx.feeds.claim(1)
        heard = replace(claim.visits, rhythm=Rhythm(per_day=1440, days=days))
        tx.feeds.finish(claim, heard, timedelta())
    assert monitor.json("feeds", "health")[0]["items_a_day"] == told


def test_health_tells_of_silence_of_gaps_and_of_what_has_moved(monitor: Shell, town: Town, memory: Store) -> None:
    town.publishes("gazette")
    town.publishes("herald")
    monitor("feeds", "poll")
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    with memory.transaction() as tx:
        tx.feeds.fall_due(["gazette", "herald"])
        gazette, herald = tx.feeds.claim(2)
        quiet = replace(gazette.visits, brought_at=long_ago, rhythm=Rhythm(per_day=2.34, days=9), gap_at=long_ago)
        tx.feeds.finish(gazette, quiet, timedelta(hours=2))
        moved = {"moved_to": "https://new.example/rss", "moved_at": long_ago, "moved_times": 3}
        tx.feeds.finish(herald, replace(herald.visits, **moved), timedelta())
        told = Subscription(feed=FeedId("gazette"), hub="https://hub.example/", topic="https://x.example/")
        tx.subscriptions.add(told)
        active = {"state": SubscriptionState.ACTIVE, "leased_until": long_ago}
        tx.subscriptions.add(replace(told, feed=FeedId("herald"), **active))
    first, second = monitor.json("feeds", "health")
    assert (first["id"], first["state"], first["moved_to"]) == ("herald", "moved", "https://new.example/rss")
    assert (second["state"], second["since"], second["items_a_day"]) == ("stale", "2020-01-01T00:00:00Z", 2.3)
    assert (first["push"], second["push"]) == ("lapsed", "wanted")
    table = monitor("feeds", "health").stdout
    assert "redirects for good to https://new.example/rss" in table
    assert "nothing new for" in table
    assert "items may be missing before 2020-01-01T00:00:00Z" in table
