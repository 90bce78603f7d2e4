"""The daemon: ticks, lines of due work, reload, workers, graceful stop."""

from monitor.daemon.process import Daemon
from monitor.daemon.serve import serve

__all__ = ["Daemon", "serve"]
