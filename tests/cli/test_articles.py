"""`normalise` and `match`: files in, JSON lines out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.canonical import NAMES
from tests.cli.conftest import Shell
from tests.world.town import Story, Town, rss

TEXT = """\
Politics River commission meets Its members talk about the flood in town. Source: Gazette Saturday, July 8, 2023 | 15:07

The river rose by two metres on Friday.

Nobody was hurt, the mayor's office said on Saturday morning.
"""
HTML = "<!doctype html><html><body><h1>River commission meets</h1><p>The flood in town is over.</p></body></html>"
FEED = rss("gazette", [Story(headline="Flood in town"), Story(headline="Fire in town")])
JSON_FEED = json.dumps(
    {"version": "https://jsonfeed.org/version/1.1", "title": "g", "items": [{"id": "1", "title": "Flood in town"}]}
)
LINES = '{"headline": "Flood in town", "url": "https://gazette.example/1"}\n\n{"headline": "Quiet day"}\n'


def told(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.parametrize(
    ("text", "format", "headlines"),
    [
        (TEXT, "text", 1),
        (HTML, "html", 1),
        (FEED, "feed", 2),
        (JSON_FEED, "feed", 1),
    ],
)
def test_a_file_becomes_canonical_articles_whether_or_not_its_form_is_named(
    monitor: Shell, tmp_path: Path, text: str, format: str, headlines: int
) -> None:
    (tmp_path / "file").write_text(text)
    named = told(monitor("normalise", tmp_path / "file", "--format", format).stdout)
    guessed = told(monitor("normalise", tmp_path / "file").stdout)
    piped = told(monitor("normalise", "-", stdin=text).stdout)
    assert len(named) == headlines
    for article, same, again in zip(named, guessed, piped, strict=True):
        assert tuple(article) == NAMES
        assert article["feed"] is None
        assert {**article, "seen_at": None} == {**same, "seen_at": None} == {**again, "seen_at": None}


def test_the_zone_that_is_given_is_that_of_dates_without_one(monitor: Shell) -> None:
    (article,) = told(monitor("normalise", "--timezone", "Europe/Belgrade", stdin=TEXT).stdout)
    assert article["published_at"] == "2023-07-08T15:07:00+02:00"
    assert article["timezone_source"] == "outlet"
    (article,) = told(monitor("normalise", stdin=TEXT).stdout)
    assert (article["published_at"], article["timezone_source"]) == ("2023-07-08T15:07:00", "none")


def test_the_address_that_is_given_is_the_articles(monitor: Shell) -> None:
    (article,) = told(monitor("normalise", "--url", "https://Gazette.example/a?utm_source=x", stdin=TEXT).stdout)
    assert article["url"] == "https://gazette.example/a"


@pytest.mark.corpus
def test_the_sample_article_comes_out_as_the_contract_says(monitor: Shell, corpus: Path) -> None:
    (article,) = told(monitor("normalise", corpus / "seed-article.txt", "--timezone", "Europe/Belgrade").stdout)
    assert article["published_at"] == "2023-07-08T15:07:00+02:00"
    assert (article["section"], article["headline"]) == ("Politics", "Russia stood by Serbia")
    assert (article["source"], article["credit"], len(article["body"])) == ("Sputnik", "Profimedia", 8)


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "says"),
    [
        (["--timezone", "Mars/Olympus"], TEXT, 2, '"Mars/Olympus" is no time zone'),
        (["--url", "gazette"], TEXT, 2, "no web address"),
        ([], "", 3, "error: standard input: there is nothing in it"),
        (["--format", "feed"], HTML, 3, "error: standard input: this is a web page, not a feed"),
        (["--format", "feed"], TEXT, 3, "error: standard input: this is neither XML nor JSON"),
    ],
)
def test_what_cannot_be_normalised_is_said_why(
    monitor: Shell, arguments: list[str], stdin: str, code: int, says: str
) -> None:
    result = monitor("normalise", *arguments, stdin=stdin)
    assert result.exit_code == code
    assert says in result.stderr


def test_normalise_needs_no_config_and_no_database(monitor: Shell, tmp_path: Path) -> None:
    assert monitor("normalise", stdin=TEXT).exit_code == 0
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ match


@pytest.mark.parametrize(
    ("text", "format"), [(TEXT, "text"), (HTML, "html"), (FEED, "feed"), (JSON_FEED, "feed"), (LINES, "jsonl")]
)
def test_a_match_is_one_line_whether_or_not_the_form_is_named(
    monitor: Shell, town: Town, text: str, format: str
) -> None:
    town.watches("floods", "flood")
    named = monitor("match", "--format", format, stdin=text)
    guessed = monitor("match", stdin=text)
    assert named.exit_code == guessed.exit_code == 0
    assert named.stdout == guessed.stdout
    (match,) = told(named.stdout)
    assert list(match) == ["rule", "article", "why"]
    assert match["rule"] == "floods"
    assert list(match["article"]) == ["id", "url", "headline"]
    hit = match["why"][0]
    assert hit["text"].casefold() == "flood"
    assert hit["sentence"][hit["sentence"].index(hit["text"]) :].startswith(hit["text"])


def test_two_rules_on_one_article_are_two_lines(monitor: Shell, town: Town) -> None:
    town.watches("floods", "flood")
    town.watches("towns", "town")
    assert [match["rule"] for match in told(monitor("match", stdin=LINES).stdout)] == ["floods", "towns"]


def test_nothing_matched_is_code_1(monitor: Shell, town: Town) -> None:
    town.watches("fires", "fire")
    result = monitor("match", stdin=TEXT)
    assert (result.exit_code, result.output) == (1, "")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 3: not JSON"),
        ("[]", "line 3: not a JSON object"),
        ('{"headline": 5}', "line 3: headline: a text or null, not 5"),
        ('{"title": "x"}', "line 3: no headline, lede or body (unknown here: title)"),
    ],
)
def test_a_line_that_is_no_article_is_code_3_with_its_number(monitor: Shell, town: Town, line: str, says: str) -> None:
    town.watches("floods", "flood")
    result = monitor("match", "--format", "jsonl", stdin=f'{{"headline": "Flood in town"}}\n\n{line}\n')
    assert result.exit_code == 3
    assert says in result.stderr
    assert len(told(result.stdout)) == 1


def test_a_line_may_hold_any_letter_that_json_allows(monitor: Shell, town: Town) -> None:
    town.watches("floods", "flood")
    line = json.dumps({"headline": "Flood\u2028in\u0085town"}, ensure_ascii=False)
    assert monitor("match", stdin=line).exit_code == 0


def test_match_touches_no_database(monitor: Shell, town: Town) -> None:
    town.watches("floods", "flood")
    monitor("match", stdin=TEXT)
    assert not (town.folder / "var").exists()


def test_a_config_that_does_not_load_is_code_2_even_if_something_matched(monitor: Shell, town: Town) -> None:
    (town.config / "rules" / "town.yaml").write_text("rules:\n  - {id: floods, match: 'flood OR'}\n")
    assert monitor("match", stdin=TEXT).exit_code == 2
