"""Media monitor: polls news feeds, checks articles against watch rules, sends signed webhooks."""

__version__ = "0.1.0"
