"""An event loop that does not wait: when nothing is ready, its clock jumps to the next thing that will be."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Skipping(selectors.SelectSelector):
    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.skipped += timeout
        return ready


class SkippingLoop(asyncio.SelectorEventLoop):
    """Seconds pass only while everybody waits for them, and then at once."""

    def __init__(self) -> None:
        self._jumps = _Skipping()
        super().__init__(self._jumps)

    def time(self) -> float:
        return self._jumps.skipped


def run(work: Coroutine[Any, Any, T]) -> T:
    """Return what *work* returns, its waits skipped.  Nothing that waits for a thread or a socket belongs in it."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(work)
