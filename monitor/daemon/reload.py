"""Config files that changed → a set that is taken whole, or refused with its mistakes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from monitor.app import Config, load
from monitor.errors import ConfigError, Mistake
from monitor.settings import fingerprint, gather

RESTART_ONLY = ("database_url", "host", "port", "token", "workers", "user_agent", "log_format")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The new set runs from now on; *restart_only* names what of it waits for a restart."""

    config: Config
    restart_only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """The set stays out, and the last good one goes on."""

    hash: str
    mistakes: tuple[Mistake, ...]


class Files:
    """The config folder between two looks."""

    def __init__(self, folder: Path, running: str, rejected: str | None = None) -> None:
        self._folder = folder
        self._running = running  # the hash of the set that runs
        self._rejected = rejected  # the hash of the set that was refused last
        self._looked_at: str | None = None

    def forget(self) -> None:
        """Judge the files again at the next look, even those that were refused."""
        self._rejected = None

    def look(self, current: Config) -> Taken | Rejected | None:
        """Return what became of a changed set; None while nothing changed or the files are still being written.

        A set is judged when two looks in a row found the same bytes, so that an
        editor's half-written file is never taken for a mistake.
        """
        texts, hash, fault = self._gathered()
        before, self._looked_at = self._looked_at, hash
        if hash != before or hash == self._rejected:
            return None
        if hash == self._running:
            is_back = self._rejected is not None
            self._rejected = None
            return Taken(config=current) if is_back else None
        try:
            if fault is not None:
                raise fault
            config = load(self._folder, texts)
        except ConfigError as error:
            self._rejected = hash
            return Rejected(hash=hash, mistakes=error.mistakes)
        self._running, self._rejected = hash, None
        changed = tuple(
            name for name in RESTART_ONLY if getattr(config.settings, name) != getattr(current.settings, name)
        )
        return Taken(config=config, restart_only=changed)

    def _gathered(self) -> tuple[Mapping[str, str], str, ConfigError | None]:
        try:
            texts = gather(self._folder)
        except ConfigError as error:
            unreadable = {"": str(error)}
            return unreadable, fingerprint(unreadable), error
        return texts, fingerprint(texts), None
