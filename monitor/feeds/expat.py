"""The XML parser that feedparser is given: Python's own, which hands on a text whole instead of line by line.  Pure."""

from __future__ import annotations

from pyexpat import XMLParserType
from xml.sax.expatreader import ExpatParser


class Parser(ExpatParser):
    _parser: XMLParserType  # made anew by each reset

    def reset(self) -> None:
        super().reset()
        self._parser.buffer_text = True


def create_parser() -> Parser:
    """Return a parser; `xml.sax.make_parser` looks for this name in the modules that it is told."""
    return Parser()
