"""`alerts`, `deliveries`, `channels`, `db`: looking into the database and mending what it holds."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from monitor.store import Store
from tests.cli.conftest import Shell
from tests.serving import Reply
from tests.world.town import Story, Town


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a town in which one alert arrived and one waits for its second attempt."""
    monitor = Shell()
    with pytest.MonkeyPatch.context() as patch, Town(tmp_path_factory.mktemp("lived-in")) as town:
        patch.delenv("MONITOR_DATABASE_URL", raising=False)
        monitor.config = town.config
        _rules(town)
        town.publishes("gazette", Story(headline="Flood in town", text="The flood came at night."))
        assert monitor("run", "--once").exit_code == 0
        town.receiver.script("/desk", Reply(status=500))
        town.publishes("gazette", Story(headline="Fire in town"))
        monitor("feeds", "poll")
        assert monitor("run", "--once").exit_code == 0
        monitor("db", "backup", town.folder / "copy.db")
        connection = sqlite3.connect(town.folder / "copy.db")
        connection.execute("UPDATE delivery SET due_at = due_at + 1800000 WHERE state = 'pending'")  # half an hour
        connection.commit()
        connection.close()
        return town.folder / "copy.db"


def _rules(town: Town) -> None:
    town.watches("floods", "flood", severity="high")
    town.watches("fires", "fire")


@pytest.fixture
def alerted(town: Town, lived_in: Path) -> Town:
    """A town with a database of its own like that of `lived_in`."""
    _rules(town)
    (town.folder / "var").mkdir()
    shutil.copy(lived_in, town.folder / "var" / "monitor.db")
    return town


# ------------------------------------------------------------------ alerts


def test_alerts_are_listed_the_newest_first(monitor: Shell, alerted: Town) -> None:
    fire, flood = monitor.json("alerts", "list")
    assert (fire["rule"], flood["rule"]) == ("fires", "floods")
    assert flood["data"]["article"]["headline"] == "Flood in town"
    assert flood["raised_at"].endswith("Z")
    lines = monitor("alerts", "list").stdout.splitlines()
    assert lines[0].startswith("raised (UTC)")
    assert "Fire in town" in lines[2]
    assert "Flood in town" in lines[3]


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        (["--rule", "floods"], ["floods"]),
        (["--severity", "normal"], ["fires"]),
        (["--since", "1h"], ["fires", "floods"]),
        (["--since", "2000-01-01"], ["fires", "floods"]),
        (["--since", "2100-01-01T12:00"], []),
        (["--since", "2100-01-01T12:00+02:00"], []),
        (["--limit", "1"], ["fires"]),
        (["--rule", "floods", "--severity", "low"], []),
    ],
)
def test_alerts_are_selected(monitor: Shell, alerted: Town, options: list[str], rules: list[str]) -> None:
    assert [each["rule"] for each in monitor.json("alerts", "list", *options)] == rules
    assert (monitor("alerts", "list", *options).stdout == "no alerts\n") == (not rules)


@pytest.mark.parametrize("since", ["yesterday", "5 minutes", "", "99999999d", "2026-13-01"])
def test_a_time_that_is_none_is_code_2(monitor: Shell, town: Town, since: str) -> None:
    for group in ("alerts", "deliveries"):
        result = monitor(group, "list", "--since", since)
        assert result.exit_code == 2
        assert "is no time; write 30m, 24h or 7d, or a date such as 2026-07-08" in result.stderr


def test_times_are_shown_in_the_zone_of_the_settings(monitor: Shell, alerted: Town) -> None:
    with (alerted.config / "monitor.yaml").open("a") as file:
        file.write("timezone: Asia/Tokyo\n")
    assert monitor("alerts", "list").stdout.startswith("raised (Asia/Tokyo)")
    (alert, *_) = monitor.json("alerts", "list")
    hour = int(alert["raised_at"][11:13])
    assert f" {(hour + 9) % 24:02}:" in monitor("alerts", "list").stdout.splitlines()[2]


