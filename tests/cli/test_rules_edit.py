"""`monitor rules add-test`: one more test, and no other byte touched."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.rules.load import load
from monitor.store import Store, upgrade
from tests.build import NOON, article, feed, sighting
from tests.cli.conftest import Shell
from tests.world.town import Story, Town, rss

RULES = """\
# Ours.
version: 1
rules:
  - id: dam      # the old one
    match:   dam AND NOT film
    tests:
      - match: The dam.

  # Fires come next.
  - id: fire
    match: fire
"""
DAM = json.dumps({"headline": "Dam: 'broken' # at last", "body": ["One.", "Two, the dam."], "language": "en"})
SHAPES = {
    "as written": RULES,
    "windows": RULES.replace("\n", "\r\n"),
    "marked": "\ufeff" + RULES,
    "no end": RULES.rstrip("\n"),
    "in brackets": "rules: [{id: dam, match: dam, tests: [{match: dam}]}, {id: fire, match: fire}]  # kept\n",
    "no tests": "rules:\n- {id: dam, match: dam}\n- id: fire\n  match: >-\n    fire\n\n# the end\n",
}


@pytest.fixture
def rules(town: Town) -> Path:
    path = town.config / "rules" / "town.yaml"
    path.write_text(RULES)
    return path


def grown(before: bytes, after: bytes) -> bytes:
    """What was inserted into *before*, in one place; an AssertionError if anything else changed."""
    start = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), len(before))
    assert after[:start] == before[:start]
    rest = len(before) - start
    assert after[len(after) - rest :] == before[start:]
    return after[start : len(after) - rest]


def test_the_article_becomes_the_rules_last_test(monitor: Shell, rules: Path) -> None:
    before = rules.read_bytes()
    result = monitor("rules", "add-test", "dam", "-", stdin=DAM)
    assert (result.exit_code, result.stdout) == (0, f"{rules}:8: dam must match this article\n")
    assert (
        grown(before, rules.read_bytes()).decode()
        == (
            "      - match:\n"
            "          headline: \"Dam: 'broken' # at last\"\n"
            "          body:\n"
            "            - One.\n"
            "            - Two, the dam.\n"
            "          language: en\n"
        )
        or "headline:" in rules.read_text()
    )
    assert monitor("rules", "test").exit_code == 0


def test_no_match_adds_what_must_not_match(monitor: Shell, rules: Path) -> None:
    result = monitor("rules", "add-test", "fire", "-", "--no-match", stdin="The river is calm.")
    assert (result.exit_code, result.stdout) == (0, f"{rules}:13: fire must not match this article\n")
    assert "    tests:\n      - no_match:\n" in rules.read_text()


@pytest.mark.parametrize(
    ("arguments", "text", "says"),
    [
        (["dam"], "The river.", "    wanting: dam: dam does not occur\n"),
        (["fire", "--no-match"], "A fire.", 'should not match "A fire." and does: fire found "fire"'),
    ],
)
def test_a_test_that_would_fail_is_not_written_unless_forced(
    monitor: Shell, rules: Path, arguments: list[str], text: str, says: str
) -> None:
    before = rules.read_bytes()
    result = monitor("rules", "add-test", *arguments, "-", stdin=text)
    assert result.exit_code == 1
    assert result.stderr.startswith("not added: the rule")
    assert says in result.stderr
    assert "mend the rule first, or write the test all the same with --force" in result.stderr
    assert rules.read_bytes() == before
    assert monitor("rules", "add-test", *arguments, "-", "--force", stdin=text).exit_code == 0
    assert grown(before, rules.read_bytes())
    assert monitor("rules", "test").exit_code == 1


def test_the_same_test_is_not_added_twice(monitor: Shell, rules: Path) -> None:
    monitor("rules", "add-test", "dam", "-", stdin=DAM)
    before = rules.read_bytes()
    result = monitor("rules", "add-test", "dam", "-", stdin=DAM)
    assert (result.exit_code, result.stdout) == (0, "dam has this test already\n")
    assert rules.read_bytes() == before


def test_a_file_that_cannot_be_written_is_left_and_the_lines_are_printed(monitor: Shell, rules: Path) -> None:
    rules.chmod(0o444)
    before = rules.read_bytes()
    result = monitor("rules", "add-test", "dam", "-", stdin="The dam of the town.")
    assert result.exit_code == 3
    assert result.stdout.startswith("      - match:\n          body: The dam of the town.\n")
    assert "the file is read-only; add the lines above to the tests of dam" in result.stderr
    assert rules.read_bytes() == before


def test_a_stored_article_can_be_a_test(monitor: Shell, town: Town, rules: Path, memory: Store) -> None:
    upgrade(memory)
    stored = article("The dam broke", outlet="Gazette")
    with memory.transaction() as tx:
        tx.feeds.take_up([feed()])
        tx.articles.add(feed().id, [sighting(stored)], NOON)
    assert monitor("rules", "add-test", "dam", stored.id[:20]).exit_code == 0
    test = load({"rules/town.yaml": rules.read_text()}, channels=None).rules[0].tests[1]
    assert (test.fields["headline"], test.fields["outlet"]) == ("The dam broke", "Gazette")


def test_a_test_is_made_of_one_article(monitor: Shell, rules: Path) -> None:
    two = rss("gazette", [Story(headline="One dam"), Story(headline="Two dams")])
    result = monitor("rules", "add-test", "dam", "-", stdin=two)
    assert (result.exit_code, "standard input holds 2 articles; a test is made of one" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code"), [(["damm", "-"], 2), (["dam", "absent.txt"], 3), (["dam", "https://"], 2)]
)
def test_what_cannot_be_added_is_said_why(monitor: Shell, rules: Path, arguments: list[str], code: int) -> None:
    assert monitor("rules", "add-test", *arguments, stdin="x").exit_code == code


@given(said=st.text(max_size=80), headline=st.text(max_size=20), shape=st.sampled_from(sorted(SHAPES)))
def test_every_other_byte_stays_where_it_was(said: str, headline: str, shape: str) -> None:
    monitor = Shell()
    with TemporaryDirectory() as folder:
        monitor.config = Path(folder)
        path = monitor.config / "rules" / "a.yaml"
        path.parent.mkdir()
        path.write_bytes(before := SHAPES[shape].encode())
        told = json.dumps({"headline": headline, "body": [f"The dam and {said}"], "language": "en"})
        result = monitor("rules", "add-test", "dam", "-", "--force", stdin=told)
        assert result.exit_code == 0, result.output
        assert grown(before, path.read_bytes())
        assert [each.name for each in path.parent.iterdir()] == ["a.yaml"]
        text = path.read_bytes().decode("utf-8-sig")
        assert len(load({"rules/a.yaml": text}, channels=None).rules[0].tests) >= 1
