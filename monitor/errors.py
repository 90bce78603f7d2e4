"""What can go wrong, drawn as a tree, and who is expected to care.

    MonitorError
    ├── ConfigError      the operator: files that do not load; carries every mistake (exit 2)
    │   └── RuleTestsFailed  the operator: all files load, but rules fail their own tests (exit 2; `check`: 1)
    ├── UsageError       the caller: an unknown id, a wrong argument (exit 2)
    ├── StoreError       the operator: database unreachable, disk full, schema too new (exit 3, or 2)
    │   ├── SchemaError  the operator: run `monitor db upgrade`, or a newer program (exit 2)
    │   └── LeaseLost    the flows: somebody else holds the row now; roll back, go on
    ├── FetchError       whoever fetches by hand: the address brought no document
    └── ParseError       the poll: bytes that are no feed; becomes the feed's note
        └── WebPage      the same: a page, which may name the feed that is wanted

What is expected is a value (`Unchanged`, `Deferred`); an exception is a broken promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class MonitorError(Exception):
    """Whatever this program raises on purpose; its text is for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing to mend in a file, where it stands, and what to write instead."""

    file: str
    line: int  # 1-based
    column: int  # 1-based
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class ConfigError(MonitorError):
    """Files that do not load; *mistakes* holds every one of them, in file order."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda m: (m.file, m.line, m.column)))
        super().__init__("\n".join(map(str, self.mistakes)))


class RuleTestsFailed(ConfigError):
    """Files that load, with rules that fail their own tests: the only mistakes there are."""


class UsageError(MonitorError):
    """A command that cannot be carried out as it was given."""


class StoreError(MonitorError):
    """The database did not do what it was asked."""


class SchemaError(StoreError):
    """The database's tables are older or newer than this program."""


class LeaseLost(StoreError):
    """The row was claimed by somebody else meanwhile: nothing of this work may be kept."""


class FetchError(MonitorError):
    """An address brought no document."""


class ParseError(MonitorError):
    """Bytes that no feed can be read from."""


class WebPage(ParseError):
    """Bytes that are a page for people, which may name a feed."""


def fault_of_ours(error: Exception) -> str:
    """Return the words for *error* where a publisher's or receiver's fault would stand."""
    return f"a fault in this program: {type(error).__name__}"