def test_an_alert_is_shown_with_its_evidence_and_whom_it_reached(monitor: Shell, alerted: Town) -> None:
    _, flood = monitor.json("alerts", "list")
    for beginning in (flood["id"], flood["id"][:14], flood["id"].removeprefix("alert_")):
        shown = monitor("alerts", "show", beginning).stdout
        assert "floods (floods)" in shown
        assert "flood in lede: The flood came at night." in shown
        assert "desk      done" in shown
        assert f"article    {flood['data']['article']['id']}\n" in shown
    whole = monitor.json("alerts", "show", flood["id"])
    assert whole["data"] == flood["data"]
    assert [(each["channel"], each["state"]) for each in whole["deliveries"]] == [("desk", "done")]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("alerts show nothing", 'no alert whose id begins with "nothing"; see: monitor alerts list'),
        ("alerts show alert_", 'more than one alert has an id that begins with "alert_"; write more of it'),
        ("deliveries show nothing", 'no delivery whose id begins with "nothing"; see: monitor deliveries list'),
        ("deliveries retry nothing", 'no delivery whose id begins with "nothing"'),
        ("channels test desc", 'unknown channel "desc"; did you mean "desk"?'),
        ("channels enable desc", 'unknown channel "desc"; did you mean "desk"?'),
    ],
)
def test_an_id_that_is_unknown_or_not_unique_is_code_2(monitor: Shell, alerted: Town, command: str, says: str) -> None:
    result = monitor(*command.split())
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_headline_does_not_steer_the_terminal(monitor: Shell, town: Town) -> None:
    town.watches("floods", "flood")
    town.publishes("gazette", Story(headline="Flood \x9b31m[bold]in[/bold] town"))
    monitor("run", "--once")
    shown = monitor("alerts", "list").stdout
    assert "\x9b" not in shown
    assert "[bold]in[/bold] town" in shown


def test_an_alert_on_an_edit_is_shown_with_what_the_article_said_before(monitor: Shell, town: Town) -> None:
    _rules(town)
    town.publishes("gazette", Story(headline="Flood in town", text="The flood hurt four people.", guid="1"))
    assert monitor("run", "--once").exit_code == 0
    town.corrects("gazette", "Flood in town", headline="Flood hurts five", text="The flood hurt five people.")
    monitor("feeds", "poll")
    assert monitor("run", "--once").exit_code == 0
    update, _ = monitor.json("alerts", "list")
    assert update["data"]["change"]["before"]["lede"] == "The flood hurt four people."
    shown = monitor("alerts", "show", update["id"]).stdout
    assert "corrected        headline, lede\n" in shown
    assert "headline before  Flood in town\n" in shown
    assert "lede before      The flood hurt four people.\n" in shown
    assert "flood in lede: The flood hurt five people." in shown
    assert town.told("floods", "alert.updated") == ["Flood hurts five"]


# ------------------------------------------------------------------ deliveries


def test_deliveries_are_listed_with_what_was_answered(monitor: Shell, alerted: Town) -> None:
    fire, flood = monitor.json("deliveries", "list")
    assert (flood["state"], flood["attempts"], flood["due_in_seconds"]) == ("done", 1, None)
    assert (fire["state"], fire["attempts"], fire["status"]) == ("pending", 1, 500)
    assert 0 < fire["due_in_seconds"] < 1900
    assert " in " in monitor("deliveries", "list", "--state", "pending").stdout


@pytest.mark.parametrize(
    ("options", "states"),
    [
        (["--state", "done"], ["done"]),
        (["--state", "dead"], []),
        (["--channel", "desk", "--since", "1h"], ["pending", "done"]),
        (["--channel", "other"], []),
    ],
)
def test_deliveries_are_selected(monitor: Shell, alerted: Town, options: list[str], states: list[str]) -> None:
    assert [each["state"] for each in monitor.json("deliveries", "list", *options)] == states


def test_a_delivery_is_shown_with_every_attempt_and_its_body(monitor: Shell, alerted: Town) -> None:
    fire, _ = monitor.json("deliveries", "list")
    shown = monitor("deliveries", "show", fire["id"]).stdout
    assert "deferred" in shown
    assert '"type": "alert.raised"' in shown
    whole = monitor.json("deliveries", "show", fire["id"][:20])
    assert [(each["outcome"], each["status"]) for each in whole["tried"]] == [("deferred", 500)]
    assert whole["body"]["data"]["article"]["headline"] == "Fire in town"


