"""The daemon as an operator knows it: start, edit, stop, two at once, a database that goes away."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from monitor.store import Store
from tests.prose import sentences
from tests.serving import PATIENCE, Publisher, Reply, asked, hang
from tests.world.town import SECRET, Story, Town, rss


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def opened(town: Town) -> Store:
    return Store(f"sqlite:///{town.folder}/var/monitor.db")


def console(town: Town) -> str:
    """The address of the console, once the daemon has written it to its log."""
    town.waits_until(lambda: town.events("console_listening"))
    return str(town.events("console_listening")[-1]["url"])


def test_a_story_is_told_once_even_if_two_papers_carry_it(town: Town) -> None:
    link = "https://agency.example/flood"
    with town:
        town.watches("floods", "flood AND NOT simulation")
        town.publishes("gazette", Story(headline="Flood in town", link=link))
        town.publishes("courier", Story(headline="Flood in town", link=link + "?utm_source=rss"))
        with town.daemon():
            town.waits_until(lambda: len(town.events("polled")) >= 6)
        assert town.told("floods") == ["Flood in town"]
        assert town.repeats() == 0


def test_what_is_printed_while_the_daemon_runs_is_told_and_what_it_knows_is_not_told_again(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        town.publishes("gazette", Story(headline="Flood one"))
        with town.daemon():
            town.waits_until(lambda: town.told("floods") == ["Flood one"])
            town.publishes("gazette", Story(headline="Flood two"))
            town.waits_until(lambda: len(town.told("floods")) == 2)
        with town.daemon():
            polled = len(town.events("polled"))
            town.waits_until(lambda: len(town.events("polled")) > polled + 1)
        assert sorted(town.told("floods")) == ["Flood one", "Flood two"]
        assert town.repeats() == 0


def test_an_edited_rule_is_taken_without_a_restart(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        town.publishes("gazette", Story(headline="Fire one"))
        with town.daemon():
            town.waits_until(lambda: town.events("polled"))
            town.watches("fires", "fire")
            town.waits_until(lambda: len(town.events("config_taken")) == 2)
            town.publishes("gazette", Story(headline="Fire two"))
            town.waits_until(lambda: town.told("fires") == ["Fire two"])


def test_a_broken_edit_keeps_the_last_good_rules_running_and_says_so(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        town.publishes("gazette", Story(headline="Calm"))
        with town.daemon():
            town.waits_until(lambda: town.events("polled"))
            good = (town.config / "rules" / "town.yaml").read_text()
            (town.config / "rules" / "town.yaml").write_text("rules:\n  - {id: floods, macth: flood}\n")
            town.waits_until(lambda: town.events("config_rejected"))
            assert "rules/town.yaml:2:" in json.dumps(town.events("config_rejected")[0])
            town.waits_until(lambda: any(body["type"] == "config.rejected" for _, body in town.letters()))
            town.publishes("gazette", Story(headline="Flood at last"))
            town.waits_until(lambda: town.told("floods") == ["Flood at last"])
        # A restart finds the broken files and runs the stored set.
        with town.daemon():
            town.publishes("gazette", Story(headline="Flood again"))
            town.waits_until(lambda: "Flood again" in town.told("floods"))
            assert len(town.events("config_rejected")) == 2, "one for each process that met the files"
            (town.config / "rules" / "town.yaml").write_text(good)
            taken = len(town.events("config_taken"))
            town.waits_until(lambda: len(town.events("config_taken")) > taken)


def test_broken_files_without_a_stored_set_do_not_start(town: Town) -> None:
    with town:
        town.watches("floods", "flood AND")
        assert town.does("run", "--no-console") == 2
        assert "rules/town.yaml:" in town.log()


def test_term_finishes_what_is_in_hand_and_repeats_nothing(town: Town) -> None:
    with town:
        town.receiver.script("/desk", Reply(status=200, drip=0.05, body=b"x" * 20))
        town.watches("floods", "flood")
        town.publishes("gazette", *(Story(headline=f"Flood {n}") for n in range(20)))
        for _ in range(3):
            process = town.monitor("run", "--no-console")
            heard = len(town.receiver.hits)
            town.waits_until(lambda heard=heard: len(town.receiver.hits) > heard + 2 or len(town.told("floods")) == 20)
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE) == 0
        with town.daemon():
            town.waits_until(lambda: len(town.told("floods")) == 20)
        assert town.repeats() == 0


def test_a_receiver_that_hangs_does_not_delay_another(town: Town) -> None:
    with town:
        quick = town.receiver.url("/quick")
        slow = town.receiver.script("/slow", Reply(hang=True))
        (town.config / "channels.yaml").write_text(
            f"default: quick\nchannels:\n  quick: {{type: webhook, url: '{quick}', allow_private: true}}\n"
            f"  slow: {{type: webhook, url: '{slow}', allow_private: true}}\n"
        )
        town._rules["a"] = json.dumps({"id": "a", "title": "a", "match": "flood", "notify": ["quick", "slow"]})
        town._write()
        town.publishes("gazette", *(Story(headline=f"Flood {n}") for n in range(40)))
        process = town.monitor("run", "--no-console")
        town.waits_until(lambda: len(town.receiver.hits_at("/quick")) == 40)
        assert 1 <= len(town.receiver.hits_at("/slow")) <= 8, "those that hang were given up before the others came"
        process.kill()


def test_hup_judges_refused_files_again(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        with town.daemon() as process:
            town.waits_until(lambda: town.events("config_taken"))
            (town.config / "rules" / "town.yaml").write_text("rules: [")
            town.waits_until(lambda: town.events("config_rejected"))
            process.send_signal(signal.SIGHUP)
            town.waits_until(lambda: len(town.events("config_rejected")) == 2)
        assert [body["type"] for _, body in town.letters()] in ([], ["config.rejected"])


def test_the_console_tells_whether_it_lives_is_ready_and_what_it_counts(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        town.publishes("gazette", Story(headline="Flood"))
        process = town.monitor("run")
        url = console(town)
        assert asked(f"{url}/healthz")[0] == 200
        town.waits_until(lambda: asked(f"{url}/readyz")[0] == 200)
        town.waits_until(lambda: town.told("floods"))
        town.waits_until(lambda: b"deliveries_total{" in asked(f"{url}/metrics")[1])
        assert asked(f"{url}/nowhere")[0] == 404
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0


def test_metrics_ask_for_the_token_where_one_is_set(town: Town) -> None:
    with town:
        (town.config / "monitor.yaml").write_text("listen: 127.0.0.1:0\nlog_format: json\ntoken: letmein-please\n")
        process = town.monitor("run")
        url = console(town)
        assert asked(f"{url}/metrics")[0] == 401
        assert asked(f"{url}/metrics", Authorization="Bearer wrong")[0] == 401
        assert asked(f"{url}/metrics", Authorization="Bearer letmein-please")[0] == 200
        assert asked(f"{url}/healthz")[0] == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        assert "letmein-please" not in town.log()


def test_two_daemons_on_one_file_share_the_work(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        for n in range(10):
            town.publishes(f"paper-{n}", *(Story(headline=f"Flood {n}-{k}") for k in range(4)))
        with town.daemon(), town.daemon():
            town.waits_until(lambda: len(town.told("floods")) == 40)
        assert town.repeats() == 0


def test_workers_end_when_the_first_process_is_killed(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        process = town.monitor("run", "--no-console", "--workers", "3")
        town.waits_until(lambda: len(town.events("config_taken")) == 3)
        pids = [event["pid"] for event in town.events("worker_started")]
        assert len(pids) == 2
        process.kill()
        process.wait()
        town.waits_until(lambda: not any(_lives(pid) for pid in pids))


def test_one_round_polls_each_feed_once_however_short_its_interval(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        town.publishes("gazette", Story(headline="Flood"))
        town.publishes("slow")
        town.publisher.script("/slow.xml", Reply(status=404, drip=0.2, body=b"x" * 20))
        assert town.does("run", "--once") == 0
        assert len(town.publisher.hits_at("/gazette.xml")) == 1
        assert town.told("floods") == ["Flood"]


def test_a_host_that_hangs_does_not_hold_up_the_feeds_of_another(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        for n in range(40):
            town.publishes(f"sick-{n:02}")
            town.publisher.script(f"/sick-{n:02}.xml", hang())
        with Publisher(host="127.0.0.2") as other:
            headlines = [Story(headline="Flood in the other town")]
            other.publish("/well.xml", rss("well", headlines), content_type="application/rss+xml")
            feeds = town.config / "feeds.yaml"
            feeds.write_text(feeds.read_text() + f"  - {{id: z-well, url: '{other.url('/well.xml')}'}}\n")
            process = town.monitor("run", "--no-console")
            town.waits_until(lambda: town.told("floods") == ["Flood in the other town"])
            first = town.events("polled")[0]
            assert first["feed"] == "z-well", "those that hang were given up before the other was polled"
            process.kill()
            process.wait()


def test_a_worker_that_dies_is_started_again(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        with town.daemon("--workers", "2"):
            town.waits_until(lambda: town.events("worker_started"))
            os.kill(town.events("worker_started")[0]["pid"], signal.SIGKILL)
            town.waits_until(lambda: len(town.events("worker_started")) == 2)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_a_full_disk_stops_sending_and_loses_nothing(town: Town) -> None:
    """A limit on the size of files stands in for the disk's end: SQLite's log cannot grow, so nothing is recorded."""
    with town:
        town.watches("floods", "flood")
        assert town.does("db", "upgrade") == 0
        for n in range(30):
            texts = [" ".join(sentences(f"{n}-{k}", 32)) for k in range(6)]  # some 2,400 bytes each
            town.publishes(f"paper-{n}", *(Story(headline=f"Flood {n}-{k}", text=texts[k]) for k in range(6)))
        process = town.monitor("run", largest_file=700_000)
        url = console(town)
        # In one answer: between two the database may have taken a small write again.
        town.waits_until(lambda: (found := asked(f"{url}/readyz"))[0] == 503 and b"database: " in found[1])
        assert asked(f"{url}/healthz")[0] == 200
        assert len(town.told("floods")) < 180
        process.kill()
        process.wait()
        with town.daemon():
            town.waits_until(lambda: len(town.told("floods")) == 180)
        assert town.repeats() <= 8


def test_what_is_kept_can_be_read_by_its_owner_alone(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        town.publishes("gazette", Story(headline="Flood"))
        assert town.does("run", "--once") == 0
        kept = town.folder / "var"
        assert kept.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in kept.iterdir()} == {0o600}


def test_secrets_stand_in_no_log_and_no_table(town: Town) -> None:
    with town:
        town.receiver.script("/desk", Reply(status=500, body=SECRET.encode()))
        town.watches("floods", "flood")
        town.publishes("gazette", Story(headline="Flood"))
        with town.daemon():
            town.waits_until(lambda: town.receiver.hits)
            town.waits_until(lambda: town.events("not_delivered"))
        assert SECRET not in town.log()
        assert town.receiver.url("/desk") not in town.log()
        store = opened(town)
        with store.reading() as tx:
            (row,) = tx.outbox.list()
            assert SECRET not in (row.note or "")
        store.close()
