"""What goes wrong → lines on standard error and an exit code (CONTRACT section 2)."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup

from monitor.cli import show
from monitor.errors import ConfigError, MonitorError, SchemaError, StoreError, UsageError

DONE = 0
FAILED = 1  # a check failed, or nothing matched where a match was asked for
WRONG = 2  # wrong use, or a config that does not load
FAULT = 3  # an I/O fault
CUT_OFF = 141  # 128 + SIGPIPE: what a shell shows for a program whose reader, such as `head`, has gone


class Commands(TyperGroup):
    """A group that shows its help where no command is named, and tells people what went wrong without a traceback."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["--help"])

    def invoke(self, ctx: Any) -> Any:
        with told():
            return super().invoke(ctx)


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Turn a fault inside into its lines and `typer.Exit` with its code."""
    try:
        yield
        sys.stdout.flush()
    except ConfigError as error:
        fail(show.mistakes(error.mistakes), WRONG)
    except (UsageError, SchemaError) as error:
        fail(f"error: {error}", WRONG)
    except (StoreError, MonitorError) as error:
        fail(f"error: {error}", FAULT)
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):  # what is still in the buffer would raise again at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(CUT_OFF) from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"error: {where}{error.strerror or error}", FAULT)


def fail(lines: str, code: int) -> NoReturn:
    """Print *lines* for people and leave with *code*."""
    typer.echo(lines, err=True)
    raise typer.Exit(code)
