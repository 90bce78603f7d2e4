"""`monitor schema`: JSON Schema, by which editors complete and check the config files."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from monitor.cli import show
from monitor.cli.options import NoFolder


class Kind(StrEnum):
    """The kinds of config files."""

    RULES = "rules"
    ENTITIES = "entities"
    FEEDS = "feeds"
    CHANNELS = "channels"
    SETTINGS = "settings"


def schema(
    kind: Annotated[Kind, typer.Argument(metavar="KIND", help="Which files.")],
    config: NoFolder = None,
) -> None:
    """Print the JSON Schema of a kind of config file; `config/schema/` holds these."""
    show.document(json_schema(kind))


def json_schema(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema of the files of *kind*."""
    from datetime import timedelta

    from pydantic import BaseModel
    from pydantic.json_schema import GenerateJsonSchema

    from monitor.files import ChannelsFile, FeedsFile, MonitorFile
    from monitor.rules.schema import EntitiesFile, RulesFile
    from monitor.source import written

    models: dict[Kind, type[BaseModel]] = {
        Kind.RULES: RulesFile,
        Kind.ENTITIES: EntitiesFile,
        Kind.FEEDS: FeedsFile,
        Kind.CHANNELS: ChannelsFile,
        Kind.SETTINGS: MonitorFile,
    }

    class Written(GenerateJsonSchema):
        """Shows durations as people write them."""

        def encode_default(self, dft: object) -> Any:
            return written(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **models[kind].model_json_schema(schema_generator=Written),
    }
