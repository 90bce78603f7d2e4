"""A feed's health as an operator knows it: at the desk, in the log, in the numbers."""

from __future__ import annotations

import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from monitor.model import Health
from monitor.store import Store
from tests.serving import PATIENCE
from tests.world.town import Town


def test_a_paper_that_closes_is_told_of_at_the_desk_once(tmp_path: Path) -> None:
    with Town(tmp_path) as town:
        town.publishes("gazette")
        town.publishes("herald")
        assert town.does("run", "--once") == 0
        store = Store(f"sqlite:///{tmp_path}/var/monitor.db")
        with store.transaction() as tx:  # the herald has been in trouble for an hour
            tx.feeds.fall_due(["herald"])
            (claim,) = tx.feeds.claim(1, ["herald"])
            seen = claim.visits.succeeded_at
            assert seen is not None
            ill = replace(claim.visits, succeeded_at=seen - timedelta(hours=1), failures=2, weight=2.0)
            tx.feeds.finish(claim, ill, timedelta())
        town.publisher.withdraw("/herald.xml")
        process = town.monitor("run")
        town.waits_until(lambda: [body for _, body in town.letters() if body["type"] == "feed.health"])
        town.waits_until(lambda: len(town.events("polled")) > 5)
        (data,) = [body["data"] for _, body in town.letters() if body["type"] == "feed.health"]
        assert (data["feed"]["id"], data["state"], data["before"], data["failures"]) == ("herald", "failing", "ok", 3)
        assert "404 Not Found" in data["fault"]
        (changed,) = town.events("feed_changed")
        assert (changed["level"], changed["feed"], changed["state"]) == ("warning", "herald", "failing")
        url = town.events("console_listening")[0]["url"]
        with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
            assert 'monitor_feeds{state="ok"}' in answer.read().decode()
        process.terminate()
        assert process.wait(PATIENCE) == 0
        with store.reading() as tx:
            assert tx.feeds.by_health() == {Health.OK: 1, Health.FAILING: 1}
        store.close()
