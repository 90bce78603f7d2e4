"""Files → a rule set: what is taken as it is written, what is warned of, and that all mistakes come at once."""

from __future__ import annotations

import pickle

import pytest

from monitor.errors import ConfigError
from monitor.model import (
    All,
    AnyOf,
    ChannelId,
    Entity,
    EntityId,
    EntityType,
    Named,
    Not,
    RuleId,
    RuleTest,
    Score,
    Severity,
    StoryPolicy,
    Term,
    Weight,
    Where,
)
from monitor.rules.load import EntitiesFile, RuleSet, RulesFile, load, warnings
from monitor.rules.match import match
from tests.rules.conftest import written

ENTITIES = """
version: 1
entities:
  - id: kosovo
    type: place
    names: [Kosovo, Косово]
    ids: {wikidata: Q1246}
  - {id: unsc, names: [UN Security Council], exact: [UNSC], forms: none}
  - {id: zakharova, type: person, names: [Maria Zakharova], short: [Zakharova], context: [Moscow], not_after: [Ana],
     forms: [Zaharowa]}
"""
RULES = """
version: 1
fixtures:
  b92: {headline: Russia stood by, section: Politics, body: [One., Two.]}
rules:
  - id: kosovo-un
    title: Kosovo at the UN
    severity: high
    labels: {desk: balkans, tier: 1}
    where:
      section: [Politics, World]
      language: [en, sr]
      country: [NO]
      feed: [b92-*]
      outlet: ["B92"]
      strict: true
    match:
      all: [$kosovo, {any: [$unsc, Resolution 1244]}]
      none: [football, basketball]
    notify: [newsroom]
    story: every
    digest: never
    was: old-id
    tests:
      - match: $b92
      - no_match: "The Security Council of Serbia"
      - match: {headline: Kosovo, language: en}
  - id: plain
    match: Kosovo
"""


def loaded(rules: str = RULES, entities: str = ENTITIES) -> RuleSet:
    return load({"rules/a.yaml": rules, "entities/e.yaml": entities}, channels=[ChannelId("newsroom")])


def matching(text: str) -> RuleSet:
    return loaded(f"rules:\n  - id: r\n    match: {text}\n")


def test_a_rule_is_read_with_all_its_keys() -> None:
    rule, plain = loaded().rules
    assert (rule.id, rule.title, rule.severity) == (RuleId("kosovo-un"), "Kosovo at the UN", Severity.HIGH)
    assert rule.labels == {"desk": "balkans", "tier": "1"}
    assert rule.where == Where(
        section=("Politics", "World"),
        language=("en", "sr"),
        country=("NO",),
        feed=("b92-*",),
        outlet=("B92",),
        strict=True,
    )
    kosovo, unsc = Named(id=EntityId("kosovo")), Named(id=EntityId("unsc"))
    either = AnyOf(of=(unsc, Term(text="Resolution 1244")))
    neither = Not(of=AnyOf(of=(Term(text="football"), Term(text="basketball"))))
    assert rule.match == All(of=(All(of=(kosovo, either)), neither))
    assert (rule.notify, rule.story, rule.was) == ((ChannelId("newsroom"),), StoryPolicy.EVERY, RuleId("old-id"))
    assert (rule.file, rule.line) == ("rules/a.yaml", 6)
    assert rule.tests == (
        RuleTest(
            matches=True,
            fields={"headline": "Russia stood by", "section": "Politics", "body": "One.\n\nTwo."},
            line=25,
            column=9,
        ),
        RuleTest(matches=False, fields={"body": "The Security Council of Serbia"}, line=26, column=9),
        RuleTest(matches=True, fields={"headline": "Kosovo", "language": "en"}, line=27, column=9),
    )
    assert (plain.title, plain.severity, plain.notify) == ("plain", Severity.NORMAL, ())


def test_an_entity_is_read_with_all_its_keys() -> None:
    entities = loaded().entities
    assert entities[EntityId("kosovo")] == Entity(
        id=EntityId("kosovo"),
        type=EntityType.PLACE,
        names=("Kosovo", "Косово"),
        ids={"wikidata": "Q1246"},
        file="entities/e.yaml",
        line=4,
    )
    assert entities[EntityId("unsc")].forms == "none"
    assert entities[EntityId("zakharova")].forms == ("Zaharowa",)


@pytest.mark.parametrize("text", ["NO", "12:30", "1244", "0x1F", "2023-07-08", "on", "1e3", "~x".strip("~"), "AC/DC"])
def test_a_scalar_is_the_text_that_was_typed(text: str) -> None:
    (rule,) = matching(f"{{any: [{text}, other words]}}").rules
    assert rule.match == AnyOf(of=(Term(text=text), Term(text="other words")))


def test_the_block_form_needs_no_quotes() -> None:
    (rule,) = matching('>-\n      $kosovo AND ("Security Council" OR =Danas)\n      NOT football').rules
    (same,) = matching("""'$kosovo AND ("Security Council" OR =Danas) NOT football'""").rules
    assert rule.match == same.match


