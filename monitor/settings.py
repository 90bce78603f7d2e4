"""Files + environment → one frozen Settings, or all mistakes at once.

The only reader of the environment.  monitor.yaml, feeds.yaml and channels.yaml
are read here; rules and entities belong to the rules room, which gets their
texts from `Settings.files`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator

from monitor import __version__
from monitor.errors import ConfigError, Mistake
from monitor.model import Channel, ChannelId, Feed, FeedId
from monitor.source import Duration, Strict, Tree, check, read, unknown

USER_AGENT = f"media-monitor/{__version__} (+https://media-monitor.example/about)"
DATABASE_URL = "MONITOR_DATABASE_URL"  # the environment variable that wins over database_url
LOOPBACK = ("127.0.0.1", "::1", "localhost")
SECRET_BYTES = range(24, 65)  # Standard Webhooks: a symmetric secret has 24 to 64 bytes

# ------------------------------------------------------------------ what a value may be


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{name}" is no time zone; write an IANA name such as Europe/Belgrade or UTC') from error
    return name


def _web(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or re.search(r"[\s\x00-\x1f]", url):
        raise ValueError("no web address; write http://… or https://…")
    return url


def _id(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,99}", text):
        raise ValueError(f'"{text}" is no id; write lower-case letters, digits and - . _, such as b92-politics')
    return text


def _country(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise ValueError(f'"{text}" is no country; write two letters of ISO 3166-1, such as RS')
    return text.upper()


def _language(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", text):
        raise ValueError(f'"{text}" is no language; write a BCP 47 tag such as en or sr')
    return text.partition("-")[0].lower()


def _secret(text: str) -> str:
    try:
        key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith("whsec_") or len(key) not in SECRET_BYTES:
        raise ValueError("a secret is whsec_ and base64 of 24 to 64 random bytes; `monitor init` makes one")
    return text


def _rate(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d{0,5}/(s|m|h)", text):
        raise ValueError(f'"{text}" is no rate; write a number and /s, /m or /h, such as 10/s')
    return text


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or int(port) > 65535:
        raise ValueError(f'"{text}" is no address to listen on; write host:port, such as 127.0.0.1:8600')
    return text


def _headers(given: dict[str, str]) -> dict[str, str]:
    for name, value in given.items():
        if not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
            raise ValueError(f'"{name}" is no header name')
        if not re.fullmatch(r"[\x20-\x7e\x80-\xff]*", value):
            raise ValueError(f'the value of the header "{name}" has a line break or a letter outside Latin-1')
    return given


def _database(url: str) -> str:
    if not re.match(r"(sqlite(\+pysqlite)?:///|(postgres|postgresql(\+psycopg)?)://)\S", url):
        raise ValueError("no database address; write sqlite:///var/monitor.db or postgresql://user:password@host/name")
    return url


Zone = Annotated[str, AfterValidator(_zone)]
Web = Annotated[str, AfterValidator(_web)]
Id = Annotated[str, AfterValidator(_id)]
Secret = Annotated[str, AfterValidator(_secret)]
Headers = Annotated[dict[str, str], AfterValidator(_headers)]
Country = Annotated[str, AfterValidator(_country)]
Language = Annotated[str, AfterValidator(_language)]

# ------------------------------------------------------------------ monitor.yaml


class MonitorFile(Strict):
    """monitor.yaml: how the program runs.  Every key has a default."""

    database_url: Annotated[str, AfterValidator(_database)] = Field(
        "sqlite:///var/monitor.db",
        description="Where articles, alerts and the outbox are kept: sqlite:///… (a relative path starts beside the "
        "config folder) or postgresql://…. The environment variable MONITOR_DATABASE_URL wins.",
    )
    listen: Annotated[str, AfterValidator(_address)] = Field(
        "127.0.0.1:8600",
        description="host:port of the web console and of /healthz, /readyz and /metrics; port 0 takes a free one. "
        "On an address that others can reach, a token is required.",
    )
    token: str | None = Field(None, description="What visitors of the console must know; `token_file` is its twin.")
    token_file: str | None = Field(None, description="A file that holds the token, alone on its first line.")
    alert_new_within: Duration = Field(
        timedelta(hours=24),
        description="An article published longer ago than this is stored, not alerted on: no flood at the first poll.",
    )
    retention: Duration = Field(
        timedelta(days=90), description="How long articles, alerts and finished deliveries are kept."
    )
    workers: Annotated[int, Field(ge=1, le=64)] = Field(
        1, description="Processes of this machine that poll and deliver; `monitor run --workers N` wins."
    )
    timezone: Zone = Field("UTC", description="The time zone of a rule that names none, and of times shown to people.")
    user_agent: Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[\x20-\x7e]+$")] = Field(
        USER_AGENT, description="How polls and webhooks introduce themselves; put your own address into it."
    )
    log_format: Literal["console", "json"] = Field("console", description="Logs for people, or one JSON object a line.")


# ------------------------------------------------------------------ feeds.yaml


class FeedKeys(Strict):
    """What may stand at a feed and under `defaults`."""

    outlet: str | None = Field(None, description="The name of the publication, as alerts show it.")
    country: Country | None = Field(None, description="ISO 3166-1 country of the outlet; rules filter by it.")
    language: Language | None = Field(None, description="BCP 47 language of the texts; detected when left out.")
    section: str | None = Field(None, description="The section that articles belong to when they name none.")
    timezone: Zone | None = Field(None, description="The zone of dates that carry none, such as Europe/Belgrade.")
    full_text: bool = Field(
        False, description="Fetch each new article's page for its whole text. Not built yet: only false is taken."
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="Free key: value pairs, kept with every article of the feed."
    )
    max_lag: Duration = Field(timedelta(minutes=15), description="The longest wait between two polls.")
    allow_private: bool = Field(False, description="May this feed be on a private or loopback address?")
    host_gap: Duration | None = Field(
        None, description="The least time between two requests to one host; 1s, or 0s where allow_private."
    )
    headers: Headers = Field(
        default_factory=dict, description="Sent with every poll of the feed, to its own host only."
    )

    @field_validator("full_text")
    @classmethod
    def _is_built(cls, wanted: bool) -> bool:
        if wanted:
            raise ValueError("full_text: true is not built yet; leave it out")
        return wanted

    @field_validator("max_lag")
    @classmethod
    def _is_possible(cls, lag: timedelta) -> timedelta:
        if lag < timedelta(seconds=1):
            raise ValueError("max_lag must be at least 1s")
        return lag


class FeedItem(FeedKeys):
    """One feed."""

    id: Id = Field(description="Lower-case letters, digits and - . _; stable, since what was seen is remembered by it.")
    url: Web = Field(description="The address of the feed.")


class FeedsFile(Strict):
    """feeds.yaml: what to read."""

    defaults: FeedKeys = Field(default_factory=FeedKeys, description="Any key of a feed, for all that leave it out.")
    feeds: list[FeedItem] = Field(default_factory=list, description="The feeds.")


# ------------------------------------------------------------------ channels.yaml

BUILT = ("webhook", "log")


class ChannelItem(Strict):
    """One place that alerts go to."""

    type: Literal["webhook", "slack", "discord", "teams", "mattermost", "apprise", "log"] = Field(
        description="webhook: signed POST; log: a line in the program's own log. The others are not built yet."
    )
    url: Web | None = Field(None, description="Where to POST; `url_file` is its twin for secrets.")
    url_file: str | None = Field(None, description="A file that holds the address, alone on its first line.")
    secrets: list[Secret] = Field(
        default_factory=list, description="whsec_… keys; all sign while a rotation lasts, the first first."
    )
    secrets_file: str | None = Field(None, description="A file of secrets, one a line.")
    headers: Headers = Field(default_factory=dict, description="Sent with every delivery.")
    rate: Annotated[str, AfterValidator(_rate)] | None = Field(
        None, description="How many deliveries at most, such as 10/s or 30/m; unlimited when left out. Per process."
    )
    allow_private: bool = Field(False, description="May the receiver be on a private or loopback address?")


class ChannelsFile(Strict):
    """channels.yaml: where alerts go."""

    default: str | None = Field(None, description="The channel of rules that name none.")
    channels: dict[Id, ChannelItem] = Field(default_factory=dict, description="The channels, by id.")


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
    alert_new_within: timedelta
    retention: timedelta
    workers: int
    timezone: str
    user_agent: str
    log_format: Literal["console", "json"]
    feeds: Mapping[FeedId, Feed]
    channels: Mapping[ChannelId, Channel]
    default_channel: ChannelId | None
    warnings: tuple[Mistake, ...] = ()

    def secrets(self) -> Iterator[str]:
        """Yield every text that no log and no table may show."""
        yield from filter(None, [self.token])
        for channel in self.channels.values():
            yield from filter(None, [channel.url, *channel.secrets, *channel.headers.values()])
        for feed in self.feeds.values():
            yield from feed.headers.values()
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
    listed = gathered.file(FeedsFile, "feeds.yaml", texts)
    known = gathered.file(ChannelsFile, "channels.yaml", texts)
    token = _token(*main, gathered) if main else None
    feeds = tuple(_feeds(*listed, gathered)) if listed else ()
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
        alert_new_within=monitor.alert_new_within,
        retention=monitor.retention,
        workers=monitor.workers,
        timezone=monitor.timezone,
        user_agent=monitor.user_agent,
        log_format=monitor.log_format,
        feeds={each.id: each for each in feeds},
        channels={each.id: each for each in channels},
        default_channel=None if known[0].default is None else ChannelId(known[0].default),
        warnings=tuple(_warnings(*known)),
    )


class _Gathered:
    """What is found wrong while the files are read, so that all of it is told at once."""

    def __init__(self, beside: Path, variables: Mapping[str, str]) -> None:
        self.mistakes: list[Mistake] = []
        self._beside = beside
        self._variables = variables

    def file(self, schema: type[Any], name: str, texts: Mapping[str, str]) -> tuple[Any, Tree] | None:
        try:
            tree = read(name, texts.get(name, ""))
            return check(schema, tree, self._expand), tree
        except ConfigError as error:
            self.mistakes.extend(error.mistakes)
            return None

    def refuse(self, tree: Tree, path: tuple[str | int, ...], message: str, *, key: bool = False) -> None:
        self.mistakes.append(tree.mistake(tree.at(path, key=key), message))

    def _expand(self, text: str) -> str:
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
                url = _database(given)
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


def _feeds(listed: FeedsFile, tree: Tree, gathered: _Gathered) -> Iterator[Feed]:
    first: dict[str, int] = {}
    for n, item in enumerate(listed.feeds):
        if item.id in first:
            gathered.refuse(tree, ("feeds", n, "id"), f'the id "{item.id}" is here twice; ids are unique')
        first.setdefault(item.id, n)
        given = {name: getattr(item, name) for name in item.model_fields_set}
        defaults = {name: getattr(listed.defaults, name) for name in listed.defaults.model_fields_set}
        values = {**FeedKeys().model_dump(), **defaults, **given}
        values["labels"] = {**listed.defaults.labels, **item.labels}
        if values["host_gap"] is None:
            values["host_gap"] = timedelta() if values["allow_private"] else timedelta(seconds=1)
        yield Feed(**values)


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
                _secret(secret)
            except ValueError as error:
                gathered.refuse(tree, (*at, "secrets_file"), f"{item.secrets_file}: {error}")
        try:
            url = url and _web(url)
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
