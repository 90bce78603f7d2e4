"""One log event and one counter an outcome; nothing that is secret goes out with either.

Events go to stderr as lines for people or as JSON.  They pass through the
standard library's logging, so that what our libraries log passes the same
redaction.  Until `configure` is called nothing but warnings is shown.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Literal, Protocol, TextIO
from urllib.parse import quote, urlsplit

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from structlog.typing import EventDict, WrappedLogger

from monitor.model import (
    Accepted,
    Alert,
    Article,
    Change,
    ChangeKind,
    Channel,
    Delivery,
    Feed,
    FeedId,
    Health,
    Message,
    Outcome,
    Precision,
    Subscription,
    Unreachable,
    Visits,
)

Level = Literal["debug", "info", "warning", "error"]

# ------------------------------------------------------------------ what may not be shown

MASK = "***"
SHORTEST_SECRET = 6  # characters; hiding shorter ones would riddle every line, and guessing them is no effort
SHORTEST_PATH = 16  # characters; "webhook" is no secret, and hiding it would hide our own words
_NAMES = r"(?:[\w.-]*(?:token|secret|passw(?:or)?d|passphrase|signature|api[_-]?key)|key|sig|auth|pwd)"
_PATTERNS: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern, re.IGNORECASE), shown)
    for pattern, shown in (
        (r"\bwh(sec|sk)_[\w+/=-]+", rf"wh\1_{MASK}"),
        (r"(\b[a-z][a-z0-9+.-]*://)[^\s/?#\"'<>]*@", rf"\1{MASK}@"),  # user and password of an address
        # The addresses that chat services hand out are their secrets.
        (
            r"(https?://(?:hooks\.slack\.com|[\w.-]+\.webhook\.office\.com|[\w.-]+\.logic\.azure\.com"
            r"|[\w.-]+\.api\.powerplatform\.com)(?::\d+)?/)[^\s\"'<>]+",
            rf"\1{MASK}",
        ),
        (r"(https?://[^\s/\"'<>]+/(?:[^\s\"'<>]*?/)?(?:hooks|webhooks?)/)[^\s\"'<>]+", rf"\1{MASK}"),
        (rf"([?&;]{_NAMES}=)[^&;\s\"'#<>]+", rf"\1{MASK}"),
        (
            r"(\b(?:proxy-)?authorization[\"']?\s*[:=,]\s*(?:b?[\"'])?)(?:(?:bearer|basic|digest|token)\s+)?[^\s\"',;}\])]+",
            rf"\1{MASK}",
        ),
        (r"\b(bearer|basic)\s+(?=\S*[\d=._-])[\w.~+/=-]{8,}", rf"\1 {MASK}"),
    )
)
_SUSPECT = re.compile(r"wh(?:sec|sk)_|://|=|authorization|bearer|basic", re.IGNORECASE)
"""What every one of these patterns needs: most texts have none of it, and one look is cheaper than seven."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")  # what a headline could do to a terminal
_SECRET_KEY = re.compile(
    r"(?:proxy-)?authorization|cookie|set-cookie|x-api-key|secrets?|tokens?|passwords?", re.IGNORECASE
)


