"""`monitor rules test`: dots, failures with their place, a summary; again at every save."""

from __future__ import annotations

import json
import signal

import pytest

from tests.cli.conftest import Shell, on_a_terminal
from tests.serving import PATIENCE
from tests.world.town import Town

FAILING = """\
rules:
  - id: dam
    match: {all: [dam, {any: [broke*, cracked]}]}
    tests:
      - match: The dam broke.
      - match: The dam breaks.
      - no_match: The dam broke in a film.
  - id: fire
    match: fire
    tests:
      - match: A fire.
  - id: smoke
    match: smoke
"""


@pytest.fixture
def failing(town: Town) -> Town:
    (town.config / "rules" / "town.yaml").write_text(FAILING)
    return town


def test_a_failure_has_its_place_what_was_expected_and_what_held(monitor: Shell, failing: Town) -> None:
    result = monitor("rules", "test")
    file = f"{failing.config}/rules/town.yaml"
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        f'{file}:6:9: the rule dam should match "The dam breaks." and does not',
        "          - match: The dam breaks.",
        "            ^",
        "    wanting: broke* OR cracked: none of these occurs",
        f'{file}:7:9: the rule dam should not match "The dam broke in a film." and does: '
        'dam found "dam", broke* found "broke"',
        "          - no_match: The dam broke in a film.",
        "            ^",
    ]
    assert result.stdout == "2 of 4 tests of 3 rules failed; without tests: smoke\n"


@pytest.mark.parametrize(
    ("rules", "code", "says"),
    [
        (["fire"], 0, "1 test of 1 rule passed\n"),
        (["fire", "smoke", "fire"], 0, "1 test of 2 rules passed; without tests: smoke\n"),
        (["dam", "fire"], 1, "2 of 4 tests of 2 rules failed\n"),
    ],
)
def test_only_the_named_rules_are_tested(monitor: Shell, failing: Town, rules: list[str], code: int, says: str) -> None:
    result = monitor("rules", "test", *rules)
    assert (result.exit_code, result.stdout) == (code, says)


def test_an_unknown_rule_is_code_2_with_the_nearest(monitor: Shell, failing: Town) -> None:
    result = monitor("rules", "test", "fire", "dan")
    assert (result.exit_code, 'unknown rule "dan"; did you mean "dam"?' in result.stderr) == (2, True)


def test_without_rules_it_says_what_to_do(monitor: Shell, town: Town) -> None:
    result = monitor("rules", "test")
    assert (result.exit_code, result.stdout) == (0, "no rules yet; write one into rules/\n")


def test_as_json_each_rule_has_its_failures(monitor: Shell, failing: Town) -> None:
    result = monitor("rules", "test", "--json")
    dam, fire, smoke = json.loads(result.stdout)
    assert (dam["id"], dam["tests"], [each["expected"] for each in dam["failed"]]) == ("dam", 3, ["match", "no_match"])
    assert dam["failed"][0]["wanting"] == ["broke* OR cracked: none of these occurs"]
    assert (fire["failed"], smoke["tests"]) == ([], 0)


def test_on_a_terminal_there_is_a_dot_for_each_test(failing: Town) -> None:
    assert on_a_terminal(failing, "rules", "test").startswith(".FF.\r\n")


def test_dots_fill_lines(town: Town) -> None:
    tests = ", ".join(["{match: fire}"] * 161)
    (town.config / "rules" / "town.yaml").write_text(f"rules:\n  - {{id: fire, match: fire, tests: [{tests}]}}\n")
    told = on_a_terminal(town, "rules", "test")
    assert [len(line) for line in told.splitlines()[:3]] == [80, 80, 1]


def test_every_save_runs_the_tests_again_until_ctrl_c(failing: Town) -> None:
    process = failing.monitor("rules", "test", "--watch")
    failing.waits_until(lambda: "2 of 4 tests of 3 rules failed" in failing.log())
    (failing.config / "rules" / "town.yaml").write_text("rules:\n  - {id: fire, match: fire and}\n")
    failing.waits_until(lambda: '"and" is an operator only in capitals' in failing.log())
    (failing.config / "rules" / "town.yaml").write_text("rules:\n  - {id: fire, match: fire, tests: [{match: fire}]}\n")
    failing.waits_until(lambda: "1 test of 1 rule passed" in failing.log())
    failing.waits_until(lambda: failing.log().count("waiting for a save") == 3)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert "Traceback" not in failing.log()


def test_watching_prints_no_json(monitor: Shell, failing: Town) -> None:
    assert monitor("rules", "test", "--watch", "--json").exit_code == 2
