"""Processes that may be killed, and the calls that get them killed."""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.forkserver
import os
import resource
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from monitor.errors import ParseError
from monitor.feeds.parse import parse
from monitor.feeds.pool import Pool
from monitor.model import Document, Listing
from tests.serving import wait_until

RSS = b"<rss version='2.0'><channel><title>News</title><item><title>One</title></item></channel></rss>"


def never_ends() -> None:
    while True:
        pass


def deaf() -> None:
    """Hang where no signal but the last is heard."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    never_ends()


def dies() -> None:
    os._exit(7)


def stopped_at_first(begun: Path) -> str:
    if not begun.exists():
        begun.touch()
        os.kill(os.getpid(), signal.SIGTERM)
        never_ends()
    return "read"


def eats() -> int:
    return len(bytearray(8 << 30))


def complains() -> None:
    raise ParseError("no feed")


def breaks() -> None:
    raise KeyError("a mistake of ours")


def with_pool(body: Callable[[Pool], Awaitable[object]]) -> object:
    async def run() -> object:
        async with Pool() as pool:
            return await body(pool)

    return asyncio.run(run())


def test_a_document_is_read_in_another_process():
    async def body(pool: Pool) -> tuple[Listing, int]:
        listing = await pool.run(parse, Document(url="https://a.test/", body=RSS))
        return listing, await pool.run(os.getpid)

    listing, pid = with_pool(body)
    assert [entry.title for entry in listing.entries] == ["One"]
    assert pid != os.getpid()


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (never_ends, "longer than 0.3 s"),
        (deaf, "longer than 0.3 s"),
        (dies, "ended the process"),
        (eats, "too much memory"),
        (complains, "no feed"),
    ],
)
def test_a_call_that_goes_wrong_is_a_fault_of_the_document_and_the_next_call_works(function, words):
    async def body(pool: Pool) -> int:
        await pool.run(os.getpid)
        with pytest.raises(ParseError, match=words):
            await pool.run(function, limit=0.3)
        return await pool.run(abs, -1)

    assert with_pool(body) == 1


def test_a_mistake_of_ours_is_no_fault_of_the_document():
    with pytest.raises(KeyError):
        with_pool(lambda pool: pool.run(breaks))


def test_a_process_killed_while_it_had_nothing_to_do_is_replaced():
    async def body(pool: Pool) -> list[int]:
        pids = []
        for _ in range(3):
            pids.append(await pool.run(os.getpid))
            os.kill(pids[-1], signal.SIGKILL)
            await asyncio.to_thread(wait_until, lambda: not is_alive(pids[-1]))
        return [*pids, await pool.run(os.getpid)]

    assert len(set(with_pool(body))) == 4


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_reader_that_is_told_to_stop_by_others_leaves_its_document_to_another(tmp_path):
    """As systemd tells every process of a service, of which the daemon finishes what it has in hand."""
    assert with_pool(lambda pool: pool.run(stopped_at_first, tmp_path / "begun")) == "read"


def test_where_readers_come_from_may_be_ended_with_them():
    async def body(pool: Pool) -> list[int]:
        before = await pool.run(os.getpid)
        source = multiprocessing.forkserver._forkserver._forkserver_pid
        for pid in (source, before):
            os.kill(pid, signal.SIGTERM)
        return [before, await pool.run(os.getpid)]

    before, after = with_pool(body)
    assert before != after


def test_the_loop_does_not_wait_for_processes_to_start():
    asked: set[int] = set()  # the threads that asked the fork server for a process
    sys.addaudithook(lambda event, given: asked.add(threading.get_ident()) if event == "socket.connect" else None)

    async def several(pool: Pool) -> object:
        return await asyncio.gather(*(pool.run(abs, -n) for n in range(4)))

    assert with_pool(several) == [0, 1, 2, 3]
    assert asked
    assert threading.get_ident() not in asked


def test_leaving_while_the_first_process_starts_leaves_none():
    async def run() -> None:
        async with Pool() as pool:
            first = asyncio.create_task(pool.run(abs, -1))
            await asyncio.sleep(0)
            first.cancel()

    before = set(multiprocessing.active_children())
    asyncio.run(run())
    assert set(multiprocessing.active_children()) <= before


def test_a_document_that_hangs_holds_up_neither_the_loop_nor_the_other_reader():
    async def run() -> tuple[int, bool]:
        async with Pool(workers=2) as pool:
            hung = asyncio.ensure_future(pool.run(never_ends, limit=60))
            read = await pool.run(abs, -1)
            return read, hung.done()

    assert asyncio.run(run()) == (1, False)


def test_leaving_ends_what_still_runs_and_leaves_no_process_and_no_thread():
    threads = threading.active_count()

    async def run() -> int:
        async with Pool() as pool:
            pid = await pool.run(os.getpid)
            hung = asyncio.ensure_future(pool.run(never_ends, limit=60))
            await asyncio.sleep(0)
            hung.cancel()
            with pytest.raises(asyncio.CancelledError):
                await hung
            return pid

    pid = asyncio.run(run())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert threading.active_count() == threads


def weighed(folder: str) -> int:
    """Return the bytes that this process needed at most for reading every document of *folder*."""
    for file in Path(folder).iterdir():
        with suppress(ParseError):
            parse(Document(url="https://a.test/", body=file.read_bytes()))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.corpus
def test_no_malformed_document_takes_two_hundred_megabytes(corpus):
    assert with_pool(lambda pool: pool.run(weighed, str(corpus / "malformed"), limit=60)) < 200_000_000