class _Secrets:
    """Texts that may not be shown, in each form in which they could come up."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def add(self, secret: str) -> None:
        if len(secret) < SHORTEST_SECRET or secret in self._shown:
            return
        shown = self._shown | dict.fromkeys(_forms(secret), _hint(secret))
        longest_first = sorted(shown, key=len, reverse=True)
        pattern = re.compile("|".join(map(re.escape, longest_first)))
        self._shown, self._pattern = shown, pattern

    def cover(self, text: str) -> str:
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._shown.get(found[0], MASK), text)


def _forms(secret: str) -> set[str]:
    """Return *secret* as it stands in texts, in `repr`, in JSON and in addresses."""
    forms = {secret, repr(secret)[1:-1], json.dumps(secret)[1:-1], quote(secret, safe=""), quote(secret)}
    path = secret.partition("://")[2].partition("/")[2]
    if len(path) >= SHORTEST_PATH:
        forms.add(path)  # "POST /services/T0/B0/x" without the host
    return forms


def _hint(secret: str) -> str:
    """Return what is shown in place of *secret*: an address keeps its host, so that people know which it is."""
    if "://" not in secret:
        return MASK
    try:
        parts = urlsplit(secret)
    except ValueError:
        return MASK
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/{MASK}"


_secrets = _Secrets()


def hide(secret: str) -> None:
    """Keep *secret* out of every log line, traceback and detail from now on; of an address the host is still shown."""
    _secrets.add(secret)


def redact(text: str) -> str:
    """Return *text* without the secrets that were hidden, and without what looks like one."""
    text = _secrets.cover(text)
    if _SUSPECT.search(text) is None:
        return text
    for pattern, shown in _PATTERNS:
        text = pattern.sub(shown, text)
    return text


def _redacted(value: object) -> object:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return _CONTROL.sub("\ufffd", redact(value))
        case bytes():
            return _redacted(value.decode("utf-8", "replace"))
        case Mapping():
            return {redact(str(key)): _of_key(str(key), part) for key, part in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_redacted(part) for part in value]
        case _:
            return _redacted(str(value))


def _of_key(key: str, value: object) -> object:
    return MASK if value and _SECRET_KEY.fullmatch(key) else _redacted(value)


def _redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # Keys with an underscore in front are the formatter's own.
    return {key: value if key.startswith("_") else _of_key(key, value) for key, value in event.items()}


# ------------------------------------------------------------------ log

_BEFORE = (
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
    _redact_event,
)
_log: structlog.stdlib.BoundLogger = structlog.wrap_logger(
    logging.getLogger("monitor"),
    processors=[structlog.stdlib.filter_by_level, *_BEFORE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    wrapper_class=structlog.stdlib.BoundLogger,
)
_TALKATIVE = (
    "httpx2",
    "httpcore2",
    "apscheduler",
    "alembic",
    "sqlalchemy",
    "asyncio",
    "urllib3",
    "trafilatura",
    "uvicorn",
)


class _ToStderr(logging.StreamHandler[TextIO]):
    """Writes to whatever stderr is when the line is written."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # logging.lastResort does the same
        return sys.stderr


def _is_fault(record: logging.LogRecord) -> bool:
    """Return whether *record* may be shown: the scheduler logs each tick that an orderly stop cancels as an error."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def configure(log_format: Literal["console", "json"]) -> None:
    """Show events from now on, one a line; a fault that nobody catches included.  May be called again."""
    renderer: structlog.typing.Processor
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    else:
        renderer = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), sort_keys=False)
    handler = _ToStderr()
    handler.addFilter(_is_fault)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=(structlog.stdlib.add_logger_name, *_BEFORE),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if isinstance(each, _ToStderr)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
    else:
        crashed("crashed", error)


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        crashed("crashed", args.exc_value, thread=args.thread.name if args.thread else None)


def told(event: str, *, level: Level = "info", **facts: object) -> None:
    """Log that *event* came about, with its *facts*, and count it."""
    EVENTS.labels(event).inc()
    getattr(_log, level)(event, **facts)


def crashed(event: str, error: BaseException, **facts: object) -> None:
    """Log that *error*, which nobody expected, came about, with its traceback, and count it."""
    told(event, level="error", exc_info=error, **facts)


# ------------------------------------------------------------------ numbers

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)  # process_resident_memory_bytes, CPU and open files
EVENTS = Counter("monitor_events", "Log events by name.", ["event"], registry=REGISTRY)
POLLS = Counter("monitor_polls", "Polls by what they came to.", ["outcome"], registry=REGISTRY)
ARTICLES = Counter("monitor_articles_new", "Articles that a feed had not listed before.", registry=REGISTRY)
CHANGES = Counter("monitor_articles_changed", "Changes of known articles by kind.", ["kind"], registry=REGISTRY)
REKEYED = Counter("monitor_articles_rekeyed", "Known articles that came under new ids.", registry=REGISTRY)
PAGES = Counter("monitor_pages", "Articles' pages by what they came to.", ["outcome"], registry=REGISTRY)
ALERTS = Counter("monitor_alerts_raised", "Alerts by severity.", ["severity"], registry=REGISTRY)
FOLDED = Counter("monitor_matches_folded", "Matches that were not told, by reason.", ["why"], registry=REGISTRY)
DELIVERIES = Counter(
    "monitor_deliveries", "Attempts by channel and what they came to.", ["channel", "outcome"], registry=REGISTRY
)
DELIVERY_LAG = Histogram(
    "monitor_delivery_lag_seconds",
    "From raising an alert to its acceptance.",
    ["channel"],
    buckets=(0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200, 28800, 86400),
    registry=REGISTRY,
)
SEEN_LAG = Histogram(
    "monitor_seen_lag_seconds",
    "From an article's publication to our seeing it, first polls left out.",
    buckets=(30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400),
    registry=REGISTRY,
)
FEEDS = Gauge(
    "monitor_feeds", "Feeds by the state that was last told, looked at each minute.", ["state"], registry=REGISTRY
)
LOOP_LAG = Gauge("monitor_loop_lag_seconds", "How late the event loop was at its last tick.", registry=REGISTRY)


def metrics() -> bytes:
    """Return every number in Prometheus' text format."""
    return generate_latest(REGISTRY)


