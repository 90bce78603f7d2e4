"""Names in sentences that the matcher had not been tuned on when it first read them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.heldout.table import by_language, errors, score, sentences_of

HERE = Path(__file__).parent


@pytest.mark.parametrize("table", sorted(HERE.glob("*.yaml")), ids=lambda file: file.stem)
def test_sentences_that_nobody_tuned_on_are_read_with_little_error(
    table: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The floors are those of issue 3; docs/performance.md has what each table scored when it was first read."""
    sentences = sentences_of(table)
    overall = score(sentences)
    with capsys.disabled():
        print(f" [{table.stem}: {len(sentences)} sentences, {overall}] ", end="")
    assert len(sentences) >= 150
    assert sum(not one.wanted for one in sentences) >= 0.4 * len(sentences)
    assert overall.precision >= 0.93, "\n".join(errors(sentences))
    assert overall.recall >= 0.90, "\n".join(errors(sentences))
    weak = {language: str(one) for language, one in by_language(sentences).items() if one.f1 < 0.85}
    assert weak == {}, "a language that is read much worse than the rest"
