"""The bytes that receivers get: the keys of the contract, spans that hold, 20 kB at most."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from monitor.alerts.decide import alert_of
from monitor.alerts.payload import MOST, alert_message, channel_disabled, config_rejected, feed_health, ping
from monitor.canonical import document
from monitor.errors import Mistake
from monitor.model import (
    Article,
    ArticleId,
    Channel,
    ChannelId,
    EntityId,
    FeedId,
    Field,
    Health,
    Hit,
    Match,
    Message,
    Published,
    Rule,
    RuleId,
    Severity,
    Visits,
    ZoneSource,
    derive,
)
from tests.alerts.build import LEDE, edit, hit, match, rule, unsc
from tests.build import NOON, article, feed

SCHEMAS = Path(__file__).parents[2] / "docs" / "reference" / "schemas"
TYPES = ("alert.raised", "alert.updated", "channel.disabled", "config.rejected", "feed.health", "test.ping")
NEWSROOM = Channel(
    id=ChannelId("newsroom"), type="webhook", url="https://hooks.example/T0/secret", secrets=("whsec_x",)
)


def closed(schema: Any) -> Any:
    """Return *schema* with no key allowed that it does not name: ours may grow, what we send today may not surprise."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    tightened = {key: closed(part) for key, part in schema.items()}
    return {**tightened, "additionalProperties": False} if "properties" in schema else tightened


VALIDATORS = {type: Draft202012Validator(closed(json.loads((SCHEMAS / f"{type}.json").read_text()))) for type in TYPES}


def told(message: Message) -> dict[str, Any]:
    """Return what *message* says, once it has been found to be what its schema promises."""
    assert len(message.body) <= MOST
    whole: dict[str, Any] = json.loads(message.body)
    VALIDATORS[message.type].validate(whole)
    assert whole["type"] == message.type
    return whole


def raised(found: Match, **given: Any) -> Message:
    times = {"matched_at": NOON, "raised_at": NOON + timedelta(seconds=2), **given}
    return alert_message(alert_of(found, default_channel=None, **times))


def shown(found: Match) -> dict[str, Any]:
    data: dict[str, Any] = told(raised(found))["data"]
    return data


def keys(value: Any) -> Any:
    """Return the keys of *value* in their order, all the way down."""
    if isinstance(value, dict):
        return {key: keys(part) for key, part in value.items()} if value else {}
    return [keys(value[0])] if isinstance(value, list) and value else None


# ------------------------------------------------------------------ the contract


@pytest.mark.parametrize("type", TYPES)
def test_a_schema_is_itself_valid(type: str):
    Draft202012Validator.check_schema(json.loads((SCHEMAS / f"{type}.json").read_text()))


def test_a_raised_alert_has_the_keys_of_the_contract_in_their_order():
    whole = told(raised(match(by=rule(labels={"desk": "balkans"}))))
    entity = {"id": None, "type": None, "ids": {"wikidata": None}}
    expected = {
        "type": None,
        "timestamp": None,
        "data": {
            "schema": None,
            "alert": {
                "id": None,
                "rule": {"id": None, "title": None, "labels": {"desk": None}},
                "severity": None,
                "held_back": None,
            },
            "article": dict.fromkeys(
                ("id", "url", "headline", "lede", "section", "source", "outlet", "published_at", "language", "feed")
            ),
            "story": {"id": None, "articles": None, "outlets": [None]},
            "why": [
                {
                    **dict.fromkeys(("clause", "field", "paragraph", "text", "start", "end", "sentence", "form")),
                    "entity": entity,
                }
            ],
            "clock": dict.fromkeys(("published_at", "seen_at", "matched_at", "raised_at")),
        },
    }
    assert json.dumps(keys(whole)) == json.dumps(expected)


def test_an_alert_tells_what_was_found_where_and_when():
    data = shown(match(by=rule(severity=Severity.HIGH)))
    assert data["alert"]["severity"] == "high"
    assert data["article"]["outlet"] == "B92"
    assert data["story"] == {"id": data["article"]["id"], "articles": 1, "outlets": ["B92"]}
    (why,) = data["why"]
    assert data["article"]["lede"][why["start"] : why["end"]] == why["text"] == "United Nations Security Council"
    assert why["entity"] == {"id": "unsc", "type": "organisation", "ids": {"wikidata": "Q37470"}}
    assert data["clock"]["raised_at"] == "2026-07-08T12:00:02Z"


def updated(before: Article, after: Article, *fields: Field) -> dict[str, Any]:
    message = raised(match(after), change=edit(before, after, *fields))
    assert message.type == "alert.updated"
    data: dict[str, Any] = told(message)["data"]
    return data


