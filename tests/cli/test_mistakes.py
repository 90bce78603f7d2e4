"""A mistake in a file of rules or entities is shown with its line and a caret."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from monitor.cli import show
from monitor.errors import Mistake
from tests.cli.conftest import Shell
from tests.world.town import Town


def pointed_at(folder: Path, text: str, sign: str, *, name: str = "rules/a.yaml") -> list[str]:
    """The lines that tell of a mistake at *sign* in the file *name* that holds *text*."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    before = text[: text.index(sign)]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return show.mistakes([Mistake(file=str(path), line=line, column=column, message="wrong")]).split("\n")


def test_the_line_stands_below_the_message_and_the_caret_below_the_column(monitor: Shell, town: Town) -> None:
    (town.config / "rules" / "town.yaml").write_text("rules:\n  - id: a\n    match: flood and dam\n")
    result = monitor("check")
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"{town.config}/rules/town.yaml:3:18: "
        '"and" is an operator only in capitals; write flood AND dam or \'"flood and dam"\'',
        "        match: flood and dam",
        "                     ^",
    ]


def test_a_test_that_fails_is_pointed_at(monitor: Shell, town: Town) -> None:
    (town.config / "rules" / "town.yaml").write_text("rules:\n  - {id: a, match: dam, tests: [{match: film}]}\n")
    for command in (("check",), ("rules", "test")):
        lines = monitor(*command).stderr.splitlines()
        assert lines[0].startswith(f"{town.config}/rules/town.yaml:2:33: the rule a should match")
        assert lines[1:3] == [
            "      - {id: a, match: dam, tests: [{match: film}]}",
            "                                    ^",
        ]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "  - ",
        "\t",
        " \t ",
        "Косово ",
        "安理会 ",
        "e\u0301",
        "\u00a0",
        "a\u200bb",
        "👩‍👩‍👧 ",
        "\x1b[31m",
        "x" * 99,
        "安" * 300,
    ],
)
def test_the_caret_keeps_its_place_whatever_stands_before(tmp_path: Path, before: str) -> None:
    _, shown, caret = pointed_at(tmp_path, f"rules:\n{before}@tail\nx\n", "@")
    assert caret.endswith("^")
    assert shown.split("@")[1] == "tail"
    tabbed, space = shown.split("@")[0].split("\t"), caret[:-1].split("\t")
    assert [cell_len(part) for part in tabbed] == [cell_len(part) for part in space]
    assert "\x1b" not in shown


def test_a_long_line_is_cut_around_the_caret(tmp_path: Path) -> None:
    _, shown, caret = pointed_at(tmp_path, f"{'x' * 5000}@{'y' * 5000}\n", "@")
    assert len(shown) < 250
    assert shown[len(caret) - 1] == "@"


@pytest.mark.parametrize(("text", "line", "column"), [("a\n", 9, 1), ("a\n\nb\n", 2, 1), ("a\n", 1, 9)])
def test_where_there_is_nothing_to_point_at_the_message_stands_alone(
    tmp_path: Path, text: str, line: int, column: int
) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    for file in (path, tmp_path, tmp_path / "absent.yaml"):
        mistake = Mistake(file=str(file), line=line, column=column, message="wrong")
        assert show.mistakes([mistake]) == str(mistake)


@pytest.mark.parametrize("name", ["monitor.yaml", "feeds.yaml", "channels.yaml"])
def test_no_line_of_a_file_that_may_hold_a_secret_is_repeated(tmp_path: Path, name: str) -> None:
    assert len(pointed_at(tmp_path, "token: @hunter2\n", "@", name=name)) == 1


def test_a_byte_order_mark_and_windows_line_ends_move_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes("\ufeffrules:\r\n  - @x\r\n".encode())
    mistake = Mistake(file=str(path), line=2, column=5, message="wrong")
    assert show.mistakes([mistake]).split("\n")[1:] == ["      - @x", "        ^"]
