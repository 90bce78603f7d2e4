"""Sockets that are opened only to addresses that may be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

import httpcore2

from monitor.guard.addresses import refusal
from monitor.guard.answer import WireError
from monitor.guard.names import Names
from monitor.guard.stream import Stream, Wire

CONNECT = 10.0  # seconds for lookup, connect and TLS together; browsers give up on an address after 5 to 20
ATTEMPTS = 4  # addresses of one name that are tried


class Sockets(httpcore2.AsyncNetworkBackend):
    """Opens sockets to addresses that may be reached.

    One lookup a connection; a single bad address among a name's answers rejects
    the name; the socket goes to a checked literal, and its peer is checked again.
    """

    def __init__(self, names: Names, *, allow_private: bool) -> None:
        self._names = names
        self._allow_private = allow_private

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002  no pool of ours sets these two
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore2.AsyncNetworkStream:
        loop = asyncio.get_running_loop()
        end = loop.time() + (CONNECT if timeout is None else timeout)
        addresses = (await self._checked(host, port, end - loop.time()))[:ATTEMPTS]
        for left in range(len(addresses), 0, -1):
            address = addresses[-left]
            share = max(0.0, end - loop.time()) / left  # an address that swallows packets leaves time for the next
            try:
                stream = await _connected(address, port, share)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if left == 1:
                    raise
                continue
            peer = str(stream.get_extra_info("server_addr")[0])
            if why := refusal(peer, allow_private=self._allow_private):
                await stream.aclose()
                raise WireError("blocked", f"{host} may not be reached: {why}")
            return stream
        raise WireError("dns", f"{host} has no address")

    async def _checked(self, host: str, port: int, seconds: float) -> Sequence[str]:
        try:
            addresses: Sequence[str] = (str(ip_address(host)),)
        except ValueError:
            addresses = await self._resolved(host, port, seconds)
        for address in addresses:
            if why := refusal(address, allow_private=self._allow_private):
                raise WireError("blocked", f"{host} may not be reached: {why}")
        return addresses

    async def _resolved(self, host: str, port: int, seconds: float) -> Sequence[str]:
        try:
            async with asyncio.timeout(seconds):
                return await self._names.addresses(host, port)
        except TimeoutError:
            raise WireError("dns", f"no name server answered for {host} within {seconds:.0f} s") from None
        except OSError as error:
            raise WireError("dns", f"{host} has no address: {error.strerror or error}") from error


async def _connected(address: str, port: int, seconds: float) -> Stream:
    """Return a connection to the literal *address*."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(seconds):
            _, wire = await loop.create_connection(Wire, address, port)
    except TimeoutError as error:
        raise httpcore2.ConnectTimeout(str(error)) from error
    except OSError as error:
        raise httpcore2.ConnectError(str(error)) from error
    return Stream(wire)