def loop_lag(seconds: float) -> None:
    """Note that the event loop came *seconds* late."""
    LOOP_LAG.set(seconds)


def standing(feeds: Mapping[str, int]) -> None:
    """Note how many *feeds* stand in which state."""
    for state in ("new", *Health):
        FEEDS.labels(state).set(feeds.get(state, 0))


# ------------------------------------------------------------------ outcomes of the two flows


class _Rekeyed(Protocol):
    @property
    def articles(self) -> Mapping[str, str]: ...
    @property
    def why(self) -> str: ...


class _Visit(Protocol):
    """What a poll came to, as far as it is told here."""

    @property
    def feed(self) -> Feed: ...
    @property
    def visits(self) -> Visits: ...
    @property
    def listed(self) -> int: ...
    @property
    def pages(self) -> int: ...
    @property
    def fresh(self) -> Sequence[Article]: ...
    @property
    def short(self) -> int: ...
    @property
    def changes(self) -> Sequence[Change]: ...
    @property
    def rekeyed(self) -> _Rekeyed | None: ...
    @property
    def alerts(self) -> Sequence[Alert]: ...
    @property
    def folded(self) -> Mapping[str, int]: ...
    @property
    def became(self) -> _Finding | None: ...


class _Completion(Protocol):
    """What a page came to, as far as it is told here."""

    @property
    def feed_id(self) -> FeedId: ...
    @property
    def article(self) -> Article: ...
    @property
    def fault(self) -> Unreachable | None: ...
    @property
    def again_in(self) -> timedelta | None: ...
    @property
    def alerts(self) -> Sequence[Alert]: ...
    @property
    def folded(self) -> Mapping[str, int]: ...


class _Finding(Protocol):
    """What a feed has become."""

    @property
    def health(self) -> Health: ...
    @property
    def why(self) -> str: ...
    @property
    def held(self) -> str | None: ...


class _Claim(Protocol):
    @property
    def delivery(self) -> Delivery: ...
    @property
    def message(self) -> Message: ...
    @property
    def created_at(self) -> datetime: ...


class _Following(Protocol):
    @property
    def why(self) -> str: ...


class _Settlement(Protocol):
    @property
    def next(self) -> _Following: ...
    @property
    def attempts(self) -> int: ...
    @property
    def pause(self) -> timedelta | None: ...
    @property
    def disable(self) -> str | None: ...


def polled(visit: _Visit) -> None:
    """Tell what a poll came to, and of each alert that it raised."""
    visits = visit.visits
    outcome = visits.outcome or "unknown"
    POLLS.labels(outcome).inc()
    ARTICLES.inc(len(visit.fresh))
    if visits.baseline_at != visits.polled_at:  # the items of a first poll are old, which says nothing about us
        for lag in filter(None, map(_seen_lag, visit.fresh)):
            SEEN_LAG.observe(lag.total_seconds())
    told(
        "polled",
        level="warning" if visits.failures else "info",
        feed=visit.feed.id,
        outcome=outcome,
        listed=visit.listed,
        new=len(visit.fresh),
        alerts=len(visit.alerts),
        **_known(
            short=visit.short or None,
            folded=dict(visit.folded) or None,
            failures=visits.failures or None,
            note=visits.note,
        ),
    )
    if (became := visit.became) is not None:
        level: Level = "info" if became.health is Health.OK else "warning"
        told(
            "feed_changed",
            level=level,
            feed=visit.feed.id,
            state=became.health.value,
            why=became.why,
            **_known(held=became.held),
        )
    if visit.rekeyed and visit.rekeyed.articles:
        REKEYED.inc(len(visit.rekeyed.articles))
        told(
            "rekeyed", level="warning", feed=visit.feed.id, articles=len(visit.rekeyed.articles), why=visit.rekeyed.why
        )
    for change in visit.changes:
        CHANGES.labels(change.kind.value).inc()
        article = change.after.id
        match change.kind:
            case ChangeKind.CORRECTED:
                told("corrected", feed=visit.feed.id, article=article, fields=[field.value for field in change.fields])
            case ChangeKind.RESURFACED:
                told("resurfaced", feed=visit.feed.id, article=article)
    if visits.gap_at is not None and visits.gap_at == visits.polled_at:
        told(
            "possible_gap",
            level="warning",
            feed=visit.feed.id,
            new=len(visit.fresh),
            listed=visit.listed,
            pages=visit.pages,
        )
    _raised(visit.alerts, visit.folded)


