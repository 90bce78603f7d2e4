"""Papers that print summaries, and the pages that say the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model import Article
from monitor.store import Store
from monitor.store.claims import LEASE
from tests.serving import Reply
from tests.world.town import Story, Town, page

DAM = (
    "The old dam above the valley was inspected by engineers on Monday, and cracks were found in its wall.\n\n"
    "The minister said that repairs would begin at once, and that nobody needed to leave the valley for now."
)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def kept(town: Town) -> dict[str | None, Article]:
    """What is kept, by headline, once nothing waits for its page."""
    store = Store(f"sqlite:///{town.folder}/var/monitor.db")
    with store.reading() as tx:
        assert tx.pages.count() == 0
        found = {article.headline: article for article in tx.articles.since(datetime(2000, 1, 1, tzinfo=UTC))}
    store.close()
    return found


def time_passes(town: Town, span: timedelta) -> None:
    """Make due what is due when *span* has gone by."""
    late = Store(f"sqlite:///{town.folder}/var/monitor.db", offset=span)
    with late.transaction() as tx:
        for claim in tx.pages.claim(99):
            tx.pages.leave_due(claim)
    late.close()


def test_a_rule_finds_what_only_the_page_says(town: Town) -> None:
    with town:
        town.watches("dams", "cracks AND repairs")
        town.publishes("gazette", Story(headline="Engineers visit the valley", text="They stayed for a day.", page=DAM))
        with town.daemon():
            town.waits_until(lambda: town.told("dams") == ["Engineers visit the valley"], 90)
        article = kept(town)["Engineers visit the valley"]
        assert (article.lede, article.body) == ("They stayed for a day.", tuple(DAM.split("\n\n")))
        (event,) = town.events("page_read")
        assert (event["feed"], event["article"], event["alerts"]) == ("gazette", article.id, 1)


def test_what_the_page_says_can_keep_an_alert_back(town: Town) -> None:
    with town:
        town.watches("floods", "flood AND NOT simulation")
        town.publishes(
            "gazette",
            Story(
                headline="Flood in the valley",
                text="Houses were emptied.",
                page=DAM + " It was a simulation.",
            ),
            Story(
                headline="Flood on the plain",
                text="Fields were lost.",
                page=DAM,
            ),
        )
        assert town.does("run", "--once") == 0
        assert town.told("floods") == ["Flood on the plain"]


def test_pages_that_cannot_be_had_leave_what_the_feed_says(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        town.forbids("/gazette/0")
        wall = "<html><head><title>Log in</title></head><body><p>To read on, log in.</p></body></html>"
        town.publishes(
            "gazette",
            Story(headline="Flood and a forbidden page", page=DAM),
            Story(headline="Flood and no page", page=Reply(status=404)),
            Story(headline="Flood and a picture", page=Reply(headers={"Content-Type": "image/png"}, body=b"PNG")),
            Story(headline="Flood and a wall", page=Reply(headers={"Content-Type": "text/html"}, body=wall.encode())),
        )
        assert town.does("run", "--once") == 0
        assert sorted(town.told("floods")) == sorted(headline or "" for headline in kept(town))
        assert {article.lede for article in kept(town).values()} == {"The river rose by two metres."}
        outcomes = sorted(event["outcome"] for event in town.events("page_not_read"))
        assert outcomes == ["robots", "status", "type", "wall"]
        assert town.publisher.hits_at("/gazette/0.html") == ()


def test_a_page_that_fails_now_is_put_off_and_read_later(town: Town) -> None:
    with town:
        town.watches("dams", "cracks")
        town.publishes("gazette", Story(headline="Engineers visit the valley", page=Reply(status=503)))
        assert town.does("run", "--once") == 0
        assert town.told("dams") == []
        (event,) = town.events("page_not_read")
        assert (event["outcome"], event["again_in"]) == ("status", "0:00:30")
        town.publisher.publish("/gazette/0.html", page(Story(headline="V", page=DAM)), content_type="text/html")
        time_passes(town, timedelta(minutes=1))
        assert town.does("run", "--once") == 0
        assert town.told("dams") == ["Engineers visit the valley"]


def test_of_a_first_poll_only_what_may_be_told_is_worth_a_page(town: Town) -> None:
    with town:
        town.watches("dams", "cracks")
        old = datetime.now(UTC) - timedelta(days=3)  # noqa: TID251  a paper has its own clock
        town.publishes(
            "gazette", Story(headline="An old visit", page=DAM, at=old), Story(headline="A new visit", page=DAM)
        )
        assert town.does("run", "--once") == 0
        assert town.told("dams") == ["A new visit"]
        assert town.publisher.hits_at("/gazette/0.html") == ()
        (event,) = town.events("polled")
        assert (event["new"], event["short"]) == (2, 1)


def test_a_killed_daemon_still_owes_every_page(town: Town) -> None:
    with town:
        town.watches("dams", "cracks")
        town.publishes("gazette", Story(headline="Engineers visit the valley", page=Reply(hang=True)))
        process = town.monitor("run", "--no-console")
        town.waits_until(lambda: town.publisher.hits_at("/gazette/0.html"), 90)
        process.kill()
        process.wait()
        town.publisher.publish("/gazette/0.html", page(Story(headline="V", page=DAM)), content_type="text/html")
        time_passes(town, LEASE)
        assert town.does("run", "--once") == 0
        assert town.told("dams") == ["Engineers visit the valley"]
