"""Names → addresses, looked up in threads of our own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from itertools import chain, zip_longest

LOOKUPS = 32  # names looked up at once; a dead name server holds a thread for up to 30 s

Resolve = Callable[[str, int], Sequence[str]]
"""Turns a host and a port into addresses; blocks; OSError where the name has none."""


def looked_up(host: str, port: int) -> tuple[str, ...]:
    """Return what the system's resolver knows about *host*, IPv6 and IPv4 in turn, each family in its order."""
    found = dict.fromkeys(str(where[0]) for *_, where in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    six = (address for address in found if ":" in address)
    four = (address for address in found if ":" not in address)
    return tuple(address for address in chain.from_iterable(zip_longest(six, four)) if address)


class Names:
    """Looks names up in threads of its own, a bounded number, and one for all who ask for the same name at once.

    The event loop's own threads are not used: the database works there, and a
    dead name server would stop it.  The threads are daemons, so that a lookup
    that hangs does not hold up the end of the program.
    """

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._free = asyncio.Semaphore(LOOKUPS)
        self._asked: dict[tuple[str, int], asyncio.Task[Sequence[str]]] = {}

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        task = self._asked.get((host, port))
        if task is None:
            task = asyncio.create_task(self._look_up(host, port))
            self._asked[host, port] = task
            task.add_done_callback(lambda _: self._asked.pop((host, port), None))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())  # seen, even if nobody waits
        return await asyncio.shield(task)

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def settle(found: Sequence[str] | OSError) -> None:
            if not answer.done():
                answer.set_exception(found) if isinstance(found, OSError) else answer.set_result(found)

        def ask() -> None:
            try:
                found: Sequence[str] | OSError = self._resolve(host, port)
            except UnicodeError as error:  # a label that is too long or empty
                found = OSError(str(error))
            except OSError as error:
                found = error
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(settle, found)

        async with self._free:
            threading.Thread(target=ask, name=f"lookup {host}", daemon=True).start()
            return await answer

    async def aclose(self) -> None:
        waiting = list(self._asked.values())
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
