"""What papers do to what they have printed, through the whole program."""

from __future__ import annotations

from pathlib import Path

from tests.world.town import Story, Town

NEWS = (
    Story(headline="Flood in the old town", text="Cellars near the market are under water."),
    Story(headline="Council votes on taxes", text="Nine members were in favour of the plan."),
    Story(headline="Bridge opens for lorries", text="Engineers had tested it with sandbags."),
    Story(headline="Teachers end their strike", text="Lessons begin again on Monday morning."),
    Story(headline="Frost harms the orchards", text="Growers expect half of last year's apples."),
)


def test_the_desk_is_told_of_an_edit_that_matters_and_not_of_a_paper_that_moves(tmp_path: Path) -> None:
    with Town(tmp_path) as town:
        town.watches("floods", "flood")
        town.watches("taxes", "taxes")
        town.publishes("gazette", *NEWS)
        with town.daemon():
            town.waits_until(lambda: town.told("floods") and town.told("taxes"))
            town.moves("gazette")
            town.waits_until(lambda: town.events("rekeyed"))
            town.corrects("gazette", "Flood in the old town", text="The flood hurt four people near the market.")
            town.waits_until(lambda: town.told("floods", "alert.updated"))
            town.publishes("gazette", Story(headline="Flood in the harbour", text="Ships were moved in time."))
            town.waits_until(lambda: len(town.told("floods")) == 2)
        assert town.told("floods") == ["Flood in the old town", "Flood in the harbour"]
        assert town.told("floods", "alert.updated") == ["Flood in the old town"]
        assert town.told("taxes") == ["Council votes on taxes"]
