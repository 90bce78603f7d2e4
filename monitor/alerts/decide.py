"""A match → whether anybody is told, as which alert, and whom.  Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from monitor.alerts import payload
from monitor.model import (
    Alert,
    AlertId,
    Article,
    Change,
    ChannelId,
    Delivery,
    DeliveryId,
    Fold,
    Match,
    Message,
    Precision,
    Published,
    Raise,
    Rule,
    Story,
    StoryId,
    StoryPolicy,
    Verdict,
    derive,
)
from monitor.text import plain_words

DAY = timedelta(days=1)
MOST_UPDATES = 5  # of a rule on one article
FIRST_STEP = "1"  # a story's first alert; later steps (2, 5, 10 copies) get alerts of their own


def decide(match: Match, *, now: datetime, baseline: bool, alert_new_within: timedelta) -> Verdict:
    """Return whether *match* is told or kept in silence, and why, in words that can be counted.

    What is older than *alert_new_within* is never told.  An undated article is,
    except on a feed's first poll (*baseline*), where everything that the feed
    still lists would come at once.  Whether the alert was raised before is not
    decided here: its id is the same again, and the store's key knows.
    """
    return timely(match.article, now=now, baseline=baseline, alert_new_within=alert_new_within)


def timely(article: Article, *, now: datetime, baseline: bool, alert_new_within: timedelta) -> Verdict:
    """Return whether anything in *article* is told, by its date alone, and why."""
    published = article.published
    if published is None:
        if baseline:
            return Fold(why="undated, on the feed's first poll")
        return Raise(why="undated, and new to the feed")
    limit = f"alert_new_within ({_words(alert_new_within)})"
    if now - _latest(published) > alert_new_within:
        return Fold(why=f"older than {limit}")
    return Raise(why=f"not older than {limit}")


def decide_again(
    match: Match, before: Match | None, *, updates: int, now: datetime, alert_new_within: timedelta
) -> Verdict:
    """Return whether *match* is told of an edited article, on which the rule may have held *before*.

    If it did, it is told if it rests on other sentences now, as the eye reads
    them, and if fewer than MOST_UPDATES were told of this rule and article.  The
    limit of age is that of news; without a date an article is as old as our
    knowledge of it.
    """
    if before is not None and _sentences(match) == _sentences(before):
        return Fold(why="edited, but not what matched")
    if before is not None and updates >= MOST_UPDATES:
        return Fold(why=f"edited, after {MOST_UPDATES} updates")
    published, seen_at = match.article.published, match.article.seen_at
    if published is None and seen_at is not None and now - seen_at > alert_new_within:
        return Fold(why=f"undated, and first seen before alert_new_within ({_words(alert_new_within)})")
    return decide(match, now=now, baseline=False, alert_new_within=alert_new_within)


def revision_of(match: Match) -> str:
    """Return the hash of the text that *match* rests on."""
    return derive("revision", *sorted(" ".join(words) for words in _sentences(match)))


def alert_of(
    match: Match,
    *,
    matched_at: datetime,
    raised_at: datetime,
    default_channel: ChannelId | None,
    story: Story | None = None,
    change: Change | None = None,
) -> Alert:
    """Return the alert that *match* raises, for the rule's channels or else the default one.

    *story* is the article's as known now; without it the article is the only one.
    Its id names rule and subject, and where a *change* of the article makes it
    told again the hash of the matched text: so the same match gives the same
    alert on every machine.  A renamed rule goes on under the id it had: what was
    alerted as `was` is not alerted again.
    """
    rule, article = match.rule, match.article
    revision = revision_of(match) if change else ""
    id = AlertId(derive("alert", rule.was or rule.id, _subject(rule, article), revision))
    return Alert(
        id=id,
        rule_id=rule.id,
        article_id=article.id,
        story_id=story_of(article),
        severity=rule.severity,
        raised_at=raised_at,
        data=payload.data(
            match,
            alert=id,
            story=story or _alone(article),
            matched_at=matched_at,
            raised_at=raised_at,
            change=change,
        ),
        notify=_channels(rule, default_channel),
        revision=revision,
    )


def story_of(article: Article) -> StoryId:
    """Return the story that *article* belongs to; one that joined no other is its own."""
    return article.story or StoryId(article.id)


def told_before(match: Match) -> Fold:
    """Return why *match* is not told, the alert that it raises having been raised before."""
    return Fold(why="folded into its story" if is_of_a_copy(match) else "told before")


def is_of_a_copy(match: Match) -> bool:
    """Return whether *match* is on a copy, by a rule that wants one alert of a story."""
    return match.rule.story is StoryPolicy.FIRST and story_of(match.article) != StoryId(match.article.id)


def _alone(article: Article) -> Story:
    return Story(id=story_of(article), outlets=(article.outlet,) if article.outlet else ())


def address(message: Message, channels: Iterable[ChannelId]) -> tuple[Delivery, ...]:
    """Return one delivery of *message* to each of *channels*, whose ids are the same however often it is asked."""
    return tuple(
        Delivery(id=DeliveryId(derive("delivery", message.id, channel)), message_id=message.id, channel=channel)
        for channel in dict.fromkeys(channels)
    )


def _sentences(match: Match) -> frozenset[tuple[str, ...]]:
    """Return the sentences that *match* rests on, without letter case, accents and signs."""
    return frozenset(plain_words(hit.sentence) for hit in match.hits)


def _subject(rule: Rule, article: Article) -> str:
    if rule.story is StoryPolicy.EVERY:
        return article.id
    return f"{story_of(article)}/{FIRST_STEP}"


def _channels(rule: Rule, default: ChannelId | None) -> tuple[ChannelId, ...]:
    if rule.notify:
        return tuple(dict.fromkeys(rule.notify))
    return (default,) if default is not None else ()


def _latest(published: Published) -> datetime:
    """Return the last instant that *published* can mean: a bare day lasts until its end, or the evening's news
    of a paper that dates by day would be too old the next noon.
    """
    return published.instant() + (DAY if published.precision is Precision.DAY else timedelta())


def _words(span: timedelta) -> str:
    """Return *span* as a log line would say it: "3 days", "24 h", "90 min", "30 s"."""
    seconds = int(span.total_seconds())
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length and seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