def test_the_keys_of_one_map_hold_together_and_lists_nest() -> None:
    (rule,) = matching("{all: [a, {any: [b, {none: [c], all: [d]}]}], none: [e]}").rules
    a, b, c, d, e = (Term(text=name) for name in "abcde")
    assert rule.match == All(of=(All(of=(a, AnyOf(of=(b, All(of=(Not(of=c), d)))))), Not(of=e)))


def test_a_score_adds_weights() -> None:
    (rule,) = matching('{score: {at_least: 2.5, terms: {"$kosovo": 2, urgent session: 1, football: -6}}}').rules
    weights = (
        Weight(of=Named(id=EntityId("kosovo")), points=2),
        Weight(of=Term(text="urgent session"), points=1),
        Weight(of=Term(text="football"), points=-6),
    )
    assert rule.match == Score(at_least=2.5, terms=weights)


def test_rules_come_in_the_order_of_files_and_of_lines() -> None:
    one, two = "rules:\n  - {id: b, match: x}\n  - {id: a, match: x}\n", "rules:\n  - {id: c, match: x}\n"
    for files in ({"rules/1.yaml": one, "rules/2.yaml": two}, {"rules/2.yaml": two, "rules/1.yaml": one}):
        assert [rule.id for rule in load(files, channels=None).rules] == ["b", "a", "c"]


def test_mistakes_of_all_files_come_at_once_in_their_order() -> None:
    files = {
        "rules/b.yaml": "rules:\n  - {id: x, match: $nobody}\n",
        "rules/a.yaml": "rules:\n  - {id: x, match: a b}\n\t",
        "entities/e.yaml": "entities:\n  - {id: e}\n",
    }
    with pytest.raises(ConfigError) as refused:
        load(files, channels=None)
    assert [(m.file, m.line) for m in refused.value.mistakes] == [
        ("entities/e.yaml", 2),
        ("rules/a.yaml", 3),
        ("rules/b.yaml", 2),
    ]


def test_an_entity_with_a_mistake_is_still_known_to_the_rules() -> None:
    with pytest.raises(ConfigError) as refused:
        loaded("rules:\n  - {id: r, match: $b92}\n", "entities:\n  - {id: b92, nam: [B92]}\n")
    assert [m.file for m in refused.value.mistakes] == ["entities/e.yaml"]


@pytest.mark.parametrize(
    ("match", "line", "column"),
    [
        (">-\n      Kosovo AND\n      NATO   OR UN", 5, 14),
        ("|\n      Kosovo AND\n\n      NATO OR UN", 6, 12),
        ("'Kosovo AND ''NATO'' OR UN'", 3, 33),
        ('"Kosovo \\u0041ND NATO OR UN"', 3, 34),
        ("Kosovo AND\n      NATO OR UN", 4, 12),
        ("$kosovo AND $kosovox", 3, 24),
    ],
)
def test_a_mistake_in_a_query_is_placed_in_the_file(match: str, line: int, column: int) -> None:
    with pytest.raises(ConfigError) as refused:
        matching(match)
    (mistake,) = refused.value.mistakes
    assert (mistake.line, mistake.column) == (line, column)


def test_a_file_without_rules_and_a_file_without_anything_are_taken() -> None:
    assert (
        load({"rules/a.yaml": "", "rules/b.yaml": "rules:\n", "entities/e.yaml": "# none\n"}, channels=None).rules == ()
    )


def test_channels_are_not_checked_where_none_are_given() -> None:
    assert load({"rules/a.yaml": "rules:\n  - {id: r, match: x, notify: [desk]}\n"}, channels=None).rules


def test_a_rule_set_survives_being_sent_to_another_process() -> None:
    rules = loaded()
    again = pickle.loads(pickle.dumps(rules))
    assert again == rules
    article = written("Kosovo at last")
    assert [m.rule.id for m in match(again, article)] == [m.rule.id for m in match(rules, article)] == ["plain"]


def test_what_is_suspect_is_warned_of() -> None:
    entities = """
entities:
  - {id: kosovo, type: place, names: [Kosovo, Косово]}
  - {id: belgrade, type: place, names: [Belgrade, Beograd, BELGRADE], context: [Serbia], not_after: [New]}
"""
    found = warnings(loaded("rules:\n  - {id: r, match: $kosovo}\n", entities))
    assert [str(mistake) for mistake in found] == [
        "entities/e.yaml:4:1: no rule names the entity $belgrade",
        'entities/e.yaml:4:1: the entity $belgrade lists "belgrade" 2 times; once is enough',
        "entities/e.yaml:4:1: context: of $belgrade does nothing without short:",
        "entities/e.yaml:4:1: not_after: of $belgrade does nothing, since it is no person",
        "entities/e.yaml:4:1: the entity $belgrade has no Cyrillic name, and other entities have one",
        "rules/a.yaml:2:1: this rule has no tests; add one article that must match and one that must not",
    ]


@pytest.mark.parametrize("schema", [RulesFile, EntitiesFile])
def test_every_key_is_described_to_editors(schema: type[RulesFile] | type[EntitiesFile]) -> None:
    whole = schema.model_json_schema()
    for kind in (whole, *whole["$defs"].values()):
        for name, key in kind["properties"].items():
            assert key.get("description"), f"{kind['title']}.{name}"
