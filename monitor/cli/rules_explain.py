"""`monitor rules explain`: a rule held against an article → a tree with a tick or a cross at each clause."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import show
from monitor.cli.articles import MatchFormat, Zone
from monitor.cli.exits import FAILED
from monitor.cli.given import Form, Named, Private, articles_in
from monitor.cli.opened import chosen, rules_in
from monitor.cli.options import AsJson, Folder

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

    from monitor.model import Article, Hit
    from monitor.rules.explain import Clause, Explanation

LONGEST_GROUP = 100  # characters of a clause that its parts say again below it
ABSENT = " does not occur"  # how the rules room says that nothing came near
AROUND = 70  # characters shown before and after a hit in a sentence that has more


def explain(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule's id.")],
    article: Named,
    format: Form = MatchFormat.AUTO,
    timezone: Zone = None,
    allow_private: Private = False,
    config: Folder = None,
    json: AsJson = False,
) -> None:
    """Show why a rule matches an article, or what kept it from matching; exit code 1 if it does not."""
    from monitor import study

    settings, rules = rules_in(config)
    known = chosen("rule", rule, {each.id: each for each in rules.rules})
    articles = articles_in(settings, article, format=format, timezone=timezone, allow_private=allow_private)
    explained = [study.explain(rules, known.id, each) for each in articles]
    matches = any(each.matches for each in explained)
    if json:
        show.document({"rule": known.id, "matches": matches, "articles": [_described(each) for each in explained]})
    else:
        for number, each in enumerate(explained):
            if number:
                typer.echo()
            draw(each)
    if not matches:
        raise typer.Exit(FAILED)


# ------------------------------------------------------------------ JSON


def _described(each: Explanation) -> dict[str, Any]:
    article = each.article
    return {
        "article": {"id": article.id, "url": article.url, "headline": article.headline},
        "matches": each.matches,
        "where": [_clause(clause) for clause in each.where],
        "match": _clause(each.clause),
        "failed": [] if each.matches else [{"clause": c.written, "wanting": nearest(c)} for c in lacking(each)],
        "not_counted": [{"kind": kind, "text": text} for kind, text in _aside(article)],
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "clause": clause.written,
        "holds": clause.holds,
        "hits": [
            {
                "clause": hit.clause,
                "field": hit.field,
                "paragraph": hit.paragraph,
                "text": hit.text,
                "start": hit.start,
                "end": hit.end,
                "sentence": hit.sentence,
                "form": hit.form,
                "entity": hit.entity.id if hit.entity else None,
            }
            for hit in clause.hits
        ],
        "wanting": list(clause.wanting),
        "parts": [_clause(part) for part in clause.parts],
    }


# ------------------------------------------------------------------ what is wanting


def lacking(each: Explanation) -> Iterator[Clause]:
    """Yield the clauses for whose sake the rule does not match, as far down as one alone is to blame."""
    yield from (clause for clause in each.where if not clause.holds)
    if not each.clause.holds:
        yield from _lacking(each.clause)


def _lacking(clause: Clause) -> Iterator[Clause]:
    if not clause.needs_all:
        yield clause
        return
    for part in clause.parts:
        if not part.holds:
            yield from _lacking(part)


def wanting(each: Explanation) -> Iterator[str]:
    """Yield for people what was wanting in *each*, a line for each clause that is to blame."""
    clauses = list(lacking(each))
    for clause in clauses:
        yield f"{_cut(show.plain(clause.written), LONGEST_GROUP)}: {show.plain(nearest(clause))}"
    if each.article.language is None and any("~" in clause.written for clause in clauses):
        yield "the language of this text is not known, so ~ finds only common endings; a test may say language: en"


def nearest(clause: Clause) -> str:
    """Return what came nearest to *clause*, or that nothing did."""
    said = list(_wanting(clause))
    none = "none of these occurs" if clause.parts else next(iter(said), "it does not hold")
    return next((each for each in said if not each.endswith(ABSENT)), none)


def _wanting(clause: Clause) -> Iterator[str]:
    yield from clause.wanting
    for part in clause.parts:
        if not part.holds:
            yield from _wanting(part)


# ------------------------------------------------------------------ the picture


def draw(each: Explanation) -> None:
    """Print *each*: the verdict, the tree, what was wanting, what did not count."""
    from rich.console import Console
    from rich.tree import Tree

    article = each.article
    console = Console(width=None if sys.stdout.isatty() else show.UNCUT, highlight=False, markup=False, emoji=False)
    on_screen = sys.stdout.isatty() and not console.is_dumb_terminal
    verdict = "matches" if each.matches else "does not match"
    title = show.plain(article.headline or next(iter(article.body), "") or article.id)
    tree = Tree(_mark(f"{each.rule.id} {verdict}: {_cut(title, LONGEST_GROUP)}", holds=each.matches))
    for clause in each.where:
        _grow(tree, clause, article, on_screen=on_screen)
    _grow(tree, each.clause, article, on_screen=on_screen)
    console.print(tree)
    if not each.matches:
        typer.echo("\nwanting")
        for said in wanting(each):
            typer.echo(f"  {said}")
    if aside := list(_aside(article)):
        typer.echo("\nnot counted")
        for kind, text in aside:
            typer.echo(f"  {kind}: {_cut(show.plain(text), 2 * AROUND)}")


def _grow(tree: Tree, clause: Clause, article: Article, *, on_screen: bool) -> None:
    """Put *clause* and what is below it into *tree*."""
    written = show.plain(clause.written)
    branch = tree.add(_mark(_cut(written, LONGEST_GROUP) if clause.parts else written, holds=clause.holds))
    negated = written.startswith("NOT ")
    if not clause.parts or negated:
        for lines in _shown(clause.hits, article, on_screen=on_screen):
            branch.add(lines)
        for said in clause.wanting:
            if not negated and not said.endswith(ABSENT):  # the cross says so
                branch.add(_quiet(show.plain(said)))
        return
    for said in clause.wanting:
        branch.add(_quiet(show.plain(said)))
    for part in clause.parts:
        _grow(branch, part, article, on_screen=on_screen)


def _mark(text: str, *, holds: bool) -> Text:
    from rich.text import Text

    return Text.assemble(("✓ ", "bold green") if holds else ("✗ ", "bold red"), text)


def _quiet(text: str) -> Text:
    from rich.text import Text

    return Text(text, style="yellow")


def _shown(hits: Iterable[Hit], article: Article, *, on_screen: bool) -> Iterator[Text]:
    """Yield each sentence in which there are *hits*, with them underlined."""
    for (field, paragraph, _), same in groupby(hits, key=lambda hit: (hit.field, hit.paragraph, hit.sentence)):
        place = field if paragraph is None else f"{field} {paragraph + 1}"
        yield underlined(place, list(same), article, on_screen=on_screen)


def underlined(place: str, hits: Sequence[Hit], article: Article, *, on_screen: bool) -> Text:
    """Return the sentence that *hits* stand in with them underlined, by ^ in a line below where there is no screen."""
    from rich.cells import cell_len
    from rich.text import Text

    begin, end = _window(hits, article)
    said = _text_of(hits[0], article)
    head = f"{place}: " + ("…" if begin.cut else "")
    shown, below = Text(head), " " * cell_len(head)
    at = begin.at
    for start, stop in _places(hits):
        before, word = _spaced(said[at:start]), _spaced(said[start:stop])
        shown.append(before).append(word, "bold underline")
        below += " " * cell_len(before) + "^" * cell_len(word)
        at = stop
    shown.append(_spaced(said[at : end.at]) + ("…" if end.cut else ""))
    forms = ", ".join(dict.fromkeys(hit.form for hit in hits if hit.form))
    if not on_screen:
        return shown.append(f"\n{below}" + (f"  {forms}" if forms else ""))
    return shown.append(f"\n{forms}", "dim") if forms else shown


class _Edge:
    """Where what is shown begins or ends, and whether more was there."""

    def __init__(self, at: int, *, cut: bool) -> None:
        self.at = at
        self.cut = cut


def _window(hits: Sequence[Hit], article: Article) -> tuple[_Edge, _Edge]:
    """Return what of the hits' sentence is shown: all of it, unless it is long."""
    said, sentence = _text_of(hits[0], article), hits[0].sentence
    start = max(said.find(sentence, max(0, hits[0].end - len(sentence))), 0)
    end = start + len(sentence)
    first, last = hits[0].start, max(hit.end for hit in hits)
    begin_at = start if first - start <= AROUND else said.rfind(" ", start, first - AROUND) + 1 or first - AROUND
    end_at = end if end - last <= AROUND else said.find(" ", last + AROUND, end)
    end_at = end_at if end_at >= 0 else end
    return _Edge(begin_at, cut=begin_at > start), _Edge(end_at, cut=end_at < end)


def _text_of(hit: Hit, article: Article) -> str:
    """Return the text that the positions of *hit* count in."""
    return str(getattr(article, hit.field)) if hit.paragraph is None else article.body[hit.paragraph]


def _places(hits: Sequence[Hit]) -> list[tuple[int, int]]:
    """Return where *hits* stand, overlapping ones as one."""
    places: list[tuple[int, int]] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, hit.end)):
        if places and hit.start < places[-1][1]:
            places[-1] = (places[-1][0], max(places[-1][1], hit.end))
        else:
            places.append((hit.start, hit.end))
    return places


def _spaced(text: str) -> str:
    return show.spaced(text).replace("\t", " ")


def _aside(article: Article) -> Iterator[tuple[str, str]]:
    pieces = [(piece.kind, piece.text) for piece in article.furniture]
    yield from dict.fromkeys([*pieces, *(("related", text) for text in article.related)])


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
