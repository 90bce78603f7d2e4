"""What happened → the JSON that receivers get (docs/reference/webhook.md), 20 kB at most.  Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from monitor.alerts.cut import Cutter, dump, size
from monitor.errors import Mistake
from monitor.model import (
    Alert,
    AlertId,
    Article,
    Change,
    Channel,
    Entity,
    Feed,
    Field,
    Health,
    Hit,
    Match,
    Message,
    MessageId,
    Published,
    Rule,
    Story,
    Visits,
    derive,
)

T = TypeVar("T")

SCHEMA = 1  # of `data`; a change that breaks readers raises it, a new key does not
MOST = 20_000  # bytes of a body: Standard Webhooks asks for less than 20 kB
BESIDES = 700  # of these, for what stands around `data` and for the list of what was cut


@dataclass(frozen=True, slots=True, kw_only=True)
class _Room:
    """How many bytes of JSON each part of a payload may take."""

    headline: int
    lede: int
    name: int  # titles, outlets, sections, clauses, forms, ...
    labels: int
    text: int  # of a hit
    sentence: int
    ids: int  # of an entity


OUTLETS = 10  # of a story; the first ones
URL = 2_000  # bytes; a longer address is left out, because half of one leads nowhere
AMPLE = _Room(headline=1_000, lede=4_000, name=400, labels=3_000, text=500, sentence=1_200, ids=500)
TIGHT = _Room(headline=500, lede=800, name=100, labels=1_000, text=200, sentence=300, ids=200)


# ------------------------------------------------------------------ alert.raised


def data(
    match: Match,
    *,
    alert: AlertId,
    story: Story,
    matched_at: datetime,
    raised_at: datetime,
    change: Change | None = None,
) -> dict[str, object]:
    """Return the `data` of the alert that *match* raises, with as much evidence as there is room for.

    `change` says what an edit changed, and is absent if none did.

    Parts longer than the ample limits are cut; if that leaves no room for a hit
    of every clause, parts longer than the tight ones.  `truncated` names what
    was cut, and is absent if nothing was.
    """
    clock = {
        "published_at": _published(match.article.published),
        "seen_at": None if match.article.seen_at is None else moment(match.article.seen_at),
        "matched_at": moment(matched_at),
        "raised_at": moment(raised_at),
    }
    for room in (AMPLE, TIGHT):
        cutter = Cutter()
        parts = {
            "schema": SCHEMA,
            "alert": _alert(match.rule, alert, room, cutter),
            "article": _article(match.article, room, cutter),
            "story": _story(story, room, cutter),
            **({"change": _change(change, room, cutter)} if change else {}),
        }
        bytes_left = MOST - BESIDES - size({**parts, "clock": clock})
        shown = _fitting(match.hits, partial(_hit, room=room, cutter=cutter), bytes_left, by=lambda hit: hit.clause)
        if {match.hits[n].clause for n in shown} == {hit.clause for hit in match.hits}:
            break
    if len(shown) < len(match.hits):
        cutter.note("why")
    truncated = {"truncated": cutter.cut} if cutter.cut else {}
    return {**parts, "why": list(shown.values()), "clock": clock, **truncated}


def alert_message(alert: Alert) -> Message:
    """Return the message that *alert* was raised, or that an edit made it another."""
    type = "alert.updated" if alert.revision else "alert.raised"
    return _message(type, alert.id, alert.raised_at, alert.data)


def _alert(rule: Rule, id: AlertId, room: _Room, cutter: Cutter) -> dict[str, object]:
    return {
        "id": id,
        "rule": {
            "id": cutter.text("alert.rule.id", rule.id, room.name),
            "title": cutter.text("alert.rule.title", rule.title, room.name),
            "labels": cutter.pairs("alert.rule.labels", rule.labels, room.labels),
        },
        "severity": rule.severity.value,
        "held_back": 0,
    }


def _article(article: Article, room: _Room, cutter: Cutter) -> dict[str, object]:
    def name(field: str, value: str | None) -> str | None:
        return cutter.text(f"article.{field}", value, room.name)

    return {
        "id": article.id,
        "url": cutter.all_or_none("article.url", article.url, URL),
        "headline": cutter.text("article.headline", article.headline, room.headline),
        "lede": cutter.text("article.lede", article.lede, room.lede),
        "section": name("section", article.section),
        "source": name("source", article.source),
        "outlet": name("outlet", article.outlet),
        "published_at": _published(article.published),
        "language": name("language", article.language),
        "feed": name("feed", article.feed),
    }


def _story(story: Story, room: _Room, cutter: Cutter) -> dict[str, object]:
    outlets = [cutter.text("story.outlets", outlet, room.name) for outlet in story.outlets[:OUTLETS]]
    if len(story.outlets) > OUTLETS:
        cutter.note("story.outlets")
    return {"id": story.id, "articles": story.articles, "outlets": outlets}


def _change(change: Change, room: _Room, cutter: Cutter) -> dict[str, object]:
    """Return what *change* did: of a field what it said before, of the body the paragraphs that are no more."""
    before: dict[str, object] = {}
    for field in change.fields:
        match field:
            case Field.HEADLINE:
                before["headline"] = cutter.text("change.before.headline", change.before.headline, room.headline)
            case Field.LEDE:
                before["lede"] = cutter.text("change.before.lede", change.before.lede, room.sentence)
            case Field.BODY:
                gone = [paragraph for paragraph in change.before.body if paragraph not in change.after.body]
                before["body"] = cutter.text("change.before.body", "\n\n".join(gone), room.sentence)
    return {"kind": change.kind.value, "fields": [field.value for field in change.fields], "before": before}


def _hit(hit: Hit, room: _Room, cutter: Cutter) -> dict[str, object]:
    text = cutter.exact("why.text", hit.text, room.text)
    return {
        "clause": cutter.text("why.clause", hit.clause, room.name),
        "field": hit.field,
        "paragraph": hit.paragraph,
        "text": text,
        "start": hit.start,
        "end": hit.end if len(text) == len(hit.text) else hit.start + len(text),
        "sentence": cutter.around("why.sentence", hit.sentence, text, room.sentence),
        "form": cutter.text("why.form", hit.form, room.name),
        "entity": None if hit.entity is None else _entity(hit.entity, room, cutter),
    }


def _entity(entity: Entity, room: _Room, cutter: Cutter) -> dict[str, object]:
    return {
        "id": cutter.text("why.entity.id", entity.id, room.name),
        "type": entity.type.value,
        "ids": cutter.pairs("why.entity.ids", entity.ids, room.ids),
    }


def _fitting(
    things: Sequence[T], told: Callable[[T], Mapping[str, object]], bytes_left: int, *, by: Callable[[T], str]
) -> dict[int, Mapping[str, object]]:
    """Return, for those of *things* that there is room for, position and what is *told* of them, in their order.

    The first of a kind (*by*) comes before a second of any.
    """
    by_kind: dict[str, int] = {}
    for n, thing in enumerate(things):
        by_kind.setdefault(by(thing), n)
    firsts = set(by_kind.values())
    kept: dict[int, Mapping[str, object]] = {}
    for n in [*sorted(firsts), *(n for n in range(len(things)) if n not in firsts)]:
        shown = told(things[n])
        needed = size(shown) + 1  # and a comma
        if needed <= bytes_left:
            kept[n] = shown
            bytes_left -= needed
        elif n not in firsts:
            break
    return dict(sorted(kept.items()))


# ------------------------------------------------------------------ about ourselves


def ping(channel: Channel, now: datetime) -> Message:
    """Return the message by which `monitor channels test` tries *channel*."""
    told = {
        "schema": SCHEMA,
        "channel": _channel(channel),
        "text": "This is a test: whoever reads it would have got an alert.",
    }
    return _message("test.ping", channel.id, now, told, moment(now))


def config_rejected(mistakes: Iterable[Mistake], config_hash: str, now: datetime) -> Message:
    """Return the message that the files with the hash *config_hash* were not taken, and why.

    The same files give the same message within an hour, so that neither several
    processes nor a restart loop tell it again and again.
    """
    cutter = Cutter()
    every = list(mistakes)

    def one(mistake: Mistake) -> dict[str, object]:
        return {
            "file": cutter.text("mistakes.file", mistake.file, AMPLE.name),
            "line": mistake.line,
            "column": mistake.column,
            "message": cutter.text("mistakes.message", mistake.message, AMPLE.sentence),
        }

    listed = _fitting(every, one, MOST - 2 * BESIDES, by=lambda mistake: mistake.file)
    if len(listed) < len(every):
        cutter.note("mistakes")
    told: dict[str, object] = {
        "schema": SCHEMA,
        "config": {"hash": config_hash},
        "count": len(every),
        "mistakes": list(listed.values()),
    }
    if cutter.cut:
        told["truncated"] = cutter.cut
    hour = moment(now.replace(minute=0, second=0))
    return _message("config.rejected", config_hash, now, told, hour)


def channel_disabled(channel: Channel, detail: str, now: datetime) -> Message:
    """Return the message that nothing is sent to *channel* any more, for the reason *detail*; for another channel."""
    cutter = Cutter()
    told: dict[str, object] = {
        "schema": SCHEMA,
        "channel": _channel(channel),
        "detail": cutter.text("detail", detail, AMPLE.sentence),
        "remedy": f"monitor channels enable {channel.id}",
    }
    if cutter.cut:
        told["truncated"] = cutter.cut
    return _message("channel.disabled", channel.id, now, told, moment(now))


def feed_health(
    feed: Feed,
    visits: Visits,
    state: Health,
    *,
    since: datetime,
    why: str,
    also_failing: int,
    now: datetime,
    next_visit_at: datetime,
    shown: Callable[[str], str],
) -> Message:
    """Return the message that *feed* has come to be *state*, where *visits* have what it was said to be before.

    *also_failing* counts other feeds of its host that fail, too, and are not
    told of one by one; *shown* returns what may be shown of an address.
    """
    cutter = Cutter()
    told: dict[str, object] = {
        "schema": SCHEMA,
        "feed": {
            "id": feed.id,
            "url": cutter.all_or_none("feed.url", shown(feed.url), URL),
            "outlet": cutter.text("feed.outlet", feed.outlet, AMPLE.name),
        },
        "state": state.value,
        "before": None if visits.health is None else visits.health.value,
        "since": moment(since),
        "why": cutter.text("why", why, AMPLE.sentence),
        "fault": cutter.text("fault", visits.note, AMPLE.sentence) if visits.failures else None,
        "failures": visits.failures,
        "also_failing": also_failing,
        "moved_to": cutter.all_or_none("moved_to", visits.moved_to and shown(visits.moved_to), URL),
        "last_success_at": visits.succeeded_at and moment(visits.succeeded_at),
        "last_new_at": visits.brought_at and moment(visits.brought_at),
        "next_visit_at": moment(next_visit_at),
    }
    if cutter.cut:
        told["truncated"] = cutter.cut
    return _message("feed.health", feed.id, now, told, moment(now))


def _channel(channel: Channel) -> dict[str, object]:
    return {"id": channel.id, "type": channel.type}


def _message(type: str, subject: str, at: datetime, data: Mapping[str, object], *window: str) -> Message:
    """Return the message about *subject* in Standard Webhooks' envelope; *window* tells its repetitions apart."""
    body = dump({"type": type, "timestamp": moment(at), "data": data})
    return Message(id=MessageId(derive("message", type, subject, *window)), type=type, subject=subject, body=body)


# ------------------------------------------------------------------ instants


def moment(at: datetime) -> str:
    """Return *at* in RFC 3339 to the second, UTC as Z."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _published(published: Published | None) -> str | None:
    """Return when the publisher says it was, as in the canonical article: no offset where no zone is known."""
    return None if published is None else published.at.isoformat().replace("+00:00", "Z")
