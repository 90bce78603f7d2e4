"""Pools of connections, parted by what their sockets may reach."""

from __future__ import annotations

import ssl
import zlib
from itertools import chain
from urllib.parse import unquote_to_bytes

import httpcore2
import httpx2

from monitor.guard.names import Names
from monitor.guard.sockets import Sockets

SHARDS = 32  # pools: a request costs time in proportion to the connections of its own pool only
KEPT = 4  # idle connections a pool keeps
IDLE = 3.0  # seconds an idle connection is kept; servers close theirs after 5 or more, often without a word


class Pools:
    """The pools of one event loop; `aclose` when done.

    A connection that was opened for somebody who may reach private addresses is
    never lent to somebody who may not: each has pools of their own, and so has
    each proxy.
    """

    def __init__(self, names: Names, tls: ssl.SSLContext) -> None:
        self._names = names
        self._tls = tls
        self._direct = {
            allow_private: tuple(
                httpcore2.AsyncConnectionPool(
                    ssl_context=tls,
                    max_connections=None,  # who asks decides how much to ask at once: a hung host holds up no other
                    max_keepalive_connections=KEPT,
                    keepalive_expiry=IDLE,
                    network_backend=Sockets(names, allow_private=allow_private),
                )
                for _ in range(SHARDS)
            )
            for allow_private in (False, True)
        }
        self._through: dict[str, httpcore2.AsyncHTTPProxy] = {}

    def to(self, netloc: bytes, *, allow_private: bool, proxy: str | None) -> httpcore2.AsyncConnectionPool:
        """Return the pool whose connections lead to *netloc*, through *proxy* if there is one."""
        if proxy is None:
            return self._direct[allow_private][zlib.crc32(netloc) % SHARDS]
        if proxy not in self._through:
            self._through[proxy] = self._proxied(httpx2.URL(proxy))
        return self._through[proxy]

    def _proxied(self, proxy: httpx2.URL) -> httpcore2.AsyncHTTPProxy:
        """A proxy that the operator names may be private: most are."""
        user, _, password = proxy.userinfo.partition(b":")
        return httpcore2.AsyncHTTPProxy(
            proxy_url=httpcore2.URL(scheme=proxy.raw_scheme, host=proxy.raw_host, port=proxy.port or 80, target=b"/"),
            proxy_auth=(unquote_to_bytes(user), unquote_to_bytes(password)) if user else None,
            ssl_context=self._tls,
            max_connections=None,
            max_keepalive_connections=KEPT,
            keepalive_expiry=IDLE,
            network_backend=Sockets(self._names, allow_private=True),
        )

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in chain(chain.from_iterable(self._direct.values()), self._through.values()):
            await pool.aclose()
