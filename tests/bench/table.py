"""A table of figures, as a bench prints it and docs/performance.md keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What was measured under one title; every row has as many cells as the header."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str | float]]
    note: str = ""  # what one must know to read it: the peer, the sample, what was left out

    def markdown(self) -> str:
        """Return the table as Markdown: numbers to the right, with three digits that say something."""
        numbers = [all(isinstance(row[n], int | float) for row in self.rows) for n in range(len(self.header))]
        lines = [self.header, ["--:" if is_number else "---" for is_number in numbers], *self.rows]
        table = "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)
        return "\n\n".join(filter(None, (f"### {self.title}", table, self.note)))


def _cell(value: str | float) -> str:
    if isinstance(value, str):
        return value.replace("|", "\\|")
    return f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 100 else f"{value:.3g}"
