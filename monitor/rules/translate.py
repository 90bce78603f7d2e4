"""Another tool's query string → ours, with a list of what changes meaning or could not be carried over.  Pure.

The same string means different things in each of them, so each is read by its
own precedence, its own meaning of words side by side, and its own counting of
distance (dialects.py); what comes out has its brackets written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from monitor.errors import UsageError
from monitor.model import (
    All,
    AnyOf,
    Apart,
    AtLeast,
    Condition,
    Field,
    InField,
    Near,
    Not,
    Pattern,
    Stretch,
    Term,
    Together,
    Wildcard,
)
from monitor.rules.dialects import DIALECTS, Beside, Dialect, Operator
from monitor.rules.lexemes import FARTHEST, LONGEST_SHOWN
from monitor.rules.query import field_in, has_place, parse, printed, reads_forward
from monitor.source import unknown
from monitor.text import tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A query of ours, and what a person must know about it."""

    condition: Condition
    query: str
    notes: tuple[str, ...]


def translate(text: str, dialect: str) -> Imported:
    """Return the query *text* of the tool *dialect* as one of ours; UsageError if it cannot be read at all."""
    if dialect not in DIALECTS:
        raise UsageError(unknown("dialect", dialect, DIALECTS))
    reader = _Reader(DIALECTS[dialect], dialect, text)
    condition = reader.whole()
    if not reads_forward(condition):
        reader.note("nothing must occur for this query to match; add what must, or the rule is refused")
    query = printed(condition)
    parse(query)
    return Imported(condition=condition, query=query, notes=tuple(dict.fromkeys(reader.notes)))


def as_rule(imported: Imported, name: str = "imported") -> str:
    """Return *imported* as a rules file, what changed as comments above the query."""
    notes = "".join(f"    # {note}\n" for note in imported.notes)
    query = "\n".join(f"      {line}" for line in _wrapped(imported.query))
    return f"version: 1\nrules:\n  - id: {name}\n    title: {name}\n{notes}    match: >-\n{query}\n"


def _wrapped(query: str) -> list[str]:
    """Return *query* in lines of no more than some 100 characters, broken where a space stands outside quotes."""
    lines, line = [], ""
    for word in re.findall(r'(?:"[^"]*"|/(?:[^/\\]|\\.)*/|\S)+', query):
        if line and len(line) + len(word) > 100:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return [*lines, line]


