"""Who is told of a match, as which alert."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.decide import MOST_UPDATES, address, alert_of, decide, decide_again
from monitor.alerts.payload import alert_message
from monitor.model import (
    Alert,
    Article,
    ArticleId,
    Change,
    ChannelId,
    Fold,
    Match,
    Precision,
    Published,
    Raise,
    RuleId,
    Severity,
    State,
    StoryId,
    StoryPolicy,
    Verdict,
    ZoneSource,
)
from tests.alerts.build import edit, hit, match, rule
from tests.build import NOON, article, published

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def verdict(published: Published | None, *, baseline: bool = False, within: timedelta = DAY) -> Verdict:
    return decide(match(article(published=published)), now=NOON, baseline=baseline, alert_new_within=within)


def alert(found: Match, default: str | None = "desk", **given: Change) -> Alert:
    channel = None if default is None else ChannelId(default)
    return alert_of(found, matched_at=NOON, raised_at=NOON, default_channel=channel, **given)


# ------------------------------------------------------------------ raise or fold


@pytest.mark.parametrize("baseline", [False, True])
def test_news_are_told_on_any_poll(baseline: bool):
    assert isinstance(verdict(published(NOON - 23 * HOUR), baseline=baseline), Raise)


@pytest.mark.parametrize("baseline", [False, True])
def test_what_is_older_than_alert_new_within_is_not_told_on_any_poll(baseline: bool):
    folded = verdict(published(NOON - 25 * HOUR), baseline=baseline)
    assert folded == Fold(why="older than alert_new_within (24 h)")


def test_an_undated_item_is_told_except_on_the_first_poll_of_its_feed():
    assert verdict(None) == Raise(why="undated, and new to the feed")
    assert verdict(None, baseline=True) == Fold(why="undated, on the feed's first poll")


def test_an_item_that_is_exactly_as_old_as_allowed_is_not_older():
    assert isinstance(verdict(published(NOON - DAY)), Raise)
    assert isinstance(verdict(published(NOON - DAY - timedelta(microseconds=1))), Fold)


def test_a_date_in_the_future_is_news():
    assert isinstance(verdict(published(NOON + 5 * DAY), baseline=True), Raise)


def test_age_is_counted_between_instants_whatever_the_offset():
    belgrade = timezone(timedelta(hours=2))
    at = datetime(2026, 7, 7, 14, 0, 1, tzinfo=belgrade)  # 12:00:01 UTC the day before
    assert isinstance(verdict(published(at)), Raise)
    assert isinstance(verdict(published(at - timedelta(seconds=2))), Fold)


def test_a_date_without_zone_counts_as_utc():
    naive = Published(at=datetime(2026, 7, 7, 12, 0), zone_source=ZoneSource.NONE)  # noqa: DTZ001 - that is the point
    assert isinstance(verdict(naive), Raise)


def test_a_bare_day_lasts_until_its_end():
    yesterday = Published(at=datetime(2026, 7, 7, tzinfo=UTC), precision=Precision.DAY)
    before = Published(at=datetime(2026, 7, 6, tzinfo=UTC), precision=Precision.DAY)
    assert isinstance(verdict(yesterday), Raise)
    assert isinstance(verdict(before), Fold)


@pytest.mark.parametrize(
    ("within", "words"),
    [(timedelta(hours=24), "24 h"), (timedelta(days=7), "7 days"), (timedelta(minutes=90), "90 min"), (HOUR, "60 min")],
)
def test_a_verdict_says_why_in_words_that_can_be_counted(within: timedelta, words: str):
    assert verdict(published(NOON - 30 * DAY), within=within).why == f"older than alert_new_within ({words})"
    assert verdict(published(NOON), within=within).why == f"not older than alert_new_within ({words})"


def test_seconds_are_named_as_seconds():
    assert verdict(published(NOON), within=timedelta(seconds=45)).why.endswith("(45 s)")


@given(st.timedeltas(timedelta(), timedelta(days=400)), st.timedeltas(timedelta(), timedelta(days=30)), st.booleans())
def test_a_first_poll_never_tells_more_than_a_later_one(age: timedelta, within: timedelta, dated: bool):
    at = published(NOON - age) if dated else None
    first, later = (verdict(at, baseline=baseline, within=within) for baseline in (True, False))
    assert isinstance(later, Raise) or isinstance(first, Fold)


# ------------------------------------------------------------------ edits


def resting_on(*sentences: str, of: Article | None = None) -> Match:
    """Return a match whose evidence stands in these *sentences*."""
    return match(of, hits=tuple(hit(sentence[:4], within=sentence) for sentence in sentences))


def again(found: Match, before: Match | None, *, updates: int = 0, within: timedelta = DAY) -> Verdict:
    return decide_again(found, before, updates=updates, now=NOON, alert_new_within=within)


def test_an_edit_beside_what_matched_is_not_told():
    assert again(resting_on("Five were hurt."), resting_on("FIVE were  “hurt”")) == Fold(
        why="edited, but not what matched"
    )


@pytest.mark.parametrize(
    "now", [("Four were hurt.",), ("Five were hurt.", "One died."), ("Help came.",)], ids=["other", "more", "instead"]
)
def test_an_edit_of_what_matched_is_told(now: tuple[str, ...]):
    assert isinstance(again(resting_on(*now), resting_on("Five were hurt.")), Raise)


def test_what_matches_only_since_the_edit_is_told_as_news_are():
    assert isinstance(again(resting_on("Five were hurt."), None), Raise)
    assert isinstance(again(resting_on("Five were hurt."), None, updates=MOST_UPDATES), Raise)


def test_a_rule_tells_of_five_updates_of_an_article_at_most():
    now, before = resting_on("Four were hurt."), resting_on("Five were hurt.")
    assert isinstance(again(now, before, updates=4), Raise)
    assert again(now, before, updates=5) == Fold(why="edited, after 5 updates")


@pytest.mark.parametrize("held", [True, False])
def test_an_edit_of_an_old_article_is_not_told(held: bool):
    old = article(published=published(NOON - 25 * HOUR))
    before = resting_on("Five were hurt.") if held else None
    assert again(resting_on("Four were hurt.", of=old), before) == Fold(why="older than alert_new_within (24 h)")


@pytest.mark.parametrize("held", [True, False])
def test_without_a_date_an_article_is_as_old_as_our_knowledge_of_it(held: bool):
    before = resting_on("Five were hurt.") if held else None
    young, old = (article(published=None, seen_at=NOON - span) for span in (DAY, 25 * HOUR))
    assert isinstance(again(resting_on("Four were hurt.", of=young), before), Raise)
    folded = again(resting_on("Four were hurt.", of=old), before)
    assert folded == Fold(why="undated, and first seen before alert_new_within (24 h)")


@given(st.lists(st.sampled_from(["One died.", "Two hid.", "All left."]), min_size=1, max_size=3))
def test_no_edit_is_told_that_leaves_every_sentence(sentences: list[str]):
    assert isinstance(again(resting_on(*sentences), resting_on(*reversed(sentences))), Fold)


# ------------------------------------------------------------------ identity


def test_the_same_match_is_the_same_alert_on_every_machine():
    assert alert(match()).id == alert(match()).id
    assert alert(match(article("Flood in town"))).id == "alert_b87ca5ef2e9179e698ef676adac93e13"


def test_a_story_is_told_once_even_if_two_papers_carry_it():
    story = StoryId("article_1")
    ours = article("Russia stood by Serbia", url="https://b92.example/1", story=story)
    theirs = article("Russia backs Serbia", url="https://blic.example/2", story=story)
    assert alert(match(ours)).id == alert(match(theirs)).id


def test_a_rule_that_wants_every_copy_is_told_of_each():
    story = StoryId("article_1")
    copies = [article(headline, story=story) for headline in ("Russia stood by Serbia", "Russia backs Serbia")]
    told = {alert(match(copy, rule(story=StoryPolicy.EVERY))).id for copy in copies}
    assert len(told) == 2


def test_two_rules_on_one_article_are_two_alerts():
    assert alert(match(by=rule("a"))).id != alert(match(by=rule("b"))).id


def test_an_article_that_joined_no_story_is_its_own():
    alone = alert(match(article(story=None)))
    assert alone.story_id == alone.article_id
    assert alone.id == alert(match(article())).id


def test_a_renamed_rule_keeps_its_past_and_carries_its_new_name():
    renamed = alert(match(by=rule("new", was=RuleId("old"))))
    assert renamed.id == alert(match(by=rule("old"))).id
    assert renamed.rule_id == "new"


def test_an_edit_that_alerts_again_is_another_alert():
    one, other = resting_on("Four were hurt."), resting_on("Five were hurt.")
    change = edit(one.article, other.article)
    ids = {alert(one).id, alert(one, change=change).id, alert(other, change=change).id}
    assert len(ids) == 3
    assert alert(one, change=change).revision
    assert not alert(one).revision


def test_an_edit_that_says_the_same_again_is_the_same_alert():
    change = edit(article(), article())
    assert (
        alert(resting_on("Four were hurt."), change=change).id == alert(resting_on("FOUR were hurt!"), change=change).id
    )


def test_copies_of_a_story_that_are_edited_alike_are_told_of_once():
    copies = [article(headline, story=StoryId("article_1")) for headline in ("Flood in town", "Town under water")]
    told = {alert(resting_on("Five were hurt.", of=copy), change=edit(copy, copy)).id for copy in copies}
    assert len(told) == 1


@given(st.text(), st.text(), st.sampled_from(StoryPolicy))
def test_ids_differ_wherever_article_or_rule_differ(one: str, other: str, policy: StoryPolicy):
    def id_of(rule_id: str, article_id: str) -> str:
        return alert(match(article(id=ArticleId(article_id), story=None), rule(rule_id, story=policy))).id

    assert (id_of(one, other) == id_of(other, one)) == (one == other)


# ------------------------------------------------------------------ addressees


def test_an_alert_goes_to_the_channels_of_its_rule_or_else_to_the_default():
    assert alert(match(by=rule(notify=(ChannelId("a"), ChannelId("b"))))).notify == ("a", "b")
    assert alert(match()).notify == ("desk",)


def test_without_any_channel_an_alert_is_kept_and_goes_nowhere():
    assert alert(match(), default=None).notify == ()


def test_a_channel_that_is_named_twice_is_told_once():
    twice = alert(match(by=rule(notify=(ChannelId("a"), ChannelId("a")))))
    assert twice.notify == ("a",)
    assert len(address(alert_message(twice), ("a", "a"))) == 1


def test_each_channel_gets_a_delivery_whose_id_never_changes():
    message = alert_message(alert(match()))
    first, again = (address(message, (ChannelId("a"), ChannelId("b"))) for _ in range(2))
    assert first == again
    assert [delivery.channel for delivery in first] == ["a", "b"]
    assert len({delivery.id for delivery in first}) == 2
    assert {(delivery.state, delivery.attempts, delivery.message_id) for delivery in first} == {
        (State.PENDING, 0, message.id)
    }


def test_an_alert_knows_what_it_is_about():
    raised = alert(match(by=rule(severity=Severity.HIGH)))
    assert (raised.rule_id, raised.severity, raised.raised_at) == ("kosovo", Severity.HIGH, NOON)
