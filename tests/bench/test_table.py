"""What a bench prints."""

from __future__ import annotations

from tests.bench.table import Table


def test_numbers_stand_to_the_right_with_three_digits_that_count():
    table = Table(
        title="Speed", header=("what", "a second"), rows=(("ours", 12_345), ("a | b", 0.98765)), note="On loopback."
    )
    assert table.markdown() == (
        "### Speed\n\n| what | a second |\n| --- | --: |\n| ours | 12,345 |\n| a \\| b | 0.988 |\n\nOn loopback."
    )
