"""The XML parser that feedparser is given: Python's own, which hands on a text whole instead of line by line.  Pure."""

from __future__ import annotations

from xml.sax.expatreader import ExpatParser


class Parser(ExpatParser):
    def reset(self) -> None:
        super().reset()
        self._parser.buffer_text = True  # type: ignore[attr-defined]  # its stubs leave the parser out


def create_parser() -> Parser:
    """Return a parser; `xml.sax.make_parser` looks for this name in the modules that it is told."""
    return Parser()
