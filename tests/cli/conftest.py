"""The command in this process, on a town of its own."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from monitor.cli import app
from monitor.settings import load
from monitor.store import Store
from tests.world.town import Town


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the machine's owner reaches a command, and the working folder is empty."""
    for name in ("MONITOR_CONFIG", "MONITOR_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Whatever a command makes of logging, the next test starts without it."""
    root = logging.getLogger()
    before = (root.level, list(root.handlers), sys.excepthook, threading.excepthook)
    yield
    level, handlers, sys.excepthook, threading.excepthook = before
    root.setLevel(level)
    root.handlers[:] = handlers


class Shell:
    """Types commands; `--config` is added where a folder is set."""

    def __init__(self) -> None:
        self.config: Path | None = None

    def __call__(self, *arguments: object, stdin: str | bytes | None = None) -> Result:
        folder = [] if self.config is None else ["--config", str(self.config)]
        result = CliRunner().invoke(app, [*map(str, arguments), *folder], input=stdin, catch_exceptions=False)
        assert "Traceback" not in result.output, result.output
        return result

    def json(self, *arguments: object, stdin: str | bytes | None = None) -> Any:
        """Return the one JSON document that the command with `--json` prints."""
        result = self(*arguments, "--json", stdin=stdin)
        return json.loads(result.stdout)


def on_a_terminal(town: Town, *arguments: str, stdin: str = "", **variables: str) -> str:
    """What the command writes on a terminal."""
    ours, theirs = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", **variables}  # noqa: TID251  a program needs its PATH
    command = [sys.executable, "-m", "monitor", *arguments, "--config", str(town.config)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        process.communicate(stdin.encode())
    heard = b""
    try:
        while part := os.read(ours, 65536):
            heard += part
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    return heard.decode()


@pytest.fixture
def monitor() -> Shell:
    """The `monitor` command."""
    return Shell()


@pytest.fixture
def town(tmp_path: Path, monitor: Shell) -> Iterator[Town]:
    """A town, to whose config the command is pointed."""
    with Town(tmp_path / "town") as opened:
        monitor.config = opened.config
        yield opened


@pytest.fixture
def memory(town: Town) -> Iterator[Store]:
    """The town's database."""
    store = Store(load(town.config).database_url)
    yield store
    store.close()
