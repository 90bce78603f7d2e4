"""`monitor init`: a commented starter config in a folder of one's own."""

from __future__ import annotations

import json
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import NoFolder
from monitor.errors import UsageError

PLACEHOLDER = "${NEWSROOM_SECRET}"


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to; what is there already is never changed.")],
    config: NoFolder = None,
) -> None:
    """Write a commented starter config: real feeds, rules with tests, alerts into the log."""
    from monitor.delivery.signature import new_secret

    texts = {**starter(), **schemas()}
    texts["channels.yaml"] = texts["channels.yaml"].replace(PLACEHOLDER, new_secret())
    there = [name for name in texts if (folder / name).exists()]
    if there:
        more = f" and {len(there) - 1} more" if len(there) > 1 else ""
        raise UsageError(f"{folder / there[0]}{more} is there already; nothing was written, choose another folder")
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == "channels.yaml":
            path.touch(mode=0o600)  # it holds a secret
        path.write_text(text, encoding="utf-8")
    typer.echo(
        f"wrote {len(texts)} files to {folder}\n\nnext:\n"
        f"  monitor check --config {folder}\n"
        f"  monitor run --config {folder}"
    )


def starter() -> dict[str, str]:
    """Return the texts of the starter config by their names in it."""
    return dict(sorted(_texts(resources.files("monitor") / "starter", "")))


def _texts(folder: Traversable, under: str) -> list[tuple[str, str]]:
    found = []
    for each in folder.iterdir():
        if each.is_dir():
            found += _texts(each, f"{under}{each.name}/")
        elif each.name.endswith(".yaml"):
            found.append((f"{under}{each.name}", each.read_text(encoding="utf-8")))
    return found


def schemas() -> dict[str, str]:
    """Return the JSON Schemas that editors read, by their names in a config folder."""
    from monitor.cli.schema import Kind, json_schema

    return {
        f"schema/{kind.value}.json": json.dumps(json_schema(kind), ensure_ascii=False, indent=2) + "\n" for kind in Kind
    }
