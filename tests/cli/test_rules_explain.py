"""`monitor rules explain`: a tick or a cross at each clause, and what came near."""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import normalize

import pytest
from rich.cells import cell_len

from monitor.store import Store, upgrade
from tests.build import NOON, article, feed, sighting
from tests.cli.conftest import Shell, on_a_terminal
from tests.serving import Reply
from tests.world.town import Story, Town, rss

RULES = """\
version: 1
rules:
  - id: dam
    where: {language: [en]}
    match:
      all: [dam, {any: [broke*, $mayor]}]
      none: [film]
  - id: near
    match: river NEAR/2 town
  - id: score
    match: {score: {at_least: 3, terms: {river: 2, fire: 2}}}
"""
ENTITIES = """\
version: 1
entities:
  - {id: mayor, type: person, names: [Milena Jovanović], short: [Jovanović], context: [mayor]}
"""
FLOOD = {"headline": "Dam in danger", "body": ["The dam broke, and broken stones fell.", "A river."], "language": "en"}


@pytest.fixture
def watched(town: Town) -> Town:
    (town.config / "rules" / "town.yaml").write_text(RULES)
    (town.config / "entities").mkdir()
    (town.config / "entities" / "people.yaml").write_text(ENTITIES)
    return town


def line(**fields: object) -> str:
    return json.dumps({"language": "en", **fields}, ensure_ascii=False)


def test_every_clause_has_its_tick_or_cross_and_every_hit_stands_over_its_carets(monitor: Shell, watched: Town) -> None:
    result = monitor("rules", "explain", "dam", "-", stdin=json.dumps(FLOOD))
    assert result.exit_code == 0
    assert result.stdout == (
        "✓ dam matches: Dam in danger\n"
        "├── ✓ language: [en]\n"
        "└── ✓ (dam AND (broke* OR $mayor)) AND NOT film\n"
        "    ├── ✓ dam AND (broke* OR $mayor)\n"
        "    │   ├── ✓ dam\n"
        "    │   │   ├── headline: Dam in danger\n"
        "    │   │   │             ^^^\n"
        "    │   │   └── body 1: The dam broke, and broken stones fell.\n"
        "    │   │                   ^^^\n"
        "    │   └── ✓ broke* OR $mayor\n"
        "    │       ├── ✓ broke*\n"
        "    │       │   └── body 1: The dam broke, and broken stones fell.\n"
        "    │       │                       ^^^^^      ^^^^^^\n"
        "    │       └── ✗ $mayor\n"
        "    └── ✓ NOT film\n"
    )


def test_a_miss_says_which_clauses_failed_and_what_came_nearest(monitor: Shell, watched: Town) -> None:
    said = line(headline="Dam in danger", body=["Jovanović made a film."])
    result = monitor("rules", "explain", "dam", "-", stdin=said)
    assert result.exit_code == 1
    assert result.stdout.startswith("✗ dam does not match: Dam in danger\n")
    assert "✗ NOT film\n" in result.stdout
    assert "^^^^\n" in result.stdout.split("✗ NOT film")[1]
    assert result.stdout.endswith(
        "\nwanting\n"
        "  broke* OR $mayor: Jovanović was seen, but only as a short name without context (a full name, or mayor)\n"
        "  NOT film: film occurs\n"
    )


@pytest.mark.parametrize(
    ("rule", "body", "wanting"),
    [
        ("near", "The river came into the town.", "the nearest two are 3 words apart, not 2 or fewer"),
        ("near", "The river.", "town does not occur"),
        ("score", "The river.", "the weights found add up to 2, not 3"),
    ],
)
def test_what_was_wanting_is_named(monitor: Shell, watched: Town, rule: str, body: str, wanting: str) -> None:
    result = monitor("rules", "explain", rule, "-", stdin=line(body=[body]))
    assert result.stdout.split("\nwanting\n")[1].splitlines()[0].endswith(wanting)


