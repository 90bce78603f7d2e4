"""What the program shows over HTTP: whether it lives, whether it is ready, what it counts."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import FastAPI, Header, HTTPException, Response
from fastapi.responses import JSONResponse

from monitor import __version__
from monitor.model import Clock
from monitor.web.websub import Callbacks, add_callbacks

LATE = timedelta(seconds=30)  # without a tick for so long, the process lives but does nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What is asked of a process that is to be given work."""

    ticked_at: datetime | None
    database_fault: str | None
    config_hash: str
    rejected_hash: str | None

    def faults(self, now: datetime) -> list[str]:
        """Return why the process is not ready; nothing if it is."""
        found = []
        if self.database_fault:
            found.append(f"database: {self.database_fault}")
        if self.ticked_at is None:
            found.append("no tick yet")
        elif now - self.ticked_at > LATE:
            found.append(f"last tick {self.ticked_at.isoformat()}")
        return found


def console(
    *,
    readiness: Callable[[], Readiness],
    metrics: Callable[[], bytes],
    clock: Clock,
    token: str | None,
    callbacks: Callbacks,
) -> FastAPI:
    """Return the web application; *readiness* may ask the database, *metrics* returns Prometheus' text format.

    Whoever knows *token* sees what is behind it; hubs come without it to *callbacks*.
    """
    app = FastAPI(title="Media monitor", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    @app.get("/readyz")
    def readyz() -> JSONResponse:
        asked = readiness()
        faults = asked.faults(clock())
        body = {
            "status": "unready" if faults else "ready",
            "faults": faults,
            "last_tick": asked.ticked_at.isoformat() if asked.ticked_at else None,
            "config": asked.config_hash,
            "rejected_config": asked.rejected_hash,
        }
        return JSONResponse(body, status_code=503 if faults else 200)

    @app.get("/metrics")
    def exposition(authorization: str | None = Header(None)) -> Response:
        if token is not None and not _knows(token, authorization):
            raise HTTPException(401, "send the token as: Authorization: Bearer …", {"WWW-Authenticate": "Bearer"})
        return Response(metrics(), media_type="text/plain; version=0.0.4; charset=utf-8")

    add_callbacks(app, callbacks)
    return app


def _knows(token: str, authorization: str | None) -> bool:
    scheme, _, given = (authorization or "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())