def test_an_update_has_the_keys_of_the_contract_and_what_was_changed():
    before = article("Four hurt", lede="Four were hurt.", body=("It rained.", "Help came."))
    after = article("Five hurt", lede="Five were hurt.", body=("Help came.", "It rained on."))
    data = updated(before, after, Field.HEADLINE, Field.LEDE, Field.BODY)
    assert list(data) == ["schema", "alert", "article", "story", "change", "why", "clock"]
    assert data["change"] == {
        "kind": "corrected",
        "fields": ["headline", "lede", "body"],
        "before": {"headline": "Four hurt", "lede": "Four were hurt.", "body": "It rained."},
    }
    assert data["article"]["headline"] == "Five hurt"


def test_of_an_update_only_what_changed_is_said_before():
    before = article(lede=None)
    data = updated(before, article(lede="Five were hurt."), Field.LEDE)
    assert data["change"] == {"kind": "corrected", "fields": ["lede"], "before": {"lede": None}}


def test_what_a_long_article_said_before_is_cut_and_named():
    before = article("Four hurt " * 500, lede="Four were hurt. " * 500, body=("It rained. " * 2000,))
    data = updated(before, article("Five hurt", lede=LEDE), Field.HEADLINE, Field.LEDE, Field.BODY)
    assert {"change.before.headline", "change.before.lede", "change.before.body"} <= set(data["truncated"])
    assert data["why"]


def test_the_bytes_are_the_same_each_time_and_readable_in_any_script():
    found = match(article("Вучић у Савету безбедности"))
    assert raised(found) == raised(found)
    assert "Вучић у Савету безбедности".encode() in raised(found).body


BELGRADE = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (datetime(2023, 7, 8, 15, 7, tzinfo=BELGRADE), "2023-07-08T15:07:00+02:00"),
        (datetime(2023, 7, 8, 13, 7, tzinfo=UTC), "2023-07-08T13:07:00Z"),
        (datetime(2023, 7, 8, 15, 7), "2023-07-08T15:07:00"),  # noqa: DTZ001 - no zone is known
        (datetime(2023, 7, 8, 13, 7, 0, 250_000, tzinfo=UTC), "2023-07-08T13:07:00.250000Z"),
    ],
)
def test_published_at_is_written_as_in_the_canonical_article(at: datetime, written: str):
    dated = article(published=Published(at=at, zone_source=ZoneSource.EXPLICIT))
    data = shown(match(dated))
    assert data["article"]["published_at"] == data["clock"]["published_at"] == written
    assert written == document(dated)["published_at"]


def test_what_is_not_known_is_null():
    bare = Article(id=ArticleId("article_1"), headline="Flood")
    data = shown(match(bare, hits=()))
    assert {name for name, value in data["article"].items() if value is None} == {
        *("url", "lede", "section", "source", "outlet", "published_at", "language", "feed")
    }
    assert data["story"]["outlets"] == []
    assert data["clock"]["seen_at"] is None
    assert data["why"] == []


def test_every_instant_of_ours_is_told_in_utc():
    at = datetime(2026, 7, 8, 14, 0, 0, 999_999, tzinfo=BELGRADE)
    whole = told(raised(match(), raised_at=at, matched_at=at))
    assert whole["timestamp"] == whole["data"]["clock"]["matched_at"] == "2026-07-08T12:00:00Z"


# ------------------------------------------------------------------ 20 kB


def test_nothing_is_said_of_cutting_where_nothing_was_cut():
    assert "truncated" not in shown(match())


def test_long_texts_are_cut_and_said_to_be():
    long = article("H" * 2_000, lede="ж" * 9_000, outlet="o" * 500, url="https://b92.example/" + "u" * 3_000)
    data = shown(match(long, rule(title="t" * 500), hits=()))
    assert data["truncated"] == [
        *("alert.rule.title", "article.url", "article.headline", "article.lede", "article.outlet", "story.outlets")
    ]
    assert data["article"]["headline"] == "H" * 1_000 + "…"
    assert data["article"]["lede"] == "ж" * 2_000 + "…"
    assert data["article"]["url"] is None


def test_a_sentence_is_cut_around_what_was_found_in_it():
    sentence = "a " * 2_000 + "Kosovo" + " z" * 2_000
    data = shown(match(article(lede=sentence), hits=(hit("Kosovo", sentence),)))
    (why,) = data["why"]
    assert "Kosovo" in why["sentence"]
    assert why["sentence"].startswith("… a" if why["sentence"][1] == " " else "…a")
    assert why["sentence"].endswith("…")
    assert why["start"] == 4_000
    assert "why.sentence" in data["truncated"]


def test_a_text_that_is_cut_ends_where_it_says():
    sentence = "k" * 3_000
    data = shown(match(article(lede=sentence), hits=(hit(sentence, sentence, clause="sentence:/k+/"),)))
    (why,) = data["why"]
    assert why["end"] - why["start"] == len(why["text"]) == 500
    assert data["article"]["lede"][why["start"] : why["end"]] == why["text"]
    assert data["truncated"] == ["why.text", "why.sentence"]


