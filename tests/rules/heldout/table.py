"""A table of sentences, read and held against the matcher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from monitor.model import EntityId, Rule, RuleId
from monitor.rules.load import load
from monitor.rules.match import RuleSet, match, ruleset
from monitor.rules.query import parse
from tests.rules.conftest import written


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One text, what a reader finds in it, and what the matcher found."""

    language: str
    text: str
    wanted: frozenset[str]
    found: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How often the matcher and the reader agreed."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)

    def __str__(self) -> str:
        return f"P {self.precision:.3f} R {self.recall:.3f} F1 {self.f1:.3f}"


def rules_for(entities: str) -> RuleSet:
    """Return a rule for each entity of the YAML text *entities*, so that matching itself is measured."""
    named = load({"entities/all.yaml": entities}, channels=None).entities
    rules = [Rule(id=RuleId(name), title=name, match=parse(f"${name}")) for name in named]
    return ruleset(rules, named.values())


def sentences_of(file: Path) -> tuple[Sentence, ...]:
    """Return the lines of the table *file*, each read by the matcher."""
    source = file.read_text(encoding="utf-8")
    rules = rules_for(source.split("sentences:\n")[0])
    tables = YAML(typ="safe", pure=True).load(source)["sentences"]
    return tuple(
        _sentence(rules, language, line) for language, lines in tables.items() for line in lines.splitlines() if line
    )


def _sentence(rules: RuleSet, language: str, line: str) -> Sentence:
    ids, _, text = line.partition("|")
    wanted = frozenset(ids.split()) - {"-"}
    if unknown := wanted - {str(name) for name in rules.entities}:
        raise ValueError(f"no such entity: {sorted(unknown)} in {line!r}")
    matches = match(rules, written(text.strip(), language=language))
    found = frozenset(EntityId(str(one.rule.id)) for one in matches)
    return Sentence(language=language, text=text.strip(), wanted=wanted, found=found)


def score(sentences: Iterable[Sentence]) -> Score:
    """Return how the matcher did on *sentences*, entity by entity."""
    listed = tuple(sentences)
    return Score(
        right=sum(len(one.wanted & one.found) for one in listed),
        wrong=sum(len(one.found - one.wanted) for one in listed),
        missed=sum(len(one.wanted - one.found) for one in listed),
    )


def by_language(sentences: Iterable[Sentence]) -> dict[str, Score]:
    """Return the score of each language of *sentences*."""
    those: dict[str, list[Sentence]] = defaultdict(list)
    for one in sentences:
        those[one.language].append(one)
    return {language: score(listed) for language, listed in those.items()}


def errors(sentences: Iterable[Sentence]) -> list[str]:
    """Return a line for each sentence on which the matcher and the reader disagree."""
    return [f"{one.language}: {_difference(one)} | {one.text}" for one in sentences if one.found != one.wanted]


def _difference(one: Sentence) -> str:
    wrong = [f"+{name}" for name in sorted(one.found - one.wanted)]
    return " ".join([*wrong, *(f"-{name}" for name in sorted(one.wanted - one.found))])
