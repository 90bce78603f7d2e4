"""Feeds that have moved for good: feeds.yaml follows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.app import load
from monitor.daemon.moved import Followed, follow
from monitor.model import FeedId
from monitor.store import Store
from tests.serving import redirect
from tests.world.town import Story, Town

NEW = "https://new.example/feed"


def config(folder: Path, feeds: str) -> Path:
    (folder / "rules").mkdir()
    (folder / "feeds.yaml").write_text(feeds)
    return folder


def test_what_is_written_keeps_every_comment_and_what_is_not_is_told_with_its_reason(tmp_path: Path) -> None:
    folder = config(tmp_path, "# ours\nfeeds:\n  - {id: a, url: 'https://a.example/'}  # mine\n")
    loaded = load(folder)
    assert follow(loaded, loaded.settings.feeds[FeedId("a")], NEW) == Followed()
    assert (folder / "feeds.yaml").read_text() == f'# ours\nfeeds:\n  - {{id: a, url: "{NEW}"}}  # mine\n'


def test_a_file_that_somebody_edits_is_left_alone(tmp_path: Path) -> None:
    folder = config(tmp_path, "feeds: [{id: a, url: 'https://a.example/'}]\n")
    loaded = load(folder)
    (folder / "feeds.yaml").write_text("feeds: [{id: a, url: 'https://a.example/'}, ")
    assert follow(loaded, loaded.settings.feeds[FeedId("a")], NEW) is None
    assert (folder / "feeds.yaml").read_text().endswith(", ")


def test_a_file_that_cannot_be_written_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = config(tmp_path, "feeds: [{id: a, url: '${A_FEED}'}, {id: b, url: 'https://b.example/'}]\n")
    monkeypatch.setenv("A_FEED", "https://a.example/")
    before, loaded = (folder / "feeds.yaml").read_text(), load(folder)
    made = follow(loaded, loaded.settings.feeds[FeedId("a")], NEW)
    assert made == Followed(refused="the url of a is made of a variable")
    (folder / "feeds.yaml").chmod(0o444)
    assert follow(loaded, loaded.settings.feeds[FeedId("b")], NEW) == Followed(refused="the file is read-only")
    assert (folder / "feeds.yaml").read_text() == before


def test_a_feed_that_redirects_for_good_is_followed_and_what_it_brought_is_known_at_its_new_address(
    tmp_path: Path,
) -> None:
    with Town(tmp_path) as town:
        town.watches("floods", "flood")
        town.publishes("gazette", Story(headline="Flood"))
        assert town.does("run", "--once") == 0
        body = town.publisher._published["/gazette.xml"].body
        new = town.publisher.publish("/new.xml", body, content_type="application/rss+xml")
        town.publisher.script("/gazette.xml", redirect(new, 301))
        sighted(tmp_path, new, times=2, ago=timedelta(hours=25))
        with town.daemon():
            town.waits_until(lambda: town.events("feed_moved"))
            town.waits_until(lambda: len(town.events("config_taken")) >= 3)
            asked = len(town.publisher.hits_at("/gazette.xml"))
            seen = len(town.publisher.hits_at("/new.xml"))
            town.waits_until(lambda: len(town.publisher.hits_at("/new.xml")) > seen + 1)
            assert len(town.publisher.hits_at("/gazette.xml")) <= asked + 1
        assert f'url: "{new}"' in (town.config / "feeds.yaml").read_text()
        assert town.events("config_rejected") == []
        assert town.told("floods") == ["Flood"]


def sighted(folder: Path, to: str, *, times: int, ago: timedelta) -> None:
    """Let the gazette's redirect have been met so often since so long ago."""
    store = Store(f"sqlite:///{folder}/var/monitor.db")
    with store.transaction() as tx:
        tx.feeds.fall_due(["gazette"])
        (claim,) = tx.feeds.claim(1)
        since = datetime.now(UTC) - ago  # noqa: TID251  as the daemon's own clock tells it
        tx.feeds.finish(
            claim, replace(claim.visits, moved_to=to, moved_at=since, moved_times=times), timedelta(seconds=1)
        )
    store.close()