def test_of_too_many_hits_each_clause_keeps_one_and_the_order_stays():
    def found(n: int) -> Hit:
        return hit("Moscow", clause="$rare" if n == 180 else "$moscow", start=n * 10, end=n * 10 + 6)

    data = shown(match(hits=tuple(found(n) for n in range(200))))
    starts = [why["start"] for why in data["why"]]
    assert starts == sorted(starts)
    assert 30 < len(starts) < 200
    assert {why["clause"] for why in data["why"]} == {"$moscow", "$rare"}
    assert data["truncated"] == ["why"]


def test_many_clauses_with_long_sentences_tighten_the_limits_rather_than_lose_a_clause():
    def found(n: int) -> Hit:
        sentence = f"{'x' * 900} clause{n} {'y' * 900}"
        return hit(f"clause{n}", sentence, clause=f"$c{n}")

    data = shown(match(hits=tuple(found(n) for n in range(25))))
    assert len(data["why"]) == 25
    assert all(why["text"] in why["sentence"] for why in data["why"])
    assert data["truncated"] == ["why.sentence"]


def test_of_more_clauses_than_there_is_room_for_the_first_are_told():
    sentence = "x" * 2_000
    data = shown(match(hits=tuple(hit("x", sentence, clause=f"$c{n}") for n in range(100))))
    assert [why["clause"] for why in data["why"]] == [f"$c{n}" for n in range(len(data["why"]))]
    assert 30 < len(data["why"]) < 100
    assert data["truncated"] == ["why.sentence", "why"]


def test_labels_and_ids_are_kept_whole_or_left_out():
    labels = {"desk": "balkans", "novel": "n" * 5_000, "tier": "1"}
    ids = {"wikidata": "Q1", "other": "i" * 5_000}
    data = shown(match(by=rule(labels=labels), hits=(hit("Moscow", entity=unsc(ids=ids)),)))
    assert data["alert"]["rule"]["labels"] == {"desk": "balkans", "tier": "1"}
    assert data["why"][0]["entity"]["ids"] == {"wikidata": "Q1"}
    assert data["truncated"] == ["alert.rule.labels", "why.entity.ids"]


def test_half_characters_and_control_characters_do_not_break_a_receiver():
    odd = "a\x00b\ud800c\x1bd"
    data = shown(match(article(odd, url="https://b92.example/x", lede=odd), hits=(hit("c", odd),)))
    assert data["article"]["headline"] == "a\ufffdb\ufffdc\ufffdd"
    assert data["article"]["lede"][data["why"][0]["start"]] == "c"


texts = st.one_of(
    st.text(max_size=40), st.text('"\\\n€😀жa', min_size=1_000, max_size=1_200).map(lambda text: text * 8)
)
maps = st.dictionaries(texts, texts, max_size=4)


@st.composite
def matches(draw: st.DrawFn) -> Match:
    """Return any match, its hits cut out of its lede, however odd or long its texts."""
    lede = draw(texts)
    optional = st.none() | texts
    subject = Article(
        id=ArticleId(derive("article", lede)),
        lede=lede,
        published=draw(
            st.none()
            | st.datetimes(timezones=st.sampled_from([UTC, BELGRADE])).map(lambda at: Published(at=at))
            | st.datetimes().map(lambda at: Published(at=at, zone_source=ZoneSource.NONE))
        ),
        seen_at=draw(st.none() | st.just(NOON)),
        feed=FeedId("gazette"),
        **{name: draw(optional) for name in ("url", "headline", "section", "source", "outlet", "language")},
    )
    spans = draw(st.lists(st.tuples(st.integers(0, len(lede)), st.integers(0, len(lede))), max_size=12))
    hits = tuple(
        Hit(
            clause=draw(texts),
            field="lede",
            paragraph=None,
            text=lede[min(span) : max(span)],
            start=min(span),
            end=max(span),
            sentence=lede,
            form=draw(optional),
            entity=draw(st.none() | maps.map(lambda ids: unsc(ids=ids, id=EntityId("e" * 300)))),
        )
        for span in spans
    )
    watch = Rule(id=RuleId("kosovo"), title=draw(texts), match=None, labels=draw(maps))
    return Match(rule=watch, article=subject, hits=hits)


@settings(deadline=None)  # thousands of characters an example
@given(matches())
def test_whatever_matches_fits_its_schema_and_20_kb_with_spans_that_hold(found: Match):
    data = shown(found)
    lede = data["article"]["lede"]
    cut = "article.lede" in data.get("truncated", [])
    for why in data["why"]:
        assert why["end"] - why["start"] == len(why["text"])
        if not cut or why["end"] < len(lede):
            assert lede[why["start"] : why["end"]] == why["text"]
    assert bool(data["why"]) == bool(found.hits)
    if len(data["why"]) < len(found.hits):
        assert "why" in data["truncated"]


