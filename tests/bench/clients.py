"""Those who poll: this program, the package reader, newsboat; and what each of them spends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from tests.bench import spent

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


class Client(Protocol):
    """Polls all its feeds once when told to."""

    name: str

    def poll(self) -> dict[str, float]:
        """Poll every feed once; return the `cpu` seconds spent on it, and what else the client has to tell."""
        ...


Opened = AbstractContextManager[Client]


class Kept:
    """A client that runs on between polls, as a daemon does, and is told what to do over a pipe."""

    def __init__(self, name: str, process: subprocess.Popen[str]) -> None:
        self.name = name
        self.process = process

    def poll(self) -> dict[str, float]:
        return self.ask("poll")

    def ask(self, *words: str | int) -> dict[str, float]:
        """Tell the client *words*; return its answer, and the `cpu` and wall `seconds` that it took."""
        before, began = spent.cpu(self.process.pid), time.perf_counter()
        answer = self._asked(*words)
        seconds = time.perf_counter() - began
        return answer | {"cpu": spent.cpu(self.process.pid) - before, "seconds": seconds}

    def resident(self) -> int:
        """Return how many bytes the client's main process holds."""
        return spent.resident(self.process.pid)

    def _asked(self, *words: str | int) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        if not (line := self.process.stdout.readline()):
            raise SystemExit(f"{self.name} ended with exit code {self.process.wait()}; its last words are above")
        found: dict[str, Any] = json.loads(line)
        return found


@contextmanager
def kept(name: str, *command: str | Path) -> Iterator[Kept]:
    """Run the client *name* while inside."""
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    ) as process:
        client = Kept(name, process)
        client._asked("hello")
        yield client
        assert process.stdin is not None
        process.stdin.close()


def monitor(folder: Path, urls: Sequence[str]) -> AbstractContextManager[Kept]:
    """Return this program, its database and log in *folder*."""
    return kept("this program", sys.executable, "-m", "tests.bench.with_monitor", folder, _listed(folder, urls))


def reader(folder: Path, urls: Sequence[str], python: Path) -> AbstractContextManager[Kept]:
    """Return the package reader, which *python* can import."""
    return kept("reader", python, HERE / "with_reader.py", folder, _listed(folder, urls))


NEWSBOAT = {"u": "urls", "c": "cache.db", "C": "config"}


class Newsboat:
    """newsboat, which ends after every reload: reading its cache at start is a part of what it spends."""

    name = "newsboat"

    def __init__(self, folder: Path, urls: Sequence[str]) -> None:
        self.folder = folder
        _listed(folder, urls)
        (folder / "config").write_text("reload-threads 10\nmax-items 0\nauto-reload no\nsuppress-first-reload yes\n")

    def poll(self) -> dict[str, float]:
        files = [argument for one in "ucC" for argument in (f"-{one}", str(self.folder / NEWSBOAT[one]))]
        process = subprocess.Popen(
            ("newsboat", "-x", "reload", *files), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, _, used = os.wait4(process.pid, 0)
        return {"cpu": used.ru_utime + used.ru_stime}


def _listed(folder: Path, urls: Sequence[str]) -> Path:
    path = folder / "urls"
    folder.mkdir(exist_ok=True)
    path.write_text("\n".join(urls) + "\n")
    return path
