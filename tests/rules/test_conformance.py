"""The tables in conformance/ that a person can read: text, query, and what is found."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from monitor.model import Article
from tests.rules.conftest import hits_of, written

TABLES = sorted((Path(__file__).parent / "conformance").glob("*.yaml"))


def cases() -> Iterator[object]:
    for table in TABLES:
        for point, rows in YAML(typ="safe", pure=True).load(table.read_text(encoding="utf-8")).items():
            for number, row in enumerate(rows, 1):
                finds = None if row["finds"] is False or row["finds"] == "no" else row["finds"]
                yield pytest.param(str(row["query"]), article(row["text"]), finds, id=f"{point} {number}")


def article(text: str | dict[str, str | list[str]]) -> Article:
    if isinstance(text, str):
        return written(text)
    body = text.get("body", [])
    paragraphs = [body] if isinstance(body, str) else body
    fields = {name: str(text[name]) for name in ("headline", "lede", "language") if name in text}
    return written(*paragraphs, **fields)


@pytest.mark.parametrize(("query", "text", "finds"), list(cases()))
def test_the_query_finds_what_the_table_says(query: str, text: Article, finds: list[str] | None) -> None:
    hits = hits_of(query, text)
    assert (None if hits is None else [hit.text for hit in hits]) == finds
    for hit in hits or ():
        whole = text.body[hit.paragraph] if hit.paragraph is not None else getattr(text, hit.field)
        assert whole[hit.start : hit.end] == hit.text
        assert hit.text in hit.sentence
