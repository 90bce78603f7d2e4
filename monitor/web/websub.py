"""The address that WebSub hubs call: open to all, since its end is a secret of each subscription."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass

from fastapi import FastAPI, Request, Response

from monitor.feeds.websub import Signature

MOST = 10_000_000  # bytes of a push: hubs send whole feeds, which are no larger; nothing of it is kept
WITHIN = 20.0  # seconds for all of it
TOKEN = re.compile(r"[\w-]{20,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """What is done with what hubs ask and send; the first argument is always the callback's token."""

    confirm: Callable[[str, Mapping[str, str]], Awaitable[bool]]  # whether what the hub says is so
    secret: Callable[[str], Awaitable[str | None]]  # that the hub signs with; None: there is no such subscription
    push: Callable[[str, bool], Awaitable[None]]  # takes a push, and whether its signature fits


def add_callbacks(app: FastAPI, callbacks: Callbacks) -> None:
    """Let *app* answer hubs under /websub/."""

    @app.get("/websub/{token}")
    async def confirm(token: str, request: Request) -> Response:
        said = dict(request.query_params)
        if not TOKEN.fullmatch(token) or not await callbacks.confirm(token, said):
            return Response(status_code=404)
        headers = {"x-content-type-options": "nosniff"}
        return Response(said.get("hub.challenge", ""), media_type="text/plain", headers=headers)

    @app.post("/websub/{token}")
    async def push(token: str, request: Request) -> Response:
        secret = await callbacks.secret(token) if TOKEN.fullmatch(token) else None
        if secret is None:
            return Response(status_code=410)  # so that a hub stops what nobody wants any more
        signature = Signature(secret, request.headers.get("x-hub-signature"))
        try:
            async with asyncio.timeout(WITHIN):
                async for piece in _pieces(request):
                    signature.update(piece)
        except TimeoutError:
            return Response(status_code=408)
        except ValueError:
            return Response(status_code=413)
        # A wrong signature is acknowledged and ignored (section 8.2): whoever tries signatures learns nothing.
        await callbacks.push(token, signature.fits())
        return Response(status_code=204)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """Yield the body of *request* as it comes; ValueError once it is more than MOST."""
    size = 0
    while True:
        message = await request.receive()
        piece = message.get("body", b"")
        size += len(piece)
        if size > MOST:
            raise ValueError("too much")
        yield piece
        if message["type"] != "http.request" or not message.get("more_body"):
            return
