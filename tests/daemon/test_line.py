"""A line of due rows."""

from __future__ import annotations

import asyncio

import pytest

from monitor.daemon.line import Line
from monitor.errors import LeaseLost, StoreError
from tests.skipping import run


class Due:
    """Rows that fall due, who works on them, and what went wrong."""

    def __init__(self, rows: int, *, takes: float = 1.0) -> None:
        self.waiting = list(range(rows))
        self.takes = takes
        self.done: list[int] = []
        self.claims: list[int] = []
        self.faults: list[BaseException] = []
        self.held = self.most_held = 0
        self.poison: dict[int, BaseException] = {}

    async def claim(self, most: int) -> list[int]:
        self.claims.append(most)
        taken, self.waiting = self.waiting[:most], self.waiting[most:]
        return taken

    async def work(self, row: int) -> None:
        self.held += 1
        self.most_held = max(self.most_held, self.held)
        try:
            await asyncio.sleep(self.takes)
            if row in self.poison:
                raise self.poison[row]
            self.done.append(row)
        finally:
            self.held -= 1

    def line(self, slots: int = 4, within: float = 48) -> Line:
        return Line(slots, self.claim, self.work, self.faults.append, within=within)


def test_no_more_is_claimed_than_can_start_now() -> None:
    due = Due(50)
    assert run(due.line(4).drain()) == 50
    assert sorted(due.done) == list(range(50))
    assert due.most_held == 4
    assert max(due.claims) <= 4


def test_a_slow_row_holds_up_only_its_own_hand() -> None:
    due = Due(9)

    async def work(row: int) -> None:
        due.takes = 1000.0 if row == 0 else 1.0
        await Due.work(due, row)

    async def whole() -> list[int]:
        line = Line(2, due.claim, work, due.faults.append, within=2000)
        draining = asyncio.create_task(line.drain())
        await asyncio.sleep(100)
        early = list(due.done)
        await draining
        return early

    assert run(whole()) == list(range(1, 9))


def test_a_fault_in_one_row_is_told_and_stops_no_other() -> None:
    due = Due(6)
    due.poison = {1: LeaseLost("gone"), 3: StoreError("full")}
    run(due.line().drain())
    assert sorted(due.done) == [0, 2, 4, 5]
    assert [str(fault) for fault in due.faults] == ["gone", "full"]


def test_work_ends_before_its_lease_does() -> None:
    due = Due(1, takes=100)

    async def timed() -> float:
        await due.line(within=48).drain()
        return asyncio.get_running_loop().time()

    assert run(timed()) == 48
    assert isinstance(due.faults[0], TimeoutError)
    assert due.done == []


def test_a_closed_line_claims_nothing_more_and_finishes_what_it_holds() -> None:
    due = Due(20)

    async def whole() -> None:
        line = due.line(4)
        line.start()
        line.nudge()
        await asyncio.sleep(0.5)
        assert due.held == 4
        line.close()
        await line.rest()

    run(whole())
    assert sorted(due.done) == [0, 1, 2, 3]
    assert len(due.waiting) == 16


def test_what_is_being_claimed_when_a_line_is_closed_is_done_too() -> None:
    due = Due(3)

    async def claim(most: int) -> list[int]:
        await asyncio.sleep(10)
        return await due.claim(most)

    async def whole() -> None:
        line = Line(4, claim, due.work, due.faults.append, within=48)
        line.start()
        line.nudge()
        await asyncio.sleep(5)
        line.close()
        await line.rest()

    run(whole())
    assert sorted(due.done) == [0, 1, 2]


def test_one_nudge_works_off_a_whole_backlog() -> None:
    due = Due(100)

    async def whole() -> None:
        line = due.line(4)
        line.start()
        line.nudge()
        await asyncio.sleep(60)
        line.close()
        await line.rest()

    run(whole())
    assert len(due.done) == 100


def nudged_twice(due: Due, refusal: Exception) -> None:
    """Let a line work on what is *due*, whose first claim is refused."""
    refusals = [refusal]

    async def claim(most: int) -> list[int]:
        if refusals:
            raise refusals.pop()
        return await due.claim(most)

    async def whole() -> None:
        line = Line(4, claim, due.work, due.faults.append, within=48)
        line.start()
        for _ in range(2):
            line.nudge()
            await asyncio.sleep(5)
        line.close()
        await line.rest()

    run(whole())


def test_a_database_that_fails_a_claim_is_told_and_asked_again_at_the_next_nudge() -> None:
    due = Due(3)
    nudged_twice(due, StoreError("away"))
    assert sorted(due.done) == [0, 1, 2]
    assert [str(fault) for fault in due.faults] == ["away"]


def test_a_fault_of_ours_in_a_claim_or_a_row_is_told_and_the_line_goes_on() -> None:
    due = Due(4)
    due.poison = {1: ValueError("row")}
    nudged_twice(due, KeyError("claim"))
    assert sorted(due.done) == [0, 2, 3]
    assert [type(fault) for fault in due.faults] == [KeyError, ValueError]


def test_a_database_that_fails_while_everything_is_to_be_done_is_an_error() -> None:
    async def claim(_most: int) -> list[int]:
        raise StoreError("away")

    due = Due(0)
    with pytest.raises(StoreError):
        run(Line(4, claim, due.work, due.faults.append, within=48).drain())


def test_what_is_cut_off_is_not_done() -> None:
    due = Due(4, takes=100)

    async def whole() -> None:
        line = due.line(4)
        await line.fill()
        await asyncio.sleep(1)
        line.cut_off()
        await line.rest()

    run(whole())
    assert due.done == []
