"""What may stand in monitor.yaml, feeds.yaml and channels.yaml: every key, its default, and what is refused."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator

from monitor import __version__
from monitor.source import Duration, Strict

USER_AGENT = f"media-monitor/{__version__} (+https://media-monitor.example/about)"
WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # what a header and a cookie may be called (RFC 9110, section 5.6.2)
OURS = frozenset(
    [
        *("host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "expect", "range"),
        *("accept-encoding", "a-im", "if-none-match", "if-modified-since", "if-range"),
    ]
)
LONGEST_LAG = timedelta(days=7)  # what a feed has shown is known for 30 days, so it is looked at before they are over
LONGEST_GAP = timedelta(hours=1)  # between two requests to a host whose feeds are all to have a turn
SECRET_BYTES = range(24, 65)  # Standard Webhooks: a symmetric secret has 24 to 64 bytes

# ------------------------------------------------------------------ what a value may be


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f'"{name}" is no time zone; write an IANA name such as Europe/Belgrade or UTC') from error
    return name


def web_address(url: str) -> str:
    """Return *url*, an http or https address; ValueError for any other."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        good = False
    if not good or re.search(r"[\s\x00-\x1f]", url):
        raise ValueError("no web address; write http://… or https://…")
    return url


def _public_address(url: str) -> str:
    """Return *url* without a slash at its end; ValueError if more than a path stands behind the host."""
    if re.search(r"[?#@]", web_address(url)):
        raise ValueError(
            f'"{url}" is no place to be reached at; write scheme, host and path, such as https://m.example'
        )
    return url.rstrip("/")


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


def secret(text: str) -> str:
    """Return *text*, a Standard Webhooks secret; ValueError for any other."""
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
        if not re.fullmatch(WORD, name):
            raise ValueError(f'"{name}" is no header name')
        if not re.fullmatch(r"[\x20-\x7e\x80-\xff]*", value):
            raise ValueError(f'the value of the header "{name}" has a line break or a letter outside Latin-1')
    return given


def _polled_with(given: dict[str, str]) -> dict[str, str]:
    """Return headers that a poll may carry; ValueError for those that polls, or HTTP, set themselves."""
    for name in _headers(given):
        if name.lower() in OURS:
            raise ValueError(f'the header "{name}" is set by this program itself; leave it out')
    return given


def _user(name: str) -> str:
    if ":" in name or not name.isprintable():
        raise ValueError("a user's name has no colon and no line break (RFC 7617); the password stands beside it")
    return name


def _cookies(given: dict[str, str]) -> dict[str, str]:
    for name, value in given.items():
        if not re.fullmatch(WORD, name):
            raise ValueError(f'"{name}" is no name of a cookie')
        if not re.fullmatch(r'"?[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*"?', value):  # RFC 6265, section 4.1.1
            raise ValueError(
                f'the value of the cookie "{name}" has a sign that no cookie has; copy it as a browser shows it'
            )
    return given


def _proxy(url: str) -> str:
    try:
        parts = urlsplit(url)
        good = parts.scheme == "http" and parts.hostname and parts.port != 0 and parts.path in ("", "/")
    except ValueError:
        good = False
    if not good or re.search(r"[\s\x00-\x1f?#]", url):
        raise ValueError("no address of a proxy; write http://host:port or http://user:password@host:port")
    return url


def database_address(url: str) -> str:
    """Return *url*, of a database that the store can open; ValueError for any other."""
    if not re.match(r"(sqlite(\+pysqlite)?:///|(postgres|postgresql(\+psycopg)?)://)\S", url):
        raise ValueError("no database address; write sqlite:///var/monitor.db or postgresql://user:password@host/name")
    return url


Zone = Annotated[str, AfterValidator(_zone)]
Web = Annotated[str, AfterValidator(web_address)]
Id = Annotated[str, AfterValidator(_id)]
Secret = Annotated[str, AfterValidator(secret)]
Headers = Annotated[dict[str, str], AfterValidator(_headers)]
PollHeaders = Annotated[dict[str, str], AfterValidator(_polled_with)]
Cookies = Annotated[dict[str, str], AfterValidator(_cookies)]
Proxy = Annotated[str, AfterValidator(_proxy)]
Country = Annotated[str, AfterValidator(_country)]
Language = Annotated[str, AfterValidator(_language)]

# ------------------------------------------------------------------ monitor.yaml


class MonitorFile(Strict):
    """monitor.yaml: how the program runs.  Every key has a default."""

    database_url: Annotated[str, AfterValidator(database_address)] = Field(
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
    public_url: Annotated[str, AfterValidator(_public_address)] | None = Field(
        None,
        description="The address at which hubs on the internet reach the console, such as https://monitor.example.org. "
        "With it, feeds that have a WebSub hub are subscribed to: new items are fetched as soon as the hub tells.",
    )
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


class BasicAuth(Strict):
    """What a browser would ask a person for."""

    user: Annotated[str, AfterValidator(_user)] = Field(description="The name.")
    password: str = Field(description="The password; write ${NAME} and set it in the environment.")


class FeedKeys(Strict):
    """What may stand at a feed and under `defaults`."""

    outlet: str | None = Field(None, description="The name of the publication, as alerts show it.")
    country: Country | None = Field(None, description="ISO 3166-1 country of the outlet; rules filter by it.")
    language: Language | None = Field(None, description="BCP 47 language of the texts; detected when left out.")
    section: str | None = Field(None, description="The section that articles belong to when they name none.")
    timezone: Zone | None = Field(None, description="The zone of dates that carry none, such as Europe/Belgrade.")
    full_text: bool = Field(
        False, description="Fetch each new article's page for its whole text, as the site's robots.txt allows."
    )
    labels: dict[str, str] = Field(
        default_factory=dict, description="Free key: value pairs, kept with every article of the feed."
    )
    max_lag: Duration = Field(timedelta(minutes=15), description="The longest wait between two polls, 7d at most.")
    allow_private: bool = Field(False, description="May this feed be on a private or loopback address?")
    host_gap: Duration | None = Field(
        None, description="The least time between two requests to one host, 1h at most; 1s, or 0s where allow_private."
    )
    headers: PollHeaders = Field(
        default_factory=dict, description="Sent with every poll of the feed, to its own host only."
    )
    basic_auth: BasicAuth | None = Field(
        None, description="{user: …, password: …}, sent like headers: to the feed's own host only."
    )
    cookies: Cookies = Field(
        default_factory=dict, description="Sent like headers; what servers set is never kept or sent back."
    )
    proxy: Proxy | None = Field(
        None,
        description="Ask through this HTTP proxy: http://host:port, or http://user:password@host:port.",
    )

    @field_validator("max_lag")
    @classmethod
    def _is_possible(cls, lag: timedelta) -> timedelta:
        if not timedelta(seconds=1) <= lag <= LONGEST_LAG:
            raise ValueError("max_lag must be at least 1s and at most 7d")
        return lag

    @field_validator("host_gap")
    @classmethod
    def _leaves_turns(cls, gap: timedelta | None) -> timedelta | None:
        if gap is not None and gap > LONGEST_GAP:
            raise ValueError("host_gap must be at most 1h")
        return gap


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
