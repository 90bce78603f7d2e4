"""Every way to get a file wrong that we thought of → the exact words that a person reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.model import ChannelId
from monitor.rules.load import load

BAD = Path(__file__).parents[1] / "corpus" / "rules" / "bad"
KNOWN = """
entities:
  - {id: kosovo, type: place, names: [Kosovo]}
  - {id: unsc, type: organisation, names: [UN Security Council]}
"""


def test_the_collection_is_large_enough_to_mean_something() -> None:
    assert len(list(BAD.glob("*.yaml"))) >= 60


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_bad_file_says_where_it_is_wrong_and_what_to_write_instead(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if path.stem.startswith("entities-"):
        files = {f"entities/{path.name}": text}
    else:
        files = {f"rules/{path.name}": text, "entities/known.yaml": KNOWN}
    with pytest.raises(ConfigError) as refused:
        load(files, channels=[ChannelId("newsroom")])
    assert f"{refused.value}\n" == path.with_suffix(".txt").read_text(encoding="utf-8")
