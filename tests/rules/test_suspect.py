"""What loads and should still be looked at."""
# ruff: noqa: E501  (a table reads better in one line a row)

from __future__ import annotations

import pytest

from monitor.rules.load import load
from monitor.rules.suspect import warnings

ENTITIES = "entities:\n  - {id: kosovo, type: place, names: [Kosovo]}\n"


def warned(match: str) -> list[str]:
    tests = "tests: [{match: x}]"
    files = {"rules/r.yaml": f"rules:\n  - id: r\n    match: {match}\n    {tests}\n", "entities/e.yaml": ENTITIES}
    return [mistake.message for mistake in warnings(load(files, channels=None)) if mistake.file == "rules/r.yaml"]


@pytest.mark.parametrize(
    ("match", "message"),
    [
        ("{any: [UN Security Council, security council]}", "UN Security Council adds nothing: whatever holds it holds security council, too"),
        ("{any: [Kosovo, kosovo]}", "kosovo adds nothing: whatever holds it holds Kosovo, too"),
        ("secur* OR security", "security adds nothing: whatever holds it holds secur*, too"),
        ("secure* OR secur*", "secure* adds nothing: whatever holds it holds secur*, too"),
        ("=Danas OR danas", "=Danas adds nothing: whatever holds it holds danas, too"),
        ("talks OR talks~", "talks adds nothing: whatever holds it holds talks~, too"),
        ("$kosovo OR headline:$kosovo", "headline:$kosovo adds nothing: whatever holds it holds $kosovo, too"),
        ("$kosovo OR ($kosovo NEAR/5 UN)", "$kosovo NEAR/5 UN adds nothing: whatever holds it holds $kosovo, too"),
        ("a OR (a AND b)", "a AND b adds nothing: whatever holds it holds a, too"),
        ("football NOT football", "this rule can never match: none of football is allowed, and football always holds it"),
        ("{all: [$kosovo, football club], none: [football]}", "this rule can never match: none of football is allowed, and football club always holds it"),
        ("{any: [football club, $kosovo], none: [football]}", "football club can never count: none of football is allowed, and football club always holds it"),
        ("{score: {at_least: 5, terms: {a: 2, b: 2, c: -6}}}", "no article can reach at_least: 5, since the positive weights add up to 4"),
        ("headline:(a OR a)", "a adds nothing: whatever holds it holds a, too"),
        ("ATLEAST/2 (a OR a)", "a adds nothing: whatever holds it holds a, too"),
        ("(a OR a) NEAR/3 b", "a adds nothing: whatever holds it holds a, too"),
    ],
)  # fmt: skip
def test_a_dead_clause_is_warned_of(match: str, message: str) -> None:
    assert warned(match) == [message]


@pytest.mark.parametrize(
    "match",
    [
        "$kosovo OR kosovo",
        "{any: [UN Security Council, Security Council of the UN]}",
        "=Danas OR =danas",
        "headline:a OR lede:a",
        "a NOT headline:a",
        "$kosovo NOT (NOT-x OR football)",
        "secur* OR sec?re",
        "{score: {at_least: 4, terms: {a: 2, b: 2}}}",
    ],
)
def test_what_makes_a_difference_is_not_warned_of(match: str) -> None:
    assert warned(match) == []