def test_deliveries_on_a_channel_that_is_gone_are_told_to_be_parked(monitor: Shell, alerted: Town) -> None:
    assert "parked" not in monitor("deliveries", "list").stderr
    channels = alerted.config / "channels.yaml"
    channels.write_text(channels.read_text().replace("desk", "newsroom"))
    told = "1 delivery is parked: channels.yaml has no channel desk\n"
    assert monitor("deliveries", "list").stderr == told
    assert monitor("deliveries", "retry", "--state", "pending").stderr == told


def test_a_dry_run_of_a_retry_changes_nothing(monitor: Shell, alerted: Town) -> None:
    result = monitor("deliveries", "retry", "--state", "pending", "--dry-run")
    assert result.stdout.endswith("1 delivery would be tried again\n")
    (fire, _) = monitor.json("deliveries", "list")
    assert fire["due_in_seconds"] > 0
    assert fire["attempts"] == 1


def test_a_retried_delivery_goes_out_at_once_under_the_same_id(monitor: Shell, alerted: Town) -> None:
    fire, _ = monitor.json("deliveries", "list")
    alerted.receiver.script("/desk", Reply(status=200))
    assert monitor("deliveries", "retry", fire["id"]).stdout.endswith("1 delivery due now\n")
    assert monitor("run", "--once").exit_code == 0
    (now, _) = monitor.json("deliveries", "list")
    assert (now["id"], now["state"]) == (fire["id"], "done")
    assert {hit.headers["webhook-id"] for hit in alerted.receiver.hits[-2:]} == {fire["id"]}


def test_without_ids_the_dead_are_tried_again(monitor: Shell, town: Town) -> None:
    town.watches("floods", "flood")
    town.publishes("gazette", Story(headline="Flood in town"))
    town.receiver.script("/desk", Reply(status=410))
    monitor("run", "--once")
    (dead,) = monitor.json("deliveries", "list")
    assert dead["state"] == "dead"
    assert [each["id"] for each in monitor.json("deliveries", "retry")] == [dead["id"]]
    assert monitor.json("deliveries", "list")[0]["state"] == "pending"


def test_nothing_to_try_again_is_said_and_is_no_failure(monitor: Shell, alerted: Town) -> None:
    result = monitor("deliveries", "retry", "--since", "1h")
    assert (result.exit_code, result.stdout) == (0, "nothing to try again\n")


def test_what_was_delivered_is_not_tried_again(monitor: Shell, alerted: Town) -> None:
    _, flood = monitor.json("deliveries", "list")
    for arguments in ([flood["id"]], ["--state", "done"], [flood["id"], "--state", "dead"]):
        assert monitor("deliveries", "retry", *arguments).exit_code == 2
    assert monitor.json("deliveries", "list")[1]["state"] == "done"


# ------------------------------------------------------------------ channels


def test_channels_are_listed_without_their_secrets(monitor: Shell, alerted: Town) -> None:
    (desk,) = monitor.json("channels", "list")
    assert (desk["id"], desk["default"], desk["secrets"], desk["state"], desk["pending"]) == (
        "desk",
        True,
        1,
        "open",
        1,
    )
    table = monitor("channels", "list").stdout
    assert "desk (default)" in table
    assert "/desk" not in table + desk["to"]
    assert "whsec_" not in table


def test_a_test_ping_arrives_signed_like_an_alert(monitor: Shell, town: Town) -> None:
    result = monitor("channels", "test", "desk")
    assert result.exit_code == 0
    assert result.stdout == "desk: delivered, the receiver answered 200\n"
    ((hit, body),) = town.letters()
    assert body["type"] == "test.ping"
    assert hit.headers["webhook-signature"].startswith("v1,")
    assert monitor.json("channels", "test", "desk")["state"] == "done"


def test_a_test_ping_that_fails_is_code_1_and_says_why(monitor: Shell, town: Town) -> None:
    town.receiver.script("/desk", Reply(status=429, headers={"Retry-After": "3600"}))
    result = monitor("channels", "test", "desk")
    assert result.exit_code == 1
    assert "desk: not delivered, the channel is paused for " in result.stdout
    assert "429" in result.stdout