# ------------------------------------------------------------------ about ourselves


def test_a_ping_names_its_channel_and_none_of_its_secrets():
    message = ping(NEWSROOM, NOON)
    assert told(message)["data"]["channel"] == {"id": "newsroom", "type": "webhook"}
    assert message.subject == "newsroom"
    assert b"secret" not in message.body
    assert b"whsec" not in message.body


def test_each_ping_is_a_message_of_its_own():
    assert ping(NEWSROOM, NOON).id != ping(NEWSROOM, NOON + timedelta(seconds=1)).id


def mistakes(n: int, message: str = "unknown key") -> list[Mistake]:
    return [Mistake(file="rules/a.yaml", line=line, column=1, message=message) for line in range(1, n + 1)]


def test_a_rejected_config_lists_its_mistakes():
    data = told(config_rejected(mistakes(2), "ab12", NOON))["data"]
    assert data["config"] == {"hash": "ab12"}
    assert data["count"] == 2
    assert data["mistakes"][1] == {"file": "rules/a.yaml", "line": 2, "column": 1, "message": "unknown key"}


def test_of_too_many_mistakes_the_first_are_told_and_all_are_counted():
    data = told(config_rejected(mistakes(5_000, "m" * 2_000), "ab12", NOON))["data"]
    assert data["count"] == 5_000
    assert [mistake["line"] for mistake in data["mistakes"]][:3] == [1, 2, 3]
    assert data["truncated"] == ["mistakes.message", "mistakes"]


def test_the_same_rejected_files_are_told_once_an_hour():
    first, soon, later = (
        config_rejected(mistakes(1), "ab12", NOON + timedelta(minutes=minutes)) for minutes in (0, 59, 60)
    )
    assert first.id == soon.id != later.id
    assert first.id != config_rejected(mistakes(1), "other", NOON).id


def test_a_disabled_channel_is_told_with_the_way_back():
    data = told(channel_disabled(NEWSROOM, "410 Gone", NOON))["data"]
    assert data["detail"] == "410 Gone"
    assert data["remedy"] == "monitor channels enable newsroom"


def test_a_long_reason_is_cut():
    data = told(channel_disabled(NEWSROOM, "x" * 30_000, NOON))["data"]
    assert data["truncated"] == ["detail"]


def health(visits: Visits, state: Health = Health.FAILING, **given: Any) -> Message:
    usual: dict[str, Any] = {
        "since": NOON - timedelta(hours=2),
        "why": "3 failures in a row",
        "also_failing": 0,
        "now": NOON,
        "next_visit_at": NOON + timedelta(hours=1),
        "shown": lambda url: url.partition("?")[0],
    }
    of = feed("gazette", url="https://gazette.example/rss?token=secret", outlet="Gazette")
    return feed_health(of, visits, state, **{**usual, **given})


def test_a_feed_that_fails_is_told_with_what_it_was_and_what_is_wrong():
    ill = Visits(health=Health.OK, failures=3, note="gazette.example answered 404 Not Found", succeeded_at=NOON)
    data = told(health(ill, also_failing=4))["data"]
    assert data["feed"] == {"id": "gazette", "url": "https://gazette.example/rss", "outlet": "Gazette"}
    assert (data["state"], data["before"], data["since"]) == ("failing", "ok", "2026-07-08T10:00:00Z")
    assert (data["fault"], data["failures"], data["also_failing"]) == ("gazette.example answered 404 Not Found", 3, 4)
    assert data["next_visit_at"] == "2026-07-08T13:00:00Z"


def test_a_feed_that_is_well_again_tells_of_no_fault():
    data = told(health(Visits(health=Health.FAILING, note="XML that had to be repaired"), Health.OK))["data"]
    assert (data["state"], data["before"], data["fault"]) == ("ok", "failing", None)


@pytest.mark.parametrize("state", Health)
def test_each_state_and_whatever_is_known_fits_the_schema(state: Health):
    told(health(Visits(), state))
    long = told(
        health(Visits(health=state, failures=1, note="x" * 30_000, moved_to="https://x.example/" + "y" * 3_000))
    )
    assert long["data"]["truncated"] == ["fault", "moved_to"]


def test_the_same_change_is_the_same_message_and_another_is_another():
    assert health(Visits()).id == health(Visits(failures=3)).id != health(Visits(), now=NOON + timedelta(seconds=1)).id


def test_the_lede_of_the_sample_is_found_whole():
    assert shown(match())["article"]["lede"] == LEDE
