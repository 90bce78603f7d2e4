"""`init`, `check`, `schema`: from nothing to a config that loads."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import jsonschema
import pytest

from monitor.cli.init import schemas, starter
from monitor.files import MonitorFile
from monitor.settings import expand, load
from monitor.source import check, read, written
from tests.cli.conftest import Shell
from tests.world.town import Town

CONFIG = Path(__file__).parents[2] / "config"


def test_what_init_writes_passes_check_without_a_warning(monitor: Shell, tmp_path: Path) -> None:
    result = monitor("init", tmp_path / "mine")
    assert result.exit_code == 0
    assert f"monitor check --config {tmp_path}/mine" in result.stdout
    checked = monitor("check", "--config", tmp_path / "mine")
    assert (checked.exit_code, checked.stderr) == (0, "")
    assert "feeds, " in checked.stdout
    assert "tests passed" in checked.stdout


def test_each_init_makes_a_webhook_secret_of_its_own_that_only_its_owner_can_read(
    monitor: Shell, tmp_path: Path
) -> None:
    texts = set()
    for name in ("a", "b"):
        monitor("init", tmp_path / name)
        path = tmp_path / name / "channels.yaml"
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        before, _, newsroom = path.read_text().partition("  # newsroom:")
        path.write_text(f"{before}  newsroom:{newsroom.replace('  #   ', '    ')}")
        channel = load(tmp_path / name).channels["newsroom"]
        texts.update(channel.secrets)
    assert len(texts) == 2


def test_init_writes_over_nothing(monitor: Shell, tmp_path: Path) -> None:
    (tmp_path / "mine" / "rules").mkdir(parents=True)
    (tmp_path / "mine" / "feeds.yaml").write_text("feeds: []\n")
    result = monitor("init", tmp_path / "mine")
    assert result.exit_code == 2
    assert "feeds.yaml is there already; nothing was written" in result.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] != ["channels.yaml"]
    assert (tmp_path / "mine" / "feeds.yaml").read_text() == "feeds: []\n"
    assert not (tmp_path / "mine" / "monitor.yaml").exists()


def test_init_into_a_place_that_cannot_be_is_code_3(monitor: Shell, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert monitor("init", tmp_path / "file" / "mine").exit_code == 3


def test_the_starter_set_is_the_config_of_the_checkout() -> None:
    assert starter() == {
        str(path.relative_to(CONFIG)): path.read_text(encoding="utf-8") for path in sorted(CONFIG.rglob("*.yaml"))
    }


def test_the_schemas_of_the_checkout_are_those_that_the_program_prints(monitor: Shell) -> None:
    for name, text in schemas().items():
        assert (CONFIG / name).read_text(encoding="utf-8") == text, f"{name}: run `make docs`"
        assert monitor("schema", Path(name).stem).stdout == text


def test_the_schemas_are_schemas() -> None:
    for text in schemas().values():
        jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_the_starter_monitor_yaml_shows_every_key_with_its_default() -> None:
    lines = [line.removeprefix("# ") for line in starter()["monitor.yaml"].splitlines()]
    shown = [line for line in lines if line.split(":")[0] in KEYS]
    assert [line.split(":")[0] for line in shown] == list(KEYS)
    text = "\n".join(line for line in shown if "<" not in line)
    values = check(MonitorFile, read("monitor.yaml", text), lambda scalar: expand(scalar, {}) or None)
    assert values == MonitorFile()


KEYS = tuple(MonitorFile.model_fields)


def test_the_starter_set_needs_no_variable_of_the_environment(monitor: Shell, tmp_path: Path) -> None:
    monitor("init", tmp_path / "mine")
    settings = load(tmp_path / "mine", environ={})
    assert len(settings.feeds) >= 12
    assert settings.default_channel == "console"
    assert settings.channels["console"].type == "log"


# ------------------------------------------------------------------ check


def test_check_counts_what_it_found(monitor: Shell, town: Town) -> None:
    town.watches("floods", "flood")
    town.publishes("gazette")
    (town.config / "entities").mkdir()
    (town.config / "entities" / "a.yaml").write_text("entities:\n  - {id: nato, names: [NATO]}\n")
    assert monitor("check").stdout == "1 feed, 1 entity, 1 rule, 0 tests passed\n"


def test_check_warns_and_still_passes(monitor: Shell, town: Town) -> None:
    (town.config / "channels.yaml").write_text(
        "default: desk\nchannels:\n  desk: {type: webhook, url: 'http://desk.example/'}\n"
    )
    result = monitor("check")
    assert result.exit_code == 0
    assert f"{town.config}/channels.yaml:3:3: warning: " in result.stderr


FAILING = """\
rules:
  - id: floods
    match: flood
    tests:
      - match: A flood in town.
      - no_match: A flood of letters.
  - id: fires
    match: fire
    tests:
      - match: A fire in town.
