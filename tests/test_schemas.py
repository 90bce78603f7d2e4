"""The JSON Schemas that editors use: good files pass, bad ones are underlined where they are wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

HOUSE = Path(__file__).parents[1]
SCHEMAS = HOUSE / "config" / "schema"


def mistakes(kind: str, text: str) -> list[list[Any]]:
    """Return where an editor underlines *text*, read as an editor's YAML 1.2 reads it."""
    schema = json.loads((SCHEMAS / f"{kind}.json").read_text())
    found = Draft202012Validator(schema).iter_errors(YAML(typ="safe", pure=True).load(text) or {})
    return sorted((list(error.absolute_path) for error in found), key=str)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("settings", "monitor.yaml"),
        ("feeds", "feeds.yaml"),
        ("channels", "channels.yaml"),
        *(("rules", path.relative_to(HOUSE / "config").as_posix()) for path in (HOUSE / "config/rules").glob("*.yaml")),
        *(
            ("entities", path.relative_to(HOUSE / "config").as_posix())
            for path in (HOUSE / "config/entities").glob("*.yaml")
        ),
    ],
)
def test_the_files_that_we_ship_pass_their_schemas(kind: str, name: str) -> None:
    assert mistakes(kind, (HOUSE / "config" / name).read_text()) == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("settings", "workers: 4\nretention: 30d\n"),
        ("feeds", "feeds:\n  - {id: a, url: 'https://a.example/', country: NO, labels: {tier: '1'}, max_lag: 5m}\n"),
        ("channels", "default: a\nchannels:\n  a: {type: log, rate: 10/s}\n"),
        ("rules", "rules:\n  - {id: a, title: A, match: {any: [1244, flood], none: [football]}, severity: high}\n"),
        ("rules", "rules:\n  - {id: a, title: A, match: $kosovo AND UN, story: every, tests: [{match: Kosovo}]}\n"),
        ("rules", "rules:\n  - id: a\n    match: {score: {at_least: 5, terms: {football: -6}}}\n"),
        ("rules", "rules:\n  - {id: a, match: x, where: {language: [en], country: [RS], strict: true}}\n"),
        ("entities", "entities:\n  - {id: nato, type: organisation, exact: [NATO]}\n"),
        ("entities", "entities:\n  - {id: z, names: [Zakharova], forms: [Zaharke], ids: {wikidata: Q1}}\n"),
    ],
)
def test_a_good_file_is_not_underlined(kind: str, text: str) -> None:
    assert mistakes(kind, text) == []


@pytest.mark.parametrize(
    ("kind", "text", "where"),
    [
        ("settings", "retenton: 3d\n", [[]]),
        ("settings", "retention: 3 days\n", [["retention"]]),
        ("settings", "log_format: xml\n", [["log_format"]]),
        ("feeds", "feeds:\n  - {id: a}\n", [["feeds", 0]]),
        ("feeds", "feeds:\n  - {id: a, url: 'https://a.example/', ulr: x}\n", [["feeds", 0]]),
        ("channels", "channels:\n  a: {type: pigeon}\n", [["channels", "a", "type"]]),
        ("rules", "rules:\n  - {title: A, match: x}\n", [["rules", 0]]),
        ("rules", "rules:\n  - {id: a, match: x, severty: high}\n", [["rules", 0]]),
        ("rules", "rules:\n  - {id: a, match: x, severity: hihg}\n", [["rules", 0, "severity"]]),
        ("entities", "entities:\n  - {id: a, type: robot, names: [A]}\n", [["entities", 0, "type"]]),
        ("entities", "entities:\n  - {names: [A]}\n", [["entities", 0]]),
    ],
)
def test_a_bad_file_is_underlined_where_it_is_wrong(kind: str, text: str, where: list[list[Any]]) -> None:
    assert mistakes(kind, text) == where


@pytest.mark.parametrize("kind", ["settings", "feeds", "channels", "rules", "entities"])
def test_every_key_says_what_it_is_for(kind: str) -> None:
    schema = json.loads((SCHEMAS / f"{kind}.json").read_text())
    parts = [schema, *schema.get("$defs", {}).values()]
    silent = [
        f"{part.get('title')}.{key}"
        for part in parts
        for key, value in part.get("properties", {}).items()
        if "description" not in value
    ]
    assert silent == []
