"""What a client spends: CPU and memory of a process and of all that it started, as Linux counts them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu(session: int) -> float:
    """Return the CPU seconds of the processes in *session*, of those included that have ended in it."""
    return sum(sum(map(int, fields[11:15])) for fields in _fields(session)) / TICKS


def resident(process: int) -> int:
    """Return how many bytes of memory *process* holds."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _fields(session: int) -> Iterator[list[str]]:
    """Yield the fields of /proc/PID/stat after the name (proc_pid_stat(5)); number 3 is the session."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            fields = path.read_text().rpartition(")")[2].split()
            if int(fields[3]) == session:
                yield fields
