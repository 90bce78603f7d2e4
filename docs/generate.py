"""The code → the generated parts of docs/reference, and the JSON Schemas under config/schema.

`make docs` writes them; tests/test_docs.py compares without writing.  A generated
part stands between `<!-- generated: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import typer.main
from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel

from monitor import cli, files
from monitor.cli.init import schemas
from monitor.report import numbers

HOUSE = Path(__file__).parents[1]
REFERENCE = HOUSE / "docs" / "reference"
MARKED = re.compile(r"(<!-- generated: ([\w .-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Return every file that is generated, wholly or in part, as it should read."""
    written = {path: fresh(path.read_text(encoding="utf-8")) for path in sorted(REFERENCE.glob("*.md"))}
    return written | {HOUSE / "config" / name: text for name, text in schemas().items()}


def fresh(page: str) -> str:
    """Return *page* with its generated parts made afresh."""
    return MARKED.sub(lambda found: f"{found[1]}\n{parts()[found[2]]()}\n{found[3]}", page)


def parts() -> Mapping[str, Callable[[], str]]:
    """Return what can stand between the marks, by name."""
    return {
        "monitor.yaml": lambda: keys(files.MonitorFile),
        "feeds.yaml": lambda: keys(files.FeedsFile),
        "a feed": lambda: keys(files.FeedItem, first=("id", "url")),
        "channels.yaml": lambda: keys(files.ChannelsFile),
        "a channel": lambda: keys(files.ChannelItem),
        "commands": lambda: "\n".join(f"{command.text()}" for command in commands()),
        "metrics": metrics,
    }


# ------------------------------------------------------------------ settings


def keys(schema: type[BaseModel], first: tuple[str, ...] = ()) -> str:
    """Return the keys of *schema* as a table, those in *first* before the others."""
    shapes = schema.model_json_schema()["properties"]
    names = [*first, *(name for name in schema.model_fields if name not in first)]
    rows = []
    for name in names:
        field = schema.model_fields[name]
        default = "**required**" if field.is_required() else _default(field.get_default(call_default_factory=True))
        rows.append(f"| `{name}` | {_kind(shapes[name])} | {default} | {_cell(field.description or '')} |")
    return "| key | is | default | what it says |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _kind(shape: Mapping[str, Any]) -> str:
    """Return in words what values *shape*, a JSON Schema, lets pass."""
    match shape:
        case {"anyOf": [*choices]}:
            return " or ".join(_kind(each) for each in choices if each.get("type") != "null")
        case {"enum": [*values]}:
            return " or ".join(f"`{value}`" for value in values)
        case {"$ref": str(target)}:
            return "a map, see below" if target.endswith("Keys") else "a map"
        case {"type": "array", "items": {"$ref": _}}:
            return "a list of maps, see below"
        case {"type": "array"}:
            return "a list of texts"
        case {"type": "object", "additionalProperties": {"$ref": _}}:
            return "a map of maps, see below"
        case {"type": "object"}:
            return "a map of texts"
        case {"type": "boolean"}:
            return "`true` or `false`"
        case {"type": "integer", "minimum": least, "maximum": most}:
            return f"a whole number, {least} to {most}"
        case {"type": "string", "examples": ["30s", *_]}:
            return "a duration"
        case _:
            return "text"


def _default(value: object) -> str:
    match value:
        case None:
            return "none"
        case bool():
            return f"`{str(value).lower()}`"
        case timedelta():
            return f"`{_duration(value)}`"
        case list() | dict() | BaseModel():
            return "empty"
        case _:
            return f"`{value}`"


def _duration(length: timedelta) -> str:
    """Return *length* as a config file writes it, in hours up to two days."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size * (2 if unit == "d" else 1) and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


# ------------------------------------------------------------------ the command line


class Command:
    """One command as people type it."""

    def __init__(self, name: str, command: Any, context: Any) -> None:
        self.name = name
        self._command = command
        self._context = context

    def text(self) -> str:
        """Return what the reference says of the command."""
        usage = " ".join(["monitor", self.name, *self._arguments()])
        options = [_record(each, self._context) for each in self._command.params]
        rows = [f"| `{_cell(name)}` | {_cell(said)} |" for name, said in filter(None, options)]
        table = "\n| write | to say |\n|---|---|\n" + "\n".join(rows) + "\n" if rows else ""
        return f"### `{usage}`\n\n{_prose(self._command.help or '')}\n{table}"

    def options(self) -> set[str]:
        """Return the options that people may write."""
        return {name for each in self._command.params if not _is_hidden(each) for name in each.opts if name[0] == "-"}

    def _arguments(self) -> Iterator[str]:
        for each in self._command.params:
            if each.param_type_name == "argument":
                name = each.metavar or each.name.upper()
                yield name if each.required or name.startswith("[") else f"[{name}]"


def commands() -> list[Command]:
    """Return every command, the groups' ones with the group's name in front."""
    return list(_within(typer.main.get_command(cli.app), ""))


def _within(group: Any, prefix: str) -> Iterator[Command]:
    context = typer.Context(group, info_name=prefix)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if hasattr(command, "list_commands"):
            yield from _within(command, f"{prefix}{name} ")
        elif not command.hidden:
            yield Command(f"{prefix}{name}", command, typer.Context(command, info_name=name))


def _record(parameter: Any, context: Any) -> tuple[str, str] | None:
    """Return how *parameter* is written and what it does; None if it is hidden."""
    found = None if _is_hidden(parameter) else parameter.get_help_record(context)
    if found is None:
        return None
    name = (
        found[0].replace(parameter.name, parameter.name.upper(), 1)
        if parameter.param_type_name == "argument"
        else found[0]
    )
    name = re.sub(r" <(?:path|str|list\[str\])>$", "" if parameter.metavar or name[0] != "-" else " TEXT", name)
    return name.replace("<int range>", "N"), re.sub(r"\s*\[required\]", "", found[1])


def _is_hidden(parameter: Any) -> bool:
    return bool(getattr(parameter, "hidden", False))


def _prose(text: str) -> str:
    return re.sub(r"(?<=\.)  (?=\S)", " ", text.strip())


# ------------------------------------------------------------------ metrics


def metrics() -> str:
    """Return the numbers of ours as a table; those of the process are the same for every program."""
    rows = [f"| `{name}` | {kind} | {labels} | {_cell(said)} |" for name, kind, labels, said in _numbers()]
    return "| name | is a | labels | what it counts |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"


def _numbers() -> Iterator[tuple[str, str, str, str]]:
    metered = [each for each in vars(numbers).values() if isinstance(each, MetricWrapperBase)]
    for each in metered:
        (family,) = each.describe()
        name = f"{family.name}_total" if family.type == "counter" else family.name
        labels = ", ".join(f"`{label}`" for label in each._labelnames)  # prometheus_client has no public name for them
        yield name, family.type, labels, family.documentation


def _cell(text: str) -> str:
    return re.sub(r"\s+", " ", text).replace("|", "\\|").strip()


if __name__ == "__main__":
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(HOUSE)}")