"""


def test_a_rule_that_fails_its_test_is_code_1_with_the_place_of_the_test(monitor: Shell, town: Town) -> None:
    (town.config / "rules" / "town.yaml").write_text(FAILING)
    result = monitor("check")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{town.config}/rules/town.yaml:6:")
    assert result.stderr.endswith("1 test failed\n")


def test_a_failing_test_beside_a_file_that_does_not_load_is_code_2(monitor: Shell, town: Town) -> None:
    (town.config / "rules" / "town.yaml").write_text(FAILING)
    (town.config / "monitor.yaml").write_text("workers: many\n")
    result = monitor("check")
    assert result.exit_code == 2
    told = [line for line in result.stderr.splitlines() if not line.startswith(" ")]
    assert len(told) == 2


def test_check_touches_no_database(monitor: Shell, town: Town) -> None:
    monitor("check")
    assert not (town.folder / "var").exists()


# ------------------------------------------------------------------ rules


def test_rules_test_tells_which_rule_failed(monitor: Shell, town: Town) -> None:
    (town.config / "rules" / "town.yaml").write_text(FAILING)
    result = monitor("rules", "test")
    assert result.exit_code == 1
    assert result.stdout == "1 of 3 tests of 2 rules failed\n"
    assert result.stderr.startswith(f"{town.config}/rules/town.yaml:6:")


@pytest.mark.parametrize(("rule", "code"), [("floods", 1), ("fires", 0), ("flods", 2)])
def test_rules_test_of_one_rule_looks_at_that_rule_alone(monitor: Shell, town: Town, rule: str, code: int) -> None:
    (town.config / "rules" / "town.yaml").write_text(FAILING)
    result = monitor("rules", "test", rule)
    assert result.exit_code == code
    if code == 2:
        assert 'unknown rule "flods"; did you mean "floods"?' in result.stderr


def test_rules_test_as_json_holds_the_failures(monitor: Shell, town: Town) -> None:
    (town.config / "rules" / "town.yaml").write_text(FAILING)
    floods, fires = monitor.json("rules", "test")
    assert (floods["id"], floods["tests"], floods["failed"][0]["line"]) == ("floods", 2, 6)
    assert fires == {"id": "fires", "tests": 1, "failed": []}


def test_rules_list_shows_whom_a_rule_tells(monitor: Shell, town: Town) -> None:
    town.watches("floods", "flood", severity="high")
    table = monitor("rules", "list").stdout
    assert "floods" in table
    assert "high" in table
    (rule,) = monitor.json("rules", "list")
    assert (rule["id"], rule["notify"], rule["file"], rule["line"]) == ("floods", ["desk"], "rules/town.yaml", 3)


def test_without_rules_the_list_says_what_to_do(monitor: Shell, town: Town) -> None:
    assert monitor("rules", "list").stdout == "no rules yet; write one into rules/\n"
    assert monitor.json("rules", "list") == []


def test_a_duration_is_written_as_it_is_read() -> None:
    assert [written(value) for value in (MonitorFile().alert_new_within, MonitorFile().retention)] == ["24h", "90d"]
