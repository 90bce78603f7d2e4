"""A story is told once: what becomes of copies on their way to an alert, on both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from monitor.articles.edits import corrected
from monitor.model import Article, ChannelId, FeedId
from monitor.rules.load import load
from monitor.store import Store
from monitor.study import backtest
from monitor.tell import Told, Watch, tell
from tests.bench.copies import in_latin, in_serbian
from tests.build import NOON, article, sighting
from tests.prose import sentences

RULES = load(
    {
        "rules/x.yaml": "version: 1\nrules:\n"
        "  - {id: floods, title: Floods, match: flood}\n"
        "  - {id: each-flood, title: Each flood, match: flood, story: every}\n"
    },
    channels=[ChannelId("desk")],
)
WATCH = Watch(rules=RULES, default_channel=ChannelId("desk"), alert_new_within=timedelta(hours=24))
FIRST = article(
    "Flood in Dravogorje",
    url="https://gazette.example/1",
    lede="A flood has cut off the town of Dravogorje since Thursday night, the mayor said.",
    body=sentences("flood", 8),
    outlet="Gazette",
)
COPY = replace(
    article("Town cut off", url="https://courier.example/9", lede=FIRST.lede, body=FIRST.body[:3]),
    outlet="Courier",
    feed=FeedId("courier"),
)
OTHER = replace(
    article("Flood in Lorvik", url="https://echo.example/3", lede="A flood took a bridge."),
    outlet="Echo",
    feed=FeedId("echo"),
)


def bring(store: Store, told: Sequence[Article], now: datetime = NOON) -> Told:
    with store.transaction() as tx:
        fresh = tx.articles.add(told[0].feed or FeedId("gazette"), [sighting(each) for each in told], now)
        return tell(tx, fresh, WATCH, baseline=False, now=now)


def headlines(told: Told, rule: str) -> list[object]:
    return [alert.data["article"]["headline"] for alert in told.alerts if alert.rule_id == rule]


@pytest.fixture
def first(store: Store) -> Told:
    return bring(store, [FIRST])


def test_a_copy_in_another_paper_is_folded_and_counted(store: Store, first: Told) -> None:
    assert headlines(first, "floods") == ["Flood in Dravogorje"]
    told = bring(store, [COPY])
    assert headlines(told, "floods") == []
    assert told.folded == {"folded into its story": 1}


def test_who_wants_every_article_is_told_of_copies_and_of_how_many_there_are(store: Store, first: Told) -> None:
    assert [alert.data["story"] for alert in first.alerts] == [
        {"id": FIRST.id, "articles": 1, "outlets": ["Gazette"]},
        {"id": FIRST.id, "articles": 1, "outlets": ["Gazette"]},
    ]
    told = bring(store, [COPY])
    assert headlines(told, "each-flood") == ["Town cut off"]
    (alert,) = told.alerts
    assert alert.story_id == FIRST.id
    assert alert.data["story"] == {"id": FIRST.id, "articles": 2, "outlets": ["Gazette", "Courier"]}


def test_something_else_under_the_same_words_is_told(store: Store, first: Told) -> None:
    assert headlines(bring(store, [OTHER]), "floods") == ["Flood in Lorvik"]


def test_two_copies_in_one_document_are_told_once(store: Store) -> None:
    told = bring(store, [FIRST, replace(COPY, feed=FIRST.feed)])
    assert headlines(told, "floods") == ["Flood in Dravogorje"]
    assert told.folded == {"folded into its story": 1}
    assert {alert.data["story"]["articles"] for alert in told.alerts} == {2}


def test_the_same_article_in_another_feed_was_told_before(store: Store, first: Told) -> None:
    told = bring(store, [replace(FIRST, feed=FeedId("courier"))])
    assert (told.alerts, told.folded) == ((), {"told before": 2})


def test_an_edit_of_a_copy_is_folded_like_the_copy(store: Store, first: Told) -> None:
    bring(store, [COPY])
    with store.transaction() as tx:
        was = tx.articles.find(COPY.id)
        assert was is not None
        edit = corrected(was, replace(was, lede="A flood has cut off the town, and so has a storm."), body=True)
        assert edit is not None
        told = tell(tx, (), WATCH, edits=[edit], baseline=False, now=NOON)
    assert [(alert.rule_id, alert.story_id) for alert in told.alerts] == [("each-flood", FIRST.id)]
    assert told.folded == {"folded into its story": 1}


def test_a_copy_whose_first_article_matched_nothing_is_told(store: Store) -> None:
    (dry, *_) = in_serbian(1)
    bring(store, [replace(dry, body=(*dry.body, "Ништа више."))])
    copy = in_latin(dry)
    told = bring(store, [replace(copy, feed=FeedId("courier"), body=(*copy.body, "Flood."))])
    assert headlines(told, "floods") == [copy.headline]
    assert {alert.story_id for alert in told.alerts} == {dry.id}


def test_a_backtest_groups_by_the_stories_that_were_joined(store: Store, first: Told) -> None:
    bring(store, [COPY])
    with store.reading() as tx:
        found = backtest(load({}, channels=None), RULES, tx.articles.since(NOON - timedelta(days=1)))
    by_rule = {(change.rule, len(change.articles)) for change in found.added}
    assert by_rule == {("floods", 2), ("each-flood", 1)}