def test_an_inflected_form_that_needs_the_language_says_so(monitor: Shell, watched: Town) -> None:
    (watched.config / "rules" / "town.yaml").write_text("rules:\n  - {id: rise, match: rise~ AND dam}\n")
    unknown = monitor("rules", "explain", "rise", "-", stdin='{"body": ["Rising dam."]}').stdout
    assert unknown.endswith(
        "  the language of this text is not known, so ~ finds only common endings; a test may say language: en\n"
    )
    assert monitor("rules", "explain", "rise", "-", stdin=line(body=["Rising dam."])).exit_code == 0


def test_metadata_that_does_not_fit_is_named_first(monitor: Shell, watched: Town) -> None:
    result = monitor("rules", "explain", "dam", "-", stdin=line(headline="Dam broken", language="sr"))
    assert result.stdout.splitlines()[1] == "├── ✗ language: [en]"
    assert result.stdout.endswith("\nwanting\n  language: [en]: the article's language is sr\n")


def test_page_furniture_is_shown_and_does_not_count(monitor: Shell, watched: Town) -> None:
    said = line(
        headline="Quiet day", related=["Dam broken"], furniture=[{"kind": "caption", "text": "The dam\x1b[31m in May"}]
    )
    result = monitor("rules", "explain", "dam", "-", stdin=said)
    assert result.exit_code == 1
    assert result.stdout.endswith("\nnot counted\n  caption: The dam\ufffd[31m in May\n  related: Dam broken\n")
    assert 'dam stands only in page furniture (caption: "The dam' in result.stdout


def test_a_form_is_told_under_its_sentence(monitor: Shell, watched: Town) -> None:
    said = line(headline="Dam", body=["S Milenom Jovanović na brani."])
    assert "^^^^^^^^^^^^^^^^^  Milenom = Milena + -om\n" in monitor("rules", "explain", "dam", "-", stdin=said).stdout


@pytest.mark.parametrize(
    "body",
    [
        "大坝 大坝 dam 决堤 dam.",
        "e\u0301te\u0301 dam.",
        "a\tdam\nbroke the dam",
        "x " * 300 + "dam" + " y" * 300,
        "x" * 600 + " dam " + "y" * 600,
        "the dam, " * 40,
    ],
)
def test_carets_stand_under_the_words_however_wide_the_letters(monitor: Shell, watched: Town, body: str) -> None:
    lines = monitor("rules", "explain", "dam", "-", stdin=line(headline="x", body=[body])).stdout.splitlines()
    at = next(n for n, each in enumerate(lines) if "body 1: " in each)
    shown, below = lines[at], lines[at + 1]
    column, marks = 0, list(below)
    under = ""
    for letter in shown:
        width = cell_len(letter)
        if width and column < len(marks) and marks[column] == "^":
            under += letter
        column += width
    assert set(normalize("NFC", under).replace("dam", "|")) == {"|"}
    assert len(shown) < 700


def test_the_whole_is_one_json_document(monitor: Shell, watched: Town) -> None:
    told = monitor.json("rules", "explain", "dam", "-", stdin=json.dumps(FLOOD))
    assert (told["rule"], told["matches"]) == ("dam", True)
    (explained,) = told["articles"]
    assert explained["article"]["headline"] == "Dam in danger"
    dam = explained["match"]["parts"][0]["parts"][0]
    assert (dam["clause"], dam["holds"], dam["hits"][0]["field"]) == ("dam", True, "headline")
    assert explained["failed"] == []
    missed = monitor("rules", "explain", "dam", "-", "--json", stdin=line(headline="Quiet"))
    assert missed.exit_code == 1
    (explained,) = json.loads(missed.stdout)["articles"]
    assert [each["clause"] for each in explained["failed"]] == ["dam", "broke* OR $mayor"]


def test_each_article_of_a_feed_is_explained(monitor: Shell, watched: Town, tmp_path: Path) -> None:
    stories = [Story(headline="Quiet day"), Story(headline="Dam broken", text="The dam broke at night.")]
    (tmp_path / "feed.xml").write_text(rss("gazette", stories))
    result = monitor("rules", "explain", "dam", tmp_path / "feed.xml")
    assert result.exit_code == 0
    assert "✓ dam matches: Dam broken" in result.stdout
    assert "✗ dam does not match: Quiet day" in result.stdout


