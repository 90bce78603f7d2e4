"""One event in several papers, as the desk hears of it from the real daemon."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.prose import LATIN, sentences, serbian
from tests.world.town import Story, Town

TOLD = sentences("the flood", 12)


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Town:
    return Town(tmp_path, database_url=None if database_url.startswith("sqlite") else database_url)


def test_copies_in_other_papers_are_told_once_and_counted_for_who_wants_them_all(town: Town) -> None:
    with town:
        town.watches("floods", "flood")
        town.watches("each-flood", "flood", story="every")
        whole = " ".join(["A flood has cut off the town of Dravogorje.", *TOLD])
        town.publishes("wire", Story(headline="Flood cuts off Dravogorje", text=whole, link="https://wire.example/1"))
        assert town.does("db", "upgrade") == 0
        with town.daemon():
            town.waits_until(lambda: len(town.told("floods")) == 1, seconds=100)
            town.publishes(
                "gazette",
                Story(headline="Town cut off by flood", text=" ".join(TOLD[:9]), link="https://gazette.example/9"),
            )
            town.publishes(
                "courier",
                Story(headline="The flood: what we know", text=" ".join(TOLD[2:]), link="https://courier.example/8"),
            )
            town.waits_until(lambda: len(town.told("each-flood")) == 3, seconds=100)
        assert town.told("floods") == ["Flood cuts off Dravogorje"]
        stories = [
            body["data"]["story"] for _, body in town.letters() if body["data"]["alert"]["rule"]["id"] != "floods"
        ]
        assert len({story["id"] for story in stories}) == 1
        assert sorted(story["articles"] for story in stories) == [1, 2, 3]
        assert max(stories, key=lambda story: story["articles"])["outlets"][0] == "wire"


def test_the_same_news_in_cyrillic_and_latin_is_told_once(town: Town) -> None:
    text = f"Поплава је одсекла село. {' '.join(serbian('поплава', 6))}"
    with town:
        town.watches("floods", "поплава OR poplava")
        town.publishes("glasnik", Story(headline="Поплава у селу", text=text))
        town.publishes("vesnik", Story(headline="Poplava u selu", text=text.translate(LATIN)))
        assert town.does("db", "upgrade") == 0
        assert town.does("run", "--once") == 0
        assert len(town.told("floods")) == 1
