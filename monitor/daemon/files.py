"""A config file read as it is, byte for byte, and written whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH  # whose absence says "leave it", to root as well
MARK = "\ufeff"  # some editors begin a file with it


def source(path: Path) -> str:
    """Return the text of the file at *path* with its own line ends; nothing if there is none."""
    try:
        return path.read_bytes().decode("utf-8").removeprefix(MARK)
    except FileNotFoundError:
        return ""


def put(path: Path, text: str) -> None:
    """Make *text* what is in the file at *path*, keeping its permissions; OSError if that cannot be."""
    target = path.resolve()  # what a link points to is written, not the link
    before = target.read_bytes() if target.exists() else b""
    if target.exists() and not (target.stat().st_mode & WRITABLE and os.access(target, os.W_OK)):
        raise PermissionError(errno.EACCES, "the file is read-only", str(path))
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with beside.open("wb") as file:
            file.write((MARK if before.startswith(MARK.encode()) else "").encode() + text.encode())
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, beside)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
