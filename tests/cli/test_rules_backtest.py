"""`monitor rules backtest`: what an edit would change of what was told."""

from __future__ import annotations

import json
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model import StoryId
from monitor.settings import gather
from monitor.store import Store, upgrade
from tests.build import article, feed, published, sighting
from tests.cli.conftest import Shell, on_a_terminal
from tests.world.town import Town

HOUR = timedelta(hours=1)
OLD = "rules:\n  - {id: dam, match: dam}\n  - {id: gone, match: smoke}\n"
NEW = "rules:\n  - {id: dam, match: dam OR levee}\n  - {id: fire, match: fire OR levee}\n"


@pytest.fixture
def archive(town: Town, memory: Store) -> Town:
    """A town with four stored articles, whose daemon took OLD and whose files say NEW."""
    rules = town.config / "rules" / "town.yaml"
    rules.write_text(OLD)
    now = datetime.now(UTC)  # noqa: TID251  the command counts back from the real time
    told = [
        article("A dam", outlet="Gazette", seen_at=now - 3 * HOUR, published=published(now - 4 * HOUR)),
        article("The levee", outlet="Gazette", seen_at=now - 2 * HOUR, published=published(now - 2 * HOUR)),
        article("The smoke", outlet="Herald", seen_at=now - HOUR, published=published(now - HOUR)),
        article("An old levee", seen_at=now - HOUR, published=published(now - 50 * HOUR)),
        article("A dam of old", seen_at=now - 1000 * HOUR, published=published(now - 1000 * HOUR)),
    ]
    copy = article("Levee again", story=StoryId(told[1].id), outlet="Herald", seen_at=now, published=published(now))
    upgrade(memory)
    with memory.transaction() as tx:
        tx.feeds.take_up([feed()])
        tx.articles.add(feed().id, map(sighting, [*told, copy]), now)
        tx.configs.accept("1", gather(town.config), now)
    rules.write_text(NEW)
    return town


def test_what_is_added_and_removed_is_told_by_story(monitor: Shell, archive: Town) -> None:
    result = monitor("rules", "backtest")
    first, sums, *stories = result.stdout.splitlines()
    assert result.exit_code == 0
    assert first.startswith("5 stored articles since ")
    assert sums == "2 added, 1 removed, 1 unchanged"
    levee, smoke = article("The levee").id[:18], article("The smoke").id[:18]
    assert stories == [
        *("", "The levee", f"  Gazette, Herald: 2 articles, {levee}", "  + dam", "  + fire"),
        *("", "The smoke", f"  Herald: 1 article, {smoke}", "  - gone"),
    ]


def test_as_json_every_change_has_its_articles(monitor: Shell, archive: Town) -> None:
    told = monitor.json("rules", "backtest")
    assert told == json.loads(monitor("rules", "backtest", "--format", "json").stdout) | {"since": told["since"]}
    assert (told["against"], told["articles"]) == ("last", 5)
    assert [each["rule"] for each in told["added"]] == ["dam", "fire"]
    assert [each["headline"] for each in told["added"][0]["articles"]] == ["The levee", "Levee again"]
    assert [each["rule"] for each in told["removed"]] == ["gone"]
    assert [each["articles"][0]["headline"] for each in told["unchanged"]] == ["A dam"]


def test_as_markdown_it_is_a_comment_for_a_pull_request(monitor: Shell, archive: Town) -> None:
    shown = monitor("rules", "backtest", "--format", "markdown").stdout
    assert "\n\n**2 added, 1 removed, 1 unchanged**\n\n### Added\n\n| rule | headline | outlets |\n" in shown
    assert "| dam | The levee | Gazette, Herald |\n" in shown


def test_since_says_how_far_back(monitor: Shell, archive: Town) -> None:
    assert monitor.json("rules", "backtest", "--since", "90m")["articles"] == 3
    assert monitor.json("rules", "backtest", "--since", "90d")["articles"] == 6
    assert monitor("rules", "backtest", "--since", "soon").exit_code == 2


def test_another_folder_can_be_compared_with(monitor: Shell, archive: Town, tmp_path: Path) -> None:
    (tmp_path / "other" / "rules").mkdir(parents=True)
    (tmp_path / "other" / "rules" / "a.yaml").write_text(NEW)
    told = monitor.json("rules", "backtest", "--against", tmp_path / "other")
    assert (told["added"], told["removed"], len(told["unchanged"])) == ([], [], 3)


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=a", "-c", "user.email=a@town.example", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


def test_the_files_of_a_git_revision_can_be_compared_with(monitor: Shell, archive: Town) -> None:
    rules = archive.config / "rules"
    git(archive.folder, "init", "--quiet", "--initial-branch", "trunk")
    (rules / "town.yaml").write_text(OLD)
    (rules / "sub").mkdir()
    (rules / "sub" / "ш.yml").write_text("rules:\n  - {id: more, match: smoke}\n")
    (rules / ".hidden.yaml").write_text("no: rules\n")
    git(archive.folder, "add", "--all", "config")
    git(archive.folder, "commit", "--quiet", "--message", "first")
    (rules / "town.yaml").write_text(NEW)
    for revision in ("HEAD", "trunk"):
        told = monitor.json("rules", "backtest", "--against", revision)
        assert [each["rule"] for each in told["added"]] == ["dam", "fire"]
        assert [each["rule"] for each in told["removed"]] == ["gone"]
        assert len(told["unchanged"]) == 2
    absent = monitor("rules", "backtest", "--against", "nowhere")
    assert (absent.exit_code, 'error: --against "nowhere": ' in absent.stderr) == (2, True)


@pytest.mark.parametrize("against", ["HEAD", "--help-me"])
def test_without_a_repository_it_says_so(monitor: Shell, archive: Town, against: str) -> None:
    result = monitor("rules", "backtest", f"--against={against}")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f'--against "{against}": ' in result.stderr


def test_without_git_it_says_so(monitor: Shell, archive: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    result = monitor("rules", "backtest", "--against", "HEAD")
    assert (result.exit_code, "git is not installed here" in result.stderr) == (2, True)


def test_before_a_daemon_ran_there_is_no_last_set(monitor: Shell, town: Town) -> None:
    result = monitor("rules", "backtest")
    assert (result.exit_code, "no daemon has accepted a set of files" in result.stderr) == (2, True)


def test_an_old_set_that_does_not_load_is_named(monitor: Shell, archive: Town, tmp_path: Path) -> None:
    (tmp_path / "other" / "rules").mkdir(parents=True)
    (tmp_path / "other" / "rules" / "a.yaml").write_text("rules:\n  - {id: a, match: a and b}\n")
    result = monitor("rules", "backtest", "--against", tmp_path / "other")
    assert (result.exit_code, result.stderr.startswith(f"{tmp_path}/other/rules/a.yaml:2:")) == (2, True)


def test_on_a_terminal_there_is_a_bar(archive: Town) -> None:
    assert "Reading" in on_a_terminal(archive, "rules", "backtest")