_PIECE = re.compile(r'[()]|[“”„"][^“”„"]*[“”"]?(?:~\d+|\^\d+|~)?|[^\s()“”„"]+')
_FIELD = re.compile(r"([A-Za-z]+)\s*[:=](.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Piece:
    """One bracket, operator or operand; *raw* is how it was written."""

    raw: str
    operator: Operator | None = None
    operand: Condition | None = None
    bare: bool = False
    fields: tuple[Field, ...] = ()


class _Reader:
    """Reads one query by the precedence of its dialect; what is lost gathers in *notes*."""

    def __init__(self, dialect: Dialect, name: str, text: str) -> None:
        self.dialect = dialect
        self.name = name
        self.notes: list[str] = []
        self.at = 0
        self.pieces = self.joined(self.read(text))
        if any(piece.operator == Operator("MUST") for piece in self.pieces):
            self.pieces = list(self.required())
            self.dialect = replace(dialect, beside=Beside.AND)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def read(self, text: str) -> list[_Piece]:
        text = re.sub(r"(?i)\b(not)\s+(w/\d+)", r"\1_\2", text) if self.name == "lexis" else text
        text = re.sub(r"AROUND\s*\(\s*(\d+)\s*\)", r"AROUND/\1", text)
        text = re.sub(r"(?i)\band\s+not\b", "NOT", text)
        return [piece for raw in _PIECE.findall(text) for piece in self.piece(raw)]

    def piece(self, raw: str) -> list[_Piece]:
        if raw in "()":
            return [_Piece(raw)]
        if raw[0] in '“”„"':
            return [self.phrase(raw)]
        if operator := self.operator(raw):
            return [_Piece(raw, operator=operator)]
        if self.name == "talkwalker" and raw[0] == "+":
            return self.raw_data(raw)
        if self.dialect.signs and raw[0] in "+-!" and len(raw) > 1:
            return [*self.signed(raw[0]), *self.piece(raw[1:])]
        if found := _FIELD.fullmatch(raw):
            return self.fielded(raw, found[1].lower(), found[2])
        if self.dialect.any_case and raw.lower() in self.dialect.fields and self.name == "lexis":
            return [_Piece(raw, fields=self.dialect.fields[raw.lower()])]
        return [self.word(raw)]

    def signed(self, sign: str) -> list[_Piece]:
        return [_Piece(sign, operator=Operator("NOT"))] if sign in "-!" else [_Piece(sign, operator=Operator("MUST"))]

    def operator(self, raw: str) -> Operator | None:
        flags = re.IGNORECASE if self.dialect.any_case else 0
        for pattern, reader in self.dialect.operators.items():
            shape = pattern.replace(r"AROUND\((\d+)\)", r"AROUND/(\d+)").replace("not w", "not_w")
            if found := re.fullmatch(shape, raw, flags):
                operator = reader(found)
                if operator.n > FARTHEST:
                    self.note(f"{raw}: the farthest we know is {FARTHEST}")
                    return Operator(operator.name, FARTHEST)
                return operator
        return None

    def fielded(self, raw: str, name: str, rest: str) -> list[_Piece]:
        inner = self.piece(rest) if rest else []
        if name == "raw":
            self.note("raw: is written =, which counts case and accents")
            return [_Piece(raw, operator=Operator("EXACT")), *inner]
        if name in self.dialect.fields:
            return [_Piece(raw, fields=self.dialect.fields[name]), *inner]
        if name in self.dialect.dropped:
            self.note(f"{raw} is left out: {self.dialect.dropped[name]}")
            return [_Piece(raw, operator=Operator("DROP")), *inner]
        self.note(f'{raw}: the field "{name}" is not known here; kept as words')
        return [_Piece(raw, operand=Term(text=re.sub(r"[:=]", " ", raw)))]

    def phrase(self, raw: str) -> _Piece:
        body = re.fullmatch(r'[“”„"]([^“”„"]*)[“”"]?(~\d+|\^\d+|~)?', raw)
        said, suffix = (body[1].strip(), body[2] or "") if body else (raw, "")
        words = [token.word.written for token in tokens(said)]
        if suffix.startswith("^"):
            self.note(f"{raw}: the boost {suffix} is left out")
        if re.fullmatch(r"~\d+", suffix) and len(words) > 1:
            distance = int(suffix[1:])
            if self.name == "lucene":
                self.note(f"{raw}: slop counts moves of words; NEAR/{distance} counts words between")
            return _Piece(raw, operand=self.all_near([Term(text=word) for word in words], max(1, distance)))
        if not words:
            self.note(f"{raw} holds no word and is left out")
            return _Piece(raw, operator=Operator("EMPTY"))
        if re.search(r"\w[*?!]|[*?!]\w", said):
            return self.wild_phrase(raw, said)
        return _Piece(raw, operand=Term(text=re.sub(r"[*?]", " ", said)))

    def wild_phrase(self, raw: str, said: str) -> _Piece:
        """Return a phrase with a wildcard inside as its words in their order, one word between allowed."""
        words = [found for word in said.split() if (found := self.word(word).operand) is not None]
        pairs = [Near(left=a, right=b, within=1, ordered=True) for a, b in pairwise(words)]
        if not pairs:
            return _Piece(raw, operand=words[0]) if words else _Piece(raw, operator=Operator("EMPTY"))
        self.note(f"{raw}: no wildcard inside quotes here; written ONEAR/1, which allows one word between")
        return _Piece(raw, operand=pairs[0] if len(pairs) == 1 else All(of=tuple(pairs)))

    def word(self, raw: str) -> _Piece:
        said = raw.strip(",.;")
        if found := re.fullmatch(r"(.*?)\^\d+(?:\.\d+)?", said):
            self.note(f"{raw}: the boost is left out")
            said = found[1]
        if found := re.fullmatch(r"(\w+)~\d*(?:\.\d+)?", said):
            self.note(f"{raw}: fuzzy spelling is not known here; {found[1]}~ finds its inflected forms")
            return _Piece(raw, operand=Term(text=found[1], stemmed=True))
        if self.name == "lucene" and (found := re.fullmatch(r"/(.+)/", said)):
            self.note(f"{raw}: a regular expression is anchored there; here ^ and $ are written")
            return _Piece(raw, operand=Pattern(regex=f"^(?:{found[1]})$"))
        if not tokens(said):
            self.note(f"{raw} holds no word and is left out")
            return _Piece(raw, operator=Operator("EMPTY"))
        if re.search(r"[*?!$]", said):
            return self.wildcard(raw, said)
        if self.name == "talkwalker" and len(said) > 1 and said.isupper() and said.isalpha():
            self.note(f"{raw}: capitals are case-sensitive there, so it is written =")
            return _Piece(raw, operand=Term(text=said, exact=True), bare=True)
        return _Piece(raw, operand=Term(text=said), bare=True)

    def raw_data(self, raw: str) -> list[_Piece]:
        """Return what + and ++ before a word or phrase come to."""
        inner = self.piece(raw.lstrip("+")) if raw.strip("+") else []
        if raw.startswith("++"):
            return [_Piece(raw, operator=Operator("EXACT")), *inner]
        self.note(f"{raw}: raw data without case is not known here; accents no longer count")
        return inner

    def wildcard(self, raw: str, said: str) -> _Piece:
        pattern = said
        if self.name == "lexis":
            pattern = said.replace("*", "?").replace("!", "*")
        elif self.name == "factiva":
            pattern = re.sub(r"\$\d*", "*", said)
        if self.name == "factiva" and pattern != said:
            self.note(f"{raw}: $n is written *, which takes any number of letters")
        letters = re.split(r"[*?]", pattern)[0]
        if len(letters) < 3 or not re.fullmatch(r"[\w*?]+", pattern):
            plain = re.sub(r"[*?!$]", "", said)
            self.note(f"{raw}: a wildcard needs 3 letters before it and one word; kept as {plain}")
            return _Piece(raw, operand=Term(text=plain))
        return _Piece(raw, operand=Wildcard(pattern=pattern))

    def joined(self, pieces: list[_Piece]) -> list[_Piece]:
        """Return *pieces* with bare words side by side made one operand, where the tool reads them so."""
        if self.dialect.beside not in (Beside.PHRASE, Beside.NEAR):
            return pieces
        found: list[_Piece] = []
        run: list[_Piece] = []
        for piece in [*pieces, _Piece("")]:
            if piece.bare:
                run.append(piece)
                continue
            if run:
                found.append(self.beside(run))
            run = []
            if piece.raw:
                found.append(piece)
        return found

    def required(self) -> Iterator[_Piece]:
        """Yield the pieces without the operands that + beside them makes optional."""
        depth = 0
        before: _Piece | None = None
        for at, piece in enumerate(self.pieces):
            after = self.pieces[at + 1] if at + 1 < len(self.pieces) else None
            joined = any(near is not None and near.operator is not None for near in (before, after))
            before = piece
            depth += {"(": 1, ")": -1}.get(piece.raw, 0)
            if depth == 0 and piece.operand is not None and not joined:
                self.note(f"{piece.raw} only ranks beside what + asks for; left out")
            else:
                yield piece

    def beside(self, run: list[_Piece]) -> _Piece:
        if len(run) == 1:
            return run[0]
        raw = " ".join(piece.raw for piece in run)
        if self.dialect.beside is Beside.PHRASE:
            self.note(f'{raw}: words side by side are a phrase there; written "{raw}"')
            return _Piece(raw, operand=Term(text=raw))
        distance = min((len(run) - 1) * 10, FARTHEST)
        self.note(f"{raw}: words side by side are looked for within {distance} words there; written NEAR/{distance}")
        return _Piece(raw, operand=self.all_near([p.operand for p in run if p.operand is not None], distance))

    def all_near(self, terms: list[Condition], distance: int) -> Condition:
        """Return that each of *terms* is near the first: chains have no one meaning."""
        pairs = [Near(left=terms[0], right=term, within=min(distance, FARTHEST)) for term in terms[1:]]
        return pairs[0] if len(pairs) == 1 else All(of=tuple(pairs))

    # ---- precedence

    def whole(self) -> Condition:
        condition = self.level(0)
        while self.at < len(self.pieces):
            self.note(f"{self.pieces[self.at].raw} closes nothing and is left out")
            self.at += 1
            if (more := self.level(0)) is not None:
                condition = more if condition is None else All(of=(condition, more))
        if condition is None:
            raise UsageError("the query holds nothing that can be carried over")
        return condition

    def level(self, depth: int) -> Condition | None:
        """Return what stands at the precedence *depth*, 0 the loosest."""
        if depth == len(self.dialect.levels):
            return self.operand()
        here = self.dialect.levels[depth]
        left = self.level(depth + 1)
        while self.at < len(self.pieces):
            operator = self.joining()
            if operator is None or operator.name not in here:
                return left
            if self.pieces[self.at].operator is not None and self.pieces[self.at].operator == operator:
                self.at += 1
            negated = operator.name == "AND" and self.takes("NOT")
            right = self.level(depth + 1)
            left = self.combined(Operator("NOT") if negated else operator, left, right)
        return left

    def joining(self) -> Operator | None:
        """Return the operator that comes next; of two operands side by side, what the tool reads into that."""
        piece = self.pieces[self.at]
        if piece.raw == ")":
            return None
        if piece.operator is None or piece.operator.name in ("ATLEAST", "MUST", "DROP", "EMPTY", "EXACT"):
            beside = Beside.AND if self.dialect.beside in (Beside.NEAR, Beside.PHRASE) else self.dialect.beside
            return Operator(beside.value)
        return piece.operator

    def takes(self, name: str) -> bool:
        """Return whether the next piece is the operator *name*, which is then taken."""
        found = self.at < len(self.pieces) and self.pieces[self.at].operator == Operator(name)
        self.at += found
        return found

    def combined(self, operator: Operator, left: Condition | None, right: Condition | None) -> Condition | None:
        if right is None:
            return left
        if operator.name == "NOT":
            return _all(left, Not(of=right))
        if left is None:
            return right
        match operator.name:
            case "OR":
                return _any(left, right)
            case "AND":
                return _all(left, right)
            case _:
                return self.placed(operator, left, right)

    def placed(self, operator: Operator, left: Condition, right: Condition) -> Condition:
        """Return *left* and *right* in their places; AND with a note where we have no such condition."""
        if not (has_place(left) and has_place(right)):
            self.note(
                f"{_short(left)} and {_short(right)}: only words, phrases and ORs of them can be near; written AND"
            )
            return _all(left, right)
        match operator:
            case Operator("SENTENCE"):
                return Together(left=left, right=right, stretch=Stretch.SENTENCE)
            case Operator("PARAGRAPH"):
                return Together(left=left, right=right, stretch=Stretch.PARAGRAPH)
            case Operator("APART", n):
                return Apart(left=left, right=right, within=max(n, 1))
            case Operator(name, n) if n >= 1:
                return Near(left=left, right=right, within=n, ordered=name == "ONEAR")
            case Operator("ONEAR") if isinstance(left, Term) and isinstance(right, Term):
                return Term(text=f"{left.text} {right.text}")
            case _:
                what = f"{_short(left)} and {_short(right)}: next to each other there"
                self.note(f"{what}; written NEAR/1, which allows one word between")
                return Near(left=left, right=right, within=1, ordered=operator.name == "ONEAR")

    def operand(self) -> Condition | None:
        if self.at >= len(self.pieces) or self.pieces[self.at].raw == ")":
            return None
        piece = self.pieces[self.at]
        if piece.operator is not None:
            return self.governed(piece.operator)
        self.at += 1
        if piece.fields:
            return _in_fields(piece.fields, self.operand(), self)
        if piece.raw == "(":
            inner = self.level(0)
            if self.at < len(self.pieces):
                self.at += 1
            else:
                self.note("a bracket is not closed; closed at the end")
            return inner
        return piece.operand

    def governed(self, operator: Operator) -> Condition | None:
        """Return what stands behind an operator that comes first."""
        match operator.name:
            case "NOT":
                if self.dialect.signs or self.at == 0 or self.pieces[self.at - 1].raw == "(" or self.previous_joins():
                    self.at += 1
                    inner = self.operand()
                    return Not(of=inner) if inner is not None else None
                return None
            case "ATLEAST":
                self.at += 1
                counted = self.operand()
                if counted is None or not has_place(counted):
                    self.note("atleast counts only words, phrases and ORs of them; left out")
                    return counted
                return AtLeast(count=max(operator.n, 1), of=counted)
            case "MUST":
                self.at += 1
                self.note("+ asks for a word that must occur; written AND")
                return self.operand()
            case "EXACT":
                self.at += 1
                inner = self.operand()
                return replace(inner, exact=True, stemmed=False) if isinstance(inner, Term) else inner
            case "DROP":
                self.at += 1
                self.operand()
                return None
            case "EMPTY":
                self.at += 1
                return None
            case _:
                return None

    def previous_joins(self) -> bool:
        before = self.pieces[self.at - 1].operator
        return before is not None and before.name in ("AND", "OR")


def _all(left: Condition | None, right: Condition) -> Condition:
    if left is None:
        return right
    return All(of=(*left.of, right)) if isinstance(left, All) else All(of=(left, right))


def _any(left: Condition, right: Condition) -> Condition:
    return AnyOf(of=(*left.of, right)) if isinstance(left, AnyOf) else AnyOf(of=(left, right))


def _in_fields(fields: tuple[Field, ...], inner: Condition | None, reader: _Reader) -> Condition | None:
    if inner is None:
        return None
    if field_in(inner):
        reader.note("a field inside a field: the inner one is kept, the outer left out")
        return inner
    each = tuple(InField(field=one, of=inner) for one in fields)
    return each[0] if len(each) == 1 else AnyOf(of=each)


def _short(condition: Condition) -> str:
    said = printed(condition)
    return said if len(said) <= LONGEST_SHOWN // 3 else said[: LONGEST_SHOWN // 3] + "…"