def completed(completion: _Completion) -> None:
    """Tell what the page of an article came to, and of each alert that the article raised."""
    fault = completion.fault
    PAGES.labels(fault.reason if fault else "read").inc()
    if fault is None:
        told("page_read", feed=completion.feed_id, article=completion.article.id, alerts=len(completion.alerts))
    else:
        told(
            "page_not_read",
            feed=completion.feed_id,
            article=completion.article.id,
            outcome=fault.reason,
            note=fault.detail,
            alerts=len(completion.alerts),
            **_known(again_in=completion.again_in),
        )
    _raised(completion.alerts, completion.folded)


def _raised(alerts: Iterable[Alert], folded: Mapping[str, int]) -> None:
    for why, number in folded.items():
        FOLDED.labels(why).inc(number)
    for alert in alerts:
        ALERTS.labels(alert.severity.value).inc()
        told(
            "alert_updated" if alert.revision else "alert_raised",
            alert=alert.id,
            rule=alert.rule_id,
            severity=alert.severity.value,
            article=alert.article_id,
        )


def hub_asked(feed: FeedId, hub: str, wanted: str, fault: str | None) -> None:
    """Tell that a WebSub hub was asked to *wanted* (subscribe, unsubscribe), and what is wrong with its answer."""
    level: Level = "warning" if fault else "info"
    told("hub_asked", level=level, feed=feed, hub=hub, wanted=wanted, **_known(fault=fault))


def subscribed(subscription: Subscription | None, said: Mapping[str, str]) -> None:
    """Tell what a hub has confirmed or refused; None is a subscription that is over."""
    lease, note = (None, None) if subscription is None else (subscription.leased_until, subscription.note)
    told(
        "hub_said",
        level="warning" if note else "info",
        mode=said.get("hub.mode"),
        **_known(feed=subscription and subscription.feed, leased_until=lease and lease.isoformat(), note=note),
    )


def moved(feed: Feed, to: str, refused: str | None) -> None:
    """Tell that permanent redirects led *feed* to a new address, and where to write it if that was *refused*."""
    if refused is None:
        told("feed_moved", feed=feed.id, url=feed.url, to=to)
    else:
        told("feed_moved", level="warning", feed=feed.id, to=to, refused=refused, write=f'url: "{to}"')


def delivered(claim: _Claim, channel: Channel, outcome: Outcome, settlement: _Settlement, at: datetime) -> None:
    """Tell what an attempt at a delivery came to."""
    name = type(outcome).__name__.lower()
    DELIVERIES.labels(channel.id, name).inc()
    if isinstance(outcome, Accepted):
        DELIVERY_LAG.labels(channel.id).observe(max(0.0, (at - claim.created_at).total_seconds()))
    told(
        "delivered" if isinstance(outcome, Accepted) else "not_delivered",
        level="info" if isinstance(outcome, Accepted) else "warning",
        channel=channel.id,
        outcome=name,
        type=claim.message.type,
        delivery=claim.delivery.id,
        attempts=settlement.attempts,
        next=type(settlement.next).__name__.lower(),
        why=settlement.next.why,
        **_known(again_in=getattr(settlement.next, "delay", None), pause=settlement.pause, disable=settlement.disable),
    )


def _known(**facts: object) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact is not None}


def _seen_lag(article: Article) -> timedelta | None:
    """Return how long after its publication *article* was seen, if its date is exact enough to say."""
    published = article.published
    if published is None or article.seen_at is None or published.at.tzinfo is None:
        return None
    if published.precision is Precision.DAY or published.clamped:
        return None
    return max(article.seen_at - published.instant(), timedelta())
