"""Turns at a host."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from monitor.feeds.hosts import MINDED, MOST_HANDS, PATIENCE, Hosts
from tests.skipping import run

SECOND = timedelta(seconds=1)


def starts(urls: list[str], gap: timedelta, each_takes: float) -> tuple[list[tuple[str, float]], int]:
    """Return when each of *urls* had its turn, asked for until it came, and how many were held at once at most."""
    begun: list[tuple[str, float]] = []
    held = most = 0

    async def one(hosts: Hosts, url: str) -> None:
        nonlocal held, most
        stay_away: timedelta | None = timedelta()
        while stay_away is not None:
            await asyncio.sleep(stay_away.total_seconds())
            async with hosts.turn(url, gap) as stay_away:
                if stay_away is None:
                    begun.append((url, asyncio.get_running_loop().time()))
                    held += 1
                    most = max(most, held)
                    await asyncio.sleep(each_takes)
                    held -= 1

    async def all_of_them() -> None:
        hosts = Hosts()
        await asyncio.gather(*(one(hosts, url) for url in urls))

    run(all_of_them())
    return begun, most


def test_requests_to_one_host_start_a_gap_apart() -> None:
    begun, _ = starts([f"https://a.example/{n}" for n in range(5)], SECOND, 0.1)
    assert [at for _, at in begun] == [0, 1, 2, 3, 4]


def test_two_requests_at_most_are_in_flight_at_one_host() -> None:
    begun, most = starts([f"https://a.example/{n}" for n in range(6)], timedelta(), 10)
    assert most == 2
    assert [at for _, at in begun][:4] == [0, 0, 10, 10]
    assert 20 <= begun[5][1] < 30


def test_hosts_do_not_wait_for_each_other() -> None:
    begun, most = starts([f"https://{n}.example/" for n in range(5)], SECOND, 10)
    assert {at for _, at in begun} == {0}
    assert most == 5


def test_a_port_makes_another_host_and_a_user_does_not() -> None:
    begun, _ = starts(["http://a.example:81/", "http://a.example:82/", "http://u:p@a.example:81/"], SECOND, 0)
    assert sorted(at for _, at in begun) == [0, 0, 1]


def test_a_host_that_hangs_holds_few_hands_and_for_a_short_while() -> None:
    async def whole() -> tuple[list[float], list[float]]:
        hosts = Hosts()
        refused: list[float] = []
        granted: list[float] = []

        async def one() -> None:
            async with hosts.turn("https://sick.example/", timedelta()) as stay_away:
                at = asyncio.get_running_loop().time()
                (granted if stay_away is None else refused).append(at)
                if stay_away is None:
                    await asyncio.sleep(30)

        await asyncio.gather(*(one() for _ in range(20)))
        return granted, refused

    granted, refused = run(whole())
    assert granted == [0, 0]
    assert refused == [0] * (20 - MOST_HANDS) + [PATIENCE] * (MOST_HANDS - 2)


def test_who_is_sent_away_comes_back_when_those_before_are_done_by_what_turns_take() -> None:
    async def whole(each_takes: float) -> float:
        hosts = Hosts()

        async def one() -> timedelta | None:
            async with hosts.turn("https://a.example/", timedelta()) as stay_away:
                if stay_away is None:
                    await asyncio.sleep(each_takes)
                return stay_away

        for _ in range(20):
            await one()
        waiting = [asyncio.create_task(one()) for _ in range(MOST_HANDS)]
        await asyncio.sleep(0)
        away = await one()
        await asyncio.gather(*waiting)
        assert away is not None
        return away.total_seconds()

    assert run(whole(0.001)) == 0.05
    assert 2.9 < run(whole(1)) <= 3
    assert run(whole(10)) == 10


def test_a_host_at_home_is_asked_for_more_at_once_and_still_leaves_hands_to_others() -> None:
    async def whole() -> tuple[int, int]:
        hosts, granted, refused = Hosts(), 0, 0

        async def one() -> None:
            nonlocal granted, refused
            async with hosts.turn("http://127.0.0.1:8000/", timedelta(), at_home=True) as stay_away:
                granted += stay_away is None and asyncio.get_running_loop().time() == 0
                refused += stay_away is not None
                await asyncio.sleep(30)

        await asyncio.gather(*(one() for _ in range(32)))
        return granted, refused

    assert run(whole()) == (16, 16)


def test_a_turn_that_would_come_late_is_refused_with_the_time_to_come_back() -> None:
    async def whole() -> timedelta | None:
        hosts = Hosts()
        async with hosts.turn("https://a.example/", timedelta(minutes=2)) as first:
            assert first is None
        async with hosts.turn("https://a.example/", timedelta(minutes=2)) as second:
            return second

    assert run(whole()) == timedelta(minutes=2)


def test_hosts_that_nobody_waits_for_are_forgotten() -> None:
    async def many() -> int:
        hosts = Hosts()
        for n in range(1000):
            async with hosts.turn(f"https://{n}.example/", timedelta()):
                await asyncio.sleep(1)
        return len(hosts)

    assert run(many()) <= MINDED * 1.5


def test_a_host_is_not_forgotten_while_its_gap_or_its_rest_lasts() -> None:
    async def whole() -> list[timedelta | None]:
        hosts = Hosts()
        hosts.rest("https://rests.example/", timedelta(hours=1))
        async with hosts.turn("https://slow.example/", timedelta(minutes=2)):
            pass
        for n in range(100):
            async with hosts.turn(f"https://{n}.example/", timedelta()):
                await asyncio.sleep(1)
        found = []
        for name in ("rests", "slow"):
            async with hosts.turn(f"https://{name}.example/", timedelta()) as stay_away:
                found.append(stay_away)
        return found

    assert run(whole()) == [timedelta(hours=1, seconds=-100), timedelta(seconds=20)]


def test_a_host_that_wants_to_rest_sends_those_away_who_wait_for_it() -> None:
    async def whole() -> list[timedelta | None]:
        hosts, found = Hosts(), []

        async def one(rest: timedelta | None = None) -> None:
            async with hosts.turn("https://a.example/", SECOND) as stay_away:
                found.append(stay_away)
                if rest is not None:
                    hosts.rest("https://a.example/", rest)

        await asyncio.gather(one(timedelta(hours=1)), one(), one(), one())
        return found

    first, *others = run(whole())
    assert first is None
    assert len(others) == 3
    assert all(away is not None and away > timedelta(minutes=59) for away in others)
