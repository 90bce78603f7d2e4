"""The daemon, fed the real documents over loopback HTTP."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.store import Store
from tests.world.town import Town

pytestmark = pytest.mark.corpus


@pytest.fixture
def documents(corpus: Path) -> list[Path]:
    return sorted(path for path in (corpus / "feeds").iterdir() if path.name != "index.csv")


def test_every_real_feed_is_polled_and_a_second_round_costs_only_304s(documents: list[Path], tmp_path: Path) -> None:
    with Town(tmp_path, max_lag="15m") as town:
        listed = []
        for n, path in enumerate(documents):
            url = town.publisher.publish(f"/{n}", path.read_bytes(), content_type=None)
            listed.append(f"  - {{id: feed-{n}, url: '{url}'}}\n")
        defaults = "defaults: {allow_private: true}\nfeeds:\n"
        (town.config / "feeds.yaml").write_text(defaults + "".join(listed))
        town._rules["common"] = '{"id": "common", "title": "Common", "match": "the OR der OR la OR de"}'
        rules = "\n".join(f"  - {rule}" for rule in town._rules.values())
        (town.config / "rules" / "town.yaml").write_text(f"version: 1\nrules:\n{rules}\n")

        assert town.monitor("run", "--once").wait(300) == 0, town.log()[-3000:]
        store = Store(f"sqlite:///{town.folder}/var/monitor.db")
        with store.reading() as tx:
            rows = tx.feeds.all()
            kept = tx.articles.count()
        assert len(rows) == len(documents)
        unread = {documents[int(row.id[5:])].name: row.visits.note for row in rows if row.visits.outcome != "read"}
        assert unread == {}, "a real feed could not be read"
        assert all(row.due_in is not None and row.due_in.total_seconds() > 60 for row in rows), "a feed is stuck"
        assert kept > 10 * len(documents)
        assert not town.events("poll_crashed")

        first = len(town.publisher.hits)
        with store.transaction() as tx:
            assert tx.feeds.fall_due([row.id for row in rows]) == len(documents)
        assert town.monitor("run", "--once").wait(300) == 0, town.log()[-3000:]
        with store.reading() as tx:
            assert {row.visits.outcome for row in tx.feeds.all()} == {"unchanged"}
            assert tx.articles.count() == kept
        store.close()
        second = town.publisher.hits[first:]
        assert len(second) == len(documents)
        assert all(hit.headers["if-none-match"] for hit in second)
