"""Files and environment → settings, or every mistake at once."""

from __future__ import annotations

import json
import re
import tracemalloc
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ConfigError
from monitor.model import ChannelId, FeedId
from monitor.settings import Settings, expand, fingerprint, folder_from, gather, load

SECRET = "whsec_" + "A" * 32
WEBHOOK = f"  desk: {{type: webhook, url: 'https://desk.example/', secrets: [{SECRET}]}}\n"


def loaded(monitor: str = "", feeds: str = "", channels: str = "", **environ: str) -> Settings:
    files = {"monitor.yaml": monitor, "feeds.yaml": feeds, "channels.yaml": channels}
    return load(Path("/srv/news/config"), files, environ)


def mistakes(monitor: str = "", feeds: str = "", channels: str = "", **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        loaded(monitor, feeds, channels, **environ)
    return str(refused.value).splitlines()


def test_empty_files_give_the_defaults_that_the_contract_names() -> None:
    settings = loaded()
    assert settings.database_url == "sqlite:////srv/news/var/monitor.db"
    assert (settings.host, settings.port) == ("127.0.0.1", 8600)
    assert settings.alert_new_within == timedelta(hours=24)
    assert settings.retention == timedelta(days=90)
    assert (settings.workers, settings.log_format, settings.token) == (1, "console", None)
    assert settings.user_agent.startswith("media-monitor/")
    assert "+https://" in settings.user_agent


def test_a_feed_takes_the_defaults_that_it_leaves_out() -> None:
    settings = loaded(
        feeds="defaults: {max_lag: 5m, allow_private: true, labels: {tier: '2', region: eu}, country: RS}\n"
        "feeds:\n"
        "  - {id: a, url: https://a.example/feed}\n"
        "  - {id: b, url: https://b.example/feed, max_lag: 1h, allow_private: false, country: NO, language: sr-Latn,\n"
        "     labels: {tier: '1'}, host_gap: 3s}\n"
    )
    a, b = (settings.feeds[FeedId(id)] for id in "ab")
    assert (a.max_lag, a.allow_private, a.host_gap, a.country) == (timedelta(minutes=5), True, timedelta(0), "RS")
    assert (b.max_lag, b.allow_private, b.host_gap) == (timedelta(hours=1), False, timedelta(seconds=3))
    assert (b.country, b.language) == ("NO", "sr")
    assert b.labels == {"tier": "1", "region": "eu"}


def test_defaults_hold_wherever_they_stand_in_the_file() -> None:
    first, last = "defaults: {country: RS, labels: {tier: '2'}}\n", "feeds: [{id: a, url: 'https://a.example/'}]\n"
    assert loaded(feeds=first + last).feeds == loaded(feeds=last + first).feeds
    assert loaded(feeds=last + first).feeds[FeedId("a")].country == "RS"


def test_a_thousand_feeds_are_read_without_a_thousand_trees() -> None:
    listed = [{"id": f"f{n}", "url": f"https://f{n}.example/feed", "outlet": "The Paper"} for n in range(1000)]
    text = json.dumps({"feeds": listed})
    tracemalloc.start()
    try:
        feeds = loaded(feeds=text).feeds
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(feeds) == 1000
    assert most < 2_500_000  # bytes; nodes alone would be 6 million
    assert kept < 800_000
    assert len({id(feed.outlet) for feed in feeds.values()}) == 1


def test_a_scalar_means_what_is_written() -> None:
    settings = loaded(feeds="feeds: [{id: a, url: 'https://a.example/', country: NO, section: 12:30, outlet: 0x1F}]\n")
    feed = settings.feeds[FeedId("a")]
    assert (feed.country, feed.section, feed.outlet) == ("NO", "12:30", "0x1F")


def test_channels_are_read_with_their_secrets_and_rate() -> None:
    settings = loaded(channels=f"default: desk\nchannels:\n{WEBHOOK}  out: {{type: log, rate: 30/m}}\n")
    desk, out = settings.channels[ChannelId("desk")], settings.channels[ChannelId("out")]
    assert desk.secrets == (SECRET,)
    assert desk.rate is None
    assert out.rate == 0.5
    assert settings.default_channel == "desk"
    assert settings.warnings == ()


def test_no_secret_stands_in_what_the_settings_look_like() -> None:
    settings = loaded(
        "token: hush-hush\ndatabase_url: postgresql://u:pass-word@db/x\n",
        channels=f"channels:\n{WEBHOOK}",
    )
    shown = repr(settings)
    for secret in (SECRET, "hush-hush", "pass-word", "desk.example"):
        assert secret not in shown
    assert {SECRET, "hush-hush", "pass-word"} <= set(settings.secrets())


def test_what_gives_access_to_a_feed_is_sent_in_its_headers_and_shown_nowhere() -> None:
    settings = loaded(
        feeds="defaults: {proxy: 'http://me:pr%6fxy-pass@10.0.0.1:3128'}\n"
        "feeds:\n"
        "  - {id: a, url: https://a.example/feed, headers: {X-Plan: gold},\n"
        "     basic_auth: {user: jo, password: '${GAZETTE}'}, cookies: {sid: cookie-one, lang: sr}}\n",
        GAZETTE="Straße:7",
    )
    feed = settings.feeds[FeedId("a")]
    assert feed.headers == {
        "X-Plan": "gold",
        "Authorization": "Basic am86U3RyYcOfZTo3",
        "Cookie": "sid=cookie-one; lang=sr",
    }
    assert feed.proxy == "http://me:pr%6fxy-pass@10.0.0.1:3128"
    assert {"Straße:7", "am86U3RyYcOfZTo3", "cookie-one", "proxy-pass", "pr%6fxy-pass"} <= set(settings.secrets())
    assert not any(secret in repr(settings) for secret in ("Straße", "am86", "cookie-one", "xy-pass"))


def test_secrets_may_stand_in_files_of_their_own(tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (tmp_path / "url").write_text("https://desk.example/hook\n")
    (tmp_path / "secrets").write_text(f"\n{SECRET}\n  {SECRET[:-1]}B  \n")
    (tmp_path / "token").write_text("letmein\n")
    (config / "monitor.yaml").write_text("listen: 0.0.0.0:80\ntoken_file: token\n")
    (config / "channels.yaml").write_text("channels:\n  a: {type: webhook, url_file: url, secrets_file: secrets}\n")
    settings = load(config, environ={})
    channel = settings.channels[ChannelId("a")]
    assert (channel.url, len(channel.secrets), settings.token) == ("https://desk.example/hook", 2, "letmein")


@pytest.mark.parametrize(
    ("text", "given", "meant"),
    [
        ("${A}", {"A": "x"}, "x"),
        ("a${A}b${A}", {"A": "x"}, "axbx"),
        ("${A:-d}", {}, "d"),
        ("${A:-}", {}, ""),
        ("${A:-d}", {"A": "x"}, "x"),
        ("${A:-d}", {"A": ""}, "d"),
        ("$$", {}, "$"),
        ("$${A}", {"A": "x"}, "${A}"),
        ("$A 5$", {"A": "x"}, "$A 5$"),
    ],
)
def test_variables_are_replaced_in_what_yaml_has_read(text: str, given: dict[str, str], meant: str) -> None:
    assert expand(text, given) == meant


@given(st.text())
def test_a_text_without_a_dollar_sign_stays_as_it_is(text: str) -> None:
    plain = text.replace("$", "")
    assert expand(plain, {}) == plain


def test_a_variable_cannot_bring_yaml_into_a_file() -> None:
    settings = loaded(feeds="feeds: [{id: a, url: https://a.example/, outlet: '${O}'}]", O="x, country: DE}\n#")
    assert settings.feeds[FeedId("a")].outlet == "x, country: DE}\n#"
    assert settings.feeds[FeedId("a")].country is None


def test_monitor_database_url_wins() -> None:
    settings = loaded("database_url: sqlite:///x.db", MONITOR_DATABASE_URL="sqlite:///y.db")
    assert settings.database_url == "sqlite:////srv/news/y.db"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"monitor": "lisen: x"}, 'monitor.yaml:1:1: unknown key "lisen"; did you mean "listen"?'),
        ({"monitor": "listen: somewhere"}, "monitor.yaml:1:9: .*write host:port"),
        ({"monitor": "listen: 0.0.0.0:8600"}, "monitor.yaml:1:9: .*set a token"),
        ({"monitor": "alert_new_within: 1 day"}, "monitor.yaml:1:19: .*such as 30s, 15m, 24h or 7d"),
        ({"monitor": "workers: 0"}, "monitor.yaml:1:10: .*greater than or equal to 1"),
        ({"monitor": "timezone: Mars"}, "monitor.yaml:1:11: .*IANA name"),
        ({"monitor": "log_format: xml"}, "monitor.yaml:1:13: .*'console' or 'json'"),
        ({"monitor": "token_file: nowhere"}, "monitor.yaml:1:13: nowhere cannot be read"),
        ({"monitor": "token: ${NOPE}"}, "monitor.yaml:1:8: the environment variable NOPE is not set"),
        ({"monitor": "token: '${1}'"}, "monitor.yaml:1:8: .*write \\$\\{NAME\\}"),
        ({"monitor": "token: a\ntoken_file: b"}, "monitor.yaml:1:8: token and token_file are both set"),
        ({"monitor": "database_url: mysql://x/y"}, "monitor.yaml:1:15: no database address; write sqlite:///"),
        ({"MONITOR_DATABASE_URL": "nonsense"}, "MONITOR_DATABASE_URL:1:1: no database address"),
        ({"monitor": "a: [1"}, "monitor.yaml:1:"),
        ({"monitor": "- a"}, "monitor.yaml:1:1: "),
        ({"feeds": "feeds:\n  - {id: a}"}, 'feeds.yaml:2:5: the key "url" is missing here'),
        ({"feeds": "feeds:\n  - {id: A b, url: 'https://x.example'}"}, "feeds.yaml:2:10: .*lower-case letters"),
        ({"feeds": "feeds: [{id: a, url: 'file:///etc/passwd'}]"}, "feeds.yaml:1:22: .*write http"),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example:99999/'}]"}, "feeds.yaml:1:22: "),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', country: SRB}]"}, "feeds.yaml:1:52: .*two letters"),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', full_text: maybe}]"}, ".*write true or false"),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', headers: {'a b': c}}]"}, ".*no header name"),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', max_lag: 0s}]"}, ".*at least 1s"),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', max_lag: 2w}]"}, ".*at most 7d"),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', host_gap: 2h}]"}, ".*at most 1h"),
        ({"monitor": "retention: 9999999w"}, "monitor.yaml:1:12: .*longer than a hundred years"),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', outlet: [x]}]"}, "feeds.yaml:1:51: a text is needed"),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', outlet: ${X}}]"}, ".*needs quotes; write"),
        (
            {"feeds": "feeds: [{id: a, url: 'https://x.example', headers: {If-None-Match: x}}]"},
            'feeds.yaml:1:52: the header "If-None-Match" is set by this program',
        ),
        ({"feeds": 'feeds: [{id: a, url: "https://x.example", headers: {X: "a\\nb"}}]'}, ".*line break"),
        (
            {"feeds": "feeds: [{id: a, url: 'https://x.example', basic_auth: {user: 'a:b', password: c}}]"},
            "feeds.yaml:1:62: .*no colon",
        ),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', basic_auth: {user: a}}]"}, '.*"password" is missing'),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', cookies: {a: 'b; c=d'}}]"}, ".*no cookie has"),
        ({"feeds": "feeds: [{id: a, url: 'https://x.example', cookies: {'a b': c}}]"}, ".*no name of a cookie"),
        (
            {"feeds": "feeds: [{id: a, url: 'https://x.example', proxy: 'socks5://p:1'}]"},
            "feeds.yaml:1:50: .*http://host",
        ),
        (
            {"feeds": "feeds: [{id: a, url: 'https://x.example', proxy: 'http://p:1/x'}]"},
            "feeds.yaml:1:50: .*http://host",
        ),
        (
            {
                "feeds": "feeds:\n  - {id: a, url: 'https://x.example', headers: {authorization: x},\n"
                "     basic_auth: {user: a, password: b}}"
            },
            "feeds.yaml:3:18: basic_auth and an Authorization header",
        ),
        (
            {"feeds": "defaults:\n  basic_auth: {user: a, password: b}\nfeeds: [{id: a, url: 'https://u@x.example'}]"},
            "feeds.yaml:2:15: basic_auth and a user in the url",
        ),
        (
            {"feeds": "feeds: [{id: a, url: 'https://x.example', headers: {COOKIE: x}, cookies: {a: b}}]"},
            "feeds.yaml:1:74: cookies and a Cookie header",
        ),
        ({"channels": "default: desk"}, 'channels.yaml:1:10: unknown channel "desk"'),
        ({"channels": "channels: {a: {type: webhook}}"}, "channels.yaml:1:12: a webhook needs a url"),
        ({"channels": "channels: {a: {type: slack}}"}, "channels.yaml:1:22: .*not built yet"),
        ({"channels": "channels: {a: {type: lgo}}"}, "channels.yaml:1:22: .*'webhook'"),
        ({"channels": "channels: {a: {type: log, rate: fast}}"}, "channels.yaml:1:33: .*such as 10/s"),
        ({"channels": "channels: {a: {type: log, secrets: [abc]}}"}, "channels.yaml:1:37: .*whsec_"),
        ({"channels": "channels: {a: {type: webhook, url_file: no}}"}, "channels.yaml:1:41: no cannot be read"),
    ],
)
def test_a_mistake_is_told_where_it_stands_and_what_to_write(files: dict[str, str], said: str) -> None:
    found = mistakes(**files)
    assert any(re.match(said, each) for each in found), found


