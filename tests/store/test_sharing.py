"""Works that wait for SQLite's one writer together: one commit, and everybody's own faults."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from monitor.store.sharing import MOST, Sharing


class Ledger:
    """A database of one list, with transactions that are kept whole or not at all."""

    def __init__(self) -> None:
        self.kept: list[object] = []
        self.commits = 0
        self.full = False  # whether commits fail

    @contextmanager
    def transaction(self) -> Iterator[list[object]]:
        rows = list(self.kept)
        yield rows
        if self.full:
            raise OSError("the disk is full")
        self.kept = rows
        self.commits += 1


def writes(row: object) -> Callable[[list[object]], object]:
    return lambda rows: rows.append(row) or row


def fails(rows: list[object]) -> object:
    rows.append("half done")
    raise ValueError("its own fault")


def together(ledger: Ledger, *works: Callable[[list[object]], object], given_up: int = 0) -> list[object]:
    """Return what each of *works* came to, which all wait when the thread gets free, the first *given_up* no more."""

    async def scenario() -> list[object]:
        free = threading.Event()
        with ThreadPoolExecutor(1) as thread:
            thread.submit(free.wait)
            sharing = Sharing(ledger.transaction, thread)
            running = [asyncio.create_task(sharing.run(work)) for work in works]
            await asyncio.sleep(0)
            for each in running[:given_up]:
                each.cancel()
            await asyncio.sleep(0)
            free.set()
            return await asyncio.gather(*running, return_exceptions=True)

    return asyncio.run(scenario())


def test_what_waits_at_the_same_time_shares_one_commit() -> None:
    ledger = Ledger()
    assert together(ledger, *(writes(n) for n in range(10))) == list(range(10))
    assert (ledger.kept, ledger.commits) == (list(range(10)), 1)


def test_no_commit_is_shared_by_more_than_others_can_wait_for() -> None:
    ledger = Ledger()
    together(ledger, *(writes(n) for n in range(2 * MOST)))
    assert ledger.commits == 2


def test_a_fault_is_its_own_works_alone() -> None:
    ledger = Ledger()
    first, fault, last = together(ledger, writes("a"), fails, writes("b"))
    assert (first, last, ledger.kept) == ("a", "b", ["a", "b"])
    assert isinstance(fault, ValueError)


def test_a_commit_that_fails_is_told_to_everybody_who_shared_it() -> None:
    ledger = Ledger()
    ledger.full = True
    told = together(ledger, writes("a"), writes("b"))
    assert [type(each) for each in told] == [OSError, OSError]
    assert ledger.kept == []


@pytest.mark.parametrize("given_up", [1, MOST])
def test_what_nobody_waits_for_any_more_is_not_begun_and_holds_nothing_up(given_up: int) -> None:
    ledger = Ledger()
    assert together(ledger, *map(writes, range(given_up + 1)), given_up=given_up)[-1] == given_up
    assert ledger.kept == [given_up]
