"""How an outcome is told: one log event and one counter; nothing that is secret goes out with either."""

from monitor.report.log import configure, crashed, told
from monitor.report.numbers import REGISTRY, loop_lag, metrics, standing
from monitor.report.outcomes import completed, delivered, hub_asked, moved, polled, subscribed
from monitor.report.secrets import hide, redact

__all__ = [
    "REGISTRY",
    "completed",
    "configure",
    "crashed",
    "delivered",
    "hide",
    "hub_asked",
    "loop_lag",
    "metrics",
    "moved",
    "polled",
    "redact",
    "standing",
    "subscribed",
    "told",
]