def test_all_mistakes_of_all_files_are_told_at_once() -> None:
    found = mistakes(
        "lisen: x\nworkers: many\n",
        "feeds:\n  - {id: a, url: https://x.example}\n  - {id: a, url: ftp://x}\n  - {id: b, url: 'https://${GONE}/'}\n",
        "default: nobody\nchannels: {a: {type: slack}}\n",
    )
    assert [each.split(": ")[0] for each in found] == [
        "channels.yaml:1:10",
        "channels.yaml:2:22",
        "feeds.yaml:3:18",
        "feeds.yaml:4:18",
        "monitor.yaml:1:1",
        "monitor.yaml:2:10",
    ]


def test_two_feeds_with_one_id_are_refused() -> None:
    assert mistakes(feeds="feeds:\n  - {id: a, url: https://x.example}\n  - {id: a, url: https://y.example}\n") == [
        'feeds.yaml:3:10: the id "a" is here twice; ids are unique'
    ]


def test_a_channel_without_a_secret_is_worth_a_warning() -> None:
    settings = loaded(channels="channels: {a: {type: webhook, url: 'https://x.example'}}")
    assert [each.message.split(":")[0] for each in settings.warnings] == [
        "no default channel; rules that name no channel alert nobody",
        'the channel "a" has no secret',
    ]


