"""A small press of our own for `monitor demo`: invented papers, served as feeds on loopback."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from xml.sax.saxutils import escape, quoteattr

from monitor.model import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One invented article."""

    slug: str
    headline: str
    lede: str
    body: tuple[str, ...]
    section: str
    age: timedelta = timedelta(minutes=20)  # before the demo began


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One invented paper, and the form in which it publishes."""

    id: str
    name: str
    form: str  # rss, atom or json
    language: str
    pieces: tuple[Piece, ...]


HERALD = Paper(
    id="herald",
    name="The Danubia Herald",
    form="rss",
    language="en",
    pieces=(
        Piece(
            slug="old-dam",
            headline="Commission orders repairs at the Old Dam",
            lede="The Danubia River Commission gave the owners of the Old Dam ninety days to close the cracks.",
            body=(
                "Its engineers had measured the wall after the storms of October.",
                '"Nobody downstream is in danger tonight," the commission\'s spokeswoman, Mila Arden, said.',
            ),
            section="Politics",
        ),
        Piece(
            slug="derby",
            headline="Dam United win the river derby",
            lede="Two late goals sent the supporters of Dam United home singing.",
            body=("It was the first win in the derby since 2019.",),
            section="Sport",
        ),
        Piece(
            slug="market",
            headline="Wheat prices fall for the third week",
            lede="Traders expect a quiet winter.",
            body=("The harvest was the best in ten years.",),
            section="Economy",
        ),
    ),
)
GLASNIK = Paper(
    id="glasnik",
    name="Rečni glasnik",
    form="atom",
    language="sr",
    pieces=(
        Piece(
            slug="komisija",
            headline="Седница Речне комисије због бране",
            lede="Влада је тражила хитну седницу Речне комисије о стању старе бране.",
            body=("Одлука се очекује до петка.",),
            section="Politika",
        ),
        Piece(
            slug="izlozba",
            headline="Отворена изложба старих мапа",
            lede="Мапе реке из осамнаестог века први пут су пред публиком.",
            body=("Улаз је слободан.",),
            section="Kultura",
        ),
    ),
)
WIRE = Paper(
    id="wire",
    name="Harbour Wire",
    form="json",
    language="en",
    pieces=(
        Piece(
            slug="pilots",
            headline="River pilots announce a strike",
            lede="The pilots' union said that no ship will pass the locks from Monday.",
            body=("Talks with the port broke down on Thursday night.",),
            section="Business",
        ),
        Piece(
            slug="lightning",
            headline="Lightning hits a grain store",
            lede="A lightning strike set a grain store on fire; nobody was hurt.",
            body=("Firemen had it under control within an hour.",),
            section="Region",
        ),
    ),
)
PAPERS = (HERALD, GLASNIK, WIRE)
BREAKING = Piece(
    slug="breaking",
    headline="Water level at the Old Dam rises by a metre",
    lede="The River Commission of Danubia has called its engineers to the dam.",
    body=("Shipping goes on for now.",),
    section="Politics",
    age=timedelta(),
)
"""What the Herald publishes while the demo runs."""


class Press:
    """Serves PAPERS on a free port of loopback while the `with` block lasts."""

    def __init__(self, clock: Clock) -> None:
        self._began = clock()
        self._pieces = {paper.id: paper.pieces for paper in PAPERS}
        self._server = _Server(("127.0.0.1", 0), _Talk)
        self._server.page = self._page
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, path: str) -> str:
        """Return the address of *path* here."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/{path}"

    def publish(self, paper: Paper, piece: Piece) -> None:
        """Put *piece* at the top of *paper*."""
        self._pieces[paper.id] = (piece, *self._pieces[paper.id])

    def _page(self, path: str) -> tuple[bytes, str] | None:
        paper = next((each for each in PAPERS if path == f"/{each.id}"), None)
        if paper is None:
            return None
        render, kind = FORMS[paper.form]
        return render(paper, self._pieces[paper.id], self._began, self.url).encode(), kind


class _Server(ThreadingHTTPServer):
    page: Callable[[str], tuple[bytes, str] | None]


class _Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 5
    server: _Server

    def do_GET(self) -> None:
        found = self.server.page(self.path)
        if found is None:
            self._answer(404, b"", {})
            return
        body, kind = found
        etag = f'"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'
        if self.headers.get("if-none-match") == etag:
            self._answer(304, b"", {"ETag": etag})
        else:
            self._answer(200, body, {"ETag": etag, "Content-Type": kind})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the demo tells its own story."""


# ------------------------------------------------------------------ papers → feeds

Url = Callable[[str], str]


def _rss(paper: Paper, pieces: Sequence[Piece], began: datetime, url: Url) -> str:
    items = "".join(
        f"<item><guid>{url(piece.slug)}</guid><link>{url(piece.slug)}</link>"
        f"<title>{escape(piece.headline)}</title><description>{escape(piece.lede)}</description>"
        f"<content:encoded>{escape(_markup(piece))}</content:encoded><category>{escape(piece.section)}</category>"
        f"<pubDate>{format_datetime(began - piece.age)}</pubDate></item>"
        for piece in pieces
    )
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
        f"<title>{escape(paper.name)}</title><link>{url('')}</link><description/>{items}</channel></rss>"
    )


def _atom(paper: Paper, pieces: Sequence[Piece], began: datetime, url: Url) -> str:
    entries = "".join(
        f"<entry><id>{url(piece.slug)}</id><link href={quoteattr(url(piece.slug))}/>"
        f"<title>{escape(piece.headline)}</title><summary>{escape(piece.lede)}</summary>"
        f'<content type="html">{escape(_markup(piece))}</content><category term={quoteattr(piece.section)}/>'
        f"<updated>{(began - piece.age).isoformat()}</updated></entry>"
        for piece in pieces
    )
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{paper.language}"><id>{url(paper.id)}</id>'
        f"<title>{escape(paper.name)}</title><updated>{began.isoformat()}</updated>{entries}</feed>"
    )


def _json(paper: Paper, pieces: Sequence[Piece], began: datetime, url: Url) -> str:
    items = [
        {
            "id": url(piece.slug),
            "url": url(piece.slug),
            "title": piece.headline,
            "summary": piece.lede,
            "content_html": _markup(piece),
            "tags": [piece.section],
            "date_published": (began - piece.age).isoformat(),
        }
        for piece in pieces
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": paper.name, "items": items})


def _markup(piece: Piece) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in piece.body)


FORMS = {
    "rss": (_rss, "application/rss+xml; charset=utf-8"),
    "atom": (_atom, "application/atom+xml; charset=utf-8"),
    "json": (_json, "application/feed+json"),
}
