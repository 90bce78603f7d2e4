"""One more test in a rules file, and no other byte touched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UsageError
from monitor.model import RuleTest
from monitor.rules.insert import fields_of, with_test
from monitor.rules.load import load
from tests.rules.conftest import written

FILES = {
    "a list of tests": (
        "# kept: ä\nrules:\n  - id: one   # kept\n    match: a\n    tests:\n      - match: a   # kept, too\n"
        "\n      # about the next rule\n  - id: two\n    match: b\n"
    ),
    "a list at the end without a line end": (
        "rules:\n- id: one\n  match: a\n  tests:\n  - no_match: >-\n      b\n      c"
    ),
    "no tests": "rules:\n  - id: one\n    match: >-\n      a\n\n  # about two\n  - id: two\n    match: b\n",
    "tests without any": "rules:\n  - id: one\n    match: a\n    tests:   # none yet\n  - id: two\n    match: b\n",
    "tests in brackets": "rules:\n  - id: one\n    match: a\n    tests: [{match: a}, {no_match: b}]  # kept\n",
    "empty brackets": "rules:\n  - id: one\n    match: a\n    tests: []\n",
    "a rule in braces": "rules:\n  - {id: one, match: a}  # kept\n  - {id: two, match: b}\n",
    "maps as tests": (
        "rules:\n  - id: one\n    tests:\n      - match: {headline: a}\n"
        "      - match:\n          body: [a, b]\n    match: a\n"
    ),
    "windows line ends": "rules:\r\n  - id: one\r\n    match: a\r\n    tests:\r\n      - match: a\r\n",
}  # fmt: skip


def carried(text: str) -> list[RuleTest]:
    return list(next(r for r in load({"rules/r.yaml": text}, channels=None).rules if r.id == "one").tests)


def is_subsequence(part: str, whole: str) -> bool:
    signs = iter(whole)
    return all(sign in signs for sign in part)


@pytest.mark.parametrize("text", FILES.values(), ids=FILES.keys())
@pytest.mark.parametrize("matches", [True, False])
def test_the_test_is_added_last_and_nothing_else_changes(text: str, matches: bool) -> None:
    fields = {"headline": "Vučić: 'Ne damo' # again", "body": "One.\n\nTwo: three."}
    better = with_test("rules/r.yaml", text, "one", fields, matches=matches)
    before, after = carried(text), carried(better)
    assert [test.fields for test in after[:-1]] == [test.fields for test in before]
    assert (after[-1].matches, dict(after[-1].fields)) == (matches, fields)
    start = next(at for at, (a, b) in enumerate(zip(text + "\0", better, strict=False)) if a != b)
    tail = text[start:]
    assert better.startswith(text[:start])
    assert better.endswith(tail)


def test_lines_are_written_as_a_person_would() -> None:
    better = with_test(
        "rules/r.yaml", FILES["a list of tests"], "one", {"headline": "Kosovo votes", "language": "en"}, matches=False
    )
    assert "      - match: a   # kept, too\n      - no_match:\n          headline: Kosovo votes\n" in better


def test_an_unknown_rule_is_refused() -> None:
    with pytest.raises(UsageError, match=r'rules/r\.yaml: unknown rule "on"; did you mean "one"'):
        with_test("rules/r.yaml", FILES["no tests"], "on", {"body": "x"}, matches=True)
    with pytest.raises(UsageError, match="no rule is known yet"):
        with_test("rules/r.yaml", "rules:\n", "one", {"body": "x"}, matches=True)


@given(st.text(min_size=1, max_size=60), st.sampled_from(sorted(FILES)))
def test_any_text_comes_back_as_it_went_in_but_for_space_and_control_signs(said: str, which: str) -> None:
    body = f"x {said}"
    better = with_test("rules/r.yaml", FILES[which], "one", {"body": body}, matches=True)
    back = carried(better)[-1].fields["body"]
    visible = [sign for sign in body if sign.isprintable() and not sign.isspace()]
    assert is_subsequence("".join(visible), back)


def test_an_article_gives_the_fields_that_rules_read() -> None:
    article = written("One.", "Two.", headline="H", language="en")
    assert fields_of(article) == {"headline": "H", "body": "One.\n\nTwo.", "language": "en"}
    assert fields_of(written()) == {}