def test_a_missing_folder_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="monitor init"):
        gather(tmp_path / "nowhere")


def test_rules_in_folders_are_read_and_hidden_files_are_not(tmp_path: Path) -> None:
    for name in (
        "rules/a.yaml",
        "rules/desk/b.yml",
        "rules/._a.yaml",
        "rules/.git/c.yaml",
        "entities/e.yaml",
        "x.yaml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("version: 1\n")
    (tmp_path / "rules" / ".#a.yaml").symlink_to("nobody@nowhere")
    assert list(gather(tmp_path)) == ["entities/e.yaml", "rules/a.yaml", "rules/desk/b.yml"]


@pytest.mark.parametrize("text", ["", " \n\t\n"])
def test_an_emptied_rules_file_is_a_mistake_and_not_the_end_of_its_rules(tmp_path: Path, text: str) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"rules/a\.yaml:1:1: this file is empty; write rules: \[\]"):
        gather(tmp_path)


def test_a_file_in_the_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "rules").write_text("rules: []")
    with pytest.raises(ConfigError, match="rules:1:1: a file stands where the folder rules/ should be"):
        gather(tmp_path)


def test_files_that_are_not_utf8_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_bytes(b"feeds: []\n# caf\xe9\n")
    with pytest.raises(ConfigError, match=r"feeds\.yaml:2:1: .*UTF-8"):
        gather(tmp_path)


