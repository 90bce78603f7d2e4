"""Files + environment → one frozen Settings, or all mistakes at once.

The only reader of the environment.  monitor.yaml, feeds.yaml and channels.yaml
are read here; rules and entities belong to the rules room, which gets their
texts from `Settings.files`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from monitor.errors import ConfigError, Mistake
from monitor.files import (
    BUILT,
    ChannelsFile,
    FeedItem,
    FeedKeys,
    FeedsFile,
    MonitorFile,
    database_address,
    web_address,
)
from monitor.files import secret as check_secret
from monitor.model import Channel, ChannelId, Feed, FeedId
from monitor.source import Apart, Tree, check, read, unknown

DATABASE_URL = "MONITOR_DATABASE_URL"  # the environment variable that wins over database_url
LOOPBACK = ("127.0.0.1", "::1", "localhost")
HOST_GAP, HOST_GAP_AT_HOME = timedelta(seconds=1), timedelta()  # where none is written, as files.py says

# ------------------------------------------------------------------ the whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that the operator decides but the rules, whose texts are in *files*."""

    folder: Path
    files: Mapping[str, str] = field(repr=False)  # name within the folder → text, as read
    hash: str  # of the files; each process logs it
    database_url: str = field(repr=False)
    host: str
    port: int
    token: str | None = field(repr=False)
    public_url: str | None  # where the console can be reached from outside, without a slash at its end
    alert_new_within: timedelta
    retention: timedelta
    workers: int
    timezone: str
    user_agent: str
    log_format: Literal["console", "json"]
    feeds: Mapping[FeedId, Feed]
    channels: Mapping[ChannelId, Channel]
    default_channel: ChannelId | None
    hidden: tuple[str, ...] = field(default=(), repr=False)  # what gives access to feeds, beside their headers
    warnings: tuple[Mistake, ...] = ()

    def secrets(self) -> Iterator[str]:
        """Yield every text that no log and no table may show."""
        yield from filter(None, [self.token])
        for channel in self.channels.values():
            yield from filter(None, [channel.url, *channel.secrets, *channel.headers.values()])
        for feed in self.feeds.values():
            yield from feed.headers.values()
        yield from self.hidden
        if password := urlsplit(self.database_url).password:
            yield password


def folder_from(given: Path | None) -> Path:
    """Return the config folder: *given*, else MONITOR_CONFIG, else ./config."""
    return given or Path(os.environ.get("MONITOR_CONFIG") or "config")


def environment_of_others() -> dict[str, str]:
    """Return the environment without our own variables: for a run that must not touch the operator's data."""
    return {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}


def gather(folder: Path) -> dict[str, str]:
    """Return the texts of the config files in *folder* by their names in it; ConfigError if they cannot be read."""
    if not folder.is_dir():
        text = f'no such folder; write a starter config with "monitor init {folder}", or name another with --config'
        raise ConfigError([Mistake(file=str(folder), line=1, column=1, message=text)])
    names = ["monitor.yaml", "feeds.yaml", "channels.yaml"]
    texts, mistakes = {}, []
    for room in ("entities", "rules"):
        if (folder / room).is_file():
            text = f"a file stands where the folder {room}/ should be; make a folder and put the file into it"
            mistakes.append(Mistake(file=room, line=1, column=1, message=text))
        found = (path.relative_to(folder) for path in (folder / room).rglob("*.y*ml"))
        # Editors and file managers leave hidden copies beside a file: ._x.yaml, .#x.yaml, .x.yaml.swp.
        names += sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))
    for name in names:
        try:
            texts[name] = (folder / name).read_text(encoding="utf-8-sig")
            if "/" in name and not texts[name].strip():
                # Somebody is writing it, or emptied it: taken as it is, its rules would be off without a word.
                text = "this file is empty; write rules: [] or entities: [] into it, or delete it"
                mistakes.append(Mistake(file=name, line=1, column=1, message=text))
        except FileNotFoundError:
            continue  # every file may be left out; a file that vanished meanwhile is one that is left out
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            text = "a byte here is not UTF-8; save the file as UTF-8"
            mistakes.append(Mistake(file=name, line=line, column=1, message=text))
        except OSError as error:
            mistakes.append(Mistake(file=name, line=1, column=1, message=error.strerror or str(error)))
    if mistakes:
        raise ConfigError(mistakes)
    return texts


