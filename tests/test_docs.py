"""What the pages say is what the program does: links, names, examples, commands."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from docs import generate
from monitor import app
from monitor.alerts.decide import address, alert_of
from monitor.alerts.payload import ping
from monitor.articles.normalise import article_from_fields
from monitor.canonical import NAMES
from monitor.delivery import webhook
from monitor.delivery.signature import signature_header
from monitor.errors import ConfigError, SchemaError, StoreError
from monitor.feeds import fetch
from monitor.files import ChannelItem, ChannelsFile, FeedItem, FeedsFile, MonitorFile
from monitor.model import Accepted, Channel, ChannelId, Document, Feed, FeedId, Unreachable, Visits
from monitor.rules import load as rules
from monitor.rules.match import match
from monitor.settings import expand
from monitor.settings import load as settings
from monitor.source import check, read
from monitor.store import Store, expect_current
from monitor.study import failures, run_tests
from tests.serving import Publisher, Receiver, Reply

HOUSE = Path(__file__).parents[1]
DOCS = HOUSE / "docs"
PAGES = sorted([*HOUSE.glob("*.md"), *DOCS.rglob("*.md")])
FRESH = generate.pages()
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def named(page: Path) -> str:
    return str(page.relative_to(HOUSE))


def text(page: str) -> str:
    return (HOUSE / page).read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of *page* in *language*, as they stand."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def prose(page: Path) -> str:
    """*page* without its code blocks."""
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


# ------------------------------------------------------------------ links


def anchor(heading: str) -> str:
    """The name by which a page's *heading* is linked to."""
    return re.sub(r"[^\w\s-]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, name = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"{target} leads nowhere"
        assert there == HOUSE or HOUSE in there.parents, f"{target} leads out of the house"
        if name:
            headings = re.findall(r"^#+ (.*)$", prose(there), re.MULTILINE)
            assert name in map(anchor, headings), f"{target}: there is no such heading"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set(), [HOUSE / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        targets = re.findall(r"\]\(([^)\s#]+\.md)", prose(page))
        waiting += [there for target in targets if (there := (page.parent / target).resolve()).is_file()]
    assert not [named(page) for page in PAGES if page not in reached]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_names_a_package_registry(page: Path) -> None:
    hosts = ("pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "crates" + ".io", "docker" + ".io")
    said = page.read_text(encoding="utf-8")
    assert not [host for host in hosts if host in said]


def test_the_readme_fits_on_one_screen() -> None:
    assert len(text("README.md").splitlines()) <= 75


# ------------------------------------------------------------------ what is generated


@pytest.mark.parametrize("path", FRESH, ids=named)
def test_what_is_generated_is_fresh(path: Path) -> None:
    assert path.exists(), "run: make docs"
    assert path.read_text(encoding="utf-8") == FRESH[path], "run: make docs"


def test_every_generated_part_stands_on_a_page() -> None:
    marked = {name for path in FRESH for name in re.findall(r"<!-- generated: (.+?) -->", path.read_text())}
    assert marked == set(generate.parts())


# ------------------------------------------------------------------ names


def rows(page: str, *, columns: int) -> Iterator[list[str]]:
    """The rows of the tables on *page* that have so many *columns*."""
    for line in text(page).splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if line.startswith("| `") and len(cells) == columns:
            yield cells


def ticked(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_field_of_the_canonical_article_is_documented_in_its_order() -> None:
    assert tuple(name for row in rows("docs/reference/article.md", columns=2) for name in ticked(row[0])) == NAMES


def test_every_setting_is_documented_and_no_other() -> None:
    known = [
        name for each in (MonitorFile, FeedsFile, FeedItem, ChannelsFile, ChannelItem) for name in each.model_fields
    ]
    assert sorted(name for row in rows("docs/reference/settings.md", columns=4) for name in ticked(row[0])) == sorted(
        known
    )


def commands_on(page: Path) -> Iterator[tuple[str, str]]:
    """What *page* writes as a command of ours: the words after `monitor`, and the whole."""
    said = page.read_text(encoding="utf-8")
    for whole in re.findall(r"`(monitor(?: [^`\n]+)?)`", said) + re.findall(
        r"^\s*(?:\$ )?(?:\S*/)?(monitor [a-z][^\n#]*)", "\n".join(blocks(page, "(?:sh|console)")), re.MULTILINE
    ):
        yield whole.removeprefix("monitor").strip(), whole


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_writes_a_command_or_an_option_that_does_not_exist(page: Path) -> None:
    known = {command.name: command.options() for command in generate.commands()}
    groups = {name.split()[0] for name in known if " " in name}
    for words, whole in commands_on(page):
        first, _, rest = words.partition(" ")
        if not words or first.startswith("-") or (first in groups and not rest):
            continue
        name = f"{first} {rest.split()[0]}" if first in groups else first
        alternatives = name.split()[-1].split("|")
        names = [" ".join([*name.split()[:-1], each]) for each in alternatives]
        for each in names:
            assert each in known, f"{whole}: there is no such command"
            options = set(re.findall(r"(?<=\s)--[a-z-]+", words))
            assert options <= known[each] | {"--help"}, f"{whole}: there is no such option"


def fields(schema: Any, told: bool = False) -> Iterator[tuple[str, bool]]:
    """The fields that a message may have, and whether the schema itself or the one around it says what they are."""
    for name, part in schema.get("properties", {}).items():
        says = bool(part.get("description"))
        yield name, says or told
        yield from fields(part, says)
    if isinstance(schema.get("items"), dict):
        yield from fields(schema["items"], told)
    for part in schema.get("$defs", {}).values():
        yield from fields(part, bool(part.get("description")))


def test_every_field_of_a_message_is_documented() -> None:
    page = text("docs/reference/webhook.md") + text("docs/reference/settings.md")
    for path in sorted((DOCS / "reference" / "schemas").glob("*.json")):
        for name, told in fields(json.loads(path.read_text(encoding="utf-8"))):
            assert told or re.search(rf"\b{name}\b", page), f"{path.name}: {name}"


def test_every_metric_is_documented_and_no_other() -> None:
    listed = {name for row in rows("docs/reference/metrics.md", columns=4) for name in ticked(row[0])}
    assert listed == {name for name, *_ in generate._numbers()}
    for page in PAGES:
        used = set(re.findall(r"\bmonitor_[a-z]+(?:_[a-z]+)+\b", prose(page))) - {"monitor_test_postgres"}
        assert used <= listed, page


def events() -> dict[str, tuple[set[str], set[str]]]:
    """Every event that the code tells, with its levels and facts."""
    found: dict[str, tuple[set[str], set[str]]] = {}
    for path in sorted((HOUSE / "monitor").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = _called(call)
            if name in ("told", "crashed", "crash_proof") and isinstance(call, ast.Call) and call.args:
                for event in _constants(call.args[0]):
                    levels, facts = found.setdefault(event, (set(), set()))
                    levels |= _levels(call) if name == "told" else {"error"}
                    facts |= set(_facts(call))
    return found


def _called(node: ast.AST) -> str | None:
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
        case _:
            return None


def _constants(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=str(value)):
            return [value]
        case ast.IfExp(body=one, orelse=other):
            return _constants(one) + _constants(other)
        case _:
            return []


def _levels(call: ast.Call) -> set[str]:
    given = [_constants(each.value) for each in call.keywords if each.arg == "level"]
    return set(given[0]) if given else {"info"}


def _facts(call: ast.Call) -> Iterator[str]:
    for each in call.keywords:
        if each.arg is not None and each.arg != "level":
            yield each.arg
        elif isinstance(each.value, ast.Call):
            yield from _facts(each.value)


def test_every_log_event_is_documented_with_its_levels_and_facts_and_no_other() -> None:
    listed: dict[str, tuple[set[str], set[str]]] = {}
    for row in rows("docs/reference/logs.md", columns=4):
        for name in ticked(row[0]):
            levels, facts = listed.setdefault(name, (set(), set()))
            levels |= set(row[1].split(", "))
            facts |= set(ticked(row[3])) - {"data"}
    of_channels = {"alert", *(name.replace(".", "_") for name in _types())} - {"alert_raised"}
    told = events()
    assert listed.keys() == told.keys() | of_channels
    for name, (levels, facts) in told.items():
        if name == "not_delivered":
            facts = {"next", "again_in", "later", "dead"}  # noqa: PLW2901  "the same", the page says
            levels = {"warning"}  # noqa: PLW2901
        elif name == "delivered":
            levels = {"info"}  # noqa: PLW2901
        assert listed[name][0] >= levels, name
        assert listed[name][1] - {"channel"} == facts - {"channel"}, name


def _types() -> set[str]:
    return {path.stem for path in (DOCS / "reference" / "schemas").glob("*.json")}


# ------------------------------------------------------------------ promises


def test_every_promise_names_a_test_that_exists() -> None:
    page = text("docs/design/guarantees.md")
    promises = re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    assert len(promises) >= 12
    for promise in promises:
        tests = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", promise)
        assert tests, f"no test is named for: {promise.splitlines()[0]}"
        for path, name in tests:
            assert f"def {name}(" in text(path), f"{path}::{name}"


# ------------------------------------------------------------------ examples

WHAT = re.compile(r"# (monitor|feeds|channels)\.yaml\n|# ((?:rules|entities)/[\w-]+\.yaml)\n")


def files_on(page: Path) -> list[tuple[str, str]]:
    """The config files that *page* shows whole: their first line names them."""
    named = [(WHAT.match(block), block) for block in blocks(page, "yaml")]
    return [(found[2] or f"{found[1]}.yaml", block) for found, block in named if found]


@pytest.mark.parametrize("page", [page for page in PAGES if files_on(page)], ids=named)
def test_every_file_that_a_page_shows_loads(page: Path, tmp_path: Path) -> None:
    shown = files_on(page)
    schema = {"monitor.yaml": MonitorFile, "feeds.yaml": FeedsFile, "channels.yaml": ChannelsFile}
    watched = {}
    for name, block in shown:
        if name in schema:
            check(schema[name], read(name, block), lambda given: expand(given, {"NEWSROOM_SECRET": SECRET}))
        else:
            watched[name] = watched.get(name, "") + block
    if watched:
        assert not failures(run_tests(rules.load(watched, channels=None)))
    assert settings(tmp_path, {}, {}).hash


def readme_rule() -> str:
    (rule,) = [block for name, block in files_on(HOUSE / "README.md") if name.startswith("rules/")]
    return rule


def test_the_readmes_rule_raises_the_readmes_alert() -> None:
    (said,) = blocks(HOUSE / "README.md", "json")
    shown = json.loads(said)
    loaded = rules.load({"rules/town.yaml": readme_rule()}, channels=None)
    article = article_from_fields(
        {name: shown["data"]["article"][name] for name in ("headline", "lede", "url", "outlet")} | {"language": "en"}
    )
    (found,) = match(loaded, article)
    sent = alert_of(found, matched_at=NOON, raised_at=NOON, default_channel=None).data
    assert len(readme_rule().splitlines()) <= 16
    assert shown["type"] == "alert.raised"
    assert_shown(shown["data"], sent)


def test_the_readme_says_what_a_name_is_found_as() -> None:
    forms = re.search(r"`\$vucic` finds ([^.]*)\.", text("README.md"))
    assert forms
    entities = {"entities/balkans.yaml": text("config/entities/balkans.yaml")}
    loaded = rules.load(entities | {"rules/a.yaml": "rules:\n  - {id: a, match: $vucic}\n"}, channels=None)
    for form in re.split(r", | and ", forms[1]):
        assert match(loaded, article_from_fields({"body": f"{form} …"})), form


def assert_shown(shown: Any, sent: Any) -> None:
    """Whatever *shown* says, *sent* says too; "…" stands for anything."""
    match shown:
        case dict():
            for name, part in shown.items():
                assert name in sent, name
                assert_shown(part, sent[name])
        case list():
            assert len(shown) <= len(sent)
            for part, other in zip(shown, sent, strict=False):
                assert_shown(part, other)
        case "…":
            assert sent
        case _:
            assert shown == sent


def test_the_code_that_verifies_a_webhook_takes_ours_and_nothing_else() -> None:
    code: dict[str, Any] = {"__name__": "receiver"}
    for block in blocks(DOCS / "how-to" / "verify-a-webhook.md", "python"):
        exec(block, code)
    headers = {"webhook-id": "delivery_1", "webhook-timestamp": "1614265330"}
    headers["webhook-signature"] = signature_header([SECRET], "delivery_1", 1614265330, b'{"type": "test.ping"}')
    body = b'{"type": "test.ping"}'
    assert code["is_genuine"]([SECRET], headers, body, now=1614265331)
    assert code["is_genuine"](["whsec_" + "AAAA" * 8, SECRET], headers, body, now=1614265331)
    assert not code["is_genuine"]([SECRET], headers, body + b" ", now=1614265331)
    assert not code["is_genuine"]([SECRET], headers, body, now=1614265331 + 600)
    assert not code["is_genuine"]([SECRET], {}, body, now=1614265331)


# ------------------------------------------------------------------ commands


def sessions(page: Path) -> Iterator[tuple[str, str]]:
    """The commands in the `console` blocks of *page*, each with the output shown under it."""
    for block in blocks(page, "console"):
        yield from re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)


def test_the_tutorials_commands_print_what_it_shows(tmp_path: Path) -> None:
    page = DOCS / "tutorial.md"
    written = {name: block for name, block in files_on(page) if name.startswith("rules/")}
    articles = dict(
        re.findall(r"`(\w+\.txt)`:\n\n```text\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    )
    assert articles
    for name, block in articles.items():
        (tmp_path / name).write_text(block, encoding="utf-8")
    ran = 0
    for command, output in sessions(page):
        if command.split()[1] not in ("init", "check", "match", "rules"):
            continue
        said = subprocess.run(
            [sys.executable, "-m", *command.split()],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            env={**plain_environment(), "PYTHONPATH": str(HOUSE)},
        )
        heard = said.stdout + said.stderr
        for line in filter(str.strip, output.splitlines()):
            assert re.search(re.escape(line.rstrip()).replace("…", ".*"), heard), f"{command}\n{heard}"
        ran += 1
        for name, block in written.items():
            if command.split()[1] == "init":
                (tmp_path / "config" / name).write_text(block, encoding="utf-8")
    assert ran >= 4


def plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}  # noqa: TID251  a program needs its PATH


def test_every_make_target_that_a_page_names_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    for page in PAGES:
        for name in re.findall(r"`make ([a-z]+)`", page.read_text(encoding="utf-8")):
            assert name in targets, f"{named(page)}: make {name}"


# ------------------------------------------------------------------ what is wrong

TROUBLE = "docs/how-to/troubleshoot.md"
CONSOLE = "channels:\n  console: {type: log}\n"
ITEM = "<item><title>Flood {0}</title><link>https://g.example/{0}</link><guid>{0}</guid></item>"


def table(page: str, first: str) -> list[list[str]]:
    """The rows of the table on *page* whose first column is headed *first*."""
    lines = text(page).splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith(f"| {first} |"))
    body = takewhile(lambda line: line.startswith("|"), lines[start + 2 :])
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body]


def is_what(shown: str, said: str) -> bool:
    """Whether *said* is what a page shows as *shown*, in which … stands for anything."""
    (wanted,) = ticked(shown)
    return re.fullmatch(".*".join(map(re.escape, wanted.split("…"))) if wanted else "", said, re.DOTALL) is not None


def broken(kind: str, line: str) -> dict[str, str]:
    """Files of which one holds *line*."""
    match kind:
        case "rules":
            more = "" if "tch:" in line else "\n    match: flood"
            return {"rules/town.yaml": f"rules:\n  - id: floods\n    {line}{more}\n", "channels.yaml": CONSOLE}
        case "feeds":
            more = "" if line.startswith("url:") else "\n    url: https://gazette.example/rss"
            return {"feeds.yaml": f"feeds:\n  - id: gazette\n    {line}{more}\n"}
        case "channels":
            lines = [line, *(each for each in ("type: webhook", "url: https://desk.example/") if each[:4] != line[:4])]
            return {"channels.yaml": "channels:\n  desk:\n    " + "\n    ".join(lines) + "\n"}
        case _:
            return {"monitor.yaml": line + "\n"}


@pytest.mark.parametrize("row", table(TROUBLE, "in"), ids=lambda row: row[1])
def test_a_broken_file_gives_the_message_that_is_shown(row: list[str], tmp_path: Path) -> None:
    kind, wrote, shown, _ = row
    with pytest.raises(ConfigError) as refused:
        app.load(tmp_path, broken(kind, ticked(wrote)[0]))
    said = [mistake.message for mistake in refused.value.mistakes]
    assert any(is_what(shown, each) for each in said), said


def rss(items: str) -> str:
    return f"<rss version='2.0'><channel><title>G</title><link>https://g.example/</link>{items}</channel></rss>"


def entities() -> str:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    whole = rss(ITEM.format(1)).replace("<title>G<", "<title>&l9;<")
    return f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>{whole}'


def published(site: Publisher) -> dict[str, str]:
    """The address of each document that the page speaks of."""
    return {
        "a web page": site.publish(
            "/page", "<!doctype html><html><body><p>Hello</p></body></html>", content_type="text/html"
        ),
        "200,000 items": site.publish("/huge", rss("<item><title>F</title></item>" * 200_000)),
        "a gzip bomb": site.publish("/bomb", rss(f"<!--{'a' * 60_000_000}-->"), packed=True),
        "an entity bomb": site.publish("/entities", entities()),
        "a document that breaks off": site.publish("/cut", rss(ITEM.format(1) + ITEM.format(2))[:-40]),
        "no such page": site.url("/missing"),
        "a server that hangs": site.script("/hangs", Reply(hang=True)),
        "a server that drips": site.script("/drips", Reply(body=b"x" * 3000, drip=0.1)),
        "redirects in a circle": site.script("/circle", Reply(status=302, headers={"Location": "/circle"})),
        "nobody": "http://127.0.0.1:9/",
        "a name that does not exist": "https://gazette.invalid/",
        "an address on your own network": site.url("/page"),
    }


async def notes(urls: dict[str, str], folder: Path) -> dict[str, str]:
    """What a poll of each of *urls* has to say."""

    async def note(opened: app.Wire, what: str, url: str) -> str:
        feed = Feed(id=FeedId("gazette"), url=url, allow_private="own network" not in what)
        fetched = await opened.fetch(feed, Visits())
        if not isinstance(fetched, Document):
            return fetched.detail if isinstance(fetched, Unreachable) else "unchanged"
        reading = await opened.read(fetched, feed, Visits(), NOON)
        return reading.fault or reading.listing.note or ""

    async with app.wire(settings(folder, {}, {})) as opened:
        said = await asyncio.gather(*(note(opened, what, url) for what, url in urls.items()))
    return dict(zip(urls, said, strict=True))


def test_a_feed_that_brings_nothing_gives_the_note_that_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = f"within {fetch.DEADLINE:g} s"
    # The drips go on for minutes; the rest comes within a second, or five where the machine is busy.
    monkeypatch.setattr(fetch, "DEADLINE", 12.0)
    with Publisher() as site:
        said = asyncio.run(notes(published(site), tmp_path))
    listed = table(TROUBLE, "what is behind the address")
    assert {row[0] for row in listed} == said.keys()
    for what, shown, _ in listed:
        assert is_what(shown.replace(limit, "within 12 s"), said[what]), (what, said[what])


def scripted(desk: Receiver) -> dict[str, str]:
    """The address of each receiver that the page speaks of."""
    return {
        "it hangs": desk.script("/hangs", Reply(hang=True)),
        "it drips": desk.script("/drips", Reply(body=b"x" * 3000, drip=0.1)),
        "it redirects": desk.script("/redirects", Reply(status=302, headers={"Location": "/"})),
        "it answers 10 MB": desk.script("/long", Reply(body=b"y" * 10_000_000)),
        "it answers 401": desk.script("/401", Reply(status=401, body=b"who are you?")),
        "it answers 500": desk.script("/500", Reply(status=500, body=b"oops")),
        "it is busy (429, `Retry-After`)": desk.script("/429", Reply(status=429, headers={"Retry-After": "120"})),
        "it is gone (410)": desk.script("/410", Reply(status=410, body=b"closed")),
        "it is not there": "http://127.0.0.1:9/",
        "it is on your own network": desk.url("/"),
    }


async def answers(urls: dict[str, str], folder: Path) -> dict[str, str | None]:
    """What a test.ping to each of *urls* comes to; None if it is taken."""

    async def answer(opened: app.Wire, what: str, url: str) -> str | None:
        channel = Channel(id=ChannelId("desk"), type="webhook", url=url, allow_private="own network" not in what)
        message = ping(channel, NOON)
        (delivery,) = address(message, [channel.id])
        outcome = await opened.send(channel, delivery, message)
        return None if isinstance(outcome, Accepted) else outcome.detail

    async with app.wire(settings(folder, {}, {})) as opened:
        said = await asyncio.gather(*(answer(opened, what, url) for what, url in urls.items()))
    return dict(zip(urls, said, strict=True))


def test_a_receiver_that_gets_nothing_gives_the_answer_that_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = f"within {webhook.DEADLINE:g} s"
    monkeypatch.setattr(webhook, "DEADLINE", 12.0)  # as above
    with Receiver() as desk:
        said = asyncio.run(answers(scripted(desk), tmp_path))
    listed = table(TROUBLE, "what the receiver does")
    assert {row[0] for row in listed} == said.keys()
    for what, shown, _ in listed:
        told = said[what]
        assert told is None if not ticked(shown) else is_what(shown.replace(limit, "within 12 s"), told or ""), (
            what,
            told,
        )


def test_a_database_that_does_not_work_gives_the_message_that_is_shown() -> None:
    shown = {row[0]: row[1] for row in table(TROUBLE, "what is wrong")}
    with pytest.raises(StoreError) as unreachable:
        Store("postgresql://monitor:hush-hush@127.0.0.1:9/press").ping()
    with pytest.raises(ConfigError) as unsupported:
        settings(Path("config"), {}, {"MONITOR_DATABASE_URL": "mysql://db.example/press"})
    with pytest.raises(SchemaError) as empty:
        expect_current(Store("sqlite://"))
    assert is_what(shown["nobody listens at `postgresql://…`"], str(unreachable.value))
    assert is_what(shown["another kind of database"], str(unsupported.value))
    assert is_what(shown["tables that are missing on PostgreSQL"], str(empty.value))
