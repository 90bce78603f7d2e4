"""The house keeps its own rules: a planted violation of each is found."""

from __future__ import annotations

import ast
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from compose_spec import PyCompose
from ruamel.yaml import YAML

from monitor.settings import load

HOUSE = Path(__file__).parents[1]


def run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "COLUMNS": "200"}  # noqa: TID251  a tool needs its PATH
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)


def tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the house in which something may be broken."""
    shutil.copytree(HOUSE / "monitor", tmp_path / "monitor", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("room", "line", "contract"),
    [
        ("feeds/visits.py", "import monitor.alerts.decide", "rooms do not know each other"),
        ("store/feeds.py", "import monitor.poll", "rooms do not know each other"),
        ("model.py", "import monitor.text", "rooms do not know each other"),
        ("poll.py", "import monitor.dispatch", "rooms do not know each other"),
        ("alerts/decide.py", "import monitor.settings", "Settings stop at app"),
        ("chores.py", "import sqlalchemy", "SQLAlchemy and Alembic live in store"),
        ("delivery/webhook.py", "import httpx2", "httpx2 lives in guard"),
        ("articles/normalise.py", "import feedparser", "feedparser lives in feeds.parse"),
        ("feeds/fetch.py", "import protego", "protego lives in feeds.robots"),
        ("app.py", "import apscheduler", "APScheduler lives in daemon"),
        ("settings.py", "import ruamel.yaml", "YAML lives in source"),
        ("cli/__init__.py", "import fastapi", "The web framework lives in web"),
        ("rules/match.py", "import time", "The core is pure"),
    ],
)
def test_an_import_against_the_plan_fails_the_check(copy: Path, room: str, line: str, contract: str) -> None:
    planted = copy / "monitor" / room
    head, future, rest = planted.read_text().partition("from __future__ import annotations\n")
    planted.write_text(head + future + line + "\n" + rest if future else line + "\n" + head)
    found = run(tool("lint-imports"), "--no-cache", folder=copy)
    assert found.returncode == 1, found.stdout
    broken = [said for said in found.stdout.splitlines() if " BROKEN" in said]
    assert len(broken) >= 1
    assert any(contract in said for said in broken), broken


def test_what_says_that_it_is_pure_is_held_to_it() -> None:
    contracts = tomllib.loads((HOUSE / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (core,) = [tuple(each["source_modules"]) for each in contracts if each["name"] == "The core is pure"]
    for path in (HOUSE / "monitor").rglob("*.py"):
        said = ast.get_docstring(ast.parse(path.read_text())) or ""
        module = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
        if re.search(r"\bPure(?! but)", said):
            assert any(f"{module}.".startswith(f"{each}.") for each in core), module


def test_the_house_as_it_stands_keeps_its_contracts() -> None:
    found = run(tool("lint-imports"), "--no-cache", folder=HOUSE)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    "line",
    [
        "from datetime import datetime; NOW = datetime.now()",
        "import random; X = random.random()",
        "import os; X = os.environ['X']",
        "import time; time.sleep(1)",
        "import time; X = time.time()",
        "from unittest import mock; X = mock",
    ],
)
def test_a_banned_api_fails_the_check(tmp_path: Path, line: str) -> None:
    shutil.copy(HOUSE / "pyproject.toml", tmp_path)
    (tmp_path / "planted.py").write_text(f'"""Planted."""\n\n{line}\n')
    found = run(tool("ruff"), "check", "--no-cache", "--output-format=json", "planted.py", folder=tmp_path)
    assert "TID251" in {each["code"] for each in json.loads(found.stdout)}


def test_no_page_or_lock_file_names_a_package_registry() -> None:
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "debian" + ".org")
    listed = subprocess.run(["git", "ls-files"], cwd=HOUSE, capture_output=True, text=True, check=True)
    for name in listed.stdout.split("\n"):
        path = HOUSE / name
        if path.is_file() and path.suffix != ".png":
            text = path.read_text(errors="replace")
            assert not [host for host in hosts if host in text], name


def test_every_dependency_is_pinned_with_a_hash() -> None:
    wanted = tomllib.loads((HOUSE / "pyproject.toml").read_text())["project"]["dependencies"]
    pinned = (HOUSE / "requirements" / "run.txt").read_text()
    for line in pinned.splitlines():
        assert line.startswith((" ", "#")) or "==" in line, line
    for each in wanted:
        name = each.split(">")[0].split("[")[0].lower().replace(".", "-").replace("_", "-")
        assert f"\n{name}==" in f"\n{pinned}".replace("[binary]", ""), name
    assert pinned.count("--hash=sha256:") > pinned.count("==")


def test_the_compose_file_has_what_it_promises() -> None:
    yaml = YAML(typ="safe", pure=True)
    loaded = yaml.load((HOUSE / "docker-compose.yml").read_text())
    whole = io.StringIO()
    yaml.dump({name: part for name, part in loaded.items() if not name.startswith("x-")}, whole)
    services = loaded["services"]
    assert set(PyCompose.from_yaml(whole.getvalue()).service_names()) == set(services)
    assert set(services) == {"postgres", "upgrade", "console", "worker"}
    assert "ports" not in services["worker"], "a fixed port would keep workers from scaling"
    assert "container_name" not in services["worker"]
    assert services["console"]["command"] == ["monitor", "run"]
    assert services["upgrade"]["command"] == ["monitor", "db", "upgrade"]
    reached = services["console"]["environment"]
    settings = load(HOUSE / "config", environ={"MONITOR_LISTEN": reached["MONITOR_LISTEN"], "MONITOR_TOKEN": "x"})
    assert (settings.host, settings.port, settings.token) == ("0.0.0.0", 8600, "x")
    assert services["console"]["ports"] == ["127.0.0.1:8600:8600"]
    for service in ("console", "worker"):
        assert services[service]["depends_on"]["upgrade"]["condition"] == "service_completed_successfully"


def test_the_image_does_not_run_as_root_and_says_whether_it_lives() -> None:
    lines = (HOUSE / "Dockerfile").read_text().splitlines()
    verbs = [line.split(" ", 1)[0] for line in lines if line and line[0].isupper()]
    assert verbs[0] == "FROM"
    assert "HEALTHCHECK" in verbs
    assert lines.index("USER monitor") > max(n for n, line in enumerate(lines) if line.startswith("RUN"))
