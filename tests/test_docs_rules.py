"""What the reference of rules says is what the rules mean: each operator, key and refusal that it shows."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from monitor.articles.normalise import article_from_fields
from monitor.errors import ConfigError
from monitor.rules import load as rules
from monitor.rules.load import NOT_YET, EntitiesFile, RulesFile
from monitor.rules.match import match
from monitor.source import MappingNode, SequenceNode, read
from tests.test_docs import DOCS, HOUSE, files_on, plain_environment, rows, sessions, ticked

LANGUAGE = DOCS / "reference" / "rules.md"
# Each operator of the grammar, as what the reference's table must show one of.
GRAMMAR = {
    *("word", "word~", "word*", "wom?n", '"a phrase"', '"a phrase"~', "=Word", '="Exact Phrase"', "$entity"),
    *("AND", "OR", "NOT", "NEAR", "ONEAR", "NOT NEAR", "SAME-SENTENCE", "SAME-PARAGRAPH", "ATLEAST"),
    *("headline:", "title:", "lede:", "body:", "/regex/", "sentence:/regex/"),
}


def examples() -> list[list[str]]:
    """The rows of the reference's table of operators: query, meaning, what is found, what is not."""
    return list(rows("docs/reference/rules.md", columns=4))


def operators(query: str) -> set[str]:
    """Which of GRAMMAR *query* shows."""
    words = set(re.findall(r"(?:NOT )?O?NEAR(?=/)|SAME-\w+|ATLEAST|AND|OR|NOT|(?:headline|title|lede|body):", query))
    shapes = {
        "word": r"\w+",
        "word~": r"\w+~",
        "word*": r"\w+\*",
        "wom?n": r"\w+\?\w+\*?",
        '"a phrase"': r'"[^"]*"',
        '"a phrase"~': r'"[^"]*"~',
        "=Word": r"=\w+",
        '="Exact Phrase"': r'="[^"]*"',
        "$entity": r"\$\w+",
        "/regex/": r"/.*/",
        "sentence:/regex/": r"sentence:/.*/",
    }
    return words | {name for name, shape in shapes.items() if re.fullmatch(shape, query)}


def written_entities() -> dict[str, str]:
    return {name: block for name, block in files_on(LANGUAGE) if name.startswith("entities/")}


def found_in(query: str, example: str) -> list[str] | None:
    """What *query* finds in *example*, which may name its field first; None if it does not match."""
    rule = "rules:\n  - id: a\n    match: >-\n      " + query + "\n"
    field, said = re.fullmatch(r"(?:(headline|lede|body): )?(.*)", example).groups()
    article = {field or "body": said.replace(" ¶ ", "\n\n"), "language": "en"}
    (matched,) = match(
        rules.load({**written_entities(), "rules/a.yaml": rule}, channels=None), article_from_fields(article)
    ) or [None]
    return None if matched is None else [hit.text for hit in matched.hits]


@pytest.mark.parametrize("row", examples(), ids=lambda row: str(row[0]))
def test_an_operator_finds_what_the_reference_says_and_no_more(row: list[str]) -> None:
    (query,) = ticked(row[0])
    bold = re.findall(r"\*\*(.+?)\*\*", row[2])
    assert bold
    assert found_in(query, row[2].replace("**", "")) == bold
    assert found_in(query, row[3]) is None


def test_the_reference_shows_every_operator() -> None:
    shown = set().union(*(operators(ticked(row[0])[0]) for row in examples()))
    assert shown >= GRAMMAR


def refused() -> list[tuple[str, str]]:
    return [
        (ticked(row[0])[0], ticked(row[2])[0]) for row in rows("docs/reference/rules.md", columns=3) if ticked(row[2])
    ]


def in_a_rule(text: str) -> str:
    return "rules:\n  - id: a\n    match:" + (
        f"\n      any:\n        - flood\n        {text}\n" if text.startswith("- ") else f" >-\n      {text}\n"
    )


@pytest.mark.parametrize(("wrong", "right"), [row for row in refused() if row[0] not in ("story", "severity")])
def test_what_the_reference_calls_refused_is_and_the_message_says_what_to_write(wrong: str, right: str) -> None:
    with pytest.raises(ConfigError) as error:
        rules.load({**written_entities(), "rules/a.yaml": in_a_rule(wrong)}, channels=None)
    assert re.sub(r"^(- |\$)", "", right) in str(error.value)
    rules.load({**written_entities(), "rules/a.yaml": in_a_rule(right)}, channels=None)


def keys_of(schema: type[BaseModel]) -> Iterator[str]:
    """Every key that may stand in a file of *schema*, but for those that are not built yet."""
    shape = schema.model_json_schema(by_alias=True)
    unbuilt = {"Throttle", "Cron", "Hold", "Spike", "Silence"}
    for part in [shape, *(part for name, part in shape.get("$defs", {}).items() if name not in unbuilt)]:
        yield from (name for name in part.get("properties", {}) if name not in (*NOT_YET, "digest", "timezone"))


def keys_in(node: Any) -> Iterator[str]:
    match node:
        case MappingNode(value=pairs):
            for key, value in pairs:
                yield key.value
                yield from keys_in(value)
        case SequenceNode(value=items):
            for item in items:
                yield from keys_in(item)
        case _:
            return


@pytest.mark.parametrize(("schema", "folder"), [(RulesFile, "rules/"), (EntitiesFile, "entities/")])
def test_the_reference_uses_every_key_of_a_rules_and_an_entities_file(schema: type[BaseModel], folder: str) -> None:
    used = {
        key for name, block in files_on(LANGUAGE) if name.startswith(folder) for key in keys_in(read(name, block).root)
    }
    assert not set(keys_of(schema)) - used


def test_every_rule_of_the_reference_says_what_matches_and_what_does_not() -> None:
    loaded = rules.load(dict(files_on(LANGUAGE)), channels=None)
    for rule in loaded.rules:
        assert {test.matches for test in rule.tests} == {True, False}, rule.id
    assert {warning.message for warning in rules.warnings(loaded)} == set()


# ------------------------------------------------------------------ how-tos

HOW_TOS = [DOCS / "how-to" / f"{name}.md" for name in ("test-a-rule", "import-rules")]


@pytest.mark.parametrize("page", HOW_TOS, ids=lambda page: str(page.stem))
def test_a_how_tos_commands_print_what_it_shows(page: Path, tmp_path: Path) -> None:
    for name, block in files_on(page):
        path = tmp_path / "config" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block, encoding="utf-8")
    said = page.read_text(encoding="utf-8")
    for name, block in re.findall(r"`([\w-]+\.txt)`:\n\n```text\n(.*?)^```$", said, re.DOTALL | re.MULTILINE):
        (tmp_path / name).write_text(block, encoding="utf-8")
    shown = list(sessions(page))
    assert shown
    for command, output in shown:
        done = subprocess.run(
            [sys.executable, "-m", *command.split()],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={**plain_environment(), "PYTHONPATH": str(HOUSE)},
        )
        assert re.fullmatch(re.escape(output).replace("…", ".*"), done.stdout + done.stderr), done.stdout + done.stderr
