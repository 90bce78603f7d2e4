"""`monitor rules import`: another tool's query as a rules file, and what was lost on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.rules_import import Tool
from monitor.errors import ConfigError
from monitor.rules.dialects import DIALECTS
from monitor.rules.load import load
from tests.cli.conftest import Shell

PIECES = st.sampled_from(
    [
        *(
            "kosovo",
            '"security council"',
            "serb*",
            "un*",
            "(",
            ")",
            "AND",
            "OR",
            "NOT",
            "and",
            "or",
            "not",
            "-film",
            "+nato",
        ),
        *(
            "NEAR/5",
            "near5",
            "w/5",
            "pre/3",
            "~",
            '"a b"~3',
            "title:",
            "hd=",
            "atleast3",
            "*x",
            "site:b92.net",
            "/x/",
            "$",
            "č",
        ),
    ]
)


@pytest.mark.parametrize("tool", sorted(DIALECTS))
def test_what_is_printed_is_a_rules_file(monitor: Shell, tmp_path: Path, tool: str) -> None:
    (tmp_path / "Kosovo & the UN.txt").write_text('kosovo AND "security council"\n')
    result = monitor("rules", "import", "--from", tool, tmp_path / "Kosovo & the UN.txt")
    assert (result.exit_code, result.stderr) == (0, "")
    (rule,) = load({"rules/a.yaml": result.stdout}, channels=None).rules
    assert rule.id == "kosovo-the-un"


def test_every_tool_that_can_be_read_can_be_named() -> None:
    assert {tool.value for tool in Tool} == set(DIALECTS)


def test_what_changes_meaning_is_told_and_exits_0(monitor: Shell) -> None:
    result = monitor("rules", "import", "--from", "lucene", "-", "--id", "both", stdin="kosovo nato un*")
    assert result.exit_code == 0
    assert "  - id: both\n" in result.stdout
    assert "    match: >-\n      kosovo OR nato OR un\n" in result.stdout
    assert "warning: un*: a wildcard needs 3 letters before it and one word; kept as un\n" in result.stderr
    assert result.stdout.count("# ") == result.stderr.count("warning: ")


def test_a_rule_that_would_be_refused_is_still_printed_and_says_so(monitor: Shell) -> None:
    result = monitor("rules", "import", "--from", "google", "-", stdin="-football")
    assert result.exit_code == 0
    assert "NOT football" in result.stdout
    assert "warning: the rule does not load yet: line 6: nothing must occur" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "says"),
    [
        (["--from", "lucene", "-"], "", 2, "the query holds nothing that can be carried over"),
        (["--from", "lucene", "absent.txt"], "", 3, "absent.txt: No such file or directory"),
        (["--from", "bing", "-"], "x", 2, "'bing' is not one of"),
        (["-"], "x", 2, "--from"),
    ],
)
def test_what_cannot_be_imported_is_said_why(
    monitor: Shell, arguments: list[str], stdin: str, code: int, says: str
) -> None:
    result = monitor("rules", "import", *arguments, stdin=stdin)
    assert (result.exit_code, result.stdout) == (code, "")
    assert says in result.stderr


@given(st.lists(PIECES, max_size=9).map(" ".join) | st.text(max_size=40), st.sampled_from(list(Tool)))
def test_whatever_comes_in_a_rule_that_loads_comes_out_or_a_reason(text: str, tool: Tool) -> None:
    result = Shell()("rules", "import", "--from", tool.value, "-", stdin=text)
    assert result.exit_code in (0, 2)
    if result.exit_code == 2:
        assert result.stderr.startswith("error: ")
        return
    if "does not load yet" in result.stderr:
        with pytest.raises(ConfigError, match="nothing must occur"):
            load({"rules/a.yaml": result.stdout}, channels=None)
    else:
        assert load({"rules/a.yaml": result.stdout}, channels=None).rules
