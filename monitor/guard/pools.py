"""Connections that wait to be used again, parted by what their sockets may reach."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote_to_bytes

import httpcore2
import httpx2

from monitor.guard.names import Names
from monitor.guard.sockets import Sockets

KEPT = 8  # idle connections kept to one host: as many as one channel sends over at once
HOSTS = 64  # to which idle connections are kept
IDLE = 3.0  # seconds an idle connection is kept; servers close theirs after 5 or more, often without a word

_Host = tuple[bytes, bytes, int | None]


class Pool:
    """Connections that all lead out the same way.

    httpcore2's own pool looks at all its connections twice for each request;
    here a request costs the same however many others are on their way.  Of
    that pool, *out* makes the connections and keeps none.
    """

    def __init__(self, out: httpcore2.AsyncConnectionPool) -> None:
        self._out = out
        self._idle: dict[_Host, list[httpcore2.AsyncConnectionInterface]] = {}  # what was used last comes last

    @asynccontextmanager
    async def ask(self, request: httpcore2.Request) -> AsyncIterator[httpcore2.Response]:
        """Yield what *request* is answered; its body is read inside.

        A GET on a kept connection that turns out to be closed is asked again on
        a new one.
        """
        host = (request.url.scheme, request.url.host, request.url.port)
        kept = await self._kept(host)
        connection = kept or self._new(request)
        try:
            try:
                response = await connection.handle_async_request(request)
            except (httpcore2.NetworkError, httpcore2.RemoteProtocolError):
                if kept is None or request.method != b"GET":
                    raise
                connection = self._new(request)
                response = await connection.handle_async_request(request)
            try:
                yield response
            finally:
                await response.aclose()
        finally:
            await self._keep(host, connection)

    def _new(self, request: httpcore2.Request) -> httpcore2.AsyncConnectionInterface:
        return self._out.create_connection(request.url.origin)

    async def _kept(self, host: _Host) -> httpcore2.AsyncConnectionInterface | None:
        """Return a connection to *host* that waits and still stands."""
        waiting = self._idle.pop(host, [])
        while waiting:
            connection = waiting.pop()
            if not connection.has_expired():
                if waiting:  # a host of which nothing waits is not among the idle ones
                    self._idle[host] = [*waiting, *self._idle.pop(host, [])]
                return connection
            await connection.aclose()
        return None

    async def _keep(self, host: _Host, connection: httpcore2.AsyncConnectionInterface) -> None:
        """Keep *connection* if it can be used again; let go of what nobody has used for a while."""
        waiting = self._idle.pop(host, [])
        leaving: list[httpcore2.AsyncConnectionInterface] = []
        (waiting if connection.is_available() and len(waiting) < KEPT else leaving).append(connection)
        if waiting:
            self._idle[host] = waiting
        for oldest in tuple(self._idle):
            if len(self._idle) <= HOSTS and not self._idle[oldest][-1].has_expired():
                break
            leaving += self._idle.pop(oldest)
        for each in leaving:
            await each.aclose()

    async def aclose(self) -> None:
        """Close what waits; what is on its way closes itself."""
        while self._idle:
            for each in self._idle.popitem()[1]:
                await each.aclose()


class Pools:
    """The pools of one event loop; `aclose` when done.

    A connection that was opened for somebody who may reach private addresses is
    never lent to somebody who may not: each has a pool of their own, and so has
    each proxy.
    """

    def __init__(self, names: Names, tls: ssl.SSLContext) -> None:
        self._names = names
        self._tls = tls
        self._direct = {
            allow_private: Pool(
                httpcore2.AsyncConnectionPool(
                    ssl_context=tls,
                    keepalive_expiry=IDLE,
                    network_backend=Sockets(names, allow_private=allow_private),
                )
            )
            for allow_private in (False, True)
        }
        self._through: dict[str, Pool] = {}

    def to(self, *, allow_private: bool, proxy: str | None) -> Pool:
        """Return the pool whose connections lead out through *proxy*, or directly without one."""
        if proxy is None:
            return self._direct[allow_private]
        if proxy not in self._through:
            self._through[proxy] = Pool(self._proxied(httpx2.URL(proxy)))
        return self._through[proxy]

    def _proxied(self, proxy: httpx2.URL) -> httpcore2.AsyncHTTPProxy:
        """A proxy that the operator names may be private: most are."""
        user, _, password = proxy.userinfo.partition(b":")
        return httpcore2.AsyncHTTPProxy(
            proxy_url=httpcore2.URL(scheme=proxy.raw_scheme, host=proxy.raw_host, port=proxy.port or 80, target=b"/"),
            proxy_auth=(unquote_to_bytes(user), unquote_to_bytes(password)) if user else None,
            ssl_context=self._tls,
            keepalive_expiry=IDLE,
            network_backend=Sockets(self._names, allow_private=True),
        )

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in (*self._direct.values(), *self._through.values()):
            await pool.aclose()