def test_the_fingerprint_changes_with_any_file() -> None:
    files = {"feeds.yaml": "a", "rules/x.yaml": "b"}
    prints = {
        fingerprint(files),
        fingerprint({**files, "feeds.yaml": "c"}),
        fingerprint({**files, "rules/y.yaml": "b"}),
        fingerprint({"feeds.yaml": "a"}),
        fingerprint({"feeds.yamla": "", "rules/x.yaml": "b"}),
    }
    assert len(prints) == 5
    assert fingerprint(dict(reversed(files.items()))) == fingerprint(files)


def test_the_folder_is_the_one_given_or_the_environments_or_config(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MONITOR_CONFIG", raising=False)
    assert folder_from(None) == Path("config")
    monkeypatch.setenv("MONITOR_CONFIG", "/srv/c")
    assert folder_from(None) == Path("/srv/c")
    assert folder_from(Path("x")) == Path("x")


@given(st.dictionaries(st.sampled_from(["monitor.yaml", "feeds.yaml", "channels.yaml"]), st.text(max_size=200)))
def test_any_text_is_settings_or_a_list_of_mistakes(files: dict[str, str]) -> None:
    found = []
    try:
        load(Path("/srv/config"), files, {})
    except ConfigError as error:
        found = list(error.mistakes)
    assert all(each.line >= 1 and each.column >= 1 and each.message for each in found)