def test_a_rule_that_fails_its_own_test_can_be_explained(monitor: Shell, town: Town) -> None:
    (town.config / "rules" / "town.yaml").write_text("rules:\n  - {id: a, match: dam, tests: [{match: film}]}\n")
    assert monitor("rules", "explain", "a", "-", stdin="The dam.").exit_code == 0


# ------------------------------------------------------------------ where the article comes from

PAGE = (
    "<!doctype html><html lang='en'><head><title>Dam broken</title></head><body><article><h1>Dam broken</h1>"
    "<p>The dam above the town broke on Friday night, the mayor's office said.</p>"
    "<p>Nobody was hurt, and the river is falling again.</p></article></body></html>"
)


@pytest.mark.parametrize("document", [PAGE, rss("gazette", [Story(headline="Dam broken")])])
def test_an_address_is_fetched_and_read_as_a_page_or_a_feed(monitor: Shell, watched: Town, document: str) -> None:
    url = watched.publisher.publish("/it", document, content_type="text/html" if document == PAGE else "text/xml")
    result = monitor("rules", "explain", "dam", url, "--allow-private")
    assert (result.exit_code, "✓ dam matches: Dam broken" in result.stdout) == (0, True)


def test_an_address_goes_through_the_guard(monitor: Shell, watched: Town) -> None:
    url = watched.publisher.publish("/it", PAGE, content_type="text/html")
    result = monitor("rules", "explain", "dam", url)
    assert result.exit_code == 3
    assert "127.0.0.1 is loopback" in result.stderr


def test_an_address_that_brings_nothing_is_code_3(monitor: Shell, watched: Town) -> None:
    watched.publisher.script("/gone", Reply(status=404))
    gone = monitor("rules", "explain", "dam", watched.publisher.url("/gone"), "--allow-private")
    assert (gone.exit_code, "404" in gone.stderr) == (3, True)
    empty = watched.publisher.publish("/empty", " ", content_type="text/html")
    result = monitor("rules", "explain", "dam", empty, "--allow-private")
    assert (result.exit_code, "there is nothing in it" in result.stderr) == (3, True)


def test_a_stored_article_is_named_by_the_beginning_of_its_id(monitor: Shell, watched: Town, memory: Store) -> None:
    upgrade(memory)
    one, other = article("Dam broken"), article("Quiet day")
    with memory.transaction() as tx:
        tx.feeds.take_up([feed()])
        tx.articles.add(feed().id, [sighting(one), sighting(other)], NOON)
    for name in (one.id, one.id[:20], one.id.removeprefix("article_")[:12]):
        assert "✓ dam matches: Dam broken" in monitor("rules", "explain", "dam", name).stdout
    none = monitor("rules", "explain", "dam", "0000")
    assert (none.exit_code, "no stored article whose id begins with it" in none.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["damm", "-"], 2, 'unknown rule "damm"; did you mean "dam"?'),
        (["dam", "absent.txt"], 3, "absent.txt: No such file or directory"),
        (["dam", "http://"], 2, "no web address"),
        (["dam", "-", "--format", "feed"], 3, "standard input: this is neither XML nor JSON"),
        (["dam", "-", "--timezone", "Mars/Olympus"], 2, "no time zone"),
    ],
)
def test_what_cannot_be_explained_is_said_why(
    monitor: Shell, watched: Town, arguments: list[str], code: int, says: str
) -> None:
    result = monitor("rules", "explain", *arguments, stdin="The dam.")
    assert (result.exit_code, result.stdout) == (code, "")
    assert says in result.stderr


# ------------------------------------------------------------------ on a terminal


def test_on_a_terminal_the_hit_is_underlined_and_needs_no_carets(watched: Town) -> None:
    told = on_a_terminal(watched, "rules", "explain", "dam", "-", stdin=json.dumps(FLOOD))
    assert "\x1b[1;4mDam\x1b[0m in danger" in told
    assert "\x1b[1;32m✓" in told
    assert "^" not in told


def test_without_colour_the_marks_stay(watched: Town) -> None:
    told = on_a_terminal(watched, "rules", "explain", "dam", "-", stdin=json.dumps(FLOOD), TERM="dumb")
    assert "\x1b" not in told
    assert "✓ dam" in told
    assert "^^^" in told
