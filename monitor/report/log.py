"""One log event an outcome, as a line for people or as JSON on stderr.

Events pass through the standard library's logging, so that what our libraries
log passes the same redaction.  Until `configure` is called nothing but
warnings is shown.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from types import TracebackType
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from monitor.report.numbers import EVENTS
from monitor.report.secrets import showable

Level = Literal["debug", "info", "warning", "error"]


def _redact_event(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    # Keys with an underscore in front are the formatter's own.
    return {key: value if key.startswith("_") else showable(key, value) for key, value in event.items()}


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

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


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
