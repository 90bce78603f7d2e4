"""What is counted and measured, for Prometheus."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from monitor.model import Health

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