def test_a_test_ping_that_waits_says_for_how_long(monitor: Shell, town: Town) -> None:
    town.receiver.script("/desk", Reply(status=500))
    result = monitor("channels", "test", "desk")
    assert result.exit_code == 1
    assert result.stdout.startswith("desk: not delivered: ")
    assert "; the next attempt is due in " in result.stdout
    assert len(town.receiver.hits) == 2


def test_a_test_ping_is_tried_a_second_time(monitor: Shell, town: Town) -> None:
    town.receiver.script("/desk", Reply(status=429, headers={"Retry-After": "1"}), Reply(status=200))
    assert monitor("channels", "test", "desk").exit_code == 0


def test_a_disabled_channel_says_how_to_open_it_and_is_opened_so(monitor: Shell, town: Town) -> None:
    town.receiver.script("/desk", Reply(status=410))
    first = monitor("channels", "test", "desk")
    assert first.exit_code == 1
    assert "monitor channels enable desk" in first.stdout
    assert monitor.json("channels", "list")[0]["state"] == "disabled"
    assert monitor("channels", "test", "desk").exit_code == 1
    assert len(town.receiver.hits) == 1
    town.receiver.script("/desk", Reply(status=200))
    opened = monitor("channels", "enable", "desk")
    assert (opened.exit_code, opened.stdout.startswith("desk is open")) == (0, True)
    assert monitor.json("channels", "list")[0]["state"] == "open"
    assert monitor("channels", "test", "desk").exit_code == 0


def test_a_log_channel_is_tested_like_any_other(monitor: Shell, town: Town) -> None:
    (town.config / "channels.yaml").write_text("default: log\nchannels:\n  log: {type: log}\n")
    result = monitor("channels", "test", "log")
    assert (result.exit_code, result.stdout) == (0, "log: delivered\n")
    assert '"test_ping"' in result.stderr


def test_without_channels_the_list_says_what_to_do(monitor: Shell, town: Town) -> None:
    (town.config / "channels.yaml").write_text("")
    assert monitor("channels", "list").stdout == "no channels; add one to channels.yaml\n"


# ------------------------------------------------------------------ db


def test_every_list_works_before_the_first_run(monitor: Shell, town: Town) -> None:
    assert monitor("alerts", "list").stdout == "no alerts yet\n"
    assert monitor("deliveries", "list").stdout == "no deliveries yet\n"
    assert monitor("channels", "list").exit_code == 0
    assert monitor.json("alerts", "list") == monitor.json("deliveries", "list") == []


def test_a_mistake_in_the_other_files_does_not_hide_the_alerts(monitor: Shell, alerted: Town) -> None:
    for name in ("feeds.yaml", "channels.yaml", "rules/town.yaml"):
        (alerted.config / name).write_text("nonsense: [\n")
    assert len(monitor.json("alerts", "list")) == 2


def test_an_upgrade_makes_the_tables_once(monitor: Shell, town: Town) -> None:
    assert monitor("db", "upgrade").stdout == "the tables were made\n"
    assert monitor("db", "upgrade").stdout == "the tables are up to date\n"


def test_a_backup_holds_what_the_database_held(monitor: Shell, alerted: Town, tmp_path: Path) -> None:
    assert monitor("db", "backup", tmp_path / "copy.db").stdout == f"saved {tmp_path}/copy.db\n"
    copy = sqlite3.connect(tmp_path / "copy.db")
    assert copy.execute("SELECT count(*) FROM alert").fetchone() == (2,)
    copy.close()
    assert monitor("db", "backup", tmp_path / "copy.db").exit_code == 3


def test_tables_of_a_newer_program_are_code_2_everywhere(monitor: Shell, town: Town, memory: Store) -> None:
    monitor("db", "upgrade")
    connection = sqlite3.connect(str(memory.path))
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    for command in (["alerts", "list"], ["run", "--once"], ["db", "upgrade"], ["feeds", "health"]):
        result = monitor(*command)
        assert result.exit_code == 2
        assert "newer version of this program" in result.stderr