def of_rules(files: Mapping[str, str]) -> dict[str, str]:
    """Return those of *files* that the rules room reads."""
    return {name: text for name, text in files.items() if name.startswith(("entities/", "rules/"))}


def fingerprint(files: Mapping[str, str]) -> str:
    """Return 12 hexadecimal digits that change when any of *files* does."""
    digest = hashlib.blake2b(digest_size=6)
    for name, text in sorted(files.items()):
        digest.update(f"{len(name)}:{name}{len(text)}:{text}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def load(folder: Path, files: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings in *folder* (or in *files*, kept from it earlier); ConfigError with every mistake."""
    texts = gather(folder) if files is None else dict(files)
    variables = os.environ if environ is None else environ
    gathered = _Gathered(folder.absolute().parent, variables)
    main = gathered.file(MonitorFile, "monitor.yaml", texts)
    items = _Items(gathered)
    listed = gathered.file(FeedsFile, "feeds.yaml", texts, Apart("feeds", items.take))
    known = gathered.file(ChannelsFile, "channels.yaml", texts)
    token = _token(*main, gathered) if main else None
    feeds = {each.id: each for each in items.feeds(*listed)} if listed else {}
    channels = tuple(_channels(*known, gathered)) if known else ()
    url = gathered.database(variables, main[0].database_url if main else "")
    if gathered.mistakes or main is None or known is None:
        raise ConfigError(gathered.mistakes)
    monitor = main[0]
    host, _, port = monitor.listen.rpartition(":")
    return Settings(
        folder=folder,
        files=texts,
        hash=fingerprint(texts),
        database_url=url,
        host=host.strip("[]"),
        port=int(port),
        token=token,
        public_url=monitor.public_url,
        alert_new_within=monitor.alert_new_within,
        retention=monitor.retention,
        workers=monitor.workers,
        timezone=monitor.timezone,
        user_agent=monitor.user_agent,
        log_format=monitor.log_format,
        feeds=feeds,
        channels={each.id: each for each in channels},
        default_channel=None if known[0].default is None else ChannelId(known[0].default),
        hidden=tuple(gathered.hidden),
        warnings=tuple(_warnings(*known)),
    )


class _Gathered:
    """What is found wrong while the files are read, so that all of it is told at once."""

    def __init__(self, beside: Path, variables: Mapping[str, str]) -> None:
        self.mistakes: list[Mistake] = []
        self.hidden: list[str] = []
        self._beside = beside
        self._variables = variables

    def file(
        self, schema: type[Any], name: str, texts: Mapping[str, str], apart: Apart | None = None
    ) -> tuple[Any, Tree] | None:
        try:
            tree = read(name, texts.get(name, ""), apart)
            return check(schema, tree, self.expand), tree
        except ConfigError as error:
            self.mistakes.extend(error.mistakes)
            return None

    def refuse(self, tree: Tree, path: tuple[str | int, ...], message: str, *, key: bool = False) -> None:
        mistake = tree.mistake(tree.at(path, key=key), message)
        if mistake not in self.mistakes:  # one default may be wrong for many feeds
            self.mistakes.append(mistake)

    def expand(self, text: str) -> str:
        """Return *text* with its variables replaced."""
        return expand(text, self._variables)

    def twin(self, tree: Tree, path: tuple[str | int, ...], value: str | None, file: str | None) -> str | None:
        """Return *value*, or the first line of *file*; both at once are a mistake."""
        if file is None:
            return value
        if value is not None:
            self.refuse(tree, path, f"{path[-1]} and {path[-1]}_file are both set; keep one of them")
            return value
        lines = self.lines(tree, (*path[:-1], f"{path[-1]}_file"), file)
        return lines[0] if lines else None

    def lines(self, tree: Tree, path: tuple[str | int, ...], file: str) -> list[str]:
        """Return the lines of *file* that are not empty; a file that holds none is a mistake."""
        try:
            found = (self._beside / file).read_text(encoding="utf-8").split("\n")
        except (OSError, UnicodeDecodeError) as error:
            self.refuse(tree, path, f"{file} cannot be read: {getattr(error, 'strerror', None) or 'not UTF-8'}")
            return []
        kept = [line.strip() for line in found if line.strip()]
        if not kept:
            self.refuse(tree, path, f"{file} is empty; put the secret on its first line")
        return kept

    def database(self, variables: Mapping[str, str], url: str) -> str:
        """Return MONITOR_DATABASE_URL, else *url*; a relative SQLite path starts beside the config folder."""
        if given := variables.get(DATABASE_URL):
            try:
                url = database_address(given)
            except ValueError as error:
                self.mistakes.append(Mistake(file=DATABASE_URL, line=1, column=1, message=str(error)))
        found = re.fullmatch(r"(sqlite(?:\+\w+)?:///)(?!/|:memory:)(.+)", url)
        return f"{found[1]}{self._beside / found[2]}" if found else url


def _token(main: MonitorFile, tree: Tree, gathered: _Gathered) -> str | None:
    token = gathered.twin(tree, ("token",), main.token, main.token_file) or None  # ${MONITOR_TOKEN:-} may be empty
    if not token and main.listen.rpartition(":")[0].strip("[]") not in LOOPBACK:
        text = f"{main.listen} can be reached by others; set a token, or listen on 127.0.0.1"
        gathered.refuse(tree, ("listen",), text)
    return token


VARIABLE = re.compile(r"\$(?:(\$)|\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?\}|(\{))")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Return *text* with `${NAME}`, `${NAME:-default}` and `$$` replaced; ValueError for a variable that is not set."""

    def value(found: re.Match[str]) -> str:
        dollar, name, has_default, default, broken = found.groups()
        if dollar:
            return "$"
        if broken:
            raise ValueError(f'"{text}" has a ${{ that is not a variable; write ${{NAME}}, or $$ for a dollar sign')
        if variables.get(name):
            return variables[name]
        if has_default:
            return str(default)
        raise ValueError(f"the environment variable {name} is not set; set it, or write ${{{name}:-a default}}")

    return VARIABLE.sub(value, text)


class _Items:
    """The feeds of feeds.yaml, taken as they are read; equal values of many are one, so that 10,000 take 5 MB."""

    def __init__(self, gathered: _Gathered) -> None:
        self._gathered = gathered
        self._given: dict[FeedId, tuple[dict[str, Any], Tree | None]] = {}
        self._same: dict[object, Any] = {}

    def take(self, tree: Tree) -> None:
        """Take the feed that *tree* is, or what is wrong with it."""
        try:
            item = check(FeedItem, tree, self._gathered.expand)
        except ConfigError as error:
            return self._gathered.mistakes.extend(error.mistakes)
        if item.id in self._given:
            self._gathered.refuse(tree, ("id",), f'the id "{item.id}" is here twice; ids are unique')
        given = {name: self._shared(name, getattr(item, name)) for name in item.model_fields_set}
        can_clash = not given.keys().isdisjoint(("basic_auth", "cookies"))  # with defaults, which may stand below
        self._given[FeedId(item.id)] = given, tree if can_clash else None
        return None

    def feeds(self, listed: FeedsFile, file: Tree) -> Iterator[Feed]:
        """Yield what was taken, with the defaults of *listed*; what contradicts them is refused."""
        defaults = {name: getattr(listed.defaults, name) for name in FeedKeys.model_fields}
        for given, tree in self._given.values():
            values = defaults | given
            if values["host_gap"] is None:
                values["host_gap"] = HOST_GAP_AT_HOME if values["allow_private"] else HOST_GAP
            labels = listed.defaults.labels | values["labels"]
            headers = _sent(values, _Places(given, tree, file), self._gathered)
            values |= {"labels": self._shared("labels", labels), "headers": self._shared("headers", headers)}
            yield Feed(**{name: value for name, value in values.items() if name not in ("basic_auth", "cookies")})

    def _shared(self, name: str, value: Any) -> Any:
        if name in ("id", "url"):
            return value
        key = tuple(value.items()) if isinstance(value, dict) else value
        return self._same.setdefault((name, key), value)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the values of a feed stand: in the feed itself, or among the defaults of the *file*."""

    given: Mapping[str, Any]
    tree: Tree | None
    file: Tree

    def of(self, name: str) -> tuple[Tree, tuple[str, ...]]:
        if name in self.given and self.tree is not None:
            return self.tree, (name,)
        return self.file, ("defaults", name)


def _sent(values: Mapping[str, Any], places: _Places, gathered: _Gathered) -> dict[str, str]:
    """Return the headers of a feed, those among them that its basic_auth and cookies are sent as."""
    headers = dict(values["headers"])
    named = {name.lower() for name in headers}
    auth, cookies, proxy = values["basic_auth"], values["cookies"], values["proxy"]
    if auth is not None:
        at = places.of("basic_auth")
        if "authorization" in named:
            gathered.refuse(*at, "basic_auth and an Authorization header are both set; keep one")
        if urlsplit(values["url"]).username:
            gathered.refuse(*at, "basic_auth and a user in the url are both set; keep one")
        pair = base64.b64encode(f"{auth.user}:{auth.password}".encode()).decode("ascii")
        headers["Authorization"] = f"Basic {pair}"
        gathered.hidden += [auth.password, pair]
    if cookies:
        if "cookie" in named:
            gathered.refuse(*places.of("cookies"), "cookies and a Cookie header are both set; keep one")
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        gathered.hidden += cookies.values()
    if proxy and (password := urlsplit(proxy).password):
        gathered.hidden += [password, unquote(password)]
    return headers


def _channels(known: ChannelsFile, tree: Tree, gathered: _Gathered) -> Iterator[Channel]:
    if known.default is not None and known.default not in known.channels:
        gathered.refuse(tree, ("default",), unknown("channel", known.default, known.channels))
    for id, item in known.channels.items():
        at: tuple[str | int, ...] = ("channels", id)
        if item.type not in BUILT:
            gathered.refuse(tree, (*at, "type"), f"the channel type {item.type} is not built yet; write webhook or log")
        url = gathered.twin(tree, (*at, "url"), item.url, item.url_file)
        if item.type == "webhook" and not url and not item.url_file:
            gathered.refuse(tree, at, "a webhook needs a url (or url_file)", key=True)
        secrets = list(item.secrets)
        if item.secrets_file is not None:
            secrets += gathered.lines(tree, (*at, "secrets_file"), item.secrets_file)
        for secret in secrets:
            try:
                check_secret(secret)
            except ValueError as error:
                gathered.refuse(tree, (*at, "secrets_file"), f"{item.secrets_file}: {error}")
        try:
            url = url and web_address(url)
        except ValueError as error:
            gathered.refuse(tree, (*at, "url_file"), f"{item.url_file}: {error}")
        yield Channel(
            id=ChannelId(id),
            type=item.type,
            url=url,
            secrets=tuple(secrets),
            headers=item.headers,
            rate=_per_second(item.rate),
            allow_private=item.allow_private,
        )


def _per_second(rate: str | None) -> float | None:
    if rate is None:
        return None
    count, _, unit = rate.partition("/")
    return int(count) / {"s": 1, "m": 60, "h": 3600}[unit]


def _warnings(known: ChannelsFile, tree: Tree) -> Iterator[Mistake]:
    if known.default is None:
        text = "no default channel; rules that name no channel alert nobody"
        yield tree.mistake(tree.at(("channels",), key=True), text)
    for id, item in known.channels.items():
        if item.type == "webhook" and not item.secrets and not item.secrets_file:
            text = f'the channel "{id}" has no secret: its receiver cannot know that an alert is ours'
            yield tree.mistake(tree.at(("channels", id), key=True), text)
