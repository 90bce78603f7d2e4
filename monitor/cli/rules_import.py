"""`monitor rules import`: another tool's query → a rules file, with what could not be carried over."""

from __future__ import annotations

import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli import show
from monitor.cli.options import NoFolder
from monitor.errors import ConfigError

UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")  # no sign of YAML


class Tool(StrEnum):
    """Whose queries can be read."""

    MELTWATER = "meltwater"
    TALKWALKER = "talkwalker"
    BRANDWATCH = "brandwatch"
    FACTIVA = "factiva"
    LEXIS = "lexis"
    GOOGLE = "google"
    LUCENE = "lucene"


def import_query(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A file with one query; - is standard input.")],
    tool: Annotated[Tool, typer.Option("--from", help="The tool that the query was written for.")],
    id: Annotated[
        str | None, typer.Option("--id", help="The rule's id; made of the file's name when left out.")
    ] = None,
    config: NoFolder = None,
) -> None:
    """Print another tool's query as a rules file; what changes meaning or is lost goes to standard error.

    What is lost is a warning, and the exit code stays 0: read what is listed,
    and give the rule tests.  Exit code 2 means that nothing could be carried over.
    """
    from monitor.rules.load import load
    from monitor.rules.translate import as_rule, translate

    body = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    text = UNWRITABLE.sub(" ", body.decode("utf-8-sig", "replace")).strip()
    imported = translate(text, tool.value)
    written = as_rule(imported, id or _id(file))
    typer.echo(written, nl=False)
    for note in imported.notes:
        typer.echo(f"warning: {show.plain(note)}", err=True)
    try:
        load({"rules/imported.yaml": written}, channels=None)
    except ConfigError as error:
        for each in error.mistakes:
            typer.echo(f"warning: the rule does not load yet: line {each.line}: {each.message}", err=True)


def _id(file: str) -> str:
    """Return an id made of the name of *file*."""
    name = re.sub(r"[^a-z0-9]+", "-", Path(file).stem.casefold()).strip("-")
    return name or "imported"
