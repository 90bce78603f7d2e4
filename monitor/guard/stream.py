"""One TCP connection, as the HTTP library wants to have it, straight on the event loop's transports."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import httpcore2

HIGH_WATER = 262_144  # bytes that wait to be read before the other side is made to wait; what asyncio reads at once


class Stream(httpcore2.AsyncNetworkStream):
    """Reads and writes one connection.

    The library's own stream goes through anyio, whose scopes and typed
    attributes took a third of the CPU of a poll.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Return what has arrived, up to *max_bytes*; nothing at the end."""
        try:
            if timeout is None:  # the door's own deadline is over all of it
                return await self._wire.take(max_bytes)
            async with asyncio.timeout(timeout):
                return await self._wire.take(max_bytes)
        except TimeoutError as error:
            raise httpcore2.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.ReadError(str(error)) from error

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send *buffer*."""
        try:
            if timeout is None:
                return await self._wire.give(buffer)
            async with asyncio.timeout(timeout):
                return await self._wire.give(buffer)
        except TimeoutError as error:
            raise httpcore2.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore2.WriteError(str(error)) from error

    async def aclose(self) -> None:
        """Close the connection, without waiting for the other side to agree."""
        self._wire.transport.close()
        await asyncio.sleep(0)
        if not self._wire.is_closed:  # TLS would wait for the goodbye of the other side
            self._wire.transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> Stream:
        """Return this connection, secured."""
        loop, plain = asyncio.get_running_loop(), self._wire.transport
        try:
            async with asyncio.timeout(timeout):
                secured = await loop.start_tls(plain, self._wire, ssl_context, server_hostname=server_hostname or "")
        except TimeoutError as error:
            plain.abort()
            raise httpcore2.ConnectTimeout(str(error)) from error
        except OSError as error:
            plain.abort()
            raise httpcore2.ConnectError(str(error)) from error
        assert secured is not None
        self._wire.transport = secured
        return self

    def get_extra_info(self, info: str) -> Any:
        """Return what httpcore2 asks of a connection: its `ssl_object`, its addresses, whether it `is_readable`."""
        if info == "is_readable":
            return self._wire.is_readable
        return self._wire.transport.get_extra_info(
            {"server_addr": "peername", "client_addr": "sockname"}.get(info, info)
        )


class Wire(asyncio.Protocol):
    """What has arrived on a connection and waits to be read."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.is_closed = False
        self._arrived = bytearray()
        self._ended = False
        self._fault: Exception | None = None
        self._reader: asyncio.Future[None] | None = None
        self._writer: asyncio.Future[None] | None = None  # there while the other side takes nothing more
        self._is_paused = False

    @property
    def is_readable(self) -> bool:
        """Whether a read would return at once: with data, or because the other side has ended."""
        return bool(self._arrived) or self._ended

    async def take(self, most: int) -> bytes:
        """Return what has arrived, up to *most* bytes, as soon as there is any; nothing at the end; OSError."""
        if not self.is_readable:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        if not self._arrived and self._fault is not None:
            raise self._fault
        taken = bytes(self._arrived[:most])
        del self._arrived[:most]
        if self._is_paused and not self._arrived:
            self._is_paused = False
            self.transport.resume_reading()
        return taken

    async def give(self, data: bytes) -> None:
        """Send *data*, and wait while the other side takes nothing more; OSError."""
        if self.is_closed or self.transport.is_closing():
            raise self._fault or ConnectionResetError("the other side has closed the connection")
        self.transport.write(data)
        if self._writer is not None:
            await self._writer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._arrived += data
        if len(self._arrived) > HIGH_WATER and not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()
        _wake(self._reader)

    def eof_received(self) -> None:
        self._ended = True
        _wake(self._reader)

    def connection_lost(self, error: Exception | None) -> None:
        self.is_closed = self._ended = True
        self._fault = error
        _wake(self._reader)
        _wake(self._writer)

    def pause_writing(self) -> None:
        self._writer = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        _wake(self._writer)
        self._writer = None


def _wake(waiting: asyncio.Future[None] | None) -> None:
    if waiting is not None and not waiting.done():
        waiting.set_result(None)
