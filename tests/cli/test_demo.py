"""`monitor demo`: the whole way in a few seconds, whatever the machine is set to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from monitor.cli import demo
from tests.cli.conftest import Shell


def test_the_demo_shows_each_alert_with_its_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONITOR_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("MONITOR_CONFIG", "/nowhere")
    command = [sys.executable, "-m", "monitor", "demo"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for _, headline in demo.EXPECTED | {demo.LATER}:
        assert done.stdout.count(f"  {headline}\n") == 1
    assert done.stdout.count("alert.raised  verified  delivery_") == 4
    assert "8 articles read, 4 alerts sent, every signature verified: " in done.stdout
    assert "monitor init my-config" in done.stdout
    assert [path for path in tmp_path.iterdir() if not path.name.startswith(".coverage")] == []


def test_a_demo_whose_alerts_do_not_come_says_which_and_shows_the_log(
    monitor: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        demo, "RULES", demo.RULES.replace("strike NOT", "walkout NOT").replace("a strike}", "a walkout}")
    )
    monkeypatch.setattr(demo, "PATIENCE", 16.0)
    result = monitor("demo")
    assert result.exit_code == 1
    assert "  strikes: River pilots announce a strike\n" in result.stderr
    assert "the daemon's log ends with:" in result.stderr
    assert "polled" in result.stderr
