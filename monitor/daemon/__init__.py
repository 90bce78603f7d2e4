"""The daemon: ticks, lines of due work, reload, workers, graceful stop."""
