"""`monitor run`: one round of work, what it runs when files are broken, and the daemon's first and last words."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from monitor.store import Store
from tests.cli.conftest import Shell
from tests.databases import postgres
from tests.postgres import database
from tests.serving import PATIENCE, Reply
from tests.world.town import Story, Town

__all__ = ["postgres"]

# ------------------------------------------------------------------ one round


def test_one_round_polls_what_is_due_delivers_what_is_pending_and_sums_up(monitor: Shell, town: Town) -> None:
    town.max_lag = "7d"
    town.watches("floods", "flood")
    town.publishes("gazette", Story(headline="Flood in town"), Story(headline="Quiet day"))
    first = monitor("run", "--once")
    assert (first.exit_code, first.stdout) == (0, "1 feed polled, 2 new articles, 1 alert, 1 delivered, 0 pending\n")
    assert town.told("floods") == ["Flood in town"]
    again = monitor("run", "--once", "--no-console")
    assert (again.exit_code, again.stdout) == (0, "0 feeds polled, 0 new articles, 0 alerts, 0 delivered, 0 pending\n")
    assert len(town.receiver.hits) == 1


def test_a_round_whose_feeds_and_receivers_fail_still_ends_well(monitor: Shell, town: Town) -> None:
    town.max_lag = "7d"
    town.watches("floods", "flood")
    town.publishes("gazette", Story(headline="Flood in town"))
    town.publishes("herald")
    town.publisher.withdraw("/herald.xml")
    town.receiver.script("/desk", Reply(status=500))
    result = monitor("run", "--once")
    assert result.exit_code == 0
    assert result.stdout == "2 feeds polled, 1 new article, 1 alert, 0 delivered, 1 pending\n"


# ------------------------------------------------------------------ files that do not load


def test_files_that_do_not_load_are_code_2_and_make_no_database(monitor: Shell, town: Town) -> None:
    (town.config / "feeds.yaml").write_text("feeds: nonsense\n")
    (town.config / "monitor.yaml").write_text("workers: many\n")
    result = monitor("run", "--once")
    assert result.exit_code == 2
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        f"{town.config}/feeds.yaml",
        f"{town.config}/monitor.yaml",
    ]
    assert not (town.folder / "var").exists()


@pytest.fixture
def settled(monitor: Shell, town: Town) -> Town:
    """A town whose set of files was taken once, and whose paper has something new since."""
    town.watches("floods", "flood")
    town.publishes("gazette", Story(headline="Flood in town"))
    town.max_lag = "1s"
    assert monitor("run", "--once").exit_code == 0
    town.publishes("gazette", Story(headline="Flood over"))
    return town


FAILING = "rules:\n  - {id: floods, match: flood, tests: [{match: fire}]}\n"


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("rules/town.yaml", "rules: [\n"),
        ("rules/town.yaml", FAILING),
        ("feeds.yaml", "feeds: nonsense\n"),
        ("monitor.yaml", "workers: many\n"),
        ("monitor.yaml", "database_url: ${NOT_SET}\n"),
    ],
)
def test_the_last_good_set_runs_in_place_of_files_that_do_not_load(
    monitor: Shell, settled: Town, file: str, text: str
) -> None:
    (settled.config / file).write_text(text)
    result = monitor("run", "--once")
    assert result.exit_code == 0
    assert result.stderr.startswith(f"{settled.config}/{file}:")
    assert "running the last good set" in result.stderr
    (rejected,) = [body for _, body in settled.letters() if body["type"] == "config.rejected"]
    assert [mistake["file"] for mistake in rejected["data"]["mistakes"]] == [f"{settled.config}/{file}"]


def test_operators_are_told_of_one_broken_set_once(monitor: Shell, settled: Town) -> None:
    (settled.config / "feeds.yaml").write_text("feeds: nonsense\n")
    monitor("run", "--once")
    monitor("run", "--once")
    assert [body["type"] for _, body in settled.letters()].count("config.rejected") == 1


def test_a_file_that_is_no_text_does_not_stop_the_last_good_set(monitor: Shell, settled: Town) -> None:
    (settled.config / "monitor.yaml").write_bytes(b"workers: \xff\n")
    result = monitor("run", "--once")
    assert result.exit_code == 0
    assert "not UTF-8" in result.stderr


def test_the_database_of_the_environment_is_asked_where_monitor_yaml_is_broken(
    monitor: Shell, settled: Town, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (settled.config / "monitor.yaml").write_text("workers: many\n")
    monkeypatch.setenv("MONITOR_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    assert monitor("run", "--once").exit_code == 2
    assert not (tmp_path / "other.db").exists()
    (settled.folder / "var" / "monitor.db").rename(tmp_path / "other.db")
    assert monitor("run", "--once").exit_code == 0


def test_a_last_good_set_that_does_not_load_any_more_is_code_2(
    monitor: Shell, settled: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LISTEN", "127.0.0.1:0")
    (settled.config / "monitor.yaml").write_text("listen: ${LISTEN}\n")
    assert monitor("run", "--once").exit_code == 0
    monkeypatch.delenv("LISTEN")
    (settled.config / "feeds.yaml").write_text("feeds: nonsense\n")
    result = monitor("run", "--once")
    assert result.exit_code == 2
    assert result.stderr.count("the environment variable LISTEN is not set") == 2


def test_a_folder_that_is_not_there_is_code_2_whatever_lies_beside_it(monitor: Shell, settled: Town) -> None:
    monitor.config = settled.folder / "confg"
    result = monitor("run", "--once")
    assert result.exit_code == 2
    assert "no such folder" in result.stderr


# ------------------------------------------------------------------ databases


def test_tables_that_are_up_to_date_are_not_copied(monitor: Shell, town: Town, memory: Store) -> None:
    monitor("run", "--once")
    monitor("run", "--once")
    assert memory.path is not None
    assert list(memory.path.parent.glob("*.backup")) == []


@pytest.fixture
def postgresql(postgres: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with database(postgres) as url:
        monkeypatch.setenv("MONITOR_DATABASE_URL", url)
        yield url


def test_on_postgresql_the_tables_are_made_by_hand_and_then_it_runs(
    monitor: Shell, town: Town, postgresql: str
) -> None:
    town.watches("floods", "flood")
    town.publishes("gazette", Story(headline="Flood in town"))
    for command in (["run", "--once"], ["alerts", "list"]):
        result = monitor(*command)
        assert result.exit_code == 2
        assert "run: monitor db upgrade" in result.stderr
    assert monitor("db", "upgrade").stdout == "the tables were made\n"
    assert monitor("run", "--once").exit_code == 0
    assert town.told("floods") == ["Flood in town"]
    assert len(monitor.json("alerts", "list")) == 1
    assert "pg_dump" in monitor("db", "backup", "copy.db").stderr


# ------------------------------------------------------------------ the daemon


def test_the_daemon_answers_term_with_0(town: Town) -> None:
    town.watches("floods", "flood")
    town.publishes("gazette", Story(headline="Flood in town"))
    with town.daemon():
        town.waits_until(lambda: town.told("floods"))
    assert town.events("stopped")


def test_an_address_that_is_taken_is_code_2_and_says_what_to_do(monitor: Shell, town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        (town.config / "monitor.yaml").write_text(f"listen: 127.0.0.1:{port}\n")
        result = monitor("run")
    assert result.exit_code == 2
    assert f"cannot listen on 127.0.0.1:{port}" in result.stderr


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, *arguments: object) -> None:
        self._ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "monitor", *map(str, arguments)]
        self.process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.shown = ""

    def read_until(self, text: str) -> None:
        """Read what is shown until *text* is, or the program ends."""
        while text not in self.shown:
            try:
                self.shown += os.read(self._ours, 65536).decode(errors="replace")
            except OSError:  # the program has closed its side
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._ours)


def test_on_a_terminal_the_daemon_says_what_it_watches_and_how_to_stop_it(town: Town) -> None:
    town.watches("floods", "flood")
    town.publishes("gazette")
    with Terminal("run", "--config", town.config) as terminal:
        terminal.read_until('"polled"')
        assert "Watching 1 feed with 1 rule." in terminal.shown
        assert "Alerts go to: desk." in terminal.shown
        assert f"monitor alerts list --config {town.config}" in terminal.shown
        assert "Console: " in terminal.shown
        assert "Stop with Ctrl-C." in terminal.shown
        terminal.process.send_signal(signal.SIGINT)
        terminal.read_until('"stopped"')
        assert terminal.process.wait(PATIENCE) == 0


def test_on_a_terminal_one_round_shows_a_bar(town: Town) -> None:
    town.publishes("gazette")
    with Terminal("run", "--once", "--config", town.config) as terminal:
        terminal.read_until("1 feed polled")
        assert "Polling" in terminal.shown
        assert terminal.process.wait(PATIENCE) == 0


def test_a_console_that_others_reach_needs_a_token(monitor: Shell, town: Town) -> None:
    (town.config / "monitor.yaml").write_text("listen: 0.0.0.0:0\n")
    result = monitor("run")
    assert result.exit_code == 2
    assert "set a token" in result.stderr
