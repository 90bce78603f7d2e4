"""The query language: a query's text → its condition, and back.  Pure.

    query := and | or | prox          mixing AND, OR and NOT at one level without ( ) is an error
    and   := not (AND not | NOT prox)*        or := prox (OR prox)*        not := [NOT] prox
    prox  := prim [(NEAR/n | ONEAR/n | NOT NEAR/n | SAME-SENTENCE | SAME-PARAGRAPH) prim]
    prim  := ( query ) | operand | field:prim | ATLEAST/n prim

Never guess: what tools read in different ways is refused with the text to write instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.model import (
    All,
    AnyOf,
    Apart,
    AtLeast,
    Condition,
    InField,
    Named,
    Near,
    Not,
    Pattern,
    Score,
    Stretch,
    Term,
    Together,
    Wildcard,
)
from monitor.rules.lexemes import WORDS, Kind, Lexeme, QueryError, lexemes, mended, quoted

__all__ = ["QueryError", "field_in", "has_place", "is_query", "item", "parse", "printed", "reads_forward"]

DEEPEST = 50  # brackets in brackets; deeper than any person writes, well inside Python's stack

_PROXIMITY = {Kind.NEAR, Kind.ONEAR, Kind.SAME_SENTENCE, Kind.SAME_PARAGRAPH}
_STARTS = {Kind.OPEN, Kind.OPERAND, Kind.FIELD, Kind.ATLEAST}
_SMALL = {"and": "AND", "or": "OR", "not": "NOT"}
_OPERATOR_WORD = re.compile(r"(?:^|\s)(?:AND|OR|NOT|SAME-SENTENCE|SAME-PARAGRAPH|(?:ONEAR|NEAR|ATLEAST)/\d+)(?=\s|$)")


def is_query(text: str) -> bool:
    """Return whether the list item *text* holds an operator, and so is a query and not a phrase."""
    return any(sign in text for sign in '()"=$~*?:/') or bool(_OPERATOR_WORD.search(text))


def item(text: str) -> Condition:
    """Return what the list item *text* means: a query if it holds an operator, otherwise one phrase."""
    if is_query(text):
        return parse(text)
    if not re.search(r"[^\W_]", text):
        raise QueryError(f'"{text}" holds no letter and no digit', 1)
    return Term(text=text.strip(), written=text.strip())


def parse(text: str) -> Condition:
    """Return the condition that the query *text* writes; QueryError for whatever is not clear."""
    if not text.strip():
        raise QueryError("the query is empty", 1, ("$kosovo AND NATO",))
    reader = _Reader(text, lexemes(text))
    condition = reader.query()
    if reader.next.kind is Kind.CLOSE:
        raise reader.refusal("this bracket closes nothing", mended(text, reader.next.start, reader.next.end, ""))
    return condition


@dataclass(frozen=True, slots=True)
class _Part:
    """One operand of a level: the operator before it, and where it stands."""

    operator: Kind  # AND, OR, NOT (which joins like AND), or END for the first
    column: int
    start: int
    end: int
    condition: Condition


class _Reader:
    """Recursive descent over lexemes; one method a rule of the grammar."""

    def __init__(self, text: str, found: tuple[Lexeme, ...]) -> None:
        self.text = text
        self.lexemes = found
        self.at = 0
        self.depth = 0

    @property
    def next(self) -> Lexeme:
        return self.lexemes[self.at]

    def sees(self, kind: Kind) -> bool:
        """Return whether the next lexeme is of *kind*."""
        return self.next.kind is kind

    def take(self) -> Lexeme:
        lexeme = self.next
        self.at += 1
        return lexeme

    def refusal(self, message: str, *instead: str, lexeme: Lexeme | None = None) -> QueryError:
        return QueryError(message, (lexeme or self.next).start + 1, instead)

    # query, and, or

    def query(self) -> Condition:
        parts = [self.part(Kind.END)]
        while (kind := self.next.kind) in (Kind.AND, Kind.OR, Kind.NOT):
            parts.append(self.part(kind))
        if self.next.kind in _STARTS or self.next.kind in _PROXIMITY:
            raise self.side_by_side()
        joins = {Kind.OR if part.operator is Kind.OR else Kind.AND for part in parts[1:]}
        if isinstance(parts[0].condition, Not) and self.text.startswith("NOT", parts[0].start):
            joins.add(Kind.AND)
        if len(joins) > 1:
            raise self.mixed(parts)
        if len(parts) == 1:
            return parts[0].condition
        conditions = tuple(part.condition for part in parts)
        return AnyOf(of=conditions) if parts[1].operator is Kind.OR else All(of=conditions)

    def part(self, operator: Kind) -> _Part:
        column = self.next.start + 1
        start = self.next.start
        if operator in (Kind.AND, Kind.OR):
            joined = self.take()
            start = self.next.start
            if self.next.kind in (Kind.END, Kind.CLOSE):
                raise self.refusal(
                    f"{joined.written} lacks its right side",
                    mended(self.text, joined.start, joined.end, "") or "a AND b",
                    lexeme=joined,
                )
        negated = self.next.kind is Kind.NOT
        if negated:
            no = self.take()
            if operator is Kind.OR:
                raise self.refusal(
                    "NOT after OR: tools disagree on what it negates",
                    self.with_brackets(no.start),
                    lexeme=no,
                )
            if self.next.kind is Kind.NOT:
                raise self.refusal("NOT NOT says the same as nothing", mended(self.text, no.start, self.next.end, ""))
        condition = self.prox()
        return _Part(
            operator, column, start, self.lexemes[self.at - 1].end, Not(of=condition) if negated else condition
        )

    def with_brackets(self, start: int) -> str:
        """Return the query with brackets round the part that begins with NOT at *start*."""
        self.prox()
        end = self.lexemes[self.at - 1].end
        return mended(self.text, start, end, f"({self.text[start:end]})")

    def mixed(self, parts: list[_Part]) -> QueryError:
        """Return the refusal of AND and OR at one level, with both readings written out."""
        texts = [self.text[part.start : part.end] for part in parts]
        kinds = [Kind.OR if part.operator is Kind.OR else part.operator for part in parts]
        start, end = parts[0].start, parts[-1].end
        readings = tuple(
            mended(self.text, start, end, _grouped(texts, kinds, tight=tight)) for tight in (Kind.AND, Kind.OR)
        )
        first = Kind.OR if parts[1].operator is Kind.OR else Kind.AND
        if isinstance(parts[0].condition, Not) and self.text.startswith("NOT", parts[0].start):
            first = Kind.AND
        at = next(p for p in parts[1:] if (p.operator is Kind.OR) != (first is Kind.OR))
        names = "NOT and OR" if all(p.operator is not Kind.AND for p in parts) else "AND and OR"
        return QueryError(f"{names} mixed without brackets: tools disagree on which binds tighter", at.column, readings)

    def side_by_side(self) -> QueryError:
        """Return the refusal of two things that nothing joins."""
        before, here = self.lexemes[self.at - 1], self.next
        if here.kind in _PROXIMITY:
            return self.refusal(
                f"{here.written} stands between two operands, not here and not in a chain", *self.chain()
            )
        run = self.run(self.at - 1) or self.run(self.at)
        small = next((word for word in run if word.written.casefold() in _SMALL), None)
        if small:
            joined = mended(self.text, small.start, small.end, _SMALL[small.written.casefold()])
            message = f'"{small.written}" is an operator only in capitals'
            return self.refusal(message, joined, *(self.as_phrase(run) if len(run) > 2 else ()), lexeme=small)
        if len(run) > 1:
            return self.refusal(
                "two words side by side: tools read them in five different ways",
                *self.as_phrase(run),
                *self.as_conjunction(run),
            )
        message = f"nothing joins {before.written} and {here.written}"
        both = (mended(self.text, here.start, here.start, f"{operator} ") for operator in ("AND", "OR"))
        return self.refusal(message, *both)

    def run(self, at: int) -> tuple[Lexeme, ...]:
        """Return the bare words that stand side by side around *at*; none if it is not one."""
        first = last = at
        while first > 0 and self.lexemes[first - 1].bare:
            first -= 1
        while self.lexemes[last].bare:
            last += 1
        return self.lexemes[first:last] if self.lexemes[at].bare else ()

    def as_conjunction(self, run: tuple[Lexeme, ...]) -> tuple[str, ...]:
        """Return the query with AND between the words of *run*, in brackets beside OR; none where AND cannot stand."""
        first = self.lexemes.index(run[0])
        beside = {self.lexemes[at].written for at in (first - 1, first + len(run)) if 0 <= at < len(self.lexemes)}
        if any(written.startswith(("NEAR/", "ONEAR/", "SAME-", "ATLEAST/", "NOT")) for written in beside):
            return ()
        both = " AND ".join(word.written for word in run)
        return (mended(self.text, run[0].start, run[-1].end, f"({both})" if "OR" in beside else both),)

    def as_phrase(self, run: tuple[Lexeme, ...]) -> tuple[str]:
        """Return the query with quotes round the words of *run*."""
        start, end = run[0].start, run[-1].end
        return (mended(self.text, start, end, quoted(self.text[start:end])),)

    def chain(self) -> tuple[str, ...]:
        """Return how to write the chain `a NEAR/5 b NEAR/5 c` that stops here."""
        if self.at < 3 or self.lexemes[self.at - 2].kind not in _PROXIMITY:
            return ()
        if self.lexemes[self.at + 1].kind is not Kind.OPERAND:
            return ()
        left, here, right = self.lexemes[self.at - 3], self.at, self.lexemes[self.at + 1]
        middle = self.lexemes[here - 1]
        first = self.text[left.start : middle.end]
        second = f"{middle.written} {self.next.written} {right.written}"
        return (mended(self.text, left.start, right.end, f"({first}) AND ({second})"),)

    # prox

    def prox(self) -> Condition:
        start = self.next.start
        left = self.prim()
        negated = self.next.kind is Kind.NOT and self.lexemes[self.at + 1].kind in _PROXIMITY
        if not negated and self.next.kind not in _PROXIMITY:
            return left
        if negated:
            no = self.take()
            if self.next.kind is not Kind.NEAR:
                raise self.refusal(
                    f"NOT {self.next.written} does not exist; only NOT NEAR/n does",
                    mended(self.text, no.start, self.next.end, "NOT NEAR/20"),
                    lexeme=no,
                )
        operator = self.take()
        self.check_operand(left, operator, start, self.lexemes[self.at - (3 if negated else 2)].end)
        if self.next.kind in (Kind.END, Kind.CLOSE):
            raise self.refusal(f"{operator.written} lacks its right side", lexeme=operator)
        begin = self.next.start
        right = self.prim()
        self.check_operand(right, operator, begin, self.lexemes[self.at - 1].end)
        if self.next.kind in _PROXIMITY or (
            self.next.kind is Kind.NOT and self.lexemes[self.at + 1].kind in _PROXIMITY
        ):
            raise self.side_by_side() if self.next.kind in _PROXIMITY else self.refusal("NOT NEAR makes no chain")
        if negated:
            return Apart(left=left, right=right, within=operator.number)
        match operator.kind:
            case Kind.SAME_SENTENCE:
                return Together(left=left, right=right, stretch=Stretch.SENTENCE)
            case Kind.SAME_PARAGRAPH:
                return Together(left=left, right=right, stretch=Stretch.PARAGRAPH)
            case _:
                return Near(left=left, right=right, within=operator.number, ordered=operator.kind is Kind.ONEAR)

    def check_operand(self, condition: Condition, operator: Lexeme, start: int, end: int) -> None:
        """Refuse an operand of NEAR, SAME- or ATLEAST that has no one place in the text."""
        if has_place(condition):
            return
        message = f"{operator.written} takes words, phrases, entities, or brackets of these joined by OR"
        raise QueryError(f"{message}, not {self.text[start:end]}", start + 1)

    # prim

    def prim(self) -> Condition:
        lexeme = self.next
        match lexeme.kind:
            case Kind.OPERAND if lexeme.operand is not None:
                self.take()
                return lexeme.operand
            case Kind.OPEN:
                return self.bracket()
            case Kind.FIELD:
                return self.in_field()
            case Kind.ATLEAST:
                operator = self.take()
                if self.next.kind not in _STARTS:
                    raise self.refusal(f"{operator.written} needs something to count right after it", lexeme=operator)
                start = self.next.start
                counted = self.prim()
                self.check_operand(counted, operator, start, self.lexemes[self.at - 1].end)
                return AtLeast(count=operator.number, of=counted)
            case Kind.CLOSE if self.depth == 0:
                raise self.refusal("this bracket closes nothing", mended(self.text, lexeme.start, lexeme.end, ""))
            case Kind.END | Kind.CLOSE:
                raise self.refusal("an operand is missing here")
            case _:
                raise self.misplaced(lexeme)

    def misplaced(self, lexeme: Lexeme) -> QueryError:
        """Return the refusal of an operator where an operand must stand."""
        if lexeme.written in WORDS:
            without = mended(self.text, lexeme.start, lexeme.end, "")
            instead = without or f'"{lexeme.written}" if the word is meant'
            return self.refusal(f"{lexeme.written} needs an operand before it", instead)
        return self.refusal(f"{lexeme.written} needs an operand before it")

    def bracket(self) -> Condition:
        opening = self.take()
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.refusal(f"more than {DEEPEST} brackets in brackets", lexeme=opening)
        if self.sees(Kind.CLOSE):
            raise self.refusal("the brackets are empty", lexeme=opening)
        condition = self.query()
        if self.next.kind is not Kind.CLOSE:
            raise self.refusal(
                "this bracket is not closed", mended(self.text, len(self.text), len(self.text), ")"), lexeme=opening
            )
        self.take()
        self.depth -= 1
        return condition

    def in_field(self) -> Condition:
        field = self.take()
        if self.next.kind is Kind.NOT:
            no = self.take()
            self.prox()
            end = self.lexemes[self.at - 1].end
            better = mended(self.text, no.start, end, f"({self.text[no.start : end]})")
            raise self.refusal(f"{field.written} takes one operand or brackets", better, lexeme=no)
        if self.next.kind not in _STARTS:
            raise self.refusal(f"{field.written} needs an operand right after it", lexeme=field)
        start = self.next.start
        inner = self.prim()
        if inside := field_in(inner):
            raise QueryError(f"a field inside a field: {inside} can't be read within {field.written}", start + 1)
        if self.next.kind in _PROXIMITY:
            operator = self.take()
            right = self.take().written if self.next.kind is Kind.OPERAND else "b"
            end = self.lexemes[self.at - 1].end
            whole = f"{field.written}({self.text[start : operator.start].strip()} {operator.written} {right})"
            message = f"{field.written} holds only for what it stands before; put {operator.written} into its brackets"
            raise self.refusal(message, mended(self.text, field.start, end, whole), lexeme=field)
        return InField(field=field.field, of=inner)


def _grouped(texts: list[str], kinds: list[Kind], *, tight: Kind) -> str:
    """Return *texts* with brackets round what *tight* joins, so that the reading is plain."""
    groups: list[tuple[Kind, list[str]]] = []
    for text, kind in zip(texts, kinds, strict=True):
        loose = (kind is Kind.OR) != (tight is Kind.OR)
        if not groups or loose:
            groups.append((kind, [text]))
        else:
            groups[-1][1].append(_joined(kind, text))
    said = []
    for kind, members in groups:
        joined = " ".join(members)
        if len(members) > 1 or (joined.startswith("NOT ") and tight is Kind.AND):
            joined = f"NOT ({joined[4:]})" if joined.startswith("NOT ") and tight is Kind.OR else f"({joined})"
        said.append(joined if kind is Kind.END else _joined(kind, joined))
    return " ".join(said)


def _joined(kind: Kind, text: str) -> str:
    return text if kind is Kind.NOT else f"{kind.name} {text}"


def has_place(condition: Condition) -> bool:
    """Return whether *condition* is found at spans: a word, a phrase, an entity, or these joined by OR."""
    match condition:
        case Term() | Wildcard() | Named():
            return True
        case AnyOf(of=alternatives):
            return all(map(has_place, alternatives))
        case _:
            return False


def field_in(condition: Condition) -> str:
    """Return the field that *condition* reads alone, or nothing."""
    match condition:
        case InField(field=field):
            return f"{field}:"
        case All(of=parts) | AnyOf(of=parts):
            return next((found for part in parts if (found := field_in(part))), "")
        case Not(of=inner):
            return field_in(inner)
        case _:
            return ""


def reads_forward(condition: Condition) -> bool:
    """Return whether *condition* cannot hold of a text that holds nothing of what it names."""
    match condition:
        case Not():
            return False
        case All(of=parts):
            return any(map(reads_forward, parts))
        case AnyOf(of=parts):
            return all(map(reads_forward, parts))
        case InField(of=inner):
            return reads_forward(inner)
        case Score(at_least=least, terms=terms):
            return least > 0 and all(reads_forward(term.of) for term in terms if term.points > 0)
        case Term() | Wildcard() | Named() | Pattern() | Near() | Apart() | Together() | AtLeast():
            return True


# ------------------------------------------------------------------ and back

_BARE = re.compile(r"[^\W_]\w*(?:-\w+)*")


def printed(condition: Condition) -> str:
    """Return *condition* as a query: parse(printed(condition)) == condition.

    A score has no query form; it is written as its map is read.
    """
    match condition:
        case Term(text=text, exact=exact, stemmed=stemmed):
            bare = _BARE.fullmatch(text) and text not in WORDS and text.casefold() not in _SMALL
            said = text if bare else f'"{text}"'
            return ("=" if exact else "") + said + ("~" if stemmed else "")
        case Wildcard(pattern=pattern):
            return pattern
        case Named(id=name):
            return f"${name}"
        case Pattern(regex=regex, sentence=sentence):
            return ("sentence:" if sentence else "") + "/" + re.sub(r"(?<!\\)/", r"\\/", regex) + "/"
        case InField(field=field, of=inner):
            return f"{field}:{_as_prim(inner)}"
        case Near(left=left, right=right, within=within, ordered=ordered):
            return f"{_as_prim(left)} {'ONEAR' if ordered else 'NEAR'}/{within} {_as_prim(right)}"
        case Apart(left=left, right=right, within=within):
            return f"{_as_prim(left)} NOT NEAR/{within} {_as_prim(right)}"
        case Together(left=left, right=right, stretch=stretch):
            return f"{_as_prim(left)} SAME-{stretch.upper()} {_as_prim(right)}"
        case AtLeast(count=count, of=inner):
            return f"ATLEAST/{count} {_as_prim(inner)}"
        case Not(of=inner):
            return f"NOT {_as_prox(inner)}"
        case All(of=parts):
            return " AND ".join(printed(part) if isinstance(part, Not) else _as_prox(part) for part in parts)
        case AnyOf(of=parts):
            return " OR ".join(map(_as_prox, parts))
        case Score(at_least=least, terms=terms):
            listed = ", ".join(f"{printed(term.of)}: {term.points:g}" for term in terms)
            return f"score {least:g} of {{{listed}}}"


def _as_prim(condition: Condition) -> str:
    match condition:
        case Term() | Wildcard() | Named() | Pattern() | InField() | AtLeast():
            return printed(condition)
        case _:
            return f"({printed(condition)})"


def _as_prox(condition: Condition) -> str:
    match condition:
        case Near() | Apart() | Together():
            return printed(condition)
        case _:
            return _as_prim(condition)
