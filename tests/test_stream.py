"""The connections behind the door: bounded on both sides, and their end is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpcore2
import pytest

from monitor.guard.stream import HIGH_WATER, Stream, Wire

BLOCK = b"x" * 65_536


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[Stream, Wire, asyncio.StreamReader, asyncio.StreamWriter]]:
    """A stream of ours, and the other side of it."""
    met: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    async with await asyncio.start_server(lambda *both: met.put_nowait(both), "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        _, wire = await asyncio.get_running_loop().create_connection(Wire, host, port)
        stream = Stream(wire)
        reader, writer = await met.get()
        yield stream, wire, reader, writer
        await stream.aclose()
        writer.transport.abort()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0)


def test_whoever_sends_more_than_is_read_is_made_to_wait_and_loses_nothing() -> None:
    async def scenario() -> None:
        async with connected() as (stream, wire, _, writer):
            sending = asyncio.create_task(send(writer, 200))
            await until(lambda: wire._is_paused)
            assert len(wire._arrived) <= 2 * HIGH_WATER
            got = 0
            while got < 200 * len(BLOCK):
                got += len(await stream.read(65_536))
            await sending
            assert not wire.is_readable

    async def send(writer: asyncio.StreamWriter, blocks: int) -> None:
        for _ in range(blocks):
            writer.write(BLOCK)
            await writer.drain()

    asyncio.run(scenario())


def test_what_the_other_side_does_not_take_waits_and_its_reset_is_told() -> None:
    async def scenario() -> None:
        async with connected() as (stream, wire, _, writer):
            sending = asyncio.create_task(stream.write(BLOCK * 500))
            await until(lambda: wire._writer is not None)
            assert not sending.done()
            writer.transport.abort()
            await sending  # asyncio tells a writer of the loss by the next write
            with pytest.raises(httpcore2.WriteError):
                await stream.write(b"more")

    asyncio.run(scenario())


def test_an_upload_goes_on_when_the_other_side_reads_again() -> None:
    async def scenario() -> None:
        async with connected() as (stream, _, reader, _writer):
            sending = asyncio.create_task(stream.write(BLOCK * 500))
            got = await reader.readexactly(500 * len(BLOCK))
            await sending
            assert len(got) == 500 * len(BLOCK)

    asyncio.run(scenario())


def test_the_end_of_the_other_side_makes_an_idle_connection_readable() -> None:
    async def scenario() -> None:
        async with connected() as (stream, _, _reader, writer):
            assert not stream.get_extra_info("is_readable")
            writer.close()
            await until(lambda: stream.get_extra_info("is_readable"))
            assert await stream.read(10) == b""
            await until(lambda: stream._wire.is_closed)
            with pytest.raises(httpcore2.WriteError):
                await stream.write(b"too late")

    asyncio.run(scenario())


def test_silence_is_told_after_the_time_that_was_given() -> None:
    async def scenario() -> None:
        async with connected() as (stream, *_):
            with pytest.raises(httpcore2.ReadTimeout):
                await stream.read(10, timeout=0)

    asyncio.run(scenario())
