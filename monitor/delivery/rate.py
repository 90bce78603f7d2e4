"""How many deliveries a channel may have now: a token bucket.  Pure; the caller brings the time."""

from __future__ import annotations


class Allowance:
    """What a channel's `rate` allows: one second's worth at once (at least one), then *rate* a second.

    *at* is a monotonic time in seconds.  None allows everything.
    """

    def __init__(self, rate: float | None, at: float) -> None:
        self._rate = rate
        self._most = max(1.0, rate or 0.0)
        self._left = self._most
        self._at = at

    def take(self, wanted: int, at: float) -> int:
        """Return how many of *wanted* may go now, and count them as gone."""
        if self._rate is None:
            return wanted
        self._left = min(self._most, self._left + (at - self._at) * self._rate)
        self._at = at
        taken = min(wanted, int(self._left))
        self._left -= taken
        return taken

    def give_back(self, unused: int) -> None:
        """Count *unused* as not gone after all."""
        self._left = min(self._most, self._left + unused)

    def wait(self) -> float:
        """Return the seconds until one more may go, by what was left at the last `take`."""
        return 0.0 if self._rate is None else max(0.0, (1 - self._left) / self._rate)
