"""Exit codes, and what people read when something is wrong."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from monitor import __version__
from tests.cli.conftest import Shell
from tests.world.town import Town

GROUPS = ("rules", "feeds", "alerts", "deliveries", "channels", "db")
COMMANDS = ("run", "demo", "init", "check", "normalise", "match", "listen", "schema", *GROUPS)


def test_monitor_alone_prints_help_that_names_every_command(monitor: Shell) -> None:
    result = monitor()
    assert result.exit_code == 0
    assert all(name in result.stdout for name in COMMANDS)


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_alone_prints_its_help(monitor: Shell, group: str) -> None:
    result = monitor(group)
    assert result.exit_code == 0
    assert "Commands" in result.stdout


def test_the_version_is_told(monitor: Shell) -> None:
    assert monitor("--version").stdout == f"monitor {__version__}\n"


@pytest.mark.parametrize(
    "command",
    [
        *("run", "demo", "init", "check", "normalise", "match", "listen", "schema"),
        *("rules list", "rules test", "rules explain", "rules backtest", "rules add-test", "rules import"),
        *("feeds list", "feeds add", "feeds remove", "feeds import", "feeds export"),
        *("feeds poll", "feeds health", "alerts list", "alerts show", "deliveries list", "deliveries show"),
        *("deliveries retry", "channels list", "channels test", "channels enable", "db upgrade", "db backup"),
    ],
)
def test_every_command_takes_a_config_folder(monitor: Shell, command: str) -> None:
    result = monitor(*command.split(), "--config", "somewhere", "--help")
    assert result.exit_code == 0
    assert "Usage: " in result.stdout


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("frobnicate", "No such command"),
        ("run --workers 0", "greater than or equal to 1"),
        ("run --workers many", "integer"),
        ("schema poems", "poems"),
        ("alerts list --severity urgent", "urgent"),
        ("alerts show", "Missing argument"),
        ("normalise --format poem", "poem"),
        ("check --json", "No such option"),
        ("check --config nowhere", 'nowhere:1:1: no such folder; write a starter config with "monitor init nowhere"'),
        ("match - --config nowhere", "no such folder"),
        ("alerts list --config nowhere", "no such folder"),
        ("run --config nowhere", "no such folder"),
    ],
)
def test_wrong_use_is_code_2_and_says_what_is_wrong(monitor: Shell, command: str, says: str) -> None:
    result = monitor(*command.split())
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("monitor.yaml", "retension: 5d\n", 'monitor.yaml:1:1: unknown key "retension"; did you mean "retention"?'),
        ("feeds.yaml", "feeds:\n  - {id: a}\n", 'feeds.yaml:2:5: the key "url" is missing here'),
        ("channels.yaml", "default: nobody\n", 'channels.yaml:1:10: unknown channel "nobody"'),
        ("rules/town.yaml", "rules:\n  - id: a\n    match: 'a OR'\n", "rules/town.yaml:3:"),
        ("entities/a.yaml", "entities:\n  - {id: a}\n", "entities/a.yaml:2:"),
    ],
)
def test_a_file_that_does_not_load_is_code_2_with_its_place(
    monitor: Shell, town: Town, file: str, text: str, says: str
) -> None:
    path = town.config / file
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    result = monitor("check")
    assert result.exit_code == 2
    assert f"{town.config}/{says}" in result.stderr
    assert result.stdout == ""


def test_all_mistakes_of_all_files_are_told_at_once(monitor: Shell, town: Town) -> None:
    (town.config / "monitor.yaml").write_text("workers: many\nlisten: here\n")
    (town.config / "rules" / "town.yaml").write_text("rules:\n  - {id: A, match: flood}\n")
    told = [line for line in monitor("check").stderr.splitlines() if not line.startswith(" ")]
    assert len(told) == 3


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://watcher:hunter2@127.0.0.1:1/news", "refused"),
        ("sqlite:////proc/nowhere/monitor.db", "/proc/nowhere"),
    ],
)
def test_a_database_that_cannot_be_reached_is_code_3_and_keeps_its_password(
    monitor: Shell, town: Town, monkeypatch: pytest.MonkeyPatch, url: str, says: str
) -> None:
    monkeypatch.setenv("MONITOR_DATABASE_URL", url)
    for command in (["alerts", "list"], ["run", "--once"], ["db", "upgrade"], ["feeds", "poll"]):
        result = monitor(*command)
        assert result.exit_code == 3
        assert result.stderr.startswith("error: ")
        assert says in result.stderr
        assert "hunter2" not in result.output


def test_a_database_of_a_kind_that_is_not_supported_is_code_2(
    monitor: Shell, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONITOR_DATABASE_URL", "mysql://watcher:hunter2@127.0.0.1/news")
    for command in (["check"], ["alerts", "list"], ["run", "--once"]):
        result = monitor(*command)
        assert result.exit_code == 2
        assert result.stderr.startswith("MONITOR_DATABASE_URL:1:1: no database address; write sqlite:///")
        assert "hunter2" not in result.output


def test_a_receiver_that_cannot_be_is_refused_with_its_reason(monitor: Shell) -> None:
    wrong = monitor("listen", "--secret", "hunter2")
    assert (wrong.exit_code, "a secret begins with whsec_" in wrong.stderr) == (2, True)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = monitor("listen", "--port", port)
    assert (result.exit_code, f"port {port} cannot be listened on" in result.stderr) == (3, True)


def test_a_file_that_cannot_be_read_is_code_3(monitor: Shell, tmp_path: Path) -> None:
    result = monitor("normalise", tmp_path / "absent.txt")
    assert result.exit_code == 3
    assert result.stderr == f"error: {tmp_path}/absent.txt: No such file or directory\n"


def test_a_reader_that_goes_away_early_ends_the_command_quietly(town: Town) -> None:
    pipe = f"{sys.executable} -m monitor channels list --json --config {town.config} | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", pipe], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (141, "", "")


def test_ctrl_c_ends_a_command_with_130_and_without_a_traceback(tmp_path: Path) -> None:
    code = (
        "import os, signal, threading; from monitor.cli import main\n"
        "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start(); main()"
    )
    silence, end = os.openpty()
    command = [sys.executable, "-c", code, "normalise", "-"]
    done = subprocess.run(command, stdin=end, capture_output=True, text=True, check=False)
    os.close(silence)
    os.close(end)
    assert (done.returncode, done.stderr) == (130, "")


def test_help_comes_at_once() -> None:
    def worked() -> float:
        of_children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return of_children.ru_utime + of_children.ru_stime

    took = []
    for _ in range(3):
        before = worked()
        subprocess.run([sys.executable, "-m", "monitor", "--help"], check=True, capture_output=True)
        took.append(worked() - before)
    assert min(took) < 0.6  # seconds of CPU, which a busy machine stretches less than those of the clock


def test_help_needs_none_of_the_large_libraries() -> None:
    code = (
        "import sys, monitor.cli; "
        "print([m for m in ('sqlalchemy', 'lxml', 'fastapi', 'pydantic', 'httpx2', 'rich') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"
